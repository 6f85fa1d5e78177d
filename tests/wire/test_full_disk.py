"""A disk that is full: nothing is acknowledged, the forum can be read, and all is made good once there is room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from adapters.slack import taking
from adapters.slack.manifest import SLACK_PATH
from bot.models import Channel as Place
from bot.models import Level, Platform, Space
from storage import SqlStore, open_store
from tests import dying
from tests.camps_slack import Workspace
from tests.disks import Disk, Mounted, Quota
from tests.makers import a_channel, a_space
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Member
from tests.servers.slack import Channel as SlackChannel
from tests.servers.slack import Member as SlackMember
from tests.servers.slack import SlackServer
from tests.wire.keeping import kept

RECOVERS = 30.0  # seconds after there is room again
BEGINS = 90.0  # seconds that a process may take to start on a busy machine


@dataclass
class Town:
    """A Discord and a Slack with a channel each, and one process that hears both and shows a forum."""

    discord: DiscordServer
    slack: SlackServer
    help: Channel
    talk: SlackChannel
    ada: Member
    bo: SlackMember
    store: SqlStore
    clock: dying.Ahead
    port: int
    said: dict[str, str] = field(default_factory=dict)

    def say(self, times: int) -> None:
        """A message in each channel, so many times."""
        for n in range(len(self.said), len(self.said) + times):
            here, there = self.help.post(self.ada, f"Is there room? {n}"), self.talk.post(self.bo, f"Is it full? {n}")
            self.said |= {here.id: here.text, there.ts: there.text}

    async def stored(self, within: float) -> None:
        """Wait until all that was said is stored, and nothing else."""
        async with asyncio.timeout(within):
            while await kept(self.store) != self.said:
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)
        assert (await self.store.ledger.audit()).drift == 0

    async def ready(self, within: float = 20.0, **wanted: object) -> None:
        """Wait until the process tells this of itself."""
        told: dict[str, Any] = {}
        async with asyncio.timeout(within), ClientSession() as client:
            while {name: told.get(name) for name in wanted} != wanted:
                try:
                    async with client.get(f"http://127.0.0.1:{self.port}/readyz") as response:
                        told = await response.json()
                except (ClientError, OSError):
                    await asyncio.to_thread(lambda: None)

    async def page(self, path: str) -> tuple[int, str]:
        """A page as anybody gets it."""
        async with ClientSession() as client, client.get(f"http://127.0.0.1:{self.port}{path}") as response:
            return response.status, await response.text()

    @asynccontextmanager
    async def process(self, url: str) -> AsyncIterator[dying.Process]:
        """Folkmoot, once it hears both."""
        settings = {
            "database_url": url,
            "discord_token": self.discord.token,
            "discord_api_url": self.discord.api_url,
            "slack_bot_token": self.slack.bot_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.api_url,
            "web_port": str(self.port),
            "log_level": "error",
        }
        async with dying.process(settings, self.clock) as process:
            await self.ready(BEGINS, platforms={"local": True, "discord": True, "slack": True})
            await self.slack.hooks.aim(f"http://127.0.0.1:{self.port}{SLACK_PATH}")
            yield process


@asynccontextmanager
async def a_town(url: str) -> AsyncIterator[Town]:
    """Two watched channels that anybody may read on the web."""
    clock = dying.Ahead()
    async with DiscordServer(clock) as discord, SlackServer(clock) as slack:
        slack.hooks.now = lambda: clock.now().timestamp()
        guild = discord.guild("Camp")
        help_, talk = guild.channel("help"), slack.channel("talk")
        ada, bo = guild.member("Ada"), slack.member("Bo")
        store = open_store(url)
        try:
            here, there = Space(Platform.DISCORD, guild.id), Space(Platform.SLACK, slack.team)
            for place in (Place(here, help_.id), Place(there, talk.id)):
                await store.ledger.record([a_space(place.space, "Camp", hosted=False), a_channel(place)])
                await store.places.watch(place, True)
                await store.places.set_level(place, Level.WEB, 0)
            yield Town(discord, slack, help_, talk, ada, bo, store, clock, dying.free_port())
        finally:
            await store.close()


async def filled(disk: Disk, times: int, minutes: float = 0.0) -> float:
    """Fill the disk for a while, and make room again: seconds until all is stored that was said."""
    async with a_town(disk.url) as town, town.process(disk.url) as process:
        town.say(times)
        await town.stored(60)
        before = await kept(town.store)
        disk.fill(process.pid)
        town.say(times)
        await town.ready(writes=False, ok=True)
        assert (await town.page("/"))[0] == 200
        assert "folkmoot_store_failing 1.0" in (await town.page("/metrics"))[1]
        await outlasted(town, minutes)
        assert await kept(town.store) == before
        assert not [it for it in town.slack.deliveries.sent[-times:] if "ok" in it.attempts]
        disk.free()
        begun = asyncio.get_running_loop().time()
        town.clock.by += timedelta(seconds=61)  # Slack tries again, what it has not given up
        await town.stored(RECOVERS)
        took = asyncio.get_running_loop().time() - begun
        await town.ready(writes=True)
        return took


async def outlasted(town: Town, minutes: float) -> None:
    """Let so many minutes pass for Slack, while it tries again, and for us as long as it takes to notice."""
    for _ in range(int(minutes)):
        town.clock.by += timedelta(seconds=60)
        await town.slack.deliveries.looked()
    if minutes:
        await asyncio.sleep(taking.GIVEN_UP + 5)  # a soak: the process looks at its own clock
        assert town.slack.statistics.given_up > 0


@pytest.mark.soak
async def test_on_a_full_disk_nothing_is_acknowledged_and_after_it_nothing_is_missing(sqlite_url: str) -> None:
    await filled(Quota(sqlite_url), times=2)


@pytest.mark.soak
@pytest.mark.parametrize("minutes", [0, 8], ids=["short", "longer than Slack tries"])
async def test_a_disk_that_is_really_full(mounted: Mounted, minutes: float) -> None:
    took = await filled(mounted, times=100, minutes=minutes)
    print(f"all stored {took:.1f} s after there was room again")


@pytest.mark.soak
@pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
async def test_what_slack_gave_up_on_is_read_once_the_store_works_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "GIVEN_UP", 0.3)
    ada = workspace.member("Ada")
    await workspace.kept([before := workspace.help.post(ada, "Before.")])
    await writable(workspace, False)
    lost = workspace.help.post(ada, "Is anybody there?")
    [delivery] = [it for it in workspace.server.deliveries.sent if it.payload["event"].get("ts") == lost.ts]
    for tries, minutes in ((2, 1), (3, 5), (4, 0)):
        await workspace.until(lambda tries=tries: len(delivery.attempts) == tries)  # type: ignore[misc]  # its default
        workspace.clock.advance(timedelta(minutes=minutes))
    await workspace.until(lambda: workspace.server.statistics.given_up == 1)
    await writable(workspace, True)
    await workspace.kept([before, lost])


async def writable(workspace: Workspace, wanted: bool) -> None:
    """Let the writer's connection change nothing, or work again."""

    def turn() -> None:
        with closing(workspace.store.database._writing.raw_connection()) as connection:
            connection.cursor().execute(f"PRAGMA query_only={int(not wanted)}")

    await asyncio.to_thread(turn)
