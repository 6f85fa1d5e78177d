"""What several processes do at once in a test; each is forked from one that has everything loaded (`tests.dying`)."""

import asyncio
import sys
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from bot.digesting import Digests
from bot.models import Event
from bot.urls import Urls
from storage import migrate, open_store
from storage.database import Database
from storage.store import SqlStore
from tests.makers import a_discussion, a_message, a_vote, seen

READY = "ready"
REVISIONS = sys.modules["storage.migrations.revisions"]  # the package has a function of that name


def runs_slots(url: str, now: datetime, line: Connection) -> None:
    """Open, say so, wait for a word, run what is due; say how many slots were this one's."""
    line.send(asyncio.run(_run_slots(url, now, line)))


async def _run_slots(url: str, now: datetime, line: Connection) -> int:
    store = SqlStore(Database.open(url, readers=1))
    try:
        digests = Digests(store=store, urls=Urls("http://127.0.0.1:8080"))
        line.send(READY)
        await asyncio.to_thread(line.recv)
        return await digests.tick(now)
    finally:
        await store.close()


def records(url: str, number: int) -> None:
    """Store a discussion that all of them store, and forty replies to it of this one's own, each for itself."""
    asyncio.run(_record(url, number))


async def _record(url: str, number: int) -> None:
    store = open_store(url)
    mine = [seen(a_message(100 + n + number / 10, thread=0, author=f"Eve {n % 7}")) for n in range(40)]
    said: list[Event] = [*a_discussion(30), *mine, a_vote(3, "Gus")]
    await asyncio.gather(*(store.ledger.record([each]) for each in said))
    await store.close()


def migrates(url: str, _number: int) -> None:
    """Bring a database to the schema."""
    migrate(url)


def upgrades(folder: Path, url: str, line: Connection) -> None:
    """Bring a database to the schema of the version in a folder; say when that begins."""
    from storage.migrations import upgrading  # noqa: PLC0415 - as late as in production

    really = upgrading.upgrade

    def told(url: str) -> None:
        line.send(READY)
        really(url)

    REVISIONS.FOLDER, upgrading.upgrade = folder, told  # type: ignore[attr-defined]  # in this process only
    migrate(url)
