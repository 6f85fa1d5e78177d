"""What one of several processes does at a time: it keeps a lease while it works, and another goes on if it dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from bot.errors import StoreBusy, StoreFailed
from bot.ports import Clock, Store

LEASE = 30.0  # seconds that work waits for a process that died or stands still
SURE = timedelta(seconds=LEASE / 3)  # how long the store is not asked again

log = structlog.get_logger(__name__)


class Turns:
    """The work that is this process's just now, by name."""

    def __init__(self, *, store: Store, clock: Clock, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._sure: dict[str, datetime] = {}  # until when the store need not be asked again

    async def mine(self, name: str) -> bool:
        """Whether a piece of work is ours now; takes it if nobody has it."""
        now = self._clock.now()
        if name in self._sure and timedelta(0) < self._sure[name] - now <= SURE:  # more where the clock was put back
            return True
        self._sure.pop(name, None)
        if not await self._store.leases.take(name, self._owner, now, LEASE):
            return False
        self._sure[name] = now + SURE
        return True

    async def give_back(self, name: str) -> None:
        """Let another process have it at once; a store that fails lets it have it when the lease ends."""
        if self._sure.pop(name, None) is not None:
            with suppress(StoreFailed, StoreBusy):
                await self._store.leases.give_back(name, self._owner)

    @asynccontextmanager
    async def taken(self, name: str) -> AsyncIterator[bool]:
        """Have a piece of work for as long as it takes, if it can be had; who loses it meanwhile is cancelled."""
        if not await self.mine(name):
            yield False
            return
        keeping = asyncio.create_task(self._keep(name, asyncio.current_task()))
        try:
            yield True
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self.give_back(name)

    async def _keep(self, name: str, work: "asyncio.Task[None] | None") -> None:
        """Keep a lease until cancelled; lost, as after a long stand-still, the work is stopped."""
        while True:
            await asyncio.sleep(LEASE / 3)
            try:
                if await self.mine(name):
                    continue
            except (StoreFailed, StoreBusy) as error:
                log.warning("lease not kept", name=name, reason=str(error))
                continue
            log.warning("another process goes on with this", name=name)
            if work is not None:
                work.cancel()
            return
