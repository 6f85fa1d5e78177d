"""The rolling sweep: rounds through all words on the web, which find changes that no event told us about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.models import Channel, KnownChannel, MessageRef, Platform, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A channel whose words are to be read again, and how far that has come: up to a position in one of its threads."""

    channel: KnownChannel
    began_at: datetime | None = None  # of the round; None before it begins
    root: int = 0  # position of the thread's first message; 0 is the channel itself, which comes first
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Messages of one place that are read again at once, oldest first; none where nothing there is on the web."""

    where: Channel | Thread
    ours: Sequence[MessageRef]
    then: Turn  # how far the round has come with it


@dataclass(frozen=True, slots=True)
class Swept:
    """How the rounds stand: which channels wait too long, and when each had a whole one."""

    behind: Sequence[KnownChannel] = ()
    whole_at: datetime | None = None  # the earliest end of the last rounds; None while a channel never had one


class Sweeps(Protocol):
    """Rounds are durable: one that was under way when the process died goes on where it stood."""

    async def due(self, platform: Platform, at: datetime) -> Sequence[Turn]:
        """The channels on the web whose round is under way or due, in the order in which they have their turn."""
        ...

    async def begin(self, turn: Turn, at: datetime) -> Turn:
        """Begin a channel's round, or one anew of which nothing was read yet."""
        ...

    async def passage(self, turn: Turn, until: int) -> Passage | None:
        """What comes next in a round, of what stands up to a position; None at its end. At most a hundred messages."""
        ...

    async def advance(self, then: Turn) -> None:
        """Record how far a round has come; nothing if another round has begun since."""
        ...

    async def end(self, turn: Turn, at: datetime) -> None:
        """End a round: all words of the channel were read again since it began. Nothing if it is another one by now."""
        ...

    async def state(self, at: datetime) -> Swept:
        """How the rounds stand."""
        ...
