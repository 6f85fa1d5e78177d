"""The Discord of one test, on a port of its own."""

from datetime import timedelta

from aiohttp import web
from typing_extensions import override

from bot.ports import Clock
from tests.servers import schema
from tests.servers.discord.channels import Channel
from tests.servers.discord.commands import Commands
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.guilds import Guild, Member
from tests.servers.discord.limits import Limits
from tests.servers.discord.looks import look
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import EVERYONE, MODERATOR, Can
from tests.servers.discord.rest import PREFIX, Rest
from tests.servers.discord.world import Application, World
from tests.servers.faults import Plan
from tests.servers.judged import Judged
from tests.servers.log import Log

BOT = EVERYONE | MODERATOR


class DiscordServer(Judged):
    """A Discord on loopback. As a context manager it serves, and fails at the end if a request broke the rules."""

    platform = "Discord"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.log = Log(clock)
        self.faults = Plan()
        self.world = World(clock, self.log)
        self.limits = Limits()
        self.gateway = Gateway(self.world, self.faults)
        self.nonces: dict[str, Message] = {}
        self.history_lag = timedelta()  # how long a message is not yet in its channel's history
        self.api_url = ""
        self._runner: web.AppRunner | None = None

    @property
    def token(self) -> str:
        """What our bot logs in with."""
        return self.world.application.token

    @property
    def application(self) -> Application:
        """Our bot in the developer portal: `privileged` are the intents switched on there."""
        return self.world.application

    @property
    def commands(self) -> Commands:
        """The commands that are registered."""
        return self.world.commands

    @override
    async def start(self) -> None:
        """Serve on a free port of 127.0.0.1."""
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_route("*", "/{path:.*}", Rest(self).answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}{PREFIX}"
        self.gateway.url = f"ws://{host}:{port}/gateway"
        self.world.commands.application = self.world.application.id

    @override
    async def stop(self) -> None:
        """Cut all connections and free the port."""
        if self._runner is not None:
            for socket in list(self.gateway.sockets):
                socket.cut()
            await self._runner.cleanup()

    @property
    def unchecked(self) -> str | None:
        """Why requests are not checked against the published schema, or None if they are."""
        return schema.missing_reason()

    # What is there

    def guild(self, name: str = "Camp", *, bot: bool = True, bot_permissions: Can = BOT) -> Guild:
        """A new server, with our bot in it unless told otherwise."""
        guild = Guild(self.world, name, bot_permissions)
        if bot:
            guild.add_bot()
        return guild

    def visible(self, channel: Channel, member: Member) -> list[Message]:
        """What this member sees in this channel now, oldest first; last what only they see."""
        private = [
            message
            for call in self.world.calls.values()
            for message in dict.fromkeys(call.said)
            if message.seen_only_by is member and message.channel is channel and not message.deleted
        ]
        return channel.visible_to(member) + private

    def look(self, channel: Channel, member: Member) -> str:
        """The same as that member reads it now, in plain lines (see looks.py)."""
        return "\n".join(look(message, self.world.clock.now()) for message in self.visible(channel, member))
