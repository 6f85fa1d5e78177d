"""What we show on Discord is shown once and comes true, whatever the wire, Discord and moderators do to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import LEASE
from bot.models import Channel as Place
from bot.models import Platform, PostKind, PostState, Space
from bot.models import Thread as Inside
from bot.ports import Pace
from bot.texts import texts_for
from tests.camps import Camp, ours, shown
from tests.servers.discord.permissions import MODERATOR
from tests.servers.faults import DropReply, Status
from tests.wire.keeping import sized
from tests.wire.yards import EDIT, ON_SQLITE, POST, READ, Yard, a_card, channels, texts

pytestmark = ON_SQLITE


@pytest.mark.parametrize("later", [31, 20 * 60], ids=["known by its nonce", "found in the history"])
@sized("posts", 8, 1000)
async def test_a_reply_that_is_lost_after_the_post_took_effect_leaves_one_message(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, posts: int, later: int
) -> None:
    monkeypatch.setattr(yard.adapter, "pace", Pace())  # it is the number that counts here
    lost = yard.server.faults.on(POST, DropReply(), times=posts)
    subjects = [await yard.plan(channels(yard)[n % 2], f"{n} messages.") for n in range(posts)]
    if later < 60:
        yard.server.history_lag = timedelta(minutes=1)
    for _ in range(4):
        await yard.delivery().work()
        yard.later(seconds=later)
    assert lost.bites == posts
    assert sorted(text for channel in channels(yard) for text in texts(channel)) == sorted(yard.words.values())
    assert {await yard.state(each) for each in subjects} == {PostState.LIVE}


@sized("posts", 4, 100)
async def test_a_history_that_lags_brings_no_second_post(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, posts: int
) -> None:
    monkeypatch.setattr(yard.adapter, "pace", Pace())
    yard.server.history_lag = timedelta(seconds=8)
    lost = yard.server.faults.on(POST, DropReply(), times=posts)
    for n in range(posts):
        await yard.plan(channels(yard)[n % 2], f"{n} messages.")
    for _ in range(8):
        await yard.delivery().work()
        yard.later(seconds=2.5)
    assert lost.bites == posts
    assert len(yard.server.log.requests(POST)) > posts  # it was looked for, not seen, and sent again
    assert sorted(text for channel in channels(yard) for text in texts(channel)) == sorted(yard.words.values())


async def test_a_post_that_changed_while_its_reply_was_lost_shows_what_is_true(yard: Yard) -> None:
    """The history lags, so that it is sent again: Discord knows its nonce, and gives back what it was sent first."""
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    yard.server.faults.on(POST, DropReply())
    await yard.delivery().work()
    late = yard.server.faults.on(READ, Status(200, {}))
    await yard.changed(subject, "Ten messages.")
    yard.later(seconds=6)
    await yard.delivery().work()
    assert late.bites == 1
    assert texts(help_) == ["Ten messages."]
    assert await yard.state(subject) is PostState.LIVE


def hanging(real: Callable[..., Awaitable[Any]], before: bool, reached: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    """Never comes back from a call: before it was made, or after."""

    async def call(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
        if not before:
            await real(*args, **more)
        reached.set()
        await asyncio.Event().wait()

    return call


@pytest.mark.parametrize("downtime", [LEASE + 1, 20 * 60])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", ["claim", "freeze", "post", "sent"])
async def test_a_crash_between_any_two_steps_leaves_one_message(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, step: str, before: bool, downtime: int
) -> None:
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    reached = asyncio.Event()
    part: Any = yard.adapter if step == "post" else yard.store.outbox
    with monkeypatch.context() as broken:
        broken.setattr(part, step, hanging(getattr(part, step), before, reached))
        dying = asyncio.create_task(yard.delivery().work())
        await asyncio.wait_for(reached.wait(), 5)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
    yard.later(seconds=downtime)
    await yard.delivery("second").work()
    assert texts(help_) == ["Nine messages."]
    assert await yard.state(subject) is PostState.LIVE


async def test_what_reads_the_same_is_not_sent(yard: Yard) -> None:
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    asked = len(yard.server.log.requests())
    await yard.changed(subject, "Nine messages.")
    assert await delivery.work() == 1
    assert len(yard.server.log.requests()) == asked


async def test_a_card_in_an_archived_thread_is_put_right_when_the_thread_is_opened(camp: Camp) -> None:
    thread, replies, card = await a_card(camp)
    thread.archive()
    replies[2].delete()
    await camp.until(lambda: any(each.status == 400 for each in camp.server.log.answers(EDIT)))
    assert "💬 9 msgs" in shown(card)
    camp.clock.advance(timedelta(seconds=1))  # of two statements about a thread the newer holds
    thread.unarchive()
    await camp.until(lambda: "💬 8 msgs" in shown(card))
    assert [each.status for each in camp.server.log.answers(EDIT)].count(400) == 1


@sized("messages", 100, 1000)
async def test_a_storm_of_messages_stays_inside_the_budget_and_ends_in_what_is_true(camp: Camp, messages: int) -> None:
    thread, _, card = await a_card(camp)
    people = [camp.member(name) for name in ("Eve", "Finn", "Gus")]
    for n in range(messages):
        thread.post(people[n % 3], f"In the storm {n}.")
        await asyncio.sleep(0.01)  # a hundred a second
    over = asyncio.get_running_loop().time()
    await camp.until(lambda: f"💬 {texts_for('en').number(messages + 9)} msgs" in shown(card))
    edits = [each.loop_time for each in camp.server.log.requests(EDIT)]
    assert len(edits) <= 6 + edits[-1] - edits[0]  # five in five seconds, however fast messages come
    assert edits[-1] - over <= 5.0 + 5.0
    assert camp.server.limits.refused == 0


async def test_a_card_that_a_moderator_deleted_stays_away(camp: Camp) -> None:
    thread, replies, card = await a_card(camp)
    mo = camp.member("Mo", can=MODERATOR)
    before = len(camp.server.log)
    card.delete(mo)
    replies[0].delete()
    await camp.until(lambda: any(each.status == 404 for each in camp.server.log.answers(EDIT, since=before)))
    for n in range(3):
        thread.post(mo, f"Without a card {n}.")
        replies[n + 1].delete()
        await camp.parts.app.tick()
    await camp.parts.app.tick()
    assert ours(thread) == []
    assert camp.server.log.requests(POST, since=before) == []
    assert len(camp.server.log.requests(EDIT, since=before)) == 1


async def test_nothing_is_posted_beside_a_thread_that_is_gone(yard: Yard) -> None:
    help_, _ = channels(yard)
    thread = help_.post(yard.guild.member("Ada"), "Which tent?").thread(yard.guild.member("Bo"), "Tents")
    thread.delete()
    place = Place(Space(Platform.DISCORD, yard.guild.id), help_.id)
    yard.words["card:1"] = "Nine messages."
    await yard.store.outbox.plan(PostKind.CARD, "card:1", Inside(place, thread.id), yard.clock.now())
    await yard.delivery().work()
    assert texts(help_) == []
    assert await yard.state("card:1") is PostState.GONE
