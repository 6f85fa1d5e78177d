"""B9: six thousand signed Slack deliveries at once → how many are acknowledged before Slack gives up on them.

Folkmoot runs as it does for an operator, in a process of its own: cards, pages and all. In further rounds it is killed
in the middle, as `kill -9` does: whatever was acknowledged by then must be stored.
"""

import asyncio
import hashlib
import hmac
import json
import os
import shutil
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp

from adapters.slack.manifest import SLACK_PATH
from bot.models import ChannelInfo, ChannelSeen, SpaceInfo, SpaceSeen
from storage import migrate, open_store
from storage.store import SqlStore
from tests.benchmarks.paired import Result
from tests.benchmarks.slack_load import Camp, Order, Outcome, slack, tell

EVENTS = 6_000
LINES = 64  # connections over which Slack posts
ROUNDS = 7
KILLED_AT = (200, 2_500, 5_000)  # acknowledgements after which it is killed
PATIENCE = 3.0  # seconds that Slack waits for an answer
READY = 60.0  # seconds in which a process must be there


async def prepare(database: Path, camp: Camp) -> None:
    """A database that follows the channel."""
    store = open_store(f"sqlite:///{database}")
    now = datetime.now(UTC)
    space = SpaceSeen(info=SpaceInfo(space=camp.channel.space, name="Camp"), at=now)
    await store.ledger.record([space, ChannelSeen(info=ChannelInfo(channel=camp.channel, name="help"), at=now)])
    await store.places.watch(camp.channel, True)
    await store.close()


@asynccontextmanager
async def folkmoot(camp: Camp, database: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`folkmoot run` in a process of its own, ready for deliveries, and where they go."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "DATABASE_URL": f"sqlite:///{database}",
        "SLACK_BOT_TOKEN": camp.bot_token,
        "SLACK_API_URL": camp.api_url,
        "SLACK_SIGNING_SECRET": camp.secret,
        "WEB_PORT": str(port),
        "LOG_LEVEL": "error",
    }
    folkmoot_run = str(Path(sys.executable).with_name("folkmoot"))
    process = await asyncio.create_subprocess_exec(
        folkmoot_run, "run", env=dict(os.environ) | settings, cwd=database.parent, stdout=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}{SLACK_PATH}"
    try:
        async with asyncio.timeout(READY):
            while not await _answers(url, camp):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield process, url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(url: str, camp: Camp) -> bool:
    """Whether it answers Slack's challenge."""
    body, stamp = json.dumps({"type": "url_verification", "challenge": "c"}).encode(), str(int(time.time()))
    signature = hmac.new(camp.secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    headers["Content-Type"] = "application/json"
    try:
        async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def burst(camp: Camp, pipe: Connection, database: Path, kill_at: int | None = None) -> Outcome:
    """Everything at once; what was acknowledged must be stored, and the counters right. AssertionError if not."""
    await prepare(database, camp)
    async with folkmoot(camp, database) as (process, url):
        kill = None if kill_at is None else (process.pid, kill_at)
        outcome = await tell(pipe, Order(url=url, lines=LINES, kill=kill))
    store = open_store(f"sqlite:///{database}")
    try:
        lost = {camp.stamps[number] for number in outcome.at} - await kept(store)
        assert not lost, f"{len(lost)} acknowledged deliveries were lost"
        assert (await store.ledger.audit()).drift == 0
    finally:
        await store.close()
    return outcome


async def kept(store: SqlStore) -> set[str]:
    """The ids of all messages that are stored and live."""
    return await store.database.read(
        lambda c: {row[0] for row in c.exec_driver_sql("SELECT mid FROM message WHERE deleted_at IS NULL")}
    )


def run(folder: Path, rounds: int = ROUNDS) -> list[Result]:
    """Bursts, each on a new database, then bursts in which the process is killed."""
    template = folder / "burst-empty.db"
    migrate(f"sqlite:///{template}")

    def once(name: str, camp: Camp, pipe: Connection, kill_at: int | None = None) -> Outcome:
        database = folder / name / "folkmoot.db"
        database.parent.mkdir()
        shutil.copy(template, database)
        outcome = asyncio.run(burst(camp, pipe, database, kill_at))
        shutil.rmtree(database.parent)
        return outcome

    with slack(EVENTS) as (camp, pipe):
        found = [once(f"burst-{number}", camp, pipe) for number in range(rounds)]
        for kill_at in KILLED_AT:
            killed = once(f"killed-{kill_at}", camp, pipe, kill_at)
            assert kill_at <= len(killed.at) < EVENTS, len(killed.at)
    in_time = statistics.median(sum(at <= PATIENCE for at in outcome.at.values()) for outcome in found)
    last = statistics.median(max(outcome.at.values()) for outcome in found)
    refused = sum(outcome.refused for outcome in found)
    note = f"all in {last:.1f} s, {refused} to come again; none lost in {len(KILLED_AT)} kills"
    return [Result("B9 Slack deliveries in 3 s of 6,000", in_time, EVENTS, 4_000, speed=True, note=note, unit="")]
