"""From payloads to stored events: a bounded queue, read in order, many at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from adapters.discord.convert import BadPayload, Came, Known, Told, UnknownPlace, convert
from adapters.discord.convert.posts import POSTS
from adapters.discord.convert.reading import Payload, record, snowflake
from bot.errors import PlatformError, StoreBusy, StoreFailed
from bot.failpoints import reach
from bot.models import Event, MessageRef, Platform, Space
from bot.ports import Clock, Inbox

BOUND = 20_000  # payloads that may wait before messages and votes are dropped
TOGETHER = 500  # payloads stored in one go
AGAIN = 0.5  # seconds before the store is asked again

Fetch = Callable[[str], Awaitable[Any]]
Reread = Callable[[str, MessageRef], Awaitable[Event]]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One payload, and when it came."""

    name: str
    payload: Any
    at: datetime


class Stream:
    """The payloads of one connection. `fetch` asks for a channel or thread, `reread` for the votes of a message."""

    def __init__(self, *, known: Known, inbox: Inbox, clock: Clock, fetch: Fetch, reread: Reread) -> None:
        self._known = known
        self._inbox = inbox
        self._clock = clock
        self._fetch = fetch
        self._reread = reread
        self._waiting: asyncio.Queue[Arrived] = asyncio.Queue()
        self._torn: set[Space] = set()

    def take(self, name: str, payload: Any) -> None:  # noqa: ANN401 - Discord's JSON
        """Let a payload wait for its turn. At the bound it is dropped, and its server is read again later.

        What tells of places is never dropped: it is rare, and nobody would tell us again who may read them.
        """
        if name not in POSTS:
            self._known.guilds.listed.clear()
        elif self._waiting.qsize() >= BOUND:
            if guild := snowflake(record(payload).get("guild_id")):
                self._torn.add(Space(Platform.DISCORD, guild))
            return
        self._waiting.put_nowait(Arrived(name, payload, self._clock.now()))

    async def run(self) -> None:
        """Store what comes until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < TOGETHER and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            reach("stream.taken")
            await self._store(batch)
            while self._torn:
                await self._mark(self._torn.pop())

    async def _store(self, batch: Sequence[Arrived]) -> None:
        events: list[Event] = []
        for arrived in batch:
            if arrived.name == "GUILD_CREATE":
                await self._give(events)
                events = []
                await self._begin(record(arrived.payload))
            told = await self._read(arrived)
            events += told.events
            for ref in told.reread:
                events += await self._votes(snowflake(record(arrived.payload).get("channel_id")), ref)
        await self._give(events)

    async def _begin(self, guild: Payload) -> None:
        """A server is told whole: a session begins, or it is back; what happened there before is told by nobody."""
        ident = snowflake(guild.get("id"))
        if ident and guild.get("unavailable") is not True:
            await self._mark(Space(Platform.DISCORD, ident))

    async def _mark(self, space: Space) -> None:
        """Say that something of a server is missing, however busy the store is."""
        self._known.guilds.listed.pop(space.id, None)
        while True:
            try:
                await self._inbox.on_stream(space)
            except (StoreBusy, StoreFailed):
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _give(self, events: Sequence[Event]) -> None:
        """Store events; while the store is at its bound, or fails, what comes waits in the queue."""
        reach("stream.read")
        while events:
            try:
                await self._inbox.on_events(events)
            except (StoreBusy, StoreFailed):
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _read(self, arrived: Arrived) -> Told:
        """What a payload tells; one that makes no sense is dropped with a sentence."""
        came = Came(arrived.at)
        try:
            try:
                return convert(self._known, arrived.name, arrived.payload, came)
            except UnknownPlace as unknown:
                self._known.guilds.keep_fetched(record(await self._fetch(unknown.id)))
                return convert(self._known, arrived.name, arrived.payload, came)
        except (BadPayload, UnknownPlace, PlatformError) as error:
            log.warning("dropped a payload", name=arrived.name, reason=str(error))
            return Told()

    async def _votes(self, place: str, ref: MessageRef) -> Sequence[Event]:
        """The votes on a message, in the order of the stream: what comes later holds over them."""
        try:
            return [await self._reread(place, ref)]
        except PlatformError as error:
            log.warning("votes not read", message=ref.id, reason=str(error))
            return ()
