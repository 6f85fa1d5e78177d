"""Threads and forum posts, as people and as the real discord.py make them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import discord
import pytest

from tests.makers import NOON
from tests.servers.clients import Listener, listening
from tests.servers.discord import BOT, Can, Channel, DiscordServer, Guild, Member, NotAllowed, Thread


@pytest.fixture
async def client(server: DiscordServer, place: Channel) -> AsyncIterator[Listener]:
    async with listening(server) as client:
        yield client


def text_of(client: Listener, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(int(channel.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def thread_of(client: Listener, thread: Thread) -> discord.Thread:
    found = await client.fetch_channel(int(thread.id))
    assert isinstance(found, discord.Thread)
    return found


async def test_a_thread_from_a_message_has_its_id(client: Listener, place: Channel, ada: Member, bo: Member) -> None:
    question = place.post(ada, "Which tent?")
    thread = question.thread(ada, "Tents")
    thread.post(bo, "That one.")
    assert thread.id == question.id
    (opened,) = await client.until("thread_create")
    assert (opened.name, str(opened.parent_id), str(opened.owner_id)) == ("Tents", place.id, ada.id)
    _, starter, reply = await client.until("message", 3)
    assert starter.type is discord.MessageType.thread_starter_message
    assert str(starter.reference.message_id) == question.id
    assert starter.reference.resolved.content == "Which tent?"
    assert reply.content == "That one."
    (updated,) = client.got("raw_message_edit")
    assert updated.message.flags.has_thread
    assert (thread.message_count, thread.total_message_sent) == (1, 1)
    thread.visible_to(ada)[-1].delete(bo)
    assert (thread.message_count, thread.total_message_sent) == (0, 1)


async def test_a_thread_without_a_message_is_announced(client: Listener, place: Channel, ada: Member) -> None:
    thread = place.thread(ada, "Tents")
    (announced,) = await client.until("message")
    assert announced.type is discord.MessageType.thread_created
    assert str(announced.reference.channel_id) == thread.id


async def test_a_forum_post_starts_with_a_message_of_its_id(
    client: Listener, guild: Guild, ada: Member, bo: Member
) -> None:
    forum = guild.forum("questions", tags=("solved", "tents"))
    post = forum.ask(ada, "Which tent?", "For storms.", tags=("tents",))
    (opened,) = await client.until("thread_create")
    (first,) = await client.until("message")
    assert str(first.id) == str(opened.id) == post.id
    post.post(bo, "That one.")
    assert post.message_count == 1
    post.tag("tents", "solved")
    (update,) = await client.until("raw_thread_update")
    assert len(update.data["applied_tags"]) == 2
    with pytest.raises(NotAllowed):
        forum.post(ada, "not here")


async def test_a_threads_state_follows_moderators(client: Listener, place: Channel, ada: Member, bo: Member) -> None:
    thread = place.thread(ada, "Tents")
    thread.rename("Big tents")
    thread.archive(locked=True)
    updates = [update.data for update in await client.until("raw_thread_update", 2)]
    assert updates[0]["name"] == "Big tents"
    assert updates[1]["thread_metadata"]["archived"]
    assert updates[1]["thread_metadata"]["locked"]
    with pytest.raises(NotAllowed):
        thread.post(bo, "one more")
    thread.unlock()
    thread.post(bo, "one more")
    assert not thread.archived
    thread.delete()
    (deleted,) = await client.until("raw_thread_delete")
    assert str(deleted.thread_id) == thread.id


async def test_archived_threads_are_listed_by_pages(client: Listener, place: Channel, ada: Member) -> None:
    threads = []
    for number in range(250):
        moment = NOON - timedelta(days=300 - number)
        thread = place.thread(ada, f"Thread {number}", at=moment)
        thread.archive(at=moment + timedelta(hours=1))
        threads.append(thread.id)
    found = [str(thread.id) async for thread in text_of(client, place).archived_threads(limit=None)]
    assert found == threads[::-1]
    guild = client.get_guild(int(place.guild.id))
    assert guild is not None
    assert await guild.active_threads() == []


async def test_private_archived_threads_need_more(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    us = place.guild.me
    assert us is not None
    private, joined = place.thread(ada, "Private", private=True), place.thread(ada, "Joined", private=True)
    joined.invite(us)
    for thread in (private, joined):
        thread.archive()
    channel = text_of(client, place)
    assert {str(one.id) async for one in channel.archived_threads(private=True)} == {private.id, joined.id}
    mine = [str(one.id) async for one in channel.archived_threads(private=True, joined=True)]
    assert mine == [joined.id]
    assert [one async for one in channel.archived_threads()] == []
    place.guild.bot_role.set(BOT & ~Can.MANAGE_THREADS)
    with pytest.raises(discord.Forbidden):
        _ = [one async for one in channel.archived_threads(private=True)]


async def test_active_threads_are_those_that_we_may_see(
    client: Listener, place: Channel, guild: Guild, ada: Member
) -> None:
    guild.bot_role.set(BOT & ~Can.MANAGE_THREADS)
    open_one = place.thread(ada, "Open")
    secret = place.thread(ada, "Secret", private=True)
    known = client.get_guild(int(guild.id))
    assert known is not None
    assert [str(thread.id) for thread in await known.active_threads()] == [open_one.id]
    with pytest.raises(discord.Forbidden):
        await thread_of(client, secret)
    secret.invite(guild.member("Folkmoot", bot=True))
    joined = await client.until("thread_join")
    assert str(joined[0].id) == secret.id


async def test_gaining_access_tells_of_threads_and_losing_it_does_not(
    client: Listener, place: Channel, ada: Member
) -> None:
    place.deny(place.guild.everyone, Can.VIEW_CHANNEL)
    place.allow(ada, Can.VIEW_CHANNEL)
    thread = place.thread(ada, "Tents")
    await client.until("guild_channel_update", 2)
    assert not client.got("thread_create")
    place.make_public()
    (gained,) = await client.until("thread_join")
    assert str(gained.id) == thread.id
    before = len(client.heard)
    place.deny(place.guild.everyone, Can.VIEW_CHANNEL)
    await client.until("guild_channel_update", 4)
    names = {name for name, _ in client.heard[before:]}
    assert not {name for name in names if name.startswith(("thread", "raw_thread"))}


async def test_our_own_threads(server: DiscordServer, client: Listener, place: Channel, guild: Guild) -> None:
    channel = text_of(client, place)
    sent = await channel.send("Opening post")
    thread = await sent.create_thread(name="Tents")
    await thread.send("A card")
    assert [message.text for message in guild.threads[str(sent.id)].visible_to(guild.owner)] == ["", "A card"]
    with pytest.raises(discord.HTTPException) as twice:
        await sent.create_thread(name="Tents")
    assert twice.value.code == 160004
    with pytest.raises(discord.HTTPException):
        await (await channel.send("x")).create_thread(name="n" * 101)
    assert len(server.forgive()) == 1
    forum = guild.forum("ideas", tags=("new",))
    await client.until("guild_channel_create")
    found = client.get_channel(int(forum.id))
    assert isinstance(found, discord.ForumChannel)
    post = await found.create_thread(name="An idea", content="Text", applied_tags=found.available_tags)
    assert post.message.id == post.thread.id
    assert guild.threads[str(post.thread.id)].applied_tags == [forum.tags[0].id]


async def test_an_archived_thread_takes_no_edits_and_wakes_for_a_message(
    client: Listener, place: Channel, ada: Member
) -> None:
    thread = place.thread(ada, "Tents")
    card = await (await thread_of(client, thread)).send("card")
    thread.archive()
    with pytest.raises(discord.HTTPException) as archived:
        await card.edit(content="new")
    assert archived.value.code == 50083
    await (await thread_of(client, thread)).send("wake up")
    assert not thread.archived
    await card.edit(content="new")


async def test_a_locked_thread_is_closed_to_those_who_do_not_manage_threads(
    client: Listener, place: Channel, ada: Member
) -> None:
    thread = place.thread(ada, "Tents")
    thread.lock()
    known = await thread_of(client, thread)
    await known.send("I may")
    place.guild.bot_role.set(BOT & ~Can.MANAGE_THREADS)
    with pytest.raises(discord.Forbidden) as locked:
        await known.send("I may not")
    assert locked.value.code == 160005
