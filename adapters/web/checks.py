"""What machines ask: is it alive, is it ready."""

import asyncio
from collections.abc import Mapping

import structlog
from aiohttp import web

from adapters.web.site import SITE
from bot.logs import went_wrong
from bot.models import Platform
from bot.ports import Adapter

PATIENCE = 2.0  # seconds that the store may take to answer

PLATFORMS = web.AppKey("platforms", Mapping[Platform, Adapter])
log = structlog.get_logger(__name__)


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"ok": True})


async def readyz(request: web.Request) -> web.Response:
    """The store answers; 503 while it does not.

    Whether it can be written, and which platforms reach us, is told beside that: pages can be read without.
    """
    platforms = {platform.value: each.connected for platform, each in request.app[PLATFORMS].items()}
    store = request.app[SITE].store
    try:
        async with asyncio.timeout(PATIENCE):
            seq = await store.ledger.last_seq()
    except Exception as error:  # noqa: BLE001 - told, and asked again
        went_wrong(log, "the store does not answer", error)
        told = {"ok": False, "writes": False, "platforms": platforms}
        return web.json_response(told, status=web.HTTPServiceUnavailable.status_code)
    return web.json_response({"ok": True, "changes": seq, "writes": not store.trouble, "platforms": platforms})
