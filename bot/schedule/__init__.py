"""When digests are due: slots, rules in people's words, zones, and the ticks that check whether it is time."""

from bot.schedule.slots import (
    LATE,
    NIGHT,
    WEEKDAYS,
    Due,
    due,
    first_start,
    instant,
    morning_after,
    next_slots,
    on,
    previous_slot,
    reach_of,
    slots_between,
)
from bot.schedule.ticks import Ticks
from bot.schedule.words import describe, parse_rule
from bot.schedule.zones import zone_named

__all__ = [
    "LATE",
    "NIGHT",
    "WEEKDAYS",
    "Due",
    "Ticks",
    "describe",
    "due",
    "first_start",
    "instant",
    "morning_after",
    "next_slots",
    "on",
    "parse_rule",
    "previous_slot",
    "reach_of",
    "slots_between",
    "zone_named",
]
