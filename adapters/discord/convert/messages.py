"""A message as Discord documents it, from the gateway, a history or a fixture → `Message`. Pure."""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

from adapters.discord.convert.guilds import LINK, Spot
from adapters.discord.convert.reading import (
    Payload,
    made_at,
    moment,
    needed,
    record,
    records,
    snowflake,
    type_of,
    whole,
    words,
)
from bot.commands.table import TABLE
from bot.models import Author, Kind, MemberRef, Message, MessageRef, Space, Thread


class MessageType(IntEnum):
    """The message types that Discord documents."""

    DEFAULT = 0
    RECIPIENT_ADD = 1
    RECIPIENT_REMOVE = 2
    CALL = 3
    CHANNEL_NAME_CHANGE = 4
    CHANNEL_ICON_CHANGE = 5
    CHANNEL_PINNED_MESSAGE = 6
    USER_JOIN = 7
    GUILD_BOOST = 8
    GUILD_BOOST_TIER_1 = 9
    GUILD_BOOST_TIER_2 = 10
    GUILD_BOOST_TIER_3 = 11
    CHANNEL_FOLLOW_ADD = 12
    GUILD_DISCOVERY_DISQUALIFIED = 14
    GUILD_DISCOVERY_REQUALIFIED = 15
    GUILD_DISCOVERY_GRACE_PERIOD_INITIAL_WARNING = 16
    GUILD_DISCOVERY_GRACE_PERIOD_FINAL_WARNING = 17
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21
    GUILD_INVITE_REMINDER = 22
    CONTEXT_MENU_COMMAND = 23
    AUTO_MODERATION_ACTION = 24
    ROLE_SUBSCRIPTION_PURCHASE = 25
    INTERACTION_PREMIUM_UPSELL = 26
    STAGE_START = 27
    STAGE_END = 28
    STAGE_SPEAKER = 29
    STAGE_TOPIC = 31
    GUILD_APPLICATION_PREMIUM_SUBSCRIPTION = 32
    GUILD_INCIDENT_ALERT_MODE_ENABLED = 36
    GUILD_INCIDENT_ALERT_MODE_DISABLED = 37
    GUILD_INCIDENT_REPORT_RAID = 38
    GUILD_INCIDENT_REPORT_FALSE_ALARM = 39
    PURCHASE_NOTIFICATION = 44
    POLL_RESULT = 46


WITH_FILES = ("attachments", "sticker_items", "message_snapshots")
SOURCE_GONE = 1 << 3  # a message's flag: it is a copy of an announcement that was deleted where it was made
EPHEMERAL = 1 << 6  # a message's flag: only one person sees it
PEOPLES = frozenset({MessageType.DEFAULT, MessageType.REPLY})  # all other types, unknown ones too, are the system's
FORWARD = 1  # the type of a message_reference
_ADDRESSED = re.compile(r"\s*<@!?(\d{1,20})>[\s,:]*(\S+)(?:[^\S\n]+(\S+))?")


def message_of(payload: Payload, spot: Spot, own: str = "") -> Message:
    """A message of any kind. BadPayload without an id or an author.

    A thread's starter stands for the message in the parent channel that the thread hangs on, if it brings that along;
    without it, it is one of the system's.
    """
    ident = needed(payload, "id", "a message")
    if type_of(payload) == MessageType.THREAD_STARTER_MESSAGE and spot.thread is not None:
        started = record(payload.get("referenced_message"))
        if snowflake(started.get("id")) == spot.thread.id and type_of(started) in PEOPLES:
            parent = Spot(spot.channel, None, f"{LINK}/{spot.channel.space.id}/{spot.channel.id}")
            return _message(started, spot.thread.id, parent, own)
    return _message(payload, ident, spot, own)


def _message(payload: Payload, ident: str, spot: Spot, own: str) -> Message:
    author = author_of(payload, spot.channel.space)
    return Message(
        ref=MessageRef(spot.channel, ident),
        thread=spot.thread or Thread(spot.channel, ident),
        author=author,
        text=text_of(payload),
        sent_at=moment(payload.get("timestamp")) or made_at(ident),
        edited_at=moment(payload.get("edited_timestamp")),
        kind=kind_of(payload, author, own),
        reply_to=reply_of(payload, spot),
        files=files_of(payload),
        url=f"{spot.url}/{ident}",
    )


def kind_of(payload: Payload, author: Author, own: str) -> Kind:
    """What a message is. Which bots and webhooks speak for people is decided where channels' settings are."""
    if own and author.member.id == own:
        return Kind.OWN
    if type_of(payload) not in PEOPLES or whole(payload.get("flags")) & EPHEMERAL:
        return Kind.SYSTEM
    if author.is_bot:
        return Kind.BOT
    return Kind.ADDRESS if own and command_in(payload.get("content"), own) else Kind.PERSON


def command_in(text: object, own: str) -> str | None:
    """The command of ours that words begin with, behind our mention; None if they do not.

    "help" and "status" are everyday words: they are a command only where nothing follows.
    """
    if not isinstance(text, str) or "<@" not in text:
        return None
    found = _ADDRESSED.match(text)
    if found is None or found[1] != own:
        return None
    first, second = found[2].removeprefix("/").casefold(), (found[3] or "").casefold()
    alone = f"folkmoot {first}" if not text[found.end(2) :].strip() else ""
    return next((name for name in (f"{first} {second}", first, alone) if name in TABLE), None)


def author_of(payload: Payload, space: Space) -> Author:
    """Who wrote: by nickname, else by display name. A webhook is a bot, whatever name it takes. BadPayload without."""
    user = record(payload.get("author"))
    return user_of(user, record(payload.get("member")), space, is_bot=bool(snowflake(payload.get("webhook_id"))))


def user_of(user: Payload, member: Payload, space: Space, *, is_bot: bool = False) -> Author:
    """A user as a member of a guild; what the guild says of them may be missing. BadPayload without an id."""
    uid = needed(user, "id", "a user")
    for said in (member.get("nick"), user.get("global_name"), user.get("username")):
        if said and (name := words(said).strip()):
            break
    else:
        name = uid
    return _author(space, uid, name, is_bot or user.get("bot") is True)


@lru_cache(maxsize=2_000)
def _author(space: Space, uid: str, name: str, is_bot: bool) -> Author:
    """The same value for the same person: who writes once writes again, and what is the same is equal at once."""
    return Author(member=MemberRef(space, uid), name=name, is_bot=is_bot)


def text_of(payload: Payload) -> str:
    """What a person reads in it; forwarded words, a poll or embeds only speak when the text is empty."""
    if text := words(payload.get("content")):
        return text
    forwarded = "\n".join(filter(None, (words(each.get("content")) for each in _forwarded(payload))))
    question = record(record(payload.get("poll")).get("question"))
    said = forwarded or words(question.get("text"))
    return said or "\n".join(part for each in _embeds(payload) for part in each if part.strip())


def _forwarded(payload: Payload) -> list[Payload]:
    """What was forwarded in a message."""
    return [record(each.get("message")) for each in records(payload.get("message_snapshots"))]


def _embeds(payload: Payload) -> list[tuple[str, str]]:
    """Title and description of each embed, those of what was forwarded too."""
    embeds = [embed for source in (payload, *_forwarded(payload)) for embed in records(source.get("embeds"))]
    return [(words(embed.get("title")), words(embed.get("description"))) for embed in embeds]


def files_of(payload: Payload) -> tuple[str, ...]:
    """The names of what is attached, stickers and what was forwarded among them; each once."""
    if not any(map(payload.get, WITH_FILES)):
        return ()
    sources = (payload, *_forwarded(payload))
    names = [
        *(words(each.get("filename")) for source in sources for each in records(source.get("attachments"))),
        *(words(each.get("name")) for source in sources for each in records(source.get("sticker_items"))),
    ]
    return tuple(dict.fromkeys(filter(None, names)))


def reply_of(payload: Payload, spot: Spot) -> str | None:
    """The message that it answers, if that is in the same place; an answer to a thread's starter answers its root."""
    if type_of(payload) != MessageType.REPLY:
        return None
    reference = record(payload.get("message_reference"))
    target = snowflake(reference.get("message_id"))
    if not target or type_of(reference) == FORWARD:
        return None
    root = spot.thread.id if spot.thread else ""
    if root and type_of(record(payload.get("referenced_message"))) == MessageType.THREAD_STARTER_MESSAGE:
        return root
    here = snowflake(reference.get("channel_id")) in {"", spot.id}
    return target if here or target == root else None


def is_edit(payload: Payload) -> bool:
    """Whether an update tells of an edit: pins, link previews and flags change a message too, but no words of it."""
    all_there = isinstance(payload.get("content"), str) and isinstance(payload.get("author"), dict)
    return all_there and moment(payload.get("edited_timestamp")) is not None


def is_taken_back(payload: Payload) -> bool:
    """Whether a message is what remains of an announcement from elsewhere that was deleted there."""
    return bool(whole(payload.get("flags")) & SOURCE_GONE)


def counts(emoji: Mapping[str, object], stars: frozenset[str]) -> bool:
    """Whether a reaction highlights. `stars` are signs ("⭐"), or ids of a server's own emoji."""
    ident = snowflake(emoji.get("id"))
    return (ident or words(emoji.get("name")).removesuffix("\N{VARIATION SELECTOR-16}")) in stars


def stars_of(payload: Payload, stars: frozenset[str]) -> bool:
    """Whether a message that was read carries a reaction that highlights, so that its votes are worth reading."""
    return any(counts(record(each.get("emoji")), stars) for each in records(payload.get("reactions")))
