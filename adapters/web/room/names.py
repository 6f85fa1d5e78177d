"""Names: a signed cookie says who somebody is; nothing else does."""

import base64
import hashlib
import hmac
import json
import unicodedata

from aiohttp import web

from adapters.web.room.room import HELD_FOR, ROOM, Person, Room
from bot.markup import clean
from bot.models import MemberRef

COOKIE = "folkmoot_name"
LONGEST = 32  # characters of a name


def tidy(name: str) -> str:
    """A name as it is shown: without characters that hide or reorder, and without spaces at its ends."""
    seen = "".join(sign for sign in clean(name) if unicodedata.category(sign)[0] != "C" or sign == " ")
    return " ".join(seen.split())[:LONGEST].strip()


def _signature(secret: bytes, told: str) -> str:
    return hmac.new(secret, told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def write(secret: bytes, person: Person) -> str:
    """What the cookie says."""
    kept = json.dumps([person.member.id, person.name, person.moderator])
    told = base64.urlsafe_b64encode(kept.encode()).decode()
    return f"{told}.{_signature(secret, told)}"


def read(secret: bytes, cookie: str) -> Person | None:
    """Who a cookie says somebody is; None if we did not write it."""
    told, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(_signature(secret, told).encode(), signature.encode("utf-8", "replace")):
        return None
    member, name, moderator = json.loads(base64.urlsafe_b64decode(told))
    return Person(member=MemberRef(ROOM, member), name=name, moderator=moderator)


async def person_of(request: web.Request, room: Room) -> Person | None:
    """Who asks; None before they picked a name."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    person = read(await room.secret(), cookie)
    if person is not None:
        room.remember(person)
    return person


async def set_name(request: web.Request, response: web.StreamResponse, room: Room, person: Person) -> None:
    """Let the reader's browser keep the name."""
    response.set_cookie(
        COOKIE,
        write(await room.secret(), person),
        max_age=HELD_FOR,
        httponly=True,
        samesite="Strict",
        secure=request.secure,
        path="/local",
    )
