"""Rules in people's words: from a form's fields to a rule, and from a rule to a phrase."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.errors import CommandError
from bot.models import Every, Rule
from bot.schedule.slots import A_MONDAY, WEEKDAYS
from bot.schedule.zones import zone_named
from bot.texts import Texts

LAST_DAY = 28  # the highest day that every month has
LAST = "last"
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


def parse_rule(fields: Mapping[str, str], *, texts: Texts, now: datetime) -> Rule:
    """Build a rule from the fields `every`, `at`, `zone`, `weekday`, `day` and `anchor`.

    `every` and `weekday` are values of `Every` and `WEEKDAYS` (whole English weekdays too), `at` is HH:MM, `day` 1–28
    or "last", `anchor` an ISO date; what the kind of rule does not use may be missing. A fortnightly rule without an
    anchor is first due in this week, in the zone. CommandError says in one sentence what is wrong.
    """
    every = _every(fields.get("every", ""), texts)
    zone = zone_named(fields.get("zone", ""), texts, now)
    fortnightly = every is Every.FORTNIGHTLY
    weekly = fortnightly or every is Every.WEEKLY
    return Rule(
        every=every,
        at=_time(fields.get("at", ""), texts),
        zone=zone,
        weekday=_weekday(fields.get("weekday", ""), texts) if weekly else "mon",
        day=_day(fields.get("day", ""), texts) if every is Every.MONTHLY else 1,
        anchor=_anchor(fields.get("anchor", ""), zone, texts, now) if fortnightly else None,
    )


def _every(words: str, texts: Texts) -> Every:
    try:
        return Every(words.strip().casefold())
    except ValueError:
        raise CommandError(
            texts.say("Say how often: one of {choices}, not '{words}'.", choices=", ".join(Every), words=words[:40])
        ) from None


def _time(words: str, texts: Texts) -> time:
    found = _TIME.fullmatch(words.strip())
    try:
        return time(int(found[1]), int(found[2])) if found else time.fromisoformat("")
    except ValueError:
        raise CommandError(
            texts.say("Write the time as hours and minutes, such as 09:00 or 17:30, not '{words}'.", words=words[:40])
        ) from None


def _weekday(words: str, texts: Texts) -> str:
    """A weekday by name; numbers mean different days to different people and are refused."""
    name = words.strip().casefold()
    full = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday"}
    full |= {"sat": "saturday", "sun": "sunday"}
    for short in WEEKDAYS:
        if name in {short, full[short]}:
            return short
    raise CommandError(
        texts.say("Name the weekday, one of {choices}, not '{words}'.", choices=", ".join(WEEKDAYS), words=words[:40])
    )


def _day(words: str, texts: Texts) -> int:
    day = words.strip().casefold()
    if day == LAST:
        return 0
    if day.isascii() and day.isdecimal() and 1 <= int(day[:4]) <= LAST_DAY:
        return int(day)
    raise CommandError(
        texts.say("The day of the month is a number from 1 to 28, or 'last', not '{words}'.", words=words[:40])
    )


def _anchor(words: str, zone: str, texts: Texts, now: datetime) -> date:
    if not words.strip():
        return now.astimezone(ZoneInfo(zone)).date()
    try:
        return date.fromisoformat(words.strip())
    except ValueError:
        raise CommandError(
            texts.say("Write a date of a week in which it is due as 2026-08-03, not '{words}'.", words=words[:40])
        ) from None


def describe(rule: Rule, texts: Texts) -> str:
    """A rule as a phrase: "every Monday at 09:00, Europe/Berlin"."""
    at, zone = rule.at.strftime("%H:%M"), rule.zone
    match rule.every:
        case Every.DAILY:
            return texts.say("every day at {time}, {zone}", time=at, zone=zone)
        case Every.WEEKDAYS:
            return texts.say("Monday to Friday at {time}, {zone}", time=at, zone=zone)
        case Every.WEEKLY:
            day = weekday_name(rule.weekday, texts)
            return texts.say("every {weekday} at {time}, {zone}", weekday=day, time=at, zone=zone)
        case Every.FORTNIGHTLY:
            day = weekday_name(rule.weekday, texts)
            return texts.say("every second {weekday} at {time}, {zone}", weekday=day, time=at, zone=zone)
        case Every.MONTHLY if rule.day:
            return texts.say("on day {day} of every month at {time}, {zone}", day=rule.day, time=at, zone=zone)
        case _:
            return texts.say("on the last day of every month at {time}, {zone}", time=at, zone=zone)


def weekday_name(weekday: str, texts: Texts) -> str:
    """The whole name of a weekday, in the reader's language."""
    return texts.weekday(datetime(1970, 1, A_MONDAY.day + WEEKDAYS.index(weekday), tzinfo=ZoneInfo(texts.zone)))
