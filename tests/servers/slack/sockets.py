"""Socket Mode: one-use addresses, up to ten sockets, envelopes to one of them, acknowledgements, refreshes, zombies."""

import asyncio
import contextlib
import json
import secrets
import uuid
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.biting import cut
from tests.servers.faults import Close, Delay, DropReply, Fault, HalfOpen, Plan, Reset, Status
from tests.servers.log import Happened
from tests.servers.slack.deliveries import Outcome
from tests.servers.slack.world import Json, World

if TYPE_CHECKING:
    from tests.servers.slack.deliveries import Delivery

MOST = 10


class Socket:
    """One connection. `leaving`: told to reconnect. `zombie`: open, but Slack has forgotten it. `deaf`: half open."""

    def __init__(self, number: int) -> None:
        self.name = f"socket {number}"
        self.ws = web.WebSocketResponse(autoping=False, autoclose=True)
        self.request: web.Request | None = None
        self.leaving = False
        self.zombie = False
        self.deaf = False

    @property
    def takes(self) -> bool:
        return not self.zombie and not self.ws.closed

    async def send(self, frame: Json) -> None:
        """Send a frame, if it is not half open or gone."""
        if not self.deaf and not self.ws.closed:
            with contextlib.suppress(ConnectionError):
                await self.ws.send_str(json.dumps(frame))

    def cut(self) -> None:
        """Cut it without a goodbye."""
        if self.request is not None:
            cut(self.request)


class Sockets:
    """All sockets of our app, and the transport of deliveries over them."""

    def __init__(self, world: World, faults: Plan) -> None:
        self.world = world
        self.faults = faults
        self.url = ""
        self.open: list[Socket] = []
        self.opened = 0
        self.together = 1  # so many must be open before the first of them is greeted
        self._greeting = asyncio.Event()
        self.refuses = ""  # the reason for which every new connection is ended at once
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0

    def ticket(self) -> str:
        """A new address, good for one connection."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{self.url}?ticket={ticket}&app_id={self.world.app.id}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, as long as it lasts."""
        if not await self._lets_in(request):
            return cut(request)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="no such ticket")
        self._tickets.discard(ticket)
        self.opened += 1
        socket = Socket(self.opened)
        await socket.ws.prepare(request)
        socket.request = request
        if self.refuses or len([one for one in self.open if not one.leaving]) >= MOST:
            await self._say_goodbye(socket, self.refuses or "too_many_websockets")
            return socket.ws
        self.open.append(socket)
        self._note("CONNECT", socket)
        try:
            if len(self.open) >= self.together:
                self._greeting.set()
            await self._greeting.wait()
            await socket.send(self._hello())
            await self._read(socket)
        finally:
            self.open.remove(socket)
            self._note("CLOSE", socket)
        return socket.ws

    async def _lets_in(self, request: web.Request) -> bool:
        match self.faults.bite("CONNECT /socket"):
            case Reset() | Status():
                return False
            case Delay(seconds=seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        return True

    def _note(self, what: str, socket: Socket, **body: object) -> None:
        self.world.log.note(Happened.SOCKET, what, who=socket.name, body=body)

    def _hello(self) -> Json:
        found: Json = {"type": "hello", "num_connections": len(self.open)}
        found["debug_info"] = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}
        return found | {"connection_info": {"app_id": self.world.app.id}}

    async def _read(self, socket: Socket) -> None:
        async for message in socket.ws:
            if socket.deaf:
                continue
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(json.loads(message.data))

    def _acknowledged(self, frame: Json) -> None:
        ack = self._acks.get(frame.get("envelope_id", ""))
        if ack is not None and not ack.done():
            ack.set_result(frame)

    # What is told

    async def send(self, delivery: "Delivery", fault: Fault | None) -> Outcome:
        """Give one envelope to one socket and wait for its acknowledgement."""
        socket = self._next()
        if socket is None:
            return Outcome("connection_failed")
        if isinstance(fault, Delay):
            await asyncio.sleep(fault.seconds)
        await self._bitten(socket, fault)
        envelope_id = str(uuid.uuid4())
        ack = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        await socket.send(self._envelope(delivery, envelope_id))
        try:
            async with asyncio.timeout(self.world.patience):
                frame = await ack
        except TimeoutError:
            return Outcome("timeout")
        finally:
            del self._acks[envelope_id]
        if isinstance(fault, DropReply):
            return Outcome("timeout")
        return Outcome("ok", frame.get("payload"))

    def _next(self) -> Socket | None:
        takers = [one for one in self.open if one.takes and not one.leaving] or [one for one in self.open if one.takes]
        if not takers:
            return None
        self._turn += 1
        return takers[self._turn % len(takers)]

    async def _bitten(self, socket: Socket, fault: Fault | None) -> None:
        match fault:
            case Close() | Reset():
                socket.cut()
                await asyncio.sleep(0)
            case HalfOpen():
                socket.deaf = True
            case _:
                pass

    def _envelope(self, delivery: "Delivery", envelope_id: str) -> Json:
        found: Json = {
            "envelope_id": envelope_id,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.accepts_response,
        }
        if delivery.kind == "events_api":
            found |= {"retry_attempt": delivery.attempt, "retry_reason": delivery.reason}
        return found

    # What becomes of them

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every socket to reconnect: "warning", "refresh_requested", "link_disabled", "too_many_websockets"."""
        for socket in list(self.open):
            await self._say_goodbye(socket, reason)

    async def _say_goodbye(self, socket: Socket, reason: str) -> None:
        socket.leaving = True
        self._note("DISCONNECT", socket, reason=reason)
        about = {"debug_info": {"host": "applink-1"}, "connection_info": {"app_id": self.world.app.id}}
        await socket.send({"type": "disconnect", "reason": reason, "num_connections": len(self.open)} | about)
        if reason in ("too_many_websockets", "link_disabled"):
            await socket.ws.close()

    def make_zombies(self) -> None:
        """All sockets stay open and answer pings, but nothing is ever told on them again."""
        for socket in self.open:
            socket.zombie = True
            self._note("ZOMBIE", socket)

    def go_half_open(self) -> None:
        """All sockets stay open, silent in both directions."""
        for socket in self.open:
            socket.deaf = True

    def cut(self) -> None:
        """Cut all sockets."""
        for socket in list(self.open):
            socket.cut()

    async def until_open(self, count: int = 1, *, within: float = 10.0) -> None:
        """Until so many sockets are open that are neither leaving nor zombies."""

        def enough() -> bool:
            return len([one for one in self.open if one.takes and not one.leaving]) >= count

        await self.world.log.until(enough, within=within)
