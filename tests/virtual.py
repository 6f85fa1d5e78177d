"""Virtual time: a loop whose clock jumps to what comes next whenever nothing but the clock is waited for."""

import asyncio
import functools
import inspect
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from storage import SqlStore, open_store
from tests.makers import NOON, SetClock

Work = Callable[..., Coroutine[Any, Any, Any]]
Test = Callable[..., None]


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


def virtually(name: str, opened: Callable[[str], AbstractAsyncContextManager[Any]]) -> Callable[[Work], Test]:
    """Makes tests that are given what `opened` opens on a fresh database, under a name, in time that jumps."""

    def made(test: Work) -> Test:
        @functools.wraps(test)
        def run(database_url: str, **given: object) -> None:
            async def work() -> None:
                async with opened(database_url) as given_too:
                    await test(**{name: given_too}, **given)

            with asyncio.Runner(loop_factory=VirtualLoop) as runner:
                runner.run(work())

        rest = [each for key, each in inspect.signature(test).parameters.items() if key != name]
        first = inspect.Parameter("database_url", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        run.__signature__ = inspect.Signature([first, *rest])  # type: ignore[attr-defined]  # what pytest asks for
        return run

    return made


@asynccontextmanager
async def a_store(database_url: str) -> AsyncIterator[SqlStore]:
    """An open store, while whose threads work time stands."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    store = open_store(database_url)
    count_work(store, loop.virtual)
    try:
        yield store
    finally:
        await store.close()


in_virtual_time = virtually("store", a_store)


def count_work(store: SqlStore, virtual: Virtual) -> None:
    """Let time stand while a thread works for us."""
    database: Any = store.database
    for name in ("read", "write", "record"):
        setattr(database, name, virtual.working(getattr(database, name)))
