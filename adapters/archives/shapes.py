"""Reading JSON whose shape nobody vouches for: each function gives the expected type or its empty value."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import ImportProblem
from bot.markup import clean

Record = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = EPOCH + timedelta(seconds=10**10)  # in 2286, beyond what Slack's ts can say
MAX_POSITION = 2**62  # positions are 64-bit in the store; real ones are far below
MAX_ID = 64  # characters
SMALL = re.compile(r"[0-9]{1,5}")
NOTHING: Record = {}


def record(value: object) -> Record:
    """The object, or an empty one if it is something else."""
    return value if isinstance(value, dict) else NOTHING


def records(value: object) -> list[Record]:
    """The objects of a list; anything else in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    """The string, fit to store, or an empty one if it is something else."""
    return clean(value) if isinstance(value, str) else ""


def number(value: object) -> int:
    """The whole number, 0 if it is none or negative."""
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0


def identifier(value: object) -> str:
    """A platform's id: a short printable string without spaces (a whole number will do), else ""."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_POSITION:
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID:
        return ""
    return value if value.isascii() and value.isprintable() and " " not in value else ""


def small(text: str) -> int | None:
    """The whole number that a short text spells, None if it spells none."""
    return int(text) if SMALL.fullmatch(text) else None


def moment(value: object) -> datetime | None:
    """An ISO time in UTC; one without a zone is taken as UTC. None if it is none, or before 1970 or after 2286.

    Some programs write the first or the last day of their calendar for "never", and no time can be reckoned from those.
    """
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if EPOCH <= at < LATEST else None


def at_micros(micros: int) -> datetime:
    """The time of a count of microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def parse(data: bytes, name: str) -> Any:  # noqa: ANN401 - it is whatever the file says
    """Parse a whole JSON file. ImportProblem names file and place if it is damaged."""
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise ImportProblem(f"{name} is damaged at line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except UnicodeDecodeError as error:
        raise ImportProblem(f"{name} is damaged at byte {error.start}: this is not text.") from None
    except (ValueError, RecursionError) as error:
        raise ImportProblem(f"{name} cannot be read: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else "a number in it is too long"
