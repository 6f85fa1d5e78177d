"""Who opted out, and a closed channel, are named nowhere, though Slack's messages bring their names along.

Everything that leaves is looked at: pages, feed, search, question data, cards, board, digest, highlights, what commands
answer to somebody else, and exports.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import WebAdapter
from bot.cli.exporting import Exporting
from bot.commands import Context
from bot.commands.own_data import own_export
from bot.digesting import Digests
from bot.models import (
    Author,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Event,
    Level,
    MemberRef,
    MessageRef,
    Platform,
    PostKind,
    Scope,
    Space,
    SpaceInfo,
    SpaceSeen,
)
from bot.renderings import Renderings
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from tests.bot.commands.scene import WEEKLY, Scene, words_of
from tests.makers import NOON, SetClock, a_message, a_vote, an_author, an_id, seen
from tests.rooms import SmallRoom

CANARIES = ("platypus", "wombat")
WORKSPACE = Space(Platform.SLACK, "T1")
CAMP = Channel(WORKSPACE, "C1")
CLOSED = Channel(WORKSPACE, "C2")
SILENT = Author(member=MemberRef(WORKSPACE, "U9"), name="Platypus")
EVE = an_author("Eve", space=WORKSPACE).member
WHO, WHERE = "<@U9|platypus>", "<#C2|wombat-lair>"
TOLD = (
    f"Did {WHO} ask about tents in {WHERE} before? We met {WHO} in {WHERE}. What does {WHO} say about rain there?",
    f"I asked {WHO} in {WHERE}, who said that `{WHO}` sleeps in tents while it rains in `{WHERE}`.",
    f"```{WHO} left {WHERE}```\n> {WHO} was in {WHERE}\nWhat if {WHO} never comes back to {WHERE} again?",
    f"*{WHO}* _{WHERE}_ <https://tents.example|the tents of> {WHO} {WHERE} &amp; nobody knows more about them.",
)


def the_events() -> list[Event]:
    """A talk in an open channel that names somebody who opted out, and a channel that not everybody can read."""
    said = [
        seen(a_message(n, text, thread=0, author=author, channel=CAMP))
        for n, (author, text) in enumerate(zip(("Ada", "Bo", "Cem", "Dina"), TOLD, strict=True))
    ]
    return [
        SpaceSeen(info=SpaceInfo(space=WORKSPACE, name="Camp"), at=NOON),
        ChannelSeen(info=ChannelInfo(channel=CAMP, name="camp"), at=NOON),
        ChannelSeen(info=ChannelInfo(channel=CLOSED, name="wombat-lair", private=True), at=NOON),
        *said,
        *(a_vote(n, voter, channel=CAMP) for n in (0, 1, 2) for voter in ("Eve", "Finn", "Gus")),
        seen(a_message(60, f"Only {WHO} knows {WHERE} and its tents.", author="Hal", channel=CAMP)),
    ]


@pytest.fixture
async def scene(store: SqlStore, clock: SetClock) -> Scene:
    await store.ledger.record(the_events())
    for channel, level in ((CAMP, Level.INDEX), (CLOSED, Level.DIGEST)):
        await store.places.watch(channel, True)
        await store.places.set_level(channel, level, 0)
    for n in (0, 1):
        noted = await store.desk.set_note(MessageRef(CAMP, an_id(n)), EVE, f"As {WHO} says in {WHERE}: tents", NOON)
        assert noted
    await store.people.meet(SILENT, NOON)
    await store.people.opt_out(SILENT.member, True, NOON)
    clock.set(NOON + timedelta(hours=3))
    room = SmallRoom(store, clock, WORKSPACE)
    room.listed = {each.channel: each.info for each in await store.places.channels()}
    urls = Urls("http://127.0.0.1:8080")
    digests = Digests(store=store, urls=urls)
    rooms = {Platform.SLACK: room}
    context = Context(store=store, clock=clock, adapters=rooms, digests=digests, urls=urls, texts_for=texts_for)
    renderings = Renderings(store=store, clock=clock, urls=urls, digests=digests)
    made = Scene(store=store, clock=clock, context=context, rooms=rooms, renderings=renderings)
    await made.settle()
    while await store.ledger.index_text():
        pass
    return made


def quiet(said: str) -> bool:
    """Whether no canary sings."""
    return not any(canary in said.casefold() for canary in CANARIES)


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    adapter = WebAdapter(
        store=scene.store,
        clock=scene.clock,
        host="127.0.0.1",
        port=0,
        urls=Urls("http://127.0.0.1:8080"),
        room_open=False,
        moderator_code="",
    )
    async with TestClient(TestServer(adapter.app)) as client:
        yield client
    await adapter.live.close()


async def read(client: TestClient[web.Request, web.Application], path: str) -> str:
    answer = await client.get(path)
    assert answer.status == 200
    return await answer.text()


@pytest.mark.parametrize("path", ["/", "/?tab=waiting", "/d/1", "/highlights", "/feed.atom", "/search?q=tents"])
async def test_no_page_names_them(client: TestClient[web.Request, web.Application], path: str) -> None:
    page = await read(client, path)
    assert "tents" in page
    assert quiet(page)


async def test_search_engines_are_not_told_their_names(client: TestClient[web.Request, web.Application]) -> None:
    assert "QAPage" in await read(client, "/d/1")
    assert "/d/1/did-ask-about-tents" in (sitemap := await read(client, "/sitemap.xml"))
    assert quiet(sitemap)


async def test_who_shows_their_name_is_named(scene: Scene, client: TestClient[web.Request, web.Application]) -> None:
    await scene.store.people.opt_out(SILENT.member, False, NOON)
    assert "@Platypus" in await read(client, "/d/1")


@pytest.mark.parametrize("ranked", [False, True])
async def test_nobody_finds_a_message_by_the_names_that_it_brings_along(scene: Scene, ranked: bool) -> None:
    scope = Scope(channels=frozenset(each.key for each in await scene.store.places.channels()), web=False)
    for word in ("platypus", "wombat", "lair", "amp"):
        assert await scene.store.forum.search(scope, word, ranked=ranked) == []
    found = await scene.store.forum.search(scope, "tents", ranked=ranked)
    assert len(found) == 3
    assert all(hit.marks and quiet(hit.snippet) for hit in found)


async def test_no_post_of_ours_names_them(scene: Scene) -> None:
    store, now = scene.store, scene.clock.now()
    [camp] = [each.key for each in await store.places.channels() if each.channel == CAMP]
    await store.outbox.plan(PostKind.CARD, "card:1", CAMP, now)
    await store.outbox.plan(PostKind.BOARD, f"board:{camp}", CAMP, now)
    for n in (0, 1, 2):
        await store.outbox.plan(PostKind.HIGHLIGHT, f"highlight:{camp}:{an_id(n)}", CAMP, now)
    await scene.run("digest schedule", WEEKLY, who="mo", channel=CAMP)
    await scene.run("digest now", who="mo", channel=CAMP)
    await scene.deliver()
    cards = [words_of(card) for card in scene.shown(CAMP)]
    assert len(cards) == 6
    assert sum("“As @unknown says in #unknown: tents” — Eve" in card for card in cards) == 2
    assert all("tents" in card for card in cards)
    assert [card for card in cards if not quiet(card)] == []


async def test_no_answer_to_somebody_else_names_them(scene: Scene) -> None:
    link = await scene.link(1, CAMP)
    here: dict[str, dict[str, str]] = {
        "discussion list": {},
        "discussion status": {"discussion": "1"},
        "discussion answer": {"link": link},
        "highlight": {"discussion": "1"},
        "highlights": {"since": "7d"},
        "catchup": {"discussion": "1"},
        "digest preview": {},
        "folkmoot status": {},
        "privacy show": {},
    }
    heard = []
    for name, args in here.items():
        thread = 0 if name in {"discussion status", "highlight", "catchup"} else None
        heard.append(await scene.said(name, args, channel=CAMP, thread=thread, who="ada"))
        assert quiet(heard[-1]), (name, heard[-1])
    assert any("“As @unknown says in #unknown: tents” — Eve" in said for said in heard)
    heard.append(await scene.said("catchup", {"since": "7d"}, channel=CAMP))
    assert quiet(heard[-1])
    assert sum("tents" in said for said in heard) >= 5


async def test_no_export_names_them(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    await Exporting(scene.store, folder, "http://127.0.0.1:8080", everything=False).run()
    files = [path for path in folder.rglob("*") if path.is_file()]
    written = "".join(path.read_text(encoding="utf-8") for path in files)
    assert "<@U9>" in written
    assert quiet(written)
    own = await own_export(scene.store, an_author("Bo", space=WORKSPACE).member)
    assert "<@U9>" in own
    noted = await own_export(scene.store, EVE)
    assert '"note"' in noted
    assert quiet(own + noted)
