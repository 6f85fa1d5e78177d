"""Channels, servers, members and the application over REST, as the real discord.py asks for them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import discord
import pytest
from discord.http import Route

from tests.makers import SetClock
from tests.servers.clients import Listener, listening
from tests.servers.discord import BOT, VOICE, Can, Channel, DiscordServer, Guild, Member


@pytest.fixture
async def client(server: DiscordServer, place: Channel) -> AsyncIterator[Listener]:
    async with listening(server) as client:
        yield client


def text_of(client: Listener, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(int(channel.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_server_tells_of_itself(client: Listener, guild: Guild, place: Channel, ada: Member) -> None:
    guild.channel("talk", VOICE)
    found = await client.fetch_guild(int(guild.id))
    assert (found.name, found.approximate_member_count) == ("Camp", len(guild.members))
    assert sorted(channel.name for channel in await found.fetch_channels()) == ["help", "talk"]
    assert {role.name for role in await found.fetch_roles()} == {"@everyone", "Folkmoot"}
    assert [str(partial.id) async for partial in client.fetch_guilds()] == [guild.id]
    assert (await found.fetch_member(int(ada.id))).name == "ada"
    assert (await client.fetch_user(int(ada.id))).global_name == "Ada"
    with pytest.raises(discord.NotFound) as stranger:
        await found.fetch_member(int(found.id))
    assert stranger.value.code == 10013
    with pytest.raises(discord.NotFound) as nowhere:
        await client.fetch_guild(5)
    assert nowhere.value.code == 10004


async def test_members_are_listed_only_with_the_intent(
    server: DiscordServer, client: Listener, guild: Guild, ada: Member
) -> None:
    (known,) = client.guilds
    raw = await client.http.get_members(known.id, 1000, None)
    assert [member["user"]["id"] for member in raw] == sorted(guild.members, key=int)
    search = Route("GET", "/guilds/{guild_id}/members/search", guild_id=known.id)
    found = await client.http.request(search, params={"query": "ad", "limit": 5})
    assert [member["user"]["id"] for member in found] == [ada.id]
    server.application.privileged.discard("members")
    with pytest.raises(discord.Forbidden):
        await client.http.get_members(known.id, 1000, None)


async def test_the_application_says_what_is_switched_on(server: DiscordServer, client: Listener) -> None:
    assert (await client.application_info()).flags.gateway_message_content_limited
    server.application.privileged.discard("message_content")
    assert not (await client.application_info()).flags.gateway_message_content_limited


async def test_content_is_hidden_in_history_too_without_the_intent(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    place.post(ada, "Hidden")
    server.application.privileged.discard("message_content")
    (message,) = [message async for message in text_of(client, place).history()]
    assert (message.content, message.author.name) == ("", "ada")


async def test_our_own_channel_work(client: Listener, guild: Guild, place: Channel) -> None:
    channel = text_of(client, place)
    with pytest.raises(discord.Forbidden):
        await channel.edit(name="assistance")
    guild.bot_role.set(BOT | Can.MANAGE_CHANNELS)
    await channel.edit(name="assistance", topic="Ask here")
    assert (place.name, place.topic) == ("assistance", "Ask here")
    await channel.typing()
    await channel.delete()
    assert place.id not in guild.channels


async def test_pins(client: Listener, place: Channel, ada: Member) -> None:
    messages = [place.post(ada, str(number)) for number in range(3)]
    channel = text_of(client, place)
    for message in messages[:2]:
        await (await channel.fetch_message(int(message.id))).pin()
    assert [str(pinned.id) async for pinned in channel.pins()] == [messages[1].id, messages[0].id]
    await (await channel.fetch_message(int(messages[0].id))).unpin()
    assert not messages[0].pinned


async def test_deleting_needs_permission_for_what_is_not_ours(
    client: Listener, guild: Guild, place: Channel, ada: Member, clock: SetClock
) -> None:
    channel = text_of(client, place)
    old = place.post(ada, "old", at=clock.now() - timedelta(days=20))
    theirs = [place.post(ada, str(number)) for number in range(3)]
    await channel.delete_messages([discord.Object(int(message.id)) for message in theirs[:2]])
    assert [message.text for message in place.visible_to(ada)] == ["old", "2"]
    with pytest.raises(discord.HTTPException) as too_old:
        await channel.delete_messages([discord.Object(int(message.id)) for message in (old, theirs[2])])
    assert too_old.value.code == 50034
    guild.bot_role.set(BOT & ~Can.MANAGE_MESSAGES)
    message = await channel.fetch_message(int(theirs[2].id))
    with pytest.raises(discord.Forbidden):
        await message.delete()
    await (await channel.send("ours")).delete()


async def test_reacting_has_its_rules(client: Listener, guild: Guild, place: Channel, ada: Member) -> None:
    message = place.post(ada, "A good answer")
    fetched = await text_of(client, place).fetch_message(int(message.id))
    for number in range(20):
        message.react(ada, chr(0x1F600 + number))
    with pytest.raises(discord.HTTPException) as full:
        await fetched.add_reaction("⭐")
    assert full.value.code == 30010
    message.clear_reactions()
    guild.everyone.set(guild.everyone.permissions & ~Can.ADD_REACTIONS)
    guild.bot_role.set(BOT & ~Can.ADD_REACTIONS)
    with pytest.raises(discord.Forbidden):
        await fetched.add_reaction("⭐")
    message.reactions["⭐"] = [ada.user]
    await fetched.add_reaction("⭐")  # one that is there may be joined
    await fetched.remove_reaction("⭐", discord.Object(int(ada.id)))
    await fetched.clear_reaction("⭐")
    assert message.reactions == {}


async def test_thread_members(client: Listener, guild: Guild, place: Channel, ada: Member, bo: Member) -> None:
    thread = place.thread(ada, "Tents")
    found = await client.fetch_channel(int(thread.id))
    assert isinstance(found, discord.Thread)
    await found.join()
    await found.add_user(discord.Object(int(bo.id)))
    assert {str(member.id) for member in await found.fetch_members()} == set(thread.members)
    assert (await found.fetch_member(int(bo.id))).id == int(bo.id)
    await found.remove_user(discord.Object(int(bo.id)))
    await found.leave()
    assert set(thread.members) == {ada.id}
    thread.archive()
    with pytest.raises(discord.HTTPException) as archived:
        await found.join()
    assert archived.value.code == 50083


async def test_changing_threads(client: Listener, guild: Guild, place: Channel, ada: Member) -> None:
    thread = place.thread(ada, "Tents")
    found = await client.fetch_channel(int(thread.id))
    assert isinstance(found, discord.Thread)
    await found.edit(name="Big tents", archived=True, locked=True)
    assert (thread.name, thread.archived, thread.locked) == ("Big tents", True, True)
    with pytest.raises(discord.HTTPException) as archived:
        await found.edit(name="Small tents")
    assert archived.value.code == 50083
    guild.bot_role.set(BOT & ~Can.MANAGE_THREADS)
    with pytest.raises(discord.Forbidden):
        await found.edit(archived=False)
    thread.unlock()
    await found.edit(archived=False)
    assert not thread.archived
    with pytest.raises(discord.Forbidden):
        await found.delete()
    own = await text_of(client, place).create_thread(name="Ours", type=discord.ChannelType.public_thread)
    await own.edit(name="Our own")
    assert guild.threads[str(own.id)].name == "Our own"


async def test_a_server_can_be_left(client: Listener, guild: Guild) -> None:
    await client.guilds[0].leave()
    await client.until("guild_remove")
    assert guild.me is None
