"""A message as Slack documents it, from an event, a history or a fixture → `Message`. Pure."""

from datetime import datetime

from adapters.slack.convert.addressing import only_addresses
from adapters.slack.convert.reading import (
    Payload,
    first,
    ident,
    idents,
    moment,
    needed_stamp,
    record,
    records,
    stamp,
    unescaped,
    whole,
    words,
)
from adapters.slack.convert.telling import SLACKBOT, Came, Known, People
from adapters.slack.convert.wording import text_of
from bot.models import (
    Author,
    Channel,
    Kind,
    MemberRef,
    Message,
    MessageDeleted,
    MessageRef,
    Space,
    Thread,
    VoteSource,
    VotesRead,
)

COUNTED = frozenset({"", "file_share", "file_comment", "me_message", "thread_broadcast"})
NOBODY = "unknown"  # the member id of messages that name no author


def message_of(payload: Payload, channel: Channel, known: Known) -> Message:
    """A message of any kind. BadPayload without a valid `ts`."""
    ts = needed_stamp(payload, "ts", "a message")
    thread = Thread(channel, stamp(payload.get("thread_ts")) or ts)
    author = author_of(payload, known.people, channel.space)
    return Message(
        ref=MessageRef(channel, ts),
        thread=thread,
        author=author,
        text=text_of(payload),
        sent_at=moment(ts),
        edited_at=edited_at(payload),
        kind=kind_of(payload, author, known),
        files=files_of(payload),
        url=link_of(channel, ts, thread.id, known.url),
    )


def link_of(channel: Channel, ts: str, thread: str, url: str) -> str:
    """Where a message is to be read, as Slack's own "Copy link" has it; "" while our workspace's address is unknown."""
    if not url:
        return ""
    place = f"{url}archives/{channel.id}/p{ts.replace('.', '')}"
    return place if thread == ts else f"{place}?thread_ts={thread}&cid={channel.id}"


def kind_of(payload: Payload, author: Author, known: Known) -> Kind:
    """What a message is. One that an app wrote in a person's name is that person's."""
    if (known.own and payload.get("user") == known.own) or (known.own_bot and payload.get("bot_id") == known.own_bot):
        return Kind.OWN
    subtype = words(payload.get("subtype"))
    if subtype == "bot_message":
        return Kind.BOT
    if subtype not in COUNTED or payload.get("type", "message") != "message":
        return Kind.SYSTEM
    if author.is_bot:
        return Kind.BOT
    return Kind.ADDRESS if only_addresses(payload.get("text"), known.own) else Kind.PERSON


def author_of(payload: Payload, people: People, space: Space) -> Author:
    """Who wrote a message, by what is known of them, else by what the message itself tells."""
    uid = ident(payload.get("user"))
    if not uid and payload.get("subtype") == "file_comment":
        uid = ident(record(payload.get("comment")).get("user")) or NOBODY
    if not uid:
        return _app(payload, space)
    known = people.get(uid)
    if known is not None:
        return Author(member=MemberRef(space, uid), name=known.name or uid, is_bot=known.is_bot)
    profile = record(payload.get("user_profile"))
    bot = record(payload.get("bot_profile")).get("name") if payload.get("bot_id") else ""
    name = first(profile.get("display_name"), profile.get("real_name"), profile.get("name"), bot)
    is_bot = bool(payload.get("bot_id")) or uid == SLACKBOT
    return Author(member=MemberRef(space, uid), name=unescaped(name), is_bot=is_bot)


def _app(payload: Payload, space: Space) -> Author:
    """An app or webhook that writes under no user's name."""
    bot = ident(payload.get("bot_id"))
    if not bot and payload.get("subtype") != "bot_message":
        return Author(member=MemberRef(space, NOBODY), name="")
    name = first(payload.get("username"), record(payload.get("bot_profile")).get("name"), bot)
    return Author(member=MemberRef(space, bot or "bot"), name=unescaped(name) or "bot", is_bot=True)


def stranger(payload: Payload, people: People) -> str:
    """The writer of an app's message if we must ask whether that is a person; "" if it is clear."""
    uid = ident(payload.get("user"))
    return uid if uid and uid not in people and payload.get("bot_id") else ""


def files_of(payload: Payload) -> tuple[str, ...]:
    """The names of what is attached, each once; files that were deleted have none."""
    found = [*records(payload.get("files")), record(payload.get("file"))]
    return tuple(dict.fromkeys(name for file in found if (name := first(file.get("name"), file.get("title")))))


def edited_at(payload: Payload) -> datetime | None:
    """When a person edited it; link previews do not count as edits."""
    ts = stamp(record(payload.get("edited")).get("ts"))
    return moment(ts) if ts else None


def deleted_of(payload: Payload, channel: Channel, came: Came) -> MessageDeleted | None:
    """What a message in a history stands for that was deleted and has replies; None if it was not."""
    if payload.get("subtype") != "tombstone":
        return None
    ts = needed_stamp(payload, "ts", "a message")
    thread = stamp(payload.get("thread_ts")) or ts
    return MessageDeleted(ref=MessageRef(channel, ts), thread=Thread(channel, thread), at=came.at)


def votes_of(payload: Payload, ref: MessageRef, known: Known, came: Came) -> VotesRead | None:
    """Who highlighted a message, by the reactions that it lists; None if Slack lists fewer people than it counts."""
    voters: dict[str, Author] = {}
    for reaction in records(payload.get("reactions")):
        if is_star(reaction.get("name"), known.stars):
            users = idents(reaction.get("users"))
            if whole(reaction.get("count")) > len(users):
                return None
            voters.update((uid, voter_of(uid, ref, known)) for uid in users if uid != known.own)
    return VotesRead(ref=ref, source=VoteSource.REACTION, voters=tuple(voters.values()), at=came.at, origin=came.origin)


def voter_of(uid: str, ref: MessageRef, known: Known) -> Author:
    """Who reacted; somebody we do not know yet has no name."""
    person = known.people.get(uid)
    member = MemberRef(ref.channel.space, uid)
    return (
        Author(member=member, name="")
        if person is None
        else Author(member=member, name=person.name, is_bot=person.is_bot)
    )


def is_star(name: object, stars: frozenset[str]) -> bool:
    """Whether a reaction of this name highlights, in whatever skin tone."""
    return words(name).strip(":").split("::")[0] in stars
