"""What Slack delivers is acknowledged once it is stored, and not before; under load, all of it and soon."""

import asyncio
import statistics
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.slack import gathering
from adapters.slack.manifest import SLACK_PATH
from bot.models import Level
from storage import open_store
from tests.benchmarks.b9_burst import folkmoot, kept, prepare
from tests.benchmarks.slack_load import Order, Outcome, slack, tell
from tests.camps_slack import Workspace
from tests.servers.slack import Message

RATE = 50.0  # events a second
READERS = 20
FEW, MANY = 100, 15_000  # events: of two seconds, and of five minutes
WITHIN = 0.3  # seconds in which 99 of 100 are acknowledged


@pytest.mark.parametrize("workspace", ["http-sqlite", "socket-sqlite"], indirect=True)
async def test_nothing_is_acknowledged_before_it_is_stored(workspace: Workspace) -> None:
    ada, server = workspace.member("Ada"), workspace.server
    server.world.patience = 30.0
    with workspace.stalled():
        said = [workspace.help.post(ada, f"Tent {n}?") for n in range(5)]
        call = workspace.help.command(ada, "/folkmoot", "help")
        await call.done()  # by way of the same door, and after them
        assert server.statistics.attempts == 0
    await workspace.kept(said)
    await server.deliveries.settled()
    assert (server.statistics.successes, server.statistics.retries) == (5, 0)


@pytest.mark.parametrize("workspace", ["http-sqlite"], indirect=True)
async def test_at_the_bound_slack_is_told_to_come_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BOUND", 2)
    ada, server = workspace.member("Ada"), workspace.server
    server.world.patience = 30.0
    with workspace.stalled():
        said: list[Message] = [workspace.help.post(ada, f"Tent {n}?") for n in range(6)]
        await server.log.until(lambda: server.statistics.retries >= 1)  # refused twice: two are stored, and two wait
        assert server.statistics.successes == 0
        assert {each for delivery in server.deliveries.sent for each in delivery.attempts} == {"http_error"}
    for minutes, taken in ((1, 2), (5, 4)):  # of four that come again together two are refused once more
        await server.log.until(lambda: server.statistics.successes >= taken)  # noqa: B023 - asked at once
        workspace.clock.advance(timedelta(minutes=minutes))
    await workspace.kept(said)
    await server.deliveries.settled()
    assert (server.statistics.successes, server.statistics.given_up) == (6, 0)


async def under_load(database: Path, count: int) -> Outcome:
    """Have so many messages told, fifty a second, while twenty readers load the forum: all is stored."""
    with slack(count) as (camp, pipe):
        await prepare(database, camp)
        store = open_store(f"sqlite:///{database}")
        await store.places.set_level(camp.channel, Level.WEB, 0)
        async with folkmoot(camp, database) as (_, url):
            readers = [asyncio.create_task(read(url)) for _ in range(READERS)]
            outcome = await tell(pipe, Order(url=url, rate=RATE))
            for each in readers:
                each.cancel()
            ended = await asyncio.gather(*readers, return_exceptions=True)
            assert {type(each) for each in ended} == {asyncio.CancelledError}, ended
        assert (len(outcome.at), outcome.refused) == (count, 0)
        assert await kept(store) == set(camp.stamps)
        assert (await store.ledger.audit()).drift == 0
        await store.close()
    return outcome


async def read(url: str) -> None:
    """Load one page of the forum after the other, until cancelled."""
    async with aiohttp.ClientSession(base_url=url.removesuffix(SLACK_PATH)) as http:
        while True:
            for page in ("/", "/d/1", "/d/2"):
                async with http.get(page) as answer:
                    await answer.read()
                    assert answer.status in {200, 404}, (page, answer.status)


def p99(outcome: Outcome) -> float:
    """Seconds in which 99 of 100 were acknowledged."""
    found = statistics.quantiles(outcome.waited.values(), n=100)[-1]
    print(f"{len(outcome.waited)} deliveries, {RATE:.0f} a second, {READERS} readers: p99 {found * 1000:.0f} ms")
    return found


def database_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_under_load_everything_is_acknowledged_and_stored(sqlite_url: str) -> None:
    p99(await under_load(database_of(sqlite_url), FEW))


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_for_five_minutes_everything_is_acknowledged_soon(sqlite_url: str) -> None:
    assert p99(await under_load(database_of(sqlite_url), MANY)) <= WITHIN
