"""Rate limits as Slack documents them: per method and workspace, posts per channel. Measured in the loop's time."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.faults import matches

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100  # a minute
TIERS: dict[str, int] = {
    "apps.connections.open": TIER_3,
    "auth.test": 600,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": 600,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "oauth.v2.access": 600,
    "pins.add": TIER_2,
    "pins.list": TIER_2,
    "pins.remove": TIER_2,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.remove": TIER_2,
    "team.info": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
POSTS, POSTS_PER = 10, 10.0  # about one a second in a channel; short bursts pass


@dataclass
class Limits:
    """What this Slack allows. `set` tightens or loosens; `off` takes all away; `time` may follow another clock."""

    rules: list[tuple[str, int, float]] = field(default_factory=list)
    time: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    refused: int = 0
    on: bool = True
    _taken: dict[str, deque[float]] = field(default_factory=dict)

    def set(self, method: str, limit: int, per: float = 60.0) -> None:
        """From now on `limit` requests in any `per` seconds of methods that fit, like "conversations.*"."""
        self.rules.insert(0, (method, limit, per))
        self._taken.clear()

    def off(self) -> None:
        """No limits."""
        self.on = False

    def take(self, method: str, channel: str = "") -> float:
        """Count a request; seconds to wait when there were too many, else 0. Posts count per channel."""
        if not self.on:
            return 0.0
        key = f"{method}:{channel}" if method == "chat.postMessage" else method
        limit, per = self._rule(method)
        now = self.time()
        taken = self._taken.setdefault(key, deque())
        while taken and now - taken[0] >= per:
            taken.popleft()
        if len(taken) >= limit:
            self.refused += 1
            return per - (now - taken[0])
        taken.append(now)
        return 0.0

    def _rule(self, method: str) -> tuple[int, float]:
        for pattern, limit, per in self.rules:
            if matches(pattern, method):
                return limit, per
        return (POSTS, POSTS_PER) if method == "chat.postMessage" else (TIERS[method], 60.0)
