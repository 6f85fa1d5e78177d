"""What may not be read on the web is on no page and in no document, whatever the reason and however it was there."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.digesting import Digests
from bot.models import (
    Channel,
    ChannelGone,
    ChannelSeen,
    Event,
    Every,
    Level,
    MemberRef,
    Message,
    MessageRef,
    Platform,
    PostKind,
    Reach,
    Rule,
    Space,
    Stored,
    Thread,
    ThreadGone,
    ThreadSeen,
    position_at,
)
from bot.settling import settle_all
from bot.summaries import Extract
from bot.urls import Urls
from storage import SqlStore
from tests.makers import NOON, SetClock, a_channel, a_message, a_moment, a_space, a_vote, an_id, deleted, seen

Client = TestClient[web.Request, web.Application]
THERE = Channel(Space(Platform.DISCORD, "1"), "canary-channel")
SHARED = Channel(THERE.space, "plain")
THREAD = Thread(THERE, an_id(0))
DUE = NOON + timedelta(hours=4)
CANARY = "canary"


def said(minutes: float, text: str, name: str, *, thread: float | None = None, channel: Channel = THERE) -> Message:
    message = a_message(minutes, text, channel=channel, author=name, thread=thread)
    return replace(message, files=(f"canary-file-{name}.pdf",))


@dataclass
class Place:
    """A forum in which everything of one channel says "canary"."""

    client: Client
    store: SqlStore
    key: int
    community: int
    run: int

    async def everywhere(self) -> dict[str, str]:
        """Every page and document that could show something of the channel."""
        paths = [
            "/", "/?tab=in_progress", "/?tab=waiting", "/?tab=concluded", f"/?channel={self.key}", "/highlights",
            "/search?q=words", "/feed.atom", f"/feed.atom?channel={self.key}", f"/feed.atom?community={self.community}",
            "/sitemap.xml", "/robots.txt", "/digests", f"/digests/{self.run}", "/d/1", f"/d/1?at={an_id(1)}", "/d/2",
            "/metrics",
        ]  # fmt: skip
        while await self.store.ledger.index_text():
            pass
        await settle_all(self.store, Extract())
        pages = {}
        for path in paths:
            response = await self.client.get(path)
            assert response.status < 500
            pages[path] = await response.text() + str(response.url)
        return pages

    async def telling(self, said: str = CANARY) -> set[str]:
        """The pages on which the canary is."""
        return {path for path, page in (await self.everywhere()).items() if said in page}


@pytest.fixture
async def place(client: Client, store: SqlStore, clock: SetClock) -> Place:
    """Shared with search engines, highlighted, concluded, answered, quoted in a digest; and one plain discussion."""
    await store.ledger.record([a_space(THERE.space, "There", hosted=False), a_channel(THERE), a_channel(SHARED)])
    for channel in (THERE, SHARED):
        await store.places.watch(channel, True)
        await store.places.set_level(channel, Level.INDEX, 0)
    await store.ledger.record(
        [
            seen(said(0, "Are canary words sung here? Tell me.", "canary-ada")),
            seen(said(1, "These canary words answer it.", "canary-bo", thread=0)),
            seen(said(2, "More canary words follow.", "canary-ada", thread=0)),
            *(a_vote(1, voter, at=20 + n, channel=THERE) for n, voter in enumerate(("canary-eve", "canary-finn"))),
            seen(a_message(30, "Plain words?", channel=SHARED)),
            seen(a_message(31, "Plain.", channel=SHARED, thread=30, author="Bo")),
        ]
    )
    ada = MemberRef(THERE.space, "canary-ada")
    await store.desk.mark_answer(MessageRef(THERE, an_id(0)), MessageRef(THERE, an_id(1)), ada, a_moment(40))
    await store.desk.set_stored(1, Stored.CONCLUDED, ada, a_moment(41), "canary outcome")
    known = await store.places.channel(THERE)
    assert known is not None
    run = await a_digest(store, clock, known.community)
    return Place(client=client, store=store, key=known.key, community=known.community, run=run)


async def a_digest(store: SqlStore, clock: SetClock, community: int) -> int:
    """A digest sent to the plain channel of the same space, which may quote the other one."""
    await store.calendar.add_schedule(
        community=community,
        name="Evening",
        destination=SHARED,
        rule=Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin"),
        reach=Reach.SPACE,
        sources=(),
        say_quiet=False,
        at=NOON - timedelta(hours=12),
    )
    await settle_all(store, Extract())
    digests = Digests(store=store, urls=Urls(""))
    clock.set(DUE)
    await digests.tick(DUE)
    [post] = [post for post in await store.outbox.claim("test", DUE, 60) if post.kind is PostKind.DIGEST]
    drawn = await digests.render(int(post.subject.partition(":")[2]))
    assert drawn is not None
    await store.outbox.freeze(post.id, "test", *drawn)
    await store.outbox.sent(post.id, "test", MessageRef(SHARED, "1"), None)
    return int(post.subject.partition(":")[2])


async def test_all_of_it_is_everywhere_first(place: Place) -> None:
    silent = {"/robots.txt", "/digests", "/d/2", "/metrics"}
    assert await place.telling() == set(await place.everywhere()) - silent


Change = Callable[[Place], Awaitable[None]]


def level(to: Level) -> Change:
    async def change(place: Place) -> None:
        await place.store.places.set_level(THERE, to, 0)

    return change


def turned(*, private: bool = False, nsfw: bool = False, connect: bool = False) -> Change:
    async def change(place: Place) -> None:
        info = replace(a_channel(THERE).info, private=private, nsfw=nsfw, connect=connect)
        await place.store.ledger.record([ChannelSeen(info=info, at=DUE)])

    return change


async def moved_up(place: Place) -> None:
    await place.store.places.set_level(THERE, Level.INDEX, a_message(500).ref.position)


async def hidden(place: Place) -> None:
    await place.store.desk.set_hidden(1, True, MemberRef(THERE.space, "mod"), DUE)


async def gone(place: Place) -> None:
    await place.store.ledger.record([ThreadGone(thread=THREAD, at=DUE)])


async def private_thread(place: Place) -> None:
    await place.store.ledger.record([ThreadSeen(thread=THREAD, at=DUE, private=True)])


async def all_deleted(place: Place) -> None:
    await place.store.ledger.record([deleted(n, channel=THERE) for n in range(3)])


async def opted_out(place: Place) -> None:
    for name in ("canary-ada", "canary-bo"):
        await place.store.people.opt_out(MemberRef(THERE.space, name), True, DUE)


async def erased(place: Place) -> None:
    for name in ("canary-ada", "canary-bo"):
        await place.store.people.erase(MemberRef(THERE.space, name), DUE)


CHANNEL = {  # the channel itself is off the web, its name too
    "digest": level(Level.DIGEST),
    "count": level(Level.COUNT),
    "private": turned(private=True),
    "nsfw": turned(nsfw=True),
    "connect": turned(connect=True),
}
WORDS = {  # the channel stays
    "shared from now on": moved_up,
    "hidden": hidden,
    "gone": gone,
    "private thread": private_thread,
    "deleted": all_deleted,
    "opted out": opted_out,
    "erased": erased,
}


@pytest.mark.parametrize("why", CHANNEL)
async def test_a_channel_that_is_not_shared_is_nowhere(place: Place, why: str) -> None:
    await CHANNEL[why](place)
    assert await place.telling() == set()
    assert (await place.client.get(f"/?channel={place.key}")).status == 404
    assert "Plain words" in await (await place.client.get("/")).text()


@pytest.mark.parametrize("why", WORDS)
async def test_words_that_are_not_shared_are_nowhere(place: Place, why: str) -> None:
    await WORDS[why](place)
    stays = [
        "canary-channel",
        *(["canary outcome", "by canary-ada"] if why == "deleted" else []),
    ]  # who wrote that did not delete it
    for path, page in (await place.everywhere()).items():
        assert CANARY not in re.sub("|".join(stays), "", page), path


async def test_search_engines_are_told_only_of_what_is_open_to_them(place: Place) -> None:
    await place.store.places.set_level(THERE, Level.WEB, 0)
    pages = await place.everywhere()
    assert "canary" not in pages["/sitemap.xml"]
    assert "/d/2" in pages["/sitemap.xml"]
    assert "ld+json" not in pages["/d/1"]
    assert 'content="noindex"' in pages["/d/1"]
    assert "ld+json" in pages["/d/2"]


async def closed(place: Place, why: str) -> None:
    if why == "gone":
        await place.store.ledger.record([ChannelGone(channel=THERE, at=DUE)])
    else:
        await CHANNEL[why](place)


async def opened(place: Place) -> None:
    await place.store.ledger.record([ChannelSeen(info=a_channel(THERE).info, at=DUE + timedelta(hours=1))])


AMONG_US = [
    seen(said(60, "Now canary words among us?", "canary-ada")),
    seen(said(61, "Among us, canary words.", "canary-bo", thread=60)),
]
WHYS = pytest.mark.parametrize("why", ["private", "nsfw", "connect", "gone"])


@WHYS
@pytest.mark.parametrize("late", [False, True], ids=["told", "read after it opened"])
async def test_what_was_said_in_a_closed_channel_stays_off_the_web_when_it_opens(
    place: Place, why: str, late: bool
) -> None:
    await closed(place, why)
    if late:
        await opened(place)
    await place.store.ledger.record(AMONG_US)
    if not late:
        await opened(place)
    assert await place.telling("anary words") | await place.telling("canary-ada") == set()
    new = MessageRef(THERE, str(position_at(Platform.DISCORD, DUE + timedelta(hours=2))))
    opening = replace(said(360, "New canary words?", "canary-ada"), ref=new, thread=Thread(THERE, new.id))
    await place.store.ledger.record(
        [seen(opening), ThreadSeen(thread=opening.thread, at=DUE + timedelta(hours=2), name="New canary words")]
    )
    assert "/" in await place.telling("New canary words")


@WHYS
async def test_a_channel_that_was_closed_while_nobody_wrote_is_back_on_the_web(place: Place, why: str) -> None:
    before = await place.telling("anary words")
    for _ in range(2):
        await closed(place, why)
        await opened(place)
    assert await place.telling("anary words") == before != set()


@WHYS
async def test_a_channel_that_closed_and_opened_in_one_breath_keeps_what_was_said_between(
    place: Place, why: str
) -> None:
    shut: Event = ChannelGone(channel=THERE, at=DUE)
    if why != "gone":
        info = replace(a_channel(THERE).info, private=why == "private", nsfw=why == "nsfw", connect=why == "connect")
        shut = ChannelSeen(info=info, at=DUE)
    open_again = ChannelSeen(info=a_channel(THERE).info, at=DUE + timedelta(hours=1))
    await place.store.ledger.record([shut, AMONG_US[0], open_again, AMONG_US[1]])
    assert await place.telling("anary words") == set()


async def test_an_admin_who_asks_for_the_history_has_what_was_said_while_it_was_closed(place: Place) -> None:
    await closed(place, "private")
    await place.store.ledger.record(AMONG_US)
    await opened(place)
    await place.store.places.set_level(THERE, Level.INDEX, 0)
    await place.store.ledger.record(AMONG_US)
    assert {"/", "/d/1", "/search?q=words"} <= await place.telling("anary words")


async def test_a_level_that_was_chosen_before_a_channel_closed_shares_nothing_of_what_is_said_then(
    place: Place,
) -> None:
    await place.store.places.set_level(THERE, Level.DIGEST, 0)
    await closed(place, "private")
    await place.store.places.set_level(THERE, Level.WEB, 0)
    await place.store.ledger.record(AMONG_US)
    await opened(place)
    assert await place.telling("anary words") | await place.telling("canary-ada") == set()
