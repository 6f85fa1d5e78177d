"""A Slack in a process of its own that tells of many messages as fast as it is answered, or so many a second.

It answers calls like the Slack of the tests, but what it tells is prepared: telling must cost next to nothing.
"""

import asyncio
import hashlib
import hmac
import json
import os
import random
import signal
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from bot.models import Channel, Platform, Space
from tests.benchmarks.full import WORDS
from tests.makers import SetClock
from tests.servers.slack import SlackServer
from tests.servers.slack.sockets import Socket

PEOPLE, THREADS = 60, 40
SPOKEN = 18  # words of a message: with all that Slack tells around them about 1.2 kB
ENVELOPE = "00000000-0000-4000-8000-{:012d}"
LIMIT = 600.0  # seconds that one load may take


@dataclass(frozen=True, slots=True)
class Camp:
    """The workspace: how to get in, where people talk, and the ids of what will be told, in order."""

    api_url: str
    bot_token: str
    app_token: str
    secret: str
    channel: Channel
    stamps: Sequence[str]
    size: float  # bytes of a delivery, on average


@dataclass(frozen=True, slots=True)
class Order:
    """What to tell, and how: to `url` over so many `lines`, or, without one, over so many sockets.

    Over sockets `lines` envelopes at most wait for their acknowledgement. With a `rate` one is due every 1/rate
    seconds. `kill` is a process to be killed, as `kill -9` does, once so many were acknowledged.
    """

    url: str = ""
    sockets: int = 0
    lines: int = 16
    rate: float = 0.0
    count: int | None = None
    kill: tuple[int, int] | None = None


@dataclass(slots=True)
class Outcome:
    """When each was acknowledged, in seconds since the first was sent, and how long that took."""

    seconds: float = 0.0
    at: dict[int, float] = field(default_factory=dict)
    waited: dict[int, float] = field(default_factory=dict)
    refused: int = 0  # answers other than 200


class Load:
    """Hands out what is to be told, and keeps what became of it."""

    def __init__(self, order: Order, told: Sequence[bytes]) -> None:
        self._order = order
        self._told = told
        self._next = 0
        self._due: dict[int, float] = {}
        self.outcome = Outcome()
        self.done = asyncio.Event()
        self.start = time.perf_counter()

    def take(self) -> tuple[int, bytes] | None:
        """The next one; None if there is none, or none is due."""
        number, now = self._next, time.perf_counter()
        due = self.start + number / self._order.rate if self._order.rate else now
        if number == len(self._told) or due > now:
            return None
        self._next += 1
        self._due[number] = due
        return number, self._told[number]

    @property
    def next_due(self) -> float | None:
        """Seconds until the next is due; None if all were told."""
        if self._next == len(self._told):
            return None
        return max(0.0, self.start + self._next / self._order.rate - time.perf_counter())

    def answered(self, number: int, status: int = HTTPStatus.OK) -> None:
        """One was answered."""
        now = time.perf_counter()
        if status == HTTPStatus.OK:
            self.outcome.at[number] = now - self.start
            self.outcome.waited[number] = now - self._due[number]
        else:
            self.outcome.refused += 1
        if self._order.kill is not None and len(self.outcome.at) == self._order.kill[1]:
            os.kill(self._order.kill[0], signal.SIGKILL)
        if len(self.outcome.at) + self.outcome.refused == len(self._told):
            self.end()

    def end(self) -> None:
        """All were answered, or nobody is there to answer."""
        self.outcome.seconds = time.perf_counter() - self.start
        self.done.set()


class Line(asyncio.Protocol):
    """One connection of Slack's to our server: one delivery after the other."""

    def __init__(self, load: Load, lost: Callable[["Line"], None]) -> None:
        self._load = load
        self._lost = lost
        self._answer = b""
        self._number: int | None = None
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def go_on(self) -> None:
        """Send the next delivery, unless one is on its way."""
        if self._number is not None or self._transport is None:
            return
        taken = self._load.take()
        if taken is not None:
            self._number, request = taken
            self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head) or self._number is None:
            return
        number, self._number, self._answer = self._number, None, b""
        self._load.answered(number, int(head[9:12]))
        self.go_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost(self)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def over_http(order: Order, told: Sequence[bytes], begin: Callable[[], Any]) -> Outcome:
    """Post everything to a server."""
    load = Load(order, told)
    where = urlsplit(order.url)
    open_: list[Line] = []

    def lost(line: Line) -> None:
        open_.remove(line)
        if not open_:
            load.end()

    def go_on() -> None:
        for line in open_:
            line.go_on()

    loop = asyncio.get_running_loop()
    for _ in range(order.lines):
        _, line = await loop.create_connection(lambda: Line(load, lost), where.hostname or "", where.port or 80)
        open_.append(line)
    await begin()
    load.start = time.perf_counter()
    await _all(load, order, go_on)
    for line in open_:
        line.close()
    return load.outcome


async def over_sockets(server: SlackServer, order: Order, told: Sequence[bytes], begin: Callable[[], Any]) -> Outcome:
    """Send everything over the sockets that are open, in turn."""
    load, sockets, on_its_way = Load(order, told), server.sockets, 0
    await server.log.until(lambda: len(sockets.open) == order.sockets, within=30.0)
    wires = [_wire(each) for each in sockets.open]

    def go_on() -> None:
        nonlocal on_its_way
        while on_its_way < order.lines and (taken := load.take()) is not None:
            on_its_way += 1
            wires[taken[0] % len(wires)].write(taken[1])

    def acknowledged(frame: dict[str, Any]) -> None:
        nonlocal on_its_way
        on_its_way -= 1
        load.answered(int(frame["envelope_id"][-12:]))
        go_on()

    sockets._acknowledged = acknowledged  # type: ignore[method-assign]  # only the count of them matters here
    await begin()
    load.start = time.perf_counter()
    await _all(load, order, go_on)
    return load.outcome


def _wire(socket: Socket) -> asyncio.Transport:
    assert socket.request is not None
    assert isinstance(socket.request.transport, asyncio.Transport)
    return socket.request.transport


async def _all(load: Load, order: Order, go_on: Callable[[], object]) -> None:
    """Go on until everything is answered, at the pace that was asked for."""
    async with asyncio.timeout(LIMIT):
        go_on()
        while order.rate and (wait := load.next_due) is not None and not load.done.is_set():
            try:
                async with asyncio.timeout(wait):
                    await load.done.wait()
            except TimeoutError:
                go_on()
        await load.done.wait()


def requests(payloads: Sequence[bytes], secret: str, order: Order) -> list[bytes]:
    """Signed requests, as they go over the wire; a signature holds for five minutes around when its turn comes."""
    where, start, made = urlsplit(order.url), time.time(), []
    for number, body in enumerate(payloads):
        stamp = str(int(start + (number / order.rate if order.rate else 0)))
        signature = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={signature}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def frames(payloads: Sequence[bytes]) -> list[bytes]:
    """Envelopes as websocket frames."""
    made = []
    for number, payload in enumerate(payloads):
        about = f'"envelope_id":"{ENVELOPE.format(number)}","type":"events_api","accepts_response_payload":false'
        body = b'{"payload":' + payload + f',{about},"retry_attempt":0,"retry_reason":""}}'.encode()
        made.append(struct.pack("!BBH", 0x81, 126, len(body)) + body)  # one whole text, of less than 64 KiB
    return made


async def _serve(pipe: Connection, count: int) -> None:
    async with SlackServer(SetClock()) as server:
        server.limits.off()
        stamps, payloads = prepared(server, count)
        app, (channel,) = server.app, server.world.channels.values()
        here = Channel(Space(Platform.SLACK, server.team), channel.id)
        size = sum(map(len, payloads)) / len(payloads)
        pipe.send(Camp(server.api_url, app.bot_token, app.app_token, app.signing_secret, here, stamps, size))

        async def begin() -> None:
            pipe.send("ready")
            await asyncio.to_thread(pipe.recv)

        while (order := await asyncio.to_thread(pipe.recv)) is not None:
            some = payloads[: order.count]
            if order.url:
                pipe.send(await over_http(order, requests(some, app.signing_secret, order), begin))
            else:
                pipe.send(await over_sockets(server, order, frames(some), begin))


def prepared(server: SlackServer, count: int) -> tuple[list[str], list[bytes]]:
    """The ids and the payloads of so many messages in one channel; its history does not know them."""
    chance = random.Random(1)
    help_ = server.channel("help")
    people = [server.member(f"Member {n}") for n in range(PEOPLE)]
    server.deliveries.pause()
    roots = [help_.post(people[0], f"Question {n}?") for n in range(THREADS)]
    said = []
    for _ in range(count):
        text = " ".join(chance.choices(WORDS, k=SPOKEN))
        block = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        blocks = [{"type": "rich_text", "block_id": f"b{chance.randrange(10**5)}", "elements": [block]}]
        said.append(help_.reply(chance.choice(roots), chance.choice(people), text, blocks=blocks))
    payloads = [json.dumps(delivery.payload).encode() for delivery in server.deliveries._waiting[THREADS:]]
    server.deliveries.forget()
    for kept in (help_.messages, help_.threads, help_.order):
        kept.clear()
    return [message.ts for message in said], payloads


def serve(pipe: Connection, count: int) -> None:
    """The process."""
    asyncio.run(_serve(pipe, count))


@contextmanager
def slack(count: int) -> Iterator[tuple[Camp, Connection]]:
    """A Slack in another process, with so many messages to tell of; what to do is said through the pipe."""
    pipe, end = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(end, count))
    process.start()
    try:
        yield pipe.recv(), pipe
    finally:
        pipe.send(None)
        process.join()


async def tell(pipe: Connection, order: Order, ready: Callable[[], object] = lambda: None) -> Outcome:
    """Have messages told; `ready` is called just before the first. What became of them."""
    pipe.send(order)
    assert await asyncio.to_thread(pipe.recv) == "ready"
    ready()
    pipe.send("go")
    outcome: Outcome = await asyncio.to_thread(pipe.recv)
    return outcome
