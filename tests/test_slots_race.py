"""Eight real processes race for slots: each slot is run once, by one of them."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.models import Every, Reach, Rule
from storage import SqlStore
from tests.makers import HELP, NOON, a_channel, a_discussion, a_space

RACERS = 8
ROOT = Path(__file__).parent.parent


async def a_racer(url: str) -> Process:
    moment = (NOON + timedelta(hours=1)).isoformat()
    racer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.slots_racer", url, moment), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    assert racer.stdout is not None
    assert await racer.stdout.readline() == b"ready\n"
    return racer


async def schedules(store: SqlStore, number: int) -> None:
    """So many schedules that are due at the same moment, and one discussion to tell of."""
    await store.ledger.record([a_space(), a_channel(), *a_discussion(3)])
    known = await store.places.channel(HELP)
    assert known is not None
    rule = Rule(every=Every.DAILY, at=time(13), zone="UTC")
    first = await store.calendar.add_schedule(
        community=known.community,
        name="Digest",
        destination=HELP,
        rule=rule,
        reach=Reach.CHANNEL,
        sources=(),
        say_quiet=False,
        at=NOON - timedelta(hours=1),
    )
    await store.database.write(lambda connection: copied(connection, first.id, number - 1))


def copied(connection: Connection, schedule: int, times: int) -> None:
    parts = (
        "community_id, name, channel_id, rule, reach, sources, paused, say_quiet, created_at, last_end, removed, pins"
    )
    connection.exec_driver_sql(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
        f" INSERT INTO schedule ({parts}) SELECT {parts} FROM schedule, n WHERE schedule.id = {schedule}"
    )


def counted(connection: Connection) -> tuple[int, int, int]:
    """How many runs there are, how many different slots they stand for, and how many digests wait to be posted."""
    runs, slots = connection.exec_driver_sql("SELECT count(*), count(DISTINCT schedule_id) FROM run").one()
    [posts] = connection.exec_driver_sql("SELECT count(*) FROM own_post WHERE kind = 'digest'").one()
    return runs, slots, posts


@pytest.mark.timeout(300)  # eight processes on whatever cores there are
@pytest.mark.parametrize("slots", [200, pytest.param(1000, marks=pytest.mark.soak)])
async def test_eight_processes_racing_for_slots_make_one_digest_of_each(
    store: SqlStore, database_url: str, slots: int
) -> None:
    await schedules(store, slots)
    racers = await asyncio.gather(*(a_racer(database_url) for _ in range(RACERS)))
    said = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    assert [racer.returncode for racer in racers] == [0] * RACERS
    assert sum(int(out) for out, _ in said) == slots
    assert await store.database.read(counted) == (slots, slots, slots)
