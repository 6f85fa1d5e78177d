"""Eight real processes race for slots: each slot is run once, by one of them."""

import asyncio
from datetime import time, timedelta

import pytest
from sqlalchemy import Connection

from bot.models import Every, Reach, Rule
from storage import SqlStore
from tests import racers
from tests.dying import CONTEXT, ended, forked
from tests.makers import HELP, NOON, a_channel, a_discussion, a_space

RACERS = 8


def race(url: str) -> list[int]:
    """Let them all begin at once; how many slots each of them got."""
    lines, racing = [], []
    for _ in range(RACERS):
        ours, theirs = CONTEXT.Pipe()
        lines.append(ours)
        racing.append(forked(racers.runs_slots, url, NOON + timedelta(hours=1), theirs))
        theirs.close()
    assert {line.recv() for line in lines} == {racers.READY}
    for line in lines:
        line.send("go")
    won = [line.recv() for line in lines]
    assert [ended(process) for process in racing] == [0] * RACERS
    return won


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
@pytest.mark.parametrize("slots", [50, pytest.param(1000, marks=pytest.mark.soak)])
async def test_eight_processes_racing_for_slots_make_one_digest_of_each(
    store: SqlStore, database_url: str, slots: int
) -> None:
    await schedules(store, slots)
    won = await asyncio.to_thread(race, database_url)
    assert sum(won) == slots
    assert await store.database.read(counted) == (slots, slots, slots)
