"""Rate limits: buckets by route, the global one, and what counts against the address. Measured in the loop's time."""

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field

from tests.servers.faults import matches

MAJOR = ("channel", "guild", "webhook", "token")
GENEROUS = 10_000


@dataclass
class Bucket:
    """A window of requests; it opens with the first."""

    limit: int
    per: float
    opened: float = -1e9
    used: int = 0

    def take(self, now: float) -> bool:
        """Count a request; False when the window is full."""
        if now >= self.opened + self.per:
            self.opened, self.used = now, 0
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def headers(self, name: str, now: float, epoch: float) -> dict[str, str]:
        after = max(0.0, self.opened + self.per - now)
        return {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self.used),
            "X-RateLimit-Reset": f"{epoch + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }


@dataclass
class Limits:
    """What this Discord allows. Routes are generous unless a test says `set`; the global limit holds (None: off)."""

    a_second: int | None = 50
    rules: list[tuple[str, int, float]] = field(default_factory=list)
    old_edits: tuple[int, float] | None = None  # edits of messages older than an hour, a channel and seconds
    refused: int = 0  # 401, 403 and 429 answers that count towards a ban of the address
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=deque)

    def set(self, route: str, limit: int, per: float) -> None:
        """From now on `limit` requests in `per` seconds on routes that fit, like "POST /channels/*/messages"."""
        self.rules.insert(0, (route, limit, per))
        self._buckets.clear()

    def bucket(self, route: str, ids: dict[str, str]) -> tuple[str, Bucket]:
        """The bucket of a request: the route and the ids of channel, server or webhook in it."""
        name = hashlib.sha256(route.encode()).hexdigest()[:16]
        key = ":".join([name, *(ids[part] for part in MAJOR if part in ids)])
        if key not in self._buckets:
            self._buckets[key] = self._make(route)
        return name, self._buckets[key]

    def _make(self, route: str) -> Bucket:
        for pattern, limit, per in self.rules:
            if matches(pattern, route):
                return Bucket(limit, per)
        return Bucket(GENEROUS, 1.0)

    def over_global(self) -> float:
        """Count a request; seconds to wait when there were too many in the last one, else 0."""
        now = asyncio.get_running_loop().time()
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if self.a_second is not None and len(self._recent) >= self.a_second:
            return 1.0 - (now - self._recent[0])
        self._recent.append(now)
        return 0.0

    def old_edit(self, channel: str) -> float:
        """Count an edit of an old message; seconds to wait when there were too many in this channel, else 0."""
        if self.old_edits is None:
            return 0.0
        key = f"old edits:{channel}"
        bucket = self._buckets.setdefault(key, Bucket(*self.old_edits))
        now = asyncio.get_running_loop().time()
        return 0.0 if bucket.take(now) else bucket.opened + bucket.per - now
