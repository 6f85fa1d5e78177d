"""Slack's documented JSON → our values. The same functions read events, histories and recorded fixtures."""

from adapters.slack.convert.events import READERS, convert
from adapters.slack.convert.messages import deleted_of, message_of, stranger, votes_of
from adapters.slack.convert.places import channel_of, is_place
from adapters.slack.convert.reading import BadPayload
from adapters.slack.convert.telling import STARS, Came, Known, People, Person, Told, person_of

__all__ = [
    "READERS",
    "STARS",
    "BadPayload",
    "Came",
    "Known",
    "People",
    "Person",
    "Told",
    "channel_of",
    "convert",
    "deleted_of",
    "is_place",
    "message_of",
    "person_of",
    "stranger",
    "votes_of",
]
