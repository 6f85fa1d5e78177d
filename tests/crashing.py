"""A process that dies inside a test: from one place on it does nothing more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bot import failpoints


class Crash(BaseException):
    """The process is dead; nothing may catch this."""


@dataclass
class Death:
    """Whether it came."""

    came: bool = False


@contextmanager
def dying_at(place: str) -> Iterator[Death]:
    """Die where this place is reached, "" for nowhere.

    What the writer's thread had got already may be committed, or not: it is the thread of the next process, too.
    """
    death = Death()

    def reached(name: str) -> None:
        if threading.current_thread() is threading.main_thread() and (death.came or name == place):
            death.came = True
            raise Crash(name)

    failpoints.arm(reached)
    try:
        with suppress(Crash):
            yield death
    finally:
        failpoints.arm(None)
