"""Folkmoot in a process of its own, seen from the test that lets it die (`tests.doomed` is what it does).

The processes are forked from one that has everything loaded: beginning one costs a fraction of a second.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess

from bot.clock import SystemClock
from tests import doomed, racers
from tests.doomed import Plan

ENDED = 40.0  # seconds within which a process has to end


CONTEXT = multiprocessing.get_context("forkserver")


def forked(work: Callable[..., None], *args: object) -> ForkServerProcess:
    """A process that does some work; beginning it costs a fraction of a second, as everything is loaded already."""
    CONTEXT.set_forkserver_preload([doomed.__name__, racers.__name__])
    made = CONTEXT.Process(target=work, args=args, daemon=True)
    made.start()
    return made


def ended(process: ForkServerProcess) -> int:
    """Wait for its end; its exit code."""
    process.join(ENDED)
    assert process.exitcode is not None
    return process.exitcode


class Ahead:
    """The time of this machine and so much more; it is that in the processes that live by it at the same moment."""

    def __init__(self) -> None:
        self.seconds = CONTEXT.RawValue("d", 0.0)

    @property
    def by(self) -> timedelta:
        return timedelta(seconds=self.seconds.value)

    @by.setter
    def by(self, ahead: timedelta) -> None:
        self.seconds.value = ahead.total_seconds()

    def now(self) -> datetime:
        return SystemClock().now() + self.by


class Process:
    """One Folkmoot. `returncode` is negative for a signal, None while it lives."""

    def __init__(self, settings: Mapping[str, str], clock: Ahead) -> None:
        self._orders, theirs = CONTEXT.Pipe()
        self._made = forked(doomed.lives, dict(settings), clock.seconds, theirs)
        theirs.close()
        assert self._made.pid is not None
        self.pid = self._made.pid
        self._ended = asyncio.Event()
        self._said: list[str] = []
        self._news = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._made.sentinel, self._see)
        loop.add_reader(self._orders.fileno(), self._hear)

    def _see(self) -> None:
        asyncio.get_running_loop().remove_reader(self._made.sentinel)
        self._made.join()
        with suppress(EOFError, OSError):
            while self._orders.poll():  # its last words
                self._said.append(str(self._orders.recv()))
        self._ended.set()
        self._news.set()

    def _hear(self) -> None:
        try:
            self._said.append(str(self._orders.recv()))
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._orders.fileno())
        self._news.set()

    @property
    def returncode(self) -> int | None:
        return self._made.exitcode if self._ended.is_set() else None

    async def wait(self) -> int:
        """Wait for its end."""
        await self._ended.wait()
        assert self._made.exitcode is not None
        return self._made.exitcode

    def tell(self, sign: signal.Signals) -> None:
        """Send it a signal; a process that has just died ignores it."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def kill(self) -> None:
        """Kill it at once."""
        self.tell(signal.SIGKILL)

    async def arm(self, plan: Plan) -> None:
        """Let something happen to it when it comes to a place; it may be there before it can say that it will."""
        self._orders.send(plan)
        assert await self.says(doomed.ARMED) or self.returncode == -signal.SIGKILL

    async def says(self, word: str) -> bool:
        """Wait until it says this; False if it dies before."""
        async with asyncio.timeout(ENDED):
            while word not in self._said:
                if self.returncode is not None:
                    return False
                self._news.clear()
                await self._news.wait()
        self._said.remove(word)
        return True

    async def end(self) -> None:
        """Tell it to stop, and wait until it has."""
        self.tell(signal.SIGCONT)
        self.tell(signal.SIGTERM)
        try:
            async with asyncio.timeout(ENDED):
                await self.wait()
        except TimeoutError:  # it must not run for ever
            self.kill()
            raise
        finally:
            asyncio.get_running_loop().remove_reader(self._orders.fileno())
            self._orders.close()


@asynccontextmanager
async def process(settings: Mapping[str, str], clock: Ahead) -> AsyncIterator[Process]:
    """Folkmoot at the time of a clock, alive until it is killed, or told to stop at the end."""
    made = Process(settings, clock)
    try:
        yield made
    finally:
        await made.end()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
