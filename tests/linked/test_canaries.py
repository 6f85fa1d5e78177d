"""A word of its own in everything that is closed, on both sides of a link: it is found in no output at all."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import WebAdapter
from bot.models import PostKind
from tests.bot.commands.scene import Scene, words_of
from tests.linked.towns import CAMP, COMMON, DAILY, SHOP, canaries, canary, link, place

Client = TestClient[web.Request, web.Application]
ASKED: Mapping[str, Mapping[str, str]] = {  # as a member who is in neither private channel
    "digest preview": {},
    "digest list": {},
    "digest why": {},
    "discussion list": {"tab": "all"},
    "highlights": {"since": "7d"},
    "catchup": {"since": "7d"},
    "folkmoot status": {},
    "privacy show": {},
}
SET_UP: Mapping[str, Mapping[str, str]] = {  # as an admin
    "folkmoot-admin settings": {},
    "folkmoot-admin doctor": {},
    "folkmoot-admin link": {},
}


@pytest.fixture
async def shown(scene: Scene) -> Scene:
    """Both sides linked, with everything that shows words set up to show as much as it may."""
    await link(scene)
    for space in (CAMP, SHOP):
        await scene.store.places.set_space(space, highlights_channel=place(space, "staff").id)
        await scene.run("folkmoot-admin board", {"of": f"#{place(space).id}"}, who="root", channel=place(space))
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    await scene.run("digest schedule", DAILY | {"name": "Den"}, who="root", channel=place(CAMP, "den"))
    await scene.run("digest join", {"schedule": "evening"}, who="mo", channel=place(SHOP))
    scene.clock.advance(timedelta(hours=3))
    await scene.context.digests.tick(scene.clock.now())
    await every_highlight(scene)
    await every_board(scene)
    await scene.deliver()
    return scene


async def every_highlight(scene: Scene) -> None:
    """Plan a post of every highlight, whatever was not planned by itself."""
    for channel in await scene.store.places.channels():
        staff = place(channel.channel.space, "staff")
        for post in await scene.store.forum.channel_posts(channel.key):
            for found in await scene.store.forum.best(post.discussion) if post.discussion else ():
                subject = f"highlight:{channel.key}:{found.ref.id}"
                await scene.store.outbox.plan(PostKind.HIGHLIGHT, subject, staff, scene.clock.now())


async def every_board(scene: Scene) -> None:
    """Plan a board of everything, whatever the command would have refused."""
    keys = "+".join(str(each.key) for each in await scene.store.places.channels())
    for n, space in enumerate((CAMP, SHOP)):
        await scene.store.outbox.plan(PostKind.BOARD, f"board:{keys}{'+0' * n}", place(space), scene.clock.now())


@pytest.fixture
async def client(shown: Scene) -> AsyncIterator[Client]:
    adapter = WebAdapter(
        store=shown.store,
        clock=shown.clock,
        host="127.0.0.1",
        port=0,
        urls=shown.context.urls,
        room_open=False,
        moderator_code="code",
    )
    async with TestClient(TestServer(adapter.app)) as client:
        yield client
    await adapter.live.close()


async def pages(scene: Scene, client: Client) -> list[str]:
    """Every page that anybody can ask for, and some that nobody should."""
    channels = await scene.store.places.channels()
    paths = ["/", "/highlights", "/digests", f"/search?q={COMMON}", "/feed.atom", "/sitemap.xml", "/metrics"]
    paths += [f"/?channel={each.key}" for each in channels] + [f"/feed.atom?channel={each.key}" for each in channels]
    paths += [f"/{page}?community={n}" for page in ("", "feed.atom") for n in range(1, 4)]
    paths += [f"/d/{n}" for n in range(1, 20)] + [f"/digests/{n}" for n in range(1, 4)]
    return [await (await client.get(path)).text() for path in paths]


async def answers(scene: Scene) -> list[str]:
    """What commands answer in both halls."""
    said = []
    for channel in (place(CAMP), place(SHOP)):
        for name, args in ASKED.items():
            said.append(words_of(await scene.run(name, args, channel=channel)))
        for name, args in SET_UP.items():
            said.append(words_of(await scene.run(name, args, who="root", channel=channel)))
    why = [{"item": str(n), "digest": "1"} for n in range(1, 5)]
    return said + [await scene.said("digest why", args, channel=place(CAMP)) for args in why]


async def test_what_is_closed_is_found_nowhere(shown: Scene, client: Client) -> None:
    scene = shown
    seen = {
        "hall posts": [words_of(each) for space in (CAMP, SHOP) for each in scene.shown(place(space))],
        "staff posts": [words_of(each) for space in (CAMP, SHOP) for each in scene.shown(place(space, "staff"))],
        "answers": await answers(scene),
        "pages": await pages(scene, client),
    }
    for name, texts in seen.items():
        found = {word for text in texts for word in canaries() if word in text.casefold()}
        assert found == set(), name
    everything = "\n".join(text for texts in seen.values() for text in texts)
    for space in (CAMP, SHOP):
        assert everything.count(canary(space, "hall")) > 20  # and it was looked for where things are


async def test_the_page_of_a_digest_says_what_came_from_where(shown: Scene, client: Client) -> None:
    page = await (await client.get("/digests/1")).text()
    for space, label in ((CAMP, "Camp · Discord"), (SHOP, "Workshop · Slack")):
        assert canary(space, "hall") in page
        assert f'<p class="where">{label}</p>' in page
    args = {"space": "Camp", "confirm": "yes"}
    await shown.run("folkmoot-admin unlink", args, who="root", channel=place(SHOP))
    page = await (await client.get("/digests/1")).text()
    assert canary(CAMP, "hall") in page
    assert canary(SHOP, "hall") not in page
    assert page.count('<p class="withheld">(no longer available)</p>') == 2
