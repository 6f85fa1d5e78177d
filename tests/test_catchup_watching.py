"""A channel whose gap is being read while somebody changes whether it is watched."""

from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from bot import reading
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
