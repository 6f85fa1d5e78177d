"""What the room is: its channels, who may be in them, and how what people do becomes events."""

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from adapters.web.room.answers import Answers
from adapters.web.room.pace import Pace
from bot.models import (
    Asker,
    Author,
    Channel,
    ChannelInfo,
    ChannelSeen,
    KnownChannel,
    Level,
    MemberRef,
    Message,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Platform,
    Post,
    Role,
    Space,
    SpaceInfo,
    SpaceSeen,
    Thread,
    VoteCast,
    VoteSource,
    Withheld,
)
from bot.ports import Clock, Inbox, Store

ROOM = Space(Platform.LOCAL, "local")
CHANNELS = (("general", False), ("help", False), ("moderators", True))  # name, private
HELD_FOR = int(timedelta(days=7).total_seconds())
MICRO = 1_000_000
BURST, AGAIN = 20, timedelta(seconds=1)  # what one person may send: so much at once, then one after this
GUESSES, GUESS_AGAIN = 10, timedelta(seconds=6)  # tries of the moderators' code, everybody's together


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is here, as their cookie says."""

    member: MemberRef
    name: str
    moderator: bool = False

    @property
    def author(self) -> Author:
        """The person as the author of what they write."""
        return Author(member=self.member, name=self.name)

    def asker(self, locale: str) -> Asker:
        """The person as the asker of a command; a moderator of the room is its admin too."""
        roles = {Role.MEMBER, Role.MODERATOR, Role.ADMIN} if self.moderator else {Role.MEMBER}
        return Asker(member=self.member, name=self.name, roles=frozenset(roles), locale=locale)


class Room:
    """The local room of one store; `inbox` is there while it is open."""

    def __init__(self, store: Store, clock: Clock, code: str, *, local_only: bool) -> None:
        self.store = store
        self.clock = clock
        self.local_only = local_only
        self.inbox: Inbox | None = None
        self.answers = Answers()
        self.pace = Pace(BURST, AGAIN)
        self._guesses = Pace(GUESSES, GUESS_AGAIN)
        self._code = code
        self._last = 0
        self._ids = asyncio.Lock()
        self._secret = b""
        self._moderators: set[MemberRef] = set()

    async def open(self, inbox: Inbox) -> None:
        """Tell the core which channels there are; new public ones are watched and shared on the web."""
        now = self.clock.now()
        await inbox.on_event(SpaceSeen(info=SpaceInfo(space=ROOM, name="Folkmoot", hosted=True), at=now))
        for name, private in CHANNELS:
            channel = Channel(ROOM, name)
            known = await self.store.places.channel(channel)
            await inbox.on_event(ChannelSeen(info=ChannelInfo(channel=channel, name=name, private=private), at=now))
            if known is None:
                await self.store.places.watch(channel, True)
                if not private:
                    await self.store.places.set_level(channel, Level.WEB, 0)
        self.inbox = inbox

    def core(self) -> Inbox:
        """The inbox; 503 while the core is not there."""
        if self.inbox is None:
            raise web.HTTPServiceUnavailable
        return self.inbox

    async def secret(self) -> bytes:
        """The key that signs names."""
        if not self._secret:
            self._secret = await self.store.room.secret()
        return self._secret

    async def new_id(self) -> str:
        """An id for a message: microseconds since 1970, above all given before."""
        async with self._ids:
            if not self._last:
                self._last = await self.store.room.last_position(ROOM)
            self._last = max(int(self.clock.now().timestamp() * MICRO), self._last + 1)
            return str(self._last)

    def redeem(self, code: str) -> bool:
        """Whether the code makes a moderator; it does so once. 429 beyond the tries that all have together."""
        if not self._guesses.allows("code", self.clock.now()):
            raise web.HTTPTooManyRequests
        right = bool(self._code) and hmac.compare_digest(code.strip().encode(), self._code.encode())
        if right:
            self._code = ""
        return right

    def remember(self, person: Person) -> None:
        """Keep in mind who is a moderator."""
        if person.moderator:
            self._moderators.add(person.member)

    def is_moderator(self, member: MemberRef) -> bool:
        """Whether somebody has proved to be a moderator."""
        return member in self._moderators

    async def channels(self, person: Person | None) -> Sequence[KnownChannel]:
        """The channels that somebody may read."""
        moderator = person is not None and person.moderator
        known = await self.store.places.channels()
        return [it for it in known if it.channel.space == ROOM and (moderator or not it.info.private)]

    async def channel(self, name: str, person: Person | None) -> KnownChannel:
        """A channel by its name; 404 for one that they may not read."""
        for channel in await self.channels(person):
            if channel.channel.id == name:
                return channel
        raise web.HTTPNotFound

    async def say(self, person: Person, channel: Channel, thread: str | None, text: str) -> MessageRef:
        """Post what somebody wrote, into the channel or into a thread."""
        number = await self.new_id()
        message = Message(
            ref=MessageRef(channel, number),
            thread=Thread(channel, thread or number),
            author=person.author,
            text=text,
            sent_at=self.clock.now(),
        )
        await self.core().on_event(MessageSeen(message=message))
        return message.ref

    async def message_of(self, post: Post, text: str, author: Author) -> Message:
        """A stored message as an event tells it."""
        discussion = await self.store.forum.containing(post.ref)
        return Message(
            ref=post.ref,
            thread=Thread(post.ref.channel, post.ref.id) if discussion is None else discussion.thread,
            author=author,
            text=text,
            sent_at=post.sent_at,
            edited_at=post.edited_at,
            reply_to=post.reply_to,
        )

    async def change(self, person: Person, post: Post, text: str) -> None:
        """Replace the words of one's own message."""
        old = await self.message_of(post, text, person.author)
        edited = Message(
            ref=old.ref,
            thread=old.thread,
            author=old.author,
            text=text,
            sent_at=old.sent_at,
            edited_at=self.clock.now(),
            reply_to=old.reply_to,
        )
        await self.core().on_event(MessageSeen(message=edited))

    async def take_back(self, post: Post) -> None:
        """Delete a message."""
        await self.core().on_event(MessageDeleted(ref=post.ref, thread=None, at=self.clock.now()))

    async def own_words(self, person: Person, posts: Sequence[Post]) -> list[Post]:
        """The posts with the reader's own words shown to them, though they opted out of being read by others."""
        hidden = {
            post.ref: post for post in posts if post.author == person.member and post.withheld is Withheld.OPTED_OUT
        }
        if not hidden:
            return list(posts)
        last = max(ref.position for ref in hidden)
        said: dict[MessageRef, Post] = {}
        async for post in self.store.people.everything(person.member):
            if post.ref.position > last:
                break
            if post.ref in hidden:
                said[post.ref] = post
        return [said.get(post.ref, post) for post in posts]

    async def star(self, person: Person, post: Post) -> None:
        """Highlight a message, or take that back."""
        active = not await self.store.forum.has_vote(post.ref, person.member)
        vote = VoteCast(
            ref=post.ref, voter=person.author, source=VoteSource.REACTION, active=active, at=self.clock.now()
        )
        await self.core().on_event(vote)
