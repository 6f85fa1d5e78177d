"""What storing a batch costs: statements that do not grow with it, and none that looks through a whole table."""

from collections.abc import Sequence

import pytest
from sqlalchemy import event

from bot.models import Event
from storage import SqlStore
from tests.makers import a_channel, a_discussion, a_space, a_vote, deleted

SMALL = {"space", "community", "wanted"}  # tables of a few rows, and the keys that a statement brings
Values = tuple[object, ...] | list[tuple[object, ...]]


class Statements:
    """Every statement that the writer runs, with its values."""

    def __init__(self, store: SqlStore) -> None:
        self.all: list[tuple[str, tuple[object, ...]]] = []
        event.listen(store.database._writing, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, values: Values, *_: object) -> None:
        self.all.append((statement, values[0] if isinstance(values, list) else values))

    async def of(self, store: SqlStore, events: Sequence[Event]) -> int:
        """How many it took to store events."""
        self.all.clear()
        await store.ledger.record(events)
        return len(self.all)


async def test_ten_times_the_messages_take_no_more_statements(store: SqlStore) -> None:
    statements = Statements(store)
    await store.ledger.record([a_space(), a_channel()])
    few = await statements.of(store, a_discussion(9, start=0))
    many = await statements.of(store, a_discussion(99, start=200))
    assert many <= few
    assert many <= 25


async def test_what_is_known_already_writes_nothing_but_the_lookups(store: SqlStore) -> None:
    events = a_discussion(20)
    await store.ledger.record(events)
    before, statements = await store.ledger.last_seq(), Statements(store)
    await store.ledger.record(events)
    assert not [each for each, _ in statements.all if each.startswith(("INSERT INTO message", "UPDATE message"))]
    assert [each.kind for each in await store.ledger.changes(before) if each.kind.value != "room"] == []


async def test_no_statement_of_the_hot_path_looks_through_a_table(store: SqlStore) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("PostgreSQL rightly scans tables as small as a test's")
    statements = Statements(store)
    await store.ledger.record([a_space(), a_channel()])
    events: list[Event] = [*a_discussion(20), a_vote(3, "Gus"), deleted(20)]
    await statements.of(store, events[:10])
    looked = list(statements.all)
    await statements.of(store, events)
    looked += statements.all
    scans = set()
    for statement, values in looked:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            plan = await store.database.read(
                lambda c, s=statement, v=values: [  # type: ignore[misc]  # run at once
                    row[3] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", v)
                ]
            )
            scans |= {step.split()[1] for step in plan if step.startswith("SCAN") and "CONSTANT" not in step}
    assert {each for each in scans if not each.isdigit() and "-ROW" not in each} <= SMALL
