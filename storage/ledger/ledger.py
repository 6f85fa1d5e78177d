"""The Ledger port over the database."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection

from bot.models import Audit, Discussion, Event, MessageRef, Question
from bot.ports import Change, Changed
from storage.changes import mark_digests, note
from storage.database import Database
from storage.ledger import audit, search, taking
from storage.ledger.ingest import ingest
from storage.places import SqlPlaces
from storage.rows import discussions_where
from storage.sql import many, number, rows, run

POLL = 0.5  # seconds between looks for what other processes wrote


class SqlLedger:
    """Messages, votes and threads in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places
        database.use_ingest(ingest)

    async def record(self, events: Sequence[Event]) -> None:
        """Store events; durable on return."""
        await self._database.record(events)

    async def take(self, events: Sequence[Event]) -> Sequence[Event]:
        """Store what is kept of events; durable on return."""

        def work(connection: Connection) -> list[Event]:
            kept = taking.kept(connection, events)
            if kept:
                ingest(connection, kept)
            return kept

        return await self._database.write(work)

    async def last_seq(self) -> int:
        """The number of the newest change."""
        return await self._database.read(lambda c: number(c, "SELECT max(seq) FROM change"))

    async def changes(self, after: int, limit: int = 1000) -> Sequence[Change]:
        """What changed after `after`, oldest first."""

        def work(connection: Connection) -> list[Change]:
            found = rows(
                connection, "SELECT seq, kind, subject FROM change WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            )
            return [Change(row[0], Changed(row[1]), row[2]) for row in found]

        return await self._database.read(work)

    async def wait(self, after: int, within: float) -> bool:
        """Wait for a change: commits wake at once, what other processes wrote is looked for twice a second as well."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        heard = self._database.commits  # read before looking, so that a commit in between is not slept through
        while await self.last_seq() <= after:
            left = end - loop.time()
            if left <= 0:
                return False
            await self._database.committed(heard, min(POLL, left))
            heard = self._database.commits
        return True

    async def unsettled(self, limit: int) -> Sequence[Discussion]:
        """Discussions to settle, oldest first."""

        def work(connection: Connection) -> list[Discussion]:
            channels = self._places.known(connection).by_key
            return discussions_where(connection, channels, "d.unsettled ORDER BY +d.id LIMIT ?", (limit,))

        return await self._database.read(work)

    async def settle(
        self,
        discussion: int,
        *,
        title: str,
        summary: str,
        waiting: Sequence[Question],
        cites: Sequence[MessageRef],
        seen: int,
    ) -> None:
        """Keep what was made of a discussion."""

        def work(connection: Connection) -> None:
            _keep_made(connection, discussion, (title, summary, len(waiting)), seen)
            run(connection, "DELETE FROM question WHERE discussion_id = ?", (discussion,))
            many(
                connection,
                "INSERT INTO question (discussion_id, position, number, text) VALUES (?, ?, ?, ?)",
                [(discussion, each.ref.position, place, each.text) for place, each in enumerate(waiting)],
            )
            run(connection, "DELETE FROM made_from WHERE discussion_id = ?", (discussion,))
            many(
                connection,
                "INSERT INTO made_from (discussion_id, position) VALUES (?, ?)",
                sorted({(discussion, ref.position) for ref in cites} | {(discussion, q.ref.position) for q in waiting}),
            )

        await self._database.write(work)

    async def index_text(self, limit: int = 500) -> int:
        """Bring the text search up to date by at most `limit` messages."""
        if not await self._database.read(search.behind):
            return 0
        return await self._database.write(lambda connection: search.index(connection, limit))

    async def audit(self) -> Audit:
        """Recount everything."""
        return await self._database.read(audit.audit)

    async def audit_rows(self) -> Sequence[dict[str, str | int | None]]:
        """One row a discussion."""
        return await self._database.read(audit.audit_rows)


def _keep_made(connection: Connection, discussion: int, made: tuple[str, str, int], seen: int) -> None:
    """Keep title, summary and how many wait; it stays unsettled if it changed meanwhile."""
    later = number(
        connection,
        "SELECT max(seq) FROM change WHERE seq > ? AND kind = ? AND subject = ?",
        (seen, Changed.DISCUSSION.value, discussion),
    )
    before = rows(connection, "SELECT title_made, summary_made, waiting FROM discussion WHERE id = ?", (discussion,))
    run(
        connection,
        "UPDATE discussion SET title_made = ?, summary_made = ?, waiting = ?, unsettled = ? WHERE id = ?",
        (*made, later > 0, discussion),
    )
    if before and tuple(before[0]) != made:
        note(connection, Changed.DISCUSSION, [discussion])
    if before and before[0][0] != made[0]:  # one that was brought up to date before this still shows the old, or none
        mark_digests(connection, discussion)
