"""`folkmoot erase`: erase somebody who cannot ask by command any more."""

from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, plural, with_store
from bot.clock import SystemClock
from bot.errors import FolkmootError, UsageError
from bot.markup import clean
from bot.models import MemberRef, Platform, Space
from bot.ports import Member, Store
from bot.settings import Settings


def member_of(text: str) -> MemberRef:
    """Read "platform/space/member"; UsageError if it is not that."""
    parts = text.split("/") if clean(text) == text else []
    if len(parts) != 3 or parts[0] not in set(Platform) or not all(parts):  # noqa: PLR2004 - platform, space, member
        raise UsageError(f"'{text}' is not a member: write platform/space/member, such as slack/T024BE7LD/U2147483697.")
    return MemberRef(Space(Platform(parts[0]), parts[1]), parts[2])


def _who(member: Member) -> str:
    """Somebody, so that the operator sees whether it is the right one: "Ada Moss wrote 31 messages"."""
    return f"{member.name or 'Somebody without a name'} wrote {plural(member.messages, 'message')}"


def _sure(member: Member) -> bool:
    """Whether the operator says yes; nobody there to ask says no."""
    try:
        return typer.confirm(f"{_who(member)}. Erase words, name and votes? This cannot be undone.")
    except typer.Abort:
        typer.echo()
        return False


def erase_command(
    member: Annotated[
        str,
        typer.Option(
            "--member",
            metavar="WHO",
            help="Platform, space and member, by their ids: discord/1212332642801025064/80351110224678912.",
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Erase a member's words, name and votes for good; counts stay right.

    For people who cannot write /privacy erase themselves, because they left. Reading history or importing again brings
    nothing back. A running bot then rewrites what it had posted; without one, that is done at its next start.
    """
    ref = member_of(member)

    async def work(store: Store, _settings: Settings) -> int:
        known = await store.people.member(ref)
        if known is None:
            raise FolkmootError(f"Nobody is known as {member}; nothing was changed.")
        if not (yes or _sure(known)):
            raise FolkmootError("Nothing was erased. Answer with y, or give --yes.")
        await store.people.erase(ref, SystemClock().now())
        typer.echo(f"Erased {member}. A running bot now rewrites what it had posted.")
        return 0

    with_store(database_url, work)
