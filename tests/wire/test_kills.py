"""Real processes in which something goes wrong at every named place: nothing is lost, and nothing stands twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.delivery import LEASE
from bot.failpoints import POINTS
from bot.models import Channel as Place
from bot.models import Platform, Space
from storage import SqlStore, open_store
from tests import dying
from tests.camps import looked_at, ours, shown
from tests.checking import Found, Ours, There, check, unsent
from tests.digesting import due_now
from tests.doomed import REACHED, Fault, Plan
from tests.evidence import posted_twice, sent_to_discord, taken_back
from tests.makers import a_channel, a_space
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild, Member
from tests.servers.discord.messages import Message
from tests.servers.faults import Refuse

MINUTES, MINUTE = 30, 2.0  # that may pass until all is well again, and how many seconds of ours each of them takes
LONGEST_MINUTE = 10.0  # seconds
SOUND = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")
WITHIN = 60.0  # seconds until a place is reached
SHORT, LONG = timedelta(seconds=5), timedelta(minutes=20)  # Discord forgets nonces in between
ONCE = {
    "delivery.edited",
    "delivery.removed",
    "digest.claimed",
    "digest.frozen",
    "gap.closed",
    "gap.kept",
}  # in each life
FEW = ((Plan("commit.before"), SHORT), (Plan("delivery.posted"), LONG))


@dataclass
class Doomed:
    """A server whose Folkmoot is killed again and again."""

    server: DiscordServer
    guild: Guild
    help: Channel
    stars: Channel
    store: SqlStore
    clock: dying.Ahead
    url: str
    people: Sequence[Member]

    @property
    def place(self) -> Place:
        return Place(Space(Platform.DISCORD, self.guild.id), self.help.id)

    @asynccontextmanager
    async def process(self) -> AsyncIterator[dying.Process]:
        """Folkmoot, alive until it is killed, or told to stop at the end."""
        settings = {
            "database_url": self.url,
            "discord_token": self.server.token,
            "discord_api_url": self.server.api_url,
            "web_port": "0",
            "log_level": "error",
        }
        async with dying.process(settings, self.clock) as process:
            yield process

    async def wrong(self) -> list[Found]:
        """What is not as it should be just now, as far as one look tells."""
        there, posts = self.looked_at()
        slots, gone = len(await self.store.calendar.schedules()), taken_back(self.server.log)
        return [*await check(self.store, there, posts, gone=gone), *await unsent(self.store, posts, slots)]

    async def broken(self) -> list[Found]:
        """All that was ever wrong in what went out, too: it takes its time to look at all of it."""
        there, posts = self.looked_at()
        sent, log = [*sent_to_discord(self.server, (self.help, self.stars))], self.server.log
        return [*await check(self.store, there, posts, sent, gone=taken_back(log)), *posted_twice(log)]

    def looked_at(self) -> tuple[list[There], list[Ours]]:
        """The watched channel as Discord has it, and all posts of ours."""
        there, posts = looked_at(self.help)
        return there, posts + looked_at(self.stars)[1]

    async def unsound(self) -> list[str]:
        """What is wrong with the database itself while nobody writes to it."""
        if self.store.database.dialect != "sqlite":
            return []
        rows = await self.store.database.read(
            lambda c: [row for check in SOUND for row in c.exec_driver_sql(check).fetchall() if row[0] != "ok"]
        )
        return [str(row) for row in rows]

    async def mended(self) -> None:
        """Let a process that has just begun find what the one before was doing, until nothing is wrong."""
        begun = len(self.server.log.sockets("IDENTIFY"))
        await self.server.log.until(lambda: len(self.server.log.sockets("IDENTIFY")) > begun, within=WITHIN)
        await self.well()

    async def well(self, minutes: int = MINUTES) -> None:
        """Let all leases be outwaited, until nothing is wrong; later minutes last longer.

        What is begun in a minute has to be done in it, however busy the machine is: no call is made after that.
        """
        clock = asyncio.get_running_loop().time
        for n in range(minutes):
            self.clock.by += timedelta(seconds=LEASE)
            ends = clock() + min(MINUTE + n, LONGEST_MINUTE)
            while (wrong := await self.wrong()) and clock() < ends:
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.3)
            if not wrong:
                return
        raise AssertionError(wrong)

    async def life(self, n: int) -> None:
        """What people do: talk, vote, edit, delete; a digest comes due, and the connection is lost once."""
        starter = self.help.post(self.people[0], f"Question {n}: which tent?")
        thread = starter.thread(self.people[0], f"Tents {n}")
        replies = [thread.post(self.people[1 + each % 3], f"Reply {n}.{each}.") for each in range(8)]
        await self.due(n)
        replies[3].edit(f"Reply {n}.3, edited.")
        replies[4].delete()
        for person in self.people:
            replies[5].react(person)
        await self.server.log.until(
            lambda: bool(ours(thread)) and any(f"Reply {n}.5" in shown(post) for post in ours(self.stars)),
            within=WITHIN,
        )
        thread.post(self.people[1], f"Reply {n}.8.")
        replies[5].delete()
        self.server.faults.on("RESUME", Refuse())
        self.server.gateway.close(4000)
        self.help.post(self.people[2], f"Meanwhile {n}.")

    async def due(self, n: int) -> None:
        """Let a digest come due now."""
        await due_now(self.store, self.place, f"Digest {n}", self.clock.now())

    def meanwhile(self, n: int) -> None:
        """What people do while we are dead."""
        self.help.post(self.people[0], f"Is anybody there? {n}")
        newest: list[Message] = [it for it in self.help.messages.values() if not it.ours][-2:]
        newest[0].delete()


Life = Callable[[Doomed, int], Coroutine[None, None, None]]


async def killed(doomed: Doomed, deaths: Sequence[tuple[Plan, timedelta]], life: Life = Doomed.life) -> None:
    """Die at places while life goes on, and stay dead so long.

    One process after the other: each mends what the one before left, and dies at the next place."""
    for n, (plan, downtime) in enumerate(deaths, 1):
        async with doomed.process() as process:
            await doomed.mended()
            await process.arm(plan)
            living = asyncio.create_task(life(doomed, n))
            async with asyncio.timeout(WITHIN):
                assert await process.wait() == -9, plan
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            doomed.meanwhile(n)
        assert await doomed.unsound() == []
        doomed.clock.by += downtime
    async with doomed.process():
        await doomed.mended()
    assert await doomed.broken() == []


async def survived(doomed: Doomed, plans: Sequence[Plan]) -> int:
    """Let something go wrong that kills nobody; how many processes ended of it. Each that goes on mends it itself."""
    ended = 0
    for n, plan in enumerate(plans, 1):
        async with doomed.process() as process:
            await doomed.mended()
            await process.arm(plan)
            living, ending = asyncio.create_task(doomed.life(n)), asyncio.create_task(process.wait())
            assert await process.says(REACHED), plan
            while not living.done() and not ending.done():
                await asyncio.wait([living, ending], timeout=MINUTE, return_when=asyncio.FIRST_COMPLETED)
                doomed.clock.by += timedelta(seconds=LEASE)
            if ending.done():
                living.cancel()
                assert process.returncode == 1, plan
                ended += 1
            else:
                ending.cancel()
                await living
                await doomed.well()
            await asyncio.gather(living, ending, return_exceptions=True)
        assert process.returncode in {0, 1}, plan
        assert await doomed.unsound() == []
    async with doomed.process():
        await doomed.mended()
    assert await doomed.broken() == []
    return ended


def _times(point: str, n: int) -> int:
    """Another time in each life, where a life comes to a place more than once."""
    return 1 if point in ONCE else 1 + n % 3


@asynccontextmanager
async def a_doomed(url: str) -> AsyncIterator[Doomed]:
    """A watched #help with a highlights channel, and everything known."""
    clock = dying.Ahead()
    async with DiscordServer(clock) as server:
        guild = server.guild("Camp")
        help_, stars = guild.channel("help"), guild.channel("stars")
        people = [guild.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
        store = open_store(url)
        made = Doomed(server, guild, help_, stars, store, clock, url, people)
        try:
            places = [a_channel(Place(made.place.space, it.id)) for it in (help_, stars)]
            await store.ledger.record([a_space(made.place.space, "Camp", hosted=False), *places])
            await store.places.watch(made.place, True)
            await store.places.set_space(made.place.space, highlights_channel=made.stars.id)
            yield made
        finally:
            await made.store.close()


async def test_a_process_killed_at_a_few_places_loses_and_repeats_nothing(sqlite_url: str) -> None:
    async with a_doomed(sqlite_url) as doomed:
        await killed(doomed, FEW)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("point", POINTS)
async def test_a_process_killed_twenty_times_at_every_place(database_url: str, point: str) -> None:
    async with a_doomed(database_url) as doomed:
        await killed(doomed, [(Plan(point, _times(point, n)), (SHORT, LONG)[n % 2]) for n in range(20)])


async def test_an_error_that_nobody_expects_loses_and_repeats_nothing(sqlite_url: str) -> None:
    async with a_doomed(sqlite_url) as doomed:
        assert (
            await survived(doomed, [Plan(point, fault=Fault.RAISE) for point in ("app.kept", "delivery.posted")]) == 0
        )


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("fault", [Fault.RAISE, Fault.STALL])
@pytest.mark.parametrize("point", POINTS)
async def test_a_process_lives_through_trouble_at_every_place(database_url: str, point: str, fault: Fault) -> None:
    async with a_doomed(database_url) as doomed:
        ended = await survived(doomed, [Plan(point, _times(point, n), fault) for n in range(2)])
    print(f"{point} {fault}: {ended} of 2 ended")
