"""What becomes of a digest whose schedule is changed on its way: it is the old one, or none; never mixed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.errors import Unavailable
from bot.markup import plain
from bot.models import Card, Channel, Every, MessageRef, PostState, Reach, Rule, Run, RunState, Schedule, Thread
from bot.rescheduling import change, reschedule
from storage import SqlStore
from tests.digesting import DAY, DUE, EVENING, TEA, a_room, a_schedule, reread, words
from tests.makers import HELP, SetClock, a_channel, a_discussion, a_message, seen
from tests.test_digest_clocks import ON_SQLITE, Stage, a_stage
from tests.wire.keeping import sized

pytestmark = ON_SQLITE
Change = Callable[[Stage, Schedule], Awaitable[object]]


async def edited(stage: Stage, schedule: Schedule) -> None:
    """Another name, another time in another zone, another channel to tell of."""
    rule = replace(EVENING, at=time(23, 45), zone="Asia/Tokyo", every=Every.WEEKLY, weekday="tue")
    changed = replace(await reread(stage.store, schedule), name="Other", rule=rule, sources=(TEA,), reach=Reach.CHANNEL)
    await change(stage.store, changed, stage.clock.now())


async def paused(stage: Stage, schedule: Schedule) -> None:
    await stage.store.calendar.change_schedule(replace(await reread(stage.store, schedule), paused=True))


async def removed(stage: Stage, schedule: Schedule) -> None:
    await stage.store.calendar.remove_schedule(schedule.id)


async def due_now(store: SqlStore, clock: SetClock) -> tuple[Stage, Schedule]:
    """Two channels in which something happened, and a digest of the one that is due."""
    await a_room(store, a_channel(TEA), a_discussion(), a_discussion(2, TEA))
    schedule = await a_schedule(store, sources=(HELP,))
    clock.set(DUE)
    return await a_stage(store, clock), schedule


def is_old(card: Card) -> bool:
    """Whether a card is the old schedule's in all its parts; it must be nobody's in none."""
    old = ["The day in #help" in card.title, "Europe/Berlin" in plain(card.footer), "#tea" not in words(card)]
    assert len(set(old)) == 1, words(card)
    return old[0]


# When it is changed, how, and what is to be seen: the old one, or none; and why its run came to that.
SENT = (RunState.SENT, "")
RULES: tuple[tuple[str, Change, int, tuple[RunState, str]], ...] = (
    ("before freeze", edited, 1, SENT),
    ("before freeze", paused, 0, (RunState.MERGED, "paused")),
    ("before freeze", removed, 0, (RunState.MERGED, "removed")),
    ("before post", edited, 1, SENT),
    ("before post", paused, 0, (RunState.MERGED, "paused")),
    ("before post", removed, 0, (RunState.MERGED, "removed")),
    ("while the answer is lost", edited, 1, SENT),
    ("while the answer is lost", paused, 1, SENT),
    ("while the answer is lost", removed, 1, SENT),
    ("after", edited, 1, SENT),
)


@pytest.mark.parametrize(("when", "change", "posts", "ends"), RULES)
async def test_a_schedule_that_changes_under_way_posts_the_old_digest_or_none(
    store: SqlStore,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    change: Change,
    posts: int,
    ends: tuple[RunState, str],
) -> None:
    stage, schedule = await due_now(store, clock)
    freeze, post = store.calendar.freeze, stage.room.post

    async def late_freeze(run: Run, card: Card, cites: Sequence[MessageRef], at: datetime) -> int | None:
        await change(stage, schedule)
        return await freeze(run, card, cites, at)

    async def lost(where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        await post(where, card, marker)
        raise Unavailable("the answer was lost")

    with monkeypatch.context() as between:
        if when == "before freeze":
            between.setattr(store.calendar, "freeze", late_freeze)
        if when == "while the answer is lost":
            between.setattr(stage.room, "post", lost)
        await stage.digests.tick(clock.now())
        if when in {"while the answer is lost", "after"}:
            await stage.delivery.work()
    if when != "before freeze":
        await change(stage, schedule)
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        await stage.look()
    assert len(stage.room.posts) == posts
    assert all(is_old(card) for card in stage.room.posts.values())
    run = await store.forum.run(1)
    assert run is not None
    assert (run.state, run.reason) == ends
    await store.outbox.touch_channels([1, 2])
    await stage.look()
    assert all(is_old(card) for card in stage.room.posts.values())  # what stands is mended as what it is


async def test_what_a_pause_kept_back_is_told_by_the_next_digest_after_it(store: SqlStore, clock: SetClock) -> None:
    stage, schedule = await due_now(store, clock)
    await stage.digests.tick(clock.now())
    await paused(stage, schedule)
    await stage.look()
    clock.advance(timedelta(hours=2))
    await reschedule(stage.store, replace(await reread(store, schedule), paused=False), clock.now())
    await stage.look()
    assert stage.room.posts == {}  # what was due meanwhile does not come late
    clock.set(DUE + DAY)
    await stage.look()
    [card] = stage.room.posts.values()
    assert "💬 9 (+9 new)" in words(card)
    assert "missed" not in plain(card.footer)  # it was paused, not down


async def test_what_a_change_of_the_rule_made_past_is_not_said_to_be_missed(store: SqlStore, clock: SetClock) -> None:
    """A weekly digest becomes a daily one in the middle of the week, and then we are down for a day."""
    stage, schedule = await due_now(store, clock)
    daily = (await reread(store, schedule)).rule
    weekly = replace(await reread(store, schedule), rule=replace(daily, every=Every.WEEKLY, weekday="sun"))
    await change(stage.store, weekly, clock.now() - timedelta(hours=1))
    clock.set(DUE + 3 * DAY + timedelta(hours=1))
    await change(stage.store, replace(await reread(store, schedule), rule=daily), clock.now())
    clock.set(DUE + 5 * DAY)
    await stage.look()
    [card] = stage.room.posts.values()
    assert "1 missed digest is in this one." in plain(card.footer)
    assert await store.setbacks.digests(DUE - DAY) == []


async def test_a_digest_asked_for_while_the_last_one_is_on_its_way_is_that_one(
    store: SqlStore, clock: SetClock
) -> None:
    stage, schedule = await due_now(store, clock)
    await stage.digests.tick(clock.now())
    stage.room.mood = Unavailable("no answer")
    await stage.delivery.work()
    clock.advance(timedelta(minutes=30))
    await store.ledger.record([seen(a_message(260, "One more pole.", thread=0, author="Bo"))])
    assert await stage.digests.now(schedule, clock.now()) == 1
    stage.room.mood = None
    await stage.look()
    assert await stage.digests.now(schedule, clock.now()) == 2
    await stage.look()
    assert ["(+9 new)" in words(card) for card in stage.room.posts.values()] == [True, False]


@sized("runs", 8, 100)
async def test_a_change_at_any_moment_shows_the_old_digest_or_the_new_one_and_no_mixture(
    store: SqlStore, clock: SetClock, runs: int
) -> None:
    stage, first = await due_now(store, clock)
    await store.calendar.remove_schedule(first.id)
    chance, shown = random.Random(5), {True: 0, False: 0}
    for n in range(runs):
        clock.set(DUE + n * 14 * DAY - timedelta(hours=4))
        for channel, minute in ((HELP, 9), (TEA, 9), (HELP, 300), (TEA, 300)):  # before and after the slot
            more = a_message(n * 14 * 1440 + minute, f"Once more {n}.", thread=0, author="Bo", channel=channel)
            await store.ledger.record([seen(more)])
        schedule = await a_schedule(store, sources=(HELP,), at=clock.now() - timedelta(hours=6))
        clock.set(DUE + n * 14 * DAY)

        async def change(steps: int, schedule: Schedule = schedule) -> None:
            for _ in range(steps):
                await asyncio.sleep(0)
            await edited(stage, schedule)

        stage.room.posts.clear()
        await asyncio.gather(stage.look(), change(chance.randrange(120)))
        for hours in (1, 24 * 7 + 12):
            clock.set(DUE + n * 14 * DAY + timedelta(hours=hours))
            await stage.look()
        kinds = [is_old(card) for card in stage.room.posts.values()]
        assert kinds in ([True, False], [False])
        for kind in kinds:
            shown[kind] += 1
        await store.calendar.remove_schedule(schedule.id)
    assert shown[False] == runs
    assert shown[True] > 0


async def test_a_digest_that_never_comes_is_shown_where_people_look(store: SqlStore, clock: SetClock) -> None:
    stage, schedule = await due_now(store, clock)
    await stage.digests.tick(clock.now())
    stage.room.mood = Unavailable("no answer")
    await stage.delivery.work()
    [it] = await store.setbacks.digests(DUE - DAY, schedule.community)
    assert (it.run.id, it.waits, it.over, it.reason) == (1, True, False, "no answer")
    clock.set(DUE + DAY)
    stage.room.mood = None
    await stage.look()
    [dropped] = await store.setbacks.dropped(DUE)
    assert (dropped.state, dropped.reason) == (PostState.DROPPED, "overtaken")
    [it] = await store.setbacks.digests(DUE - DAY)
    assert (it.run.state, it.waits, it.over, it.reason) == (RunState.MERGED, False, False, "overtaken")
    await stage.look()
    [card] = stage.room.posts.values()
    assert "💬 9 (+9 new)" in words(card)  # the next one tells of its time
    assert "1 missed digest is in this one." in plain(card.footer)
    [it] = await store.setbacks.digests(DUE - DAY)
    assert it.over


async def test_a_late_digest_that_waits_for_the_morning_comes_though_it_gets_another_name(
    store: SqlStore, clock: SetClock
) -> None:
    stage, schedule = await due_now(store, clock)
    clock.set(DUE + timedelta(hours=5))  # an hour before midnight by Berlin's clocks
    await stage.look()
    assert stage.room.posts == {}
    clock.advance(timedelta(hours=8))
    await change(stage.store, replace(await reread(store, schedule), name="Other"), clock.now())
    clock.advance(timedelta(hours=1))
    await stage.look()
    [card] = stage.room.posts.values()
    assert "it waited for the morning" in plain(card.footer)
    assert "💬 9 (+9 new)" in words(card)


async def test_a_digest_whose_answer_was_lost_is_not_called_late_when_it_is_found(
    store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, _ = await due_now(store, clock)
    post, look = stage.room.post, stage.room.find_own

    async def lost(where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        await post(where, card, marker)
        stage.room.mood = Unavailable("no answer")
        raise stage.room.mood

    async def found(where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        if stage.room.mood is not None:
            raise stage.room.mood
        return await look(where, marker, since)

    monkeypatch.setattr(stage.room, "post", lost)
    monkeypatch.setattr(stage.room, "find_own", found)
    await stage.look()
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        await stage.look()
    stage.room.mood = None
    clock.advance(timedelta(minutes=40))
    await stage.look()
    run = await store.forum.run(1)
    assert run is not None
    assert (run.state, run.late) == (RunState.SENT, False)
    assert stage.footers() == [[]]


@pytest.mark.parametrize(
    ("rules", "due"),
    [  # what it is changed to, at five past six by Berlin's clocks, and when it is due then
        ((replace(EVENING, at=time(21)),), DUE + timedelta(hours=3)),
        ((replace(EVENING, zone="America/New_York"),), DUE + timedelta(hours=6)),
        ((replace(EVENING, at=time(18, 3)), replace(EVENING, at=time(18, 30))), DUE + timedelta(minutes=30)),
    ],
)
async def test_a_day_that_had_its_digest_has_another_if_its_time_is_moved_to_later(
    store: SqlStore, clock: SetClock, rules: Sequence[Rule], due: datetime
) -> None:
    stage, schedule = await due_now(store, clock)
    await stage.look()
    clock.advance(timedelta(minutes=5))
    for rule in rules:
        await change(stage.store, replace(await reread(store, schedule), rule=rule), clock.now())
    await store.ledger.record([seen(a_message(247, "One more pole.", thread=0, author="Bo"))])
    clock.set(due - timedelta(seconds=1))
    await stage.look()
    assert len(stage.room.posts) == 1
    clock.set(due)
    await stage.look()
    [_, card] = stage.room.posts.values()
    assert "(+1 new)" in words(card)
