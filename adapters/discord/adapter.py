"""Discord as a platform: what happens there comes in as events, what we show goes out as embeds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import aiohttp
import discord
import structlog
from cachetools import LRUCache, TTLCache

from adapters.discord.addressed import Addressed
from adapters.discord.api import WHOLE, Api, pace
from adapters.discord.asking import Asking
from adapters.discord.connecting import PATIENCE, Client, aim, logged_in, stay_connected
from adapters.discord.convert import Guilds, Known
from adapters.discord.convert.guilds import LINK, VIEW_CHANNEL
from adapters.discord.convert.reading import record, records, snowflake, snowflakes
from adapters.discord.examining import examine
from adapters.discord.history import PAGE, History
from adapters.discord.offering import offer
from adapters.discord.render import carries, edit_payload, post_payload
from adapters.discord.stream import Stream
from adapters.discord.tap import tap
from adapters.discord.tracking import Tracking
from bot.errors import Archived, Forbidden, MessageGone, PlatformError, Unavailable
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
from bot.ports import Clock, Inbox, Store
from bot.sharding import Shards
from bot.together import until_one_ends

NAME = 100  # characters of a thread's name
MEMBERS, KEPT = 60.0, 10_000  # seconds that somebody's roles are believed, and of how many
LATE = 600.0  # seconds: only what is said in one place comes in its order, and our clock may be ahead
SHELF = 50_000  # how many buttons too long for their id are remembered

log = structlog.get_logger(__name__)


class DiscordAdapter:
    """Every server that has our bot, or our part of them. `api_url` is for another Discord than Discord's own."""

    platform = Platform.DISCORD

    def __init__(
        self, *, store: Store, clock: Clock, token: str, api_url: str | None = None, shards: Shards | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._token = token
        self._api_url = api_url
        self._shards = shards
        share = WHOLE if shards is None else shards.share
        self.pace = pace(share)
        self.part = "" if shards is None else str(shards)
        self._api = Api(clock, share)
        self._known = Known(guilds=Guilds(""))
        self._history = History(self._api, self._known, clock)
        self._tracking = Tracking(
            store=store,
            clock=clock,
            known=self._known,
            history=self._history,
            fetch=self._fetch,
            hears=self.hears,
        )
        self._shelf: MutableMapping[str, str] = LRUCache(SHELF)
        self._roles: MutableMapping[MemberRef, Sequence[str]] = TTLCache(KEPT, MEMBERS)
        self._answered: MutableMapping[str, bool] = LRUCache(KEPT)  # messages that nobody made a thread of
        self.late = timedelta(seconds=LATE)
        self._inbox: Inbox | None = None
        self._client: Client | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._offering: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether what happens there reaches us just now."""
        return self._client is not None and not self._client.is_closed() and self._client.connected

    def hears(self, space: Space) -> bool:
        """Whether a server is in our part."""
        return self._shards is None or self._shards.has(space.id)

    async def run(self, inbox: Inbox) -> None:
        """Stay connected until cancelled. ConfigError for what only the operator can mend."""
        if self._api_url:
            await aim(self._api_url, self._token)
        self._inbox = inbox
        await self._recall()
        stream = Stream(
            known=self._known, inbox=inbox, clock=self._clock, fetch=self._fetch, reread=self._history.votes
        )
        self._spawn(self._tracking.run(inbox))
        try:
            await until_one_ends(stream.run(), self._stay_connected(stream))
        finally:
            self._inbox = self._client = None
            self._api.use(None)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _recall(self) -> None:
        """Know what earlier processes were told: the private threads to track, and where we were let in."""
        guilds, channels = self._known.guilds, await self._store.places.channels()
        guilds.tracked.update(each.id for each in await self._store.forum.private(self.platform))
        guilds.remember(each.channel for each in channels if each.settings.watched and not each.removed)

    async def _stay_connected(self, stream: Stream) -> None:
        await stay_connected(self._token, lambda client: self._begin(client, stream), self._shards)

    async def _begin(self, client: Client, stream: Stream) -> None:
        """Make a client that is logged in ours: who we are, what we offer, and where its payloads go."""
        self._known.guilds.own = str(client.user.id) if client.user else ""
        self._api.use(client.http)
        self._client = client
        if self._offering is None or self._offering.done():
            self._offering = asyncio.create_task(offer(self._api, self._store, str(client.application_id or "")))
            self._keep(self._offering)
        asking = Asking(
            api=self._api, inbox=self._core(), clock=self._clock, shelf=self._shelf, own=self._known.guilds.own
        )

        addressed = Addressed(api=self._api, store=self._store, own=self._known.guilds.own)

        def take(name: str, payload: Any) -> None:  # noqa: ANN401 - Discord's JSON
            if name == "INTERACTION_CREATE":
                self._spawn(asking.answer(record(payload)))
                return
            stream.take(name, payload)
            if name == "MESSAGE_CREATE" and addressed.means_us(record(payload)):
                self._spawn(addressed.answer(record(payload)))
            if name == "THREAD_CREATE":
                self._tracking.opened(record(payload))

        tap(client, take)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the stream: whoever asks has three seconds."""
        self._keep(asyncio.create_task(work))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("not answered, or not read", error=repr(error)[:200])

    def _core(self) -> Inbox:
        if self._inbox is None:
            raise Unavailable("Discord is not connected.")
        return self._inbox

    async def _fetch(self, ident: str) -> Any:  # noqa: ANN401 - Discord's JSON
        return await self._api.call("GET", "/channels/{channel_id}", channel_id=ident)

    def _let_in(self, channel: Channel) -> None:
        """Nothing is asked for where we are known not to be let in: refusals add up to a ban of our address."""
        guilds = self._known.guilds
        guild, left = guilds.guilds.get(channel.space.id), channel.space.id in guilds.left
        if not left and (guild is None or guild.own_roles is None):
            raise Unavailable("Discord has not told of this server yet.", asked=False)
        if guild is None or not guild.permissions(channel.id, guild.own_roles or (), guilds.own) & VIEW_CHANNEL:
            raise Forbidden(f"Channel {channel.id} is closed to us.")

    async def _place(self, where: Channel | Thread) -> tuple[str, str]:
        """The Discord channel of a place, and the message that is answered there: a reply chain has no thread."""
        self._let_in(channel_of(where))
        if isinstance(where, Channel) or self._known.guilds.is_known(where.id):
            return where.id, ""
        if where.id not in self._answered:
            try:
                self._known.guilds.keep_fetched(record(await self._fetch(where.id)))
            except MessageGone:
                if not await self._is_chain(where):
                    raise
                self._answered[where.id] = True
            else:
                return where.id, ""
        return where.channel.id, where.id

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        """Send a new message, silently; the same marker gives the same message within Discord's memory."""
        place, answers = await self._place(where)
        channel = channel_of(where)
        payload = post_payload(card, marker, self._shelf, home=f"{LINK}/{channel.space.id}/{place}")
        if answers:
            payload["message_reference"] = {"message_id": answers, "fail_if_not_exists": False}
        made = record(await self._api.call("POST", "/channels/{channel_id}/messages", json=payload, channel_id=place))
        return MessageRef(channel, snowflake(made.get("id")))

    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        """Replace what our message shows. MessageGone if it was deleted."""
        payload = edit_payload(card, self._shelf)
        await self._reach(where, lambda place: self._message("PATCH", place, ref, json=payload))

    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        """Take our message away; nothing if it is gone already."""
        with suppress(MessageGone):
            await self._reach(where, lambda place: self._message("DELETE", place, ref))

    async def _message(self, method: str, place: str, ref: MessageRef, **more: Any) -> None:  # noqa: ANN401 - Discord's JSON
        path = "/channels/{channel_id}/messages/{message_id}"
        await self._api.call(method, path, channel_id=place, message_id=ref.id, **more)

    async def _reach(self, where: Channel | Thread, call: Callable[[str], Awaitable[None]]) -> None:
        """Call a message of ours where it stands.

        What we posted as an answer to a message stays in the channel when somebody makes a thread of that message.
        """
        place, _ = await self._place(where)
        try:
            await call(place)
        except (MessageGone, Archived) as error:
            if isinstance(where, Channel) or place == where.channel.id or not await self._may_be_outside(where, error):
                raise
            try:
                await call(where.channel.id)
            except MessageGone:
                raise error from None

    async def _may_be_outside(self, thread: Thread, error: PlatformError) -> bool:
        """Whether we may have posted in the channel instead. An archived thread may be opened while we look that up."""
        return thread.id in self._answered if isinstance(error, Archived) else await self._is_chain(thread)

    async def _is_chain(self, thread: Thread) -> bool:
        """Whether a discussion has no thread: people answer in the channel."""
        discussion = await self._store.forum.discussion_of(thread)
        return discussion is not None and discussion.chain

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        """Post what the opener wrote, and open a thread on it; in a forum, a post."""
        card, name = await opened_by(self._store, channel.space, opener, parse(Platform.DISCORD, text))
        thread = await self._opened(channel, title[:NAME], edit_payload(card, self._shelf))
        now = self._clock.now()
        spot = self._known.guilds.keep_thread(channel.space.id, thread)
        here = Thread(channel, snowflake(thread.get("id")))
        message = Message(
            ref=MessageRef(channel, here.id),
            thread=here,
            author=Author(member=opener, name=name),
            text=text,
            sent_at=now,
            url=f"{LINK}/{channel.space.id}/{here.id if self._is_forum(channel) else channel.id}/{here.id}",
        )
        core = self._core()
        seen = ThreadSeen(thread=here, at=now, name=title, url=spot.url if spot else "")
        await core.on_events([MessageSeen(message=message), seen])
        where = here if self._is_forum(channel) else channel
        await keep_opening(self._store, self._clock, where, message.ref, card)
        return here

    async def _opened(self, channel: Channel, title: str, message: dict[str, Any]) -> Any:  # noqa: ANN401 - Discord's JSON
        if self._is_forum(channel):
            body = {"name": title, "message": {name: part for name, part in message.items() if part is not None}}
            return await self._api.call("POST", "/channels/{channel_id}/threads", json=body, channel_id=channel.id)
        once = {"nonce": token_urlsafe(12), "enforce_nonce": True}  # a call whose answer was lost is repeated
        made = record(
            await self._api.call("POST", "/channels/{channel_id}/messages", json=message | once, channel_id=channel.id)
        )
        return await self._api.call(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            json={"name": title},
            channel_id=channel.id,
            message_id=snowflake(made.get("id")),
        )

    def _is_forum(self, channel: Channel) -> bool:
        guild = self._known.guilds.guilds.get(channel.space.id)
        info = None if guild is None else guild.shown(channel.id, self._known.guilds.own)
        return info is not None and info.forum

    async def track(self, thread: Thread) -> None:
        """Keep what is written in a private thread from now on, and read what stands there."""
        await self._tracking.track(thread, self._core())

    def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first."""
        return self._history.read(where, after)

    def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        """What stands after a position and up to another, at leisure."""
        return self._history.reread(where, after, until)

    async def shows(self, channel: Channel, position: int) -> bool:  # noqa: ARG002 - the port's shape
        """Always: Discord keeps everything."""
        return True

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        """The public threads of a channel with something after a position."""
        return await self._history.threads(channel, after)

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels we can see."""
        guilds = self._known.guilds
        shown = (guild.shown(ident, guilds.own) for guild in guilds.guilds.values() for ident in guild.channels)
        return [info for info in shown if info is not None]

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        """Our message with this marker, sent at or after `since`: read newest first."""
        place, _ = await self._place(where)
        channel = channel_of(where)
        self._history.allow(channel)
        first = position_at(Platform.DISCORD, since)
        before: Any = {}
        while True:
            found = await self._api.call(
                "GET", "/channels/{channel_id}/messages", channel_id=place, limit=PAGE, **before
            )
            page = records(found)
            for message in page:
                if snowflake(record(message.get("author")).get("id")) == self._known.guilds.own and carries(
                    dict(message), marker
                ):
                    return MessageRef(channel, snowflake(message.get("id")))
            if len(page) < PAGE or int(snowflake(page[-1].get("id")) or 0) < first:
                return None
            before = {"before": snowflake(page[-1].get("id"))}

    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:
        """What is missing for us to work in these channels, and at all; asks Discord anew."""
        api = Api(self._clock)
        try:
            async with asyncio.timeout(PATIENCE), logged_in(self._token, self._api_url) as http:
                api.use(http)
                return await examine(api, [each for each in channels if each.space.platform is Platform.DISCORD])
        except discord.LoginFailure:
            return [Lacking(lack=Lack.TOKEN)]
        except (PlatformError, discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            return [Lacking(lack=Lack.ANSWER, reason=str(error) or type(error).__name__)]

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """Which of these channels a member can open with their history."""
        guild = self._known.guilds.guilds.get(member.space.id)
        if guild is None or member.space.platform is not Platform.DISCORD:
            return frozenset()
        roles = await self._roles_of(member)
        here = [channel for channel in channels if channel.space == member.space]
        return frozenset(each for each in here if guild.may_read(each.id, roles, member.id))

    async def _roles_of(self, member: MemberRef) -> Sequence[str]:
        """Somebody's roles, believed for a minute; none for somebody who has left."""
        roles = self._roles.get(member)
        if roles is None:
            try:
                told = await self._api.call(
                    "GET", "/guilds/{guild_id}/members/{user_id}", guild_id=member.space.id, user_id=member.id
                )
            except MessageGone:
                told = {}
            roles = self._roles[member] = snowflakes(record(told).get("roles"))
        return roles
