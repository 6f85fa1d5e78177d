"""Plain SQL with tuples for the paths where it matters; `?` stands for a value on every database."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, CursorResult

Row = Sequence[Any]
CHUNK = 400  # rows a statement: keeps under SQLite's bound on values


def _text(connection: Connection, statement: str) -> str:
    """Write the statement as the driver wants it."""
    if connection.dialect.name == "sqlite":
        return statement
    return statement.replace("%", "%%").replace("?", "%s")


def run(connection: Connection, statement: str, values: Sequence[Any] = ()) -> CursorResult[Any]:
    """Run one statement."""
    return connection.exec_driver_sql(_text(connection, statement), tuple(values))


def many(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run one statement for many rows of values."""
    if rows:
        values = list(rows) if isinstance(rows[0], tuple) else [tuple(row) for row in rows]
        connection.exec_driver_sql(_text(connection, statement), values)


def rows(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """Run a query for all its rows, as the driver's own tuples."""
    result = run(connection, statement, values)
    cursor: Any = result.cursor  # it has one: whatever comes here is a query
    found: list[Any] = cursor.fetchall()
    result.close()
    return found


def one(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - a row of any shape
    """Run a query for its first row, None if there is none."""
    return run(connection, statement, values).fetchone()


def number(connection: Connection, statement: str, values: Sequence[Any] = ()) -> int:
    """Run a query for one whole number, 0 if there is none."""
    found = one(connection, statement, values)
    return int(found[0]) if found is not None and found[0] is not None else 0


def marks(count: int) -> str:
    """The placeholders of an IN list."""
    return ",".join("?" * count)


def chunks(keys: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Cut keys into lists of at most `size`."""
    rest = iter(keys)
    while batch := list(islice(rest, size)):
        yield batch


def by_keys(connection: Connection, statement: str, keys: Iterable[Any]) -> list[Any]:
    """Run a query with `{keys}` in it for many keys; all rows together, in no order.

    For single values it stands in an IN list. For tuples it is a table with `column1`, `column2` …, to be joined with
    CROSS JOIN: SQLite then looks each key up, where for `(a, b) IN (VALUES …)` it reads the whole index. It must be
    compared with `=`: there may be more keys in it than asked for, of NULLs.
    """
    found: list[Any] = []
    for batch in chunks(sorted(set(keys))):
        more = _rounded(len(batch)) - len(batch)
        if isinstance(batch[0], tuple):
            asked = [*batch, *[(None,) * len(batch[0])] * more]
            found += rows(
                connection, statement.replace("{keys}", wanted(asked)), [each for key in asked for each in key]
            )
        else:
            found += rows(connection, statement.replace("{keys}", marks(len(batch) + more)), [*batch, *[None] * more])
    return found


def _rounded(size: int) -> int:
    """The next of few sizes: a statement that comes again need not be prepared again, which takes longer than it."""
    return min(1 << (size - 1).bit_length(), CHUNK)


def wanted(keys: Sequence[Row]) -> str:
    """The table of some keys, without their values."""
    group = "(" + marks(len(keys[0])) + ")"
    return "(VALUES " + ",".join([group] * len(keys)) + ") AS wanted"
