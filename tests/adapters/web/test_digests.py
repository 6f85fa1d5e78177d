"""The pages of digests: what was sent, with the words of now, and nothing that the web may not show."""

import re
from dataclasses import replace
from datetime import time, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from adapters.web.digests import bars
from bot.digesting import Digests
from bot.models import Channel, Every, Level, MemberRef, MessageRef, PostKind, Reach, Rule
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from tests.makers import HELP, NOON, SPACE, SetClock, a_channel, a_discussion, a_message, a_vote, an_id, deleted, seen

Client = TestClient[web.Request, web.Application]
DUE = NOON + timedelta(hours=4)
RULE = Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin")


@pytest.fixture
async def run(client: Client, store: SqlStore, clock: SetClock) -> int:
    """A digest of #help that was sent: one discussion, whose fourth message two people highlighted."""
    await store.ledger.record([*a_discussion(), a_vote(3, "Bo", at=20), a_vote(3, "Finn", at=21)])
    known = await store.places.channel(HELP)
    assert known is not None
    await store.calendar.add_schedule(
        community=known.community,
        name="Evening",
        destination=HELP,
        rule=RULE,
        reach=Reach.SPACE,
        sources=(),
        say_quiet=False,
        at=NOON - timedelta(hours=12),
    )
    digests = Digests(store=store, urls=Urls(""))
    clock.set(DUE)
    await digests.tick(DUE)
    [post] = [post for post in await store.outbox.claim("test", DUE, 60) if post.kind is PostKind.DIGEST]
    number = int(post.subject.partition(":")[2])
    drawn = await digests.render(number)
    assert drawn is not None
    await store.outbox.freeze(post.id, "test", *drawn)
    await store.outbox.sent(post.id, "test", MessageRef(HELP, "1"), None)
    return number


async def read(client: Client, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status == status, path
    return await response.text()


async def test_a_sent_digest_is_listed_and_has_a_page(client: Client, run: int) -> None:
    listed = await read(client, "/digests")
    assert f'href="/digests/{run}"' in listed
    assert re.search(r"</time> · #help</p>", listed)
    page = await read(client, f"/digests/{run}")
    for words in ("The day in", "1 discussion, 8 people", "Reply 3 about tents.", "Highlights", "Europe/Berlin"):
        assert words in page


async def test_its_activity_is_drawn_and_told(client: Client, run: int) -> None:
    page = await read(client, f"/digests/{run}")
    assert page.count("<rect ") == 8
    assert "9 new messages" in page


async def test_its_numbers_are_told_in_words(client: Client, run: int) -> None:
    page = await read(client, f"/digests/{run}")
    assert '<span aria-hidden="true">💬 9 (+9 new) · ⭐ 1' in page
    assert '<span class="heard">9 messages, 9 of them new, 1 highlight' in page


async def test_its_title_is_told_in_parts(client: Client, run: int) -> None:
    for path in ("/digests", f"/digests/{run}"):
        page = await read(client, path)
        assert '<p class="summary">3 Aug · 1 discussion, 8 people</p>' in page
        assert 'content="noindex"' in page


def test_the_busiest_part_has_the_highest_bar_and_nothing_a_thin_line() -> None:
    drawn = list(bars((0, 4, 2), NOON, DUE, texts_for("en")))
    assert [bar.height for bar in drawn] == [2, 28, 14]
    assert [bar.y + bar.height for bar in drawn] == [28, 28, 28]
    assert list(bars((), NOON, DUE, texts_for("en"))) == []
    assert [bar.height for bar in bars((0, 0), NOON, DUE, texts_for("en"))] == [2, 2]


async def test_a_deleted_quote_is_no_longer_available(client: Client, store: SqlStore, run: int) -> None:
    await store.ledger.record([deleted(3)])
    page = await read(client, f"/digests/{run}")
    assert "Reply 3 about tents." not in page
    assert "(no longer available)" in page


async def test_words_of_who_opted_out_are_not_quoted(
    client: Client, store: SqlStore, run: int, clock: SetClock
) -> None:
    await store.people.opt_out(MemberRef(SPACE, "eve"), True, clock.now())
    assert "Reply 3 about tents." not in await read(client, f"/digests/{run}")


async def test_a_highlight_that_was_taken_down_is_not_quoted(client: Client, store: SqlStore, run: int) -> None:
    moderator = MemberRef(SPACE, "ada")
    await store.desk.hold(MessageRef(HELP, an_id(3)), moderator, as_moderator=True, held=True, at=DUE)
    page = await read(client, f"/digests/{run}")
    assert "Reply 3 about tents." not in page
    assert "(no longer available)" in page


async def test_a_hidden_discussion_is_no_longer_available(client: Client, store: SqlStore, run: int) -> None:
    await store.desk.set_hidden(1, True, MemberRef(SPACE, "ada"), DUE)
    page = await read(client, f"/digests/{run}")
    assert "Reply 3" not in page
    assert 'href="/d/1' not in page


async def test_a_digest_of_a_channel_that_left_the_web_is_not_there(client: Client, store: SqlStore, run: int) -> None:
    await store.places.set_level(HELP, Level.DIGEST, 0)
    await read(client, f"/digests/{run}", 404)
    assert "The day in" not in await read(client, "/digests")


async def test_what_is_not_shared_on_the_web_is_only_counted(client: Client, store: SqlStore, run: int) -> None:
    await store.places.set_level(HELP, Level.WEB, a_message(500).ref.position)
    page = await read(client, f"/digests/{run}")
    assert "1 more discussion is not shared on the web." in page
    assert "Reply 3" not in page


async def test_the_page_names_no_sources_that_were_chosen_after_it_was_made(
    client: Client, store: SqlStore, run: int
) -> None:
    tea = Channel(SPACE, "tea")
    await store.ledger.record([a_channel(tea)])
    [schedule] = await store.calendar.schedules()
    await store.calendar.change_schedule(replace(schedule, sources=(HELP, tea)))
    await store.places.set_level(tea, Level.WEB, 0)
    assert "#tea" not in await read(client, f"/digests/{run}")


async def test_a_withdrawn_digest_is_gone(client: Client, store: SqlStore, run: int) -> None:
    await Digests(store=store, urls=Urls("")).withdraw(run, DUE)
    assert "This is gone" in await read(client, f"/digests/{run}", 410)
    assert f"/digests/{run}" not in await read(client, "/digests")


async def test_a_dropped_item_is_left_out(client: Client, store: SqlStore, run: int) -> None:
    await Digests(store=store, urls=Urls("")).drop(run, 1)
    assert "Reply 3" not in await read(client, f"/digests/{run}")


async def test_there_is_no_digest_that_never_was(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0))])
    await read(client, "/digests/77", 404)
    await read(client, "/digests/999999999999999", 404)
    assert "No digest was sent yet" in await read(client, "/digests")
