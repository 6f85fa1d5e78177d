"""The schema's history: one revision a change, run from code, on SQLite with a check of every reference after."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError
from storage.database import check_postgresql, check_sqlite, dialect_of, driver_url, why
from storage.tables import metadata

MIGRATIONS = 7_320_156  # the advisory lock that lets one process migrate on PostgreSQL


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A connection that nobody else migrates beside."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            if dialect_of(url) == "sqlite":
                # Batch mode rebuilds tables; with foreign keys on, that empties their children.
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.exec_driver_sql("PRAGMA busy_timeout=60000")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATIONS})")
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def current(connection: Connection) -> str | None:
    """The revision that a database has, None if it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(url: str) -> None:
    """Bring a database to this version's schema; nothing, and no lock taken, if it is there.

    ConfigError in one sentence if it cannot be opened, was written by a newer Folkmoot or cannot be changed.
    """
    check_sqlite(url) if dialect_of(url) == "sqlite" else check_postgresql(url)
    try:
        if _revision(url) != _script().get_current_head():
            _upgrade(url)
    except DBAPIError as error:
        raise ConfigError(
            f"The database cannot be brought to this version's schema ({why(error)}); give the user in DATABASE_URL"
            " every right on it, or restore a backup."
        ) from None


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(config_for())


def _revision(url: str) -> str | None:
    """The revision that a database has. ConfigError if this version does not know it."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            revision = current(connection)
    finally:
        engine.dispose()
    if revision is not None and revision not in {each.revision for each in _script().walk_revisions()}:
        raise ConfigError(
            f"The database has the schema {revision} of a newer Folkmoot; install that one or restore a backup."
        )
    return revision


def _upgrade(url: str) -> None:
    """Run what is missing, unless another process did meanwhile, and look at every reference after."""
    with _alone(url) as connection:
        _refuse_another_programs(connection)
        if current(connection) != _script().get_current_head():
            command.upgrade(config_for(connection), "head")
        if dialect_of(url) == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
            raise ConfigError("The database has references that lead nowhere; restore a backup.")


def _refuse_another_programs(connection: Connection) -> None:
    """ConfigError if tables stand where ours would, and no revision says that they are ours."""
    taken = set(inspect(connection).get_table_names()) & set(metadata.tables) if current(connection) is None else set()
    if taken:
        raise ConfigError(
            f"The database holds another program's tables ({', '.join(sorted(taken)[:3])}); name one of our own in"
            " DATABASE_URL."
        )
