"""Upgrades: what every version made comes over whole, a crash undoes all of it, and of two processes one does it."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Line
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError
from storage import migrate, migrations, open_store
from storage.database import driver_url
from storage.migrations.upgrading import MIGRATIONS
from storage.tables import metadata
from tests import racers
from tests.conftest import database_in
from tests.dying import CONTEXT, ended, forked
from tests.storage.freezing import frozen, thaw

REVISIONS = sys.modules["storage.migrations.revisions"]  # the package has a function of that name
Rows = dict[str, list[dict[str, Any]]]
HEAD = '''"""Tried."""
import os, signal, sys
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade() -> None:
    """Try."""
'''
DIES = "os.kill(os.getpid(), signal.SIGKILL)"
# A column more in a table that half of the others point into, values for it, and a column that goes.
STEPS = (
    "with op.batch_alter_table('discussion') as table:",
    "    table.add_column(sa.Column('mood', sa.Text(), nullable=False, server_default=''))",
    "op.execute(\"UPDATE discussion SET mood = 'glad'\")",
    "with op.batch_alter_table('channel') as table:",
    "    table.drop_column('cards')",
    "op.execute(\"INSERT INTO setting (name, value) VALUES ('upgraded by ' || current_timestamp || random(), '')\")",
)


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> str:
    """A database without anything in it."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/thawed.db"
    server: str = request.getfixturevalue("postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS thawed WITH (FORCE)")
        connection.execute("CREATE DATABASE thawed")
    return database_in(server, "thawed")


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def thawed(empty_url: str, dialect: str) -> str:
    """A database that the newest schema so far was frozen with."""
    thaw(frozen(dialect)[-1], empty_url)
    return empty_url


def a_revision(folder: Path, *steps: str) -> Path:
    """The folder of a version that has one revision more."""
    made = shutil.copytree(Path(migrations.__file__).parent, folder, dirs_exist_ok=True)
    (made / "versions" / "0002_tried.py").write_text(HEAD + "\n".join(f"    {step}" for step in steps) + "\n")
    return made


def migrating(folder: Path, url: str) -> tuple[ForkServerProcess, Line]:
    """A process that brings a database to the schema of a version, and where it says that it begins."""
    ours, theirs = CONTEXT.Pipe()
    process = forked(racers.upgrades, folder, url, theirs)
    theirs.close()
    return process, ours


def looked(url: str, look: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - whatever it looks at
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        found = look(connection)
    engine.dispose()
    return found


def everything(url: str) -> Rows:
    """All rows of all tables but the revision."""

    def look(connection: Connection) -> Rows:
        found = {}
        for table in set(inspect(connection).get_table_names()) - {"alembic_version"}:
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()
            found[table] = sorted((dict(row) for row in rows), key=repr)
        return found

    return looked(url, look)  # type: ignore[no-any-return]  # as `look` gives it


def schema(url: str) -> dict[str, Any]:
    """What the tables are like."""

    def look(connection: Connection) -> dict[str, Any]:
        about = inspect(connection)
        return {
            table: (
                {each["name"]: (str(each["type"]), each["nullable"]) for each in about.get_columns(table)},
                about.get_pk_constraint(table),
                sorted(about.get_foreign_keys(table), key=repr),
                sorted(about.get_unique_constraints(table), key=repr),
                sorted(about.get_indexes(table), key=repr),
            )
            for table in about.get_table_names()
        }

    found: dict[str, Any] = json.loads(json.dumps(looked(url, look), default=str))  # conditions compare as text
    return found


def kept(before: Rows, after: Rows) -> bool:
    """Whether all rows are there with what they held, columns that came or went aside."""
    for table, rows in before.items():
        columns = (rows[0].keys() & after[table][0].keys()) if rows and after[table] else set()
        cut = [
            sorted(({name: row[name] for name in columns} for row in each), key=repr) for each in (rows, after[table])
        ]
        if cut[0] != cut[1]:
            return False
    return True


async def drift(url: str) -> int:
    """How far counters are from their recount."""
    store = open_store(url)
    try:
        return (await store.ledger.audit()).drift
    finally:
        await store.close()


@pytest.mark.parametrize("number", range(len(frozen("sqlite"))))
async def test_what_each_version_made_is_upgraded_whole(
    dialect: str, empty_url: str, request: pytest.FixtureRequest, number: int
) -> None:
    thaw(frozen(dialect)[number], empty_url)
    before = everything(empty_url)
    assert all(before[table] for table in metadata.tables), "something is in every table"
    migrate(empty_url)
    fresh = request.getfixturevalue(f"{dialect}_url")
    assert schema(empty_url) == schema(fresh), "a schema was changed; until the first release: freeze it anew"
    assert kept(before, everything(empty_url))
    assert await drift(empty_url) == 0
    again = everything(empty_url)
    migrate(empty_url)
    assert everything(empty_url) == again


async def test_a_table_that_others_point_into_is_changed_and_loses_none_of_them(
    thawed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, schema_before = everything(thawed), schema(thawed)
    monkeypatch.setattr(REVISIONS, "FOLDER", a_revision(tmp_path / "next", *STEPS))
    migrate(thawed)
    after = everything(thawed)
    assert {row["mood"] for row in after["discussion"]} == {"glad"}
    assert "cards" not in after["channel"][0]
    assert kept({name: rows for name, rows in before.items() if name != "setting"}, after)
    changed = {"discussion", "channel"}
    assert {name: it for name, it in schema(thawed).items() if name not in changed} == {
        name: it for name, it in schema_before.items() if name not in changed
    }
    assert schema(thawed)["discussion"][1:] == schema_before["discussion"][1:]
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="0002 of a newer Folkmoot"):
        migrate(thawed)


@pytest.mark.parametrize("done", [3, pytest.param(2, marks=pytest.mark.soak), pytest.param(5, marks=pytest.mark.soak)])
def test_a_crash_in_the_middle_undoes_all_of_it_and_the_next_start_does_it(
    thawed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    before, schema_before = everything(thawed), schema(thawed)
    dying = a_revision(tmp_path / "dying", *STEPS[:done], DIES, *STEPS[done:])
    process, _ = migrating(dying, thawed)
    assert ended(process) == -9
    assert (everything(thawed), schema(thawed)) == (before, schema_before)
    monkeypatch.setattr(REVISIONS, "FOLDER", a_revision(tmp_path / "whole", *STEPS))
    migrate(thawed)
    assert {row["mood"] for row in everything(thawed)["discussion"]} == {"glad"}


@pytest.mark.parametrize("processes", [2, pytest.param(8, marks=pytest.mark.soak)])
def test_of_processes_that_upgrade_at_once_one_does(thawed: str, tmp_path: Path, processes: int) -> None:
    folder = a_revision(tmp_path / "next", *STEPS)
    with held(thawed):
        racing = [migrating(folder, thawed) for _ in range(processes)]
        assert {line.recv() for _, line in racing} == {racers.READY}
    assert {ended(process) for process, _ in racing} == {0}
    assert [row["name"][:11] for row in everything(thawed)["setting"]].count("upgraded by") == 1


@contextmanager
def held(url: str) -> Iterator[None]:
    """Let nobody begin who changes the schema."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        lock = f"SELECT pg_advisory_xact_lock({MIGRATIONS})"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else lock)
        yield
        connection.rollback()
    engine.dispose()
