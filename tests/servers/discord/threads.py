"""Threads and forum posts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Unpack

from typing_extensions import override

from tests.servers.discord import messages
from tests.servers.discord.channels import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    Channel,
)
from tests.servers.discord.guilds import Member
from tests.servers.discord.ids import moment_of, written
from tests.servers.discord.messages import HAS_THREAD, STARTER, THREAD_CREATED, Draft, Extras, Message
from tests.servers.discord.permissions import Can
from tests.servers.discord.world import Json, NotAllowed


class Thread(Channel):
    """A thread or forum post. Its counters are Discord's: without the starter, `message_count` falls with deletions."""

    is_thread = True
    parent: Channel

    def __init__(self, parent: Channel, owner: Member, name: str, kind: int, *, an_id: str) -> None:
        super().__init__(parent.guild, kind, name, an_id=an_id)
        self.parent = parent
        self.owner = owner
        self.is_private_thread = kind == PRIVATE_THREAD
        self.archived = False
        self.locked = False
        self.invitable = True
        self.auto_archive_duration = 4320
        self.archive_timestamp = moment_of(an_id)
        self.message_count = 0
        self.total_message_sent = 0
        self.applied_tags: list[str] = []
        parent.guild.threads[self.id] = self
        self._join(owner)

    @override
    def payload(self, *, ours: bool = False) -> Json:
        """The thread object; `ours` with our own membership, as GUILD_CREATE has it."""
        found: Json = {
            "id": self.id,
            "type": self.kind,
            "guild_id": self.guild.id,
            "parent_id": self.parent.id,
            "owner_id": self.owner.id,
            "name": self.name,
            "last_message_id": str(self._order[-1]) if self._order else None,
            "rate_limit_per_user": 0,
            "message_count": self.message_count,
            "member_count": min(len(self.members), 50),
            "total_message_sent": self.total_message_sent,
            "flags": 0,
            "thread_metadata": {
                "archived": self.archived,
                "auto_archive_duration": self.auto_archive_duration,
                "archive_timestamp": written(self.archive_timestamp),
                "locked": self.locked,
                "create_timestamp": written(moment_of(self.id)),
            },
        }
        if self.is_private_thread:
            found["thread_metadata"]["invitable"] = self.invitable
        if self.parent.is_forum:
            found["applied_tags"] = self.applied_tags
        us = self.world.application.user.id
        return found | ({"member": self.members[us]} if ours and us in self.members else {})

    @override
    def counted(self, change: int, message: Message) -> None:
        """A message came (+1) or went (-1): Discord's counters leave out the starter."""
        if message.id == self.id or message.kind == STARTER:
            return
        self.message_count += change
        self.total_message_sent += max(change, 0)

    @override
    def awaken(self, draft: Draft) -> None:
        """A message to an archived thread unarchives it; to a locked one only moderators may write."""
        if draft.at is not None or draft.kind == STARTER:
            return
        if self.locked and isinstance(draft.author, Member) and not draft.author.can(self) & Can.MANAGE_THREADS:
            raise NotAllowed(f"{draft.author.name} may not write in a locked thread")
        if isinstance(draft.author, Member):
            self._join(draft.author)
        if self.archived:
            self.unarchive()

    # What people do to it

    def archive(self, *, locked: bool | None = None, at: datetime | None = None) -> None:
        """Archive it (and lock or unlock it at the same time)."""
        self.set_state(archived=True, locked=locked, at=at)

    def unarchive(self) -> None:
        self.set_state(archived=False)

    def lock(self) -> None:
        self.set_state(locked=True)

    def unlock(self) -> None:
        self.set_state(locked=False)

    def set_state(
        self, *, archived: bool | None = None, locked: bool | None = None, at: datetime | None = None
    ) -> None:
        if archived is not None and archived != self.archived:
            self.archived = archived
            self.archive_timestamp = at or self.world.clock.now()
        self.locked = self.locked if locked is None else locked
        self.world.did(None, "thread state", thread=self.id, archived=self.archived, locked=self.locked)
        self.changed()

    def tag(self, *names: str) -> None:
        """Set the post's tags."""
        self.applied_tags = tag_ids(self.parent, names)
        self.world.did(None, "tag", thread=self.id, tags=list(names))
        self.changed()

    def invite(self, member: Member) -> None:
        """Add somebody; our bot learns of a private thread by a THREAD_CREATE."""
        us = self.guild.me
        hidden = us is not None and not us.can(self) & Can.VIEW_CHANNEL
        self._join(member)
        self.world.did(member, "join thread", thread=self.id)
        if member is us and hidden:
            self.tell("THREAD_CREATE", self.payload(ours=True))
        self._members_changed({"added_members": [self.members[member.id] | {"member": member.payload()}]})

    def remove(self, member: Member) -> None:
        """Remove somebody."""
        us = self.guild.me
        self.world.did(member, "leave thread", thread=self.id)
        if member is us:  # it must hear of it before it cannot see it any more
            self._members_changed({"removed_member_ids": [member.id]})
            self.members.pop(member.id, None)
            return
        self.members.pop(member.id, None)
        self._members_changed({"removed_member_ids": [member.id]})

    def _members_changed(self, change: Json) -> None:
        data = {"id": self.id, "guild_id": self.guild.id, "member_count": min(len(self.members), 50)}
        self.tell("THREAD_MEMBERS_UPDATE", data | change)

    def _join(self, member: Member) -> None:
        if member.id not in self.members:
            joined = written(self.world.clock.now())
            self.members[member.id] = {"id": self.id, "user_id": member.id, "join_timestamp": joined, "flags": 0}

    @override
    def delete(self) -> None:
        self.world.did(None, "delete thread", thread=self.id)
        data = {"id": self.id, "guild_id": self.guild.id, "parent_id": self.parent.id, "type": self.kind}
        self.tell("THREAD_DELETE", data)
        self.guild.threads.pop(self.id, None)
        self.world.channels.pop(self.id, None)

    @override
    def changed(self) -> None:
        self.tell("THREAD_UPDATE", self.payload())


def tag_ids(forum: Channel, names: Iterable[str]) -> list[str]:
    """The ids of a forum's tags with these names."""
    known = {tag.name: tag.id for tag in forum.tags}
    return [known[name] for name in names]


def open_from(message: Message, author: Member, name: str, *, at: datetime | None = None) -> Thread:
    """A thread from a message: it has the message's id and starts with a system message that points there."""
    channel = message.channel
    channel.must(author, Can.CREATE_PUBLIC_THREADS)
    if message.started is not None:
        raise NotAllowed("this message has a thread already")
    kind = ANNOUNCEMENT_THREAD if channel.kind == ANNOUNCEMENT else PUBLIC_THREAD
    thread = Thread(channel, author, name, kind, an_id=message.id)
    message.started = thread
    message.flags |= HAS_THREAD
    _announce(thread, author, at)
    message.updated()
    reference = {"message_id": message.id, "channel_id": channel.id, "guild_id": channel.guild.id}
    messages.post(thread, Draft(author=author, kind=STARTER, reference=reference, reply_to=message, at=at))
    return thread


def open_thread(channel: Channel, author: Member, name: str, *, private: bool, at: datetime | None = None) -> Thread:
    """A thread without a message; a public one is announced in the channel by a system message."""
    channel.must(author, Can.CREATE_PRIVATE_THREADS if private else Can.CREATE_PUBLIC_THREADS)
    kind = PRIVATE_THREAD if private else PUBLIC_THREAD
    thread = Thread(channel, author, name, kind, an_id=channel.world.ids.at(at))
    _announce(thread, author, at)
    if not private:
        reference = {"channel_id": thread.id, "guild_id": channel.guild.id}
        messages.post(channel, Draft(author=author, text=name, kind=THREAD_CREATED, reference=reference, at=at))
    return thread


def open_post(
    forum: Channel,
    author: Member,
    title: str,
    text: str,
    *,
    tags: Iterable[str],
    at: datetime | None = None,
    **more: Unpack[Extras],
) -> Thread:
    """A forum post: thread and first message have the same id."""
    if not forum.is_forum:
        raise NotAllowed("posts belong into forum and media channels: use thread()")
    forum.must(author, Can.SEND_MESSAGES)
    thread = Thread(forum, author, title, PUBLIC_THREAD, an_id=forum.world.ids.at(at))
    thread.applied_tags = tag_ids(forum, tags)
    _announce(thread, author, at)
    messages.post(thread, Draft(author=author, text=text, an_id=thread.id, at=at, **more))
    return thread


def _announce(thread: Thread, author: Member, at: datetime | None) -> None:
    thread.world.did(author, "open thread", thread=thread.id, channel=thread.parent.id, name=thread.name)
    if at is None:
        thread.tell("THREAD_CREATE", thread.payload(ours=True) | {"newly_created": True})
