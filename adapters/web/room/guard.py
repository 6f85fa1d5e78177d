"""Who may reach the room at all, and whose forms are taken."""

from urllib.parse import urlsplit

from aiohttp import web

from bot.urls import LOOPBACK

FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip"})
FORWARDING = "x-forwarded-"  # and whatever else a proxy says with it


def let_in(request: web.Request, *, local_only: bool) -> None:
    """404 for whoever came by a foreign name or through a proxy, where the room is for this machine only."""
    if local_only and (_foreign(request) or any(_forwards(name.lower()) for name in request.headers)):
        raise web.HTTPNotFound


def _foreign(request: web.Request) -> bool:
    return _host(f"//{request.headers.get('Host', '')}")[0] not in LOOPBACK


def _forwards(name: str) -> bool:
    return name in FORWARDED or name.startswith(FORWARDING)


def check_origin(request: web.Request) -> None:
    """403 for a form that did not come from one of our own pages."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        raise web.HTTPForbidden
    if origin is not None and _host(origin)[1] != request.headers.get("Host"):
        raise web.HTTPForbidden
    if site is None and origin is None:
        raise web.HTTPForbidden


def _host(address: str) -> tuple[str, str]:
    """The host of an address, without and with its port; empty when it is none."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    return host, parts.netloc
