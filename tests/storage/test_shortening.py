"""SQLite's log: it stays short while readers overlap, and begins anew after one who read for long."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import open_store, shortening
from storage.database import Database, path_of
from storage.sql import number, run
from tests.benchmarks.full import build_full
from tests.makers import a_discussion

KIB = 1024
ROW = "x" * 4 * KIB


def grow(connection: Connection) -> None:
    run(connection, "INSERT INTO setting (name, value) SELECT 'kept ' || count(*), ? FROM setting", (ROW,))


def length(database: Database) -> int:
    """Bytes of the log."""
    return Path(database.url.removeprefix("sqlite:///") + "-wal").stat().st_size


@asynccontextmanager
async def overlapping(database: Database, seconds: float, readers: int = 3) -> AsyncIterator[None]:
    """Readers who each look for so long, one after the other, so that there is always one."""
    done = threading.Event()

    def look(connection: Connection) -> None:
        number(connection, "SELECT count(*) FROM setting")
        done.wait(seconds)

    async def again() -> None:
        while not done.is_set():
            await database.read(look)

    reading = [asyncio.create_task(again()) for _ in range(readers)]
    try:
        yield
    finally:
        done.set()
        await asyncio.gather(*reading)


@pytest.mark.soak  # on a busy machine readers overlap for longer than the writer may wait
@pytest.mark.parametrize("writes", [150, 5000])
async def test_the_log_stays_short_while_readers_overlap(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr(shortening, "LONG", 256 * KIB)
    monkeypatch.setattr(shortening, "PATIENCE", 10.0)  # a busy machine must not decide
    monkeypatch.setattr(shortening, "LOOK", 5)
    store, longest = open_store(sqlite_url), 0
    async with overlapping(store.database, 0.01):
        for _ in range(writes):
            await store.database.write(grow)
            longest = max(longest, length(store.database))
    assert longest < 1280 * KIB, "it would be some 2 MiB"
    await store.close()


@pytest.mark.soak  # likewise
async def test_who_reads_for_long_is_told_of_and_after_that_the_log_begins_anew(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shortening, "LONG", 64 * KIB)
    monkeypatch.setattr(shortening, "TOO_LONG", 256 * KIB)
    monkeypatch.setattr(shortening, "PATIENCE", 0.05)
    monkeypatch.setattr(shortening, "LOOK", 5)
    store = open_store(sqlite_url)
    async with overlapping(store.database, 60.0, readers=1):
        await store.ledger.record(a_discussion(1))
        for _ in range(100):
            await store.database.write(grow)
        assert length(store.database) > 256 * KIB
    monkeypatch.setattr(shortening, "PATIENCE", 10.0)
    for _ in range(50):
        await store.database.write(grow)
    assert length(store.database) < 256 * KIB
    await store.close()
    assert "somebody reads the database for very long" in capsys.readouterr().out


def test_a_log_that_began_anew_by_itself_is_watched_from_its_new_length(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LONG": 256 * KIB, "PATIENCE": 0.0, "LOOK": 1}.items():
        monkeypatch.setattr(shortening, name, value)
    path = path_of(sqlite_url)
    watched = shortening.Shortening(path)
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        writer.execute(f"PRAGMA journal_size_limit={shortening.LONG}")

        def grow(rows: int) -> None:
            with writer:
                count = writer.execute("SELECT count(*) FROM setting").fetchone()[0]
                writer.executemany("INSERT INTO setting VALUES (?, ?)", [(f"{count + n}", ROW) for n in range(rows)])

        with reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM setting").fetchone()
            grow(1500)  # more than what SQLite brings into the database by itself
            assert watched.due()
            watched.shorten()
            assert not watched.due(), "it was in vain"
        grow(1)
        grow(1)
        assert not watched.due(), "SQLite began it anew"
        grow(200)
        assert watched.due()


@pytest.mark.soak
@pytest.mark.timeout(3000)
async def test_half_a_minute_of_reading_a_million_messages_costs_no_more_than_it_may(tmp_path: Path) -> None:
    """At 50 events a second, each with a commit of its own."""
    build_full(tmp_path / "full.db")
    store = open_store(f"sqlite:///{tmp_path}/full.db")
    async with overlapping(store.database, 600.0, readers=1):
        for event in a_discussion(1500):
            await store.ledger.record([event])
        longest = length(store.database)
    for event in a_discussion(200, start=5000):
        await store.ledger.record([event])
    print(f"{longest / KIB / KIB:.0f} MiB while somebody read, {length(store.database) / KIB / KIB:.0f} MiB after")
    assert longest <= shortening.TOO_LONG
    assert length(store.database) <= shortening.LONG + 4 * KIB * KIB
    await store.close()
