"""One gateway connection: compression, heartbeats, identify and resume."""

import asyncio
import json
import zlib
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from tests.servers.discord.sessions import PRIVILEGED, Session
from tests.servers.discord.world import Json
from tests.servers.faults import Close, Refuse, Stall
from tests.servers.log import Happened

if TYPE_CHECKING:
    from tests.servers.discord.gateway import Gateway

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED, INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = (
    4004,
    4005,
    4010,
    4013,
    4014,
)
DECODE_ERROR, NOT_AUTHENTICATED, UNKNOWN_OPCODE, RATE_LIMITED = 4002, 4003, 4001, 4008
FRAMES_A_MINUTE = 120


class Socket:
    """A websocket of ours. Frames go out in the order in which they were given, through one writer."""

    def __init__(self, gateway: "Gateway", request: web.Request) -> None:
        self.gateway = gateway
        self.world = gateway.world
        self.ws = web.WebSocketResponse(max_msg_size=0, compress=False, timeout=2.0)
        self.request = request
        self.half_open = False
        self.session: Session | None = None
        self.heartbeats = 0
        self.over = asyncio.Event()
        self._heard: list[float] = []
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._out: asyncio.Queue[Json | int] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def run(self) -> web.WebSocketResponse:
        """Serve until either side closes."""
        await self.ws.prepare(self.request)
        self._writer = asyncio.create_task(self._write())
        self.send({"op": HELLO, "d": {"heartbeat_interval": self.gateway.heartbeat_ms}, "s": None, "t": None})
        try:
            async for message in self.ws:
                if message.type is WSMsgType.TEXT and not self.half_open:
                    self.take(message.data)
        finally:
            self._writer.cancel()
            self._left()
            self.over.set()
        return self.ws

    def _left(self) -> None:
        """A session that its client closed with 1000 or 1001 is over; any other may be resumed."""
        code = self.ws.close_code
        who = self.session.id if self.session else ""
        self.world.log.note(Happened.SOCKET, "CLOSE", who=who, status=code or 0)
        if self.session is None:
            return
        if self.session.socket is self:
            self.session.socket = None
        if code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY) and not self.gateway.closed_by_us(self):
            self.gateway.sessions.pop(self.session.id, None)

    def send(self, frame: Json) -> None:
        """Queue a frame."""
        self._out.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close after what is queued."""
        self.gateway.ours.add(self)
        self._out.put_nowait(code)

    def cut(self) -> None:
        """End the connection without a close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def flushed(self) -> None:
        """Until everything queued is written."""
        await self._out.join()

    async def _write(self) -> None:
        while True:
            item = await self._out.get()
            try:
                await self._write_one(item)
            except ConnectionError:  # the other side went away: a resume replays it
                pass
            finally:
                self._out.task_done()

    async def _write_one(self, item: Json | int) -> None:
        if isinstance(item, int):
            await self.ws.close(code=item)
            return
        if self.half_open or self.ws.closed:
            return
        if item["op"] == 0 and self.session is not None:
            self.world.log.note(Happened.EVENT, item["t"], who=self.session.id, body=item["d"], status=item["s"])
        text = json.dumps(item)
        if self._zlib is None:
            await self.ws.send_str(text)
        else:
            await self.ws.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))

    # What the client says

    def take(self, text: str) -> None:
        """Take one frame of the client; too many in a minute end the connection."""
        now = asyncio.get_running_loop().time()
        self._heard = [at for at in self._heard if now - at < 60] + [now]
        if len(self._heard) > FRAMES_A_MINUTE:
            self.close(RATE_LIMITED)
            return
        try:
            frame = json.loads(text)
            code, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            self.close(DECODE_ERROR)
            return
        verbs = {HEARTBEAT: self._heartbeat, IDENTIFY: self._identify, RESUME: self._resume, MEMBERS: self._members}
        if code in verbs:
            verbs[code](data)
        elif code not in (PRESENCE, VOICE):
            self.close(UNKNOWN_OPCODE)

    def _heartbeat(self, _: object) -> None:
        self.heartbeats += 1
        if not self.gateway.deaf:
            self.send({"op": ACK, "d": None, "s": None, "t": None})

    def _identify(self, data: Json) -> None:
        shown: Json = {key: data[key] for key in ("intents", "shard") if key in data}
        self.world.log.note(Happened.SOCKET, "IDENTIFY", body=shown)
        code = self._refusal(data)
        if code is not None:
            self.close(code)
            return
        fault = self.gateway.faults.bite("IDENTIFY", data)
        if isinstance(fault, Close):
            self.close(fault.code)
        elif isinstance(fault, Refuse):
            self.send({"op": INVALID, "d": False})
        elif not isinstance(fault, Stall):
            self.session = self.gateway.open_session(self, data["intents"], tuple(data.get("shard") or (0, 1)))

    def _refusal(self, data: Json) -> int | None:
        application = self.world.application
        if self.session is not None:
            return ALREADY_AUTHENTICATED
        if data.get("token") != application.token or self.gateway.identifies > self.gateway.budget:
            return AUTHENTICATION_FAILED
        if not isinstance(data.get("intents"), int):
            return INVALID_INTENTS
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return INVALID_SHARD
        refused = any(data["intents"] & bit and name not in application.privileged for name, bit in PRIVILEGED.items())
        return DISALLOWED_INTENTS if refused else None

    def _resume(self, data: Json) -> None:
        self.world.log.note(Happened.SOCKET, "RESUME", who=data["session_id"], body={"seq": data["seq"]})
        session = self.gateway.sessions.get(data["session_id"])
        fault = self.gateway.faults.bite("RESUME", data)
        if isinstance(fault, Close):
            self.close(fault.code)
            return
        if session is None or fault is not None or data.get("token") != self.world.application.token:
            self.gateway.sessions.pop(data["session_id"], None)
            self.send({"op": INVALID, "d": False, "s": None, "t": None})
            return
        self.session, session.socket = session, self
        session.replay(data["seq"] or 0)
        session.send("RESUMED", {})

    def _members(self, data: Json) -> None:
        """Answer a request for members with one chunk, with its nonce."""
        if self.session is None:
            self.close(NOT_AUTHENTICATED)
            return
        guild = self.world.guilds[str(data["guild_id"])]
        wanted = {str(an_id) for an_id in data.get("user_ids") or []}
        query, limit = data.get("query"), data.get("limit") or None
        found = [
            member.payload()
            for member in guild.members.values()
            if (member.id in wanted if query is None else member.name.lower().startswith(query.lower()))
        ]
        chunk = {"guild_id": guild.id, "members": found[:limit], "chunk_index": 0, "chunk_count": 1}
        self.session.offer("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if "nonce" in data else {}))
