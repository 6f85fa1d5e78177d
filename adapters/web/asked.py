"""Reads what stands in an address. Anything that makes no sense is a 400, never a 500."""

import re
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from bot.markup import clean
from bot.models import Place

E = TypeVar("E", bound=StrEnum)
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)
_PLACE = re.compile(r"(\d{1,15})-(\d{1,18})", re.ASCII)
HIGHEST = 2**63 - 1  # the highest number that a database holds
WORDS = 200  # characters of a search


def number(request: web.Request, name: str) -> int | None:
    """A whole number from the query, None if it is not there."""
    text = request.query.get(name)
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None or int(text) > HIGHEST:
        raise web.HTTPBadRequest
    return int(text)


def choice(request: web.Request, name: str, kind: type[E], default: E) -> E:
    """One of the values of an enumeration."""
    try:
        return kind(request.query.get(name, default))
    except ValueError:
        raise web.HTTPBadRequest from None


def place(request: web.Request, name: str = "before") -> Place | None:
    """Where the page before ended."""
    text = request.query.get(name)
    if text is None:
        return None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise web.HTTPBadRequest
    return Place(at=int(found[1]), id=int(found[2]))


def placed(at: datetime, number: int) -> str:
    """Where a page ended, as `place` reads it."""
    return f"{round(at.timestamp() * 1000)}-{number}"


def words(request: web.Request, name: str = "q") -> str:
    """Words to look for, fit for any database."""
    return clean(request.query.get(name, ""))[:WORDS].strip()
