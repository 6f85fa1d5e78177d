"""`folkmoot backup`: one consistent copy while everything runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.errors import FolkmootError
from bot.ports import Store
from bot.settings import Settings


def backup_command(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist yet.")],
    database_url: DatabaseOption = None,
) -> None:
    """Write a consistent copy of the database; the bot may run meanwhile.

    SQLite: a database that opens as it is. PostgreSQL: an archive that pg_restore reads (pg_dump must be on the PATH,
    of the server's version or newer).
    """
    if not target.absolute().parent.is_dir():
        raise FolkmootError(f"There is no folder {target.absolute().parent}; make it first, or name another file.")

    async def work(store: Store, settings: Settings) -> int:
        await store.backup(target)
        typer.echo(f"Wrote {target} ({target.stat().st_size:,} bytes).")
        if settings.database_url.startswith("sqlite"):
            typer.echo(f"To use it, set DATABASE_URL=sqlite:///{target.absolute()}")
        else:
            typer.echo(f"To use it, read it into an empty database: pg_restore --no-owner --dbname=… {target}")
        return 0

    with_store(database_url, work)
