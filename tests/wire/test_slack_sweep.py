"""What Slack never told us of is found by the rolling sweep, at a price that leaves the rest of the calls alone."""

import asyncio
from datetime import timedelta

import pytest

from adapters.slack.pacing import AT_LEISURE, USUAL
from bot.catchup import CatchUp
from bot.models import Level, Platform, Thread
from tests.camps_slack import Workspace
from tests.servers.faults import Lose
from tests.wire.slack_yards import ON_SQLITE, Yard, in_virtual_time, most
from tests.wire.standing import InSlack, says_anew, sees, silent

HISTORY, REPLIES = "conversations.history", "conversations.replies"


@pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
async def test_what_was_edited_or_deleted_unheard_three_weeks_ago_is_put_right_everywhere(workspace: Workspace) -> None:
    here, store, server = InSlack(workspace), workspace.store, workspace.server
    await here.begin()
    later = here.opening.reply(here.people[2], "A platypus slept in it.")
    await sees(store, here.shown, lambda found: "💬 10 msgs" in found["card"])
    workspace.clock.advance(timedelta(hours=1))
    await workspace.parts.catch_up.work()
    assert (await store.sweeps.state(workspace.clock.now())).whole_at is not None, "a round in which all was well"
    workspace.clock.advance(timedelta(days=5))
    server.faults.on("EVENT message", Lose(), times=None)
    here.edit("Which numbat tent holds out?", "The echidna one.")
    later.delete()
    workspace.clock.advance(timedelta(days=21))
    since = len(server.log)
    await workspace.parts.catch_up.work()
    old = silent("quokka", "wombat", "platypus")
    await sees(store, here.shown, lambda it: old(it) and says_anew(it) and "💬 9 msgs" in it["card"])
    asked = [server.log.sent(each, since=since) for each in (HISTORY, REPLIES)]
    assert [len(each) for each in asked] == [1, 1]
    assert all(each["latest"] < str(workspace.clock.now().timestamp() - 20 * 86_400) for [each] in asked), "no further"
    workspace.clock.advance(timedelta(days=1))
    since = len(server.log)
    await workspace.parts.catch_up.work()
    assert server.log.requests("conversations.*", since=since) == [], "for weeks nothing more"
    assert (await store.ledger.audit()).drift == 0


@ON_SQLITE
@in_virtual_time
async def test_what_is_compared_takes_a_fifth_of_the_calls_that_slack_takes(yard: Yard) -> None:
    ada, slack, place = yard.server.member("Ada"), yard.server, yard.place(yard.help)
    roots = [yard.help.post(ada, f"Question {n}?") for n in range(40)]
    for root in roots:
        root.reply(ada, "An answer.")
    yard.clock.advance(timedelta(hours=1))
    await yard.store.places.watch(place, True)
    work = CatchUp(store=yard.store, clock=yard.clock, adapters={Platform.SLACK: yard.adapter}, owner="me")
    assert await work.work() >= 80
    yard.clock.advance(timedelta(hours=1))
    await yard.store.gaps.begin(place.space, yard.clock.now())
    [gap] = await yard.store.gaps.open(Platform.SLACK)
    await yard.store.gaps.close(gap, gap.after)
    begun, before = asyncio.get_running_loop().time(), len(yard.asked(REPLIES))
    pacing, waited = yard.adapter._api.pacing, list[str]()
    leisure = pacing.leisure

    async def counted(method: str) -> None:
        waited.append(method)
        await leisure(method)

    pacing.leisure = counted  # type: ignore[method-assign]  # on a busy machine time jumps over what is short
    comparing = asyncio.create_task(work.work())
    await asyncio.sleep(60.5)  # what is read for its own sake does not wait for that
    assert [event async for event in yard.adapter.history(Thread(place, roots[0].ts), 0)]
    assert asyncio.get_running_loop().time() - begun < 61
    await comparing
    times = yard.asked(REPLIES)[before:]
    assert len(times) == 1 + 40
    assert sorted(waited) == [HISTORY] + 40 * [REPLIES]
    assert most(times, 60.0) <= USUAL // AT_LEISURE + 1
    assert slack.limits.refused == 0


@ON_SQLITE
@in_virtual_time
async def test_what_a_plan_keeps_from_us_is_not_taken_for_deleted(yard: Yard) -> None:
    """Without a paid plan Slack shows the last 90 days; what was read in time stays, but for what was deleted since."""
    ada, store, place = yard.server.member("Ada"), yard.store, yard.place(yard.help)
    threads = []
    for n in range(3):
        root = yard.help.post(ada, f"Question {n}?")
        threads.append((root, root.reply(ada, "An answer."), root.reply(ada, "Another.")))
        yard.clock.advance(timedelta(days=30))
    await store.places.watch(place, True)
    await store.places.set_level(place, Level.WEB, 0)
    work = CatchUp(store=store, clock=yard.clock, adapters={Platform.SLACK: yard.adapter}, owner="me")
    await work.work()
    yard.server.world.shown_for = timedelta(days=90).total_seconds()
    yard.clock.advance(timedelta(days=28))  # the first is hidden, the second is shown yet
    threads[1][1].delete()
    threads[2][1].delete()
    await asyncio.sleep(60)
    await work.work()
    assert (await store.ledger.audit()).messages == 9 - 2
    discussion = await store.forum.discussion_of(Thread(place, threads[0][0].ts))
    assert discussion is not None
    assert (discussion.removed, discussion.count) == (False, 3)


@ON_SQLITE
@in_virtual_time
async def test_what_is_old_and_deleted_is_found_where_slack_shows_it(yard: Yard) -> None:
    ada, store, place = yard.server.member("Ada"), yard.store, yard.place(yard.help)
    yard.help.post(ada, "Before everything.")
    root = yard.help.post(ada, "Which tent?")
    reply, other = root.reply(ada, "An answer."), yard.help.post(ada, "Gone whole.")
    last = other.reply(ada, "With it.")
    await store.places.watch(place, True)
    await store.places.set_level(place, Level.WEB, 0)
    yard.clock.advance(timedelta(days=200))
    work = CatchUp(store=store, clock=yard.clock, adapters={Platform.SLACK: yard.adapter}, owner="me")
    await work.work()
    assert (await store.ledger.audit()).messages == 5
    for message in (reply, last, other):
        message.delete()
    yard.clock.advance(timedelta(days=30))
    await work.work()
    assert (await store.ledger.audit()).messages == 2
