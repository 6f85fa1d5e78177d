"""Keeps one client of discord.py connected: it is made anew after whatever ends it, and never in a tight loop."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from typing_extensions import override

from bot.errors import ConfigError, PlatformError, StoreBusy, StoreFailed
from bot.sharding import Shards

IDENTIFIES = 20  # within an hour
HOUR = 3600.0  # seconds
APART = 5.0  # seconds between two identifies
FIRST, LONGEST = 1.0, 60.0  # seconds between tries
UNREACHED = 8.0  # at most, while nobody answers: once Discord is back, so should we be
BANNED = 600.0  # seconds without a call after Discord's edge refused us
GOODBYE = 5.0  # seconds that a client gets to close
PATIENCE = 30.0  # seconds that a rate limit is waited out
BEGUN = frozenset({"shard_ready", "shard_resumed"})  # discord.py's name for the moment when all servers were told
BAD_TOKEN, BAD_INTENTS = 4004, 4014
CONTENT_FLAGS = (1 << 18) | (1 << 19)  # of an application that may read what messages say

FAILURES = (  # of Discord, of the way there, of the store that is asked meanwhile: another try may do
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    PlatformError,
    StoreBusy,
    StoreFailed,
)
NOT_ACCEPTED = "Discord does not accept DISCORD_TOKEN; copy it again from the developer portal (Bot, Reset Token)."

log = structlog.get_logger(__name__)


class Budget:
    """At most so many identifies an hour, and time between two: who asks a thousand times a day loses the token."""

    def __init__(self) -> None:
        self._at: deque[float] = deque(maxlen=IDENTIFIES)

    async def spend(self) -> None:
        """Wait until one more is within the budget."""
        clock = asyncio.get_running_loop().time
        full = len(self._at) == IDENTIFIES
        ready = max(self._at[-1] + APART if self._at else 0.0, self._at[0] + HOUR if full else 0.0)
        if (wait := ready - clock()) > APART:
            log.error("too many connections to Discord within an hour", waiting=round(wait))
        await asyncio.sleep(max(wait, 0.0))
        self._at.append(clock())


class Client(discord.AutoShardedClient):
    """discord.py's client, with no state of its own but which shards are connected."""

    def __init__(self, budget: Budget, *, content: bool, shards: Shards | None = None) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we use no voice
        part: dict[str, Any] = {} if shards is None else {"shard_count": shards.total, "shard_ids": [*shards.numbers]}
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, message_content=content),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=PATIENCE,
            **part,
        )
        self._budget = budget
        self._up: set[int] = set()  # shards that tell us everything

    @property
    def connected(self) -> bool:
        """Whether every shard of ours has told of its servers and tells what happens there."""
        return len(self._up) == (self.shard_count if self.shard_ids is None else len(self.shard_ids))

    @override
    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Keep which shards are up; nobody else listens, and a look for listeners at each frame costs as much as it."""
        if event in BEGUN:
            self._up.add(args[0])
            log.info("connected to Discord", bot=str(self.user), servers=len(self.guilds), shard=args[0])
        elif event == "shard_disconnect":
            self._up.discard(args[0])

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self._budget.spend()


@asynccontextmanager
async def logged_in(token: str, api_url: str | None = None) -> AsyncIterator[HTTPClient]:
    """Calls without a connection; raises what discord.py does for a wrong token, or where nobody answers."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=PATIENCE)
    try:
        await http.static_login(token)
        yield http
    finally:
        await http.close()


async def aim(api_url: str, token: str) -> None:
    """Let discord.py, in all of this process, talk to another Discord: its API, and the gateway that it names.

    Its gateway is asked for until it answers. ConfigError if it does not take the token.
    """
    base, wait = api_url.rstrip("/"), FIRST
    headers = {"Authorization": f"Bot {token}"}
    while True:
        try:
            async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{base}/gateway/bot") as answer:
                if answer.status == HTTPStatus.UNAUTHORIZED:
                    raise ConfigError(NOT_ACCEPTED)
                if refused_at_the_edge(answer):
                    wait = BANNED
                gateway = yarl.URL((await answer.json())["url"])
                break
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("Discord does not answer", api=base, reason=_told(error), again_in=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, UNREACHED)
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = gateway


async def stay_connected(token: str, begin: Callable[[Client], Awaitable[None]], shards: Shards | None = None) -> None:
    """Connect, and connect again after whatever goes wrong, until cancelled.

    `begin` gets each client when it is logged in and not connected yet. ConfigError for what only the operator can
    mend: a wrong token, or an intent that is switched off.
    """
    budget, wait = Budget(), FIRST
    while True:
        started, rest = asyncio.get_running_loop().time(), FIRST
        try:
            await _once(token, budget, begin, shards)
        except FAILURES as error:
            _final(error)
            rest = _rest(error, wait)
            log.warning("the connection to Discord failed", reason=_told(error), again_in=round(rest, 1))
        lasted = asyncio.get_running_loop().time() - started
        wait = FIRST if lasted > LONGEST else min(wait * 2, LONGEST)
        await asyncio.sleep(rest * random.uniform(0.75, 1.0))  # noqa: S311 - spreads tries, guards nothing


def _told(error: Exception) -> str:
    """What kind of error it is, and what it says of itself."""
    return f"{type(error).__name__}: {error}"[:200]


async def _once(token: str, budget: Budget, begin: Callable[[Client], Awaitable[None]], shards: Shards | None) -> None:
    client = Client(budget, content=await _may_read_content(token), shards=shards)
    connecting: asyncio.Task[None] | None = None
    try:
        await client.login(token)
        await begin(client)
        connecting = asyncio.create_task(client.connect(reconnect=True))
        await asyncio.wait({connecting})  # not itself: while it identifies anew, discord.py swallows a cancellation
        connecting.result()
    finally:
        with suppress(Exception):  # it is thrown away, however it closes
            async with asyncio.timeout(GOODBYE):
                await client.close()
        if connecting is not None:
            connecting.cancel()
            await asyncio.gather(asyncio.wait({connecting}, timeout=GOODBYE), return_exceptions=True)
            if connecting.done() and not connecting.cancelled():
                connecting.exception()  # it was logged above, or came from our closing


async def _may_read_content(token: str) -> bool:
    """Whether the application has the intent without which words stay empty; asked first, or we are thrown out."""
    async with logged_in(token) as http:
        application = await http.application_info()
    allowed = bool(application.get("flags", 0) & CONTENT_FLAGS)
    if not allowed:
        log.warning(
            "Discord does not let us read messages; only counts are kept. Switch on the Message Content intent."
        )
    return allowed


def refused_at_the_edge(answer: aiohttp.ClientResponse) -> bool:
    """Whether this is no rate limit but a ban of our address: Discord itself says through which proxy it speaks."""
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS and not answer.headers.get("Via")


def _rest(error: Exception, wait: float) -> float:
    """How long to leave Discord alone after a failure, in seconds; `wait` where it answered and did not want us."""
    if isinstance(error, discord.HTTPException) and refused_at_the_edge(error.response):
        return BANNED / 0.75  # at least this much of it is left
    unreached = isinstance(error, OSError | aiohttp.ClientError | TimeoutError | discord.DiscordServerError)
    return min(wait, UNREACHED) if unreached else wait


def _final(error: Exception) -> None:
    """ConfigError for what trying again cannot mend."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    if isinstance(error, discord.LoginFailure) or code == BAD_TOKEN:
        raise ConfigError(NOT_ACCEPTED) from None
    if isinstance(error, discord.PrivilegedIntentsRequired) or code == BAD_INTENTS:
        raise ConfigError(
            "Discord refuses the Message Content intent; switch it on in the developer portal (Bot, Privileged Gateway"
            " Intents)."
        ) from None
