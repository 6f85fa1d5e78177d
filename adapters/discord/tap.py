"""Takes the gateway's payloads where discord.py dispatches them, in the order in which they come.

discord.py runs every event as a task of its own, so that a deletion can overtake its message, and an exception in one
of its parsers ends the client. The table of parsers is its own and not public: this is the one file that touches it,
for exactly one version, and `check` says at the start if it is not what it was.
"""

from collections.abc import Callable
from typing import Any

import discord
import structlog

from bot.errors import ConfigError

VERSION = "2.7.1"
OURS = (  # what discord.py need not see: it would only build objects from it
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "MESSAGE_REACTION_REMOVE_ALL",
    "MESSAGE_REACTION_REMOVE_EMOJI",
    "INTERACTION_CREATE",
)
SHARED = (  # what it needs to keep its connection
    "READY",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "GUILD_MEMBER_UPDATE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
    "THREAD_MEMBERS_UPDATE",
)

Take = Callable[[str, Any], None]
log = structlog.get_logger(__name__)


def check(client: discord.Client) -> dict[str, Callable[[Any], None]]:
    """The table of parsers. ConfigError if this discord.py has another one."""
    parsers = getattr(client._connection, "parsers", None)  # noqa: SLF001 - see above
    known = isinstance(parsers, dict) and all(callable(parsers.get(name)) for name in (*OURS, *SHARED))
    if discord.__version__ != VERSION or not known or not isinstance(parsers, dict):
        raise ConfigError(f"Folkmoot needs discord.py {VERSION}, and this is {discord.__version__}; run make .venv.")
    return parsers


def tap(client: discord.Client, take: Take) -> None:
    """Give `take` every payload that matters, at once and in order; it must neither wait nor raise."""
    parsers = check(client)
    for name in OURS:
        parsers[name] = _taken(name, take)
    for name in SHARED:
        parsers[name] = _shared(name, take, parsers[name])


def _taken(name: str, take: Take) -> Callable[[Any], None]:
    def parse(payload: Any) -> None:  # noqa: ANN401 - Discord's JSON
        take(name, payload)

    return parse


def _shared(name: str, take: Take, theirs: Callable[[Any], None]) -> Callable[[Any], None]:
    """Ours first, then discord.py's: what it cannot read must not end the stream."""

    def parse(payload: Any) -> None:  # noqa: ANN401 - Discord's JSON
        take(name, payload)
        try:
            theirs(payload)
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream goes on
            log.warning("discord.py could not read an event", name=name, error=repr(error))

    return parse
