"""The same events in any order, any number of times and in any batches give the same tables."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.models import (
    Author,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    Kind,
    MemberRef,
    MessageDeleted,
    MessageRef,
    Platform,
    Space,
    SpaceGone,
    SpaceInfo,
    SpaceSeen,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteCast,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
from bot.models import Channel as Place
from storage import SqlStore, open_store
from storage.sql import one
from tests.conftest import in_memory
from tests.makers import HELP, a_message, a_moment, a_vote, an_author, an_id, deleted, seen
from tests.stores import emptied

DISCORD = Place(Space(Platform.DISCORD, "1"), "2")
SLACK = Place(Space(Platform.SLACK, "T1"), "C1")
NAMES = ("Ada", "Bo", "Cem")
ROBOT = "Robo"

# What the tables say, by keys of the platforms: our own numbers follow the order of arrival.
DUMPS = (
    "SELECT c.cid, m.position, m.mid, d.root, m.thread, a.uid, m.kind, m.counted, m.sent_at, m.edited_at, m.deleted_at,"
    " m.text, m.reply_to, m.files, m.url, m.votes, m.picked, m.voted_at FROM message m"
    " JOIN channel c ON c.id = m.channel_id LEFT JOIN member a ON a.id = m.author_id"
    " LEFT JOIN discussion d ON d.id = m.discussion_id",
    "SELECT c.cid, d.key, d.root, d.forced, d.info_at, d.name, d.archived, d.archive_after, d.locked, d.private, d.url,"
    " d.gone_at, o.uid, d.opened_at, d.count, d.replies_ever, d.participants, d.highlights, d.last_at,"
    " d.live_at, d.first, d.stored, d.state_at, d.tagged"
    " FROM discussion d JOIN channel c ON c.id = d.channel_id LEFT JOIN member o ON o.id = d.opener_id",
    "SELECT c.cid, d.root, a.uid, p.n FROM participation p JOIN discussion d ON d.id = p.discussion_id"
    " JOIN channel c ON c.id = d.channel_id JOIN member a ON a.id = p.member_id WHERE p.n <> 0",
    "SELECT p.day, c.cid, d.root, a.uid, p.n FROM activity p JOIN discussion d ON d.id = p.discussion_id"
    " JOIN channel c ON c.id = d.channel_id JOIN member a ON a.id = p.member_id WHERE p.n <> 0",
    "SELECT c.cid, v.position, a.uid, v.source, v.added_at, v.listed_at, v.removed_at, v.withdrawn_at FROM vote v"
    " JOIN channel c ON c.id = v.channel_id JOIN member a ON a.id = v.member_id",
    "SELECT c.cid, r.position, r.source, r.read_at FROM vote_read r JOIN channel c ON c.id = r.channel_id",
    "SELECT s.sid, a.uid, a.name, a.name_at, a.is_bot FROM member a JOIN space s ON s.id = a.space_id",
    "SELECT cid, info_at, name, private, nsfw, connect, guests, forum, archived, url, watermark, removed_at"
    " FROM channel",
    "SELECT s.sid, s.info_at, s.removed_at, s.name, s.hosted, s.invite_url, o.name FROM space s"
    " JOIN community o ON o.id = s.community_id",
)
Dump = list[list[tuple[object, ...]]]
Told = Callable[[Sequence[Sequence[Event]]], Dump]


def dump(connection: Connection) -> Dump:
    """Everything that events decide."""
    return [sorted((tuple(row) for row in connection.exec_driver_sql(statement)), key=repr) for statement in DUMPS]


async def what_it_says(store: SqlStore, batches: Sequence[Sequence[Event]]) -> Dump:
    """What an emptied store says after being told."""
    await store.database.write(emptied)
    for batch in batches:
        await store.ledger.record(batch)
    assert (await store.ledger.audit()).drift == 0
    return await store.database.read(dump)


def telling(url: str) -> Iterator[Told]:
    """One store for all the examples of a test: a database for each would take longer than all they look at."""
    with asyncio.Runner() as runner:
        store = open_store(url)
        try:
            yield lambda batches: runner.run(what_it_says(store, batches))
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


flags = st.booleans()
people = st.sampled_from((*NAMES, ROBOT))
shown = st.sampled_from(("", "Ada", "ada", "\u00c4da", "Zed"))  # databases sort these differently
urls = st.sampled_from(("", "https://chat.example/1"))
times = st.integers(100, 101).map(a_moment)


def id_in(place: Place, minutes: int) -> str:
    """The id of a message sent so many minutes after noon."""
    number = an_id(minutes)
    return f"{number[:-6]}.{number[-6:]}" if place.space.platform is Platform.SLACK else number


def thread_in(place: Place, minutes: int) -> Thread:
    """The thread that the message of a minute is in: those of minutes 1 to 3 are replies to the one of minute 0."""
    return Thread(place, id_in(place, 0 if minutes in {1, 2, 3} else minutes))


@st.composite
def authors(draw: st.DrawFn, name: str, place: Place) -> Author:
    """Somebody under one of their names; a bot is not always known to be one."""
    return replace(
        an_author(name, space=place.space),
        name=name if name == "Cem" else draw(shown),
        is_bot=name == ROBOT and draw(flags),
    )


@st.composite
def messages(draw: st.DrawFn, place: Place, minutes: int) -> Event:
    """A message, perhaps an edited snapshot of one, or one that tells less; who wrote where and when never varies."""
    author = ROBOT if minutes == 1 else NAMES[minutes % len(NAMES)]
    kinds = {1: [Kind.BOT], 2: [Kind.PERSON, Kind.BOT, Kind.ADDRESS]}  # an edit may tell, or make, another kind of 2
    message = a_message(minutes, draw(st.sampled_from(("Same", "other", "\u00dcnlike", ""))), channel=place)
    return seen(
        replace(
            message,
            ref=MessageRef(place, id_in(place, minutes)),
            thread=thread_in(place, minutes),
            author=draw(authors(author, place)),
            kind=draw(st.sampled_from(kinds.get(minutes, [Kind.PERSON]))),
            edited_at=draw(st.sampled_from((None, None, a_moment(10), a_moment(11)))),
            url=draw(urls),
            files=draw(st.sampled_from(((), ("a", "b"), ("B",)))),
            reply_to=draw(st.sampled_from((None, id_in(place, 0), id_in(place, 1)))),
        )
    )


@st.composite
def votes(draw: st.DrawFn, place: Place, minutes: int) -> Event:
    """A vote, a reading of all votes, or an Undo."""
    ref, at = MessageRef(place, id_in(place, minutes)), draw(times)
    source = draw(st.sampled_from(tuple(VoteSource)))
    voter = draw(authors(draw(people), place))
    match draw(st.integers(0, 3)):
        case 0:
            return VotesWithdrawn(ref=ref, voter=voter.member, at=at)
        case 1:
            voters = tuple(draw(authors(name, place)) for name in sorted(draw(st.sets(people))))
            source = draw(st.sampled_from((VoteSource.REACTION, VoteSource.COPY)))
            return VotesRead(ref=ref, source=source, voters=voters, at=at)
        case _:
            return VoteCast(ref=ref, voter=voter, source=source, active=draw(flags), at=at)


@st.composite
def endings(draw: st.DrawFn, place: Place, minutes: int) -> Event:
    """Something is gone."""
    thread, at = thread_in(place, minutes), draw(times)
    whole = draw(st.sampled_from((None, ThreadGone(thread=thread, at=at), ChannelGone(channel=place, at=at),
                                  SpaceGone(space=place.space, at=at))))  # fmt: skip
    if whole is not None:
        return whole
    ref = MessageRef(place, id_in(place, minutes))
    return MessageDeleted(ref=ref, thread=draw(st.sampled_from((None, thread))), at=at)


@st.composite
def tidings(draw: st.DrawFn, place: Place, minutes: int) -> Event:
    """What a thread, a channel or a space is now."""
    at = draw(times) + timedelta(microseconds=draw(st.integers(0, 1)))
    match draw(st.integers(0, 3)):
        case 0:
            space = st.builds(SpaceInfo, space=st.just(place.space), name=shown, hosted=flags, invite_url=urls)
            return SpaceSeen(info=draw(space), at=at)
        case 1:
            kinds = dict.fromkeys(("private", "nsfw", "connect", "guests", "forum", "archived"), flags)
            channel = st.builds(ChannelInfo, channel=st.just(place), name=shown, url=urls, **kinds)
            return ChannelSeen(info=draw(channel), at=at)
        case _:
            return ThreadSeen(
                thread=thread_in(place, minutes), at=at, name=draw(shown), archived=draw(flags), locked=draw(flags),
                archive_after=draw(st.sampled_from((None, 60, 3600))), private=draw(flags), url=draw(urls),
                solved=draw(st.sampled_from((None, True, False))),
            )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Some events about few things, so that many are about the same."""
    places = draw(st.lists(st.sampled_from((HELP, DISCORD, SLACK)), min_size=1, max_size=2, unique=True))
    minutes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True))
    kinds = draw(st.sampled_from(((messages,), (votes,), (tidings,), (messages, votes, endings, tidings))))
    of_what = st.tuples(st.sampled_from((*kinds, messages)), st.sampled_from(places), st.sampled_from(minutes))
    return [draw(kind(place, minute)) for kind, place, minute in draw(st.lists(of_what, min_size=2, max_size=14))]


def shuffled(data: st.DataObject, events: Sequence[Event]) -> list[list[Event]]:
    """The same events in another order, some of them again, cut into other batches."""
    again = data.draw(st.lists(st.sampled_from(list(events)), max_size=5))
    order = data.draw(st.permutations([*events, *again]))
    size = data.draw(st.sampled_from((1, 1, 2, len(order))))
    return [list(order[start : start + size]) for start in range(0, len(order), size)]


def check(told: Told, history: list[Event], batches: list[list[Event]]) -> None:
    """Compare what is told in batches with what is told at once; if it differs, leave out all that it does not take.

    Hypothesis would look for the smallest example itself, but for longer than a test may take.
    """
    if told(batches) == told([history]):
        return
    for event in dict.fromkeys(history):
        fewer = [each for each in history if each != event]
        less = [[each for each in batch if each != event] for batch in batches]
        if told(less) != told([fewer]):
            history, batches = fewer, less
    batches = [batch for batch in batches if batch]
    assert told(batches) == told([history]), batches


EXAMPLES = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
    report_multiple_bugs=False,
    print_blob=True,
)


def try_orders(told: Told, examples: int) -> None:
    """Try so many histories, each in another order than it came in."""

    @settings(EXAMPLES, max_examples=examples)
    @given(histories(), st.data())
    def any_order(history: list[Event], data: st.DataObject) -> None:
        check(told, history, shuffled(data, history))

    any_order()


NAMED = pytest.param(5_000, marks=[pytest.mark.soak, pytest.mark.timeout(4800)])


@pytest.mark.parametrize("examples", [60, NAMED])
def test_any_order_and_multiplicity_gives_the_same_state_on_sqlite(told_sqlite: Told, examples: int) -> None:
    try_orders(told_sqlite, examples)


@pytest.mark.parametrize("examples", [20, NAMED])
def test_any_order_and_multiplicity_gives_the_same_state_on_postgresql(told_postgresql: Told, examples: int) -> None:
    try_orders(told_postgresql, examples)


AT = a_moment(100)


def a_reading(at: datetime, *voters: str) -> VotesRead:
    return VotesRead(
        ref=MessageRef(HELP, an_id(0)),
        source=VoteSource.REACTION,
        voters=tuple(an_author(name) for name in voters),
        at=at,
    )


def a_channel_told(name: str, *, private: bool = False, guests: bool = False) -> ChannelSeen:
    return ChannelSeen(info=ChannelInfo(channel=HELP, name=name, private=private, guests=guests), at=AT)


def a_thread_told(*, locked: bool = False, url: str = "", after: timedelta = timedelta()) -> ThreadSeen:
    return ThreadSeen(thread=Thread(HELP, an_id(0)), at=AT + after, name="Tents", locked=locked, url=url)


def a_space_told(name: str, at: datetime = AT, *, invite: str = "") -> SpaceSeen:
    return SpaceSeen(info=SpaceInfo(space=HELP.space, name=name, invite_url=invite), at=at)


def a_reply(kind: Kind = Kind.PERSON, edited: float | None = None, channel: Place = DISCORD) -> Event:
    return seen(a_message(2, thread=0, author="Cem", channel=channel, kind=kind, edited=edited))


def under_a_name(name: str) -> VoteCast:
    vote = a_vote(0, "Ada", at=100)
    return replace(vote, voter=Author(member=MemberRef(HELP.space, "ada"), name=name))


LISTED = "SELECT votes FROM message"
# What once depended on the order of arrival: events, a question, the answer in any order.
ONCE: dict[str, tuple[tuple[Event, ...], str, object]] = {
    "of two statements about a channel at one moment the more private one holds": (
        (a_channel_told("help"), a_channel_told("help", private=True), a_channel_told("z", guests=True)),
        "SELECT private FROM channel",
        True,
    ),
    "of two statements about a thread at one moment one holds": (
        (a_thread_told(), a_thread_told(locked=True), a_thread_told(url="https://chat.example/1")),
        "SELECT locked FROM discussion",
        True,
    ),
    "less than a millisecond is one moment": (
        (a_thread_told(locked=True), a_thread_told(after=timedelta(microseconds=1))),
        "SELECT locked FROM discussion",
        True,
    ),
    "of two statements about a space at one moment one holds": (
        (a_space_told("Camp"), a_space_told("Camp", invite="https://chat.example/join")),
        "SELECT invite_url FROM space",
        "https://chat.example/join",
    ),
    "a community goes by its space's newest name": (
        (a_space_told("Camp"), a_space_told("Base", a_moment(101)), a_space_told("Hill", a_moment(102))),
        "SELECT name FROM community",
        "Hill",
    ),
    "an older reading of votes brings nothing back": (
        (seen(a_message(0)), a_reading(a_moment(101), "Cem"), a_reading(AT, "Bo", "Cem")),
        LISTED,
        1,
    ),
    "who is missing from one of two readings of one moment has no vote": (
        (seen(a_message(0)), a_reading(AT, "Bo", "Cem"), a_reading(AT, "Cem", "Dina")),
        LISTED,
        1,
    ),
    "a name is the one that sorts later everywhere": (
        (under_a_name("Zed"), under_a_name("ada"), under_a_name("Ada")),
        "SELECT name FROM member",
        "ada",
    ),
    "a deletion alone puts no reply into a discussion": (
        (
            MessageDeleted(ref=deleted(2).ref, thread=Thread(HELP, an_id(0)), at=AT),
            seen(a_message(1, thread=0, author="Bo")),
        ),
        "SELECT count(*) FROM message WHERE discussion_id IS NULL",
        1,
    ),
    "who turns out to be a bot opens nothing": (
        (a_reply(), a_reply(Kind.BOT, edited=10), seen(a_message(3, thread=0, author="Ada", channel=DISCORD))),
        "SELECT a.uid FROM discussion d JOIN member a ON a.id = d.opener_id",
        "ada",
    ),
    "a reply stays in its thread, whoever takes it for the beginning of another": (
        (seen(a_message(0)), seen(a_message(1, thread=0, author="Bo")), seen(a_message(2, thread=1, author="Cem"))),
        "SELECT count FROM discussion ORDER BY root LIMIT 1",
        2,
    ),
}


@pytest.mark.parametrize("case", ONCE)
def test_what_once_followed_the_order_of_arrival(database_url: str, case: str) -> None:
    events, question, answer = ONCE[case]
    with asyncio.Runner() as runner:
        store = open_store(database_url)
        try:
            together = runner.run(what_it_says(store, [events]))
            for order in permutations(events):
                assert runner.run(what_it_says(store, [[event] for event in order])) == together
                said = runner.run(store.database.read(lambda connection: one(connection, question)))
                assert tuple(said) == (answer,)
        finally:
            runner.run(store.close())
