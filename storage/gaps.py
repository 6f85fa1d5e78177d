"""The Gaps port: one mark a channel, kept in its row."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.models import LAST_POSITION, Channel, MessageRef, Platform, Space, Thread, channel_of, moment_of, position_of
from bot.ports import Changed, Gap
from storage.changes import note
from storage.database import Database
from storage.places import SqlPlaces
from storage.sql import by_keys, one, rows, run
from storage.times import moment, ms

# An open gap keeps its beginning, and when it began but for a millisecond; what comes later can only have been missed
# as well.
BEGIN = (
    "UPDATE channel SET gap_after = COALESCE(gap_after, watermark),"
    " gap_at = CASE WHEN gap_after IS NULL AND gap_at < ? THEN ? ELSE gap_at + 1 END WHERE watched AND space_id IN"
    " (SELECT id FROM space WHERE platform = ? AND sid = ? AND NOT hosted)"
)
FOLLOWED = (
    "FROM channel c JOIN space s ON s.id = c.space_id WHERE c.watched"
    " AND (c.removed_at IS NULL OR c.removed_at < c.info_at) AND (s.removed_at IS NULL OR s.removed_at < s.info_at)"
)
DUE = (
    f"SELECT c.id, c.{{mark}}, c.gap_at {FOLLOWED} AND c.{{mark}} IS NOT NULL AND s.platform = ?"
    " ORDER BY CASE WHEN c.level > 1 THEN 0 ELSE 1 END, c.gap_at, c.id"
)

CLOSE = (
    "UPDATE channel SET gap_after = NULL, compare_until = CASE WHEN ? > 0 THEN ? ELSE compare_until END,"
    " watermark = CASE WHEN watermark < ? THEN ? ELSE watermark END"
    " WHERE id = ? AND gap_at = ?"
)
STALE = f"SELECT c.id, s.platform, c.gap_after {FOLLOWED} AND c.gap_after > 0 AND c.as_of IS NULL AND c.gap_at <= ?"
DATE = "UPDATE channel SET as_of = ? WHERE id = ? AND gap_after IS NOT NULL"
UP_TO_DATE = "UPDATE channel SET as_of = NULL WHERE id = ? AND as_of IS NOT NULL"
COMPARED = "UPDATE channel SET compare_until = NULL WHERE id = ? AND compare_until = ?"
ADVANCE = "UPDATE channel SET gap_after = ? WHERE id = ? AND gap_at = ? AND gap_after < ?"

COUNT = (
    "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
    " SET value = CAST(CAST(setting.value AS INTEGER) + ? AS TEXT)"
)

ALONE = "(m.thread IS NULL OR m.thread = m.position)"
OF_THREAD = "m.thread = ?"


class SqlGaps:
    """Gaps in the rows of channels."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def begin(self, space: Space, at: datetime) -> None:
        """Let a gap begin in every watched channel of a space."""
        values = (ms(at), ms(at), space.platform.value, space.id)
        await self._database.write(lambda c: run(c, BEGIN, values))

    async def open(self, platform: Platform) -> Sequence[Gap]:
        """The open gaps, those shared on the web first."""
        return await self._due("gap_after", platform)

    async def uncompared(self, platform: Platform) -> Sequence[Gap]:
        """The closed gaps before which nobody looked yet."""
        return await self._due("compare_until", platform)

    async def _due(self, mark: str, platform: Platform) -> Sequence[Gap]:
        def work(connection: Connection) -> list[Gap]:
            found = rows(connection, DUE.format(mark=mark), (platform.value,))
            channels = self._places.known(connection).by_key
            return [
                Gap(channel=channels[key], after=after, began_at=moment(began))
                for key, after, began in found
                if key in channels
            ]

        return await self._database.read(work)

    async def close(self, gap: Gap, until: int = 0) -> bool:
        """Close a gap unless it is another one by now; up to `until` nothing is missing any more."""
        key, values = gap.channel.key, (gap.after, gap.after, until, until, gap.channel.key, ms(gap.began_at))

        def work(connection: Connection) -> bool:
            closed = run(connection, CLOSE, values).rowcount > 0
            note(connection, Changed.CHANNEL, [key] if closed and run(connection, UP_TO_DATE, (key,)).rowcount else [])
            return closed

        return await self._database.write(work)

    async def date(self, before: datetime) -> None:
        """Let channels that are behind for long show since when."""
        if not await self._database.read(lambda c: rows(c, STALE, (ms(before),))):
            return

        def work(connection: Connection) -> None:
            found = rows(connection, STALE, (ms(before),))
            for key, platform, after in found:
                run(connection, DATE, (moment_of(Platform(platform), after), key))
            note(connection, Changed.CHANNEL, [row[0] for row in found])

        await self._database.write(work)

    async def compared(self, gap: Gap) -> None:
        """Record that what came before a gap has been compared."""
        await self._database.write(lambda c: run(c, COMPARED, (gap.channel.key, gap.after)))

    async def advance(self, gap: Gap, after: int) -> None:
        """Move the beginning of a gap later, if it is still the same gap."""
        values = (after, gap.channel.key, ms(gap.began_at), after)
        await self._database.write(lambda c: run(c, ADVANCE, values))

    async def count(self, space: Space, messages: int) -> None:
        """Add to what was read."""
        values = (_counter(space), str(messages), messages)
        await self._database.write(lambda c: run(c, COUNT, values))

    async def counted(self, space: Space) -> int:
        """What was read in all."""
        row = await self._database.read(
            lambda c: one(c, "SELECT value FROM setting WHERE name = ?", (_counter(space),))
        )
        return 0 if row is None else int(row[0])

    async def stored(self, where: Thread | Channel, after: int, until: int) -> Sequence[MessageRef]:
        """The live messages that we have of a place."""
        channel = channel_of(where)
        known = await self._places.channel(channel)
        if known is None:
            return ()
        inside, values = (ALONE, []) if isinstance(where, Channel) else (OF_THREAD, [position_of(where.id)])
        if isinstance(where, Thread) and not known.info.forum:
            inside += " AND m.position <> m.thread"
        query = (
            "SELECT m.mid FROM message m WHERE m.channel_id = ? AND m.position > ? AND m.position <= ?"
            f" AND m.deleted_at IS NULL AND m.author_id IS NOT NULL AND {inside} ORDER BY m.position"
        )
        found = await self._database.read(lambda c: rows(c, query, [known.key, after, until, *values]))
        return [MessageRef(channel, row[0]) for row in found]

    async def live(self, channel: Channel, positions: Collection[int]) -> Collection[int]:
        """The positions at which we have a live message."""
        known = await self._places.channel(channel) if positions else None
        if known is None:
            return ()
        query = (
            "SELECT m.position FROM message m WHERE m.position IN ({keys}) AND m.channel_id = ?"
            " AND m.deleted_at IS NULL AND m.author_id IS NOT NULL"
        )
        found = await self._database.read(lambda c: by_keys(c, query, positions, (known.key,)))
        return {row[0] for row in found}

    async def voted(self, channel: Channel, after: int, until: int = LAST_POSITION) -> Collection[MessageRef]:
        """The messages of a channel between two positions that somebody voted for."""
        known = await self._places.channel(channel)
        if known is None:
            return ()
        query = (
            "SELECT DISTINCT m.mid FROM vote v"
            " JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position"
            " WHERE v.channel_id = ? AND v.position > ? AND v.position <= ?"
        )
        found = await self._database.read(lambda c: rows(c, query, (known.key, after, until)))
        return {MessageRef(channel, row[0]) for row in found}

    async def threads(self, channel: Channel, since: datetime) -> Sequence[Thread]:
        """The threads of a channel that have messages sent since a moment; a reply chain is none."""
        known = await self._places.channel(channel)
        if known is None:
            return ()
        statement = (
            "SELECT d.key FROM discussion d WHERE d.channel_id = ? AND d.last_at >= ? AND d.key <> ''"
            " AND NOT (d.chain AND d.info_at < 0)"
            " ORDER BY d.last_at DESC"
        )
        found = await self._database.read(lambda c: rows(c, statement, (known.key, ms(since))))
        return [Thread(channel, row[0]) for row in found]


def _counter(space: Space) -> str:
    """The setting that counts what was read in the gaps of a space."""
    return f"recovered:{space.platform}:{space.id}"
