"""A Discord with one server in it, and the clock it goes by."""

from collections.abc import AsyncIterator

import pytest

from tests.makers import SetClock
from tests.servers.discord import Channel, DiscordServer, Guild, Member


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def server(clock: SetClock) -> AsyncIterator[DiscordServer]:
    """Fails the test at its end if a request of ours broke a rule that the test did not forgive."""
    async with DiscordServer(clock) as server:
        yield server


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.guild("Camp")


@pytest.fixture
def place(guild: Guild) -> Channel:
    return guild.channel("help")


@pytest.fixture
def ada(guild: Guild) -> Member:
    return guild.member("Ada")


@pytest.fixture
def bo(guild: Guild) -> Member:
    return guild.member("Bo")
