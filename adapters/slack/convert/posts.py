"""Events of messages and of reactions to them."""

from collections.abc import Mapping

from adapters.slack.convert.messages import deleted_of, edited_at, is_star, message_of, voter_of
from adapters.slack.convert.reading import Payload, moment, needed, needed_stamp, record, stamp, words
from adapters.slack.convert.telling import NOTHING_TOLD, Came, Known, Read, Told
from bot.models import Channel, Kind, MessageDeleted, MessageRef, MessageSeen, Thread, VoteCast, VoteSource

PRIVATE_TALK = frozenset({"im", "mpim", "app_home"})  # the types of channels that are never followed
TURNS = frozenset(  # subtypes that Slack writes into a channel when the channel changes
    {
        "channel_convert_to_private", "channel_convert_to_public", "channel_archive", "channel_unarchive",
        "channel_name", "group_archive", "group_unarchive", "group_name",
    }
)  # fmt: skip


def message(known: Known, payload: Payload, came: Came) -> Told:
    """A message, or what became of one."""
    ident = needed(payload, "channel", "a message")
    if words(payload.get("channel_type")) in PRIVATE_TALK or ident.startswith("D"):
        return NOTHING_TOLD
    channel, subtype = Channel(known.space, ident), words(payload.get("subtype"))
    match subtype:
        case "message_changed":
            return _changed(known, payload, channel, came)
        case "message_deleted":
            return _deleted(payload, channel, came)
        case "message_replied":
            return NOTHING_TOLD
        case _ if subtype in TURNS:
            return Told(look=(ident,))
        case _:
            return _seen(known, payload, channel, came)


def _seen(known: Known, payload: Payload, channel: Channel, came: Came) -> Told:
    """A message, live or of a history."""
    if (gone := deleted_of(payload, channel, came)) is not None:
        return Told(events=(gone,))
    found = message_of(payload, channel, known)
    asks = payload if found.kind is Kind.ADDRESS else None
    return Told(events=(MessageSeen(message=found, origin=came.origin),), addressed=asks)


def _changed(known: Known, payload: Payload, channel: Channel, came: Came) -> Told:
    """An edit, or a parent that was deleted and keeps its replies; link previews and counts of replies tell nothing."""
    now = record(payload.get("message"))
    if (gone := deleted_of(now, channel, came)) is not None:
        return Told(events=(gone,))
    edited = edited_at(now)
    if edited is None or edited == edited_at(record(payload.get("previous_message"))):
        return NOTHING_TOLD
    return Told(events=(MessageSeen(message=message_of(now, channel, known), origin=came.origin),))


def _deleted(payload: Payload, channel: Channel, came: Came) -> Told:
    """A message is gone."""
    ts = needed_stamp(payload, "deleted_ts", "a deletion")
    before = record(payload.get("previous_message"))
    thread = Thread(channel, stamp(before.get("thread_ts")) or ts) if before else None
    return Told(events=(MessageDeleted(ref=MessageRef(channel, ts), thread=thread, at=came.at),))


def reaction_added(known: Known, payload: Payload, came: Came) -> Told:
    """Somebody reacted: a vote, if it is with a star."""
    return _reaction(known, payload, came, active=True)


def reaction_removed(known: Known, payload: Payload, came: Came) -> Told:
    """Somebody took a reaction back; with several stars, another one of theirs may be left."""
    return _reaction(known, payload, came, active=False)


def _reaction(known: Known, payload: Payload, came: Came, *, active: bool) -> Told:
    item, uid = record(payload.get("item")), payload.get("user")
    if not is_star(payload.get("reaction"), known.stars) or item.get("type") != "message" or uid == known.own:
        return NOTHING_TOLD
    channel = Channel(known.space, needed(item, "channel", "a reaction"))
    ref = MessageRef(channel, needed_stamp(item, "ts", "a reaction"))
    voter = voter_of(needed(payload, "user", "a reaction"), ref, known)
    told = stamp(payload.get("event_ts"))
    vote = VoteCast(ref=ref, voter=voter, source=VoteSource.REACTION, active=active,
                    at=moment(told) if told else came.at, origin=came.origin)  # fmt: skip
    return Told(events=(vote,), reread=() if active or len(known.stars) == 1 else (ref,))


POSTS: Mapping[str, Read] = {
    "message": message,
    "reaction_added": reaction_added,
    "reaction_removed": reaction_removed,
}
