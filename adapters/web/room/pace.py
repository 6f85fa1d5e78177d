"""How much one person may send at once: a bucket of so many things that fills up again with time."""

from collections.abc import Hashable
from datetime import datetime, timedelta

KEPT = 10_000  # buckets; beyond that, the ones that are full again are forgotten


class Pace:
    """At most `burst` at once, then one every `again`; each key has a bucket of its own."""

    def __init__(self, burst: int, again: timedelta) -> None:
        self._burst = burst
        self._again = again
        self._full_at: dict[Hashable, datetime] = {}  # when a bucket is full again

    def allows(self, key: Hashable, now: datetime) -> bool:
        """Whether one more is within the limit; if it is, it is counted."""
        full_at = max(self._full_at.get(key, now), now)
        if full_at - now > self._again * (self._burst - 1):
            return False
        if len(self._full_at) >= KEPT:
            self._full_at = {each: at for each, at in self._full_at.items() if at > now}
        self._full_at[key] = full_at + self._again
        return True
