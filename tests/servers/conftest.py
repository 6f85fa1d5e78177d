"""A Discord with one server in it, a Slack workspace, and the clock they go by."""

from collections.abc import AsyncIterator

import pytest

from tests.makers import SetClock
from tests.servers import slack as slack_
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


@pytest.fixture
async def slack(clock: SetClock) -> AsyncIterator[slack_.SlackServer]:
    """As `server`."""
    async with slack_.SlackServer(clock) as slack:
        yield slack


@pytest.fixture
def eve(slack: slack_.SlackServer) -> slack_.Member:
    """The owner of the workspace."""
    return slack.member("Eve", slack_.Role.OWNER)


@pytest.fixture
def finn(slack: slack_.SlackServer) -> slack_.Member:
    return slack.member("Finn")


@pytest.fixture
def camp(slack: slack_.SlackServer, eve: slack_.Member, finn: slack_.Member) -> slack_.Channel:
    """A public channel with both of them and our bot."""
    return slack.channel("camp")
