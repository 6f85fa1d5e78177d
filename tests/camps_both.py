"""A Discord and a Slack with one Folkmoot in both, a word of its own in everything closed, and all that goes out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from adapters.slack.manifest import manifest
from bot.cli.run import Parts, assemble
from bot.models import Channel as Place
from bot.models import Level, Platform, Space
from bot.settings import load
from storage import SqlStore
from tests.camps import PATIENCE, shown, until
from tests.camps import ours as ours_in_discord
from tests.camps_slack import ours as ours_in_slack
from tests.camps_slack import prompt
from tests.checking import Output
from tests.evidence import sent_to_discord, sent_to_slack
from tests.makers import SetClock
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel as Hall
from tests.servers.discord.guilds import Guild
from tests.servers.slack import Channel, Role, SlackServer
from tests.servers.slack import Member as Person
from tests.servers.slack.looks import look

PEOPLE = ("Ada", "Bo", "Cem", "Dina")
PAGES = ("/", "/highlights", "/digests", "/feed.atom", "/sitemap.xml", "/metrics")
NUMBERS = range(1, 10)  # more than there are discussions, digests and channels


def canary(name: str) -> str:
    """A word that is said in one closed channel only."""
    return f"quokka{name}"


@dataclass
class Both:
    """A Discord with two servers and a Slack workspace, with one Folkmoot in all of them."""

    discord: DiscordServer
    slack: SlackServer
    store: SqlStore
    clock: SetClock
    parts: Parts
    camp: Mapping[str, Hall]
    lodge: Hall
    shop: Mapping[str, Channel]

    @property
    def channels(self) -> dict[str, Hall | Channel]:
        """All channels by name; "lodge" is that of the server which nobody links."""
        return {**self.camp, "lodge": self.lodge, **self.shop}

    def place(self, channel: Hall | Channel) -> Place:
        """A channel as the core knows it."""
        if isinstance(channel, Hall):
            return Place(Space(Platform.DISCORD, channel.guild.id), channel.id)
        return Place(Space(Platform.SLACK, self.slack.team), channel.id)

    def person(self, name: str) -> Person:
        """Somebody of the workspace."""
        return next(each for each in self.slack.world.members.values() if each.name == name)

    def digests(self, channel: Hall | Channel) -> list[str]:
        """The digests in a channel as they read now."""
        if isinstance(channel, Hall):
            said = [shown(each) for each in ours_in_discord(channel)]
        else:
            said = [look(each, self.clock.now()) for each in ours_in_slack(channel)]
        return [each for each in said if "The day in " in each]

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is to be seen."""
        await until(happened)

    async def kept(self, messages: int, highlights: int) -> None:
        """Wait until so much is stored, and all is made of it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                audit = await self.store.ledger.audit()
                done = (audit.messages, audit.highlights) == (messages, highlights)
                if done and not await self.store.ledger.unsettled(1):
                    return
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.1)

    async def outputs(self) -> list[Output]:
        """All that either platform was ever sent, whoever it was for, and all that the web shows to anybody now."""
        sent = [
            *sent_to_discord(self.discord, (*self.camp.values(), self.lodge)),
            *sent_to_slack(self.slack, self.shop.values()),
        ]
        return sent + [Output(name=path, text=text) for path, text in (await self.pages()).items()]

    async def pages(self) -> dict[str, str]:
        """Every page that anybody can ask for, and some that nobody should."""
        paths = [*PAGES, "/search?q=which", "/search?q=quokka*"]
        for n in NUMBERS:
            paths += [f"/d/{n}", f"/digests/{n}", f"/?channel={n}", f"/feed.atom?channel={n}"]
            paths += [f"/?community={n}", f"/feed.atom?community={n}"]
        found = {}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.parts.web.port}") as session:
            for path in paths:
                async with session.get(path) as answer:
                    found[path] = await answer.text()
        return found


@asynccontextmanager
async def both_of(discord: DiscordServer, slack: SlackServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Both]:
    """Two platforms with one Folkmoot; every channel is followed, and shared as far as somebody could ask for."""
    camp, lodge = halls(discord.guild("Camp")), discord.guild("Lodge").channel("hall")
    shop = rooms(slack)
    tokens = {
        "discord_token": discord.token, "discord_api_url": discord.api_url, "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token, "slack_api_url": slack.api_url, "web_port": "0",
    }  # fmt: skip
    slack.install(manifest())
    parts = prompt(assemble(load(env_file=None, override=tokens), store, clock, "code"))
    made = Both(discord, slack, store, clock, parts, camp, lodge, shop)
    async with aimed(discord), running(parts):
        await slack.sockets.until_open()
        for name, channel in made.channels.items():
            await followed(made, channel, Level.DIGEST if name == "lodge" else Level.INDEX)
        await parts.catch_up.work()
        yield made


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[None]:
    """All that `folkmoot run` runs, but the clock's ticks."""
    await parts.web.start()
    works = [adapter.run(parts.app) for adapter in parts.adapters.values()]
    tasks = [asyncio.create_task(work) for work in (*works, parts.app.follow(), parts.catch_up.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(error, asyncio.CancelledError), error
        await parts.web.stop()


async def followed(both: Both, channel: Hall | Channel, level: Level) -> None:
    """Wait until a channel is known, follow it, and share it."""
    place = both.place(channel)
    async with asyncio.timeout(PATIENCE):
        while await both.store.places.channel(place) is None:
            await both.store.ledger.wait(await both.store.ledger.last_seq(), 1)
    await both.store.places.watch(place, True)
    await both.store.places.set_level(place, level, 0)


def halls(camp: Guild) -> dict[str, Hall]:
    """A server's channels: two open ones, a private one and one that is not safe for work."""
    found = {name: camp.channel(name) for name in ("help", "stars", "den", "cave")}
    found["den"].make_private(to=[*map(camp.member, PEOPLE), *filter(None, [camp.me])])
    found["cave"].set_nsfw(True)
    return found


def rooms(slack: SlackServer) -> dict[str, Channel]:
    """A workspace's channels: two open ones, one with a guest, a private one and one shared with strangers."""
    people = [slack.member(name) for name in PEOPLE]
    slack.member("Otto")
    found = {name: slack.channel(name) for name in ("bench", "praise")}
    found["lobby"] = slack.channel("lobby", members=(slack.member("Gus", Role.GUEST),))
    found["hut"] = slack.channel("hut", private=True, members=tuple(people))
    found["bridge"] = slack.channel("bridge", connected="T0OTHER001", members=(slack.foreigner("Fay"),))
    return found
