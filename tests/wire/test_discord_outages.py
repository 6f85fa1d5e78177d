"""What becomes of the connection to Discord when it cannot be made, falls silent, or when we stand still."""

import asyncio
import random
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import discord as library
import pytest
from discord.gateway import KeepAliveHandler
from structlog.testing import capture_logs
from typing_extensions import override

from adapters.discord import connecting, offering
from bot import together
from bot.models import Platform
from bot.punctuality import watch
from storage import SqlStore
from tests.camps import Camp, folkmoot, until
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.faults import RateLimit, Stall, Status
from tests.wire.keeping import all_kept, no_gap, seen, sized

TO_COME_BACK = 10.0  # seconds
TO_NOTICE_SILENCE = 75.0
TO_FIND_ALL = 15 * 60.0
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is stored is tried elsewhere


class Ahead(asyncio.SelectorEventLoop):
    """A loop that does not wait: whenever it would, its time is later at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0
        select = self._selector.select  # type: ignore[attr-defined]  # asyncio's own

        def jump(timeout: float | None = None) -> Any:  # noqa: ANN401 - asyncio's own
            self.ahead += timeout or 0.0
            return select(0)

        self._selector.select = jump  # type: ignore[attr-defined]  # asyncio's own

    @override
    def time(self) -> float:
        return self.ahead


def test_a_crash_loop_identifies_at_most_twenty_times_an_hour() -> None:
    at: list[float] = []

    async def crash() -> None:
        budget = connecting.Budget()
        while not at or at[-1] < 4 * connecting.HOUR:
            await budget.spend()
            at.append(asyncio.get_running_loop().time())

    with asyncio.Runner(loop_factory=Ahead) as runner:
        runner.run(crash())
    assert len(at) > 60
    assert all(later - at[n] >= connecting.HOUR for n, later in enumerate(at[connecting.IDENTIFIES :]))


@pytest.mark.parametrize(("stood", "said"), [(30.0, [30.0]), (4.0, [])])
def test_a_process_that_stood_still_says_so(stood: float, said: list[float]) -> None:
    loop = Ahead()

    async def stand_still() -> None:
        watching = asyncio.create_task(watch())
        await asyncio.sleep(10.5)
        loop.ahead += stood - 0.5  # as long as nothing else could run
        await asyncio.sleep(10)
        watching.cancel()

    with asyncio.Runner(loop_factory=lambda: loop) as runner, capture_logs() as logs:
        runner.run(stand_still())
    assert [each["seconds"] for each in logs] == pytest.approx(said, abs=1.1)


@contextmanager
def cut_off(way: str, times: int) -> Iterator[asyncio.Event]:
    """A machine without names, TLS or a network; the event says that so many tries have failed."""
    loop: Any = asyncio.get_running_loop()
    tries, enough = count(1), asyncio.Event()
    call, error = {
        "no name": ("getaddrinfo", socket.gaierror(-3, "Temporary failure in name resolution")),
        "no TLS": ("create_connection", ssl.SSLError(1, "certificate verify failed")),
        "no network": ("create_connection", OSError(101, "Network is unreachable")),
    }[way]
    real = getattr(loop, call)

    async def fail(*_: object, sock: socket.socket | None = None, **__: object) -> Any:  # noqa: ANN401 - asyncio's own
        if sock is not None:
            sock.close()
        if next(tries) >= times:
            enough.set()
        raise error

    setattr(loop, call, fail)
    try:
        yield enough
    finally:
        setattr(loop, call, real)


@pytest.fixture
def _hurried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite does not wait as long between tries as production does; the soak does."""
    if request.node.get_closest_marker("soak") is None:
        monkeypatch.setattr(connecting, "FIRST", 0.02)


@pytest.mark.usefixtures("_hurried")
@ON_SQLITE
@pytest.mark.parametrize("way", ["no name", "no TLS", "no network"])
@sized("times", 3, 8)
async def test_the_first_connection_may_fail_in_any_way(
    discord: DiscordServer, store: SqlStore, clock: SetClock, way: str, times: int
) -> None:
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    discord.api_url = discord.api_url.replace("127.0.0.1", "localhost")
    discord.gateway.url = discord.gateway.url.replace("127.0.0.1", "localhost")
    loop = asyncio.get_running_loop()
    async with folkmoot(discord, store, clock) as parts:
        with cut_off(way, times) as enough:
            await asyncio.wait_for(enough.wait(), 120)
        back = loop.time()
        await until(lambda: discord.log.sockets("IDENTIFY"))
        assert discord.log.sockets("IDENTIFY")[0].loop_time - back <= TO_COME_BACK
        await seen(Camp(discord, guild, help_, store, clock, parts), help_)


@pytest.mark.usefixtures("_hurried")
@ON_SQLITE
@pytest.mark.parametrize("where", ["GET /gateway/bot", "GET /users/@me", "CONNECT /gateway"])
async def test_the_first_connection_may_find_discord_down(
    discord: DiscordServer, store: SqlStore, clock: SetClock, where: str
) -> None:
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    async with folkmoot(discord, store, clock) as parts:
        down = discord.faults.on(where, Status(503), times=1 if where.startswith("CONNECT") else 4)
        await seen(Camp(discord, guild, help_, store, clock, parts), help_)
        assert down.left == 0


@pytest.mark.usefixtures("_hurried")
@ON_SQLITE
@pytest.mark.parametrize("where", ["GET /gateway/bot", "GET /users/@me"])
async def test_who_is_banned_at_the_edge_does_not_knock_until_the_pause_is_over(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    assert connecting.BANNED == 600
    monkeypatch.setattr(connecting, "BANNED", 1.0)
    discord.guild("Camp")
    async with folkmoot(discord, store, clock):
        banned = discord.faults.on(where, RateLimit(via=False))
        await until(lambda: discord.log.sockets("IDENTIFY"))
        assert banned.left == 0
        [refused] = discord.log.bites()
        after = discord.log.requests(since=refused.number)
        assert after[0].loop_time - refused.loop_time >= 1.0


class Impatient(KeepAliveHandler):
    """discord.py takes a connection for dead after 60 seconds of silence; this one after less than one."""

    @override
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heartbeat_timeout = 0.6


@pytest.fixture
def _impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, discord: DiscordServer) -> None:
    """The suite takes a connection for dead sooner; the soak waits as long as production does."""
    if request.node.get_closest_marker("soak") is None:
        monkeypatch.setattr(library.gateway, "KeepAliveHandler", Impatient)
        discord.gateway.heartbeat_ms = 200


@pytest.mark.usefixtures("_impatient")
@sized("messages", 10, 100)
async def test_a_connection_that_fell_silent_is_made_anew(camp: Camp, messages: int) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, "Before.")]
    await all_kept(camp.store, said)
    silent = asyncio.get_running_loop().time()
    camp.server.gateway.go_half_open()
    said += [camp.help.post(ada, f"Into the void {n}.") for n in range(messages)]
    await all_kept(camp.store, said, within=2 * TO_NOTICE_SILENCE)
    _, again = camp.server.log.sockets("CONNECT")
    assert again.loop_time - silent <= TO_NOTICE_SILENCE


@pytest.mark.usefixtures("_impatient")
@sized("seconds", 1.2, 30.0)
async def test_a_loop_that_stands_still_for_a_while_loses_nothing(camp: Camp, seconds: float) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, "Before.")]
    await all_kept(camp.store, said)
    with capture_logs() as logs:
        watching = asyncio.create_task(watch(every=0.1, late=0.5))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(time.sleep, seconds)
        said += [camp.help.post(ada, f"Meanwhile {n}.") for n in range(10)]
        await all_kept(camp.store, said, within=4 * 30.0)
        await no_gap(camp)
        watching.cancel()
    assert [each["seconds"] >= seconds - 0.2 for each in logs if each["event"] == "the process stood still"] == [True]


@sized("threads", 3, 40)
async def test_what_was_edited_and_deleted_while_we_were_down_is_all_found(
    discord: DiscordServer, store: SqlStore, clock: SetClock, threads: int
) -> None:
    chance, each = random.Random(9), 30 if threads < 40 else 500
    guild = discord.guild("Camp")
    help_, ada, start = guild.channel("help"), guild.member("Ada"), clock.now() - timedelta(days=6)
    said = []
    for n in range(threads):
        said.append(help_.post(ada, f"Question {n}?", at=start + timedelta(minutes=n)))
        thread = said[-1].thread(ada, f"Thread {n}", at=said[-1].sent_at)
        said += [thread.post(ada, f"Answer {n}.{m}.", at=start + timedelta(minutes=15 * m)) for m in range(1, each)]
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, said, within=TO_FIND_ALL)
        await no_gap(camp)
    clock.advance(timedelta(hours=1))
    for message in chance.sample(said, len(said) // 5):
        if message.started or chance.random() < 0.5:
            message.edit("Edited.")
        else:
            said.remove(message)
            message.delete()
    began = asyncio.get_running_loop().time()
    async with folkmoot(discord, store, clock):
        await all_kept(store, said, within=TO_FIND_ALL)
    assert asyncio.get_running_loop().time() - began <= TO_FIND_ALL


@ON_SQLITE
@pytest.mark.timeout(60)
async def test_who_is_told_to_end_while_it_connects_again_ends(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it identifies anew, discord.py swallows a cancellation."""
    monkeypatch.setattr(together, "ONCE_MORE", 3600.0)  # told once has to do
    discord.guild("Camp")
    async with folkmoot(discord, store, clock) as parts:
        await until(lambda: parts.adapters[Platform.DISCORD].connected)
        stalled = discord.faults.on("CONNECT /gateway", Stall(), times=None)
        discord.gateway.close(4000)
        await until(lambda: stalled.bites)
    assert not parts.adapters[Platform.DISCORD].connected


@ON_SQLITE
async def test_messages_do_not_wait_for_discord_to_take_our_commands(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offering, "AGAIN", 0.1)
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    too_many = Status(400, {"code": 30034, "message": "Max number of daily application command creates"})
    refused = discord.faults.on("PUT /applications/*/commands", too_many, times=None)
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, [help_.post(ada, "Which tent?")])
        await until(lambda: refused.bites > 1)
        refused.lift()
        await until(lambda: any(each.status < 400 for each in discord.log.answers("PUT /applications/*/commands")))
