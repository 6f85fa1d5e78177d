"""The same events in any order, any number of times and in any batches give the same tables."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.models import Channel as Place
from bot.models import (
    Event,
    Kind,
    MessageDeleted,
    MessageRef,
    Platform,
    Space,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
from storage import SqlStore, open_store
from tests.conftest import TEMPLATE, database_in, numbers
from tests.makers import a_channel, a_message, a_moment, a_vote, an_author, an_id, seen

DISCORD = Place(Space(Platform.DISCORD, "1"), "2")
PLACES = (Place(Space(Platform.LOCAL, "local"), "help"), DISCORD)
NAMES = ("Ada", "Bo", "Cem")
ROBOT = "Robo"

# What the tables say, by keys of the platforms: our own numbers follow the order of arrival.
DUMPS = (
    "SELECT c.cid, m.position, m.mid, d.root, m.thread, a.uid, m.kind, m.counted, m.sent_at, m.edited_at, m.deleted_at,"
    " m.text, m.reply_to, m.files, m.url, m.votes, m.picked, m.voted_at FROM message m"
    " JOIN channel c ON c.id = m.channel_id LEFT JOIN member a ON a.id = m.author_id"
    " LEFT JOIN discussion d ON d.id = m.discussion_id",
    "SELECT c.cid, d.key, d.root, d.forced, d.name, d.archived, d.locked, d.gone_at, o.uid, d.opened_at, d.count,"
    " d.replies_ever, d.participants, d.highlights, d.last_at, d.first FROM discussion d"
    " JOIN channel c ON c.id = d.channel_id LEFT JOIN member o ON o.id = d.opener_id",
    "SELECT c.cid, d.root, a.uid, p.n FROM participation p JOIN discussion d ON d.id = p.discussion_id"
    " JOIN channel c ON c.id = d.channel_id JOIN member a ON a.id = p.member_id WHERE p.n <> 0",
    "SELECT p.day, c.cid, d.root, a.uid, p.n FROM activity p JOIN discussion d ON d.id = p.discussion_id"
    " JOIN channel c ON c.id = d.channel_id JOIN member a ON a.id = p.member_id WHERE p.n <> 0",
    "SELECT c.cid, v.position, a.uid, v.source, v.added_at, v.listed_at, v.removed_at, v.withdrawn_at FROM vote v"
    " JOIN channel c ON c.id = v.channel_id JOIN member a ON a.id = v.member_id"
    " WHERE v.added_at > v.removed_at OR v.listed_at > v.removed_at",
    "SELECT s.sid, a.uid, a.name, a.name_at, a.is_bot FROM member a JOIN space s ON s.id = a.space_id",
    "SELECT cid, name, private, info_at, watermark FROM channel",
)


def dump(connection: Connection) -> list[list[tuple[object, ...]]]:
    """Everything that events decide."""
    return [sorted((tuple(row) for row in connection.exec_driver_sql(statement)), key=repr) for statement in DUMPS]


moments = st.integers(0, 5)
people = st.sampled_from((*NAMES, ROBOT))
places = st.sampled_from(PLACES)


@st.composite
def messages(draw: st.DrawFn) -> Event:
    """A message, perhaps an edited snapshot of one, or one that tells less; who wrote what when never varies."""
    minutes, where = draw(moments), draw(places)
    thread = 0 if minutes in {1, 2, 3} else minutes
    edited = draw(st.sampled_from((None, None, 10, 11)))
    text = f"Message {minutes}" + (f", edited at {edited}" if edited else "")
    author, kind = (ROBOT, Kind.BOT) if minutes == 1 else (NAMES[minutes % len(NAMES)], Kind.PERSON)
    message = a_message(minutes, text, thread=thread, author=author, channel=where, edited=edited, kind=kind)
    message = replace(
        message,
        url=draw(st.sampled_from(("", "https://chat.example/1"))),
        files=draw(st.sampled_from(((), ("a", "b")))),
        reply_to=draw(st.sampled_from((None, an_id(0)))),
    )
    return seen(message)


@st.composite
def happenings(draw: st.DrawFn) -> Event:
    """Anything else."""
    minutes, where, at = draw(moments), draw(places), draw(st.integers(100, 110))
    ref = MessageRef(where, an_id(minutes))
    thread = Thread(where, an_id(0))
    event: Event = draw(  # type: ignore[assignment]  # sampled from many kinds
        st.sampled_from(
            (
                MessageDeleted(ref=ref, thread=None, at=a_moment(at)),
                a_vote(minutes, draw(people), at=at, active=draw(st.booleans()), channel=where),
                a_vote(minutes, draw(people), at=at, source=VoteSource.COMMAND, channel=where),
                VotesWithdrawn(ref=ref, voter=an_author(draw(people), space=where.space).member, at=a_moment(at)),
                VotesRead(
                    ref=ref,
                    source=VoteSource.REACTION,
                    voters=tuple(an_author(name, space=where.space) for name in sorted(draw(st.sets(people)))),
                    at=a_moment(at + 0.5),
                ),
                ThreadSeen(thread=thread, at=a_moment(at), name=f"Named at {at}", locked=bool(at % 2)),
                ThreadGone(thread=thread, at=a_moment(at)),
                a_channel(where, private=bool(at % 2)),
            )
        )
    )
    return event


histories = st.lists(messages() | messages() | happenings(), min_size=1, max_size=14)


async def told(url: str, batches: Sequence[Sequence[Event]]) -> list[list[tuple[object, ...]]]:
    """What a fresh store says after being told."""
    store: SqlStore = open_store(url)
    try:
        for batch in batches:
            await store.ledger.record(batch)
        assert (await store.ledger.audit()).drift == 0
        return await store.database.read(dump)
    finally:
        await store.close()


def shuffled(data: st.DataObject, events: Sequence[Event]) -> list[list[Event]]:
    """The same events in another order, some of them again, cut into other batches."""
    again = data.draw(st.lists(st.sampled_from(list(events)), max_size=5))
    order = data.draw(st.permutations([*events, *again]))
    size = data.draw(st.integers(1, len(order)))
    return [list(order[start : start + size]) for start in range(0, len(order), size)]


def consistent(events: Sequence[Event]) -> list[Event]:
    """Leave out what no platform says: two different readings of the same votes, or namings, at one moment."""
    kept: dict[object, Event] = {}
    for event in events:
        match event:
            case VotesRead():
                kept.setdefault(("read", event.ref, event.at), event)
            case ThreadSeen() | ThreadGone():
                kept.setdefault((type(event), event.thread, event.at), event)
            case _:
                kept.setdefault(event, event)
    return list(kept.values())


SLOW_TO_START = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_TO_START)
@given(histories, st.data())
def test_any_order_and_multiplicity_gives_the_same_state_on_sqlite(
    sqlite_template: Path, history: list[Event], data: st.DataObject
) -> None:
    events = consistent(history)
    with TemporaryDirectory() as folder:
        first, second = (Path(folder) / name for name in ("first.db", "second.db"))
        shutil.copy(sqlite_template, first)
        shutil.copy(sqlite_template, second)
        once = asyncio.run(told(f"sqlite:///{first}", [events]))
        other = asyncio.run(told(f"sqlite:///{second}", shuffled(data, events)))
    assert other == once


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW_TO_START)
@given(histories, st.data())
def test_any_order_and_multiplicity_gives_the_same_state_on_postgresql(
    postgresql: str, history: list[Event], data: st.DataObject
) -> None:
    events = consistent(history)
    once = asyncio.run(told(fresh(postgresql), [events]))
    other = asyncio.run(told(fresh(postgresql), shuffled(data, events)))
    assert other == once


def fresh(address: str) -> str:
    """A fresh PostgreSQL database."""
    name = f"folkmoot_{next(numbers)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return database_in(address, name)
