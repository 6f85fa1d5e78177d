"""A tree as plain words."""

from datetime import UTC, datetime, timedelta

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

ENDS = frozenset("?!？！。\n")  # signs that end a sentence wherever they stand
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(tree: Tree) -> str:
    """All words of a tree; lines are kept, a moment is written in UTC."""
    return _words(tree, own=False).strip("\n")


def prose(tree: Tree) -> str:
    """What the author says in their own words: without quotes, blocks of code, mentions and bare addresses.

    Code inside a sentence is a part of it, unless it holds signs that would end or ask one.
    """
    return _words(tree, own=True).strip()


def _words(tree: Tree, *, own: bool) -> str:
    parts: list[str] = []
    for node in tree:
        said = _said(node, own=own)
        if isinstance(node, BLOCKS):
            if parts and not parts[-1].endswith("\n"):
                parts.append("\n")
            said = f"{said}\n" if said else ""
        if said:
            parts.append(said)
    return "".join(parts)


def _said(node: Node, *, own: bool) -> str:
    match node:
        case Link(url, children):
            return "" if own and children == (Text(url),) else _words(children, own=own)
        case Bold(children) | Italic(children) | Strike(children):
            return _words(children, own=own)
        case Item(children):
            return node.sign * (not own) + _words(children, own=own)
        case Quote(children):
            return "" if own else _words(children, own=False)
        case _:
            return _leaf(node, own=own)


def _leaf(node: Text | Break | Time | Code | CodeBlock | Mention, *, own: bool) -> str:
    match node:
        case Text(text):
            return text
        case Break():
            return "\n"
        case Time(unix):
            return moment(unix)
        case Mention(label):
            return "" if own else label
        case Code(text) if own:
            return "" if ENDS & set(text) else text
        case _:
            return "" if own else node.text


def moment(unix: int) -> str:
    """A moment in UTC, "2026-08-09 14:05 UTC"; the bare number if no calendar reaches it."""
    try:
        return (_EPOCH + timedelta(seconds=unix)).strftime("%Y-%m-%d %H:%M UTC")
    except OverflowError:
        return str(unix)
