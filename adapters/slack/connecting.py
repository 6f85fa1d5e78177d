"""Keeps sockets to Slack open: two, so that one may be renewed while the other listens; never in a tight loop."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from adapters.slack.api import UNFIT, Api, Refused
from bot.errors import ConfigError, PlatformError, Unavailable
from bot.together import until_one_ends

SOCKETS = 2
PING = 5.0  # seconds; a socket that does not answer for four of them is dead
LOOK = 0.5  # seconds between looks for whether a socket is alive
GRACE = 4.0  # seconds that the SDK gets to renew one by itself
FIRST, LONGEST = 1.0, 30.0  # seconds between tries
LASTED = 60.0  # seconds after which a connection counts as one that worked
HELLO = 15.0  # seconds to connect
GOODBYE = 5.0  # seconds that a socket gets to close
APART = 30.0  # seconds between two connections of ours while Slack wants none
NO_MORE = {  # reasons that connecting again at once does not mend, and what does
    "too_many_websockets": "Slack has as many sockets as it takes for SLACK_APP_TOKEN; stop what else runs with it",
    "link_disabled": "Socket Mode is switched off; switch it on at api.slack.com/apps (your app, Socket Mode)",
}

NOT_ACCEPTED = (
    "Slack does not accept SLACK_APP_TOKEN ({reason}); make one with the scope connections:write at api.slack.com/apps"
    " (your app, Basic Information, App-Level Tokens)."
)
NO_SOCKETS = (
    "Slack opens no socket for us ({reason}); switch Enable Socket Mode on at api.slack.com/apps (your app, Socket"
    " Mode)."
)

log = structlog.get_logger(__name__)


class Turns:
    """When all sockets of an app may connect: at once, or one after the other while Slack wants none."""

    def __init__(self) -> None:
        self._apart = 0.0
        self._last = 0.0

    def refused(self) -> None:
        """Slack wants no connection."""
        self._apart = APART

    def accepted(self) -> None:
        """One was made, and lasted."""
        self._apart = 0.0

    async def take(self) -> None:
        """Wait until it is somebody's turn to connect."""
        now = asyncio.get_running_loop().time()
        self._last = max(now, self._last + self._apart)
        await asyncio.sleep(self._last - now)


class Socket:
    """One connection: made again after whatever ends it."""

    def __init__(
        self, api: Api, app: AsyncApp, app_token: str, hello: Callable[["Socket"], Awaitable[None]], turns: Turns
    ) -> None:
        self._api = api
        self._app = app
        self._token = app_token
        self._hello = hello
        self._turns = turns
        self._handler: AsyncSocketModeHandler | None = None
        self._over = asyncio.Event()
        self._renewed = False  # whether the SDK makes a new session by itself, as Slack asked it to
        self.lost = False  # whether the last session ended in any other way: events may have been lost

    @property
    def open(self) -> bool:
        """Whether there is a connection, alive or not."""
        session = self._handler.client.current_session if self._handler is not None else None
        return session is not None and not session.closed

    async def alive(self) -> bool:
        """Whether it is connected, as far as can be seen."""
        return self._handler is not None and await self._handler.client.is_connected()

    def renew(self) -> None:
        """Give this connection up and make another one, whatever it looks like."""
        self._over.set()

    async def run(self) -> None:
        """Stay connected until cancelled. ConfigError if Slack never accepted the token."""
        wait, accepted = FIRST, False
        while True:
            await self._turns.take()
            began = asyncio.get_running_loop().time()
            try:
                url = await self._api.socket(self._token)
                accepted = True
                await self._once(url)
            except Refused as error:
                if not accepted:
                    said = NOT_ACCEPTED if error.code in UNFIT else NO_SOCKETS
                    raise ConfigError(said.format(reason=error.code)) from None
                log.warning("Slack lets no socket in; look at Socket Mode in the app's settings", reason=error.code)
            except Unavailable as error:
                if error.asked:  # otherwise it is known and was logged
                    log.warning("a socket to Slack failed", reason=str(error), again_in=wait)
            except (PlatformError, TimeoutError) as error:
                log.warning("a socket to Slack failed", reason=str(error) or type(error).__name__, again_in=wait)
            lasted = asyncio.get_running_loop().time() - began
            if lasted > LASTED:
                self._turns.accepted()
            wait = FIRST if lasted > LASTED else min(wait * 2, LONGEST)
            await asyncio.sleep(wait * random.uniform(0.75, 1.0))  # noqa: S311 - spreads tries, guards nothing

    async def _once(self, url: str) -> None:
        """Connect and stay until the connection is lost, given up, or Slack wants us gone."""
        handler = self._handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=PING)
        client = handler.client
        client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False  # we do that, more patiently
        client.wss_uri = url
        client.message_listeners.append(self._told)
        client.on_message_listeners.append(self._read)
        client.connect_to_new_endpoint = self._unless_over(client.connect_to_new_endpoint)  # type: ignore[method-assign, assignment]  # else it connects where Slack wants none
        self._over.clear()
        self._renewed = False
        try:
            async with asyncio.timeout(HELLO):
                await client.connect()  # type: ignore[no-untyped-call]  # the SDK's is
            await self._stay()
        finally:
            self._handler, self.lost = None, True
            await _shut(handler)

    def _unless_over(self, renew: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """How the SDK makes a new session for the same socket, as long as that is wanted."""

        async def connect(force: bool = False) -> None:
            if not self._over.is_set():
                await renew(force)

        return connect

    async def _stay(self) -> None:
        """Wait until the connection is lost for longer than renewing one takes, or is given up."""
        lost = 0.0
        while not self._over.is_set():
            alive = await self.alive()
            lost = 0.0 if alive else lost + LOOK
            self._renewed = self._renewed and not alive
            if lost > (GRACE if self._renewed else 0.0):
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._over.wait()

    async def _told(self, _client: object, message: dict[str, Any], _raw: object) -> None:
        if message.get("type") == "hello":
            await self._hello(self)

    async def _read(self, message: WSMessage) -> None:
        """See whether Slack ends this connection for a reason that a new one at once would only meet again."""
        if '"disconnect"' not in message.data:
            return
        with suppress(ValueError):
            told = json.loads(message.data)
            if told.get("type") != "disconnect" or self._handler is None:
                return
            if told.get("reason") in NO_MORE:
                log.error(NO_MORE[told["reason"]], reason=told["reason"])
                self._turns.refused()
                self._handler.client.closed = True
                self._over.set()
            else:
                self._renewed = True


async def _shut(handler: AsyncSocketModeHandler) -> None:
    """Let a connection go, however it takes leave."""
    with suppress(Exception):
        async with asyncio.timeout(GOODBYE):
            await handler.client.close()  # type: ignore[no-untyped-call]  # the SDK's is


class Sockets:
    """All connections of one app. `begin` is awaited whenever one connects and something may be missing.

    That is for the first one, when none was there, or when the one before it was cut off: another that looks alive may
    be so as well.
    """

    def __init__(self, api: Api, app: AsyncApp, app_token: str, begin: Callable[[], Awaitable[None]]) -> None:
        self._begin = begin
        self._begun = False  # whether one was greeted; that another is alive says nothing before
        turns = Turns()
        self._sockets = [Socket(api, app, app_token, self._hello, turns) for _ in range(SOCKETS)]

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await until_one_ends(*(socket.run() for socket in self._sockets))

    @property
    def listening(self) -> bool:
        """Whether anything is connected."""
        return any(socket.open for socket in self._sockets)

    def renew(self) -> None:
        """Make all connections anew: one that looks alive does not bring anything."""
        for socket in self._sockets:
            socket.renew()

    async def _hello(self, fresh: Socket) -> None:
        others = [await socket.alive() for socket in self._sockets if socket is not fresh]
        if fresh.lost or not self._begun or not any(others):
            self._begun = True
            await self._begin()
            fresh.lost = False
