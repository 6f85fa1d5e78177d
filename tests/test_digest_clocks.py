"""Digests and the time of day: loops that stand still, clocks that jump, zones that change, and being down at the slot.

What is asserted of the runs that were shown: their windows do not overlap, so that nothing is told twice.
"""

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from typing_extensions import override

from bot.cli.run import TICK, assemble
from bot.delivery import Delivery
from bot.digesting import Digests
from bot.markup import plain
from bot.models import Every, Platform, Rule, Schedule
from bot.renderings import Renderings
from bot.rescheduling import change
from bot.schedule import next_slots
from bot.settings import Settings
from bot.urls import Urls
from storage import SqlStore
from tests.bot.test_schedule import ZONES
from tests.digesting import DAY, DUE, EVENING, a_room, a_schedule, reread, the_digests
from tests.makers import HELP, NOON, SPACE, SetClock, a_discussion, a_message, seen
from tests.rooms import SmallRoom, is_adapter
from tests.test_digest_crashes import PLACES, Forgetful, Life
from tests.virtual import LoopClock, VirtualLoop, in_virtual_time
from tests.wire.keeping import sized

# The rules are the core's; what is kept of runs is tried on both databases under tests/storage.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = ON_SQLITE

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
WINDOWS = (
    "SELECT r.start_at, r.due_at, r.slot FROM run r JOIN own_post p ON p.subject = 'digest:' || CAST(r.id AS TEXT)"
    " WHERE p.mid IS NOT NULL ORDER BY r.due_at"
)


async def told_windows(store: SqlStore) -> list[tuple[int, int, str]]:
    """From when to when each digest tells that stands, in milliseconds, and its slot."""
    return await store.database.read(lambda c: [tuple(row) for row in c.exec_driver_sql(WINDOWS)])


async def told_once(store: SqlStore) -> int:
    """How many digests stand; that no slot has two of them, and that no moment is told of twice, is asserted."""
    told = await told_windows(store)
    assert len({slot for _, _, slot in told}) == len(told)
    assert all(before[1] <= after[0] for before, after in pairwise(told))
    return len(told)


@dataclass
class Stage:
    """A bot with one room, that does what is due when it is told what time it is."""

    store: SqlStore
    clock: SetClock
    room: SmallRoom
    digests: Digests
    render: Renderings
    delivery: Delivery

    async def look(self) -> None:
        await self.digests.tick(self.clock.now())
        await self.delivery.work()

    def footers(self) -> list[list[str]]:
        return [plain(card.footer).splitlines()[1:-1] for card in self.room.posts.values()]


async def a_stage(store: SqlStore, clock: SetClock, room: SmallRoom | None = None) -> Stage:
    room, digests = room or SmallRoom(store, clock, SPACE), the_digests(store)
    render = Renderings(store=store, clock=clock, urls=Urls("http://127.0.0.1:8080"), digests=digests)
    adapters = {Platform.LOCAL: is_adapter(room)}
    delivery = Delivery(store=store, clock=clock, adapters=adapters, render=render, owner="test")
    return Stage(store, clock, room, digests, render, delivery)


class LoopsDatetime(datetime):
    """The time of day as APScheduler asks for it, on a loop whose time is virtual."""

    @classmethod
    @override
    def now(cls, tz: Any = None) -> "LoopsDatetime":
        at = LoopClock(DUE - MINUTE).now().astimezone(tz)
        return cls(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)


@pytest.mark.parametrize("phase", [0.0, 0.1, 7.5, 14.9])
@in_virtual_time
async def test_a_loop_that_stands_still_for_a_minute_at_the_slot_posts_at_most_75_seconds_late(
    store: SqlStore, phase: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("schedulers.base", "triggers.interval"):
        monkeypatch.setattr(f"apscheduler.{module}.datetime", LoopsDatetime)
    loop, clock = asyncio.get_running_loop(), LoopClock(DUE - MINUTE)
    assert isinstance(loop, VirtualLoop)
    await a_room(store, a_discussion())
    await a_schedule(store)
    await asyncio.sleep(phase)
    parts = assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic takes it
    parts.ticks.start()
    following = asyncio.create_task(parts.app.follow())
    stalled = list[float]()

    def stall() -> None:
        stalled.append(loop.time())
        loop.virtual.now += 60.0

    loop.call_at(59.99, stall)
    await asyncio.sleep(60 + 60 + 4 * TICK)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await parts.ticks.stop()
    assert stalled == [59.99]
    [(_, _, at)] = [(ref, card, at) for ref, card, at in await store.room.own(HELP)]
    assert timedelta(seconds=59) <= at - DUE <= timedelta(seconds=75)


JUMPS = {
    "an hour back": -HOUR,
    "a day ahead": DAY,
    "a step of NTP back": -2 * SECOND,
    "a step of NTP ahead": 2 * SECOND,
    "ten minutes back": -10 * MINUTE,
}


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_clock_that_jumps_around_the_slot_brings_no_second_digest(
    store: SqlStore, clock: SetClock, jump: str
) -> None:
    await a_room(store, *a_discussion(start=-60), a_discussion(2))
    await a_schedule(store, say_quiet=True)
    stage, days = await a_stage(store, clock), 0
    for ticks in (-2, -1, 0, 1, 2):  # how many looks after the slot the clock jumps; a new day each
        slot = DUE + days * DAY
        for n in (-3, -2, -1, 0, 1, 2, 3):
            if n == ticks:
                clock.advance(JUMPS[jump])
            clock.advance(15 * SECOND) if n > -3 else clock.set(slot + n * 15 * SECOND)
            await stage.look()
        clock.advance(-JUMPS[jump])  # somebody puts it right
        for _ in range(10):
            await stage.look()
            clock.advance(15 * SECOND)
        days += 3
    told = await told_once(store)
    assert len(stage.room.posts) == told
    assert 5 <= told <= 15  # a clock a day ahead has a slot of its own to tell of


@sized("runs", 12, 400)
async def test_a_crash_while_the_clock_jumps_brings_no_second_digest(
    store: SqlStore, clock: SetClock, runs: int
) -> None:
    await a_room(store)
    chance, room = random.Random(7), Forgetful(store, clock, SPACE)
    room.chance, room.lost = chance, 0.2
    life, crashes = Life(store, clock, room), 0
    for _ in range(runs):
        clock.set((clock.now() + 3 * DAY).replace(hour=12, minute=0, second=0, microsecond=0))
        schedule = await a_schedule(
            store, Rule(every=Every.DAILY, at=NOON.time(), zone="UTC"), say_quiet=True, at=clock.now() - 20 * HOUR
        )
        crashes += not await life.live(chance.choice(PLACES))
        clock.advance(chance.choice(list(JUMPS.values())))
        for _ in range(6):
            await life.live()
            clock.advance(timedelta(minutes=20))
        assert await told_of(store, schedule) >= 1
        await store.calendar.remove_schedule(schedule.id)
    assert crashes > runs / 4
    told = await store.database.read(lambda c: c.exec_driver_sql(STANDING).scalar_one())
    assert len(room.posts) == told  # each that stands is the one of its run


STANDING = "SELECT count(*) FROM own_post WHERE kind = 'digest' AND mid IS NOT NULL"


async def told_of(store: SqlStore, schedule: Schedule) -> int:
    query = WINDOWS.replace("WHERE", f"WHERE r.schedule_id = {schedule.id} AND")
    told = await store.database.read(lambda c: [tuple(row) for row in c.exec_driver_sql(query)])
    assert all(before[1] <= after[0] for before, after in pairwise(told))
    return len(told)


PAIRS = [(one, other) for one, other in product(ZONES, ZONES) if one != other]


@sized("pairs", 4, len(PAIRS))
async def test_a_zone_that_an_admin_changes_loses_at_most_one_slot_and_doubles_none(
    store: SqlStore, clock: SetClock, pairs: int
) -> None:
    """Whenever it is changed: just before and after the slot, and at other times of the day."""
    await a_room(store)
    stage, chance = await a_stage(store, clock), random.Random(3)
    for (one, other), after in product(chance.sample(PAIRS, pairs), (-SECOND, SECOND, 5 * HOUR, 13 * HOUR, 23 * HOUR)):
        begun = clock.now() + 3 * DAY
        rule = Rule(every=Every.DAILY, at=time(18), zone=one)
        schedule = await a_schedule(store, rule, say_quiet=True, at=begun)
        before = [slot.due_at for slot in next_slots(rule, begun, 3)]
        moments = [*before[:2], before[2] if after < timedelta(0) else before[1]]
        await passed(stage, moments[:2])
        clock.set(max(clock.now(), before[1] + after if after > timedelta(0) else before[2] + after))
        await stage.look()
        changed = replace(await reread(store, schedule), rule=replace(rule, zone=other))
        told_before = await told_of(store, schedule)
        await change(stage.store, changed, clock.now())
        await stage.look()
        assert await told_of(store, schedule) == told_before, "what the new zone had before now does not come late"
        coming = [slot.due_at for slot in next_slots(changed.rule, clock.now(), 4)]
        await passed(stage, coming)
        query = WINDOWS.replace("WHERE", f"WHERE r.schedule_id = {schedule.id} AND")
        told = await store.database.read(lambda c, q=query: [tuple(row) for row in c.exec_driver_sql(q)])  # type: ignore[misc]
        assert all(first[1] == second[0] for first, second in pairwise(told)), "no time is left out or told twice"
        ends = [*(end for _, end, _ in told)]
        assert max(second - first for first, second in pairwise(ends)) <= 2 * 86_400_000 + 14 * 3_600_000
        assert ends[-1] == coming[-1].timestamp() * 1000
        await store.calendar.remove_schedule(schedule.id)


async def passed(stage: Stage, moments: list[datetime]) -> None:
    """The bot looks just before, at and after each of these moments."""
    for moment in moments:
        for by in (-SECOND, timedelta(0), SECOND):
            stage.clock.set(moment + by)
            await stage.look()


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of day in Berlin, in August, when clocks there are two hours ahead."""
    return datetime(2026, 8, day, hour, minute, tzinfo=UTC) - 2 * HOUR


LATE = "It was due {when}, 18:00 and is late."
WAITED = "It was due {when}, 18:00 and is late; at night nothing is posted late, so it waited for the morning."
MERGED = {1: "1 missed digest is in this one.", 2: "2 missed digests are in this one."}
WEEKLY = replace(EVENING, every=Every.WEEKLY, weekday="mon")
MONTHLY = replace(EVENING, every=Every.MONTHLY, day=3)


@pytest.mark.parametrize(
    ("rule", "back", "posted", "footer", "start"),
    [  # down from noon on 3 August, a Monday: when it is back, when it posts, what the footer says, where it begins
        (EVENING, berlin(3, 18, 10), berlin(3, 18, 10), "", berlin(2, 18)),
        (EVENING, berlin(3, 18, 16), berlin(3, 18, 16), LATE.format(when="3 Aug 2026"), berlin(2, 18)),
        (EVENING, berlin(3, 22, 0), berlin(4, 8), WAITED.format(when="3 Aug 2026"), berlin(2, 18)),
        (EVENING, berlin(4, 7, 59), berlin(4, 8), WAITED.format(when="3 Aug 2026"), berlin(2, 18)),
        (EVENING, berlin(4, 17, 58), berlin(4, 17, 58), LATE.format(when="3 Aug 2026"), berlin(2, 18)),
        (EVENING, berlin(4, 18, 1), berlin(4, 18, 1), MERGED[1], berlin(2, 18)),
        (EVENING, berlin(5, 20), berlin(5, 20), f"{LATE.format(when='5 Aug 2026')} {MERGED[2]}", berlin(2, 18)),
        (EVENING, berlin(23, 18), berlin(23, 18), "13 missed digests are in this one.", berlin(9, 18)),
        (WEEKLY, berlin(8, 12), berlin(8, 12), LATE.format(when="3 Aug 2026"), berlin(2, 18)),
        (WEEKLY, berlin(31, 18), berlin(31, 18), "1 missed digest is in this one.", berlin(17, 18)),
        (MONTHLY, berlin(30, 12), berlin(30, 12), LATE.format(when="3 Aug 2026"), berlin(2, 18)),
    ],
)
async def test_what_was_due_while_we_were_down_comes_in_the_newest_digest_or_is_skipped(
    store: SqlStore, clock: SetClock, rule: Rule, back: datetime, posted: datetime, footer: str, start: datetime
) -> None:
    said = [seen(a_message(60 * hours, f"At {hours}.", author="Bo")) for hours in range(0, 32 * 24, 6)]
    told = [seen(a_message(60 * hours + 1, "Yes.", thread=60 * hours)) for hours in range(0, 32 * 24, 6)]
    await a_room(store, [each for each in (*said, *told) if each.message.sent_at < back])
    await a_schedule(store, rule, at=berlin(2, 18))
    stage = await a_stage(store, clock)
    for moment in sorted({back, max(back, posted - SECOND), posted}):
        clock.set(moment)
        await stage.look()
        assert len(stage.room.posts) == (moment >= posted)
    clock.advance(MINUTE)
    await stage.look()
    assert stage.footers() == [[footer] if footer else []]
    [(begins, _, _)] = await told_windows(store)
    assert begins == start.timestamp() * 1000
    query = "SELECT r.state, r.reason, count(*) FROM run r GROUP BY r.state, r.reason"
    runs = await store.database.read(lambda c: {(row[0], row[1]): row[2] for row in c.exec_driver_sql(query)})
    missed = int(footer.partition(" missed")[0].rpartition(" ")[2]) if "missed" in footer else 0
    skipped = sum(slot.due_at <= start for slot in next_slots(rule, berlin(2, 18), 20)) if start > berlin(2, 18) else 0
    assert runs.pop(("sent", footer)) == 1
    assert runs == {key: n for key, n in {("merged", ""): missed, ("merged", "late"): skipped}.items() if n}
