"""The Keeping port: words go when their time is over, a few hundred messages at a time."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.models import Platform, position_at
from bot.ports import Changed
from storage.changes import mark, mark_digests, note
from storage.database import Database
from storage.desk import mark_showing
from storage.ledger import search
from storage.sql import many, number, rows, run
from storage.times import moment, ms

GRACE = timedelta(days=30)  # after a removal
CHANNELS = (
    "SELECT c.id, s.platform, c.forgotten, s.settings, s.id, CASE WHEN c.removed_at >= c.info_at THEN c.removed_at END,"
    " CASE WHEN s.removed_at >= s.info_at THEN s.removed_at END"
    " FROM channel c JOIN space s ON s.id = c.space_id ORDER BY c.id"
)
PART = (
    "SELECT max(p.position) FROM (SELECT position FROM message WHERE channel_id = ? AND position >= ? AND position < ?"
    " ORDER BY position LIMIT ?) p"
)
INSIDE = "channel_id = ? AND position BETWEEN ? AND ?"
TALKS = f"SELECT DISTINCT discussion_id FROM message WHERE {INSIDE} AND discussion_id IS NOT NULL"
OVER = f"id IN ({TALKS}) AND last_at < ?"
SET = {"title_set": "title_at", "summary_set": "summary_at", "outcome": "said_at"}  # what people set, and when


@dataclass(frozen=True, slots=True)
class Over:
    """A channel of which words go: those before a position, sent before a moment; `space` if its names go too."""

    channel: int
    since: int
    before: int
    sent_before: int
    space: int | None


class SqlKeeping:
    """Deletes words whose time is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, at: datetime, most: int = 500) -> bool:
        """Delete a part of what is too old, or was removed too long ago; whether there may be more."""
        today = at.replace(hour=0, minute=0, second=0, microsecond=0)
        due = await self._database.read(lambda connection: next(_over(connection, today), None))
        if due is None:
            return False
        await self._database.write(lambda connection: _forget(connection, due, most))
        return True


def _over(connection: Connection, today: datetime) -> Iterator[Over]:
    """The channels that have words to lose."""
    for channel, platform, since, settings, space, *removed in rows(connection, CHANNELS):
        days = json.loads(settings).get("retention_days")
        left = [moment(each) for each in removed if each is not None]
        gone = any(each + GRACE <= today for each in left)
        cut = today if gone else today - timedelta(days=days) if days else None
        if cut is not None and position_at(Platform(platform), cut) > since:
            names = space if removed[1] is not None and moment(removed[1]) + GRACE <= today else None
            yield Over(channel, since, position_at(Platform(platform), cut), ms(cut), names)


def _forget(connection: Connection, over: Over, most: int) -> None:
    """Take the words of the oldest part; the channel remembers how far that came."""
    last = number(connection, PART, (over.channel, over.since, over.before, most))
    if last:
        _take_words(connection, (over.channel, over.since, last), over.sent_before)
        search.wipe(connection)
    else:
        _take_set(connection, over)
        if over.space is not None:
            run(connection, "UPDATE member SET name = '' WHERE space_id = ? AND name <> ''", (over.space,))
    forgotten = last + 1 if last else over.before
    run(connection, "UPDATE channel SET forgotten = ? WHERE id = ?", (forgotten, over.channel))


def _take_words(connection: Connection, part: Sequence[Any], sent_before: int) -> None:
    run(
        connection,
        f"INSERT INTO search_dirty (message_id) SELECT id FROM message WHERE {INSIDE} AND text IS NOT NULL"
        " ON CONFLICT DO NOTHING",
        part,
    )
    mark(connection, [row[0] for row in rows(connection, f"SELECT post_id FROM placement WHERE {INSIDE}", part)])
    talks = [row[0] for row in rows(connection, TALKS, part)]
    run(connection, f"UPDATE message SET text = NULL, files = '' WHERE {INSIDE}", part)
    run(connection, f"DELETE FROM note WHERE {INSIDE}", part)
    run(
        connection,
        "DELETE FROM question WHERE position BETWEEN ? AND ? AND discussion_id IN"
        " (SELECT id FROM discussion WHERE channel_id = ?)",
        (part[1], part[2], part[0]),
    )
    made = f"UPDATE discussion SET title_made = '', summary_made = '', unsettled = TRUE WHERE id IN ({TALKS})"
    run(connection, made, part)
    for row in rows(connection, f"SELECT id FROM discussion WHERE {OVER}", (*part, sent_before)):
        mark_digests(connection, row[0])
    words = "name = '', title_set = '', summary_set = '', outcome = ''"
    run(connection, f"UPDATE discussion SET {words} WHERE {OVER}", (*part, sent_before))
    note(connection, Changed.DISCUSSION, talks)


def _take_set(connection: Connection, over: Over) -> None:
    """Take what people set in words on discussions that were over already, once that is as old."""
    taken: set[int] = set()
    for words, at in SET.items():
        where = f"channel_id = ? AND last_at < ? AND {words} <> '' AND {at} < ?"
        values = (over.channel, over.sent_before, over.sent_before)
        found = rows(connection, f"SELECT id FROM discussion WHERE {where}", values)
        many(
            connection,
            f"UPDATE discussion SET {words} = '', unsettled = TRUE WHERE id = ?",
            [(row[0],) for row in found],
        )
        taken |= {row[0] for row in found}
    for discussion in sorted(taken):
        mark_showing(connection, discussion)
    note(connection, Changed.DISCUSSION, taken)
