"""What machines read: feeds, sitemap, question data, figures, tags; and only what they may."""

import json
import re
from contextlib import closing, suppress
from html import unescape
from operator import methodcaller
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.errors import StoreFailed
from bot.models import Drop, Level, MessageRef, PostKind, ThreadGone
from storage import SqlStore
from tests.makers import HELP, a_discussion, a_message, a_moment, a_vote, an_id, seen

Client = TestClient[web.Request, web.Application]
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def read(client: Client, path: str) -> str:
    response = await client.get(path)
    assert response.status == 200, path
    return await response.text()


def the_data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


async def settled(store: SqlStore, title: str) -> None:
    seq = await store.ledger.last_seq()
    await store.ledger.settle(1, title=title, summary="", waiting=(), cites=(), seen=seq)


async def test_search_engines_see_nothing_unless_a_channel_is_open_to_them(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    assert "Disallow: /\n" in await read(client, "/robots.txt")
    assert "<url>" not in await read(client, "/sitemap.xml")
    page = await read(client, "/d/1")
    assert 'content="noindex"' in page
    assert "ld+json" not in page


async def test_an_open_channel_is_in_the_sitemap_with_question_data(client: Client, store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(3), a_vote(2, "Eve")])
    await store.places.set_level(HELP, Level.INDEX, 0)
    assert "Disallow: /\n" not in await read(client, "/robots.txt")
    [page] = ET.fromstring(await read(client, "/sitemap.xml"))
    assert (page.findtext(f"{MAP}loc") or "").startswith("/d/1")
    text = await read(client, "/d/1")
    assert 'content="noindex"' not in text
    question = the_data(text)["mainEntity"]
    assert question["answerCount"] == 3
    assert question["text"] == "Which tent holds out in a storm?"
    assert [answer["upvoteCount"] for answer in question["suggestedAnswer"]] == [1, 0, 0]


async def test_a_marked_answer_is_the_accepted_one(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    await store.places.set_level(HELP, Level.INDEX, 0)
    opening = a_message(0)
    await store.desk.mark_answer(opening.ref, a_message(2).ref, opening.author.member, a_moment(9))
    question = the_data(await read(client, "/d/1"))["mainEntity"]
    assert question["acceptedAnswer"]["text"] == "Reply 2 about tents."
    assert [answer["text"] for answer in question["suggestedAnswer"]] == ["Reply 1 about tents."]


async def test_question_data_cannot_close_its_own_element(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0, "</script><script>alert(1)</script>")), *a_discussion(1)[1:]])
    await store.places.set_level(HELP, Level.INDEX, 0)
    page = await read(client, "/d/1")
    assert "<script>alert" not in page
    assert the_data(page)["mainEntity"]["text"] == "</script><script>alert(1)</script>"


async def test_feeds_are_well_formed_whatever_was_written(client: Client, store: SqlStore) -> None:
    words = "Tents \x01\x0b & <b>rain</b> \ufffe\U0001f33f ]]>"
    await store.ledger.record([seen(a_message(0, words)), *a_discussion(1)[1:]])
    await settled(store, words)
    [entry] = ET.fromstring(await read(client, "/feed.atom")).findall(f"{ATOM}entry")
    assert "& <b>rain</b>" in (entry.findtext(f"{ATOM}title") or "")
    assert entry.findtext(f"{ATOM}updated")
    assert entry.findtext(f"{ATOM}id") == "/d/1"


async def test_a_channel_and_a_community_have_feeds_of_their_own(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    known = await store.places.channel(HELP)
    assert known is not None
    assert "Which tent" in await read(client, f"/feed.atom?channel={known.key}")
    assert "Which tent" in await read(client, f"/feed.atom?community={known.community}")
    assert (await client.get("/feed.atom?community=999")).status == 404
    await store.places.set_level(HELP, Level.DIGEST, 0)
    assert (await client.get(f"/feed.atom?channel={known.key}")).status == 404


async def test_a_feed_says_whose_it_is(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    known = await store.places.channel(HELP)
    assert known is not None
    await store.places.name_community(HELP.space, "Walkers")
    titles = {"": "Folkmoot", f"?channel={known.key}": "#help", f"?community={known.community}": "Walkers"}
    for path, title in titles.items():
        said = ET.fromstring(await read(client, f"/feed.atom{path}")).findtext(f"{ATOM}title")
        assert said == f"{title} · Discussions"
    assert (await read(client, f"/?channel={known.key}")).count(f'href="/feed.atom?channel={known.key}"') == 2


async def test_an_old_title_leads_to_the_page_s_address(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await settled(store, "Which tent, and why?")
    for path in ("/d/1", "/d/1/something-else", "/d/1/"):
        response = await client.get(f"{path}?after=5", allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (302, "/d/1/which-tent-and-why?after=5")
    assert (await client.get("/d/1/which-tent-and-why", allow_redirects=False)).status == 200


async def test_a_title_in_any_script_has_one_address(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await settled(store, "Какая палатка? 帐篷")
    response = await client.get("/d/1")
    assert response.status == 200
    assert len(response.history) == 1


async def test_a_thread_that_is_gone_is_gone(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await store.ledger.record([ThreadGone(thread=a_message(0).thread, at=a_moment(99))])
    assert (await client.get("/d/1")).status == 410
    await store.places.set_level(HELP, Level.DIGEST, 0)
    assert (await client.get("/d/1")).status == 404


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/digests", "/static/style.css"])
async def test_what_did_not_change_is_not_sent_again(client: Client, store: SqlStore, path: str) -> None:
    await store.ledger.record(a_discussion(1))
    first = await client.get(path)
    mark = first.headers["ETag"]
    assert (await client.get(path, headers={"If-None-Match": mark})).status == 304
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status == 200
    unchanged = await client.head(path, headers={"If-None-Match": f'"other", {mark}'})
    assert unchanged.status == 304
    assert unchanged.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


async def test_a_page_that_changed_has_another_tag(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    mark = (await client.get("/")).headers["ETag"]
    await store.ledger.record([seen(a_message(9, "More.", thread=0, author="Bo"))])
    assert (await client.get("/", headers={"If-None-Match": mark})).status == 200


async def test_figures_name_patterns_and_no_addresses(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    for path in ("/", "/d/1", "/d/77", "/nobody-knows-this"):
        await client.get(path)
    text = await read(client, "/metrics")
    assert 'folkmoot_http_requests_total{page="/",status="200"} 1.0' in text
    assert 'folkmoot_http_requests_total{page="/d/{id}",status="404"} 1.0' in text
    assert 'folkmoot_http_requests_total{page="none",status="404"} 1.0' in text
    assert "nobody-knows-this" not in text
    assert "folkmoot_live_readers 0.0" in text
    figures = {
        name: float(value)
        for name, _, value in (line.partition(" ") for line in text.splitlines())
        if value.replace(".", "").isdigit()
    }
    assert figures["folkmoot_tasks"] >= 1


async def test_figures_tell_what_is_on_its_way(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    for n in range(4):
        assert await store.outbox.plan(PostKind.CARD, f"card:{n}", HELP, a_moment(n - 9)) is not None
    [first] = await store.outbox.claim("me", a_moment(9), 60)
    await store.outbox.drop(first.id, "me", Drop.LATE, a_moment(9))
    [second] = await store.outbox.claim("me", a_moment(9), 60)
    await store.outbox.retry(second.id, "me", "no", a_moment(9), tries=1)
    [third] = await store.outbox.claim("me", a_moment(9), 60)
    await store.outbox.sent(third.id, "me", MessageRef(HELP, an_id(9)), None)
    await store.outbox.touch([2])
    text = await read(client, "/metrics")
    assert "folkmoot_outbox_waiting 1.0" in text
    assert "folkmoot_outbox_changes 1.0" in text
    assert "folkmoot_outbox_parked 1.0" in text
    assert 'folkmoot_outbox_dropped{reason="late"} 1.0' in text
    assert 'folkmoot_outbox_dropped{reason="crowded"} 0.0' in text
    assert "folkmoot_outbox_oldest_seconds 360.0" in text
    assert 'folkmoot_digest_runs{state="failed"} 0.0' in text


async def test_ready_is_only_whose_store_answers(client: Client, store: SqlStore) -> None:
    assert json.loads(await read(client, "/healthz")) == {"ok": True}
    assert json.loads(await read(client, "/readyz"))["ok"] is True
    await store.close()
    response = await client.get("/readyz")
    assert (response.status, await response.json()) == (503, {"ok": False, "writes": False, "platforms": {}})
    assert (await client.get("/healthz")).status == 200
    assert "Something went wrong" in unescape(await (await client.get("/")).text())


async def test_a_store_that_cannot_be_written_is_told_of_while_pages_are_served(
    client: Client, store: SqlStore
) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("what is told of a failure is the same")
    await store.ledger.record(a_discussion(1))
    told: list[bool] = []
    for wanted in (True, False):
        with closing(store.database._writing.raw_connection()) as connection:
            connection.cursor().execute(f"PRAGMA query_only={int(wanted)}")
        with suppress(StoreFailed):
            await store.ledger.record(a_discussion(2))
        told += [
            json.loads(await read(client, "/readyz"))["writes"],
            "store_failing 1.0" in await read(client, "/metrics"),
        ]
        assert "Which tent" in await read(client, "/d/1")
    assert told == [False, True, True, False]


async def test_a_database_that_fails_is_unavailable_and_no_mistake_of_ours(client: Client, store: SqlStore) -> None:
    if store.database.dialect == "postgresql":
        pytest.skip("PostgreSQL calls a missing table a mistake in the statement")
    await store.ledger.record(a_discussion(1))
    assert (await client.get("/d/1")).status == 200
    await store.database.write(lambda c: c.exec_driver_sql("ALTER TABLE discussion RENAME TO elsewhere"))
    answer = await client.get("/d/1")
    assert answer.status == 503
    assert "This cannot be answered just now." in await answer.text()


async def test_figures_tell_of_a_database_that_cannot_be_read(client: Client, store: SqlStore) -> None:
    if store.database.dialect == "postgresql":
        pytest.skip("PostgreSQL calls a missing table a mistake in the statement")
    assert "folkmoot_store_failing 0.0" in await read(client, "/metrics")
    for names, failing in (("change RENAME TO elsewhere", 1), ("elsewhere RENAME TO change", 0)):
        await store.database.write(methodcaller("exec_driver_sql", f"ALTER TABLE {names}"))
        text = await read(client, "/metrics")
        assert f"folkmoot_store_failing {failing}.0" in text
        assert "folkmoot_tasks" in text
