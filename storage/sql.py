"""Plain SQL with tuples for the paths where it matters; `?` stands for a value on every database."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Row = Sequence[Any]
CHUNK = 400  # rows a statement: keeps under SQLite's bound on values


def _text(connection: Connection, statement: str) -> str:
    """Write the statement as the driver wants it."""
    if connection.dialect.name == "sqlite":
        return statement
    return statement.replace("%", "%%").replace("?", "%s")


def run(connection: Connection, statement: str, values: Sequence[Any] = ()) -> DBAPICursor:
    """Run one statement on the driver's own cursor: what SQLAlchemy puts around one costs ten times a short query.

    Its errors are those that SQLAlchemy would raise; a connection that was lost leaves the pool.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_text(connection, statement), tuple(values))
    except Exception as error:  # noqa: BLE001 - each is raised again, as what it is
        _failed(connection, cursor, statement, error)
    return cursor


def many(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run one statement for many rows of values."""
    if not rows:
        return
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(
            _text(connection, statement), rows if isinstance(rows[0], tuple) else [tuple(row) for row in rows]
        )
    except Exception as error:  # noqa: BLE001 - each is raised again, as what it is
        _failed(connection, cursor, statement, error)
    cursor.close()


def rows(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """Run a query for all its rows, as the driver's own tuples."""
    cursor = run(connection, statement, values)
    try:
        found = cursor.fetchall()
    except Exception as error:  # noqa: BLE001 - each is raised again, as what it is
        _failed(connection, cursor, statement, error)
    cursor.close()
    return list(found)


def one(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - a row of any shape
    """Run a query for its first row, None if there is none."""
    cursor = run(connection, statement, values)
    found = cursor.fetchone()
    cursor.close()
    return found


def _failed(connection: Connection, cursor: DBAPICursor, statement: str, error: Exception) -> NoReturn:
    """Raise a driver's error as SQLAlchemy does. Values are left out of it: they are people's words."""
    known = connection.dialect
    driver = known.loaded_dbapi
    if not isinstance(error, driver.Error):
        raise error
    lost = known.is_disconnect(error, connection.connection, cursor)
    told = DBAPIError.instance(statement, None, error, driver.Error, connection_invalidated=lost, dialect=known)
    if lost:
        connection.invalidate(error)
    raise told from error


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


def rounded(keys: Sequence[T]) -> list[T]:
    """Repeat the last key until the list has one of few lengths, for an IN list.

    Each length makes another statement, which every connection prepares and keeps.
    """
    return [*keys, *list(keys[-1:]) * (_rounded(len(keys)) - len(keys))]


def by_keys(connection: Connection, statement: str, keys: Iterable[Any], after: Sequence[Any] = ()) -> list[Any]:
    """Run a query with `{keys}` in it for many keys; all rows together, in no order.

    `after` are the values of placeholders behind the keys: written into the query, each would make a new statement.

    For single values `{keys}` stands in an IN list. For tuples it is a table with `column1`, `column2` …, to be joined
    with CROSS JOIN: SQLite then looks each key up, where for `(a, b) IN (VALUES …)` it reads the whole index. Compare
    its columns with `=`: the table may be padded with rows of NULLs.
    """
    found: list[Any] = []
    for batch in chunks(sorted(set(keys))):
        more = _rounded(len(batch)) - len(batch)
        if isinstance(batch[0], tuple):
            asked = [*batch, *[(None,) * len(batch[0])] * more]
            values = [each for key in asked for each in key]
            found += rows(connection, statement.replace("{keys}", wanted(asked)), [*values, *after])
        else:
            values = [*batch, *[None] * more]
            found += rows(connection, statement.replace("{keys}", marks(len(values))), [*values, *after])
    return found


def _rounded(size: int) -> int:
    """The next of few sizes: to prepare a new statement takes longer than to run it with some keys more."""
    return min(1 << (size - 1).bit_length(), CHUNK)


def wanted(keys: Sequence[Row]) -> str:
    """The table of some keys, without their values."""
    group = "(" + marks(len(keys[0])) + ")"
    return "(VALUES " + ",".join([group] * len(keys)) + ") AS wanted"
