"""A JSON object read in pieces: its members one after the other, and one long list in it item by item.

Exports of a busy channel reach gigabytes; memory here stays at a few pieces plus one item.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.errors import ImportProblem

PIECE = 1 << 20  # bytes
GLANCE = 1 << 14  # bytes, for readers that only want the beginning
MAX_ITEM = 32 << 20  # characters that one member or item may take
NEAR = 16  # characters at the end of what was read within which a short word may have been cut
NUMBER = "0123456789.eE+-"
BLANK = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()
Members = Iterator[tuple[str, Any]]


class JsonStream:
    """Reads one JSON object from `read` (which gives at most so many bytes); `name` is what problems are called by."""

    def __init__(self, read: Callable[[int], bytes], name: str, piece: int = PIECE) -> None:
        self._read = read
        self._piece = piece
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._line = 1  # of the first character kept
        self._ended = False

    def members(self, streamed: str) -> Members:
        """Each member as (key, value); of the one called `streamed` each item as (key, item), if it is a list.

        ImportProblem with the line of the damage, after everything before it was given.
        """
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise self._damaged("a name in quotes is missing")
            self._expect(":")
            if key == streamed and self._next() == "[":
                for item in self._items():
                    yield key, item
            else:
                yield key, self._value()
            if self._next() == "}":
                return
            self._expect(",")

    def _items(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._next() == "]":
                self._at += 1
                return
            self._expect(",")

    def _next(self) -> str:
        """The next character that is not blank, not taken yet; "" at the end."""
        while True:
            self._at = BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches everywhere
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise self._damaged(f"{sign} is missing" if self._text[self._at :] else "it ends too early")
        self._at += 1

    def _value(self) -> Any:  # noqa: ANN401 - it is whatever the file says
        """The next value. A value that reaches the end of what was read may go on behind it, so more is read first."""
        self._next()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended or self._hopeless(error):
                    raise self._damaged(self._reason(error), error.pos) from None
            except (ValueError, RecursionError):
                raise self._damaged("it is nested too deeply or holds an endless number") from None
            else:
                if self._ended or self._complete(end):
                    self._at = end
                    return value
            self._more()

    def _complete(self, end: int) -> bool:
        """Whether a value that ends here cannot go on in the next piece; a number may: 0 in 0.5."""
        return end < len(self._text) - NEAR or (end < len(self._text) and self._text[end] not in NUMBER)

    def _hopeless(self, error: json.JSONDecodeError) -> bool:
        """Whether no further text can mend it: it is neither an open string nor near the end of what was read."""
        return not error.msg.startswith("Unterminated") and error.pos < len(self._text) - NEAR

    def _reason(self, error: json.JSONDecodeError) -> str:
        cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text)
        return "it ends too early" if cut else error.msg

    def _more(self) -> bool:
        """Read a further piece; False at the end."""
        if self._ended:
            return False
        if len(self._text) - self._at > MAX_ITEM:
            raise self._damaged(f"no message takes more than {MAX_ITEM >> 20} MB")
        try:
            data = self._read(self._piece)
            piece = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            raise self._damaged("this is not text", len(self._text)) from None
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + piece
        self._at = 0
        self._ended = not data
        return not self._ended

    def _damaged(self, reason: str, at: int | None = None) -> ImportProblem:
        line = self._line + self._text.count("\n", 0, self._at if at is None else at)
        return ImportProblem(f"{self._name} is damaged at line {line}: {reason}.")
