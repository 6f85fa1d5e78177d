"""What reading a payload takes, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from adapters.discord.convert.guilds import Guilds
from adapters.discord.convert.reading import Payload
from bot.models import Event, MessageRef, Origin

STARS = frozenset({"⭐", "🌟"})


class Told(NamedTuple):
    """What a payload tells. The votes on `reread` have to be read: another star may be left of who took one away."""

    events: tuple[Event, ...] = ()
    reread: tuple[MessageRef, ...] = ()


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has to be known to read a payload.

    `stars` are the signs, or ids of a guild's own emoji, that highlight.
    """

    guilds: Guilds
    stars: frozenset[str] = STARS


class Came(NamedTuple):
    """When an event came, and how."""

    at: datetime
    origin: Origin = Origin.LIVE


Read = Callable[[Known, Payload, Came], Told]
