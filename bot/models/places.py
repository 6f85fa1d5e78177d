"""Where things are: spaces, channels, threads, messages and members, as keys and as what is known of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Protocol


class Platform(StrEnum):
    """The platforms; `LOCAL` is the room on our own web page."""

    DISCORD = "discord"
    SLACK = "slack"
    LOCAL = "local"


class _Key(Protocol):
    @property
    def id(self) -> str: ...


def _hashed(key: _Key) -> int:
    """Hash a key by its id alone: ids hardly ever collide, and every event takes many looks into dictionaries."""
    return hash(key.id)


@dataclass(frozen=True, slots=True, order=True)
class Space:
    """One Discord server, one Slack workspace, or the local room."""

    platform: Platform
    id: str

    __hash__ = _hashed


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """A place in a space."""

    space: Space
    id: str

    __hash__ = _hashed


@dataclass(frozen=True, slots=True, order=True)
class Thread:
    """A thread of a channel; `id` is the id of its first message (Discord: also the thread's own id)."""

    channel: Channel
    id: str

    __hash__ = _hashed


LAST_POSITION = 2**63 - 1  # no position is higher


@lru_cache(maxsize=2_000)  # storing or printing a message asks for it several times
def position_of(message_id: str) -> int:
    """Turn a platform's message id into its integer position.

    Discord and local ids are whole numbers and stand for themselves; Slack's "seconds.micros" become
    seconds * 10**6 + micros. Order by this and never by the id, which sorts wrongly as a string. ValueError if it is
    neither.
    """
    whole, dot, part = message_id.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0")[:6]) if dot else int(whole)


DISCORD_EPOCH = 1_420_070_400_000  # milliseconds; the first moment a snowflake can name


def moment_of(platform: Platform, position: int) -> int:
    """When a message with this position was sent, in epoch milliseconds, as far as the position tells."""
    return (position >> 22) + DISCORD_EPOCH if platform is Platform.DISCORD else position // 1000


def position_at(platform: Platform, moment: datetime) -> int:
    """The lowest position that a message sent at a moment can have; to the millisecond."""
    since = int(moment.timestamp() * 1000)
    return (since - DISCORD_EPOCH) << 22 if platform is Platform.DISCORD else since * 1000


def earlier(platform: Platform, position: int, by: timedelta) -> int:
    """A position that is earlier by some time; never the beginning, 0, unless it was that."""
    since = int(by.total_seconds() * 1000)
    return max(position - (since << 22 if platform is Platform.DISCORD else since * 1000), min(position, 1))


@dataclass(frozen=True, slots=True, order=True)
class MessageRef:
    """One message of a channel (of the parent channel, for a message in a thread)."""

    channel: Channel
    id: str

    __hash__ = _hashed

    @property
    def position(self) -> int:
        """Its place in the order of the channel."""
        return position_of(self.id)


def channel_of(where: Channel | Thread) -> Channel:
    """The channel that a place is, or lies in."""
    return where.channel if isinstance(where, Thread) else where


@dataclass(frozen=True, slots=True, order=True)
class MemberRef:
    """A person or bot in one space."""

    space: Space
    id: str

    __hash__ = _hashed


class Level(IntEnum):
    """How far a channel's words may go; each level includes the ones before (DESIGN section 6)."""

    COUNT = 0
    DIGEST = 1
    WEB = 2
    INDEX = 3


class CardMode(StrEnum):
    """When a channel's discussions get a card."""

    AUTO = "auto"
    ASKED = "asked"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceInfo:
    """What a platform tells about a space."""

    space: Space
    name: str
    hosted: bool = False  # the platform is this process (the local room): its words live here whatever the level
    invite_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelInfo:
    """What a platform tells about a channel."""

    channel: Channel
    name: str
    private: bool = False  # not every full member of the space can read it with its history
    nsfw: bool = False
    connect: bool = False  # shared with a foreign organisation (Slack Connect)
    guests: bool = False  # guests or single-channel members can read it (Slack)
    forum: bool = False  # a Discord forum or media channel: every post is a discussion
    archived: bool = False
    url: str = ""

    @property
    def common(self) -> bool:
        """Whether everybody in its space can read it, and nobody else, and may be shown what is there."""
        return not (self.private or self.nsfw or self.connect)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """What the community decided about a channel; rows, changed by commands."""

    watched: bool = False
    level: Level = Level.DIGEST
    web_from: int = (
        0  # messages and discussions before this position stay off the web (a raise covers what comes after)
    )
    cards: CardMode = CardMode.AUTO
    count_bots: bool = False
    bridges: frozenset[str] = field(default_factory=frozenset)  # ids of bots and webhooks that speak for people


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChannel:
    """A channel as the store knows it: `key` is the store's own number, used in URLs and filters."""

    key: int
    community: int
    info: ChannelInfo
    settings: ChannelSettings
    removed: bool = False  # access lost or channel gone
    space_name: str = ""
    community_name: str = ""
    hosted: bool = False  # in a space that lives here
    quiet_after: int = 24 * 3600  # seconds, of its space
    as_of: datetime | None = None  # up to then nothing is missing; None while it is not behind, or not for long

    @property
    def channel(self) -> Channel:
        """Its key on the platform."""
        return self.info.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpace:
    """A space as the store knows it, with its settings."""

    key: int
    community: int
    info: SpaceInfo
    zone: str = "UTC"  # an IANA name
    locale: str = "en"
    log_channel: str | None = None  # channel id in this space
    highlights_channel: str | None = None
    moderator_group: str | None = None  # id of the user group (Slack) or role (Discord) whose members moderate
    members_may_start: bool = True
    own_highlights: bool = False  # may people highlight their own messages
    bot_highlights: bool = False  # may messages of bots be highlighted
    quiet_after: int = 24 * 3600  # seconds
    retention_days: int | None = None  # after which words are deleted; None: never
    set_up: bool = False
    removed_at: datetime | None = None
    community_name: str = ""  # as it was set, else the name of its first space
    linked: frozenset[Space] = frozenset()  # the spaces that admins of both sides linked with this one
