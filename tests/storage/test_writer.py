"""The writer: who shares a commit, who fails alone, and what several processes may do at once."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from bot.errors import StoreBusy, StoreFailed
from bot.models import MessageRef
from storage import SqlStore, open_store
from storage.database import make_engine
from storage.sql import rows, run
from storage.writer import BATCH, Writer
from tests import racers
from tests.dying import ended, forked
from tests.makers import HELP, a_discussion, a_message, a_vote, deleted, seen


def keep(name: str) -> Callable[[Connection], None]:
    return lambda connection: void(run(connection, "INSERT INTO setting (name, value) VALUES (?, '')", (name,)))


def void(_: object) -> None: ...


async def kept(store: SqlStore) -> list[str]:
    return await store.database.read(lambda c: [row[0] for row in rows(c, "SELECT name FROM setting ORDER BY name")])


class Gate:
    """Work that holds the writer until it is let through, so that others queue up behind it."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._reached = threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self._reached.set()
        assert self._open.wait(20)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 20)

    def open(self) -> None:
        self._open.set()


def at_once(processes: int, work: Callable[[str, int], None], url: str) -> list[int]:
    """Let so many processes do something at once; their exit codes."""
    racing = [forked(work, url, number) for number in range(processes)]
    return [ended(process) for process in racing]


def count_commits(engine: Engine) -> list[int]:
    commits: list[int] = []
    event.listen(engine, "commit", lambda _connection: commits.append(1))
    return commits


async def test_whoever_waits_shares_one_commit_up_to_the_bound(store: SqlStore) -> None:
    commits, gate = count_commits(store.database._writing), Gate()
    held = asyncio.create_task(store.database.write(gate))
    await gate.reached()
    waiting = [asyncio.create_task(store.ledger.record([each])) for each in a_discussion(BATCH + 49)]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(held, *waiting)
    assert len(commits) == 1 + 2
    assert (await store.ledger.audit()).counted == BATCH + 50


async def test_a_caller_whose_events_are_refused_spoils_nobody_elses(store: SqlStore) -> None:
    gate = Gate()
    held = asyncio.create_task(store.database.write(gate))
    await gate.reached()
    far = replace(a_message(1), ref=MessageRef(HELP, str(2**70)))  # beyond what any database can number
    told = [asyncio.create_task(store.ledger.record([each])) for each in (*a_discussion(2), seen(far))]
    await asyncio.sleep(0)
    gate.open()
    *good, refused = await asyncio.gather(*told, return_exceptions=True)
    await held
    assert good == [None, None, None]
    assert isinstance(refused, Exception)
    assert (await store.ledger.audit()).counted == 3


async def test_a_full_queue_refuses_at_once_and_keeps_what_waits(database_url: str, store: SqlStore) -> None:
    engine, gate = make_engine(database_url), Gate()
    writer = Writer(engine, bound=2)
    held = asyncio.create_task(writer.write(gate))
    await gate.reached()
    waiting = [asyncio.create_task(writer.write(keep(name))) for name in ("first", "second")]
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy, match="try again"):
        await writer.write(keep("third"))
    gate.open()
    await asyncio.gather(held, *waiting)
    await asyncio.to_thread(writer.close)
    engine.dispose()
    assert await kept(store) == ["first", "second"]


async def test_a_commit_that_fails_is_told_to_everyone_in_it(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("only SQLite looks at a deferred reference as late as in COMMIT itself")

    def dangling(connection: Connection) -> None:
        run(connection, "PRAGMA defer_foreign_keys=ON")
        run(connection, "INSERT INTO made_from (discussion_id, position) VALUES (999, 1)")

    gate = Gate()
    held = asyncio.create_task(store.database.write(gate))
    await gate.reached()
    both = [asyncio.create_task(store.database.write(each)) for each in (keep("innocent"), dangling)]
    await asyncio.sleep(0)
    gate.open()
    await held
    told = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in told] == [IntegrityError, IntegrityError]
    await store.database.write(keep("after"))
    assert await kept(store) == ["after"]


async def test_a_lost_connection_fails_its_transaction_and_the_next_one_works(store: SqlStore) -> None:
    if store.database.dialect != "postgresql":
        pytest.skip("SQLite has no connection to lose")

    def lose(connection: Connection) -> None:
        [[pid]] = rows(connection, "SELECT pg_backend_pid()")
        with psycopg.connect(store.database.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        run(connection, "SELECT 1")

    gate = Gate()
    held = asyncio.create_task(store.database.write(gate))
    await gate.reached()
    both = [asyncio.create_task(store.database.write(each)) for each in (keep("innocent"), lose)]
    await asyncio.sleep(0)
    gate.open()
    await held
    told = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in told] == [StoreFailed, StoreFailed]
    await store.database.write(keep("after"))
    assert await kept(store) == ["after"]


@pytest.mark.parametrize("each", [40, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_sixteen_who_write_at_once_count_exactly(store: SqlStore, each: int) -> None:
    """Every seventh thing is a vote, every fifth takes back what was said before it; all others are replies."""
    await store.ledger.record([seen(a_message(root, author="Ada")) for root in range(4)])

    async def write(who: int) -> None:
        for n in range(each):
            at = 100 + (n * 16 + who) / 600
            if n % 7 == 3:
                await store.ledger.record([a_vote(who % 4, f"Voter {who} {n}", at=at)])
            elif n % 5 == 4:
                await store.ledger.record([deleted(at - 16 / 600)])
            else:
                await store.ledger.record([seen(a_message(at, thread=who % 4, author=f"Eve {who}"))])

    await asyncio.gather(*(write(who) for who in range(16)))
    kinds = ["vote" if n % 7 == 3 else "end" if n % 5 == 4 else "reply" for n in range(each)]
    ended = sum(kinds[n - 1 : n + 1] == ["reply", "end"] for n in range(1, each))
    audit = await store.ledger.audit()
    assert (audit.drift, audit.counted) == (0, 4 + 16 * (kinds.count("reply") - ended))
    found = await store.database.read(lambda c: rows(c, "SELECT highlights FROM discussion"))
    votes = await store.database.read(lambda c: rows(c, "SELECT sum(votes) FROM message"))
    assert ([row[0] for row in found], votes[0][0]) == ([1] * 4, 16 * kinds.count("vote"))


async def test_three_processes_that_write_the_same_and_their_own_count_exactly(database_url: str) -> None:
    assert at_once(3, racers.records, database_url) == [0, 0, 0]
    store = open_store(database_url)
    [row] = await store.ledger.audit_rows()
    audit = await store.ledger.audit()
    await store.close()
    assert (row["count"], row["participants"], row["highlights"]) == (31 + 3 * 40, 8 + 7, 1)
    assert audit.drift == 0


async def test_processes_that_migrate_at_once_leave_one_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/made/on/the/way/folkmoot.db"
    assert at_once(2, racers.migrates, url) == [0, 0]
    store = open_store(url)
    assert (await store.ledger.audit()).drift == 0
    await store.close()


async def test_a_follower_wakes_by_another_stores_commit(database_url: str, store: SqlStore) -> None:
    other = open_store(database_url)
    before = await store.ledger.last_seq()
    waiting = asyncio.create_task(store.ledger.wait(before, 10))
    await other.ledger.record(a_discussion(1))
    assert await waiting
    assert not await store.ledger.wait(await store.ledger.last_seq(), 0.01)
    await other.close()
