"""Calls to Discord: paced, and every answer sorted into what the core knows.

discord.py waits out the limits of routes, but it does not pace the global limit, treats a 429 from Discord's edge like
any other error, and retries only some failures. This adds: never more than 45 calls a second, a pause of ten minutes
when the edge bans us, and Forbidden, Archived, MessageGone or Unavailable for whatever is refused.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from fractions import Fraction
from http import HTTPStatus
from json import dumps
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.errors import Archived, Forbidden, MessageGone, PlatformError, Unavailable
from bot.ports import Clock, Pace, Rate

Json = Any  # whatever Discord answers
A_SECOND = 45  # calls; Discord's own bound is 50
SLOWEST = 2.0  # seconds after which a call without an answer does not keep others waiting any more
AT_LEISURE = 5  # one of so many calls may be one that can wait
BAN = timedelta(minutes=10)
WHOLE = Fraction(1)
REST = 600.0  # seconds that a message older than an hour is left alone after too many edits

GONE = frozenset({10003, 10008, 10062})  # unknown channel, message, interaction
SHUT = frozenset({50083})  # the thread is archived
TAKEN = frozenset({40060})  # the interaction was acknowledged already
TOO_OFTEN = frozenset({20022, 30046})  # edits in an announcement channel; of a message older than an hour


class Acknowledged(PlatformError):
    """Another process, or an earlier try, has answered the interaction."""


class Api:
    """One connection to Discord's REST API, with our share of its patience.

    Any call may raise Forbidden, MessageGone or Unavailable.
    """

    def __init__(self, clock: Clock, share: Fraction = WHOLE) -> None:
        self._clock = clock
        self._http: HTTPClient | None = None
        self._banned_until: datetime | None = None
        self._slots = asyncio.Semaphore(a_second(share))
        self._leisure = asyncio.Semaphore(max(1, a_second(share) // AT_LEISURE))

    def use(self, http: HTTPClient | None) -> None:
        """Make calls through this from now on; None: we are not connected."""
        self._http = http

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        file: tuple[str, str] | None = None,
        urgent: bool = False,
        **parts: str | int,
    ) -> Json:
        """Make a call; `path` has names in braces for `parts`, others become the query. The JSON of its answer.

        `file` is the name and the text of one that goes along with the JSON.

        An `urgent` one does not wait for its turn: interactions are outside the global limit.
        """
        named: Any = {name: str(value) for name, value in parts.items() if f"{{{name}}}" in path}
        more: Any = {} if json is None else {"json": json}
        if file is not None:
            more = {"form": _parts(json, *file)}
        if query := {name: str(value) for name, value in parts.items() if name not in named}:
            more["params"] = query
        async with self._paced(urgent) as http, _sorted(self):
            return await http.request(Route(method, path, **named), **more)

    async def at_leisure(self, method: str, path: str, **parts: Json) -> Json:
        """Make a call that can wait; all of these together take a fifth of our calls at most."""
        await self._leisure.acquire()
        asyncio.get_running_loop().call_later(1.0, self._leisure.release)
        return await self.call(method, path, **parts)

    @asynccontextmanager
    async def _paced(self, urgent: bool) -> AsyncIterator[HTTPClient]:
        """Wait for one of the second's slots."""
        async with nullcontext() if urgent else self._slot():
            if self._http is None:
                raise Unavailable("Discord is not connected.", asked=False)
            if self._banned_until is not None and self._clock.now() < self._banned_until:
                raise Unavailable("Discord refuses this address for some minutes.", asked=False)
            yield self._http

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the second's slots: the next call gets it a second after this one arrived, which the answer tells."""
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        free = loop.call_later(SLOWEST, self._slots.release)
        try:
            yield
        finally:
            if free.when() > loop.time() + 1.0:
                free.cancel()
                loop.call_later(1.0, self._slots.release)

    def banned(self) -> None:
        """Discord's edge refuses us: make no call for ten minutes."""
        self._banned_until = self._clock.now() + BAN


def _parts(json: object, name: str, text: str) -> list[dict[str, Any]]:
    """A message and its file as the parts of a form, as Discord documents them."""
    return [
        {"name": "payload_json", "value": dumps(json)},
        {"name": "files[0]", "value": text.encode(), "filename": name, "content_type": "application/octet-stream"},
    ]


def a_second(share: Fraction) -> int:
    """How many calls a second our share of Discord's bound is; at least one."""
    return max(1, int(A_SECOND * share))


def pace(share: Fraction = WHOLE) -> Pace:
    """How often cards and the like may be sent."""
    return Pace(place=Rate(5, 5.0, apart=0.5), whole=Rate(a_second(share), 1.0))


@asynccontextmanager
async def _sorted(api: Api) -> AsyncIterator[None]:
    """Raise what was refused as an error of the core."""
    try:
        yield
    except discord.RateLimited as error:
        raise Unavailable(f"Discord asks to wait {error.retry_after:.0f} seconds.", after=error.retry_after) from error
    except discord.HTTPException as error:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS and not error.response.headers.get("Via"):
            api.banned()  # Discord itself says through which proxy it speaks
        raise refusal(error.status, error.code, error.text) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable(f"Discord does not answer ({type(error).__name__}).") from error


def refusal(status: int, code: int, text: str) -> PlatformError:
    """What an answer means: gone for good, not allowed until something changes, or to be tried later."""
    said = f"Discord answered {status}/{code}: {text[:200]}"
    if status == HTTPStatus.NOT_FOUND or code in GONE:
        return MessageGone(said)
    if code in SHUT:
        return Archived(said)
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
        return Forbidden(said)
    if code in TOO_OFTEN:
        return Unavailable(said, after=REST)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return Unavailable(said)
    return Acknowledged(said) if code in TAKEN else PlatformError(said)
