"""Schedules and their slots; our own posts on their way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from bot.models import (
    Card,
    Channel,
    Drop,
    MessageRef,
    OwnPost,
    Platform,
    PostKind,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Scope,
    Setback,
    Slot,
    Space,
    Thread,
    Traffic,
    Window,
)

NOTHING_TO_SHOW = "nothing to show any more"  # why we took a post away ourselves


@dataclass(frozen=True, slots=True)
class Posts:
    """New posts in a channel and its threads, as a unit that a platform limits."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes to what stands in a space already, as a unit that a platform limits."""

    space: Space


Busy = Platform | Space | Channel | Thread | Posts | Edits  # a Channel here is the place itself, without its threads


class Calendar(Protocol):
    """Schedules, slots and runs."""

    async def add_schedule(  # noqa: PLR0913 - each is a part of the schedule, all named
        self,
        *,
        community: int,
        name: str,
        destination: Channel,
        rule: Rule,
        reach: Reach,
        sources: Sequence[Channel],
        say_quiet: bool,
        at: datetime,
        follows: int | None = None,
    ) -> Schedule:
        """Keep a new schedule; its first window begins at `at`."""
        ...

    async def change_schedule(self, schedule: Schedule) -> None:
        """Replace a schedule by its id, but for its `last_end`: that is changed by its runs alone."""
        ...

    async def remove_schedule(self, schedule: int) -> bool:
        """Remove a schedule; what it posted stays. False if there was none."""
        ...

    async def schedules(self, community: int | None = None) -> Sequence[Schedule]:
        """All schedules, or a community's, by id."""
        ...

    async def claim(self, slot: Slot, start: datetime, at: datetime) -> int | None:
        """Claim a slot: the id of its run for the one who gets it, None for all others, in every process.

        A run begun before and still CLAIMED ten minutes later (its owner died) is handed out again with the same id.
        """
        ...

    async def merge(self, slots: Sequence[Slot], at: datetime, reason: Drop | None = None) -> int:
        """Record slots of a schedule as merged; those that have a run are left alone, but for what a crash left.

        With a reason where they were not just missed. Gives how many were: not those that passed while the schedule was
        paused, nor those that it has only since its rule was changed.

        A run that is still CLAIMED ten minutes later becomes MERGED: its owner, should it wake up, freezes nothing.
        """
        ...

    async def window(
        self, scope: Scope, start: datetime, end: datetime, parts: int, pinned: Collection[int] = ()
    ) -> Window:
        """What happened in [start, end) in the scope's channels; exact to the millisecond.

        Candidates have at least one counted message or highlight in the window, were concluded in it, or are `pinned`.
        Discussions in which a question waits (opened or asked in the window) are among them by their messages.
        """
        ...

    async def pin(self, schedule: int, discussion: int) -> None:
        """Put a discussion first in the schedule's next digest."""
        ...

    async def pinned(self, schedule: int) -> frozenset[int]:
        """What is pinned for the next digest."""
        ...

    async def overtake(self) -> Mapping[int, int]:
        """The runs that are FROZEN and not shown yet, by their schedule: until that is settled no next one is made.

        One whose post was given up, or is gone, before it ever stood is let go first: it becomes MERGED for the same
        reason, and its window is open again.
        """
        ...

    async def freeze(self, run: Run, card: Card, cites: Sequence[MessageRef], at: datetime) -> int | None:
        """Keep a run's window, picks and schedule and plan its post, in one transaction; the post's id.

        Whatever becomes of its schedule, the run stays what its schedule was when it was made.

        None, and nothing kept, if the run is not CLAIMED any more, or if another run of its schedule ended its window
        after this one's start meanwhile. If the schedule was paused or removed since `run` was read, it is MERGED.
        Ends the window; pins that are shown are pinned no longer.
        """
        ...

    async def finish(self, run: int, state: RunState, reason: str, at: datetime) -> None:
        """End a run without a post (EMPTY, FAILED), or WITHDRAWN. EMPTY ends the window."""
        ...

    async def stumbled(self, run: int, reason: str) -> None:
        """Record why a CLAIMED run could not be made; it is tried again when its claim is stale."""
        ...

    async def late(self, run: int, reason: str) -> None:
        """Note that a frozen run was not posted in time; `reason` is what its footer says. Nothing if it is noted."""
        ...

    async def drop(self, run: int, number: int) -> bool:
        """Drop an item of a sent digest; False if it has no such item. Its post is marked to be edited."""
        ...


class Outbox(Protocol):
    """Our own posts: planned, claimed, frozen, sent, recorded; then kept true by edits. At most one a subject."""

    async def plan(
        self, kind: PostKind, subject: str, where: Channel | Thread, at: datetime, card: Card | None = None
    ) -> int | None:
        """Plan a post to be rendered when it is claimed; None if the subject has one (gone ones included).

        One that we took away because there was NOTHING_TO_SHOW comes back, and one that was dropped. Of cards and
        highlights only so many wait in a space: one more is dropped at once (None).

        A notice shows nothing that changes: it brings its `card`, which is kept and given back as `OwnPost.card`.
        """
        ...

    async def keep_posted(
        self, kind: PostKind, subject: str, where: Channel | Thread, ref: MessageRef, at: datetime, card: Card
    ) -> None:
        """Keep a post that stands already, LIVE, carrying the words of its own place; it is rendered again soon.

        Nothing if the subject has a post.
        """
        ...

    async def of_subject(self, subject: str) -> OwnPost | None:
        """The post of a subject."""
        ...

    async def post(self, post: int) -> OwnPost | None:
        """One post."""
        ...

    async def claim(
        self,
        owner: str,
        at: datetime,
        lease: int,
        limit: int = 20,
        busy: Collection[Busy] = (),
        singly: Collection[Platform] = (),
        had: Mapping[Channel, int] = MappingProxyType({}),
    ) -> Sequence[OwnPost]:
        """Take posts to send or edit: planned, or whose `next_change_at` has come, or dirty, or that failed before.

        What was never shown first. Channels take turns, who `had` fewer calls lately first, so that none waits for all
        of another's. In a channel the stalest first; of dirty ones those that wait longest and with most changes.

        At most one of each channel or thread, and none of those that are `busy`, or in a space or on a platform that
        is. On the platforms of `singly` at most one new one of a channel and all its threads.

        Nobody else gets them for `lease` seconds. One that comes in state SENDING was left by a crash: look on the
        platform before sending it again.
        """
        ...

    async def is_due(self, at: datetime) -> bool:
        """Whether anything waits to be claimed, anywhere."""
        ...

    async def freeze(self, post: int, owner: str, card: Card, cites: Sequence[MessageRef]) -> bool:
        """Keep what is about to be shown and whose words it has; it is SENDING until `sent` records it.

        False if the lease was lost: then nothing may be sent.
        """
        ...

    async def postpone(self, post: int, owner: str, not_before: datetime, reason: str = "") -> None:
        """Give it back untried, for nobody to claim before a moment; nothing if the lease was lost.

        What was marked or released since the claim may be claimed at once: what it was to wait for may be over.
        """
        ...

    async def stands(self, post: int, owner: str, ref: MessageRef) -> bool:
        """Record where it stands, before it is changed there: a change that is refused must not lose it again.

        It is SENDING until `sent` records that it is true. False, and nothing recorded, if the lease was lost.
        """
        ...

    async def sent(self, post: int, owner: str, ref: MessageRef, next_change_at: datetime | None) -> bool:
        """Record that it is live and true as frozen; clears dirty unless it was marked again since the claim.

        False if the lease was lost: what another owner showed since may have been written over, so that it is SENDING
        and shown again.
        """
        ...

    async def retry(self, post: int, owner: str, reason: str, not_before: datetime, tries: int = 5) -> None:
        """Give it back after a failed try; after so many in a row it is PARKED.

        One that stands is claimed again at `not_before` even so: what it shows may be what had to go. Nobody is told
        a second time.
        """
        ...

    async def drop(self, post: int, owner: str, reason: Drop, at: datetime) -> None:
        """It was never shown and will not be; nothing if the lease was lost, or if it stands.

        A digest's run is MERGED then, and its window open again: the next one tells of it.
        """
        ...

    async def gone(self, post: int, reason: str) -> None:
        """It was deleted or withdrawn; it is not posted again."""
        ...

    async def taken_down(self, post: OwnPost, at: datetime) -> None:
        """It has nothing to show and stands nowhere; if it was marked since its claim, it is planned anew.

        What changed meanwhile may be that it has something to show again.
        """
        ...

    async def touch(self, discussions: Sequence[int]) -> None:
        """Mark the cards of these discussions, and the boards of their channels, to be rendered again."""
        ...

    async def touch_channels(self, channels: Sequence[int]) -> None:
        """Mark every card of these channels, the boards of their spaces, and every digest that quotes from them.

        What failed there is tried again at once: what changed may have been in the way.
        """
        ...

    async def posted(self, refs: Collection[MessageRef]) -> Mapping[MessageRef, OwnPost]:
        """The posts of ours among messages."""
        ...

    async def unread(self, since: datetime, limit: int = 50) -> Sequence[tuple[OwnPost, int]]:
        """Copies of highlights planned since a moment whose reactions are to be read, newest first; how often asked."""
        ...

    async def read(self, post: int, times: int) -> None:
        """The reactions of a copy were read; nothing if that was asked for again meanwhile."""
        ...

    async def reread(self, space: Space, since: datetime, limit: int) -> None:
        """Let the reactions of a space's newest copies planned since a moment be read: some may have been missed.

        Those of a copy that is recorded as sent for the first time are to be read anyway.
        """
        ...

    async def parked(self) -> Sequence[OwnPost]:
        """What was given up."""
        ...

    async def cursor(self, name: str) -> int:
        """A stored number, such as how far the change log was followed; 0 if never set."""
        ...

    async def set_cursor(self, name: str, value: int) -> None:
        """Store a number; it never moves back."""
        ...


class Setbacks(Protocol):
    """What was not posted, and how much waits."""

    async def unheard(self) -> Sequence[OwnPost]:
        """Posts that were given up or dropped and that nobody was told about; digests are among `digests`."""
        ...

    async def told(self, posts: Collection[int]) -> None:
        """Record that somebody was told about these."""
        ...

    async def dropped(self, since: datetime) -> Sequence[OwnPost]:
        """What was dropped at or after a moment, oldest first."""
        ...

    async def digests(self, since: datetime, community: int | None = None) -> Sequence[Setback]:
        """Digests due at or after a moment that were not posted, newest first; not of schedules that are removed."""
        ...

    async def traffic(self) -> Traffic:
        """How much is on its way; posts that stand and are true are not counted."""
        ...
