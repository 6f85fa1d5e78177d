"""Open pages hear that what they show changed, and of nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from adapters.web import WebAdapter
from adapters.web import live as the_live
from adapters.web.news import News
from bot.models import Channel, Level, MemberRef, Platform, Space, Thread, ThreadGone, ThreadSeen
from bot.ports import Change, Changed
from storage import SqlStore
from tests.makers import (
    HELP,
    SPACE,
    a_channel,
    a_discussion,
    a_message,
    a_moment,
    a_space,
    a_vote,
    an_id,
    deleted,
    seen,
)
from tests.running import gone_and_back

Client = TestClient[web.Request, web.Application]
THERE = Channel(Space(Platform.DISCORD, "1"), "there")
SECOND = Thread(THERE, an_id(60))
PATIENCE = 60.0  # seconds that anything may take


async def heard(stream: ClientResponse) -> set[str]:
    """The topics of the next message."""
    async with asyncio.timeout(PATIENCE):
        while True:
            event = (await stream.content.readuntil(b"\n\n")).decode()
            if event.startswith("data: "):
                return set(event.removeprefix("data: ").split())


@asynccontextmanager
async def listening(client: Client, adapter: WebAdapter, about: str) -> AsyncIterator[ClientResponse]:
    """A page that hears of changes from now on; one that is open before they can be followed hears of everything."""
    live = adapter.live
    following = asyncio.create_task(live.follow())
    try:
        async with asyncio.timeout(PATIENCE), live._changed:
            await live._changed.wait_for(lambda: live._seq)
        async with client.get(f"/live?about={about}") as stream, asyncio.timeout(PATIENCE):
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            await stream.content.readuntil(b"event: open\ndata: \n\n")
            yield stream
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@pytest.fixture
async def two(store: SqlStore, adapter: WebAdapter) -> None:
    """Two discussions, 1 and 2."""
    await store.ledger.record(a_discussion(replies=2))
    await store.ledger.record(a_discussion(replies=2, start=60))


@pytest.mark.usefixtures("two")
async def test_a_page_hears_of_its_discussion_and_not_of_another(
    client: Client, adapter: WebAdapter, store: SqlStore
) -> None:
    async with listening(client, adapter, "d1") as stream:
        await store.ledger.record([seen(a_message(70, "Elsewhere.", thread=60, author="Bo"))])
        await store.ledger.record([seen(a_message(10, "Here.", thread=0, author="Bo"))])
        assert await heard(stream) == {"d1"}
        await store.ledger.record([seen(a_message(71, "There too.", thread=60, author="Bo"))])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await stream.content.readuntil(b"\n\n")  # no sign of life either


@pytest.mark.parametrize("event", [deleted(1), a_vote(1), seen(a_message(9, "New.", thread=0, author="Cem"))])
@pytest.mark.usefixtures("two")
async def test_lists_and_the_room_hear_of_every_discussion(
    client: Client, adapter: WebAdapter, store: SqlStore, event: object
) -> None:
    async with listening(client, adapter, "forum,room,d1") as stream:
        await store.ledger.record([event])  # type: ignore[list-item]  # each is an event
        assert await heard(stream) == {"forum", "room", "d1"}


@pytest.mark.usefixtures("two")
async def test_a_page_hears_when_its_channel_is_shared_less(
    client: Client, adapter: WebAdapter, store: SqlStore
) -> None:
    async with listening(client, adapter, "d1") as stream:
        await store.places.set_level(HELP, Level.DIGEST, 0)
        assert await heard(stream)


@pytest.mark.usefixtures("two")
async def test_when_something_happens_where_nobody_may_read_is_told_to_nobody(client: Client, store: SqlStore) -> None:
    await store.ledger.record([replace(a_channel(private=True), at=a_moment(1))])
    assert (await client.get("/live?about=d1")).status == 404
    assert (await client.get("/live?about=d99")).status == 404


@pytest.mark.usefixtures("two")
async def test_a_page_hears_that_its_discussion_was_hidden_and_of_it_no_more(
    client: Client, adapter: WebAdapter, store: SqlStore
) -> None:
    async with listening(client, adapter, "d1") as stream:
        await store.desk.set_hidden(1, True, MemberRef(SPACE, "ada"), a_moment(20))
        assert await heard(stream) == {"d1"}
        await store.ledger.record([seen(a_message(21, "Among us.", thread=0, author="Bo"))])
        assert await stream.content.read() == b""


DARK = {
    "hidden": lambda store: store.desk.set_hidden(2, True, MemberRef(SPACE, "ada"), a_moment(80)),
    "private": lambda store: store.ledger.record([ThreadSeen(thread=SECOND, at=a_moment(80), private=True)]),
    "gone": lambda store: store.ledger.record([ThreadGone(thread=SECOND, at=a_moment(80))]),
    "below web": lambda store: store.places.set_level(THERE, Level.DIGEST, 0),
    "older": lambda store: store.places.set_level(THERE, Level.WEB, a_message(500).ref.position),
}


@pytest.mark.usefixtures("adapter")
@pytest.mark.parametrize("early", [True, False], ids=["before the start", "while it runs"])
@pytest.mark.parametrize("why", DARK)
async def test_nobody_hears_when_something_happens_in_what_is_not_shown(store: SqlStore, why: str, early: bool) -> None:
    await store.ledger.record([a_space(THERE.space, "There", hosted=False), a_channel(THERE)])
    await store.places.watch(THERE, True)
    await store.places.set_level(THERE, Level.WEB, 0)
    await store.ledger.record(a_discussion(2))
    await store.ledger.record(a_discussion(2, THERE, start=60))
    news, seq = News(store), 0

    async def told() -> set[str]:
        nonlocal seq
        seq, before = await store.ledger.last_seq(), seq
        return {topic for _, topic in await news.of(await store.ledger.changes(before))}

    await (DARK[why](store) if early else news.begin())
    await (news.begin() if early else told())
    if not early:
        await DARK[why](store)
        assert "forum" in await told()  # what was shown goes
    seq = await store.ledger.last_seq()
    await store.ledger.record([seen(a_message(81, "Among us.", thread=60, author="Bo", channel=THERE))])
    await store.ledger.record([replace(a_channel(Channel(THERE.space, "den"), private=True), at=a_moment(82))])
    assert await told() == set()
    await store.ledger.record([seen(a_message(83, "Open.", thread=0, author="Bo"))])
    assert await told() == {"forum", "runs", "room", "d1"}


@pytest.mark.usefixtures("adapter")
@pytest.mark.parametrize("look", [1, 2], ids=["as the changes were read", "with them"])
async def test_a_channel_that_leaves_the_web_is_heard_of_whenever_the_follower_looks(
    store: SqlStore, look: int
) -> None:
    await store.ledger.record([a_space(THERE.space, "There", hosted=False), a_channel(THERE)])
    await store.places.watch(THERE, True)
    await store.places.set_level(THERE, Level.WEB, 0)
    await store.ledger.record(a_discussion(2, THERE))
    news, seq = News(store), await store.ledger.last_seq()
    await news.begin()
    await store.ledger.record([seen(a_message(3, "More.", thread=0, author="Bo", channel=THERE))])
    changes = await store.ledger.changes(seq)
    await store.places.set_level(THERE, Level.DIGEST, 0)
    if look == 2:
        changes = await store.ledger.changes(seq)
    assert {topic for _, topic in await news.of(changes)} == {"forum", "runs", "d"}
    seq = changes[-1].seq
    await store.ledger.record([seen(a_message(4, "Among us.", thread=0, author="Bo", channel=THERE))])
    assert await news.of(await store.ledger.changes(seq)) == []


async def test_nobody_hears_of_digests_that_go_where_the_web_does_not_reach(adapter: WebAdapter) -> None:
    news = News(adapter.room.store)
    assert await news.of([Change(seq=1, kind=Changed.RUN, subject=7)]) == []


async def test_a_stream_has_a_body_or_is_none(client: Client) -> None:
    response = await client.head("/live?about=forum")
    assert (response.status, response.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("about", ["", "x", "d", "d1x", "forum,", "d1,d2,d3,d4,d5,d6,d7,d8", "d" + "9" * 16, "d١"])
async def test_nonsense_is_refused(client: Client, about: str) -> None:
    assert (await client.get("/live", params={"about": about})).status == 400


@pytest.mark.usefixtures("two")
async def test_who_is_too_slow_hears_of_everything(adapter: WebAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_live, "KEPT", 4)  # the lists, the room and one discussion
    slow, about = the_live.Live(adapter.room.store), frozenset({"d1", "d"})
    await slow._take([Change(seq=seq, kind=Changed.DISCUSSION, subject=seq) for seq in (1, 2)])
    assert slow._told(about, 1) == frozenset()
    assert slow._told(about, 0) == about


@pytest.mark.usefixtures("two")
async def test_a_page_hears_again_when_the_store_was_away(
    client: Client, adapter: WebAdapter, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_live, "AGAIN", 0.01)
    async with listening(client, adapter, "d1") as stream:
        await gone_and_back(store)
        await store.ledger.record([seen(a_message(10, "Here.", thread=0, author="Bo"))])
        assert "d1" in await heard(stream)


@pytest.mark.usefixtures("two")
async def test_a_page_hears_of_what_happened_before_the_store_could_be_followed(
    client: Client, adapter: WebAdapter
) -> None:
    async with client.get("/live?about=d1") as stream, asyncio.timeout(PATIENCE):
        await stream.content.readuntil(b"event: open\ndata: \n\n")
        following = asyncio.create_task(adapter.live.follow())
        try:
            assert "d1" in await heard(stream)
        finally:
            following.cancel()
