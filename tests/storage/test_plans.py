"""What storing a batch costs: statements that do not grow with it, and none that looks through a whole table."""

from collections.abc import Sequence

import pytest

from bot.models import Channel, Event
from storage import SqlStore
from storage.changes import DIGESTS
from storage.outbox import DIGESTS_OF_CHANNEL, DIGESTS_OF_GONE
from storage.sweeps import ALONE, NEXT, OF_THREAD
from tests.makers import SPACE, a_channel, a_discussion, a_space, a_vote, deleted
from tests.storage.statements import noted, plan

SMALL = {"space", "community", "wanted"}  # tables of a few rows, and the keys that a statement brings


async def statements(store: SqlStore, events: Sequence[Event]) -> list[str]:
    """What it takes to store events."""
    with noted() as found:
        await store.ledger.record(events)
    return found


async def test_ten_times_the_messages_take_no_more_statements(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    few = await statements(store, a_discussion(9, start=0))
    many = await statements(store, a_discussion(99, start=200))
    assert len(many) <= len(few)
    assert len(many) <= 25


async def test_what_is_known_already_writes_nothing_but_the_lookups(store: SqlStore) -> None:
    events = a_discussion(20)
    await store.ledger.record(events)
    before = await store.ledger.last_seq()
    again = await statements(store, events)
    assert not [each for each in again if each.startswith(("INSERT INTO message", "UPDATE message"))]
    assert [each.kind for each in await store.ledger.changes(before) if each.kind.value != "room"] == []


async def test_no_statement_of_the_hot_path_looks_through_a_table(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    await store.ledger.record([a_space(), a_channel()])
    events: list[Event] = [*a_discussion(20), a_vote(3, "Gus"), deleted(20)]
    looked = await statements(store, events[:10]) + await statements(store, events)
    with noted() as taken:
        await store.ledger.take([*events, deleted(3, channel=Channel(SPACE, "nowhere"))])
    scans = {step.split()[1] for each in looked + taken for step in await plan(store, each) if step.startswith("SCAN")}
    assert {each for each in scans - {"CONSTANT"} if not each.isdigit() and "-ROW" not in each} <= SMALL


async def test_the_digests_of_a_discussion_are_looked_up_in_an_index(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    for query in (DIGESTS, DIGESTS_OF_GONE.replace("{keys}", "1"), DIGESTS_OF_CHANNEL.replace("{keys}", "1")):
        steps = [each for each in await plan(store, query) if each.startswith("SCAN")]
        assert not steps, query


async def test_the_next_passage_of_a_sweep_is_looked_up_in_indexes(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    await store.ledger.record([a_space(), a_channel(), *a_discussion(20)])
    for query in (ALONE, NEXT, OF_THREAD):
        steps = [each for each in await plan(store, query) if each.startswith(("SEARCH", "SCAN", "USE TEMP"))]
        assert steps
        assert all(step.startswith("SEARCH") and (" AND position>" in step or " AND root" in step) for step in steps)
