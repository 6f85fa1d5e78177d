"""Lines and blocks, the same in both dialects: fenced code, quotes, lists, and the prose between them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.markup.nodes import BLOCKS, Bold, Break, CodeBlock, Item, Node, Quote, Tree

Inline = Callable[[str], Tree]

_FENCE = "```"
_LANGUAGE = re.compile(r"([\w+#.-]{1,20})\n")
_HEADING = re.compile(r"#{1,3} +(?=\S)")
_SMALL = re.compile(r"-# +(?=\S)")
_BULLET = re.compile(r"[ \t]{0,20}(?:[-*]|(\d{1,9})\.) +(?=\S)")


def fenced(text: str) -> Iterator[tuple[bool, int, int]]:
    """Split text at fences: (whether it is code, start, end). A fence that is never closed is text."""
    start = 0
    while (opens := text.find(_FENCE, start)) >= 0:
        closes = text.find(_FENCE, opens + len(_FENCE))
        if closes < 0:
            break
        yield False, start, opens
        yield True, opens + len(_FENCE), closes
        start = closes + len(_FENCE)
    yield False, start, len(text)


def code_block(text: str) -> Node:
    """The block for what stands between two fences; a word alone on the first line is its language."""
    language = _LANGUAGE.match(text)
    body = text[language.end() :] if language else text.removeprefix("\n")
    return CodeBlock(body.removesuffix("\n"), language[1] if language else "")


class Page:
    """A text being read line by line; prose gathers until a block or the end."""

    def __init__(self, inline: Inline, *, lists: bool) -> None:
        self._inline = inline
        self._lists = lists
        self._nodes: list[Node] = []
        self._prose: list[str] = []
        self._quote: list[str] = []

    def line(self, line: str) -> None:
        """Take a line of prose, a heading, or a bullet."""
        self._end_quote()
        bullet = _BULLET.match(line) if self._lists else None
        heading = _HEADING.match(line) if self._lists else None
        if bullet:
            self._end_prose()
            number = None if bullet[1] is None else int(bullet[1])
            self._nodes.append(Item(self._inline(line[bullet.end() :]), number))
        elif heading:
            self._end_prose()
            self._part()
            self._nodes.append(Bold(self._inline(line[heading.end() :])))
        else:
            small = _SMALL.match(line) if self._lists else None
            self._prose.append(line[small.end() :] if small else line)

    def quoted(self, line: str) -> None:
        """Take a line that somebody quoted."""
        self._end_prose()
        self._quote.append(line)

    def block(self, node: Node) -> None:
        """Take a block."""
        self.end()
        self._nodes.append(node)

    def end(self) -> Tree:
        """End what is being gathered; the whole so far."""
        self._end_quote()
        self._end_prose()
        return tuple(self._nodes)

    def _part(self) -> None:
        """Keep prose and headings on lines of their own."""
        if self._nodes and not isinstance(self._nodes[-1], BLOCKS):
            self._nodes.append(Break())

    def _end_prose(self) -> None:
        words, self._prose = "\n".join(self._prose).strip("\n"), []
        if tree := self._inline(words):
            self._part()
            self._nodes.extend(tree)

    def _end_quote(self) -> None:
        lines, self._quote = self._quote, []
        if lines:
            self._nodes.append(Quote(self._inline("\n".join(lines))))


@dataclass(frozen=True, slots=True)
class Marks:
    """How a dialect writes quotes: `line` matches the mark of one quoted line, `rest` of all that follows."""

    line: re.Pattern[str]
    rest: re.Pattern[str]
    lists: bool


def read_blocks(text: str, marks: Marks, inline: Inline, code: Callable[[str], str], *, inside: bool = False) -> Tree:
    """Read a whole text; `code` turns what stands between fences into what is shown; `inside` a quote of the rest."""
    page = Page(inline, lists=marks.lists)
    for is_code, start, end in fenced(text):
        if is_code:
            page.block(code_block(code(text[start:end])))
            continue
        rest = None if inside else marks.rest.search(text, start, end)
        _read_lines(page, text[start : rest.start() if rest else end], marks)
        if rest:
            page.block(Quote(read_blocks(text[rest.end() :], marks, inline, code, inside=True)))
            break
    return page.end()


def _read_lines(page: Page, text: str, marks: Marks) -> None:
    for line in text.split("\n"):
        mark = marks.line.match(line)
        if mark:
            page.quoted(line[mark.end() :])
        else:
            page.line(line)
