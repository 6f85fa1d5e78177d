"""Folkmoot in a process of its own, which can be told to die at a named place: `python -m tests.doomed SETTINGS AHEAD`.

SETTINGS is JSON; the process lives AHEAD seconds in the future. On its input a line "delivery.frozen 2" has it killed,
as `kill -9` does, when it comes to that place for the second time from then on; "pass 60" lets a minute pass.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta

from typing_extensions import override

from adapters.discord import connecting
from bot import app, catchup, clock, delivery, failpoints
from bot.cli import run
from bot.settings import load


class AheadClock(clock.SystemClock):
    """A clock that goes so far ahead."""

    ahead = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() + AheadClock.ahead


class Doom:
    """Kills this process at a place."""

    def __init__(self) -> None:
        self._point, self._times = "", 0
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take orders until the input ends."""
        for line in sys.stdin:
            point, _, times = line.strip().partition(" ")
            if point == "pass":
                AheadClock.ahead += timedelta(seconds=float(times))
                continue
            with self._lock:
                self._reached.clear()
                self._point, self._times = point, int(times or 1)
            print(f"armed {point}", flush=True)

    def reached(self, point: str) -> None:
        with self._lock:
            self._reached[point] += 1
            if point == self._point and self._reached[point] >= self._times:
                os.kill(os.getpid(), signal.SIGKILL)


def main(settings: str, ahead: str) -> None:
    """Run until told to stop, or killed."""
    AheadClock.ahead = timedelta(seconds=float(ahead))
    clock.SystemClock = AheadClock  # type: ignore[misc]  # nobody waits twenty minutes for a lease to end
    connecting.APART = 0.0
    run.TICK = app.IDLE = catchup.IDLE = delivery.IDLE = 0.3
    doom = Doom()
    failpoints.arm(doom.reached)
    threading.Thread(target=doom.listen, daemon=True).start()
    asyncio.run(run.opened(load(env_file=None, override=json.loads(settings)), run.serve))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
