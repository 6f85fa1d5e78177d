"""`folkmoot erase`: erase somebody who cannot ask by command any more."""

from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.clock import SystemClock
from bot.errors import FolkmootError
from bot.models import MemberRef, Platform, Space
from bot.ports import Store
from bot.settings import Settings


def member_of(text: str) -> MemberRef:
    """Read "platform/space/member"; FolkmootError if it is not that."""
    parts = text.split("/")
    if len(parts) != 3 or parts[0] not in set(Platform) or not all(parts):  # noqa: PLR2004 - platform, space, member
        raise FolkmootError(
            f"'{text}' is not a member: write platform/space/member, such as slack/T024BE7LD/U2147483697."
        )
    return MemberRef(Space(Platform(parts[0]), parts[1]), parts[2])


def erase_command(
    member: Annotated[str, typer.Option("--member", help="Who: platform/space/member id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Erase a member's words, name and votes for good; counts stay right, and no re-reading brings anything back."""
    ref = member_of(member)
    if not yes:
        typer.confirm(f"Erase everything that {member} wrote? This cannot be undone.", abort=True)

    async def work(store: Store, _settings: Settings) -> int:
        if not await store.people.erase(ref, SystemClock().now()):
            raise FolkmootError(f"Nobody is known as {member}; nothing was changed.")
        typer.echo(f"Erased {member}. A running bot now rewrites what it had posted.")
        return 0

    with_store(database_url, work)
