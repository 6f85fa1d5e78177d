"""Slack's documented JSON of messages, users and channels → the models. Pure; nothing here walks files.

Every function takes any JSON and gives its best reading; what cannot be placed (no `ts`) gives None.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from adapters.archives import slack_text
from adapters.archives.shapes import NOTHING, Record, at_micros, identifier, number, record, records, words
from bot.models import (
    Author,
    Channel,
    ChannelInfo,
    Event,
    Kind,
    MemberRef,
    Message,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Origin,
    Space,
    Thread,
    VoteSource,
    VotesRead,
    position_of,
)

STARS = frozenset({"star", "star2"})
COUNTED = frozenset({"", "file_share", "file_comment", "me_message", "thread_broadcast"})
SLACKBOT = "USLACKBOT"
NOBODY = "unknown"  # the member id of messages that name no author
TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,6}")
People = Mapping[str, Author]


def timestamp(value: object) -> str:
    """A `ts` as Slack writes it, else ""."""
    return value if isinstance(value, str) and TS.fullmatch(value) else ""


def people_of(users: Iterable[Record], space: Space) -> People:
    """Authors by user id from the users list: display name, else real name, else handle."""
    people: dict[str, Author] = {}
    for user in users:
        if uid := identifier(user.get("id")):
            profile = record(user.get("profile"))
            name = _first(
                profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")
            )
            is_bot = user.get("is_bot") is True or uid == SLACKBOT
            people[uid] = Author(member=MemberRef(space, uid), name=slack_text.unescape(name) or uid, is_bot=is_bot)
    return people


def channel_of(payload: Record, space: Space, guests: frozenset[str] = frozenset()) -> ChannelInfo | None:
    """What a channel object tells; `guests` are the ids of restricted users. None without an id."""
    cid = identifier(payload.get("id"))
    if not cid:
        return None
    members = payload.get("members")
    return ChannelInfo(
        channel=Channel(space, cid),
        name=words(payload.get("name")) or cid,
        private=payload.get("is_private") is True or payload.get("is_group") is True,
        connect=any(payload.get(key) is True for key in ("is_ext_shared", "is_pending_ext_shared")),
        guests=isinstance(members, list) and any(isinstance(member, str) and member in guests for member in members),
        archived=payload.get("is_archived") is True,
        url=f"https://app.slack.com/client/{space.id}/{cid}",
    )


def guests_of(users: Iterable[Record]) -> frozenset[str]:
    """The ids of users who see only what they were invited to."""
    keys = ("is_restricted", "is_ultra_restricted")
    return frozenset(identifier(user.get("id")) for user in users if any(user.get(key) is True for key in keys))


def kind_of(payload: Record, people: People) -> Kind:
    """What a message is. One that an app wrote in a person's name is that person's."""
    subtype = payload.get("subtype") or ""
    if subtype == "bot_message":
        return Kind.BOT
    if not isinstance(subtype, str) or subtype not in COUNTED or payload.get("type", "message") != "message":
        return Kind.SYSTEM
    user = payload.get("user")
    known = people.get(user) if isinstance(user, str) else None
    robot = known.is_bot if known is not None else bool(payload.get("bot_id"))
    return Kind.BOT if robot else Kind.PERSON


def author_of(payload: Record, people: People, space: Space) -> Author:
    """Who wrote a message, by the users list, else by what the message itself tells."""
    uid = identifier(payload.get("user"))
    if uid in people:
        return people[uid]
    if not uid and payload.get("subtype") == "file_comment":
        return author_of({"user": record(payload.get("comment")).get("user") or NOBODY}, people, space)
    return _stranger(uid, payload, space) if uid else _app(payload, space)


def _stranger(uid: str, payload: Record, space: Space) -> Author:
    profile = record(payload.get("user_profile"))
    name = _first(profile.get("display_name"), profile.get("real_name"), profile.get("name"))
    is_bot = bool(payload.get("bot_id")) or uid == SLACKBOT
    return Author(member=MemberRef(space, uid), name=slack_text.unescape(name) or uid, is_bot=is_bot)


def _app(payload: Record, space: Space) -> Author:
    bot = identifier(payload.get("bot_id"))
    if not bot and payload.get("subtype") != "bot_message":
        return _stranger(NOBODY, NOTHING, space)
    name = _first(payload.get("username"), record(payload.get("bot_profile")).get("name"), bot)
    return Author(member=MemberRef(space, bot or "bot"), name=slack_text.unescape(name) or "bot", is_bot=True)


def files_of(payload: Record) -> tuple[str, ...]:
    """The names of what is attached; files that were deleted have none."""
    found = [*records(payload.get("files")), record(payload.get("file"))]
    return tuple(dict.fromkeys(name for file in found if (name := _first(file.get("name"), file.get("title")))))


def edited_at(payload: Record) -> datetime | None:
    """When a person edited it; link previews do not count as edits."""
    edited = payload.get("edited")
    ts = timestamp(edited.get("ts")) if isinstance(edited, dict) else ""
    return at_micros(position_of(ts)) if ts else None


def message_of(payload: Record, channel: Channel, people: People) -> Message | None:
    """A message of any kind; None without a valid `ts`."""
    ts = timestamp(payload.get("ts"))
    if not ts:
        return None
    thread = timestamp(payload.get("thread_ts")) if "thread_ts" in payload else ""
    user = payload.get("user")
    author = people.get(user) if isinstance(user, str) else None
    return Message(
        ref=MessageRef(channel, ts),
        thread=Thread(channel, thread or ts),
        author=author or author_of(payload, people, channel.space),
        text=slack_text.text_of(payload),
        sent_at=at_micros(position_of(ts)),
        edited_at=edited_at(payload) if "edited" in payload else None,
        kind=kind_of(payload, people),
        files=files_of(payload) if "files" in payload or "file" in payload else (),
    )


def votes_of(payload: Record, message: Message, people: People, stars: frozenset[str]) -> VotesRead | None:
    """Who highlighted a message; None if nobody. Votes have no time of their own: the message's stands for it.

    Slack may name fewer people than it counts; the rest become unnamed voters, at least as many as are certain.
    """
    voters: dict[str, None] = {}
    most = 0
    for reaction in records(payload.get("reactions")):
        if words(reaction.get("name")).split("::")[0] in stars:
            users = reaction.get("users")
            voters.update(dict.fromkeys(filter(None, map(identifier, users if isinstance(users, list) else []))))
            most = max(most, number(reaction.get("count")))
    space = message.ref.channel.space
    authors = [people.get(uid) or Author(member=MemberRef(space, uid), name="") for uid in voters]
    authors += unnamed(space, most - len(voters))
    if not authors:
        return None
    return VotesRead(
        ref=message.ref,
        source=VoteSource.REACTION,
        voters=tuple(authors),
        at=message.sent_at,
        origin=Origin.IMPORT,
    )


MOST_UNNAMED = 10_000  # nobody has seen more of one reaction; a damaged count must not fill the memory


def unnamed(space: Space, how_many: int) -> list[Author]:
    """Voters that an export counts without naming them: always the same ids, so that reading again adds nobody."""
    numbers = range(1, min(how_many, MOST_UNNAMED) + 1)
    return [Author(member=MemberRef(space, f"unnamed-{each}"), name="") for each in numbers]


def events_of(payload: Any, channel: Channel, people: People, stars: frozenset[str] = STARS) -> list[Event] | None:  # noqa: ANN401 - any JSON
    """What one message of an export tells; nothing for system messages, None if it cannot be placed."""
    message = message_of(payload, channel, people) if isinstance(payload, dict) else None
    if message is None:
        return None
    if payload.get("subtype") == "tombstone":
        return [MessageDeleted(ref=message.ref, thread=message.thread, at=message.sent_at)]
    if message.kind is Kind.SYSTEM:
        return []
    seen = MessageSeen(message=message, origin=Origin.IMPORT)
    votes = votes_of(payload, message, people, stars) if "reactions" in payload else None
    return [seen] if votes is None else [seen, votes]


def _first(*values: object) -> str:
    """The first string that is not blank."""
    return next((text for value in values if (text := words(value).strip())), "")
