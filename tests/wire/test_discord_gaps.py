"""Nothing that was said in a Discord server is lost while we have access, whatever happens to the connection."""

from datetime import timedelta

import pytest

from bot.cli.run import assemble
from bot.errors import ConfigError
from bot.models import Platform
from bot.settings import load
from storage import SqlStore
from tests.camps import Camp, folkmoot, until
from tests.makers import SetClock, a_moment
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.permissions import Can
from tests.servers.faults import Close, Duplicate, Hold, Lose, Malform, Refuse
from tests.wire.keeping import all_kept, no_gap, removed, seen, shows, sized


async def test_a_resumed_session_repeats_what_was_missed(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    camp.server.faults.on("EVENT MESSAGE_CREATE", Duplicate(), times=10)
    said += [thread.post(ada, f"Before {n}.") for n in range(10)]
    await all_kept(camp.store, said)
    camp.server.gateway.close(4000)
    camp.server.faults.on("EVENT MESSAGE_CREATE", Duplicate(), times=10)
    said += [thread.post(ada, f"Meanwhile {n}.") for n in range(50)]
    await all_kept(camp.store, said)
    assert len(camp.server.log.sockets("RESUME")) == 1
    assert camp.server.gateway.identifies == 1


async def test_a_refused_resume_makes_us_read_the_gap(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    places = [camp.help, *(camp.guild.channel(f"help-{n}") for n in range(4))]
    for place in places:
        await seen(camp, place)
    said = [camp.help.post(ada, "Which tent?")]
    await all_kept(camp.store, said)
    camp.server.faults.on("RESUME", Refuse())
    camp.server.gateway.close(4000)
    camp.server.gateway.forget_sessions()
    said += [places[n % 5].post(ada, f"Meanwhile {n}.") for n in range(120)]
    thread = said[0].thread(ada, "Tents")
    said += [thread.post(bo, f"In the thread {n}.") for n in range(80)]
    said[1].react(bo)
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


async def test_a_thread_in_which_nobody_wrote_yet_is_found_when_its_channel_begins_to_be_watched(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    thread = help_.thread(ada, "Tents")
    assert thread.payload()["last_message_id"] is None
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, [help_.post(ada, "Which tent?")])
        await no_gap(camp)
        await shows(store, camp.place, thread.id, title="Tents", count=0)


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
        thread.archive(at=a_moment(10 + n) if n < 60 else a_moment(1))
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await all_kept(store, said)


@sized("rounds", 5, 13)
async def test_a_message_that_is_told_and_read_at_once_counts_once(camp: Camp, rounds: int) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    said = [camp.help.post(ada, "Which tent?")]
    thread = said[0].thread(ada, "Tents")
    for n in range(rounds):
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
