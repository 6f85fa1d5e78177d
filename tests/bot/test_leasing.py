"""Turns: what one of several processes does, it does until it is done, or stands still for too long."""

import asyncio
from datetime import timedelta

import pytest

from bot import leasing
from bot.leasing import LEASE, Turns
from storage import SqlStore
from tests.makers import SetClock


def turns(store: SqlStore, clock: SetClock, owner: str) -> Turns:
    return Turns(store=store, clock=clock, owner=owner)


async def test_work_that_is_taken_is_not_to_be_had_until_it_is_done(store: SqlStore, clock: SetClock) -> None:
    mine, yours = turns(store, clock, "me"), turns(store, clock, "you")
    async with mine.taken("read") as first, yours.taken("read") as second:
        assert (first, second) == (True, False)
    async with yours.taken("read") as now:
        assert now


async def test_who_kept_a_turn_in_mind_does_not_ask_for_a_while(store: SqlStore, clock: SetClock) -> None:
    mine, yours = turns(store, clock, "me"), turns(store, clock, "you")
    assert await mine.mine("send")
    clock.advance(timedelta(seconds=LEASE / 2))
    assert await mine.mine("send")  # kept for longer
    clock.advance(timedelta(seconds=LEASE - 1))
    assert not await yours.mine("send")
    clock.advance(timedelta(seconds=1))
    assert await yours.mine("send")
    assert not await mine.mine("send")


async def test_work_is_kept_while_it_lasts_and_stopped_when_another_has_it(
    store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "LEASE", 0.3)
    monkeypatch.setattr(leasing, "SURE", timedelta(seconds=0.1))
    mine, yours = turns(store, clock, "me"), turns(store, clock, "you")
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with mine.taken("read"):
            begun.set()
            await goes_on.wait()

    working = asyncio.create_task(work())
    await begun.wait()
    clock.advance(timedelta(seconds=1))  # as after a long stand-still
    while not await yours.mine("read"):
        clock.advance(timedelta(seconds=1))
    with pytest.raises(asyncio.CancelledError):
        await working
    assert not await mine.mine("read")
