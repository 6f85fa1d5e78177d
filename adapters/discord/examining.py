"""Looks what Discord lets us do, by its REST API alone, so that it works without a connection too."""

import base64
from collections.abc import Iterator, Sequence

from adapters.discord.api import Api
from adapters.discord.connecting import CONTENT_FLAGS
from adapters.discord.convert import Guild, Guilds
from adapters.discord.convert.guilds import FORUMS, READ_MESSAGE_HISTORY, VIEW_CHANNEL
from adapters.discord.convert.places import sound
from adapters.discord.convert.reading import record, snowflake, whole
from bot.errors import Forbidden, MessageGone
from bot.models import Channel, Lack, Lacking, Platform, Space
from bot.texts import phrase

SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
CREATE_PUBLIC_THREADS = 1 << 35
SEND_MESSAGES_IN_THREADS = 1 << 38

NEEDED = {
    VIEW_CHANNEL: phrase("View Channel"),
    READ_MESSAGE_HISTORY: phrase("Read Message History"),
    SEND_MESSAGES: phrase("Send Messages"),
    EMBED_LINKS: phrase("Embed Links"),
    CREATE_PUBLIC_THREADS: phrase("Create Public Threads"),
    SEND_MESSAGES_IN_THREADS: phrase("Send Messages in Threads"),
}


def invite_link(application: str) -> str:
    """Where an admin lets us into a server: with what we need there and nothing more."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}&scope=bot%20applications.commands"
        f"&permissions={sum(NEEDED)}&integration_type=0"
    )


def application_of(token: str) -> str:
    """The application that a token belongs to, by its first part; "" if it is no token of Discord's."""
    head = token.partition(".")[0]
    try:
        ident = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)).decode("ascii")
    except ValueError:
        return ""
    return ident if ident.isdecimal() else ""


async def examine(api: Api, channels: Sequence[Channel]) -> list[Lacking]:
    """What is missing for us to work in these channels, and at all. PlatformError if Discord cannot be asked."""
    application = record(await api.call("GET", "/applications/@me"))
    ident = snowflake(application.get("id"))
    own = snowflake(record(await api.call("GET", "/users/@me")).get("id"))
    found = [] if whole(application.get("flags")) & CONTENT_FLAGS else [Lacking(lack=Lack.CONTENT)]
    for guild in dict.fromkeys(channel.space.id for channel in channels):
        here = [channel for channel in channels if channel.space.id == guild]
        try:
            found += await _guild(api, ident, await _read(api, guild, own), own, here)
        except (Forbidden, MessageGone):
            found.append(Lacking(lack=Lack.SPACE, space=Space(Platform.DISCORD, guild), link=invite_link(ident)))
    return found


async def _read(api: Api, ident: str, own: str) -> Guild:
    """A server as it is now, with our roles in it."""
    guilds = Guilds(own)
    guild = guilds.guild(ident)
    guild.keep(record(await api.call("GET", "/guilds/{guild_id}", guild_id=ident)))
    guilds.keep_own(guild, [await api.call("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=ident, user_id=own)])
    for channel in sound(await api.call("GET", "/guilds/{guild_id}/channels", guild_id=ident), "id"):
        guilds.keep_channel(guild, channel)
    return guild


async def _guild(api: Api, application: str, guild: Guild, own: str, channels: Sequence[Channel]) -> list[Lacking]:
    found = [lacking for channel in channels for lacking in _channel(guild, own, channel)]
    try:
        await api.call(
            "GET",
            "/applications/{application_id}/guilds/{guild_id}/commands",
            application_id=application,
            guild_id=guild.id,
        )
    except Forbidden:
        found.insert(0, Lacking(lack=Lack.COMMANDS, space=guild.space, link=invite_link(application)))
    return found


def _channel(guild: Guild, own: str, channel: Channel) -> Iterator[Lacking]:
    """What we may not do in a channel; nothing for one that is gone."""
    seen = guild.channels.get(channel.id)
    if seen is None:
        return
    granted = guild.permissions(channel.id, guild.own_roles or (), own)
    needed = NEEDED if granted & VIEW_CHANNEL else (VIEW_CHANNEL,)  # without it Discord counts none of the others
    missing = [
        bit for bit in needed if not granted & bit and not (seen.type in FORUMS and bit == CREATE_PUBLIC_THREADS)
    ]
    if missing:
        yield Lacking(
            lack=Lack.PERMISSIONS, channel=channel, space=guild.space, permissions=tuple(NEEDED[bit] for bit in missing)
        )
