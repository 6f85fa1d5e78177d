"""A database that lost what was written last, as when power fails: it opens, it is sound, and it can be filled up."""

import random
import shutil
import sys
from pathlib import Path

import pytest

from bot.models import Event
from storage import SqlStore, open_store
from storage.database import path_of
from tests.makers import a_channel, a_message, a_space, a_vote, deleted, seen

HEADER, FRAME = 32, 24  # bytes before the first page that the log holds, and before each
COPIED = slice(96, 100)  # where the log's index says how many of its pages are in the database already
SOUND = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")


def cut(path: Path, target: Path, chance: random.Random) -> int:
    """Copy a database of which the end of the log is lost, anywhere in what is not in the database yet; how much is."""
    log, index = (path.with_name(path.name + end).read_bytes() for end in ("-wal", "-shm"))
    page = int.from_bytes(log[8:12])
    copied = int.from_bytes(index[COPIED], sys.byteorder)
    least = HEADER + copied * (FRAME + page) if copied else 0
    kept = chance.randint(least, max(len(log), least))
    shutil.copy(path, target)
    target.with_name(target.name + "-wal").write_bytes(log[:kept])
    target.with_name(target.name + "-shm").unlink(missing_ok=True)
    return len(log) - kept


def happenings(chance: random.Random, n: int) -> list[Event]:
    """One thing after the other, as they happen together."""
    minutes = float(n)
    root = float(n - n % 9)
    events: list[Event] = [seen(a_message(minutes, f"Message {n}.", thread=root, author=chance.choice("ABC")))]
    if chance.random() < 0.3:
        events.append(a_vote(minutes, chance.choice("DEF")))
    if n > 20 and chance.random() < 0.2:
        events.append(deleted(float(n - 10)))
    return events


async def rows(store: SqlStore, statement: str) -> list[tuple[object, ...]]:
    return await store.database.read(lambda c: [tuple(row) for row in c.exec_driver_sql(statement).fetchall()])


async def looks(store: SqlStore) -> list[list[tuple[object, ...]]]:
    """What a store knows, whatever the order in which it heard it."""
    return [
        await rows(store, "SELECT mid, text, deleted_at, votes FROM message ORDER BY mid"),
        await rows(store, "SELECT key, count, participants, highlights, last_at FROM discussion ORDER BY key"),
    ]


async def opened(url: str, told: list[list[Event]], whole: list[list[tuple[object, ...]]]) -> int:
    """Open what is left of a database, and tell it all again; how much of it was still there."""
    left = open_store(url)
    try:
        unsound = [row for check in SOUND for row in await rows(left, check) if row != ("ok",)]
        assert unsound == []
        assert (await left.ledger.audit()).drift == 0
        there = [row[0] for row in await rows(left, "SELECT mid FROM message ORDER BY position")]
        said = [event.message.ref.id for events in told for event in events[:1]]  # type: ignore[union-attr]
        assert there == said[: len(there)]
        await left.ledger.record([event for events in told for event in events])
        assert await looks(left) == whole
    finally:
        await left.close()
    return len(there)


async def cuts(url: str, folder: Path, chance: random.Random, times: int) -> list[int]:
    """Lose the end again and again; how many messages each database still had."""
    store = open_store(url)
    told: list[list[Event]] = []
    found: list[int] = []
    try:
        await store.ledger.record([a_space(), a_channel()])
        await rows(store, "PRAGMA wal_checkpoint(TRUNCATE)")  # who opens it has the schema, at least
        for n in range(times):
            for _ in range(chance.randint(1, 12)):
                told.append(happenings(chance, len(told)))
                await store.ledger.record(told[-1])
            target = folder / f"cut-{n}.db"
            lost = cut(path_of(url), target, chance)
            found.append(await opened(f"sqlite:///{target}", told, await looks(store)))
            assert lost or found[-1] == len(told)
    finally:
        await store.close()
    return found


async def test_a_database_that_lost_its_end_opens_and_is_sound(sqlite_url: str, tmp_path: Path) -> None:
    found = await cuts(sqlite_url, tmp_path, random.Random(1), 4)
    assert len(set(found)) > 1


@pytest.mark.soak
@pytest.mark.timeout(4800)
async def test_two_hundred_databases_that_lost_their_end_open_and_are_sound(sqlite_url: str, tmp_path: Path) -> None:
    found = await cuts(sqlite_url, tmp_path, random.Random(2), 200)
    print(f"{len(found)} of 200 open; {sum(here < found[-1] for here in found)} had lost something")
