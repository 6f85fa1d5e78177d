"""One consistent copy of the database while everything runs."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from bot.errors import ConfigError, FolkmootError
from storage.database import Database, path_of


def backup(database: Database, target: Path) -> None:
    """Write a copy to a file that does not exist yet; it is whole, or not there. FolkmootError says why it cannot be.

    A copy of SQLite is opened as it is; one of PostgreSQL is read back by pg_restore.
    """
    if target.exists():
        raise FolkmootError(f"{target} exists already; choose another name.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        (_sqlite if database.dialect == "sqlite" else _postgresql)(database.url, part)
        _keep(part, target)
    except (OSError, UnicodeError, sqlite3.Error) as error:
        raise FolkmootError(f"{target} cannot be written ({error}).") from None
    finally:
        part.unlink(missing_ok=True)


def _keep(part: Path, target: Path) -> None:
    """Make the copy durable, then let it have its name."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.rename(target)


def _sqlite(url: str, part: Path) -> None:
    with closing(sqlite3.connect(path_of(url), timeout=15)) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the copy is damaged")


def _postgresql(url: str, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise ConfigError(
            "pg_dump is not on the PATH; install PostgreSQL's client programs (of the server's version or newer) to"
            " back this database up."
        )
    with tempfile.TemporaryDirectory(prefix="folkmoot-") as folder:
        address = _without_password(url, Path(folder) / "pass")
        done = subprocess.run(  # noqa: S603 - a program found on the path, and our own database's address
            [program, "--format=custom", f"--file={part}", address], check=False, capture_output=True, text=True
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        if "version mismatch" in done.stderr:
            versions = said[-1].rpartition("detail: ")[2]
            raise ConfigError(
                f"pg_dump is older than the server ({versions}); put PostgreSQL's client programs of the server's"
                " version or newer on the PATH to back this database up."
            )
        raise OSError(said[-1])


def _without_password(url: str, passfile: Path) -> str:
    """The address for pg_dump, whose arguments everybody on the machine can read: the password goes by a file."""
    address = make_url(url).set(drivername="postgresql")
    if address.password is not None:
        secret = str(address.password).replace("\\", "\\\\").replace(":", "\\:")
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:*:{secret}\n", encoding="utf-8")
        address = URL.create(
            "postgresql",
            username=address.username,
            host=address.host,
            port=address.port,
            database=address.database,
            query={**address.query, "passfile": str(passfile)},
        )
    return address.render_as_string(hide_password=False)
