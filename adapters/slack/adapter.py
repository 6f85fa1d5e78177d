"""Slack as a platform: what happens there comes in as events, what we show goes out as blocks."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any

from adapters.slack.api import PACE, Api, Refused
from adapters.slack.convert.messages import link_of
from adapters.slack.convert.reading import listed, moment, stamp
from adapters.slack.convert.wording import escaped
from adapters.slack.examining import examine
from adapters.slack.history import LISTING, REPLIES, ts_of
from adapters.slack.render import carries, edit_payload, post_payload
from adapters.slack.session import Session, not_connected
from bot.errors import MessageGone, PlatformError, Unavailable
from bot.markup import parse
from bot.models import (
    Author,
    Card,
    Channel,
    ChannelInfo,
    Event,
    Lack,
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
    position_at,
)
from bot.openings import keep_opening, opened_by
from bot.ports import Clock, Delivered, Inbox, Store

SKEW = timedelta(minutes=5)  # how far Slack's clock may be off from ours
LAG = 10.0  # seconds that Slack's history may be behind what was posted
LATE = 600.0  # seconds: what we did not take Slack sends again for six minutes; and our clock may be ahead
EXAMINED = 30.0  # seconds that an examination may take
_NAMED = re.compile(r"<[@#!][^<>\n]{1,200}>")  # how Slack writes mentions of people, channels and groups


class SlackAdapter:
    """The workspace that our token is for. `api_url` is for another Slack than Slack's own.

    With an `app_token` events come over sockets, else over HTTP with a `secret`.
    """

    platform = Platform.SLACK
    pace = PACE
    part = ""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        token: str,
        app_token: str = "",
        secret: str = "",
        api_url: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._token = token
        self._app_token = app_token
        self._secret = secret
        self._api_url = api_url
        self._api = Api(token, api_url)
        self._session: Session | None = None
        self.lag = timedelta(seconds=LAG)
        self.late = timedelta(seconds=LATE)

    @property
    def connected(self) -> bool:
        """Whether what happens there reaches us just now."""
        return self._session is not None and self._session.connected

    def hears(self, space: Space) -> bool:
        """Whether a space is here at all: all of it is told to each process."""
        return space.platform is self.platform

    async def run(self, inbox: Inbox) -> None:
        """Stay connected until cancelled. ConfigError for what only the operator can mend."""
        self._session = Session(api=self._api, store=self._store, clock=self._clock, inbox=inbox)
        try:
            await self._session.run(app_token=self._app_token, secret=self._secret)
        finally:
            self._session = None
            await self._api.close()

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Delivered:
        """Take what Slack delivers over HTTP; while we are not ready, it has to come again."""
        receiving = self._session.receiving if self._session else None
        if receiving is None:
            return Delivered(int(HTTPStatus.SERVICE_UNAVAILABLE))
        return await receiving.receive(headers, body)

    def _now(self) -> Session:
        if self._session is None or not self._session.known.space.id:
            raise not_connected()
        return self._session

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        """Send a new message, silently and once: if its answer is lost, `find_own` finds it."""
        self._now()
        thread = {"thread_ts": where.id} if isinstance(where, Thread) else {}
        made = await self._api.post(channel_of(where).id, **thread, **post_payload(card, marker))
        return MessageRef(channel_of(where), stamp(made.get("ts")))

    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        """Replace what our message shows. MessageGone if it was deleted."""
        self._now()
        try:
            await self._api.send("chat.update", channel=channel_of(where).id, ts=ref.id, **edit_payload(card))
        except Refused as error:
            if error.code == "cant_update_message" and await self._is_tombstone(ref):
                raise MessageGone(str(error)) from error
            raise

    async def _is_tombstone(self, ref: MessageRef) -> bool:
        """Whether only a note is left that a message was here: one with replies was deleted."""
        page = await self._api.read("conversations.replies", ahead=0.0, channel=ref.channel.id, ts=ref.id, limit=1)
        return any(it.get("subtype") == "tombstone" for it in listed(page, "messages") if it.get("ts") == ref.id)

    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        """Take our message away; nothing if it is gone already."""
        self._now()
        try:
            await self._api.send("chat.delete", channel=channel_of(where).id, ts=ref.id)
        except MessageGone:
            return

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        """Post what the opener wrote, under its title: it is the first message of its thread."""
        session = self._now()
        person, words = session.known.people.get(opener.id), written(text)
        names = {uid: known.name for uid, known in session.known.people.items() if f"<@{uid}" in words}
        body = parse(Platform.SLACK, words, lambda _kind, ident_: names.get(ident_))
        known_as = person.name if person else ""
        card, name = await opened_by(self._store, channel.space, opener, body, title=title, known_as=known_as)
        ref = await self._posted(channel, card)
        thread = Thread(channel, ref.id)
        message = Message(
            ref=ref,
            thread=thread,
            author=Author(member=opener, name=name),
            text=words,
            sent_at=moment(ref.id),
            url=link_of(channel, ref.id, ref.id, session.known.url),
        )
        seen = ThreadSeen(thread=thread, at=self._clock.now(), name=title, url=message.url)  # a name from the beginning
        await session.tell([MessageSeen(message=message), seen])
        await keep_opening(self._store, self._clock, channel, ref, card)
        return thread

    async def _posted(self, channel: Channel, card: Card) -> MessageRef:
        """Post something that is not in the outbox: if the answer is lost, look for it before giving up."""
        marker, since = token_urlsafe(12), self._clock.now() - SKEW
        try:
            return await self.post(channel, card, marker)
        except Unavailable as error:
            found = await self.find_own(channel, marker, since) if error.asked else None
            if found is None:
                raise
            return found

    async def track(self, thread: Thread) -> None:
        """Nothing: every thread of a channel that we are in is told."""

    def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first."""
        return self._now().history.read(where, after)

    def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        """What stands after a position and up to another, at leisure."""
        return self._now().history.reread(where, after, until)

    async def shows(self, channel: Channel, position: int) -> bool:
        """Whether Slack shows us anything that old."""
        return await self._now().history.shows(channel, position)

    def left(self, channel: Channel) -> timedelta | None:
        """How long reading a channel will take at least; None where it is not slow."""
        return self._session.history.left(channel) if self._session else None

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        """The threads of a channel with something after a position."""
        return await self._now().history.threads(channel, after)

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels that we are in."""
        return list(self._session.channels.shown.values()) if self._session else []

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        """Our message with this marker, sent at or after `since`; looked for twice, as Slack's history may lag.

        Where we may read once a minute, there is one look: a second would come later than a post can wait.
        """
        loop = asyncio.get_running_loop()
        settled = loop.time() + LAG
        if not self._api.pacing.slow(REPLIES if isinstance(where, Thread) else LISTING):
            found = await self._found(where, marker, since, 0.0)
            if found is not None:
                return found
            await asyncio.sleep(settled - loop.time())
        return await self._found(where, marker, since, settled)

    async def _found(self, where: Channel | Thread, marker: str, since: datetime, at: float) -> MessageRef | None:
        """Look for our message, not before a moment of the event loop's time."""
        own = self._now().known
        asked: dict[str, Any] = {
            "ahead": at,
            "oldest": ts_of(position_at(Platform.SLACK, since)),
            "include_all_metadata": "true",
            "inclusive": "true",
        }
        pages = (
            self._api.pages("conversations.replies", channel=where.channel.id, ts=where.id, **asked)
            if isinstance(where, Thread)
            else self._api.pages("conversations.history", channel=where.id, **asked)
        )
        async for page in pages:
            for message in listed(page, "messages"):
                ours = (own.own_bot and message.get("bot_id") == own.own_bot) or message.get("user") == own.own
                if ours and carries(message, marker):
                    return MessageRef(channel_of(where), stamp(message.get("ts")))
        return None

    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:
        """What is missing for us to work in these channels, and at all; asks Slack anew."""
        api = Api(self._token, self._api_url)
        here = [each for each in channels if each.space.platform is Platform.SLACK]
        if self._session is not None:
            await self._session.hearing.keep()
        try:
            async with asyncio.timeout(EXAMINED):
                return await examine(
                    api, self._store, self._clock, here, app_token=self._app_token, reachable=bool(self._secret)
                )
        except (PlatformError, TimeoutError) as error:
            behind = error.__cause__ if isinstance(error.__cause__, OSError) else error
            reason = str(behind) or type(behind).__name__
            return [Lacking(platform=Platform.SLACK, lack=Lack.ANSWER, reason=reason)]
        finally:
            await api.close()

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """Which of these channels a member can open: public ones, unless they are a guest, and those they are in.

        Of channels that we are not in, only the public ones are known.
        """
        session = self._session
        if session is None or member.space != session.known.space:
            return frozenset()
        return await session.channels.open_to(member, channels)


def written(text: str) -> str:
    """What somebody typed as Slack would have it: escaped, but for the people and channels that Slack named in it."""
    parts, end = [], 0
    for found in _NAMED.finditer(text):
        parts += [escaped(text[end : found.start()]), found[0] if found[0][1] in "@#" else escaped(found[0])]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])
