"""What leads where on the page of a discussion: replies to what they reply to, questions to their answers and back."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from adapters.web import WebAdapter
from bot.models import MessageRef
from bot.urls import POSTS
from storage import SqlStore
from tests.makers import HELP, a_message, a_moment, a_vote, an_author, an_id, deleted, seen

Client = TestClient[web.Request, web.Application]
ADA, QUENTIN = an_author("Ada").member, an_author("Quentin").member
GONE = "(no longer available)"
ASKED = "Does it hold out in a storm?"


@pytest.fixture(autouse=True)
async def _talked(store: SqlStore, adapter: WebAdapter) -> None:  # the room is open before anybody talks
    """Ada asks, Quentin answers, Cem asks Quentin back, Ada says something else."""
    await store.ledger.record(
        [
            seen(a_message(0, ASKED)),
            seen(a_message(1, "It does.", thread=0, author="Quentin", reply_to=0)),
            seen(a_message(2, "In which one?", thread=0, author="Cem", reply_to=1)),
            seen(a_message(3, "Good to know.", thread=0)),
        ]
    )


def place(minutes: float) -> str:
    return f"#m{an_id(minutes)}"


async def post(client: Client, minutes: float, page: str = "/d/1", locale: str = "en") -> str:
    """One message as the page shows it."""
    response = await client.get(page, headers={"Accept-Language": locale})
    assert response.status == 200
    start = (text := await response.text()).index(f'id="m{an_id(minutes)}"')
    ends = [found for end in ("</li>", "</section>") if (found := text.find(end, start)) > 0]
    return text[start : min(ends)]


def ref(minutes: float) -> MessageRef:
    return MessageRef(HELP, an_id(minutes))


async def mark(store: SqlStore, question: float, answer: float) -> None:
    await store.desk.mark_answer(ref(question), ref(answer), ADA, a_moment(30))


async def test_a_reply_names_and_links_what_it_replies_to(client: Client) -> None:
    link = f'<a class="tie" href="{place(1)}"><span aria-hidden="true">↩</span> '
    assert f"{link}in reply to Quentin</a>" in await post(client, 2)
    assert f"{link}als Antwort an Quentin</a>" in await post(client, 2, locale="de")
    assert "in reply to Ada" in await post(client, 1)
    assert "in reply to" not in await post(client, 0) + await post(client, 3)


async def test_a_question_leads_to_its_answer_and_back(client: Client, store: SqlStore) -> None:
    await mark(store, 0, 1)
    asked, told = await post(client, 0), await post(client, 1)
    assert f'<a href="{place(1)}"><span aria-hidden="true">✅</span> Answered by Quentin</a>' in asked
    assert f'<a class="badge" href="{place(0)}" title="To the question of Ada">' in told
    assert '<span aria-hidden="true">✅</span> Answer</a>' in told
    assert "Beantwortet von Quentin" in await post(client, 0, locale="de")
    assert "Antwort</a>" in await post(client, 1, locale="de")
    assert "Answer" not in await post(client, 2) + await post(client, 3)


async def test_a_reply_that_asks_leads_to_its_answer_too(client: Client, store: SqlStore) -> None:
    await mark(store, 2, 3)
    assert f'<a href="{place(3)}"><span aria-hidden="true">✅</span> Answered by Ada</a>' in await post(client, 2)
    assert f'<a class="badge" href="{place(2)}" title="To the question of Cem">' in await post(client, 3)


async def test_what_is_deleted_is_led_to_no_longer(client: Client, store: SqlStore) -> None:
    await mark(store, 0, 1)
    await store.ledger.record([deleted(1)])
    assert f'<span class="tie"><span aria-hidden="true">↩</span> in reply to {GONE}</span>' in await post(client, 2)
    assert "Answered" not in await post(client, 0)  # who asked waits again
    await mark(store, 0, 3)
    await store.ledger.record([deleted(0), seen(a_message(4, "And hail?", thread=0, author="Dina", reply_to=0))])
    assert '<span class="badge"><span aria-hidden="true">✅</span> Answer</span>' in await post(client, 3)
    assert f"in reply to {GONE}</span>" in await post(client, 4)


@pytest.mark.parametrize("erased", [False, True])
async def test_who_shows_no_name_is_not_named_by_a_tie(client: Client, store: SqlStore, erased: bool) -> None:
    await mark(store, 0, 1)
    if erased:
        await store.people.erase(QUENTIN, a_moment(60))
    else:
        await store.people.opt_out(QUENTIN, True, a_moment(60))
    page = await (await client.get("/d/1")).text()
    assert "Quentin" not in page
    assert f'<a class="tie" href="{place(1)}"><span aria-hidden="true">↩</span> in reply to Someone</a>' in page
    assert "Answered by Someone" in page


async def test_a_tie_to_another_page_leads_there(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(10 + n, thread=0, author="Dina")) for n in range(POSTS)])
    await store.ledger.record([seen(a_message(600, "So it is.", thread=0, author="Eve", reply_to=1))])
    await mark(store, 0, 600)
    told = await post(client, 600, f"/d/1/?at={an_id(600)}")
    assert f'?at={an_id(1)}{place(1)}"><span aria-hidden="true">↩</span> in reply to Quentin</a>' in told
    assert f'?at={an_id(0)}{place(0)}" title="To the question of Ada">' in told
    assert f'?at={an_id(600)}{place(600)}"><span aria-hidden="true">✅</span> Answered by Eve' in await post(client, 0)


async def test_a_highlight_and_a_hit_say_where_they_were_said(client: Client, store: SqlStore) -> None:
    await store.ledger.record([a_vote(1, "Ada")])
    await store.ledger.index_text()
    for path in ("/highlights", "/search?q=does"):
        page = await (await client.get(path)).text()
        assert "</a> · #help</p>" in page, path
