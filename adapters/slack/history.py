"""What stands in channels and threads, page by page, as events of a backfill."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import structlog

from adapters.slack import pacing
from adapters.slack.api import MOST, Api
from adapters.slack.convert import BadPayload, Came, Known, deleted_of, message_of, votes_of
from adapters.slack.convert.messages import link_of
from adapters.slack.convert.reading import Payload, cursor_of, ident, listed, record, records, stamp
from adapters.slack.people import Roster
from bot.models import (
    Channel,
    Event,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Thread,
    ThreadSeen,
    VoteSource,
    VotesRead,
    channel_of,
    position_at,
    position_of,
)
from bot.ports import Clock, Store

MICROS = 1_000_000
PARENTS = timedelta(days=30)  # how old a thread's first message may be for its news to be found through it
LATELY = timedelta(days=60)  # older threads are asked for one by one, if somebody wrote in them since then
ALWAYS_SHOWN = timedelta(days=89)  # under every plan
LISTING, REPLIES = "conversations.history", "conversations.replies"
HEAVY = ("blocks", "attachments", "bot_profile", "user_profile")  # parts that take more memory than all others

log = structlog.get_logger(__name__)


def ts_of(position: int) -> str:
    """The `ts` of a position."""
    return f"{position // MICROS}.{position % MICROS:06}"


class History:
    """Reads what Slack keeps. `known` gives what has to be known now."""

    def __init__(self, api: Api, roster: Roster, known: Callable[[], Known], store: Store, clock: Clock) -> None:
        self._api = api
        self._roster = roster
        self._known = known
        self._store = store
        self._clock = clock
        self._pages_left: dict[Channel, int] = {}
        self._threads_left: dict[Channel, int] = {}

    def left(self, channel: Channel) -> timedelta | None:
        """How long reading a channel will take at least, where Slack lets us read once a minute."""
        calls = self._pages_left.get(channel, 0) + self._threads_left.get(channel, 0)
        return timedelta(seconds=max(calls, 1) * pacing.WINDOW) if self._api.pacing.slow(LISTING) else None

    async def read(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first: each message, then its votes.

        Slack gives a channel newest first, so all of it is read before the first is told, without what is heavy.
        """
        channel, came = channel_of(where), self._came()
        pages = [page async for page in self._pages(where, after)]
        if isinstance(where, Thread):
            self._threads_left[channel] = max(self._threads_left.get(channel, 0) - 1, 0)
        async for event in self._told(channel, pages, after, came):
            yield event

    async def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        """The same up to a position, with calls that can wait."""
        channel, came = channel_of(where), self._came()
        asked = {"oldest": ts_of(after), "latest": ts_of(until), "inclusive": "true"}
        pages = [_messages(page) async for page in self._listed(where, leisurely=True, **asked)]
        async for event in self._told(channel, pages, after, came, leisurely=True):
            yield event

    def _came(self) -> Came:
        """When and how it came: events from here on are later than what we read."""
        return Came(self._clock.now(), Origin.BACKFILL)

    async def shows(self, channel: Channel, position: int) -> bool:
        """Whether Slack shows what is as old; it is, if anything before it is.

        Without a paid plan a workspace shows the last 90 days, and nothing says so.
        """
        if position > position_at(Platform.SLACK, self._clock.now() - ALWAYS_SHOWN):
            return True
        before: dict[str, Any] = {"channel": channel.id, "latest": ts_of(position - 1), "inclusive": "true", "limit": 1}
        return bool(listed(await self._api.read(LISTING, leisurely=True, **before), "messages"))

    async def _told(
        self, channel: Channel, pages: Sequence[Sequence[Payload]], after: int, came: Came, *, leisurely: bool = False
    ) -> AsyncIterator[Event]:
        """What was listed after a position, in order."""
        found = {stamp(each.get("ts")): each for page in pages for each in page}
        for ts in sorted(filter(None, found), key=position_of):
            if position_of(ts) > after:
                async for event in self._message(channel, found[ts], came, leisurely=leisurely):
                    yield event

    async def _pages(self, where: Channel | Thread, after: int) -> AsyncIterator[Sequence[Payload]]:
        """What is listed after a position; how much there is yet to come is kept."""
        since, read = {"oldest": ts_of(after)} if after > 0 else {}, 0
        async for page in self._listed(where, leisurely=False, **since):
            read += 1
            messages = _messages(page)
            if isinstance(where, Channel):
                self._pages_left[where] = self._ahead(messages, after, read) if cursor_of(page) else 0
            yield messages

    def _listed(self, where: Channel | Thread, *, leisurely: bool, **asked: str) -> AsyncIterator[Payload]:
        """What stands in a place, page by page."""
        place = {"channel": channel_of(where).id} | ({"ts": where.id} if isinstance(where, Thread) else {})
        arguments: dict[str, Any] = {"leisurely": leisurely, **place, **asked}
        return self._api.pages(REPLIES if isinstance(where, Thread) else LISTING, size=MOST, **arguments)

    def _ahead(self, page: Sequence[Payload], after: int, read: int) -> int:
        """How many pages are to come before a position is reached, by the time that those read so far go back."""
        now = position_at(Platform.SLACK, self._clock.now())
        back = now - min((position_of(ts) for each in page if (ts := stamp(each.get("ts")))), default=now)
        return max(ceil(read * (now - after - back) / back), 1) if after > 0 and back > 0 else 1

    async def _message(
        self, channel: Channel, payload: Payload, came: Came, *, leisurely: bool
    ) -> AsyncIterator[Event]:
        try:
            if (gone := deleted_of(payload, channel, came)) is not None:
                yield gone
                return
            uid = ident(payload.get("user"))
            if uid and uid not in self._known().people:  # nobody waits for an acknowledgement here
                await self._roster.ask(uid)
            message = message_of(payload, channel, self._known())
        except BadPayload as error:
            log.warning("dropped a message of a history", reason=str(error))
            return
        yield MessageSeen(message=message, origin=Origin.BACKFILL)
        votes = votes_of(payload, message.ref, self._known(), came)
        yield votes if votes is not None else await self.votes(message.ref, leisurely=leisurely)

    async def votes(self, ref: MessageRef, *, leisurely: bool = False) -> VotesRead:
        """All votes by reactions on a message, asked for anew."""
        came = self._came()
        asked: dict[str, Any] = {"channel": ref.channel.id, "timestamp": ref.id, "full": "true"}
        found = await self._api.read("reactions.get", leisurely=leisurely, **asked)
        payload = dict(record(found.get("message")))
        payload["reactions"] = [dict(each) | {"count": 0} for each in records(payload.get("reactions"))]
        read = votes_of(payload, ref, self._known(), came)
        return read or VotesRead(ref=ref, source=VoteSource.REACTION, voters=(), at=came.at)

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        """The threads of a channel with something after a position.

        A reply does not move its parent in the list, so parents are looked through for some time back; what is older is
        asked for only where somebody wrote lately.
        """
        since = _earlier(after, PARENTS)
        newest: dict[str, int] = {}
        listed_: set[str] = set()
        async for page in self._pages(channel, since):
            for message in page:
                if (ts := stamp(message.get("ts"))) and (latest := stamp(message.get("latest_reply"))):
                    listed_.add(ts)
                    if position_of(latest) > after:
                        newest[ts] = position_of(latest)
        for ts in await self._older(channel, since, listed_) if after > 0 else ():
            newest[ts] = after + 1
        self._threads_left[channel], self._pages_left[channel] = len(newest), 1
        at, url = self._clock.now(), self._known().url
        return [
            ThreadSeen(thread=Thread(channel, ts), at=at, url=link_of(channel, ts, ts, url), newest=last, listed=True)
            for ts, last in newest.items()
        ]

    async def _older(self, channel: Channel, since: int, listed_: set[str]) -> Sequence[str]:
        """Threads older than the parents we looked through in which somebody wrote lately."""
        lately: datetime = self._clock.now() - LATELY
        stored = await self._store.gaps.threads(channel, lately)
        return [each.id for each in stored if each.id not in listed_ and position_of(each.id) <= since]


def _earlier(after: int, by: timedelta) -> int:
    """A position earlier by so much; 0 stays the beginning."""
    return max(after - int(by.total_seconds()) * MICROS, 0)


def _messages(page: Payload) -> Sequence[Payload]:
    return [_light(message) for message in listed(page, "messages")]


def _light(message: Payload) -> Payload:
    """A message without the parts that only repeat its text."""
    text = message.get("text")
    if not (isinstance(text, str) and text.strip()):
        return message
    return {key: value for key, value in message.items() if key not in HEAVY or key == "bot_profile"}
