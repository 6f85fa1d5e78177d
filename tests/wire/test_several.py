"""Three real processes on PostgreSQL that die, stand still and lose their connections while people talk."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest

from tests.dying import Process
from tests.servers.discord.messages import Message
from tests.servers.discord.threads import Thread
from tests.servers.faults import RateLimit, Refuse
from tests.wire.test_kills import Doomed, a_doomed

PROCESSES = 3
MINUTES = 90  # that may pass until all is well again
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'spectator'"
)
CALLS = ("POST /channels/*/messages", "PATCH /channels/*/messages/*", "GET /channels/*/messages")


@dataclass(frozen=True)
class Size:
    """How long it goes on, and how bad it is; all in seconds."""

    lasts: float
    still: float  # how long a process stands still
    calm: float  # at most this long between two troubles
    talk: float  # between two things that people do
    digests: float  # between two digests


@dataclass
class Band:
    """The processes that are kept alive, and what became of them."""

    doomed: Doomed
    chance: random.Random
    alive: dict[int, Process] = field(default_factory=dict)
    killed: set[int] = field(default_factory=set)
    ended: list[int | None] = field(default_factory=list)  # the exit codes of those that nobody killed
    troubles: list[str] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)

    async def keep(self, n: int) -> None:
        """Start a process again whenever it ends."""
        while True:
            async with self.doomed.process() as process:
                self.alive[n] = process
                try:
                    code = await process.wait()
                    if process.pid not in self.killed:
                        self.ended.append(code)
                finally:
                    del self.alive[n]

    async def trouble(self, size: Size) -> None:
        """One thing after the other goes wrong."""
        kinds: Sequence[Callable[[Size], Coroutine[Any, Any, None]]] = (self.kill, self.stop, self.cut, self.storm)
        for n in count():
            await asyncio.sleep(self.chance.uniform(0.3, 1.0) * size.calm)
            what = kinds[n] if n < len(kinds) else self.chance.choice(kinds)
            self.troubles.append(what.__name__)
            await what(size)

    async def kill(self, _size: Size) -> None:
        """A process dies at once."""
        if self.alive:
            process = self.chance.choice(list(self.alive.values()))
            self.killed.add(process.pid)
            with suppress(ProcessLookupError):
                process.kill()

    async def stop(self, size: Size) -> None:
        """A process stands still, whatever it was doing."""
        if not self.alive:
            return
        process = self.chance.choice(list(self.alive.values()))
        with suppress(ProcessLookupError):  # it has just died
            os.kill(process.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(size.still)
        finally:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)

    async def cut(self, _size: Size) -> None:
        """Every connection to the database ends, and the one to Discord is lost for good now and then."""
        connection = await psycopg.AsyncConnection.connect(self.doomed.url, autocommit=True)
        async with connection:
            await connection.execute(CUT)
        if self.chance.random() < 0.5:
            self.doomed.server.faults.on("RESUME", Refuse(), times=PROCESSES)
        self.doomed.server.gateway.close(4000)

    async def storm(self, _size: Size) -> None:
        """Discord asks everybody to wait, again and again."""
        for call in CALLS:
            scope = self.chance.choice(["user", "global", "shared"])
            self.doomed.server.faults.on(call, RateLimit(0.3, scope), times=self.chance.randint(5, 25))

    async def talk(self, size: Size) -> None:
        """People say things, and take some of them back."""
        for n in count():
            self.something(n)
            await asyncio.sleep(size.talk * self.chance.uniform(0.5, 1.5))

    def something(self, n: int) -> None:
        """Do what somebody does."""
        who, kind = self.chance.choice(self.doomed.people), self.chance.random()
        if not self.threads or kind < 0.04:
            self.threads.append(self.doomed.help.post(who, f"Question {n}: which tent?").thread(who, f"Tents {n}"))
        elif kind < 0.10:
            self.doomed.help.post(who, f"By the way, {n}.")
        elif not self.said or kind < 0.70:
            self.said.append(self.chance.choice(self.threads[-5:]).post(who, f"Reply {n}."))
        elif kind < 0.80:
            self.chance.choice(self.said[-20:]).edit(f"Edited {n}.")
        elif kind < 0.85:
            self.said.pop(self.chance.randrange(len(self.said))).delete()
        elif kind < 0.95:
            for person in self.doomed.people:
                self.said[-1].react(person)
        else:
            self.chance.choice(self.said[-20:]).unreact(who)

    async def meet(self, size: Size) -> None:
        """Digests come due."""
        for n in count():
            await self.doomed.due(n)
            await asyncio.sleep(size.digests)


@asynccontextmanager
async def a_band(url: str, seed: int) -> AsyncIterator[Band]:
    """Three processes, connected."""
    async with a_doomed(f"{url}{'&' if '?' in url else '?'}application_name=spectator") as doomed:
        doomed.url = url  # who only looks on keeps its connections
        band = Band(doomed, random.Random(seed))
        keeping = [asyncio.create_task(band.keep(n)) for n in range(PROCESSES)]
        try:
            await doomed.server.log.until(lambda: len(doomed.server.gateway.connected) == PROCESSES, within=60)
            yield band
        finally:
            for task in keeping:
                task.cancel()
            for error in await asyncio.gather(*keeping, return_exceptions=True):
                assert isinstance(error, asyncio.CancelledError), error


async def lived(band: Band, size: Size) -> None:
    """Let things go wrong for a while, and see that all is well in the end."""
    works = [asyncio.create_task(work) for work in (band.talk(size), band.meet(size), band.trouble(size))]
    done, _ = await asyncio.wait(works, timeout=size.lasts, return_when=asyncio.FIRST_EXCEPTION)
    for task in works:
        task.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    for task in done:
        task.result()
    await band.doomed.well(MINUTES)
    assert band.ended == []


@pytest.mark.timeout(240)  # three processes start on whatever cores there are
@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(lasts=6, still=1, calm=1.5, talk=0.1, digests=2), marks=pytest.mark.soak),
        pytest.param(
            Size(lasts=1200, still=30, calm=10, talk=0.3, digests=20),
            marks=[pytest.mark.soak, pytest.mark.timeout(4800)],
        ),
    ],
    ids=["seconds", "20 minutes"],
)
async def test_three_processes_in_trouble_lose_and_repeat_nothing(postgresql_url: str, size: Size) -> None:
    async with a_band(postgresql_url, seed=5) as band:
        await lived(band, size)
    assert set(band.troubles) == {"kill", "stop", "cut", "storm"}
