"""Real processes that are killed while they take what Slack delivers: what was not acknowledged comes again, once."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import ClientError

from adapters.slack.manifest import SLACK_PATH
from bot.models import Channel as Place
from bot.models import Platform, Space
from storage import SqlStore, open_store
from tests import dying
from tests.camps import until
from tests.camps_slack import LOOK, kept, ours
from tests.doomed import REACHED, Fault, Plan
from tests.makers import a_channel, a_space
from tests.servers.faults import Status
from tests.servers.slack import Channel, Member, Message, SlackServer

BEFORE, AFTER = "commit.before", "app.kept"  # what was received is not durable yet; it is, and nobody was told
DIED, ANSWERS = 20.0, 90.0  # seconds


@dataclass
class Doomed:
    """A Slack whose Folkmoot is killed again and again; no history can be read there, so only deliveries tell."""

    server: SlackServer
    help: Channel
    store: SqlStore
    clock: dying.Ahead
    url: str
    port: int
    people: Sequence[Member]
    said: list[Message] = field(default_factory=list)

    @asynccontextmanager
    async def process(self) -> AsyncIterator[dying.Process]:
        """Folkmoot, listening for signed deliveries."""
        settings = {
            "database_url": self.url,
            "slack_bot_token": self.server.bot_token,
            "slack_signing_secret": self.server.signing_secret,
            "slack_api_url": self.server.api_url,
            "web_port": str(self.port),
            "local_room": "off",  # it tells of itself when it opens
            "log_level": "error",
        }
        async with dying.process(settings, self.clock) as made:
            async with asyncio.timeout(ANSWERS):
                while not await self.listens():
                    assert made.returncode is None
                    await asyncio.sleep(LOOK)
            yield made

    async def listens(self) -> bool:
        """Whether our address answers Slack."""
        try:
            await self.server.hooks.aim(f"http://127.0.0.1:{self.port}{SLACK_PATH}")
        except (ClientError, OSError, AssertionError):
            return False
        return True

    async def mended(self) -> None:
        """All was delivered again a minute later, or five where we were not ready yet: it is there, and once."""
        for later in (61, 240):
            self.clock.by += timedelta(seconds=later)
            with suppress(TimeoutError):
                await self.server.deliveries.settled(within=ANSWERS / 2)
                break
        assert await kept(self.store) == {message.ts: message.text for message in self.said}
        assert (await self.store.ledger.audit()).drift == 0
        assert self.server.statistics.given_up == 0
        assert not self.said or len(ours(self.help, self.said[0])) <= 1

    def say(self) -> Message:
        """Somebody says one thing more."""
        who = self.people[len(self.said) % len(self.people)]
        reply = self.said[0].reply(who, f"Reply {len(self.said)}.") if self.said else self.help.post(who, "Which?")
        self.said.append(reply)
        return reply

    async def talk(self, chance: random.Random) -> None:
        """Say one thing after the other, about fifty a second, until cancelled."""
        while True:
            self.say()
            await asyncio.sleep(chance.expovariate(50))

    async def acknowledged(self) -> None:
        """What was acknowledged by now is stored: nobody will tell it again."""
        done = {it.payload["event"].get("ts") for it in self.server.deliveries.sent if it.attempts[-1:] == ["ok"]}
        assert done & {message.ts for message in self.said} <= (await kept(self.store)).keys()

    async def killed(self, point: str) -> None:
        """Say something, and die while it is taken."""
        async with self.process() as process:
            await self.mended()
            await process.arm(Plan(point))
            reply = self.say()
            async with asyncio.timeout(DIED):
                assert await process.wait() == -9
        assert (reply.ts in await kept(self.store)) is (point == AFTER)
        delivery = self.server.deliveries.sent[-1]
        await until(lambda: len(delivery.attempts) == 2)
        assert "ok" not in delivery.attempts


@asynccontextmanager
async def a_slack(url: str, *names: str) -> AsyncIterator[Doomed]:
    """A watched #help of which no history can be read, and people; one alone earns no card."""
    clock = dying.Ahead()
    async with SlackServer(clock) as server:
        server.hooks.now = lambda: clock.now().timestamp()
        server.world.patience = ANSWERS  # who dies is soon missed; how long an answer takes is looked at elsewhere
        people = [server.member(name) for name in names or ("Ada",)]
        store, help_ = open_store(url), server.channel("help")
        for method in ("conversations.history", "conversations.replies"):
            server.faults.on(method, Status(500), times=None)
        try:
            place = Place(Space(Platform.SLACK, server.team), help_.id)
            await store.ledger.record([a_space(place.space, "Camp", hosted=False), a_channel(place)])
            await store.places.watch(place, True)
            yield Doomed(server, help_, store, clock, url, dying.free_port(), people)
        finally:
            await store.close()


async def died(url: str, points: Sequence[str]) -> None:
    """Die at places, one process after the other; the last one lives."""
    async with a_slack(url) as doomed:
        for point in points:
            await doomed.killed(point)
        async with doomed.process():
            await doomed.mended()
        assert len(doomed.said) == len(points)


async def test_what_a_killed_process_did_not_acknowledge_is_delivered_again_and_stands_once(sqlite_url: str) -> None:
    await died(sqlite_url, [BEFORE, AFTER])


@pytest.mark.parametrize("point", [pytest.param(BEFORE, marks=pytest.mark.soak), AFTER])
async def test_an_error_that_nobody_expects_is_no_acknowledgement_and_ends_nothing(sqlite_url: str, point: str) -> None:
    async with a_slack(sqlite_url) as doomed, doomed.process() as process:
        await doomed.mended()
        await process.arm(Plan(point, fault=Fault.RAISE))
        doomed.say()
        assert await process.says(REACHED)
        await doomed.mended()
        assert process.returncode is None


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("slice_", range(4))
@pytest.mark.parametrize("point", [BEFORE, AFTER])
async def test_of_two_hundred_killed_processes_none_loses_or_repeats_a_message(
    database_url: str, point: str, slice_: int
) -> None:
    await died(database_url, [point] * 50)
