"""What it takes to look at our posts alone: a Discord, our adapter connected to it, and nobody who delivers yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.discord.adapter import DiscordAdapter
from bot.cli.run import assemble
from bot.delivery import Delivery, Rendered
from bot.markup import Text
from bot.models import Card, OwnPost, Platform, PostKind, PostState, Space
from bot.models import Channel as Place
from bot.settings import load
from storage import SqlStore
from tests.camps import Camp, ours, shown
from tests.makers import SetClock
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild
from tests.servers.discord.messages import Message
from tests.servers.discord.threads import Thread

POST, EDIT, READ = "POST /channels/*/messages", "PATCH /channels/*/messages/*", "GET /channels/*/messages"
VIA = {"Via": "1.1 google"}

# What is kept is tried on both databases under tests/storage; here it is the wire that counts. The soak tries both.
ON_SQLITE = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)


@dataclass
class Yard:
    """A Discord that our adapter is connected to, a store, and nobody who delivers until told to."""

    server: DiscordServer
    guild: Guild
    store: SqlStore
    clock: SetClock
    adapter: DiscordAdapter
    words: dict[str, str] = field(default_factory=dict)  # what each post shows now, by its subject

    def delivery(self, owner: str = "first") -> Delivery:
        async def render(post: OwnPost) -> Rendered:
            return Rendered(card=Card(title="Tents", body=(Text(self.words[post.subject]),)))

        adapters = {Platform.DISCORD: self.adapter}
        return Delivery(store=self.store, clock=self.clock, adapters=adapters, render=render, owner=owner)

    async def plan(self, channel: Channel, words: str = "Nine messages.") -> str:
        """Plan a post that shows this; its subject."""
        subject = f"card:{len(self.words) + 1}"
        self.words[subject] = words
        place = Place(Space(Platform.DISCORD, self.guild.id), channel.id)
        assert await self.store.outbox.plan(PostKind.CARD, subject, place, self.clock.now()) is not None
        return subject

    async def changed(self, subject: str, words: str) -> None:
        self.words[subject] = words
        await self.store.outbox.touch([int(subject.partition(":")[2])])

    async def state(self, subject: str) -> PostState:
        post = await self.store.outbox.of_subject(subject)
        assert post is not None
        return post.state

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))


@asynccontextmanager
async def in_a_yard(discord: DiscordServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Yard]:
    """A Camp with #help and #talk, and our adapter connected to it."""
    guild = discord.guild("Camp")
    for name in ("help", "talk"):
        guild.channel(name)
    settings = load(env_file=None, override={"discord_token": discord.token, "discord_api_url": discord.api_url})
    parts = assemble(settings, store, clock, "code")
    adapter = parts.adapters[Platform.DISCORD]
    async with aimed(discord):
        running = asyncio.create_task(adapter.run(parts.app))
        try:
            async with asyncio.timeout(30):
                while len(await store.places.channels()) < 2:
                    await store.ledger.wait(await store.ledger.last_seq(), 1)
            yield Yard(discord, guild, store, clock, adapter)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def channels(yard: Yard) -> tuple[Channel, Channel]:
    """#help and #talk."""
    help_, talk = (each for each in yard.guild.channels.values() if each.name in {"help", "talk"})
    return help_, talk


def texts(channel: Channel) -> list[str]:
    """What our posts in a channel say."""
    return [message.embeds[0]["description"] for message in ours(channel)]


async def a_card(camp: Camp) -> tuple[Thread, list[Message], Message]:
    """A thread with eight replies, and its card."""
    people = [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    thread = camp.help.post(people[0], "Which tent holds out in a storm?").thread(people[0], "Tents")
    replies = [thread.post(people[1 + n % 3], f"Reply number {n}.") for n in range(8)]
    await camp.until(lambda: ours(thread) and "💬 9 msgs" in shown(ours(thread)[0]))
    return thread, replies, ours(thread)[0]
