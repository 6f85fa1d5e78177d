"""What both dialects share: who is named, which links are made, and emphasis that opens and closes."""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from bot.markup.nodes import Link, Node, Text, Tree

Names = Callable[[str, str], str | None]
"""Gives the name of a "member", "role", "channel" or "group" by its id; None if it is not known, "" if it is secret."""

URL_LIMIT = 2048
SPOKEN = frozenset({"group"})  # kinds whose names everybody in a space may know

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_ADDRESS = re.compile(r"(?i)https?://|www\.")
_UNENCODED = re.compile(r"[\s<>\"`\\^{|}]")


def nobody(kind: str, ident: str) -> str | None:  # noqa: ARG001 - the shape of Names
    """Know no names."""
    return None


def named(names: Names, kind: str, ident: str, given: str = "") -> str:
    """The label of a mention, with its @ or #: the known name, else (for groups) the one `given`, else "unknown".

    What a text itself says of members and channels is not believed: it would name private channels to everybody, and
    people who do not want to be named.
    """
    sign = "#" if kind == "channel" else "@"
    name = names(kind, ident) or (given if kind in SPOKEN else "") or "unknown"
    return sign + shown(name).removeprefix(sign)


def shown(text: str) -> str:
    """Make characters visible that hide or reorder what a link or name says."""
    return _HIDDEN.sub("\ufffd", text)


def safe_url(url: str) -> str | None:
    """A web address fit for a link, with odd characters written as %XX; None if it is none."""
    if len(url) > URL_LIMIT:
        return None
    encoded = _HIDDEN.sub(_percent, _UNENCODED.sub(_percent, url))
    try:
        parts = urlsplit(encoded)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return encoded if fine and "%" not in parts.netloc else None


def _percent(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


def bare_link(url: str) -> Node:
    """A link that shows its address; plain words if it is none."""
    fine = safe_url(url)
    return Text(shown(url)) if fine is None else Link(fine, (Text(fine),))


def masked_link(url: str, label: Tree, words: str) -> Tree:
    """A link with its own words; words that claim to be another address stand beside the real one."""
    fine = safe_url(url)
    if fine is None:
        return (*label, Text(f" ({shown(url)})"))
    if not words.strip():
        return (bare_link(url),)
    if not _ADDRESS.search(words):
        return (Link(fine, label),)
    if words.strip().rstrip("/") == url.rstrip("/"):
        return (bare_link(url),)
    return (*label, Text(" ("), Link(fine, (Text(fine),)), Text(")"))


class Growing:
    """A tree being built: text and nodes are put in; markers open and close emphasis around what comes between.

    A marker is open at most once, so closing looks at a handful of frames and the whole stays linear. What is still
    open at the end was no emphasis: its marker is text.
    """

    def __init__(self) -> None:
        self._frames: list[tuple[str, list[Node]]] = [("", [])]
        self._open: set[str] = set()

    def text(self, text: str) -> None:
        """Put words in."""
        self._frames[-1][1].append(Text(text))

    def put(self, *nodes: Node) -> None:
        """Put nodes in."""
        self._frames[-1][1].extend(nodes)

    def is_open(self, marker: str) -> bool:
        """Whether a marker is open."""
        return marker in self._open

    @property
    def innermost(self) -> str:
        """The marker opened last; "" if none is open."""
        return self._frames[-1][0]

    def open(self, marker: str) -> None:
        """Open a marker that is not open."""
        self._frames.append((marker, []))
        self._open.add(marker)

    def close(self, marker: str) -> Tree:
        """Close an open marker; what stood inside. Markers opened after it were text.

        Of two that were opened as one run, as in ***a** b*, whichever closes first is the inner one.
        """
        inner, outer = self._frames[-1], self._frames[-2]
        if outer == (marker, []) and inner[0] != marker and inner[0][0] == marker[0]:
            self._frames[-2:] = [(inner[0], []), (marker, inner[1])]
        while self.innermost != marker:
            self.give_up()
        self._open.discard(marker)
        return merged(self._frames.pop()[1])

    def give_up(self) -> None:
        """The innermost marker was text after all."""
        marker, nodes = self._frames.pop()
        self._open.discard(marker)
        self._frames[-1][1].append(Text(marker))
        self._frames[-1][1].extend(nodes)

    def close_as(self, marker: str, make: Callable[[Tree], Node]) -> None:
        """Close an open marker and put in what `make` makes of it; around nothing the markers are text."""
        inside = self.close(marker)
        self.put(make(inside) if inside else Text(marker * 2))

    def end_line(self) -> None:
        """End a line: markers that are still open were no emphasis."""
        while self.innermost:
            self.give_up()

    def done(self) -> Tree:
        """The finished tree; nothing may be put in afterwards."""
        self.end_line()
        return merged(self._frames[0][1])


def merged(nodes: list[Node]) -> Tree:
    """Join neighbouring texts and leave empty ones out."""
    result: list[Node] = []
    words: list[str] = []
    for node in nodes:
        if isinstance(node, Text):
            words.append(node.text)
            continue
        if joined := "".join(words):
            result.append(Text(joined))
        words = []
        result.append(node)
    if joined := "".join(words):
        result.append(Text(joined))
    return tuple(result)
