"""Reading Discord's JSON, of which nobody vouches for the shape: the expected type, its empty value, or BadPayload."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import FolkmootError
from bot.markup import clean
from bot.models import Platform, moment_of

Payload = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_POSITION = 2**63  # positions are signed 64-bit numbers in the store
MAX_DIGITS = 19
TOO_HIGH = str(MAX_POSITION)  # which has as many digits
NOTHING: Payload = {}


class BadPayload(FolkmootError):
    """A payload that cannot be what it claims to be; the text is one sentence for the log, the payload is dropped."""


class UnknownPlace(FolkmootError):
    """A payload from a channel or thread nobody told us of; `id` is what to ask Discord for before trying again."""

    def __init__(self, ident: str) -> None:
        super().__init__(f"Nothing is known of channel {ident} yet.")
        self.id = ident


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
    """The whole number that a value is or spells, 0 if it is none; permissions are spelled as strings."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    spelled = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    return int(value) if spelled and isinstance(value, str) else 0


def type_of(payload: Payload) -> int:
    """The `type` of a thing; -1 if there is none."""
    value = payload.get("type")
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def snowflake(value: object) -> str:
    """A Discord id in plain digits, else ""."""
    if isinstance(value, str):
        return value if _is_snowflake(value) else ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_POSITION:
        return str(value)
    return ""


def _is_snowflake(value: str) -> bool:
    """Whether a string spells a whole number below 2**63 as it is always spelled."""
    size = len(value)
    if not (value.isdigit() and value.isascii() and (value[0] != "0" or size == 1)):
        return False
    return size < MAX_DIGITS or (size == MAX_DIGITS and value < TOO_HIGH)


def snowflakes(value: object) -> list[str]:
    """The ids of a list; anything else in it is left out."""
    return [ident for item in value if (ident := snowflake(item))] if isinstance(value, list) else []


def needed(payload: Payload, key: str, what: str) -> str:
    """The id under a key. BadPayload, naming the key, if there is none."""
    ident = snowflake(payload.get(key))
    if not ident:
        raise BadPayload(f"Dropped {what} from Discord: its {key} is no id.")
    return ident


def moment(value: object) -> datetime | None:
    """An ISO time in UTC; one without a zone is taken as UTC. None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def made_at(ident: str) -> datetime:
    """When a snowflake was made, to the millisecond."""
    return EPOCH + timedelta(milliseconds=moment_of(Platform.DISCORD, int(ident)))
