"""Setting Folkmoot up in a Discord server, and finding out what it lacks there."""

import functools
import operator
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.cli.doctor import findings
from bot.cli.run import announce
from bot.models import Lack, Lacking, Platform
from bot.settings import load
from storage import SqlStore
from tests.camps import Camp, shown
from tests.servers.discord import DiscordServer
from tests.servers.discord.permissions import Can
from tests.servers.faults import Reset


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


PERMISSIONS = {
    Can.VIEW_CHANNEL: "View Channel",
    Can.READ_MESSAGE_HISTORY: "Read Message History",
    Can.SEND_MESSAGES: "Send Messages",
    Can.SEND_MESSAGES_IN_THREADS: "Send Messages in Threads",
    Can.EMBED_LINKS: "Embed Links",
    Can.CREATE_PUBLIC_THREADS: "Create Public Threads",
}


async def lacking(camp: Camp) -> list[Lacking]:
    return list(await camp.parts.adapters[Platform.DISCORD].examine([camp.place]))


async def operator_is_told(server: DiscordServer, store: SqlStore, **settings: str) -> list[str]:
    """What `folkmoot doctor` wants mended on Discord."""
    given = {"discord_token": server.token, "discord_api_url": server.api_url} | settings
    found = await findings(store, load(env_file=None, override=given))
    return [f"{each.what} {each.mend}" for each in found if not each.well and "channels watched" not in each.what]


async def test_where_all_is_well_the_doctor_says_so(camp: Camp) -> None:
    assert await lacking(camp) == []
    assert await operator_is_told(camp.server, camp.store) == []


async def test_each_permission_that_is_missing_is_named_with_its_channel(camp: Camp) -> None:
    us = camp.guild.me
    assert us is not None
    for right, name in PERMISSIONS.items():
        camp.help.deny(us, right)
        [told] = await operator_is_told(camp.server, camp.store)
        assert told == f"In #help I lack: {name}. Channel settings, Permissions: allow them for my role."
        camp.help.clear(us)


async def test_an_admin_is_told_by_the_command_in_their_own_language(camp: Camp) -> None:
    us, root = camp.guild.me, camp.member("Root", can=Can.MANAGE_GUILD)
    general = camp.guild.channel("general")
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    assert us is not None
    camp.help.deny(us, Can.VIEW_CHANNEL)
    assert "In #help I lack: View Channel." in shown(await general.command(root, "folkmoot-admin doctor").answer())
    camp.help.deny(us, Can.SEND_MESSAGES | Can.EMBED_LINKS)
    root.user.locale = "de"
    said = shown(await general.command(root, "folkmoot-admin doctor").answer())
    assert "In #help fehlt mir: Nachrichten senden, Links einbetten." in said


async def test_the_message_content_intent_that_is_off(camp: Camp) -> None:
    camp.server.world.application.privileged.discard("message_content")
    [told] = await operator_is_told(camp.server, camp.store)
    assert "I only count them" in told
    assert "switch on Message Content Intent" in told


async def test_commands_that_are_not_allowed_come_with_the_link_that_allows_them(camp: Camp) -> None:
    camp.guild.takes_commands = False
    [told] = await operator_is_told(camp.server, camp.store)
    assert told.startswith("My commands are not allowed in Camp. Open https://discord.com/oauth2/authorize?client_id=")
    assert "scope=bot%20applications.commands" in told


async def test_a_server_that_we_were_put_out_of(camp: Camp) -> None:
    camp.guild.kick_bot()
    assert [(each.lack, each.space) for each in await lacking(camp)] == [(Lack.SPACE, camp.space)]


async def test_a_token_that_is_wrong(camp: Camp) -> None:
    [told] = await operator_is_told(camp.server, camp.store, discord_token="wrong")
    assert "does not accept the token. Developer portal, Bot, Reset Token" in told


async def test_a_discord_that_does_not_answer(camp: Camp) -> None:
    camp.server.faults.on("GET /guilds/**", Reset(), times=None)
    [told] = await operator_is_told(camp.server, camp.store)
    assert "Discord does not answer" in told


@pytest.mark.parametrize(("token", "application"), [("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y", "123456789012345678"), ("?", "")])
def test_the_start_prints_the_link_that_lets_us_into_a_server(
    capsys: pytest.CaptureFixture[str], token: str, application: str
) -> None:
    announce(load(env_file=None, override={"discord_token": token}), "code")
    said = capsys.readouterr().out
    assert token not in said
    assert (f"https://discord.com/oauth2/authorize?client_id={application}&" in said) is bool(application)
    link = next((line.split()[-1] for line in said.splitlines() if "oauth2" in line), "")
    assert not link or parse_qs(urlsplit(link).query) == {
        "client_id": [application],
        "scope": ["bot applications.commands"],
        "permissions": [str(int(functools.reduce(operator.or_, PERMISSIONS)))],
        "integration_type": ["0"],
    }
