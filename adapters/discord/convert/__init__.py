"""Discord's documented JSON → our values. The same functions read the gateway, histories and recorded fixtures."""

from adapters.discord.convert.events import convert
from adapters.discord.convert.guilds import Guild, Guilds, Spot
from adapters.discord.convert.messages import command_in, message_of, stars_of
from adapters.discord.convert.places import threads_seen
from adapters.discord.convert.posts import votes_read
from adapters.discord.convert.reading import BadPayload, UnknownPlace
from adapters.discord.convert.telling import STARS, Came, Known, Told

__all__ = [
    "STARS",
    "BadPayload",
    "Came",
    "Guild",
    "Guilds",
    "Known",
    "Spot",
    "Told",
    "UnknownPlace",
    "command_in",
    "convert",
    "message_of",
    "stars_of",
    "threads_seen",
    "votes_read",
]
