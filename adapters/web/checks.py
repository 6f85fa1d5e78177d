"""What machines ask: is it alive, is it ready."""

import asyncio

import structlog
from aiohttp import web

from adapters.web.site import SITE

PATIENCE = 2.0  # seconds that the store may take to answer

log = structlog.get_logger(__name__)


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"ok": True})


async def readyz(request: web.Request) -> web.Response:
    """The store answers; 503 while it does not."""
    try:
        async with asyncio.timeout(PATIENCE):
            seq = await request.app[SITE].store.ledger.last_seq()
    except Exception:
        log.exception("the store does not answer")
        return web.json_response({"ok": False}, status=web.HTTPServiceUnavailable.status_code)
    return web.json_response({"ok": True, "changes": seq})
