"""A million messages: words that go in parts, backups under load, pages by index. Long runs only."""

import asyncio
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Connection, event

from adapters.web import WebAdapter
from bot.models import Channel, Message, MessageRef, MessageSeen, Platform, Space, Thread
from bot.urls import Urls
from storage import SqlStore, open_store
from storage.tables import metadata
from tests.benchmarks.full import RARE, WORDS, build_full
from tests.conftest import database_in
from tests.makers import SetClock, an_author
from tests.storage.freezing import PROGRAMS
from tests.storage.statements import noted, plan

pytestmark = [pytest.mark.soak, pytest.mark.timeout(4800)]

WALKERS = Space(Platform.SLACK, "T1")
AFTER = datetime(2026, 7, 25, tzinfo=UTC)  # when all that is in the full database has been said
LOCKED = 0.050  # seconds that one part may hold the database
PAUSE = 1 / 50  # seconds between two events
GB = 10**9
TICKS = 3  # of retention
SMALL = {"s", "c", "k", "l", "space", "channel", "space_link", "schedule", "CONSTANT", "(subquery"}  # of a few rows
WHOLE = ("JOIN community m", "SELECT sum(CASE")  # all places, for the cache; all discussions, for how many a tab has


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A million messages in twenty thousand discussions."""
    path = tmp_path_factory.mktemp("full") / "full.db"
    build_full(path)
    return path


@pytest.fixture
async def full(million: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A copy of them, to be written."""
    store = open_store(f"sqlite:///{shutil.copy(million, tmp_path / 'full.db')}")
    yield store
    await store.close()


def at(times: Sequence[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


@dataclass
class Talk:
    """What people say at a steady pace, and how long each message took to be durable."""

    store: SqlStore
    said: int = 0
    took: list[float] = field(default_factory=list)

    async def go_on(self, messages: int) -> None:
        """Say so much, fifty a second, wherever the store is with what was said before."""
        loop, saying = asyncio.get_running_loop(), []
        begun = loop.time()
        for n in range(messages):
            await asyncio.sleep(max(0.0, begun + n * PAUSE - loop.time()))
            saying.append(asyncio.create_task(self._say()))
        await asyncio.gather(*saying)

    async def _say(self) -> None:
        self.said += 1
        sent = AFTER + self.said * timedelta(milliseconds=20)
        channel = Channel(WALKERS, f"C{1 + self.said % 20}")
        root = f"{int(AFTER.timestamp()) - 1 - self.said % 50}.000001"
        ref = MessageRef(channel, f"{sent.timestamp():.6f}")
        author = an_author(f"U{1 + self.said % 500}", space=WALKERS)
        text = "We pitched the tent by the river."
        begun = time.perf_counter()
        message = Message(ref=ref, thread=Thread(channel, root), author=author, text=text, sent_at=sent)
        await self.store.ledger.record([MessageSeen(message=message)])
        self.took.append(time.perf_counter() - begun)


class Locks:
    """How long each transaction held the database: processor time of the writer's thread, and by the clock."""

    def __init__(self, store: SqlStore) -> None:
        self.busy: list[float] = []
        self.wall: list[float] = []
        self._begun = (0.0, 0.0)
        engine = store.database._writing
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "commit", self._end)

    def _begin(self, _: Connection) -> None:
        self._begun = (time.thread_time(), time.perf_counter())

    def _end(self, _: Connection) -> None:
        self.busy.append(time.thread_time() - self._begun[0])
        self.wall.append(time.perf_counter() - self._begun[1])

    def told(self, what: str) -> str:
        most = ", ".join(f"{1000 * at(each, p):.1f}" for each in (self.busy, self.wall) for p in (0.5, 0.99, 1.0))
        return f"{what}: {len(self.busy)} transactions, ms p50, p99, longest: processor and clock {most}"


async def test_words_go_in_parts_that_hold_nobody_up(full: SqlStore) -> None:
    talk = Talk(full)
    await full.places.set_space(WALKERS, retention_days=30)
    await talk.go_on(500)
    without, talk.took = talk.took, []

    async def forgetting() -> None:
        for _ in range(TICKS):
            for _ in range(20):
                assert await full.keeping.forget(AFTER)
            for _ in range(20):
                await full.ledger.index_text()

    locks, begun = Locks(full), time.perf_counter()
    work = asyncio.create_task(forgetting())
    while not work.done():
        await talk.go_on(50)
    await work
    print(locks.told("retention beside 50 events a second"), f"in {time.perf_counter() - begun:.0f} s")
    p99 = [1000 * at(each, 0.99) for each in (without, talk.took)]
    print(f"durable after ms, p99: {p99[0]:.1f} without, {p99[1]:.1f} beside ({len(talk.took)} events)")
    assert at(locks.busy, 0.99) <= LOCKED
    assert p99[1] <= 3 * p99[0] + 1000 * LOCKED
    gone = await full.database.read(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM message WHERE text IS NULL").scalar()
    )
    assert gone == TICKS * 20 * 500
    assert (await full.ledger.audit()).drift == 0


async def test_a_backup_under_load_opens_and_counts_right(full: SqlStore, tmp_path: Path) -> None:
    talk, copy = Talk(full), tmp_path / "copy.db"
    await talk.go_on(50)
    before = talk.said
    begun = time.perf_counter()
    work = asyncio.create_task(full.backup(copy))
    while not work.done():
        await talk.go_on(10)
    await work
    took, size = time.perf_counter() - begun, copy.stat().st_size
    begun = time.perf_counter()
    restored = open_store(f"sqlite:///{copy}")
    opened = time.perf_counter() - begun
    audit, now = await restored.ledger.audit(), await full.ledger.audit()
    await restored.close()
    print(f"{size / GB:.2f} GB: backup {took:.1f} s beside {talk.said - before} events, opened in {opened:.2f} s")
    assert audit.drift == 0
    assert now.messages - talk.said + before <= audit.messages <= now.messages
    assert opened <= 60 * size / GB


@pytest.fixture
def loaded(million: Path, postgresql_url: str) -> str:
    """The million on PostgreSQL."""
    with closing(sqlite3.connect(million)) as source, psycopg.connect(postgresql_url) as target:
        for table in metadata.sorted_tables:
            kinds = [column.type.python_type for column in table.columns]
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with target.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in source.execute(f'SELECT {names} FROM "{table.name}"'):
                    copy.write_row(
                        [
                            bool(value) if kind is bool and value is not None else value
                            for kind, value in zip(kinds, row, strict=True)
                        ]
                    )
        target.execute("UPDATE setting SET value = '0' WHERE name = 'search'")
    return postgresql_url


def sized(url: str) -> int:
    """Bytes of a database."""
    with psycopg.connect(url) as connection:
        [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or [0]
        return int(size)


async def test_a_backup_of_postgresql_is_read_back_in_time(loaded: str, postgresql: str, tmp_path: Path) -> None:
    store, copy = open_store(loaded), tmp_path / "copy.dump"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(PROGRAMS), prepend=":")
        begun = time.perf_counter()
        await store.backup(copy)
        took = time.perf_counter() - begun
    size, target = sized(loaded), database_in(postgresql, "read_back")
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE read_back")
    begun = time.perf_counter()
    restore = [str(PROGRAMS / "pg_restore"), "--no-owner", f"--dbname={target}", str(copy)]
    await asyncio.to_thread(lambda: subprocess.run(restore, check=True))
    read_back = time.perf_counter() - begun
    print(f"{size / GB:.2f} GB: backup {took:.1f} s, read back in {read_back:.1f} s")
    restored = open_store(target)
    audit, now = await restored.ledger.audit(), await store.ledger.audit()
    await restored.close()
    await store.close()
    assert audit == now
    assert audit.drift == 0
    assert read_back <= 60 * size / GB


PAGES = (
    "/",
    "/?tab=waiting",
    "/?tab=in_progress",
    "/highlights",
    "/d/{n}",
    "/search?q={word}",
    "/feed.atom",
    "/digests",
)


async def test_pages_of_a_full_database_come_at_once(million: Path, tmp_path: Path) -> None:
    await pages(Path(shutil.copy(million, tmp_path / "full.db")))


@pytest.fixture
def ten_million(tmp_path: Path) -> Iterator[Path]:
    """Ten million messages in two hundred thousand discussions; needs eight gigabytes of disk."""
    path, begun = tmp_path / "ten.db", time.perf_counter()
    build_full(path, 10_000_000, 200_000)
    print(f"{path.stat().st_size / GB:.1f} GB, made in {time.perf_counter() - begun:.0f} s")
    yield path
    for each in tmp_path.glob("ten.db*"):
        each.unlink()


async def test_pages_of_ten_million_messages_come_at_once(ten_million: Path) -> None:
    await pages(ten_million)


async def pages(path: Path) -> None:
    """Ask for every kind of page a hundred times, and say how long it took; each is found by indexes."""
    store, clock = open_store(f"sqlite:///{path}"), SetClock(AFTER)
    web = WebAdapter(
        store=store, clock=clock, host="127.0.0.1", port=0, urls=Urls(""), room_open=False, moderator_code="code"
    )
    async with TestClient(TestServer(web.app)) as client:
        for pattern in PAGES:
            took = []
            with noted() as asked:
                for n in range(100):
                    word = RARE if n % 2 else WORDS[n % len(WORDS)]
                    begun, busy = time.perf_counter(), time.process_time()
                    async with client.get(pattern.format(n=1 + 197 * n, word=word)) as response:
                        await response.read()
                        assert response.status == 200, pattern
                    took.append((time.perf_counter() - begun, time.process_time() - busy))
            p95 = [1000 * at([each[side] for each in took], 0.95) for side in (0, 1)]
            print(f"{pattern}: p95 {p95[0]:.0f} ms, {p95[1]:.0f} ms of processor time")
            scans = await scanned(store, asked)
            assert scans <= SMALL, pattern
            assert p95[1] <= 150, pattern
    await store.close()


async def scanned(store: SqlStore, asked: Sequence[str]) -> set[str]:
    """What is looked through from one end to the other."""
    once = [each for each in dict.fromkeys(asked) if not any(words in each for words in WHOLE)]
    steps = [step for each in once for step in await plan(store, each)]
    return {step.split()[1] for step in steps if step.startswith("SCAN") and " INDEX" not in step}
