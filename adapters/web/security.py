"""What every answer carries, and what becomes of an error."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from adapters.web.site import SITE
from bot.errors import StoreBusy
from bot.texts import Texts, texts_for

log = structlog.get_logger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
TOO_LARGE = 413

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on an answer, whatever it is."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.path.startswith("/local"):
        # With no-referrer browsers send "Origin: null" with a form, and the room could not tell whose form it is.
        response.headers["Referrer-Policy"] = "same-origin"
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-cache")
    response.headers.popall("Server", None)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a page that says what to do; what nobody foresaw is logged and becomes a 500."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        answer = await _page(request, error.status)
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except StoreBusy:
        return await _page(request, web.HTTPServiceUnavailable.status_code)
    except ConnectionError:
        raise
    except Exception:
        log.exception("a page failed", path=request.path)
        return await _page(request, web.HTTPInternalServerError.status_code)


async def _page(request: web.Request, status: int) -> web.Response:
    try:
        texts = await request.app[SITE].texts(request)
        title, advice = words(status, texts)
        return await request.app[SITE].page(request, "error.html", status=status, title=title, advice=advice)
    except Exception:
        log.exception("the error page failed", path=request.path)
        title, advice = words(status, texts_for("en"))
        return web.Response(text=f"{title}\n{advice}\n", status=status)


def words(status: int, texts: Texts) -> tuple[str, str]:
    """What an error page says: what is wrong, and what to do."""
    if status == web.HTTPNotFound.status_code:
        return texts.say("There is nothing here"), texts.say("It was taken away, or the address has a mistake in it.")
    if status == web.HTTPServiceUnavailable.status_code:
        return texts.say("Just a moment"), texts.say("There is more to do than can be done at once. Please try again.")
    if status == TOO_LARGE:
        return texts.say("That is too long"), texts.say("Please send less at once.")
    if status == web.HTTPForbidden.status_code:
        return texts.say("This was not sent from here"), texts.say("Open the page again and send it from there.")
    if status >= web.HTTPInternalServerError.status_code:
        return texts.say("Something went wrong"), texts.say("It was written to the log. Please try again.")
    return texts.say("This cannot be read"), texts.say("The address has a mistake in it.")
