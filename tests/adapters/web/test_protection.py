"""What strangers may send and what is sent to them: hostile words, junk, and the headers of every answer."""

import re
from dataclasses import replace

from aiohttp import web
from aiohttp.test_utils import TestClient

from storage import SqlStore
from tests.makers import a_discussion, a_message, a_moment, a_vote, an_author, seen

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")

Client = TestClient[web.Request, web.Application]


async def read(client: Client, path: str) -> str:
    response = await client.get(path)
    assert response.status == 200, path
    return await response.text()


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "`</code><script>alert(1)</script>`",
    "```\n</pre><svg onload=alert(1)>\n```",
    '[x](https://a.example/"onmouseover="alert(1))',
    "https://a.example/'onclick='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<t:99999999999999999999:R>",
]


async def test_hostile_text_is_only_text(client: Client, store: SqlStore) -> None:
    for number, text in enumerate(HOSTILE):
        start = 10 * number
        await store.ledger.record(
            [
                seen(a_message(start, text)),
                seen(a_message(start + 1, text, thread=start, author="Bo")),
                a_vote(start + 1, voter="Cem"),
            ]
        )
    threads = [f"/local/help/{a_message(10 * number).ref.id}" for number in range(len(HOSTILE))]
    pages = [f"/d/{number + 1}" for number in range(len(HOSTILE))]
    for path in ("/", "/highlights", "/local/help", *pages, *threads):
        page = (await read(client, path)).lower()
        body = page[page.index("<body") :]
        assert not re.search(r"<(script|img|svg)|href=.?(javascript|data)|>49<", body), path
        assert not re.search(r"<[^>]* on\w+=", re.sub(r'"[^"]*"', '""', body)), path


async def test_hostile_names_are_only_text(client: Client, store: SqlStore) -> None:
    name = "<script>alert(1)</script>"
    reply = replace(a_message(1, "Dry.", thread=0, author=name, reply_to=0, edited=2), files=(name,))
    await store.ledger.record([seen(a_message(0, "Dry?", author=name)), seen(reply), a_vote(1, voter="Cem")])
    await store.desk.mark_answer(a_message(0).ref, a_message(1).ref, an_author(name).member, a_moment(3))
    page = await read(client, "/d/1")
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") >= 5  # who wrote both, what is attached, and three ties


JUNK = [
    "/?tab=x",
    "/?channel=x",
    "/?channel=-1",
    "/?channel=99999999999999999999",
    "/?before=1",
    "/?before=x-y",
    "/d/0",
    "/d/x",
    "/d/999999999999999",
    "/d/1?after=x",
    "/d/1?at=x",
    "/d/1?at=-1",
    "/highlights?before=x",
    "/highlights?before=999999999999999-999999999999999999",
    "/search?q=a&before=x",
    "/search?q=a&before=999999999999999-999999999999999999",
    "/search?q=%00",
    "/search?q=%22%27%28%2A",
    "/search?q=" + "a" * 3000,
    "/feed.atom?channel=x",
    "/feed.atom?channel=77",
    "/feed.atom?community=77",
    "/nothing",
    "/static/../site.py",
    "/static/none",
    "/local/none",
    "/local/help/1",
    "/local/help/m/1/edit",
    "/%ff%fe",
    "/d/1/%00",
    "/?%00=%ff",
    "/?before=999999999999999-1",
]


async def test_junk_is_never_our_fault(client: Client) -> None:
    for path in JUNK:
        for method in ("GET", "HEAD"):
            response = await client.request(method, path)
            assert response.status < 500, path
            assert all(header in response.headers for header in HEADERS), path


async def test_every_answer_is_protected(client: Client) -> None:
    for path in ("/", "/local", "/static/style.css", "/healthz", "/readyz", "/robots.txt", "/feed.atom", "/none"):
        response = await client.get(path)
        assert "'unsafe" not in response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if path != "/local":
            assert response.headers["Referrer-Policy"] == "no-referrer"
    response = await client.post("/")
    assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")


async def test_answers_are_kept_for_readers_of_the_same_language_and_the_room_s_for_one(client: Client) -> None:
    for path in ("/", "/feed.atom", "/none"):
        response = await client.get(path)
        assert (response.headers["Vary"], response.headers["Cache-Control"]) == ("Accept-Language", "no-cache")
    assert (await client.get("/local")).headers["Cache-Control"] == "private, no-cache"
    assert (await client.get("/static/style.css")).headers["Cache-Control"] == "no-cache"


async def test_an_error_says_what_to_do(client: Client) -> None:
    for method, path, said in (
        ("GET", "/none", "There is nothing here"),
        ("GET", "/?tab=none", "This cannot be read"),
        ("POST", "/", "This cannot be done here"),
        ("POST", "/local/name", "This was not sent from here"),
    ):
        page = await (await client.request(method, path)).text()
        assert f"<h1>{said}</h1>" in page
        assert 'class="button" href="/"' in page


async def test_no_page_holds_script_or_style_of_its_own(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    for path in ("/", "/d/1", "/highlights", "/search", "/local", "/local/help"):
        page = await read(client, path)
        assert page.count("<script") == 1
        assert " style=" not in page
        assert "<style" not in page
