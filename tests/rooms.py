"""A small platform in memory: it keeps what is posted, opens threads, and knows who may read what."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from bot.errors import MessageGone, PlatformError
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
    VotesRead,
)
from bot.ports import Adapter, Clock, Inbox, Pace, Store


class SmallRoom:
    """One space. Private channels are read by their insiders only; everybody reads the others."""

    connected = True
    pace = Pace()
    part = ""

    def __init__(self, store: Store, clock: Clock, space: Space) -> None:
        self.space = space
        self.listed: dict[Channel, ChannelInfo] = {}
        self.insiders: dict[Channel, set[str]] = {}
        self.posts: dict[MessageRef, Card] = {}
        self.places: dict[MessageRef, Channel | Thread] = {}
        self.markers: dict[str, MessageRef] = {}
        self.asked = 0  # how often it was asked to send, edit or open something
        self.mood: PlatformError | None = None  # the error that sending raises while this is set
        self.said: dict[Channel | Thread, list[MessageSeen]] = {}  # the histories that it keeps
        self.hidden_before = 0  # anything older is hidden from us
        self.lacking: list[Lacking] = []
        self.threads_seen: dict[Thread, ThreadSeen] = {}
        self._store = store
        self._clock = clock
        self._last = 0

    @property
    def platform(self) -> Platform:
        return self.space.platform

    def hears(self, space: Space) -> bool:
        return self.part == "" or space == self.space

    def _next(self) -> str:
        """Ids grow strictly, as those of the local room do."""
        self._last = max(self._last + 1, int(self._clock.now().timestamp() * 1_000_000))
        return str(self._last)

    async def run(self, inbox: Inbox) -> None:
        """Nothing happens by itself here."""

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        self._ask()
        if marker in self.markers:
            return self.markers[marker]
        channel = where.channel if isinstance(where, Thread) else where
        ref = MessageRef(channel, self._next())
        self.posts[ref], self.places[ref], self.markers[marker] = card, where, ref
        return ref

    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        self._ask()
        if ref not in self.posts:
            raise MessageGone
        self.posts[ref] = card

    def _ask(self) -> None:
        self.asked += 1
        if self.mood is not None:
            raise self.mood

    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        self.posts.pop(ref, None)
        self.markers = {marker: each for marker, each in self.markers.items() if each != ref}

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        self._ask()
        now = self._clock.now()
        ref = MessageRef(channel, self._next())
        thread = Thread(channel, ref.id)
        author = Author(member=opener, name=opener.id.title())
        message = Message(ref=ref, thread=thread, author=author, text=text, sent_at=now)
        await self._store.ledger.record([MessageSeen(message=message), ThreadSeen(thread=thread, at=now, name=title)])
        return thread

    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        for event in self.said.get(where, ()):
            if event.message.ref.position > after:
                yield event

    async def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        async for event in self.history(where, after):
            if not isinstance(event, MessageSeen | VotesRead) or _ref(event).position <= until:
                yield event

    async def shows(self, channel: Channel, position: int) -> bool:
        return position >= self.hidden_before

    async def channels(self) -> Sequence[ChannelInfo]:
        return tuple(self.listed.values())

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        return [self.threads_seen[each] for each in self.threads_seen if each.channel == channel]

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        ref = self.markers.get(marker)
        return ref if ref in self.posts else None

    async def track(self, thread: Thread) -> None:
        """Every thread is told."""

    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:
        return [it for it in self.lacking if it.channel is None or it.channel in channels]

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        return frozenset(it for it in channels if it in self.listed and self._reads(member, it))

    def _reads(self, member: MemberRef, channel: Channel) -> bool:
        return not self.listed[channel].private or member.id in self.insiders.get(channel, set())


def _ref(event: MessageSeen | VotesRead) -> MessageRef:
    return event.message.ref if isinstance(event, MessageSeen) else event.ref


def is_adapter(room: SmallRoom) -> Adapter:
    """The type checker sees here that the room is a platform like any other."""
    return room


LEASE = timedelta(minutes=1)
