"""Events by their documented types → our events. No I/O, and nothing is kept in mind."""

from collections.abc import Mapping

from adapters.slack.convert.places import PLACES
from adapters.slack.convert.posts import POSTS
from adapters.slack.convert.reading import BadPayload
from adapters.slack.convert.telling import NOTHING_TOLD, Came, Known, Read, Told

READERS: Mapping[str, Read] = {**POSTS, **PLACES}


def convert(known: Known, event: object, came: Came) -> Told:
    """What an event tells; nothing for types that don't matter here.

    Raises BadPayload for what it cannot read, and nothing else: log its sentence, drop it, go on.
    """
    if not isinstance(event, dict):
        raise BadPayload("Dropped an event from Slack: it is no object.")
    kind = event.get("type")
    read = READERS.get(kind) if isinstance(kind, str) else None
    return NOTHING_TOLD if read is None else read(known, event, came)
