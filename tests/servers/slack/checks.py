"""Whether what we send keeps Slack's rules: Block Kit schema, slack_sdk's models, what both miss, and our own rules.

Our own: whatever we send pings nobody and unfurls nothing.
"""

import copy
import json
import re
from collections.abc import Iterator, Sequence

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.servers.log import Json
from tests.servers.schema import load
from tests.servers.slack import elements

Faults = list[tuple[str, str]]

SCHEMA = "slack-types/blockkit_message.schema.json"
TEXT, BLOCKS, VIEW_BLOCKS, ALL_TEXT, FIELD, OPTION = 40_000, 50, 100, 12_000, 2_000, 75
METADATA, TITLE, CALLBACK, VIEW_SIZE = 3_000, 24, 255, 250_000
LIVE = re.compile(r"<(?:!(?:channel|here|everyone|group|subteam\^)|@[UW])", re.IGNORECASE)
BARE = re.compile(r"(?<![\w.])@(?:channel|here|everyone)\b", re.IGNORECASE)
PINGS = ("user", "usergroup", "broadcast")  # elements of rich text


def post_faults(body: Json, *, unfurls: bool, update: bool = False) -> Faults:
    """What is wrong with a message: with `unfurls` it must say that it unfurls nothing; `update` changes one."""
    found = list(_text_faults(body, update=update)) + list(_metadata_faults(body.get("metadata")))
    blocks = body.get("blocks")
    if blocks:
        found += block_faults(blocks, BLOCKS)
    if unfurls:
        names = ("unfurl_links", "unfurl_media")
        found += [(name, "must be false: we unfurl nothing") for name in names if body.get(name) is not False]
    return found + list(_attachment_faults(body.get("attachments") or []))


def _text_faults(body: Json, *, update: bool) -> Iterator[tuple[str, str]]:
    text = body.get("text") or ""
    if not text and not body.get("blocks") and not body.get("attachments"):
        yield "text", "no_text: there is nothing to show"
    if len(text) > TEXT:
        yield "text", f"msg_too_long: {len(text)} characters, at most {TEXT} are shown"
    if LIVE.search(text):
        yield "text", f"would ping somebody: {_around(text)}"
    parsed = body.get("parse") == "full" or body.get("link_names") or (update and body.get("parse") != "none")
    if parsed and BARE.search(text):
        yield "text", "a bare @here pings where names are parsed: send parse=none"
    if body.get("link_names") or body.get("parse") == "full":
        yield "link_names" if body.get("link_names") else "parse", "would turn names into pings"


def _around(text: str) -> str:
    found = LIVE.search(text)
    return "" if found is None else text[max(0, found.start() - 10) : found.end() + 20]


def _metadata_faults(metadata: object) -> Iterator[tuple[str, str]]:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        yield "metadata", "has event_type and event_payload only"
    elif not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        yield "metadata", "event_type is text and event_payload an object"
    elif not re.fullmatch(r"[A-Za-z0-9_]+", metadata["event_type"]):
        yield "metadata/event_type", "has letters, digits and _ only"


def _attachment_faults(attachments: list[Json]) -> Iterator[tuple[str, str]]:
    for number, attachment in enumerate(attachments):
        for key in ("text", "pretext", "fallback", "title"):
            if LIVE.search(attachment.get(key) or ""):
                yield f"attachments/{number}/{key}", "would ping somebody"
        if attachment.get("blocks"):
            yield from block_faults(attachment["blocks"], BLOCKS)


def view_faults(view: Json) -> Faults:
    """What is wrong with a modal or a Home tab."""
    if view.get("type") not in ("modal", "home"):
        return [("view/type", "is modal or home")]
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not blocks:
        return [("view/blocks", "are missing")]
    found = block_faults(blocks, VIEW_BLOCKS, all_text=None)
    if len(json.dumps(view)) > VIEW_SIZE:
        found.append(("view", f"view_too_large: over {VIEW_SIZE} bytes"))
    return found + list(_frame_faults(view)) + list(_modal_faults(view) if view["type"] == "modal" else ())


KEYS = {
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
}


def _frame_faults(view: Json) -> Iterator[tuple[str, str]]:
    for name in view.keys() - KEYS:
        yield f"view/{name}", "is not known"
    for name, most in (("private_metadata", METADATA), ("callback_id", CALLBACK), ("external_id", CALLBACK)):
        if len(view.get(name) or "") > most:
            yield f"view/{name}", f"must be at most {most} characters"


def _modal_faults(view: Json) -> Iterator[tuple[str, str]]:
    for name in ("title", "submit", "close"):
        text = view.get(name)
        if text is None:
            if name == "title":
                yield "view/title", "is missing"
        elif text.get("type") != "plain_text" or not 1 <= len(text.get("text", "")) <= TITLE:
            yield f"view/{name}", f"is plain text of 1 to {TITLE} characters"
    if any(block.get("type") == "input" for block in view["blocks"]) and not view.get("submit"):
        yield "view/submit", "is missing, and there are inputs"


# Blocks


def block_faults(blocks: object, most: int, *, all_text: int | None = ALL_TEXT) -> Faults:
    """What is wrong with blocks: at most `most`, all text at most `all_text` characters (None: not limited)."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [("blocks", "is a list of objects")]
    schema = load(SCHEMA)
    found = schema.faults({"blocks": blocks}, "#/definitions/MessageBlocks") if schema else []
    for number, block in enumerate(blocks):
        found += list(_model_faults(block, f"blocks/{number}"))
    if found:  # the rest relies on the shape
        return found
    found += list(_size_faults(blocks, most, all_text)) + list(_unique_faults(blocks))
    for number, block in enumerate(blocks):
        found += list(_part_faults(block, f"blocks/{number}"))
    for number, (_, element) in enumerate(elements.elements(blocks)):
        found += list(_option_faults(element, f"element {number}"))
    return found


def _model_faults(block: Json, at: str) -> Iterator[tuple[str, str]]:
    try:
        model = Block.parse(copy.deepcopy(block))
        if model is None:
            yield at, f"slack_sdk knows no block {block.get('type')!r}"
        else:
            model.to_dict()
    except (SlackObjectFormationError, TypeError, ValueError, KeyError, AttributeError) as error:
        yield at, f"slack_sdk's model refuses it: {error}"


def _size_faults(blocks: Sequence[Json], most: int, all_text: int | None) -> Iterator[tuple[str, str]]:
    if len(blocks) > most:
        yield "blocks", f"there are {len(blocks)}, at most {most} are allowed"
    size = sum(len(part["text"]) for part, _ in _parts(list(blocks), "") if isinstance(part.get("text"), str))
    if all_text is not None and size > all_text:
        yield "blocks", f"msg_blocks_too_long: {size} characters in all, keep within {all_text}"


def _unique_faults(blocks: Sequence[Json]) -> Iterator[tuple[str, str]]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    for an_id in {one for one in ids if ids.count(one) > 1}:
        yield "blocks", f"block_id {an_id!r} is there twice"
    for block in blocks:
        actions = [one["action_id"] for _, one in elements.elements([block]) if "action_id" in one]
        if len(set(actions)) < len(actions):
            yield "blocks", f"an action_id is there twice: {actions}"


def _parts(value: object, at: str) -> Iterator[tuple[Json, str]]:
    """Every object within, with its place."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _parts(one, f"{at}/{number}")
    elif isinstance(value, dict):
        yield value, at
        for key, one in value.items():
            yield from _parts(one, f"{at}/{key}")


def _part_faults(block: Json, at: str) -> Iterator[tuple[str, str]]:
    for part, where in _parts(block, at):
        kind, text = part.get("type"), part.get("text")
        if kind in ("plain_text", "mrkdwn", "markdown", "text") and text == "":
            yield where, "its text is empty"
        if kind in ("mrkdwn", "markdown") and isinstance(text, str) and LIVE.search(text):
            yield where, f"would ping somebody: {_around(text)}"
        if kind == "mrkdwn" and not part.get("verbatim") and isinstance(text, str) and BARE.search(text):
            yield where, "a bare @here, @channel or @everyone may ping where the text is not verbatim"
        if kind in PINGS and "text" not in part:
            yield where, "would ping somebody"
    for number, field in enumerate(block.get("fields") or []):
        if isinstance(field, dict) and len(field.get("text") or "") > FIELD:
            yield f"{at}/fields/{number}", f"must be at most {FIELD} characters"


def suggestion_faults(options: list[Json]) -> Faults:
    """What is wrong with the options that a menu is given for what somebody typed."""
    found = list(_option_faults({"options": options}, "suggestion"))
    return found + ([("options", "at most 100 are shown")] if len(options) > 100 else [])


def _option_faults(element: Json, at: str) -> Iterator[tuple[str, str]]:
    for number, option in enumerate(elements.options(element)):
        for name, most in (("text", OPTION), ("description", OPTION)):
            if len((option.get(name) or {}).get("text") or "") > most:
                yield f"{at}/options/{number}/{name}", f"must be at most {most} characters"
        if len(option.get("value") or "") > 150:
            yield f"{at}/options/{number}/value", "must be at most 150 characters"
    values = [option.get("value") for option in elements.options(element)]
    if len(set(values)) < len(values):
        yield f"{at}/options", "a value is there twice"
