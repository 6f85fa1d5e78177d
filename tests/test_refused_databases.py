"""A database that we cannot use is refused in one sentence that names it, with exit code 78."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import storage.database
from bot.models import Event
from storage import migrate, open_store
from tests.conftest import database_in
from tests.disks import Mounted
from tests.makers import a_channel, a_discussion, a_space
from tests.terminal import AS_ANYBODY, run_alone, sentence_of, typed
from tests.test_refusals import EXPORT, NEED_NO_TARGET, OPEN, SECRET, refused

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.mark.parametrize("command", NEED_NO_TARGET, ids=" ".join)
def test_every_command_refuses_a_database_that_is_none(empty_folder: Path, command: list[str]) -> None:
    (empty_folder / "data").mkdir()
    (empty_folder / "data" / "folkmoot.db").write_text("Flour, eggs, a new kettle.\n" * 50, encoding="utf-8")
    (empty_folder / "export.json").write_text(EXPORT, encoding="utf-8")
    refused(typed(*command), "data/folkmoot.db", "file is not a database")


def test_a_folder_or_a_file_in_the_databases_place_ends_a_real_process(empty_folder: Path) -> None:
    (empty_folder / "data" / "folkmoot.db").mkdir(parents=True)
    refused(run_alone("run", folder=empty_folder), "The database data/folkmoot.db cannot be opened", "DATABASE_URL")
    shutil.rmtree(empty_folder / "data")
    (empty_folder / "data").touch()
    refused(typed("run"), "The database data/folkmoot.db cannot be opened (File exists)")


@pytest.mark.parametrize("kept", [3000, 8192, -4096])
def test_a_database_that_was_cut_short_is_refused(empty_folder: Path, sqlite_template: Path, kept: int) -> None:
    content = sqlite_template.read_bytes()
    (empty_folder / "cut.db").write_bytes(content[:kept])
    refused(typed("verify", "--database-url", "sqlite:///cut.db"), "malformed", "restore a backup")


def test_a_database_whose_version_cannot_be_read_is_refused(empty_folder: Path, sqlite_template: Path) -> None:
    garble(shutil.copy(sqlite_template, "garbled.db"), "alembic_version")
    refused(typed("verify", "--database-url", "sqlite:///garbled.db"), "malformed", "restore a backup")


def test_a_table_that_is_damaged_is_refused_at_the_start(empty_folder: Path, sqlite_template: Path) -> None:
    path = shutil.copy(sqlite_template, "garbled.db")
    asyncio.run(stored(f"sqlite:///{path}", a_space(), a_channel(), *a_discussion(3)))
    garble(path, "message")
    refused(typed("verify", "--database-url", "sqlite:///garbled.db"), "malformed", "restore a backup")


def test_a_database_whose_log_was_left_behind_is_refused(empty_folder: Path, sqlite_template: Path) -> None:
    """As when somebody copies a database while it is in use, or after a crash, and forgets a file."""
    path, left = shutil.copy(sqlite_template, "mine.db"), Path("copied.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO setting VALUES ('kept', '1')")
        connection.commit()
        for end in ("", "-shm"):
            shutil.copy(path + end, str(left) + end)
    sentence = refused(typed("verify", "--database-url", "sqlite:///copied.db"), "copied.db-wal is missing", "put it")
    assert "delete copied.db-shm to go on without" in sentence
    Path("copied.db-shm").unlink()
    assert typed("verify", "--database-url", "sqlite:///copied.db").code == 0


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to play a network disk")
@pytest.mark.parametrize("lacking", ["mmap:error=ENODEV", "fcntl:error=ENOLCK"])
def test_a_disk_without_shared_memory_or_locks_ends_a_real_process(empty_folder: Path, lacking: str) -> None:
    """As a network's: what SQLite asks of it there is answered so."""
    path = empty_folder / "data" / "folkmoot.db"
    migrate(f"sqlite:///{path}")
    files = [word for end in ("", "-shm") for word in ("-P", f"{path}{end}")]
    before = ["strace", "--follow-forks", "--output=/dev/null", *files, "-e", f"inject={lacking}"]
    refused(run_alone("run", folder=empty_folder, before=before), "data/folkmoot.db cannot be opened", "local disk")


@pytest.mark.soak
@pytest.mark.skipif(AS_ANYBODY == [] or shutil.which("setpriv") is None, reason="only root can give files away")
@pytest.mark.parametrize("mode", [0o600, 0o444])
def test_a_database_of_another_owner_ends_a_real_process(empty_folder: Path, mode: int) -> None:
    path = empty_folder / "data" / "folkmoot.db"
    migrate(f"sqlite:///{path}")
    path.chmod(mode)
    os.chown(path, 65_534, 65_534)
    refused(run_alone("run", folder=empty_folder, before=AS_ANYBODY), "data/folkmoot.db may not be read and written")


@pytest.mark.soak
def test_a_disk_that_is_full_at_the_start_ends_a_real_process(empty_folder: Path, mounted: Mounted) -> None:
    migrate(mounted.url)
    mounted.fill()
    settings = {"DATABASE_URL": mounted.url, "WEB_PORT": "0"}
    refused(run_alone("run", folder=empty_folder, settings=settings), "cannot be opened", "local disk with room")
    mounted.free()
    assert typed("verify", "--database-url", mounted.url).code == 0


def test_a_page_that_turns_out_damaged_later_is_a_failure_in_one_sentence(
    empty_folder: Path, sqlite_template: Path
) -> None:
    path = shutil.copy(sqlite_template, "garbled.db")
    asyncio.run(stored(f"sqlite:///{path}", a_space(), a_channel(), *a_discussion(3)))
    garble(path, "ix_message_discussion_id_position")
    ended = typed("verify", "--database-url", "sqlite:///garbled.db")
    assert ended.code == 1
    assert "The database failed (database disk image is malformed)" in sentence_of(ended)


async def stored(url: str, *events: Event) -> None:
    store = open_store(url)
    await store.ledger.record(events)
    await store.close()


def garble(path: str | Path, table: str) -> None:
    """Write nonsense over the first page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        [size] = connection.execute("PRAGMA page_size").fetchone()
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with Path(path).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def test_a_database_that_another_program_keeps_for_itself_is_refused(
    empty_folder: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.database, "WAIT", 0.05)
    path = shutil.copy(sqlite_template, empty_folder / "kept.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        refused(typed("verify", "--database-url", "sqlite:///kept.db"), "kept.db", "database is locked")


def test_reading_needs_not_wait_for_who_writes(empty_folder: Path, sqlite_template: Path) -> None:
    path = shutil.copy(sqlite_template, empty_folder / "busy.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert typed("verify", "--database-url", "sqlite:///busy.db").code == 0


def test_a_database_of_another_program_is_left_alone(empty_folder: Path) -> None:
    with closing(sqlite3.connect(empty_folder / "other.db")) as other, other:
        other.execute("CREATE TABLE message (subject TEXT)")
    refused(typed("migrate", "--database-url", "sqlite:///other.db"), "another program's tables (message)")
    with closing(sqlite3.connect(empty_folder / "other.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("message",)]


def test_a_database_in_memory_only_is_refused(empty_folder: Path) -> None:
    refused(typed("verify", "--database-url", "sqlite:///:memory:"), ":memory:", "put it on a local disk")


def test_an_upgrade_that_would_leave_references_to_nowhere_is_undone(empty_folder: Path) -> None:
    with closing(sqlite3.connect(empty_folder / "torn.db")) as connection, connection:
        connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE child (parent INTEGER REFERENCES parent (id))")
        connection.execute("INSERT INTO child VALUES (99)")
    refused(typed("migrate", "--database-url", "sqlite:///torn.db"), "references that lead nowhere")
    with closing(sqlite3.connect(empty_folder / "torn.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (2,)


NEWER = "UPDATE alembic_version SET version_num = '9999'"


def test_a_newer_schema_ends_a_real_process(empty_folder: Path, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(NEWER)
    else:
        with psycopg.connect(database_url) as connected:
            connected.execute(NEWER)
    (empty_folder / ".env").write_text(f"DATABASE_URL={database_url}\n", encoding="utf-8")
    said = "The database has the schema 9999 of a newer Folkmoot; install that one or restore a backup"
    refused(run_alone("run", folder=empty_folder), said)
    for name in OPEN:
        refused(typed(name), said)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"postgresql://ada:{SECRET}@127.0.0.1:1/folkmoot", "Connection refused"),
        (f"postgresql://ada:{SECRET}@127.0.0.1:port/folkmoot", "DATABASE_URL is no address of a database"),
        (f"postgresql://ada:{SECRET}@127.0.0.1/folkmoot?colour=red", 'invalid connection option "colour"'),
        (f"postgresql://ada:{SECRET}@nowhere.invalid/folkmoot", "nowhere.invalid"),
    ],
)
def test_a_postgresql_that_is_not_there_is_refused(empty_folder: Path, address: str, says: str) -> None:
    refused(typed("verify", "--database-url", address), says, "DATABASE_URL")


def test_a_postgresql_that_is_not_there_ends_a_real_process(empty_folder: Path) -> None:
    settings = {"DATABASE_URL": f"postgresql://ada:{SECRET}@127.0.0.1:1/folkmoot"}
    refused(run_alone("run", folder=empty_folder, settings=settings), "PostgreSQL", "Connection refused")


def test_a_postgresql_that_lets_us_not_in_is_refused(empty_folder: Path, postgresql: str) -> None:
    refused(typed("verify", "--database-url", database_in(postgresql, "nowhere")), 'database "nowhere" does not exist')
    with psycopg.connect(postgresql, autocommit=True) as connection:
        rules = Path(connection.execute("SHOW hba_file").fetchone()[0])  # type: ignore[index]  # it has one
        before = rules.read_text(encoding="utf-8")
        rules.write_text("local all stranger scram-sha-256\n" + before, encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'right'")
    stranger = as_user(postgresql, f"stranger:{SECRET}")
    refused(typed("verify", "--database-url", stranger), 'password authentication failed for user "stranger"')


def test_a_postgresql_user_without_rights_is_told_so(empty_folder: Path, postgresql: str) -> None:
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("CREATE DATABASE guarded")
    guest = as_user(database_in(postgresql, "guarded"), "guest")
    refused(typed("migrate", "--database-url", guest), "permission denied for schema public", "every right")


def as_user(address: str, user: str) -> str:
    """The same address for somebody else."""
    _, _, rest = address.removeprefix("postgresql://").rpartition("@")
    return f"postgresql://{user}@{rest}"
