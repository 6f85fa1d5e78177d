"""Folkmoot in a process of its own, in which something goes wrong at a named place: it dies, fails or stands still.

`lives` is what `folkmoot run` does, with Plans taken from a pipe that say what happens where. It says ARMED when it
took a plan, and REACHED when it is where that lets it fail or stand still. What its clock is ahead, the test sets.
"""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized

from typing_extensions import override

from adapters.discord import adapter as discord  # noqa: F401 - what all of them need is loaded once, before they begin
from adapters.discord import connecting
from adapters.slack import adapter as slack  # noqa: F401 - as above
from adapters.web import adapter as web  # noqa: F401 - as above
from bot import app, catchup, clock, delivery, failpoints, logs
from bot.cli import run
from bot.settings import load
from storage import migrations  # noqa: F401 - as above

ARMED, REACHED = "armed", "reached"
STALL = 10.0  # seconds


class Fault(StrEnum):
    """What happens at a place."""

    CRASH = "crash"  # the process dies, as by `kill -9`
    RAISE = "raise"  # an error that nobody expects
    STALL = "sleep 10 s"  # whoever gets there does nothing for a while
    STOP = "stop"  # the whole process stands still until it is told to go on


@dataclass(frozen=True)
class Plan:
    """What happens at a place when it is reached for so many times from now on; once."""

    point: str
    times: int = 1
    fault: Fault = Fault.CRASH


class Planned(Exception):
    """An error that nobody expects."""


class AheadClock(clock.SystemClock):
    """A clock that is ahead by so much."""

    seconds: "Synchronized[float]"

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(seconds=AheadClock.seconds.value)


class Doom:
    """Lets things go wrong."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders
        self._plan: Plan | None = None
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take orders until there are no more."""
        while True:
            try:
                plan = self._orders.recv()
            except (EOFError, OSError):
                return
            with self._lock:
                self._reached.clear()
                self._plan = plan
            self._orders.send(ARMED)

    def reached(self, point: str) -> None:
        with self._lock:
            self._reached[point] += 1
            plan = self._plan
            if plan is None or point != plan.point or self._reached[point] < plan.times:
                return
            self._plan = None
        if plan.fault is not Fault.CRASH:
            self._orders.send(REACHED)
        match plan.fault:
            case Fault.CRASH:
                os.kill(os.getpid(), signal.SIGKILL)
            case Fault.RAISE:
                raise Planned(point)
            case Fault.STALL:
                time.sleep(STALL)
            case Fault.STOP:
                os.kill(os.getpid(), signal.SIGSTOP)


def lives(settings: Mapping[str, str], ahead: "Synchronized[float]", orders: Connection) -> None:
    """Run, so many seconds in the future, until told to stop, or killed."""
    AheadClock.seconds = ahead
    clock.SystemClock = AheadClock  # type: ignore[misc]  # nobody waits twenty minutes for a lease to end
    connecting.APART = 0.0
    run.TICK = app.IDLE = catchup.IDLE = delivery.IDLE = 0.3
    doom = Doom(orders)
    failpoints.arm(doom.reached)
    threading.Thread(target=doom.listen, daemon=True).start()
    given = load(env_file=None, override=settings)
    logs.configure(given.log_level, given.log_format)
    asyncio.run(run.opened(given, run.serve))
