"""Setting Folkmoot up in a Discord server, and finding out what it lacks there."""

import asyncio
import functools
import operator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.cli.doctor import findings
from bot.cli.run import announce
from bot.models import Lack, Lacking, Platform
from bot.settings import load
from storage import SqlStore
from tests.camps import PATIENCE, Camp, folkmoot, ours, shown, until
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel as Place
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.faults import Refuse, Reset, Stall
from tests.wire.keeping import known


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


async def told(camp: Camp, log: Place, words: str) -> None:
    """Wait until a log channel hears something."""
    await camp.until(lambda: any(words in shown(post) for post in ours(log)))


async def test_the_log_channel_hears_how_long_we_were_away_and_what_was_read_again(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, log, ada = guild.channel("help"), guild.channel("log"), guild.member("Ada")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await known(camp, help_)
        await store.places.watch(camp.place, True)
        await store.places.set_space(camp.space, log_channel=log.id)
        help_.post(ada, "See you tomorrow.")
        await stored(store, 1)
        await until(lambda: parts.adapters[Platform.DISCORD].connected)
        await parts.app.tick()
    for n in range(43):
        clock.advance(timedelta(minutes=12) if n else timedelta())
        help_.post(ada, f"Meanwhile {n}.")
    clock.advance(timedelta(minutes=6))
    async with folkmoot(discord, store, clock) as parts:
        await stored(store, 44)
        async with asyncio.timeout(PATIENCE):
            while not ours(log):
                await parts.app.tick()
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
        assert [shown(post).strip() for post in ours(log)] == ["Back after 8 h 30 min; 43 messages recovered"]
        await parts.app.tick()
    clock.advance(timedelta(minutes=1))
    async with folkmoot(discord, store, clock) as parts:  # this was short
        await until(lambda: len(discord.log.sockets("IDENTIFY")) == 3)
        help_.post(ada, "Good morning.")
        await stored(store, 45)
        await no_gap(store)
        await parts.app.tick()
        assert len(ours(log)) == 1


async def test_the_log_channel_hears_of_an_outage_that_we_outlived(camp: Camp) -> None:
    log, ada = camp.guild.channel("log"), camp.member("Ada")
    await known(camp, log)
    adapter = camp.parts.adapters[Platform.DISCORD]
    await until(lambda: adapter.connected)
    await camp.store.places.set_space(camp.space, log_channel=log.id)
    await camp.parts.app.tick()
    refusal = camp.server.faults.on("CONNECT /gateway", Reset(), times=None)
    camp.server.gateway.close(4009)
    await until(lambda: not adapter.connected)
    camp.clock.advance(timedelta(minutes=20))
    await camp.parts.app.tick()  # nothing reaches us: that is no sign of life
    camp.help.post(ada, "Anybody there?")
    camp.server.faults.on("RESUME", Refuse())
    refusal.lift()
    await until(lambda: adapter.connected)
    async with asyncio.timeout(PATIENCE):
        while not ours(log):
            await camp.parts.app.tick()
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    assert [shown(post).strip() for post in ours(log)] == ["Back after 20 min; 1 message recovered"]


async def no_gap(store: SqlStore) -> None:
    async with asyncio.timeout(PATIENCE):
        while await store.gaps.open(Platform.DISCORD):
            await store.ledger.wait(await store.ledger.last_seq(), 0.2)


async def stored(store: SqlStore, messages: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await store.ledger.audit()).messages < messages:
            await store.ledger.wait(await store.ledger.last_seq(), 0.2)


async def test_the_log_channel_hears_of_a_channel_that_is_closed_to_us(camp: Camp) -> None:
    us, log = camp.guild.me, camp.guild.channel("log")
    assert us is not None
    await known(camp, log)
    await camp.store.places.set_space(camp.space, log_channel=log.id)
    camp.help.deny(us, Can.VIEW_CHANNEL)
    await told(camp, log, "I can't read #help any more: it is gone, or closed to me.")


async def test_a_moderator_sees_how_far_the_first_reading_has_come(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada, mo = guild.channel("help"), guild.member("Ada"), guild.member("Mo", guild.role("mods", MODERATOR))
    said = [help_.post(ada, f"Long ago {n}.") for n in range(250)]
    said[240].react(mo)
    clock.advance(timedelta(days=1))
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await known(camp, help_)
        discord.faults.on("GET /channels/*/messages/*/reactions/**", Stall())
        await store.places.watch(camp.place, True)
        await until(lambda: len(discord.log.requests("GET /channels/*/messages/*/reactions/*")))
        status = shown(await help_.command(mo, "folkmoot status").answer())
        assert "Reading what was said in #help: 200 messages so far" in status
        assert "Reading" not in shown(await help_.command(ada, "folkmoot status").answer())
        assert not ours(help_)


async def test_without_the_message_content_intent_counts_stay_right_and_admins_are_told(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    discord.world.application.privileged.discard("message_content")
    guild = discord.guild("Camp")
    help_, log, ada, bo = guild.channel("help"), guild.channel("log"), guild.member("Ada"), guild.member("Bo")
    root = guild.member("Root", guild.role("admins", Can.MANAGE_GUILD))
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await known(camp, log)
        await until(lambda: discord.log.answers("PUT /applications/*/commands"))
        form = await help_.command(root, "folkmoot-admin setup").opens()
        given = {"Time zone": "UTC", "Channels to follow": "#help", "Channel that hears of problems": "#log"}
        between = await form.submit(given).answer()
        form = await between.press(root, "Continue").opens()
        said = shown(await form.submit({}).answer())
        assert "⚠️ I may not read what messages say, so I only count them. Developer portal, Bot" in said
        thread = help_.post(ada, "Which tent?").thread(ada, "Tents")
        replies = [thread.post((bo, root, ada)[n % 3], f"The quokka says {n}.") for n in range(8)]
        replies[2].react(bo)
        await until(lambda: ours(thread) and "💬 9 msgs · ⭐ 1 highlight" in shown(ours(thread)[0]))
        assert "quokka" not in shown(ours(thread)[0])
        await parts.app.tick()
        await until(lambda: ours(log))
        await parts.app.tick()
        assert len([post for post in ours(log) if "I only count them" in shown(post)]) == 1


async def test_setting_up_reads_what_was_said_before_and_posts_nothing_of_it(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, stars, forum = guild.channel("help"), guild.channel("stars"), guild.forum("ideas")
    people = [guild.member(name) for name in ("Ada", "Bo", "Cem")]
    root = guild.member("Root", guild.role("admins", Can.MANAGE_GUILD | MODERATOR))
    thread = help_.post(people[0], "Which tent?").thread(people[0], "Tents")
    replies = [thread.post(people[n % 3], f"Reply {n}.") for n in range(9)]
    for member in (*people[1:], root):
        replies[0].react(member)
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await known(camp, forum)
        await until(lambda: discord.log.answers("PUT /applications/*/commands"))
        form = await help_.command(root, "folkmoot-admin setup").opens()
        between = await form.submit({"Time zone": "Europe/Berlin", "Channels to follow": "#help #ideas"}).answer()
        form = await between.press(root, "Continue").opens()
        said = shown(await form.submit({"Digest in this channel": "weekly"}).answer())
        assert "I follow #help and #ideas." in said or "I follow #help, #ideas." in said
        await help_.command(root, "folkmoot-admin set", name="highlights_channel", value="#stars").answer()
        await stored(store, 10)
        await parts.app.tick()
        await until(lambda: ours(help_))
        again = await help_.command(root, "folkmoot-admin setup").opens()
        assert again.fields
        await parts.app.tick()
        assert len(ours(help_)) == 1
        assert "Folkmoot" in shown(ours(help_)[0])
        assert ours(thread) == ours(stars) == []


async def test_the_notice_of_a_forum_that_goes_on_the_web_stands_where_it_was_shared(camp: Camp) -> None:
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    forum = camp.guild.forum("questions")
    await known(camp, forum)
    await until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    answer = await camp.help.command(mo, "folkmoot-admin share", channel=forum, level="web").answer()
    assert "I cannot post a notice in a forum" in shown(answer)
    await until(lambda: ours(camp.help))
    [notice] = ours(camp.help)
    assert "new discussions in #questions can be read on the web" in shown(notice)
    answer = await camp.help.command(mo, "folkmoot-admin share", level="web").answer()
    assert "notice in a forum" not in shown(answer)
