"""Digests over the real store: what is posted and when, who may read what in it, and how it heals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest

from bot.digesting import Digests
from bot.markup import plain
from bot.models import (
    Card,
    Channel,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    Every,
    Level,
    MemberRef,
    MessageRef,
    Platform,
    PostKind,
    Question,
    Reach,
    Rule,
    RunState,
    Schedule,
    Scope,
    Slot,
    Space,
    Stored,
    Thread,
    ThreadGone,
)
from bot.ports import Changed
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from storage.changes import note
from tests.makers import HELP, NOON, SPACE, a_channel, a_discussion, a_message, a_space, a_vote, an_id, deleted, seen

EVENING = Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin")  # 16:00 UTC, four hours after noon
DUE = NOON + timedelta(hours=4)
BEGUN = NOON - timedelta(hours=12)
DAY = timedelta(days=1)
TEA = Channel(SPACE, "tea")
MODERATORS = Channel(SPACE, "moderators")
CELLAR = Channel(SPACE, "cellar")
AWAY = Channel(Space(Platform.SLACK, "T1"), "C1")
EN = texts_for("en", "Europe/Berlin")
refs = count(1)


def the_digests(store: SqlStore) -> Digests:
    return Digests(store=store, urls=Urls("http://127.0.0.1:8080"))


async def a_room(store: SqlStore, *events: Event | Sequence[Event]) -> None:
    """The local room with #help, and what happened in it."""
    told: list[Event] = [a_space(), a_channel()]
    for event in events:
        told += event if isinstance(event, Sequence) else [event]
    await store.ledger.record(told)


async def a_schedule(store: SqlStore, rule: Rule = EVENING, destination: Channel = HELP, **more: Any) -> Schedule:  # noqa: ANN401 - handed on by name
    known = await store.places.channel(destination)
    assert known is not None
    given: dict[str, Any] = {"reach": Reach.SPACE, "sources": (), "say_quiet": False, "at": BEGUN} | more
    return await store.calendar.add_schedule(
        community=known.community, name="Evening", destination=destination, rule=rule, **given
    )


async def now_shown(store: SqlStore, now: datetime) -> list[Card]:
    """Deliver what waits in the outbox, as delivery does, and give what people see of the digests."""
    cards: list[Card] = []
    for post in await store.outbox.claim("test", now, 60):
        assert post.kind is PostKind.DIGEST
        drawn = await the_digests(store).render(int(post.subject.partition(":")[2]))
        assert drawn is not None
        assert await store.outbox.freeze(post.id, "test", *drawn)
        where = post.where if isinstance(post.where, Channel) else post.where.channel
        await store.outbox.sent(post.id, "test", post.ref or MessageRef(where, str(next(refs))), None)
        cards.append(drawn[0])
    return cards


async def ticked(store: SqlStore, now: datetime) -> list[Card]:
    await the_digests(store).tick(now)
    return await now_shown(store, now)


def words(card: Card) -> str:
    return "\n".join([card.title, plain(card.body), plain(card.footer)])


async def reread(store: SqlStore, schedule: Schedule) -> Schedule:
    return next(each for each in await store.calendar.schedules() if each.id == schedule.id)


async def titled(store: SqlStore, minutes: float, title: str, channel: Channel = HELP) -> int:
    """Settle the discussion whose opening post was sent so many minutes after noon."""
    found = await store.forum.containing(MessageRef(channel, an_id(minutes)))
    assert found is not None
    seq = await store.ledger.last_seq()
    cites = [MessageRef(channel, an_id(minutes))]
    await store.ledger.settle(found.id, title=title, summary="", waiting=(), cites=cites, seen=seq)
    return found.id


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
    [card] = await ticked(store, DUE + timedelta(hours=2))
    assert "It was due 3 Aug 2026, 18:00 and is late." in plain(card.footer).splitlines()


async def test_three_missed_days_are_merged_into_one(store: SqlStore) -> None:
    await a_room(store, a_discussion(), a_discussion(2, start=60 * 30), a_discussion(3, start=60 * 50))
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE + 2 * DAY)
    assert "3 discussions" in card.title
    assert "2 missed digests are in this one." in plain(card.footer).splitlines()
    [run] = await store.forum.runs(schedule.community)
    assert (run.slot.key, run.start, run.late) == ("2026-08-05", BEGUN, False)
    for key, due_at in (("2026-08-03", DUE), ("2026-08-04", DUE + DAY)):
        slot = Slot(schedule=schedule.id, key=key, due_at=due_at)
        assert await store.calendar.claim(slot, NOON, DUE + 9 * DAY) is None
    assert await ticked(store, DUE + 2 * DAY + timedelta(minutes=1)) == []


async def test_what_a_crash_left_claimed_is_made_later_and_once(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store)
    slot = Slot(schedule=schedule.id, key="2026-08-03", due_at=DUE)
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
    assert (run.state, run.reason) == (RunState.FAILED, "The channel it goes to is gone.")
    assert await claims.preview(schedule, Scope(channels=frozenset()), DUE) is None
    assert await claims.now(schedule, DUE) is None
    assert await claims.render(run.id) is None


async def linked(store: SqlStore, space: Space, to: Space) -> None:
    def work(connection: Any) -> None:  # noqa: ANN401 - the store's own
        ids = dict(connection.exec_driver_sql("SELECT sid, community_id FROM space").fetchall())
        connection.exec_driver_sql(f"UPDATE space SET community_id = {ids[to.id]} WHERE sid = '{space.id}'")
        note(connection, Changed.PLACES, [0])

    await store.database.write(work)


SECRET = "The spare key lies under the third stone."


def told_in(channel: Channel, start: float = 0) -> list[Event]:
    return [
        seen(a_message(start, SECRET, channel=channel)),
        seen(a_message(start + 1, SECRET, thread=start, author="Bo", channel=channel)),
        a_vote(start, "Cem", channel=channel, at=start + 2),
        a_vote(start, "Dina", channel=channel, at=start + 2),
    ]


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
    await linked(store, AWAY.space, SPACE)
    await a_schedule(store, reach=Reach.COMMUNITY)
    [card] = await ticked(store, DUE)
    assert "2 discussions, " in card.title


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


async def a_quoted_post(store: SqlStore) -> Card:
    """A digest that quotes Cem's reply and shows what Ada asked as its title."""
    votes = [a_vote(1, name, at=10) for name in ("Dina", "Eve")]
    await a_room(store, a_discussion(), votes)
    await titled(store, 0, "Which tent holds out in a storm?")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "1. “Reply 1 about tents.” — Cem · Which tent holds out in a storm?" in words(card)
    return card


async def test_deleting_a_quoted_message_redacts_the_posted_digest(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([deleted(1)])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. (no longer available)" in words(card)
    assert "Reply 1" not in words(card)


async def test_an_edit_of_a_quoted_message_is_followed(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([seen(a_message(1, "Peg it low.", thread=0, author="Cem", edited=300))])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. “Peg it low.” — Cem" in words(card)


async def test_opting_out_takes_words_and_name_out_of_the_posted_digest(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.people.opt_out(MemberRef(SPACE, "cem"), True, DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Reply 1" not in words(card)
    assert "Cem" not in words(card)


async def test_a_highlight_that_was_taken_down_is_quoted_no_longer(store: SqlStore) -> None:
    await a_quoted_post(store)
    quoted = MessageRef(HELP, an_id(1))
    assert await store.desk.hold(quoted, MemberRef(SPACE, "cem"), as_moderator=False, held=True, at=DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. (no longer available)" in words(card)
    assert await store.desk.hold(quoted, MemberRef(SPACE, "cem"), as_moderator=False, held=False, at=DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. “Reply 1 about tents.” — Cem" in words(card)


async def test_a_posted_digest_follows_another_outcome(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    discussion = await titled(store, 0, "Which tent?")
    mod = MemberRef(SPACE, "ada")
    await store.desk.set_stored(discussion, Stored.CONCLUDED, mod, DUE - DAY / 8, "Cem's number is 555.")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Which tent? — Cem's number is 555." in words(card)
    await store.desk.set_stored(discussion, Stored.CONCLUDED, mod, DUE, "Two poles.")
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Which tent? — Two poles." in words(card)
    assert "555" not in words(card)


async def test_a_thread_that_was_deleted_leaves_the_posted_digest(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    discussion = await titled(store, 0, "Which tent?")
    await a_schedule(store)
    await ticked(store, DUE)
    await store.ledger.record([ThreadGone(thread=Thread(HELP, an_id()), at=DUE)])
    await store.outbox.touch([discussion])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Which tent?" not in words(card)
    assert "1. (no longer available)" in words(card)


async def test_closing_a_channel_redacts_titles_that_somebody_set(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(2, TEA))
    discussion = await titled(store, 0, "Tea?", TEA)
    await store.desk.set_words(discussion, "Green or black?", None, MemberRef(SPACE, "ada"), NOON)
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Green or black?" in words(card)
    await store.ledger.record([ChannelSeen(info=ChannelInfo(channel=TEA, name="tea", private=True), at=DUE)])
    tea = await store.places.channel(TEA)
    assert tea is not None
    await store.outbox.touch_channels([tea.key])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Green or black?" not in words(card)


async def test_hiding_a_discussion_or_closing_its_channel_redacts_its_title(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(2, TEA))
    discussion = await titled(store, 0, "Green or black?", TEA)
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Green or black?" in words(card)
    [run] = await store.forum.runs(schedule.community)
    await store.desk.set_hidden(discussion, True, MemberRef(SPACE, "ada"), DUE)
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert "1. (no longer available)" in words(drawn[0])
    assert drawn[1] == ()
    await store.desk.set_hidden(discussion, False, MemberRef(SPACE, "ada"), DUE)
    private = ChannelInfo(channel=TEA, name="tea", private=True)
    await store.ledger.record([ChannelSeen(info=private, at=DUE)])
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert "Green or black?" not in words(drawn[0])


async def test_a_withdrawn_digest_shows_nothing_any_more(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store)
    await ticked(store, DUE)
    [run] = await store.forum.runs(schedule.community)
    assert await the_digests(store).withdraw(run.id, DUE)
    assert not await the_digests(store).withdraw(run.id, DUE)
    assert not await the_digests(store).withdraw(999, DUE)
    assert await the_digests(store).render(run.id) is None
    [post] = await store.outbox.claim("test", DUE + timedelta(minutes=1), 60)
    assert post.subject == f"digest:{run.id}"


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
    assert (run.id, run.discussions, run.left_out, run.slot.key) == (0, 1, 0, "2026-08-04")


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
    assert await store.calendar.pinned(schedule.id) == frozenset()


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
    slot = Slot(schedule=schedule.id, key="2026-08-03", due_at=DUE)
    assert await store.calendar.claim(slot, schedule.created_at, DUE) == 1  # by a process that dies
    since = NOON + timedelta(hours=3)
    await store.calendar.change_schedule(replace(schedule, last_end=since))
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
    assert "Waiting for an answer\n4. Talk 3 — 💬 3 (+3 new) · waiting for an answer" in said
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
    assert await digests.now(schedule, now) is None
    assert len(await now_shown(store, now)) == 1
    assert await digests.now(await reread(store, schedule), now + timedelta(minutes=2)) is None
    assert await ticked(store, DUE) == []
    assert (await reread(store, schedule)).last_end == DUE


async def test_a_change_of_the_rule_makes_nothing_come_late_and_loses_nothing(store: SqlStore) -> None:
    await a_room(store, a_discussion(start=-360))
    schedule = await a_schedule(store)
    earlier = replace(schedule, rule=replace(EVENING, at=time(9)))
    await the_digests(store).reschedule(earlier, NOON + timedelta(hours=1))
    assert await ticked(store, DUE) == []
    [card] = await ticked(store, datetime(2026, 8, 4, 7, tzinfo=UTC))
    assert "💬 9 (+9 new)" in words(card)
    assert "late" not in words(card)


async def test_a_posted_digest_stays_whole_when_its_schedule_goes_elsewhere(store: SqlStore) -> None:
    await a_room(store, a_channel(MODERATORS, private=True), told_in(MODERATORS))
    schedule = await a_schedule(store, destination=MODERATORS)
    await ticked(store, DUE)
    moved = replace(await reread(store, schedule), destination=HELP)
    await the_digests(store).reschedule(moved, DUE)
    [run] = await store.forum.runs(schedule.community)
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert SECRET in words(drawn[0])
