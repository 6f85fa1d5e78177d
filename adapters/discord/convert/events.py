"""Gateway events by their documented names → our events. No I/O; `Guilds` remembers what was told.

A payload that makes no sense is a BadPayload: log its sentence, drop it, go on. One from an unknown thread is an
UnknownPlace: ask Discord for it, give the answer to `Guilds.keep_fetched`, and convert again.
"""

from collections.abc import Mapping

from adapters.discord.convert.places import PLACES
from adapters.discord.convert.posts import POSTS
from adapters.discord.convert.reading import BadPayload
from adapters.discord.convert.telling import NOTHING_TOLD, Came, Known, Read, Told

READERS: Mapping[str, Read] = {**POSTS, **PLACES}


def convert(known: Known, name: str, payload: object, came: Came) -> Told:
    """What an event tells; nothing for names that don't matter here.

    Raises BadPayload or UnknownPlace for payloads it cannot read, and nothing else. A message of a history is read as
    MESSAGE_CREATE with its origin.
    """
    read = READERS.get(name)
    if read is None:
        return NOTHING_TOLD
    if not isinstance(payload, dict):
        raise BadPayload(f"Dropped {name} from Discord: it is no object.")
    return read(known, payload, came)
