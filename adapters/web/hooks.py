"""Paths of our web server that a platform delivers to: no page, no form, and no reader behind it."""

from http import HTTPStatus

from aiohttp import web

from bot.ports import Hook

MOST = 1024 * 1024  # bytes of one delivery: more than any that is known


class Receipt(web.Response):
    """What a platform is answered: a status for a program, not a page that a browser must be told how to treat."""


def add_hook(app: web.Application, path: str, hook: Hook) -> None:
    """Give `hook` whatever is posted to a path, as it came.

    A body that is too long, or packed, is refused before it is read: who sent it is known only afterwards.
    """

    async def receive(request: web.Request) -> Receipt:
        if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
            return Receipt(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        body = await _read(request)
        if body is None:
            return Receipt(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        answer = await hook(request.headers, body)
        return Receipt(status=answer.status, body=answer.body, content_type=answer.kind)

    app.router.add_post(path, receive)


async def _read(request: web.Request) -> bytes | None:
    """The body, None if it is too long; the limit of forms does not hold here."""
    if (request.content_length or 0) > MOST:
        return None
    parts: list[bytes] = []
    length = 0
    async for part in request.content.iter_any():
        length += len(part)
        if length > MOST:
            return None
        parts.append(part)
    return b"".join(parts)
