"""Ids and message times as Slack makes them."""

import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from bot.ports import Clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = 100  # microseconds between two messages of the same moment


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def written(micro: int) -> str:
    """A time as Slack writes it: "1785758400.000100"."""
    return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"


def sent_at(ts: str) -> datetime:
    """The moment that a `ts` stands for."""
    seconds, _, micro = ts.partition(".")
    return EPOCH + timedelta(seconds=int(seconds), microseconds=int(micro or 0))


class Ids:
    """Everything that must be unique in one workspace; ids of two workspaces differ as well."""

    def __init__(self, clock: Clock, team: str) -> None:
        self._clock = clock
        self._salt = hashlib.sha256(team.encode()).hexdigest()[:4].upper()
        self._count: dict[str, int] = defaultdict(int)
        self._last: dict[int, int] = {}
        self._taken: set[int] = set()

    def make(self, letter: str) -> str:
        """A new id that begins with this letter."""
        self._count[letter] += 1
        return f"{letter}0{self._salt}{self._count[letter]:05d}"

    def now(self) -> str:
        """A new `ts` of this moment."""
        return self.at(self._clock.now())

    def at(self, moment: datetime) -> str:
        """A new `ts` of a moment, above all that were made for it."""
        base = micros(moment)
        micro = self._last.get(base, base) + STEP
        while micro in self._taken:
            micro += STEP
        self._last[base] = micro
        self._taken.add(micro)
        return written(micro)
