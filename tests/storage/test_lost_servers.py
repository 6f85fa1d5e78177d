"""A PostgreSQL that goes away under us: it crashes, it cuts who is idle, it has no room for one more connection."""

import asyncio
import os
import signal
from contextlib import ExitStack, closing
from itertools import count

import psycopg
import pytest

from bot.errors import ConfigError, StoreFailed
from storage import SqlStore, open_store
from storage.database import make_engine
from storage.sql import rows
from tests.makers import a_discussion, a_message, seen

SPEAKERS = 4  # who write at the same time
AFTER = 20  # messages that are stored before the next crash
OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


class Talk:
    """People who talk all the while; what was acknowledged, and how often a write failed."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.kept: list[str] = []
        self.failed = 0
        self._news = asyncio.Event()

    async def speak(self, who: int) -> None:
        """Say one thing after the other; what failed is said again, as a platform's stream does."""
        for n in count():
            said = seen(a_message(1 + n / 100 + who / 1000, f"{who}.{n}", thread=0, author=f"Speaker {who}"))
            while not await self._told(said):
                await self.store.database.committed(self.store.database.commits, 0.05)
            self.kept.append(said.message.ref.id)
            self._news.set()

    async def _told(self, said: object) -> bool:
        try:
            await self.store.ledger.record([said])  # type: ignore[list-item]  # a message that was seen
        except StoreFailed:
            self.failed += 1
            return False
        return True

    async def goes_on(self, more: int) -> None:
        """Wait until so much more was acknowledged."""
        wanted = len(self.kept) + more
        async with asyncio.timeout(60):
            while len(self.kept) < wanted:
                self._news.clear()
                await self._news.wait()


def crash(url: str) -> None:
    """Kill one of the server's processes as hard as can be: it ends all others, and recovers from its log."""
    with psycopg.connect(url, autocommit=True) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)


def crowded(crowd: ExitStack, url: str) -> None:
    """Connect until nobody can any more."""
    while True:
        crowd.enter_context(psycopg.connect(url))


@pytest.mark.parametrize(
    "times", [2, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(600)])], ids=["2", "20"]
)
async def test_a_server_that_crashes_keeps_all_that_was_acknowledged(store: SqlStore, times: int) -> None:
    await store.ledger.record(a_discussion(1))
    talk = Talk(store)
    speaking = [asyncio.create_task(talk.speak(who)) for who in range(SPEAKERS)]
    for _ in range(times):
        await talk.goes_on(AFTER)
        await asyncio.to_thread(crash, store.database.url)
    await talk.goes_on(AFTER)
    for task in speaking:
        task.cancel()
    await asyncio.gather(*speaking, return_exceptions=True)
    stored = {row[0] for row in await store.database.read(lambda c: rows(c, "SELECT mid FROM message"))}
    assert talk.failed >= times
    assert set(talk.kept) <= stored
    assert (await store.ledger.audit()).drift == 0


async def test_who_was_cut_while_idle_connects_again_and_nobody_notices(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await asyncio.gather(*(store.ledger.audit() for _ in range(8)))
    with psycopg.connect(store.database.url, autocommit=True) as other:
        assert len(other.execute(OTHERS).fetchall()) >= 2
    await store.ledger.record([seen(a_message(2, "And then?", thread=0, author="Bo"))])
    assert [it.messages for it in await asyncio.gather(*(store.ledger.audit() for _ in range(8)))] == [3] * 8


async def test_a_server_without_room_is_said_so_and_asked_again(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    with psycopg.connect(store.database.url, autocommit=True) as other, ExitStack() as crowd:
        other.execute(OTHERS)
        with pytest.raises(psycopg.OperationalError, match="too many"):
            crowded(crowd, store.database.url)
        with pytest.raises(StoreFailed, match=r"too many clients already.*\.$"):
            await store.ledger.audit()
        with pytest.raises(StoreFailed, match=r"too many clients already.*\.$"):
            await store.ledger.record(a_discussion(2))
        with pytest.raises(ConfigError, match=r"too many clients already.*\.$"):
            open_store(store.database.url)
    await store.ledger.record(a_discussion(2))
    assert (await store.ledger.audit()).messages == 3


def test_a_server_that_vanished_is_noticed_in_a_minute(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with closing(engine.raw_connection()) as connection:
        asked = connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # psycopg's
    engine.dispose()
    idle, interval, times = (int(asked[f"keepalives_{each}"]) for each in ("idle", "interval", "count"))
    assert idle + interval * times <= 60
    assert int(asked["tcp_user_timeout"]) <= 60_000
