"""The Calendar port: schedules, slots and runs."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import (
    Card,
    Channel,
    Drop,
    MessageRef,
    PostKind,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Scope,
    Slot,
    Window,
)
from bot.ports import Changed
from storage import windows
from storage.changes import mark, note
from storage.database import Database
from storage.places import SqlPlaces
from storage.posts import place, plan
from storage.runs import SCHEDULE, pick_row, reopen, rule_json, schedule_json, schedule_of
from storage.sql import many, marks, number, one, rows, run
from storage.times import ms

MISSED = "SELECT count(*) FROM run WHERE schedule_id = ? AND reason NOT IN ('paused', 'changed')"
STALE = 600_000  # milliseconds after which a run that is still claimed was left by a crash


class SqlCalendar:
    """Schedules and runs in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def _key(self, channel: Channel) -> int:
        known = await self._places.channel(channel)
        if known is None:
            raise KeyError(channel)
        return known.key

    async def add_schedule(  # noqa: PLR0913 - as the port
        self,
        *,
        community: int,
        name: str,
        destination: Channel,
        rule: Rule,
        reach: Reach,
        sources: Sequence[Channel],
        say_quiet: bool,
        at: datetime,
        follows: int | None = None,
    ) -> Schedule:
        """Keep a new schedule."""
        keys = json.dumps([await self._key(each) for each in sources])
        key = await self._key(destination)
        what = (community, clean(name), key, rule_json(rule), reach.value, keys)
        values = (*what, False, say_quiet, ms(at), None, False, "[]", follows)

        def work(connection: Connection) -> int:
            run(
                connection,
                "INSERT INTO schedule (community_id, name, channel_id, rule, reach, sources, paused, say_quiet,"
                " created_at, last_end, removed, pins, follows_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            note(connection, Changed.PLACES, [0])
            return number(connection, "SELECT max(id) FROM schedule")

        schedule = await self._database.write(work)
        return next(each for each in await self.schedules() if each.id == schedule)

    async def change_schedule(self, schedule: Schedule) -> None:
        """Replace a schedule by its id, but for where its last window ended: that is its runs'."""
        keys = json.dumps([await self._key(each) for each in schedule.sources])
        key = await self._key(schedule.destination)

        def work(connection: Connection) -> None:
            run(
                connection,
                "UPDATE schedule SET name = ?, channel_id = ?, rule = ?, reach = ?, sources = ?, paused = ?,"
                " say_quiet = ? WHERE id = ?",
                (
                    clean(schedule.name), key, rule_json(schedule.rule), schedule.reach.value, keys, schedule.paused,
                    schedule.say_quiet, schedule.id,
                ),
            )  # fmt: skip
            note(connection, Changed.PLACES, [0])

        await self._database.write(work)

    async def remove_schedule(self, schedule: int) -> bool:
        """Take a schedule away."""

        def work(connection: Connection) -> bool:
            statement = "UPDATE schedule SET removed = ? WHERE id = ? AND NOT removed"
            done = run(connection, statement, (True, schedule))
            note(connection, Changed.PLACES, [0])
            return done.rowcount > 0

        return await self._database.write(work)

    async def schedules(self, community: int | None = None) -> Sequence[Schedule]:
        """All schedules, or a community's."""
        where, values = ("", ()) if community is None else (" AND community_id = ?", (community,))

        def work(connection: Connection) -> list[Schedule]:
            found = rows(connection, f"{SCHEDULE} WHERE NOT removed{where} ORDER BY id", values)
            channels = self._places.known(connection).by_key
            return [schedule_of(row, channels) for row in found]

        return await self._database.read(work)

    async def claim(self, slot: Slot, start: datetime, at: datetime) -> int | None:
        """Claim a slot; one gets it."""
        now = ms(at)

        def work(connection: Connection) -> int | None:
            done = run(
                connection,
                "INSERT INTO run (schedule_id, slot, due_at, start_at, state, claimed_at, discussions, people,"
                " activity, left_out, late, reason) VALUES (?, ?, ?, ?, 'claimed', ?, 0, 0, '[]', 0, ?, '')"
                " ON CONFLICT (schedule_id, slot) DO NOTHING",
                (slot.schedule, slot.key, ms(slot.due_at), ms(start), now, False),
            )
            if done.rowcount < 1:
                again = "UPDATE run SET claimed_at = ? WHERE schedule_id = ? AND slot = ? AND state = 'claimed'"
                done = run(connection, f"{again} AND claimed_at < ?", (now, slot.schedule, slot.key, now - STALE))
            if done.rowcount < 1:
                return None
            query = "SELECT id FROM run WHERE schedule_id = ? AND slot = ?"
            return number(connection, query, (slot.schedule, slot.key))

        return await self._database.write(work)

    async def merge(self, slots: Sequence[Slot], at: datetime, reason: Drop | None = None) -> int:
        """Record slots as merged; how many of them were missed."""
        if not slots:
            return 0

        def work(connection: Connection) -> int:
            many(
                connection,
                "INSERT INTO run (schedule_id, slot, due_at, start_at, state, claimed_at, discussions, people,"
                " activity, left_out, late, reason) VALUES (?, ?, ?, ?, 'merged', ?, 0, 0, '[]', 0, ?, ?)"
                " ON CONFLICT (schedule_id, slot) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
                f" claimed_at = excluded.claimed_at WHERE run.state = 'claimed' AND run.claimed_at < {ms(at) - STALE}",
                [
                    (each.schedule, each.key, ms(each.due_at), ms(each.due_at), ms(at), False, reason or "")
                    for each in slots
                ],
            )
            keys = [each.key for each in slots]
            missed = f"{MISSED} AND slot IN ({marks(len(keys))})"
            return number(connection, missed, (slots[0].schedule, *keys))

        return await self._database.write(work)

    async def window(
        self, scope: Scope, start: datetime, end: datetime, parts: int, pinned: Collection[int] = ()
    ) -> Window:
        """What happened in [start, end), and what is pinned."""
        return await self._database.read(
            lambda connection: windows.window(
                connection, self._places.known(connection).by_key, scope, (start, end), parts, pinned
            )
        )

    async def pin(self, schedule: int, discussion: int) -> None:
        """Put a discussion first in the next digest."""

        def work(connection: Connection) -> None:
            pins = _pins(connection, schedule) | {discussion}
            run(connection, "UPDATE schedule SET pins = ? WHERE id = ?", (json.dumps(sorted(pins)), schedule))

        await self._database.write(work)

    async def pinned(self, schedule: int) -> frozenset[int]:
        """What is pinned for the next digest."""
        return await self._database.read(lambda connection: frozenset(_pins(connection, schedule)))

    async def overtake(self) -> Mapping[int, int]:
        """What waits to be shown, by its schedule; what was given up is let go."""

        def look(connection: Connection) -> list[Any]:
            return rows(connection, UNSHOWN)

        def work(connection: Connection) -> list[Any]:
            for _, chosen, _, state, reason in look(connection):
                if state in ENDED:
                    reopen(connection, chosen, Drop.GONE.value if state == "gone" else reason)
            return look(connection)

        found = await self._database.read(look)
        if any(row[3] in ENDED for row in found):
            found = await self._database.write(work)
        return {row[2]: row[1] for row in found}

    async def freeze(self, run: Run, card: Card, cites: Sequence[MessageRef], at: datetime) -> int | None:
        """Keep a run's picks and plan its post."""

        def work(connection: Connection) -> int | None:
            frozen_as = schedule_json(run.schedule, self._places.known(connection).by_key)
            return _freeze(connection, run, frozen_as, at=ms(at), drawn=(card, cites))

        return await self._database.write(work)

    async def finish(self, run: int, state: RunState, reason: str, at: datetime) -> None:
        """End a run without a post, or withdraw it."""

        def work(connection: Connection) -> None:
            if _end(connection, run, state, reason, ms(at)) and state is RunState.EMPTY:
                _close_window(connection, run)
            if state is RunState.WITHDRAWN:
                _mark_post(connection, run)

        await self._database.write(work)

    async def stumbled(self, run: int, reason: str) -> None:
        """Store why a claimed run could not be made."""
        statement, values = "UPDATE run SET reason = ? WHERE id = ? AND state = 'claimed'", (reason, run)
        await self._database.write(lambda connection: _execute(connection, statement, values))

    async def late(self, run: int, reason: str) -> None:
        """Note that a frozen run was not posted in time."""
        chosen = run

        def work(connection: Connection) -> None:
            statement = "UPDATE run SET late = ?, reason = ? WHERE id = ? AND state = 'frozen' AND NOT late"
            done = _execute(connection, statement, (True, reason, chosen))
            note(connection, Changed.RUN, [chosen] if done else [])

        await self._database.write(work)

    async def drop(self, run: int, number: int) -> bool:
        """Drop an item of a sent digest."""
        chosen, item = run, number

        def work(connection: Connection) -> bool:
            statement = "UPDATE run_pick SET dropped = ? WHERE run_id = ? AND number = ? AND NOT dropped"
            done = _execute(connection, statement, (True, chosen, item))
            if done:
                _mark_post(connection, chosen)
                note(connection, Changed.RUN, [chosen])
            return done > 0

        return await self._database.write(work)


def _execute(connection: Connection, statement: str, values: Sequence[object]) -> int:
    return run(connection, statement, values).rowcount


def _pins(connection: Connection, schedule: int) -> set[int]:
    row = one(connection, "SELECT pins FROM schedule WHERE id = ?", (schedule,))
    return set() if row is None else set(json.loads(row[0]))


def _end(connection: Connection, chosen: int, state: RunState, reason: str, at: int) -> bool:
    """End a run; False if it cannot be ended so: what somebody else froze meanwhile is neither empty nor failed."""
    before = ("frozen", "sent") if state is RunState.WITHDRAWN else ("claimed",)
    statement = f"UPDATE run SET state = ?, reason = ?, claimed_at = ? WHERE id = ? AND state IN ({marks(len(before))})"
    done = run(connection, statement, (state.value, reason, at, chosen, *before)).rowcount > 0
    note(connection, Changed.RUN, [chosen] if done else [])
    return done


def _mark_post(connection: Connection, chosen: int) -> None:
    """What a run posted has to be rendered again: edited, or taken away."""
    post = one(connection, "SELECT id FROM own_post WHERE subject = ?", (f"digest:{chosen}",))
    mark(connection, [] if post is None else [post[0]])


def _close_window(connection: Connection, chosen: int) -> None:
    """The next window begins where this one ended."""
    run(
        connection,
        "UPDATE schedule SET last_end = (SELECT due_at FROM run WHERE id = ?)"
        " WHERE id = (SELECT schedule_id FROM run WHERE id = ?)"
        " AND COALESCE(last_end, 0) < (SELECT due_at FROM run WHERE id = ?)",
        (chosen, chosen, chosen),
    )


def _unpin(connection: Connection, chosen: Run) -> None:
    """What is shown is pinned no longer; what had no room comes first in the next one."""
    left = _pins(connection, chosen.schedule.id) - {pick.discussion for pick in chosen.picks}
    run(connection, "UPDATE schedule SET pins = ? WHERE id = ?", (json.dumps(sorted(left)), chosen.schedule.id))


# Digests that are to be posted and were never shown; one whose post is gone, though nobody withdrew it, went nowhere.
UNSHOWN = (
    "SELECT p.id, r.id, r.schedule_id, p.state, p.reason FROM run r"
    " JOIN own_post p ON p.subject = 'digest:' || CAST(r.id AS TEXT) WHERE r.state = 'frozen' AND p.mid IS NULL"
)
ENDED = ("parked", "gone")


def _stopped(connection: Connection, chosen: Run) -> Drop | None:
    """Whether a run's schedule was taken away or paused since it was read."""
    row = one(connection, "SELECT removed, paused FROM schedule WHERE id = ?", (chosen.schedule.id,))
    if row is None or row[0]:
        return Drop.REMOVED
    return Drop.PAUSED if row[1] and not chosen.schedule.paused else None


def _freeze(
    connection: Connection, chosen: Run, frozen_as: str, *, at: int, drawn: tuple[Card, Sequence[MessageRef]]
) -> int | None:
    stopped = _stopped(connection, chosen)
    if stopped is not None:
        _end(connection, chosen.id, RunState.MERGED, stopped.value, at)
        return None
    done = run(
        connection,
        "UPDATE run SET state = 'frozen', start_at = ?, discussions = ?, people = ?, activity = ?, left_out = ?,"
        " late = ?, reason = ?, frozen_as = ? WHERE id = ? AND state = 'claimed'"
        " AND NOT EXISTS (SELECT 1 FROM schedule s WHERE s.id = run.schedule_id AND s.last_end > ?)",
        (
            ms(chosen.start), chosen.discussions, chosen.people, json.dumps(list(chosen.activity)), chosen.left_out,
            chosen.late, chosen.reason, frozen_as, chosen.id, ms(chosen.start),
        ),
    )  # fmt: skip
    if done.rowcount < 1:
        return None
    card, cites = drawn
    many(
        connection,
        "INSERT INTO run_pick (run_id, number, section, discussion_id, quote, count, new, highlights, waiting, score,"
        " terms, reason, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [pick_row(chosen.id, pick) for pick in chosen.picks],
    )
    _close_window(connection, chosen.id)
    _unpin(connection, chosen)
    where = chosen.schedule.destination
    post = plan(connection, PostKind.DIGEST, f"digest:{chosen.id}", where, at, card)
    if post is not None:
        place(connection, post, cites)
    note(connection, Changed.RUN, [chosen.id])
    return post
