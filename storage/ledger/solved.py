"""What a platform's own "solved" tag makes of a discussion, beside what people say: pure.

Threads tell whether they have the tag, not since when. All that was told in a day is kept, of what is older only the
changes: so any order of statements gives the same state.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from bot.models import Stored
from storage.times import DAY

Statement = tuple[int, bool]  # when (epoch milliseconds), and whether it had the tag


class Said(NamedTuple):
    """The last word of a person: `at` is when it was given, `since` when the state began that it confirms."""

    stored: str | None
    by: int | None
    at: int | None
    since: int | None


class Decided(NamedTuple):
    """The state that holds: set by nobody if the tag did; `since` is None if that is not known."""

    stored: str
    by: int | None
    since: int | None


def kept(written: str, more: Iterable[Statement] = ()) -> list[Statement]:
    """What was told, oldest first, with what is told now. At a tie the tag is there."""
    told = sorted({(at, bool(solved)) for at, solved in json.loads(written or "[]")} | set(more))
    lately = told[-1][0] - DAY if told else 0
    return [each for n, each in enumerate(told) if each[0] >= lately or n == 0 or told[n - 1][1] != each[1]]


def write(told: Iterable[Statement]) -> str:
    """Statements as they are kept in their column, "" for none."""
    rows = [[at, int(solved)] for at, solved in told]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def decide(said: Said, told: Iterable[Statement]) -> Decided:
    """Which holds: whoever spoke last. What is concluded already is not concluded again.

    Taking the tag away reopens only what it concluded. A tag that was there when we first looked was set before
    anybody said something, and nobody knows when.
    """
    now = Decided(said.stored or Stored.OPEN.value, said.by, said.since)
    had, by_tag = None, False
    for at, solved in told:
        later = said.at is None or (had is not None and at > said.at)
        if solved and not had and later and now.stored == Stored.OPEN.value:
            now, by_tag = Decided(Stored.CONCLUDED.value, None, None if had is None else at), True
        elif had and not solved and by_tag:
            now, by_tag = Decided(Stored.OPEN.value, None, at), False
        had = solved
    return now
