"""Events of deliveries that come at the same time go to the inbox together: one look at the places, one commit."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from bot.errors import StoreBusy, StoreFailed
from bot.models import Event
from bot.ports import Inbox

BOUND = 5_000  # deliveries that may wait: more than are stored in the three seconds that Slack gives
TOGETHER = 500  # deliveries stored in one go
QUIET = 4  # turns of the loop in which nothing came before a batch is closed: one is read over several of them

Waiting = tuple[Sequence[Event], asyncio.Future[None]]
log = structlog.get_logger(__name__)


class Gathering:
    """What waits while a batch is stored is the next batch, with what is here already and only has to be read.

    Nobody looks at a clock: a lone delivery waits for a few empty turns of the loop, less than a millisecond.
    """

    def __init__(self, inbox: Inbox, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._inbox = inbox
        self._spawn = spawn
        self._waiting: list[Waiting] = []
        self._working = False

    async def give(self, events: Sequence[Event]) -> None:
        """Returns when these events are durable. Raises what storing them did; StoreBusy at the bound."""
        if len(self._waiting) >= BOUND:
            raise StoreBusy("Slack tells more than can be stored at the moment.")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((events, future))
        if not self._working:
            self._working = True
            self._spawn(self._work())
        await future

    async def _work(self) -> None:
        """Store what waits until nothing does."""
        batch: list[Waiting] = []
        try:
            while self._waiting:
                await self._all_here()
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                await self._store(batch)
        finally:  # when we are told to stop, whoever still waits is told to come again
            left, self._waiting, self._working = [*batch, *self._waiting], [], False
            _answer(left, StoreBusy("Folkmoot is being stopped."))

    async def _all_here(self) -> None:
        """Wait until everything has been read that came in meanwhile: a batch of twice the size costs little more."""
        came, quiet = len(self._waiting), 0
        while quiet < QUIET and came < TOGETHER:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == came else 0
            came = len(self._waiting)

    async def _store(self, batch: Sequence[Waiting]) -> None:
        try:
            await self._inbox.on_events([event for events, _ in batch for event in events])
        except (StoreBusy, StoreFailed) as error:
            _answer(batch, error)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, and nobody of another's
            if len(batch) == 1:
                _answer(batch, error)
                return
            log.warning("events are stored one by one", error=repr(error)[:200])
            for each in batch:
                await self._store([each])
        else:
            _answer(batch)


def _answer(batch: Sequence[Waiting], error: Exception | None = None) -> None:
    for _, future in batch:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
