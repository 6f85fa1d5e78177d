"""What the operator has to mend is told in one sentence that names it, and ends the program with exit code 78."""

import asyncio
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import time
from pathlib import Path

import psycopg
import pytest

import storage.database
from bot.models import Event, Every, Reach, Rule
from storage import migrate, open_store
from tests.conftest import database_in
from tests.disks import Mounted
from tests.makers import HELP, NOON, a_channel, a_discussion, a_space
from tests.terminal import AS_ANYBODY, Ended, run_alone, sentence_of, typed

pytestmark = pytest.mark.usefixtures("empty_folder")

REFUSED = 78
EXPORT = '{"guild": {}, "channel": {}, "messages": []}'
SECRET = "hunter2"
BOT = f"MT{SECRET}{'x' * 20}.GaBcDe.{SECRET}{'y' * 30}"  # what Discord's tokens look like
OPEN = ("verify", "doctor", "digest", "migrate")  # commands that need no argument
NEED_NO_TARGET = [
    *([name] for name in (*OPEN, "run", "demo")),
    ["export", "out"],
    ["backup", "copy"],
    ["erase", "--member", "slack/T1/U1", "--yes"],
    ["digest", "--preview", "--json"],
    ["import", "export.json"],
]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def refused(ended: Ended, *names: str) -> str:
    """The one sentence of a command that was refused; it holds these words and no secret."""
    sentence = sentence_of(ended)
    assert ended.code == REFUSED
    assert SECRET not in sentence
    for name in names:
        assert name in sentence
    return sentence


# Settings


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("WEB_PORT=abc", "WEB_PORT is wrong: it must be a number from 0 to 65535"),
        ("WEB_PORT=65536", "a number from 0 to 65535"),
        ("WEB_PORT=-1", "a number from 0 to 65535"),
        ("WEB_PORT=८०८०", "a number from 0 to 65535"),
        ("LOG_LEVEL=loud", "LOG_LEVEL must be one of 'debug', 'info', 'warning' or 'error'"),
        ("LOG_FORMAT=xml", "LOG_FORMAT must be one of 'console' or 'json'"),
        ("LOCAL_ROOM=perhaps", "LOCAL_ROOM must be one of 'auto', 'on' or 'off'"),
        (f"DATABASE_URL=mysql://ada:{SECRET}@db/x", "DATABASE_URL is wrong: it must begin with sqlite:/// or postgres"),
        ("DATABASE_URL=sqlite:///", "it must name a file, such as sqlite:///data/folkmoot.db"),
        ("WEB_PUBLIC_URL=forum.example.org", "WEB_PUBLIC_URL is wrong: it must be a whole web address"),
        (
            "SLACK_API_URL=slack.com",
            "SLACK_API_URL is wrong: it must be a whole web address such as https://slack.com/api/",
        ),
        ("WEB_PUBLIC_URL=ftp://forum.example.org", "such as https://forum.example.org"),
        ("WEB_PUBLIC_URL=https://[forum", "such as https://forum.example.org"),
        ("WEB_PUBLIC_URL=https://forum.example.org:https", "such as https://forum.example.org"),
        ("DISCORD_API_URL=discord", "DISCORD_API_URL is wrong"),
        ("SLACK_API_URL=https://", "SLACK_API_URL is wrong"),
        (f"SLACK_BOT_TOKEN={SECRET}", "SLACK_BOT_TOKEN is wrong: it must begin with xoxb-"),
        (
            f"SLACK_BOT_TOKEN=xapp-{SECRET}",
            "SLACK_BOT_TOKEN is wrong: it holds a token that belongs in SLACK_APP",
        ),
        (
            f"SLACK_APP_TOKEN=xoxb-{SECRET}",
            "SLACK_APP_TOKEN is wrong: it holds a token that belongs in SLACK_BOT",
        ),
        (f"SLACK_SIGNING_SECRET=xapp-{SECRET}", "it holds a token that belongs in SLACK_APP_TOKEN"),
        (f"WEB_HOST=xoxb-{SECRET}", "WEB_HOST is wrong: it holds a token that belongs in SLACK_BOT_TOKEN"),
        (f"DATABASE_URL={BOT}", "DATABASE_URL is wrong: it holds a token that belongs in DISCORD_TOKEN"),
        (f"SLACK_SIGNING_SECRET={BOT}", "it holds a token that belongs in DISCORD_TOKEN"),
        (
            f"WEB_PROT={SECRET}",
            "Line 2 of the settings file .env sets WEB_PROT, and there is no such setting; write WEB",
        ),
        (f"DATABASE_URI={SECRET}", "sets DATABASE_URI, and there is no such setting; write DATABASE_URL"),
        (f"Loglevel={SECRET}", "sets LOGLEVEL, and there is no such setting; write LOG_LEVEL"),
        (f"SLACK_COLOUR={SECRET}", "sets SLACK_COLOUR, and there is no such setting; take it out"),
        (f"SLACK_APP_TOKEN={SECRET}", "SLACK_APP_TOKEN is wrong: it must begin with xapp-"),
        ("DISCORD_SHARDS=0,1", "DISCORD_SHARDS is wrong: it must say which parts of how many, such as 0-1/4 or 3/4"),
        ("DISCORD_SHARDS=1-0/4", "it must name the lower part first"),
        ("DISCORD_SHARDS=1-4/4", "its parts are counted from 0"),
        ("DISCORD_SHARDS=0/0", "its parts are counted from 0"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting(empty_folder: Path, line: str, says: str) -> None:
    (empty_folder / ".env").write_text(f"# mine\n{line}\nDISCORD_TOKEN={SECRET}\n", encoding="utf-8")
    sentence = refused(typed("run"), says)
    assert "no such setting" in sentence or "mend it in .env or the environment" in sentence
    assert sorted(each.name for each in empty_folder.iterdir()) == [".env"]


def test_half_of_what_slack_needs_is_refused_and_named_by_the_doctor(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_API_URL=http://127.0.0.1:9/\n", encoding="utf-8")
    said = "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is"
    refused(typed("run"), said)
    ended = typed("doctor")
    assert ended.code == 1
    assert f"MEND  a platform's token is missing\n      {said}" in ended.out
    assert "MEND  Slack does not answer" in ended.out


@pytest.mark.parametrize("command", NEED_NO_TARGET, ids=" ".join)
def test_every_command_refuses_bad_settings_alike(empty_folder: Path, command: list[str]) -> None:
    (empty_folder / ".env").write_text("WEB_PORT=abc\n", encoding="utf-8")
    (empty_folder / "export.json").write_text(EXPORT, encoding="utf-8")
    refused(typed(*command), "WEB_PORT")


def test_a_bad_setting_ends_a_real_process(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("WEB_PORT=abc\n", encoding="utf-8")
    refused(run_alone("run", folder=empty_folder), "WEB_PORT", ".env")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"WEB_PORT=8080\nWEB_HOST=\xff\xfe\n",
            "Line 2 of the settings file .env is not UTF-8; save the file as UTF-8",
        ),
        ("WEB_PORT=8080\n".encode("utf-16"), "Line 1 of the settings file .env is not UTF-8"),
        (
            b"WEB_PORT=8080\n\n# port\nWEB_PORT: 8080\n",
            "Line 4 of the settings file .env is no setting; write NAME=value",
        ),
        (b"WEB_PORT\n", "Line 1 of the settings file .env is no setting"),
        (b"DISCORD_TOKEN='hunter2\n", "Line 1 of the settings file .env is no setting"),
    ],
)
def test_a_settings_file_with_a_line_that_is_none_is_refused(empty_folder: Path, content: bytes, says: str) -> None:
    (empty_folder / ".env").write_bytes(content)
    refused(typed("verify"), says)


def test_a_settings_file_may_be_what_any_editor_writes(empty_folder: Path) -> None:
    content = '\ufeffWEB_PORT=abc\r\n\r\nexport LOG_LEVEL="info" # quiet\r\nWEB_PUBLIC_URL=\r\nSOMEBODY_ELSES=1\r\n'
    (empty_folder / ".env").write_bytes(content.encode())
    refused(typed("verify"), "WEB_PORT")
    (empty_folder / ".env").write_bytes(content.replace("abc", "80").encode())
    assert typed("verify").code == 0


def test_a_settings_file_that_cannot_be_read_is_refused(empty_folder: Path) -> None:
    (empty_folder / ".env").mkdir()
    refused(typed("verify"), "The settings file .env cannot be read (Is a directory); mend or remove it")


@pytest.mark.skipif(
    AS_ANYBODY != [] and shutil.which("setpriv") is None, reason="root needs setpriv to be like anybody"
)
def test_files_that_others_own_are_refused(empty_folder: Path) -> None:
    (empty_folder / ".env").touch(mode=0o000)
    refused(run_alone("run", folder=empty_folder, before=AS_ANYBODY), ".env", "Permission denied")
    (empty_folder / ".env").unlink()
    migrate(f"sqlite:///{empty_folder}/data/folkmoot.db")
    (empty_folder / "data" / "folkmoot.db").chmod(0o400)
    refused(run_alone("verify", folder=empty_folder, before=AS_ANYBODY), "data/folkmoot.db may not be read and written")
    ended = typed("export", "/proc/nowhere", "--database-url", "sqlite:///mine.db")
    assert ended.code == 1
    assert "The export cannot be written to /proc/nowhere" in sentence_of(ended)


# Databases


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


# Zones


def test_a_zone_that_is_unknown_here_is_refused(empty_folder: Path, sqlite_template: Path) -> None:
    (empty_folder / "data").mkdir()
    path = shutil.copy(sqlite_template, empty_folder / "data" / "folkmoot.db")
    asyncio.run(a_digest_on_mars(f"sqlite:///{path}"))
    said = "The digest 1 ('Weekly') is set in the zone 'Mars/Olympus', which the time zone data here do not know"
    refused(run_alone("run", folder=empty_folder), said, "tzdata")
    for command in (["digest"], ["digest", "--preview"], ["demo"]):
        refused(typed(*command), said, "tzdata")
    ended = typed("doctor")
    assert ended.code == 1
    assert f"MEND  a digest's zone is unknown\n      {said}" in ended.out
    assert typed("backup", "copy.db").code == typed("export", "out").code == typed("verify").code == 0


async def a_digest_on_mars(url: str) -> None:
    store = open_store(url)
    await store.ledger.record([a_space(), a_channel()])
    known = await store.places.channel(HELP)
    assert known is not None
    await store.calendar.add_schedule(
        community=known.community,
        name="Weekly",
        destination=HELP,
        rule=Rule(every=Every.WEEKLY, at=time(9), zone="Mars/Olympus"),
        reach=Reach.CHANNEL,
        sources=(),
        say_quiet=False,
        at=NOON,
    )
    await store.close()


# The address


def test_a_taken_port_ends_a_real_process(empty_folder: Path, taken_port: int) -> None:
    (empty_folder / ".env").write_text(f"WEB_PORT={taken_port}\n", encoding="utf-8")
    said = f"The port {taken_port} of 127.0.0.1 is taken; set WEB_PORT to a free one or stop what uses it"
    refused(run_alone("run", folder=empty_folder), said)


@pytest.mark.parametrize("host", ["203.0.113.7", "nowhere.invalid", "x" * 70])
def test_an_address_that_this_machine_has_not_is_refused(
    empty_folder: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_HOST", host)
    monkeypatch.setenv("WEB_PORT", "0")
    refused(typed("run"), f"This machine has no address {host} to listen on; set WEB_HOST to one that it has")
