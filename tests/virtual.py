"""Virtual time: a loop whose clock jumps to what comes next whenever nothing but the clock is waited for."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from storage import SqlStore
from tests.makers import NOON, SetClock

Work = Callable[..., Coroutine[Any, Any, Any]]


HUNG = (
    0.1  # seconds of the real clock without any news, after which who was asked does not answer: it is in this process
)


class Virtual(selectors.DefaultSelector):
    """Waits for nobody but what is in hand elsewhere; else time jumps to what comes next."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.busy = 0  # works that a thread of the store has in hand
        self.asked = 0  # calls that wait for an answer over the wire

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.busy or timeout is None:
            return super().select(None)
        if self.asked and (found := super().select(HUNG)):
            return found
        self.now += max(timeout, 0.0)
        return super().select(0)

    def working(self, real: Work) -> Work:
        """The same work of the store, during which time stands."""

        @functools.wraps(real)
        async def call(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the work takes and gives
            self.busy += 1
            try:
                return await real(*args, **more)
            finally:
                self.busy -= 1

        return call

    def asking(self, real: Work) -> Work:
        """The same call over the wire; time stands until it is answered, or nothing happens any more."""

        @functools.wraps(real)
        async def call(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the call takes and gives
            self.asked += 1
            try:
                return await real(*args, **more)
            finally:
                self.asked -= 1

        return call


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is its selector's."""

    def __init__(self) -> None:
        self.virtual = Virtual()
        super().__init__(self.virtual)

    @override
    def time(self) -> float:
        return self.virtual.now


@dataclass
class LoopClock(SetClock):
    """Noon, and as many seconds later as the loop ran; it can be advanced beyond that."""

    at: datetime = field(default=NOON)

    @override
    def now(self) -> datetime:
        return self.at + timedelta(seconds=asyncio.get_running_loop().time())


def count_work(store: SqlStore, virtual: Virtual) -> None:
    """Let time stand while a thread works for us."""
    database: Any = store.database
    for name in ("read", "write", "record"):
        setattr(database, name, virtual.working(getattr(database, name)))
