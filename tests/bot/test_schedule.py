"""Slots in local time: ten zones, five years, both changes of the clocks; windows; what is late."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Channel, Every, Platform, Rule, Schedule, Slot, Space
from bot.schedule import due, first_start, instant, next_slots, on, previous_slot, reach_of, slots_between

ZONES = (
    *("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"),
    *("Asia/Tehran", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "UTC"),
)
TIMES = (time(0), time(0, 30), time(2, 30), time(9))
FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
NINE = Rule(every=Every.DAILY, at=time(9), zone="Europe/Berlin")


def a_schedule(rule: Rule = NINE, created_at: datetime | None = None, last_end: datetime | None = None) -> Schedule:
    return Schedule(
        id=7,
        community=1,
        name="",
        destination=Channel(Space(Platform.LOCAL, "local"), "help"),
        rule=rule,
        created_at=created_at or datetime(2021, 1, 1, tzinfo=UTC),
        last_end=last_end,
    )


def date_of(slot: Slot) -> str:
    """The local date that a slot belongs to."""
    return slot.key.split()[0]


def days(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day and so on


def walked(zone: str) -> dict[tuple[date, time], datetime]:
    """The first instant at which each date's clock shows each time or more, found by walking through the years."""
    found: dict[tuple[date, time], datetime] = {}
    place = ZoneInfo(zone)
    moment, end = utc(FIRST.year - 1, 12, 31), utc(LAST.year + 1, 1, 2)
    while moment < end:
        local = moment.astimezone(place)
        for at in TIMES:
            if local.time() >= at:
                found.setdefault((local.date(), at), moment)
        moment += QUARTER
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_local_date_of_five_years_has_exactly_one_slot_at_the_first_valid_instant(zone: str) -> None:
    expected = walked(zone)
    for at in TIMES:
        rule = Rule(every=Every.DAILY, at=at, zone=zone)
        slots = slots_between(a_schedule(rule), utc(2020, 12, 30), utc(2026, 1, 2))
        got = {date_of(slot): slot.due_at for slot in slots if FIRST.isoformat() <= date_of(slot) <= LAST.isoformat()}
        assert max(Counter(slot.key for slot in slots).values()) == 1
        assert got == {day.isoformat(): expected[day, at] for day in days()}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", [Every.WEEKDAYS, Every.WEEKLY, Every.FORTNIGHTLY, Every.MONTHLY])
def test_every_kind_of_rule_is_due_on_its_own_dates_and_no_others(zone: str, every: Every) -> None:
    rule = Rule(every=every, at=time(2, 30), zone=zone, weekday="sun", day=0, anchor=date(2021, 1, 5))
    expected = {
        Every.WEEKDAYS: [day for day in days() if day.isoweekday() <= 5],
        Every.WEEKLY: [day for day in days() if day.isoweekday() == 7],
        Every.FORTNIGHTLY: [day for day in days() if (day - date(2021, 1, 10)).days % 14 == 0],
        Every.MONTHLY: [day for day in days() if (day + DAY).day == 1],
    }[every]
    slots = slots_between(a_schedule(rule), utc(2020, 12, 30), utc(2026, 1, 2))
    keys = [date_of(slot) for slot in slots if FIRST.isoformat() <= date_of(slot) <= LAST.isoformat()]
    assert keys == [day.isoformat() for day in expected]


def test_a_time_that_the_clocks_jump_over_is_the_first_instant_after_the_jump() -> None:
    assert instant(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Berlin")) == utc(2026, 3, 29, 1)
    assert instant(date(2026, 10, 4), time(2, 10), ZoneInfo("Australia/Lord_Howe")) == utc(2026, 10, 3, 15, 30)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert instant(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Berlin")) == utc(2026, 10, 25, 0, 30)
    assert instant(date(2026, 4, 5), time(1, 45), ZoneInfo("Australia/Lord_Howe")) == utc(2026, 4, 4, 14, 45)


def test_a_date_whose_evening_is_jumped_over_still_has_its_slot() -> None:
    rule = Rule(every=Every.DAILY, at=time(23, 30), zone="America/Nuuk")
    slots = slots_between(a_schedule(rule), utc(2025, 3, 28, 12), utc(2025, 3, 31, 12))
    assert [date_of(slot) for slot in slots] == ["2025-03-28", "2025-03-29", "2025-03-30"]
    assert slots[1].due_at == utc(2025, 3, 30, 1)


def test_a_date_that_never_was_has_no_daily_slot() -> None:
    rule = Rule(every=Every.DAILY, at=time(9), zone="Pacific/Apia")
    slots = slots_between(a_schedule(rule), utc(2011, 12, 28, 20), utc(2012, 1, 1))
    assert [date_of(slot) for slot in slots] == ["2011-12-29", "2011-12-31", "2012-01-01"]


def test_a_weekly_slot_on_a_date_that_never_was_comes_at_the_first_instant_after() -> None:
    rule = Rule(every=Every.WEEKLY, at=time(9), zone="Pacific/Apia", weekday="fri")
    [slot] = next_slots(rule, utc(2011, 12, 29), 1)
    assert (date_of(slot), slot.due_at) == ("2011-12-30", utc(2011, 12, 30, 10))


def test_a_slot_is_named_by_its_local_date_and_time() -> None:
    rules = (NINE, replace(NINE, at=time(17)), replace(NINE, zone="America/New_York"))
    keys = [next_slots(rule, utc(2026, 8, 3, 6), 1)[0].key for rule in rules]
    assert keys == [
        f"2026-08-03 {end}" for end in ("09:00 Europe/Berlin", "17:00 Europe/Berlin", "09:00 America/New_York")
    ]


def test_the_next_slots_leave_out_the_one_that_is_due_right_now() -> None:
    slots = next_slots(NINE, utc(2026, 8, 3, 7), 2, schedule=7)
    assert [(slot.schedule, slot.due_at) for slot in slots] == [(7, utc(2026, 8, 4, 7)), (7, utc(2026, 8, 5, 7))]


def test_a_fortnightly_rule_without_an_anchor_is_due_every_second_week() -> None:
    rule = Rule(every=Every.FORTNIGHTLY, at=time(9), zone="UTC", weekday="wed")
    first, second = next_slots(rule, utc(2026, 8, 3), 2)
    assert second.due_at - first.due_at == timedelta(days=14)


def test_a_monthly_rule_is_due_on_its_day() -> None:
    rule = Rule(every=Every.MONTHLY, at=time(9), zone="UTC", day=28)
    assert [date_of(slot) for slot in next_slots(rule, utc(2026, 1, 28, 9), 2)] == ["2026-02-28", "2026-03-28"]


def test_nothing_is_due_before_the_first_slot() -> None:
    assert due(a_schedule(created_at=utc(2026, 8, 3, 7)), utc(2026, 8, 4, 6, 59)) is None


def test_the_first_window_begins_when_the_schedule_was_made() -> None:
    found = due(a_schedule(created_at=utc(2026, 8, 3, 12)), utc(2026, 8, 4, 7))
    assert found is not None
    assert (date_of(found.slot), found.slot.due_at) == ("2026-08-04", utc(2026, 8, 4, 7))
    assert (found.start, found.missed, found.late, found.wait_until) == (utc(2026, 8, 3, 12), (), False, None)


def test_a_slot_that_is_over_is_not_due_again() -> None:
    assert due(a_schedule(last_end=utc(2026, 8, 4, 7)), utc(2026, 8, 4, 7)) is None


def test_missed_slots_go_into_the_newest_window() -> None:
    found = due(a_schedule(last_end=utc(2026, 8, 1, 7)), utc(2026, 8, 4, 7, 5))
    assert found is not None
    assert date_of(found.slot) == "2026-08-04"
    assert [date_of(slot) for slot in found.missed] == ["2026-08-02", "2026-08-03"]
    assert (found.start, found.late) == (utc(2026, 8, 1, 7), False)


def test_a_window_reaches_back_fourteen_days_at_most_after_a_long_downtime() -> None:
    found = due(a_schedule(last_end=utc(2026, 5, 1, 7)), utc(2026, 8, 4, 7))
    assert found is not None
    assert found.start == utc(2026, 7, 21, 7)
    assert [date_of(slot) for slot in found.missed] == [f"2026-07-{n}" for n in range(22, 32)] + [
        "2026-08-01",
        "2026-08-02",
        "2026-08-03",
    ]


def test_a_window_reaches_back_one_period_where_that_is_longer() -> None:
    monthly = Rule(every=Every.MONTHLY, at=time(9), zone="Europe/Berlin", day=0)
    found = due(a_schedule(monthly, last_end=utc(2025, 1, 31, 8)), utc(2026, 4, 10))
    assert found is not None
    assert (found.slot.due_at, found.start) == (utc(2026, 3, 31, 7), utc(2026, 2, 28, 8))
    assert found.missed == ()


def test_late_is_more_than_a_quarter_of_an_hour() -> None:
    schedule = a_schedule(last_end=utc(2026, 8, 3, 7))
    on_time, late = due(schedule, utc(2026, 8, 4, 7, 15)), due(schedule, utc(2026, 8, 4, 7, 15, 1))
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (utc(2026, 8, 4, 19, 59), None),  # 21:59 in Berlin
        (utc(2026, 8, 4, 20, 0), utc(2026, 8, 5, 6)),  # 22:00
        (utc(2026, 8, 5, 0, 30), utc(2026, 8, 5, 6)),
        (utc(2026, 8, 5, 5, 59), utc(2026, 8, 5, 6)),
        (utc(2026, 8, 5, 6, 0), None),  # 08:00
    ],
)
def test_what_is_late_waits_for_the_morning(now: datetime, until: datetime | None) -> None:
    found = due(a_schedule(last_end=utc(2026, 8, 3, 7)), now)
    assert found is not None
    assert found.late
    assert found.wait_until == until


def test_a_digest_that_is_due_at_night_and_on_time_does_not_wait() -> None:
    rule = replace(NINE, at=time(3))
    found = due(a_schedule(rule, last_end=utc(2026, 8, 4, 1)), utc(2026, 8, 5, 1, 1))
    assert found is not None
    assert (found.late, found.wait_until) == (False, None)


rules = st.builds(
    Rule,
    every=st.sampled_from(Every),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from([*ZONES, "America/Nuuk"]),
    weekday=st.sampled_from(["mon", "wed", "sat", "sun"]),
    day=st.integers(0, 28),
    anchor=st.dates(date(2020, 1, 1), date(2025, 1, 1)),
)
moments = st.datetimes(datetime(2022, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside


@settings(max_examples=150, deadline=None)
@given(rule=rules, after=moments)
def test_slots_grow_and_each_belongs_to_its_local_date(rule: Rule, after: datetime) -> None:
    slots = next_slots(rule, after, 6, schedule=7)
    assert slots[0].due_at > after
    assert all(one.due_at < two.due_at and one.key < two.key for one, two in pairwise(slots))
    assert all(on(rule, date.fromisoformat(date_of(slot))) for slot in slots)
    assert slots == slots_between(a_schedule(rule), after, slots[-1].due_at)


@settings(max_examples=100, deadline=None)
@given(rule=rules, created=moments, waits=st.lists(st.integers(1, 20 * 24 * 60), min_size=1, max_size=25))
def test_windows_are_half_open_follow_each_other_and_leave_no_gap(
    rule: Rule, created: datetime, waits: list[int]
) -> None:
    schedule, now, seen = a_schedule(rule, created_at=created), created, set[str]()
    for minutes in waits:
        now += timedelta(minutes=minutes)
        found = due(schedule, now)
        if found is None:
            assert slots_between(schedule, schedule.last_end or created, now) == []
            continue
        since = schedule.last_end or created
        assert found.slot.key not in seen
        assert found.start < found.slot.due_at <= now < next_slots(rule, found.slot.due_at, 1)[0].due_at
        assert found.start == max(since, reach_of(schedule, found.slot.due_at))
        assert all(found.start < slot.due_at < found.slot.due_at for slot in found.missed)
        seen |= {found.slot.key, *(slot.key for slot in found.missed)}
        schedule = replace(schedule, last_end=found.slot.due_at)


@settings(max_examples=100, deadline=None)
@given(rule=rules, created=moments)
def test_a_bot_that_never_sleeps_merges_nothing_and_covers_all_the_time(rule: Rule, created: datetime) -> None:
    schedule, end = a_schedule(rule, created_at=created), created
    for slot in next_slots(rule, created, 4):
        found = due(schedule, slot.due_at)
        assert found is not None
        assert (found.slot.key, found.start, found.missed, found.late) == (slot.key, end, (), False)
        assert end == created or previous_slot(schedule, slot.due_at).due_at == end
        end = slot.due_at
        schedule = replace(schedule, last_end=end)


@pytest.mark.parametrize("every", list(Every))
def test_the_first_window_begins_when_it_would_have_been_due_last(every: Every) -> None:
    rule = Rule(every=every, at=time(9), zone="Europe/Berlin", weekday="wed", day=28)
    for hours in range(0, 24 * 60, 7):
        at = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
        start = first_start(rule, at)
        [following] = next_slots(rule, start, 1)
        assert start <= at < following.due_at
