"""B1: gateway frames on loopback → durable rows and counters, against discord.py that only builds its objects."""

import asyncio
import json
import random
import shutil
import statistics
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from zlib import Z_SYNC_FLUSH

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import connecting
from bot.cli.run import assemble
from bot.clock import SystemClock
from bot.models import Channel, MessageRef, Platform, Space
from bot.settings import load
from storage import migrate, open_store
from storage.store import SqlStore
from tests.benchmarks.full import WORDS
from tests.benchmarks.paired import Result
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.sockets import Socket

FRAMES = 6_000
MEMBERS = 60
THREADS = 40
ROUNDS = 7
LIMIT = 60.0  # seconds that a round may take


class Camp(NamedTuple):
    """Where the frames come from, and the last message that they tell of."""

    api_url: str
    gateway: str
    token: str
    guild: str
    channel: str
    last: str


def serve(pipe: Connection, frames: int) -> None:
    """A Discord in a process of its own: it sends all frames whenever it is told to."""
    asyncio.run(_serve(pipe, frames))


async def _serve(pipe: Connection, frames: int) -> None:
    async with DiscordServer(SetClock()) as server:
        chance = random.Random(1)
        guild = server.guild("Camp")
        help_ = guild.channel("help")
        people = [guild.member(f"Member {n}") for n in range(MEMBERS)]
        places = [help_, *(help_.post(people[0], f"Question {n}?").thread(people[0], f"Q {n}") for n in range(THREADS))]
        said = []
        for _ in range(frames):
            text = " ".join(chance.choices(WORDS, k=18))
            said.append(chance.choice(places).post(chance.choice(people), text))
        payloads = [message.payload(content=True, live=True) for message in said]
        told = [
            json.dumps({"op": 0, "t": "MESSAGE_CREATE", "s": n + 1000, "d": payload}).encode()
            for n, payload in enumerate(payloads)
        ]
        camp = Camp(server.api_url, server.gateway.url, server.token, guild.id, help_.id, said[-1].id)
        pipe.send(camp)
        while await asyncio.to_thread(pipe.recv):
            (session,) = server.gateway.connected
            assert session.socket is not None
            wire = _on_the_wire(session.socket, told)
            pipe.send("ready")
            await asyncio.to_thread(pipe.recv)
            assert session.socket.request.transport is not None
            session.socket.request.transport.write(wire)


def _on_the_wire(socket: Socket, told: list[bytes]) -> bytes:
    """The websocket frames, packed as this connection wants them: sending them must cost next to nothing."""
    packer = socket._zlib
    opcode = 0x81 if packer is None else 0x82  # a whole message, of text or bytes
    frames = bytearray()
    for each in told:
        body = each if packer is None else packer.compress(each) + packer.flush(Z_SYNC_FLUSH)
        size = struct.pack("!BB", opcode, len(body)) if len(body) < 126 else struct.pack("!BBH", opcode, 126, len(body))
        frames += size + body
    return bytes(frames)


class Taken(NamedTuple):
    """Seconds, on the wall and of our processors."""

    wall: float
    busy: float


def now() -> Taken:
    return Taken(time.perf_counter(), time.process_time())


async def begin(pipe: Connection) -> Taken:
    """Let all frames come; when that was."""
    pipe.send("prepare")
    await asyncio.to_thread(pipe.recv)
    start = now()
    pipe.send("go")
    return start


def since(start: Taken) -> Taken:
    return Taken(time.perf_counter() - start.wall, time.process_time() - start.busy)


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[None]:  # noqa: ANN401 - a coroutine
    """Let something run beside, and end it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ours(camp: Camp, pipe: Connection, database: Path) -> Taken:
    """Seconds until everything is committed and counted."""
    store = open_store(f"sqlite:///{database}")
    settings = load(env_file=None, override={"discord_token": camp.token, "discord_api_url": camp.api_url})
    parts = assemble(settings, store, SystemClock(), "code")
    here = Channel(Space(Platform.DISCORD, camp.guild), camp.channel)
    async with asyncio.timeout(LIMIT), running(parts.adapters[Platform.DISCORD].run(parts.app)):
        while await store.places.channel(here) is None:
            await store.ledger.wait(await store.ledger.last_seq(), 1)
        await store.places.watch(here, True)
        start = await begin(pipe)
        while await store.forum.post(MessageRef(here, camp.last)) is None:
            await store.ledger.wait(await store.ledger.last_seq(), 1)
        taken = since(start)
    await _right(store)
    await store.close()
    return taken


async def _right(store: SqlStore) -> None:
    found = await store.ledger.audit()
    assert (found.messages, found.drift) == (FRAMES, 0), found


async def theirs(camp: Camp, pipe: Connection) -> Taken:
    """Seconds until discord.py gave the last message to a listener that does nothing with it."""
    done = asyncio.Event()
    ready = asyncio.Event()
    intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, message_content=True)
    client = discord.Client(intents=intents)
    seen = 0

    @client.event
    async def on_ready() -> None:
        ready.set()

    @client.event
    async def on_message(message: discord.Message) -> None:
        nonlocal seen
        seen += 1
        if seen == FRAMES:
            done.set()

    async with asyncio.timeout(LIMIT), running(client.start(camp.token)):
        await ready.wait()
        start = await begin(pipe)
        await done.wait()
        taken = since(start)
        await client.close()
    return taken


def run(folder: Path, rounds: int = ROUNDS) -> list[Result]:
    """Both in turn, each with a new connection and ours with a new database; every round checks its counts."""
    template = folder / "gateway-empty.db"
    migrate(f"sqlite:///{template}")
    pipe, end = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(end, FRAMES))
    server.start()
    try:
        camp: Camp = pipe.recv()
        Route.BASE = camp.api_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(camp.gateway)
        connecting.APART = 0.0  # a new client each round, on a server that does not mind
        pairs = [_round(number, camp, pipe, template) for number in range(rounds + 1)][1:]  # the first warms up
    finally:
        pipe.send("")
        server.join()
    ratio = statistics.median(them.wall / us.wall for us, them in pairs)
    busy = statistics.median(them.busy / us.busy for us, them in pairs)
    speed = FRAMES / statistics.median(us.wall for us, _ in pairs)
    note = f"{speed:,.0f} frames/s; by processor time {busy:.2f} ×"
    return [Result("B1 gateway frames stored and counted", ratio, 2.0, 0.9, speed=True, note=note)]


def _round(number: int, camp: Camp, pipe: Connection, template: Path) -> tuple[Taken, Taken]:
    """Ours and theirs, in turn who comes first."""
    taken = {}
    for side in (number % 2, 1 - number % 2):
        if side:
            taken[1] = asyncio.run(theirs(camp, pipe))
        else:
            database = template.with_name(f"gateway-{number}.db")
            shutil.copy(template, database)
            taken[0] = asyncio.run(ours(camp, pipe, database))
            database.unlink()
    return taken[0], taken[1]
