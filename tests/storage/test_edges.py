"""Edges of the store: what is not known, who gave up waiting, what was lost on the way, channels that differ."""

import asyncio
from datetime import time, timedelta

import psycopg
import pytest

from bot.models import (
    Channel,
    Event,
    Every,
    MessageDeleted,
    MessageRef,
    Platform,
    PostKind,
    PostState,
    Reach,
    Rule,
    Scope,
    Space,
    Tab,
    Thread,
)
from storage import SqlStore
from tests.makers import HELP, NOON, SPACE, a_channel, a_discussion, a_message, a_moment, a_space, an_id, deleted, seen
from tests.storage.test_writer import Gate, keep, kept

NOWHERE = Channel(SPACE, "nowhere")
OTHER = Channel(Space(Platform.DISCORD, "9"), "talk")


async def test_what_is_done_to_an_unknown_channel_is_an_error_and_changes_nothing(store: SqlStore) -> None:
    await store.ledger.record([a_space()])
    with pytest.raises(KeyError):
        await store.places.watch(NOWHERE, True)
    with pytest.raises(KeyError):
        await store.room.put(MessageRef(NOWHERE, an_id()), None, "{}", "marker", NOON)
    with pytest.raises(KeyError):
        await store.calendar.add_schedule(
            community=1,
            name="Weekly",
            destination=NOWHERE,
            rule=Rule(every=Every.DAILY, at=time(9), zone="UTC"),
            reach=Reach.CHANNEL,
            sources=(),
            say_quiet=False,
            at=NOON,
        )
    with pytest.raises(ValueError, match="no such setting: colour"):
        await store.places.set_space(SPACE, colour="red")
    assert await store.calendar.schedules() == []
    assert await store.places.channel(NOWHERE) is None


async def test_who_gave_up_waiting_for_a_write_disturbs_nobody(store: SqlStore) -> None:
    gate = Gate()
    held = asyncio.create_task(store.database.write(gate))
    await gate.reached()
    impatient, patient = (asyncio.create_task(store.database.write(keep(name))) for name in ("first", "second"))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.open()
    await asyncio.gather(held, patient)
    assert impatient.cancelled()
    assert await kept(store) == ["first", "second"]  # it was queued already, and is durable all the same


async def test_who_lost_the_lease_records_nothing(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    post = await store.outbox.plan(PostKind.CARD, "card:1", HELP, NOON)
    assert post is not None
    await store.outbox.claim("early", NOON, 60)
    await store.outbox.claim("late", a_moment(2), 60)
    await store.outbox.sent(post, "early", MessageRef(HELP, an_id(1)), None)
    await store.outbox.retry(post, "early", "busy", a_moment(9))
    found = await store.outbox.post(post)
    assert found is not None
    assert (found.state, found.ref, found.attempts) == (PostState.PLANNED, None, 0)


async def test_in_progress_is_judged_by_each_spaces_own_patience(store: SqlStore) -> None:
    told: list[Event] = [a_space(), a_space(OTHER.space, "Away"), a_channel(), a_channel(OTHER)]
    await store.ledger.record([*told, *a_discussion(2), *a_discussion(2, OTHER)])
    await store.places.set_space(OTHER.space, quiet_after=3600)
    everything = Scope(channels=frozenset(each.key for each in await store.places.channels()), web=False)
    for hours, expected in ((0.5, {HELP, OTHER}), (2, {HELP}), (25, set())):
        now = a_moment(2) + timedelta(hours=hours)
        page = await store.forum.discussions(everything, Tab.IN_PROGRESS, now)
        assert {each.thread.channel for each in page} == expected
        assert (await store.forum.tab_counts(everything, now))[Tab.IN_PROGRESS] == len(expected)
    nothing = Scope(channels=frozenset(), web=False)
    assert list(await store.forum.discussions(nothing, Tab.IN_PROGRESS, NOON)) == []
    assert await store.forum.busiest(nothing, NOON, 10) == []


async def test_a_deletion_that_names_its_thread_comes_before_everything_else(store: SqlStore) -> None:
    gone = MessageDeleted(ref=MessageRef(HELP, an_id(2)), thread=Thread(HELP, an_id()), at=a_moment(5))
    await store.ledger.record([a_space(), a_channel(), gone])
    await store.ledger.record(a_discussion(3))
    discussion = await store.forum.discussion_of(Thread(HELP, an_id()))
    assert discussion is not None
    assert discussion.count == 3
    assert "Reply 2 about tents." not in [each.text for each in await store.forum.posts(discussion.id)]
    assert (await store.ledger.audit()).drift == 0


async def test_an_opening_post_found_when_all_replies_are_gone_tells_when_it_was_last_active(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), seen(a_message(5, "Late.", thread=0, author="Bo"))])
    await store.ledger.record([seen(a_message(6, "Later.", thread=0, author="Cem")), deleted(5), deleted(6)])
    await store.ledger.record([seen(a_message(0)), deleted(0)])
    discussion = await store.forum.discussion_of(Thread(HELP, an_id()))
    assert discussion is not None
    assert (discussion.count, discussion.last_activity) == (0, NOON)
    assert (await store.ledger.audit()).drift == 0


async def test_a_listener_that_lost_its_connection_begins_anew(store: SqlStore) -> None:
    if store.database.dialect != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    for _ in range(2):
        await store.database.committed(store.database.commits, 0.01)
        lost = await asyncio.to_thread(cut_off, store.database.url)
        assert lost
    heard = store.database.commits
    await store.ledger.record([a_space()])
    await store.database.committed(heard, 5)
    assert store.database.commits > heard


def cut_off(url: str) -> bool:
    """End the connection that listens, as soon as it does."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(20_000):
            found = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            ).fetchall()
            if found:
                return True
    return False
