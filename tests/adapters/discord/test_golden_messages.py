"""Unusual messages, whole as Discord documents them, and whole as they are kept: golden files side by side."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from adapters.discord.convert import Came, convert
from bot.models import MessageSeen
from tests.adapters.discord.payloads import AT, Json, known_guilds

GOLDEN = Path(__file__).parent / "golden" / "messages"


def told(payload: Json) -> Json:
    """The message that a payload tells, as plain JSON."""
    (event,) = convert(known_guilds(), "MESSAGE_CREATE", payload, Came(AT)).events
    assert isinstance(event, MessageSeen)
    message: Json = json.loads(json.dumps(asdict(event.message), default=str))
    return message


@pytest.mark.parametrize("case", ["greatest_id", "deleted_author", "webhook", "poll", "forward", "sticker_only"])
def test_what_is_unusual_is_kept_sensibly(case: str) -> None:
    golden = json.loads((GOLDEN / f"{case}.json").read_text("utf-8"))
    assert told(golden["payload"]) == golden["message"]
