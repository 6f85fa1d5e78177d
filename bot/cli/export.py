"""`folkmoot export`: what people said, as files that outlive us."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, plural, with_store
from bot.errors import FolkmootError, UsageError
from bot.ports import Store
from bot.settings import Settings

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into; made if it is missing.")]
CommunityOption = Annotated[
    str,
    typer.Option(metavar="SPACE", help="Only this community: the name or id of one of its spaces.", show_default=False),
]
MemberOption = Annotated[
    str,
    typer.Option(
        "--member",
        metavar="WHO",
        help="Only what is kept of one person, for them: platform/space/member, as in folkmoot erase.",
        show_default=False,
    ),
]
EverythingOption = Annotated[
    bool,
    typer.Option(
        "--everything",
        help="The operator's own backup of words: also private, hidden and not-safe-for-work places, and the words"
        " of who opted out. Never pass it on. What was erased or deleted is gone here too.",
    ),
]


def export_command(
    folder: FolderArgument,
    community: CommunityOption = "",
    member: MemberOption = "",
    everything: EverythingOption = False,
    database_url: DatabaseOption = None,
) -> None:
    """Write what was said to files: one JSON object a line, and a page of Markdown a discussion.

    They are discussions.jsonl, messages.jsonl and discussions/*.md in DIR. Private places, hidden discussions and words
    that readers may not see are left out. What an earlier export wrote to the same folder is replaced.
    """
    from bot.cli.exporting import Exporting
    from bot.cli.progress import progress

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder to write into.")

    async def work(store: Store, settings: Settings) -> int:
        if member:
            return await _of_one(store, folder, member)
        shown = progress("Exporting")
        exporting = Exporting(store, folder, settings.forum_url, everything=everything, shown=shown)
        try:
            discussions, messages = await exporting.run(community)
        except OSError as error:
            reason = error.strerror or error
            raise FolkmootError(
                f"The export cannot be written to {folder} ({reason}); choose another folder."
            ) from None
        finally:
            shown.end()
        typer.echo(f"Wrote {plural(discussions, 'discussion')} and {plural(messages, 'message')} to {folder}.")
        return 0

    with_store(database_url, work)


async def _of_one(store: Store, folder: Path, member: str) -> int:
    """Write the file that somebody would have got by /privacy export."""
    from bot.cli.erase import member_of
    from bot.commands.own_data import OWN_FILE, own_export

    content = await own_export(store, member_of(member))
    if not content:
        raise FolkmootError(f"Nobody is known as {member}; nothing was written.")
    target = folder / OWN_FILE
    try:
        await asyncio.to_thread(_write, target, content)
    except OSError as error:
        reason = error.strerror or error
        raise FolkmootError(f"The export cannot be written to {folder} ({reason}); choose another folder.") from None
    typer.echo(f"Wrote {plural(len(content.splitlines()), 'line')} to {target}.")
    return 0


def _write(target: Path, content: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
