"""The door to a chat platform: events in, cards out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bot.models import (
    Answer,
    Card,
    Channel,
    ChannelInfo,
    Command,
    Event,
    Lacking,
    MemberRef,
    MessageRef,
    Platform,
    Space,
    Thread,
    ThreadSeen,
)


class Clock(Protocol):
    """Where the time comes from; every rule that needs it takes it as an argument."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Inbox(Protocol):
    """What the core offers to adapters."""

    async def on_event(self, event: Event) -> None:
        """Take an event; returns when it is durable. Idempotent, in any order. StoreBusy at the queue's bound."""
        ...

    async def on_events(self, events: Sequence[Event]) -> None:
        """Take several at once; durable together."""
        ...

    async def on_stream(self, space: Space) -> None:
        """A stream of events begins or was torn: what came before may be missing, and is read again. Durable on return.

        To be awaited before the stream's first event is given.
        """
        ...

    async def on_command(self, command: Command) -> Answer:
        """Run a command and give the private answer. CommandError when it is refused; its text is for the asker."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """What to answer to something that a platform delivered to our web server."""

    status: int
    kind: str = "text/plain"
    body: bytes = b""


class Hook(Protocol):
    """Takes what a platform delivers to our web server: headers and body as they came, unverified."""

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Delivered:
        """Take one request; what to answer."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls within so many seconds, whichever they are, and `apart` seconds between two."""

    calls: int
    seconds: float
    apart: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a platform lets us send, edit or delete: in one channel or thread, in a space, in all. None: always.

    Where it counts apart what is new and what is changed: `posts` in a channel and its threads, `edits` in a space.
    """

    place: Rate | None = None
    space: Rate | None = None
    whole: Rate | None = None
    posts: Rate | None = None
    edits: Rate | None = None


@runtime_checkable
class Foretelling(Protocol):
    """An adapter whose platform may let it read so slowly that people want to know how long it takes."""

    def left(self, channel: Channel) -> timedelta | None:
        """How long reading a channel will take at least; None where it is not slow, or not known."""
        ...


@runtime_checkable
class Lagging(Protocol):
    """An adapter whose platform's histories do not show at once what was posted; `lag` is when they surely do."""

    lag: timedelta


@runtime_checkable
class Overtaking(Protocol):
    """An adapter whose platform may tell of a message after newer ones; `late` is how long after them at most."""

    late: timedelta


class Adapter(Protocol):
    """One chat platform. Any method may raise PlatformError."""

    @property
    def platform(self) -> Platform:
        """Which platform this is."""
        ...

    @property
    def connected(self) -> bool:
        """Whether what happens there reaches us just now; True only after the beginning of its stream was told."""
        ...

    @property
    def pace(self) -> Pace:
        """How often the platform may be called to show something; never changes."""
        ...

    @property
    def part(self) -> str:
        """Which part of the platform this process hears, for one that is split between processes; "" is all of it."""
        ...

    def hears(self, space: Space) -> bool:
        """Whether a space is in our part; what is to be done in others is left to the process that hears them."""
        ...

    async def run(self, inbox: Inbox) -> None:
        """Connect and deliver what happens until cancelled."""
        ...

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        """Send a new message, silently. At most one visible message a marker within the platform's window."""
        ...

    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        """Replace what our message at a place shows. MessageGone if it was deleted."""
        ...

    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        """Take our message at a place away; nothing if it is gone already."""
        ...

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        """Open a thread for /discussion start: the opening post (the opener's) and the thread, told to the inbox.

        Where it is a message of ours it is kept in the outbox too: it has to change when its words must go.
        """
        ...

    async def track(self, thread: Thread) -> None:
        """Follow a thread that is not told by itself, a private one: it and what stands there are told to the inbox.

        Only a moderator may ask for it. Does nothing where every thread is told.
        """
        ...

    def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        """What stands after a position, oldest first: each message, followed by its votes where it has any.

        Forbidden if we may not read the channel's history: an empty one would say that there is no gap. ThreadClosed if
        only this thread is closed to us, MessageGone if it is not there.
        """
        ...

    def reread(self, where: Channel | Thread, after: int, until: int) -> AsyncIterator[Event]:
        """What stands after a position and up to another, as `history` tells it, at leisure.

        All that is read so takes at most a fifth of the calls that the platform lets us make; each waits its turn.
        """
        ...

    async def shows(self, channel: Channel, position: int) -> bool:
        """Whether the platform still shows what is as old as a position: what is not there any more was deleted.

        Else it may only be kept from us, as by a plan that shows the last months.
        """
        ...

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels we can see."""
        ...

    async def threads(self, channel: Channel, after: int) -> Sequence[ThreadSeen]:
        """The public threads of a channel with something after a position, archived ones too."""
        ...

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        """Our message with this marker, sent at or after `since`; None if there is none."""
        ...

    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:
        """What is missing for us to work in these channels, and at all. Works without `run`, and raises nothing."""
        ...

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """Which of these channels a member can open with their history."""
        ...
