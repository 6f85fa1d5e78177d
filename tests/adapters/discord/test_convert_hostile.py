"""Whatever arrives, reading it ends in events or in one sentence for the log, and what was right stays readable."""

import copy
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.convert import BadPayload, Came, Known, UnknownPlace, convert
from adapters.discord.convert.events import READERS
from bot.models import Event, MessageSeen, SpaceSeen
from tests.adapters.discord.payloads import (
    AT,
    GUILD,
    HELP,
    MID,
    OWN,
    POST,
    PRIVATE,
    THREAD,
    Json,
    a_channel,
    a_guild,
    a_message,
    a_reaction,
    a_role,
    a_thread,
    a_user,
    known_guilds,
)

SAMPLES: dict[str, Json] = {
    "MESSAGE_CREATE": a_message(
        channel=THREAD,
        type=19,
        message_reference={"message_id": "5", "channel_id": THREAD},
        referenced_message={"id": "5", "type": 21},
        message_snapshots=[{"message": {"content": "x", "embeds": [{"title": "T"}]}}],
        attachments=[{"id": "1", "filename": "a.png"}],
        poll={"question": {"text": "?"}},
    ),
    "MESSAGE_UPDATE": a_message(edited_timestamp="2026-08-03T12:01:00+00:00"),
    "MESSAGE_DELETE": {"id": MID, "channel_id": HELP, "guild_id": GUILD},
    "MESSAGE_DELETE_BULK": {"ids": ["1", "2"], "channel_id": POST, "guild_id": GUILD},
    "MESSAGE_REACTION_ADD": a_reaction(),
    "MESSAGE_REACTION_REMOVE": a_reaction(),
    "MESSAGE_REACTION_REMOVE_ALL": {"message_id": MID, "channel_id": HELP, "guild_id": GUILD},
    "MESSAGE_REACTION_REMOVE_EMOJI": a_reaction(),
    "READY": {"guilds": [{"id": GUILD, "unavailable": True}, {"id": HELP}], "shard": [0, 1]},
    "GUILD_CREATE": a_guild(),
    "GUILD_UPDATE": a_guild(),
    "GUILD_DELETE": {"id": GUILD},
    "GUILD_ROLE_CREATE": {"guild_id": GUILD, "role": a_role()},
    "GUILD_ROLE_UPDATE": {"guild_id": GUILD, "role": a_role(permissions=0)},
    "GUILD_ROLE_DELETE": {"guild_id": GUILD, "role_id": GUILD},
    "GUILD_MEMBER_UPDATE": {"guild_id": GUILD, "user": a_user(OWN), "roles": []},
    "CHANNEL_CREATE": a_channel(),
    "CHANNEL_UPDATE": a_channel(permission_overwrites=[{"id": GUILD, "type": 0, "allow": "0", "deny": "1024"}]),
    "CHANNEL_DELETE": a_channel(),
    "THREAD_CREATE": a_thread(),
    "THREAD_UPDATE": a_thread(PRIVATE, kind=12),
    "THREAD_DELETE": a_thread(),
    "THREAD_LIST_SYNC": {"guild_id": GUILD, "threads": [a_thread()], "members": []},
    "THREAD_MEMBERS_UPDATE": {"id": PRIVATE, "guild_id": GUILD, "removed_member_ids": [OWN]},
}

UNFIT = re.compile("[\0\ud800-\udfff]")  # what no database holds

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["", "0", "-1", "²", "9" * 40, "\ud800", "\0", GUILD, HELP, "0001-01-01T00:00:00+14:00", 2**64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places_in(payload: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Every (container, key) of a payload."""
    pairs = list(payload.items()) if isinstance(payload, dict) else list(enumerate(payload))
    found: list[tuple[Any, Any]] = [(payload, key) for key, _ in pairs]
    for _, value in pairs:
        if isinstance(value, dict | list):
            found += places_in(value)
    return found


@st.composite
def mangled(draw: st.DrawFn) -> tuple[str, Any]:
    """An event of which some parts are replaced by junk or left out."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    payload = copy.deepcopy(SAMPLES[name])
    for _ in range(draw(st.integers(1, 4))):
        found = places_in(payload)
        if not found:
            break
        container, key = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()):
            container[key] = draw(junk)
        else:
            del container[key]
    return name, payload


def outcome(known: Known, name: str, payload: object) -> tuple[tuple[Event, ...], str | None]:
    """What is told, or why nothing is."""
    try:
        return convert(known, name, payload, Came(AT)).events, None
    except (BadPayload, UnknownPlace) as refused:
        return (), str(refused)


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)
    elif is_dataclass(value):
        for part in fields(value):
            yield from strings(getattr(value, part.name))


def test_every_event_that_is_read_has_a_sample() -> None:
    assert set(SAMPLES) == set(READERS)


JUNK: tuple[Any, ...] = (
    None, True, -1, 2**64, 1.5, "", "0", "²", "9" * 40, "a\0\ud800", "0001-01-01T00:00:00+14:00", [], {}, [None], [[]],
)  # fmt: skip


def check(known: Known, name: str, payload: object) -> None:
    """Convert, and look at what came of it."""
    events, refusal = outcome(known, name, payload)
    assert refusal is None or (refusal.endswith(".") and "\n" not in refusal)
    for event in events:
        assert not [text for text in strings(event) if UNFIT.search(text)]
        if isinstance(event, MessageSeen):
            assert 0 <= event.message.ref.position < 2**63


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_any_part_may_be_missing_or_be_anything(name: str) -> None:
    for index in range(len(places_in(SAMPLES[name]))):
        payload = copy.deepcopy(SAMPLES[name])
        container, key = places_in(payload)[index]
        for replacement in JUNK:
            container[key] = replacement
            check(known_guilds(), name, payload)
        del container[key]
        check(known_guilds(), name, payload)


@settings(max_examples=200, deadline=None)
@given(st.lists(mangled() | st.tuples(st.sampled_from(sorted(SAMPLES)), junk), min_size=1, max_size=4))
def test_no_payload_breaks_the_stream(stream: list[tuple[str, Any]]) -> None:
    known = known_guilds()
    for name, payload in stream:
        check(known, name, payload)
    told = convert(known, "GUILD_CREATE", a_guild(), Came(AT)).events
    assert isinstance(told[0], SpaceSeen)
    (read,) = convert(known, "MESSAGE_CREATE", a_message(), Came(AT)).events
    assert isinstance(read, MessageSeen)
