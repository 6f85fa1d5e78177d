"""`folkmoot backup`: one consistent copy while everything runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.ports import Store
from bot.settings import Settings


def backup_command(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    database_url: DatabaseOption = None,
) -> None:
    """Write a consistent copy of the database (VACUUM INTO, or pg_dump); the bot may run meanwhile."""

    async def work(store: Store, _settings: Settings) -> int:
        await store.backup(target)
        typer.echo(f"Wrote {target} ({target.stat().st_size:,} bytes).")
        return 0

    with_store(database_url, work)
