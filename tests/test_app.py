"""The whole core at work: events in, our posts in the local room out, kept true."""

import json
from datetime import timedelta

from bot import cardjson
from bot.cli.run import Parts, assemble
from bot.markup import plain
from bot.models import Card, Level, Origin, PostKind, PostState, Thread
from bot.settings import Settings
from storage import SqlStore
from tests.makers import (
    HELP,
    SetClock,
    a_channel,
    a_discussion,
    a_message,
    a_moment,
    a_space,
    a_vote,
    an_id,
    deleted,
    seen,
)

THREAD = Thread(HELP, an_id())


async def running(store: SqlStore, clock: SetClock) -> Parts:
    """A Folkmoot over a store with one watched channel, shown on the web."""
    await store.ledger.record([a_space(), a_channel()])
    await store.places.watch(HELP, True)
    await store.places.set_level(HELP, Level.WEB, 0)
    clock.set(a_moment(9))
    return assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic-settings takes it


async def shown(store: SqlStore, thread: str | None = THREAD.id) -> list[Card]:
    return [cardjson.loads(card) for _, card, _ in await store.room.own(HELP, thread)]


def words(card: Card) -> str:
    return "\n".join((card.title, plain(card.body), *(plain(field.value) for field in card.fields), plain(card.footer)))


async def test_eight_live_replies_make_a_card_that_says_nine_messages(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    [card] = await shown(store)
    assert "💬 9 msgs · ⭐ 0 highlights · 🕐 " in words(card)
    assert "🟢 Discussion in progress" in words(card)


async def test_a_highlight_and_a_deletion_change_the_card(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in [*a_discussion(8), a_vote(3, "Ada")]:
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    [card] = await shown(store)
    assert "⭐ 1 highlight ·" in words(card)
    assert "Reply 3 about tents." in words(card)
    await parts.app.on_event(deleted(3))
    await parts.app.catch_up(seq)
    [card] = await shown(store)
    assert "💬 8 msgs · ⭐ 0 highlights" in words(card)
    assert "Reply 3" not in json.dumps([each for _, each, _ in await store.room.own(HELP, THREAD.id)])


async def test_what_an_import_or_backfill_brings_makes_no_card(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(seen(event.message, Origin.IMPORT))
    await parts.app.catch_up(0)
    assert await shown(store) == []


async def test_a_reply_that_is_an_hour_old_makes_no_card(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    clock.set(a_moment(69))
    for event in a_discussion(8):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    assert await shown(store) == []


async def test_a_channel_that_nobody_watches_is_not_stored(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.places.watch(HELP, False)
    await parts.app.on_event(seen(a_message()))
    assert (await store.ledger.audit()).messages == 0


async def test_the_clock_alone_turns_the_card_quiet(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    clock.advance(timedelta(hours=25))
    await parts.app.tick()
    [card] = await shown(store)
    assert "🟡 Quiet" in words(card)


async def test_a_card_is_sent_once_though_a_crash_forgot_that_it_was(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    await store.database.write(
        lambda c: c.exec_driver_sql("UPDATE own_post SET state = 'sending', mid = NULL, leased_until = 0")
    )
    clock.advance(timedelta(minutes=5))
    await parts.app.tick()
    assert len(await shown(store)) == 1
    found = await store.outbox.of_subject("card:1")
    assert found is not None
    assert (found.state, found.ref is not None) == (PostState.LIVE, True)


async def test_a_board_lists_what_is_in_progress_and_follows_it(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.outbox.plan(PostKind.BOARD, "board:1", HELP, clock.now())
    for event in a_discussion(8):
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    [board] = await shown(store, None)
    assert "💬 9 msgs · ⭐ 0 highlights" in words(board)
    await parts.app.on_event(deleted(8))
    await parts.app.catch_up(seq)
    [board] = await shown(store, None)
    assert "💬 8 msgs" in words(board)


async def test_a_highlight_goes_to_the_chosen_channel_at_three_votes(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.places.set_space(HELP.space, highlights_channel=HELP.id)
    for event in a_discussion(4):
        await parts.app.on_event(event)
    seq = 0
    for voter, posts in (("Ada", 0), ("Dina", 0), ("Eve", 1)):
        await parts.app.on_event(a_vote(1, voter, at=8))
        seq = await parts.app.catch_up(seq)
        assert len(await shown(store, None)) == posts
    for voter in ("Ada", "Dina"):
        await parts.app.on_event(a_vote(1, voter, at=8.5, active=False))
    await parts.app.catch_up(seq)
    assert await shown(store, None) == []


async def test_a_title_is_made_and_withdrawn_with_its_words(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(2):
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    found = await store.forum.discussion_of(THREAD)
    assert found is not None
    assert (found.title, found.waiting) == ("Which tent holds out in a storm?", 1)
    await store.people.opt_out(a_message().author.member, True, clock.now())
    await parts.app.catch_up(seq)
    found = await store.forum.discussion_of(THREAD)
    assert found is not None
    assert (found.title, found.waiting) == ("", 0)
