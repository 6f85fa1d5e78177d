"""What a platform's server does wrong on purpose, and when.

    plan.on("POST /channels/*/messages", DropReply())              # the next one only
    plan.on("EVENT MESSAGE_CREATE", Duplicate(), times=3)
    plan.on("CONNECT /gateway", Status(503), times=None)           # until taken back
    armed = plan.on("PATCH **", RateLimit(0.1)); ...; assert armed.bites == 1; armed.lift()

A pattern is words with `*` for one path segment and `**` for anything. Requests are named "METHOD /path" (without
the API's prefix and the query), deliveries "EVENT NAME", connections "CONNECT /path", and what is asked on them
"IDENTIFY", "RESUME".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class DropReply:
    """Act, then cut the connection instead of answering."""


@dataclass(frozen=True)
class Delay:
    """Wait so many seconds of the loop's time: before acting, or with the answer only."""

    seconds: float
    after: bool = False


@dataclass(frozen=True)
class Reset:
    """Cut the connection without acting."""


@dataclass(frozen=True)
class Stall:
    """Neither act nor answer until the other side gives up."""


@dataclass(frozen=True)
class Status:
    """Answer with a status without acting (with `after`: having acted); a page of HTML unless a JSON body is given."""

    status: int
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass(frozen=True)
class RateLimit:
    """Answer 429: scope `user` (the bucket), `global` or `shared`; without `via` it looks like a ban at the edge."""

    retry_after: float = 0.1
    scope: str = "user"
    via: bool = True


@dataclass(frozen=True)
class Lose:
    """Do not deliver."""


@dataclass(frozen=True)
class Duplicate:
    """Deliver so many times."""

    times: int = 2


@dataclass(frozen=True)
class Hold:
    """Deliver after so many later events (a change of order)."""

    behind: int = 1


@dataclass(frozen=True)
class Malform:
    """Deliver what `change` makes of the payload (a copy)."""

    change: Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Close:
    """Close the connection with a code; what was to be delivered waits for a resume."""

    code: int = 4000


@dataclass(frozen=True)
class HalfOpen:
    """From here on neither read nor write on this connection, and leave it open."""


@dataclass(frozen=True)
class Refuse:
    """Refuse what is asked: a resume is answered with an invalid session."""


Fault = (
    DropReply
    | Delay
    | Reset
    | Stall
    | Status
    | RateLimit
    | Lose
    | Duplicate
    | Hold
    | Malform
    | Close
    | HalfOpen
    | Refuse
)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/ ]+")
    return re.compile(escaped + r"\Z", re.DOTALL)


def matches(pattern: str, what: str) -> bool:
    """Whether words fit a pattern: `*` is one path segment, `**` anything."""
    return pattern == what or ("*" in pattern and _compiled(pattern).match(what) is not None)


@dataclass(eq=False)
class Armed:
    """A fault in the plan: how often it may still bite (None: always) and how often it did."""

    pattern: str
    fault: Fault
    left: int | None
    skip: int = 0
    where: Callable[[Any], bool] | None = None
    bites: int = 0

    def lift(self) -> None:
        """Bite no more."""
        self.left = 0

    def takes(self, what: str, subject: Any) -> bool:  # noqa: ANN401 - a body, a payload, or nothing
        """Whether it bites now; counts skips and bites."""
        if self.left == 0 or not matches(self.pattern, what) or (self.where is not None and not self.where(subject)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        self.bites += 1
        return True


class Plan:
    """The faults of one server, in the order in which they were armed; the first that fits bites."""

    def __init__(self) -> None:
        self.armed: list[Armed] = []

    def on(
        self,
        pattern: str,
        fault: Fault,
        *,
        times: int | None = 1,
        skip: int = 0,
        where: Callable[[Any], bool] | None = None,
    ) -> Armed:
        """Arm a fault for the next `times` fits after `skip` ones; `where` looks at the body or payload as well."""
        armed = Armed(pattern, fault, times, skip, where)
        self.armed.append(armed)
        return armed

    def bite(self, what: str, subject: Any = None) -> Fault | None:  # noqa: ANN401 - see Armed.takes
        """The fault for this request, delivery or connection, if one is due."""
        for armed in self.armed:
            if armed.takes(what, subject):
                return armed.fault
        return None

    def lift(self) -> None:
        """Behave from now on."""
        self.armed.clear()
