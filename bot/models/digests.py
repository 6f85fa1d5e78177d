"""Schedules, slots, runs of digests, and our own posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from bot.models.cards import Card
from bot.models.discussions import Discussion
from bot.models.places import Channel, MessageRef, Thread


class Every(StrEnum):
    """How often a digest is due."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A wall-clock rule in an IANA zone.

    `weekday` is a name ("mon" … "sun") for weekly and fortnightly, `anchor` a date in a week in which a fortnightly one
    is due, `day` 1–28 or 0 for the last day of the month.
    """

    every: Every
    at: time
    zone: str
    weekday: str = "mon"
    day: int = 1
    anchor: date | None = None


class Reach(StrEnum):
    """How far a digest collects."""

    CHANNEL = "channel"
    SPACE = "space"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A digest's rule; `sources` is empty or names the channels it collects from (then each must be allowed to)."""

    id: int
    community: int
    name: str
    destination: Channel
    rule: Rule
    reach: Reach = Reach.SPACE
    sources: tuple[Channel, ...] = ()
    paused: bool = False
    say_quiet: bool = False  # post "a quiet week" when nothing happened
    created_at: datetime
    follows: int | None = None  # the schedule of a linked space whose name and rule it takes over
    last_end: datetime | None = None  # end of the window of the last slot that is over (sent, empty or merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due time of a schedule; `key` is its local date and time, so that it has one run whatever the clocks do."""

    schedule: int
    key: str
    due_at: datetime


class RunState(StrEnum):
    """How far a slot's run is."""

    CLAIMED = "claimed"
    FROZEN = "frozen"  # its text stands, it is being sent
    SENT = "sent"
    EMPTY = "empty"
    MERGED = "merged"  # missed, or made and never shown; its window goes into the next one
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A discussion with what happened to it in a window: the input of the rank."""

    discussion: Discussion
    count: int  # counted messages at the end of the window
    posted: int  # people who posted in the window
    capped: int  # sum over authors of min(messages, 8)
    new: int  # counted messages in the window
    highlighted: int  # messages of the discussion highlighted in the window
    voters: int  # distinct members who voted in the window
    last_in_window: datetime
    waiting: bool
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A highlighted message that a digest may quote."""

    ref: MessageRef
    discussion: int
    text: str
    author_name: str
    votes: int
    picked: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What happened in [start, end): the whole input of a digest."""

    start: datetime
    end: datetime
    candidates: tuple[Candidate, ...]
    quotes: tuple[Quote, ...]
    people: int  # distinct people over all candidates
    activity: tuple[int, ...]  # counted messages per equal part of the window, oldest first, for the sparkline


class Section(StrEnum):
    """The parts of a digest, in the order they are printed."""

    HIGHLIGHTS = "highlights"
    ACTIVE = "active"
    WAITING = "waiting"
    CONCLUDED = "concluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One item of a digest, with the numbers of its slot and the terms of its score for `/digest why`."""

    number: int  # 1, 2, 3 … as printed
    section: Section
    discussion: int
    quote: MessageRef | None
    count: int
    new: int
    highlights: int
    waiting: bool
    score: float
    terms: dict[str, float] = field(default_factory=dict)
    reason: str = ""  # "pinned", "most people", "score"
    dropped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one slot, or the preview of a coming one (`id` 0)."""

    id: int
    schedule: Schedule
    slot: Slot
    state: RunState
    start: datetime
    picks: tuple[Pick, ...]
    discussions: int  # discussions with anything new in the window
    people: int
    activity: tuple[int, ...] = ()
    left_out: int = 0  # discussions that the audience rule kept out
    late: bool = False
    reason: str = ""
    sent_at: datetime | None = None


class PostKind(StrEnum):
    """What we post."""

    CARD = "card"
    BOARD = "board"
    DIGEST = "digest"
    HIGHLIGHT = "highlight"
    NOTICE = "notice"
    OPENING = "opening"


class PostState(StrEnum):
    """How far a post of ours is on its way (DESIGN section 7: claim, freeze, send, record)."""

    PLANNED = "planned"
    SENDING = "sending"
    LIVE = "live"
    GONE = "gone"  # withdrawn, or deleted by somebody
    PARKED = "parked"  # given up after five tries; visible to moderators
    DROPPED = "dropped"  # never shown, because it no longer made sense; its reason is a Drop


class Drop(StrEnum):
    """Why a post that was never shown is not shown any more."""

    LATE = "late"  # it waited so long that it would be news of another day
    OVERTAKEN = "overtaken"  # a digest whose next one is due, which tells of its time too
    CROWDED = "crowded"  # more waited in its space than are kept
    GONE = "gone"  # the place it was meant for is gone
    PAUSED = "paused"  # its digest was paused
    CHANGED = "changed"  # of slots alone: its digest was changed or went on after them, and nothing comes late for that
    REMOVED = "removed"  # its digest was removed


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPost:
    """One message of ours: planned, on its way, or live and kept true by edits.

    `marker` (at most 20 characters) goes with it and finds it again. `subject` names what it shows, one post each:
    "card:7" (a discussion), "board:3" (a channel), "digest:12" (a run).
    """

    id: int
    kind: PostKind
    subject: str
    where: Channel | Thread
    marker: str
    state: PostState
    card: Card | None  # as last frozen
    ref: MessageRef | None
    attempts: int
    dirty: bool
    next_change_at: datetime | None
    planned_at: datetime
    reason: str = ""  # why it waits, was given up or dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """A digest that was not posted when it was due: it waits (`run` is FROZEN or CLAIMED), or came to nothing.

    `reason` is a Drop, a phrase of ours or what the platform said; `over` says that a later one of its schedule came.
    """

    run: Run
    reason: str
    waits: bool
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How much of ours is on its way, and what became of the rest."""

    waiting: int  # never shown yet
    changes: int  # shown, but no longer true
    parked: int
    dropped: Mapping[str, int]  # by Drop
    oldest: datetime | None  # when the oldest of `waiting` was planned
    runs: Mapping[str, int]  # digests by RunState
