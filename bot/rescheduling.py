"""Changing the rules of digests that are scheduled."""

from dataclasses import replace
from datetime import datetime

from bot.models import Drop, Schedule
from bot.ports import Store
from bot.schedule import reach_of, slots_between


async def kept_schedule(store: Store, schedule: int) -> Schedule | None:
    """A schedule as it is now; None if it was removed."""
    return next((each for each in await store.calendar.schedules() if each.id == schedule), None)


async def reschedule(store: Store, schedule: Schedule, now: datetime) -> None:
    """Put a changed or resumed schedule in place of the old one.

    Slots that its rule had before now are recorded as merged, so that a change makes nothing come late; the next window
    still begins where the last one ended. Where the rule goes on as it was, what is late comes all the same.
    """
    kept = await kept_schedule(store, schedule.id)
    if kept is not None and (kept.rule, kept.paused) == (schedule.rule, False):
        await store.calendar.change_schedule(schedule)
        return
    since = max(schedule.last_end or schedule.created_at, reach_of(schedule, now))
    await store.calendar.merge(slots_between(schedule, since, now), now, Drop.CHANGED)
    await store.calendar.change_schedule(schedule)


async def change(store: Store, schedule: Schedule, now: datetime) -> None:
    """Change a schedule, and what those that follow it in linked spaces take over."""
    await reschedule(store, schedule, now)
    for each in await store.calendar.schedules():
        taken = replace(each, name=schedule.name, rule=schedule.rule, say_quiet=schedule.say_quiet)
        if each.follows == schedule.id and taken != each:
            await reschedule(store, taken, now)
