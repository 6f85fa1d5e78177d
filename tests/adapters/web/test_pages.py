"""Lists and long discussions in pages: everything is on one of them, once, and every link leads to the right one."""

import gc
import re
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.models import Channel, Discussion, Level, MessageRef, Platform, Post, Space
from bot.urls import POSTS, Urls
from storage import SqlStore
from tests.makers import HELP, a_channel, a_discussion, a_message, a_space, a_vote, an_id, deleted, seen

Client = TestClient[web.Request, web.Application]
LONG = 2 * POSTS + 30  # messages: three pages
STARRED = 120


async def read(client: Client, path: str) -> str:
    response = await client.get(path)
    assert response.status == 200, path
    return await response.text()


def link(page: str, words: str) -> str:
    """Where a link with these words leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{words}</a>', page)
    assert found is not None, words
    return unescape(found[1])


async def walk(client: Client, path: str, words: str, pattern: str) -> list[str]:
    """What all pages from one on show, in their order."""
    shown: list[str] = []
    while path:
        page = await read(client, path)
        found = re.findall(pattern, page)
        assert found
        shown += found
        path = link(page, words) if f">{words}</a>" in page else ""
    return shown


@pytest.fixture
async def long(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(LONG - 1))


@pytest.mark.parametrize("path", ["/", "/d/1", "/d/1/another-title", "/highlights"])
async def test_what_a_page_was_printed_from_is_let_go_with_it(client: Client, long: None, path: str) -> None:
    """Cycles would keep the posts of many pages until garbage is looked for, which is seldom."""
    await read(client, path)
    gc.collect()
    gc.disable()
    try:
        await read(client, path)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kept = [each for each in gc.garbage if isinstance(each, Post | Discussion)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert kept == []


async def test_a_long_discussion_has_pages_that_show_everything_once(client: Client, long: None) -> None:
    shown = await walk(client, "/d/1", "More replies", r'id="m(\d+)"')
    assert shown == [an_id(n) for n in range(LONG)]
    page = await read(client, "/d/1")
    assert page.count('class="post') == POSTS
    assert "Page 1 of 3" in page
    last = await read(client, link(page, "Newest replies"))
    assert "Page 3 of 3" in last
    assert f'id="m{an_id(LONG - 1)}"' in last
    assert f'id="m{an_id(POSTS)}"' in await read(client, link(last, "Earlier replies"))


async def test_a_short_discussion_has_no_pages(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(POSTS - 1))
    page = await read(client, "/d/1")
    assert page.count('class="post') == POSTS
    assert "Page 1" not in page
    assert "pages.js" not in page


@pytest.mark.parametrize("place", [0, 1, POSTS - 1, POSTS, 2 * POSTS, LONG - 1])
async def test_a_link_to_a_message_leads_to_its_page(client: Client, store: SqlStore, long: None, place: int) -> None:
    found = await store.forum.discussion(1)
    assert found is not None
    address, _, mark = Urls("").message(found, MessageRef(HELP, an_id(place))).partition("#")
    page = await read(client, address)
    assert f'id="{mark}"' in page
    assert f"Page {place // POSTS + 1} of 3" in page


async def test_search_and_highlights_link_to_the_page_that_holds_the_message(
    client: Client, store: SqlStore, long: None
) -> None:
    await store.ledger.record([a_vote(250, voter="Dina")])
    while await store.ledger.index_text():
        pass
    for path in ("/highlights", "/search?q=reply+250"):
        found = re.search(rf'href="([^"#]*)#m{an_id(250)}"', await read(client, path))
        assert found is not None
        assert f'id="m{an_id(250)}"' in await read(client, unescape(found[1]))


async def test_a_link_to_a_message_that_was_deleted_leads_to_where_it_stood(
    client: Client, store: SqlStore, long: None
) -> None:
    await store.ledger.record([deleted(250)])
    page = await read(client, f"/d/1?at={an_id(250)}")
    assert f'id="m{an_id(249)}"' in page
    assert f'id="m{an_id(250)}"' not in page


async def test_only_the_first_page_holds_the_question(client: Client, store: SqlStore, long: None) -> None:
    await store.places.set_level(HELP, Level.INDEX, 0)
    first = await read(client, "/d/1")
    assert "ld+json" in first
    second = await read(client, link(first, "More replies"))
    assert "ld+json" not in second
    assert f'rel="canonical" href="/d/1?after={an_id(POSTS - 1)}"' in second


async def test_pages_reach_the_positions_of_discord(client: Client, store: SqlStore) -> None:
    there = Channel(Space(Platform.DISCORD, "1"), "2")
    await store.ledger.record([a_space(there.space, "There", hosted=False), a_channel(there)])
    await store.places.set_level(there, Level.WEB, 0)
    await store.ledger.record(a_discussion(1, there))
    page = await read(client, "/d/1?after=1480000000000000000")
    assert "Reply 1" not in page
    assert link(page, "Earlier replies").startswith("/d/1")
    assert "Reply 1" in await read(client, "/d/1?at=1480000000000000000")
    assert (await client.get("/d/1?after=9223372036854775808")).status == 400


async def test_highlights_have_pages(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(STARRED))
    await store.ledger.record([a_vote(n, voter="Zoe", at=300 + n // 3) for n in range(1, STARRED + 1)])
    shown = await walk(client, "/highlights", "Older highlights", r"Reply (\d+) about")
    assert shown == [str(n) for n in range(STARRED, 0, -1)]
    assert "Nothing older is highlighted." in await read(client, "/highlights?before=1-1")


async def test_search_has_pages(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0)), *a_discussion(STARRED)[1:]])
    while await store.ledger.index_text():
        pass
    assert "The newest 50 messages" in await read(client, "/search?q=tents")
    shown = await walk(client, "/search?q=tents", "Older messages", r"Reply (\d+) about")
    assert shown == [str(n) for n in range(STARRED, 0, -1)]
    assert "1 message found" in await read(client, "/search?q=reply+77")
    assert "Try fewer words" in await read(client, "/search?q=unheard")
