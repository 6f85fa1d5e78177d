"""What people do in the local room, without any script; and who is kept out."""

import asyncio
import re
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import WebAdapter
from bot.errors import ConfigError, MessageGone
from bot.markup import Text, Time
from bot.models import Button, Card, Channel, Level, MemberRef, MessageRef, Thread
from bot.urls import Urls
from storage import SqlStore
from tests.adapters.web.conftest import CODE, StoreInbox
from tests.makers import HELP, SPACE, SetClock, a_discussion, a_message, an_id, seen

Client = TestClient[web.Request, web.Application]
OURS = {"Sec-Fetch-Site": "same-origin"}
GENERAL = Channel(SPACE, "general")


async def send(client: Client, path: str, **fields: str) -> tuple[int, str]:
    response = await client.post(path, data=fields, headers=OURS)
    return response.status, await response.text()


async def come_in(client: Client, name: str = "Ada") -> None:
    status, _ = await send(client, "/local/name", name=name)
    assert status == 200


def messages(page: str) -> list[str]:
    return re.findall(r'<article class="post[^"]*" id="m(\d+)"', page)


async def test_people_talk_reply_and_a_discussion_appears(client: Client) -> None:
    await come_in(client)
    status, page = await send(client, "/local/help/say", text="Which tent?\n\nIt rains.", thread="")
    assert status == 200
    assert "<p>Which tent?</p>" in page
    (root,) = messages(page)
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    _, page = await send(client, "/local/help/say", text="The green one.", thread=root)
    assert len(messages(page)) == 2
    assert "💬 2 msgs" in page
    assert "The green one." in await (await client.get("/d/1")).text()


async def test_ids_grow_strictly_though_the_clock_stands(client: Client) -> None:
    await come_in(client)
    for number in range(5):
        _, page = await send(client, "/local/general/say", text=f"Message {number}", thread="")
    ids = [int(number) for number in messages(page)]
    assert len(ids) == 5
    assert ids == sorted(set(ids))


async def test_own_messages_can_be_changed_and_deleted(client: Client) -> None:
    await come_in(client)
    _, page = await send(client, "/local/general/say", text="Frist!", thread="")
    (number,) = messages(page)
    _, page = await send(client, f"/local/general/m/{number}/edit", text="First!")
    assert "First!" in page
    assert "(edited)" in page
    assert "Frist!" not in page
    _, page = await send(client, f"/local/general/m/{number}/delete")
    assert messages(page) == []


async def test_messages_of_others_are_starred_and_neither_changed_nor_deleted(client: Client) -> None:
    await come_in(client)
    _, page = await send(client, "/local/general/say", text="Mine.", thread="")
    (number,) = messages(page)
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    assert (await send(client, f"/local/general/m/{number}/delete"))[0] == 404
    assert (await send(client, f"/local/general/m/{number}/edit", text="Yours."))[0] == 404
    _, page = await send(client, f"/local/general/m/{number}/star")
    assert 'aria-pressed="true"' in page
    _, page = await send(client, f"/local/general/m/{number}/star")
    assert 'aria-pressed="true"' not in page
    assert "Mine." in page


async def test_a_name_is_had_by_one_person_at_a_time(client: Client) -> None:
    await come_in(client, "Ada")
    client.session.cookie_jar.clear()
    status, page = await send(client, "/local/name", name="  ADA ")
    assert status == 422
    assert "already" in page


async def test_the_cookie_is_kept_from_scripts_and_foreign_pages(client: Client) -> None:
    response = await client.post("/local/name", data={"name": "Ada"}, headers=OURS, allow_redirects=False)
    kept = response.headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Strict" in kept


@pytest.mark.parametrize("change", ["forged", "", "a.b", "é.é"])
async def test_a_forged_name_is_nobody(client: Client, change: str) -> None:
    await come_in(client)
    cookie = next(iter(client.session.cookie_jar)).value
    client.session.cookie_jar.clear()
    forged = cookie[:-4] + "0000" if change == "forged" else change
    page = await (await client.get("/local/general", headers={"Cookie": f"folkmoot_name={forged}"})).text()
    assert "Pick a name to talk" in page


async def test_the_code_makes_one_moderator_and_opens_their_channel(client: Client) -> None:
    await come_in(client)
    assert (await client.get("/local/moderators")).status == 404
    _, page = await send(client, "/local/code", code="guess")
    assert "That is not the code" in page or "#moderators" not in page
    _, page = await send(client, "/local/code", code=CODE)
    assert "#moderators" in page
    assert (await client.get("/local/moderators")).status == 200
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    _, page = await send(client, "/local/code", code=CODE)
    assert "#moderators" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Origin": "http://[broken"},
    ],
)
async def test_forms_of_other_pages_are_refused(client: Client, store: SqlStore, headers: dict[str, str]) -> None:
    await come_in(client)
    response = await client.post("/local/general/say", data={"text": "Not me", "thread": ""}, headers=headers)
    assert response.status == 403
    assert "Not me" not in await (await client.get("/local/general")).text()


async def test_an_old_browser_s_own_form_is_taken(client: Client) -> None:
    origin = f"http://{client.host}:{client.port}"
    response = await client.post("/local/name", data={"name": "Ada"}, headers={"Origin": origin})
    assert response.status == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "forum.example"}, {"Host": "[x"}, {"X-Forwarded-For": "1.2.3.4"}, {"Forwarded": "for=1.2.3.4"}]
)
async def test_the_room_is_not_there_for_who_comes_from_outside(client: Client, headers: dict[str, str]) -> None:
    for path in ("/local", "/local/general", "/local/help/1"):
        assert (await client.get(path, headers=headers)).status == 404
    assert (await client.post("/local/name", data={"name": "Eve"}, headers=OURS | headers)).status == 404


@pytest.mark.parametrize("size", [4001, 100_000])
async def test_what_is_too_long_is_refused(client: Client, size: int) -> None:
    await come_in(client)
    status, page = await send(client, "/local/general/say", text="x" * size, thread="")
    assert status == 413
    assert "too long" in page


async def test_a_line_with_a_slash_runs_a_command_for_the_asker_alone(client: Client) -> None:
    await come_in(client)
    _, page = await send(client, "/local/general/say", text="/discussion list", thread="")
    assert "discussion list" in page
    assert "Only you see this" in page
    _, page = await send(client, "/local/general/say", text="/nonsense", thread="")
    assert "There is no command" in page
    assert (await send(client, "/local/general/command", command="nonsense", thread=""))[0] == 400


async def test_an_answer_waits_for_its_asker_alone_and_a_reload_asks_nothing_twice(
    client: Client, adapter: WebAdapter
) -> None:
    await come_in(client)
    asked = await client.post("/local/general/say", data={"text": "/discussion list", "thread": ""}, headers=OURS)
    assert "discussion list" in await asked.text()
    assert "Only you see this" in await (await client.get(asked.url.path_qs)).text()
    assert len(asked.history) == 1
    assert "Only you see this" not in await (await client.get("/local/general?answer=guess")).text()
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    assert "Only you see this" not in await (await client.get(asked.url.path_qs)).text()


async def test_menus_offer_what_somebody_may_do_and_run_it_on_the_message(client: Client) -> None:
    await come_in(client)
    _, page = await send(client, "/local/help/say", text="Which tent?", thread="")
    (root,) = messages(page)
    assert "Treat as a discussion" in page
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    _, page = await send(client, "/local/help/say", text="The green one.", thread=root)
    assert "Catch me up" in page
    assert "Hide from the forum" not in page
    assert "Conclude …" not in page
    await send(client, "/local/code", code=CODE)
    page = await (await client.get(f"/local/help/{root}")).text()
    assert "Hide from the forum" in page
    assert "Conclude …" in page
    assert "Pick as a highlight" in page
    _, page = await send(client, "/local/help/command", command="highlight-admin pick", thread=root, target=root)
    assert f"highlight-admin pick on {root}" in page
    for fields in ({"target": "x"}, {"thread": "../etc"}, {"target": "9" * 30}):
        sent = {"command": "discussion status", "thread": root, "target": root} | fields
        assert (await send(client, "/local/help/command", **sent))[0] == 400


async def test_typed_commands_of_moderators_are_offered_to_them_only(client: Client) -> None:
    await come_in(client)
    page = await (await client.get("/local/general")).text()
    assert 'data-line="/discussion start"' in page
    assert 'data-line="/discussion hide"' not in page
    _, page = await send(client, "/local/code", code=CODE)
    assert 'data-line="/discussion hide"' in page


def later(page: str, words: str) -> str:
    """Where a link with some words leads."""
    (found,) = re.findall(rf'href="([^"]+)">{words}</a>', page)
    return str(found)


async def test_long_channels_have_pages(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(n, f"Message {n}.", channel=GENERAL)) for n in range(120)])
    page = await (await client.get("/local/general")).text()
    seen_so_far = messages(page)
    assert (len(seen_so_far), "Message 119." in page) == (50, True)
    assert "To the newest" not in page
    while "Earlier messages" in page:
        page = await (await client.get(later(page, "Earlier messages"))).text()
        seen_so_far = messages(page) + seen_so_far
        assert "To the newest messages" in page
    assert len(seen_so_far) == len(set(seen_so_far)) == 120
    assert seen_so_far == sorted(seen_so_far, key=int)


async def test_long_threads_show_their_opening_and_newest_replies_first(
    client: Client, store: SqlStore, adapter: WebAdapter
) -> None:
    await store.ledger.record(a_discussion(replies=450))
    thread = f"/local/help/{an_id(0)}"
    await adapter.post(Thread(HELP, an_id(0)), Card(title="A card"), "card:1")
    page = await (await client.get(thread)).text()
    assert messages(page)[0] == an_id(0)
    assert messages(page)[-1] == an_id(450)
    assert (len(messages(page)), "A card" in page) == (201, True)
    page, read = await (await client.get(later(page, "From the beginning"))).text(), []
    assert "A card" not in page
    while True:
        read += messages(page)
        if "Later messages" not in page:
            break
        page = await (await client.get(later(page, "Later messages"))).text()
    assert read == [an_id(n) for n in range(451)]
    assert "A card" in page


async def test_nobody_can_flood_the_room(client: Client, clock: SetClock) -> None:
    await come_in(client)
    said = [(await send(client, "/local/general/say", text=f"{n}", thread=""))[0] for n in range(25)]
    assert said == [200] * 20 + [429] * 5
    clock.advance(timedelta(seconds=2))
    assert (await send(client, "/local/general/say", text="calm again", thread=""))[0] == 200


async def test_the_code_cannot_be_guessed_by_trying(client: Client) -> None:
    await come_in(client)
    tried = [(await send(client, "/local/code", code=f"guess {n}"))[0] for n in range(12)]
    assert tried == [200] * 10 + [429] * 2


async def test_who_opted_out_sees_their_own_words_and_nobody_else_does(
    client: Client, adapter: WebAdapter, store: SqlStore
) -> None:
    await come_in(client)
    _, page = await send(client, "/local/help/say", text="Only mine to read.", thread="")
    (number,) = messages(page)
    post = await store.forum.post(MessageRef(HELP, number))
    assert post is not None
    assert post.author is not None
    await store.people.opt_out(post.author, True, adapter.room.clock.now())
    page = await (await client.get("/local/help")).text()
    assert "Only mine to read." in page
    assert "Only you see these words" in page
    assert (await client.get(f"/local/help/m/{number}/edit")).status == 200
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    assert "Only mine to read." not in await (await client.get("/local/help")).text()
    assert (await send(client, f"/local/help/m/{number}/star"))[0] == 404


async def test_our_posts_stand_in_the_room_with_their_buttons(client: Client, adapter: WebAdapter) -> None:
    await come_in(client)
    button = Button(label="Catch me up", command="catchup", args={"since": "7d"})
    card = Card(title="A card", body=(Text("<b>Words</b>"),), buttons=(button,))
    ref = await adapter.post(GENERAL, card, "card:1")
    assert await adapter.post(GENERAL, card, "card:1") == ref
    page = await (await client.get("/local/general")).text()
    assert page.count("A card") == 1
    assert "&lt;b&gt;Words" in page
    _, answer = await send(client, "/local/general/command", command="catchup", thread="", **{"arg.since": "7d"})
    assert "catchup {&#39;since&#39;: &#39;7d&#39;}" in answer
    await adapter.edit(GENERAL, ref, Card(title="Another card"))
    assert "Another card" in await (await client.get("/local/general")).text()
    await adapter.delete(GENERAL, ref)
    with pytest.raises(MessageGone):
        await adapter.edit(GENERAL, ref, card)


async def test_moments_in_our_posts_are_said_as_they_are_now(
    client: Client, adapter: WebAdapter, clock: SetClock
) -> None:
    await adapter.post(GENERAL, Card(body=(Time(int(clock.now().timestamp())),)), "card:1")
    clock.advance(timedelta(hours=2))
    assert ">2h ago</time>" in await (await client.get("/local/general")).text()


async def test_a_started_discussion_is_the_opener_s(client: Client, adapter: WebAdapter, store: SqlStore) -> None:
    await come_in(client)
    member = await store.room.take_name("Bo", adapter.room.clock.now(), 60)
    assert member is not None
    thread = await adapter.open_thread(HELP, member, "Tents", "Which one?")
    found = await store.forum.discussion_of(thread)
    assert found is not None
    assert (found.title, found.count, found.opener) == ("Tents", 1, member)
    assert isinstance(thread, Thread)
    assert '<b class="titled">Tents</b>' in await (await client.get("/local/help")).text()


async def test_new_public_channels_are_shared_and_a_decision_about_them_stays(
    adapter: WebAdapter, store: SqlStore
) -> None:
    levels = {known.channel.id: known.settings.level for known in await store.places.channels()}
    assert levels == {"general": Level.WEB, "help": Level.WEB, "moderators": Level.DIGEST}
    await store.places.set_level(GENERAL, Level.DIGEST, 0)
    await adapter.room.open(StoreInbox(store))
    known = await store.places.channel(GENERAL)
    assert known is not None
    assert known.settings.level is Level.DIGEST


async def test_only_moderators_can_read_the_private_channel(adapter: WebAdapter) -> None:
    channels = [info.channel for info in await adapter.channels()]
    readable = await adapter.readable(MemberRef(SPACE, "somebody"), channels)
    assert sorted(channel.id for channel in readable) == ["general", "help"]


async def test_a_taken_port_is_told_in_one_sentence(store: SqlStore, clock: SetClock, client: Client) -> None:
    server = client.server
    assert isinstance(server, TestServer)
    taken = WebAdapter(
        store=store,
        clock=clock,
        host="127.0.0.1",
        port=server.port or 0,
        urls=Urls(""),
        room_open=False,
        moderator_code="",
    )
    with pytest.raises(ConfigError, match="WEB_PORT"):
        await taken.start()


async def test_it_starts_serves_and_stops(store: SqlStore, clock: SetClock) -> None:
    made = WebAdapter(
        store=store, clock=clock, host="127.0.0.1", port=0, urls=Urls(""), room_open=False, moderator_code=""
    )
    await made.start()
    assert made.port > 0
    reader, writer = await asyncio.open_connection("127.0.0.1", made.port)
    writer.write(b"GET /local HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert b"404" in await reader.readline()
    writer.close()
    await made.stop()


async def test_a_file_is_handed_over_to_its_asker_alone(client: Client) -> None:
    await come_in(client)
    _, page = await send(client, "/local/general/say", text="/privacy export", thread="")
    (link,) = re.findall(r'href="(/local/general/file[^"]+)"', page)
    response = await client.get(link)
    assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.jsonl"'
    assert await response.text() == "Ada's"
    client.session.cookie_jar.clear()
    await come_in(client, "Bo")
    assert (await client.get(link)).status == 404
