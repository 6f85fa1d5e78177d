"""The command table: everything that people can ask for, one row each. Adapters register, render and parse from it."""

from collections.abc import Mapping

from bot.access import Who
from bot.commands import general
from bot.commands.context import Context
from bot.commands.rows_admin import ADMIN
from bot.commands.rows_digests import DIGESTS
from bot.commands.rows_discussions import DISCUSSIONS
from bot.commands.rows_highlights import HIGHLIGHTS
from bot.commands.rows_people import PEOPLE
from bot.commands.specs import Arg, Spec
from bot.models import Answer, Command
from bot.texts import phrase


async def _help(context: Context, command: Command) -> Answer:
    """Explain this very table."""
    return await general.explain(TABLE, context, command)


FOLKMOOT = (
    Spec(
        name="folkmoot help",
        help=phrase("What you can do here"),
        who=Who.EVERYONE,
        run=_help,
        args=(Arg(name="command", label=phrase("Command")),),
    ),
    Spec(name="folkmoot status", help=phrase("How things stand"), who=Who.EVERYONE, run=general.status),
)
ROWS = (*DISCUSSIONS, *HIGHLIGHTS, *DIGESTS, *PEOPLE, *FOLKMOOT, *ADMIN)
TABLE: Mapping[str, Spec] = {spec.name: spec for spec in ROWS}
