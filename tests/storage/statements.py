"""Looks at every statement that is run, and at what SQLite does for one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from storage import SqlStore, sql


@contextmanager
def noted() -> Iterator[list[str]]:
    """The statements that are run meanwhile, whatever their values."""
    found: list[str] = []
    written = sql._text

    def note(connection: Connection, statement: str) -> str:
        found.append(statement)
        return written(connection, statement)

    sql._text = note
    try:
        yield found
    finally:
        sql._text = written


async def plan(store: SqlStore, statement: str) -> list[str]:
    """The steps in which SQLite does a statement; its values do not matter for that."""
    values = (None,) * statement.count("?")
    return await store.database.read(
        lambda connection: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    )
