"""Messages, and what people do to them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from tests.servers.slack import reactions
from tests.servers.slack.ids import sent_at
from tests.servers.slack.members import Member
from tests.servers.slack.texts import rich_text, typed
from tests.servers.slack.world import Json, NotAllowed

if TYPE_CHECKING:
    from tests.servers.slack.calls import Call
    from tests.servers.slack.channels import Channel

SYSTEM = "channel_"  # subtypes that begin so are Slack's own words
NAMESPACE = uuid.UUID("4f9d1f0e-59b4-4f1c-9a2e-4b0f0b8e6a51")
TOMBSTONE = "This message was deleted."


class Extras(TypedDict, total=False):
    """What a message may carry besides text."""

    at: datetime | None  # silently in the past
    ts: str | None  # exactly this one (a channel of two workspaces shows the same message in both)
    raw: bool  # the text is as Slack stores it, not as somebody types it
    thread_ts: str | None
    subtype: str | None  # me_message, bot_message, file_comment, …
    files: Sequence[str]  # names
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None
    silent: bool  # stored, but no event tells of it


class Message:
    """One message; `tombstone` when it is deleted and its replies are still there."""

    def __init__(self, channel: "Channel", author: Member, text: str, **more: Unpack[Extras]) -> None:
        self.channel = channel
        self.world = channel.world
        self.author = author
        self.text = text if more.get("raw") or author.is_bot else typed(text)
        self.ts = more.get("ts") or self._new_ts(more.get("at"))
        self.thread_ts = more.get("thread_ts")
        self.broadcast = False  # a reply that is also shown in the channel
        self.subtype = more.get("subtype")
        self.files = [_file(self, name) for name in more.get("files", ())]
        self.blocks = more.get("blocks")
        self.attachments = list(more.get("attachments") or [])
        self.metadata = more.get("metadata")
        self.more: dict[str, str] = {}  # what Slack's own messages carry
        self.edited: tuple[str, str] | None = None  # user, ts
        self.edits = 0
        self.reactions: dict[str, list[Member]] = {}
        self.deleted = False
        self.tombstone = False
        self.seen_only_by: Member | None = None
        self.call: Call | None = None  # whose response it is
        if self.blocks is None and not author.is_bot and self.subtype is None:
            self.blocks = rich_text(self.text, f"b{self.ts[-6:]}") or None

    def _new_ts(self, at: datetime | None) -> str:
        return self.world.ids.at(at) if at else self.world.ids.now()

    @property
    def sent_at(self) -> datetime:
        return sent_at(self.ts)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def ours(self) -> bool:
        return self.author is self.world.app.user

    @property
    def replies(self) -> "list[Message]":
        """The replies to it, oldest first."""
        return self.channel.threads.get(self.ts, [])

    @property
    def parent(self) -> "Message | None":
        """The message that it replies to."""
        return self.channel.messages.get(str(self.thread_ts)) if self.is_reply else None

    @property
    def permalink(self) -> str:
        """Its address."""
        link = f"https://{self.world.domain}.slack.com/archives/{self.channel.id}/p{self.ts.replace('.', '')}"
        return f"{link}?thread_ts={self.thread_ts}&cid={self.channel.id}" if self.is_reply else link

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in order."""
        from tests.servers.slack.elements import elements  # noqa: PLC0415 - elements know messages

        return [item["text"]["text"] for _, item in elements(self.blocks or []) if item["type"] == "button"]

    # What Slack says of it

    def payload(self, *, metadata: bool = False, counted: bool = True) -> Json:
        """The message object: with reactions and the thread's figures where it is read (`counted`)."""
        if self.tombstone:
            return self._tombstone()
        found: Json = {"type": "message", "text": self.text, "ts": self.ts}
        found |= self._who() | self._optional() | self._thread()
        if counted and self.reactions:
            found["reactions"] = reactions.counts(self)
        if counted and self.replies:
            found |= self._figures()
        if metadata and self.metadata:
            found["metadata"] = self.metadata
        return found | self.more

    def _who(self) -> Json:
        author = self.author
        if self.subtype == "bot_message":
            return {"bot_id": author.bot_id, "username": author.name}
        kind = self._subtype()
        if kind is not None and kind.startswith(SYSTEM):
            return {"user": author.id}
        if author.is_bot:
            app = self.world.app
            profile = {"bot_profile": app.profile(self.world.team)} if self.ours else {}
            keys = {"bot_id": author.bot_id, "app_id": author.app_id, "team": self.world.team, "user": author.id}
            return keys | profile
        found: Json = {"user": author.id}
        if kind is None:
            found["team"] = author.team
        if kind in (None, "thread_broadcast"):
            found["client_msg_id"] = str(uuid.uuid5(NAMESPACE, self.channel.id + self.ts))
        if self.channel.connected:
            found |= {"user_team": author.team, "source_team": author.team}
        return found

    def _optional(self) -> Json:
        """Keys that are there only when they mean something: absent is not null."""
        parts: Json = {
            "subtype": self._subtype(),
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "edited": {"user": self.edited[0], "ts": self.edited[1]} if self.edited else None,
        }
        found = {key: value for key, value in parts.items() if value}
        return found | ({"upload": False, "display_as_bot": False} if self.files else {})

    def _subtype(self) -> str | None:
        if self.broadcast:
            return "thread_broadcast"
        return self.subtype or ("file_share" if self.files else None)

    def _thread(self) -> Json:
        if not self.is_reply:
            return {"thread_ts": self.ts} if self.replies else {}
        parent = self.parent
        found: Json = {"thread_ts": self.thread_ts}
        if parent is not None and not self.broadcast:
            found["parent_user_id"] = parent.author.id
        if self.broadcast and parent is not None:
            found["root"] = parent.payload()
        return found

    def _figures(self) -> Json:
        replies = self.replies
        users = list(dict.fromkeys(one.author.id for one in replies))
        return {
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
            "reply_users": users[:5],
            "is_locked": False,
            "subscribed": False,
        }

    def _tombstone(self) -> Json:
        found: Json = {
            "type": "message",
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "text": TOMBSTONE,
            "hidden": True,
        }
        return found | {"ts": self.ts, "thread_ts": self.ts} | (self._figures() if self.replies else {})

    # What people do to it

    def reply(self, author: Member, text: str = "", *, broadcast: bool = False, **more: Unpack[Extras]) -> "Message":
        """Somebody replies in its thread."""
        return self.channel.reply(self, author, text, broadcast=broadcast, **more)

    def edit(self, by: Member, text: str, *, raw: bool = False) -> None:
        """Its author changes the text."""
        self.channel.must(by)
        if by is not self.author or self.tombstone:
            raise NotAllowed(f"{by.name} cannot edit this message")
        text = text if raw else typed(text)
        self.rewrite(text=text, blocks=rich_text(text, f"b{self.ts[-6:]}") or None)

    def rewrite(
        self,
        *,
        text: str,
        blocks: list[Json] | None,
        metadata: Json | None = None,
        attachments: list[Json] | None = None,
    ) -> None:
        """Its author changes it; an event tells, with the time of the edit."""
        before = self.payload(counted=False)
        self.text, self.blocks = text, blocks
        self.metadata = metadata if metadata is not None else self.metadata
        self.attachments = self.attachments if attachments is None else attachments
        self.edited = (self.author.bot_id or self.author.id, self.world.ids.now())
        self.edits += 1
        self.world.did(self.author, "edit", ts=self.ts, channel=self.channel.id, text=text)
        self.changed(before)

    def unfurl(self, title: str = "A page", url: str = "https://example.org/") -> None:
        """Slack adds a preview of a link: a `message_changed` without an edit."""
        before = self.payload(counted=False)
        self.attachments.append({"id": 1, "title": title, "title_link": url, "from_url": url, "fallback": title})
        self.changed(before)

    def delete(self, by: Member | None = None) -> None:
        """Its author or an admin deletes it. With replies it leaves a tombstone, told as a change."""
        by = by or self.author
        if self.deleted or (by is not self.author and not by.is_admin):
            raise NotAllowed(f"{by.name} cannot delete this message")
        before = self.payload(counted=False)
        self.deleted = True
        self.world.did(by, "delete", ts=self.ts, channel=self.channel.id)
        if self.replies:
            self.tombstone = True
            self.changed(before)
            return
        self.channel.drop(self)
        event = {"subtype": "message_deleted", "hidden": True, "deleted_ts": self.ts, "previous_message": before}
        self.tell(event, ts=self.world.ids.now())

    def react(self, member: Member, emoji: str = "star") -> None:
        """Somebody reacts, by an emoji's name."""
        reactions.add(self, member, emoji)

    def unreact(self, member: Member, emoji: str = "star") -> None:
        """Somebody takes a reaction back."""
        reactions.remove(self, member, emoji)

    def pin(self, by: Member) -> None:
        """Somebody pins it."""
        reactions.pin(self, by)

    def unpin(self, by: Member) -> None:
        """Somebody unpins it."""
        reactions.unpin(self, by)

    def shortcut(self, member: Member, callback_id: str) -> "Call":
        """More actions → this shortcut of our app; also within threads."""
        from tests.servers.slack.calls import message_shortcut  # noqa: PLC0415 - calls know messages

        return message_shortcut(self, member, callback_id)

    def press(self, member: Member, button: str) -> "Call":
        """Press the button with this label or action id."""
        from tests.servers.slack.calls import press  # noqa: PLC0415 - calls know messages

        return press(self, member, button)

    def choose(self, member: Member, menu: str, *values: str) -> "Call":
        """Choose from the menu with this placeholder or action id; values or labels."""
        from tests.servers.slack.calls import choose  # noqa: PLC0415 - calls know messages

        return choose(self, member, menu, values)

    # What follows from it

    def changed(self, before: Json) -> None:
        """Tell what it is now and was before."""
        if self.seen_only_by is None:
            event = {
                "subtype": "message_changed",
                "hidden": True,
                "message": self.payload(),
                "previous_message": before,
            }
            self.tell(event, ts=self.world.ids.now())
        self.world.news()

    def tell(self, event: Json, *, ts: str) -> None:
        """An event about it in its channel."""
        kind = self.channel.kind
        subscription = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}[kind]
        whole = event | {"channel": self.channel.id, "ts": ts, "event_ts": ts, "channel_type": kind}
        self.world.emit(subscription, whole, self.channel)


def post(channel: "Channel", author: Member, text: str, *, broadcast: bool = False, **more: Unpack[Extras]) -> Message:
    """Post a message; events follow, except for one of the past."""
    channel.must(author)
    message = Message(channel, author, text, **more)
    message.broadcast = broadcast
    channel.add(message)
    if more.get("at") is None and not more.get("silent"):
        announce(message)
    channel.world.news()
    return message


def announce(message: Message) -> None:
    """Log a new message and tell of it; where it mentions our bot, twice."""
    world = message.world
    what = {"ts": message.ts, "channel": message.channel.id, "text": message.text}
    world.did(message.author, "post", **what, **({"metadata": message.metadata} if message.metadata else {}))
    payload = message.payload(counted=False)
    message.tell(payload, ts=message.ts)
    if world.app.user.mention in message.text and message.author is not world.app.user:
        keys = ("user", "text", "ts", "client_msg_id", "team", "blocks", "thread_ts", "parent_user_id", "files")
        event = {key: payload[key] for key in keys if key in payload}
        world.emit("app_mention", event | {"channel": message.channel.id, "event_ts": message.ts}, message.channel)


def system(
    channel: "Channel", member: Member, subtype: str, text: str, *, heard: bool, more: dict[str, str]
) -> Message:
    """A message of Slack's own in somebody's name."""
    message = Message(channel, member, text, subtype=subtype, raw=True)
    message.more = more
    channel.add(message)
    if heard:
        message.tell(message.payload(counted=False), ts=message.ts)
    return message


def private(channel: "Channel", member: Member, text: str, blocks: list[Json] | None, thread_ts: str | None) -> Message:
    """A message of ours that only one person sees, and that is nowhere in history."""
    message = Message(channel, channel.world.app.user, text, blocks=blocks, thread_ts=thread_ts)
    message.seen_only_by = member
    channel.world.ephemerals.append(message)
    channel.world.news()
    return message


def _file(message: Message, name: str) -> Json:
    an_id = message.world.ids.make("F")
    kind = name.rpartition(".")[2]
    return {
        "id": an_id,
        "name": name,
        "title": name,
        "mimetype": f"image/{kind}" if kind in ("png", "jpg", "gif") else "application/octet-stream",
        "filetype": kind,
        "user": message.author.id,
        "size": 1234,
        "mode": "hosted",
        "url_private": f"https://files.slack.com/files-pri/{message.world.team}-{an_id}/{name}",
        "permalink": f"https://{message.world.domain}.slack.com/files/{message.author.id}/{an_id}/{name}",
        "is_public": not message.channel.private,
        "created": int(message.sent_at.timestamp()),
    }
