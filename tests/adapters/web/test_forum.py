"""What anybody may read: the pages of the forum, and what never gets onto them."""

import re
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.models import Channel, Level, Platform, Space, Thread, ThreadSeen
from storage import SqlStore
from tests.digesting import linked
from tests.makers import HELP, a_channel, a_discussion, a_message, a_moment, a_space, a_vote, an_author, deleted, seen

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")
CANARY = "canary-7d1f"
ELSEWHERE = Channel(Space(Platform.DISCORD, "1"), "2")

Client = TestClient[web.Request, web.Application]


async def read(client: Client, path: str) -> str:
    response = await client.get(path)
    assert response.status == 200, path
    return await response.text()


async def test_an_empty_forum_says_what_to_do(client: Client) -> None:
    page = await read(client, "/")
    for words in ("Talk here", "Import an export", "Connect Discord", "Connect Slack"):
        assert words in page


async def test_an_empty_forum_of_a_connected_platform_says_what_its_admins_do(client: Client, store: SqlStore) -> None:
    await store.ledger.record([a_space(ELSEWHERE.space, "There", hosted=False), a_channel(ELSEWHERE)])
    page = await read(client, "/")
    assert "Discord is connected" in page
    assert "/folkmoot-admin setup" in page
    assert "DISCORD_TOKEN" not in page
    assert "Connect Slack" in page


async def elsewhere(store: SqlStore, level: Level, web_from: int = 0) -> int:
    """A followed channel of another space with a discussion of three messages; its key."""
    await store.ledger.record([a_space(ELSEWHERE.space, "There", hosted=False), a_channel(ELSEWHERE)])
    await store.places.watch(ELSEWHERE, True)
    await store.places.set_level(ELSEWHERE, level, web_from)
    await store.ledger.record(a_discussion(2, ELSEWHERE))
    known = await store.places.channel(ELSEWHERE)
    assert known is not None
    return known.key


@pytest.mark.parametrize("level", [Level.COUNT, Level.DIGEST])
async def test_an_empty_forum_counts_what_is_followed_and_not_shared(
    client: Client, store: SqlStore, level: Level
) -> None:
    await elsewhere(store, level)
    page = await read(client, "/")
    assert "1 followed discussion is not shared on the web." in page
    assert "Talk here" in page


async def test_a_counter_line_tells_machines_the_time(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    for page in ("/", "/d/1"):
        assert f'🕐 <time datetime="{a_moment(2).isoformat()}">' in await read(client, page)


async def test_what_came_before_a_channel_was_shared_counts_as_not_shared(client: Client, store: SqlStore) -> None:
    await elsewhere(store, Level.WEB, a_message(500).ref.position)
    await store.ledger.record(a_discussion(2, ELSEWHERE, start=600))
    page = await read(client, "/")
    assert "1 followed discussion is not shared on the web." in page
    assert page.count('<li class="item">') == 1


async def test_what_can_never_be_shared_is_not_even_counted(client: Client, store: SqlStore) -> None:
    await elsewhere(store, Level.DIGEST)
    await store.ledger.record([replace(a_channel(ELSEWHERE, private=True), at=a_moment(9))])
    assert "not shared on the web" not in await read(client, "/")


async def test_channels_are_listed_by_the_space_they_are_in(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    assert "There" not in re.sub(r"There is", "", await read(client, "/"))
    key = await elsewhere(store, Level.WEB)
    page = await read(client, "/?tab=waiting")
    assert page.index("#help</a>") < page.index(">There · Discord</p>") < page.index("#2</a>")
    assert f'href="/?tab=waiting&amp;channel={key}"' in page
    chosen = await read(client, f"/?channel={key}")
    assert '<p class="where-space">There · Discord</p>' in chosen
    assert f'href="/?channel={key}" aria-current="true"' in chosen
    assert "<b>#2</b>" in chosen


async def test_linked_spaces_share_a_forum(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await elsewhere(store, Level.WEB)
    third = Channel(Space(Platform.SLACK, "T1"), "C1")
    await store.ledger.record([a_space(third.space, "Yard", hosted=False), a_channel(third), *a_discussion(3, third)])
    await store.places.watch(third, True)
    await store.places.set_level(third, Level.WEB, 0)
    await linked(store, ELSEWHERE, third)
    await store.places.name_community(third.space, "Makers")
    known = await store.places.channel(third)
    assert known is not None
    whole, page = await read(client, "/"), await read(client, f"/?community={known.community}&tab=all")
    for place in ("#2 · There · Discord", "#C1 · Yard · Slack"):
        assert f'<p class="where">{place}</p>' in whole
    own = await store.forum.discussion_of(Thread(third, a_message(0).ref.id))
    assert own is not None
    named = f'<p class="where"><a href="/?channel={known.key}">#C1</a> · Yard · Slack</p>'
    assert named in await read(client, f"/d/{own.id}/")
    link = f'href="/?community={known.community}"'
    assert (
        whole.index(f"{link}>All of Makers</a>")
        < whole.index(">There · Discord</p>")
        < whole.index(">Yard · Slack</p>")
    )
    assert "<h1>Makers</h1>" in page
    assert f'{link} aria-current="true">All of Makers</a>' in page
    assert f'href="/feed.atom?community={known.community}"' in page
    assert (page.count('<li class="item">'), whole.count('<li class="item">')) == (2, 3)
    assert f'href="/?tab=waiting&amp;community={known.community}"' in page
    assert (await client.get("/?community=999")).status == 404


async def test_a_tab_is_named_in_the_title(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    assert "<title>Concluded · Forum · Folkmoot</title>" in await read(client, "/?tab=concluded")
    assert "<title>tents · Search · Folkmoot</title>" in await read(client, "/search?q=tents")


async def test_a_title_that_only_begins_the_summary_is_not_taken_from_it(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    seq = await store.ledger.last_seq()
    said = "Photos of the tents are up."
    await store.ledger.settle(1, title="Photos", summary=said, waiting=(), cites=(), seen=seq)
    assert f'<p class="summary">{said}</p>' in await read(client, "/d/1")


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ("Which tent?", ""),
        ("Which tent? It must hold out.", "It must hold out."),
        ("Which tent? ", ""),
        ("Which tent?! Any.", "Which tent?! Any."),
        ("Something else.", "Something else."),
    ],
)
async def test_a_summary_does_not_say_the_title_again(client: Client, store: SqlStore, made: str, shown: str) -> None:
    await store.ledger.record(a_discussion(1))
    seq = await store.ledger.last_seq()
    await store.ledger.settle(1, title="Which tent?", summary=made, waiting=(), cites=(), seen=seq)
    for path in ("/", "/d/1"):
        page = await read(client, path)
        assert re.findall('<p class="summary">(.*?)</p>', page) == ([shown] if shown else [])


async def test_a_discussion_is_listed_and_has_the_sample_s_parts_in_order(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(8))
    assert "💬 9 msgs · ⭐ 0 highlights" in await read(client, "/")
    found = await store.forum.discussion_of(a_discussion(0)[0].message.thread)
    assert found is not None
    page = await read(client, f"/d/{found.id}")
    parts = [
        "Back to Forum",
        "<h1>",
        "💬 9 msgs · ⭐ 0 highlights",
        "Discussion in progress",
        "Which tent",
        "Reply 1",
        "Reply 8",
    ]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert "9 messages, 0 highlights, last activity" in page


async def test_highlights_are_marked_and_listed(client: Client, store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, voter="Dina")])
    assert "Reply 1 about tents" in await read(client, "/highlights")
    assert "post highlighted" in await read(client, "/d/1/x")


async def test_a_numbered_list_keeps_its_numbers(client: Client, store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0, "3. pitch\n4. sleep\n- or not")), *a_discussion(1)[1:]])
    page = await read(client, "/d/1")
    assert '<ol><li value="3">pitch</li><li value="4">sleep</li></ol><ul><li>or not</li></ul>' in page


async def test_notes_stand_below_their_highlight(client: Client, store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, voter="Dina")])
    dina = an_author("Dina").member
    await store.desk.set_note(a_message(1).ref, dina, "Dry as <b>bone</b>", a_moment(9))
    assert '<p class="note">“Dry as &lt;b&gt;bone&lt;/b&gt;” — Dina</p>' in await read(client, "/highlights")
    await store.people.opt_out(dina, True, a_moment(9))
    assert "Dry as" not in await read(client, "/highlights")


async def test_search_finds_words(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    while await store.ledger.index_text():
        pass
    assert "<mark>" in await read(client, "/search?q=storm")
    assert "0 messages found" in await read(client, "/search?q=unheard")


async def test_the_feed_is_atom(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    page = await read(client, "/feed.atom")
    assert 'xmlns="http://www.w3.org/2005/Atom"' in page
    assert "Which tent holds out" in page


async def everywhere(client: Client) -> str:
    pages = ("/", "/highlights", f"/search?q={CANARY}", "/feed.atom", "/d/1", "/local/general", "/?tab=in_progress")
    return (
        "".join([await (await client.get(page)).text() for page in pages])
        .replace(f'value="{CANARY}"', "")
        .replace(f"<title>{CANARY} ·", "")
    )


@pytest.mark.parametrize("why", ["level", "private", "nsfw", "hidden", "deleted", "moderators"])
async def test_what_is_not_shared_is_nowhere(client: Client, store: SqlStore, why: str) -> None:
    channel = (
        Channel(HELP.space, "moderators")
        if why == "moderators"
        else HELP
        if why in {"hidden", "deleted"}
        else ELSEWHERE
    )
    if channel is ELSEWHERE:
        await store.ledger.record([a_space(ELSEWHERE.space, "There", hosted=False), a_channel(ELSEWHERE)])
        await store.places.set_level(ELSEWHERE, Level.DIGEST if why == "level" else Level.WEB, 0)
    await store.ledger.record(
        [
            seen(a_message(0, f"{CANARY} opens", channel=channel)),
            seen(a_message(1, CANARY, thread=0, author="Bo", channel=channel)),
        ]
    )
    if why in {"private", "nsfw"}:
        await store.ledger.record(
            [replace(a_channel(ELSEWHERE, private=why == "private", nsfw=why == "nsfw"), at=a_moment(9))]
        )
    elif why == "hidden":
        by = a_message(0).author.member
        await store.desk.set_hidden(1, True, by, a_message(5).sent_at)
    elif why == "deleted":
        await store.ledger.record([deleted(0), deleted(1)])
    while await store.ledger.index_text():
        pass
    if why == "hidden":
        assert (await client.get("/d/1")).status == 404
        assert CANARY not in await read(client, "/")
        return
    assert CANARY not in await everywhere(client)


@pytest.mark.parametrize(
    ("platform", "thread", "channel", "said", "leads"),
    [
        (Platform.DISCORD, "https://chat.example/t", "", "Reply on Discord", "https://chat.example/t"),
        (Platform.SLACK, "", "https://chat.example/c", "Reply on Slack", "https://chat.example/c"),
        (Platform.SLACK, "javascript:alert(1)", "data:text/html,x", "", ""),
        (Platform.SLACK, "", "", "", ""),
    ],
)
async def test_a_page_leads_to_where_people_reply_and_join(
    client: Client, store: SqlStore, platform: Platform, thread: str, channel: str, said: str, leads: str
) -> None:
    there = Channel(Space(platform, "1"), "2")
    invite = "https://chat.example/join" if leads else "javascript:alert(2)"
    space = a_space(there.space, "There", hosted=False)
    info = replace(a_channel(there), info=replace(a_channel(there).info, url=channel))
    await store.ledger.record([replace(space, info=replace(space.info, invite_url=invite)), info])
    await store.places.set_level(there, Level.WEB, 0)
    await store.ledger.record(
        [*a_discussion(1, there), ThreadSeen(thread=Thread(there, a_message(0).ref.id), at=a_moment(2), url=thread)]
    )
    page = await read(client, "/d/1")
    assert "javascript:" not in page
    found = re.findall(r'href="([^"]*)">(Reply [^<]*|Not a member yet\? Join)<', page)
    assert found == ([(leads, said), (invite, "Not a member yet? Join")] if leads else [])


async def test_the_room_s_discussions_are_replied_to_there(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    assert f'href="/local/help/{a_message(0).ref.id}">Reply in the room</a>' in await read(client, "/d/1")


async def test_every_page_with_somebody_s_words_hears_of_changes(client: Client, store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, voter="Dina")])
    while await store.ledger.index_text():
        pass
    for path in ("/", "/d/1", "/highlights", "/search?q=tents"):
        page = await read(client, path)
        assert re.search('<body data-about="(forum|d1)">', page), path
        _, _, live = page.partition(" data-live>")
        assert re.search("Reply 1|Discussion in progress", live), path


async def test_pages_speak_german_to_who_likes_it(client: Client, store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    response = await client.get("/d/1", headers={"Accept-Language": "de-DE,de;q=0.9"})
    page = await response.text()
    assert 'lang="de' in page
    assert "Back to Forum" not in page


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("fr-FR,fr;q=0.9,de;q=0.5", "de"),
        ("en;q=0.4, de-AT;q=0.8", "de-AT"),
        ("de;q=0, en-US", "en-US"),
        ("en-GB,de", "en-GB"),
        ("fr", "en-GB"),
        ("", "en-GB"),
        ("*", "en-GB"),
        (";;q=,=,de;q=many,-", "en-GB"),
        ("de-" + "x" * 300, "en-GB"),
    ],
)
async def test_readers_get_the_language_they_like_best_of_ours(client: Client, header: str, lang: str) -> None:
    page = await (await client.get("/", headers={"Accept-Language": header})).text()
    assert f'<html lang="{lang}">' in page
