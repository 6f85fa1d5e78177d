"""Tells open pages that something changed. Never what: a page asks again and gets what it may show now."""

import asyncio
import contextlib

from aiohttp import web

from bot.ports import Store

READERS = 500  # open streams at once; more wait for a reload
BEAT = 20.0  # seconds between signs of life, so that proxies keep the stream open
LOOK = 5.0  # seconds the store is waited on at once


class Live:
    """Follows the change log once, for all open pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seq = 0
        self._readers = 0
        self._changed = asyncio.Condition()
        self._closed = False

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return self._readers

    async def follow(self) -> None:
        """Follow the change log until cancelled."""
        self._seq = await self._store.ledger.last_seq()
        while True:
            if not await self._store.ledger.wait(self._seq, LOOK):
                continue
            newest = await self._store.ledger.last_seq()
            async with self._changed:
                self._seq = newest
                self._changed.notify_all()

    async def close(self) -> None:
        """Let every stream end."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the number of the newest change, each time there is one."""
        if self._readers >= READERS or self._closed:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        self._readers += 1
        try:
            await response.prepare(request)
            await self._send(response)
        except ConnectionError:
            pass  # the reader left
        finally:
            self._readers -= 1
        return response

    async def _send(self, response: web.StreamResponse) -> None:
        sent = self._seq
        await response.write(f"retry: 3000\nid: {sent}\ndata: {sent}\n\n".encode())
        while not self._closed:
            if await self._wait(sent):
                sent = self._seq
                await response.write(f"id: {sent}\ndata: {sent}\n\n".encode())
            elif not self._closed:
                await response.write(b": still here\n\n")

    async def _wait(self, sent: int) -> bool:
        """Whether something changed, waiting at most a beat for it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT), self._changed:
                await self._changed.wait_for(lambda: self._closed or self._seq != sent)
        return self._seq != sent and not self._closed
