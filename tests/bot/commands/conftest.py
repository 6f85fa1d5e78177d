"""The community in which commands are tried: made once a database, then copied for each test."""

import asyncio
import shutil
from pathlib import Path

import pytest

from storage import SqlStore, open_store
from tests.bot.commands.scene import Scene, a_scene, fill, with_digests
from tests.conftest import TEMPLATE, Copying, database_in
from tests.makers import SetClock


async def filled(url: str) -> None:
    store = open_store(url)
    try:
        await fill(store, SetClock())
    finally:
        await store.close()


@pytest.fixture(scope="session")
def sqlite_scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "folkmoot.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(filled(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_scene(postgresql: str, copying: Copying) -> str:
    name = copying.copied(TEMPLATE)
    asyncio.run(filled(database_in(postgresql, name)))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, sqlite_folder: Path) -> str:
    """A copy of the community, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = sqlite_folder / "folkmoot.db"
        shutil.copy(request.getfixturevalue("sqlite_scene"), path)
        return f"sqlite:///{path}"
    copying: Copying = request.getfixturevalue("copying")
    name = copying.copied(request.getfixturevalue("postgresql_scene"))
    return database_in(request.getfixturevalue("postgresql"), name)


@pytest.fixture
def scene(store: SqlStore, clock: SetClock) -> Scene:
    return a_scene(store, clock)


@pytest.fixture
async def digested(scene: Scene) -> Scene:
    """With a digest posted in #help, and one in the private channel."""
    await with_digests(scene)
    return scene
