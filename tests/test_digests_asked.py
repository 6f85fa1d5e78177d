"""Previews, pins, explanations, and digests asked for now."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.markup import plain
from bot.models import (
    MemberRef,
    MessageRef,
    Question,
    Scope,
    Slot,
    Stored,
)
from bot.rescheduling import reschedule
from bot.texts import texts_for
from storage import SqlStore
from tests.digesting import (
    CELLAR,
    DAY,
    DUE,
    EN,
    EVENING,
    MODERATORS,
    SECRET,
    TEA,
    a_quoted_post,
    a_room,
    a_schedule,
    now_shown,
    reread,
    the_digests,
    ticked,
    titled,
    told_in,
    words,
)
from tests.makers import HELP, NOON, SPACE, a_channel, a_discussion, a_vote, an_id


async def test_a_preview_shows_only_what_the_asker_may_read(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_channel(CELLAR, private=True), a_discussion(2, TEA), told_in(CELLAR))
    await store.ledger.record(a_discussion())
    schedule = await a_schedule(store)
    tea = await store.places.channel(TEA)
    assert tea is not None
    previewed = await the_digests(store).preview(schedule, Scope(channels=frozenset({tea.key})), DUE)
    assert previewed is not None
    run, card = previewed
    assert "1. Discussion in #tea — 💬 3 (+3 new)" in words(card)
    assert "#help" not in words(card)
    assert (run.id, run.discussions, run.left_out, run.slot.key[:10]) == (0, 1, 0, "2026-08-04")


async def test_a_preview_of_a_new_schedule_looks_one_period_back(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store, at=DUE + timedelta(minutes=1))
    known = await store.places.channel(HELP)
    assert known is not None
    scope = Scope(channels=frozenset({known.key}))
    german = texts_for("de")
    previewed = await the_digests(store).preview(schedule, scope, DUE + timedelta(minutes=5), german)
    assert previewed is not None
    run, card = previewed
    assert (run.start, run.slot.due_at) == (DUE + timedelta(minutes=5) - DAY, DUE + timedelta(minutes=5))
    assert "💬 9 (+9 neu)" in words(card)
    assert "3. Aug. 2026" in plain(card.footer)


async def test_a_pinned_discussion_is_first_once(store: SqlStore) -> None:
    await a_room(store, a_discussion(1), a_discussion(7, start=60))
    schedule = await a_schedule(store)
    small = await store.forum.containing(MessageRef(HELP, an_id(0)))
    assert small is not None
    await store.calendar.pin(schedule.id, small.id)
    await ticked(store, DUE)
    [run] = await store.forum.runs(schedule.community)
    assert (run.picks[0].discussion, run.picks[0].reason) == (small.id, "pinned")
    assert await store.calendar.pinned(schedule.id) == frozenset()


async def test_a_pin_comes_though_nothing_happened_to_it(store: SqlStore) -> None:
    votes = [a_vote(1, name, at=10) for name in ("Dina", "Eve")]
    await a_room(store, a_discussion(2, start=-3000), a_discussion(7), votes)
    schedule = await a_schedule(store)
    old = await titled(store, -3000, "Where do we meet?")
    await store.calendar.pin(schedule.id, old)
    [card] = await ticked(store, DUE)
    assert words(card).index("1. Where do we meet? — 💬 3") < words(card).index("2. “Reply 1 about tents.”")
    assert "1 discussion, 8 people" in card.title  # in the other one nobody said anything
    assert "more" not in words(card)
    assert await store.calendar.pinned(schedule.id) == frozenset()


async def test_a_pin_alone_is_no_discussion_of_nobody(store: SqlStore) -> None:
    await a_room(store, a_discussion(2, start=-3000))
    schedule = await a_schedule(store)
    await store.calendar.pin(schedule.id, await titled(store, -3000, "Where do we meet?"))
    [card] = await ticked(store, DUE)
    assert card.title == "The day in The local room · 3 Aug"
    assert "1. Where do we meet? — 💬 3" in words(card)


async def test_a_pin_that_had_no_room_waits_for_the_next_digest(store: SqlStore) -> None:
    starts = (0, 20, 40, 60)
    await a_room(store, *(a_discussion(5 - n, start=start) for n, start in enumerate(starts)))
    schedule = await a_schedule(store)
    ids = [await titled(store, start, f"Talk {start}") for start in starts]
    for each in ids:
        await store.calendar.pin(schedule.id, each)
    await ticked(store, DUE)
    [run] = await store.forum.runs(schedule.community)
    shown = {pick.discussion for pick in run.picks if pick.reason == "pinned"}
    assert len(shown) == 3
    [left] = await store.calendar.pinned(schedule.id)
    assert left in set(ids) - shown
    [card] = await ticked(store, DUE + DAY)
    assert "1. Talk " in words(card)
    assert await store.calendar.pinned(schedule.id) == frozenset()


@pytest.mark.parametrize("say_quiet", [False, True])
async def test_a_single_vote_alone_is_no_news(store: SqlStore, say_quiet: bool) -> None:
    await a_room(store, a_discussion(start=-3000), a_vote(-2999, "Eve", at=10))
    schedule = await a_schedule(store, say_quiet=say_quiet)
    cards = await ticked(store, DUE)
    assert [card.title for card in cards] == ["The day in The local room · 3 Aug"] * say_quiet
    assert ["more" in words(card) for card in cards] == [False] * say_quiet
    assert (await reread(store, schedule)).last_end == DUE
    assert await the_digests(store).now(await reread(store, schedule), DUE + timedelta(hours=1)) is None


async def test_a_digest_tells_of_the_time_since_the_one_that_was_posted_meanwhile(store: SqlStore) -> None:
    await a_room(store, a_discussion(), a_discussion(2, start=200))
    schedule = await a_schedule(store)
    slot = Slot(schedule=schedule.id, key="2026-08-03 18:00 Europe/Berlin", due_at=DUE)
    assert await store.calendar.claim(slot, schedule.created_at, DUE) == 1  # by a process that dies
    since = NOON + timedelta(hours=3)
    assert await the_digests(store).now(schedule, since) == 2
    assert len(await now_shown(store, since)) == 1
    [card] = await ticked(store, DUE + timedelta(minutes=11))
    assert "1 discussion, 3 people" in card.title
    run = await store.forum.run(1)
    assert run is not None
    assert run.start == since


async def test_waiting_questions_and_conclusions_have_their_lines(store: SqlStore) -> None:
    starts = (0, 20, 40, 60, 80)
    await a_room(store, *(a_discussion(5 - n, start=start) for n, start in enumerate(starts)))
    ids = [await titled(store, start, f"Talk {n}") for n, start in enumerate(starts)]
    for n in (2, 3):
        question = Question(ref=MessageRef(HELP, an_id(starts[n])), asker=None, text="Which tent?", waits=True)
        seq = await store.ledger.last_seq()
        await store.ledger.settle(ids[n], title=f"Talk {n}", summary="", waiting=[question], cites=(), seen=seq)
    await store.desk.set_stored(ids[4], Stored.CONCLUDED, MemberRef(SPACE, "ada"), DUE - DAY / 4, "Two poles.")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    said = words(card)
    assert "3. Talk 2 — 💬 4 (+4 new) · waiting for an answer" in said
    assert "Waiting for an answer\n4. Talk 3 — 💬 3 (+3 new)\n" in said
    assert "Concluded\n5. ✅ Talk 4 — Two poles." in said


async def test_every_item_can_be_explained_to_those_who_may_read_it(store: SqlStore) -> None:
    await a_quoted_post(store)
    known = await store.places.channel(HELP)
    assert known is not None
    [run] = await store.forum.runs(known.community)
    scope = Scope(channels=frozenset({known.key}))
    card = await the_digests(store).why(run.id, 1, scope, EN)
    assert card is not None
    assert card.title == "Why item 1 is in the digest: Which tent holds out in a storm?"
    assert ("People who wrote", "8 → 2 × ln(1 + 8)") in [(field.label, plain(field.value)) for field in card.fields]
    stranger = await the_digests(store).why(run.id, 1, Scope(channels=frozenset()), EN)
    assert stranger is not None
    assert "tent" not in stranger.title
    assert await the_digests(store).why(run.id, 9, scope, EN) is None
    assert await the_digests(store).why(99, 1, scope, EN) is None


async def test_a_digest_asked_for_now_is_posted_beside_the_slots(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store)
    now = NOON + timedelta(hours=1)
    digests = the_digests(store)
    run = await digests.now(schedule, now)
    assert run is not None
    assert await digests.now(schedule, now) == run  # on its way
    assert len(await now_shown(store, now)) == 1
    assert await digests.now(await reread(store, schedule), now + timedelta(minutes=2)) is None
    assert await ticked(store, DUE) == []
    assert (await reread(store, schedule)).last_end == DUE


async def test_a_change_of_the_rule_makes_nothing_come_late_and_loses_nothing(store: SqlStore) -> None:
    await a_room(store, a_discussion(start=-360))
    schedule = await a_schedule(store)
    earlier = replace(schedule, rule=replace(EVENING, at=time(9)))
    await reschedule(store, earlier, NOON + timedelta(hours=1))
    assert await ticked(store, DUE) == []
    [card] = await ticked(store, datetime(2026, 8, 4, 7, tzinfo=UTC))
    assert "💬 9 (+9 new)" in words(card)
    assert "late" not in words(card)


async def test_a_posted_digest_stays_whole_when_its_schedule_goes_elsewhere(store: SqlStore) -> None:
    await a_room(store, a_channel(MODERATORS, private=True), told_in(MODERATORS))
    schedule = await a_schedule(store, destination=MODERATORS)
    await ticked(store, DUE)
    moved = replace(await reread(store, schedule), destination=HELP)
    await reschedule(store, moved, DUE)
    [run] = await store.forum.runs(schedule.community)
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert SECRET in words(drawn[0])
