"""The Setbacks port: what was not posted, and how much waits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.models import OwnPost, Run, RunState, Setback, Traffic
from storage.database import Database
from storage.due import COLUMNS
from storage.places import SqlPlaces
from storage.posts import own_post
from storage.runs import RUN, runs_with
from storage.sql import by_keys, many, rows
from storage.times import maybe, ms

# A digest that was not posted: its run failed or could not be made, its post waits and was refused, was given up, or
# went away before it stood; or the next one was due first. Not one that a person stopped.
DIGESTS = (
    "SELECT f.id, f.why, f.post, EXISTS (SELECT 1 FROM run n WHERE n.schedule_id = f.schedule_id"
    " AND n.due_at > f.due_at AND n.state IN ('sent', 'empty')) FROM (SELECT r.id, r.schedule_id, r.due_at,"
    " CASE WHEN r.state = 'frozen' THEN p.reason ELSE r.reason END AS why, COALESCE(p.state, '') AS post"
    " FROM run r JOIN schedule s ON s.id = r.schedule_id AND NOT s.removed"
    " LEFT JOIN own_post p ON p.subject = 'digest:' || CAST(r.id AS TEXT)"
    " WHERE r.due_at >= ? AND (r.state = 'failed' OR (r.state = 'claimed' AND r.reason <> '')"
    " OR (r.state = 'merged' AND r.reason NOT IN ('', 'late', 'paused', 'removed', 'changed'))"
    " OR (r.state = 'frozen' AND p.mid IS NULL AND p.reason <> ''))"
)
ORDER = ") AS f ORDER BY f.due_at DESC, f.id DESC"
# Each part by the index on states, so that what stands and is true is not looked at.
STATES = (
    "SELECT state, reason, mid, n, oldest FROM ("
    "SELECT state, '' AS reason, CASE WHEN mid IS NULL THEN 0 ELSE 1 END AS mid, count(*) AS n,"
    " min(planned_at) AS oldest FROM own_post WHERE state IN ('planned', 'sending')"
    " GROUP BY state, CASE WHEN mid IS NULL THEN 0 ELSE 1 END"
    " UNION ALL SELECT state, reason, 1, count(*), 0 FROM own_post WHERE state IN ('parked', 'dropped')"
    " GROUP BY state, reason"
    " UNION ALL SELECT 'live', '', 1, count(*), 0 FROM own_post WHERE state = 'live' AND dirty_at IS NOT NULL) AS s"
)


class SqlSetbacks:
    """What was not posted, in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def unheard(self) -> Sequence[OwnPost]:
        """What was given up or dropped, and nobody was told of."""
        return await self._posts("state IN ('parked', 'dropped') AND NOT told AND kind <> 'digest'", [])

    async def told(self, posts: Collection[int]) -> None:
        """Somebody was told of these."""
        values = [(True, post) for post in sorted(posts)]
        await self._database.write(lambda c: many(c, "UPDATE own_post SET told = ? WHERE id = ?", values))

    async def dropped(self, since: datetime) -> Sequence[OwnPost]:
        """What was dropped since a moment."""
        return await self._posts("state = 'dropped' AND ended_at >= ?", [ms(since)])

    async def _posts(self, where: str, values: Sequence[object]) -> list[OwnPost]:
        def work(connection: Connection) -> list[OwnPost]:
            channels = self._places.known(connection).by_key
            found = rows(connection, f"SELECT {COLUMNS} FROM own_post WHERE {where} ORDER BY id", values)
            return [own_post(row, channels) for row in found]

        return await self._database.read(work)

    async def digests(self, since: datetime, community: int | None = None) -> Sequence[Setback]:
        """Digests that were not posted."""
        more, values = ("", [ms(since)]) if community is None else (" AND s.community_id = ?", [ms(since), community])

        def work(connection: Connection) -> list[Setback]:
            found = rows(connection, f"{DIGESTS}{more}{ORDER}", values)
            kept = by_keys(connection, f"{RUN} WHERE id IN ({{keys}})", [row[0] for row in found])
            runs = runs_with(connection, self._places.known(connection).by_key, kept)
            known = {each.id: each for each in runs}
            return [_setback(row, known[row[0]]) for row in found]

        return await self._database.read(work)

    async def traffic(self) -> Traffic:
        """How much is on its way."""
        return await self._database.read(_traffic)


def _setback(row: Sequence[Any], run: Run) -> Setback:
    waits = run.state is RunState.CLAIMED or row[2] in {"planned", "sending"}
    return Setback(run=run, reason=row[1], waits=waits, over=bool(row[3]))


def _traffic(connection: Connection) -> Traffic:
    found = rows(connection, STATES)
    new = [row for row in found if row[0] in {"planned", "sending"} and not row[2]]
    runs = rows(connection, "SELECT state, count(*) FROM run GROUP BY state")
    return Traffic(
        waiting=sum(row[3] for row in new),
        changes=sum(row[3] for row in found if row[0] in {"live", "sending"} and row[2]),
        parked=sum(row[3] for row in found if row[0] == "parked"),
        dropped={row[1]: row[3] for row in found if row[0] == "dropped"},
        oldest=maybe(min((row[4] for row in new), default=None)),
        runs={row[0]: row[1] for row in runs},
    )
