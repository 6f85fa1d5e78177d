"""A request to the REST API, and the errors it may be answered with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild, Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import NOTHING, Can
from tests.servers.discord.threads import Thread
from tests.servers.discord.world import Json, World

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

WORDS = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    20012: "You are not authorized to perform this action on this application",
    30010: "Maximum number of reactions reached (20)",
    30034: "Maximum number of daily application command creates has been reached (200)",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later.",
    40060: "Interaction has already been acknowledged.",
    40067: "A tag is required to create a forum post in this channel",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50021: "Cannot execute action on a system message",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50034: "You can only bulk delete messages that are under 14 days old.",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    160002: "Cannot reply without permission to read message history",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
}


class ApiError(Exception):
    """An answer that refuses; `more` goes into its body."""

    def __init__(self, status: int, code: int, message: str | None = None, **more: object) -> None:
        self.status = status
        self.code = code
        self.body: Json = {"message": message or WORDS[code], "code": code} | more
        super().__init__(f"{status} {code} {self.body['message']}")


class Invalid(ApiError):
    """A body that breaks the rules: 400, 50035, with every fault told at its place."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__(400, 50035, errors=_nested(faults))


def _nested(faults: list[tuple[str, str]]) -> Json:
    errors: Json = {}
    for where, what in faults:
        place = errors
        for part in where.strip("/").split("/"):
            place = place.setdefault(part, {}) if part else place
        place.setdefault("_errors", []).append({"code": "BASE_TYPE_INVALID", "message": what})
    return errors


@dataclass
class Ask:
    """One request: the ids in its path, its query, its body and its files' names."""

    server: "DiscordServer"
    ids: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: tuple[str, ...] = ()

    @property
    def world(self) -> World:
        return self.server.world

    def guild(self) -> Guild:
        """The server that the path names, with us in it."""
        guild = self.world.guilds.get(self.ids["guild"])
        if guild is None or guild.me is None:
            raise ApiError(404, 10004) if guild is None else ApiError(403, 50001)
        if guild.unavailable:
            raise ApiError(503, 0, "upstream connect error")
        return guild

    def us(self, channel: Channel) -> Member:
        """Our bot's membership there."""
        us = channel.guild.me
        if us is None:
            raise ApiError(403, 50001)
        if channel.guild.unavailable:
            raise ApiError(503, 0, "upstream connect error")
        return us

    def channel(self, needed: Can = NOTHING) -> Channel:
        """The channel that the path names, if we may see it and do what is needed."""
        channel = self.world.channels.get(self.ids["channel"])
        if channel is None:
            raise ApiError(404, 10003)
        allowed = self.us(channel).can(channel)
        if Can.VIEW_CHANNEL not in allowed:
            raise ApiError(403, 50001)
        if needed & ~allowed:
            raise ApiError(403, 50013)
        return channel

    def thread(self, needed: Can = NOTHING) -> Thread:
        """As `channel`, of a thread."""
        channel = self.channel(needed)
        if not isinstance(channel, Thread):
            raise ApiError(400, 50024)
        return channel

    def message(self, needed: Can = NOTHING) -> Message:
        """The message that the path names."""
        channel = self.channel(needed)
        message = channel.messages.get(self.ids["message"])
        if message is None:
            raise ApiError(404, 10008)
        return message

    def limit(self, default: int, most: int, *, least: int = 1) -> int:
        """The query's `limit`."""
        text = self.query.get("limit", str(default))
        if not text.isdigit() or not least <= int(text) <= most:
            raise Invalid([("limit", f"must be between {least} and {most}")])
        return int(text)

    def number(self, name: str) -> int | None:
        """A snowflake of the query."""
        text = self.query.get(name)
        if text is not None and not text.isdigit():
            raise Invalid([(name, f'Value "{text}" is not snowflake.')])
        return None if text is None else int(text)


Handler = Callable[[Ask], Json | list[Any] | None]
Routes = dict[str, Handler]
