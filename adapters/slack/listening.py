"""The Bolt app: events go to the store before they are acknowledged, what people ask is acknowledged before it is done.

Bolt acknowledges an event before its listener runs, so events are taken in the middleware before that, which is public
for this; everything else has listeners. The same app serves sockets and HTTP.
"""

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
EVENTS = frozenset({"event_callback", "app_rate_limited"})

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

    `delivered` is told whether a signature fitted.
    """

    def __init__(self, app: AsyncApp, secret: str, clock: Clock, delivered: Callable[[bool], None]) -> None:
        self._app = app
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
        try:
            request = AsyncBoltRequest(body=body.decode(), headers=dict(named))
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


class _Clock(SdkClock):
    """Our clock as the SDK asks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @override
    def now(self) -> float:
        return self._clock.now().timestamp()
