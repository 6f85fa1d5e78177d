"""Reply chains in a channel: what answers a tracked message belongs to it, in whatever order that becomes known."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.models import (
    Channel,
    Discussion,
    Event,
    Kind,
    Message,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Space,
    Thread,
    ThreadSeen,
    VoteCast,
)
from storage import SqlStore, open_store
from tests.conftest import in_memory
from tests.makers import a_message, a_moment, a_vote, an_author, an_id, deleted, seen
from tests.storage.test_order import EXAMPLES, Dump, dump, shuffled
from tests.stores import emptied

CAMP = Channel(Space(Platform.DISCORD, "1"), "2")
NAMES = ("Ada", "Bo", "Cem")
BO = an_author("Bo", space=CAMP.space).member
ROOT = MessageRef(CAMP, an_id(0))


def post(minutes: int, answers: int | None = None, *, edited: int | None = None, author: str = "") -> Message:
    """A message in the channel."""
    name = author or NAMES[minutes % len(NAMES)]
    return a_message(minutes, channel=CAMP, author=name, reply_to=answers, edited=edited)


def told(minutes: int, answers: int | None = None, origin: Origin = Origin.LIVE) -> MessageSeen:
    return seen(post(minutes, answers), origin)


def a_thread(minutes: int, at: float = 100) -> ThreadSeen:
    """Somebody made a thread of the message of a minute."""
    return ThreadSeen(thread=Thread(CAMP, an_id(minutes)), at=a_moment(at), name="Tents")


async def track(store: SqlStore, minutes: int = 0) -> int:
    return await store.desk.track(MessageRef(CAMP, an_id(minutes)), BO, a_moment(200), chain=True)


async def inside(store: SqlStore, minutes: int = 0) -> list[int]:
    """The minutes of all that is shown in a discussion."""
    found = await store.forum.discussion_of(Thread(CAMP, an_id(minutes)))
    if found is None:
        return []
    posts = await store.forum.posts(found.id)
    assert found.count == len([it for it in posts if it.withheld is None and it.counted])
    assert (await store.ledger.audit()).drift == 0
    return [round((it.sent_at - a_moment()).total_seconds() / 60) for it in posts]


async def of(store: SqlStore, minutes: int = 0) -> Discussion:
    found = await store.forum.discussion_of(Thread(CAMP, an_id(minutes)))
    assert found is not None
    return found


CHAIN = [told(0), told(1, 0), told(2, 1), told(3), told(4, 2), told(5, 3)]


async def test_answers_to_a_tracked_message_join_it_and_answers_to_those(store: SqlStore) -> None:
    await store.ledger.record(CHAIN[:1])
    assert await inside(store) == []
    await track(store)
    for event in CHAIN[1:]:
        await store.ledger.record([event])
    assert await inside(store) == [0, 1, 2, 4]
    found = await of(store)
    assert (found.participants, found.last_activity, found.opener_name) == (3, a_moment(4), "Ada")


async def test_answers_that_were_there_before_the_command_join(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    number = await track(store)
    assert await inside(store) == [0, 1, 2, 4]
    assert await track(store) == await track(store, 4) == number  # who is in it tracks it
    assert len(await store.forum.lively([number], a_moment(3))) == 1  # they came live: they may earn a card
    assert await inside(store) == [0, 1, 2, 4]


async def test_a_message_that_nobody_tracks_gathers_nothing(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await store.desk.track(ROOT, BO, a_moment(200))  # as `/discussion start` does: its answers are in its thread
    assert await inside(store) == [0]


async def test_an_answer_seen_before_its_target_joins_when_that_is_seen(store: SqlStore) -> None:
    await store.ledger.record([CHAIN[0]])
    await track(store)
    for event in reversed(CHAIN[1:]):
        await store.ledger.record([event])
    assert await inside(store) == [0, 1, 2, 4]


async def test_a_deleted_answer_leaves_those_to_it_in_the_chain(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store)
    await store.ledger.record([deleted(1, channel=CAMP), seen(post(2, 1, edited=30))])
    assert await inside(store) == [0, 2, 4]
    await store.ledger.record([told(6, 1)])
    assert await inside(store) == [0, 2, 4, 6]


async def test_votes_and_their_undoing_count_for_the_chain(store: SqlStore) -> None:
    await store.ledger.record([*CHAIN, a_vote(4, "Dina", channel=CAMP), a_vote(3, "Dina", channel=CAMP)])
    await track(store)
    assert (await of(store)).highlights == 1
    await store.ledger.record([a_vote(4, "Dina", channel=CAMP, at=400, active=False)])
    assert (await of(store)).highlights == 0


async def test_a_thread_made_of_an_answer_takes_that_along_but_not_what_answers_it(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store)
    inner = seen(a_message(7, thread=1, channel=CAMP, author="Dina"))
    await store.ledger.record([a_thread(1), inner, told(8, 1)])
    assert await inside(store) == [0, 2, 4, 8]
    assert await inside(store, 1) == [1, 7]
    assert (await of(store, 1)).opener_name == "Bo"


async def test_a_thread_made_of_the_tracked_message_joins_in(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store)
    inner = seen(a_message(7, thread=0, channel=CAMP, author="Dina"))
    await store.ledger.record([a_thread(0), inner, told(8, 4)])
    assert await inside(store) == [0, 1, 2, 4, 7, 8]


async def test_of_two_tracked_messages_the_nearer_one_holds(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store, 2)
    await track(store, 0)
    assert await inside(store, 2) == [2, 4]
    assert await inside(store, 0) == [0, 1]
    await store.ledger.record([told(6, 4), told(7, 1)])
    assert await inside(store, 2) == [2, 4, 6]
    assert await inside(store, 0) == [0, 1, 7]


async def test_what_turns_out_to_answer_something_else_leaves_with_all_that_answers_it(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store)
    await store.ledger.record([seen(post(2, 3, edited=30))])
    assert await inside(store) == [0, 1]
    assert (await of(store)).last_activity == a_moment(1)
    await store.ledger.record([seen(post(3, 0, edited=30)), seen(post(2, 2, edited=31))])
    assert await inside(store) == [0, 1, 3, 5]


async def test_what_is_read_again_stands_in_the_channel_and_in_no_thread(store: SqlStore) -> None:
    await store.ledger.record(CHAIN)
    await track(store)
    assert await store.gaps.threads(CAMP, a_moment()) == []
    there = await store.gaps.stored(CAMP, 0, int(an_id(9)))
    assert [ref.id for ref in there] == [an_id(minutes) for minutes in range(6)]
    await store.ledger.record([a_thread(0)])
    assert await store.gaps.threads(CAMP, a_moment()) == [Thread(CAMP, an_id(0))]


async def test_a_chain_links_to_where_it_began(store: SqlStore) -> None:
    root = replace(post(0), url="https://chat.example/0")
    await store.ledger.record([seen(root), told(1, 0)])
    await track(store)
    assert (await of(store)).url == "https://chat.example/0"
    await store.ledger.record([replace(a_thread(0), url="https://chat.example/thread")])
    assert (await of(store)).url == "https://chat.example/thread"


async def test_long_chains_are_followed(store: SqlStore) -> None:
    long = [told(0), *(told(minutes, minutes - 1) for minutes in range(1, 1200))]
    await store.ledger.record(long)
    await track(store)
    assert (await of(store)).count == 1200
    await store.ledger.record([told(1200, 1199)])
    assert (await of(store)).count == 1201
    assert (await store.ledger.audit()).drift == 0


@st.composite
def happenings(draw: st.DrawFn) -> Event:
    """Something about one of few messages, of which that of minute 3 stands in a thread of that of minute 1."""
    minutes = draw(st.integers(0, 4))
    match draw(st.integers(0, 7)):
        case 0:
            return deleted(minutes, at=draw(st.sampled_from((600, 601))), channel=CAMP)
        case 1:
            return a_vote(minutes, draw(st.sampled_from(NAMES)), channel=CAMP, active=draw(st.booleans()))
        case 2:
            return a_thread(draw(st.sampled_from((0, 1, 1, 2))))
        case _:
            message = post(minutes, draw(st.sampled_from((None, 0, 0, 1, 2, 4))), edited=draw(EDITED))
            if minutes == 3:
                message = replace(message, thread=Thread(CAMP, an_id(1)))
            if minutes == 4:
                message = replace(message, kind=draw(st.sampled_from((Kind.PERSON, Kind.BOT))))
            return seen(message, draw(st.sampled_from((Origin.LIVE, Origin.BACKFILL))))


EDITED = st.sampled_from((None, None, 10, 11))
Step = list[Event] | None  # None: the message of minute 0 is tracked


async def what_it_says(store: SqlStore, steps: Sequence[Step]) -> Dump:
    await store.database.write(emptied)
    for step in steps:
        if step is None:
            await track(store)
        else:
            await store.ledger.record(step)
    assert (await store.ledger.audit()).drift == 0
    return await store.database.read(dumped)


def dumped(connection: Connection) -> Dump:
    """What the tables say, and of each message the chain to which its references lead."""
    chains = connection.exec_driver_sql(
        "SELECT m.position, d.root, m.live FROM message m LEFT JOIN discussion d ON d.id = m.chain_id"
    )
    return [*dump(connection), sorted((tuple(row) for row in chains), key=repr)]


Told = Callable[[Sequence[Step]], Dump]


def telling(url: str) -> Iterator[Told]:
    with asyncio.Runner() as runner:
        store = open_store(url)
        try:
            yield lambda steps: runner.run(what_it_says(store, steps))
        finally:
            runner.run(store.close())


@pytest.fixture
def told_sqlite(sqlite_template: Path) -> Iterator[Told]:
    with TemporaryDirectory(dir=in_memory()) as folder:
        shutil.copy(sqlite_template, folder)
        yield from telling(f"sqlite:///{folder}/{sqlite_template.name}")


@pytest.fixture
def told_postgresql(postgresql_url: str) -> Iterator[Told]:
    yield from telling(postgresql_url)


def check(told: Told, history: list[Event], data: st.DataObject) -> None:
    """Compare any order of the events and the command with all at once and the command last."""
    history = [seen(post(0)), *history]
    steps: list[Step] = [*shuffled(data, history)]
    known = next(n for n, step in enumerate(steps, 1) if step and any(_begins(event) for event in step))
    steps.insert(data.draw(st.integers(known, len(steps))), None)
    assert told(steps) == told([history, None]), steps


def _begins(event: Event) -> bool:
    return isinstance(event, MessageSeen | MessageDeleted | VoteCast) and _ref(event) == ROOT


def _ref(event: MessageSeen | MessageDeleted | VoteCast) -> MessageRef:
    return event.message.ref if isinstance(event, MessageSeen) else event.ref


@hypothesis_settings(EXAMPLES, max_examples=40)
@given(st.lists(happenings(), min_size=2, max_size=10), st.data())
def test_any_order_of_a_chain_gives_the_same_state_on_sqlite(
    told_sqlite: Told, history: list[Event], data: st.DataObject
) -> None:
    check(told_sqlite, history, data)


@hypothesis_settings(EXAMPLES, max_examples=8)
@given(st.lists(happenings(), min_size=2, max_size=10), st.data())
def test_any_order_of_a_chain_gives_the_same_state_on_postgresql(
    told_postgresql: Told, history: list[Event], data: st.DataObject
) -> None:
    check(told_postgresql, history, data)
