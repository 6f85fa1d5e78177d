"""The rows for everyone: catching up, and their own data."""

from bot.access import Who
from bot.commands import catching_up, own_data
from bot.commands.args import DISCUSSION, SINCE
from bot.commands.specs import Arg, Spec
from bot.texts import phrase

PEOPLE = (
    Spec(
        name="catchup",
        help=phrase("What you missed"),
        who=Who.EVERYONE,
        run=catching_up.catchup,
        signed=True,
        args=(SINCE, DISCUSSION),
    ),
    Spec(name="privacy show", help=phrase("What is stored about you"), who=Who.EVERYONE, run=own_data.show),
    Spec(
        name="privacy optout",
        help=phrase("Show your words and name nowhere"),
        who=Who.EVERYONE,
        run=own_data.optout,
        signed=True,
        public=True,
    ),
    Spec(
        name="privacy optin",
        help=phrase("Show your words and name again"),
        who=Who.EVERYONE,
        run=own_data.optin,
        signed=True,
        public=True,
    ),
    Spec(
        name="privacy export",
        help=phrase("Get everything that is stored about you"),
        who=Who.EVERYONE,
        run=own_data.export,
    ),
    Spec(
        name="privacy erase",
        help=phrase("Delete your words, name and votes for good"),
        who=Who.EVERYONE,
        run=own_data.erase,
        signed=True,
        opens="form",
        public=True,
        args=(
            Arg(
                name="word",
                label=phrase("Type the word erase"),
                required=True,
                limit=20,
                hint=phrase("Your messages stay as numbers only. This cannot be undone."),
            ),
        ),
    ),
)
