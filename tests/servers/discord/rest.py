"""The REST API: finds the route, bites as planned, limits, authorises, acts, answers and writes it all down."""

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

from aiohttp import web

from tests.servers.biting import Dropped, bitten, cut
from tests.servers.discord import (
    routes_channels,
    routes_guilds,
    routes_interactions,
    routes_messages,
    routes_threads,
)
from tests.servers.discord.asking import ApiError, Ask, Handler, Invalid, Routes
from tests.servers.faults import RateLimit
from tests.servers.log import Happened

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

PREFIX = "/api/v10"
JSON = {"Content-Type": "application/json"}
VIA = {"Via": "1.1 google"}
OPEN = ("/interactions/{", "/webhooks/{")  # the token in the path is the key
UNLIMITED = ("/interactions/{", "/webhooks/{")

ROUTES: Routes = (
    routes_channels.ROUTES
    | routes_guilds.ROUTES
    | routes_interactions.ROUTES
    | routes_messages.ROUTES
    | routes_threads.ROUTES
)


class Rest:
    """One API on a server's world."""

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server
        self._table = [(*key.split(" "), handler) for key, handler in ROUTES.items()]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        what = f"{request.method} {unquote(path)}"
        body, files = await _read(request)
        note = self.server.log.note
        note(Happened.REQUEST, what, body={"body": body, "query": dict(request.query), "files": files})
        fault = self.server.faults.bite(what, body)
        if fault is not None:
            note(Happened.FAULT, what, body={"fault": repr(fault)})
        try:
            response = await bitten(fault, lambda: self._act(request, path, body, files), self._limited)
        except Dropped:
            return cut(request)
        note(Happened.ANSWER, what, status=response.status, body=_shown(response))
        return response

    def _limited(self, fault: RateLimit) -> web.Response:
        if fault.scope != "shared":
            self.server.limits.refused += 1
        if not fault.via:
            return web.Response(status=429, text="error code: 1015", content_type="text/plain")
        return _too_many(fault.retry_after, fault.scope)

    async def _act(self, request: web.Request, path: str, body: object, files: tuple[str, ...]) -> web.Response:
        found = self._find(request.method, path)
        if found is None:
            self.server.violations.append(f"{request.method} {path}: no such route at this server")
            return _answer(404, {"message": "404: Not Found", "code": 0})
        route, ids, handler = found
        limits = self.server.limits
        wait = 0.0 if any(part in route for part in UNLIMITED) else limits.over_global()
        if wait:
            limits.refused += 1
            return _too_many(wait, "global")
        name, bucket = limits.bucket(route, ids)
        now = asyncio.get_running_loop().time()
        if not bucket.take(now):
            limits.refused += 1
            state = bucket.headers(name, now, self.server.world.clock.now().timestamp())
            return _too_many(bucket.opened + bucket.per - now, "user", state)
        status, answer = self._run(request, route, handler, Ask(self.server, ids, dict(request.query), body, files))
        if status in (401, 403):
            limits.refused += 1
        headers = bucket.headers(name, now, self.server.world.clock.now().timestamp())
        return _answer(status, answer, headers)

    def _find(self, method: str, path: str) -> tuple[str, dict[str, str], Handler] | None:
        for wanted, pattern, handler in self._table:
            if wanted == method:
                ids = _fits(str(pattern), path)
                if ids is not None:
                    return f"{method} {pattern}", ids, handler  # type: ignore[return-value]  # the third is the handler
        return None

    def _run(self, request: web.Request, route: str, handler: Handler, ask: Ask) -> tuple[int, Any]:
        token = f"Bot {self.server.world.application.token}"
        try:
            if not any(part in route for part in OPEN):
                _authorised(request, token)
            answer = handler(ask)
        except ApiError as refusal:
            if isinstance(refusal, Invalid):
                faults = "; ".join(f"{where or 'body'} {what}" for where, what in refusal.faults)
                self.server.violations.append(f"{route}: {faults}")
            return refusal.status, refusal.body
        except Exception as error:
            self.server.violations.append(f"{route}: this server itself failed: {error!r}")
            raise
        if answer is None:
            return 204, None
        return (201 if route.endswith("/threads") and route.startswith("POST") else 200), answer


def _authorised(request: web.Request, token: str) -> None:
    if request.headers.get("Authorization") != token:
        raise ApiError(401, 0)


class Upload(str):
    """A file that came along: its name, and what it holds."""

    content: bytes

    def __new__(cls, name: str, content: bytes) -> Self:
        made = super().__new__(cls, name)
        made.content = content
        return made


async def _read(request: web.Request) -> tuple[Any, tuple[str, ...]]:
    """The JSON body, of multipart requests the part `payload_json`, and the files."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        sent = [part for part in form.values() if isinstance(part, web.FileField)]
        files = tuple(Upload(part.filename, part.file.read()) for part in sent)
        return json.loads(str(form.get("payload_json", "null"))), files
    text = await request.text()
    return (json.loads(text) if text else None), ()


def _fits(pattern: str, path: str) -> dict[str, str] | None:
    """The ids in a path that fits a route's pattern: compared part by part in the raw, then decoded."""
    wanted, parts = pattern.split("/"), path.split("/")
    if len(wanted) != len(parts):
        return None
    ids = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{"):
            name, _, only = want.strip("{}").partition(":")
            if only and not re.fullmatch(only, part):
                return None
            ids[name] = unquote(part)
        elif want != part:
            return None
    return ids


def _answer(status: int, body: object, headers: dict[str, str] | None = None) -> web.Response:
    if status == 204:
        return web.Response(status=204, headers=headers)
    limited = isinstance(body, dict) and "retry_after" in body
    more = {"Retry-After": str(body["retry_after"])} if limited and isinstance(body, dict) else {}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=JSON | VIA | (headers or {}) | more)


def _too_many(retry_after: float, scope: str, state: dict[str, str] | None = None) -> web.Response:
    """429, told as Discord does: the bucket's state is not among its headers when the limit is another."""
    wait = max(0.001, round(retry_after, 3))
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": scope == "global"}
    headers = (
        (state or {}) | {"X-RateLimit-Scope": scope} | ({"X-RateLimit-Global": "true"} if scope == "global" else {})
    )
    return _answer(429, body, headers)


def _shown(response: web.Response) -> dict[str, Any]:
    body = response.body
    if not isinstance(body, bytes) or not body.startswith((b"{", b"[")):
        return {}
    found = json.loads(body)
    return found if isinstance(found, dict) else {"list": found}
