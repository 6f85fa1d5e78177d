"""B4: pages, the digest's ranking and the search, on the full database, against the same by hand (see `by_hand`).

Pages go through the application as a server would call it: routing, what stands around every handler, reading, printing,
sanitising, the entity tag. Only the socket is left out. Both sides must show the same.
"""

import asyncio
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import event

from adapters.web import WebAdapter, forum
from bot.access import web_scope
from bot.digests.rank import choose, rank
from bot.models import Discussion, Scope, Window
from bot.urls import Urls
from storage import SqlStore, open_store
from storage.finding import RANKED
from storage.times import moment, ms
from tests.benchmarks import by_hand
from tests.benchmarks.full import BASE, LONG, RARE, SPAN, WORDS
from tests.benchmarks.paired import Result, paired
from tests.makers import SetClock

NOW = moment(BASE + SPAN) + timedelta(hours=9)
WEEK = timedelta(days=7)
PAGE, PARTS, HITS = 50, 7, 20
SLOWEST = 25.0  # milliseconds that a query may take
Read = Callable[[], Coroutine[Any, Any, object]]


class Ours:
    """What production runs, with every query that it makes."""

    def __init__(self, store: SqlStore, scope: Scope) -> None:
        self.store = store
        self.scope = scope
        self.app = WebAdapter(
            store=store, clock=SetClock(NOW), host="127.0.0.1", port=0, urls=Urls(""), room_open=False,
            moderator_code="none",
        ).app  # fmt: skip
        self.requests: list[web.Request] = []
        self.queries: dict[str, tuple[str, tuple[Any, ...]]] = {}
        self.reading = ""

    def ask(self, path: str, times: int) -> None:
        """Make requests beforehand: what a server would have read from its socket."""
        self.requests = [make_mocked_request("GET", path, app=self.app) for _ in range(times)]

    async def page(self) -> str:
        """The page that was asked for, as it is sent."""
        response = await self.app._handle(self.requests.pop())
        assert isinstance(response, web.Response)
        assert response.status == 200
        return response.text or ""

    async def digest(self) -> Window:
        """A week's digest: what is read for it, and what is chosen."""
        window = await self.store.calendar.window(self.scope, NOW - WEEK, NOW, PARTS)
        assert choose(window)
        return window

    async def search(self, words: str, *, ranked: bool = False) -> list[str]:
        """What a search shows."""
        return [hit.snippet for hit in await self.store.forum.search(self.scope, words, HITS, ranked=ranked)]

    def note(self, _connection: object, _cursor: object, statement: str, values: tuple[Any, ...], *_: object) -> None:
        """Remember a query."""
        if statement.startswith("SELECT"):
            self.queries[f"{self.reading}: {statement}"] = (statement, values)


def visible(page: str) -> str:
    """What stands on a page, without its HTML."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def long_discussion(database: sqlite3.Connection) -> int:
    """A discussion of 200 messages, from the middle of the year."""
    found = database.execute("SELECT id FROM discussion WHERE count = ? ORDER BY id", (LONG,)).fetchall()
    return int(found[len(found) // 2][0])


def run(full: Path, rounds: int = 7) -> list[Result]:
    """All of B4."""
    forum.PAGE = PAGE  # the size that the goal is set for
    runner, database = asyncio.Runner(), sqlite3.connect(full, isolation_level=None)
    for pragma in ("query_only=ON", "cache_size=-65536", "temp_store=MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    ours = runner.run(_open(full))
    number = long_discussion(database)
    address = Urls("").discussion(_found(runner.run(ours.store.forum.discussion(number))))
    start, end, now = ms(NOW - WEEK), ms(NOW), ms(NOW)

    def digest() -> tuple[list[tuple[float, int]], list[int]]:
        return by_hand.rank(database, start, end), by_hand.activity(database, start, end, PARTS)

    works: list[tuple[str, int, tuple[float, float], Read, Callable[[], object]]] = [
        ("forum page of 50", 20, (1.3, 1.6), ours.page, lambda: by_hand.index(database, now, PAGE)),
        (
            "discussion page of 200", 10, (1.3, 1.6),
            ours.page, lambda: by_hand.discussion(database, number, now),
        ),
        ("weekly digest rank", 3, (1.5, 2.0), ours.digest, digest),
        *(
            (
                f"search newest-{HITS}, {kind}", 30, (1.5, 2.0),
                lambda word=word: ours.search(word),  # type: ignore[misc]  # called with the word of its round
                lambda word=word: by_hand.search(database, word, HITS),  # type: ignore[misc]
            )
            for kind, word in (("common", WORDS[0]), ("rare", RARE))
        ),
        (
            "search ranked", 5, (1.5, 2.0),
            lambda: ours.search(WORDS[0], ranked=True), lambda: by_hand.ranked(database, WORDS[0], HITS, RANKED),
        ),
    ]  # fmt: skip
    results = []
    for name, times, goals, mine, theirs in works:
        ours.reading = name
        results.append(_compare(runner, name, times, goals, mine, theirs, rounds))
    results.append(slowest(database, ours))
    runner.run(ours.store.close())
    runner.close()
    database.close()
    return results


async def _open(full: Path) -> Ours:
    store = open_store(f"sqlite:///{full}")
    ours = Ours(store, web_scope(await store.places.channels()))
    event.listen(store.database._reading, "before_cursor_execute", ours.note)
    return ours


def _found(discussion: Discussion | None) -> Discussion:
    assert discussion is not None
    return discussion


def _compare(
    runner: asyncio.Runner, name: str, times: int, goals: tuple[float, float], mine: Read,
    theirs: Callable[[], object], rounds: int,
) -> Result:  # fmt: skip
    async def ours_often() -> object:
        for _ in range(times - 1):
            await mine()
        return await mine()

    def check(shown: object, wanted: object) -> None:
        if isinstance(shown, str) and isinstance(wanted, str):
            assert visible(shown) == visible(wanted)
        elif isinstance(wanted, list) and wanted and isinstance(wanted[0][1], str):
            assert shown == [snippet for _, snippet in wanted]
        else:
            assert isinstance(shown, Window)
            scores = [(each.score, each.candidate.discussion.id) for each in rank(shown.candidates, shown.start, shown.end)]
            assert (sorted(scores), list(shown.activity)) == (sorted(wanted[0]), wanted[1])  # type: ignore[index]  # see `digest`

    last: dict[str, object] = {}

    def hers(number: int) -> None:
        last["ours"] = runner.run(ours_often())
        check(last["ours"], theirs() if "theirs" not in last else last["theirs"])

    def his(number: int) -> None:
        for _ in range(times):
            last["theirs"] = theirs()

    ratio, taken = paired(hers, his, rounds)
    return Result(f"B4 {name}", ratio, *goals, speed=False, note=f"{1000 * taken / times:.2f} ms")


def slowest(database: sqlite3.Connection, ours: Ours) -> Result:
    """The longest single query of all, alone and without layers; the median of seven runs."""
    took: list[tuple[float, str]] = []
    for name, (statement, values) in ours.queries.items():
        runs = []
        for _ in range(7):
            begun = time.perf_counter()
            database.execute(statement, values).fetchall()
            runs.append(1000 * (time.perf_counter() - begun))
        took.append((statistics.median(runs), name.partition(":")[0]))
    longest, where = max(took)
    return Result("B4 longest query", longest, SLOWEST, SLOWEST, speed=False, note=f"of {where}", unit="ms")
