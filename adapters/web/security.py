"""What every answer carries, and what becomes of an error."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from adapters.web.hooks import Receipt
from adapters.web.site import SITE
from bot.errors import StoreBusy, StoreFailed
from bot.logs import went_wrong
from bot.texts import Texts, phrase, texts_for

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
SAID = {  # by status
    403: (phrase("This was not sent from here"), phrase("Open the page again and send it from there.")),
    404: (phrase("There is nothing here"), phrase("It was taken away, or the address has a mistake in it.")),
    405: (phrase("This cannot be done here"), phrase("Open the page again and use what it offers.")),
    410: (phrase("This is gone"), phrase("It was here once, and was taken away where it was written.")),
    413: (phrase("That is too long"), phrase("Please send less at once.")),
    429: (phrase("A little slower, please"), phrase("That was more at once than one person writes. Wait a moment.")),
    503: (phrase("Just a moment"), phrase("This cannot be answered just now. Please try again.")),
}
WRONG = (phrase("Something went wrong"), phrase("It was written to the log. Please try again."))
UNREADABLE = (phrase("This cannot be read"), phrase("The address has a mistake in it."))

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on an answer, whatever it is; a receipt needs none."""
    response.headers.popall("Server", None)
    if isinstance(response, Receipt):
        return
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.path.startswith("/local"):
        # With no-referrer browsers send "Origin: null" with a form, and the room could not tell whose form it is.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.setdefault("Cache-Control", "no-cache")  # cached, but checked each time: updates change it
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Vary", "Accept-Language")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a page that says what to do; what nobody foresaw is logged and becomes a 500."""
    try:
        return await handler(request)
    except web.HTTPRedirection as error:
        raise error.with_traceback(None) from None  # else it keeps what was read before it, in a cycle
    except web.HTTPException as error:
        answer = await _page(request, error.status)
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except (StoreBusy, StoreFailed) as error:
        log.warning("the store did not answer", path=request.path, reason=str(error))
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
    except Exception as error:  # noqa: BLE001 - told, and said without a page
        went_wrong(log, "the error page failed", error, path=request.path)
        title, advice = words(status, texts_for("en"))
        return web.Response(text=f"{title}\n{advice}\n", status=status)


def words(status: int, texts: Texts) -> tuple[str, str]:
    """What an error page says: what is wrong, and what to do."""
    told = SAID.get(status, WRONG if status >= web.HTTPInternalServerError.status_code else UNREADABLE)
    return texts.say(told[0]), texts.say(told[1])
