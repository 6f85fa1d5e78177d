"""Nothing that was said in a Discord server is lost while we have access, whatever happens to the connection."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.discord import connecting
from bot.cli.run import assemble
from bot.errors import ConfigError
from bot.models import Channel as Place
from bot.models import Platform, Thread
from bot.settings import load
from storage import SqlStore
from tests.camps import PATIENCE, Camp, folkmoot, until
from tests.makers import SetClock, a_moment
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import Can
from tests.servers.faults import Close, Duplicate, Hold, Lose, Malform, Refuse, Status


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord wants time between two identifies; the one of these tests does not."""
    monkeypatch.setattr(connecting, "APART", 0.0)


async def kept(store: SqlStore) -> dict[str, str | None]:
    """What is stored and live, words by id."""
    found = await store.database.read(
        lambda c: c.exec_driver_sql(
            "SELECT mid, text FROM message WHERE deleted_at IS NULL AND author_id IS NOT NULL"
        ).fetchall()
    )
    return {row[0]: row[1] for row in found}


async def all_kept(store: SqlStore, messages: Sequence[Message]) -> None:
    """Wait until exactly these messages are stored."""
    wanted = {message.id: message.text for message in messages}
    try:
        async with asyncio.timeout(PATIENCE):
            while await kept(store) != wanted:
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    except TimeoutError:
        assert await kept(store) == wanted
    assert (await store.ledger.audit()).drift == 0


async def no_gap(camp: Camp) -> None:
    async with asyncio.timeout(PATIENCE):
        while await camp.store.gaps.open(Platform.DISCORD):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def test_a_resumed_session_repeats_what_was_missed(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, f"Before {n}.") for n in range(10)]
    await all_kept(camp.store, said)
    camp.server.gateway.close(4000)
    said += [camp.help.post(ada, f"Meanwhile {n}.") for n in range(40)]
    await all_kept(camp.store, said)
    assert len(camp.server.log.sockets("RESUME")) == 1
    assert camp.server.gateway.identifies == 1


async def test_a_refused_resume_makes_us_read_the_gap(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    said = [camp.help.post(ada, "Which tent?")]
    await all_kept(camp.store, said)
    camp.server.faults.on("RESUME", Refuse())
    camp.server.gateway.close(4000)
    camp.server.gateway.forget_sessions()
    said += [camp.help.post(ada, f"Meanwhile {n}.") for n in range(120)]
    thread = said[0].thread(ada, "Tents")
    said += [thread.post(bo, f"In the thread {n}.") for n in range(80)]
    said[3].react(bo)
    await all_kept(camp.store, said)
    await no_gap(camp)
    post = await camp.store.forum.channel_posts(1, limit=300)
    assert sum(each.votes for each in post) == 1


async def test_after_a_restart_what_was_said_edited_and_deleted_meanwhile_is_found(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    camp = None
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        said = [help_.post(ada, f"Before {n}.") for n in range(5)]
        await all_kept(store, said)
    said += [help_.post(ada, f"Meanwhile {n}.") for n in range(30)]
    said[0].edit("Edited.")
    said.pop(1).delete()
    requests = len(discord.log.requests("GET /channels/*/messages"))
    async with folkmoot(discord, store, clock):
        await all_kept(store, said)
        await no_gap(camp)
    assert len(discord.log.requests("GET /channels/*/messages")) - requests <= 5


async def seen(camp: Camp, channel: Channel) -> None:
    """Wait until a channel is known, and watch it."""
    place = Place(camp.space, channel.id)
    async with asyncio.timeout(PATIENCE):
        while await camp.store.places.channel(place) is None:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 1)
    await camp.store.places.watch(place, True)
    await camp.parts.catch_up.work()


async def test_a_deletion_that_overtakes_its_message_holds(camp: Camp) -> None:
    ada = camp.member("Ada")
    camp.server.faults.on("EVENT MESSAGE_CREATE", Hold())
    first = camp.help.post(ada, "Gone at once.")
    first.delete()
    await all_kept(camp.store, [camp.help.post(ada, "Here to stay.")])


async def test_what_comes_twice_is_stored_once_and_what_makes_no_sense_is_dropped(camp: Camp) -> None:
    ada = camp.member("Ada")
    camp.server.faults.on("EVENT MESSAGE_CREATE", Duplicate(3))
    said = [camp.help.post(ada, "Three times.")]
    camp.server.faults.on(
        "EVENT MESSAGE_CREATE", Malform(lambda payload: {"id": 7, "channel_id": payload["channel_id"]})
    )
    camp.help.post(ada, "Lost in translation.").delete()
    camp.server.faults.on("EVENT CHANNEL_UPDATE", Malform(lambda _: {"id": None}))
    camp.help.rename("helped")
    said.append(camp.help.post(ada, "Still here."))
    await all_kept(camp.store, said)
    assert camp.server.gateway.identifies == 1


async def test_the_first_connection_may_fail(discord: DiscordServer, store: SqlStore, clock: SetClock) -> None:
    guild = discord.guild("Camp")
    discord.faults.on("CONNECT /gateway", Status(503))
    async with folkmoot(discord, store, clock) as parts:
        await seen(Camp(discord, guild, guild.channel("help"), store, clock, parts), guild.channel("more"))


@pytest.mark.parametrize(("code", "words"), [(4004, "DISCORD_TOKEN"), (4014, "Message Content")])
async def test_what_only_the_operator_can_mend_ends_the_run_with_one_sentence(
    discord: DiscordServer, store: SqlStore, clock: SetClock, code: int, words: str
) -> None:
    discord.guild("Camp")
    discord.faults.on("IDENTIFY", Close(code), times=None)
    settings = load(env_file=None, override={"discord_token": discord.token, "discord_api_url": discord.api_url})
    parts = assemble(settings, store, clock, "code")
    async with aimed(discord):
        with pytest.raises(ConfigError, match=rf"{words}.*\.$"):
            await parts.adapters[Platform.DISCORD].run(parts.app)
    assert len(discord.log.sockets("IDENTIFY")) == 1


async def test_a_server_that_is_down_is_not_left(camp: Camp) -> None:
    said = [camp.help.post(camp.member("Ada"), "Which tent?")]
    await all_kept(camp.store, said)
    camp.guild.go_down()
    camp.guild.come_back()
    said.append(camp.help.post(camp.member("Ada"), "Back."))
    await all_kept(camp.store, said)
    known = await camp.store.places.channel(camp.place)
    assert known is not None
    assert not known.removed


async def removed(camp: Camp, wanted: bool) -> None:
    async with asyncio.timeout(PATIENCE):
        while (known := await camp.store.places.channel(camp.place)) is None or known.removed is not wanted:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def test_who_removes_us_hides_all_and_who_adds_us_again_gets_what_was_missed(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, "Which tent?")]
    await all_kept(camp.store, said)
    camp.guild.kick_bot()
    await removed(camp, True)
    camp.clock.advance(timedelta(seconds=1))
    said.append(camp.help.post(ada, "Is anybody here?"))
    camp.guild.add_bot()
    await removed(camp, False)
    await all_kept(camp.store, said)


async def test_a_channel_that_is_closed_to_us_is_removed_and_read_when_it_opens(camp: Camp) -> None:
    ada, us = camp.member("Ada"), camp.guild.me
    assert us is not None
    said = [camp.help.post(ada, "Which tent?")]
    await all_kept(camp.store, said)
    camp.help.deny(us, Can.VIEW_CHANNEL)
    await removed(camp, True)
    camp.clock.advance(timedelta(seconds=1))
    said.append(camp.help.post(ada, "Among ourselves."))
    camp.help.clear(us)
    await removed(camp, False)
    await all_kept(camp.store, said)


async def test_events_that_never_came_are_found_by_the_next_reading(camp: Camp) -> None:
    ada = camp.member("Ada")
    lost = camp.server.faults.on("EVENT MESSAGE_CREATE", Lose(), times=3)
    said = [camp.help.post(ada, f"Lost {n}.") for n in range(3)]
    await until(lambda: lost.bites == 3)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    camp.parts.catch_up.wake()
    await all_kept(camp.store, said)


async def test_archived_threads_are_found_when_a_channel_begins_to_be_watched(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada, bo = guild.channel("help"), guild.member("Ada"), guild.member("Bo")
    said = []
    for n in range(120):
        said.append(help_.post(ada, f"Question {n}?"))
        thread = said[-1].thread(ada, f"Thread {n}")
        said.append(thread.post(bo, f"Answer {n}."))
        if n % 10:
            clock.advance(timedelta(seconds=1))
            thread.archive()
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, said)
        assert (await store.ledger.audit()).discussions == 120


async def test_threads_that_were_archived_in_one_moment_are_all_found(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    said = []
    for n in range(150):
        said.append(help_.post(ada, f"Question {n}?"))
        clock.advance(timedelta(seconds=1))
        said.append((thread := said[-1].thread(ada, f"Thread {n}")).post(ada, f"Answer {n}."))
        thread.archive(at=clock.now() if n < 60 else a_moment(n // 60))
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, said)


async def test_a_message_that_is_told_and_read_at_once_counts_once(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    for n in range(5):
        await camp.store.gaps.begin(camp.space, camp.clock.now())
        camp.parts.catch_up.wake()
        said += [thread.post(bo, f"That one {n}.{each}.") for each in range(40)]
        await all_kept(camp.store, said)
    await no_gap(camp)
    await all_kept(camp.store, said)


async def test_the_newest_edit_holds_in_whatever_order_edits_come(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, f"First {n}.") for n in range(4)]
    for behind, message in enumerate(said):
        camp.server.faults.on("EVENT MESSAGE_UPDATE", Hold(behind + 1))
        for words in ("Second.", "Third.", "Last."):
            camp.clock.advance(timedelta(seconds=1))
            message.edit(words)
    camp.server.gateway.release()
    await all_kept(camp.store, said)


async def test_a_hundred_deletions_at_once_hold_for_what_is_not_known_yet(camp: Camp) -> None:
    ada, ola = camp.member("Ada"), camp.member("Ola", can=Can.MANAGE_MESSAGES)
    root = camp.help.post(ada, "Which tent?")
    thread = root.thread(ada, "Tents")
    known = [thread.post(ada, f"Known {n}.") for n in range(50)]
    stays = thread.post(ada, "Here to stay.")
    await all_kept(camp.store, [root, *known, stays])
    camp.server.faults.on("EVENT MESSAGE_CREATE", Hold(60), times=50)
    late = [thread.post(ada, f"Late {n}.") for n in range(50)]
    thread.delete_bulk([*known, *late], ola)
    camp.server.gateway.release()
    await all_kept(camp.store, [root, stays, thread.post(ada, "Afterwards.")])


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


async def voted(camp: Camp, votes: int) -> None:
    """Wait until there are so many votes in all."""
    async with asyncio.timeout(PATIENCE):
        while (await camp.store.ledger.audit()).highlights != votes:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def shows(store: SqlStore, channel: Place, key: str, **wanted: object) -> None:
    """Wait until a discussion is what people see of it."""
    found: dict[str, object] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while found != wanted:
                discussion = await store.forum.discussion_of(Thread(channel, key))
                found = {name: getattr(discussion, name) for name in wanted} if discussion else {}
                if found != wanted:
                    await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    except TimeoutError:
        assert found == wanted
