"""What stands in channels and threads, page by page, as events of a backfill."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import structlog

from adapters.discord.api import Api
from adapters.discord.convert import BadPayload, Came, Known, convert, stars_of, threads_seen, votes_read
from adapters.discord.convert.guilds import READ
from adapters.discord.convert.reading import moment, record, records, snowflake
from bot.errors import Forbidden, MessageGone
from bot.models import (
    Channel,
    Event,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Thread,
    ThreadSeen,
    VotesRead,
    moment_of,
)
from bot.ports import Clock

PAGE = 100  # messages, threads or voters in an answer

log = structlog.get_logger(__name__)


class History:
    """Reads what Discord keeps."""

    def __init__(self, api: Api, known: Known, clock: Clock) -> None:
        self._api = api
        self._known = known
        self._clock = clock

    def allow(self, channel: Channel) -> None:
        """Forbidden unless we may read a channel's history: Discord answers with an empty list instead of saying so."""
        guilds = self._known.guilds
        guild = guilds.guilds.get(channel.space.id)
        if guild is None or channel.id not in guild.channels:
            raise MessageGone(f"Channel {channel.id} is not there.")
        if guild.permissions(channel.id, guild.own_roles or (), guilds.own) & READ != READ:
            raise Forbidden(f"We may not read the history of channel {channel.id}.")

    async def read(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first: each message, then its votes where it has any."""
        self.allow(where.channel if isinstance(where, Thread) else where)
        while True:
            found = await self._api.call(
                "GET", "/channels/{channel_id}/messages", channel_id=where.id, after=after, limit=PAGE
            )
            page = sorted(records(found), key=lambda each: int(snowflake(each.get("id")) or 0))
            for payload in page:
                async for event in self._message(where, payload):
                    yield event
            if len(page) < PAGE:
                return
            after = int(snowflake(page[-1].get("id")) or 0)

    async def _message(self, where: Channel | Thread, payload: Any) -> AsyncIterator[Event]:  # noqa: ANN401 - Discord's JSON
        came = Came(self._clock.now(), Origin.BACKFILL)
        try:
            told = convert(self._known, "MESSAGE_CREATE", dict(payload) | {"channel_id": where.id}, came)
        except BadPayload as error:
            log.warning("dropped a message of a history", reason=str(error))
            return
        for event in told.events:
            yield event
            if isinstance(event, MessageSeen) and stars_of(payload, self._known.stars):
                yield await self.votes(where.id, event.message.ref)

    async def votes(self, place: str, ref: MessageRef) -> VotesRead:
        """All votes by reactions on a message that stands in a channel or thread."""
        pages: list[Any] = []
        for star in sorted(self._known.stars):
            pages += [page async for page in self._voters(place, ref.id, star)]
        return votes_read(self._known, ref, pages, Came(self._clock.now(), Origin.BACKFILL))

    async def _voters(self, place: str, message: str, star: str) -> AsyncIterator[list[Any]]:
        after = "0"
        while True:
            page = records(
                await self._api.call(
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
        """The public threads of a channel with something after a position: active ones, then archived ones."""
        self.allow(channel)
        active = record(
            await self._api.call("GET", "/guilds/{guild_id}/threads/active", guild_id=channel.space.id)
        ).get("threads")
        listed = [each for each in records(active) if snowflake(each.get("parent_id")) == channel.id]
        listed += [each async for each in self._archived(channel, after)]
        fresh = [each for each in listed if int(snowflake(each.get("last_message_id")) or 0) > after]
        return list(threads_seen(self._known.guilds, channel.space.id, fresh, self._clock.now()))

    async def _archived(self, channel: Channel, after: int) -> AsyncIterator[Any]:
        """Archived threads, those archived last first; none that was archived before the position was written."""
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
            threads = records(found.get("threads"))
            for thread in threads:
                yield thread
            last = record(threads[-1].get("thread_metadata")).get("archive_timestamp") if threads else None
            if not found.get("has_more") or not isinstance(last, str) or _earlier(last, after):
                return
            before = {"before": last}


def _earlier(archived: str, after: int) -> bool:
    at: datetime | None = moment(archived)
    return after > 0 and at is not None and at.timestamp() * 1000 < moment_of(Platform.DISCORD, after)
