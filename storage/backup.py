"""One consistent copy of the database while everything runs."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from bot.errors import ConfigError, FolkmootError
from storage.database import Database, path_of


def backup(database: Database, target: Path) -> None:
    """Write a copy to a file that does not exist yet. FolkmootError says in one sentence why it cannot."""
    if target.exists():
        raise FolkmootError(f"{target} exists already; choose another name.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        (_sqlite if database.dialect == "sqlite" else _postgresql)(database.url, part)
        part.rename(target)
    except (OSError, sqlite3.Error, subprocess.SubprocessError) as error:
        part.unlink(missing_ok=True)
        raise FolkmootError(f"{target} cannot be written ({error}).") from None


def _sqlite(url: str, part: Path) -> None:
    with closing(sqlite3.connect(path_of(url), timeout=15)) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the copy is damaged")
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _postgresql(url: str, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise ConfigError("pg_dump is not installed; install PostgreSQL's client programs to back this database up.")
    subprocess.run(  # noqa: S603 - a program found on the path, and our own database's address
        [program, "--format=custom", f"--file={part}", url], check=True, capture_output=True
    )
