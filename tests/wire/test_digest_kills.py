"""Real processes that are killed while they bring a digest: each slot has one, and one only."""

import asyncio
from datetime import timedelta

import pytest

from tests.doomed import Plan
from tests.wire.test_kills import LONG, SHORT, Doomed, a_doomed, killed

PLACES = ("digest.claimed", "digest.frozen", "commit.before", "delivery.claimed", "delivery.rendered",
          "delivery.frozen", "delivery.posted", "delivery.recorded")  # fmt: skip


async def meet(doomed: Doomed, n: int) -> None:
    """Nothing is to be seen but a digest."""
    doomed.help.post(doomed.people[0], f"News {n}.")
    await doomed.due(n)
    await asyncio.Event().wait()


def deaths(point: str, times: int) -> list[tuple[Plan, timedelta]]:
    """Die there again and again, and be back in time and too late by turns."""
    return [(Plan(point), (SHORT, LONG)[n % 2]) for n in range(times)]


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("point", PLACES)
async def test_each_slot_has_one_digest_whoever_is_killed_four_hundred_times(database_url: str, point: str) -> None:
    async with a_doomed(database_url) as doomed:
        await killed(doomed, deaths(point, 50), meet)
