"""The whole core at work: events in, our posts in the local room out, kept true."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from itertools import count

import pytest
from sqlalchemy import text
from typing_extensions import override

from bot import cardjson
from bot.app import REMEMBERED
from bot.cli.run import assemble
from bot.models import (
    Channel,
    ChannelSeen,
    Every,
    Kind,
    Lacking,
    Level,
    Origin,
    Platform,
    PostKind,
    Reach,
    Rule,
    Space,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
from bot.questions import questions_of
from bot.setbacks import UNCHANGEABLE
from bot.settings import Settings
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
from tests.rooms import SmallRoom
from tests.running import THREAD, links, running, shown, words


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
    await parts.app.on_events([*a_discussion(8), a_vote(3, "Ada")])
    seq = await parts.app.catch_up(0)
    [card] = await shown(store)
    assert "⭐ 1 highlight ·" in words(card)
    assert "Reply 3 about tents." in words(card)
    await parts.app.on_event(deleted(3))
    await parts.app.catch_up(seq)
    [card] = await shown(store)
    assert "💬 8 msgs · ⭐ 0 highlights" in words(card)
    assert "Reply 3" not in json.dumps([each for _, each, _ in await store.room.own(HELP, THREAD.id)])


async def test_what_a_card_quotes_is_linked_to_where_it_was_said(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.outbox.plan(PostKind.BOARD, "board:1", HELP, clock.now())
    await parts.app.on_events([*a_discussion(8), a_vote(3, "Ada")])
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
    await parts.app.on_events([*a_discussion(5), deleted(0)])
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
        seen(a_message(8, edited=9)),
        deleted(7),
    ):
        before = await raw(store)
        await parts.app.on_event(event)
        assert await raw(store) == before, event
    await parts.app.on_event(seen(a_message(0, "Never mind.", edited=9)))
    assert [each.text for each in await store.forum.channel_posts(1)] == ["Never mind."]
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


async def log_lines(store: SqlStore, log: Channel) -> list[str]:
    """What the log channel was told, the first line of each note."""
    return [words(cardjson.loads(card)).splitlines()[1] for _, card, _ in await store.room.own(log)]


async def test_the_log_channel_hears_of_what_was_given_up_once_for_each_cause(store: SqlStore, clock: SetClock) -> None:
    parts, numbers = await running(store, clock), count(1)
    log, den = (Channel(HELP.space, name) for name in ("moderators", "den"))
    await store.ledger.record([a_channel(log, private=True), a_channel(den, private=True)])
    await store.places.set_space(HELP.space, log_channel=log.id)

    async def ended(reason: str, state: str, *places: Channel) -> None:
        for where in places:
            await store.outbox.plan(PostKind.BOARD, f"board:1:{next(numbers)}", where, clock.now())
        now = int(clock.now().timestamp() * 1000)
        statement = (
            f"UPDATE own_post SET state = '{state}', reason = '{reason}', ended_at = {now} WHERE state = 'planned'"
        )
        await store.database.write(lambda c: c.exec_driver_sql(statement))

    await ended("Missing Access", "parked", HELP, HELP, den, log)
    for _ in range(2):
        await parts.app.tick()
    told = ["2 posts in #help were given up: Missing Access."]
    told += ["1 post in a channel that not everybody here can open was given up: Missing Access."]
    assert await log_lines(store, log) == told
    await ended("Missing Access", "parked", HELP)
    await parts.app.tick()
    assert await log_lines(store, log) == told  # once a day is enough
    clock.advance(timedelta(days=2))
    await ended("Missing Access", "parked", HELP)
    await ended("late", "dropped", HELP, den)
    await parts.app.tick()
    told += ["1 post in #help was given up: Missing Access."]
    told += ["2 posts were dropped: it waited so long that it is no longer news."]
    assert sorted(await log_lines(store, log)) == sorted(told)


async def test_a_rule_of_the_whole_workspace_is_told_of_once_and_not_for_each_card(
    store: SqlStore, clock: SetClock
) -> None:
    parts = await running(store, clock)
    log = Channel(HELP.space, "moderators")
    await store.ledger.record([a_channel(log, private=True)])
    await store.places.set_space(HELP.space, log_channel=log.id)
    statement = "UPDATE own_post SET state = 'parked', reason = :reason WHERE state = 'planned'"
    for days in range(3):
        for n in range(5):
            where = (HELP, Channel(HELP.space, "general"))[n % 2]
            await store.ledger.record([a_channel(where)])
            await store.outbox.plan(PostKind.BOARD, f"board:1:{days}:{n}", where, clock.now())
        await store.database.write(lambda c: c.execute(text(statement), {"reason": UNCHANGEABLE}))
        await parts.app.tick()
        clock.advance(timedelta(days=1))
    assert await log_lines(store, log) == [
        "5 posts can no longer be kept up to date: this workspace's rule for editing messages does not let me change"
        " what I posted earlier."
    ]


async def test_the_log_channel_hears_of_a_channel_that_left_the_web(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    log, den = (Channel(HELP.space, name) for name in ("moderators", "den"))
    await store.ledger.record([a_channel(log, private=True), a_channel(den)])
    await store.places.set_space(HELP.space, log_channel=log.id)
    for channel in (HELP, den):
        await store.places.watch(channel, True)
    await store.places.set_level(HELP, Level.WEB, 0)
    for channel in (HELP, den):  # one of them was not on the web
        for _ in range(2):
            clock.advance(timedelta(seconds=1))
            await parts.app.on_event(replace(a_channel(channel, private=True), at=clock.now()))
    await parts.app.tick()
    assert await log_lines(store, log) == ["#help is off the web, because it is not open to everybody any more."]


class Examined(SmallRoom):
    """A platform that counts how often it is asked what is missing."""

    times = 0

    @override
    async def examine(self, channels: Sequence[Channel]) -> Sequence[Lacking]:
        self.times += 1
        return await super().examine(channels)


async def test_only_who_may_keep_words_from_us_is_asked_whether_they_do(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    rooms = {each: Examined(store, clock, Space(each, "1")) for each in (Platform.DISCORD, Platform.SLACK)}
    for platform, room in rooms.items():
        await store.ledger.record([a_space(room.space, hosted=False)])
        parts.adapters[platform] = room  # type: ignore[index]  # a dictionary
        await parts.app.on_stream(room.space)
    for _ in range(2):
        await parts.app.tick()
    assert {platform: room.times for platform, room in rooms.items()} == {Platform.DISCORD: 1, Platform.SLACK: 0}


async def test_the_log_channel_hears_of_a_digest_that_came_to_nothing(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    log, tea = Channel(HELP.space, "moderators"), Channel(HELP.space, "tea")
    await store.ledger.record([a_channel(log, private=True), a_channel(tea)])
    await store.places.set_space(HELP.space, log_channel=log.id)
    known = await store.places.channel(tea)
    assert known is not None
    rule = Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin")
    await store.calendar.add_schedule(
        community=known.community, name="Evening", destination=tea, rule=rule, reach=Reach.SPACE, sources=(),
        say_quiet=True, at=clock.now(),
    )  # fmt: skip
    await store.ledger.record([ChannelSeen(info=replace(known.info, archived=True), at=a_moment(60))])
    for hours in (4, 24, 24):
        clock.advance(timedelta(hours=hours))
        await parts.app.tick()
        await parts.app.tick()
    assert await log_lines(store, log) == [
        "“Evening”, 3 Aug 2026, 18:00, was not posted: the channel it goes to is archived."
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


async def test_words_that_were_analysed_leave_memory_within_minutes(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(2):
        await parts.app.on_event(event)
    await parts.app.catch_up(0)
    await parts.app.tick()
    assert questions_of.cache_info().currsize
    clock.advance(REMEMBERED)
    await parts.app.tick()
    assert not questions_of.cache_info().currsize
