"""What the core posts by itself: cards that the clock turns, boards, published highlights, made titles."""

import json
from dataclasses import replace
from datetime import timedelta

from bot import cardjson
from bot.cli.run import assemble
from bot.models import (
    Channel,
    Origin,
    PostKind,
    PostState,
)
from bot.settings import Settings
from storage import SqlStore
from tests.makers import (
    HELP,
    SetClock,
    a_channel,
    a_discussion,
    a_message,
    a_vote,
    an_author,
    an_id,
    deleted,
)
from tests.running import THREAD, highlighted, running, shown, words


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


async def test_a_board_lists_its_channels_and_none_that_its_readers_cannot_open(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    general, den = (Channel(HELP.space, name) for name in ("general", "den"))
    await store.ledger.record([a_channel(general), a_channel(den)])
    for channel in (general, den):
        await store.places.watch(channel, True)
    keys = [channel.key for channel in await store.places.channels() if channel.channel in {HELP, den}]
    await store.outbox.plan(PostKind.BOARD, "board:" + "+".join(map(str, keys)), general, clock.now())
    for channel in (HELP, den, general):
        await store.ledger.record(a_discussion(2, channel))
    seq = await parts.app.catch_up(0)
    [board] = [cardjson.loads(card) for _, card, _ in await store.room.own(general)]
    assert sorted(line for line in words(board).splitlines() if "#" in line) == [
        "- Which tent holds out in a storm? · #den",
        "- Which tent holds out in a storm? · #help",
    ]
    await parts.app.on_event(replace(a_channel(den, private=True), at=clock.now()))
    await parts.app.catch_up(seq)
    [board] = [cardjson.loads(card) for _, card, _ in await store.room.own(general)]
    assert words(board).count("Which tent") == 1
    assert "den" not in json.dumps(cardjson.dumps(board))


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
    seq = await parts.app.catch_up(seq)
    assert await shown(store, None) == []
    for voter, posts in (("Ada", 0), ("Dina", 1)):
        await parts.app.on_event(a_vote(1, voter, at=8.8))
        seq = await parts.app.catch_up(seq)
        assert len(await shown(store, None)) == posts


async def test_notes_stand_below_a_published_highlight_and_change_with_it(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await highlighted(store, parts)
    await parts.app.on_event(a_vote(1, "Zoe", at=8))  # who wrote nothing here
    seq = await parts.app.catch_up(0)
    zoe, dina = an_author("Zoe").member, an_author("Dina").member
    reply = a_message(1).ref

    async def now() -> str:
        nonlocal seq
        seq = await parts.app.catch_up(seq)
        [card] = await shown(store, None)
        return words(card)

    assert "“" not in await now()
    await store.desk.set_note(reply, zoe, "Tried it in a *storm*", clock.now())
    await store.desk.set_note(reply, dina, "So did I", clock.now() + timedelta(seconds=1))
    assert "“Tried it in a storm” — Zoe\n“So did I” — Dina" in await now()
    await store.desk.set_note(reply, zoe, "Twice", clock.now())
    assert "“Twice” — Zoe\n“So did I” — Dina" in await now()
    await store.people.opt_out(zoe, True, clock.now())
    assert "Twice" not in await now()
    await store.people.opt_out(zoe, False, clock.now())
    assert "“Twice” — Zoe" in await now()
    await store.people.erase(zoe, clock.now())
    assert "Twice" not in await now()
    await parts.app.on_event(a_vote(1, "Dina", at=8.5, active=False))
    await parts.app.on_event(a_vote(1, "Gus", at=8.5))
    assert "“" not in await now()


async def test_a_highlight_is_published_though_the_process_died_in_between(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await highlighted(store, parts)
    another = assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic-settings takes it
    await another.app.catch_up(0)
    assert len(await shown(store, None)) == 1


async def test_votes_that_came_before_their_message_publish_it_when_it_comes(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.places.set_space(HELP.space, highlights_channel=HELP.id)
    opening, reply = a_discussion(1)
    for who in ("Ada", "Dina", "Eve"):
        await parts.app.on_event(a_vote(1, who, at=8))
    seq = await parts.app.catch_up(0)
    for event in (opening, reply):
        await parts.app.on_event(event)
    await parts.app.catch_up(seq)
    assert len(await shown(store, None)) == 1


async def test_what_was_found_later_is_not_published_though_somebody_votes_beside_it(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    await highlighted(store, parts, origin=Origin.BACKFILL)
    await parts.app.on_event(a_vote(2, "Ada", at=8))
    await parts.app.catch_up(0)
    assert await shown(store, None) == []


async def test_a_highlight_of_a_private_channel_is_not_published_elsewhere(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    den = Channel(HELP.space, "den")
    await store.ledger.record([a_channel(den, private=True)])
    await store.places.watch(den, True)
    await highlighted(store, parts, channel=den)
    await parts.app.catch_up(0)
    assert await shown(store, None) == []
    known = await store.places.channel(den)
    assert known is not None
    assert await store.outbox.of_subject(f"highlight:{known.key}:{an_id(1)}") is None


async def test_a_published_highlight_goes_when_its_channel_turns_private(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    den = Channel(HELP.space, "den")
    await store.ledger.record([a_channel(den)])
    await store.places.watch(den, True)
    await highlighted(store, parts, channel=den)
    seq = await parts.app.catch_up(0)
    assert len(await shown(store, None)) == 1
    private = replace(a_channel(den, private=True), at=clock.now())
    await parts.app.on_event(private)
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
