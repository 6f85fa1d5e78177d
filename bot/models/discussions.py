"""What readers see of a discussion."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.places import KnownChannel, MemberRef, MessageRef, Thread


class State(StrEnum):
    """The state of a discussion, in order of precedence (DESIGN section 2)."""

    REMOVED = "removed"
    LOCKED = "locked"
    CONCLUDED = "concluded"
    NEW = "new"
    IN_PROGRESS = "in_progress"
    QUIET = "quiet"
    DORMANT = "dormant"


class Stored(StrEnum):
    """The part of the state that somebody set; freshness is derived from last activity and the clock."""

    OPEN = "open"
    CONCLUDED = "concluded"


class Withheld(StrEnum):
    """Why a message's words are not shown."""

    DELETED = "deleted"
    UNSEEN = "unseen"  # known to exist, never seen
    OPTED_OUT = "opted_out"
    ERASED = "erased"
    NOT_KEPT = "not_kept"  # the channel's level is `count`


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """One discussion with its counters, as the store carries them; `id` is ours and stands in URLs.

    `title` and `summary` are what is shown: what somebody set, else the thread's name, else what was made. Both are ""
    until something was made.
    """

    id: int
    thread: Thread
    channel: KnownChannel
    title: str
    summary: str
    title_set: bool
    title_made: bool  # of the opening post: nobody set one, and the thread has no name
    summary_set: bool
    count: int
    participants: int
    highlights: int
    waiting: int  # questions that wait for an answer
    last_activity: datetime
    opened_at: datetime
    opener: MemberRef | None
    opener_name: str | None  # None when it may not be shown
    stored: Stored
    state_by: str | None  # name of who set the stored state, None when nobody did or it may not be shown
    state_at: datetime | None
    outcome: str
    replies_since: int  # counted replies since it was concluded
    quiet_after: int  # seconds, of its space
    archive_after: int | None
    archived: bool
    locked: bool
    removed: bool
    hidden: bool
    private: bool  # a private thread: never shown outside it
    url: str
    state_by_tag: bool = False  # the platform's own "solved" tag set the stored state
    chain: bool = False  # it was tracked where people answer in the channel itself: they belong to it

    @property
    def replies(self) -> int:
        """Live counted messages besides the opening post, where that is one of them; never negative."""
        return max(self.count - 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message of a discussion as a reader may see it: `text` is None when it is withheld, and `withheld` says why.

    `author_name` is None under the same rule (a deleted message keeps no name).
    """

    ref: MessageRef
    discussion: int | None
    author: MemberRef | None
    author_name: str | None
    is_bot: bool
    text: str | None
    withheld: Withheld | None
    counted: bool
    sent_at: datetime
    edited_at: datetime | None
    reply_to: str | None
    files: tuple[str, ...]
    votes: int  # distinct members with an active vote; 0 if blocked or taken down
    picked: bool
    url: str

    @property
    def highlighted(self) -> bool:
        """Whether it is a highlight."""
        return self.votes > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody said of a message as they highlighted it: chat text, at most NOTE_LIMIT characters."""

    ref: MessageRef
    text: str
    author_name: str
    at: datetime


NOTE_LIMIT = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A highlighted post with the discussion it belongs to; `id` is the message's own number, for a Place.

    `notes` are those of the people who highlighted it, oldest first.
    """

    post: Post
    discussion: Discussion
    highlighted_at: datetime
    id: int = 0
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A search result: `snippet` is plain text around the match, `marks` the [start, end) ranges in it to mark.

    `id` is the message's own number, for a Place.
    """

    post: Post
    discussion: Discussion
    snippet: str
    marks: tuple[tuple[int, int], ...]
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A sentence that asks; `answer` is the message that was marked as its answer."""

    ref: MessageRef
    asker: MemberRef | None
    text: str
    waits: bool
    answer: MessageRef | None = None


class Tab(StrEnum):
    """The tabs of the forum."""

    ALL = "all"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    CONCLUDED = "concluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which discussions a reader may be shown: those of `channels` (store keys), never hidden, removed or private ones.

    `web` also leaves out what lies before each channel's `web_from`. Made by `bot.access` only.
    """

    channels: frozenset[int]
    web: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of a list ended: pass it back to get the next one. `at` is epoch milliseconds."""

    at: int
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What `folkmoot verify` found; `drift` is the number of counters that differ from their recount."""

    messages: int
    discussions: int
    counted: int
    highlights: int
    drift: int
