"""The rolling sweep: whatever changed behind our back is found within 30 days, at a small price."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from bot import sweeping
from bot.catchup import CatchUp
from bot.errors import Forbidden
from bot.models import (
    Channel,
    Event,
    Level,
    Message,
    MessageSeen,
    Origin,
    Platform,
    Thread,
    ThreadSeen,
    position_at,
)
from bot.reading import SKEW
from storage import SqlStore
from storage.sweeps import ROUND
from tests.makers import SetClock, a_channel, a_moment
from tests.test_catchup import CAMP, HELP, HOUR, Camp, camp, catching_up, said, snowflake, stored

__all__ = ["camp"]
DAY = timedelta(days=1)
TALK = Channel(CAMP, "3")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def on_web(store: SqlStore, camp: Camp, messages: Sequence[Message]) -> None:
    """What stands in #help and is known to us, before we were away and all was well."""
    await store.places.set_level(HELP, Level.WEB, 0)
    await store.ledger.record([MessageSeen(message=message, origin=Origin.BACKFILL) for message in messages])
    camp.has(messages)
    camp.read, camp.looked_in = 0, []


async def another_channel(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    """#talk is watched, and all that it said was read."""
    await store.ledger.record([a_channel(TALK)])
    await store.places.watch(TALK, True)
    await catching_up(store, clock, camp).work()


async def swept(store: SqlStore, clock: SetClock, camp: Camp, looks: int = 1) -> None:
    """Let time pass in which the sweep looks so often, by a process that ends then."""
    work = catching_up(store, clock, camp)
    for _ in range(looks):
        await work.work()
        clock.advance(sweeping.EVERY)


def talk(threads: int, replies: int = 2) -> list[Message]:
    """Questions a quarter of an hour apart, each with a thread of replies."""
    found = []
    for n in range(threads):
        found += [said(15 * n), *(said(15 * n + k, thread=15 * n, author="Bo") for k in range(1, replies + 1))]
    return found


async def test_what_went_or_changed_twenty_days_ago_is_found(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    messages = talk(3)
    await on_web(store, camp, messages)
    edited = replace(messages[4], text="Linen.", edited_at=a_moment(50))
    camp.has([each for each in messages if each not in (messages[2], messages[3], messages[4])] + [edited])
    clock.advance(20 * DAY)
    await store.gaps.begin(CAMP, clock.now())
    await swept(store, clock, camp)
    gone = {messages[2].ref.id, messages[3].ref.id}
    assert await stored(store) == sorted({each.ref.id for each in messages} - gone, key=int)
    post = await store.forum.post(edited.ref)
    assert post is not None
    assert post.text == "Linen."
    assert (await store.ledger.audit()).drift == 0


async def test_a_round_costs_a_call_a_thread_and_a_hundred_messages_and_then_nothing_for_weeks(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await on_web(store, camp, [*talk(12), *(said(1000 + n, thread=1000, author="Cem") for n in range(1, 251))])
    clock.advance(DAY)
    await swept(store, clock, camp, looks=6)
    assert camp.read == 1 + 12 + 3
    clock.advance(ROUND - HOUR)
    await swept(store, clock, camp, looks=6)
    assert camp.read == 1 + 12 + 3
    clock.advance(2 * HOUR)
    await swept(store, clock, camp, looks=6)
    assert camp.read == 2 * (1 + 12 + 3)


@ON_SQLITE
async def test_a_look_reads_a_few_passages_and_not_the_next_ones_before_its_time(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await on_web(store, camp, talk(12))
    clock.advance(DAY)
    work = catching_up(store, clock, camp)
    for _ in range(3):
        await work.work()
        assert camp.read == sweeping.PASSAGES


class Dying(Camp):
    """A server during whose answer to the fourth call our process ends."""

    asked = 0

    @override
    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        self.asked += 1
        if self.asked == 4:
            raise asyncio.CancelledError
        async for event in super().history(where, after):
            yield event


@ON_SQLITE
async def test_a_round_that_is_killed_goes_on_where_it_stood(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    dying, messages = Dying(store, clock, CAMP), talk(8)
    await on_web(store, dying, messages)
    clock.advance(DAY)
    await swept(store, clock, dying)
    assert dying.read == 3
    camp.has(messages[:-1])
    camp.read = 0
    await swept(store, clock, camp, looks=2)
    assert camp.read == 1 + 8 - 3
    assert messages[-1].ref.id not in await stored(store)
    assert (await store.sweeps.state(clock.now())).whole_at is not None


async def test_only_what_is_on_the_web_is_read(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await another_channel(store, clock, camp)
    messages = talk(3)
    lone = [said(200 + n) for n in range(150)]
    await on_web(store, camp, [*messages, *lone])
    await store.ledger.record([ThreadSeen(thread=messages[3].thread, at=clock.now(), private=True)])
    await store.places.set_level(HELP, Level.WEB, position_at(Platform.DISCORD, a_moment(10)))
    clock.advance(DAY)
    await swept(store, clock, camp, looks=4)
    assert camp.looked_in == [HELP, messages[6].thread]
    await store.places.set_level(HELP, Level.DIGEST, 0)
    clock.advance(ROUND)
    await swept(store, clock, camp, looks=4)
    assert camp.read == 2


async def test_a_forum_has_its_words_in_its_threads_only(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await store.ledger.record(
        [replace(a_channel(HELP), at=clock.now(), info=replace(a_channel(HELP).info, forum=True))]
    )
    messages = talk(2)
    await on_web(store, camp, messages)
    camp.said = {thread: [] for thread in {each.thread for each in messages}}
    for message in messages[:-1]:
        camp.said[message.thread].append(MessageSeen(message=message, origin=Origin.BACKFILL))
    clock.advance(DAY)
    await swept(store, clock, camp)
    assert camp.looked_in == [messages[0].thread, messages[3].thread]
    assert (await store.ledger.audit()).messages == len(messages) - 1


@ON_SQLITE
async def test_a_channel_that_may_not_be_read_rests_holds_up_no_other_and_is_told_when_it_is_late(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await another_channel(store, clock, camp)
    await on_web(store, camp, talk(1))
    await store.places.set_level(TALK, Level.WEB, 0)
    clock.advance(DAY)
    camp.refused = {HELP}
    work = catching_up(store, clock, camp)
    for _ in range(10):
        await work.work()
        clock.advance(sweeping.EVERY)
    assert camp.read == 1
    assert (await store.sweeps.state(clock.now())).behind == []
    clock.advance(31 * DAY)
    state = await store.sweeps.state(clock.now())
    assert [each.channel for each in state.behind] == [HELP, TALK]
    for _ in range(4):
        await work.work()
        clock.advance(sweeping.EVERY)
    assert [each.channel for each in (await store.sweeps.state(clock.now())).behind] == [HELP]
    camp.refused = set()
    clock.advance(HOUR)
    await swept(store, clock, camp)
    assert (await store.sweeps.state(clock.now())).behind == []


@ON_SQLITE
async def test_of_two_processes_one_sweeps_a_space(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await on_web(store, camp, talk(12))
    clock.advance(DAY)
    both = [CatchUp(store=store, clock=clock, adapters={Platform.DISCORD: camp}, owner=name) for name in ("me", "you")]
    for n in range(1, 3):
        await asyncio.gather(*(each.work() for each in both))
        clock.advance(sweeping.EVERY / 2)
        for each in both:
            await each.work()
        assert camp.read == n * sweeping.PASSAGES
        clock.advance(sweeping.EVERY / 2)


@ON_SQLITE
async def test_a_message_that_nobody_can_see_yet_in_a_history_is_left_alone(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    messages = talk(1)
    await on_web(store, camp, messages)
    camp.has(messages[:-1])
    clock.set(messages[-1].sent_at + SKEW / 2)
    await swept(store, clock, camp)
    assert messages[-1].ref.id in await stored(store)
    assert snowflake(0) in await stored(store)


@ON_SQLITE
@pytest.mark.parametrize("error", [RuntimeError("a mistake"), Forbidden("no history")], ids=["mistake", "forbidden"])
async def test_what_goes_wrong_leaves_a_round_where_it_stood(
    store: SqlStore, clock: SetClock, camp: Camp, error: Exception
) -> None:
    messages = talk(1)
    await on_web(store, camp, messages)
    camp.has(messages[:-1])
    clock.advance(DAY)
    camp.refuses = error
    await swept(store, clock, camp, looks=3)
    assert messages[-1].ref.id in await stored(store)
    assert (await store.sweeps.state(clock.now())).whole_at is None
    camp.refuses = None
    await swept(store, clock, camp)
    assert messages[-1].ref.id not in await stored(store)
