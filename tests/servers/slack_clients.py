"""The real slack-bolt and slack_sdk against the Slack of a test."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer

PATH = "/slack/events"


def web_client(slack: SlackServer) -> AsyncWebClient:
    """A client as ours are: it sends once."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


class Listener:
    """A Bolt app that writes down what it hears; a test adds listeners of its own."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.app = AsyncApp(
            client=web_client(slack), signing_secret=slack.signing_secret, ignoring_self_events_enabled=False
        )
        self.heard: list[dict[str, Any]] = []
        self.retries: list[tuple[str, str]] = []  # number and reason
        self._news = asyncio.Event()
        self.app.event(re.compile(".*"))(self._hear)

    async def _hear(self, body: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - Bolt's
        self.heard.append(body)
        number = request.headers.get("x-slack-retry-num")
        if number and number[0] != "0":
            self.retries.append((number[0], request.headers["x-slack-retry-reason"][0]))
        self._news.set()

    def got(self, kind: str) -> list[dict[str, Any]]:
        """The events of that type."""
        return [body["event"] for body in self.heard if body["event"]["type"] == kind]

    async def until(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait for so many events of a type."""
        async with asyncio.timeout(20):
            while len(found := self.got(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return found

    @asynccontextmanager
    async def socketed(self) -> AsyncIterator[AsyncSocketModeHandler]:
        """Connected by Socket Mode."""
        self.slack.app.socket_mode = True
        handler = AsyncSocketModeHandler(self.app, self.slack.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        try:
            await self.slack.sockets.until_open()
            yield handler
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # as above

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Listening for signed deliveries; the address."""
        runner = web.AppRunner(self.app.server(port=0, path=PATH, host="127.0.0.1").web_app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            await self.slack.hooks.aim(f"http://{host}:{port}{PATH}")
            yield f"http://{host}:{port}{PATH}"
        finally:
            await runner.cleanup()

    def connected(self, transport: str) -> Any:  # noqa: ANN401 - one of the two managers
        """By the transport of that name."""
        return self.socketed() if transport == "socket" else self.served()
