"""No payload breaks the stream: whatever comes is read, told, or refused in one sentence."""

import copy
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.carrying import Carried, Unreadable, Where, encode
from adapters.slack.convert import READERS, BadPayload, Came, Told, convert, votes_of
from adapters.slack.convert.interactions import chosen_from_menu, pressed, sent_form, typed_in
from bot.models import MessageSeen
from tests.adapters.slack.payloads import (
    ADA,
    AT,
    HELP,
    OWN,
    PARENT,
    TS,
    Json,
    a_message,
    a_reaction,
    a_user,
    changed,
    deleted,
    edited,
    known,
    ref,
)

A_CHANNEL = {"channel": HELP}
SAMPLES: dict[str, list[Json]] = {
    "message": [
        a_message(
            thread_ts=PARENT, files=[{"name": "map.png"}], reactions=[{"name": "star", "users": [ADA], "count": 1}]
        ),
        a_message(subtype="bot_message", user=None, bot_id="B1", bot_profile={"name": "Deploy"}, text=""),
        changed(a_message(**edited()), a_message()),
        deleted(a_message(thread_ts=PARENT)),
        a_message(subtype="file_comment", comment={"user": ADA, "comment": "x"}),
        a_message(subtype="tombstone", thread_ts=TS),
    ],
    "reaction_added": [a_reaction()],
    "reaction_removed": [a_reaction(removed=True)],
    "member_joined_channel": [{"user": OWN, "channel": HELP}],
    "member_left_channel": [{"user": OWN, "channel": HELP}],
    "channel_id_changed": [{"old_channel_id": HELP, "new_channel_id": "C2"}],
    "channel_rename": [{"channel": {"id": HELP, "name": "x"}}],
    "group_rename": [{"channel": {"id": HELP, "name": "x"}}],
    "team_rename": [{"name": "Camp"}],
    "team_join": [{"user": a_user()}],
    "user_change": [{"user": a_user()}],
    "app_uninstalled": [{}],
    "tokens_revoked": [{"tokens": {"oauth": [], "bot": [OWN]}}],
    "app_home_opened": [{"user": ADA, "tab": "home"}],
}
EVENTS = [{**sample, "type": kind} for kind in sorted(READERS) for sample in SAMPLES.get(kind, [A_CHANNEL])]
CARRIED = encode(Carried("highlight", {"link": "x"}, Where(HELP, PARENT, TS)))
BUTTON: Json = {
    "type": "block_actions",
    "user": {"id": ADA, "name": "ada"},
    "channel": {"id": HELP},
    "container": {"type": "message", "message_ts": TS, "channel_id": HELP, "is_ephemeral": True},
    "message": {"ts": TS, "thread_ts": PARENT},
    "actions": [{"action_id": "run:0", "block_id": "b", "value": CARRIED}],
    "view": {"id": "V1", "type": "modal"},
}
FORM: Json = {
    "user": {"id": ADA},
    "view": {
        "id": "V1",
        "private_metadata": CARRIED,
        "state": {
            "values": {"title": {"typed": {"value": "Tents"}}, "kind": {"typed": {"selected_option": {"value": "d"}}}}
        },
    },
}
SHORTCUT: Json = {"callback_id": "highlight", "user": {"id": ADA}, "channel": {"id": HELP}, "message_ts": TS,
                  "message": {"ts": TS, "thread_ts": PARENT}}  # fmt: skip
COMMAND: Json = {"user_id": ADA, "channel_id": HELP, "command": "/folkmoot", "text": "status", "trigger_id": "1.2.x"}
ASKED = [(pressed, BUTTON), (sent_form, FORM), (chosen_from_menu, SHORTCUT), (typed_in, COMMAND)]

UNFIT = re.compile("[\0\ud800-\udfff]")  # what no database holds
JUNK: tuple[Any, ...] = (
    None, True, -1, 2**64, 1.5, "", "0", "9" * 40 + ".1", "a\0\ud800", "1.1", [], {}, [None], [[]], {"a": []},
)  # fmt: skip

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["", "0", "-1", "²", "9" * 40, "\ud800", "\0", HELP, TS, 2**64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places_in(payload: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Every (container, key) of a payload."""
    pairs = list(payload.items()) if isinstance(payload, dict) else list(enumerate(payload))
    found: list[tuple[Any, Any]] = [(payload, key) for key, _ in pairs]
    for _, value in pairs:
        if isinstance(value, dict | list):
            found += places_in(value)
    return found


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def mangled(payload: Json) -> Iterator[Json]:
    """A payload with each of its parts left out, or replaced by anything."""
    for index in range(len(places_in(payload))):
        for replacement in (*JUNK, ...):
            copied = copy.deepcopy(payload)
            container, key = places_in(copied)[index]
            if replacement is ...:
                del container[key]
            else:
                container[key] = replacement
            yield copied


def outcome(payload: object) -> tuple[Told, str | None]:
    """What is told, or why nothing is."""
    try:
        return convert(known(), payload, Came(AT)), None
    except BadPayload as refused:
        return Told(), str(refused)


def asked_in(read: Any, payload: Json) -> Any:  # noqa: ANN401 - one of the readers, and what it gives
    """What is asked, None if nothing is, or if it is refused."""
    try:
        return read(payload)
    except (BadPayload, Unreadable):
        return None


def check(payload: object) -> None:
    """Convert, and look at what came of it."""
    told, refusal = outcome(payload)
    assert refusal is None or re.fullmatch(r"[^\n]+\.", refusal)
    for event in told.events:
        assert not [text for text in strings(asdict(event)) if UNFIT.search(text)]
        if isinstance(event, MessageSeen):
            assert 0 <= event.message.ref.position < 2**63


@pytest.mark.parametrize("number", range(len(EVENTS)))
def test_any_part_of_an_event_may_be_missing_or_be_anything(number: int) -> None:
    for payload in mangled(EVENTS[number]):
        check(payload)


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_any_part_of_what_is_asked_may_be_missing_or_be_anything(number: int) -> None:
    read, sample = ASKED[number]
    for payload in mangled(sample):
        asked = asked_in(read, payload)
        assert asked is None or not [text for text in strings(asdict(asked)) if UNFIT.search(text)]
    assert asked_in(read, sample) is not None


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=8), junk, max_size=4) | junk, st.sampled_from(sorted(READERS)))
def test_no_event_breaks_the_stream(payload: object, kind: str) -> None:
    check(payload)
    check({**payload, "type": kind} if isinstance(payload, dict) else payload)
    votes_of({"reactions": payload}, ref(), known(), Came(AT))
