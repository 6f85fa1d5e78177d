"""Real processes that are killed at any moment while people talk: what was taken is kept, and nothing stands twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from storage import open_store
from storage.database import path_of
from tests.camps import looked_at
from tests.checking import check
from tests.crowds import DiscordCrowd
from tests.storage.test_cuts import cut
from tests.wire.test_kills import WITHIN, Doomed, a_doomed
from tests.wire.test_several import Band, Size
from tests.wire.test_slack_kills import Doomed as SlackDoomed
from tests.wire.test_slack_kills import a_slack

KILLS, SLICES = 50, 10  # one slice after the other, each with people and a database of its own
LONGEST = 2.0  # seconds that a process lives, from its first instruction on
TALK = Size(lasts=0, still=0, calm=0, talk=0.12, digests=5)
EVERY = 10  # kills between two looks at everything


@asynccontextmanager
async def people(doomed: Doomed, chance: random.Random) -> AsyncIterator[None]:
    """Let people talk, edit, delete and vote, and digests come due."""
    band = Band(doomed, chance, DiscordCrowd(doomed.help, chance, doomed.people))
    works = [asyncio.create_task(work) for work in (band.talk(TALK), band.meet(TALK))]
    try:
        yield
    finally:
        assert not any(work.done() for work in works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def killed(doomed: Doomed, chance: random.Random, kills: int) -> None:
    """Kill one process after the other while people talk."""
    for begun in range(0, kills, EVERY):
        async with people(doomed, chance):
            for _ in range(min(EVERY, kills - begun)):
                async with doomed.process() as process:
                    await asyncio.sleep(chance.uniform(0.1, LONGEST))
                    process.kill()
                    assert await process.wait() == -9
                assert await doomed.unsound() == []
                assert (await doomed.store.ledger.audit()).drift == 0
        async with doomed.process():
            await doomed.mended()


async def told(slack: SlackDoomed, chance: random.Random, kills: int) -> int:
    """Kill one process after the other while Slack delivers; what was acknowledged is there. How many that were."""
    for _ in range(kills):
        async with slack.process() as process:
            talking = asyncio.create_task(slack.talk(chance))
            await asyncio.sleep(chance.uniform(0.0, LONGEST))
            process.kill()
            assert await process.wait() == -9
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        await slack.acknowledged()
        assert (await slack.store.ledger.audit()).drift == 0
        async with slack.process():
            await slack.mended()
    return len(slack.said)


async def lost_its_end(doomed: Doomed, folder: Path, chance: random.Random, times: int) -> int:
    """Let power fail while people talk; what the database lost is read again. How often it had lost anything."""
    lost = 0
    for n in range(times):
        async with people(doomed, chance), doomed.process() as process:
            await doomed.server.log.until(lambda: bool(doomed.server.gateway.connected), within=WITHIN)
            await asyncio.sleep(chance.uniform(0.5, LONGEST))
            process.kill()
            assert await process.wait() == -9
        target = folder / f"cut-{n}.db"
        lost += cut(path_of(doomed.url), target, chance) > 0
        await doomed.store.close()
        doomed.url = f"sqlite:///{target}"
        doomed.store = open_store(doomed.url)
        assert await doomed.unsound() == []
        async with doomed.process():
            async with asyncio.timeout(WITHIN):
                while await check(doomed.store, looked_at(doomed.help)[0], ()):
                    doomed.clock.by += timedelta(seconds=15)
                    await doomed.store.ledger.wait(await doomed.store.ledger.last_seq(), 0.3)
    return lost


async def test_processes_killed_at_any_moment_lose_and_repeat_nothing(sqlite_url: str) -> None:
    async with a_doomed(sqlite_url) as doomed:
        await killed(doomed, random.Random(1), 2)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("seed", range(SLICES))
async def test_of_five_hundred_processes_killed_at_any_moment_none_loses_or_repeats(
    database_url: str, seed: int
) -> None:
    async with a_doomed(database_url) as doomed:
        await killed(doomed, random.Random(seed), KILLS)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("seed", range(SLICES))
async def test_what_was_acknowledged_to_slack_survives_five_hundred_kills(database_url: str, seed: int) -> None:
    async with a_slack(database_url, "Ada", "Bo", "Cem") as slack:
        said = await told(slack, random.Random(seed), KILLS)
    print(f"{said} messages, all there, each once")


@pytest.mark.soak
@pytest.mark.timeout(4800)
async def test_what_twenty_power_cuts_took_is_read_again(sqlite_url: str, tmp_path: Path) -> None:
    async with a_doomed(sqlite_url) as doomed:
        lost = await lost_its_end(doomed, tmp_path, random.Random(3), 20)
    print(f"{lost} of 20 had lost something")
