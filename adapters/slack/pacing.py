"""How often Slack lets us read, learned from its refusals: after the first one, calls wait instead of being refused.

An app that is distributed may ask for messages once a minute, and gets fifteen; nothing tells so but a refusal. All
other apps may make 20 calls a minute of any method, or more. Where Slack refuses one of fewer, that has another reason,
and teaches nothing: it passes after the time that Slack names.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW = 60.0  # seconds in which Slack counts calls
ROUNDED = 1.0  # seconds that Slack rounds up by, when it says how long to wait
FEWEST = 20  # calls of a method that Slack takes within a window, unless it takes only one
USUAL = 50  # calls of a method within a window, as long as nobody refuses any
AT_LEISURE = 5  # one in this many calls may be one that can wait
FORGOTTEN = 6 * 3600.0  # seconds after which we try again whether more calls pass


@dataclass(slots=True)
class Method:
    """The calls of a method within a window, how many pass (0: nobody knows), and until when none does."""

    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    head: asyncio.Lock = field(default_factory=asyncio.Lock)  # held by whoever is next, before all that stand in line
    calls: deque[float] = field(default_factory=deque)
    most: int = 0
    learned: float = 0.0
    closed: float = 0.0
    taken: float = -WINDOW  # when Slack last took one
    quick: bool = False  # whether it ever took two within half a window
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)  # of the calls that can wait
    leisurely: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until a call passes."""
        while self.calls and now - self.calls[0] >= WINDOW:
            self.calls.popleft()
        if now - self.learned >= FORGOTTEN:
            self.most = 0
        full = self.most and len(self.calls) >= self.most
        return max(self.closed - now, self.calls[0] + WINDOW - now if full else 0.0)

    def leisure(self, now: float) -> float:
        """Seconds until a call that can wait passes: a fifth of what passes, or one in five windows where one does."""
        most = self.most or USUAL
        few = max(most // AT_LEISURE, 1)
        span = WINDOW * few * AT_LEISURE / most
        while self.leisurely and now - self.leisurely[0] >= span:
            self.leisurely.popleft()
        return self.leisurely[-few] + span - now if len(self.leisurely) >= few else 0.0


class Pacing:
    """Lets calls of each method pass one after the other, as often as Slack takes them."""

    def __init__(self) -> None:
        self._methods: defaultdict[str, Method] = defaultdict(Method)

    async def turn(self, method: str) -> None:
        """Wait until a call may be made, and count it."""
        known = self._methods[method]
        async with known.line:
            passed = False
            while not passed:
                await _rest(known.wait)
                async with known.head:
                    if passed := known.wait(_now()) <= 0:
                        known.calls.append(_now())

    async def ahead(self, method: str, after: float = 0.0) -> None:
        """Wait at the head of the line until a call may be made, and not before `after`, in the event loop's time."""
        known = self._methods[method]
        await _passed(known.head, lambda now: max(known.wait(now), after - now), known.calls)

    async def leisure(self, method: str) -> None:
        """Wait until a call that can wait may be made; it still needs its turn after that."""
        known = self._methods[method]
        await _passed(known.queue, known.leisure, known.leisurely)

    def taken(self, method: str) -> None:
        """Slack took a call."""
        known, now = self._methods[method], _now()
        known.quick = known.quick or now - known.taken < WINDOW / 2
        known.taken = now

    def refused(self, method: str, after: float) -> None:
        """Slack took no call, and wants none for so many seconds.

        By then Slack no longer counts the oldest call that it counts now; so the calls from that one on are as many as
        pass in a window. That is not believed if it is few and more passed before, or if `after` is longer than a
        window.
        """
        known, now = self._methods[method], _now()
        if known.calls:
            known.calls.pop()
        oldest = now - max(WINDOW - after, 0.0) - ROUNDED
        most = max(sum(at >= oldest for at in known.calls), 1)
        known.closed = now + after
        if after <= WINDOW + ROUNDED and (most >= FEWEST or not known.quick):
            known.most, known.learned = most, now

    def slow(self, method: str) -> bool:
        """Whether only one call passes in a window."""
        return self._methods[method].most == 1


async def _passed(line: asyncio.Lock, wait: Callable[[float], float], times: deque[float]) -> None:
    """Stand in line until there is nothing to wait for, and note the time."""
    async with line:
        await _rest(wait)
        times.append(_now())


async def _rest(wait: Callable[[float], float]) -> None:
    """Sleep until there is nothing to wait for."""
    left = wait(_now())
    while left > 0:
        await asyncio.sleep(left)
        left = wait(_now())


def _now() -> float:
    return asyncio.get_running_loop().time()
