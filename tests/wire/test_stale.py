"""A channel that is behind for long says so on its cards and pages, and no longer than it is."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import BEHIND
from bot.models import Channel, Level, Thread
from storage import SqlStore
from tests.camps import Camp, shown
from tests.camps_slack import Workspace
from tests.camps_slack import ours as ours_in_slack
from tests.servers.faults import Status
from tests.servers.slack import Message
from tests.servers.slack.looks import look
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
