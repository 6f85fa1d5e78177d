"""Real processes that die, stand still or are told to end while they send: somebody finishes it, and it stands once."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count, cycle, islice
from time import monotonic
from typing import Any

import pytest

from bot.cli.run import DRAIN
from bot.models import PostKind, PostState
from tests.camps import ours
from tests.doomed import REACHED, Fault, Plan
from tests.dying import Process
from tests.servers.discord.threads import Thread
from tests.servers.faults import Delay, Stall
from tests.wire.test_kills import WITHIN, Doomed, a_doomed

NEVER = Plan("never")
SENDING = ("delivery.frozen", "delivery.posted")
HOLDING = ("delivery.claimed", "delivery.rendered", "delivery.frozen", "delivery.posted")
STEP, LOOK = timedelta(seconds=5), 0.3  # that passes at once, and how many seconds of ours each of them takes
SOON = timedelta(minutes=2)  # until another finishes
POST = "POST /channels/*/messages"
EXIT = 25.0  # seconds


def talk(doomed: Doomed, n: int) -> Thread:
    """Eight replies by three people: a card is due."""
    thread = doomed.help.post(doomed.people[0], f"Question {n}: which tent?").thread(doomed.people[0], f"Tents {n}")
    for each in range(8):
        thread.post(doomed.people[1 + each % 3], f"Reply {n}.{each}.")
    return thread


async def recorded(doomed: Doomed) -> bool:
    """Whether every card is, and there is one."""
    states = await doomed.store.database.read(
        lambda c: c.exec_driver_sql(
            f"SELECT state FROM own_post WHERE kind = '{PostKind.CARD.value}' OR state <> '{PostState.LIVE.value}'"
        ).fetchall()
    )
    return bool(states) and {row[0] for row in states} == {PostState.LIVE.value}


async def finished(doomed: Doomed, thread: Thread) -> timedelta:
    """Let time pass until a card stands and that is recorded; how much time did."""
    began = doomed.clock.now()
    async with asyncio.timeout(2 * WITHIN):  # one that stands still in a transaction is cut off after a minute of ours
        while not (ours(thread) and await recorded(doomed)):
            doomed.clock.by += STEP
            await doomed.store.ledger.wait(await doomed.store.ledger.last_seq(), LOOK)
    return doomed.clock.now() - began


async def first(processes: Sequence[Process], plan: Plan, doomed: Doomed, n: int) -> tuple[Process, Thread]:
    """Let the one that sends come to a place; which it is, and what it sends to. Nothing happens to the others."""
    for each in processes:
        await each.arm(plan)
    thread = talk(doomed, n)
    said: dict[asyncio.Task[Any], Process] = {asyncio.create_task(each.says(REACHED)): each for each in processes}
    said |= {asyncio.create_task(each.wait()): each for each in processes}
    done, rest = await asyncio.wait(said, timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    sender = said[done.pop()]
    for each in processes:
        if each is not sender:
            await each.arm(NEVER)
    return sender, thread


@asynccontextmanager
async def another(doomed: Doomed) -> AsyncIterator[Process]:
    """One more process, connected."""
    connected = len(doomed.server.gateway.connected)
    async with doomed.process() as process:
        await doomed.server.log.until(lambda: len(doomed.server.gateway.connected) > connected, within=WITHIN)
        yield process


async def stood_still(doomed: Doomed, points: Sequence[str]) -> None:
    """Let whoever sends stand still past its lease at each of these places, then go on.

    On PostgreSQL only: on SQLite one that stands still in the middle of a transaction would hold up all others."""
    async with another(doomed) as one, another(doomed) as other:
        threads = []
        for n, point in enumerate(points, 1):
            sender, thread = await first([one, other], Plan(point, fault=Fault.STOP), doomed, n)
            await finished(doomed, thread)
            sender.tell(signal.SIGCONT)
            threads.append(thread)
        await doomed.well()
    made = Counter(entry.what for entry in doomed.server.log.requests(POST))
    assert [made[POST.replace("*", thread.id)] for thread in threads] == [1] * len(threads)
    assert await doomed.wrong() == []


async def died(doomed: Doomed, points: Sequence[str]) -> timedelta:
    """Let whoever sends die at each of these places; how long it took another to finish, at most."""
    longest = timedelta()
    numbers = count(1)
    for point in points:
        async with another(doomed) as one, another(doomed) as other:
            dead, thread = await first([one, other], Plan(point), doomed, next(numbers))
            assert await dead.wait() == -9
            longest = max(longest, await finished(doomed, thread))
            await doomed.well()
    return longest


async def ended(doomed: Doomed, signs: Sequence[signal.Signals], *, answers: bool) -> float:
    """Tell a process to end while it sends, to a Discord that answers late, or not at all; how long it took."""
    async with another(doomed) as process:
        armed = doomed.server.faults.on(POST, Delay(1.0, after=True) if answers else Stall())
        thread = talk(doomed, len(doomed.server.log))
        await doomed.server.log.until(lambda: armed.bites > 0, within=WITHIN)
        began = monotonic()
        for sign in signs:
            process.tell(sign)
        assert await process.wait() == 0
        took = monotonic() - began
    if answers and len(signs) == 1:
        assert len(ours(thread)) == 1
        assert await recorded(doomed)
    async with another(doomed):
        await finished(doomed, thread)
        await doomed.well()
    return took


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("slice_", range(4))
async def test_of_a_hundred_that_stood_still_past_their_lease_none_sends_twice(
    postgresql_url: str, slice_: int
) -> None:
    async with a_doomed(postgresql_url) as doomed:
        await stood_still(doomed, list(islice(cycle(HOLDING), 25)))


@pytest.mark.soak
@pytest.mark.timeout(4800)
async def test_what_a_dead_process_was_sending_another_finishes_within_two_minutes(database_url: str) -> None:
    async with a_doomed(database_url) as doomed:
        longest = await died(doomed, list(islice(cycle(SENDING), 20)))
    print(f"finished by another after {longest.total_seconds():.0f} s at most")
    assert longest <= SOON


async def test_a_process_told_to_end_while_it_sends_records_that_first(sqlite_url: str) -> None:
    async with a_doomed(sqlite_url) as doomed:
        await ended(doomed, [signal.SIGTERM], answers=True)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("answers", [True, False], ids=["late", "never"])
@pytest.mark.parametrize(
    "signs", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGINT, signal.SIGTERM]], ids=["term", "int", "both"]
)
async def test_a_process_told_to_end_while_it_sends_does_so_in_time(
    database_url: str, signs: list[signal.Signals], answers: bool
) -> None:
    async with a_doomed(database_url) as doomed:
        took = [await ended(doomed, signs, answers=answers) for _ in range(5)]
    print(f"ended after {max(took):.1f} s at most")
    assert max(took) <= (EXIT if len(signs) == 1 else DRAIN)
