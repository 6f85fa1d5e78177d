"""Prints markup trees as HTML. What is printed is sanitised once more, so that a mistake here is not a hole."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import NewType, Protocol

import nh3
from markupsafe import Markup

from bot.markup import (
    Bold,
    Break,
    Code,
    CodeBlock,
    Italic,
    Item,
    Link,
    Mention,
    Names,
    Node,
    Quote,
    Strike,
    Text,
    Time,
    Tree,
    is_line,
    parse,
)
from bot.models import Platform
from bot.texts import Texts

TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li", "time", "span"}
ATTRIBUTES = {"a": {"href"}, "li": {"value"}, "time": {"datetime"}}
CLASSES = {"span": {"mention"}}
SCHEMES = {"http", "https"}
REL = "nofollow noopener noreferrer ugc"
BLOCKS = (CodeBlock, Quote, Item)
AROUND: dict[type, str] = {Bold: "strong", Italic: "em", Strike: "s", Quote: "blockquote", Item: "li"}


Html = NewType("Html", str)  # escaped or sanitised; a page of hundreds has no time to make a Markup of each piece


class Reader(Protocol):
    """For whom it is printed, and when."""

    @property
    def texts(self) -> Texts:
        """The reader's language."""
        ...

    @property
    def now(self) -> datetime:
        """The time."""
        ...


def html_of(tree: Tree, reader: Reader) -> Markup:
    """A tree as paragraphs of HTML, safe to put into a page."""
    words = tree[0].text if len(tree) == 1 and isinstance(tree[0], Text) else ""
    if words and "\n" not in words:
        return Markup(f"<p>{escape(words)}</p>")  # noqa: S704 - nothing but escaped words, as most messages are
    return _sanitised("".join(_blocks(tree, reader)))


def message_of(platform: Platform, text: str, names: Names, reader: Reader) -> Html:
    """A message as paragraphs of HTML, safe to put into a page; most are a line of words, and are only escaped."""
    if is_line(platform, text):
        return Html(f"<p>{escape(text)}</p>")
    return Html(html_of(parse(platform, text, names), reader))


def line_of(tree: Tree, reader: Reader) -> Markup:
    """A tree as HTML that stands inside a line or a cell, without paragraphs."""
    return _sanitised("".join(_node(node, reader) for node in tree))


def _sanitised(html: str) -> Markup:
    """Only our own tags and schemes get through."""
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL, allowed_classes=CLASSES
    )
    return Markup(clean)  # noqa: S704 - this is where text becomes HTML: printed from a tree, then sanitised


def _blocks(tree: Tree, reader: Reader) -> Iterator[str]:
    """Paragraphs, with lists and blocks between them."""
    for group in _groups(_lines(tree)):
        if isinstance(group[0], Item):
            tag = "ul" if group[0].number is None else "ol"
            yield f"<{tag}>" + "".join(_node(node, reader) for node in group) + f"</{tag}>"
        elif isinstance(group[0], BLOCKS):
            yield "".join(_node(node, reader) for node in group)
        else:
            yield "<p>" + "".join(_node(node, reader) for node in group) + "</p>"


def _lines(tree: Tree) -> Iterator[Node]:
    """The nodes with every line break as a node of its own."""
    for node in tree:
        if not isinstance(node, Text):
            yield node
            continue
        for number, line in enumerate(node.text.split("\n")):
            if number:
                yield Break()
            if line:
                yield Text(line)


def _groups(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Runs of words, of list items, and single blocks; an empty line ends a run, and breaks at its ends are dropped."""
    run: list[Node] = []
    for node in nodes:
        if run and _ends(run, node):
            yield from _trimmed(run)
            run = []
        run.append(node)
    yield from _trimmed(run)


def _ends(run: list[Node], node: Node) -> bool:
    """Whether a node begins a new run."""
    last = run[-1]
    if isinstance(node, BLOCKS) or isinstance(last, BLOCKS):
        one_list = isinstance(node, Item) and isinstance(last, Item) and _numbered(node) is _numbered(last)
        return not one_list
    return isinstance(last, Break) and isinstance(node, Break)


def _numbered(item: Item) -> bool:
    return item.number is not None


def _trimmed(run: list[Node]) -> Iterator[list[Node]]:
    start, end = 0, len(run)
    while start < end and isinstance(run[start], Break):
        start += 1
    while end > start and isinstance(run[end - 1], Break):
        end -= 1
    if start < end:
        yield run[start:end]


def _node(node: Node, reader: Reader) -> str:
    """One node as HTML; every word of it escaped."""
    if isinstance(node, Bold | Italic | Strike | Quote | Item | Link):
        return _around(node, "".join(_node(child, reader) for child in node.children))
    if isinstance(node, Text | Break):
        return "<br>" if isinstance(node, Break) else escape(node.text).replace("\n", "<br>")
    match node:
        case Code(text):
            return f"<code>{escape(text)}</code>"
        case CodeBlock(text):
            return f"<pre><code>{escape(text)}</code></pre>"
        case Mention(label):
            return f'<span class="mention">{escape(label)}</span>'
        case Time(unix, style):
            return _time(unix, style, reader)


def _around(node: Bold | Italic | Strike | Quote | Item | Link, inner: str) -> str:
    if isinstance(node, Link):
        return f'<a href="{escape(node.url)}">{inner}</a>'
    tag = AROUND[type(node)]
    if isinstance(node, Item) and _numbered(node):
        return f'<{tag} value="{node.number}">{inner}</{tag}>'
    return f"<{tag}>{inner}</{tag}>"


def _time(unix: int, style: str, reader: Reader) -> str:
    """A moment; one that no calendar holds is shown as its number."""
    try:
        moment = datetime.fromtimestamp(unix, UTC)
    except (ValueError, OverflowError, OSError):
        return escape(str(unix))
    said = reader.texts.ago(moment, reader.now) if style == "R" else reader.texts.moment(moment)
    return f'<time datetime="{moment.isoformat()}">{escape(said)}</time>'
