"""Which revisions there are, and which a database has: all that a start needs, unless there is something to do."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect

TABLE = "alembic_version"
FOLDER = Path(__file__).parent  # where the revisions are


def revisions() -> Sequence[str]:
    """All of this version's, by their numbers, oldest first."""
    return sorted(path.name.partition("_")[0] for path in (folder() / "versions").glob("[0-9]*_*.py"))


def folder() -> Path:
    """Where Alembic finds them."""
    return FOLDER


def current(connection: Connection) -> str | None:
    """The revision that a database has, None if it is empty."""
    if not inspect(connection).has_table(TABLE):
        return None
    row = connection.exec_driver_sql(f"SELECT version_num FROM {TABLE}").fetchone()
    return None if row is None else str(row[0])
