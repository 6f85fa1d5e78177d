"""What people do: messages, votes and the events that tell of them.

Events are the only way in. Each is a complete statement of its own, so that any order and any number of repetitions of
the same events gives the same state: of two snapshots of a message the one with the newer `edited_at` holds, a deletion
is final, and of two statements about a vote the later `at` holds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.places import Channel, ChannelInfo, MemberRef, MessageRef, Space, SpaceInfo, Thread


class Kind(StrEnum):
    """What a message is; only PERSON counts by itself, BOT by the channel's switch or allow-list."""

    PERSON = "person"
    BOT = "bot"  # a bot or a webhook
    SYSTEM = "system"  # joins, pins, renames: never stored
    OWN = "own"  # posted by Folkmoot: never stored
    ADDRESS = "address"  # only addresses us (our mention and a known verb): never stored


class Origin(StrEnum):
    """How an event reached us; only LIVE ones may make a card appear or be published."""

    LIVE = "live"
    BACKFILL = "backfill"
    IMPORT = "import"


class VoteSource(StrEnum):
    """How somebody highlighted a message."""

    REACTION = "reaction"
    COPY = "copy"  # a reaction on our copy of it
    COMMAND = "command"
    PICK = "pick"  # a moderator's pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote, by the name shown at the time."""

    member: MemberRef
    name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One post, as the platform shows it now. Text is the platform's own markup, cleaned (see `bot.markup.clean`)."""

    ref: MessageRef
    thread: Thread  # its own id if it starts none
    author: Author
    text: str
    sent_at: datetime
    edited_at: datetime | None = None
    kind: Kind = Kind.PERSON
    reply_to: str | None = None  # id of the message it directly answers, in the same channel
    files: tuple[str, ...] = ()  # names of what is attached; never fetched
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """A message was posted, edited, or read in a history."""

    message: Message
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted:
    """A message is gone on its platform. Final: no later snapshot brings it back."""

    ref: MessageRef
    thread: Thread | None  # None if the platform did not say
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast:
    """Somebody highlighted a message, or took that back (`active` False). The later `at` holds; at a tie, the end."""

    ref: MessageRef
    voter: Author
    source: VoteSource
    active: bool
    at: datetime
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesRead:
    """All votes of one source on a message, as read from the platform at `at`.

    Who is not listed has no such vote any more. A vote that its owner withdrew by Undo stays withdrawn.
    """

    ref: MessageRef
    source: VoteSource
    voters: tuple[Author, ...]
    at: datetime
    origin: Origin = Origin.BACKFILL


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesWithdrawn:
    """Somebody pressed Undo: all their votes on a message, by every way, cast up to `at`, are withdrawn."""

    ref: MessageRef
    voter: MemberRef
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSeen:
    """A thread that is a discussion by itself: a Discord thread or forum post, or one that was asked for.

    Slack and local threads need no such event: their first reply makes them a discussion. `at` orders statements.
    """

    thread: Thread
    at: datetime
    name: str = ""  # "" where threads have no names
    archived: bool = False
    archive_after: int | None = None  # seconds of silence until the platform archives it
    locked: bool = False
    private: bool = False
    url: str = ""
    solved: bool | None = None  # it carries a tag that says so; None where there are no tags
    newest: int | None = None  # position of its newest message, None if that was not told; not kept
    listed: bool = False  # only found in a list: it is no discussion by itself, and nothing of it is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadGone:
    """A thread was deleted, or we lost access to it."""

    thread: Thread
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSeen:
    """What a channel is now; the later `at` holds."""

    info: ChannelInfo
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceSeen:
    """What a space is now; the later `at` holds."""

    info: SpaceInfo
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone:
    """A channel was deleted, or we lost access to it; a `ChannelSeen` with a later `at` brings it back."""

    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceGone:
    """We were removed from a space (an outage is no removal); a `SpaceSeen` with a later `at` brings it back."""

    space: Space
    at: datetime


Event = (
    MessageSeen
    | MessageDeleted
    | VoteCast
    | VotesRead
    | VotesWithdrawn
    | ThreadSeen
    | ThreadGone
    | ChannelSeen
    | ChannelGone
    | SpaceSeen
    | SpaceGone
)
