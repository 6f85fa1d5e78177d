"""A tree as Discord shows it. Nobody's text can become markup, a mention, a link or a command."""

import re

from bot.markup import (
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
    clean,
    plain,
)

ZERO = "\u200b"  # a zero-width space
FURTHEST = 8_640_000_000_000  # seconds: clients know no later moment

_SPECIAL = re.compile(r"[\\*_~`|<\[\]]|:(?=//)")
_LEADING = re.compile(r"(?m)^([ \t]*)(?:([#>+-])|(\d+)(?=[.)]))")
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_LOOSE = re.compile(r"[<>() ]|@(?=everyone|here)", re.IGNORECASE)  # in an address
_RUN = re.compile("`(?=`)")
_SIGNS: dict[type[Node], str] = {Bold: "**", Italic: "*", Strike: "~~"}
_TOUCHING = frozenset("*~`")


def escape(text: str) -> str:
    """Words that stay words, wherever they stand in a line."""
    safe = _SPECIAL.sub(lambda found: f"\\{found[0]}", clean(text))
    safe = _LEADING.sub(_defused, safe)
    return _EVERYBODY.sub(f"@{ZERO}", safe)


def _defused(found: re.Match[str]) -> str:
    """The start of a line that would be a heading, a quote, small print or a list."""
    space, sign, number = found.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\"


def markdown(tree: Tree) -> str:
    """All of a tree; blocks stand on lines of their own."""
    return _printed(tree, frozenset()).strip("\n")


def _printed(tree: Tree, within: frozenset[type[Node]]) -> str:
    said = ""
    for node in tree:
        part = _node(node, within)
        if isinstance(node, BLOCKS):
            said = said if not said or said.endswith("\n") else f"{said}\n"
            part = part if part.endswith("\n") else f"{part}\n"
        elif said and part and said[-1] == part[0] and part[0] in _TOUCHING:
            said += ZERO  # otherwise two marks would be read as one
        said += part
    return said


def _node(node: Node, within: frozenset[type[Node]]) -> str:
    match node:
        case Bold(children) | Italic(children) | Strike(children):
            inside = _printed(children, within | {type(node)})
            return inside if type(node) in within else _emphasised(_SIGNS[type(node)], inside, within)
        case Quote(children):
            return _quoted(_printed(children, within | {Quote}), within)
        case Item(children):
            indent = " " * len(node.sign)  # keeps the following lines in their bullet
            return node.sign + _printed(children, within | {Item}).strip("\n").replace("\n", f"\n{indent}")
        case Link(url, children):
            return _link(url, children)
        case _:
            return _leaf(node)


def _leaf(node: Text | Break | Time | Code | CodeBlock | Mention) -> str:
    match node:
        case Text(text) | Mention(text):
            return escape(text)
        case Break():
            return "\n"
        case Time(unix, style):
            return f"<t:{unix}:{style}>" if abs(unix) <= FURTHEST else escape(plain((node,)))
        case Code(text):
            return _code(text)
        case CodeBlock(text, language):
            return f"```{language}\n{_dead(text)}\n```\n"


def _emphasised(sign: str, inside: str, within: frozenset[type[Node]]) -> str:
    """Emphasis; in a bullet or quote line by line, since not everybody reads it across the lines of one."""
    parts = inside.split("\n") if within & {Item, Quote} else [inside]
    return "\n".join(_wrapped(sign, part) for part in parts)


def _wrapped(sign: str, inside: str) -> str:
    """Emphasis, which is only read if no space touches it from inside."""
    bare = inside.strip()
    if not bare:
        return inside
    start = inside.index(bare)
    return f"{inside[:start]}{sign}{bare}{sign}{inside[start + len(bare) :]}"


def _quoted(inside: str, within: frozenset[type[Node]]) -> str:
    """Quoted lines; Discord knows no quote in a quote."""
    lines = inside.strip("\n").split("\n")
    return "\n".join(lines) if Quote in within else "\n".join(f"> {line}" for line in lines)


def _link(url: str, children: Tree) -> str:
    """A link; one without words to be seen is its address, one that leads nowhere outside is its words."""
    label = " ".join(plain(children).split()).strip(f" {ZERO}")
    if not url.startswith(("http://", "https://")):
        return escape(label)
    target = _LOOSE.sub(lambda found: f"%{ord(found[0]):02X}", url)
    return f"<{target}>" if label in {"", url} else f"[{_inner(children)}](<{target}>)"


def _inner(children: Tree) -> str:
    """The words of a link with their emphasis, on one line; a link in them is only words."""
    return " ".join(_printed(tuple(_unlinked(child) for child in children), frozenset()).split())


def _unlinked(node: Node) -> Node:
    return Text(plain((node,))) if isinstance(node, Link | Time | Quote | Item | CodeBlock) else node


def _dead(text: str) -> str:
    """Code in which no fence ends it."""
    return _EVERYBODY.sub(f"@{ZERO}", _RUN.sub(f"`{ZERO}", clean(text)))


def _code(text: str) -> str:
    """A run of code on one line; words with backticks in them stand between two."""
    dead = _dead(text.replace("\n", " ")) or " "
    return f"`` {dead} ``" if "`" in dead else f"`{dead}`"
