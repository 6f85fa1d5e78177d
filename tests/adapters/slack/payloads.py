"""Payloads in the shapes that Slack documents, written by us; every part can be said otherwise."""

from datetime import UTC, datetime
from typing import Any

from adapters.slack.convert import STARS, Came, Known, Person, convert
from bot.models import Channel, Event, Message, MessageRef, MessageSeen, Platform, Space, Thread

Json = dict[str, Any]

TEAM = "T0CAMP0001"
OWN, OWN_BOT = "U0FOLKMOOT", "B0FOLKMOOT"
HELP, DIRECT = "C0HELP0001", "D0DIRECT01"
ADA, BO, GUS, BEEP = "U0ADA00001", "U0BO000001", "U0GUEST001", "U0BEEP0001"
PARENT, TS, LATER = "1785758300.000100", "1785758400.000200", "1785758500.000300"
URL = "https://camp.slack.com/"

SPACE = Space(Platform.SLACK, TEAM)
IN_HELP = Channel(SPACE, HELP)
AT = datetime(2026, 8, 3, 12, 5, tzinfo=UTC)
PEOPLE = {
    ADA: Person(name="Ada"),
    BO: Person(name="Bo"),
    GUS: Person(name="Gus", guest=True),
    BEEP: Person(name="Beep", is_bot=True),
}


def known(stars: frozenset[str] = STARS) -> Known:
    return Known(space=SPACE, own=OWN, own_bot=OWN_BOT, url=URL, people=PEOPLE, stars=stars)


def ref(ts: str = TS) -> MessageRef:
    return MessageRef(IN_HELP, ts)


def thread(ts: str = TS) -> Thread:
    return Thread(IN_HELP, ts)


def a_message(ts: str | None = TS, text: str = "Which tent holds?", **more: object) -> Json:
    """An event of type message; leave a part out by None."""
    told = {
        "type": "message",
        "channel": HELP,
        "user": ADA,
        "text": text,
        "ts": ts,
        "client_msg_id": "f0582a78-72db-4feb-b2f3-1e47d66365c8",
        "team": TEAM,
        "blocks": [{"type": "rich_text", "block_id": "a", "elements": []}],
        "event_ts": ts,
        "channel_type": "channel",
    } | more
    return {key: value for key, value in told.items() if value is not None}


def in_history(payload: Json) -> Json:
    """A message as conversations.history lists it."""
    return {key: value for key, value in payload.items() if key not in {"channel", "channel_type", "event_ts"}}


def changed(now: Json, before: Json | None = None, **more: object) -> Json:
    told: Json = {"type": "message", "subtype": "message_changed", "channel": HELP, "hidden": True,
                  "message": in_history(now), "ts": LATER, "event_ts": LATER, "channel_type": "channel"}  # fmt: skip
    return told | ({} if before is None else {"previous_message": in_history(before)}) | more


def deleted(before: Json | None = None, ts: str = TS) -> Json:
    told: Json = {"type": "message", "subtype": "message_deleted", "channel": HELP, "hidden": True,
                  "deleted_ts": ts, "ts": LATER, "event_ts": LATER, "channel_type": "channel"}  # fmt: skip
    return told | ({} if before is None else {"previous_message": in_history(before)})


def edited(ts: str = LATER) -> Json:
    return {"edited": {"user": ADA, "ts": ts}}


def a_reaction(name: str = "star", *, removed: bool = False, **more: object) -> Json:
    item = {"type": "message", "channel": HELP, "ts": TS}
    kind = "reaction_removed" if removed else "reaction_added"
    return {"type": kind, "user": BO, "item": item, "reaction": name, "item_user": ADA, "event_ts": LATER} | more


def a_channel(ident: str = HELP, **more: object) -> Json:
    told: Json = {
        "id": ident, "name": "help", "is_channel": True, "is_group": False, "is_im": False, "is_mpim": False,
        "is_private": False, "is_archived": False, "is_ext_shared": False, "is_pending_ext_shared": False,
        "is_member": True,
    }  # fmt: skip
    return told | more


def a_user(uid: str = ADA, **more: object) -> Json:
    profile = {"display_name": "ada", "real_name": "Ada Lovelace"}
    return {"id": uid, "team_id": TEAM, "name": "ada.l", "deleted": False, "profile": profile, "is_bot": False} | more


def events_of(payload: object, knowing: Known | None = None) -> tuple[Event, ...]:
    return convert(knowing or known(), payload, Came(AT)).events


def message_of(payload: Json, knowing: Known | None = None) -> Message:
    (event,) = events_of(payload, knowing)
    assert isinstance(event, MessageSeen)
    return event.message
