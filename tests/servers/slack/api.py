"""The Web API: reads arguments, bites as planned, limits, authorises, checks, acts, answers and writes it all down."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.biting import Dropped, bitten, cut
from tests.servers.faults import RateLimit
from tests.servers.log import Happened, Json
from tests.servers.slack import methods_chat, methods_conversations, methods_rest
from tests.servers.slack.asking import ApiError, Ask, Invalid, Methods
from tests.servers.slack.parameters import BOOL, LIST, NUMBER, OBJECT, PARAMETERS, parameter_faults
from tests.servers.slack.responses import respond, response_error

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

METHODS: Methods = methods_chat.METHODS | methods_conversations.METHODS | methods_rest.METHODS
OPEN_METHODS = ("oauth.v2.access",)  # the client's secret is the key
APP_METHODS = ("apps.connections.open",)
BOOLS = {"true": True, "1": True, "false": False, "0": False}


class Api:
    """One API on a server's world."""

    def __init__(self, server: "SlackServer") -> None:
        self.server = server

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request to a method."""
        method = request.match_info["method"]
        body = await _arguments(request, method)
        token = str(body.pop("token", None) or request.headers.get("Authorization", "").removeprefix("Bearer "))

        async def act() -> web.Response:
            return self._act(method, token, body)

        return await self._answered(request, method, body, act)

    async def respond(self, request: web.Request) -> web.Response:
        """Answer one post to a response_url."""
        body: Json = json.loads(await request.text())

        async def act() -> web.Response:
            call = self.server.world.responses.get(request.match_info["token"])
            error = response_error(call)
            if error is not None or call is None:
                return _written({"ok": False, "error": error}, 404)
            call.responses += 1
            faults = respond(call, body)
            return _written({"ok": False, "error": "invalid_blocks"}, 400) if faults else _written({"ok": True})

        return await self._answered(request, "response_url", body, act)

    async def _answered(
        self, request: web.Request, what: str, body: Json, act: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        note = self.server.log.note
        note(Happened.REQUEST, what, body={"body": body, "query": dict(request.query), "http": request.method})
        fault = self.server.faults.bite(what, body)
        if fault is not None:
            note(Happened.FAULT, what, body={"fault": repr(fault)})
        try:
            response = await bitten(fault, act, self._limited)
        except Dropped:
            return cut(request)
        note(Happened.ANSWER, what, status=response.status, body=_shown(response))
        return response

    def _limited(self, fault: RateLimit) -> web.Response:
        self.server.limits.refused += 1
        return _too_many(fault.retry_after)

    def _act(self, method: str, token: str, body: Json) -> web.Response:
        handler = METHODS.get(method)
        if handler is None:
            self.server.violations.append(f"{method}: no such method at this server")
            return _written({"ok": False, "error": "unknown_method"})
        wait = self.server.limits.take(method, str(body.get("channel", "")))
        if wait:
            return _too_many(wait)
        app = self.server.world.app
        scopes = {"X-OAuth-Scopes": ",".join(sorted(app.app_scopes if method in APP_METHODS else app.scopes))}
        try:
            self._authorise(method, token)
            faults = list(parameter_faults(method, body))
            if faults:
                raise Invalid("invalid_arguments", faults)  # noqa: TRY301 - answered as every other refusal
            answer = {"ok": True} | handler(Ask(self.server, method, body))
        except ApiError as refusal:
            if isinstance(refusal, Invalid):
                self.server.violations += [f"{method}: {where or 'body'} {what}" for where, what in refusal.faults]
            return _written(refusal.body, headers=scopes)
        except Exception as error:
            self.server.violations.append(f"{method}: this server itself failed: {error!r}")
            raise
        return _written(answer, headers=scopes)

    def _authorise(self, method: str, token: str) -> None:
        app = self.server.world.app
        if method in OPEN_METHODS:
            return
        if not token:
            raise ApiError("not_authed")
        if token in app.revoked:
            raise ApiError("token_revoked" if app.installed else "account_inactive")
        if token in app.expires and app.expires[token] <= self.server.world.clock.now():
            raise ApiError("token_expired")
        if token not in (app.bot_token, app.app_token, *app.expires):
            raise ApiError("invalid_auth")
        if (token == app.app_token) != (method in APP_METHODS):
            raise ApiError("not_allowed_token_type")


async def _arguments(request: web.Request, method: str) -> Json:
    """Query and body in one, strings read as what they stand for; of GET and POST alike."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        return _typed(found, method) | (json.loads(text) if text else {})
    if request.can_read_body:
        found |= {name: str(value) for name, value in (await request.post()).items()}
    return _typed(found, method)


def _typed(arguments: Json, method: str) -> Json:
    known = PARAMETERS.get(method, {})
    return {name: _read(known.get(name), value) for name, value in arguments.items()}


def _read(kind: str | None, value: str) -> object:
    if kind == BOOL:
        return BOOLS.get(value.lower(), value)
    if kind == NUMBER:
        return int(value) if value.isdigit() else value
    if kind in (LIST, OBJECT):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _written(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=kind | (headers or {}))


def _too_many(wait: float) -> web.Response:
    return _written({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(math.ceil(wait))})


def _shown(response: web.Response) -> Json:
    body = response.body
    return json.loads(body) if isinstance(body, bytes) and body.startswith(b"{") else {}
