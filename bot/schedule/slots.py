"""When digests are due: slots of a wall-clock rule in an IANA zone.

A slot belongs to a local date. A local time that does not exist is replaced by the first valid instant after it, one
that comes twice by the first of the two; so every local date that is due has exactly one slot of a rule.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from bot.models import Every, Rule, Schedule, Slot

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LATE = timedelta(minutes=15)  # a tick comes every few seconds: what is later than this was missed
REACH = timedelta(days=14)  # how far back a digest may reach after downtime, unless one period is longer
NIGHT = (time(22), time(8))  # local; a late digest waits until it ends
DAY = timedelta(days=1)
A_MONDAY = date(1970, 1, 5)  # where fortnights are counted from when a rule names no anchor
LONGEST = 35  # days; more than any rule's period


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A slot that has come: run it over [`start`, `slot.due_at`), and record `missed` (older ones) as merged into it.

    `skipped` are still older ones, further back than it reaches: no digest covers their time.
    `wait_until` is set when it is late at night: nothing is done before then.
    """

    slot: Slot
    start: datetime
    missed: tuple[Slot, ...]
    skipped: tuple[Slot, ...] = ()
    late: bool
    wait_until: datetime | None


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks in `zone` show `at` on `day`: the first such, or first valid after."""
    local = datetime.combine(day, at, zone)
    earliest = local.astimezone(UTC)
    if earliest.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return earliest
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), earliest, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the second, in (before, after], in which clocks were put forward."""
    old = before.astimezone(zone).utcoffset()
    seconds = int((after - before).total_seconds())
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        same = (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old
        low, high = (middle, high) if same else (low, middle)
    return before + timedelta(seconds=high)


def on(rule: Rule, day: date) -> bool:
    """Whether a rule is due on a local date. A date that its zone left out is none of the days of a daily rule."""
    match rule.every:
        case Every.DAILY:
            return _exists(day, rule)
        case Every.WEEKDAYS:
            return day.weekday() < len(WEEKDAYS) - 2 and _exists(day, rule)
        case Every.WEEKLY:
            return WEEKDAYS[day.weekday()] == rule.weekday
        case Every.FORTNIGHTLY:
            return WEEKDAYS[day.weekday()] == rule.weekday and _weeks_apart(day, rule.anchor or A_MONDAY) % 2 == 0
        case _:
            return day.day == (rule.day or monthrange(day.year, day.month)[1])


def _weeks_apart(day: date, anchor: date) -> int:
    """Weeks, from Monday to Sunday, between two dates."""
    return ((day - timedelta(days=day.weekday())) - (anchor - timedelta(days=anchor.weekday()))).days // 7


def _exists(day: date, rule: Rule) -> bool:
    """Whether a local date ever was; Samoa had no 30 December 2011."""
    zone = ZoneInfo(rule.zone)
    return instant(day, time(), zone).astimezone(zone).date() == day


def _key(day: date, rule: Rule) -> str:
    """What names a slot: its local date and time. Of a rule that was changed to a later time, the day has another."""
    return f"{day} {rule.at:%H:%M} {rule.zone}"


def _slots(rule: Rule, first: date, schedule: int) -> Iterator[Slot]:
    """The slots of local dates from `first` on, without end."""
    zone = ZoneInfo(rule.zone)
    day = first
    while True:
        if on(rule, day):
            yield Slot(schedule=schedule, key=_key(day, rule), due_at=instant(day, rule.at, zone))
        day += DAY


def _local_date(moment: datetime, rule: Rule) -> date:
    return moment.astimezone(ZoneInfo(rule.zone)).date()


def next_slots(rule: Rule, after: datetime, count: int, schedule: int = 0) -> list[Slot]:
    """The first `count` slots due later than `after`, oldest first."""
    coming = (slot for slot in _slots(rule, _local_date(after, rule) - DAY, schedule) if slot.due_at > after)
    return list(islice(coming, count))


def slots_between(schedule: Schedule, start: datetime, end: datetime) -> list[Slot]:
    """The slots due later than `start` and not later than `end`, oldest first."""
    found: list[Slot] = []
    for slot in _slots(schedule.rule, _local_date(start, schedule.rule) - DAY, schedule.id):
        if slot.due_at > end:
            return found
        if slot.due_at > start:
            found.append(slot)
    raise AssertionError("slots have no end")


def previous_slot(schedule: Schedule, before: datetime) -> Slot:
    """The newest slot due earlier than `before`."""
    return [slot for slot in slots_between(schedule, before - timedelta(days=LONGEST), before) if slot.due_at < before][
        -1
    ]


def first_start(rule: Rule, at: datetime) -> datetime:
    """Where the first window of a schedule made at `at` begins: at the last time it would have been due.

    So the first digest tells of a whole period, and one that is posted at once has something to tell.
    """
    days = _slots(rule, _local_date(at, rule) - timedelta(days=LONGEST), 0)
    return list(takewhile(lambda due_at: due_at <= at, (slot.due_at for slot in days)))[-1]


def reach_of(schedule: Schedule, end: datetime) -> datetime:
    """The earliest start of a window that ends at `end`: 14 days or one period before, whichever is more."""
    return min(end - REACH, previous_slot(schedule, end).due_at)


def due(schedule: Schedule, now: datetime) -> Due | None:
    """What a schedule owes at `now`: its newest slot that has come and is not over, None if there is none.

    Looks at the rule and at where the last window ended only, not at runs: whoever claims the slot gets to do it.
    """
    since = schedule.last_end or schedule.created_at
    passed = slots_between(schedule, max(since, now - timedelta(days=LONGEST)), now)
    if not passed:
        return None
    slot = passed[-1]
    start = max(since, reach_of(schedule, slot.due_at))
    late = now - slot.due_at > LATE
    return Due(
        slot=slot,
        start=start,
        missed=tuple(older for older in passed[:-1] if older.due_at > start),
        skipped=tuple(older for older in passed[:-1] if older.due_at <= start),
        late=late,
        wait_until=morning_after(schedule.rule, now) if late else None,
    )


def morning_after(rule: Rule, now: datetime) -> datetime | None:
    """The end of the night that `now` lies in, None by day."""
    local = now.astimezone(ZoneInfo(rule.zone))
    evening, morning = NIGHT
    if morning <= local.time() < evening:
        return None
    day = local.date() + (DAY if local.time() >= evening else timedelta(0))
    return instant(day, morning, ZoneInfo(rule.zone))
