"""What goes wrong at Discord and at Slack, one thing after the other, so that each comes before any comes again."""

import random
from collections.abc import Callable, Iterator, Mapping

from tests.servers.discord import DiscordServer
from tests.servers.faults import (
    Delay,
    DropReply,
    Duplicate,
    Fault,
    Hold,
    RateLimit,
    Refuse,
    Reset,
    Stall,
    Status,
)
from tests.servers.slack import SlackServer

Trouble = Callable[[], object]  # what it gives is awaited if it can be

POST, EDIT, READ = "POST /channels/*/messages", "PATCH /channels/*/messages/*", "GET /channels/*/messages"
SAY, CHANGE, HISTORY = "chat.postMessage", "chat.update", "conversations.history"
ANY_MESSAGE, ANY_EVENT = "EVENT message**", "EVENT **"
OFTEN = (SAY, CHANGE, HISTORY, "conversations.replies", "auth.test", "apps.connections.open")


def gentle(discord: DiscordServer, slack: SlackServer) -> Mapping[str, Trouble]:
    """What is over in a moment: nobody has to wait for a minute to pass until it is mended."""

    def at(server: DiscordServer | SlackServer, fault: Fault, times: int, *calls: str) -> Trouble:
        return lambda: [server.faults.on(call, fault, times=times) for call in calls]

    return {
        "a lost connection": lambda: discord.gateway.close(4000),
        "a cut connection": discord.gateway.cut,
        "a wish to reconnect": discord.gateway.ask_to_reconnect,
        "events twice": at(discord, Duplicate(), 10, "EVENT MESSAGE**"),
        "events of Slack twice": at(slack, Duplicate(), 10, ANY_EVENT),
        "events of Slack late": at(slack, Delay(0.5), 10, ANY_MESSAGE),
    }


def rough(discord: DiscordServer, slack: SlackServer) -> Mapping[str, Trouble]:
    """All of the above, and what takes its time."""

    def refused() -> None:
        discord.faults.on("RESUME", Refuse(), times=1)
        discord.gateway.close(4000)

    def at(server: DiscordServer | SlackServer, fault: Fault, times: int, *calls: str) -> Trouble:
        return lambda: [server.faults.on(call, fault, times=times) for call in calls]

    return {
        **gentle(discord, slack),
        "429 for one route": at(discord, RateLimit(0.3, "user"), 3, POST, EDIT, READ),
        "429 for all routes": at(discord, RateLimit(0.3, "global"), 2, POST, EDIT),
        "429 for a shared one": at(discord, RateLimit(0.3, "shared"), 3, POST, EDIT, READ),
        "502 at Discord": at(discord, Status(502), 2, POST, EDIT, READ),
        "a lost answer of Discord": at(discord, DropReply(), 1, POST, EDIT),
        "429 at Slack": at(slack, RateLimit(1), 2, SAY, CHANGE, HISTORY),
        "500 at Slack": at(slack, Status(500), 2, SAY, CHANGE, HISTORY),
        "sockets to be renewed": slack.sockets.refresh,
        "a refused RESUME": refused,
        "a session that is over": discord.gateway.invalidate,
        "a connection without a byte": discord.gateway.go_half_open,
        "a storm of 429": at(discord, RateLimit(1.0, "user"), 40, POST, EDIT, READ),
        "503 for a while": at(discord, Status(503), 20, POST, EDIT, READ),
        "resets at Discord": at(discord, Reset(), 8, POST, EDIT, READ),
        "an answer that never comes": at(discord, Stall(), 1, POST, EDIT),
        "answers that come late": at(discord, Delay(5, after=True), 5, POST, EDIT, READ),
        "events in another order": at(discord, Hold(3), 10, "EVENT MESSAGE**"),
        "cut sockets": slack.sockets.cut,
        "sockets that Slack forgot": slack.sockets.make_zombies,
        "sockets without a byte": slack.sockets.go_half_open,
        "a storm of 429 at Slack": at(slack, RateLimit(5), 10, SAY, CHANGE, HISTORY),
        "503 at Slack for a while": at(slack, Status(503), 5, *OFTEN),
        "resets at Slack": at(slack, Reset(), 6, SAY, CHANGE, HISTORY),
        "a lost answer of Slack": at(slack, DropReply(), 1, SAY, CHANGE),
        "an answer of Slack that never comes": at(slack, Stall(), 1, SAY, CHANGE),
        "acknowledgements that get lost": at(slack, DropReply(), 10, ANY_MESSAGE),
        "events of Slack in another order": at(slack, Hold(3), 10, ANY_MESSAGE),
    }


def forecast(troubles: Mapping[str, Trouble], chance: random.Random) -> Iterator[tuple[str, Trouble]]:
    """One trouble after the other, for ever, in an order that differs each time round."""
    while True:
        yield from chance.sample(sorted(troubles.items()), len(troubles))
