"""Signed HTTP deliveries to our app: events as JSON, commands and interactions as forms."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from tests.servers.faults import Delay, DropReply, Fault, Reset
from tests.servers.slack.deliveries import Outcome
from tests.servers.slack.world import Json, World

if TYPE_CHECKING:
    from tests.servers.slack.deliveries import Delivery

JSON = "application/json"
AT_ONCE = 100  # deliveries on the way
FORM = "application/x-www-form-urlencoded"


class Hooks:
    """The request URLs of our app (more than one stands for a load balancer), and the transport of deliveries there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.urls: list[str] = []
        self.now: Callable[[], float] = time.time  # signatures are checked against real time unless we pass a clock
        self.sent: deque[tuple[bytes, dict[str, str]]] = deque(maxlen=100)  # the last bodies and headers, to replay
        self._turn = 0
        self._lines = asyncio.Semaphore(AT_ONCE)  # a delivery's three seconds begin when it has a connection
        self._http: ClientSession | None = None

    def headers(
        self, body: bytes, kind: str = JSON, *, timestamp: float | str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers of a signed request; a test may take another time or secret to forge one."""
        stamp = str(int(self.now())) if timestamp is None else str(timestamp)
        key = (secret or self.world.app.signing_secret).encode()
        signature = hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        found = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
        return found | {"Content-Type": kind, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}

    async def aim(self, *urls: str) -> None:
        """Deliver to these addresses of ours from now on; each must answer Slack's challenge first."""
        for url in urls:
            body = json.dumps({"token": "t", "challenge": "a-challenge", "type": "url_verification"}).encode()
            async with self.session().post(url, data=body, headers=self.headers(body)) as answer:
                text = await answer.text()
            if answer.status != 200 or "a-challenge" not in text:
                raise AssertionError(f"{url} did not answer Slack's challenge: {answer.status} {text[:200]}")
        self.urls = list(urls)
        self.world.app.socket_mode = False

    def session(self) -> ClientSession:
        """The client that posts."""
        if self._http is None:
            self._http = ClientSession(connector=TCPConnector(limit=0))
        return self._http

    async def close(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.close()

    async def send(self, delivery: "Delivery", fault: Fault | None) -> Outcome:
        """Post one delivery and wait for the answer."""
        if not self.urls:
            return Outcome("connection_failed")
        if isinstance(fault, Reset):
            return Outcome("connection_failed")
        if isinstance(fault, Delay):
            await asyncio.sleep(fault.seconds)
        self._turn += 1
        url = self.urls[self._turn % len(self.urls)]
        body, kind = _written(delivery)
        retry = {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": delivery.reason}
        headers = self.headers(body, kind) | (retry if delivery.attempt else {})
        self.sent.append((body, headers))
        try:
            timeout = ClientTimeout(total=self.world.patience)
            async with self._lines, self.session().post(url, data=body, headers=headers, timeout=timeout) as answer:
                outcome = await _outcome(answer)
        except TimeoutError:
            return Outcome("http_timeout")
        except (ClientError, OSError):
            return Outcome("connection_failed")
        return Outcome("http_timeout") if isinstance(fault, DropReply) else outcome


def _written(delivery: "Delivery") -> tuple[bytes, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), JSON
    if delivery.kind == "slash_commands":
        form = {
            key: str(value).lower() if isinstance(value, bool) else value for key, value in delivery.payload.items()
        }
        return urlencode(form).encode(), FORM
    return urlencode({"payload": json.dumps(delivery.payload)}).encode(), FORM


async def _outcome(answer: ClientResponse) -> Outcome:
    text = await answer.text()
    if answer.status != 200:
        return Outcome("http_error", stop=answer.headers.get("X-Slack-No-Retry") == "1")
    if not text:
        return Outcome("ok")
    if answer.content_type == JSON:
        found: Json = json.loads(text)
        return Outcome("ok", found)
    return Outcome("ok", {"text": text})
