"""A tree as Slack shows it. Nobody's text can become a token, a mention, a link or markup.

Slack has no way to escape its marks. So marks that would do something in somebody's words are printed as characters
that look the same and mean nothing; marks inside a word (snake_case, 2*3) do nothing and stay.
"""

import re
from datetime import UTC, datetime, timedelta

from bot.markup import (
    BLOCKS,
    Bold,
    Break,
    Code,
    CodeBlock,
    Dialect,
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
    cut,
    fitted,
    fitted_words,
    plain,
    unnamed,
)
from bot.models import Platform
from bot.texts import texts_for

ZERO = "\u200b"  # a zero-width space
BULLET = "• "
FURTHEST = 253_402_300_799  # seconds: the end of the year 9999
ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}  # what replaces a mark that would do something

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPED = re.compile(r"[&<>]")
_MARK = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_QUOTE = re.compile(r"(?m)^(?=[ \t]*>)")
_EVERYBODY = re.compile(r"@(?=everyone|here|channel)", re.IGNORECASE)
_TOKEN = re.compile(r"<(?=[@#!])")
_LOOSE = re.compile(r"[<>| \"]|@(?=everyone|here|channel)", re.IGNORECASE)  # in an address
_FENCE = re.compile("`(?=`)")
_SIGNS: dict[type[Node], str] = {Bold: "*", Italic: "_", Strike: "~"}
_SPACE = f" \t{ZERO}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def escape(text: str) -> str:
    """Words that stay words, wherever they stand in a line."""
    dead = _MARK.sub(lambda found: ALIKE[found[0]], _unnamed(text))
    return _entities(_QUOTE.sub(ZERO, dead))


def words(text: str, limit: int) -> str:
    """Plain words for a place that reads no markup, in at most `limit` characters; "…" for nothing."""
    dead = _TOKEN.sub(f"<{ZERO}", _unnamed(text)).strip(f"{_SPACE}\n")
    return cut(dead, limit) or "…"


def is_blank(said: str) -> bool:
    """Whether nothing would be seen of a text; Slack takes none without anything in it."""
    return not said.strip(f"{_SPACE}\n")


def _unnamed(text: str) -> str:
    """Words without anybody being pinged, and without the names that tokens in them claim."""
    return _EVERYBODY.sub(f"@{ZERO}", unnamed(Platform.SLACK, clean(text)))


def _entities(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ENTITIES[found[0]], text)


def mrkdwn(tree: Tree) -> str:
    """All of a tree; blocks stand on lines of their own."""
    return _printed(tree, frozenset()).strip("\n")


def fit(tree: Tree, limit: int) -> str:
    """A tree as mrkdwn in at most `limit` characters, cut at words; its last line always stays."""
    return fitted(tree, limit, SLACK)


def fit_words(text: str, limit: int) -> str:
    """Plain words for a place that reads mrkdwn, in at most `limit` characters."""
    return fitted_words(text, limit, SLACK)


SLACK = Dialect(mrkdwn, escape)


def _printed(tree: Tree, within: frozenset[type[Node]]) -> str:
    parts: list[str] = []
    last, marked = "", False  # the last character, and whether it closes a mark
    for node in tree:
        said = _node(node, within)
        if not said:
            continue
        block, marks = isinstance(node, BLOCKS), _marks(node, said, within)
        if block and last not in {"", "\n"}:
            parts.append("\n")
        elif (marks or marked) and last and not _parts(last) and not _parts(said[0]):
            parts.append(ZERO)  # Slack reads marks only at the edges of words
        parts.append(f"{said}\n" if block and not said.endswith("\n") else said)
        last, marked = parts[-1][-1], marks
    return "".join(parts)


def _marks(node: Node, said: str, within: frozenset[type[Node]]) -> bool:
    """Whether a node is printed between marks."""
    kind = type(node)
    return isinstance(node, Code) or (kind in _SIGNS and kind not in within and not said.isspace())


def _parts(character: str) -> bool:
    """Whether a word ends at a character for Slack."""
    return character.isspace() or character == ZERO


def _node(node: Node, within: frozenset[type[Node]]) -> str:
    match node:
        case Bold(children) | Italic(children) | Strike(children):
            inside = _printed(children, within | {type(node)})
            return inside if type(node) in within else _wrapped(_SIGNS[type(node)], inside)
        case Quote(children):
            return _quoted(children, within)
        case Item(children):
            sign = BULLET if node.number is None else node.sign
            inside = _printed(children, within | {Item}).strip("\n")
            return sign + inside.replace("\n", "\n" + " " * (2 * len(sign)))
        case Link(url, children):
            return _link(url, children, within)
        case _:
            return _leaf(node, within)


def _leaf(node: Text | Break | Time | Code | CodeBlock | Mention, within: frozenset[type[Node]]) -> str:
    match node:
        case Text(text) | Mention(text):
            return escape(text)
        case Break():
            return "\n"
        case Time(unix, style):
            return _time(unix, style)
        case Code(text):
            return _code(text)
        case CodeBlock(text) if within:
            return "\n".join(_code(line) for line in text.split("\n"))
        case CodeBlock(text):
            return f"```\n{_dead(text, _FENCE)}\n```\n"


def _wrapped(sign: str, inside: str) -> str:
    """Emphasis, line by line: Slack reads it only within a line, and if no space touches it from inside."""
    return "\n".join(_marked(sign, line) for line in inside.split("\n"))


def _marked(sign: str, line: str) -> str:
    bare = line.strip(_SPACE)
    start = line.index(bare)
    return f"{line[:start]}{sign}{bare}{sign}{line[start + len(bare) :]}" if bare else line


def _quoted(children: Tree, within: frozenset[type[Node]]) -> str:
    """Quoted lines; Slack knows no quote in a quote, a bullet or emphasis."""
    inside = _printed(children, within | {Quote}).strip("\n")
    return inside if within or not inside else "\n".join(f"> {line}" for line in inside.split("\n"))


def _link(url: str, children: Tree, within: frozenset[type[Node]]) -> str:
    """A link; one that leads nowhere outside our own pages is its words. Emphasis of all its words stands around it."""
    if len(children) == 1 and isinstance(children[0], Bold | Italic | Strike):
        return _node(type(children[0])((Link(url, children[0].children),)), within)
    label = " ".join(plain(children).split())
    if not url.startswith(("http://", "https://")):
        return escape(label)
    target = _entities(_LOOSE.sub(lambda found: f"%{ord(found[0]):02X}", "".join(filter(str.isprintable, url))))
    shown = escape(label).replace("|", "¦")
    return f"<{target}>" if label == url or is_blank(shown) else f"<{target}|{shown}>"


def _time(unix: int, style: str) -> str:
    """A moment that Slack writes in the reader's zone; what stands for it elsewhere says all."""
    if abs(unix) > FURTHEST:
        return escape(plain((Time(unix),)))
    said = "{ago}" if style == "R" else "{date_short}, {time}"
    try:
        there = f"{texts_for('en').moment(_EPOCH + timedelta(seconds=unix))} UTC"
    except (OverflowError, ValueError):
        return escape(plain((Time(unix),)))
    return f"<!date^{unix}^{said}|{there}>"


def _dead(text: str, fence: re.Pattern[str]) -> str:
    """Code in which nothing ends the code and nothing is live."""
    return _entities(fence.sub(ALIKE["`"], _unnamed(text)))


def _code(text: str) -> str:
    """A run of code on one line."""
    return f"`{_dead(text.replace(chr(10), ' '), re.compile('`')) or ' '}`"
