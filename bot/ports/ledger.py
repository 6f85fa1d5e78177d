"""Where events are stored, and where whoever follows the changes reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.models import Audit, Discussion, Event, MessageRef, Question


class Changed(StrEnum):
    """What a change is about; `subject` of the change is the store's key of it."""

    DISCUSSION = "discussion"
    CHANNEL = "channel"  # a channel's settings, or lone messages in it
    VOTE = "vote"  # somebody highlighted a message, live; subject is the message's number
    POST = "post"  # one of our own posts; subject is its id
    ROOM = "room"  # something new to see in the local room; subject is the channel key
    RUN = "run"  # a digest run
    PLACES = "places"  # spaces, settings or schedules; subject 0


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log; `seq` grows with the order of commits, over all processes."""

    seq: int
    kind: Changed
    subject: int


class Ledger(Protocol):
    """Messages, votes and threads, and the counters they carry.

    Counters change only with rows that really changed, in the same transaction, by the difference they make: replays,
    disorder and crashes cannot move them. Concurrent calls share one transaction (group commit).
    """

    async def record(self, events: Sequence[Event]) -> None:
        """Store events; returns when they are durable. Idempotent and free of order. StoreBusy at the queue's bound."""
        ...

    async def take(self, events: Sequence[Event]) -> Sequence[Event]:
        """Store what is kept of events from a platform; which they were, when they are durable.

        What happens in a channel that nobody watches is not kept; that something is edited or deleted is, if it is
        stored, and what becomes of a thread that has a discussion. Decided in the transaction that stores them. As
        `record` else.
        """
        ...

    async def last_seq(self) -> int:
        """The number of the newest change, 0 if there is none."""
        ...

    async def changes(self, after: int, limit: int = 1000) -> Sequence[Change]:
        """What changed after `after`, oldest first, whoever wrote it."""
        ...

    async def wait(self, after: int, within: float) -> bool:
        """Wait until there is a change after `after`, at most `within` seconds; whether there is one."""
        ...

    async def unsettled(self, limit: int) -> Sequence[Discussion]:
        """Discussions whose made title, summary or waiting questions are older than their messages, oldest first."""
        ...

    async def settle(
        self,
        discussion: int,
        *,
        title: str,
        summary: str,
        waiting: Sequence[Question],
        cites: Sequence[MessageRef],
        seen: int,
    ) -> None:
        """Keep what was made of a discussion. `seen` is `Ledger.last_seq` from before its messages were read.

        It stays unsettled if it changed after `seen`.
        """
        ...

    async def index_text(self, limit: int = 500) -> int:
        """Bring the text search up to date by at most `limit` messages; how many there were to do."""
        ...

    async def audit(self) -> Audit:
        """Recount everything and compare with the counters; changes nothing."""
        ...

    async def audit_rows(self) -> Sequence[dict[str, str | int | None]]:
        """One row a discussion: space, channel, key, count, participants, highlights, last_activity (ISO, UTC)."""
        ...
