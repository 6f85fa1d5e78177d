"""Channels and their messages, and what people do in them."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from tests.servers.slack.ids import micros
from tests.servers.slack.members import Member, Role
from tests.servers.slack.world import Json, NotAllowed, World

if TYPE_CHECKING:
    from tests.servers.slack.calls import Call
    from tests.servers.slack.messages import Extras, Message

CREATED = 1785000000


class Channel:
    """A channel, or the direct messages of our app with one person. Messages stand in the order of their `ts`."""

    def __init__(self, world: World, name: str, *, private: bool = False, an_id: str | None = None) -> None:
        self.world = world
        self.name = name
        self.private = private
        self.direct_with: Member | None = None
        self.id = an_id or world.ids.make("C")
        self.general = False
        self.archived = False
        self.deleted = False
        self.topic = ""
        self.purpose = ""
        self.previous_names: list[str] = []
        self.connected: set[str] = set()  # teams of Slack Connect
        self.creator: Member | None = None
        self.members: dict[str, Member] = {}
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[Message]] = {}  # parent's ts -> replies
        self.pins: list[tuple[Message, Member, int]] = []
        self.order: list[str] = []
        world.channels[self.id] = self

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def kind(self) -> str:
        """`channel_type` of events."""
        if self.direct_with is not None:
            return "im"
        return "group" if self.private else "channel"

    @property
    def has_bot(self) -> bool:
        return self.world.app.user.id in self.members

    def payload(self, *, counted: bool = False, joined: bool = False) -> Json:
        """The conversation object: with `num_members` where it is counted, `is_member` where it says if we joined."""
        if self.direct_with is not None:
            keys = {"id": self.id, "created": CREATED, "is_im": True, "user": self.direct_with.id, "updated": 0}
            return keys | {"is_archived": False, "is_org_shared": False, "context_team_id": self.world.team}
        found: Json = {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_general": self.general,
            "created": CREATED,
            "creator": self.creator.id if self.creator else "USLACKBOT",
            "updated": CREATED * 1000,
            "unlinked": 0,
            "previous_names": self.previous_names,
        }
        found |= self._shares() | {"topic": self._words(self.topic), "purpose": self._words(self.purpose)}
        found |= {"is_member": self.has_bot} if joined else {}
        return found | ({"num_members": len(self.members)} if counted else {})

    def _shares(self) -> Json:
        teams = [self.world.team, *sorted(self.connected)]
        return {
            "is_shared": bool(self.connected),
            "is_ext_shared": bool(self.connected),
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "shared_team_ids": teams,
            "internal_team_ids": [],
            "context_team_id": self.world.team,
        }

    def _words(self, value: str) -> Json:
        return {"value": value, "creator": self.creator.id if value and self.creator else "", "last_set": 0}

    # What is in it

    def add(self, message: "Message") -> None:
        """Put a message in its place."""
        self.messages[message.ts] = message
        insort(self.order, message.ts)
        if message.thread_ts and message.thread_ts != message.ts:
            replies = self.threads.setdefault(message.thread_ts, [])
            replies.append(message)
            replies.sort(key=lambda one: one.ts)

    def drop(self, message: "Message") -> None:
        """Take a message out."""
        del self.messages[message.ts]
        self.order.pop(bisect_left(self.order, message.ts))
        if message.is_reply:
            self.threads[str(message.thread_ts)].remove(message)

    def in_history(self) -> "list[Message]":
        """What `conversations.history` may show now, oldest first: no replies but broadcast ones, nothing too new."""
        return [one for one in map(self.messages.__getitem__, self.order) if not one.is_reply or one.broadcast]

    def settled(self, messages: "Iterable[Message]") -> "list[Message]":
        """Those that are neither too new for history (`world.history_lag`) nor too old (`world.shown_for`)."""
        world, now = self.world, micros(self.world.clock.now())
        newest, oldest = now - int(world.history_lag * 1_000_000), now - int(world.shown_for * 1_000_000)
        if world.history_lag:
            messages = [one for one in messages if micros(one.sent_at) <= newest]
        return [one for one in messages if not world.shown_for or micros(one.sent_at) >= oldest]

    def visible_to(self, member: Member) -> "list[Message]":
        """The messages that this member can read here now, oldest first, replies among them."""
        if member.id not in self.members and (self.private or member.is_guest or member.is_foreign):
            return []
        return [self.messages[ts] for ts in self.order]

    # What people do in it

    def must(self, member: Member) -> None:
        """Only members of a living channel act in it: tests fail when they let others."""
        member.active()
        if self.deleted or self.archived:
            raise NotAllowed(f"#{self.name} is {'deleted' if self.deleted else 'archived'}")
        if member.id not in self.members:
            raise NotAllowed(f"{member.name} is not in #{self.name}")

    def post(self, author: Member, text: str = "", **more: "Unpack[Extras]") -> "Message":
        """Somebody writes a message (messages.Extras: what else it may carry); `at` puts it silently into the past."""
        from tests.servers.slack.messages import post  # noqa: PLC0415 - messages know channels

        return post(self, author, text, **more)

    def reply(
        self, to: "Message", author: Member, text: str = "", *, broadcast: bool = False, **more: "Unpack[Extras]"
    ) -> "Message":
        """Somebody replies in the thread of a message, and also to the channel with `broadcast`."""
        from tests.servers.slack.messages import post  # noqa: PLC0415 - messages know channels

        more["thread_ts"] = to.thread_ts or to.ts
        return post(self, author, text, broadcast=broadcast, **more)

    def command(self, member: Member, name: str, text: str = "", *, thread: "Message | None" = None) -> "Call":
        """Use a slash command: `help.command(ada, "/folkmoot", "status")`. In a thread Slack offers none."""
        from tests.servers.slack.calls import command  # noqa: PLC0415 - calls know channels

        if thread is not None:
            raise NotAllowed(f"{name} is not supported in threads")
        return command(self, member, name, text)

    # Who is in it

    def put(self, *members: Member) -> None:
        """Be in it, silently, as before the test began."""
        for member in members:
            places = [one for one in self.world.channels.values() if one is not self and one.direct_with is None]
            alone = self.direct_with is None and member.role is Role.SINGLE_GUEST
            if alone and any(member.id in place.members for place in places):
                raise NotAllowed(f"{member.name} is a guest of one channel")
            if member.is_foreign and member.team not in self.connected:
                raise NotAllowed(f"{member.name}'s workspace is not connected to #{self.name}")
            self.members[member.id] = member

    def join(self, member: Member, *, inviter: Member | None = None) -> None:
        """Join, or be invited: an event, and a message that nobody counts."""
        member.active()
        if self.private and inviter is None:
            raise NotAllowed(f"#{self.name} is private: somebody has to invite {member.name}")
        self.put(member)
        self.world.did(member, "join", channel=self.id)
        by = {"inviter": inviter.id} if inviter else {}
        self._about(member, "member_joined_channel", by)
        self.system(member, "channel_join", f"{member.mention} has joined the channel", more=by)

    def leave(self, member: Member) -> None:
        """Leave, or be removed: a bot that is removed hears only that the channel is left."""
        self.must(member)
        if self.general and not member.is_bot:
            raise NotAllowed(f"nobody leaves #{self.name}")
        self.world.did(member, "leave", channel=self.id)
        ours = member is self.world.app.user
        if not ours:
            self._about(member, "member_left_channel")
        self.system(member, "channel_leave", f"{member.mention} has left the channel", heard=not ours)
        del self.members[member.id]
        if ours:
            name = "group_left" if self.private else "channel_left"
            self.world.emit(name, {"channel": self.id, "actor_id": member.id}, self, members_only=False)

    def invite_bot(self, by: Member) -> None:
        """Somebody invites our bot."""
        self.must(by)
        self.join(self.world.app.user, inviter=by)

    def kick_bot(self) -> None:
        """Somebody removes our bot."""
        self.leave(self.world.app.user)

    def _about(self, member: Member, name: str, more: dict[str, str] | None = None) -> None:
        kind = "G" if self.private else "C"
        event = {"user": member.id, "channel": self.id, "channel_type": kind, "team": member.team}
        self.world.emit(name, event | (more or {}), self)

    # What becomes of it

    def rename(self, by: Member, name: str) -> None:
        """Another name."""
        self.must(by)
        old, self.name = self.name, name
        self.previous_names.insert(0, old)
        self.world.did(by, "rename", channel=self.id, name=name)
        about = {"id": self.id, "name": name, "name_normalized": name, "created": CREATED}
        self._tell("rename", channel=about | {"is_channel": not self.private, "is_mpim": False})
        text = f'has renamed the channel from "{old}" to "{name}"'
        self.system(by, "channel_name", text, more={"old_name": old, "name": name})

    def set_topic(self, by: Member, topic: str) -> None:
        """Another topic."""
        self.must(by)
        self.topic = topic
        self.system(by, "channel_topic", f"set the channel topic: {topic}", more={"topic": topic})

    def archive(self, by: Member) -> None:
        """Archive it: nobody can write any more, and everybody is out of it."""
        self.must(by)
        self.world.did(by, "archive", channel=self.id)
        self.system(by, "channel_archive", "archived the channel")
        self._tell("archive", channel=self.id, user=by.id, is_moved=0)
        self.archived = True

    def unarchive(self, by: Member) -> None:
        """Bring it back."""
        by.active()
        if not self.archived:
            raise NotAllowed(f"#{self.name} is not archived")
        self.archived = False
        self.world.did(by, "unarchive", channel=self.id)
        self._tell("unarchive", channel=self.id, user=by.id)
        self.system(by, "channel_unarchive", "un-archived the channel")

    def delete(self, by: Member) -> None:
        """An admin deletes it."""
        if not by.is_admin:
            raise NotAllowed(f"{by.name} cannot delete channels")
        self.world.did(by, "delete channel", channel=self.id)
        self._tell("deleted", channel=self.id, actor_id=by.id)
        self.deleted = True

    def make_private(self, by: Member) -> None:
        """From public to private: the id stays, and no channel event tells, only a message."""
        self._convert(by, private=True)

    def make_public(self, by: Member) -> None:
        """From private to public."""
        self._convert(by, private=False)

    def _convert(self, by: Member, *, private: bool) -> None:
        if not by.is_admin or self.private == private:
            raise NotAllowed(f"{by.name} cannot convert #{self.name}")
        self.private = private
        word = "private" if private else "public"
        self.world.did(by, "convert", channel=self.id, to=word)
        self.system(by, f"channel_convert_to_{word}", f"made this channel {word}")

    def connect(self, team: str) -> None:
        """Share it with another workspace (Slack Connect)."""
        self.connected.add(team)
        event = {"connected_team_id": team, "channel": self.id}
        self.world.emit("channel_shared", event, self, members_only=self.private)

    def disconnect(self, team: str) -> None:
        """No longer share it; that workspace's people are out."""
        self.connected.discard(team)
        self.members = {an_id: one for an_id, one in self.members.items() if one.team != team}
        event = {"previously_connected_team_id": team, "channel": self.id, "is_ext_shared": bool(self.connected)}
        self.world.emit("channel_unshared", event, self, members_only=self.private)

    def _tell(self, what: str, **event: object) -> None:
        """A channel event, which private channels tell under another name and to members only."""
        name = f"{'group' if self.private else 'channel'}_{what}"
        self.world.emit(name, dict(event), self, members_only=self.private)

    def system(
        self, member: Member, subtype: str, text: str, *, heard: bool = True, more: dict[str, str] | None = None
    ) -> "Message":
        """A message that Slack writes in somebody's name: any subtype of that kind."""
        from tests.servers.slack.messages import system  # noqa: PLC0415 - messages know channels

        return system(self, member, subtype, text, heard=heard, more=more or {})

    def at(self, moment: datetime) -> str:
        """A new `ts` of that moment, for `post(ts=…)`."""
        return self.world.ids.at(moment)


def direct(member: Member) -> Channel:
    """The direct messages of our app with somebody, opened when first asked for."""
    world = member.world
    for channel in world.channels.values():
        if channel.direct_with is member:
            return channel
    channel = Channel(world, "directmessage", private=True, an_id=world.ids.make("D"))
    channel.direct_with = member
    channel.put(world.app.user, member)
    return channel
