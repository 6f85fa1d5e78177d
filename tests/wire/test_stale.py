"""A channel that is behind for long says so on its cards and pages, and no longer than it is."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import BEHIND
from bot.cli.doctor import findings
from bot.models import Channel, Level, Platform, Thread
from bot.settings import load
from storage import SqlStore
from tests.camps import Camp, ours, shown
from tests.camps_slack import Workspace
from tests.camps_slack import ours as ours_in_slack
from tests.servers.discord.channels import Channel as Place
from tests.servers.discord.guilds import Member
from tests.servers.discord.permissions import Can
from tests.servers.faults import Status
from tests.servers.slack import Message
from tests.servers.slack.looks import look
from tests.wire.keeping import all_kept, known
from tests.wire.test_discord_asking import offered
from tests.wire.yards import ON_SQLITE, a_card

EDITS = "PATCH /channels/*/messages/*"
HOUR = timedelta(hours=1)
STAMP = "State as of "


async def said_on_page(parts: object, store: SqlStore, place: Channel, key: str) -> bool:
    """Whether the page of a discussion says since when."""
    discussion = await store.forum.discussion_of(Thread(place, key))
    assert discussion is not None
    web = parts.web.app  # type: ignore[attr-defined]  # parts of any kind
    async with TestClient(TestServer(web)) as client:
        return STAMP in await (await client.get(f"/d/{discussion.id}")).text()


async def figures(camp: Camp) -> set[str]:
    async with TestClient(TestServer(camp.parts.web.app)) as client:
        return set((await (await client.get("/metrics")).text()).splitlines())


@ON_SQLITE
async def test_a_channel_whose_history_fails_says_since_when_it_may_be_stale_on_discord(camp: Camp) -> None:
    await camp.store.places.set_level(camp.place, Level.WEB, 0)
    old, _, sleeping = await a_card(camp)
    camp.clock.advance(timedelta(days=8))
    await camp.parts.app.tick()
    await camp.until(lambda: "💤" in shown(sleeping))
    thread, _, card = await a_card(camp)
    noon = f"<t:{int(camp.clock.now().timestamp())}:f>"
    broken = camp.server.faults.on("GET /channels/*/messages", Status(503), times=None)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    await camp.parts.catch_up.work()
    camp.clock.advance(BEHIND - timedelta(seconds=1))
    await camp.store.gaps.begin(camp.space, camp.clock.now())  # the stream is torn once more
    since = len(camp.server.log)
    await camp.parts.app.tick()
    assert camp.server.log.requests(EDITS, since=since) == []
    assert not await said_on_page(camp.parts, camp.store, camp.place, thread.id)
    camp.clock.advance(timedelta(seconds=2))
    await camp.parts.app.tick()
    await camp.until(lambda: f"{STAMP}{noon}" in shown(card))
    assert await said_on_page(camp.parts, camp.store, camp.place, thread.id)
    assert not await said_on_page(camp.parts, camp.store, camp.place, old.id)
    await camp.parts.app.tick()
    broken.lift()
    camp.clock.advance(HOUR)
    await camp.parts.catch_up.work()
    await camp.until(lambda: STAMP not in shown(card))
    assert not await said_on_page(camp.parts, camp.store, camp.place, thread.id)
    assert [each.what.split("/")[-1] for each in camp.server.log.requests(EDITS, since=since)] == [card.id] * 2


@ON_SQLITE
async def test_who_looks_after_it_is_told_of_a_channel_that_is_behind_or_not_read_again(camp: Camp) -> None:
    root = camp.member("Root", can=Can.MANAGE_GUILD)
    log = await a_log_channel(camp)
    await camp.store.places.set_level(camp.place, Level.WEB, 0)
    question = camp.help.post(root, "Which tent holds out in a storm?")
    await all_kept(camp.store, [question, question.thread(root, "Tents").post(root, "The dome.")])
    broken = camp.server.faults.on("GET /channels/*/messages", Status(503), times=None)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    await camp.parts.catch_up.work()
    camp.clock.advance(BEHIND)
    await camp.parts.catch_up.work()
    for _ in range(2):
        await camp.parts.app.tick()
    await camp.until(lambda: ours(log))
    assert "What was said in #help since 3 Aug 2026, 12:00 could not be read" in shown(ours(log)[0])
    assert "What was said in #help since Aug 3, 2026" in await asked(camp, root)
    assert "not read again for 30 days" not in await asked(camp, root)
    assert {"folkmoot_channels_stale 1.0", "folkmoot_gaps_open 1.0", "folkmoot_sweep_behind 0.0"} <= await figures(camp)
    assert "channels in which messages may be missing: #help" in await looked(camp)
    camp.clock.advance(timedelta(days=31))
    assert "What is on the web of #help was not read again for 30 days" in await asked(camp, root)
    assert "folkmoot_sweep_behind 1.0" in await figures(camp)
    broken.lift()
    await camp.parts.catch_up.work()
    await camp.parts.app.tick()
    assert "read" not in (await asked(camp, root)).partition("mend")[2]
    assert {"folkmoot_channels_stale 0.0", "folkmoot_gaps_open 0.0", "folkmoot_sweep_behind 0.0"} <= await figures(camp)
    [ended] = [
        each.split()[1] for each in await figures(camp) if each.startswith("folkmoot_sweep_whole_round_seconds ")
    ]
    assert float(ended) == camp.clock.now().timestamp()
    assert len(ours(log)) == 1


async def a_log_channel(camp: Camp) -> Place:
    log = camp.guild.channel("log")
    await offered(camp)
    await camp.until(lambda: camp.parts.adapters[Platform.DISCORD].connected)
    await known(camp, log)
    await camp.store.places.set_space(camp.space, log_channel=log.id)
    return log


async def whole_round(camp: Camp) -> float:
    [told] = [each for each in await figures(camp) if each.startswith("folkmoot_sweep_whole_round_seconds ")]
    return float(told.split()[1])


async def asked(camp: Camp, who: Member) -> str:
    return shown(await camp.help.command(who, "folkmoot-admin doctor").answer())


async def looked(camp: Camp) -> Sequence[str]:
    """What `folkmoot doctor` wants mended."""
    return [each.what for each in await findings(camp.store, load(env_file=None)) if not each.well]


@ON_SQLITE
async def test_a_gap_that_is_closed_soon_edits_no_card(camp: Camp) -> None:
    cards = [(await a_card(camp))[2] for _ in range(3)]
    camp.clock.advance(timedelta(hours=8))
    since = len(camp.server.log)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    await camp.parts.app.tick()
    await camp.parts.catch_up.work()
    await camp.parts.app.tick()
    assert camp.server.log.requests(EDITS, since=since) == []
    assert not any(STAMP in shown(card) for card in cards)


@pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
async def test_a_channel_whose_history_is_closed_says_since_when_it_may_be_stale_on_slack(workspace: Workspace) -> None:
    store, server, parts = workspace.store, workspace.server, workspace.parts
    await store.places.set_level(workspace.place, Level.WEB, 0)
    people = [workspace.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    root = workspace.help.post(people[0], "Which tent holds out in a storm?")
    for n in range(8):
        root.reply(people[1 + n % 3], f"Reply number {n}.")
    await workspace.until(lambda: [each for each in cards(workspace, root) if "💬 9 msgs" in each])
    closed = server.faults.on("conversations.*", Status(200, {"ok": False, "error": "missing_scope"}), times=None)
    await store.gaps.begin(workspace.space, workspace.clock.now())
    await parts.catch_up.work()
    workspace.clock.advance(BEHIND)
    await parts.app.tick()
    await workspace.until(lambda: f"{STAMP}Aug 3, 2026" in cards(workspace, root)[0])
    assert await said_on_page(parts, store, workspace.place, root.ts)
    closed.lift()
    workspace.clock.advance(HOUR)
    await parts.catch_up.work()
    await workspace.until(lambda: STAMP not in cards(workspace, root)[0])
    assert not await said_on_page(parts, store, workspace.place, root.ts)


def cards(workspace: Workspace, root: Message) -> Sequence[str]:
    return [look(each, workspace.clock.now()) for each in ours_in_slack(workspace.help, root)]
