"""The Sweeps port: one row a channel that says where its round stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.models import MessageRef, Platform, Thread
from bot.ports import Passage, Swept, Turn
from storage.database import Database
from storage.places import SqlPlaces
from storage.sql import number, rows, run
from storage.times import maybe, moment, ms

ROUND = timedelta(days=25)  # from the beginning of one round of a channel to that of the next
LATEST = timedelta(days=30)  # in which each message has to be read again: a round may take the difference
TOGETHER = 100  # messages: what Discord gives in one answer

SHARED = (
    "FROM channel c JOIN space s ON s.id = c.space_id LEFT JOIN sweep w ON w.channel_id = c.id"
    " WHERE c.watched AND c.level > 1 AND NOT c.private AND NOT c.nsfw AND NOT c.connect AND NOT s.hosted"
    " AND (c.removed_at IS NULL OR c.removed_at < c.info_at) AND (s.removed_at IS NULL OR s.removed_at < s.info_at)"
)
# Who is under way goes on; then who waits longest, and first of all who never was.
DUE = (
    f"SELECT c.id, w.began_at, COALESCE(w.root, 0), COALESCE(w.after, 0) {SHARED} AND s.platform = ?"
    " AND (w.whole_at IS NULL OR w.began_at IS NOT NULL OR w.since <= ?)"
    " ORDER BY CASE WHEN w.began_at IS NULL THEN 1 ELSE 0 END, CASE WHEN w.whole_at IS NULL THEN 0 ELSE 1 END,"
    " COALESCE(w.since, 0), c.id"
)
BEGIN = (
    "INSERT INTO sweep (channel_id, began_at, root, after, since) VALUES (?, ?, 0, 0, ?) ON CONFLICT (channel_id)"
    " DO UPDATE SET began_at = excluded.began_at, root = 0, after = 0"
)
ADVANCE = "UPDATE sweep SET root = ?, after = ? WHERE channel_id = ? AND began_at = ?"
END = (
    "UPDATE sweep SET since = began_at, began_at = NULL, root = 0, after = 0, whole_at = ?"
    " WHERE channel_id = ? AND began_at = ?"
)
STATE = f"SELECT c.id, w.since, w.whole_at {SHARED} ORDER BY c.id"

LIVE = "m.deleted_at IS NULL AND m.author_id IS NOT NULL AND m.position > ? AND m.position <= ?"
WORDS = "m.discussion_id IS NOT NULL AND (m.text IS NOT NULL OR m.files <> '')"
ALONE = (
    f"SELECT m.mid, m.position, {WORDS} FROM message m WHERE m.channel_id = ? AND {LIVE}"
    f" AND (m.thread IS NULL OR m.thread = m.position) ORDER BY m.position LIMIT {TOGETHER}"
)
INSIDE = f"m.discussion_id = d.id AND {LIVE} AND m.thread = d.root AND (? OR m.position <> m.thread)"
OPEN = (
    "d.channel_id = ? AND d.key <> '' AND NOT d.private AND (d.gone_at IS NULL OR d.gone_at <= d.info_at)"
    " AND NOT (d.chain AND d.info_at < 0)"  # what belongs to a reply chain stands in the channel itself
)
NEXT = (
    f"SELECT d.root FROM discussion d WHERE {OPEN} AND d.root >= ? AND EXISTS (SELECT 1 FROM message m WHERE {INSIDE})"
    " ORDER BY d.root LIMIT 1"
)
OF_THREAD = (
    f"SELECT m.mid, m.position, {WORDS}, d.key FROM discussion d JOIN message m ON {INSIDE} WHERE {OPEN}"
    f" AND d.root = ? ORDER BY m.position LIMIT {TOGETHER}"
)


class SqlSweeps:
    """Rounds in rows."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def due(self, platform: Platform, at: datetime) -> Sequence[Turn]:
        """The channels whose round is under way or due."""

        def work(connection: Connection) -> list[Turn]:
            found = rows(connection, DUE, (platform.value, ms(at - ROUND)))
            known = self._places.known(connection).by_key
            return [
                Turn(channel=known[key], began_at=maybe(began), root=root, after=after)
                for key, began, root, after in found
                if key in known
            ]

        return await self._database.read(work)

    async def begin(self, turn: Turn, at: datetime) -> Turn:
        """Begin a round."""
        await self._database.write(lambda c: run(c, BEGIN, (turn.channel.key, ms(at), ms(at))))
        return Turn(channel=turn.channel, began_at=moment(ms(at)))

    async def passage(self, turn: Turn, until: int) -> Passage | None:
        """What comes next in a round."""
        return await self._database.read(lambda connection: _passage(connection, turn, until))

    async def advance(self, then: Turn) -> None:
        """Keep how far a round has come."""
        if then.began_at is not None:
            values = (then.root, then.after, then.channel.key, ms(then.began_at))
            await self._database.write(lambda c: run(c, ADVANCE, values))

    async def end(self, turn: Turn, at: datetime) -> None:
        """End a round."""
        if turn.began_at is not None:
            values = (ms(at), turn.channel.key, ms(turn.began_at))
            await self._database.write(lambda c: run(c, END, values))

    async def state(self, at: datetime) -> Swept:
        """How the rounds stand."""
        found, known = await self._database.read(lambda c: (rows(c, STATE), self._places.known(c).by_key))
        ends = [whole for _, _, whole in found]
        late = [key for key, since, _ in found if since is not None and since < ms(at - LATEST)]
        whole = min(ends) if ends and None not in ends else None
        return Swept([known[key] for key in late if key in known], maybe(whole))


def _passage(connection: Connection, turn: Turn, until: int) -> Passage | None:
    """The channel itself, unless it is a forum; then its threads, oldest first."""
    key, forum, first = turn.channel.key, turn.channel.info.forum, turn.channel.settings.web_from
    if turn.root == 0 and not forum:
        found: Sequence[Any] = rows(connection, ALONE, (key, max(turn.after, first - 1), until))
    else:
        found = _inside(connection, turn, until)
    if not found:
        begin = max(turn.root + 1, first)
        root = number(connection, NEXT, (key, begin, first - 1, until, forum))
        turn = replace(turn, root=root, after=first - 1)
        found = _inside(connection, turn, until) if root else ()
    return _of(found, turn) if found else None


def _inside(connection: Connection, turn: Turn, until: int) -> Sequence[Any]:
    """The next messages of the thread in which a round stands."""
    key, forum = turn.channel.key, turn.channel.info.forum
    return rows(connection, OF_THREAD, (turn.after, until, forum, key, turn.root))


def _of(found: Sequence[Any], turn: Turn) -> Passage:
    """The part of what was found that lies between words on the web."""
    channel = turn.channel.channel
    on_web = [place for place, row in enumerate(found) if row[2]]
    shown = found[on_web[0] : on_web[-1] + 1] if on_web else ()
    return Passage(
        where=Thread(channel, found[0][3]) if turn.root else channel,
        ours=[MessageRef(channel, row[0]) for row in shown],
        then=replace(turn, after=found[-1][1]),
    )
