"""Servers, their roles and members."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.servers.discord import permissions
from tests.servers.discord.ids import written
from tests.servers.discord.permissions import EVERYONE, NOTHING, Can
from tests.servers.discord.world import Json, User, World

if TYPE_CHECKING:
    from tests.servers.discord.channels import Channel
    from tests.servers.discord.threads import Thread


@dataclass(eq=False)
class Role:
    """A role; @everyone has the server's id."""

    guild: "Guild"
    id: str
    name: str
    permissions: Can = NOTHING
    position: int = 0

    def payload(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }

    def set(self, allowed: Can) -> None:
        """Change what the role allows; whoever it lets into channels learns of their threads."""
        before = self.guild.seen_by_us()
        self.permissions = allowed
        self.guild.world.did(None, "role", role=self.name, permissions=int(allowed))
        self.guild.tell("GUILD_ROLE_UPDATE", {"guild_id": self.guild.id, "role": self.payload()})
        self.guild.sync_threads(before)

    def delete(self) -> None:
        """Take the role away from all and from the server."""
        before = self.guild.seen_by_us()
        self.guild.roles.pop(self.id)
        for member in self.guild.members.values():
            member.roles = [role for role in member.roles if role is not self]
        self.guild.world.did(None, "delete role", role=self.name)
        self.guild.tell("GUILD_ROLE_DELETE", {"guild_id": self.guild.id, "role_id": self.id})
        self.guild.sync_threads(before)


@dataclass(eq=False)
class Member:
    """A person or bot in one server."""

    guild: "Guild"
    user: User
    joined_at: datetime
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.nick or self.user.name

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def payload(self, *, user: bool = True) -> Json:
        """The member object, without the user where it stands beside it."""
        found: Json = {
            "nick": self.nick,
            "avatar": None,
            "roles": [role.id for role in self.roles],
            "joined_at": written(self.joined_at),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return found | ({"user": self.user.payload()} if user else {})

    def can(self, channel: "Channel") -> Can:
        """What this member may do there."""
        return permissions.in_channel(channel, self)

    def give(self, role: Role) -> None:
        """Give the member a role."""
        self._change([*self.roles, role], "give role", role.name)

    def take(self, role: Role) -> None:
        """Take a role from the member."""
        self._change([kept for kept in self.roles if kept is not role], "take role", role.name)

    def rename(self, nick: str | None) -> None:
        """Change the name shown in this server."""
        self.nick = nick
        self._change(self.roles, "nick", nick)

    def _change(self, roles: list[Role], what: str, name: str | None) -> None:
        before = self.guild.seen_by_us()
        self.roles = roles
        self.guild.world.did(self, what, name=name)
        self.guild.tell("GUILD_MEMBER_UPDATE", {"guild_id": self.guild.id} | self.payload(), about=self)
        self.guild.sync_threads(before)

    def leave(self) -> None:
        """Leave the server; what they wrote stays."""
        self.guild.members.pop(self.id, None)
        self.guild.world.did(self, "leave")
        self.guild.tell("GUILD_MEMBER_REMOVE", {"guild_id": self.guild.id, "user": self.user.payload()}, about=self)


class Guild:
    """One Discord server. The first member made owns it; our bot has a role of its own with `bot_permissions`."""

    def __init__(self, world: World, name: str, bot_permissions: Can) -> None:
        self.world = world
        self.id = world.ids.guild()
        self.name = name
        self.owner_id = ""
        self.locale = "en-US"
        self.unavailable = False
        self.takes_commands = True  # False: our bot was added without the scope applications.commands
        self.roles: dict[str, Role] = {}
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.threads: dict[str, Thread] = {}
        self.everyone = Role(self, self.id, "@everyone", EVERYONE)
        self.roles[self.id] = self.everyone
        self.bot_role = Role(self, world.ids.old(), world.application.user.name, bot_permissions, 1)
        self.member("Olga")
        self.owner_id = next(iter(self.members))
        world.guilds[self.id] = self

    @property
    def owner(self) -> Member:
        return self.members[self.owner_id]

    @property
    def me(self) -> Member | None:
        """Our bot here, if it is here."""
        return self.members.get(self.world.application.user.id)

    def member(self, name: str, *roles: Role, bot: bool = False) -> Member:
        """The member of that name; joins when first asked for."""
        user = self.world.user(name, bot=bot)
        if user.id in self.members:
            return self.members[user.id]
        member = Member(self, user, self.world.clock.now(), list(roles))
        self.members[user.id] = member
        self.tell("GUILD_MEMBER_ADD", {"guild_id": self.id} | member.payload(), about=member)
        return member

    def role(self, name: str, allowed: Can = NOTHING) -> Role:
        """A new role."""
        role = Role(self, self.world.ids.old(), name, allowed, len(self.roles))
        self.roles[role.id] = role
        self.tell("GUILD_ROLE_CREATE", {"guild_id": self.id, "role": role.payload()})
        return role

    def channel(
        self, name: str, kind: int = 0, *, tags: Iterable[str] = (), parent: "Channel | None" = None
    ) -> "Channel":
        """A new channel: of text unless `kind` (see channels.py) says another; the tags are a forum's."""
        from tests.servers.discord.channels import make_channel  # noqa: PLC0415 - channels know servers

        return make_channel(self, kind, name, tags=tags, parent=parent)

    def forum(self, name: str, *, tags: Iterable[str] = (), media: bool = False) -> "Channel":
        """A new forum or media channel."""
        return self.channel(name, 16 if media else 15, tags=tags)

    def add_bot(self) -> None:
        """Somebody with Manage Server adds our bot (again)."""
        self.roles[self.bot_role.id] = self.bot_role
        user = self.world.application.user
        self.members[user.id] = Member(self, user, self.world.clock.now(), [self.bot_role])
        self.world.did(self.owner, "add bot", guild=self.id)
        self.tell("GUILD_CREATE", {"new": True})

    def kick_bot(self) -> None:
        """Our bot is removed; its messages stay."""
        self.world.did(self.owner, "kick bot", guild=self.id)
        self.tell("GUILD_DELETE", {"id": self.id})
        self.members.pop(self.world.application.user.id, None)
        self.roles.pop(self.bot_role.id, None)

    def go_down(self) -> None:
        """An outage: the server is unavailable, nothing of it arrives."""
        self.world.did(None, "outage", guild=self.id)
        self.tell("GUILD_DELETE", {"id": self.id, "unavailable": True})
        self.unavailable = True

    def come_back(self) -> None:
        """The outage is over."""
        self.unavailable = False
        self.world.did(None, "outage over", guild=self.id)
        self.tell("GUILD_CREATE", {})

    def rename(self, name: str) -> None:
        self.name = name
        self.world.did(self.owner, "rename guild", name=name)
        self.tell("GUILD_UPDATE", self.payload())

    def tell(self, name: str, data: Json, *, about: Member | None = None) -> None:
        """Send an event of the whole server. GUILD_CREATE's payload is made for each session."""
        self.world.emit(name, data, self, about=about)

    def payload(self) -> Json:
        """The guild object of REST and GUILD_UPDATE."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "splash": None,
            "banner": None,
            "description": None,
            "owner_id": self.owner_id,
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": ["COMMUNITY"],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 2,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
        }

    def create_payload(self, *, members: bool, new: bool = False) -> Json:
        """GUILD_CREATE: with all members only for sessions with that intent, else with us alone.

        Of a server that we just joined it does not say that it is available.
        """
        us = self.me
        available = {} if new else {"unavailable": False}
        shown = list(self.members.values()) if members else [us] if us else []
        return (
            self.payload()
            | available
            | {
                "joined_at": written(us.joined_at) if us else None,
                "large": False,
                "member_count": len(self.members),
                "members": [member.payload() for member in shown],
                "channels": [channel.payload() for channel in self.channels.values()],
                "threads": [thread.payload(ours=True) for thread in self.active_threads()],
                "voice_states": [],
                "presences": [],
                "stage_instances": [],
                "guild_scheduled_events": [],
                "soundboard_sounds": [],
            }
        )

    def active_threads(self) -> "list[Thread]":
        """The threads that are not archived and that our bot may see."""
        us = self.me
        return [
            thread
            for thread in self.threads.values()
            if us is not None and not thread.archived and Can.VIEW_CHANNEL in us.can(thread)
        ]

    def seen_by_us(self) -> frozenset[str]:
        """The ids of the channels that our bot may see."""
        us = self.me
        if us is None:
            return frozenset()
        return frozenset(channel.id for channel in self.channels.values() if Can.VIEW_CHANNEL in us.can(channel))

    def sync_threads(self, before: frozenset[str]) -> None:
        """Tell of the active threads of channels that we see now and did not before. Losing access sends nothing."""
        gained = self.seen_by_us() - before
        if not gained:
            return
        threads = [thread for thread in self.active_threads() if thread.parent.id in gained]
        us = self.world.application.user.id
        self.tell(
            "THREAD_LIST_SYNC",
            {
                "guild_id": self.id,
                "channel_ids": sorted(gained),
                "threads": [thread.payload() for thread in threads],
                "members": [thread.members[us] for thread in threads if us in thread.members],
            },
        )
