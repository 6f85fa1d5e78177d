"""Messages: how they come to be, what people do to them, and how they are written on the wire."""

import copy
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from tests.servers.discord import reactions
from tests.servers.discord.guilds import Member
from tests.servers.discord.ids import moment_of, written
from tests.servers.discord.permissions import Can
from tests.servers.discord.world import Json, NotAllowed, User

if TYPE_CHECKING:
    from tests.servers.discord.calls import Call
    from tests.servers.discord.channels import Channel
    from tests.servers.discord.threads import Thread

DEFAULT, RECIPIENT_ADD, PINNED, JOIN, THREAD_CREATED, REPLY, SLASH, STARTER, MENU, POLL_RESULT = (
    0,
    1,
    6,
    7,
    18,
    19,
    20,
    21,
    23,
    46,
)
CROSSPOSTED, SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL, LOADING, SILENT, SNAPSHOT = 1, 4, 32, 64, 128, 4096, 16384

PEOPLE = re.compile(r"<@!?(\d+)>")
ROLES = re.compile(r"<@&(\d+)>")


class Extras(TypedDict, total=False):
    """What else a message may carry; see Draft."""

    kind: int
    embeds: list[Json]
    files: tuple[str, ...]
    stickers: tuple[str, ...]
    poll: tuple[str, ...]
    forward: "Message | None"
    components: list[Json]
    flags: int
    nonce: str | None
    webhook: str
    reference: Json
    allowed_mentions: Json | None


@dataclass
class Draft:
    """What a message is to be; `webhook` is the name that a webhook posts under, `files` are names."""

    author: Member | User | None = None
    text: str = ""
    reply_to: "Message | None" = None
    at: datetime | None = None
    kind: int | None = None
    embeds: list[Json] = field(default_factory=list)
    files: tuple[str, ...] = ()
    stickers: tuple[str, ...] = ()
    poll: tuple[str, ...] = ()  # the question and the answers
    forward: "Message | None" = None
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    webhook: str | None = None
    reference: Json | None = None
    allowed_mentions: Json | None = None  # as our requests carry it; None is what people may do
    interaction: Json | None = None
    an_id: str | None = None


class Message:
    """One message. `deleted` ones are kept by whoever holds them, not by their channel."""

    def __init__(self, channel: "Channel", draft: Draft) -> None:
        world = channel.world
        self.channel = channel
        self.world = world
        self.id = draft.an_id or world.ids.at(draft.at)
        self.webhook_id: str | None = None
        self.author = self._author(draft)
        self.text = draft.text
        self.kind = draft.kind if draft.kind is not None else (REPLY if draft.reply_to else DEFAULT)
        self.embeds = copy.deepcopy(draft.embeds)
        self.components = copy.deepcopy(draft.components)
        self.attachments = [_attachment(self, world.ids.now(), name) for name in draft.files]
        self.files = draft.files
        self.stickers = [{"id": world.ids.old(), "name": name, "format_type": 1} for name in draft.stickers]
        self.poll = _poll(draft.poll, self.sent_at + timedelta(days=1))
        self.flags = draft.flags | (SNAPSHOT if draft.forward else 0)
        self.nonce = draft.nonce
        self.reply_to = draft.reply_to
        self.reference = draft.reference or _reference(draft)
        self.snapshots = [{"message": _snapshot(draft.forward)}] if draft.forward else []
        self.interaction = draft.interaction
        self.allowed_mentions = draft.allowed_mentions
        self.edited_at: datetime | None = None
        self.pinned = False
        self.deleted = False
        self.started: Thread | None = None
        self.reactions: dict[str, list[User]] = {}
        self.seen_only_by: Member | None = None
        self.edits = 0

    def _author(self, draft: Draft) -> User:
        if draft.webhook is not None:
            self.webhook_id = self.world.ids.old()
            return User(self.webhook_id, draft.webhook, bot=True)
        if draft.author is None:
            return self.channel.guild.owner.user
        return draft.author.user if isinstance(draft.author, Member) else draft.author

    @property
    def sent_at(self) -> datetime:
        return moment_of(self.id)

    @property
    def link(self) -> str:
        """Its address, as people copy it."""
        return f"https://discord.com/channels/{self.channel.guild.id}/{self.channel.id}/{self.id}"

    @property
    def ours(self) -> bool:
        return self.author is self.world.application.user

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in order."""
        return [item["label"] for row in self.components for item in row["components"] if item["type"] == 2]

    def mentioned(self) -> list[Member]:
        """Who is mentioned with effect: everybody named in a person's text, only those allowed in ours."""
        guild = self.channel.guild
        named = [guild.members[an_id] for an_id in dict.fromkeys(PEOPLE.findall(self.text)) if an_id in guild.members]
        if self.allowed_mentions is None:
            if self.kind == REPLY and self.reply_to and self.reply_to.author.id in guild.members:
                named.append(guild.members[self.reply_to.author.id])
            return named
        if "users" in (self.allowed_mentions.get("parse") or []):
            return named
        return [member for member in named if member.id in (self.allowed_mentions.get("users") or [])]

    def pings_all(self) -> bool:
        """Whether @everyone or @here in it has effect."""
        if "@everyone" not in self.text and "@here" not in self.text:
            return False
        if self.allowed_mentions is not None:
            return "everyone" in (self.allowed_mentions.get("parse") or [])
        member = self.channel.guild.members.get(self.author.id)
        return member is not None and Can.MENTION_EVERYONE in member.can(self.channel)

    def payload(self, *, content: bool = True, live: bool = False) -> Json:
        """The message object: without `content` for who may not read it, `live` with what only the gateway adds."""
        found = self._core() | (self._content() if content else self._no_content())
        found |= self._optional(content=content)
        if live and not self.ephemeral:
            found["guild_id"] = self.channel.guild.id
            member = self.channel.guild.members.get(self.author.id)
            if member is not None:
                found["member"] = member.payload(user=False)
        return found

    def _core(self) -> Json:
        return {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": self.author.payload(),
            "type": self.kind,
            "timestamp": written(self.sent_at),
            "edited_timestamp": written(self.edited_at) if self.edited_at else None,
            "tts": False,
            "mention_everyone": self.pings_all(),
            "mentions": [member.user.payload() for member in self.mentioned()],
            "mention_roles": ROLES.findall(self.text) if self.allowed_mentions is None else [],
            "pinned": self.pinned,
            "flags": self.flags,
        }

    def _content(self) -> Json:
        found: Json = {
            "content": self.text,
            "embeds": self.embeds,
            "attachments": self.attachments,
            "components": self.components,
        }
        return found | ({"poll": self.poll} if self.poll else {})

    def _no_content(self) -> Json:
        return {"content": "", "embeds": [], "attachments": [], "components": []}

    def _optional(self, *, content: bool) -> Json:
        """Keys that are there only when they mean something: absent is not null."""
        found: Json = {}
        if self.kind in (REPLY, STARTER) and self.reply_to is not None:
            found["referenced_message"] = self._target(self.reply_to, content=content)
        if self.started is not None and self.started.id in self.channel.guild.threads:
            found["thread"] = self.started.payload()
        parts = {
            "message_reference": self.reference,
            "message_snapshots": self.snapshots if content else None,
            "webhook_id": self.webhook_id,
            "sticker_items": self.stickers,
            "interaction_metadata": self.interaction,
            "application_id": self.author.id if self.author.bot and not self.webhook_id else None,
            "reactions": reactions.counts(self),
        }
        return found | {key: value for key, value in parts.items() if value}

    def _target(self, target: "Message", *, content: bool) -> Json | None:
        """The message replied to, as it is now and without its own target; null when it is deleted."""
        if target.deleted:
            return None
        found = target.payload(content=content)
        found.pop("referenced_message", None)
        return found

    # What people do to it

    def edit(
        self,
        text: str | None = None,
        *,
        embeds: list[Json] | None = None,
        components: list[Json] | None = None,
        flags: int | None = None,
        filled_in: bool = False,
    ) -> None:
        """Its author changes what is named; what only said "is thinking" is `filled_in` and is not shown as edited."""
        self.text = self.text if text is None else text
        self.embeds = self.embeds if embeds is None else embeds
        self.components = self.components if components is None else components
        self.flags = self.flags if flags is None else flags
        self.edited_at = None if filled_in else self.world.clock.now()
        self.edits += 1
        self.world.did(self.author, "edit", message=self.id, channel=self.channel.id, text=self.text)
        self.updated()

    def attach(self, files: tuple[str, ...]) -> None:
        """Files come along with an edit."""
        self.files = (*self.files, *files)
        self.attachments += [_attachment(self, self.world.ids.now(), name) for name in files]

    def unfurl(self, title: str) -> None:
        """Discord adds a preview of a link to it: an update without an edit."""
        self.embeds = [*self.embeds, {"type": "link", "title": title, "url": "https://example.org/"}]
        self.updated()

    def delete(self, by: Member | None = None) -> None:
        """Its author or a moderator deletes it."""
        if by is not None and by.id != self.author.id:
            self.channel.must(by, Can.MANAGE_MESSAGES)
        self.world.did(by or self.author, "delete", message=self.id, channel=self.channel.id)
        self.forget()
        data = {"id": self.id, "channel_id": self.channel.id, "guild_id": self.channel.guild.id}
        self.channel.tell("MESSAGE_DELETE", data)

    def react(self, member: Member, emoji: str = "⭐") -> None:
        """Somebody reacts: a character, or name:id."""
        reactions.add(self, member, emoji)

    def unreact(self, member: Member, emoji: str = "⭐") -> None:
        """Somebody takes a reaction back."""
        reactions.remove(self, member.user, emoji)

    def clear_reactions(self, emoji: str | None = None) -> None:
        """A moderator clears one emoji's reactions, or all."""
        reactions.clear(self, emoji)

    def pin(self, by: Member) -> None:
        """Somebody pins it; a system message says so."""
        self.channel.must(by, Can.PIN_MESSAGES)
        self.pinned = True
        self.updated()
        reference = {"message_id": self.id, "channel_id": self.channel.id, "guild_id": self.channel.guild.id}
        self.channel.post(by, kind=PINNED, reference=reference)

    def thread(self, author: Member, name: str, *, at: datetime | None = None) -> "Thread":
        """Open a thread from it."""
        from tests.servers.discord.threads import open_from  # noqa: PLC0415 - threads know messages

        return open_from(self, author, name, at=at)

    def press(self, member: Member, button: str) -> "Call":
        """Press the button with this label or custom id."""
        from tests.servers.discord.calls import press  # noqa: PLC0415 - calls know messages

        return press(self, member, button)

    def choose(self, member: Member, menu: str, *values: str) -> "Call":
        """Choose from the select menu with this placeholder or custom id; values or labels."""
        from tests.servers.discord.calls import choose  # noqa: PLC0415 - calls know messages

        return choose(self, member, menu, values)

    def menu(self, member: Member, command: str) -> "Call":
        """Apps → this entry of the message's context menu."""
        from tests.servers.discord.calls import from_menu  # noqa: PLC0415 - calls know messages

        return from_menu(self, member, command)

    # What follows from it

    def updated(self) -> None:
        """Tell what it is now."""
        if self.seen_only_by is None and not self.deleted:
            self.channel.tell("MESSAGE_UPDATE", {}, message=self)

    def forget(self) -> None:
        """Take it out of its channel."""
        if self.deleted:
            raise NotAllowed(f"message {self.id} is deleted already")
        self.deleted = True
        if self.seen_only_by is None:
            self.channel.drop(self)
            self.channel.counted(-1, self)


def post(channel: "Channel", draft: Draft) -> Message:
    """Post a message; events and counters follow, except for one of the past."""
    needed = Can.SEND_MESSAGES_IN_THREADS if channel.is_thread else Can.SEND_MESSAGES
    opens = draft.an_id == channel.id  # a forum post's first message: that they may open it was asked before
    if draft.webhook is None and draft.kind in (None, DEFAULT, REPLY) and not opens:
        channel.must(draft.author, needed)
    if channel.is_forum:
        raise NotAllowed("a forum holds posts: use ask()")
    channel.awaken(draft)
    message = Message(channel, draft)
    channel.add(message)
    channel.counted(+1, message)
    if draft.at is None:
        what = {"message": message.id, "channel": channel.id, "text": message.text, "type": message.kind}
        nonce = {"nonce": message.nonce} if message.nonce else {}
        channel.world.did(message.author, "post", **what, **nonce)
        channel.tell("MESSAGE_CREATE", nonce, message=message)
    return message


def _reference(draft: Draft) -> Json | None:
    target = draft.forward or draft.reply_to
    if target is None:
        return None
    found = {"type": 1 if draft.forward else 0, "message_id": target.id, "channel_id": target.channel.id}
    return found | {"guild_id": target.channel.guild.id}


def _snapshot(message: Message) -> Json:
    keys = ("content", "embeds", "attachments", "components", "type", "timestamp", "edited_timestamp", "flags")
    whole = message.payload()
    return {key: whole[key] for key in (*keys, "mentions", "mention_roles")}


def _attachment(message: Message, an_id: str, name: str) -> Json:
    path = f"attachments/{message.channel.id}/{an_id}/{name}"
    return {
        "id": an_id,
        "filename": name,
        "size": 1234,
        "url": f"https://cdn.discordapp.com/{path}?ex=0&is=0&hm=0",
        "proxy_url": f"https://media.discordapp.net/{path}?ex=0&is=0&hm=0",
        "content_type": "image/png",
    }


def _poll(words: tuple[str, ...], expiry: datetime) -> Json | None:
    if not words:
        return None
    question, *answers = words
    return {
        "question": {"text": question},
        "answers": [
            {"answer_id": number, "poll_media": {"text": answer}} for number, answer in enumerate(answers, start=1)
        ],
        "expiry": written(expiry),
        "allow_multiselect": False,
        "layout_type": 1,
    }
