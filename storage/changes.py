"""The change log that every process tails."""

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.ports import Changed
from storage.sql import many


def note(connection: Connection, kind: Changed, subjects: Iterable[int]) -> None:
    """Append to the change log, in the transaction of what changed."""
    rows = [(kind.value, subject) for subject in sorted(set(subjects))]
    if rows:
        many(connection, "INSERT INTO change (kind, subject) VALUES (?, ?)", rows)
