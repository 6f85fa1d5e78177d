"""The web as a platform: the forum is served from here, and the local room is what it hosts."""

import asyncio
import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from aiohttp import web

from adapters.web.app import application
from adapters.web.checks import PLATFORMS
from adapters.web.hooks import add_hook
from adapters.web.live import Live
from adapters.web.room import ROOM, Room, add_room
from adapters.web.site import Site
from bot import cardjson
from bot.errors import ConfigError, MessageGone, PlatformError
from bot.models import (
    Author,
    Card,
    Channel,
    ChannelInfo,
    Event,
    Lacking,
    MemberRef,
    Message,
    MessageRef,
    MessageSeen,
    Platform,
    Space,
    Thread,
    ThreadSeen,
    channel_of,
)
from bot.ports import Adapter, Clock, Hook, Inbox, Pace, Store
from bot.urls import Urls

GOODBYE = 2.0  # seconds that open requests get at the end


class WebAdapter:
    """The forum and, where it is open, the local room.

    `moderator_code` makes whoever enters it first a moderator of the room. `local_only` closes the room to requests
    that came by a foreign name or through a proxy.
    """

    platform = Platform.LOCAL
    connected = True
    pace = Pace()
    part = ""

    def __init__(  # noqa: PLR0913 - each is a part of where and how it is served, all named
        self,
        *,
        store: Store,
        clock: Clock,
        host: str,
        port: int,
        urls: Urls,
        room_open: bool,
        moderator_code: str,
        local_only: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._host = host
        self.port = port
        self.live = Live(store)
        self.room = Room(store, clock, moderator_code, local_only=local_only)
        self.app = application(Site(store=store, clock=clock, urls=urls, room_open=room_open), self.live)
        self._room_open = room_open
        if room_open:
            add_room(self.app, self.room)
        self._runner: web.AppRunner | None = None
        self._following: asyncio.Task[None] | None = None

    def hears(self, space: Space) -> bool:
        """Whether a space is here at all: all of it is told to each process."""
        return space.platform is self.platform

    def take(self, path: str, hook: Hook) -> None:
        """Let a platform deliver to a path of ours; to be said before `start`."""
        add_hook(self.app, path, hook)

    def watch(self, platforms: Mapping[Platform, Adapter]) -> None:
        """Tell machines which of these reach us (`/readyz`, `/metrics`); to be said before `start`."""
        self.app[PLATFORMS] = platforms

    async def start(self) -> None:
        """Begin to listen; `port` is then the real one. ConfigError when the port is taken."""
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=GOODBYE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self.port).start()
        except (OSError, UnicodeError) as error:  # a name that cannot be a host's is the second
            await runner.cleanup()
            raise ConfigError(_not_listening(self._host, self.port, error)) from None
        self._runner = runner
        self.port = int(runner.addresses[0][1])
        self._following = asyncio.create_task(self.live.follow())

    async def stop(self) -> None:
        """End every stream and stop listening."""
        await self.live.close()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def run(self, inbox: Inbox) -> None:
        """Take part until cancelled: what people do in the room goes to the inbox. A closed room is not even named."""
        if self._room_open:
            await self.room.open(inbox)
        try:
            await asyncio.Event().wait()
        finally:
            self.room.inbox = None

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        """Put a card into the room; the same marker gives the same message."""
        channel, thread = (where.channel, where.id) if isinstance(where, Thread) else (where, None)
        ref = MessageRef(channel, await self.room.new_id())
        return await self._store.room.put(ref, thread, cardjson.dumps(card), marker, self._clock.now())

    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:  # noqa: ARG002 - the port's shape
        """Replace what our message shows."""
        if not await self._store.room.change(ref, cardjson.dumps(card)):
            raise MessageGone(f"The message {ref.id} is not in the room any more.")

    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:  # noqa: ARG002 - the port's shape
        """Take our message away."""
        await self._store.room.remove(ref)

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        """Post what the opener wrote, and make it a discussion."""
        member = await self._store.people.member(opener)
        if member is None or self.room.inbox is None:
            raise PlatformError("The room is not open.")
        number, now = await self.room.new_id(), self._clock.now()
        thread = Thread(channel, number)
        author = Author(member=opener, name=member.name)
        message = Message(ref=MessageRef(channel, number), thread=thread, author=author, text=text, sent_at=now)
        await self.room.inbox.on_event(MessageSeen(message=message))
        await self.room.inbox.on_event(ThreadSeen(thread=thread, at=now, name=title))
        return thread

    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:  # noqa: ARG002 - the port's shape
        """Nothing: the room's messages are nowhere but in the store."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:  # noqa: ARG002 - the port's shape
        """Nothing, likewise."""
        return self.history(where, after)

    async def shows(self, channel: Channel, position: int) -> bool:  # noqa: ARG002 - the port's shape
        """Always."""
        return True

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels of the room."""
        known = await self._store.places.channels()
        return [channel.info for channel in known if channel.channel.space == ROOM]

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:  # noqa: ARG002 - the port's shape
        """Nothing to read: every thread came as an event."""
        return ()

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:  # noqa: ARG002 - the port's shape
        """Our message with this marker."""
        return await self._store.room.find(channel_of(where), marker)

    async def track(self, thread: Thread) -> None:
        """Every thread of the room is told."""

    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:  # noqa: ARG002 - the port's shape
        """Nothing can be missing here."""
        return ()

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """All channels of the room; private ones only for its moderators."""
        if member.space != ROOM:
            return frozenset()
        private = {info.channel for info in await self.channels() if info.private}
        moderator = self.room.is_moderator(member)
        return frozenset(
            channel for channel in channels if channel.space == ROOM and (moderator or channel not in private)
        )


def _not_listening(host: str, port: int, error: OSError | UnicodeError) -> str:
    """Why the forum cannot be served where the settings say, and which of them to change."""
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"The port {port} of {host} is taken; set WEB_PORT to a free one or stop what uses it."
        case errno.EACCES | errno.EPERM:
            return f"The port {port} of {host} may not be used by this user; set WEB_PORT to one above 1023."
        case _:
            return (
                f"This machine has no address {host} to listen on; set WEB_HOST to one that it has, such as 127.0.0.1."
            )
