"""The Slack of one test, on a port of its own."""

from aiohttp import web
from typing_extensions import override

from bot.ports import Clock
from tests.servers import schema
from tests.servers.faults import Plan
from tests.servers.judged import Judged
from tests.servers.log import Log
from tests.servers.slack.api import Api
from tests.servers.slack.app import App
from tests.servers.slack.channels import Channel
from tests.servers.slack.deliveries import Deliveries, Statistics
from tests.servers.slack.hooks import Hooks
from tests.servers.slack.limits import Limits
from tests.servers.slack.looks import look, look_view
from tests.servers.slack.members import Group, Member, Role
from tests.servers.slack.messages import Message
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.views import View
from tests.servers.slack.world import Json, World


class SlackServer(Judged):
    """A Slack with one workspace on loopback. As a context manager it serves, and fails at the end if a request of ours
    broke the rules. A second workspace is a second server with another `team`."""

    platform = "Slack"

    def __init__(self, clock: Clock, *, team: str = "T0CAMP0001", name: str = "Camp") -> None:
        super().__init__()
        self.log = Log(clock)
        self.faults = Plan()
        self.world = World(clock, self.log, team, name)
        self.world.broken = self._broken
        self.world.app = self._app()
        self.limits = Limits()
        self.sockets = Sockets(self.world, self.faults)
        self.hooks = Hooks(self.world)
        self.deliveries = Deliveries(self.world, self.faults, {True: self.sockets, False: self.hooks})
        self.edit_window: float | None = None  # seconds in which messages may be edited
        self.distributed = False  # a distributed app outside the Marketplace: see `make_distributed`
        self.repeat_parents = True  # a thread's parent is on every page of its replies, not on the first only
        self.thread_pages_backwards = False  # the first page of replies has the newest; Slack was seen to do either
        self.reaction_users = 50  # how many of a reaction's people are named where it is not asked for in full
        self.api_url = ""
        self._runner: web.AppRunner | None = None

    def _broken(self, rule: str) -> None:
        self.violations.append(rule)

    def _app(self) -> App:
        world = self.world
        bot_id, app_id = world.ids.make("B"), world.ids.make("A")
        user = Member(world, world.ids.make("U"), "Folkmoot", Role.BOT, world.team, bot_id=bot_id, app_id=app_id)
        world.members[user.id] = user
        tokens = (f"xoxb-{world.team}-1", f"xapp-1-{app_id}-1", f"signing-secret-of-{world.team}")
        return App(app_id, bot_id, user, *tokens)

    @property
    def app(self) -> App:
        """Our app on Slack's pages: scopes, subscriptions, commands, shortcuts."""
        return self.world.app

    @property
    def bot_token(self) -> str:
        return self.world.app.bot_token

    @property
    def app_token(self) -> str:
        return self.world.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.world.app.signing_secret

    @property
    def team(self) -> str:
        return self.world.team

    @property
    def statistics(self) -> Statistics:
        """How deliveries of events went."""
        return self.deliveries.statistics

    @property
    def unchecked(self) -> str | None:
        """Why requests are not checked against the published schema, or None if they are."""
        return schema.missing_reason()

    @override
    async def start(self) -> None:
        """Serve on a free port of 127.0.0.1."""
        api = Api(self)
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_route("*", "/api/{method}", api.answer)
        app.router.add_post("/response/{token}", api.respond)
        app.router.add_get("/socket", self.sockets.connect)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.world.base_url = f"http://{host}:{port}"
        self.api_url = f"{self.world.base_url}/api/"
        self.sockets.url = f"ws://{host}:{port}/socket"

    @override
    async def stop(self) -> None:
        """Cut all connections and free the port."""
        await self.deliveries.stop()
        await self.hooks.close()
        self.sockets.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    # What is there

    def member(
        self, name: str, role: Role = Role.FULL, *, locale: str = "en-US", zone: str = "Europe/Berlin"
    ) -> Member:
        """A new member; full ones are in every public channel that there is."""
        world = self.world
        member = Member(world, world.ids.make("U"), name, role, world.team, locale, zone)
        if role is Role.BOT:
            member.bot_id, member.app_id = world.ids.make("B"), world.ids.make("A")
        world.members[member.id] = member
        if not member.is_guest and not member.is_bot:
            for channel in world.channels.values():
                if not channel.private:
                    channel.put(member)
        return member

    def foreigner(self, name: str, *, team: str = "T0OTHER001") -> Member:
        """Somebody of another workspace; put them into a channel that is connected to it."""
        member = Member(self.world, self.world.ids.make("U"), name, team=team)
        self.world.members[member.id] = member
        return member

    def joins(self, name: str, role: Role = Role.FULL) -> Member:
        """As `member`, but now, with the event that tells of it."""
        member = self.member(name, role)
        self.world.emit("team_join", {"user": member.payload(locale=True), "cache_ts": 0})
        return member

    def group(self, handle: str, *members: Member) -> Group:
        """A new user group."""
        group = Group(self.world, self.world.ids.make("S"), handle, list(members))
        self.world.groups[group.id] = group
        return group

    def channel(
        self,
        name: str,
        *,
        private: bool = False,
        bot: bool = True,
        members: tuple[Member, ...] = (),
        connected: str | None = None,
        general: bool = False,
        an_id: str | None = None,
    ) -> Channel:
        """A new channel, silently: in a public one every full member is; our bot too unless told otherwise."""
        channel = Channel(self.world, name, private=private, an_id=an_id)
        channel.general = general
        if connected is not None:
            channel.connected.add(connected)
        everybody = self.world.members.values()
        full = [one for one in everybody if not (one.is_guest or one.is_bot or one.is_foreign or one.deactivated)]
        channel.put(*(() if private else full), *members)
        if bot:
            channel.put(self.app.user)
        channel.creator = next(iter(channel.members.values()), None)
        return channel

    def creates(self, by: Member, name: str, *, private: bool = False) -> Channel:
        """Somebody creates a channel now; our bot is not in it, and hears of public ones."""
        channel = self.channel(name, private=private, bot=False, members=(by,))
        channel.creator = by
        if not private:
            self.world.emit("channel_created", {"channel": channel.payload()}, channel, members_only=False)
        return channel

    # What becomes of our app

    def install(self, manifest: Json) -> None:
        """Take the app's settings from a manifest (see app.App.configure)."""
        self.app.configure(manifest)

    def rotate_tokens(self) -> None:
        """From now on the bot token lasts 12 hours, and `oauth.v2.access` gives another for `app.refresh_token`."""
        self.app.rotate(self.world.clock.now())

    def revoke_token(self) -> None:
        """The bot's token is revoked; the app hears of it."""
        self.world.emit("tokens_revoked", {"tokens": {"oauth": [], "bot": [self.app.user.id]}})
        self.app.revoked.add(self.app.bot_token)

    def uninstall(self) -> None:
        """The app is uninstalled: out of all channels, its tokens are worth nothing, and it hears of it."""
        self.world.emit("app_uninstalled", {})
        self.revoke_token()
        self.app.installed = False
        for channel in self.world.channels.values():
            channel.members.pop(self.app.user.id, None)

    def reinstall(self) -> None:
        """Installed again, with another bot token and in no channel."""
        self.app.installed = True
        self.app.bot_token = f"{self.app.bot_token.rpartition('-')[0]}-{len(self.app.revoked) + 1}"

    def rate_limit_events(self) -> None:
        """More events than Slack tells in an hour: it names the minute from which on it told none."""
        minute = int(self.world.clock.now().timestamp()) // 60 * 60
        about = {"token": "verification-token", "team_id": self.team, "api_app_id": self.app.id}
        self.world.emit("app_rate_limited", about | {"minute_rate_limited": minute})

    def tell(self, name: str, event: Json, channel: Channel | None = None) -> None:
        """Any other event, also one that nobody knows: `slack.tell("team_rename", {"name": "x"})`."""
        self.world.emit(name, event, channel)

    def make_distributed(self) -> None:
        """From now on a commercially distributed app: one history call a minute, 15 messages each."""
        self.distributed = True
        for method in ("conversations.history", "conversations.replies"):
            self.limits.set(method, 1, 60.0)

    # What people see

    def visible(self, channel: Channel, member: Member) -> list[Message]:
        """What this member sees in this channel now, oldest first; last what only they see."""
        private = [
            message
            for message in dict.fromkeys(self.world.ephemerals)
            if message.seen_only_by is member and message.channel is channel and not message.deleted
        ]
        return channel.visible_to(member) + private

    def look(self, channel: Channel, member: Member) -> str:
        """The same as that member reads it now, in plain lines (see looks.py)."""
        return "\n".join(look(message, self.world.clock.now()) for message in self.visible(channel, member))

    def home(self, member: Member) -> View | None:
        """Our Home tab as it is published for this member."""
        return self.world.homes.get(member.id)

    def look_home(self, member: Member) -> str:
        """The same in plain lines."""
        view = self.home(member)
        return look_view(view, self.world.clock.now()) if view else ""
