"""Channels and their messages, and what people do in them."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from tests.servers.discord.guilds import Guild, Member, Role
from tests.servers.discord.permissions import MODERATOR, NOTHING, Can
from tests.servers.discord.world import Json, NotAllowed, User

if TYPE_CHECKING:
    from tests.servers.discord.calls import Call
    from tests.servers.discord.messages import Draft, Extras, Message
    from tests.servers.discord.threads import Thread

TEXT, VOICE, CATEGORY, ANNOUNCEMENT = 0, 2, 4, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
FORUM, MEDIA = 15, 16


@dataclass
class Overwrite:
    """What a channel allows and denies a role (type 0) or a member (type 1)."""

    kind: int
    allow: Can = NOTHING
    deny: Can = NOTHING

    def payload(self, an_id: str) -> Json:
        return {"id": an_id, "type": self.kind, "allow": str(int(self.allow)), "deny": str(int(self.deny))}


@dataclass(frozen=True)
class Tag:
    """A forum's tag."""

    id: str
    name: str
    moderated: bool = False

    def payload(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "moderated": self.moderated,
            "emoji_id": None,
            "emoji_name": None,
        }


class Channel:
    """A place in a server. Its messages stand in the order of their ids."""

    is_thread = False
    is_private_thread = False

    def __init__(self, guild: Guild, kind: int, name: str, *, an_id: str | None = None) -> None:
        self.guild = guild
        self.world = guild.world
        self.id = an_id or self.world.ids.old()
        self.kind = kind
        self.name = name
        self.topic: str | None = None
        self.nsfw = False
        self.parent: Channel | None = None
        self.position = len(guild.channels)
        self.overwrites: dict[str, Overwrite] = {}
        self.tags: list[Tag] = []
        self.require_tag = False
        self.members: dict[str, Json] = {}
        self.messages: dict[str, Message] = {}
        self._order: list[int] = []
        self.world.channels[self.id] = self

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def is_forum(self) -> bool:
        return self.kind in (FORUM, MEDIA)

    def payload(self) -> Json:
        """The channel object."""
        found: Json = {
            "id": self.id,
            "type": self.kind,
            "guild_id": self.guild.id,
            "name": self.name,
            "position": self.position,
            "parent_id": self.parent.id if self.parent else None,
            "permission_overwrites": [rule.payload(an_id) for an_id, rule in self.overwrites.items()],
            "flags": 1 << 4 if self.require_tag else 0,
        }
        if self.kind != CATEGORY:
            found |= {
                "topic": self.topic,
                "nsfw": self.nsfw,
                "rate_limit_per_user": 0,
                "last_message_id": str(self._order[-1]) if self._order else None,
            }
        if self.kind == VOICE:
            found |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
        if self.is_forum:
            found |= {
                "available_tags": [tag.payload() for tag in self.tags],
                "default_reaction_emoji": None,
                "default_sort_order": None,
                "default_forum_layout": 0,
            }
        return found

    # What is in it

    def add(self, message: "Message") -> None:
        """Put a message in its place."""
        self.messages[message.id] = message
        insort(self._order, int(message.id))

    def drop(self, message: "Message") -> None:
        """Take a message out."""
        del self.messages[message.id]
        self._order.pop(bisect_left(self._order, int(message.id)))

    def page(
        self, limit: int, *, after: int | None = None, before: int | None = None, around: int | None = None
    ) -> "list[Message]":
        """A page of history, newest first: `after` is the page next above that id, `before` the one next below it."""
        order = self._order
        if after is not None:
            start = bisect_left(order, after + 1)
            ids = order[start : start + limit]
        elif before is not None:
            end = bisect_left(order, before)
            ids = order[max(0, end - limit) : end]
        elif around is not None:
            middle = bisect_left(order, around)
            start = max(0, middle - limit // 2)
            ids = order[start : start + limit]
        else:
            ids = order[-limit:]
        return [self.messages[str(number)] for number in reversed(ids)]

    def visible_to(self, member: Member) -> "list[Message]":
        """The messages that this member sees here now, oldest first; none without access and history."""
        if not member.can(self) & Can.VIEW_CHANNEL or not member.can(self) & Can.READ_MESSAGE_HISTORY:
            return []
        return [self.messages[str(number)] for number in self._order]

    def counted(self, change: int, message: "Message") -> None:
        """A message came or went; only threads count."""

    def awaken(self, draft: "Draft") -> None:
        """A message is about to come; only threads sleep."""

    # What people do in it

    def must(self, member: "Member | User | None", needed: Can) -> None:
        """Only what Discord lets them do: tests fail when they let people do more."""
        if isinstance(member, Member) and needed & ~member.can(self):
            raise NotAllowed(f"{member.name} may not {needed & ~member.can(self)!r} in #{self.name}")

    def post(
        self,
        author: Member,
        text: str = "",
        *,
        reply_to: "Message | None" = None,
        at: datetime | None = None,
        **more: "Unpack[Extras]",
    ) -> "Message":
        """Somebody writes a message (messages.Extras: what else it may carry); `at` puts it silently into the past."""
        from tests.servers.discord.messages import Draft, post  # noqa: PLC0415 - messages know channels

        return post(self, Draft(author=author, text=text, reply_to=reply_to, at=at, **more))

    def delete_bulk(self, messages: "Iterable[Message]", by: Member | None = None) -> None:
        """A moderator deletes up to 100 messages at once."""
        self.must(by, Can.MANAGE_MESSAGES)
        gone = [message for message in messages if message.id in self.messages]
        for message in gone:
            message.forget()
        ids = [message.id for message in gone]
        self.world.did(by, "delete bulk", channel=self.id, ids=ids)
        self.tell("MESSAGE_DELETE_BULK", {"ids": ids, "channel_id": self.id, "guild_id": self.guild.id})

    def thread(self, author: Member, name: str, *, private: bool = False, at: datetime | None = None) -> "Thread":
        """Open a thread without a message."""
        from tests.servers.discord.threads import open_thread  # noqa: PLC0415 - threads are channels

        return open_thread(self, author, name, private=private, at=at)

    def ask(
        self,
        author: Member,
        title: str,
        text: str,
        *,
        tags: Iterable[str] = (),
        at: datetime | None = None,
        **more: "Unpack[Extras]",
    ) -> "Thread":
        """Open a post in a forum or media channel; `tags` are names."""
        from tests.servers.discord.threads import open_post  # noqa: PLC0415 - threads are channels

        return open_post(self, author, title, text, tags=tags, at=at, **more)

    def command(self, member: Member, words: str, **options: object) -> "Call":
        """Use a slash command: `help.command(ada, "discussion start", title="…")`."""
        from tests.servers.discord.calls import command  # noqa: PLC0415 - calls know channels

        return command(self, member, words, options)

    def stray_command(self, member: Member, words: str, *, direct: bool = False, **options: object) -> "Call":
        """A command that should not come through: of an app that its user alone installed, or in direct messages."""
        from tests.servers.discord import calls  # noqa: PLC0415 - calls know channels

        return calls.command(self, member, words, options, stray=calls.DIRECT if direct else calls.USER_INSTALLED)

    # What moderators do to it

    def allow(self, whom: Role | Member, what: Can) -> None:
        """Allow something here."""
        self._overwrite(whom, allow=what)

    def deny(self, whom: Role | Member, what: Can) -> None:
        """Deny something here."""
        self._overwrite(whom, deny=what)

    def clear(self, whom: Role | Member) -> None:
        """As in the rest of the server."""
        self._overwrite(whom)

    def make_private(self, *, to: Iterable[Role | Member] = ()) -> None:
        """Only those, moderators' bots included, may still see it."""
        for whom in (self.guild.bot_role, *to):
            self._overwrite(whom, allow=Can.VIEW_CHANNEL)
        self._overwrite(self.guild.everyone, deny=Can.VIEW_CHANNEL)

    def make_public(self) -> None:
        """As everything else."""
        self.clear(self.guild.everyone)

    def _overwrite(self, whom: Role | Member, *, allow: Can = NOTHING, deny: Can = NOTHING) -> None:
        before = self.guild.seen_by_us()
        if allow or deny:
            self.overwrites[whom.id] = Overwrite(0 if isinstance(whom, Role) else 1, allow, deny)
        else:
            self.overwrites.pop(whom.id, None)
        self.world.did(None, "overwrite", channel=self.id, whom=whom.name, allow=int(allow), deny=int(deny))
        self.changed()
        self.guild.sync_threads(before)

    def rename(self, name: str) -> None:
        self.name = name
        self.world.did(None, "rename channel", channel=self.id, name=name)
        self.changed()

    def set_nsfw(self, nsfw: bool) -> None:
        """Mark it as for adults, or not."""
        self.nsfw = nsfw
        self.world.did(None, "nsfw", channel=self.id, nsfw=nsfw)
        self.changed()

    def delete(self) -> None:
        """Delete it, with its threads."""
        for thread in [thread for thread in self.guild.threads.values() if thread.parent is self]:
            self.guild.threads.pop(thread.id)
            self.world.channels.pop(thread.id)
        self.guild.channels.pop(self.id, None)
        self.world.channels.pop(self.id, None)
        self.world.did(None, "delete channel", channel=self.id)
        self.guild.tell("CHANNEL_DELETE", self.payload())

    def changed(self) -> None:
        """Tell what the channel is now."""
        self.guild.tell("CHANNEL_UPDATE", self.payload())

    def tell(self, name: str, data: Json, *, message: "Message | None" = None) -> None:
        """Send an event to the sessions that may see this channel."""
        self.world.emit(name, data, self.guild, channel=self, message=message)


def make_channel(
    guild: Guild, kind: int, name: str, *, tags: Iterable[str] = (), parent: Channel | None = None
) -> Channel:
    """A new channel in a server; the tags are a forum's."""
    channel = Channel(guild, kind, name)
    channel.parent = parent
    channel.tags = [Tag(guild.world.ids.old(), tag) for tag in tags]
    guild.channels[channel.id] = channel
    guild.world.did(None, "make channel", channel=channel.id, name=name)
    guild.tell("CHANNEL_CREATE", channel.payload())
    return channel


def is_moderator(member: Member, channel: Channel) -> bool:
    """Whether they moderate that channel."""
    return MODERATOR & member.can(channel) == MODERATOR
