"""IANA time zones as people name them: known, or refused with what they may have meant."""

import re
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import CommandError
from bot.texts import Texts

# What people write that no zone is called, or that names a fixed offset where a place is meant.
SHORT: dict[str, tuple[str, ...]] = {
    "cet": ("Europe/Berlin", "Europe/Paris"),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "mez": ("Europe/Berlin", "Europe/Vienna"),
    "eet": ("Europe/Athens", "Europe/Helsinki"),
    "wet": ("Europe/Lisbon", "Atlantic/Canary"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "msk": ("Europe/Moscow",),
    "est": ("America/New_York", "America/Toronto"),
    "edt": ("America/New_York", "America/Toronto"),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "cdt": ("America/Chicago", "America/Winnipeg"),
    "mst": ("America/Denver", "America/Phoenix"),
    "mdt": ("America/Denver", "America/Edmonton"),
    "pst": ("America/Los_Angeles", "America/Vancouver"),
    "pdt": ("America/Los_Angeles", "America/Vancouver"),
    "ist": ("Asia/Kolkata", "Europe/Dublin"),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney", "Australia/Melbourne"),
    "nzst": ("Pacific/Auckland",),
}
# Well-known places, looked through in this order for one with a given offset.
PLACES = (
    *("Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Athens", "Africa/Cairo", "Africa/Johannesburg"),
    *("Europe/Moscow", "Europe/Istanbul", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata"),
    *("Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo"),
    *("Asia/Seoul", "Australia/Adelaide", "Australia/Darwin", "Australia/Sydney", "Australia/Brisbane"),
    *("Pacific/Noumea", "Pacific/Auckland", "Pacific/Tongatapu", "Atlantic/Azores", "Atlantic/South_Georgia"),
    *("America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/St_Johns", "America/Halifax", "America/Santiago"),
    *("America/New_York", "America/Toronto", "America/Chicago", "America/Mexico_City", "America/Denver"),
    *("America/Phoenix", "America/Los_Angeles", "America/Vancouver", "America/Anchorage", "Pacific/Honolulu"),
    *("Africa/Lagos", "Africa/Abidjan", "Atlantic/Reykjavik"),
)
NOT_PLACES = {"localtime", "Factory", "posixrules"}
_OFFSET = re.compile(r"(?P<name>[a-z]{0,4})_?(?P<sign>[+−-])_?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every zone by how it is compared."""
    return {name.casefold(): name for name in sorted(available_timezones() - NOT_PLACES)}


def _folded(words: str) -> str:
    return "_".join(words.split()).casefold()


def zone_named(words: str, texts: Texts, now: datetime) -> str:
    """Find an IANA zone by its name, whatever the case. CommandError says what was perhaps meant.

    `now` decides which places have an offset that was named.
    """
    words = words.strip()[:40]
    name = _names().get(_folded(words))
    if name is not None:
        return name
    near = _meant(words, now)
    if not near:
        raise CommandError(texts.say("I don't know the zone '{zone}'. A zone looks like Europe/Berlin.", zone=words))
    if len(near) == 1:
        raise CommandError(
            texts.say("I don't know the zone '{zone}'. Did you mean {first}?", zone=words, first=near[0])
        )
    first, second = near
    text = texts.say(
        "I don't know the zone '{zone}'. Did you mean {first} or {second}?", zone=words, first=first, second=second
    )
    raise CommandError(text)


def _meant(words: str, now: datetime) -> list[str]:
    """Up to two zones that may have been meant, the likeliest first."""
    folded = _folded(words)
    offset = _OFFSET.fullmatch(folded)
    short = SHORT.get(offset["name"] if offset else folded)
    if short is not None:
        return list(short)[:2]
    if offset is not None:
        return _with_offset(offset, now)[:2]
    return _alike(folded)


def _with_offset(written: re.Match[str], now: datetime) -> list[str]:
    """Places that are so far from UTC now, then those that are so in January or July."""
    far = timedelta(hours=int(written["hours"]), minutes=int(written["minutes"] or 0))
    wanted = far if written["sign"] == "+" else -far
    moments = (now, now.replace(month=1, day=1), now.replace(month=7, day=1))
    found = [
        place for moment in moments for place in PLACES if moment.astimezone(ZoneInfo(place)).utcoffset() == wanted
    ]
    return list(dict.fromkeys(found))


def _alike(folded: str) -> list[str]:
    """Zones spelled alike, by the whole name or by the city."""
    cities = {key.rpartition("/")[2]: name for key, name in _names().items() if "/" in key}
    city = folded.rpartition("/")[2]
    if city in cities:
        return [cities[city]]
    whole = get_close_matches(folded, _names(), n=2, cutoff=0.85)
    by_city = get_close_matches(city, cities, n=2, cutoff=0.8)
    return list(dict.fromkeys([*(_names()[key] for key in whole), *(cities[key] for key in by_city)]))[:2]
