"""Several Folkmoots over one database hear of the same things: each is done once, by one of them."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from adapters.discord import tracking
from adapters.slack.manifest import SLACK_PATH
from bot.cli.run import Parts
from bot.models import Channel as Place
from bot.models import MessageRef, Platform, Space, Thread, ThreadSeen
from storage import SqlStore
from tests.camps import PATIENCE, folkmoot, looked_at, ours, shown, until
from tests.camps_slack import Workspace
from tests.camps_slack import folkmoot as in_slack
from tests.camps_slack import looked_at as slack_looked_at
from tests.camps_slack import watched as settled_in
from tests.checking import Found, Ours, There, check
from tests.crowds import DiscordCrowd, SlackCrowd
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.discord.threads import Thread as Talk
from tests.servers.faults import Duplicate, Status
from tests.servers.slack import SlackServer
from tests.wire.keeping import all_kept, kept

OF_ALL = "POST /interactions/*/*/callback"
DONE = 204


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@asynccontextmanager
async def side_by_side(
    server: DiscordServer, store: SqlStore, clock: SetClock, *shards: str | None
) -> AsyncIterator[list[Parts]]:
    """Folkmoots that hear these parts of Discord, connected."""
    async with AsyncExitStack() as stack:
        band = [await stack.enter_async_context(folkmoot(server, store, clock, shards=each)) for each in shards]
        await until(lambda: all(parts.adapters[Platform.DISCORD].connected for parts in band))
        yield band


def place_of(channel: Channel) -> Place:
    return Place(Space(Platform.DISCORD, channel.guild.id), channel.id)


async def watched(store: SqlStore, channel: Channel) -> None:
    async with asyncio.timeout(PATIENCE):
        while await store.places.channel(place_of(channel)) is None:
            await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    await store.places.watch(place_of(channel), True)


async def no_gap(store: SqlStore) -> None:
    async with asyncio.timeout(PATIENCE):
        while await store.gaps.open(Platform.DISCORD):
            await store.ledger.wait(await store.ledger.last_seq(), 0.2)


async def test_a_command_that_three_hear_of_is_run_by_one(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, mo = guild.channel("help"), guild.member("Mo", guild.role("mods", MODERATOR | Can.MANAGE_GUILD))
    async with side_by_side(discord, store, clock, None, None, None):
        await watched(store, help_)
        answer = await help_.command(mo, "folkmoot-admin set", name="locale", value="de").answer()
        assert shown(answer)
        await until(lambda: len(discord.log.answers(OF_ALL)) == 3)
    assert sorted(entry.status for entry in discord.log.answers(OF_ALL)) == [DONE, 400, 400]
    assert len(discord.log.requests("PATCH /webhooks/*/*/messages/@original")) == 1


async def test_who_writes_to_us_gets_one_answer_from_three(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    async with side_by_side(discord, store, clock, None, None, None):
        await watched(store, help_)
        help_.post(ada, f"<@{discord.application.user.id}> status")
        await until(lambda: len(discord.log.answers("POST /channels/*/messages")) == 3)
    assert len([message for message in help_.messages.values() if message.ours]) == 1


async def test_one_of_three_reads_what_was_missed(discord: DiscordServer, store: SqlStore, clock: SetClock) -> None:
    guild = discord.guild("Camp")
    help_, log, ada = guild.channel("help"), guild.channel("log"), guild.member("Ada")
    async with side_by_side(discord, store, clock, None) as [parts]:
        await watched(store, help_)
        await watched(store, log)
        await store.places.set_space(Space(Platform.DISCORD, guild.id), log_channel=log.id)
        await no_gap(store)
        await parts.app.tick()
    said = [help_.post(ada, f"Meanwhile {n}.") for n in range(5)]
    clock.advance(timedelta(hours=2))
    before = len(discord.log)
    async with side_by_side(discord, store, clock, None, None, None) as band:
        await no_gap(store)
        await all_kept(store, said)
        async with asyncio.timeout(PATIENCE):
            while not ours(log):
                for parts in band:
                    await parts.app.tick()
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
        for parts in band:
            await parts.app.tick()
    assert [shown(post).strip() for post in ours(log)] == ["Back after 2 h; 5 messages recovered"]
    reads = discord.log.requests(f"GET /channels/{help_.id}/messages", since=before)
    assert len(reads) < 3 * len(band)  # each that connects may find a gap of its own, and compares the last days


async def test_a_private_thread_that_one_tracks_is_kept_by_all(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "LEARNED", 0.1)
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    async with side_by_side(discord, store, clock, None):
        await watched(store, help_)
        thread = help_.thread(ada, "The narwhal", private=True)
        said = [thread.post(ada, "A narwhal.")]
        async with side_by_side(discord, store, clock, None) as [other]:
            await other.adapters[Platform.DISCORD].track(Thread(place_of(help_), thread.id))
            await all_kept(store, said)
            await until(lambda: len(discord.log.requests(f"GET /channels/{thread.id}/messages")) > 1)  # by each of them
        said.append(thread.post(ada, "It is still there."))
        await all_kept(store, said)


async def test_a_private_thread_that_one_may_not_read_keeps_no_other_from_it(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "LEARNED", 0.1)
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    async with side_by_side(discord, store, clock, None):
        await watched(store, help_)
        threads = [help_.thread(ada, name, private=True) for name in ("The narwhal", "The okapi")]
        said = [thread.post(ada, "Here.") for thread in threads]
        refused = discord.faults.on(f"GET /channels/{threads[0].id}", Status(503), times=None)
        for thread in threads:
            await store.ledger.record([ThreadSeen(thread=talk_of(thread), at=clock.now(), private=True)])
        while said[1].id not in await kept(store):
            await store.ledger.wait(await store.ledger.last_seq(), 0.1)
        assert refused.bites
        refused.lift()
        await all_kept(store, said)


def talk_of(thread: Talk) -> Thread:
    return Thread(place_of(thread.parent), thread.id)


@pytest.fixture
def halves(discord: DiscordServer) -> tuple[Guild, Guild]:
    """Two servers, the first in the first half of Discord and the other in the second."""
    guilds = [discord.guild(name) for name in ("Camp", "Yard", "Mill")]
    discord.gateway.shards = 2
    [even, *_], [odd, *_] = [[each for each in guilds if (int(each.id) >> 22) % 2 == part] for part in (0, 1)]
    return even, odd


async def test_each_half_of_discord_is_heard_and_read_by_its_process(
    discord: DiscordServer, store: SqlStore, clock: SetClock, halves: tuple[Guild, Guild]
) -> None:
    channels = [guild.channel("help") for guild in halves]
    people = [guild.member("Ada") for guild in halves]
    async with side_by_side(discord, store, clock, "0/2", "1/2"):
        for channel in channels:
            await watched(store, channel)
        await no_gap(store)
    said = [channel.post(who, "Meanwhile.") for channel, who in zip(channels, people, strict=True)]
    async with side_by_side(discord, store, clock, "0/2"):
        said += [channel.post(who, "Good morning.") for channel, who in zip(channels, people, strict=True)]
        await all_kept(store, [message for message in said if message.channel is channels[0]])
    assert [gap.channel.channel for gap in await store.gaps.open(Platform.DISCORD)] == []
    assert await store.forum.post(MessageRef(place_of(channels[1]), said[1].id)) is None
    async with side_by_side(discord, store, clock, "0/2", "1/2"):
        await all_kept(store, said)
        thread = channels[1].post(people[1], "Which tent?").thread(people[1], "Tents")
        for n in range(6):
            thread.post(halves[1].member(f"Guest {n % 3}"), f"Reply {n}.")
        await until(lambda: ours(thread))
    assert {entry.body.get("shard", (None,))[0] for entry in discord.log.sockets("IDENTIFY")} == {0, 1}


async def test_what_two_hear_is_stored_once_and_counted_once(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, people = guild.channel("help"), [guild.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    async with side_by_side(discord, store, clock, None, None):
        await watched(store, help_)
        await no_gap(store)
        crowd = DiscordCrowd(help_, random.Random(25), people)
        for n in range(60):
            crowd.something(n)
        await as_it_is_there(store, lambda: looked_at(help_))
    frames = Counter(frame.who for frame in discord.log.events("MESSAGE_CREATE"))
    assert len(frames) == 2
    assert len({*frames.values()}) == 1


async def test_what_slack_delivers_to_two_is_stored_once_and_counted_once(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    people = [slack.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    help_ = slack.channel("help")
    async with in_slack(slack, store, clock, "http") as first, in_slack(slack, store, clock, "http") as second:
        await slack.hooks.aim(*(f"http://127.0.0.1:{each.web.port}{SLACK_PATH}" for each in (first, second)))
        await settled_in(Workspace(slack, help_, store, clock, first), help_)
        slack.faults.on("EVENT **", Duplicate(), times=None)  # one for each: they take turns
        crowd = SlackCrowd(help_, random.Random(25), people)
        for n in range(60):
            crowd.something(n)
        await slack.deliveries.settled(within=PATIENCE)
        await as_it_is_there(store, lambda: slack_looked_at(help_))
    assert slack.statistics.given_up == 0


async def as_it_is_there(store: SqlStore, look: Callable[[], tuple[Sequence[There], Sequence[Ours]]]) -> None:
    """Wait until the checker finds nothing."""
    found: Sequence[Found] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while found := await check(store, *look()):
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    except TimeoutError:
        assert found == []
