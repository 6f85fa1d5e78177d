"""The schema's history: one revision a change, run from code, on SQLite with a check of every reference after."""

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError
from storage.database import check_postgresql, check_sqlite, dialect_of, driver_url, why
from storage.migrations.revisions import current, revisions


def migrate(url: str) -> None:
    """Bring a database to this version's schema; nothing, and no lock taken, if it is there.

    ConfigError in one sentence if it cannot be opened, was written by a newer Folkmoot or cannot be changed.
    """
    check_sqlite(url) if dialect_of(url) == "sqlite" else check_postgresql(url)
    try:
        if _revision(url) != revisions()[-1]:
            from storage.migrations.upgrading import upgrade  # noqa: PLC0415 - a start with nothing to do is faster

            upgrade(url)
    except DBAPIError as error:
        raise ConfigError(
            f"The database cannot be brought to this version's schema ({why(error)}); give the user in DATABASE_URL"
            " every right on it, or restore a backup."
        ) from None


def _revision(url: str) -> str | None:
    """The revision that a database has. ConfigError if this version does not know it."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            revision = current(connection)
    finally:
        engine.dispose()
    if revision is not None and revision not in revisions():
        raise ConfigError(
            f"The database has the schema {revision} of a newer Folkmoot; install that one or restore a backup."
        )
    return revision
