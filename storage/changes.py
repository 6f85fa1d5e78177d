"""The change log that every process tails, and the marks on posts of ours that are not true any more."""

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.ports import Changed
from storage.sql import many


def note(connection: Connection, kind: Changed, subjects: Iterable[int]) -> None:
    """Append to the change log, in the transaction of what changed."""
    rows = [(kind.value, subject) for subject in sorted(set(subjects))]
    if rows:
        many(connection, "INSERT INTO change (kind, subject) VALUES (?, ?)", rows)


def mark(connection: Connection, posts: Iterable[int]) -> None:
    """Mark posts of ours to be rendered again, in the transaction of what makes them untrue."""
    many(
        connection,
        "UPDATE own_post SET dirty_at = COALESCE(dirty_at, planned_at), marks = marks + 1"
        " WHERE id = ? AND state IN ('live', 'sending')",
        [(post,) for post in sorted(set(posts))],
    )
