"""Private threads: only those that a moderator tracks are kept; nobody tells us what was said in them without us."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from adapters.discord.convert import Known, threads_seen
from adapters.discord.convert.reading import Payload, record, snowflake
from adapters.discord.history import PAGE, History
from bot.errors import FolkmootError, Forbidden, MessageGone
from bot.models import Channel, Event, Platform, Space, Thread
from bot.ports import Clock, Inbox, Store

LEARNED = 15.0  # seconds between looks for threads that other processes were told to track, or that were not read yet

log = structlog.get_logger(__name__)


class Tracking:
    """Reads tracked threads that we were not in; each by itself, and again until it was read or is closed to us."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        known: Known,
        history: History,
        fetch: Callable[[str], Awaitable[Any]],
        hears: Callable[[Space], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = known
        self._history = history
        self._fetch = fetch
        self._hears = hears
        self._unread: dict[str, Thread] = {}
        self._news = asyncio.Event()

    def opened(self, payload: Payload) -> None:
        """We were let into a thread; if it is tracked, what was written there meanwhile is read soon."""
        ident = snowflake(payload.get("id"))
        if ident in self._known.guilds.tracked:
            space = Space(Platform.DISCORD, snowflake(payload.get("guild_id")))
            self._unread[ident] = Thread(Channel(space, snowflake(payload.get("parent_id"))), ident)
            self._news.set()

    async def track(self, thread: Thread, inbox: Inbox) -> None:
        """Keep what is written in a thread from now on, and read what stands there; if that fails, again later.

        Forbidden or MessageGone if it is closed to us: it is not tried again before it opens.
        """
        guilds = self._known.guilds
        try:
            payload = record(await self._fetch(thread.id))
        except (Forbidden, MessageGone):
            self._unread.pop(thread.id, None)
            raise
        guilds.tracked.add(thread.id)
        self._unread[thread.id] = thread
        await inbox.on_events(list(threads_seen(guilds, thread.channel.space.id, [payload], self._clock.now())))
        batch: list[Event] = []
        async for event in self._history.read(thread, 0):
            batch.append(event)
            if len(batch) == PAGE:
                await inbox.on_events(batch)
                batch = []
        await inbox.on_events(batch)
        if self._unread.get(thread.id) is thread:  # it did not open once more meanwhile
            del self._unread[thread.id]

    async def run(self, inbox: Inbox) -> None:
        """Track the threads that other processes were told to, and read what was missed, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEARNED):
                    await self._news.wait()
            self._news.clear()
            try:
                await self._learn()
            except FolkmootError as error:
                log.warning("private threads not looked for", reason=str(error))
            for thread in list(self._unread.values()):
                await self._read(thread, inbox)

    async def _learn(self) -> None:
        """Track what is tracked by others."""
        tracked = self._known.guilds.tracked
        for thread in await self._store.forum.private(Platform.DISCORD):
            if thread.id not in tracked and self._hears(thread.channel.space):
                tracked.add(thread.id)
                self._unread[thread.id] = thread

    async def _read(self, thread: Thread, inbox: Inbox) -> None:
        try:
            await self.track(thread, inbox)
        except FolkmootError as error:
            again = thread.id in self._unread
            log.warning("private thread not read", thread=thread.id, reason=str(error), again=again)
