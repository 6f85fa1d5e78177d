"""A channel whose gap is being read while somebody changes whether it is watched."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from typing_extensions import override

from bot import catchup, reading
from bot.models import (
    LAST_POSITION,
    Channel,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    MessageSeen,
    Platform,
    Thread,
    ThreadSeen,
)
from storage import SqlStore
from tests.makers import SetClock, a_moment
from tests.test_catchup import CAMP, HELP, Camp, camp, catching_up, said, snowflake, stored

__all__ = ["camp"]  # a fixture


async def test_a_channel_that_is_watched_anew_while_it_is_read_is_read_once_more(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    """What was said while nobody watched it was told by nobody, and may have come where was read already."""
    await store.gaps.begin(CAMP, clock.now())
    [reading] = await store.gaps.open(Platform.DISCORD)
    await store.places.watch(HELP, False)
    await store.places.watch(HELP, True)
    await store.gaps.advance(reading, LAST_POSITION)
    assert not await store.gaps.close(reading, LAST_POSITION)
    camp.has([said(1)])
    assert await catching_up(store, clock, camp).work() == 1


async def test_a_channel_that_is_watched_no_more_is_not_read_to_its_end(
    store: SqlStore, clock: SetClock, camp: Camp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Regretted(Camp):
        @override
        async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
            async for event in super().history(where, after):
                if event == self.said[HELP][5]:
                    await store.places.watch(HELP, False)
                yield event

    monkeypatch.setattr(reading, "BATCH", 4)
    regretted = Regretted(store, clock, CAMP)
    for place in (regretted, camp):
        place.has([said(n) for n in range(1, 13)])
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, regretted).work()
    assert await stored(store) == [snowflake(n) for n in range(1, 5)]
    await store.places.watch(HELP, True)
    await catching_up(store, clock, camp).work()
    assert len(await stored(store)) == 12


async def test_a_channel_that_was_closed_and_opened_at_once_is_read(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    """Nobody told us what was said in between, though both were told of together."""
    await store.ledger.take([MessageSeen(message=said(1))])
    opened = ChannelSeen(info=ChannelInfo(channel=HELP, name="help"), at=a_moment(4))
    await store.ledger.take([ChannelGone(channel=HELP, at=a_moment(2)), opened, MessageSeen(message=said(5))])
    camp.has([said(1), said(3), said(5)])
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(n) for n in (1, 3, 5)]


async def test_what_newer_words_elsewhere_overtook_is_read(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    """They came, it did not: whoever had it to tell died."""
    told = [said(0), said(0.5, thread=0, author="Bo"), said(1.1)]
    await store.ledger.record([MessageSeen(message=each) for each in told])
    overtaken = said(1, thread=0, author="Cem")
    camp.has([*told, overtaken])
    camp.late = timedelta(minutes=1)
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(n) for n in (0, 0.5, 1, 1.1)]
    assert await store.gaps.counted(CAMP) == 1


@pytest.mark.parametrize(("newest", "reads"), [(0.5, 0), (1, 1), (1.05, 0), (1.5, 1), (None, 1)])
async def test_a_thread_that_can_have_nothing_new_is_not_asked_for(
    store: SqlStore, clock: SetClock, camp: Camp, newest: float | None, reads: int
) -> None:
    """It is listed because it was archived lately; its newest was deleted, or is ours, so that we do not have it."""
    await store.ledger.record([MessageSeen(message=each) for each in (said(1.05), said(1.1))])
    listed, camp.late = Thread(HELP, snowflake(0.25)), timedelta(seconds=30)
    position = None if newest is None else int(snowflake(newest))
    camp.threads_seen[listed] = ThreadSeen(thread=listed, at=a_moment(0), name="Tents", newest=position)
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert camp.looked_in.count(listed) == reads


async def test_a_clock_that_is_ahead_leaves_nothing_out(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    """By it nothing was missing up to a moment that was yet to come."""
    camp.late = timedelta(minutes=10)
    clock.set(a_moment(5))
    for words in ([said(0)], [said(0), said(2)]):
        camp.has(words)
        await store.gaps.begin(CAMP, clock.now())
        await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(n) for n in (0, 2)]


@pytest.mark.parametrize("together", [2, 3])
async def test_what_is_missing_between_two_parts_of_a_comparison_is_read(
    store: SqlStore, clock: SetClock, camp: Camp, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(catchup, "COMPARED", together)
    there = [said(n) for n in range(9)]
    await store.ledger.record([MessageSeen(message=each) for each in there[::2]])
    camp.has(there)
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [each.ref.id for each in there]
