"""B2: signed HTTP events, and Socket Mode → acknowledged after the commit, against Bolt that stores nothing.

Bolt has one listener that does nothing, and acknowledges before it runs.
"""

import asyncio
import logging
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.connecting import SOCKETS
from adapters.slack.manifest import SLACK_PATH
from bot.cli.run import YOUNG, Parts, assemble
from bot.clock import SystemClock
from bot.models import Platform
from bot.settings import load
from storage import migrate, open_store
from storage.store import SqlStore
from tests.benchmarks.b1_gateway import LIMIT, Taken, fresh, running
from tests.benchmarks.paired import Result
from tests.benchmarks.slack_load import Camp, Order, Outcome, slack, tell

EVENTS = 3_000
ROUNDS = 7
LINES = 16  # connections over which Slack posts
UNACKNOWLEDGED = 100  # envelopes on their way over sockets
GOALS = {"http": (1.25, 0.9), "sockets": (1.7, 0.9)}


class Side(NamedTuple):
    """What one side took, and the acknowledgement that 99 of 100 beat, in milliseconds."""

    taken: Taken
    p99: float


async def ours(camp: Camp, pipe: Connection, database: Path, way: str) -> Side:
    """Until everything is committed, counted and acknowledged."""
    store = open_store(f"sqlite:///{database}")
    try:
        async with asyncio.timeout(LIMIT), folkmoot(camp, store, way) as parts:
            url = f"http://127.0.0.1:{parts.web.port}{SLACK_PATH}" if way == "http" else ""
            side = await measured(pipe, _order(url, SOCKETS))
            found = await store.ledger.audit()
            assert (found.messages, found.drift) == (EVENTS, 0), found
    finally:
        await store.close()
    return side


@asynccontextmanager
async def folkmoot(camp: Camp, store: SqlStore, way: str) -> AsyncIterator[Parts]:
    """Folkmoot in the workspace, following its channel."""
    override = {"slack_bot_token": camp.bot_token, "slack_api_url": camp.api_url, "web_port": "0"}
    override |= {"slack_signing_secret": camp.secret} if way == "http" else {"slack_app_token": camp.app_token}
    parts = assemble(load(env_file=None, override=override), store, SystemClock(), "code")
    adapter = parts.adapters[Platform.SLACK]
    await parts.web.start()
    async with running(adapter.run(parts.app)):
        while await store.places.channel(camp.channel) is None:
            await store.ledger.wait(await store.ledger.last_seq(), 1)
        await store.places.watch(camp.channel, True)
        while not adapter.connected:
            await store.ledger.wait(await store.ledger.last_seq(), 0.05)
        yield parts
    await parts.web.stop()


async def theirs(camp: Camp, pipe: Connection, way: str) -> Side:
    """Until everything is acknowledged; that it reached the listener is checked after."""
    app = AsyncApp(
        client=AsyncWebClient(token=camp.bot_token, base_url=camp.api_url),
        signing_secret=camp.secret,
        logger=logging.getLogger("slack_bolt"),
    )
    seen, done = 0, asyncio.Event()

    @app.event("message")
    async def listener(event: dict[str, object]) -> None:
        nonlocal seen
        seen += 1
        if seen == EVENTS:
            done.set()

    serve: Callable[..., Awaitable[Side]] = _bolt_http if way == "http" else _bolt_sockets
    async with asyncio.timeout(LIMIT):
        side = await serve(app, camp, pipe)
        await done.wait()
    return side


async def _bolt_http(app: AsyncApp, _camp: Camp, pipe: Connection) -> Side:
    runner = web.AppRunner(app.web_app(SLACK_PATH), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        return await measured(pipe, _order(f"http://127.0.0.1:{runner.addresses[0][1]}{SLACK_PATH}", 0))
    finally:
        await runner.cleanup()


async def _bolt_sockets(app: AsyncApp, camp: Camp, pipe: Connection) -> Side:
    handler = AsyncSocketModeHandler(app, camp.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's is
    try:
        return await measured(pipe, _order("", 1))
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's is


def _order(url: str, sockets: int) -> Order:
    return Order(url=url, lines=LINES) if url else Order(sockets=sockets, lines=UNACKNOWLEDGED)


async def measured(pipe: Connection, order: Order) -> Side:
    """Have everything told, and measure until the last acknowledgement: there on the wall, here our processors."""
    busy = 0.0

    def begin() -> None:
        nonlocal busy
        busy = time.process_time()

    outcome = await tell(pipe, order, begin)
    busy = time.process_time() - busy
    assert (len(outcome.at), outcome.refused) == (EVENTS, 0), (len(outcome.at), outcome.refused)
    return Side(Taken(outcome.seconds, busy), p99(outcome))


def p99(outcome: Outcome) -> float:
    """Milliseconds in which 99 of 100 were acknowledged."""
    return 1000 * statistics.quantiles(outcome.waited.values(), n=100)[-1]


def run(folder: Path, rounds: int = ROUNDS) -> list[Result]:
    """Both in turn over each transport, ours with a new database each time; every round checks its counts."""
    template = folder / "slack-empty.db"
    migrate(f"sqlite:///{template}")
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    with slack(EVENTS) as (camp, pipe):
        return [_compared(way, rounds, camp, pipe, template) for way in GOALS]


def _compared(way: str, rounds: int, camp: Camp, pipe: Connection, template: Path) -> Result:
    pairs = [_round(number, way, camp, pipe, template) for number in range(rounds + 1)][1:]  # the first warms up
    ratio = statistics.median(them.taken.wall / us.taken.wall for us, them in pairs)
    busy = statistics.median(them.taken.busy / us.taken.busy for us, them in pairs)
    late = statistics.median(us.p99 / them.p99 for us, them in pairs)
    speed = EVENTS / statistics.median(us.taken.wall for us, _ in pairs)
    note = f"{speed:,.0f} events/s of {camp.size:,.0f} B; by processor time {busy:.2f} ×; p99 {late:.2f} × theirs"
    goal, floor = GOALS[way]
    name = {"http": "B2 Slack events over HTTP, acknowledged", "sockets": "B2 Slack events over sockets, acknowledged"}
    return Result(name[way], ratio, goal, floor, speed=True, note=note)


def _round(number: int, way: str, camp: Camp, pipe: Connection, template: Path) -> tuple[Side, Side]:
    """Ours and theirs, in turn who comes first."""
    sides: dict[int, Side] = {}
    for side in (number % 2, 1 - number % 2):
        if side:
            with fresh():
                sides[1] = asyncio.run(theirs(camp, pipe, way))
        else:
            database = template.with_name(f"slack-{number}.db")
            shutil.copy(template, database)
            with fresh(YOUNG):
                sides[0] = asyncio.run(ours(camp, pipe, database, way))
            database.unlink()
    return sides[0], sides[1]
