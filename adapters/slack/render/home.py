"""The App Home tab: what goes on, what is mine, what comes, and for admins how it is all set."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.slack.carrying import NOWHERE
from adapters.slack.render.blocks import Json, buttons, context, divider, header
from adapters.slack.render.cards import blocks
from adapters.slack.render.mrkdwn import fit_words
from bot.models import Button, Card
from bot.texts import Texts

PART = 24  # blocks of each of four parts: 96 with the lines between them, and 100 may be shown
PART_WEIGHS = 7000  # characters of JSON of each
LINE = 300  # characters
A_PART = 30  # how far apart the button numbers of two parts are


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What somebody sees in App Home, each part as a card whose title is not shown; None where there is nothing.

    `settings` is only for admins: `admin` says whether whoever looks is one.
    """

    in_progress: Card | None = None
    highlights: Card | None = None
    digests: Card | None = None
    settings: Card | None = None
    admin: bool = False


def home_view(home: Home, texts: Texts) -> Json:
    """App Home for one person, for views.publish. A part with nothing in it says what to do."""
    parts = [
        _Part(
            texts.say("Discussions in progress"),
            home.in_progress,
            texts.say("It is quiet. Start a discussion, or follow one from the menu of a message."),
            (Button(label=texts.say("Start a discussion"), command="discussion start"),),
        ),
        _Part(
            texts.say("My highlights"),
            home.highlights,
            texts.say("You have highlighted nothing yet. React with ⭐ to what helped, or use the menu of a message."),
        ),
        _Part(
            texts.say("The next digests"),
            home.digests,
            texts.say("No digest is scheduled. A moderator can set one up with /digest schedule."),
        ),
    ]
    if home.admin:
        setup = Button(label=texts.say("Set this space up"), command="folkmoot-admin setup")
        doctor = Button(label=texts.say("Look for problems"), command="folkmoot-admin doctor")
        parts.append(
            _Part(
                texts.say("Settings"),
                home.settings,
                texts.say("Nothing is set up yet. Invite me to channels, then choose which ones I follow."),
                (setup, doctor),
            )
        )
    shown = [block for n, part in enumerate(parts) for block in _shown(part, n)]
    return {"type": "home", "blocks": shown[1:]}


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the tab: `nothing` is said where there is no card; `more` are buttons that always stand there."""

    title: str
    card: Card | None
    nothing: str
    more: tuple[Button, ...] = ()


def _shown(part: _Part, number: int) -> Iterator[Json]:
    yield divider()
    yield header(part.title)
    if part.card is None or not (part.card.body or part.card.fields):
        yield context(fit_words(part.nothing, LINE))
        yield from buttons(part.more, NOWHERE, first=number * A_PART)
    else:
        card = replace(part.card, title="", buttons=(*part.card.buttons, *part.more))
        yield from blocks(card, most=PART - 2, total=PART_WEIGHS, first=number * A_PART)
