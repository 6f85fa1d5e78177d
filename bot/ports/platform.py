"""The door to a chat platform: events in, cards out."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.models import (
    Answer,
    Card,
    Channel,
    ChannelInfo,
    Command,
    Event,
    MemberRef,
    Message,
    MessageRef,
    Platform,
    Thread,
    ThreadSeen,
    VotesRead,
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

    async def on_command(self, command: Command) -> Answer:
        """Run a command and give the private answer. CommandError when it is refused; its text is for the asker."""
        ...


class Adapter(Protocol):
    """One chat platform. Any method may raise PlatformError."""

    @property
    def platform(self) -> Platform:
        """Which one."""
        ...

    async def run(self, inbox: Inbox) -> None:
        """Connect and deliver what happens until cancelled."""
        ...

    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        """Send a new message, silently. At most one visible message a marker within the platform's window."""
        ...

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Replace what our message shows. MessageGone if it was deleted."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Take our message away; nothing if it is gone already."""
        ...

    async def open_thread(self, channel: Channel, opener: MemberRef, title: str, text: str) -> Thread:
        """Open a thread for /discussion start: the opening post (the opener's) and the thread, told to the inbox."""
        ...

    def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Message]:
        """What stands after a position, oldest first."""
        ...

    async def fetch(self, ref: MessageRef) -> Message | None:
        """One message as it is now; None if it is gone."""
        ...

    async def votes(self, ref: MessageRef) -> Sequence[VotesRead]:
        """All highlight reactions on a message, every page of voters, one for each source."""
        ...

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels we can see."""
        ...

    async def threads(self, channel: Channel) -> Sequence[ThreadSeen]:
        """The threads of a channel that have names, archived ones too."""
        ...

    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        """Our message with this marker, sent at or after `since`; None if there is none."""
        ...

    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """Which of these channels a member can open with their history."""
        ...
