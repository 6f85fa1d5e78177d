"""What happened at a platform's server, in order: what people did, what was delivered, what was asked and answered."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from typing_extensions import override

from bot.ports import Clock
from tests.servers.faults import matches

Json = dict[str, Any]


class Happened(StrEnum):
    """Kinds of entries."""

    PERSON = "person"  # somebody did something on the platform
    EVENT = "event"  # a frame or delivery went to a session
    REQUEST = "request"  # we asked the API
    ANSWER = "answer"  # and got this
    FAULT = "fault"  # the plan bit
    SOCKET = "socket"  # a connection came, went, identified, resumed


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `what` is "POST /channels/1/messages", "MESSAGE_CREATE", "post" and the like."""

    number: int
    at: datetime
    kind: Happened
    what: str
    who: str = ""
    body: Json = field(default_factory=dict)
    status: int = 0
    loop_time: float = 0.0

    @override
    def __str__(self) -> str:
        return f"{self.number:5} {self.kind:8} {self.who:20} {self.what} {self.status or ''}"


class Log:
    """Entries in the order in which they happened; nothing is ever taken out."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.entries: list[Entry] = []
        self._news = asyncio.Event()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def note(self, kind: Happened, what: str, *, who: str = "", body: Json | None = None, status: int = 0) -> Entry:
        """Write down what just happened."""
        try:
            time = asyncio.get_running_loop().time()
        except RuntimeError:  # a test that sets things up before its loop runs
            time = 0.0
        entry = Entry(len(self.entries), self.clock.now(), kind, what, who, body or {}, status, time)
        self.entries.append(entry)
        self._news.set()
        self._news = asyncio.Event()
        return entry

    async def until(self, happened: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait until something is so; looked at after each entry. TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not happened():
                await self._news.wait()

    def find(self, kind: Happened, what: str = "**", *, since: int = 0, who: str | None = None) -> list[Entry]:
        """The entries of a kind whose words fit a pattern (see `faults.matches`), from a number on."""
        return [
            entry
            for entry in self.entries[since:]
            if entry.kind is kind and matches(what, entry.what) and who in (None, entry.who)
        ]

    def requests(self, what: str = "**", *, since: int = 0) -> list[Entry]:
        """What we asked, with the bodies: `log.requests("POST /channels/*/messages")`."""
        return self.find(Happened.REQUEST, what, since=since)

    def sent(self, what: str = "**", *, since: int = 0) -> list[Json]:
        """The bodies of what we asked, in order."""
        return [entry.body["body"] for entry in self.requests(what, since=since)]

    def answers(self, what: str = "**", *, since: int = 0) -> list[Entry]:
        """What we were answered, with the status."""
        return self.find(Happened.ANSWER, what, since=since)

    def events(self, what: str = "**", *, since: int = 0, who: str | None = None) -> list[Entry]:
        """What was delivered; `who` is a session's id."""
        return self.find(Happened.EVENT, what, since=since, who=who)

    def deeds(self, what: str = "**", *, since: int = 0) -> list[Entry]:
        """What people did."""
        return self.find(Happened.PERSON, what, since=since)

    def sockets(self, what: str = "**", *, since: int = 0) -> list[Entry]:
        """What became of connections: CONNECT, IDENTIFY, RESUME, CLOSE …"""
        return self.find(Happened.SOCKET, what, since=since)

    def bites(self, what: str = "**", *, since: int = 0) -> list[Entry]:
        """Where the fault plan bit."""
        return self.find(Happened.FAULT, what, since=since)

    def busiest_second(self, what: str = "**") -> int:
        """The most requests within any one second of the loop's time."""
        return self.busiest(what, 1.0)

    def busiest(self, what: str = "**", per: float = 60.0, *, by_clock: bool = False) -> int:
        """The most requests within any `per` seconds of the loop's time, or of the server's clock."""
        entries = self.requests(what)
        times = sorted(entry.at.timestamp() if by_clock else entry.loop_time for entry in entries)
        most = start = 0
        for end, time in enumerate(times):
            while time - times[start] >= per:
                start += 1
            most = max(most, end - start + 1)
        return most

    @override
    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self.entries)
