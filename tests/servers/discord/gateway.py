"""The gateway: sessions, connections, and what a test does to them."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.discord.sessions import Session
from tests.servers.discord.sockets import INVALID, RECONNECT, Socket
from tests.servers.discord.world import Json, Signal, World
from tests.servers.faults import Plan, Reset, Stall, Status
from tests.servers.log import Happened

if TYPE_CHECKING:
    from tests.servers.discord.guilds import Guild


class Gateway:
    """All sessions and connections. Several sessions of one shard are allowed: each hears everything."""

    def __init__(self, world: World, faults: Plan) -> None:
        self.world = world
        self.faults = faults
        self.url = ""
        self.shards = 1
        self.budget = 1000  # identifies a day; beyond it the token is worth nothing
        self.heartbeat_ms = 41_250
        self.deaf = False  # heartbeats are not acknowledged
        self.sessions: dict[str, Session] = {}
        self.sockets: list[Socket] = []
        self.ours: set[Socket] = set()
        world.tell = self.tell

    @property
    def identifies(self) -> int:
        """How often a client identified."""
        return len(self.world.log.sockets("IDENTIFY"))

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a connection now."""
        return [session for session in self.sessions.values() if session.socket is not None]

    def payload(self) -> Json:
        """GET /gateway/bot."""
        return {
            "url": self.url,
            "shards": self.shards,
            "session_start_limit": {
                "total": self.budget,
                "remaining": max(0, self.budget - self.identifies),
                "reset_after": 86_400_000,
                "max_concurrency": 1,
            },
        }

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """A client connects."""
        fault = self.faults.bite("CONNECT /gateway")
        self.world.log.note(Happened.SOCKET, "CONNECT", body=dict(request.query))
        match fault:
            case Status(status=status):
                return web.Response(status=status)
            case Reset():
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case Stall():
                await asyncio.Event().wait()
            case _:
                pass
        socket = Socket(self, request)
        self.sockets.append(socket)
        try:
            return await socket.run()
        finally:
            self.sockets.remove(socket)

    def closed_by_us(self, socket: Socket) -> bool:
        """Whether the server closed it."""
        return socket in self.ours

    def open_session(self, socket: Socket, intents: int, shard: tuple[int, ...]) -> Session:
        """A new session: READY, then each of its servers."""
        session = Session(self.world, self.faults, intents, (shard[0], shard[1]), socket=socket)
        self.sessions[session.id] = session
        socket.session = session
        guilds = [guild for guild in self.world.guilds.values() if guild.me and self._is_on(guild, shard)]
        user = self.world.application.user.payload() | {"verified": True, "mfa_enabled": True, "flags": 0}
        ready = {
            "v": 10,
            "user": user,
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(shard),
            "application": {"id": self.world.application.id, "flags": self.world.application.flags()},
        }
        session.offer("READY", ready)
        for guild in guilds:
            if not guild.unavailable:
                session.hear(Signal("GUILD_CREATE", {}, guild))
        return session

    def _is_on(self, guild: "Guild", shard: tuple[int, ...]) -> bool:
        return (int(guild.id) >> 22) % shard[1] == shard[0]

    def tell(self, signal: Signal) -> None:
        """Tell every session that may hear of it, connected or to be resumed."""
        for session in list(self.sessions.values()):
            session.hear(signal)

    # What a test does

    def announce(self, name: str, data: Json, guild: "Guild | None" = None) -> None:
        """Send any event at all, known or not, to the sessions of a server's shard (without one: of the first)."""
        self.tell(Signal(name, data, guild))

    async def settled(self) -> None:
        """Until everything told so far is written to the connections."""
        for socket in list(self.sockets):
            if not socket.half_open:
                await socket.flushed()

    def release(self) -> None:
        """Send what a Hold still holds."""
        for session in self.sessions.values():
            session.release()

    def close(self, code: int = 4000) -> None:
        """Close all connections with a code; sessions stay and collect what happens."""
        for session in self.connected:
            socket, session.socket = session.socket, None
            if socket is not None:
                socket.close(code)

    def cut(self) -> None:
        """Cut all connections without a close frame."""
        for session in self.connected:
            socket, session.socket = session.socket, None
            if socket is not None:
                socket.cut()

    def go_half_open(self) -> None:
        """Let all connections stand without a byte in either direction."""
        for session in self.connected:
            if session.socket is not None:
                session.socket.half_open = True

    def ask_to_reconnect(self) -> None:
        """Op 7: the clients must reconnect and resume."""
        for session in self.connected:
            if session.socket is not None:
                session.socket.send({"op": RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9 to all connections; unless resumable the sessions are over."""
        for session in self.connected:
            if session.socket is not None:
                session.socket.send({"op": INVALID, "d": resumable, "s": None, "t": None})
            if not resumable:
                self.sessions.pop(session.id, None)

    def forget_sessions(self) -> None:
        """Let no session be resumed any more (as after a long outage)."""
        self.sessions.clear()
