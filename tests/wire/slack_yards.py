"""What it takes to look at our posts on Slack alone: our adapter, nobody who delivers yet, and time that is virtual."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.slack.adapter import SlackAdapter
from bot.cli.run import assemble
from bot.delivery import Delivery, Rendered
from bot.markup import Text
from bot.models import Card, OwnPost, Platform, PostKind, PostState, Space, Thread
from bot.models import Channel as Place
from bot.settings import load
from storage import SqlStore
from tests.camps_slack import ours
from tests.servers.slack import Channel, Message, SlackServer
from tests.virtual import LoopClock, VirtualLoop, a_store, virtually

POST, EDIT, DELETE = "chat.postMessage", "chat.update", "chat.delete"

# What is kept is tried on both databases under tests/storage; here it is the wire that counts. The soak tries both.
ON_SQLITE = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)


@dataclass
class Yard:
    """A Slack that our adapter is connected to, a store, and nobody who delivers until told to."""

    server: SlackServer
    help: Channel
    talk: Channel
    store: SqlStore
    clock: LoopClock
    adapter: SlackAdapter
    words: dict[str, str | None] = field(default_factory=dict)  # what each post shows now, by its subject
    rendered: int = 0

    def delivery(self, owner: str = "first") -> Delivery:
        async def render(post: OwnPost) -> Rendered | None:
            self.rendered += 1
            words = self.words[post.subject]
            return None if words is None else Rendered(card=Card(title="Tents", body=(Text(words),)))

        adapters = {Platform.SLACK: self.adapter}
        return Delivery(store=self.store, clock=self.clock, adapters=adapters, render=render, owner=owner)

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[Delivery]:
        """Deliver all the while, as `folkmoot run` does."""
        delivery = self.delivery()
        running = asyncio.create_task(delivery.run())
        try:
            yield delivery
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    @asynccontextmanager
    async def reading_once_a_minute(self, where: Place | Thread) -> AsyncIterator[None]:
        """Read something again and again where Slack lets us read once a minute; there is a queue, and we know it."""

        async def reading() -> None:
            while True:
                async for _ in self.adapter.history(where, 0):
                    pass

        self.server.make_distributed()
        readers = [asyncio.create_task(reading()) for _ in range(5)]
        try:
            await asyncio.sleep(150)
            yield
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def plan(self, where: Channel | Message, words: str = "Nine messages.") -> str:
        """Plan a post that shows this in a channel, or in the thread of a message; its subject."""
        subject = f"card:{len(self.words) + 1}"
        self.words[subject] = words
        place = self.place(where if isinstance(where, Channel) else where.channel)
        at = place if isinstance(where, Channel) else Thread(place, where.ts)
        assert await self.store.outbox.plan(PostKind.CARD, subject, at, self.clock.now()) is not None
        return subject

    def place(self, channel: Channel) -> Place:
        return Place(Space(Platform.SLACK, self.server.team), channel.id)

    async def changed(self, subject: str, words: str | None) -> None:
        self.words[subject] = words
        await self.store.outbox.touch([int(subject.partition(":")[2])])

    async def live(self, where: Channel | Message, words: str = "Nine messages.") -> str:
        """A post that stands; its subject."""
        subject = await self.plan(where, words)
        await asyncio.sleep(2)  # each of these deliveries has a budget of its own
        await self.delivery().work()
        assert await self.state(subject) is PostState.LIVE
        return subject

    async def post(self, subject: str) -> OwnPost:
        post = await self.store.outbox.of_subject(subject)
        assert post is not None
        return post

    async def state(self, subject: str) -> PostState:
        return (await self.post(subject)).state

    async def until(self, subjects: list[str], *states: PostState, within: float = 3600.0) -> None:
        """Deliver, by one process after the other, until all of these posts are in one of these states."""
        left = list(subjects)
        for _ in range(int(within / 5)):
            while left and await self.state(left[-1]) in states:
                left.pop()
            if not left:
                return
            await self.delivery(str(self.clock.now())).work()
            await asyncio.sleep(5)
        raise AssertionError({await self.state(each) for each in left})

    def asked(self, method: str, channel: Channel | None = None) -> list[float]:
        """When a method was called, in seconds of the loop."""
        calls = self.server.log.requests(method)
        return [it.loop_time for it in calls if channel is None or it.body["body"]["channel"] == channel.id]


@asynccontextmanager
async def in_a_yard(database_url: str) -> AsyncIterator[Yard]:
    """A workspace with #help and #talk, and our adapter connected to it; on a loop with virtual time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    clock = LoopClock()
    async with a_store(database_url) as store, SlackServer(clock) as slack:
        slack.deliveries.pause()
        help_, talk = slack.channel("help"), slack.channel("talk")
        settings = {"slack_bot_token": slack.bot_token, "slack_signing_secret": slack.signing_secret}
        override = settings | {"slack_api_url": slack.api_url}
        parts = assemble(load(env_file=None, override=override), store, clock, "code")
        adapter: SlackAdapter = parts.adapters[Platform.SLACK]
        api: Any = adapter._api
        for call in ("send", "read", "who"):
            setattr(api, call, loop.virtual.asking(getattr(api, call)))
        running = asyncio.create_task(adapter.run(parts.app))
        try:
            while len(await store.places.channels()) < 2 or not adapter.connected:
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
            yield Yard(slack, help_, talk, store, clock, adapter)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


in_virtual_time = virtually("yard", in_a_yard)  # a test that is given a `yard`


def texts(channel: Channel, thread: Message | None = None) -> list[str]:
    """What our posts in a channel say below their title."""
    return [message.blocks[-1]["text"]["text"] for message in ours(channel, thread) if message.blocks]


def most(times: list[float], seconds: float) -> int:
    """How many of these moments lie at most within so many seconds."""
    return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)
