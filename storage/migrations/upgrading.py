"""Running the revisions that a database lacks; loaded only where one does, as Alembic takes its time."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError
from storage.database import dialect_of, driver_url
from storage.migrations.revisions import current, folder, revisions
from storage.tables import metadata

MIGRATIONS = 7_320_156  # the advisory lock that lets one process migrate on PostgreSQL


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file."""
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> None:
    """Run what is missing, unless another process did meanwhile, and look at every reference after."""
    with _alone(url) as connection:
        _refuse_another_programs(connection)
        if current(connection) != revisions()[-1]:
            command.upgrade(config_for(connection), "head")
        if dialect_of(url) == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
            raise ConfigError("The database has references that lead nowhere; restore a backup.")


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


def _refuse_another_programs(connection: Connection) -> None:
    """ConfigError if tables stand where ours would, and no revision says that they are ours."""
    taken = set(inspect(connection).get_table_names()) & set(metadata.tables) if current(connection) is None else set()
    if taken:
        raise ConfigError(
            f"The database holds another program's tables ({', '.join(sorted(taken)[:3])}); name one of our own in"
            " DATABASE_URL."
        )
