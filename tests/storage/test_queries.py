"""What reading costs: as many statements whatever is found, and none that looks through all messages."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.models import Channel, MessageRef, Place, PostKind, Scope, Tab, Thread
from bot.ports import Posts
from storage import SqlStore
from tests.makers import HELP, NOON, a_channel, a_discussion, a_moment, a_space, a_vote, an_author, an_id
from tests.storage.statements import noted, plan

NOW = a_moment(600)
WEEK = timedelta(days=7)
Read = Callable[[SqlStore, Scope], Awaitable[object]]
ADA = an_author("Ada").member
REF = MessageRef(HELP, an_id(1))
CALM = Channel(HELP.space, "calm")
BEFORE = Place(at=2**50, id=2**40)

# Every read of the forum, by what it may look through from one end to the other.
READS: dict[str, tuple[Read, set[str]]] = {
    "index": (lambda store, scope: store.forum.discussions(scope, Tab.ALL, NOW), set()),
    "next page": (lambda store, scope: store.forum.discussions(scope, Tab.ALL, NOW, before=BEFORE), set()),
    "in progress": (lambda store, scope: store.forum.discussions(scope, Tab.IN_PROGRESS, NOW), set()),
    "waiting": (lambda store, scope: store.forum.discussions(scope, Tab.WAITING, NOW), set()),
    "concluded": (lambda store, scope: store.forum.discussions(scope, Tab.CONCLUDED, NOW), set()),
    "tabs": (lambda store, scope: store.forum.tab_counts(scope, NOW), {"d"}),
    "board": (lambda store, scope: store.forum.busiest(scope, NOW, 10), set()),
    "recent": (lambda store, scope: store.forum.recent(scope), set()),
    "discussion": (lambda store, _: store.forum.discussion(1), set()),
    "of a thread": (lambda store, _: store.forum.discussion_of(Thread(HELP, an_id())), set()),
    "containing": (lambda store, _: store.forum.containing(REF), set()),
    "opening": (lambda store, _: store.forum.opening(1), set()),
    "posts": (lambda store, _: store.forum.posts(1), set()),
    "excerpt": (lambda store, _: store.forum.excerpt(1), set()),
    "newest": (lambda store, _: store.forum.newest(1), set()),
    "best": (lambda store, _: store.forum.best(1), set()),
    "post": (lambda store, _: store.forum.post(REF), set()),
    "channel": (lambda store, _: store.forum.channel_posts(1), set()),
    "highlights": (lambda store, scope: store.forum.highlights(scope), set()),
    "highlights since": (lambda store, scope: store.forum.highlights(scope, NOON, before=BEFORE), set()),
    "search": (lambda store, scope: store.forum.search(scope, "tents"), {"t"}),
    "ranked": (lambda store, scope: store.forum.search(scope, "tents", ranked=True), {"t"}),
    "questions": (lambda store, _: store.forum.questions(1), set()),
    "catching up": (lambda store, scope: store.forum.since_last_seen(scope, ADA, NOON), set()),
    "held": (lambda store, _: store.forum.held(REF), set()),
    "vote": (lambda store, _: store.forum.has_vote(REF, ADA), set()),
    "window": (lambda store, scope: store.calendar.window(scope, NOON - WEEK, NOON + WEEK, 7), set()),
    "a day": (lambda store, scope: store.calendar.window(scope, NOON, NOON + timedelta(days=1), 8), set()),
    "unsettled": (lambda store, _: store.ledger.unsettled(50), set()),
    "outbox": (lambda store, _: store.outbox.claim("me", NOW, 60), set()),
    "last act": (lambda store, _: store.people.last_act(ADA), set()),
    "room": (lambda store, _: store.room.last_position(HELP.space), set()),
}
MOST = {
    "excerpt": 5,
    "highlights": 5,
    "highlights since": 5,
    "window": 17,
    "a day": 12,
    "outbox": 14,
}  # statements; others take no more than four
SMALL = {"s", "c", "k", "space", "channel"}  # tables of a few rows, kept in a cache by who reads them often


BUSY = (Posts(CALM), Thread(CALM, an_id(1)), Thread(CALM, an_id(2)), Posts(Channel(HELP.space, "calmer")))
# Reads whose values are others each time: of a number.
ANEW: dict[str, Callable[[SqlStore, Scope, int], Awaitable[object]]] = {
    "outbox": lambda store, _, n: store.outbox.claim("me", NOW, 60, limit=1, busy=BUSY[:n], had={HELP: n}),
    "lively": lambda store, _, n: store.forum.lively([1, 2], a_moment(-n)),
    "catching up": lambda store, scope, n: store.forum.since_last_seen(scope, ADA, a_moment(-n)),
    "window": lambda store, scope, n: store.calendar.window(scope, NOON, a_moment(62) + timedelta(seconds=n + 1), 7),
}


async def the_scope(store: SqlStore) -> Scope:
    return Scope(channels=frozenset(each.key for each in await store.places.channels()))


async def talk(store: SqlStore, start: int, end: int) -> None:
    """Discussions an hour apart, with a vote each, all in the search and with a card."""
    for n in range(start, end):
        await store.ledger.record([*a_discussion(4, start=60 * n), a_vote(60 * n + 1, "Ada", at=60 * n + 2)])
        await store.outbox.plan(PostKind.CARD, f"card:{n}", HELP, NOW)
    await store.ledger.index_text()


@pytest.mark.parametrize("name", READS)
async def test_a_read_takes_as_many_statements_whatever_it_finds(store: SqlStore, name: str) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("the statements are the same")
    read, _ = READS[name]
    await store.ledger.record([a_space(), a_channel()])
    await talk(store, 0, 2)
    scope = await the_scope(store)
    with noted() as few:
        await read(store, scope)
    await talk(store, 2, 9)
    await store.places.channels()
    with noted() as many:
        await read(store, scope)
    assert len(many) <= len(few)
    assert len(few) <= MOST.get(name, 4)


@pytest.mark.parametrize("name", ANEW)
async def test_other_values_make_no_other_statement(store: SqlStore, name: str) -> None:
    """Each statement is prepared and kept; those that come only once put out all others."""
    read = ANEW[name]
    await store.ledger.record([a_space(), a_channel()])
    await talk(store, 0, 3)
    await store.places.channels()
    scope = await the_scope(store)
    with noted() as first:
        await read(store, scope, 0)
    with noted() as second:
        await read(store, scope, 3)
    assert first == second
    assert len(first) > 1


@pytest.mark.parametrize("name", READS)
async def test_a_read_finds_everything_by_an_index(store: SqlStore, name: str) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    read, whole = READS[name]
    await store.ledger.record([a_space(), a_channel()])
    await talk(store, 0, 3)
    scope = await the_scope(store)
    with noted() as found:
        await read(store, scope)
    steps = [step for each in found if each.startswith("SELECT") for step in await plan(store, each)]
    scans = {step.split()[1] for step in steps if step.startswith("SCAN") and " USING INDEX" not in step}
    assert {each for each in scans if each != "CONSTANT" and not each.startswith("(subquery")} <= whole | SMALL
    if name in {"index", "next page", "highlights", "search"}:
        assert not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step]


async def test_a_window_reads_messages_by_time_and_from_the_index_alone(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    await store.ledger.record([a_space(), a_channel()])
    await talk(store, 0, 3)
    await store.database.write(lambda connection: connection.exec_driver_sql("ANALYZE"))
    scope = await the_scope(store)
    with noted() as found:
        await store.calendar.window(scope, NOON - WEEK, NOON + WEEK, 7)
    said = [each for each in found if "FROM message m WHERE m.sent_at" in each]
    assert said
    for each in said:
        assert "USING COVERING INDEX ix_message_sent_at" in " ".join(await plan(store, each))
