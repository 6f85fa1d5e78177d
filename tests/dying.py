"""Folkmoot in a process of its own, seen from the test that lets it die (`tests.doomed` is the process)."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.clock import SystemClock

ENDED = 40.0  # seconds in which a process has to end


class Ahead:
    """The time of this machine and so much more."""

    by = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@asynccontextmanager
async def process(settings: Mapping[str, str], clock: Ahead) -> AsyncIterator[asyncio.subprocess.Process]:
    """Folkmoot at the time of a clock, alive until it is killed, or told to stop at the end."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doomed", json.dumps(settings), str(clock.by.total_seconds()),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield made
    finally:
        if made.returncode is None:
            made.terminate()
        try:
            async with asyncio.timeout(ENDED):
                await made.communicate()
        except TimeoutError:  # it must not live on for ever
            made.kill()
            raise


async def arm(doomed: asyncio.subprocess.Process, point: str, times: int = 1) -> None:
    """Have it killed when it comes to that place for so many times."""
    assert doomed.stdin is not None
    assert doomed.stdout is not None
    doomed.stdin.write(f"{point} {times}\n".encode())
    while (await doomed.stdout.readline()).decode().strip() != f"armed {point}":
        assert doomed.returncode is None


def let_pass(doomed: asyncio.subprocess.Process, clock: Ahead, seconds: float) -> None:
    """Let time go by, there and here."""
    assert doomed.stdin is not None
    doomed.stdin.write(f"pass {seconds}\n".encode())
    clock.by += timedelta(seconds=seconds)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
