"""Checks blocks and views against slack_sdk's models, Slack's published types, and the limits that both leave out.

And looks for anything live: a token that would call somebody, or mrkdwn in which Slack may look for names by itself.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from slack_sdk.models.blocks import Block

from tests.servers.schema import load

Json = dict[str, Any]

SCHEMA = "slack-types/blockkit_message.schema.json"
LIVE = re.compile(r"<[@#!](?!date\^)|@(?:here|channel|everyone)", re.IGNORECASE)
MOST_OF_ALL = 12_000


def faults(payload: Json) -> list[str]:
    """What is wrong with a message or view that we would send; [] if nothing."""
    blocks = payload["blocks"]
    in_view = payload.get("type") in {"modal", "home"}
    found = [*_parsed(blocks), *_shape(blocks), *_unseen(blocks, 100 if in_view else 50), *live(payload)]
    if not in_view:
        found += [] if 0 < len(payload["text"]) <= 4000 else ["a bad text"]
        found += ["a message too long"] if len(json.dumps(blocks, ensure_ascii=False)) > MOST_OF_ALL else []
        found += ["an input in a message"] if any(it["type"] == "input" for it in blocks) else []
    else:
        found += _view(payload)
    return found


def live(payload: Json) -> list[str]:
    """What would call somebody, or where Slack may find somebody to call."""
    objects = list(_objects(payload))
    found = [f"live: {text!r}" for text in _texts(objects) if LIVE.search(text)]
    found += [f"not verbatim: {it}" for it in objects if it.get("type") == "mrkdwn" and not it["verbatim"]]
    return found


def _parsed(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        try:
            parsed = Block.parse(block)
            if parsed is None:
                yield f"slack_sdk knows no {block['type']}"
            else:
                parsed.to_dict()
        except Exception as error:  # noqa: BLE001 - whatever it says against the block
            yield f"slack_sdk: {error!r} in {block}"


def _shape(blocks: list[Json]) -> list[str]:
    schema = load(SCHEMA)
    return [] if schema is None else [f"{at} {said}" for at, said in schema.faults({"blocks": blocks})]


def _unseen(blocks: list[Json], most: int) -> Iterator[str]:
    if not 1 <= len(blocks) <= most:
        yield f"{len(blocks)} blocks"
    for name in ("block_id", "action_id"):
        ids = [it[name] for it in _objects(blocks) if name in it and it.get("action_id") != "typed"]
        if len(ids) != len(set(ids)) or not all(0 < len(it) <= 255 for it in ids):
            yield f"bad ids: {ids}"
    for it in _objects(blocks):
        yield from _unseen_in(it)


def _unseen_in(it: Json) -> Iterator[str]:
    if it.get("type") in {"mrkdwn", "plain_text"} and not it["text"].strip(" \n\t\u200b"):
        yield f"an empty text: {it}"
    if any(len(field["text"]) > 2000 for field in it.get("fields", ())):
        yield "a field over 2,000"
    for option in it.get("options", ()):
        if not (1 <= len(option["text"]["text"]) <= 75 and 1 <= len(option["value"]) <= 150):
            yield f"a bad option: {option}"


def _view(view: Json) -> Iterator[str]:
    if len(view.get("private_metadata", "")) > 3000:
        yield "private_metadata over 3,000"
    if view["type"] == "modal":
        for name in ("title", "submit", "close"):
            if name in view and not 1 <= len(view[name]["text"]) <= 24:
                yield f"a bad {name}: {view[name]}"
        if "submit" not in view and any(it["type"] == "input" for it in view["blocks"]):
            yield "something to fill in, and no way to send it"


def _objects(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(each)


def _texts(objects: Iterable[Json]) -> Iterator[str]:
    """Every text that is shown; what buttons carry is never shown, nor where a link leads by itself."""
    for it in objects:
        for name in ("text", "fallback"):
            if isinstance(it.get(name), str):
                yield it[name]
