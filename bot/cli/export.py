"""`folkmoot export`: what people said, as files that outlive us."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.errors import FolkmootError
from bot.ports import Store
from bot.settings import Settings


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder to write into; it is made if it is missing.")],
    community: Annotated[
        str, typer.Option(help="Only this community: the name or id of one of its spaces.", show_default=False)
    ] = "",
    everything: Annotated[
        bool,
        typer.Option(
            "--everything",
            help="The operator's own backup of words: also private, hidden and not-safe-for-work places, and the words"
            " of who opted out. Never pass it on. What was erased or deleted is gone here too.",
        ),
    ] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Write discussions.jsonl, messages.jsonl and a Markdown file for each discussion.

    Private places, hidden discussions and words that readers may not see are left out. Files of an earlier export in
    the same folder are replaced.
    """
    from bot.cli.exporting import Exporting

    if folder.exists() and not folder.is_dir():
        raise FolkmootError(f"{folder} is a file; name a folder to write into.")

    async def work(store: Store, settings: Settings) -> int:
        exporting = Exporting(store, folder, settings.forum_url, everything=everything)
        discussions, messages = await exporting.run(community)
        typer.echo(f"Wrote {discussions:,} discussions and {messages:,} messages to {folder}.")
        return 0

    with_store(database_url, work)
