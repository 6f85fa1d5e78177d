"""The real discord.py against the Discord of a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import yarl
from aiohttp import ClientSession
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

from tests.servers.discord import DiscordServer

INTENTS = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, message_content=True)


class Listener(discord.AutoShardedClient):
    """A client that writes down what it hears. It does not wait between identifies, as the real one must."""

    def __init__(self, intents: discord.Intents | None = None, silence: float = 60.0) -> None:
        super().__init__(
            intents=intents or INTENTS,
            guild_ready_timeout=0.01,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            enable_debug_events=True,
            heartbeat_timeout=silence,
        )
        self.heard: list[tuple[str, Any]] = []
        self.running: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord's five seconds between identifies are for real servers."""

    @override
    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        self.heard.append((event, args[0] if args else None))
        self._news.set()
        super().dispatch(event, *args, **kwargs)

    def run_in_background(self, token: str) -> None:
        """Start; whoever waits for an event learns of the end."""
        self.running = asyncio.create_task(self.start(token))
        self.running.add_done_callback(lambda _: self._news.set())

    def got(self, event: str) -> list[Any]:
        """What came with each event of that name."""
        return [what for name, what in self.heard if name == event]

    async def until(self, event: str, count: int = 1, *, where: Callable[[Any], bool] = lambda _: True) -> list[Any]:
        """Wait for so many events of a name."""
        async with asyncio.timeout(20):
            while len(found := [what for what in self.got(event) if where(what)]) < count:
                if self.running is not None and self.running.done():
                    self.running.result()
                    raise AssertionError(f"the client ended before {event!r}")
                self._news.clear()
                await self._news.wait()
        return found


@asynccontextmanager
async def aimed(server: DiscordServer) -> AsyncIterator[None]:
    """Point discord.py at this server as production does, by what /gateway/bot says, and back."""
    headers = {"Authorization": f"Bot {server.token}"}
    async with ClientSession() as http, http.get(f"{server.api_url}/gateway/bot", headers=headers) as answer:
        url = (await answer.json())["url"]
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def listening(
    server: DiscordServer, intents: discord.Intents | None = None, *, silence: float = 60.0
) -> AsyncIterator[Listener]:
    """A client that is ready; closed at the end. An end of its run is raised."""
    async with aimed(server):
        client = Listener(intents, silence)
        client.run_in_background(server.token)
        try:
            await client.until("ready")
            yield client
        finally:
            await client.close()
            if client.running is not None:
                await asyncio.gather(client.running, return_exceptions=True)
