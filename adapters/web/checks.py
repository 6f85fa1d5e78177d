"""What machines ask: is it alive, is it ready, what may be crawled."""

from aiohttp import web

from adapters.web.site import SITE
from bot.access import index_scope


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"ok": True})


async def readyz(request: web.Request) -> web.Response:
    """The store answers; 503 while it does not."""
    seq = await request.app[SITE].store.ledger.last_seq()
    return web.json_response({"ok": True, "changes": seq})


async def robots(request: web.Request) -> web.Response:
    """Crawlers may read discussions only where a community opened a channel for search engines."""
    site = request.app[SITE]
    opened = bool(index_scope(await site.store.places.channels()).channels)
    rules = "Disallow: /local\nDisallow: /search\n" if opened else "Disallow: /\n"
    return web.Response(text=f"User-agent: *\n{rules}")
