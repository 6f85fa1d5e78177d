"""The reader of the published schemas: what it finds wrong and where."""

from typing import Any

import pytest

from tests.servers.discord.checks import SCHEMA
from tests.servers.faults import matches
from tests.servers.schema import Schema, load, missing_reason

DOCUMENT: dict[str, Any] = {
    "parts": {
        "Id": {"type": "string", "pattern": "^[0-9]+$"},
        "Button": {
            "type": "object",
            "required": ["label"],
            "properties": {"type": {"enum": [2]}, "label": {"maxLength": 3}},
        },
        "Menu": {
            "type": "object",
            "required": ["options"],
            "properties": {"type": {"const": 3}, "options": {"minItems": 1}},
        },
        "Message": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"$ref": "#/parts/Id"},
                "color": {"type": ["integer", "null"], "minimum": 0, "maximum": 5},
                "url": {"type": "string", "format": "uri"},
                "at": {"type": "string", "format": "date-time"},
                "tags": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "maxItems": 2,
                    "uniqueItems": True,
                },
                "part": {"oneOf": [{"type": "null"}, {"$ref": "#/parts/Button"}, {"$ref": "#/parts/Menu"}]},
            },
        },
    }
}

GOOD: list[dict[str, Any]] = [
    {"id": "1"},
    {"id": "1", "color": None, "url": "https://example.org/", "at": "2026-01-01T00:00:00+00:00"},
    {"id": "1", "tags": ["a", "b"], "part": {"type": 2, "label": "abc"}},
    {"id": "1", "part": {"type": 3, "options": ["x"]}},
    {"id": "1", "part": None, "color": 5},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "/id"),
    ({"id": 1}, "/id"),
    ({"id": "x"}, "/id"),
    ({"id": "1", "color": True}, "/color"),
    ({"id": "1", "color": 6}, "/color"),
    ({"id": "1", "color": -1}, "/color"),
    ({"id": "1", "url": "nowhere"}, "/url"),
    ({"id": "1", "at": "yesterday"}, "/at"),
    ({"id": "1", "tags": ["a", "b", "c"]}, "/tags"),
    ({"id": "1", "tags": ["a", "a"]}, "/tags"),
    ({"id": "1", "tags": ["a", ""]}, "/tags/1"),
    ({"id": "1", "part": {"type": 2, "label": "abcd"}}, "/part/label"),
    ({"id": "1", "part": {"type": 3, "options": []}}, "/part/options"),
    ({"id": "1", "new": 1}, "/new"),
]


@pytest.mark.parametrize("value", GOOD)
def test_what_fits_has_no_faults(value: dict[str, Any]) -> None:
    assert Schema(DOCUMENT).faults(value, "#/parts/Message") == []


@pytest.mark.parametrize(("value", "where"), BAD)
def test_what_does_not_fit_is_told_at_its_place(value: dict[str, Any], where: str) -> None:
    assert where in [place for place, _ in Schema(DOCUMENT).faults(value, "#/parts/Message")]


def test_the_published_schema_knows_a_good_message_from_a_bad_one() -> None:
    schema = load(SCHEMA)
    if schema is None:
        pytest.skip(missing_reason() or "no such file")
    good = {
        "content": "x",
        "embeds": [{"title": "t", "color": 1, "fields": [{"name": "n", "value": "v"}]}],
        "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "l", "custom_id": "c"}]}],
        "allowed_mentions": {"parse": []},
        "nonce": "n",
        "enforce_nonce": True,
    }
    assert schema.faults(good, "#/components/schemas/MessageCreateRequest") == []
    for key, value in (("content", 5), ("embeds", {}), ("components", [{"type": 1}]), ("nonce", ["n"])):
        assert schema.faults(good | {key: value}, "#/components/schemas/MessageCreateRequest")


@pytest.mark.parametrize(
    ("pattern", "what", "fits"),
    [
        ("POST /channels/*/messages", "POST /channels/1/messages", True),
        ("POST /channels/*/messages", "POST /channels/1/messages/2/threads", False),
        ("POST /channels/*", "POST /channels/1/messages", False),
        ("POST /channels/**", "POST /channels/1/messages", True),
        ("EVENT MESSAGE_*", "EVENT MESSAGE_CREATE", True),
        ("* /gateway/bot", "GET /gateway/bot", True),
        ("EVENT A.B", "EVENT AxB", False),
    ],
)
def test_patterns(pattern: str, what: str, fits: bool) -> None:
    assert matches(pattern, what) is fits
