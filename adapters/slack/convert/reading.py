"""Reading Slack's JSON, of which nobody vouches for the shape: the expected type, its empty value, or BadPayload."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import FolkmootError
from bot.markup import clean
from bot.models import position_of

Payload = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING: Payload = {}
_STAMP = re.compile(r"[0-9]{1,10}\.[0-9]{1,6}")
_IDENT = re.compile(r"[A-Za-z0-9_-]{1,64}")


class BadPayload(FolkmootError):
    """A payload that cannot be what it claims to be; the text is one sentence for the log, the payload is dropped."""


def record(value: object) -> Payload:
    """The object, or an empty one if it is something else."""
    return value if isinstance(value, dict) else NOTHING


def records(value: object) -> list[Payload]:
    """The objects of a list; anything else in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    """The string, fit to store, or an empty one if it is something else."""
    return clean(value) if isinstance(value, str) else ""


def whole(value: object) -> int:
    """The whole number, 0 if it is none or negative."""
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0


def first(*values: object) -> str:
    """The first string that is not blank."""
    return next((text for value in values if (text := words(value).strip())), "")


def ident(value: object) -> str:
    """An id of Slack's (of a channel, user, bot, team …), else ""."""
    return value if isinstance(value, str) and _IDENT.fullmatch(value) else ""


def idents(value: object) -> list[str]:
    """The ids of a list; anything else in it is left out."""
    return [found for item in value if (found := ident(item))] if isinstance(value, list) else []


def stamp(value: object) -> str:
    """A `ts` as Slack writes it, seconds.micros, else ""."""
    return value if isinstance(value, str) and _STAMP.fullmatch(value) else ""


def needed(payload: Payload, key: str, what: str) -> str:
    """The id under a key. BadPayload, naming the key, if there is none."""
    found = ident(payload.get(key))
    if not found:
        raise BadPayload(f"Dropped {what} from Slack: its {key} is no id.")
    return found


def needed_stamp(payload: Payload, key: str, what: str) -> str:
    """The `ts` under a key. BadPayload, naming the key, if there is none."""
    found = stamp(payload.get(key))
    if not found:
        raise BadPayload(f"Dropped {what} from Slack: its {key} is no time.")
    return found


def moment(ts: str) -> datetime:
    """The time that a `ts` tells, in UTC, to the microsecond."""
    return EPOCH + timedelta(microseconds=position_of(ts))


def unescaped(text: str) -> str:
    """Undo Slack's escaping: names come escaped, like everything that Slack shows."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def listed(found: Payload, key: str) -> list[Payload]:
    """The objects under a key of one of Slack's answers."""
    return records(found.get(key))


def cursor_of(found: Payload) -> str:
    """Where the next page of an answer begins, "" if this was the last."""
    return words(record(found.get("response_metadata")).get("next_cursor"))
