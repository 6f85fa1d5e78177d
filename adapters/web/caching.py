"""Pages that did not change are not sent twice: an entity tag of what is in them."""

import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def tag(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 304 to whoever has the page as it is; the tag is of the whole text, so it never lies."""
    response = await handler(request)
    if request.method not in {"GET", "HEAD"} or response.status != web.HTTPOk.status_code:
        return response
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    mark = hashlib.sha256(response.body).hexdigest()[:24]
    response.etag = mark
    if not any(each.value in {mark, "*"} for each in request.if_none_match or ()):
        return response
    unchanged = web.Response(status=web.HTTPNotModified.status_code)
    unchanged.etag = mark
    return unchanged
