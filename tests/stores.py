"""Stores that serve many examples of one test: to make a database for each would take longer than all they look at."""

from sqlalchemy import Connection

from storage.tables import metadata


def emptied(connection: Connection) -> None:
    """Let the tables be as the migrations leave them: empty."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
