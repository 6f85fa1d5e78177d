"""Making a tree fit: what is longest gives way first, and the last line, which says how things stand, never goes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from bot.markup.plain import plain
from bot.markup.words import ELLIPSIS, cut

LEAST = 16  # characters that are left of the longest words before whole lines go


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a platform writes: a whole tree, and plain words for a place where markup is read."""

    printed: Callable[[Tree], str]
    escape: Callable[[str], str]


def fitted(tree: Tree, limit: int, dialect: Dialect) -> str:
    """A tree as a platform writes it, in at most `limit` characters.

    All words are cut to the same length, the longest that fits; if that is not enough, links lose their addresses, then
    lines before the last one go, and at the very end all markup. Nothing is ever cut inside markup or a grapheme.
    """
    said = dialect.printed(tree)
    if len(said) <= limit:
        return said
    bare = _without_links(tree)
    for way in (_shorter(tree, limit, dialect), _shorter(bare, limit, dialect), _fewer(bare, limit, dialect)):
        if way is not None:
            return way
    return _bare(tree, limit, dialect)


def fitted_words(text: str, limit: int, dialect: Dialect) -> str:
    """Plain words for a place that reads markup, in at most `limit` characters."""
    return longest(lambda length: dialect.escape(cut(text, length)), len(text), limit)


def longest(write: Callable[[int], str], most: int, limit: int) -> str:
    """What `write` gives for the greatest length up to `most` whose result fits; "" if none does."""
    low, high = 0, min(most, limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(write(middle)) <= limit else (low, middle - 1)
    said = write(low)
    return said if len(said) <= limit else ""


def _shorter(tree: Tree, limit: int, dialect: Dialect) -> str | None:
    """The tree with its longest words cut; None if that is not enough."""
    if len(dialect.printed(_cut(tree, LEAST))) > limit:
        return None
    most = max((len(leaf) for leaf in _leaves(tree)), default=0)
    said = longest(lambda length: dialect.printed(_cut(tree, max(length, LEAST))), most, limit)
    return said or None


def _fewer(tree: Tree, limit: int, dialect: Dialect) -> str | None:
    """As many lines as fit before the last one, all of them short; None if not even that one does."""
    *lines, last = lines_of(tree)
    end = dialect.printed(_cut(last, LEAST))
    left = limit - len(f"{ELLIPSIS}\n{end}")
    if left < 0:
        return None
    kept: list[str] = []
    for line in lines:
        said = dialect.printed(_cut(line, LEAST))
        left -= len(f"{said}\n")
        if left < 0:
            break
        kept.append(said)
    return "\n".join((*kept, ELLIPSIS, end))


def _bare(tree: Tree, limit: int, dialect: Dialect) -> str:
    """The words alone: the beginning, and the last line."""
    last = fitted_words(plain(lines_of(tree)[-1]), limit // 2, dialect)
    first = fitted_words(plain(tree), limit - len(last) - 1, dialect)
    return f"{first}\n{last}"


def lines_of(tree: Tree) -> list[Tree]:
    """The lines of a tree; a block is one. At least one, the last of them with words."""
    lines: list[list[Node]] = [[]]
    for node in tree:
        if isinstance(node, BLOCKS):
            lines += [[node], []]
        elif isinstance(node, Break):
            lines.append([])
        else:
            lines[-1].append(node)
    return [tuple(line) for line in lines if plain(tuple(line)).strip()] or [()]


def _leaves(tree: Tree) -> list[str]:
    found: list[str] = []
    for node in tree:
        match node:
            case Text(text) | Code(text) | CodeBlock(text) | Mention(text):
                found.append(text)
            case Break() | Time():
                pass
            case _:
                found += _leaves(node.children)
    return found


def _cut(tree: Tree, length: int) -> Tree:
    """The tree with no words longer than `length`."""
    return tuple(_cut_node(node, length) for node in tree)


def _cut_node(node: Node, length: int) -> Node:
    match node:
        case Text(text) | Code(text) | CodeBlock(text):
            return replace(node, text=cut(text, length))
        case Mention(label):
            return Mention(cut(label, length))
        case Link(url, children):
            return Link(url, _cut(children, length))
        case Bold(children) | Italic(children) | Strike(children) | Quote(children) | Item(children):
            return replace(node, children=_cut(children, length))
        case _:
            return node


def _without_links(tree: Tree) -> Tree:
    """The tree with links as their words."""
    found: list[Node] = []
    for node in tree:
        match node:
            case Link(_, children):
                found += _without_links(children)
            case Bold(children) | Italic(children) | Strike(children) | Quote(children) | Item(children):
                found.append(replace(node, children=_without_links(children)))
            case _:
                found.append(node)
    return tuple(found)
