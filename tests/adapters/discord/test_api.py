"""Calls to Discord wait for their turn."""

import asyncio
from typing import Any

from typing_extensions import override

from adapters.discord.api import A_SECOND, AT_LEISURE, Api
from tests.makers import SetClock
from tests.virtual import VirtualLoop

HISTORY = "/channels/{channel_id}/messages"


class Asked:
    """Discord's end of the wire: it answers at once, and keeps when it was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def request(self, _route: object, **_more: object) -> list[Any]:
        self.times.append(asyncio.get_running_loop().time())
        return []


class Far(Asked):
    """It hears of the calls of the first half second when that is over."""

    @override
    async def request(self, _route: object, **_more: object) -> list[Any]:
        await asyncio.sleep(max(0.5 - asyncio.get_running_loop().time(), 0.0))
        return await super().request(_route)


def test_calls_that_arrive_late_are_not_too_many_together_with_the_next() -> None:
    async def work() -> None:
        asked: Any = Far()
        api = Api(SetClock())
        api.use(asked)
        await asyncio.gather(*(api.call("GET", HISTORY, channel_id="1") for _ in range(2 * A_SECOND)))
        assert asked.times == [0.5] * A_SECOND + [1.5] * A_SECOND

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())


class Silent(Asked):
    """It never answers."""

    @override
    async def request(self, _route: object, **_more: object) -> list[Any]:
        await super().request(_route)
        await asyncio.Event().wait()
        return []


def test_calls_without_an_answer_keep_the_next_waiting_for_two_seconds() -> None:
    async def work() -> None:
        asked: Any = Silent()
        api = Api(SetClock())
        api.use(asked)
        calls = [asyncio.create_task(api.call("GET", HISTORY, channel_id="1")) for _ in range(A_SECOND + 1)]
        await asyncio.sleep(3.0)
        assert asked.times == [0.0] * A_SECOND + [2.0]
        for call in calls:
            call.cancel()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())


def test_calls_that_can_wait_leave_four_fifths_of_a_second_to_others() -> None:
    async def work() -> None:
        asked: Any = Asked()
        api = Api(SetClock())
        api.use(asked)
        few = A_SECOND // AT_LEISURE
        waiting = [asyncio.create_task(api.at_leisure("GET", HISTORY, channel_id="1")) for _ in range(3 * few)]
        await asyncio.sleep(0.5)
        assert asked.times == [0.0] * few
        await asyncio.gather(*(api.call("GET", HISTORY, channel_id="1") for _ in range(A_SECOND - few)))
        assert asked.times[few:] == [0.5] * (A_SECOND - few)
        await asyncio.gather(*waiting)
        assert asked.times[A_SECOND:] == [1.0] * few + [2.0] * few

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())
