"""Rules in people's words, zones they may have meant, and phrases for rules."""

from datetime import UTC, date, datetime, time

import pytest

from bot.errors import CommandError
from bot.models import Every, Rule
from bot.schedule import describe, parse_rule, zone_named
from bot.texts import texts_for

NOW = datetime(2026, 8, 5, 12, tzinfo=UTC)  # a Wednesday
EN = texts_for("en")


def refusal(**fields: str) -> str:
    with pytest.raises(CommandError) as caught:
        parse_rule({"every": "daily", "at": "09:00", "zone": "UTC"} | fields, texts=EN, now=NOW)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        (
            {"every": "daily", "at": "9:00", "zone": "europe/berlin"},
            Rule(every=Every.DAILY, at=time(9), zone="Europe/Berlin"),
        ),
        (
            {"every": " Weekdays ", "at": "17.30", "zone": "America/New York", "weekday": "nonsense", "day": "99"},
            Rule(every=Every.WEEKDAYS, at=time(17, 30), zone="America/New_York"),
        ),
        (
            {"every": "weekly", "at": "00:00", "zone": "UTC", "weekday": "Sunday"},
            Rule(every=Every.WEEKLY, at=time(0), zone="UTC", weekday="sun"),
        ),
        (
            {"every": "fortnightly", "at": "09:00", "zone": "UTC", "weekday": "fri", "anchor": "2026-08-12"},
            Rule(every=Every.FORTNIGHTLY, at=time(9), zone="UTC", weekday="fri", anchor=date(2026, 8, 12)),
        ),
        (
            {"every": "monthly", "at": "09:00", "zone": "UTC", "day": "28"},
            Rule(every=Every.MONTHLY, at=time(9), zone="UTC", day=28),
        ),
        (
            {"every": "monthly", "at": "09:00", "zone": "UTC", "day": "Last"},
            Rule(every=Every.MONTHLY, at=time(9), zone="UTC", day=0),
        ),
    ],
)
def test_the_fields_of_a_form_make_a_rule(fields: dict[str, str], rule: Rule) -> None:
    assert parse_rule(fields, texts=EN, now=NOW) == rule


def test_a_fortnightly_rule_without_an_anchor_begins_in_this_week_there() -> None:
    sunday_evening = datetime(2026, 8, 9, 20, tzinfo=UTC)  # Monday already in Auckland
    fields = {"every": "fortnightly", "at": "09:00", "zone": "Pacific/Auckland", "weekday": "mon"}
    assert parse_rule(fields, texts=EN, now=sunday_evening).anchor == date(2026, 8, 10)


@pytest.mark.parametrize("words", ["hourly", "", "1"])
def test_an_unknown_rhythm_is_answered_with_the_choices(words: str) -> None:
    text = refusal(every=words)
    assert text == f"Say how often: one of daily, weekdays, weekly, fortnightly, monthly, not '{words}'."


@pytest.mark.parametrize("words", ["24:00", "9", "nine", "09:60", "", "09:00:00", "-1:00"])
def test_a_wrong_time_is_answered_with_an_example(words: str) -> None:
    assert refusal(at=words) == f"Write the time as hours and minutes, such as 09:00 or 17:30, not '{words}'."


@pytest.mark.parametrize("words", ["1", "0", "mo", "", "7"])
def test_weekdays_are_named_and_never_numbered(words: str) -> None:
    text = refusal(every="weekly", weekday=words)
    assert text == f"Name the weekday, one of mon, tue, wed, thu, fri, sat, sun, not '{words}'."


@pytest.mark.parametrize("words", ["0", "29", "31", "²", "first", "", "-1", "9" * 40])
def test_a_day_that_not_every_month_has_is_refused(words: str) -> None:
    text = refusal(every="monthly", day=words)
    assert text == f"The day of the month is a number from 1 to 28, or 'last', not '{words}'."


def test_a_wrong_anchor_is_answered_with_an_example() -> None:
    text = refusal(every="fortnightly", weekday="mon", anchor="next week")
    assert text == "Write a date of a week in which it is due as 2026-08-03, not 'next week'."


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("CET+1", "Did you mean Europe/Berlin or Europe/Paris?"),
        ("cest", "Did you mean Europe/Berlin or Europe/Paris?"),
        ("EST-5", "Did you mean America/New_York or America/Toronto?"),
        ("JST", "Did you mean Asia/Tokyo?"),
        ("UTC+5:30", "Did you mean Asia/Kolkata?"),
        ("GMT +9", "Did you mean Asia/Tokyo or Asia/Seoul?"),
        ("UTC-3:30", "Did you mean America/St_Johns?"),
        ("UTC−4", "Did you mean America/Santiago or America/New_York?"),
        ("+0545", "Did you mean Asia/Kathmandu?"),
        ("Berlin", "Did you mean Europe/Berlin?"),
        ("Europe/Berln", "Did you mean Europe/Berlin?"),
        ("new york", "Did you mean America/New_York?"),
        ("UTC+23", "A zone looks like Europe/Berlin."),
        ("xyzzy", "A zone looks like Europe/Berlin."),
        ("", "A zone looks like Europe/Berlin."),
        ("localtime", "A zone looks like Europe/Berlin."),
        ("../../etc/passwd", "A zone looks like Europe/Berlin."),
        ("America", "A zone looks like Europe/Berlin."),
    ],
)
def test_an_unknown_zone_is_answered_with_what_was_perhaps_meant(words: str, meant: str) -> None:
    assert refusal(zone=words) == f"I don't know the zone '{words}'. {meant}"


def test_a_long_zone_is_cut_in_the_answer() -> None:
    assert refusal(zone="{x}" * 100).startswith("I don't know the zone '{x}{x}{x}{x}{x}{x}{x}{x}{x}{x}{x}{x}{x}{'.")


def test_a_zone_is_known_by_its_name_in_any_case() -> None:
    assert zone_named("america/argentina/buenos aires", EN, NOW) == "America/Argentina/Buenos_Aires"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(every=Every.DAILY, at=time(9), zone="UTC"), "every day at 09:00, UTC"),
        (Rule(every=Every.WEEKDAYS, at=time(17, 30), zone="Asia/Tokyo"), "Monday to Friday at 17:30, Asia/Tokyo"),
        (
            Rule(every=Every.WEEKLY, at=time(9), zone="Europe/Berlin", weekday="mon"),
            "every Monday at 09:00, Europe/Berlin",
        ),
        (
            Rule(every=Every.FORTNIGHTLY, at=time(9), zone="Europe/Berlin", weekday="sun"),
            "every second Sunday at 09:00, Europe/Berlin",
        ),
        (Rule(every=Every.MONTHLY, at=time(9), zone="UTC", day=5), "on day 5 of every month at 09:00, UTC"),
        (Rule(every=Every.MONTHLY, at=time(9), zone="UTC", day=0), "on the last day of every month at 09:00, UTC"),
    ],
)
def test_a_rule_is_a_phrase(rule: Rule, words: str) -> None:
    assert describe(rule, EN) == words


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_a_weekday_keeps_its_name_wherever_the_reader_is(zone: str) -> None:
    rule = Rule(every=Every.WEEKLY, at=time(9), zone="UTC", weekday="wed")
    assert describe(rule, texts_for("en", zone)) == "every Wednesday at 09:00, UTC"
