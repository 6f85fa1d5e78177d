"""Spaces, channels, their settings; and people with what they decided for themselves."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.models import (
    Author,
    CardMode,
    Channel,
    KnownChannel,
    KnownSpace,
    Level,
    MemberRef,
    MessageRef,
    Note,
    Post,
    Space,
)


class Places(Protocol):
    """Spaces and channels. Reads come from a cache that follows the change log."""

    async def spaces(self) -> Sequence[KnownSpace]:
        """All spaces, by key."""
        ...

    async def space(self, space: Space) -> KnownSpace | None:
        """One space."""
        ...

    async def channels(self) -> Sequence[KnownChannel]:
        """All channels, by space and name."""
        ...

    async def channel(self, channel: Channel) -> KnownChannel | None:
        """One channel."""
        ...

    async def set_space(self, space: Space, **settings: str | int | bool | None) -> None:
        """Change settings of a space, by KnownSpace's field names from `zone` on. ValueError for another name."""
        ...

    async def name_community(self, space: Space, name: str | None) -> None:
        """Name the community of a space; None goes back to the name of its first space."""
        ...

    async def watch(self, channel: Channel, watched: bool) -> None:
        """Start or stop following a channel."""
        ...

    async def set_cards(self, channel: Channel, mode: CardMode) -> None:
        """When its discussions get cards."""
        ...

    async def set_level(self, channel: Channel, level: Level, web_from: int, words_from: int = 0) -> None:
        """Change the sharing level. Lowering acts at once; COUNT deletes the text unless the space is hosted here.

        What is on the web begins at the position `web_from`; of what is before `words_from` no words are kept from now
        on, though it is read again. A channel that was private, not safe for work, shared with foreigners or gone while
        somebody wrote has on the web what is newer than its opening; a `web_from` of 0 takes the rest along again.
        """
        ...

    async def set_bots(self, channel: Channel, count_bots: bool, bridges: Sequence[str]) -> None:
        """Whether bots count, and which bots speak for people; recounts the channel in the same transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the store knows of one member."""

    member: MemberRef
    name: str
    is_bot: bool
    opted_out_at: datetime | None
    erased_at: datetime | None
    messages: int  # live ones stored
    votes: int  # active ones
    notes: int = 0  # on highlights
    caught_up_at: datetime | None  # last /catchup


class People(Protocol):
    """Members and their own data."""

    async def member(self, member: MemberRef) -> Member | None:
        """What is known of a member, counted now."""
        ...

    async def names(self, space: Space, ids: Collection[str]) -> Mapping[str, str]:
        """The names of members of a space, by id: "" for those who show no name; unknown ones are left out."""
        ...

    async def meet(self, author: Author, at: datetime) -> None:
        """Record that somebody exists who may not have written or voted yet; nothing if they are known."""
        ...

    async def opt_out(self, member: MemberRef, out: bool, at: datetime) -> bool:
        """Hide words and name everywhere, or show them again; False if it was so already. Copies are marked to heal."""
        ...

    async def erase(self, member: MemberRef, at: datetime) -> bool:
        """Delete text, author name and votes for good, keep counted rows, opt out from then on; False if unknown.

        Survives reading history, again or for the first time: what was sent up to `at` never gets its text or votes
        (back). So it is remembered of who is unknown, too.
        """
        ...

    async def caught_up(self, member: MemberRef, at: datetime) -> None:
        """Remember a /catchup."""
        ...

    async def last_act(self, member: MemberRef) -> datetime | None:
        """When the member last wrote, voted or caught up."""
        ...

    def everything(self, member: MemberRef) -> AsyncIterator[Post]:
        """All live messages of a member, oldest first, words included (their own export)."""
        ...

    async def notes(self, member: MemberRef) -> Sequence[Note]:
        """Their notes on highlights, oldest first (their own export)."""
        ...

    async def worded(self, member: MemberRef) -> Sequence[tuple[str, int, str]]:
        """Titles, summaries and outcomes that they set: which it is, of which discussion, its words; by discussion."""
        ...

    async def voted(self, member: MemberRef) -> Sequence[MessageRef]:
        """Messages with an active vote of the member."""
        ...


class Room(Protocol):
    """What the local room keeps besides messages: names in use and our own posts as they appear there."""

    async def secret(self) -> bytes:
        """The key that signs names, made on first use, 32 bytes."""
        ...

    async def take_name(self, name: str, at: datetime, held_for: int) -> MemberRef | None:
        """Take a name (compared without case and width) for `held_for` seconds; None while somebody else holds it."""
        ...

    async def hold_name(self, member: MemberRef, at: datetime, held_for: int) -> bool:
        """Keep holding a name; False if it was let go and is not this member's any more."""
        ...

    async def leave(self, member: MemberRef) -> None:
        """Let a name go."""
        ...

    async def last_position(self, space: Space) -> int:
        """The highest position used in the room, by people or by us; 0 if none."""
        ...

    async def put(self, ref: MessageRef, thread: str | None, card: str, marker: str, at: datetime) -> MessageRef:
        """Keep a post of ours (a card as JSON); if the marker is there already, the message that has it."""
        ...

    async def change(self, ref: MessageRef, card: str) -> bool:
        """Replace a post's card; False if it is gone."""
        ...

    async def remove(self, ref: MessageRef) -> bool:
        """Delete a post of ours; False if it is gone."""
        ...

    async def find(self, channel: Channel, marker: str) -> MessageRef | None:
        """The post with a marker."""
        ...

    async def own(self, channel: Channel, thread: str | None = None) -> Sequence[tuple[MessageRef, str, datetime]]:
        """Our posts in a channel itself (`thread` None) or in one thread: message, card JSON, when; oldest first."""
        ...
