"""What Discord never told us of is found by the rolling sweep, at a price that leaves the rest of the calls alone."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import pytest
from typing_extensions import override

from adapters.discord.api import A_SECOND, AT_LEISURE
from bot.models import Channel as Place
from bot.models import Level, Platform, position_at
from tests.camps import Camp
from tests.servers.discord.channels import Channel
from tests.servers.discord.messages import Message
from tests.servers.faults import Lose
from tests.wire.keeping import all_kept, no_gap, seen
from tests.wire.standing import InDiscord, says_anew, sees, silent
from tests.wire.yards import ON_SQLITE

pytestmark = ON_SQLITE
HISTORY = "GET /channels/*/messages"


async def talked(camp: Camp, channel: Channel, threads: int) -> Sequence[Message]:
    """Questions with an answer each."""
    ada, bo, said = camp.member("Ada"), camp.member("Bo"), []
    for n in range(threads):
        said.append(channel.post(ada, f"Question {n} in {channel.name}?"))
        said.append(said[-1].thread(ada, f"Thread {n}").post(bo, f"Answer {n}."))
    return said


async def test_what_was_edited_or_deleted_unheard_three_weeks_ago_is_put_right_everywhere(camp: Camp) -> None:
    here = InDiscord(camp)
    await here.begin()
    later = here.thread.post(here.people[2], "A platypus slept in it.")
    await sees(camp.store, here.shown, lambda found: "💬 10 msgs" in found["card"])
    camp.clock.advance(timedelta(hours=1))
    await camp.parts.catch_up.work()
    assert (await camp.store.sweeps.state(camp.clock.now())).whole_at is not None, "a round in which all was well"
    camp.clock.advance(timedelta(days=5))
    for event in ("UPDATE", "DELETE"):
        camp.server.faults.on(f"EVENT MESSAGE_{event}", Lose(), times=None)
    here.edit("Which numbat tent holds out?", "The echidna one.")
    later.delete()
    camp.clock.advance(timedelta(days=21))
    since = len(camp.server.log)
    await camp.parts.catch_up.work()
    old = silent("quokka", "wombat", "platypus")
    await sees(camp.store, here.shown, lambda it: old(it) and says_anew(it) and "💬 9 msgs" in it["card"])
    assert len(camp.server.log.requests(HISTORY, since=since)) == 2, "the channel and its thread"
    camp.clock.advance(timedelta(days=1))
    since = len(camp.server.log)
    await camp.parts.catch_up.work()
    assert camp.server.log.requests(HISTORY, since=since) == [], "for weeks nothing more"
    assert (await camp.store.ledger.audit()).drift == 0


class Counted(asyncio.Semaphore):
    """Turns, of which each is counted."""

    taken = 0

    @override
    async def acquire(self) -> Literal[True]:
        self.taken += 1
        return await super().acquire()


@pytest.mark.soak  # on a busy machine a stream may break in between, and is compared once more
async def test_what_is_compared_takes_a_fifth_of_the_calls_the_web_first_and_one_channel_after_the_other(
    camp: Camp,
) -> None:
    talk = camp.guild.channel("talk")
    await seen(camp, talk)
    said = [*await talked(camp, camp.help, 8), *await talked(camp, talk, 8)]
    await all_kept(camp.store, said)
    camp.clock.advance(timedelta(seconds=1))
    await camp.store.places.set_level(
        Place(camp.space, talk.id), Level.WEB, position_at(Platform.DISCORD, camp.clock.now())
    )
    camp.clock.advance(timedelta(hours=1))
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    for gap in await camp.store.gaps.open(Platform.DISCORD):
        await camp.store.gaps.close(gap, gap.after)
    since, few = len(camp.server.log), A_SECOND // AT_LEISURE
    turns = camp.parts.adapters[Platform.DISCORD]._api._leisure = Counted(few)
    await camp.parts.catch_up.work()
    asked = camp.server.log.requests(HISTORY, since=since)
    assert len(asked) == turns.taken == 2 * (1 + 8)
    place = {thread.id: thread.parent for thread in camp.guild.threads.values()}
    order = [place.get(ident := each.what.split("/")[2], camp.guild.channels.get(ident)) for each in asked]
    assert order == [talk] * 9 + [camp.help] * 9
    times = [each.loop_time for each in asked]
    assert all(times[n + few] - times[n] > 0.9 for n in range(len(times) - few)), times


async def test_a_gap_does_not_wait_for_what_is_compared_at_leisure(camp: Camp) -> None:
    """Thirty threads take three seconds to compare; what was missed meanwhile is there at once."""
    said = list(await talked(camp, camp.help, 30))
    await all_kept(camp.store, said)
    camp.clock.advance(timedelta(hours=1))
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    camp.parts.catch_up.wake()
    await no_gap(camp)
    lost = camp.server.faults.on("EVENT MESSAGE_CREATE", Lose(), times=None)
    said.append(camp.help.post(camp.member("Ada"), "Lost."))
    await camp.until(lambda: lost.bites)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    camp.parts.catch_up.wake()
    await all_kept(camp.store, said)
    assert await camp.store.gaps.uncompared(Platform.DISCORD)
