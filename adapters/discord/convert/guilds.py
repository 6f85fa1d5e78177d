"""What is known of the guilds we are in: roles, channels and threads, and who may read what.

Discord tells of these piece by piece, so this is the one part of reading that remembers. It does no I/O: the adapter
feeds it payloads in the order in which they come, and whatever it fetched.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from adapters.discord.convert.reading import (
    Payload,
    UnknownPlace,
    needed,
    record,
    records,
    snowflake,
    snowflakes,
    type_of,
    whole,
    words,
)
from bot.models import Channel, ChannelInfo, Platform, Space, SpaceInfo, Thread

LINK = "https://discord.com/channels"

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
MANAGE_MESSAGES = 1 << 13
READ_MESSAGE_HISTORY = 1 << 16
READ = VIEW_CHANNEL | READ_MESSAGE_HISTORY
EVERYTHING = ~0


class ChannelType(IntEnum):
    """The channel types that Discord documents."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE_VOICE = 13
    DIRECTORY = 14
    FORUM = 15
    MEDIA = 16


FORUMS = frozenset({ChannelType.FORUM, ChannelType.MEDIA})
CHANNELS = frozenset({ChannelType.TEXT, ChannelType.ANNOUNCEMENT, *FORUMS})  # where discussions can be
THREADS = frozenset({ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands: a channel of ours, or a thread of it. `url` is what links to its messages begin with."""

    channel: Channel
    thread: Thread | None
    url: str
    private: bool = False  # a private thread

    @property
    def id(self) -> str:
        """The id by which Discord knows the place."""
        return self.thread.id if self.thread else self.channel.id


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel grants and takes beyond the roles."""

    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A channel as it was last told."""

    type: int
    name: str
    nsfw: bool
    overwrites: dict[str, Overwrite]  # by id of the role or member
    solved: frozenset[str] = frozenset()  # ids of a forum's tags that say that a post is solved


@dataclass(slots=True)
class Guild:
    """One guild. `roles` are permissions by the role's id; `own_roles` is None while we don't know our roles."""

    id: str
    name: str = ""
    owner: str = ""
    roles: dict[str, int] = field(default_factory=dict)
    channels: dict[str, Seen] = field(default_factory=dict)
    own_roles: tuple[str, ...] | None = None
    told: dict[str, ChannelInfo | None] = field(default_factory=dict)  # what was last told of each; None: it is gone

    @property
    def space(self) -> Space:
        """The space that the guild is."""
        return space_of(self.id)

    @property
    def info(self) -> SpaceInfo:
        """What it tells of itself."""
        return SpaceInfo(space=self.space, name=self.name or self.id)

    def base(self, roles: Iterable[str] = ()) -> int:
        """What somebody with these roles may do in the guild at large."""
        granted = self.roles.get(self.id, 0)
        for role in roles:
            granted |= self.roles.get(role, 0)
        return EVERYTHING if granted & ADMINISTRATOR else granted

    def permissions(self, channel: str, roles: Collection[str] = (), member: str = "") -> int:
        """What somebody may do in a channel, in the order that Discord documents; nobody in particular: @everyone.

        0 in a channel that is not known.
        """
        seen = self.channels.get(channel)
        if seen is None:
            return 0
        if member and member == self.owner:
            return EVERYTHING
        granted = self.base(roles)
        if granted == EVERYTHING:
            return EVERYTHING
        for changes in self._changes(seen, roles, member):
            for change in changes:
                granted &= ~change.deny
            for change in changes:
                granted |= change.allow
        return granted

    def _changes(self, seen: Seen, roles: Collection[str], member: str) -> Iterator[list[Overwrite]]:
        """The overwrites that concern somebody: @everyone's, then those of all roles together, then their own."""
        for those in ([self.id], [role for role in roles if role != self.id], [member]):
            yield [seen.overwrites[ident] for ident in those if ident in seen.overwrites]

    def may_read(self, channel: str, roles: Collection[str] = (), member: str = "") -> bool:
        """Whether somebody can open a channel with its history."""
        return self.permissions(channel, roles, member) & READ == READ

    def shown(self, channel: str, own: str) -> ChannelInfo | None:
        """What there is to tell of a channel now; None if it is gone, no place for discussions, or closed to us."""
        seen = self.channels.get(channel)
        if seen is None or not self.is_place(channel):
            return None
        if self.own_roles is not None and not self.may_read(channel, self.own_roles, own):
            return None
        return ChannelInfo(
            channel=Channel(self.space, channel),
            name=seen.name or channel,
            private=not self.may_read(channel),
            nsfw=seen.nsfw,
            forum=seen.type in FORUMS,
            url=f"{LINK}/{self.id}/{channel}",
        )

    def is_place(self, channel: str) -> bool:
        """Whether discussions can be in a channel."""
        seen = self.channels.get(channel)
        return seen is not None and seen.type in CHANNELS

    def keep_channel(self, payload: Payload) -> str:
        """Remember a channel; its id."""
        ident = needed(payload, "id", "a channel")
        self.channels[ident] = Seen(
            type=type_of(payload),
            name=words(payload.get("name")),
            nsfw=payload.get("nsfw") is True,
            overwrites=overwrites(payload.get("permission_overwrites")),
            solved=solved_tags(payload.get("available_tags")),
        )
        return ident

    def keep_role(self, payload: Payload) -> None:
        """Remember a role."""
        self.roles[needed(payload, "id", "a role")] = whole(payload.get("permissions"))

    def keep(self, payload: Payload) -> None:
        """Remember what the guild itself says, and its roles if it lists them."""
        self.name = words(payload.get("name")) or self.name
        self.owner = snowflake(payload.get("owner_id")) or self.owner
        if isinstance(payload.get("roles"), list):
            self.roles = {}
            for role in records(payload["roles"]):
                if snowflake(role.get("id")):
                    self.keep_role(role)


@lru_cache(maxsize=1000)
def space_of(guild: str) -> Space:
    """The key of a guild: one value for all that is in it, which is equal at once."""
    return Space(Platform.DISCORD, guild)


def overwrites(value: object) -> dict[str, Overwrite]:
    """The permission overwrites of a channel, by id."""
    return {
        ident: Overwrite(whole(each.get("allow")), whole(each.get("deny")))
        for each in records(value)
        if (ident := snowflake(each.get("id")))
    }


SOLVED = frozenset({"solved", "answered", "resolved", "done", "gelöst", "erledigt", "beantwortet"})
_NO_WORD = re.compile(r"[\W_]+")


def solved_tags(value: object) -> frozenset[str]:
    """The ids of the tags whose name says that a post is solved, with an emoji in it or without."""
    tags = {snowflake(each.get("id")): words(each.get("name")) for each in records(value)}
    return frozenset(ident for ident, name in tags.items() if ident and _folded(name) in SOLVED)


def _folded(name: str) -> str:
    return _NO_WORD.sub(" ", unicodedata.normalize("NFC", name).casefold()).strip()


class Guilds:
    """All guilds, and every channel and thread by its id.

    `own` is our own user id. For one task at a time.
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self.tracked: set[str] = set()  # private threads that a moderator wants kept
        self.guilds: dict[str, Guild] = {}
        self.left: set[str] = set()  # guilds that put us out
        self.remembered: dict[str, set[str]] = {}  # channels by guild, of earlier processes, until the guild tells
        self.listed: dict[str, tuple[float, list[Payload]]] = {}  # active threads by guild, and when they were listed
        self._spots: dict[str, Spot | None] = {}

    def guild(self, ident: str) -> Guild:
        """The guild of an id, begun if it is new."""
        return self.guilds.setdefault(ident, Guild(ident))

    def begin(self, ident: str) -> Guild:
        """A guild of which all will be told anew; its threads stay known."""
        self.guilds[ident] = Guild(ident)
        self.left.discard(ident)
        return self.guilds[ident]

    def remember(self, channels: Iterable[Channel]) -> None:
        """Know channels that were told of before this process began: what is not told of any more is gone."""
        for each in channels:
            if each.space.platform is Platform.DISCORD and snowflake(each.space.id) and snowflake(each.id):
                self.remembered.setdefault(each.space.id, set()).add(each.id)

    def forget(self, ident: str) -> None:
        """We are no longer in a guild."""
        self.guilds.pop(ident, None)
        self.remembered.pop(ident, None)
        self.left.add(ident)
        gone = [key for key, spot in self._spots.items() if spot is not None and spot.channel.space.id == ident]
        for key in gone:
            del self._spots[key]

    def spot(self, ident: str) -> Spot | None:
        """Where that is; None for places without discussions. UnknownPlace if nobody told us of it."""
        try:
            return self._spots[ident]
        except KeyError:
            raise UnknownPlace(ident) from None

    def is_known(self, ident: str) -> bool:
        """Whether somebody told us of a channel or thread."""
        return ident in self._spots

    def spot_of(self, payload: Payload, what: str) -> Spot | None:
        """Where a payload is from; None if nothing is kept from there. UnknownPlace if nobody told us of it."""
        ident = needed(payload, "channel_id", what)
        if ident not in self._spots and "guild_id" not in payload and "member" not in payload:
            return None  # a direct message: anything from a guild names it
        spot = self.spot(ident)
        return spot if spot is not None and self.keeps(spot) else None

    def keeps(self, spot: Spot) -> bool:
        """Whether what is written in a place is kept: in a private thread only if a moderator tracks it."""
        return not spot.private or spot.id in self.tracked

    def keep_channel(self, guild: Guild, payload: Payload) -> str:
        """Remember a channel of a guild; its id."""
        ident = guild.keep_channel(payload)
        here = Channel(guild.space, ident)
        fit = guild.channels[ident].type in CHANNELS
        self._spots[ident] = Spot(here, None, f"{LINK}/{guild.id}/{ident}") if fit else None
        return ident

    def is_solved(self, guild: str, parent: str, tags: object) -> bool | None:
        """Whether one of a post's tags says that it is solved; None for a thread of a channel that has no tags."""
        known = self.guilds.get(guild)
        seen = known.channels.get(parent) if known else None
        if seen is None or seen.type not in FORUMS or not isinstance(tags, list):
            return None
        return not seen.solved.isdisjoint(snowflakes(tags))

    def keep_thread(self, guild: str, payload: Payload) -> Spot | None:
        """Remember a thread; None if it is none. BadPayload without an id or a parent."""
        if type_of(payload) not in THREADS:
            return None
        ident, parent = needed(payload, "id", "a thread"), needed(payload, "parent_id", "a thread")
        channel = Channel(space_of(guild), parent)
        private = type_of(payload) == ChannelType.PRIVATE_THREAD
        spot = Spot(channel, Thread(channel, ident), f"{LINK}/{guild}/{ident}", private)
        self._spots[ident] = spot
        return spot

    def drop(self, ident: str) -> None:
        """A channel or thread is gone."""
        self._spots.pop(ident, None)
        for guild in self.guilds.values():
            guild.channels.pop(ident, None)

    def keep_fetched(self, payload: Payload) -> Spot | None:
        """Remember a channel or thread that was asked for (GET /channels/{id}); None if nothing is kept from there."""
        ident, guild = needed(payload, "id", "a channel"), snowflake(payload.get("guild_id"))
        if not guild:
            self._spots[ident] = None
        elif self.keep_thread(guild, payload) is None:
            self.keep_channel(self.guild(guild), payload)
        return self.spot(ident)

    def keep_own(self, guild: Guild, members: object) -> None:
        """Learn our own roles from a list of members, if we are in it."""
        for member in records(members):
            if snowflake(record(member.get("user")).get("id")) == self.own:
                guild.own_roles = tuple(snowflakes(member.get("roles")))
