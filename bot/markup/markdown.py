"""A tree as Markdown that any reader of Markdown shows as it was meant; nobody's text can become markup or HTML."""

import re

from bot.markup.nodes import (
    BLOCKS,
    Bold,
    Break,
    Code,
    CodeBlock,
    Italic,
    Item,
    Link,
    Mention,
    Node,
    Quote,
    Strike,
    Text,
    Time,
    Tree,
)
from bot.markup.plain import moment

_SPECIAL = re.compile(r"[\\`*_\[\]<>~|#&]")
_LEADING = re.compile(r"(?m)^(\s*)([-+=]|\d+(?=[.)]))")
_TICKS = re.compile(r"`+")
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def escape(text: str) -> str:
    """Words that stay words: nothing in them is read as Markdown or HTML."""
    safe = _SPECIAL.sub(lambda found: ENTITIES.get(found[0], f"\\{found[0]}"), text)
    return _LEADING.sub(lambda found: f"{found[1]}&#8203;{found[2]}", safe)


def markdown(tree: Tree) -> str:
    """All of a tree; a line break in chat is one here."""
    parts: list[str] = []
    before: Node | None = None
    for node in tree:
        starts = isinstance(node, BLOCKS) and parts and not parts[-1].endswith("\n")
        ends = isinstance(before, Quote | Item) and not isinstance(node, BLOCKS)
        # Without an empty line, Markdown reads on in the quote or bullet that stands before.
        parts.append(("\n" if starts or ends else "") + _printed(node))
        before = node
    return "".join(parts).strip("\n")


SIGNS: dict[type[Node], str] = {Bold: "**", Italic: "*", Strike: "~~"}


def _printed(node: Node) -> str:
    match node:
        case Bold(children) | Italic(children) | Strike(children):
            return _wrapped(SIGNS[type(node)], children)
        case Quote(children):
            return "".join(f"> {line}\n" for line in markdown(children).splitlines())
        case Item(children):
            return f"{node.sign}{markdown(children)}\n"
        case Link(url, children):
            return f"[{markdown(children)}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"
        case _:
            return _leaf(node)


def _leaf(node: Text | Break | Time | Code | CodeBlock | Mention) -> str:
    match node:
        case Text(text) | Mention(text):
            return escape(text).replace("\n", "  \n")
        case Break():
            return "  \n"
        case Time(unix):
            return moment(unix)
        case Code(text):
            fence = _fence(text, 1)
            return f"{fence} {text} {fence}"
        case CodeBlock(text):  # pragma: no branch - nothing else is left
            fence = _fence(text, 3)
            return f"\n{fence}\n{text}\n{fence}\n"


def _wrapped(sign: str, children: Tree) -> str:
    """Emphasis, which Markdown only reads if no space touches it from inside."""
    inside = markdown(children)
    bare = inside.strip()
    if not bare or "\n" in inside:
        return inside
    return inside.replace(bare, f"{sign}{bare}{sign}", 1)


def _fence(text: str, least: int) -> str:
    """More backticks than the text has in a row."""
    longest = max((len(found) for found in _TICKS.findall(text)), default=0)
    return "`" * max(longest + 1, least)
