"""From payloads to stored events: a bounded queue, read in order, many at a time.

While some are being stored the next ones are read; they are given to the store when it is done with those before.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import structlog

from adapters.discord.convert import BadPayload, Came, Known, Told, UnknownPlace, convert
from adapters.discord.convert.posts import POSTS
from adapters.discord.convert.reading import Payload, record, snowflake
from bot.errors import FolkmootError, PlatformError, StoreBusy, StoreFailed, Unavailable
from bot.failpoints import reach
from bot.models import Event, MessageRef, Platform, Space, VotesRead
from bot.ports import Clock, Inbox

BOUND = 20_000  # payloads that may wait before messages and votes are dropped
TOGETHER = 500  # payloads stored in one go
AGAIN = 0.5  # seconds before the store is asked again
TRIES = 5  # tries of what fails in a way that nobody expected
WORDS = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"})  # they tell when
TICK = timedelta(milliseconds=1)  # moments are kept so exactly
BURST = timedelta(minutes=1)  # how far what comes at once may be dated ahead

Fetch = Callable[[str], Awaitable[Any]]
Reread = Callable[[str, MessageRef], Awaitable[VotesRead]]
log = structlog.get_logger(__name__)


class Arrived(NamedTuple):
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
        self._waiting: deque[Arrived] = deque()
        self._dated = datetime.min.replace(tzinfo=UTC)  # when that came which told no moment, last
        self._news = asyncio.Event()
        self._torn: set[Space] = set()
        self._storing: asyncio.Task[None] | None = None

    def take(self, name: str, payload: Any) -> None:  # noqa: ANN401 - Discord's JSON
        """Let a payload wait for its turn. At the bound it is dropped, and its server is read again later.

        What tells of places is never dropped: it is rare, and nobody would tell us again who may read them.
        """
        if name not in POSTS:
            self._known.guilds.listed.clear()
        elif len(self._waiting) >= BOUND:
            if guild := snowflake(record(payload).get("guild_id")):
                self._torn.add(Space(Platform.DISCORD, guild))
            return
        self._waiting.append(Arrived(name, payload, self._clock.now() if name in WORDS else self._next()))
        self._news.set()

    def _next(self) -> datetime:
        """When something came of which only the order tells what holds: later than whatever came before it.

        A session that goes on repeats minutes in one millisecond: what was closed and opened again is open.
        """
        now = self._clock.now()
        self._dated = max(now, self._dated + TICK) if self._dated - now < BURST else now
        return self._dated

    async def run(self) -> None:
        """Store what comes until cancelled."""
        try:
            while True:
                await self._news.wait()
                batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
                reach("stream.taken")
                await self._store(batch)
                if self._torn or not self._waiting:
                    await self._stored()
                while self._torn:
                    await self._mark(self._torn.pop())
                if not self._waiting:
                    self._news.clear()
        finally:
            if self._storing is not None:
                self._storing.cancel()
                await asyncio.gather(self._storing, return_exceptions=True)

    async def _store(self, batch: Sequence[Arrived]) -> None:
        events: list[Event] = []
        for arrived in batch:
            told = self._told(arrived) or await self._asked(arrived)  # first: reading a gap needs the channels
            if told is None or arrived.name == "GUILD_CREATE":
                await self._give(events)
                events = []
                await self._stored()
                await self._begin(record(arrived.payload), "id" if told else "guild_id")
            if told is None:
                continue
            events += told.events
            for ref in told.reread:
                events += await self._votes(arrived, ref)
        await self._give(events)

    async def _begin(self, payload: Payload, key: str) -> None:
        """Something of a server, whose id is under `key`, may be missing: mark it, so that it is read.

        That is so when a session begins or the server is back, as nobody tells what happened before. And when a payload
        was dropped, because Discord did not say where it is from.
        """
        ident = snowflake(payload.get(key))
        if ident and payload.get("unavailable") is not True:
            await self._mark(Space(Platform.DISCORD, ident))

    async def _mark(self, space: Space) -> None:
        """Record that something of a server is missing, however busy the store is."""
        self._known.guilds.listed.pop(space.id, None)
        await _insisted(lambda: self._inbox.on_stream(space))

    async def _give(self, events: Sequence[Event]) -> None:
        """Have events stored, after those given before."""
        await self._stored()
        if events:
            self._storing = asyncio.create_task(self._keep(events))

    async def _stored(self) -> None:
        """Wait until what was given is stored."""
        if self._storing is not None:
            await self._storing
            self._storing = None

    async def _keep(self, events: Sequence[Event]) -> None:
        """Store events; while the store is at its bound, or fails, what comes waits in the queue."""
        reach("stream.read")
        await _insisted(lambda: self._inbox.on_events(events))

    def _told(self, arrived: Arrived) -> Told | None:
        """What a payload tells, None if Discord must be asked where it is from; one without sense is dropped."""
        try:
            return convert(self._known, arrived.name, arrived.payload, Came(arrived.at))
        except UnknownPlace:
            return None
        except BadPayload as error:
            return _dropped(arrived, error)

    async def _asked(self, arrived: Arrived) -> Told | None:
        """What a payload tells from a place that nobody told us of; None if Discord does not answer now."""
        try:
            try:
                return convert(self._known, arrived.name, arrived.payload, Came(arrived.at))
            except UnknownPlace as unknown:
                self._known.guilds.keep_fetched(record(await self._fetch(unknown.id)))
                return convert(self._known, arrived.name, arrived.payload, Came(arrived.at))
        except (BadPayload, UnknownPlace, PlatformError) as error:
            dropped = _dropped(arrived, error)
            return None if isinstance(error, Unavailable) else dropped

    async def _votes(self, arrived: Arrived, ref: MessageRef) -> Sequence[Event]:
        """The votes on a message, in the order of the stream: what comes later holds over them."""
        try:
            read = await self._reread(snowflake(record(arrived.payload).get("channel_id")), ref)
            return [replace(read, at=max(read.at, arrived.at + TICK))]
        except PlatformError as error:
            log.warning("votes not read", message=ref.id, reason=str(error))
            return ()


async def _insisted(work: Callable[[], Awaitable[None]]) -> None:
    """Do what must not be left out, once the store can.

    What nobody expected to go wrong is tried again too: nothing is stored twice. If that does not help, it ends the
    process: the next one is told of all places anew, and reads what is missing.
    """
    for tries in count(1):
        try:
            await work()
        except (StoreBusy, StoreFailed):
            pass
        except Exception:
            if tries >= TRIES:
                raise
            log.exception("not stored", tries=tries)
        else:
            return
        await asyncio.sleep(AGAIN)


def _dropped(arrived: Arrived, error: FolkmootError) -> Told:
    """Log why a payload is dropped."""
    log.warning("dropped a payload", name=arrived.name, reason=str(error))
    return Told()
