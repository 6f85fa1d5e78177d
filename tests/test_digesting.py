"""Digests at work: due, late, missed, and what may go into them."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.markup import plain
from bot.models import (
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    Level,
    MessageRef,
    Reach,
    RunState,
    Scope,
    Slot,
)
from storage import SqlStore
from tests.digesting import (
    AWAY,
    BEGUN,
    CELLAR,
    DAY,
    DUE,
    EVENING,
    MODERATORS,
    SECRET,
    TEA,
    a_room,
    a_schedule,
    linked,
    now_shown,
    reread,
    the_digests,
    ticked,
    titled,
    told_in,
    words,
)
from tests.makers import HELP, NOON, a_channel, a_discussion, a_message, a_space, seen


async def test_a_digest_is_posted_once_when_it_is_due(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    await a_schedule(store)
    assert await ticked(store, DUE - timedelta(seconds=1)) == []
    [card] = await ticked(store, DUE)
    assert card.title == "The day in The local room · 3 Aug · 1 discussion, 8 people"
    assert "1. Discussion in #help — 💬 9 (+9 new)" in words(card)
    assert await ticked(store, DUE + timedelta(seconds=15)) == []


async def test_an_empty_window_posts_nothing_and_ends(store: SqlStore) -> None:
    await a_room(store)
    schedule = await a_schedule(store)
    assert await ticked(store, DUE) == []
    assert (await reread(store, schedule)).last_end == DUE
    assert await store.forum.runs(schedule.community) == []


async def test_a_quiet_day_is_told_where_that_was_asked_for(store: SqlStore) -> None:
    await a_room(store)
    await a_schedule(store, say_quiet=True)
    [card] = await ticked(store, DUE)
    assert "It was quiet: nothing new was written." in words(card)


async def test_a_window_begins_where_the_last_one_ended(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    await a_schedule(store)
    await ticked(store, DUE)
    assert await ticked(store, DUE + DAY) == []
    await store.ledger.record([seen(a_message(60 * 29, "One more pole.", thread=0, author="Bo"))])
    [card] = await ticked(store, DUE + 2 * DAY)
    assert "💬 10 (+1 new)" in words(card)
    assert card.title.startswith("The day in The local room · 4–5 Aug · 1 discussion, 1 person")


async def test_a_digest_missed_over_night_comes_once_late_at_eight_and_says_why(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    await a_schedule(store, replace(EVENING, at=time(22, 30)))
    for hour in (23, 26, 29):  # 01:00, 04:00 and 07:00 in Berlin
        assert await ticked(store, datetime(2026, 8, 3, tzinfo=UTC) + timedelta(hours=hour)) == []
    eight = datetime(2026, 8, 4, 6, tzinfo=UTC)
    assert await ticked(store, eight - timedelta(seconds=1)) == []
    [card] = await ticked(store, eight)
    assert (
        "It was due 3 Aug 2026, 22:30 and is late; at night nothing is posted late, so it waited for the morning."
        in plain(card.footer)
    )
    assert await ticked(store, eight + timedelta(minutes=5)) == []


async def test_a_digest_missed_by_day_comes_late_and_says_so(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    await a_schedule(store)
    await store.ledger.record([seen(a_message(minutes, "Since.", thread=0, author="Bo")) for minutes in (240, 300)])
    [card] = await ticked(store, DUE + timedelta(hours=2))
    assert "It was due 3 Aug 2026, 18:00 and is late." in plain(card.footer).splitlines()
    assert "💬 9 (+9 new)" in words(card)  # as it was at the slot: the next one counts what came since
    [card] = await ticked(store, DUE + DAY)
    assert "💬 11 (+2 new)" in words(card)


async def test_three_missed_days_are_merged_into_one(store: SqlStore) -> None:
    await a_room(store, a_discussion(), a_discussion(2, start=60 * 30), a_discussion(3, start=60 * 50))
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE + 2 * DAY)
    assert "3 discussions" in card.title
    assert "2 missed digests are in this one." in plain(card.footer).splitlines()
    [run] = await store.forum.runs(schedule.community)
    assert (run.slot.key[:10], run.start, run.late) == ("2026-08-05", BEGUN, False)
    for key, due_at in (("2026-08-03", DUE), ("2026-08-04", DUE + DAY)):
        slot = Slot(schedule=schedule.id, key=f"{key} 18:00 Europe/Berlin", due_at=due_at)
        assert await store.calendar.claim(slot, NOON, DUE + 9 * DAY) is None
    assert await ticked(store, DUE + 2 * DAY + timedelta(minutes=1)) == []


async def test_what_a_crash_left_claimed_is_made_later_and_once(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store)
    slot = Slot(schedule=schedule.id, key="2026-08-03 18:00 Europe/Berlin", due_at=DUE)
    assert await store.calendar.claim(slot, schedule.created_at, DUE) is not None
    assert await ticked(store, DUE + timedelta(minutes=9)) == []
    [card] = await ticked(store, DUE + timedelta(minutes=11))
    assert "1 discussion, 8 people" in card.title
    assert await ticked(store, DUE + timedelta(minutes=30)) == []


async def test_a_paused_schedule_rests_and_one_that_fails_keeps_nobody_waiting(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    paused = await a_schedule(store)
    await store.calendar.change_schedule(replace(paused, paused=True))
    await a_schedule(store, replace(EVENING, zone="Nowhere/Gone"))
    whole = await a_schedule(store)
    assert len(await ticked(store, DUE)) == 1
    assert [run.schedule.id for run in await store.forum.runs(whole.community)] == [whole.id]


async def test_a_digest_whose_channel_is_gone_fails_with_a_reason(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion())
    schedule = await a_schedule(store, destination=TEA)
    claims = the_digests(store)
    await store.ledger.record([ChannelGone(channel=TEA, at=DUE)])
    await claims.tick(DUE)
    assert await now_shown(store, DUE) == []
    run = await store.forum.run(1)
    assert run is not None
    assert (run.state, run.reason) == (RunState.FAILED, "the channel it goes to is gone.")
    assert await claims.preview(schedule, Scope(channels=frozenset()), DUE) is None
    assert await claims.now(schedule, DUE) is None
    assert await claims.render(run.id) is None


async def test_a_digest_whose_channel_is_archived_is_made_when_that_is_over(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion())
    await a_schedule(store, destination=TEA)
    known = a_channel(TEA).info
    await store.ledger.record([ChannelSeen(info=replace(known, archived=True), at=DUE)])
    assert await ticked(store, DUE) == []
    run = await store.forum.run(1)
    assert run is not None
    assert (run.state, run.reason) == (RunState.FAILED, "the channel it goes to is archived.")
    await store.ledger.record([ChannelSeen(info=known, at=DUE + timedelta(hours=1))])
    [card] = await ticked(store, DUE + DAY)
    assert "💬 9 (+9 new)" in plain(card.body)


@pytest.mark.parametrize("kept_in", ["private", "nsfw", "connect", "count"])
async def test_what_not_everybody_may_read_is_left_out_and_counted(store: SqlStore, kept_in: str) -> None:
    info = ChannelInfo(channel=CELLAR, name="cellar")
    if kept_in != "count":
        flag: dict[str, Any] = {kept_in: True}
        info = replace(info, **flag)
    await a_room(store, ChannelSeen(info=info, at=NOON), a_discussion(), told_in(CELLAR))
    if kept_in == "count":
        await store.places.set_level(CELLAR, Level.COUNT, 0)
    await titled(store, 0, SECRET, CELLAR)
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert SECRET not in words(card)
    assert "1 discussion, 8 people" in card.title
    [run] = await store.forum.runs(schedule.community)
    assert run.left_out == 1


async def test_a_private_channel_has_its_own_digest(store: SqlStore) -> None:
    await a_room(store, a_channel(MODERATORS, private=True), told_in(MODERATORS))
    await a_schedule(store, destination=MODERATORS, reach=Reach.CHANNEL)
    [card] = await ticked(store, DUE)
    assert SECRET in words(card)
    assert card.title.startswith("The day in #moderators · ")


async def test_a_community_digest_tells_of_linked_spaces_only(store: SqlStore) -> None:
    away: list[Event] = [a_space(AWAY.space, "Away", hosted=False), a_channel(AWAY)]
    slack = [
        replace(event, message=replace(event.message, ref=MessageRef(AWAY, f"17857584{n:02}.000100")))
        for n, event in enumerate(a_discussion(2, AWAY))
    ]
    root = replace(slack[0].message.thread, id=slack[0].message.ref.id)
    slack = [replace(event, message=replace(event.message, thread=root)) for event in slack]
    await a_room(store, away, a_discussion(), slack)
    await a_schedule(store, reach=Reach.COMMUNITY)
    [card] = await ticked(store, DUE)
    assert "1 discussion, " in card.title
    await linked(store, HELP, AWAY)
    await a_schedule(store, reach=Reach.COMMUNITY)
    [card] = await ticked(store, DUE)
    assert "2 discussions, " in card.title
    assert "Discussion in #help — 💬 9 (+9 new) · The local room" in words(card)
    assert "(+3 new) · Away · Slack" in words(card)


async def test_named_sources_are_all_that_is_told_of(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(), a_discussion(2, TEA))
    await a_schedule(store, sources=(TEA,))
    [card] = await ticked(store, DUE)
    assert "Discussion in #tea" in words(card)
    assert "#help" not in words(card)
    assert card.title.startswith("The day in #tea · ")


async def test_a_source_that_was_closed_is_named_no_longer(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(), a_discussion(2, TEA))
    schedule = await a_schedule(store, sources=(TEA, HELP))
    [card] = await ticked(store, DUE)
    assert card.title.startswith("The day in #help, #tea · ")
    await store.ledger.record([ChannelSeen(info=ChannelInfo(channel=TEA, name="tea", private=True), at=DUE)])
    [run] = await store.forum.runs(schedule.community)
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert drawn[0].title.startswith("The day in The local room · ")


async def test_a_named_source_that_may_not_go_there_is_refused(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_channel(CELLAR, private=True))
    refused = await the_digests(store).refused(HELP, [TEA, CELLAR, AWAY])
    assert [each.channel for each in refused] == [CELLAR]
    assert [each.channel for each in await the_digests(store).refused(AWAY, [TEA])] == [TEA]


async def test_a_dropped_item_disappears(store: SqlStore) -> None:
    await a_room(store, a_discussion(), a_discussion(2, start=60))
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "2. Discussion" in words(card)
    [run] = await store.forum.runs(schedule.community)
    assert await the_digests(store).drop(run.id, 2)
    assert not await the_digests(store).drop(run.id, 9)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. Discussion" in words(card)
    assert "2. Discussion" not in words(card)
