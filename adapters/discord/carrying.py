"""What buttons and forms carry: a command and its arguments as a `custom_id`, and back.

Discord gives 100 characters and sends them back unchanged, for as long as the message stands. The form is
"f1|command|name=value&…"; "f1.2|…" goes on with the second page of a form. What does not fit goes on a shelf that the
adapter keeps, under a key made from the content. The buttons of a post can always be put there again by rendering the
card that the outbox keeps; those of private answers live only as long as the process.
"""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from hashlib import blake2s
from urllib.parse import quote, unquote

from bot.commands.forms import IN_THREAD, ON_MESSAGE, SENT
from bot.errors import FolkmootError

CHOSEN = ""  # the argument that names which argument a list is for
LIMIT = 100  # characters of a custom_id
VERSION = "f1"
SHELVED = f"{VERSION}*"

SHORT = {
    "discussion": "d",
    "link": "l",
    SENT: "s",
    IN_THREAD: "t",
    ON_MESSAGE: "m",
    "question": "q",
    "confirm": "c",
    "channel": "h",
    "schedule": "e",
    "digest": "g",
    "item": "i",
}  # never give a letter another meaning: old messages keep theirs
LONG = {letter: name for name, letter in SHORT.items()}

Shelf = MutableMapping[str, str]

_UNSAFE = re.compile(r"[%|&=\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HEAD = re.compile(r"f1(?:\.(\d{1,2}))?\|([^|]*)\|([^|]*)")


class Unreadable(FolkmootError):
    """A `custom_id` of another version, or of which the rest is not on the shelf any more."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A command with its arguments; `page` is the page of its form to open, from 1, or 0 to run it.

    The argument with no name says which one a list to choose from stands for.
    """

    command: str
    args: Mapping[str, str]
    page: int = 0


def encode(carried: Carried, shelf: Shelf) -> str:
    """The `custom_id` of a command; equal commands give equal ids. What is too long is put on the shelf."""
    version = f"{VERSION}.{carried.page}" if carried.page else VERSION
    args = "&".join(f"{_quoted(_short(name))}={_quoted(value)}" for name, value in carried.args.items())
    whole = f"{version}|{_quoted(carried.command)}|{args}"
    if len(whole) <= LIMIT:
        return whole
    key = SHELVED + blake2s(whole.encode(), digest_size=16).hexdigest()
    shelf[key] = whole
    return key


def decode(custom_id: str, shelf: Mapping[str, str]) -> Carried:
    """What a `custom_id` carries. Unreadable if it was not made by `encode`, or is too old."""
    whole = shelf.get(custom_id, "") if custom_id.startswith(SHELVED) else custom_id
    found = _HEAD.fullmatch(whole)
    if found is None:
        raise Unreadable("A button or form from an earlier version, or older than what is remembered of it.")
    page, command, args = found.groups()
    pairs = [pair.partition("=") for pair in args.split("&")] if args else []
    return Carried(_plain(command), {_long(_plain(name)): _plain(value) for name, _, value in pairs}, int(page or 0))


def _short(name: str) -> str:
    """One letter for what is carried often; names that could be taken for one are marked."""
    return SHORT.get(name) or (f"_{name}" if len(name) < len("no") or name.startswith("_") else name)


def _long(name: str) -> str:
    if len(name) == 1 and name != "_":
        if name not in LONG:
            raise Unreadable("A button or form from a later version.")
        return LONG[name]
    return name.removeprefix("_")


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0], safe="", errors="surrogatepass"), text)


def _plain(text: str) -> str:
    return unquote(text, errors="surrogatepass")
