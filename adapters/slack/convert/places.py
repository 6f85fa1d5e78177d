"""Events of the workspace, its channels and its people."""

from collections.abc import Mapping

from adapters.slack.convert.reading import BadPayload, Payload, ident, needed, record, unescaped, whole, words
from adapters.slack.convert.telling import NOTHING_TOLD, Came, Known, Read, Told
from bot.models import Channel, ChannelGone, ChannelInfo, SpaceGone, SpaceInfo, SpaceSeen

MINUTE = 60  # seconds


def channel_of(payload: Payload, known: Known, *, guests: bool = False) -> ChannelInfo:
    """What a channel object tells; `guests` has to be found out beside. BadPayload without an id."""
    cid = needed(payload, "id", "a channel")
    return ChannelInfo(
        channel=Channel(known.space, cid),
        name=unescaped(words(payload.get("name"))) or cid,
        private=payload.get("is_private") is True or payload.get("is_group") is True,
        connect=any(payload.get(key) is True for key in ("is_ext_shared", "is_pending_ext_shared")),
        guests=guests,
        archived=payload.get("is_archived") is True,
        url=f"{known.url}archives/{cid}" if known.url else "",
    )


def is_place(payload: Payload) -> bool:
    """Whether a channel object is one that discussions can be in: no talk between a few."""
    return not any(payload.get(key) is True for key in ("is_im", "is_mpim"))


def _named(payload: Payload) -> str:
    """The channel that an event is about: by its id, or whole."""
    value = payload.get("channel")
    found = ident(record(value).get("id")) if isinstance(value, dict) else ident(value)
    if not found:
        raise BadPayload("Dropped a channel from Slack: its id is no id.")
    return found


def turned(_known: Known, payload: Payload, _came: Came) -> Told:
    """A channel changed: what it is now has to be asked."""
    return Told(look=(_named(payload),))


def gone(known: Known, payload: Payload, came: Came) -> Told:
    """A channel was deleted, or we were put out of it."""
    return Told(events=(ChannelGone(channel=Channel(known.space, _named(payload)), at=came.at),))


def moved(known: Known, payload: Payload, came: Came) -> Told:
    """A channel goes on under another id."""
    old, new = (needed(payload, key, "a channel") for key in ("old_channel_id", "new_channel_id"))
    return Told(events=(ChannelGone(channel=Channel(known.space, old), at=came.at),), look=(new,))


def joined(known: Known, payload: Payload, _came: Came) -> Told:
    """Somebody joined: us, or perhaps a guest."""
    uid, channel = needed(payload, "user", "a member"), _named(payload)
    if uid == known.own:
        return Told(look=(channel,))
    return Told(look=(channel,), stranger=_unknown(known, uid)) if _matters(known, uid) else NOTHING_TOLD


def left(known: Known, payload: Payload, came: Came) -> Told:
    """Somebody left: us, or perhaps the last guest."""
    uid, channel = needed(payload, "user", "a member"), _named(payload)
    if uid == known.own:
        return gone(known, payload, came)
    return Told(look=(channel,), stranger=_unknown(known, uid)) if _matters(known, uid) else NOTHING_TOLD


def _unknown(known: Known, uid: str) -> str:
    """The person about whom we must ask Slack what they are; "" if we know."""
    return "" if uid in known.people else uid


def _matters(known: Known, uid: str) -> bool:
    """Whether what a channel is may depend on somebody being there."""
    person = known.people.get(uid)
    return person is None or person.guest or person.foreign


def renamed(known: Known, payload: Payload, came: Came) -> Told:
    """The workspace has another name."""
    name = unescaped(words(payload.get("name"))) or known.space.id
    return Told(events=(SpaceSeen(info=SpaceInfo(space=known.space, name=name), at=came.at),))


def user(_known: Known, payload: Payload, _came: Came) -> Told:
    """Somebody joined the workspace, or changed their name."""
    found = record(payload.get("user"))
    return Told(users=(found,)) if ident(found.get("id")) else NOTHING_TOLD


def uninstalled(known: Known, _payload: Payload, came: Came) -> Told:
    """We were removed from the workspace."""
    return Told(events=(SpaceGone(space=known.space, at=came.at),))


def tokens_revoked(known: Known, payload: Payload, came: Came) -> Told:
    """Tokens are void; ours, unless it says that only those of people are."""
    tokens = record(payload.get("tokens"))
    bots = tokens.get("bot")
    return uninstalled(known, payload, came) if bots or not tokens.get("oauth") else NOTHING_TOLD


def home_opened(_known: Known, payload: Payload, _came: Came) -> Told:
    """Somebody opened our App Home."""
    return Told(home=ident(payload.get("user"))) if payload.get("tab", "home") == "home" else NOTHING_TOLD


def history_changed(_known: Known, payload: Payload, _came: Came) -> Told:
    """Many messages changed at once, as after an import: Slack does not say which."""
    return Told(torn=True, look=(_named(payload),))


def held_back(_known: Known, payload: Payload, _came: Came) -> Told:
    """There were more events than Slack tells in an hour; it names the minute, and nothing of what is said in it."""
    minute = whole(payload.get("minute_rate_limited"))
    return Told(torn=True, held=minute + MINUTE if minute else 0)


PLACES: Mapping[str, Read] = {
    "channel_archive": turned,
    "channel_unarchive": turned,
    "channel_rename": turned,
    "channel_shared": turned,
    "channel_unshared": turned,
    "channel_deleted": gone,
    "channel_left": gone,
    "channel_id_changed": moved,
    "channel_history_changed": history_changed,
    "group_archive": turned,
    "group_unarchive": turned,
    "group_rename": turned,
    "group_deleted": gone,
    "group_left": gone,
    "group_history_changed": history_changed,
    "member_joined_channel": joined,
    "member_left_channel": left,
    "team_rename": renamed,
    "team_join": user,
    "user_change": user,
    "app_rate_limited": held_back,
    "app_uninstalled": uninstalled,
    "tokens_revoked": tokens_revoked,
    "app_home_opened": home_opened,
}
