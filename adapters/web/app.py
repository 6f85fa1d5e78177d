"""Puts the pages together into one application."""

from pathlib import Path

from aiohttp import web

from adapters.web import caching, checks, crawlers, digests, feeds, forum, metrics
from adapters.web.live import Live
from adapters.web.security import add_headers, answer_errors
from adapters.web.site import SITE, Site

STATIC = Path(__file__).parent / "static"
BODY = 64 * 1024  # bytes that anybody may send at once
LIVE = web.AppKey("live", Live)


def application(site: Site, live: Live) -> web.Application:
    """The forum; the room adds itself."""
    app = web.Application(middlewares=[metrics.measure, answer_errors, caching.tag], client_max_size=BODY)
    app[SITE], app[LIVE] = site, live
    app[checks.PLATFORMS] = {}
    app[metrics.METRICS] = metrics.Metrics(lambda: live.readers)
    app.on_response_prepare.append(add_headers)
    app.add_routes(
        [
            web.get("/", forum.index),
            web.get(r"/d/{id:\d{1,15}}", forum.discussion),
            web.get(r"/d/{id:\d{1,15}}/{slug:[^/]*}", forum.discussion),
            web.get("/highlights", forum.highlights),
            web.get("/digests", digests.listed),
            web.get(r"/digests/{id:\d{1,15}}", digests.one),
            web.get("/search", forum.search),
            web.get("/feed.atom", feeds.atom),
            web.get("/healthz", checks.healthz),
            web.get("/readyz", checks.readyz),
            web.get("/metrics", metrics.show),
            web.get("/robots.txt", crawlers.robots),
            web.get("/sitemap.xml", crawlers.sitemap),
            web.get("/live", live.stream, allow_head=False),  # it has no end, and HEAD no body
        ]
    )
    app.router.add_static("/static/", STATIC, append_version=False)
    return app
