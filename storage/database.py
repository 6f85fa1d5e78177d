"""The database: one writer thread, a few reader threads, the same code for SQLite and PostgreSQL."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.pool import QueuePool

from bot.errors import ConfigError, StoreFailed
from bot.models import Event
from storage.news import ALIVE, Listener, News
from storage.shortening import LONG, Shortening
from storage.writer import Ingest, Writer

T = TypeVar("T")
Dialect = Literal["sqlite", "postgresql"]
WAIT = 15.0  # seconds to wait for another process's lock
HELD = 30.0  # seconds that the writer waits for one: what comes meanwhile is queued, and nothing of it is lost
OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)  # errors that only our own statements cause
PAGES, WRITERS_PAGES = 256, 1000  # KiB of pages that a reader, and the writer, keep: the system has all of them anyway
READY, WRITERS_READY = 64, 256  # statements that a reader, and the writer, keep prepared; each takes about 20 kB
PAUSE = 10  # seconds that a writer may do nothing in a transaction: it keeps all others waiting, dead or standing still
TRANSACTION = 60  # seconds that a writer's transaction may last; PAUSE does not hold between statements sent together
ANSWER = 10  # seconds in which PostgreSQL must answer a new connection

log = structlog.get_logger(__name__)


def dialect_of(url: str) -> Dialect:
    """Which database a URL names. ConfigError if it is neither."""
    if url.startswith("sqlite:///"):
        return "sqlite"
    if url.startswith("postgresql"):
        return "postgresql"
    raise ConfigError("DATABASE_URL must begin with sqlite:/// or postgresql://.")


def path_of(url: str) -> Path:
    """The file that a SQLite URL names."""
    return Path(make_url(url).database or "")


def driver_url(url: str) -> str:
    """The URL with our driver named."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def make_engine(url: str, *, readers: int = 0) -> Engine:
    """An engine for the one writer (`readers` 0), or for so many readers. Nothing is opened yet."""
    if dialect_of(url) == "sqlite":
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=max(readers, 1),
            max_overflow=0,
            connect_args={"check_same_thread": False, "cached_statements": READY if readers else WRITERS_READY},
        )
        _tune_sqlite(engine, reading=readers > 0)
        return engine
    pause = 120 if readers else PAUSE
    options = f"-c statement_timeout=60000 -c idle_in_transaction_session_timeout={pause * 1000:.0f}"
    engine = create_engine(
        driver_url(url),
        pool_size=max(readers, 1),
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": ANSWER} | ALIVE,
        execution_options={"isolation_level": "REPEATABLE READ" if readers else "READ COMMITTED"},
    )
    if not readers:
        event.listen(engine, "connect", _limit_transactions)
    return engine


def _limit_transactions(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's, which SQLite does without
    """End a transaction that lasts too long, where PostgreSQL can: from version 17 on."""
    limit = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'transaction_timeout'"
    connection.execute(limit, (str(TRANSACTION * 1000),))
    connection.commit()


def _tune_sqlite(engine: Engine, *, reading: bool) -> None:
    """Set SQLite up (DESIGN section 7): the defaults lose updates in silence and wait for nobody."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        patience = WAIT if reading else HELD
        pages = PAGES if reading else WRITERS_PAGES
        pragmas = [
            f"busy_timeout={patience * 1000:.0f}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{pages}",
        ]
        writing = ["synchronous=FULL", "secure_delete=ON", f"journal_size_limit={LONG}"]
        pragmas += ["query_only=ON"] if reading else writing
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def check_sqlite(url: str) -> None:
    """Make the folder, switch WAL on and read the file once. ConfigError in one sentence if any of it fails."""
    path = path_of(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_writable(path)
        _check_log(path)
        with closing(sqlite3.connect(path, timeout=WAIT)) as connection:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            _look_into_each_table(connection)
    except (OSError, sqlite3.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise ConfigError(
            f"The database {path} cannot be opened ({reason}); see that DATABASE_URL names it and that it lies on a"
            " local disk with room, where it may be written, or restore a backup."
        ) from None
    if mode.lower() != "wal":
        raise ConfigError(f"The database {path} lies on a file system without shared memory; put it on a local disk.")


def _check_writable(path: Path) -> None:
    """ConfigError if a database that is there can only be read; SQLite would find out at the first write."""
    if path.is_file() and not all(os.access(each, os.R_OK | os.W_OK) for each in (path, path.parent)):
        raise ConfigError(
            f"The database {path} may not be read and written; give the user who runs Folkmoot both rights on the file"
            " and its folder."
        )


def _check_log(path: Path) -> None:
    """ConfigError if what was written last was lost with the write-ahead log, as when only some files were copied.

    Whoever closes a database deletes the index of the log before the log, and whoever opens it makes the log first.
    """
    written, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if path.is_file() and not written.exists() and index.exists() and not written.exists():
        raise ConfigError(
            f"The file {written} is missing, which holds what was written last to the database {path}; put it back, or"
            f" delete {index} to go on without that."
        )


def _look_into_each_table(connection: sqlite3.Connection) -> None:
    """Read a row of each table: a damaged file should be told of at the start and not when somebody needs it."""
    for [name] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        connection.execute(f'SELECT * FROM "{name}" LIMIT 1').fetchone()


def check_postgresql(url: str) -> None:
    """Connect once. ConfigError in one sentence if that fails."""
    try:
        engine = make_engine(url)
    except (ArgumentError, ValueError):  # their texts hold the whole address, password and all
        raise ConfigError(
            "The setting DATABASE_URL is no address of a database; write postgresql://user:password@host:5432/name."
        ) from None
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError as error:
        raise ConfigError(f"The PostgreSQL database cannot be reached ({why(error)}); check DATABASE_URL.") from None
    finally:
        engine.dispose()


@contextmanager
def failures() -> Iterator[None]:
    """Turn what befalls a database (disk full, connection lost, file damaged) into StoreFailed.

    A wrong statement is our own mistake and is raised as it is.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OURS):
            raise
        raise StoreFailed(f"The database failed ({why(error)}); mend that and try again.") from error


def why(error: DBAPIError) -> str:
    """What the database itself said, in one line."""
    return (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0].rstrip(".")


class Database:
    """Reads beside one writer; every piece of work is a function that takes a connection."""

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url = url
        self.dialect: Dialect = dialect_of(url)
        self._reading = make_engine(url, readers=readers)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="folkmoot-read")
        self._writing = make_engine(url)
        self._writer = Writer(self._writing)
        self._news = News()
        self._shortening = Shortening(path_of(url)) if self.dialect == "sqlite" else None
        self.trouble = ""  # why the last attempt to write failed; "" if it did not
        self._listener = Listener(url, self._news) if self.dialect == "postgresql" else None

    @classmethod
    def open(cls, url: str, *, readers: int = 4) -> "Database":
        """Open a database that has this version's schema. ConfigError in one sentence if it cannot be opened."""
        check_sqlite(url) if dialect_of(url) == "sqlite" else check_postgresql(url)
        return cls(url, readers=readers)

    def use_ingest(self, ingest: Ingest) -> None:
        """Say what stores events; called once, before the first ones come."""
        self._writer.ingest = ingest

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one snapshot in a reader thread."""

        def task() -> T:
            with failures(), self._reading.connect() as connection, connection.begin():
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, task)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the writer's next transaction, in a savepoint of its own; durable on return."""
        with self._noted():
            done = await self._writer.write(work)
        self._told()
        return done

    async def record(self, events: Sequence[Event]) -> None:
        """Store events in the writer's next transaction; durable on return."""
        with self._noted():
            await self._writer.record(events)
        self._told()

    def _told(self) -> None:
        """Something was committed."""
        self._news.tell()
        if self._shortening is not None and self._shortening.due():
            self._readers.submit(self._shortening.shorten)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Keep whether writing fails."""
        try:
            with failures():
                yield
        except StoreFailed as error:
            self._note(str(error))
            raise
        self._note("")

    def _note(self, trouble: str) -> None:
        """Say once that writing fails, and once that it works again: whoever watches the log has to act."""
        before, self.trouble = self.trouble, trouble
        if trouble and not before:
            log.error("nothing is stored until the database is mended", reason=trouble)
        if before and not trouble:
            log.warning("the database stores again")

    @property
    def commits(self) -> int:
        """How many commits this process heard of; for `committed`."""
        return self._news.count

    async def committed(self, after: int, within: float) -> None:
        """Wait until `commits` exceeds `after`, at most `within` seconds. Others' commits may pass unheard."""
        if self._listener is not None:
            self._listener.start()
        await self._news.after(after, within)

    async def close(self) -> None:
        """Finish what is queued and close every connection."""
        if self._listener is not None:
            await self._listener.close()
        await asyncio.to_thread(self._writer.close)
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()
