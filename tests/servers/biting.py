"""How a fault of the plan bites a request, the same on every platform's server."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.servers.faults import Delay, DropReply, Fault, RateLimit, Reset, Stall, Status


class Dropped(Exception):
    """The connection is to be cut instead of an answer."""


async def bitten(
    fault: Fault | None,
    act: Callable[[], Awaitable[web.Response]],
    limited: Callable[[RateLimit], web.Response],
) -> web.Response:
    """Act and answer as the fault wants; `limited` writes the platform's own 429. Dropped: answer nothing."""
    instead = await _before(fault, limited)
    if instead is not None:
        return instead
    response = await act()
    match fault:
        case DropReply():
            raise Dropped
        case Delay(seconds=seconds, after=True):
            await asyncio.sleep(seconds)
        case Status(after=True):
            return planned(fault)
        case _:
            pass
    return response


async def _before(fault: Fault | None, limited: Callable[[RateLimit], web.Response]) -> web.Response | None:
    match fault:
        case Reset():
            raise Dropped
        case Stall():
            await asyncio.Event().wait()
        case Delay(seconds=seconds, after=False):
            await asyncio.sleep(seconds)
        case Status(after=False):
            return planned(fault)
        case RateLimit():
            return limited(fault)
        case _:
            pass
    return None


def planned(fault: Status) -> web.Response:
    """The answer that a Status fault stands for."""
    if fault.body is None:
        page = f"<html><title>{fault.status}</title></html>"
        return web.Response(status=fault.status, text=page, content_type="text/html", headers=fault.headers)
    headers = {"Content-Type": "application/json"} | fault.headers
    return web.Response(status=fault.status, body=json.dumps(fault.body).encode(), headers=headers)


def cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
