"""The spaces before anybody linked them: made once, then copied for each test.

SQLite only: what is special to a database here is tried in tests/storage.
"""

import asyncio
import shutil
from pathlib import Path

import pytest

from storage import SqlStore, open_store
from tests.bot.commands.scene import Scene
from tests.linked.towns import filled, towns
from tests.makers import SetClock


async def fill(url: str) -> None:
    store = open_store(url)
    try:
        await filled(towns(store, SetClock()))
    finally:
        await store.close()


@pytest.fixture(scope="session")
def sqlite_towns(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("towns") / "folkmoot.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(fill(f"sqlite:///{path}"))
    return path


@pytest.fixture
def database_url(sqlite_towns: Path, sqlite_folder: Path) -> str:
    path = sqlite_folder / "folkmoot.db"
    shutil.copy(sqlite_towns, path)
    return f"sqlite:///{path}"


@pytest.fixture
def scene(store: SqlStore, clock: SetClock) -> Scene:
    return towns(store, clock)
