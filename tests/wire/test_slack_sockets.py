"""Sockets that Slack renews, refuses or forgets: nothing is lost, and nobody is pestered."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from adapters.slack import connecting
from bot.models import Channel as Place
from tests.camps_slack import Workspace
from tests.servers.slack import Message

OPEN = "apps.connections.open"
TRIES = 5  # that are looked at

pytestmark = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)


async def at_a_pace(seconds: float) -> None:
    """Time of a load that goes by; nobody waits for anything in it."""
    await asyncio.sleep(seconds)


async def renewed(workspace: Workspace, rounds: int, *, each: int, apart: float) -> None:
    """Talk, while Slack renews all sockets again and again: with a warning before, or without."""
    people, sockets = [workspace.member(name) for name in ("Ada", "Bo")], workspace.server.sockets
    await sockets.until_open(2)
    said: list[Message] = []
    for n in range(rounds):
        question = workspace.help.post(people[0], f"Question {n}: which tent?")
        said.append(question)
        for k in range(each - 1):
            await at_a_pace(apart)
            said.append(question.reply(people[k % 2], f"Reply {n}.{k}."))
            if k == each // 2:
                await sockets.refresh("warning" if n % 2 else "refresh_requested")
        await at_a_pace(apart)
        await sockets.until_open(1)
    for minutes in (1, 4):  # what was told to a socket that was going comes again
        await workspace.server.deliveries.looked()
        workspace.clock.advance(timedelta(minutes=minutes))
    await workspace.server.deliveries.settled(within=60)
    await workspace.kept(said)
    assert workspace.server.statistics.given_up == 0
    assert sockets.opened > rounds


async def test_sockets_that_are_renewed_while_people_talk_lose_nothing(workspace: Workspace) -> None:
    await renewed(workspace, 5, each=20, apart=0.0)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_sockets_that_are_renewed_every_five_seconds_for_five_minutes_lose_nothing(workspace: Workspace) -> None:
    await renewed(workspace, 60, each=100, apart=0.05)


async def refused(workspace: Workspace, reason: str, said: str) -> None:
    """Slack wants no socket of ours: we say why, and try one at a time, and seldom."""
    await workspace.server.sockets.until_open(2)
    since, log = len(workspace.server.log), workspace.server.log
    with structlog.testing.capture_logs() as logged:
        workspace.server.sockets.refuses = reason
        await workspace.server.sockets.refresh(reason)
        await log.until(lambda: len(log.requests(OPEN, since=since)) >= TRIES, within=connecting.APART * 2 * TRIES)
    assert said in str(logged)
    at = [entry.loop_time for entry in log.requests(OPEN, since=since)]
    apart = [later - sooner for sooner, later in pairwise(at)]
    assert min(apart) > connecting.APART * 0.9, apart
    workspace.server.sockets.refuses = ""
    await workspace.server.sockets.until_open(1, within=connecting.APART * 3)


WANTS_NONE = pytest.mark.parametrize(
    ("reason", "said"),
    [("too_many_websockets", "stop what else runs with it"), ("link_disabled", "Socket Mode is switched off")],
)


@WANTS_NONE
async def test_while_slack_wants_no_socket_it_is_asked_seldom(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, reason: str, said: str
) -> None:
    monkeypatch.setattr(connecting, "APART", 0.5)
    monkeypatch.setattr(connecting, "FIRST", 0.01)
    monkeypatch.setattr(connecting, "LONGEST", 0.05)
    await refused(workspace, reason, said)


@pytest.mark.soak
@pytest.mark.timeout(400)
@WANTS_NONE
async def test_while_slack_wants_no_socket_it_is_asked_every_thirty_seconds(
    workspace: Workspace, reason: str, said: str
) -> None:
    await refused(workspace, reason, said)


async def test_of_twenty_channels_the_one_where_people_talk_shows_that_nothing_comes(workspace: Workspace) -> None:
    await workspace.server.sockets.until_open(2)
    workspace.server.limits.off()  # all that is read at first, and twenty looks more, are not for one minute
    more = [workspace.server.channel(f"hall-{n}") for n in range(19)]
    await workspace.session.watch.look(deep=True)
    for channel in more:
        await workspace.store.places.watch(Place(workspace.space, channel.id), True)
    await workspace.parts.catch_up.work()
    workspace.server.sockets.make_zombies()
    said = [more[-1].post(workspace.member("Ada"), "Does anybody hear me?")]
    workspace.clock.advance(timedelta(minutes=5))
    await workspace.session.watch.look(deep=True)
    await workspace.kept(said)


@pytest.fixture
def _endless_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK never comes to the end of closing a connection, until it is told to leave it."""
    close = SocketModeClient.close

    async def endless(client: SocketModeClient) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await close(client)  # type: ignore[no-untyped-call]  # the SDK's is

    monkeypatch.setattr(SocketModeClient, "close", endless)


async def replaced(workspace: Workspace, within: float) -> None:
    """Both sockets are given up, and two new ones bring what is said."""
    sockets, ada = workspace.server.sockets, workspace.member("Ada")
    await sockets.until_open(2)
    opened = sockets.opened
    sockets.make_zombies()
    said = [workspace.help.post(ada, "Unheard.")]
    await workspace.session.again()
    await workspace.server.log.until(lambda: sockets.opened == opened + 2, within=within)
    said.append(workspace.help.post(ada, "Heard again."))
    await workspace.kept(said)


@pytest.mark.usefixtures("_endless_goodbyes")
async def test_a_connection_that_never_ends_its_goodbye_is_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "GOODBYE", 0.2)
    monkeypatch.setattr(connecting, "FIRST", 0.01)
    await replaced(workspace, 10.0)


@pytest.mark.soak
@pytest.mark.usefixtures("_endless_goodbyes")
async def test_a_connection_that_never_ends_its_goodbye_is_replaced_within_ten_seconds(workspace: Workspace) -> None:
    await replaced(workspace, 10.0)
