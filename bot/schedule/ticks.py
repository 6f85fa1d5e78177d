"""Ticks: APScheduler calls a function every few seconds, and that is all we trust it with.

It drops jobs that are a second late, fires twice where clocks show a time twice, and cancels coroutines when it shuts
down. So it knows no times of day, its ticks may be late, and stopping waits for what is running.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.logs import went_wrong

log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[object]]


class _Scheduler(Protocol):
    """What we use of APScheduler, which ships no types."""

    def add_job(self, func: Callable[[], Awaitable[None]], trigger: str, **options: Any) -> object: ...  # noqa: ANN401 - its own options

    def start(self) -> None: ...

    def pause(self) -> None: ...

    def shutdown(self, wait: bool = True) -> None: ...


class Ticks:
    """Calls functions again and again, each every so many seconds and never twice at once.

    A function that raises is logged and called again next time.
    """

    def __init__(self) -> None:
        self._scheduler = cast(
            "_Scheduler",
            AsyncIOScheduler(
                timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
            ),
        )
        self._running: set[asyncio.Task[Any]] = set()

    def every(self, seconds: float, tick: Tick, name: str) -> None:
        """Call `tick` every so many seconds, first after that time."""

        async def run() -> None:
            await self._run(tick, name)

        self._scheduler.add_job(run, "interval", seconds=seconds, id=name, name=name)

    async def _run(self, tick: Tick, name: str) -> None:
        task = asyncio.ensure_future(_guarded(tick, name))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task

    def start(self) -> None:
        """Begin; called inside the running loop."""
        self._scheduler.start()

    async def rest(self, within: float) -> None:
        """Begin no more ticks and wait for those that run, at most `within` seconds."""
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(set(self._running), timeout=within)

    async def stop(self, within: float = 20.0) -> None:
        """Begin no more ticks and wait for those that run, at most `within` seconds; what still runs is cancelled."""
        await self.rest(within)
        left = set(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._scheduler.shutdown(wait=False)


async def _guarded(tick: Tick, name: str) -> None:
    try:
        await tick()
    except Exception as error:  # noqa: BLE001 - one bad tick must not end the ones after it
        went_wrong(log, "tick failed", error, tick=name)
