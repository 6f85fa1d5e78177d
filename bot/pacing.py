"""How often a platform may be called: what was called lately, what it said, and what has to wait for how long."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping

from bot.models import Channel, OwnPost, Platform, Space, Thread, channel_of
from bot.ports import Busy, Edits, Pace, Posts, Rate

Place = Channel | Thread
LATELY = 15.0  # seconds that a channel's calls count when it is decided whose turn it is


class Budget:
    """The calls of one process, by place, space and platform; times are those of the event loop, in seconds."""

    def __init__(self, paces: Mapping[Platform, Pace]) -> None:
        self._paces = paces
        self._taken: dict[Busy, deque[float]] = {}
        self._resting: dict[Busy, float] = {}
        self._served: deque[tuple[float, Channel]] = deque()
        self.singly = frozenset(platform for platform, pace in paces.items() if pace.posts is not None)

    def take(self, post: OwnPost, now: float) -> None:
        """Count the call that brings a post up to date."""
        for key, _ in self._rates(post):
            self._taken.setdefault(key, deque()).append(now)
        self._served.append((now, channel_of(post.where)))

    def give_back(self, post: OwnPost, at: float) -> None:
        """Take back a call that was counted at this time and then not made."""
        for key, _ in self._rates(post):
            taken = self._taken.get(key, deque())
            if at in taken:
                taken.remove(at)
        if (at, channel_of(post.where)) in self._served:
            self._served.remove((at, channel_of(post.where)))

    def had(self, now: float) -> Mapping[Channel, int]:
        """How many calls each channel had lately: who had fewer comes first."""
        while self._served and self._served[0][0] + LATELY <= now:
            self._served.popleft()
        return Counter(channel for _, channel in self._served)

    def rest(self, post: OwnPost, until: float) -> None:
        """The platform wants no call like this one before a time, where it counts calls by their kind."""
        for key, _ in self._rates(post):
            if isinstance(key, Posts | Edits):
                self._resting[key] = max(until, self._resting.get(key, until))

    def full(self, now: float) -> dict[Busy, float]:
        """What must not be called now, and when it may be called again."""
        self._forget(now)
        opens = dict(self._resting)
        for key, taken in self._taken.items():
            opens[key] = max(opens.get(key, 0.0), _opens(self._rate(key), taken))
        return {key: at for key, at in opens.items() if at > now}

    def room(self, most: int) -> int:
        """How many calls fit now, anywhere that is not full; at least one, at most so many."""
        fresh = [pace.whole.calls for pace in self._paces.values() if pace.whole is not None]
        left = fresh + [
            self._rate(key).calls - len(taken)
            for key, taken in self._taken.items()
            if isinstance(key, Platform | Space | Edits)
        ]
        return min([most, *(each for each in left if each > 0)])

    def _forget(self, now: float) -> None:
        """Forget calls so old that they limit nothing."""
        for key, taken in list(self._taken.items()):
            while taken and taken[0] + self._rate(key).seconds <= now:
                taken.popleft()
            if not taken:
                del self._taken[key]
        self._resting = {key: until for key, until in self._resting.items() if until > now}

    def _rates(self, post: OwnPost) -> Iterator[tuple[Busy, Rate]]:
        """The limits that the call for a post falls under."""
        where, channel = post.where, channel_of(post.where)
        space = channel.space
        pace = self._paces.get(space.platform, Pace())
        keys: tuple[tuple[Busy, Rate | None], ...] = (
            (where, pace.place),
            (space, pace.space),
            (space.platform, pace.whole),
            (Posts(channel), pace.posts) if post.ref is None else (Edits(space), pace.edits),
        )
        yield from ((key, rate) for key, rate in keys if rate is not None)

    def _rate(self, key: Busy) -> Rate:
        """The limit that applies to what was counted."""
        match key:
            case Platform():
                rate = self._paces[key].whole
            case Space():
                rate = self._paces[key.platform].space
            case Channel():
                rate = self._paces[key.space.platform].place
            case Thread():
                rate = self._paces[key.channel.space.platform].place
            case Posts():
                rate = self._paces[key.channel.space.platform].posts
            case Edits():
                rate = self._paces[key.space.platform].edits
        if rate is None:
            raise AssertionError("only what has a limit is counted")
        return rate


def _opens(rate: Rate, taken: deque[float]) -> float:
    """When the next call may be made, in a window that lets only so many into any stretch of its length."""
    window = taken[-rate.calls] + rate.seconds if len(taken) >= rate.calls else taken[-1]
    return max(window, taken[-1] + rate.apart)
