"""A Discord server with Folkmoot in it, and what people there see."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.cli.run import Parts, assemble
from bot.models import Channel as Place
from bot.models import Platform, Space
from bot.models import Thread as Inside
from bot.settings import load
from storage import SqlStore
from tests.checking import Ours, There
from tests.makers import SetClock
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild, Member
from tests.servers.discord.messages import DEFAULT, REPLY, Message
from tests.servers.discord.permissions import Can
from tests.servers.discord.threads import Thread

STARS = ("⭐", "🌟")
LOOK = 0.01  # seconds between two looks
PATIENCE = 60.0  # seconds that anything may take in these tests


async def until(happened: Callable[[], object], within: float = PATIENCE) -> None:
    """Look every moment whether something happened; nobody announces what people see."""
    async with asyncio.timeout(within):
        while not happened():  # noqa: ASYNC110 - nobody announces what people see
            await asyncio.sleep(LOOK)  # Folkmoot runs on this loop too, and is to get on


@dataclass
class Camp:
    """A Discord server with Folkmoot in it."""

    server: DiscordServer
    guild: Guild
    help: Channel
    store: SqlStore
    clock: SetClock
    parts: Parts

    @property
    def space(self) -> Space:
        return Space(Platform.DISCORD, self.guild.id)

    @property
    def place(self) -> Place:
        return Place(self.space, self.help.id)

    def member(self, name: str, *, can: Can | None = None) -> Member:
        return self.guild.member(name, *([self.guild.role(f"{name}'s", can)] if can else []))

    async def until(self, happened: Callable[[], object], within: float = PATIENCE) -> None:
        """Wait until something is to be seen."""
        await until(happened, within)


@asynccontextmanager
async def folkmoot(
    server: DiscordServer, store: SqlStore, clock: SetClock, *, shards: str | None = None
) -> AsyncIterator[Parts]:
    """Folkmoot connected to this Discord, or to a part of it, as `folkmoot run` puts it together."""
    override = {"discord_token": server.token, "discord_api_url": server.api_url}
    settings = load(env_file=None, override=override | ({"discord_shards": shards} if shards else {}))
    parts = assemble(settings, store, clock, "code")
    discord = parts.adapters[Platform.DISCORD]
    async with aimed(server):
        tasks = [
            asyncio.create_task(work) for work in (discord.run(parts.app), parts.app.follow(), parts.catch_up.run())
        ]
        try:
            yield parts
        finally:
            for task in tasks:
                task.cancel()
            for error in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(error, asyncio.CancelledError), error


def ours(channel: Channel) -> list[Message]:
    """Our own posts in a channel or thread."""
    return [message for message in channel.messages.values() if message.ours and message.embeds]


def shown(message: Message) -> str:
    """All that an embed of ours says."""
    embed = message.embeds[0]
    fields = [part for field in embed.get("fields", ()) for part in (field["name"], field["value"])]
    return "\n".join([embed.get("title", ""), embed.get("description", ""), *fields])


def looked_at(watched: Channel) -> tuple[list[There], list[Ours]]:
    """A watched channel and its threads as Discord has them, and all posts of ours there, for the checker."""
    place = Place(Space(Platform.DISCORD, watched.guild.id), watched.id)
    threads = [thread for thread in watched.guild.threads.values() if thread.parent is watched]
    there, posts = [], []
    for channel in (watched, *threads):
        where = place if channel is watched else Inside(place, channel.id)
        starter = watched.messages.get(channel.id)
        some = [each for each in (starter, *channel.messages.values()) if each and _counts(each)]
        said, starred = {each.id: each.text for each in some}, {each.id for each in some if _starred(each)}
        there.append(There(where=where, said=said, starred=starred))
        for post in ours(channel):
            pings = post.allowed_mentions != {"parse": []}
            posts.append(Ours(where=where, subject=post.nonce or post.id, text=shown(post), pings=pings))
    return there, posts


def _counts(message: Message) -> bool:
    return not message.ours and message.kind in {DEFAULT, REPLY}


def _starred(message: Message) -> bool:
    """Whether somebody else than its author highlighted it."""
    return any(user is not message.author for emoji in STARS for user in message.reactions.get(emoji, ()))


def link(message: Message | Thread) -> str:
    """Where a link of ours to a message or thread leads."""
    if isinstance(message, Thread):
        return f"<https://discord.com/channels/{message.guild.id}/{message.id}>"
    return f"<https://discord.com/channels/{message.channel.guild.id}/{message.channel.id}/{message.id}>"
