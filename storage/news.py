"""Waking those who follow the change log: at once for what this process wrote, by NOTIFY for what others did."""

import asyncio
from typing import Any

import structlog

NOTICE = "folkmoot_change"  # the channel of NOTIFY that every writing transaction uses on PostgreSQL
# A peer that vanished without a word, as behind a router that forgot us, is noticed in a minute and not in hours.
ALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

log = structlog.get_logger(__name__)


class News:
    """Counts commits, and wakes who waits for the next one. Used in one event loop."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something was committed."""
        self.count += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def after(self, count: int, within: float) -> None:
        """Wait until there were more than `count` commits, at most `within` seconds."""
        if self.count > count:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(within):  # wait_for loses a cancellation that comes with the news
                await future
        except TimeoutError:
            return
        finally:
            self._waiting.discard(future)


class Listener:
    """Hears of other processes' commits on PostgreSQL. Losing the connection costs speed only: followers also poll."""

    def __init__(self, url: str, news: News) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._news = news
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on; nothing if it does. Begins anew after a lost connection."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        import psycopg  # noqa: PLC0415 - whoever runs on SQLite starts without it

        try:
            async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, **ALIVE) as connection:
                await connection.execute(f"LISTEN {NOTICE}")
                async for _ in connection.notifies():
                    self._news.tell()
        except psycopg.Error as error:
            log.warning("stopped listening", error=str(error))
