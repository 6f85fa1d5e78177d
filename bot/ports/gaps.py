"""What we may have missed, and how far it was read again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.models import LAST_POSITION, Channel, KnownChannel, MessageRef, Platform, Space, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A watched channel in which messages after a position may be missing.

    `began_at` is when that began, and tells it from the same gap after the stream was torn once more.
    """

    channel: KnownChannel
    after: int
    began_at: datetime


class Gaps(Protocol):
    """Gaps are durable: one that is open when the process dies is found open by the next."""

    async def begin(self, space: Space, at: datetime) -> None:
        """A stream of events begins: what came before may be missing in every watched channel of the space.

        Each gap begins at the channel's watermark, or where an open one began. To be called before the stream's first
        event is stored.
        """
        ...

    async def open(self, platform: Platform) -> Sequence[Gap]:
        """The open gaps of watched channels that we can read, those shared on the web first, then the oldest."""
        ...

    async def close(self, gap: Gap, until: int = 0) -> bool:
        """What was missing has been read. False, and it stays open, if the stream broke again meanwhile.

        What came before the gap is to be compared from now on, unless nothing did. The next gap begins at position
        `until`, or at the newest message that came live if that is later.
        """
        ...

    async def date(self, before: datetime) -> None:
        """Channels whose gap began before a moment, and is open still, say up to when nothing is missing.

        That is `KnownChannel.as_of`, until the gap is closed. What shows them is told as changed at both ends. Nothing
        for a channel that was never read to its end.
        """
        ...

    async def uncompared(self, platform: Platform) -> Sequence[Gap]:
        """The closed gaps before which deletions and edits were not looked for yet, in the order of `open`."""
        ...

    async def compared(self, gap: Gap) -> None:
        """Record that deletions and edits before a gap were looked for; nothing if a later gap was closed meanwhile."""
        ...

    async def advance(self, gap: Gap, after: int) -> None:
        """What was missing up to a position was read, should the process die; nothing if the stream broke again."""
        ...

    async def count(self, space: Space, messages: int) -> None:
        """Add to how many missed messages were read in a space; those from before it was followed do not count."""
        ...

    async def counted(self, space: Space) -> int:
        """How many missed messages were ever read, by whichever process."""
        ...

    async def voted(self, channel: Channel, after: int, until: int = LAST_POSITION) -> Collection[MessageRef]:
        """The messages of a channel and its threads after a position, up to another, that have votes."""
        ...

    async def stored(self, where: Thread | Channel, after: int, until: int) -> Sequence[MessageRef]:
        """The live messages that we have of a place, with `after` < position <= `until`, oldest first.

        A thread's first message is the channel's own, but in forums.
        """
        ...

    async def live(self, channel: Channel, positions: Collection[int]) -> Collection[int]:
        """Those of some positions in a channel and its threads at which we have a live message."""
        ...

    async def threads(self, channel: Channel, since: datetime) -> Sequence[Thread]:
        """The threads of a channel that have messages sent at or after a moment, newest first.

        What belongs to a reply chain stands in the channel itself.
        """
        ...
