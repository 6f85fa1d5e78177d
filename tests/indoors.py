"""Both platforms without a wire: the same servers, the real adapters and their libraries, and nothing between them.

What discord.py and slack_sdk ask over HTTP is answered in this process, Discord's frames go straight into discord.py's
parsers, and Slack's signed deliveries straight to the adapter that takes them. A life of Folkmoot costs milliseconds.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.discord import connecting
from adapters.slack.adapter import SlackAdapter
from adapters.slack.manifest import manifest
from bot.cli.run import Parts, assemble
from bot.models import Platform
from bot.ports import Clock
from bot.settings import load
from storage import SqlStore
from tests.servers.clients import INTENTS
from tests.servers.discord import DiscordServer
from tests.servers.discord.rest import PREFIX, Rest
from tests.servers.discord.sessions import Session
from tests.servers.faults import Fault
from tests.servers.slack import SlackServer
from tests.servers.slack.api import Api
from tests.servers.slack.deliveries import Delivery, Outcome

Json = dict[str, Any]
BOTH = (Platform.DISCORD, Platform.SLACK)
NOBODY = aiohttp.RequestInfo(yarl.URL(), "", CIMultiDictProxy(CIMultiDict()), yarl.URL())
A_MOMENT = 0.05  # seconds of a virtual loop, which jumps ahead when nothing is left to do


@dataclass
class Asked:
    """A request as a server reads it."""

    method: str
    rel_url: yarl.URL
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: str
    content_type: str = "application/json"
    can_read_body: bool = False
    cut: bool = False

    @property
    def match_info(self) -> Mapping[str, str]:
        return {"method": self.rel_url.name}

    @property
    def transport(self) -> "Asked":
        return self

    def abort(self) -> None:
        """The server cuts the connection."""
        self.cut = True

    async def text(self) -> str:
        return self.body


@dataclass
class Answered:
    """An answer as discord.py and slack_sdk read it."""

    written: web.Response
    reason: str = ""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - status, headers, content_type
        return getattr(self.written, name)

    async def text(self, encoding: str = "utf-8") -> str:
        return self.written.text or ""

    async def json(self) -> Any:  # noqa: ANN401 - the platforms' JSON
        """What aiohttp reads: anything else than JSON is an error of its own, nothing at all is None."""
        if self.written.content_type != "application/json":
            raise aiohttp.ContentTypeError(NOBODY, ())
        body = (self.written.text or "").strip()
        return json.loads(body) if body else None


class Counter:
    """Stands where an aiohttp.ClientSession would, and asks a server that is in this process."""

    def __init__(self, answer: Callable[[Any], Awaitable[Any]], connector: aiohttp.TCPConnector | None = None) -> None:
        self.closed = False
        self._answer = answer
        self._connector = connector

    @asynccontextmanager
    async def request(self, method: str, url: str, **sent: Any) -> AsyncIterator[Answered]:  # noqa: ANN401 - as aiohttp's
        there = yarl.URL(url)
        body = json.dumps(sent["json"]) if sent.get("json") is not None else sent.get("data") or ""
        query = {name: str(value) for name, value in (sent.get("params") or {}).items()}
        asked = Asked(method, there, sent.get("headers") or {}, query, body)
        answer = await self._answer(asked)
        if asked.cut:
            raise aiohttp.ServerDisconnectedError
        yield Answered(answer)

    async def close(self) -> None:
        self.closed = True
        if self._connector is not None:
            await self._connector.close()


@dataclass(eq=False)
class Line:
    """A gateway connection: each frame is parsed as it is sent."""

    client: connecting.Client
    half_open: bool = False
    session: Session | None = None

    def send(self, frame: Json) -> None:
        name = frame["t"]
        if name not in {"READY", "RESUMED"}:
            self.client._connection.parsers[name](json.loads(json.dumps(frame["d"])))


@dataclass
class Town:
    """A Discord and a Slack, and the ways to them; a process that ends takes its ways with it."""

    discord: DiscordServer
    slack: SlackServer
    client: connecting.Client | None = None
    line: Line | None = None
    session: Session | None = None
    adapter: SlackAdapter | None = None
    up: bool = field(default=True)

    @classmethod
    def founded(cls, clock: Clock) -> "Town":
        town = cls(DiscordServer(clock), SlackServer(clock))
        town.slack.install(manifest(url="https://folkmoot.example"))
        town.slack.hooks.now = lambda: clock.now().timestamp()
        town.slack.deliveries._transports[False] = town
        town.discord.world.commands.application = town.discord.world.application.id
        return town

    async def answer(self, asked: Asked) -> Any:  # noqa: ANN401 - a server's response
        """Ask whoever the address is of."""
        request: Any = asked
        if asked.rel_url.raw_path.startswith(PREFIX):
            return await Rest(self.discord).answer(request)
        return await Api(self.slack).answer(request)

    # Discord's gateway

    async def connect(self, client: connecting.Client) -> None:
        """Stay connected, in place of discord.py's own connection."""
        client.shard_count = 1
        self.client, self.session = client, None
        try:
            if self.up:
                self.identify()
            await asyncio.Event().wait()
        finally:
            self.lose()
            self.client = None

    def identify(self) -> None:
        """A new session."""
        assert self.client is not None
        self.discord.gateway.sessions.clear()
        self.line = Line(self.client)
        line: Any = self.line
        self.session = self.discord.gateway.open_session(line, INTENTS.value, (0, 1))
        self.client.dispatch("shard_ready", 0)

    def resume(self) -> None:
        """The session that was lost goes on, or a new one begins where there was none."""
        if self.client is None:
            return
        if self.session is None or self.session.id not in self.discord.gateway.sessions:
            self.identify()
            return
        line: Any = Line(self.client)
        self.line = self.session.socket = line
        self.session.replay(self.heard)
        self.client.dispatch("shard_resumed", 0)

    def lose(self) -> None:
        """Cut every connection: nothing arrives any more."""
        if self.session is not None and self.session.socket is not None:
            self.session.socket = None
            self.heard = len(self.session.frames)
        if self.client is not None:
            self.client.dispatch("shard_disconnect", 0)

    heard = 0

    # Slack's deliveries

    async def send(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        """Deliver to the process that runs, signed; in place of a post."""
        if self.adapter is None:
            return Outcome("connection_failed")
        body = json.dumps(delivery.payload).encode()
        try:
            async with asyncio.timeout(self.slack.world.patience):
                answer = await self.adapter.receive(self.slack.hooks.headers(body), body)
        except TimeoutError:
            return Outcome("http_timeout")
        return Outcome("ok" if answer.status == 200 else "http_error")


def without_wires(monkeypatch: pytest.MonkeyPatch, town: Callable[[], Town]) -> None:
    """From here on all that is asked over HTTP is answered by the town that there is then."""

    def session(connector: aiohttp.TCPConnector | None = None, **_more: object) -> Counter:
        return Counter(lambda asked: town().answer(asked), connector)

    async def connect(client: connecting.Client, *, reconnect: bool = True) -> None:
        await town().connect(client)

    monkeypatch.setattr(aiohttp, "ClientSession", session)
    monkeypatch.setattr(connecting.Client, "connect", connect)
    monkeypatch.setattr(discord.http.Route, "BASE", f"https://discord.com{PREFIX}")


@dataclass(eq=False)
class Life:
    """One process of Folkmoot in a town; nothing in it happens by the clock alone but what the adapters do."""

    town: Town
    parts: Parts
    running: list[asyncio.Task[None]]

    async def end(self) -> None:
        """End the process, whatever it is doing."""
        self.town.adapter = None
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)


async def begun(town: Town, store: SqlStore, clock: Clock, platforms: Collection[Platform] = BOTH) -> Life:
    """A process as `folkmoot run` puts it together, connected to these platforms."""
    tokens: dict[str, Any] = {"web_port": "0"}
    if Platform.DISCORD in platforms:
        tokens["discord_token"] = town.discord.token
    if Platform.SLACK in platforms:
        tokens |= {"slack_bot_token": town.slack.bot_token, "slack_signing_secret": town.slack.signing_secret}
    parts = assemble(load(env_file=None, override=tokens), store, clock, "code")
    adapters = [parts.adapters[each] for each in platforms]
    town.up, town.adapter = True, parts.adapters.get(Platform.SLACK)
    running = [asyncio.create_task(each.run(parts.app)) for each in adapters]
    async with asyncio.timeout(60):
        while not all(each.connected for each in adapters):  # noqa: ASYNC110 - of virtual time
            await asyncio.sleep(A_MOMENT)
    await asyncio.sleep(A_MOMENT)
    return Life(town, parts, running)
