"""What exists on the Discord of a test, and the way in which everything in it reaches log and gateway."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.ports import Clock
from tests.servers.discord.commands import Commands
from tests.servers.discord.ids import Snowflakes
from tests.servers.log import Happened, Json, Log

if TYPE_CHECKING:
    from tests.servers.discord.calls import Call
    from tests.servers.discord.channels import Channel
    from tests.servers.discord.guilds import Guild, Member
    from tests.servers.discord.messages import Message

__all__ = ["Application", "Json", "NotAllowed", "Signal", "User", "World"]


class NotAllowed(AssertionError):
    """A test let somebody do what Discord would not let them do."""


@dataclass(eq=False)
class User:
    """An account, of a person or of a bot."""

    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"
    deleted: bool = False  # the account is gone; what it wrote stays

    def payload(self) -> Json:
        """The user object; of a deleted account with the name that Discord gives those."""
        if self.deleted:
            name = f"deleted_user_{self.id[-12:]}"
            return {"id": self.id, "username": name, "global_name": None, "discriminator": "0", "avatar": None}
        found: Json = {
            "id": self.id,
            "username": self.name.lower().replace(" ", "_"),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }
        return found | ({"bot": True} if self.bot else {})


@dataclass(eq=False)
class Application:
    """Our bot as its owner sees it in the developer portal."""

    id: str
    user: User
    token: str
    privileged: set[str] = field(default_factory=lambda: {"message_content", "members", "presences"})
    public: bool = True

    def flags(self) -> int:
        """The application flags: which privileged intents the portal allows (the "limited" bits, as for small bots)."""
        bits = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
        return sum(bits[name] for name in self.privileged)

    def payload(self) -> Json:
        """The application object."""
        return {
            "id": self.id,
            "name": self.user.name,
            "icon": None,
            "description": "",
            "bot_public": self.public,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self.flags(),
            "owner": {"id": "1001", "username": "operator", "discriminator": "0", "avatar": None},
            "team": None,
            "bot": self.user.payload(),
            "install_params": {"scopes": ["bot", "applications.commands"], "permissions": "0"},
            "integration_types_config": {"0": {}},
        }


@dataclass(frozen=True)
class Signal:
    """Something to be told to the sessions that may hear of it."""

    name: str
    data: Json
    guild: "Guild | None"
    channel: "Channel | None" = None
    message: "Message | None" = None
    about: "Member | None" = None


class World:
    """Everything that is; `tell` is where the gateway listens."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self.clock = clock
        self.log = log
        self.ids = Snowflakes(clock)
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, Call] = {}  # by token
        self.commands = Commands(clock, self.ids)
        self.patience = 3.0  # seconds that people wait for an answer
        bot = self.user("Folkmoot", bot=True)
        self.application = Application(bot.id, bot, "test-token")
        self.tell: Callable[[Signal], None] = lambda signal: None

    def user(self, name: str, *, bot: bool = False) -> User:
        """The account of that name, made when it is first asked for."""
        for user in self.users.values():
            if user.name == name:
                return user
        user = User(self.ids.old(), name, bot)
        self.users[user.id] = user
        return user

    def did(self, who: "Member | User | None", what: str, **body: object) -> None:
        """Log what somebody did."""
        self.log.note(Happened.PERSON, what, who=who.name if who else "", body=body)

    def emit(
        self,
        name: str,
        data: Json,
        guild: "Guild | None",
        *,
        channel: "Channel | None" = None,
        message: "Message | None" = None,
        about: "Member | None" = None,
    ) -> None:
        """Tell the sessions that may see the channel (if any); a server that is away or without us tells nothing."""
        if guild is not None and (guild.unavailable or guild.me is None):
            return
        self.tell(Signal(name, data, guild, channel, message, about))
