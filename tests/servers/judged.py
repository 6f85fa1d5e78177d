"""A platform's server that judges what we send: a test in which we broke one of its rules fails."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import ClassVar, Self


class BadRequests(AssertionError):
    """Our bot sent what the platform refuses."""


class Judged(ABC):
    """As a context manager it serves, and fails at the end if a request of ours broke the rules."""

    platform: ClassVar[str]

    def __init__(self) -> None:
        self.violations: list[str] = []

    @abstractmethod
    async def start(self) -> None:
        """Serve on a free port of 127.0.0.1."""

    @abstractmethod
    async def stop(self) -> None:
        """Cut all connections and free the port."""

    def check(self) -> None:
        """Fail if anything we sent was refused as invalid."""
        if self.violations:
            raise BadRequests(f"our requests broke {self.platform}'s rules:\n" + "\n".join(self.violations))

    def forgive(self) -> list[str]:
        """Take note of the violations so far, which a test meant; they do not fail it."""
        found, self.violations = self.violations, []
        return found

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if error is None:
            self.check()
