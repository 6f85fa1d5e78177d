"""Ticks go on whatever happens, and stop cleanly."""

import asyncio

from bot.schedule import Ticks

DEADLINE = 10.0  # seconds


async def test_a_tick_comes_again_and_again_although_it_fails() -> None:
    calls, thrice = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal calls
        calls += 1
        if calls >= 3:
            thrice.set()
        raise ValueError("a bad day")

    ticks = Ticks()
    ticks.every(0.01, tick, "bad")
    ticks.start()
    await asyncio.wait_for(thrice.wait(), DEADLINE)
    await ticks.stop()


async def test_a_tick_that_takes_long_never_runs_twice_at_once() -> None:
    running, most, calls, thrice = 0, 0, 0, asyncio.Event()

    async def tick() -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        if calls >= 3:
            thrice.set()
        await asyncio.sleep(0.03)
        running -= 1

    ticks = Ticks()
    ticks.every(0.01, tick, "slow")
    ticks.start()
    await asyncio.wait_for(thrice.wait(), DEADLINE)
    await ticks.stop()
    assert most == 1


async def test_stopping_waits_for_what_runs_and_begins_nothing_more() -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), 0

    async def tick() -> None:
        nonlocal ended
        begun.set()
        await go_on.wait()
        ended += 1

    ticks = Ticks()
    ticks.every(0.01, tick, "working")
    ticks.start()
    await begun.wait()
    stopping = asyncio.ensure_future(ticks.stop())
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    await stopping
    assert ended == 1


async def test_what_does_not_end_in_time_is_cancelled() -> None:
    begun, cancelled = asyncio.Event(), False

    async def tick() -> None:
        nonlocal cancelled
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    ticks = Ticks()
    ticks.every(0.01, tick, "stuck")
    ticks.start()
    await begun.wait()
    await ticks.stop(within=0.01)
    assert cancelled
