"""The Markdown of Discord and of the local room."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import partial

from bot.markup.blocks import Marks, read_blocks
from bot.markup.nodes import Bold, Break, Code, Italic, Mention, Node, Strike, Text, Time, Tree
from bot.markup.plain import plain
from bot.markup.tokens import Growing, Names, bare_link, masked_link, named

SPOILER = "(spoiler)"  # replaces spoilers: they are not ours to show

_TOKEN = re.compile(
    r"""\\(?P<escaped>[^0-9A-Za-z\s])
    | (?P<ticks>`++)
    | (?P<run>\*++|_++|~++)
    | (?P<bars>\|\|)
    | <(?P<angle>[^<>\n]{1,2048})>
    | (?P<all>@(?:everyone|here)\b)
    | (?P<url>https?://(?:[^\s<>\]]|\](?!\())++)
    | (?P<label>\[)
    | \]\(<?(?P<href>https?://(?:[^\s<>()]|\([^\s<>()]*+\))++)>?(?:\ ++"[^"\n]{0,200}")?\)
    | (?P<newline>\n)
    | (?P<text>(?:[^\\`*_~|<@h\[\]\n]|h(?!ttps?://))++|.)""",
    re.VERBOSE,
)
_MARKS = Marks(line=re.compile(r"> (?=.)|>$"), rest=re.compile(r"^>>> (?=.)", re.MULTILINE), lists=True)
_NAMED = (
    ("member", re.compile(r"@!?(\d{1,20})")),
    ("role", re.compile(r"@&(\d{1,20})")),
    ("channel", re.compile(r"#(\d{1,20})")),
)
_EMOJI = re.compile(r"a?(:\w{1,32}:)\d{1,20}")
_COMMAND = re.compile(r"(/[\w -]{1,100}):\d{1,20}")
_TIME = re.compile(r"t:(-?\d{1,11})(?::([tTdDfFRsS]))?")
_TRAILING = ".,:;!?'\"*_~|"  # ends a sentence or closes emphasis rather than being part of an address
_PAIRS = {")": "(", "]": "["}
LONGEST_RUN = 3  # markers in a row; more are a line of stars


def parse_chat(text: str, names: Names) -> Tree:
    """Read a message as Discord shows it."""
    return read_blocks(text, _MARKS, partial(_inline, names=names), str)


def _inline(text: str, *, names: Names) -> Tree:
    reading = _Reading(text, names)
    while reading.step():
        pass
    return reading.tree.done()


class _Reading:
    """Reads a stretch of text from left to right, once."""

    def __init__(self, text: str, names: Names) -> None:
        self.tree = Growing()
        self._text = text
        self._names = names
        self._at = 0
        self._ticks: dict[int, list[int]] = {}  # where runs of so many backticks stand
        for found in re.finditer("`+", text):
            self._ticks.setdefault(len(found[0]), []).append(found.start())

    def step(self) -> bool:
        """Read one token; False at the end."""
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            return False
        self._at = found.end()
        match found.lastgroup:
            case "escaped" | "text" as kind:
                self.tree.text(found[kind])
            case "newline":
                self.tree.put(Break())
            case "all":
                self.tree.put(Mention(found["all"]))
            case "run":
                self._emphasis(found["run"], found.start())
            case "url":
                self._address(found["url"])
            case kind:
                self._paired(kind or "", found)
        return True

    def _paired(self, kind: str, found: re.Match[str]) -> None:
        """Read what needs a counterpart further on, or had one before."""
        match kind:
            case "ticks":
                self._code(found["ticks"], found.start())
            case "bars":
                self._spoiler()
            case "label":
                self._label()
            case "href":
                self._link(found["href"], found.start())
            case _:
                self._angle(found["angle"], found.start())

    def _code(self, ticks: str, start: int) -> None:
        places = self._ticks.get(len(ticks), [])  # none, if this run begins after an escaped one
        following = bisect_right(places, start)
        if following == len(places):
            self.tree.text(ticks)
            return
        closes = places[following]
        self.tree.put(Code(self._text[self._at : closes].replace("\n", " ").strip(" ") or " "))
        self._at = closes + len(ticks)

    def _spoiler(self) -> None:
        closes = self._text.find("||", self._at)
        if closes <= self._at:
            self.tree.text("||")
            return
        self.tree.text(SPOILER)
        self._at = closes + len("||")

    def _label(self) -> None:
        if self.tree.is_open("["):  # the earlier one was a bracket
            inside = self.tree.close("[")
            self.tree.put(Text("["), *inside)
        self.tree.open("[")

    def _link(self, url: str, start: int) -> None:
        if not self.tree.is_open("["):
            self.tree.text("](")
            self._at = start + len("](")
            return
        label = self.tree.close("[")
        self.tree.put(*masked_link(url, label, plain(label)))

    def _address(self, url: str) -> None:
        fine = _trimmed(url)
        self.tree.put(bare_link(fine))
        self._at -= len(url) - len(fine)

    def _angle(self, inside: str, start: int) -> None:
        node = _angled(inside, self._names)
        if node is None:
            self.tree.text("<")
            self._at = start + 1
        else:
            self.tree.put(node)

    def _emphasis(self, run: str, start: int) -> None:
        before = self._text[max(start - 1, 0) : start]
        after = self._text[self._at : self._at + 1]
        mark, left = run[0], len(run)
        inside_word = mark == "_" and before.isalnum() and after.isalnum()
        if inside_word or left > LONGEST_RUN or (mark == "~" and left != len("~~")):
            self.tree.text(run)
            return
        if before and not before.isspace():
            left = self._close(mark, left)
        opens = bool(after) and not after.isspace()
        for marker in (mark * 2,) * (left // 2) + (mark,) * (left % 2):
            if opens and not self.tree.is_open(marker):
                self.tree.open(marker)
            else:
                self.tree.text(marker)

    def _close(self, mark: str, left: int) -> int:
        """Close what so many marks close, the longer marker first unless they close both; how many are left.

        Two of them close no single one: they are one marker.
        """
        while True:
            markers = (mark * 2,) if left == len("**") else (mark * 2, mark)
            fitting = [it for it in markers if len(it) <= left and self.tree.is_open(it)]
            if not fitting:
                return left
            innermost = self.tree.innermost
            marker = innermost if left == LONGEST_RUN and innermost in fitting else fitting[0]
            self.tree.close_as(marker, _EMPHASIS[marker])
            left -= len(marker)


_EMPHASIS: Mapping[str, Callable[[Tree], Node]] = {"**": Bold, "*": Italic, "__": Italic, "_": Italic, "~~": Strike}


def _angled(inside: str, names: Names) -> Node | None:
    """What stands in angle brackets, if it means something."""
    for kind, pattern in _NAMED:
        if found := pattern.fullmatch(inside):
            return Mention(named(names, kind, found[1]))
    for pattern in (_EMOJI, _COMMAND):
        if found := pattern.fullmatch(inside):
            return Text(found[1])
    if found := _TIME.fullmatch(inside):
        return Time(int(found[1]), "R" if found[2] == "R" else "f")
    return bare_link(inside) if inside.startswith(("http://", "https://")) else None


def _trimmed(url: str) -> str:
    """An address without what ends the sentence around it; brackets that it opens itself are its own."""
    end = len(url)
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _PAIRS.items()}
    while True:  # ends at the scheme at the latest
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]
