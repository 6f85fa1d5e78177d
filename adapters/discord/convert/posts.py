"""Gateway events of messages and of reactions to them."""

from collections.abc import Iterable, Mapping

from adapters.discord.convert.guilds import Spot
from adapters.discord.convert.messages import counts, is_edit, is_taken_back, message_of, user_of
from adapters.discord.convert.reading import Payload, needed, record, snowflake, snowflakes
from adapters.discord.convert.telling import NOTHING_TOLD, Came, Known, Read, Told
from bot.models import Author, MemberRef, MessageDeleted, MessageRef, MessageSeen, VoteCast, VoteSource, VotesRead


def message_create(known: Known, payload: Payload, came: Came) -> Told:
    """A message, live or of a history."""
    spot = known.guilds.spot_of(payload, "a message")
    if spot is None:
        return NOTHING_TOLD
    if is_taken_back(payload):
        return Told((_deleted(needed(payload, "id", "a message"), spot, came),))
    return Told((MessageSeen(message=message_of(payload, spot, known.guilds.own), origin=came.origin),))


def message_update(known: Known, payload: Payload, came: Came) -> Told:
    """An edit, or the end of what was copied; anything else that changes a message tells nothing."""
    return message_create(known, payload, came) if is_edit(payload) or is_taken_back(payload) else NOTHING_TOLD


def message_delete(known: Known, payload: Payload, came: Came) -> Told:
    """One message is gone."""
    spot = known.guilds.spot_of(payload, "a deletion")
    return NOTHING_TOLD if spot is None else Told((_deleted(needed(payload, "id", "a deletion"), spot, came),))


def message_delete_bulk(known: Known, payload: Payload, came: Came) -> Told:
    """Several messages of one place are gone."""
    spot = known.guilds.spot_of(payload, "deletions")
    if spot is None:
        return NOTHING_TOLD
    return Told(tuple(_deleted(ident, spot, came) for ident in snowflakes(payload.get("ids"))))


def _deleted(ident: str, spot: Spot, came: Came) -> MessageDeleted:
    return MessageDeleted(ref=MessageRef(spot.channel, ident), thread=spot.thread, at=came.at)


def reaction_add(known: Known, payload: Payload, came: Came) -> Told:
    """Somebody reacted: a vote, if it is with a star."""
    return _reaction(known, payload, came, active=True)


def reaction_remove(known: Known, payload: Payload, came: Came) -> Told:
    """Somebody took a reaction back; with several stars, another one of theirs may be left."""
    return _reaction(known, payload, came, active=False)


def _reaction(known: Known, payload: Payload, came: Came, *, active: bool) -> Told:
    if not counts(record(payload.get("emoji")), known.stars):
        return NOTHING_TOLD
    spot, uid = known.guilds.spot_of(payload, "a reaction"), needed(payload, "user_id", "a reaction")
    if spot is None or uid == known.guilds.own:
        return NOTHING_TOLD
    ref = _reacted(payload, spot)
    vote = VoteCast(ref=ref, voter=_voter(payload, uid, ref), source=VoteSource.REACTION, active=active, at=came.at,
                    origin=came.origin)  # fmt: skip
    return Told((vote,), () if active else _left(known, ref))


def _voter(payload: Payload, uid: str, ref: MessageRef) -> Author:
    """Who reacted; a reaction that is taken back comes without a name."""
    space = ref.channel.space
    member = record(payload.get("member"))
    user = record(member.get("user"))
    if snowflake(user.get("id")) != uid:
        return Author(member=MemberRef(space, uid), name="")
    return user_of(user, member, space)


def _reacted(payload: Payload, spot: Spot) -> MessageRef:
    return MessageRef(spot.channel, needed(payload, "message_id", "a reaction"))


def _left(known: Known, ref: MessageRef) -> tuple[MessageRef, ...]:
    """What has to be read when one sign was taken away."""
    return (ref,) if len(known.stars) > 1 else ()


def reaction_remove_all(known: Known, payload: Payload, came: Came) -> Told:
    """All reactions of a message are gone."""
    spot = known.guilds.spot_of(payload, "reactions")
    if spot is None:
        return NOTHING_TOLD
    ref = _reacted(payload, spot)
    return Told((VotesRead(ref=ref, source=VoteSource.REACTION, voters=(), at=came.at, origin=came.origin),))


def reaction_remove_emoji(known: Known, payload: Payload, came: Came) -> Told:
    """All reactions of one sign are gone; with several stars, who is left has to be read."""
    if not counts(record(payload.get("emoji")), known.stars):
        return NOTHING_TOLD
    if len(known.stars) == 1:
        return reaction_remove_all(known, payload, came)
    spot = known.guilds.spot_of(payload, "reactions")
    return NOTHING_TOLD if spot is None else Told((), _left(known, _reacted(payload, spot)))


def votes_read(known: Known, ref: MessageRef, pages: Iterable[object], came: Came) -> VotesRead:
    """All votes by reactions on a message, from every page of GET …/reactions/{emoji} of every star, in any order.

    What is no user is left out.
    """
    voters: dict[str, Author] = {}
    for page in pages:
        for user in page if isinstance(page, list) else []:
            uid = snowflake(record(user).get("id"))
            if uid and uid != known.guilds.own:
                voters[uid] = user_of(user, {}, ref.channel.space)
    return VotesRead(ref=ref, source=VoteSource.REACTION, voters=tuple(voters.values()), at=came.at, origin=came.origin)


POSTS: Mapping[str, Read] = {
    "MESSAGE_CREATE": message_create,
    "MESSAGE_UPDATE": message_update,
    "MESSAGE_DELETE": message_delete,
    "MESSAGE_DELETE_BULK": message_delete_bulk,
    "MESSAGE_REACTION_ADD": reaction_add,
    "MESSAGE_REACTION_REMOVE": reaction_remove,
    "MESSAGE_REACTION_REMOVE_ALL": reaction_remove_all,
    "MESSAGE_REACTION_REMOVE_EMOJI": reaction_remove_emoji,
}
