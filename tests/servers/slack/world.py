"""What exists in the workspace of a test, and the way in which everything in it reaches log and deliveries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.ports import Clock
from tests.servers.log import Happened, Json, Log
from tests.servers.slack.ids import Ids

if TYPE_CHECKING:
    from tests.servers.slack.app import App
    from tests.servers.slack.calls import Call
    from tests.servers.slack.channels import Channel
    from tests.servers.slack.members import Group, Member
    from tests.servers.slack.messages import Message
    from tests.servers.slack.views import View

__all__ = ["Json", "NotAllowed", "Signal", "World"]


TIMELESS = ("app_rate_limited", "app_uninstalled", "tokens_revoked", "team_rename")  # events without an event_ts


class NotAllowed(AssertionError):
    """A test let somebody do what Slack would not let them do."""


@dataclass(frozen=True)
class Signal:
    """Something that happened and of which our app may hear."""

    name: str  # the subscription: "message.channels", "reaction_added"
    event: Json
    channel: "Channel | None" = None
    members_only: bool = True  # only where our bot is in the channel


class World:
    """Everything that is; `tell` is where the deliveries listen."""

    app: "App"

    def __init__(self, clock: Clock, log: Log, team: str, name: str) -> None:
        self.clock = clock
        self.log = log
        self.team = team
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.ids = Ids(clock, team)
        self.members: dict[str, Member] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, Call] = {}  # by trigger id
        self.responses: dict[str, Call] = {}  # by the last part of the response_url
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}  # by member
        self.ephemerals: list[Message] = []
        self.changed: list[Callable[[], None]] = []  # woken when somebody sees something new
        self.shown_for = 0.0  # seconds that a message is shown by the workspace's plan; 0: for ever
        self.history_lag = 0.0  # seconds of the clock until a message is in history
        self.patience = 3.0  # seconds of the loop that people and Slack wait for us
        self.base_url = ""  # of the server
        self.tell: Callable[[Signal], None] = lambda signal: None
        self.ask: Callable[[Call], None] = lambda call: None  # commands and interactions
        self.broken: Callable[[str], None] = lambda rule: None  # something that we sent broke a rule

    def did(self, who: "Member | None", what: str, **body: object) -> None:
        """Log what somebody did."""
        self.log.note(Happened.PERSON, what, who=who.name if who else "", body=body)

    def emit(
        self, name: str, event: Json, channel: "Channel | None" = None, *, members_only: bool | None = None
    ) -> None:
        """Let our app hear of it, if it may: by default only of channels that our bot is in."""
        event = {"type": name.partition(".")[0], **event}
        if event["type"] not in TIMELESS:
            event.setdefault("event_ts", self.ids.now())
        self.tell(Signal(name, event, channel, channel is not None if members_only is None else members_only))
        self.news()

    def broken_if(self, what: str, faults: list[tuple[str, str]]) -> bool:
        """Note every fault of something that we sent; whether there was any."""
        for where, wrong in faults:
            self.broken(f"{what}: {where} {wrong}")
        return bool(faults)

    def news(self) -> None:
        """Wake whoever waits for something to be seen."""
        for wake in list(self.changed):
            wake()
