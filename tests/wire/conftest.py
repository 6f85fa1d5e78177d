"""Fixtures: a Discord and a Slack on loopback, and a Folkmoot in a server or workspace of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord import connecting
from storage import SqlStore, open_store
from tests import camps_slack
from tests.camps import PATIENCE, Camp, folkmoot
from tests.camps_slack import Workspace, watched
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer
from tests.wire.yards import Yard, in_a_yard


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord wants time between two identifies; the one of these tests does not."""
    monkeypatch.setattr(connecting, "APART", 0.0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database: what PostgreSQL does otherwise is tried in tests/storage, here only in the long runs."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def discord(clock: SetClock) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(clock) as server:
        yield server


@pytest.fixture
async def camp(discord: DiscordServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Camp]:
    """A watched #help, up to date."""
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    async with folkmoot(discord, store, clock) as parts:
        made = Camp(discord, guild, help_, store, clock, parts)
        async with asyncio.timeout(PATIENCE):
            while await store.places.channel(made.place) is None:
                await store.ledger.wait(await store.ledger.last_seq(), 1)
            await store.places.watch(made.place, True)
            await parts.catch_up.work()
        yield made


@pytest.fixture
async def slack(clock: SetClock) -> AsyncIterator[SlackServer]:
    async with SlackServer(clock) as server:
        yield server


@pytest.fixture(params=["socket-sqlite", pytest.param("http-postgresql", marks=pytest.mark.soak)])
async def workspace(slack: SlackServer, clock: SetClock, request: pytest.FixtureRequest) -> AsyncIterator[Workspace]:
    """A watched #help, up to date: over each transport and on each database, the second one in the long runs."""
    transport, _, database = request.param.partition("-")
    store = open_store(request.getfixturevalue(f"{database}_url"))
    help_ = slack.channel("help")
    try:
        async with camps_slack.folkmoot(slack, store, clock, transport) as parts:
            made = Workspace(slack, help_, store, clock, parts)
            await watched(made, help_)
            yield made
    finally:
        await store.close()


@pytest.fixture
async def yard(discord: DiscordServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Yard]:
    """#help and #talk, and nobody who delivers until told to."""
    async with in_a_yard(discord, store, clock) as made:
        yield made
