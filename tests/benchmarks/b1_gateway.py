"""B1: gateway frames on loopback → durable rows and counters, against discord.py that only builds its objects.

Messages as people write them: some answer another one, bring a file or a preview along, or mention somebody; all in a
server of 50 channels and 200 threads, by members with roles. The other side is what a bot begins with: the default
intents and what messages say, and a listener that does nothing. Both read the same bytes, which a process of its own
sends.
"""

import asyncio
import gc
import json
import random
import shutil
import statistics
import struct
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
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
from bot.app import App
from bot.cli.opening import spare_the_collector
from bot.cli.run import YOUNG, assemble
from bot.clock import SystemClock
from bot.models import Answer, Channel, Command, Event, MessageSeen, Platform, Space
from bot.settings import load
from storage import migrate, open_store
from storage.store import SqlStore
from tests.benchmarks.full import WORDS
from tests.benchmarks.paired import Result
from tests.makers import SetClock
from tests.servers.discord import Channel as Place
from tests.servers.discord import DiscordServer, Guild, Member, Message
from tests.servers.discord.sockets import Socket

FRAMES = 6_000
MEMBERS = 60
ROLES = 12
CHANNELS = 50
THREADS = 200
WORDS_EACH = 22
REPLIES, FILES, PREVIEWS, MENTIONS = 0.15, 0.10, 0.05, 0.08  # parts of all messages
ROUNDS = 7
LIMIT = 60.0  # seconds that a round may take
PREVIEW = {
    "type": "rich",
    "title": "Where to camp this summer",
    "url": "https://camp.example/summer",
    "description": "Twelve places by the water, with and without a stove.",
    "fields": [{"name": "Nights", "value": "3 to 7", "inline": True}],
    "footer": {"text": "camp.example"},
}


class Camp(NamedTuple):
    """Where the frames come from, and the last message that they tell of."""

    api_url: str
    gateway: str
    token: str
    guild: str
    channels: tuple[str, ...]
    last: str


def serve(pipe: Connection, frames: int) -> None:
    """A Discord in a process of its own: it sends all frames whenever it is told to."""
    asyncio.run(_serve(pipe, frames))


async def _serve(pipe: Connection, frames: int) -> None:
    async with DiscordServer(SetClock()) as server:
        guild = server.guild("Camp")
        said = some_messages(guild, frames)
        payloads = [message.payload(content=True, live=True) for message in said]
        told = [
            json.dumps({"op": 0, "t": "MESSAGE_CREATE", "s": n + 1000, "d": payload}).encode()
            for n, payload in enumerate(payloads)
        ]
        channels = tuple(each.id for each in guild.channels.values() if each.name.startswith("camp-"))
        camp = Camp(server.api_url, server.gateway.url, server.token, guild.id, channels, said[-1].id)
        pipe.send(camp)
        while await asyncio.to_thread(pipe.recv):
            (session,) = server.gateway.connected
            assert session.socket is not None
            wire = _on_the_wire(session.socket, told)
            pipe.send("ready")
            await asyncio.to_thread(pipe.recv)
            assert session.socket.request.transport is not None
            session.socket.request.transport.write(wire)


def some_messages(guild: Guild, number: int) -> list[Message]:
    """So many messages of many people, all over a server."""
    chance = random.Random(1)
    roles = [guild.role(f"Role {n}") for n in range(ROLES)]
    people = [guild.member(f"Member {n}", *chance.sample(roles, 3)) for n in range(MEMBERS)]
    channels = [guild.channel(f"camp-{n}") for n in range(CHANNELS)]
    asked = [chance.choice(channels).post(people[0], f"Question {n}?") for n in range(THREADS)]
    places = [*channels, *(question.thread(people[0], f"Question {n}") for n, question in enumerate(asked))]
    last: dict[str, Message] = {}
    said = []
    for _ in range(number):
        place = chance.choice(places)
        last[place.id] = _a_message(chance, place, people, last.get(place.id))
        said.append(last[place.id])
    return said


def _a_message(chance: random.Random, place: Place, people: Sequence[Member], before: Message | None) -> Message:
    text = " ".join(chance.choices(WORDS, k=WORDS_EACH))
    if chance.random() < MENTIONS:
        text = f"{chance.choice(people).mention} {text}"
    return place.post(
        chance.choice(people),
        text,
        reply_to=before if chance.random() < REPLIES else None,
        files=("tent.png",) if chance.random() < FILES else (),
        embeds=[PREVIEW] if chance.random() < PREVIEWS else [],
    )


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


@contextmanager
def fresh(threshold: int | None = None) -> Iterator[None]:
    """A program of its own for a while, as far as garbage goes: what the other side left and loaded costs nothing."""
    thresholds = gc.get_threshold()
    spare_the_collector(thresholds[0] if threshold is None else threshold)
    if threshold is None:
        gc.set_threshold(*thresholds)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[None]:  # noqa: ANN401 - a coroutine
    """Let something run beside, and end it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Door:
    """The core's door, which tells when a message that came in is durable."""

    def __init__(self, app: App, last: str) -> None:
        self._app = app
        self._last = last
        self.done = asyncio.Event()

    async def on_event(self, event: Event) -> None:
        await self._app.on_event(event)

    async def on_events(self, events: Sequence[Event]) -> None:
        await self._app.on_events(events)
        if any(isinstance(event, MessageSeen) and event.message.ref.id == self._last for event in events):
            self.done.set()

    async def on_stream(self, space: Space) -> None:
        await self._app.on_stream(space)

    async def on_command(self, command: Command) -> Answer:
        return await self._app.on_command(command)


async def ours(camp: Camp, pipe: Connection, database: Path) -> Taken:
    """Seconds until everything is committed and counted."""
    store = open_store(f"sqlite:///{database}")
    settings = load(env_file=None, override={"discord_token": camp.token, "discord_api_url": camp.api_url})
    parts = assemble(settings, store, SystemClock(), "code")
    door = Door(parts.app, camp.last)
    channels = [Channel(Space(Platform.DISCORD, camp.guild), each) for each in camp.channels]
    async with asyncio.timeout(LIMIT), running(parts.adapters[Platform.DISCORD].run(door)):
        while await store.places.channel(channels[-1]) is None:
            await store.ledger.wait(await store.ledger.last_seq(), 1)
        for channel in channels:
            await store.places.watch(channel, True)
        start = await begin(pipe)
        await door.done.wait()
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
    intents = discord.Intents.default()
    intents.message_content = True
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
            with fresh():
                taken[1] = asyncio.run(theirs(camp, pipe))
        else:
            database = template.with_name(f"gateway-{number}.db")
            shutil.copy(template, database)
            with fresh(YOUNG):
                taken[0] = asyncio.run(ours(camp, pipe, database))
            database.unlink()
    return taken[0], taken[1]
