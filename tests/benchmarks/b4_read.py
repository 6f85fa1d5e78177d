"""B4: pages, the digest's ranking and the search, on the full database, against the same by hand (see `by_hand`).

Pages go through the application as a server would call it: routing, what stands around every handler, reading,
printing, sanitising, the entity tag. Only the socket is left out. Both sides must show the same.
"""

import asyncio
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import event

from adapters.web import WebAdapter, forum
from bot.access import web_scope
from bot.cli.run import YOUNG
from bot.digests.rank import choose, rank
from bot.models import Hit, Scope, Window
from bot.urls import Urls
from storage import SqlStore, open_store
from storage.finding import RANKED
from storage.times import moment, ms
from tests.benchmarks import by_hand
from tests.benchmarks.b1_gateway import fresh
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
        self.queries: dict[str, str] = {}  # with their values in them, and for what each was
        self.reading = ""  # what is read now, to note its queries; "" while that is timed

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

    async def search(self, words: str, *, ranked: bool = False) -> Sequence[Hit]:
        """What a search finds."""
        return await self.store.forum.search(self.scope, words, HITS, ranked=ranked)

    def lend(self, connection: sqlite3.Connection, *_: object) -> None:
        """A reader takes a connection: note what it asks of it."""
        connection.set_trace_callback(self._note if self.reading else None)

    def _note(self, statement: str) -> None:
        if statement.startswith("SELECT"):
            self.queries[statement] = self.reading


def visible(page: str) -> str:
    """What stands on a page, without its HTML."""
    body = page.partition("<body")[2].partition(">")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@dataclass(frozen=True, slots=True)
class Work:
    """One comparison. `path` is asked for beforehand where it is a page; `times` a round."""

    name: str
    times: int
    goals: tuple[float, float]
    ours: Read
    theirs: Callable[[], object]
    path: str = ""


def works(ours: Ours, database: sqlite3.Connection) -> Iterator[Work]:
    """Everything that is compared."""
    start, now = ms(NOW - WEEK), ms(NOW)
    page, read = (1.3, 1.6), (1.5, 2.0)
    number, address = long_discussion(database)
    yield Work("forum page of 50", 20, page, ours.page, lambda: by_hand.index(database, now, PAGE), "/")
    yield Work(
        "discussion page of 200", 10, page, ours.page, lambda: by_hand.discussion(database, number, now), address
    )
    yield Work("weekly digest rank", 3, read, ours.digest, lambda: by_hand.digest(database, start, now, PARTS))
    for kind, word in (("common", WORDS[0]), ("rare", RARE)):
        yield Work(
            f"search newest-{HITS}, {kind}", 30, read,
            partial(ours.search, word), partial(by_hand.search, database, word, HITS),
        )  # fmt: skip
    yield Work(
        "search ranked", 5, read,
        partial(ours.search, WORDS[0], ranked=True), partial(by_hand.ranked, database, WORDS[0], HITS, RANKED),
    )  # fmt: skip


def long_discussion(database: sqlite3.Connection) -> tuple[int, str]:
    """A discussion of 200 messages from the middle of the year, and where its page is."""
    found = database.execute("SELECT id, title_made FROM discussion WHERE count = ? ORDER BY id", (LONG,)).fetchall()
    number, title = found[len(found) // 2]
    return int(number), f"/d/{number}/{by_hand.slug(title)}"


def run(full: Path, rounds: int = 7) -> list[Result]:
    """All of B4."""
    forum.PAGE = PAGE  # the size that the goal is set for
    runner, database = asyncio.Runner(), sqlite3.connect(full, isolation_level=None)
    for pragma in ("query_only=ON", "cache_size=-65536", "temp_store=MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    ours = runner.run(_open(full))
    with fresh(YOUNG):  # as production runs; the other side has as much of it
        results = [compare(runner, ours, work, rounds) for work in works(ours, database)]
    results.append(slowest(database, ours))
    runner.run(ours.store.close())
    runner.close()
    database.close()
    return results


async def _open(full: Path) -> Ours:
    store = open_store(f"sqlite:///{full}")
    ours = Ours(store, web_scope(await store.places.channels()))
    event.listen(store.database._reading, "checkout", ours.lend)
    return ours


def compare(runner: asyncio.Runner, ours: Ours, work: Work, rounds: int) -> Result:
    """One comparison; in every round both must show the same."""
    shown: list[object] = []
    wanted: list[object] = []

    async def often() -> object:
        return [await work.ours() for _ in range(work.times)][-1]

    def ask() -> None:
        ours.ask(work.path, work.times)

    def timed() -> object:  # Runner.run would put all that was read into words, for the case of a Ctrl-C
        return runner.get_loop().run_until_complete(often())

    ours.reading = work.name
    ask()
    timed()
    ours.reading = ""

    ratio, taken = paired(
        lambda _: shown.append(timed()),
        lambda _: wanted.append([work.theirs() for _ in range(work.times)][-1]),
        rounds,
        before=ask,
    )
    for each, expected in zip(shown, wanted, strict=True):
        assert plain(each) == plain(expected)
    return Result(f"B4 {work.name}", ratio, *work.goals, speed=False, note=f"{1000 * taken / work.times:.2f} ms")


def plain(shown: object) -> object:
    """What was shown, of whatever side, as something to compare."""
    if isinstance(shown, str):
        return visible(shown)
    if isinstance(shown, Window):
        ranked = rank(shown.candidates, shown.start, shown.end)
        scores = sorted((each.score, each.candidate.discussion.id) for each in ranked)
        return scores, list(shown.activity), shown.people, sorted(quote.text for quote in shown.quotes)
    if isinstance(shown, list):
        return [_hit(each) if isinstance(each, Hit) else each for each in shown]
    return shown


def _hit(hit: Hit) -> by_hand.Found:
    post, where = hit.post, hit.discussion
    return hit.snippet, list(hit.marks), post.author_name or "", ms(post.sent_at), where.id, where.title


def slowest(database: sqlite3.Connection, ours: Ours) -> Result:
    """The longest single query of all, alone and without layers; the median of seven runs."""
    took: list[tuple[float, str]] = []
    for statement, name in ours.queries.items():
        runs = []
        for _ in range(7):
            begun = time.perf_counter()
            database.execute(statement).fetchall()
            runs.append(1000 * (time.perf_counter() - begun))
        took.append((statistics.median(runs), name))
    longest, where = max(took)
    return Result("B4 longest query", longest, SLOWEST, SLOWEST, speed=False, note=f"of {where}", unit="ms")
