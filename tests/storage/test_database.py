"""The database as such: what is refused in one sentence, and what a crash cannot take."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.errors import ConfigError, FolkmootError, StoreFailed
from storage import SqlStore, database, migrate, open_store
from storage.database import Database
from storage.migrations.revisions import revisions
from storage.migrations.upgrading import config_for
from storage.sql import run
from storage.writer import WRITERS
from tests.makers import a_discussion, a_message, seen

WRITES_FOR_EVER = """
import asyncio, sys
from storage import open_store
from tests.makers import a_message, seen

async def main() -> None:
    store = open_store(sys.argv[1])
    for n in range(1, 100_000):
        await store.ledger.record([seen(a_message(n / 100, f"Message {n}", thread=0))])
        print(n, flush=True)

asyncio.run(main())
"""


def test_the_revisions_are_those_that_alembic_finds() -> None:
    found = [each.revision for each in ScriptDirectory.from_config(config_for()).walk_revisions()]
    assert list(revisions()) == found[::-1]


def test_a_start_with_nothing_to_change_loads_neither_alembic_nor_the_other_databases_driver(sqlite_url: str) -> None:
    opens = f"""
import asyncio, sys
from storage import open_store
asyncio.run(open_store({sqlite_url!r}).close())
print(*sorted({{"alembic", "psycopg"}} & sys.modules.keys()))
"""
    ended = subprocess.run([sys.executable, "-c", opens], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == ""


def test_a_newer_schema_is_refused_in_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/folkmoot.db"
    migrate(url)
    migrate(url)
    with sqlite3.connect(tmp_path / "folkmoot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigError, match=r"newer Folkmoot; .*\.$"):
        open_store(url)


def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "folkmoot.db").write_text("This is no database, it is a shopping list." * 100)
    with pytest.raises(ConfigError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/folkmoot.db")


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_an_unknown_or_unreachable_database_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ConfigError, match=r"\.$"):
        open_store(url)


async def test_a_failing_write_undoes_only_itself(store: SqlStore) -> None:
    def half(connection: Connection) -> None:
        run(connection, "INSERT INTO setting (name, value) VALUES ('half', '1')")
        raise FolkmootError("on purpose")

    def whole(connection: Connection) -> None:
        run(connection, "INSERT INTO setting (name, value) VALUES ('whole', '1')")

    failed, done = await asyncio.gather(store.database.write(half), store.database.write(whole), return_exceptions=True)
    assert isinstance(failed, FolkmootError)
    assert done is None
    kept = await store.database.read(
        lambda c: [row[0] for row in c.exec_driver_sql("SELECT name FROM setting ORDER BY name")]
    )
    assert kept == ["whole"]


async def test_many_who_write_at_once_are_all_heard(store: SqlStore) -> None:
    await asyncio.gather(*(store.ledger.record([event]) for event in a_discussion(200)))
    [row] = await store.ledger.audit_rows()
    assert row["count"] == 201
    assert (await store.ledger.audit()).drift == 0


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another process writes, and takes its time."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(url) as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({WRITERS})")
        yield


@pytest.mark.parametrize("seconds", [0.2, pytest.param(20.0, marks=pytest.mark.soak)])
async def test_what_comes_while_another_process_writes_waits_and_is_kept(store: SqlStore, seconds: float) -> None:
    with held(store.database.url):
        told = [asyncio.create_task(store.ledger.record([each])) for each in a_discussion(int(50 * seconds))]
        done, _ = await asyncio.wait(told, timeout=seconds)
        assert not done
        assert (await store.ledger.audit()).messages == 0, "reading goes on"
    await asyncio.gather(*told)
    assert (await store.ledger.audit()).counted == len(told)


async def test_a_database_that_fails_is_told_of_once_and_so_is_that_it_works_again(store: SqlStore) -> None:
    def fails(_: Connection) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with capture_logs() as said:
        for _ in range(3):
            with pytest.raises(StoreFailed):
                await store.database.write(fails)
            assert "database or disk is full" in store.trouble
        await store.ledger.record(a_discussion(1))
    assert store.trouble == ""
    assert [(each["log_level"], each["event"]) for each in said] == [
        ("error", "nothing is stored until the database is mended"),
        ("warning", "the database stores again"),
    ]


def test_a_kill_takes_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/folkmoot.db"
    with subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = 0
        while told < 150:
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = [int(line) for line in writer.stdout.read().split("\n")[:-1]]

    async def after() -> tuple[int, int]:
        store = open_store(url)
        try:
            await store.ledger.record([seen(a_message(0))])
            audit = await store.ledger.audit()
            return audit.messages, audit.drift
        finally:
            await store.close()

    messages, drift = asyncio.run(after())
    assert messages >= max([told, *rest]) + 1
    assert drift == 0


async def test_a_backup_is_a_whole_database(store: SqlStore, tmp_path: Path) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("pg_dump is a program of PostgreSQL's own; only our call of it would be tried")
    await store.ledger.record(a_discussion(3))
    target = tmp_path / "copy.db"
    await store.backup(target)
    with pytest.raises(FolkmootError, match="exists already"):
        await store.backup(target)
    copy = open_store(f"sqlite:///{target}")
    assert (await copy.ledger.audit()).messages == 4
    await copy.close()


@pytest.mark.parametrize("among_many", [False, True], ids=["between statements", "among many sent together"])
async def test_a_writer_that_stands_still_in_a_transaction_gives_way(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, among_many: bool
) -> None:
    """As a process does that is stopped, or whose machine is gone: its lock would keep all others waiting."""
    monkeypatch.setattr(database, "PAUSE", 0.3)
    monkeypatch.setattr(database, "TRANSACTION", 1)
    stopped, other = Database.open(postgresql_url), Database.open(postgresql_url)
    goes_on, begun = threading.Event(), threading.Event()

    def stands_still(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        with driver.pipeline() if among_many else nullcontext():
            driver.execute("SELECT 1")
            if among_many:
                driver.pgconn.send_flush_request()
                driver.pgconn.flush()
            begun.set()
            goes_on.wait()

    still = asyncio.create_task(stopped.write(stands_still))
    await asyncio.to_thread(begun.wait)
    try:
        assert await other.write(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1
    finally:
        goes_on.set()
    with pytest.raises((StoreFailed, psycopg.Error)):
        await still
    await stopped.write(lambda connection: connection.exec_driver_sql("SELECT 1"))
    await stopped.close()
    await other.close()
