"""Schedules, slots that only one gets, and windows that are exact to the millisecond."""

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.markup import Text
from bot.models import (
    Card,
    Channel,
    Drop,
    Every,
    MessageRef,
    Pick,
    PostKind,
    PostState,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Scope,
    Section,
    Slot,
    Stored,
    VoteSource,
    VotesRead,
    Window,
)
from storage import SqlStore
from tests.makers import (
    HELP,
    NOON,
    SPACE,
    a_channel,
    a_discussion,
    a_message,
    a_moment,
    a_space,
    a_vote,
    an_author,
    an_id,
    deleted,
    seen,
)

RULE = Rule(every=Every.WEEKLY, at=time(9), zone="Europe/Berlin", weekday="fri")
DUE = NOON + timedelta(days=1)
CARD = Card(title="This week", body=(Text("Tents"),))
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


async def a_schedule(store: SqlStore, name: str = "Weekly") -> Schedule:
    await store.ledger.record([a_space(), a_channel()])
    known = await store.places.channel(HELP)
    assert known is not None
    return await store.calendar.add_schedule(
        community=known.community,
        name=name,
        destination=HELP,
        rule=RULE,
        reach=Reach.SPACE,
        sources=[HELP],
        say_quiet=True,
        at=NOON,
    )


def a_slot(schedule: Schedule, key: str = "2026-08-04", due_at: datetime = DUE) -> Slot:
    return Slot(schedule=schedule.id, key=key, due_at=due_at)


async def claimed(store: SqlStore, schedule: Schedule) -> Run:
    number = await store.calendar.claim(a_slot(schedule), NOON, DUE)
    assert number is not None
    run = await store.forum.run(number)
    assert run is not None
    return run


async def everywhere(store: SqlStore) -> Scope:
    return Scope(channels=frozenset(each.key for each in await store.places.channels()), web=False)


async def window(store: SqlStore, start: datetime, end: datetime, parts: int = 4) -> Window:
    return await store.calendar.window(await everywhere(store), start, end, parts)


async def test_a_schedule_comes_back_as_it_was_kept(store: SqlStore) -> None:
    schedule = await a_schedule(store, "Week\x00ly")
    assert await store.calendar.schedules(schedule.community) == [schedule]
    assert (schedule.rule, schedule.destination, schedule.sources, schedule.created_at) == (RULE, HELP, (HELP,), NOON)
    assert (schedule.say_quiet, schedule.paused, schedule.last_end) == (True, False, None)
    assert await store.calendar.schedules(schedule.community + 1) == []


async def test_changing_a_schedule_leaves_its_last_window_as_it_is(store: SqlStore) -> None:
    """It was read before its digest was made, or before that was dropped and its time left to the next."""
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    post = await store.calendar.freeze(run, CARD, [], DUE)
    assert post is not None
    await store.calendar.change_schedule(replace(schedule, paused=True, name="Other"))
    [changed] = await store.calendar.schedules()
    assert (changed.name, changed.paused, changed.last_end) == ("Other", True, DUE)
    await store.outbox.claim("me", DUE, 60)
    await store.outbox.drop(post, "me", Drop.OVERTAKEN, DUE)
    await store.calendar.change_schedule(replace(changed, paused=False))
    assert await store.calendar.schedules() == [replace(changed, paused=False, last_end=None)]


async def test_a_removed_schedule_is_gone_once(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    assert await store.calendar.remove_schedule(schedule.id)
    assert not await store.calendar.remove_schedule(schedule.id)
    assert await store.calendar.schedules() == []


async def test_of_many_who_claim_a_slot_at_once_one_gets_it(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    slots = [a_slot(schedule, f"2026-09-{day:02}") for day in range(1, 31)]
    got = await asyncio.gather(*(store.calendar.claim(slot, NOON, DUE) for slot in slots for _ in range(10)))
    runs = [each for each in got if each is not None]
    assert len(runs) == len(set(runs)) == len(slots)


async def test_a_claim_that_went_stale_is_handed_out_again_once(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    stale = DUE + timedelta(minutes=10)
    assert await store.calendar.claim(a_slot(schedule), NOON, stale) is None
    again = await asyncio.gather(*(store.calendar.claim(a_slot(schedule), NOON, stale + MILLISECOND) for _ in range(5)))
    assert [each for each in again if each is not None] == [run.id]


async def test_what_was_frozen_is_never_handed_out_again(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    assert await store.calendar.freeze(await claimed(store, schedule), CARD, [], DUE) is not None
    assert await store.calendar.claim(a_slot(schedule), NOON, DUE + timedelta(days=1)) is None


async def test_freezing_keeps_picks_card_placements_and_ends_the_window(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    await store.ledger.record(a_discussion(3))
    await store.calendar.pin(schedule.id, 1)
    assert await store.calendar.pinned(schedule.id) == frozenset({1})
    quote = MessageRef(HELP, an_id(2))
    pick = Pick(
        number=1, section=Section.HIGHLIGHTS, discussion=1, quote=quote, count=4, new=4, highlights=1, waiting=False,
        score=2.5, terms={"people": 1.4}, reason="score",
    )  # fmt: skip
    run = replace(await claimed(store, schedule), picks=(pick,), discussions=1, people=4, activity=(1, 3), left_out=2)
    post = await store.calendar.freeze(run, CARD, [quote], DUE)
    assert post is not None
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert (kept.state, kept.picks, kept.people, kept.activity, kept.left_out) == (
        RunState.FROZEN,
        (pick,),
        4,
        (1, 3),
        2,
    )
    planned = await store.outbox.post(post)
    assert planned is not None
    assert (planned.kind, planned.subject, planned.state) == (PostKind.DIGEST, f"digest:{run.id}", PostState.PLANNED)
    assert planned.card == CARD
    assert await store.calendar.pinned(schedule.id) == frozenset()
    assert [each.last_end for each in await store.calendar.schedules()] == [DUE]


async def test_a_run_can_be_frozen_once_and_not_be_ended_after(store: SqlStore) -> None:
    run = await claimed(store, await a_schedule(store))
    assert await store.calendar.freeze(run, CARD, [], DUE) is not None
    assert await store.calendar.freeze(run, CARD, [], DUE) is None
    await store.calendar.finish(run.id, RunState.EMPTY, "Nothing happened.", DUE)
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert kept.state is RunState.FROZEN


@pytest.mark.parametrize("changed", [True, False], ids=["true at once", "found again, and its change refused"])
async def test_a_digest_is_sent_when_its_post_stands_and_withdrawn_when_taken_back(
    store: SqlStore, changed: bool
) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    post = await store.calendar.freeze(run, CARD, [], DUE)
    assert post is not None
    await store.outbox.claim("me", DUE, 60)
    await store.outbox.freeze(post, "me", CARD, [])
    where = MessageRef(HELP, an_id(24 * 60 + 1))
    if changed:
        await store.outbox.sent(post, "me", where, None)
    else:
        await store.outbox.stands(post, "me", where)
        await store.outbox.retry(post, "me", "no answer", DUE)
    [sent] = await store.forum.runs(schedule.community)
    assert (sent.state, sent.sent_at) == (RunState.SENT, DUE + timedelta(minutes=1))
    await store.calendar.finish(run.id, RunState.WITHDRAWN, "A moderator withdrew it.", DUE)
    assert await store.forum.runs(schedule.community) == []
    assert [each.id for each in await store.outbox.claim("me", DUE, 60)] == [post]


async def test_an_empty_run_ends_its_window_and_a_failed_one_does_not(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    await store.calendar.finish(run.id, RunState.FAILED, "The channel is gone.", DUE)
    assert [each.last_end for each in await store.calendar.schedules()] == [None]
    later = a_slot(schedule, "2026-08-05", DUE + timedelta(days=1))
    number = await store.calendar.claim(later, NOON, later.due_at)
    assert number is not None
    await store.calendar.finish(number, RunState.EMPTY, "", later.due_at)
    assert [each.last_end for each in await store.calendar.schedules()] == [later.due_at]


async def test_merged_slots_are_kept_and_leave_runs_alone(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    await store.calendar.merge([a_slot(schedule), a_slot(schedule, "2026-08-03", NOON)], DUE)
    assert await store.calendar.claim(a_slot(schedule, "2026-08-03", NOON), NOON, DUE + timedelta(days=9)) is None
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert kept.state is RunState.CLAIMED


async def test_what_a_crash_left_claimed_is_merged_and_frozen_no_more(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    await store.calendar.merge([a_slot(schedule)], DUE + timedelta(minutes=11))
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert kept.state is RunState.MERGED
    assert await store.calendar.freeze(run, CARD, [], DUE + timedelta(minutes=12)) is None


async def test_a_window_that_another_run_told_of_meanwhile_is_not_frozen(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    run = await claimed(store, schedule)
    beside = await store.calendar.claim(a_slot(schedule, "2026-08-04T08:59", DUE), NOON, DUE)
    assert beside is not None
    await store.calendar.finish(beside, RunState.EMPTY, "", DUE)
    assert await store.calendar.freeze(run, CARD, [], DUE) is None
    later = replace(run, start=DUE)
    assert await store.calendar.freeze(later, CARD, [], DUE) is not None
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert (kept.state, kept.start) == (RunState.FROZEN, DUE)


async def test_a_dropped_item_stays_dropped_and_marks_its_post(store: SqlStore) -> None:
    schedule = await a_schedule(store)
    await store.ledger.record(a_discussion(3))
    pick = Pick(
        number=1,
        section=Section.ACTIVE,
        discussion=1,
        quote=None,
        count=4,
        new=4,
        highlights=0,
        waiting=False,
        score=1.0,
    )
    run = replace(await claimed(store, schedule), picks=(pick,))
    post = await store.calendar.freeze(run, CARD, [], DUE)
    assert post is not None
    await store.outbox.claim("me", DUE, 60)
    await store.outbox.freeze(post, "me", CARD, [])
    await store.outbox.sent(post, "me", MessageRef(HELP, an_id(1)), None)
    assert await store.calendar.drop(run.id, 1)
    assert not await store.calendar.drop(run.id, 1)
    assert not await store.calendar.drop(run.id, 2)
    assert [each.id for each in await store.outbox.claim("me", DUE, 60)] == [post]
    kept = await store.forum.run(run.id)
    assert kept is not None
    assert [each.dropped for each in kept.picks] == [True]


async def test_a_window_has_its_start_and_not_its_end_to_the_millisecond(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(8)])
    start, end = a_moment(2), a_moment(5)
    [candidate] = (await window(store, start, end)).candidates
    assert (candidate.new, candidate.posted, candidate.last_in_window) == (3, 3, a_moment(4))
    [candidate] = (await window(store, start + MILLISECOND, end + MILLISECOND)).candidates
    assert (candidate.new, candidate.last_in_window) == (3, a_moment(5))
    [candidate] = (await window(store, start + MILLISECOND, end)).candidates
    assert candidate.new == 2
    assert (await window(store, a_moment(9), a_moment(99))).candidates == ()


@pytest.mark.parametrize(("start", "end"), [(-7, 7), (0.3, 3.6), (0.5, 1.5), (2.9, 9.1), (1, 1.2), (0, 6)])
async def test_windows_over_days_equal_a_recount_of_the_messages(store: SqlStore, start: float, end: float) -> None:
    people = ("Ada", "Bo", "Cem")
    hours = range(0, 24 * 6, 3)
    said = [seen(a_message(60 * n, f"Hour {n}.", thread=0, author=people[n % 3 if n % 2 else 0])) for n in hours]
    await store.ledger.record([a_space(), a_channel(), *said, deleted(60 * 30), deleted(60 * 90)])
    span = NOON + timedelta(days=start), NOON + timedelta(days=end)
    inside = [
        each.message
        for each in said
        if span[0] <= each.message.sent_at < span[1] and each.message.ref.id not in {an_id(60 * 30), an_id(60 * 90)}
    ]
    names = [each.author.name for each in inside]
    got = await window(store, *span, parts=7)
    [candidate] = got.candidates
    assert (candidate.new, candidate.posted, got.people) == (len(inside), len(set(names)), len(set(names)))
    assert candidate.capped == sum(min(names.count(each), 8) for each in people)
    width = (span[1] - span[0]) / 7
    parts = [min(int((each.sent_at - span[0]) / width), 6) for each in inside]
    assert got.activity == tuple(parts.count(part) for part in range(7))


async def test_votes_belong_to_the_window_in_which_they_were_cast(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(8)])
    votes = [a_vote(1, "Ada", at=100), a_vote(1, "Bo", at=100), a_vote(2, "Ada", at=200), a_vote(3, "Bo", at=100)]
    await store.ledger.record([*votes, a_vote(3, "Bo", at=101, active=False), a_vote(1, "Cem", at=100)])
    got = await window(store, a_moment(50), a_moment(150))
    [candidate] = got.candidates
    assert (candidate.new, candidate.highlighted, candidate.voters) == (0, 1, 2)
    assert [(each.ref.id, each.votes, each.text) for each in got.quotes] == [(an_id(1), 2, "Reply 1 about tents.")]
    assert candidate.last_in_window == a_moment(8)


async def test_votes_that_were_found_later_belong_to_no_window(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(3)])
    read = VotesRead(
        ref=MessageRef(HELP, an_id(1)), source=VoteSource.REACTION, voters=(an_author("Ada"),), at=a_moment(100)
    )
    await store.ledger.record([read])
    assert (await window(store, a_moment(50), a_moment(150))).candidates == ()


async def test_quotes_are_only_what_may_be_shown(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(8)])
    await store.ledger.record([a_vote(n, "Ada", at=100) for n in range(1, 6)])
    await store.ledger.record([deleted(1)])
    await store.people.opt_out(an_author("Dina").member, True, a_moment(101))  # wrote the second reply
    await store.desk.hold(MessageRef(HELP, an_id(3)), an_author().member, True, True, a_moment(101))
    await store.ledger.record([a_vote(5, "Ada", at=102, source=VoteSource.PICK)])
    got = await window(store, a_moment(50), a_moment(150))
    assert [(each.ref.id, each.picked) for each in got.quotes] == [(an_id(5), True), (an_id(4), False)]


async def test_what_was_concluded_in_the_window_is_in_it(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(3)])
    await store.desk.set_stored(1, Stored.CONCLUDED, an_author().member, a_moment(100), "The dome.")
    [candidate] = (await window(store, a_moment(100), a_moment(150))).candidates
    assert (candidate.new, candidate.discussion.outcome) == (0, "The dome.")
    assert (await window(store, a_moment(50), a_moment(100))).candidates == ()


async def test_a_window_tells_only_of_its_scope(store: SqlStore) -> None:
    other = Channel(SPACE, "random")
    await store.ledger.record([a_space(), a_channel(), a_channel(other), *a_discussion(8), *a_discussion(3, other)])
    known = await store.places.channel(other)
    assert known is not None
    got = await store.calendar.window(Scope(channels=frozenset({known.key})), NOON, DUE, 4)
    assert [each.discussion.thread.channel for each in got.candidates] == [other]
    assert (got.people, sum(got.activity)) == (4, 4)
    hidden = got.candidates[0].discussion.id
    await store.desk.set_hidden(hidden, True, an_author().member, DUE)
    got = await store.calendar.window(Scope(channels=frozenset({known.key})), NOON, DUE, 4)
    assert (got.candidates, got.people, sum(got.activity)) == ((), 0, 0)
