"""What becomes of threads, forum posts and channels in a Discord server is what readers see."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.models import Channel as Place
from bot.models import Level, MessageRef, Stored, Withheld
from bot.models import Thread as Talk
from storage import SqlStore
from tests.camps import Camp, folkmoot
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.permissions import Can
from tests.servers.discord.threads import Thread
from tests.wire.keeping import all_kept, no_gap, removed, seen, shows, voted


async def test_what_changed_in_threads_and_forum_posts_meanwhile_is_found(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada, bo = guild.channel("help"), guild.member("Ada"), guild.member("Bo")
    forum = guild.forum("ideas")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await seen(camp, forum)
        root = help_.post(ada, "Which tent?")
        threads = [root.thread(ada, "Tents"), forum.ask(ada, "A sauna", "Shall we?"), forum.ask(ada, "A boat", "Hm?")]
        said = [root, *(thread.post(bo, f"Yes {n}.") for n in range(3) for thread in threads)]
        said += [thread.messages[thread.id] for thread in threads[1:]]
        for message in said[1:]:
            message.react(ada)
        await all_kept(store, said)
        await voted(camp, 9)  # one's own do not count
    clock.advance(timedelta(minutes=10))
    for message in said[1:4]:
        message.edit("Edited.")
    for message in said[4:6]:
        said.remove(message)
        message.delete()
    said[6].unreact(ada)
    threads[2].delete()
    said = [message for message in said if message.channel is not threads[2]]
    threads[1].rename("A hot sauna")
    threads[1].archive(locked=True)
    async with folkmoot(discord, store, clock) as parts:
        await all_kept(store, said)
        await no_gap(Camp(discord, guild, help_, store, clock, parts))
        await shows(store, Place(camp.space, forum.id), threads[1].id, title="A hot sauna", locked=True, archived=True)
        await shows(store, Place(camp.space, forum.id), threads[2].id, removed=True)
        await shows(store, Place(camp.space, forum.id), threads[1].id, highlights=1)
        await shows(store, camp.place, threads[0].id, highlights=2)


Step = tuple[Callable[[Thread], object], dict[str, Any]]  # what is done to a thread, and what its discussion is then
ARCHIVED: Step = (lambda thread: thread.archive(), {"archived": True, "locked": False})
LOCKED: Step = (lambda thread: thread.lock(), {"locked": True, "archived": False})
CLOSED: Step = (lambda thread: thread.archive(locked=True), {"locked": True, "archived": True})
CASES: dict[str, tuple[Step, ...]] = {
    "renamed": ((lambda thread: thread.rename("Better tents"), {"title": "Better tents", "archived": False}),),
    "archived": (ARCHIVED,),
    "unarchived": (ARCHIVED, (lambda thread: thread.unarchive(), {"archived": False})),
    "unarchived by a message": (
        ARCHIVED,
        (lambda thread: thread.post(thread.owner, "?"), {"archived": False, "count": 3}),
    ),
    "renamed while archived": (ARCHIVED, (lambda thread: thread.rename("Old"), {"title": "Old", "archived": True})),
    "locked": (LOCKED,),
    "unlocked": (LOCKED, (lambda thread: thread.unlock(), {"locked": False})),
    "archived and locked": (CLOSED,),
    "opened and unlocked": (
        CLOSED,
        (lambda thread: thread.set_state(archived=False, locked=False), {"locked": False, "archived": False}),
    ),
    "deleted": ((lambda thread: thread.delete(), {"removed": True}),),
    "parent deleted": (
        (lambda thread: thread.parent.messages[thread.id].delete(), {"removed": False, "count": 1, "title": "Tents"}),
    ),
    "channel deleted": ((lambda thread: thread.parent.delete(), {"removed": True}),),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_discussion_follows_its_thread(camp: Camp, case: str) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    root = camp.help.post(ada, "Which tent?")
    thread = root.thread(ada, "Tents")
    await all_kept(camp.store, [root, thread.post(bo, "That one.")])
    found = {"count": 2, "title": "Tents", "archived": False, "locked": False, "removed": False}
    await shows(camp.store, camp.place, thread.id, **found)
    for change, wanted in CASES[case]:
        camp.clock.advance(timedelta(seconds=1))
        change(thread)
        await shows(camp.store, camp.place, thread.id, **wanted)


PLACES: dict[str, tuple[Callable[[Channel], object], dict[str, bool]]] = {
    "made private": (lambda channel: channel.make_private(), {"private": True, "nsfw": False}),
    "for adults": (lambda channel: channel.set_nsfw(True), {"private": False, "nsfw": True}),
}


@pytest.mark.parametrize("case", [*PLACES, "deleted", "closed to us", "kicked"])
async def test_pages_of_a_place_that_is_closed_are_gone_at_once(camp: Camp, case: str) -> None:
    ada, us = camp.member("Ada"), camp.guild.me
    assert us is not None
    root = camp.help.post(ada, "Which tent?")
    thread = root.thread(ada, "Tents")
    await all_kept(camp.store, [root, thread.post(ada, "The blue one.")])
    await camp.store.places.set_level(camp.place, Level.WEB, 0)
    async with TestClient(TestServer(camp.parts.web.app)) as client:
        assert "The blue one." in await page(client, camp, thread, 200)
        camp.clock.advance(timedelta(seconds=1))
        if case in PLACES:
            PLACES[case][0](camp.help)
        elif case == "deleted":
            camp.help.delete()
        elif case == "closed to us":
            camp.help.deny(us, Can.VIEW_CHANNEL)
        else:
            camp.guild.kick_bot()
        assert "The blue one." not in await page(client, camp, thread, 404)
        assert "Tents" not in await (await client.get("/")).text()
        camp.clock.advance(timedelta(seconds=1))
        back = {
            "made private": camp.help.make_public,
            "for adults": lambda: camp.help.set_nsfw(False),
            "closed to us": lambda: camp.help.clear(us),
            "kicked": camp.guild.add_bot,
        }
        if case in back:
            back[case]()
            assert "The blue one." in await page(client, camp, thread, 200)


async def page(client: Any, camp: Camp, thread: Thread, status: int) -> str:  # noqa: ANN401 - aiohttp's
    """A discussion's page when it has this status."""
    discussion = await camp.store.forum.discussion_of(Talk(camp.place, thread.id))
    assert discussion is not None
    async with asyncio.timeout(30):
        while (found := await client.get(f"/d/{discussion.id}")).status != status:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    return str(await found.text())


async def test_a_private_thread_is_not_kept(camp: Camp) -> None:
    ada, us = camp.member("Ada"), camp.guild.me
    assert us is not None
    thread = camp.help.thread(ada, "Among ourselves", private=True)
    thread.invite(us)
    thread.post(ada, "Nobody may know.")
    await all_kept(camp.store, [camp.help.post(ada, "Hello.")])
    assert await camp.store.forum.discussion_of(Talk(camp.place, thread.id)) is None


async def test_a_forum_post_is_a_discussion_at_once(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    forum = camp.guild.forum("ideas", tags=["wood", "solved"])
    await seen(camp, forum)
    place = Place(camp.space, forum.id)
    thread = forum.ask(ada, "A sauna", "Shall we?", tags=["wood"])
    await shows(camp.store, place, thread.id, title="A sauna", count=1, participants=1, opener_name="Ada")
    said = [thread.messages[thread.id], thread.post(bo, "Yes!")]
    await all_kept(camp.store, said)
    await shows(camp.store, place, thread.id, count=2, participants=2)
    camp.clock.advance(timedelta(seconds=1))
    thread.tag("wood", "solved")
    await shows(camp.store, place, thread.id, stored=Stored.CONCLUDED, state_by_tag=True, state_at=camp.clock.now())
    camp.clock.advance(timedelta(seconds=1))
    thread.tag("wood")
    await shows(camp.store, place, thread.id, stored=Stored.OPEN, state_by_tag=True)
    said[0].delete()
    await shows(camp.store, place, thread.id, title="A sauna", count=1, participants=2)
    discussion = await camp.store.forum.discussion_of(Talk(place, thread.id))
    assert discussion is not None
    opening = (await camp.store.forum.posts(discussion.id))[0]
    assert (opening.ref, opening.withheld) == (MessageRef(place, thread.id), Withheld.DELETED)


async def test_a_thread_without_a_message_is_opened_by_its_first_one(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    thread = camp.help.thread(ada, "Tents")
    said = [thread.post(bo, "Which one?"), thread.post(ada, "That one.")]
    await all_kept(camp.store, said)
    await shows(camp.store, camp.place, thread.id, title="Tents", count=2, opener_name="Bo")
    said[0].delete()
    await all_kept(camp.store, said[1:])
    await shows(camp.store, camp.place, thread.id, count=1)


async def test_threads_of_a_channel_that_opens_to_us_are_read(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada, us = guild.channel("help"), guild.member("Ada"), guild.me
    assert us is not None
    help_.deny(us, Can.VIEW_CHANNEL)
    said = [help_.post(ada, f"Question {n}?") for n in range(6)]
    threads = [message.thread(ada, "Tents") for message in said]
    said += [thread.post(ada, f"Answer {n}.") for n, thread in enumerate(threads)]
    threads[0].archive()
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await removed(camp, True)
        clock.advance(timedelta(seconds=1))
        help_.clear(us)
        await all_kept(store, said)
        await no_gap(camp)
