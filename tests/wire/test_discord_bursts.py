"""What Discord tells in one millisecond, as when a session goes on: the last word holds, though the clock stands."""

import pytest

from tests.camps import Camp
from tests.servers.discord.permissions import Can
from tests.wire.keeping import all_kept, shows, voted

TIMES = 5  # people change their minds


@pytest.mark.parametrize("times", [1, TIMES])
async def test_a_channel_that_was_closed_and_opened_again_is_open(camp: Camp, times: int) -> None:
    ada, us = camp.member("Ada"), camp.guild.me
    assert us is not None
    said = [camp.help.post(ada, "Which tent?")]
    await all_kept(camp.store, said)
    for _ in range(times):
        camp.help.deny(us, Can.VIEW_CHANNEL)
        said.append(camp.help.post(ada, "Nobody tells us of this."))
        camp.help.clear(us)
    said.append(camp.help.post(ada, "The blue one."))
    await all_kept(camp.store, said)


async def test_a_thread_that_was_closed_and_opened_again_is_open(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    said.append(thread.post(ada, "The blue one."))
    await all_kept(camp.store, said)
    thread.set_state(archived=True, locked=True)
    thread.set_state(archived=False, locked=False)
    await all_kept(camp.store, [*said, thread.post(ada, "It leaks.")])
    await shows(camp.store, camp.place, thread.id, archived=False, locked=False, count=3)


async def test_a_star_that_was_taken_and_given_again_is_there(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    said.append(thread.post(ada, "The blue one."))
    for _ in range(TIMES):
        said[1].react(bo)
        said[1].unreact(bo)
    said[1].react(bo)
    await all_kept(camp.store, [*said, thread.post(ada, "It leaks.")])
    await voted(camp, 1)


async def test_of_two_stars_the_one_that_is_left_counts(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    said.append(thread.post(ada, "The blue one."))
    said[1].react(bo, "🌟")
    for _ in range(TIMES):
        said[1].react(bo)
        said[1].unreact(bo)
    await all_kept(camp.store, [*said, thread.post(ada, "It leaks.")])
    await voted(camp, 1)
