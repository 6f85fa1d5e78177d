"""The tree that every chat dialect parses to and every renderer prints from.

The nodes are values without behaviour; a tree is a tuple of nodes. Parsing is linear in the length of the text, and no
node can notify anyone: a mention is a plain name by the time it is a node.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Words, shown exactly as they are; never interpreted again."""

    text: str


@dataclass(frozen=True, slots=True)
class Bold:
    """Strong emphasis."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Italic:
    """Light emphasis."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Strike:
    """Struck through."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A run of code inside a line."""

    text: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code; `language` is a hint or empty."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines that somebody quoted."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `url` is http, https or a path on our own forum, anything else is never made into a node."""

    url: str
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or something named: `label` is what is printed (with its @ or #). Never live."""

    label: str


@dataclass(frozen=True, slots=True)
class Time:
    """A moment, Unix seconds; `style` is "R" (relative) or "f" (date and time). Chat clients render it themselves."""

    unix: int
    style: str = "R"


@dataclass(frozen=True, slots=True)
class Break:
    """A line break."""


@dataclass(frozen=True, slots=True)
class Item:
    """One bullet of a list, or one entry of a numbered list with the number that its author gave it."""

    children: tuple["Node", ...]
    number: int | None = None

    @property
    def sign(self) -> str:
        """What stands before it where it is written as text: "- " or "12. "."""
        return "- " if self.number is None else f"{self.number}. "


Node = Text | Bold | Italic | Strike | Code | CodeBlock | Quote | Link | Mention | Time | Break | Item
Tree = tuple[Node, ...]

BLOCKS = (CodeBlock, Quote, Item)  # stand on lines of their own; no Break is needed beside them


def linked(words: str, url: str) -> Tree:
    """Words with a link behind them, if there is one."""
    return (Link(url, (Text(words),)),) if url else (Text(words),)


def joined(lines: Iterable[Tree]) -> Tree:
    """Some trees, a line each."""
    nodes: list[Node] = []
    for line in lines:
        nodes.extend([Break(), *line] if nodes else line)
    return tuple(nodes)
