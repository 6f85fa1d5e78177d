"""A request to the Web API, and the errors it may be answered with."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tests.servers.slack.channels import Channel
from tests.servers.slack.members import Member
from tests.servers.slack.messages import Message
from tests.servers.slack.world import Json, World

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

FAMILIES = {"channel": "channels", "group": "groups", "im": "im"}
T = TypeVar("T")
TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


class ApiError(Exception):
    """An answer that refuses; `more` goes into its body."""

    def __init__(self, error: str, **more: object) -> None:
        self.body: Json = {"ok": False, "error": error} | more
        super().__init__(error)


class Invalid(ApiError):
    """Arguments that break the rules; every fault counts as a violation of ours."""

    def __init__(self, error: str, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = list(faults)
        messages = [f"[ERROR] {what} [json-pointer:/{where}]" for where, what in faults]
        super().__init__(error, response_metadata={"messages": messages})


@dataclass
class Ask:
    """One request: the method and its arguments, query and body merged."""

    server: "SlackServer"
    method: str
    body: Json = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.server.world

    def needs(self, *scopes: str) -> None:
        """One of these scopes, else `missing_scope`."""
        app = self.world.app
        if not app.scopes & set(scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(app.scopes)))

    def channel(self, verb: str | None = None, *, inside: bool = False) -> Channel:
        """The channel asked about: `verb` names the scope ("read", "history"); `inside` where our bot must be in it."""
        channel = self.world.channels.get(str(self.body.get("channel")))
        if channel is None or channel.deleted or (channel.private and not channel.has_bot):
            raise ApiError("channel_not_found")
        if verb is not None:
            self.needs(f"{FAMILIES[channel.kind]}:{verb}")
        if inside and not channel.has_bot:
            raise ApiError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts", error: str = "message_not_found") -> Message:
        """The message of that channel which an argument names."""
        message = channel.messages.get(str(self.body.get(name)))
        if message is None:
            raise ApiError(error)
        return message

    def member(self, name: str = "user") -> Member:
        """The member whom an argument names."""
        member = self.world.members.get(str(self.body.get(name)))
        if member is None:
            raise ApiError("user_not_found")
        return member

    def limit(self, default: int, most: int) -> int:
        """How many a page may have."""
        limit = int(self.body.get("limit") or default)
        if not 1 <= limit <= most:
            raise ApiError("invalid_limit")
        return limit

    def cursor(self, kind: str) -> str | None:
        """Where the last page ended; `invalid_cursor` if it is none of ours."""
        text = self.body.get("cursor")
        if not text:
            return None
        try:
            found, _, where = base64.b64decode(str(text), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise ApiError("invalid_cursor") from None
        if found != kind:
            raise ApiError("invalid_cursor")
        return where

    def page(self, items: Sequence[T], default: int, most: int) -> tuple[list[T], Json]:
        """The page of a list that was asked for, and what goes on."""
        start = int(self.cursor("offset") or 0)
        limit = self.limit(default, most)
        more = start + limit < len(items)
        return list(items[start : start + limit]), going_on("offset", str(start + limit) if more else None)


def going_on(kind: str, where: str | None) -> Json:
    """The part of an answer that names the next page."""
    cursor = "" if where is None else base64.b64encode(f"{kind}:{where}".encode()).decode()
    return {"response_metadata": {"next_cursor": cursor}}


Handler = Callable[[Ask], Json]
Methods = dict[str, Handler]
