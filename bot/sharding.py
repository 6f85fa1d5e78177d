"""Which part of Discord a process hears, where several share it: "0-1/4" is the first two of four parts."""

import re
from dataclasses import dataclass
from fractions import Fraction

from typing_extensions import override

_WRITTEN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})", re.ASCII)
_TIME = 22  # the lower bits of an id are no time; the others decide which part a server is in


@dataclass(frozen=True, slots=True)
class Shards:
    """The parts `first` to `last` of `total`, counted from 0."""

    first: int
    last: int
    total: int

    @property
    def numbers(self) -> range:
        """The parts that are ours."""
        return range(self.first, self.last + 1)

    @property
    def share(self) -> Fraction:
        """How much of the whole that is."""
        return Fraction(len(self.numbers), self.total)

    def has(self, guild: str) -> bool:
        """Whether a server is in our part, by its id."""
        return (int(guild) >> _TIME) % self.total in self.numbers

    @override
    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.total}"


def shards_of(written: str) -> Shards:
    """What "0-1/4" or "3/4" says. ValueError with half a sentence that says what it must be."""
    found = _WRITTEN.fullmatch("".join(written.split()))
    if found is None:
        raise ValueError("it must say which parts of how many, such as 0-1/4 or 3/4")
    first, total = int(found[1]), int(found[3])
    last = first if found[2] is None else int(found[2])
    if first > last:
        raise ValueError("it must name the lower part first, such as 0-1/4")
    if last >= total:
        raise ValueError("its parts are counted from 0, so the last one must be lower than the number after the slash")
    return Shards(first, last, total)
