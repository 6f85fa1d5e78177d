"""Who takes us out of a place hears nothing more of us there, and who lets us in again finds nothing missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.discord import tracking
from bot.cli.doctor import findings
from bot.models import Channel as Place
from bot.models import Platform
from bot.settings import load
from storage import SqlStore
from tests.camps import PATIENCE, Camp, folkmoot, ours, shown
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import EVERYONE, MODERATOR, Can
from tests.servers.discord.threads import Thread
from tests.servers.faults import Status
from tests.wire.keeping import all_kept, kept, removed, seen, shows
from tests.wire.yards import a_card

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def delivered(camp: Camp) -> None:
    """Wait until nothing of ours is due."""
    async with asyncio.timeout(PATIENCE):
        await camp.parts.app.tick()
        while await camp.store.outbox.is_due(camp.clock.now()):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


@ON_SQLITE
@pytest.mark.parametrize("how", ["kicked", "closed"])
async def test_where_we_are_not_any_more_nothing_is_sent_and_nothing_is_thrown_away(camp: Camp, how: str) -> None:
    _, replies, card = await a_card(camp)
    us = camp.guild.me
    assert us is not None
    await delivered(camp)
    before, since = await kept(camp.store), len(camp.server.log)
    camp.clock.advance(timedelta(seconds=1))
    if how == "kicked":
        camp.guild.kick_bot()
    else:
        camp.help.deny(us, Can.VIEW_CHANNEL)
    await removed(camp, True)
    for _ in range(3):
        camp.clock.advance(timedelta(hours=240))
        await delivered(camp)
    asked = [each for each in camp.server.log.requests(since=since) if not each.what.startswith("GET")]
    assert asked == []
    assert [each for each in camp.server.log.answers(since=since) if each.status == 403] == []
    assert await kept(camp.store) == before
    camp.clock.advance(timedelta(seconds=1))
    if how == "kicked":
        camp.guild.add_bot()
    else:
        camp.help.clear(us)
    await removed(camp, False)
    replies[0].delete()
    await camp.until(lambda: "💬 8 msgs" in shown(card))
    assert ours(card.channel) == [card]


@ON_SQLITE
async def test_where_we_may_not_write_any_more_each_target_is_tried_once(camp: Camp) -> None:
    """Discord says that we may not, and is not asked again within the hour, however much happens."""
    us, people = camp.guild.me, [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    assert us is not None
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    camp.help.deny(us, Can.SEND_MESSAGES_IN_THREADS | Can.SEND_MESSAGES)
    said = [camp.help.post(people[0], f"Which tent {n}?") for n in range(3)]
    threads = [each.thread(people[0], "Tents") for each in said]

    def refused() -> list[str]:
        return sorted(each.what for each in camp.server.log.answers() if each.status == 403)

    each_once = sorted(f"POST /channels/{thread.id}/messages" for thread in threads)
    for rounds in (range(6), range(6, 12)):
        for n in rounds:
            said += [thread.post(people[n % 4], f"Reply number {n}.") for thread in threads]
        await all_kept(camp.store, said)
        await camp.until(lambda: len(refused()) >= len(threads))
        await delivered(camp)
    assert refused() == each_once


async def tracked(camp: Camp, ada: Member, mo: Member) -> tuple[Thread, list[Message]]:
    """A private thread that a moderator told us to track, and what is said in it."""
    us = camp.guild.me
    assert us is not None
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    thread = camp.help.thread(ada, "The narwhal", private=True)
    for member in (us, mo):
        thread.invite(member)
    said = [thread.post(ada, "A narwhal.")]
    await thread.command(mo, "discussion track").answer()
    await all_kept(camp.store, said)
    return thread, said


async def test_a_private_thread_that_opens_to_us_again_is_read(camp: Camp) -> None:
    ada, mo, us = camp.member("Ada"), camp.member("Mo", can=MODERATOR), camp.guild.me
    assert us is not None
    camp.guild.bot_role.set(EVERYONE)  # who may manage threads sees all private ones
    thread, said = await tracked(camp, ada, mo)
    camp.clock.advance(timedelta(seconds=1))
    thread.remove(us)
    await shows(camp.store, camp.place, thread.id, removed=True)
    said += [thread.post(ada, f"Among ourselves {n}.") for n in range(3)]
    said.append(camp.help.post(ada, "Elsewhere."))
    await all_kept(camp.store, [said[0], said[-1]])
    camp.clock.advance(timedelta(seconds=1))
    thread.invite(us)
    await all_kept(camp.store, said)
    await shows(camp.store, camp.place, thread.id, removed=False)


@ON_SQLITE
@pytest.mark.parametrize("refused", ["GET /channels/{}", "GET /channels/{}/messages"])
async def test_a_private_thread_that_opens_to_us_again_is_read_although_discord_stumbles(
    camp: Camp, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "LEARNED", 0.1)
    ada, mo, us = camp.member("Ada"), camp.member("Mo", can=MODERATOR), camp.guild.me
    assert us is not None
    camp.guild.bot_role.set(EVERYONE)
    thread, said = await tracked(camp, ada, mo)
    camp.clock.advance(timedelta(seconds=1))
    thread.remove(us)
    await shows(camp.store, camp.place, thread.id, removed=True)
    said += [thread.post(ada, f"Among ourselves {n}.") for n in range(3)]
    camp.clock.advance(timedelta(seconds=1))
    stumbles = camp.server.faults.on(refused.format(thread.id), Status(503), times=3)
    thread.invite(us)
    await all_kept(camp.store, said)
    assert stumbles.bites == 3
    reads = len(camp.server.log.requests(f"GET /channels/{thread.id}/messages"))
    thread.post(ada, "Together again.")
    await all_kept(camp.store, [*said, *thread.messages.values()])
    assert len(camp.server.log.requests(f"GET /channels/{thread.id}/messages")) == reads  # it was read, and is heard


@asynccontextmanager
async def in_a_camp(discord: DiscordServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Camp]:
    """A Folkmoot that watches #help of a new server, and ends before the test does."""
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        yield camp


@ON_SQLITE
async def test_a_private_thread_that_was_archived_while_we_were_down_is_read(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    async with in_a_camp(discord, store, clock) as camp:
        ada = camp.member("Ada")
        thread, said = await tracked(camp, ada, camp.member("Mo", can=MODERATOR))
    clock.advance(timedelta(minutes=10))
    said += [thread.post(ada, f"Meanwhile {n}.") for n in range(3)]
    thread.archive()
    async with folkmoot(discord, store, clock):
        await all_kept(store, said)


@ON_SQLITE
async def test_a_private_thread_that_put_us_out_while_we_were_down_keeps_nothing_else_from_us(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    async with in_a_camp(discord, store, clock) as camp:
        ada, us = camp.member("Ada"), camp.guild.me
        assert us is not None
        camp.guild.bot_role.set(EVERYONE)
        thread, said = await tracked(camp, ada, camp.member("Mo", can=MODERATOR))
        said.append(question := camp.help.post(ada, "Which tent?"))
        await all_kept(store, said)
    clock.advance(timedelta(minutes=10))
    thread.remove(us)
    said += [camp.help.post(ada, "Elsewhere."), question.thread(ada, "Tents").post(ada, "Inside.")]
    async with folkmoot(discord, store, clock):
        await all_kept(store, said)
        await shows(store, camp.place, thread.id, removed=True)
        async with asyncio.timeout(PATIENCE):
            while await store.gaps.uncompared(Platform.DISCORD):
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
        await all_kept(store, said)


async def test_the_threads_of_a_channel_that_a_role_opens_to_us_are_all_there(camp: Camp) -> None:
    bot_role = camp.guild.bot_role
    allowed = bot_role.permissions
    camp.help.deny(camp.guild.everyone, Can.VIEW_CHANNEL)
    await removed(camp, True)
    said = [camp.help.post(camp.guild.owner, f"Question {n}?") for n in range(3)]
    threads = [message.thread(camp.guild.owner, f"Tents {n}") for n, message in enumerate(said)]
    said += [thread.post(camp.guild.owner, f"Answer {n}.") for n, thread in enumerate(threads)]
    threads[0].archive()
    camp.clock.advance(timedelta(seconds=1))
    bot_role.set(allowed | Can.ADMINISTRATOR)
    await removed(camp, False)
    await all_kept(camp.store, said)
    for n, thread in enumerate(threads):
        await shows(camp.store, Place(camp.space, camp.help.id), thread.id, title=f"Tents {n}", count=2)


@ON_SQLITE
async def test_who_moderates_sees_that_a_history_is_closed_to_us(camp: Camp) -> None:
    us, general = camp.guild.me, camp.guild.channel("general")
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    await all_kept(camp.store, [camp.help.post(mo, "Which tent?")])
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    assert us is not None

    async def told(words: str, asker: Member = mo) -> str:
        return shown(await general.command(asker, words).answer())

    assert "can't read" not in await told("folkmoot status")
    camp.clock.advance(timedelta(seconds=1))
    camp.help.deny(us, Can.READ_MESSAGE_HISTORY)
    await removed(camp, True)
    assert "I can't read #help; /folkmoot-admin doctor says why." in await told("folkmoot status")
    assert "can't read" not in await told("folkmoot status", camp.member("Ada"))
    assert "In #help I lack: Read Message History." in await told("folkmoot-admin doctor")
    settings = {"discord_token": camp.server.token, "discord_api_url": camp.server.api_url}
    looked = await findings(camp.store, load(env_file=None, override=settings))
    assert "In #help I lack: Read Message History." in [each.what for each in looked if not each.well]
    camp.clock.advance(timedelta(seconds=1))
    camp.help.clear(us)
    await removed(camp, False)
    assert "can't read" not in await told("folkmoot status")


@ON_SQLITE
@pytest.mark.parametrize("how", ["kicked", "deleted"])
async def test_what_was_taken_from_us_while_we_were_down_is_removed(
    discord: DiscordServer, store: SqlStore, clock: SetClock, how: str
) -> None:
    async with in_a_camp(discord, store, clock) as camp:
        await all_kept(store, [camp.help.post(camp.member("Ada"), "Which tent?")])
    clock.advance(timedelta(minutes=10))
    if how == "kicked":
        camp.guild.kick_bot()
    else:
        camp.help.delete()
    async with folkmoot(discord, store, clock):
        await removed(camp, True)
