"""When a call to Slack passes, by what its refusals taught."""

import asyncio
from collections import deque
from collections.abc import Awaitable

import pytest

from adapters.slack.pacing import AT_LEISURE, FORGOTTEN, USUAL, WINDOW, Method, Pacing
from tests.virtual import VirtualLoop


@pytest.mark.parametrize(
    ("known", "now", "seconds"),
    [
        (Method(), 100.0, 0.0),
        (Method(calls=deque([70.0, 80.0, 90.0])), 100.0, 0.0),  # nobody knows of a limit
        (Method(calls=deque([90.0]), most=1), 100.0, WINDOW - 10),
        (Method(calls=deque([30.0]), most=1), 100.0, 0.0),
        (Method(calls=deque([90.0]), most=2), 100.0, 0.0),
        (Method(calls=deque([70.0, 90.0]), most=2), 100.0, WINDOW - 30),
        (Method(closed=120.0), 100.0, 20.0),
        (Method(calls=deque([90.0]), most=1, closed=190.0), 100.0, 90.0),
        (Method(calls=deque([FORGOTTEN + 90]), most=1), FORGOTTEN + 100, 0.0),  # it is tried again
    ],
)
def test_how_long_a_call_waits(known: Method, now: float, seconds: float) -> None:
    assert known.wait(now) == seconds


@pytest.mark.parametrize(
    ("known", "seconds"),
    [
        (Method(), 0.0),
        (Method(leisurely=deque([60.0] * (USUAL // AT_LEISURE - 1))), 0.0),
        (Method(leisurely=deque([60.0] * (USUAL // AT_LEISURE))), WINDOW - 40),
        (Method(leisurely=deque([30.0] * (USUAL // AT_LEISURE))), 0.0),
        (Method(leisurely=deque([90.0]), most=1), AT_LEISURE * WINDOW - 10),  # a fifth of one call a minute
        (Method(leisurely=deque([90.0]), most=3), AT_LEISURE * WINDOW / 3 - 10),
    ],
)
def test_how_long_a_call_waits_that_can_wait(known: Method, seconds: float) -> None:
    assert known.leisure(100.0) == seconds


def test_calls_that_can_wait_leave_four_fifths_of_a_minute_to_others() -> None:
    async def work() -> None:
        pacing, loop, times = Pacing(), asyncio.get_running_loop(), list[float]()

        async def call() -> None:
            await pacing.leisure("conversations.history")
            await pacing.turn("conversations.history")
            times.append(loop.time())

        few = USUAL // AT_LEISURE
        await asyncio.gather(*(call() for _ in range(3 * few)))
        assert times == [0.0] * few + [WINDOW] * few + [2 * WINDOW] * few

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())


async def passes(pacing: Pacing, *times: float) -> list[float]:
    """When calls pass that are made at some times; Slack takes them all."""
    loop, found = asyncio.get_running_loop(), list[float]()
    for at in times:
        await asyncio.sleep(at - loop.time())
        await pacing.turn("conversations.history")
        found.append(loop.time())
        pacing.taken("conversations.history")
    return found


@pytest.mark.parametrize(
    ("before", "after", "then"),
    [
        ([0.0], 50.0, [60.0, 120.0, 180.0]),  # one a minute
        ([0.0, 1.0, 2.0], 5.0, [15.0, 16.0, 17.0]),  # more passed: it refuses for another reason
        ([0.0], 300.0, [310.0, 310.0, 310.0]),  # no count of a minute makes us wait so long
        ([0.1 * n for n in range(21)], 50.0, [60.0, 60.1, 60.2]),  # twenty-one a minute
    ],
)
def test_what_a_refusal_after_ten_seconds_teaches(before: list[float], after: float, then: list[float]) -> None:
    async def work() -> None:
        pacing = Pacing()
        await passes(pacing, *before)
        await asyncio.sleep(10 - before[-1])
        await pacing.turn("conversations.history")
        pacing.refused("conversations.history", after)
        assert await passes(pacing, 15.0, 16.0, 17.0) == pytest.approx(then)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())


def test_who_cannot_wait_goes_before_all_that_stand_in_line() -> None:
    """Where one call a minute passes, whose turn it is matters by the minute."""

    async def work() -> None:
        pacing, loop, told = Pacing(), asyncio.get_running_loop(), list[tuple[str, float]]()
        await pacing.turn("conversations.history")
        pacing.refused("conversations.history", WINDOW)

        async def call(name: str, passes: Awaitable[None]) -> None:
            await passes
            told.append((name, loop.time()))

        lined = [call(name, pacing.turn("conversations.history")) for name in ("first", "second")]
        await asyncio.gather(*lined, call("ahead", pacing.ahead("conversations.history", after=70.0)))
        assert told == [("ahead", 70.0), ("first", 70.0 + WINDOW), ("second", 70.0 + 2 * WINDOW)]

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())
