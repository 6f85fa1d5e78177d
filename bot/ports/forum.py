"""What readers read. Nothing here decides who may: the scope does, and `bot.access` makes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.models import (
    Discussion,
    Highlight,
    Hit,
    KnownSpace,
    MemberRef,
    MessageRef,
    Note,
    Place,
    Platform,
    Post,
    Question,
    Run,
    Scope,
    Stored,
    Tab,
    Thread,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whether a message may be a highlight: its author took it down, or a moderator blocked it."""

    by_author: bool
    by_moderator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A discussion to which a reply came live: how many counted replies it has, by how many people.

    `live_at` is when the newest reply that arrived live was sent.
    """

    discussion: Discussion
    replies: int
    people: int
    live_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some messages of a discussion, oldest first, and what its page needs beside them: as of one moment."""

    discussion: Discussion
    posts: Sequence[Post]
    answers: Mapping[MessageRef, MessageRef]  # all that was marked as answers in it, by the message that asks
    spaces: Sequence[KnownSpace]  # all of them, by key


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a discussion stands, and whether it may be shown there: it is neither hidden nor private nor gone."""

    channel: int  # the store's number
    root: int  # the position of its first message
    shown: bool


class Forum(Protocol):
    """Reads. Words and names of who opted out or erased, and of deleted messages, are None."""

    async def discussions(
        self, scope: Scope, tab: Tab, now: datetime, limit: int = 50, before: Place | None = None
    ) -> Sequence[Discussion]:
        """The scope's discussions of a tab, latest activity first, then by id."""
        ...

    async def busiest(self, scope: Scope, now: datetime, limit: int) -> Sequence[Discussion]:
        """Those in progress, most counted messages of the last 24 hours first (the board's order).

        Without those that one person wrote over 60 % of.
        """
        ...

    async def tab_counts(self, scope: Scope, now: datetime) -> dict[Tab, int]:
        """How many discussions each tab has."""
        ...

    async def discussion(self, discussion: int) -> Discussion | None:
        """One discussion, whoever may see it."""
        ...

    async def discussion_of(self, thread: Thread) -> Discussion | None:
        """The discussion of a thread, None if it is none (a lone message)."""
        ...

    async def standing(self, discussions: Collection[int]) -> dict[int, Standing]:
        """Where these discussions stand; of what is not known there is nothing."""
        ...

    async def kept_back(self) -> frozenset[int]:
        """The discussions that may be shown nowhere on the web, whatever their channel: hidden, private or gone."""
        ...

    async def private(self, platform: Platform) -> Sequence[Thread]:
        """The private threads of a platform that a moderator tracks."""
        ...

    async def lively(self, discussions: Sequence[int], since: datetime) -> Sequence[Answered]:
        """Those of these discussions to which a reply came live that was sent after `since`, and that have no card.

        A card that was dropped is none.

        Set-based: a follower asks it for everything that changed.
        """
        ...

    async def containing(self, ref: MessageRef) -> Discussion | None:
        """The discussion that a message belongs to."""
        ...

    async def opening(self, discussion: int) -> Post | None:
        """The opening post (DESIGN section 2), withheld words and all; None if it was never seen."""
        ...

    async def posts(self, discussion: int, after: int = 0, limit: int = 200) -> Sequence[Post]:
        """Its messages with a position greater than `after`, oldest first; deleted ones only if they open it."""
        ...

    async def excerpt(self, discussion: int, after: int = 0, limit: int = 200) -> Excerpt | None:
        """What a page of it shows: the messages that `posts` gives; None for no discussion."""
        ...

    async def answered(self, discussion: int) -> Mapping[MessageRef, MessageRef]:
        """Which message was marked as the answer to the questions in which other one; without deleted answers."""
        ...

    async def page_starts(self, discussion: int, size: int) -> Sequence[int]:
        """The positions after which its pages of `size` messages begin, as `posts` gives them; the first is 0."""
        ...

    async def newest(self, discussion: int, limit: int = 25) -> Sequence[Post]:
        """Its newest live messages, newest first."""
        ...

    async def best(self, discussion: int, limit: int = 5) -> Sequence[Post]:
        """Its highlighted messages, most votes first, then oldest."""
        ...

    async def post(self, ref: MessageRef) -> Post | None:
        """One message; None if it was never seen."""
        ...

    async def several(self, discussion: int, positions: Collection[int]) -> Sequence[Post]:
        """The messages at some positions in a discussion's channel, deleted ones too; without those never seen."""
        ...

    async def numbered(self, message: int) -> Post | None:
        """The message that the change log names by its number; None if it was never seen."""
        ...

    async def channel_posts(self, channel: int, before: int | None = None, limit: int = 50) -> Sequence[Post]:
        """The channel's own live messages (thread replies left out), newest first, with a position under `before`."""
        ...

    async def highlights(
        self, scope: Scope, since: datetime | None = None, limit: int = 50, before: Place | None = None
    ) -> Sequence[Highlight]:
        """Highlights, newest highlighted first; `before` is when the last one was highlighted, and its number."""
        ...

    async def search(
        self, scope: Scope, words: str, limit: int = 20, ranked: bool = False, before: Place | None = None
    ) -> Sequence[Hit]:
        """Live, showable messages with all the words, newest first; `ranked` orders the newest 2,000 by fit instead.

        `before` is when the last one was sent, and its number. Any text is a valid search; quotes and operators are
        words.
        """
        ...

    async def questions(self, discussion: int) -> Sequence[Question]:
        """The questions that wait, as last settled, oldest first."""
        ...

    async def recent(self, scope: Scope, limit: int = 50) -> Sequence[Discussion]:
        """The newest opened, for feeds."""
        ...

    async def runs(self, community: int, limit: int = 50) -> Sequence[Run]:
        """Sent digests, newest first."""
        ...

    async def run(self, run: int) -> Run | None:
        """One run with its picks."""
        ...

    async def notes(self, ref: MessageRef) -> Sequence[Note]:
        """The notes of people who highlight a message and show their words, oldest first; none if it is deleted."""
        ...

    async def held(self, ref: MessageRef) -> Held:
        """Who holds a message back from being a highlight."""
        ...

    async def has_vote(self, ref: MessageRef, voter: MemberRef) -> bool:
        """Whether somebody's vote on a message is active."""
        ...

    async def since_last_seen(
        self, scope: Scope, member: MemberRef, since: datetime
    ) -> Sequence[tuple[Discussion, int]]:
        """Discussions with counted messages of others after `since` and how many, most first (for /catchup)."""
        ...


class Desk(Protocol):
    """What opener, author and moderators decide. Each is one transaction and logs who did it, and when."""

    async def set_stored(self, discussion: int, stored: Stored, by: MemberRef, at: datetime, outcome: str = "") -> bool:
        """Conclude or reopen; False if it was so already (an outcome is still replaced)."""
        ...

    async def set_words(
        self, discussion: int, title: str | None, summary: str | None, by: MemberRef, at: datetime
    ) -> None:
        """Set title and summary; None leaves one alone, "" goes back to what is made."""
        ...

    async def set_hidden(self, discussion: int, hidden: bool, by: MemberRef, at: datetime) -> bool:
        """Hide or show; False if it was so already."""
        ...

    async def track(self, ref: MessageRef, by: MemberRef, at: datetime, *, chain: bool = False) -> int:
        """Make the message's thread a discussion (its id), or find the one it is in already.

        With `chain`, on platforms where people also answer in the channel itself (Discord): what answers the message
        there, directly or through an answer, belongs to the discussion, whether it is there already or comes later.
        """
        ...

    async def mark_answer(self, question: MessageRef, answer: MessageRef, by: MemberRef, at: datetime) -> None:
        """Mark a message as the answer to the questions in another one of the same discussion."""
        ...

    async def set_note(self, ref: MessageRef, by: MemberRef, text: str, at: datetime) -> bool:
        """Keep what a member says of a message, in place of what they said before; "" takes it back.

        It is shown while their vote on it is active, and deleted with the message. False if nothing changed: also where
        the message, or its text, is not kept.
        """
        ...

    async def hold(self, ref: MessageRef, by: MemberRef, as_moderator: bool, held: bool, at: datetime) -> bool:
        """Take a highlight down (its author) or block it (a moderator), or lift that; False if it was so already."""
        ...
