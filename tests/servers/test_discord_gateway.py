"""The real discord.py at the gateway: what it sees, resumes, and is refused."""

from collections.abc import AsyncIterator

import discord
import pytest

from tests.makers import SetClock
from tests.servers.clients import listening
from tests.servers.discord import DiscordServer


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer(SetClock()) as server:
        yield server


async def test_a_client_sees_servers_channels_and_messages(server: DiscordServer) -> None:
    guild = server.guild("Camp")
    place = guild.channel("help")
    async with listening(server) as client:
        assert [known.name for known in client.guilds] == ["Camp"]
        assert client.get_channel(int(place.id)) is not None
        message = place.post(guild.member("Ada"), "Which tent?")
        (heard,) = await client.until("message")
        assert (str(heard.id), heard.content, heard.author.name) == (message.id, "Which tent?", "ada")
        place.post(guild.member("Bo"), "That one.", reply_to=message)
        _, reply = await client.until("message", 2)
        assert reply.type is discord.MessageType.reply
        assert reply.reference.resolved.content == "Which tent?"
    assert server.gateway.identifies == 1
