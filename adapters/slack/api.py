"""Calls to Slack: every answer sorted into what the core knows, sends made once and reads tried again.

slack_sdk sends a message twice if the answer to the first call was lost. So a call that shows something is never
repeated here: the outbox looks first. Calls that only read wait out rate limits and failures of the server.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.convert.reading import cursor_of, record
from adapters.slack.pacing import Pacing
from bot.errors import Archived, Forbidden, MessageGone, PlatformError, Unavailable, Unchangeable
from bot.ports import Pace, Rate

Json = Any  # whatever Slack answers
API = "https://slack.com/api/"
PATIENCE = 20.0  # seconds for one answer
TRIES = 3  # more, of what only reads
LONGEST_WAIT = 600.0  # seconds that we wait at most when Slack says how long; then we ask again
PAGE, MOST = 200, 999  # things in one answer: as many as Slack advises, and as it allows
APART = 1.1  # seconds between two posts in a channel, those in its threads among them: a little more than Slack wants
PACE = Pace(posts=Rate(1, APART), edits=Rate(10, 15.0))  # Slack's own bound for edits is 50 a minute in a workspace

GONE = frozenset({"message_not_found", "thread_not_found"})
SHUT = frozenset({"is_archived"})
UNCHANGED = frozenset({"edit_window_closed"})  # a setting of the workspace says how long messages can be edited
VOID = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
UNFIT = VOID | {"not_allowed_token_type", "missing_scope"}  # what is wrong with a token itself
CLOSED = VOID | {
    "channel_not_found", "not_in_channel", "missing_scope", "no_permission", "access_denied", "restricted_action",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_thread_locked",
    "restricted_action_non_threadable_channel", "cant_update_message", "cant_delete_message",
    "ekm_access_denied", "not_allowed_token_type", "team_access_not_granted", "user_not_in_channel", "user_not_found",
}  # fmt: skip
LATER = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}
)


class Refused(Forbidden):
    """Slack says no; `code` is its own word for it, `needed` the scope that is missing."""

    def __init__(self, said: str, code: str, needed: str = "") -> None:
        super().__init__(said)
        self.code = code
        self.needed = needed


class Api:
    """Slack's Web API with one bot token. Any call may raise Forbidden, MessageGone or Unavailable."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._token = token
        self.base = api_url or API
        self._session: aiohttp.ClientSession | None = None
        self._silent = ""
        self._turns: dict[str, float] = {}  # when each channel may be posted in again, in the event loop's time
        self.pacing = Pacing()
        self.scopes: frozenset[str] = frozenset()  # the scopes that Slack says the token has

    async def send(self, method: str, **arguments: Json) -> Mapping[str, Json]:
        """Make a call that shows or changes something: once."""
        with sorted_errors(), self._heard():
            client = AsyncWebClient(session=self._opened(), retry_handlers=[], **self._who())
            return _answer(await client.api_call(method, json=arguments))

    async def post(self, channel: str, **arguments: Json) -> Mapping[str, Json]:
        """Post a message, when it is the channel's turn."""
        now = asyncio.get_running_loop().time()
        turn = max(self._turns.get(channel, now), now)
        self._turns = {each: at for each, at in self._turns.items() if at > now} | {channel: turn + APART}
        await asyncio.sleep(turn - now)
        return await self.send("chat.postMessage", channel=channel, **arguments)

    async def read(
        self, method: str, *, leisurely: bool = False, ahead: float | None = None, **arguments: Json
    ) -> Mapping[str, Json]:
        """Make a call that only reads, again if need be; a leisurely one lets others have four fifths of all calls.

        `ahead` is for a call that a post waits for: it goes before others, not before that moment of the loop's time.
        """
        with sorted_errors():
            tries = TRIES
            while True:
                if leisurely:
                    await self.pacing.leisure(method)
                await (self.pacing.turn(method) if ahead is None else self.pacing.ahead(method, ahead))
                try:
                    answer = await self._asked(method, arguments)
                except SlackApiError as error:
                    if _status(error.response) != HTTPStatus.TOO_MANY_REQUESTS:
                        raise
                    self.pacing.refused(method, _after(error.response.headers) or 1.0)
                    tries -= 1
                    if tries < 0:
                        raise
                else:
                    self.pacing.taken(method)
                    return answer

    async def _asked(self, method: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        handlers = [AsyncConnectionErrorRetryHandler(), AsyncServerErrorRetryHandler(max_retry_count=TRIES)]
        with self._heard():  # we may have been removed while it waited its turn
            client = AsyncWebClient(session=self._opened(), retry_handlers=handlers, **self._who())
            return _answer(await client.api_call(method, http_verb="GET", params=dict(arguments)))

    async def pages(
        self, method: str, *, size: int = PAGE, leisurely: bool = False, ahead: float | None = None, **arguments: Json
    ) -> AsyncIterator[Mapping[str, Json]]:
        """All pages of what is listed, one after the other, with at most `size` things each."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.read(method, leisurely=leisurely, ahead=ahead, limit=size, **arguments, **cursor)
            yield page
            if not (following := cursor_of(page)):
                return
            cursor = {"cursor": following}

    async def who(self) -> Mapping[str, Json]:
        """Whose token it is; what it may is then in `scopes`. Asks even where we are told to be silent."""
        with sorted_errors():
            answer = await AsyncWebClient(session=self._opened(), retry_handlers=[], **self._who()).auth_test()
            self.scopes = scopes_of(answer.headers)
            return _answer(answer)

    async def socket(self, app_token: str) -> str:
        """Where to connect a socket, once."""
        with sorted_errors(), self._heard():
            client = AsyncWebClient(session=self._opened(), retry_handlers=[], **self._who())
            return str((await client.apps_connections_open(app_token=app_token)).get("url", ""))

    async def respond(self, url: str, **payload: Json) -> None:
        """Answer somebody through the address that came with what they asked."""
        with sorted_errors():
            webhook = AsyncWebhookClient(url, session=self._opened(), retry_handlers=[], logger=_logger())
            answer = await webhook.send_dict(payload)
        if answer.status_code != HTTPStatus.OK:
            raise PlatformError(f"Slack answered {answer.status_code} to a private answer.")

    def silence(self, reason: str = "") -> None:
        """Make no calls from now on, because of this; "": make them again."""
        self._silent = reason

    async def close(self) -> None:
        """Close the connections; the next call opens one again."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        return self._session

    def _who(self) -> dict[str, Any]:
        return {"token": self._token, "base_url": self.base, "logger": _logger()}

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Ask nothing that is known to be refused."""
        if self._silent:
            raise Unavailable(self._silent, asked=False)
        yield


def _logger() -> logging.Logger:
    """The SDK's own logger: it writes out all that is sent and received where its level is not said."""
    return logging.getLogger("slack_sdk")


def _answer(response: Any) -> Mapping[str, Json]:  # noqa: ANN401 - the SDK's response
    return record(response.data)


def scopes_of(headers: Mapping[str, str]) -> frozenset[str]:
    """What a token may, as Slack tells with every answer."""
    told = next((value for name, value in headers.items() if name.casefold() == "x-oauth-scopes"), "")
    return frozenset(scope.strip() for scope in told.split(",") if scope.strip())


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Raise what was refused as an error of the core."""
    try:
        yield
    except SlackApiError as error:
        raise refusal(error.response) from error
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable(f"Slack does not answer ({type(error).__name__}).") from error


def refusal(response: Any) -> PlatformError:  # noqa: ANN401 - the SDK's response, or what it made of none
    """What an answer means: gone for good, not allowed until something changes, or to be tried later."""
    data = record(getattr(response, "data", response))
    status = _status(response)
    code = str(data.get("error", ""))
    said = f"Slack answered {code or status}"
    if code in GONE:
        return MessageGone(said)
    if code in SHUT:
        return Archived(said)
    if code in UNCHANGED:
        return Unchangeable(said)
    if code in CLOSED:
        return Refused(said, code, str(data.get("needed", "")))
    if code in LATER or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(said, after=_after(getattr(response, "headers", {})))
    return PlatformError(said if code or status else "Slack answered nothing that can be read.")


def _status(response: Any) -> int:  # noqa: ANN401 - the SDK's response, or aiohttp's where its JSON cannot be read
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def _after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, as the answer says, within reason."""
    told = next((value for name, value in headers.items() if name.casefold() == "retry-after"), "")
    return min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else 0.0
