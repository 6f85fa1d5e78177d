"""The whole core at work: events in, our posts in the local room out, kept true."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from bot import cardjson
from bot.app import App
from bot.cli.run import Parts, assemble
from bot.markup import Link, Tree, plain
from bot.models import (
    Card,
    Channel,
    Discussion,
    Kind,
    Level,
    MessageSeen,
    Origin,
    Post,
    PostKind,
    PostState,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteCast,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
from bot.ports import Summary
from bot.settings import Settings
from bot.summaries import Extract
from storage import SqlStore
from tests.dumps import raw
from tests.makers import (
    HELP,
    SetClock,
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


def links(tree: Tree) -> list[str]:
    """Where a tree's links lead, in order."""
    return [
        url for node in tree for url in ([node.url] if isinstance(node, Link) else links(getattr(node, "children", ())))
    ]


async def test_what_a_card_quotes_is_linked_to_where_it_was_said(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.outbox.plan(PostKind.BOARD, "board:1", HELP, clock.now())
    for event in [*a_discussion(8), a_vote(3, "Ada")]:
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    [card] = await shown(store)
    room = f"/local/help/{THREAD.id}"
    asked, best = (links(field.value) for field in card.fields)
    assert (asked, best) == ([f"/local/help#m{THREAD.id}"], [f"{room}#m{an_id(3)}"])
    [board] = await shown(store, None)
    assert links(board.body) == [room]
    assert [button.url for button in board.buttons] == ["http://127.0.0.1:8080/"]


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


async def test_a_card_that_a_reply_earned_comes_though_the_process_died_in_between(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    another = assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic-settings takes it
    await another.app.catch_up(0)
    assert len(await shown(store)) == 1


@pytest.mark.parametrize(
    ("people", "cards"),
    [("Bo Cem Bo Cem Bo", 0), ("Bo Cem Bo Cem Ada", 1), ("Bo Cem Dina Bo", 0), ("Bo Cem Dina Bo Cem", 1)],
)
async def test_a_card_needs_five_replies_by_three_people(
    store: SqlStore, clock: SetClock, people: str, cards: int
) -> None:
    parts = await running(store, clock)
    await parts.app.on_event(seen(a_message()))
    for number, author in enumerate(people.split(), 1):
        await parts.app.on_event(seen(a_message(number, f"Reply {number}.", thread=0, author=author)))
    await parts.app.catch_up(0)
    assert len(await shown(store)) == cards


async def test_replies_to_an_opening_post_that_is_gone_are_all_counted(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in [*a_discussion(5), deleted(0)]:
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    [card] = await shown(store)
    assert "💬 5 msgs" in words(card)


async def test_a_live_reply_that_a_backfill_brought_before_counts_as_live(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(seen(event.message, Origin.BACKFILL))
    seq = await parts.app.catch_up(0)
    assert await shown(store) == []
    await parts.app.on_event(a_discussion(8)[-1])
    await parts.app.catch_up(seq)
    assert len(await shown(store)) == 1


async def test_a_live_reply_is_a_persons_or_a_bridges(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(seen(event.message, Origin.IMPORT))
    robot = seen(a_message(8.5, "Beep.", thread=0, author="Robo", kind=Kind.BOT))
    await parts.app.on_event(robot)
    seq = await parts.app.catch_up(0)
    assert await shown(store) == []
    await store.places.set_bots(HELP, False, ["robo"])
    await parts.app.on_event(robot)
    await parts.app.catch_up(seq)
    assert len(await shown(store)) == 1


async def test_a_channel_that_nobody_watches_is_not_stored(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.places.watch(HELP, False)
    await parts.app.on_event(seen(a_message()))
    assert (await store.ledger.audit()).messages == 0


async def test_only_what_becomes_of_kept_words_is_kept_of_a_channel_nobody_watches(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    await parts.app.on_event(seen(a_message()))
    await store.places.watch(HELP, False)
    thread, bo = Thread(HELP, an_id(5)), an_author("Bo")
    for event in (
        ThreadSeen(thread=thread, at=clock.now(), name="Tents"),
        ThreadGone(thread=thread, at=clock.now()),
        VotesRead(ref=a_message(6).ref, source=VoteSource.REACTION, voters=(bo,), at=clock.now()),
        VotesWithdrawn(ref=a_message(6).ref, voter=bo.member, at=clock.now()),
        a_vote(6),
        deleted(7),
    ):
        before = await raw(store)
        await parts.app.on_event(event)
        assert await raw(store) == before, event
    await parts.app.on_event(deleted(0))
    assert (await store.ledger.audit()).messages == 0


async def test_another_language_or_zone_is_seen_on_what_stands(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    await store.places.set_space(HELP.space, locale="de")
    await parts.app.catch_up(seq)
    [card] = await shown(store)
    assert "🟢 Diskussion läuft" in words(card)


async def test_the_log_channel_hears_once_of_a_post_that_was_given_up(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    log, den = (Channel(HELP.space, name) for name in ("moderators", "den"))
    await store.ledger.record([a_channel(log, private=True), a_channel(den, private=True)])
    await store.places.set_space(HELP.space, log_channel=log.id)
    for where in (HELP, den, log):
        await store.outbox.plan(PostKind.BOARD, f"board:1:{where.id}", where, clock.now())
    await store.database.write(lambda c: c.exec_driver_sql("UPDATE own_post SET state = 'parked'"))
    for _ in range(2):
        await parts.app.tick()
    told = [words(cardjson.loads(card)).splitlines() for _, card, _ in await store.room.own(log)]
    assert [lines[1] for lines in told] == [
        "A post in #help was given up after five tries.",
        "A post in a channel that not everybody here can open was given up after five tries.",
    ]


async def test_a_post_that_cannot_be_made_is_given_up_and_keeps_no_other_waiting(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    await store.outbox.plan(PostKind.BOARD, "board:nowhere", HELP, clock.now())
    for event in a_discussion(8):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    assert len(await shown(store)) == 1
    for _ in range(5):
        clock.advance(timedelta(hours=1))
        await parts.app.tick()
    [post] = await store.outbox.parked()
    assert post.subject == "board:nowhere"


class Moody(Extract):
    """A summarizer that fails once."""

    failed = False

    @override
    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Summary:
        if not self.failed:
            self.failed = True
            raise RuntimeError("not today")
        return await super().summarize(discussion, posts)


async def test_who_follows_goes_on_after_something_went_wrong(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    moody = Moody()
    app = App(
        store=store,
        clock=clock,
        context=parts.app._context,
        delivery=parts.app._delivery,
        summarizer=moody,
        catch_up=parts.catch_up,
    )
    opening, *replies = a_discussion(8)
    await app.on_event(opening)
    following = asyncio.create_task(app.follow())
    try:
        for event in replies:
            await app.on_event(event)
        async with asyncio.timeout(20):
            while not await shown(store):
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert moody.failed


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


async def highlighted(store: SqlStore, parts: Parts, *, origin: Origin = Origin.LIVE, channel: Channel = HELP) -> None:
    """A reply with three votes, in a space that publishes highlights in #help."""
    await store.places.set_space(HELP.space, highlights_channel=HELP.id)
    for event in [
        *a_discussion(4, channel),
        *(a_vote(1, who, at=8, channel=channel) for who in ("Ada", "Dina", "Eve")),
    ]:
        assert isinstance(event, MessageSeen | VoteCast)
        await parts.app.on_event(replace(event, origin=origin))


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
