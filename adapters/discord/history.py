"""What stands in channels and threads, page by page, as events of a backfill."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.api import Api
from adapters.discord.convert import BadPayload, Came, Known, convert, stars_of, threads_seen, votes_read
from adapters.discord.convert.guilds import READ
from adapters.discord.convert.places import sound
from adapters.discord.convert.reading import Payload, moment, record, records, snowflake
from bot.errors import Forbidden, MessageGone, ThreadClosed
from bot.models import (
    LAST_POSITION,
    Channel,
    Event,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Thread,
    ThreadSeen,
    VotesRead,
    channel_of,
    moment_of,
)
from bot.ports import Clock

PAGE = 100  # messages, threads or voters in an answer
LISTED = 10.0  # seconds that a list of active threads is believed, unless something is told of a place
TICK = timedelta(microseconds=1)  # moments are told to the microsecond

Call = Callable[..., Awaitable[Any]]  # one of the ways in which `Api` makes calls
log = structlog.get_logger(__name__)


class History:
    """Reads what Discord keeps."""

    def __init__(self, api: Api, known: Known, clock: Clock) -> None:
        self._api = api
        self._known = known
        self._clock = clock

    def allow(self, channel: Channel) -> None:
        """Forbidden unless we may read a channel's history: Discord answers with an empty list instead of saying so.

        A channel that is not there is forbidden as well: its threads are not gone because we were put out.
        """
        guilds = self._known.guilds
        guild = guilds.guilds.get(channel.space.id)
        if guild is None or channel.id not in guild.channels:
            raise Forbidden(f"Channel {channel.id} is not there.")
        if guild.permissions(channel.id, guild.own_roles or (), guilds.own) & READ != READ:
            raise Forbidden(f"We may not read the history of channel {channel.id}.")

    def read(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first: each message, then its votes where it has any."""
        return self._read(where, after, LAST_POSITION, self._api.call)

    def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        """The same up to a position, with calls that can wait."""
        return self._read(where, after, until, self._api.at_leisure)

    async def _read(self, where: Channel | Thread, after: int, until: int, call: Call) -> AsyncIterator[Event]:
        channel = channel_of(where)
        self.allow(channel)
        while True:
            came = Came(self._clock.now(), Origin.BACKFILL)  # events from here on are later than what we read
            page = await self._page(where, after, call)
            for payload in page:
                if _position(payload) <= until:
                    async for event in self._message(where, payload, came, call):
                        yield event
            self.allow(channel)  # otherwise what we read may be empty because access was taken away meanwhile
            if len(page) < PAGE or _position(page[-1]) >= until:
                return
            after = _position(page[-1])

    async def _page(self, where: Channel | Thread, after: int, call: Call) -> Sequence[Payload]:
        """Some messages after a position, oldest first. ThreadClosed for a thread that is, in a channel that is not."""
        try:
            found = await call("GET", "/channels/{channel_id}/messages", channel_id=where.id, after=after, limit=PAGE)
        except Forbidden as error:
            if not isinstance(where, Thread):
                raise
            self.allow(where.channel)
            raise ThreadClosed(str(error)) from error
        return sorted(records(found), key=_position)

    async def _message(self, where: Channel | Thread, payload: Payload, came: Came, call: Call) -> AsyncIterator[Event]:
        try:
            told = convert(self._known, "MESSAGE_CREATE", dict(payload) | {"channel_id": where.id}, came)
        except BadPayload as error:
            log.warning("dropped a message of a history", reason=str(error))
            return
        for event in told.events:
            yield event
            if isinstance(event, MessageSeen) and event.message.ref.id == snowflake(payload.get("id")):
                ref, starred = event.message.ref, stars_of(payload, self._known.stars)
                yield await self._votes(where.id, ref, call) if starred else votes_read(self._known, ref, (), came)

    async def votes(self, place: str, ref: MessageRef) -> VotesRead:
        """All votes by reactions on a message that stands in a channel or thread."""
        return await self._votes(place, ref, self._api.call)

    async def _votes(self, place: str, ref: MessageRef, call: Call) -> VotesRead:
        came = Came(self._clock.now(), Origin.BACKFILL)
        pages: list[Any] = []
        for star in sorted(self._known.stars):
            pages += [page async for page in self._voters(place, ref.id, star, call)]
        return votes_read(self._known, ref, pages, came)

    async def _voters(self, place: str, message: str, star: str, call: Call) -> AsyncIterator[list[Any]]:
        after = "0"
        while True:
            page = records(
                await call(
                    "GET",
                    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}",
                    channel_id=place,
                    message_id=message,
                    emoji=star,
                    after=after,
                    limit=PAGE,
                )
            )
            yield list(page)
            if len(page) < PAGE:
                return
            after = snowflake(page[-1].get("id"))

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        """The threads of a channel that were archived, or have something, after a position; active ones first.

        Private ones only where they are tracked. Active threads without news are told by the gateway.
        """
        self.allow(channel)
        listed = [
            each for each in await self._active(channel.space.id) if snowflake(each.get("parent_id")) == channel.id
        ]
        listed = [each for each in listed if _newest(each) > after]
        listed += [each async for each in self._archived(channel, after)]
        listed += [each async for each in self._tracked(channel, after)]
        seen = threads_seen(self._known.guilds, channel.space.id, listed, self._clock.now())
        newest = {snowflake(each.get("id")): _newest(each) for each in listed}
        return [replace(each, newest=newest[each.thread.id]) for each in seen]

    async def _active(self, guild: str) -> list[Payload]:
        """The active threads of a server, listed once for all of its channels that are read in a row."""
        lists, now = self._known.guilds.listed, asyncio.get_running_loop().time()
        if guild not in lists or now - lists[guild][0] > LISTED:
            found = await self._api.call("GET", "/guilds/{guild_id}/threads/active", guild_id=guild)
            lists[guild] = (now, sound(record(found).get("threads"), "id", "parent_id"))
        return lists[guild][1]

    async def _tracked(self, channel: Channel, after: int) -> AsyncIterator[Payload]:
        """The private threads of a channel that are tracked, and archived: no list for everybody has them."""
        active = {snowflake(each.get("id")) for each in await self._active(channel.space.id)}
        for ident in sorted(self._known.guilds.tracked - active):
            spot = self._known.guilds.spot(ident) if self._known.guilds.is_known(ident) else None
            if spot is not None and spot.channel != channel:
                continue
            try:
                found = await self._api.call("GET", "/channels/{channel_id}", channel_id=ident)
            except (Forbidden, MessageGone):
                continue  # it is closed to us, or gone
            for thread in sound([found], "id", "parent_id"):
                self._known.guilds.keep_fetched(thread)
                if snowflake(thread.get("parent_id")) == channel.id and _newest(thread) > after:
                    yield thread

    async def _archived(self, channel: Channel, after: int) -> AsyncIterator[Payload]:
        """Archived threads, those archived last first, that were archived or written in after a position.

        Pages overlap: Discord leaves out what was archived in the very moment that it is asked for.
        """
        known: set[str] = set()
        before: Any = {}
        while True:
            found = record(
                await self._api.call(
                    "GET",
                    "/channels/{channel_id}/threads/archived/public",
                    channel_id=channel.id,
                    limit=PAGE,
                    **before,
                )
            )
            page = sound(found.get("threads"), "id", "parent_id")
            fresh = [each for each in page if snowflake(each.get("id")) not in known]
            known.update(snowflake(each.get("id")) for each in fresh)
            for thread in fresh:
                if _newest(thread) > after or not _earlier(_archived_at(thread), after):
                    yield thread
            last = _archived_at(page[-1]) if page else None
            if not found.get("has_more") or last is None or _earlier(last, after):
                return
            overlap = TICK if fresh else timedelta()  # a whole page of one moment: paging cannot get past it
            before = {"before": (last + overlap).isoformat(timespec="microseconds")}


def _position(message: Payload) -> int:
    return int(snowflake(message.get("id")) or 0)


def _newest(thread: Payload) -> int:
    """The position of a thread's newest message; its own where nobody wrote in it yet."""
    return max(int(snowflake(thread.get(key)) or 0) for key in ("id", "last_message_id"))


def _archived_at(thread: Payload) -> datetime | None:
    return moment(record(thread.get("thread_metadata")).get("archive_timestamp"))


def _earlier(at: datetime | None, after: int) -> bool:
    return after > 0 and at is not None and at.timestamp() * 1000 < moment_of(Platform.DISCORD, after)
