"""DiscordChatExporter's JSON of guilds, channels and messages → the models. Pure; nothing here walks files.

Every function takes any JSON and gives its best reading; what cannot be placed (no id, no time) gives None.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from adapters.archives.shapes import (
    EPOCH,
    MAX_POSITION,
    Record,
    at_micros,
    identifier,
    moment,
    number,
    record,
    records,
    small,
    words,
)
from bot.models import (
    Author,
    Channel,
    ChannelInfo,
    Event,
    Kind,
    MemberRef,
    Message,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Space,
    SpaceInfo,
    Thread,
    ThreadSeen,
    VoteSource,
    VotesRead,
    moment_of,
)

STARS = frozenset({"⭐", "🌟"})
DEFAULT, REPLY, STARTER = 0, 19, 21
UNKNOWN = -1
KINDS = {"Default": DEFAULT, "Reply": REPLY, "ThreadStarterMessage": STARTER}
MOST_UNNAMED = 10_000  # nobody has seen more of one reaction; a damaged count must not fill the memory
LINK = "https://discord.com/channels"


class Place(IntEnum):
    """The channel types of Discord that matter here; the names are DiscordChatExporter's."""

    GuildTextChat = 0
    DirectTextChat = 1
    GuildVoiceChat = 2
    DirectGroupTextChat = 3
    GuildCategory = 4
    GuildNews = 5
    GuildNewsThread = 10
    GuildPublicThread = 11
    GuildPrivateThread = 12
    GuildStageVoice = 13
    GuildDirectory = 14
    GuildForum = 15
    GuildMedia = 16


FORUMS = {Place.GuildForum, Place.GuildMedia}
THREADS = {Place.GuildNewsThread, Place.GuildPublicThread, *FORUMS}  # the file of a forum can only hold one post
CHANNELS = {Place.GuildTextChat, Place.GuildNews}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the messages of a file. `thread` is None for a channel's own messages."""

    space: SpaceInfo
    channel: ChannelInfo  # for a thread: its parent
    place: Place
    thread: Thread | None
    name: str
    at: datetime

    @property
    def where(self) -> str:
        """The id that Discord's links use: the thread's, else the channel's."""
        return self.thread.id if self.thread else self.channel.channel.id


def snowflake(value: object) -> str:
    """A Discord id in plain digits, else ""."""
    text = identifier(value)
    return text if text.isdigit() and int(text) < MAX_POSITION else ""


def time_of(message_id: str) -> datetime:
    """When a snowflake was made, to the millisecond."""
    return at_micros(moment_of(Platform.DISCORD, int(message_id)) * 1000)


def place_of(value: object) -> Place | None:
    """The channel type from a number or a name; older tools wrote either. None if it is neither."""
    if isinstance(value, str):
        if value in Place.__members__:
            return Place[value]
        value = small(value)
    return Place(value) if isinstance(value, int) and value in set(Place) else None


def header_of(payload: Record, space: str = "") -> Header | None:
    """The header of a file; `space` replaces the guild's id. None if a part that names something is missing."""
    guild, channel = record(payload.get("guild")), record(payload.get("channel"))
    sid, own, place = space or snowflake(guild.get("id")), snowflake(channel.get("id")), place_of(channel.get("type"))
    in_thread = place in THREADS or place is Place.GuildPrivateThread
    cid = snowflake(channel.get("categoryId")) if in_thread else own
    if not (sid and own and cid) or place is None:
        return None
    home = Space(Platform.DISCORD, sid)
    name = words(channel.get("name"))
    parent = ChannelInfo(
        channel=Channel(home, cid),
        name=(words(channel.get("category")) if in_thread else name) or cid,
        forum=place in FORUMS,
        url=f"{LINK}/{sid}/{cid}",
    )
    return Header(
        space=SpaceInfo(space=home, name=words(guild.get("name")) or sid),
        channel=parent,
        place=place,
        thread=Thread(parent.channel, own) if in_thread else None,
        name=name,
        at=moment(payload.get("exportedAt")) or EPOCH,
    )


def thread_of(header: Header) -> ThreadSeen | None:
    """The discussion that a thread's file is about; None for a channel's own file."""
    if header.thread is None:
        return None
    url = f"{LINK}/{header.space.space.id}/{header.thread.id}"
    return ThreadSeen(thread=header.thread, at=header.at, name=header.name, url=url)


def number_of(value: object) -> int:
    """A message's type as Discord's number; UNKNOWN for names of system messages."""
    if isinstance(value, str):
        spelled = small(value)
        return KINDS.get(value, UNKNOWN) if spelled is None else spelled
    return value if isinstance(value, int) and not isinstance(value, bool) else UNKNOWN


def kind_of(payload: Record) -> Kind:
    """What a message is."""
    if number_of(payload.get("type")) not in {DEFAULT, REPLY, STARTER}:
        return Kind.SYSTEM
    return Kind.BOT if record(payload.get("author")).get("isBot") is True else Kind.PERSON


def author_of(payload: object, space: Space) -> Author:
    """Who somebody is: nickname, else name. Without an id it is the member called "unknown"."""
    user = record(payload)
    uid = snowflake(user.get("id")) or "unknown"
    name = words(user.get("nickname")).strip() or words(user.get("name")).strip() or uid
    return Author(member=MemberRef(space, uid), name=name, is_bot=user.get("isBot") is True)


def files_of(payload: Record) -> tuple[str, ...]:
    """The names of what is attached, stickers among them."""
    attached = [words(each.get("fileName")) for each in records(payload.get("attachments"))]
    stickers = [words(each.get("name")) for each in records(payload.get("stickers"))]
    return tuple(dict.fromkeys(filter(None, [*attached, *stickers])))


def text_of(payload: Record) -> str:
    """What a person reads in it; forwarded words, a poll or embeds only speak when the text is empty."""
    if text := words(payload.get("content")):
        return text
    forwarded = words(record(payload.get("forwardedMessage")).get("content"))
    question = record(record(payload.get("poll")).get("question"))
    embeds = [words(embed.get(key)) for embed in records(payload.get("embeds")) for key in ("title", "description")]
    return forwarded or words(question.get("text")) or "\n".join(part for part in embeds if part.strip())


def reply_of(payload: Record, header: Header) -> str | None:
    """The message that it answers, if that is in the same place."""
    reference = record(payload.get("reference"))
    target = snowflake(reference.get("messageId"))
    here = identifier(reference.get("channelId")) in {"", header.where}
    return target if target and here and number_of(payload.get("type")) == REPLY else None


def message_of(payload: Record, header: Header) -> Message | None:
    """A message of any kind; None without an id or a time.

    A thread's starter stands for the message in the parent channel that the thread hangs on, which has the thread's id.
    """
    mid, sent_at = snowflake(payload.get("id")), moment(payload.get("timestamp"))
    if not mid or sent_at is None:
        return None
    if number_of(payload.get("type")) == STARTER and header.thread:
        mid, sent_at = header.thread.id, time_of(header.thread.id)
    channel = header.channel.channel
    return Message(
        ref=MessageRef(channel, mid),
        thread=header.thread or Thread(channel, mid),
        author=author_of(payload.get("author"), channel.space),
        text=text_of(payload),
        sent_at=sent_at,
        edited_at=moment(payload.get("timestampEdited")),
        kind=kind_of(payload),
        reply_to=reply_of(payload, header) if payload.get("reference") else None,
        files=files_of(payload),
        url=f"{LINK}/{channel.space.id}/{header.where}/{mid}",
    )


def is_star(reaction: Record, stars: frozenset[str]) -> bool:
    """Whether a reaction is one that highlights: by sign or name, for emoji of a server by name."""
    emoji = record(reaction.get("emoji"))
    names = {words(emoji.get("name")).removesuffix("\N{VARIATION SELECTOR-16}")}
    if not emoji.get("id"):
        names.add(words(emoji.get("code")))
    return not names.isdisjoint(stars)


def votes_of(payload: Record, message: Message, stars: frozenset[str]) -> VotesRead | None:
    """Who highlighted a message; None if nobody. Votes have no time of their own: the message's stands for it.

    Exports often count without naming: the rest become unnamed voters, as many as are certain, with ids that stay the
    same, so that reading again adds nobody and votes read from Discord itself replace them.
    """
    space = message.ref.channel.space
    voters: dict[str, Author] = {}
    most = 0
    for reaction in records(payload.get("reactions")):
        if is_star(reaction, stars):
            authors = (author_of(user, space) for user in records(reaction.get("users")))
            voters |= {author.member.id: author for author in authors}
            most = max(most, number(reaction.get("count")))
    unnamed = range(1, min(most - len(voters), MOST_UNNAMED) + 1)
    everyone = [*voters.values(), *(Author(member=MemberRef(space, f"unnamed-{each}"), name="") for each in unnamed)]
    if not everyone:
        return None
    return VotesRead(
        ref=message.ref,
        source=VoteSource.REACTION,
        voters=tuple(everyone),
        at=message.sent_at,
        origin=Origin.IMPORT,
    )


def events_of(payload: Any, header: Header, stars: frozenset[str] = STARS) -> list[Event] | None:  # noqa: ANN401 - any JSON
    """What one message of an export tells; nothing for system messages, None if it cannot be placed."""
    message = message_of(payload, header) if isinstance(payload, dict) else None
    if message is None:
        return None
    if message.kind is Kind.SYSTEM or _empty_starter(payload, message):
        return []
    seen = MessageSeen(message=message, origin=Origin.IMPORT)
    votes = votes_of(payload, message, stars) if payload.get("reactions") else None
    return [seen] if votes is None else [seen, votes]


def _empty_starter(payload: Record, message: Message) -> bool:
    """Whether this is a starter without words: it says nothing about its parent."""
    return number_of(payload.get("type")) == STARTER and not message.text and not message.files
