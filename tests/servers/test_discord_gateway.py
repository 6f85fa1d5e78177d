"""The real discord.py at the gateway: what it sees and hears, and what it may not."""

import zlib

import discord
import pytest
from aiohttp import ClientSession, WSMsgType

from tests.servers.clients import INTENTS, aimed, listening
from tests.servers.discord import ANNOUNCEMENT, Can, Channel, DiscordServer, Guild, Member


async def test_a_client_sees_servers_channels_and_messages(
    server: DiscordServer, place: Channel, ada: Member, bo: Member
) -> None:
    async with listening(server) as client:
        assert [known.name for known in client.guilds] == ["Camp"]
        assert client.get_channel(int(place.id)) is not None
        message = place.post(ada, "Which tent?")
        (heard,) = await client.until("message")
        assert (str(heard.id), heard.content, heard.author.name) == (message.id, "Which tent?", "ada")
        place.post(bo, "That one.", reply_to=message)
        _, reply = await client.until("message", 2)
        assert reply.type is discord.MessageType.reply
        assert reply.reference.resolved.content == "Which tent?"
    assert server.gateway.identifies == 1


async def test_frames_are_one_compressed_stream(server: DiscordServer, guild: Guild) -> None:
    async with ClientSession() as http, http.ws_connect(f"{server.gateway.url}?compress=zlib-stream") as socket:
        stream = zlib.decompressobj()
        hello = await socket.receive()
        assert hello.type is WSMsgType.BINARY
        assert b'"heartbeat_interval"' in stream.decompress(hello.data)
        await socket.send_json({"op": 1, "d": None})
        answer = await socket.receive()
        assert answer.data.endswith(b"\x00\x00\xff\xff")
        assert b'"op": 11' in stream.decompress(answer.data)


async def test_what_people_do_arrives(server: DiscordServer, place: Channel, ada: Member, bo: Member) -> None:
    async with listening(server) as client:
        message = place.post(ada, "Which tent?")
        message.react(bo)
        message.react(ada, "party:123")
        message.unreact(bo)
        message.clear_reactions("party:123")
        message.edit("Which tent holds?")
        others = [place.post(bo, f"No. {number}") for number in range(3)]
        place.delete_bulk(others, place.guild.owner)
        message.delete(ada)
        (gone,) = await client.until("raw_message_delete")
        assert str(gone.message_id) == message.id
        added = [(str(event.user_id), str(event.emoji)) for event in client.got("raw_reaction_add")]
        assert added == [(bo.id, "⭐"), (ada.id, "<:party:123>")]
        assert [str(event.user_id) for event in client.got("raw_reaction_remove")] == [bo.id]
        assert len(client.got("raw_reaction_clear_emoji")) == 1
        (edited,) = client.got("raw_message_edit")
        assert edited.message.content == "Which tent holds?"
        assert edited.message.edited_at is not None
        (bulk,) = client.got("raw_bulk_message_delete")
        assert {str(an_id) for an_id in bulk.message_ids} == {other.id for other in others}


async def test_messages_of_every_kind_can_be_parsed(server: DiscordServer, place: Channel, ada: Member) -> None:
    async with listening(server) as client:
        first = place.post(ada, "Look", files=("tent.png",), embeds=[{"type": "rich", "title": "T"}])
        place.post(ada, "", stickers=("Wave",))
        place.post(ada, "", poll=("Which?", "This", "That"))
        place.post(ada, "", forward=first)
        place.post(ada, "over the bridge", webhook="Bridge")
        place.post(place.guild.member("Helper", bot=True), "beep")
        place.post(ada, "", kind=7)
        first.pin(place.guild.owner)
        heard = await client.until("message", 8)
        assert heard[0].attachments[0].filename == "tent.png"
        assert heard[1].stickers[0].name == "Wave"
        assert [answer.text for answer in heard[2].poll.answers] == ["This", "That"]
        assert heard[3].message_snapshots[0].content == "Look"
        assert heard[4].webhook_id is not None
        assert heard[5].author.bot
        assert heard[6].type is discord.MessageType.new_member
        assert heard[7].type is discord.MessageType.pins_add


async def test_without_the_content_intent_only_what_concerns_us_is_readable(
    server: DiscordServer, place: Channel, ada: Member
) -> None:
    us = place.guild.me
    assert us is not None
    async with listening(server, discord.Intents(guilds=True, guild_messages=True)) as client:
        place.post(ada, "Nobody shall read this", files=("a.png",))
        place.post(ada, f"Hello {us.mention}")
        hidden, shown = await client.until("message", 2)
        assert (hidden.content, hidden.attachments, hidden.author.name) == ("", [], "ada")
        assert shown.content.startswith("Hello")


async def test_events_need_their_intent(server: DiscordServer, place: Channel, ada: Member) -> None:
    async with listening(server, discord.Intents(guilds=True, guild_messages=True)) as client:
        place.post(ada, "Hi").react(ada)
        place.guild.member("Zoe")
        place.rename("assistance")
        await client.until("guild_channel_update")
        assert not client.got("raw_reaction_add")
        assert not client.got("member_join")


async def test_events_of_channels_that_we_cannot_see_do_not_arrive(
    server: DiscordServer, place: Channel, ada: Member
) -> None:
    place.allow(ada, Can.VIEW_CHANNEL)
    place.deny(place.guild.everyone, Can.VIEW_CHANNEL)
    async with listening(server) as client:
        place.post(ada, "Secret")
        other = place.guild.channel("open")
        other.post(ada, "Open")
        heard = await client.until("message")
        assert [message.content for message in heard] == ["Open"]
        assert client.get_channel(int(place.id)) is not None  # a bot is told of all channels


async def test_a_reply_outlives_what_it_replies_to(
    server: DiscordServer, place: Channel, ada: Member, bo: Member
) -> None:
    async with listening(server) as client:
        question = place.post(ada, "Which tent?")
        reply = place.post(bo, "That one.", reply_to=question)
        question.delete(ada)
        reply.edit("That one there.")
        (edited,) = await client.until("raw_message_edit")
        assert isinstance(edited.message.reference.resolved, discord.DeletedReferencedMessage)
        assert str(edited.message.reference.message_id) == question.id


async def test_reacting_twice_is_reacting_once(server: DiscordServer, place: Channel, ada: Member) -> None:
    async with listening(server) as client:
        message = place.post(ada, "Hi")
        message.react(ada)
        message.react(ada)
        message.unreact(ada)
        await client.until("raw_reaction_remove")
        assert len(client.got("raw_reaction_add")) == 1
        assert message.reactions == {}


async def test_a_client_that_talks_too_much_is_cut_off(server: DiscordServer) -> None:
    async with ClientSession() as http, http.ws_connect(server.gateway.url) as socket:
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        frames = [await socket.receive() for _ in range(122)]
        assert frames[-1].data == 4008


async def test_what_nobody_knows_is_passed_over(server: DiscordServer, guild: Guild, ada: Member) -> None:
    guild.channel("odd", 99)
    async with listening(server) as client:
        server.gateway.announce("SOMETHING_NEW", {"id": "1"}, guild)
        ada.user.deleted = True
        guild.channel("news", ANNOUNCEMENT).post(ada, "Still here")
        (heard,) = await client.until("message")
        assert heard.author.name.startswith("deleted_user")
        assert "SOMETHING_NEW" in client.got("socket_event_type")


async def test_several_shards_share_the_servers(server: DiscordServer) -> None:
    server.gateway.shards = 2
    guilds = [server.guild(name) for name in ("Camp", "Club", "Crew", "Cafe")]
    async with listening(server) as client:
        assert client.shard_count == 2
        assert {str(guild.id) for guild in client.guilds} == {guild.id for guild in guilds}
        counts = sorted(len([guild for guild in client.guilds if guild.shard_id == number]) for number in (0, 1))
        assert counts == [2, 2]
        for guild in guilds:
            guild.channel("talk").post(guild.owner, guild.name)
        heard = await client.until("message", 4)
        assert sorted(message.content for message in heard) == ["Cafe", "Camp", "Club", "Crew"]


@pytest.mark.parametrize(("token", "allowed", "code"), [("wrong", True, 4004), ("test-token", False, 4014)])
async def test_an_identify_that_may_not_be_is_refused_for_good(
    server: DiscordServer, token: str, allowed: bool, code: int
) -> None:
    if not allowed:
        server.world.application.privileged.discard("message_content")
    async with ClientSession() as http, http.ws_connect(server.gateway.url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": token, "intents": INTENTS.value}})
        assert (await socket.receive()).data == code


async def test_discord_py_ends_where_an_intent_is_not_allowed(server: DiscordServer) -> None:
    server.world.application.privileged.discard("message_content")
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with listening(server):
            pass
    assert server.gateway.identifies == 1


async def test_the_identifies_of_a_day_are_counted(server: DiscordServer, guild: Guild) -> None:
    server.gateway.budget = 1
    async with listening(server) as client:
        assert (await client.fetch_session_start_limits()).remaining == 0
    with pytest.raises(discord.ConnectionClosed) as ended:
        async with listening(server):
            pass
    assert ended.value.code == 4004


async def test_a_wrong_token_is_told_at_login(server: DiscordServer) -> None:
    async with aimed(server):
        client = discord.Client(intents=INTENTS)
        with pytest.raises(discord.LoginFailure):
            await client.login("wrong")
        await client.close()


async def test_an_outage_is_not_a_removal(server: DiscordServer, guild: Guild, place: Channel) -> None:
    async with listening(server) as client:
        guild.go_down()
        place.post(guild.owner, "Nobody hears this")
        await client.until("guild_unavailable")
        with pytest.raises(discord.DiscordServerError):
            await client.fetch_channel(int(place.id))
        guild.come_back()
        await client.until("guild_available")
        guild.kick_bot()
        await client.until("guild_remove")
        with pytest.raises(discord.Forbidden) as removed:
            await client.fetch_channel(int(place.id))
        assert removed.value.code == 50001
        guild.add_bot()
        await client.until("guild_join")
        assert not client.got("message")


async def test_members_come_when_asked_for(server: DiscordServer, guild: Guild, ada: Member) -> None:
    async with listening(server) as client:
        found = await client.guilds[0].query_members("Ad")
        assert [str(member.id) for member in found] == [ada.id]
        (fetched,) = await client.guilds[0].query_members(user_ids=[int(ada.id)])
        assert fetched.name == "ada"
