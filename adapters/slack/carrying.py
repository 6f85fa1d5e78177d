"""What buttons, lists and forms carry: a command, its arguments, and where it was asked; and back.

Slack gives 2,000 characters to a button's value, 3,000 to a form and 255 to a list, and sends them back unchanged for
as long as the message stands. The form is JSON, `["s1","command",{"name":"value"},["channel","thread","message"],asks]`
without what is empty at its end. It holds no `&`, `<` or `>`, so nothing on the way can escape it. Nothing is kept
beside it: what is too long is refused with `TooLong` when it is made, not when somebody presses it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import FolkmootError

VERSION = "s1"
VALUE = 2000  # characters of a button's value
METADATA = 3000  # of a view's private_metadata
LIST = 255  # of a block's id
RUN, OPEN, CHOOSE = "run", "open", "choose"  # the beginning of an action's id; a number follows
ACTION = re.compile(rf"(?:{RUN}|{OPEN}|{CHOOSE}):\d{{1,3}}")  # the id of any action of ours
CHOSEN = ""  # the argument that names which argument a list is for

FOREIGN = "A button or form from another version, or not one of ours."
_EMPTY: tuple[Any, ...] = ({}, [], 0)

_UNSAFE = re.compile(r"[&<>\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Unreadable(FolkmootError):
    """What was carried was not made by us, or by another version."""


class TooLong(FolkmootError):
    """A command with more in its arguments than can be carried."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where something was asked, by Slack's ids; "" where there is none or it is not known."""

    channel: str = ""
    thread: str = ""
    message: str = ""


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Carried:
    """A command with its arguments and place. `asks`: its form is opened, filled with them, instead of running it."""

    command: str
    args: Mapping[str, str] = field(default_factory=dict)
    where: Where = NOWHERE
    asks: bool = False


def encode(carried: Carried, limit: int = VALUE) -> str:
    """What carries a command; equal commands give equal strings. TooLong beyond `limit` characters."""
    where = carried.where
    parts: list[Any] = [
        VERSION,
        carried.command,
        dict(sorted(carried.args.items())),
        [where.channel, where.thread, where.message] if where != NOWHERE else [],
        1 if carried.asks else 0,
    ]
    while not parts[-1] and len(parts) > len((VERSION, carried.command)):
        parts.pop()
    whole = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    safe = _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", whole)
    if len(safe) > limit:
        raise TooLong(f"'/{carried.command}' was given {len(safe)} characters, and only {limit} can be carried.")
    return safe


def decode(text: str) -> Carried:
    """What `encode` was given. Unreadable if it was not made by it."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        parts = None
    match parts:
        case [str() as version, str() as command, *rest] if version == VERSION:
            return _read(command, [*rest, *_EMPTY[len(rest) :]])
        case _:
            raise Unreadable(FOREIGN)


def _read(command: str, rest: list[Any]) -> Carried:
    """What follows the command: arguments, a place, and whether it asks."""
    match rest:
        case [dict() as args, list() as place, int() as asks] if _all_words(args.values()) and _all_words(place):
            if len(place) in {0, len((NOWHERE.channel, NOWHERE.thread, NOWHERE.message))}:
                return Carried(command, args, Where(*place), bool(asks))
    raise Unreadable(FOREIGN)


def _all_words(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def carried_by(action: Mapping[str, Any]) -> Carried:
    """What an entry of a payload's `actions` asks: a button that was pressed, or what was chosen from a list.

    Unreadable if it is none of ours that carries anything.
    """
    chosen = action.get("selected_option")
    if not isinstance(chosen, Mapping):
        return decode(_words(action.get("value")))
    carried = decode(_words(action.get("block_id")))
    name = carried.args.get(CHOSEN, "")
    if not name:
        raise Unreadable("A list that does not say what is chosen from it.")
    args = {key: value for key, value in carried.args.items() if key != CHOSEN}
    return replace(carried, args=args | {name: _words(chosen.get("value"))})


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""
