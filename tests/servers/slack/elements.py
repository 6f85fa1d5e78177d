"""The parts of blocks that people use: buttons, menus, inputs; and blocks as Slack stores them."""

import copy
from collections.abc import Iterator, Sequence

from tests.servers.log import Json
from tests.servers.slack.channels import Channel
from tests.servers.slack.members import Member
from tests.servers.slack.world import NotAllowed

# what the state and the action of an element hold, by its type
SELECTED = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block, in order."""
    for block in blocks:
        if block["type"] in ("actions", "context_actions"):
            yield from ((block, element) for element in block["elements"])
        elif block["type"] == "section" and block.get("accessory", {}).get("type") not in (None, "image"):
            yield block, block["accessory"]
        elif block["type"] == "input":
            yield block, block["element"]


def stored(blocks: Sequence[Json]) -> list[Json]:
    """Blocks as Slack gives them back: every block and element has its id, every text says all it is."""
    found = copy.deepcopy(list(blocks))
    for number, block in enumerate(found):
        block.setdefault("block_id", f"b{number}")
        _complete(block)
    for number, (_, element) in enumerate(elements(found)):
        element.setdefault("action_id", f"a{number}")
    return found


def _complete(part: object) -> None:
    if isinstance(part, list):
        for one in part:
            _complete(one)
    elif isinstance(part, dict):
        if part.get("type") == "plain_text" and "text" in part:
            part.setdefault("emoji", True)
        if part.get("type") == "mrkdwn" and "text" in part:
            part.setdefault("verbatim", False)
        for one in part.values():
            _complete(one)


def named(element: Json, block: Json) -> tuple[str, ...]:
    """The words by which a test may name an element."""
    texts = [element.get("text"), element.get("placeholder"), block.get("label")]
    return (element.get("action_id", ""), *(text["text"] for text in texts if isinstance(text, dict)))


def find(blocks: Sequence[Json], name: str, kinds: Sequence[str] | None = None) -> tuple[Json, Json]:
    """The element of that name, or NotAllowed."""
    there = [(block, one) for block, one in elements(blocks) if kinds is None or one["type"] in kinds]
    for block, element in there:
        if name in named(element, block):
            return block, element
    raise NotAllowed(f"there is no {name!r} among {[named(one, block)[-1] for block, one in there]}")


def options(element: Json) -> list[Json]:
    """All options of a menu, grouped ones too."""
    groups: list[Json] = element.get("option_groups") or []
    return [*element.get("options", []), *(one for group in groups for one in group["options"])]


def value_of(element: Json, given: object) -> Json:
    """The state of an element into which somebody put text, a label or value (or several), a channel or a member."""
    kind = element["type"]
    if kind in TEXTS:
        return {"type": kind, "value": _text(element, None if given is None else str(given))}
    key = SELECTED.get(kind)
    if key is None:
        raise NotAllowed(f"nothing can be put into a {kind}")
    several = key.endswith("s")
    many = list(given) if isinstance(given, (list, tuple)) else [given] if given is not None else []
    if not several and len(many) > 1:
        raise NotAllowed(f"a {kind} takes one")
    chosen = [_one(element, key, one) for one in many]
    return {"type": kind, key: chosen if several else (chosen[0] if chosen else None)}


def initial(element: Json) -> Json:
    """The state of an element before anybody touches it."""
    kind = element["type"]
    if kind in TEXTS:
        return {"type": kind, "value": element.get("initial_value")}
    key = SELECTED.get(kind, "value")
    before = element.get(key.replace("selected_", "initial_"))
    return {"type": kind, key: before if before is not None else [] if key.endswith("s") else None}


def is_empty(state: Json) -> bool:
    """Whether nothing was put in."""
    return not any(value for key, value in state.items() if key != "type")


def _text(element: Json, text: str | None) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if text and not least <= len(text) <= most:
        raise NotAllowed(f"it takes {least} to {most} characters, not {len(text)}")
    return text or None


def _one(element: Json, key: str, given: object) -> object:
    if isinstance(given, (Channel, Member)):
        return given.id
    if not key.startswith("selected_option"):
        return given
    for option in options(element):
        if given in (option["value"], option["text"]["text"]):
            return option
    raise NotAllowed(f"{given!r} is not offered, only {[one['text']['text'] for one in options(element)]}")
