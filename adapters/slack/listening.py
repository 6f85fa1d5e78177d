"""The Bolt app: events go to the store before they are acknowledged, what people ask is acknowledged before it is done.

Bolt acknowledges an event before its listener runs, so events are taken in the middleware before that, which is public
for this; everything else has listeners. The same app serves sockets and HTTP, where events need not even come that far.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock as SdkClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.ports import Clock, Delivered

DIGITS = 12  # of a time in seconds, and more than there will be
ANY = re.compile(r"[\s\S]*")
FORMS = frozenset({"application/json", "application/x-www-form-urlencoded"})
EVENT = b'"event_callback"'  # is in the body of every event
EVENTS = (
    "event_callback",
    "app_rate_limited",
)  # no set: a broken payload may have something there that cannot be hashed

Take = Callable[[Mapping[str, Any]], Awaitable[int]]
Ask = Callable[[str, Mapping[str, Any]], None]
Sent = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


def app_for(base_url: str, team: str, *, take: Take, ask: Ask, sent: Sent) -> AsyncApp:
    """A Bolt app. `take` takes a delivered event and gives the status; `ask` begins to answer somebody.

    `sent` takes a form that was filled in; what it gives within a second stands in its place.
    """
    logger = logging.getLogger("slack_bolt")

    async def authorize(**_who: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team)

    app = AsyncApp(
        name="folkmoot",
        logger=logger,
        client=AsyncWebClient(base_url=base_url, logger=logging.getLogger("slack_sdk")),
        signing_secret="",
        before_authorize=_Events(take),
        authorize=authorize,
        request_verification_enabled=False,  # `Receiving` does that, before anything is parsed
        ignoring_self_events_enabled=False,
    )
    _listen(app, ask, sent)
    return app


def _listen(app: AsyncApp, ask: Ask, sent: Sent) -> None:
    """Give the app its listeners, one for each way of asking."""

    async def command(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        ask("command", body)
        await ack()

    async def shortcut(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        ask("shortcut", body)
        await ack()

    async def action(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        ask("action", body)
        await ack()

    async def view(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack(response_action="update", view=dict(await sent(body)))

    app.command(ANY)(command)
    app.shortcut(ANY)(shortcut)
    app.action(ANY)(action)
    app.view_submission(ANY)(view)


class _Events(AsyncMiddleware):
    """Takes events and lets everything else pass. As a class: for a function Bolt reads all of a payload first."""

    def __init__(self, take: Take) -> None:
        self._take = take

    @override
    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse | None:
        if req.body.get("type") in EVENTS:
            return BoltResponse(status=await self._take(req.body), body="")
        return await next()


class Receiving:
    """Deliveries over HTTP: believed only with Slack's signature, which is looked at before anything is parsed.

    Events are many and go straight to `take`: what Bolt makes of a request before anybody sees it costs as much as the
    rest of taking one. `delivered` is told whether a signature fitted.
    """

    def __init__(
        self, app: AsyncApp, secret: str, clock: Clock, *, take: Take, delivered: Callable[[bool], None]
    ) -> None:
        self._app = app
        self._take = take
        self._delivered = delivered
        self._verifier = SignatureVerifier(secret, _Clock(clock))

    async def receive(self, headers: Mapping[str, str], body: bytes) -> Delivered:
        """Take one request; what to answer."""
        named = {name.casefold(): value for name, value in headers.items()}
        if named.get("content-type", "").partition(";")[0].strip().casefold() not in FORMS:
            return Delivered(int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE))
        signed = self._signed(named, body)
        if signed or named.get("x-slack-signature"):
            self._delivered(signed)
        if not signed:
            return Delivered(int(HTTPStatus.UNAUTHORIZED))
        event = _event(body)
        if event is not None:
            return Delivered(await self._take(event))
        try:
            request = AsyncBoltRequest(body=body.decode(), headers={"content-type": named["content-type"]})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):  # whatever Bolt stumbles over
            return Delivered(int(HTTPStatus.BAD_REQUEST))
        answer = await self._app.async_dispatch(request)
        kind = answer.headers.get("content-type", ["text/plain"])[0]
        return Delivered(answer.status, kind.partition(";")[0], (answer.body or "").encode())

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        told, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (told.isascii() and told.isdigit() and len(told) <= DIGITS and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(body, told, signature)
        except UnicodeDecodeError:  # Slack sends nothing but UTF-8
            return False


def _event(body: bytes) -> Mapping[str, Any] | None:
    """The event that a delivery tells of; None for anything else, and for what cannot be read."""
    if EVENT not in body:
        return None
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("type") in EVENTS else None


class _Clock(SdkClock):
    """Our clock as the SDK asks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @override
    def now(self) -> float:
        return self._clock.now().timestamp()
