"""A day on Discord and Slack through which one real `folkmoot run` lives, while things go wrong."""

import asyncio
import inspect
import os
import random
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from statistics import median

import aiohttp

from adapters.slack.manifest import manifest
from bot.clock import SystemClock
from bot.errors import StoreFailed
from bot.models import Channel as Place
from bot.models import Level, Platform, Space
from storage import SqlStore, open_store
from tests import camps, camps_slack, dying
from tests.checking import Found, Ours, Output, There, check, unsent
from tests.crowds import DiscordCrowd, SlackCrowd
from tests.digesting import due_now
from tests.evidence import posted_twice, sent_to_discord, sent_to_slack, taken_back
from tests.makers import a_channel, a_space
from tests.servers.discord import Channel as Hall
from tests.servers.discord import DiscordServer
from tests.servers.slack import Channel, SlackServer
from tests.terminal import ROOT
from tests.weather import Trouble, forecast

QUOKKA, WOMBAT = "quokka", "wombat"  # said where only few people are: in Discord, and in Slack
BEGINS = 0.005  # of what people do begins a thread
PEOPLE = ("Ada", "Bo", "Cem", "Dina")
PAGES = ("/", "/highlights", "/digests", "/feed.atom", "/search?q=Reply", "/d/1", "/d/2", "/?tab=all", "/readyz")
ENDED = 40.0  # seconds in which it has to end


@dataclass(frozen=True)
class Size:
    """How long it goes on and how much happens; all in seconds, but `rate`: what people do in one."""

    lasts: float
    rate: float
    calm: float  # between two troubles
    digests: float | None  # between two digests
    look: float  # between two looks at what the process needs
    warm: float  # after which it has to be flat
    patience: float  # until all is well, in the end


@dataclass(frozen=True)
class Needs:
    """What a process needed at a moment: memory in KiB; so many open files, threads, works under way."""

    at: float
    memory: int
    files: int
    threads: int
    tasks: int


@dataclass
class Day:
    """Both platforms, the people there, the process, and what became of it."""

    discord: DiscordServer
    slack: SlackServer
    store: SqlStore
    port: int
    process: Process
    halls: Mapping[str, Hall]
    rooms: Mapping[str, Channel]
    chance: random.Random
    needs: list[Needs] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    deeds: int = 0
    pages: Counter[int] = field(default_factory=Counter)  # by status
    digests: int = 0

    def place(self, channel: Hall | Channel) -> Place:
        """A channel as the core knows it."""
        if isinstance(channel, Hall):
            return Place(Space(Platform.DISCORD, channel.guild.id), channel.id)
        return Place(Space(Platform.SLACK, self.slack.team), channel.id)

    # What happens

    def crowds(self) -> Iterator[DiscordCrowd | SlackCrowd]:
        """The people: most of them talk in the open, a few in private; Otto, who reads nothing private, asks."""
        members = {each.name: each for each in self.slack.world.members.values()}
        for name in ("help", "help", "help", "den"):
            hall, room = self.halls[name], self.rooms[name]
            otto = None if name == "den" else hall.guild.member("Otto")
            here, there = (QUOKKA, WOMBAT) if name == "den" else ("", "")
            some = [hall.guild.member(each) for each in PEOPLE]
            yield DiscordCrowd(hall, self.chance, some, begins=BEGINS, word=here, asker=otto)
            others = [members[each] for each in PEOPLE]
            yield SlackCrowd(room, self.chance, others, begins=BEGINS, word=there, asker=otto and members["Otto"])

    async def talk(self, size: Size) -> None:
        """People do things, so many in a second."""
        crowds = list(self.crowds())
        for self.deeds in count(1):
            crowds[self.deeds % len(crowds)].something(self.deeds)
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) / size.rate)

    async def suffer(self, size: Size, troubles: Mapping[str, Trouble]) -> None:
        """One thing after the other goes wrong."""
        for name, trouble in forecast(troubles, self.chance):
            await asyncio.sleep(size.calm)
            self.troubles[name] += 1
            found = trouble()
            if inspect.isawaitable(found):
                await found

    async def meet(self, size: Size) -> None:
        """Digests come due, here and there."""
        if size.digests is None:
            await asyncio.Event().wait()
            return
        for place in cycle((self.place(self.halls["help"]), self.place(self.rooms["help"]))):
            with suppress(StoreFailed):  # the process has been writing for longer than we wait
                await due_now(self.store, place, f"Digest {self.digests + 1}", SystemClock().now())
                self.digests += 1
            await asyncio.sleep(size.digests)

    async def read(self) -> None:
        """Somebody goes from page to page."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            while True:
                async with session.get(self.chance.choice(PAGES)) as answer:
                    await answer.read()
                    self.pages[answer.status] += 1
                await asyncio.sleep(self.chance.uniform(0.5, 1.5))

    async def look_on(self) -> None:
        """Somebody leaves a page open."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            while True:
                async with session.get("/live?about=forum,d1", timeout=aiohttp.ClientTimeout(total=300)) as answer:
                    with suppress(TimeoutError):
                        async for _ in answer.content:
                            pass

    async def watch(self, size: Size) -> None:
        """Look what the process needs, from the first moment on."""
        began = asyncio.get_running_loop().time()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            while True:
                async with session.get("/metrics") as answer:
                    text = await answer.text()
                self.needs.append(needed(self.process.pid, text, asyncio.get_running_loop().time() - began))
                await asyncio.sleep(size.look)

    async def live(self, size: Size, troubles: Mapping[str, Trouble]) -> None:
        """Let all of it happen for so long, the troubles a little less."""
        watching = asyncio.create_task(self.watch(size))
        works = [self.talk(size), self.meet(size), self.read(), self.read(), self.look_on(), self.look_on()]
        tasks = [asyncio.create_task(work) for work in works]
        suffering = asyncio.create_task(self.suffer(size, troubles))
        try:
            done, _ = await asyncio.wait(
                [*tasks, suffering, watching], timeout=size.lasts, return_when=asyncio.FIRST_COMPLETED
            )
            suffering.cancel()
            for server in (self.discord, self.slack):
                server.faults.lift()
            more, _ = await asyncio.wait(
                [*tasks, watching], timeout=10 * size.look, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (*tasks, suffering, watching):
                task.cancel()
            await asyncio.gather(*tasks, suffering, watching, return_exceptions=True)
        for task in done | more:  # something ended that never should
            task.result()

    # What became of it

    async def well(self, size: Size) -> None:
        """Wait until nothing is wrong."""
        clock = asyncio.get_running_loop().time
        ends = clock() + size.patience
        while wrong := await self.wrong():
            assert clock() < ends, wrong
            assert self.process.returncode is None
            await self.store.ledger.wait(await self.store.ledger.last_seq(), 1.0)

    def looked_at(self) -> tuple[list[There], list[Ours]]:
        """All channels as their platforms have them, and all posts of ours."""
        there: list[There] = []
        posts: list[Ours] = []
        looks = [camps.looked_at(hall) for hall in self.halls.values()]
        looks += [camps_slack.looked_at(room) for room in self.rooms.values()]
        for some, ours in looks:
            there += some
            posts += ours
        return there, posts

    async def wrong(self) -> list[Found]:
        """What is not as it should be just now, as far as one look tells."""
        there, posts = self.looked_at()
        return [*await check(self.store, there, posts), *await unsent(self.store, posts, self.digests)]

    async def broken(self) -> list[Found]:
        """All that was ever wrong in what went out, and what is on the web: it takes its time to look at all of it."""
        there, posts = self.looked_at()
        outputs = [*sent_to_discord(self.discord, self.halls.values()), *sent_to_slack(self.slack, self.rooms.values())]
        outputs += await self.web()
        secrets = {QUOKKA: self.place(self.halls["den"]), WOMBAT: self.place(self.rooms["den"])}
        gone = taken_back(self.discord.log) | taken_back(self.slack.log)
        found = await check(self.store, there, posts, outputs, secrets, gone)
        return [*found, *posted_twice(self.discord.log), *posted_twice(self.slack.log)]

    async def web(self) -> list[Output]:
        """Every page that anybody can read now."""
        rows = await self.store.database.read(lambda c: c.exec_driver_sql("SELECT id FROM discussion").fetchall())
        known = [await self.store.forum.discussion(row[0]) for row in rows]
        about = {f"/d/{it.id}": it.thread for it in known if it is not None}
        found = []
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            for path in (*PAGES, *(f"/search?q={word[:5]}*" for word in (QUOKKA, WOMBAT)), *about):
                async with session.get(path) as answer:
                    text = await answer.text()
                found.append(Output(name=path, text=text, about=about.get(path), now=True))
        return found

    def told(self, size: Size) -> str:
        """The figures of the day."""
        warm = [it for it in self.needs if it.at >= size.warm]
        looks = [*self.needs[:1], *warm[:: max(1, len(warm) // 10)], *warm[-1:]]
        lines = [f"{self.deeds} deeds, {self.digests} digests, {self.pages.total()} pages {dict(self.pages)}"]
        lines += [f"{n} × {name}" for name, n in sorted(self.troubles.items())]
        lines += [
            f"at {it.at:6.0f} s: {it.memory} KiB, {it.files} files, {it.threads} threads, {it.tasks} tasks"
            for it in looks
        ]
        return "\n".join(lines)


def grown(needs: Sequence[Needs], warm: float) -> list[str]:
    """What a process needed more of in the end than when it was warm: by more than a twentieth, and three.

    Connections stay open for a while after what they were for, and tasks come and go: of all but memory it is the
    fewest that must not become more.
    """
    since = [it for it in needs if it.at >= warm]
    tenth = max(1, len(since) // 10)
    found = []
    for name, usual in (("memory", median), ("files", min), ("threads", min), ("tasks", min)):
        first = usual([getattr(it, name) for it in since[:tenth]])
        last = usual([getattr(it, name) for it in since[-tenth:]])
        if last > max(first * 1.05, first + 3):
            found.append(f"{name} went from {first} to {last}")
    return found


def needed(pid: int, metrics: str, at: float) -> Needs:
    """What a process needs now; its own figures tell what only it knows."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    figures = dict(line.split(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    return Needs(
        at=at,
        memory=int(status["VmRSS"].split()[0]),
        files=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
        threads=int(status["Threads"]),
        tasks=int(float(figures["folkmoot_tasks"])),
    )


@asynccontextmanager
async def a_day(url: str, folder: Path, seed: int) -> AsyncIterator[Day]:
    """Two watched channels on each platform, one of them private, and Folkmoot connected to both."""
    clock = SystemClock()
    async with DiscordServer(clock) as discord, SlackServer(clock) as slack:
        guild = discord.guild("Camp")
        for name in (*PEOPLE, "Otto"):
            guild.member(name)
            slack.member(name)
        people = [each for each in slack.world.members.values() if each.name in PEOPLE]
        halls = {name: guild.channel(name) for name in ("help", "den", "stars")}
        halls["den"].make_private(to=[*map(guild.member, PEOPLE), *filter(None, [guild.me])])
        rooms = {name: slack.channel(name, private=name == "den", members=tuple(people)) for name in halls}
        slack.install(manifest())
        store = open_store(url)
        try:
            async with started(discord, slack, url, folder) as (process, port):
                day = Day(discord, slack, store, port, process, halls, rooms, random.Random(seed))
                await settle(day)
                yield day
        finally:
            await store.close()


@asynccontextmanager
async def started(
    discord: DiscordServer, slack: SlackServer, url: str, folder: Path
) -> AsyncIterator[tuple[Process, int]]:
    """`folkmoot run` as an operator starts it; at the end it is told to stop, and has to."""
    port = dying.free_port()
    settings = {
        "DATABASE_URL": url, "WEB_PORT": str(port), "LOG_FORMAT": "json",
        "DISCORD_TOKEN": discord.token, "DISCORD_API_URL": discord.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
    }  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | settings
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        yield process, port
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(ENDED):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            raise
    assert code == 0


async def settle(day: Day) -> None:
    """Wait until everything is known, and let it be followed: what is open is on the web."""
    for space, name in ((day.place(day.halls["help"]).space, "Camp"), (day.place(day.rooms["help"]).space, "Works")):
        await day.store.ledger.record([a_space(space, name, hosted=False)])
    for channels in (day.halls, day.rooms):
        for name, channel in channels.items():
            place = day.place(channel)
            await day.store.ledger.record([a_channel(place, private=name == "den")])
            await day.store.places.watch(place, name != "stars")
            await day.store.places.set_level(place, Level.WEB if name == "help" else Level.DIGEST, 0)
        await day.store.places.set_space(day.place(channels["stars"]).space, highlights_channel=channels["stars"].id)
    await day.discord.log.until(lambda: bool(day.discord.gateway.connected), within=300)
    await day.discord.log.until(lambda: bool(day.discord.commands.registered()), within=300)
    await day.slack.sockets.until_open(within=300)
