"""Connections that break: what a resume brings back, and what it does not."""

import asyncio

import discord
import pytest
from aiohttp import ClientConnectionError, ClientSession, WSServerHandshakeError

from tests.servers.clients import aimed, listening
from tests.servers.discord import Channel, DiscordServer, Guild, Member
from tests.servers.faults import Close, HalfOpen, Refuse, Reset, Status


@pytest.mark.parametrize("code", [4000, 4009, 1000])
async def test_a_resume_brings_what_was_missed(server: DiscordServer, place: Channel, ada: Member, code: int) -> None:
    async with listening(server) as client:
        place.post(ada, "before")
        await client.until("message")
        server.gateway.close(code)
        for number in range(5):
            place.post(ada, f"missed {number}")
        heard = await client.until("message", 6)
        await client.until("shard_resumed")
        assert [message.content for message in heard[1:]] == [f"missed {number}" for number in range(5)]
    assert server.gateway.identifies == 1


async def test_a_cut_without_a_word_is_resumed_too(server: DiscordServer, place: Channel, ada: Member) -> None:
    async with listening(server) as client:
        server.gateway.cut()
        place.post(ada, "missed")
        await client.until("message")
    assert server.gateway.identifies == 1
    assert len(server.log.sockets("RESUME")) == 1


async def test_a_refused_resume_loses_what_was_missed(server: DiscordServer, place: Channel, ada: Member) -> None:
    refused = server.faults.on("RESUME", Refuse())
    async with listening(server) as client:
        server.gateway.close(4000)
        place.post(ada, "lost")
        await client.until("ready", 2)
        place.post(ada, "after")
        heard = await client.until("message")
        assert [message.content for message in heard] == ["after"]
    assert (refused.bites, server.gateway.identifies) == (1, 2)


async def test_a_forgotten_session_cannot_be_resumed(server: DiscordServer, guild: Guild) -> None:
    async with listening(server) as client:
        server.gateway.close(4000)
        server.gateway.forget_sessions()
        await client.until("ready", 2)
    assert server.gateway.identifies == 2


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_may_be_resumable(server: DiscordServer, guild: Guild, resumable: bool) -> None:
    async with listening(server) as client:
        server.gateway.invalidate(resumable=resumable)
        await client.until("shard_resumed" if resumable else "ready", 1 if resumable else 2)
        assert len(server.gateway.sessions) == 1
    assert server.gateway.identifies == (1 if resumable else 2)


async def test_the_client_comes_back_when_asked_to(server: DiscordServer, guild: Guild) -> None:
    async with listening(server) as client:
        server.gateway.ask_to_reconnect()
        await client.until("shard_resumed")


async def test_a_session_that_the_client_ends_is_over(server: DiscordServer, guild: Guild) -> None:
    async with listening(server):
        assert len(server.gateway.sessions) == 1
        (session,) = server.gateway.sessions.values()
        assert session.socket is not None
        ended = session.socket
    await asyncio.wait_for(ended.over.wait(), 5)
    assert not server.gateway.sessions


async def test_a_final_close_ends_the_client(server: DiscordServer, place: Channel, ada: Member) -> None:
    server.faults.on("EVENT MESSAGE_CREATE", Close(4004))
    async with aimed(server):
        client = discord.AutoShardedClient(intents=discord.Intents(guilds=True, guild_messages=True))
        running = asyncio.create_task(client.start(server.token))
        await server.log.until(lambda: bool(server.log.events("READY")))
        place.post(ada, "the last")
        with pytest.raises(discord.ConnectionClosed) as ended:
            await asyncio.wait_for(running, 5)
        assert ended.value.code == 4004
    assert server.gateway.identifies == 1


async def test_a_gateway_that_refuses_connections(server: DiscordServer, guild: Guild) -> None:
    refusing = server.faults.on("CONNECT /gateway", Status(503))
    resetting = server.faults.on("CONNECT /gateway", Reset(), times=None)
    async with ClientSession() as http:
        for error in (WSServerHandshakeError, ClientConnectionError):
            with pytest.raises(error):
                await http.ws_connect(server.gateway.url)
        resetting.lift()
        async with http.ws_connect(server.gateway.url) as socket:
            assert (await socket.receive_json())["op"] == 10
    assert refusing.bites == 1
    assert resetting.bites >= 1


async def test_a_half_open_connection_is_found_by_silence(server: DiscordServer, place: Channel, ada: Member) -> None:
    server.gateway.heartbeat_ms = 50
    server.faults.on("EVENT MESSAGE_CREATE", HalfOpen())
    async with listening(server, silence=0.4) as client:
        place.post(ada, "into the void")
        (heard,) = await client.until("message")
        assert heard.content == "into the void"
    assert server.log.sockets("RESUME")
    assert server.gateway.identifies == 1
