"""What people ask on Discord, by commands, menus, buttons, forms and reactions, and what they see come of it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.access import Who
from bot.commands.specs import Arg, Spec, Words
from bot.commands.table import TABLE
from bot.copies import LOOK_BACK
from bot.models import Channel, MessageRef
from storage import SqlStore
from tests.camps import PATIENCE, Camp, folkmoot, ours, shown, until
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.calls import Call
from tests.servers.discord.channels import Channel as Place
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.discord.rest import Upload
from tests.servers.discord.threads import Thread
from tests.wire.keeping import all_kept, known

SILENT = 1 << 12  # a message's flag: nobody's phone rings


async def offered(camp: Camp) -> None:
    """Wait until people are offered our commands."""
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))


async def kept(camp: Camp, message: Message) -> None:
    """Wait until a message in #help, or in a thread of it, is stored."""
    ref = MessageRef(camp.place, message.id)
    async with asyncio.timeout(PATIENCE):
        while await camp.store.forum.post(ref) is None:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def recorded(camp: Camp, message: Message, channel: Place | None = None) -> None:
    """Wait until we know a post of ours, and read its reactions: Discord shows it a moment before."""
    ref = MessageRef(Channel(camp.space, (channel or message.channel).id), message.id)
    async with asyncio.timeout(PATIENCE):
        while not await camp.store.outbox.posted({ref}):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
        while await camp.store.outbox.unread(camp.clock.now() - LOOK_BACK):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.1)
    camp.clock.advance(timedelta(seconds=1))


async def test_stars_on_our_copy_count_for_the_original(camp: Camp) -> None:
    ada, bo, cem = camp.member("Ada"), camp.member("Bo"), camp.member("Cem")
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    stars = camp.guild.channel("stars")
    await offered(camp)
    await known(camp, stars)
    answer = await camp.help.command(mo, "folkmoot-admin set", name="highlights_channel", value="#stars").answer()
    assert "#stars" in shown(answer)
    question = camp.help.post(ada, "Which tent holds out in a storm?")
    thread = question.thread(ada, "Tents")
    reply = thread.post(bo, "The small one. It has stood since March.")
    await kept(camp, reply)
    assert "Picked" in shown(await thread.command(mo, "highlight-admin pick", link=reply.link).answer())
    await camp.until(lambda: ours(stars))
    [copy] = ours(stars)
    assert "⭐ 1" in shown(copy)
    await recorded(camp, copy)
    copy.react(cem)
    copy.react(ada, "🌟")
    await camp.until(lambda: "⭐ 3" in shown(copy))
    copy.unreact(cem)
    await camp.until(lambda: "⭐ 2" in shown(copy))
    copy.clear_reactions()
    await camp.until(lambda: "⭐ 1" in shown(copy))
    assert (await camp.store.ledger.audit()).drift == 0


@asynccontextmanager
async def stalled(store: SqlStore) -> AsyncIterator[None]:
    """A store whose writer and readers do not answer, as when its disk hangs."""
    go_on = threading.Event()
    hangs = [asyncio.create_task(store.database.write(lambda _: go_on.wait()))]
    hangs += [asyncio.create_task(store.database.read(lambda _: go_on.wait())) for _ in range(8)]
    try:
        yield
    finally:
        go_on.set()
        await asyncio.gather(*hangs)


def asked(camp: Camp, member: Member, spec: Spec) -> Call:
    """A command with no more than Discord's own client insists on."""
    needed = [arg for arg in spec.args if arg.required and spec.opens != "form"]
    return camp.help.command(member, spec.name, **{arg.name: _value(arg) for arg in needed})


def _value(arg: Arg) -> object:
    return arg.choices[0][0] if arg.choices else 1 if arg.kind is Words.NUMBER else "x"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_command_is_offered_and_acknowledged_at_once_while_the_store_stalls(camp: Camp) -> None:
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    await offered(camp)
    calls: dict[str, Call] = {}
    async with stalled(camp.store):
        for name, spec in TABLE.items():
            calls[name] = asked(camp, mo, spec)
            await calls[name].done()
            assert calls[name].took <= 1.0, name
            assert (calls[name].form is not None) is (spec.opens == "form"), name
    for name, call in calls.items():
        if call.form is None:
            answer = await call.answer()
            assert answer.ephemeral, name
            assert shown(answer) if answer.embeds else answer.text, name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_may_not_is_told_so_and_nothing_happens(camp: Camp) -> None:
    ada = camp.member("Ada")
    await offered(camp)
    before = await camp.store.ledger.last_seq()
    closed = [spec for spec in TABLE.values() if spec.who in {Who.MODERATOR, Who.ADMIN}]
    with capture_logs() as logs:
        for spec in closed:
            answer = await asked(camp, ada, spec).answer()
            assert answer.ephemeral
            assert "moderator" in words_of(answer) or "admin" in words_of(answer), spec.name
    assert [each["command"] for each in logs if each["event"] == "refused"] == [spec.name for spec in closed]
    assert await camp.store.ledger.last_seq() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_form_of_a_command_that_is_no_more_is_answered(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    await offered(camp)
    form = await camp.help.command(mo, "folkmoot-admin setup").opens()
    monkeypatch.delitem(TABLE, "folkmoot-admin setup")
    assert "no command '/folkmoot-admin setup'" in words_of(await form.submit().answer())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whoever_has_the_role_that_was_chosen_moderates_everywhere(camp: Camp) -> None:
    guild, hut = camp.guild, camp.guild.channel("hut")
    helpers, walkers = guild.role("helpers"), guild.role("walkers")
    root, bo, cem = camp.member("Root", can=Can.MANAGE_GUILD), guild.member("Bo"), guild.member("Cem")
    bo.give(helpers)
    cem.give(walkers)
    await offered(camp)
    place = await known(camp, hut)
    for words, said in (("helpers", "no user group or role"), (f"<@&{helpers.id}>", helpers.id)):
        answer = await camp.help.command(root, "folkmoot-admin set", name="moderator_group", value=words).answer()
        assert said in words_of(answer)
    assert "Only a moderator" in words_of(await camp.help.command(cem, "folkmoot-admin watch", channel=hut).answer())
    assert "#hut" in words_of(await camp.help.command(bo, "folkmoot-admin watch", channel=hut).answer())
    there = await camp.store.places.channel(place)
    assert there is not None
    assert there.settings.watched
    assert "Only an admin" in words_of(await camp.help.command(bo, "folkmoot-admin settings").answer())


def words_of(answer: Message) -> str:
    return shown(answer) if answer.embeds else answer.text


@pytest.mark.parametrize("direct", [False, True], ids=["installed by its user", "in direct messages"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_outside_a_server_that_installed_us_nothing_is_run(camp: Camp, direct: bool) -> None:
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    await offered(camp)
    for name in ("folkmoot status", "folkmoot-admin unwatch", "discussion start"):
        answer = await camp.help.stray_command(mo, name, direct=direct).answer()
        assert "only in a server that has installed me" in words_of(answer)
    known = await camp.store.places.channel(camp.place)
    assert known is not None
    assert known.settings.watched


async def a_talk(camp: Camp, replies: int = 3) -> tuple[Message, Thread, list[Message]]:
    """Ada asks in #help; Bo and Cem answer in a thread."""
    ada, bo, cem = camp.member("Ada"), camp.member("Bo"), camp.member("Cem")
    question = camp.help.post(ada, "Which tent holds out in a storm?")
    thread = question.thread(ada, "Tents")
    said = [thread.post(bo if n % 2 else cem, f"Reply number {n}.") for n in range(replies)]
    await kept(camp, said[-1])
    return question, thread, said


async def test_the_menus_of_a_message(camp: Camp) -> None:
    ada, dan, mo = camp.member("Ada"), camp.member("Dan"), camp.member("Mo", can=MODERATOR)
    await offered(camp)
    _, _, said = await a_talk(camp)
    assert "Highlighted." in shown(await said[0].menu(dan, "Highlight").answer())
    again = await said[0].menu(dan, "Highlight").answer()
    assert "Already highlighted." in shown(again)
    assert "taken back" in shown(await again.press(dan, "Undo").answer())
    assert "answer" in words_of(await said[1].menu(ada, "Mark as answer").answer())
    lone = camp.help.post(dan, "Bring a torch.")
    await kept(camp, lone)
    tracked = words_of(await lone.menu(ada, "Treat as a discussion").answer())
    assert "discussion" in tracked
    assert "moderator" in words_of(await said[2].menu(dan, "Block highlight").answer())
    assert "Blocked" in shown(await said[2].menu(mo, "Block highlight").answer())
    assert "A moderator keeps" in words_of(await said[2].menu(dan, "Highlight").answer())


async def test_a_form_of_more_than_five_fields_comes_page_by_page(camp: Camp) -> None:
    root = camp.member("Root", can=Can.MANAGE_GUILD)
    await offered(camp)
    first = await camp.help.command(root, "folkmoot-admin setup").opens()
    assert len(first.fields) == 5
    between = await first.submit({"Time zone": "Europe/Berlin", "Channels to follow": "#help"}).answer()
    assert between.ephemeral
    assert "part 1 of 2" in shown(between)
    second = await between.press(root, "Continue").opens()
    answer = shown(await second.submit({"Digest in this channel": "weekly"}).answer())
    assert "I follow #help." in answer
    space = await camp.store.places.space(camp.space)
    assert space is not None
    assert (space.zone, space.set_up) == ("Europe/Berlin", True)
    assert [each.rule.zone for each in await camp.store.calendar.schedules()] == ["Europe/Berlin"]


async def test_a_form_that_arrives_twice_or_is_sent_twice_starts_one_discussion(camp: Camp) -> None:
    await offered(camp)
    form = await camp.help.command(camp.member("Ada"), "discussion start").opens()
    calls = [form.submit({"Title": "Tents", "Opening post": "Which one?"}) for _ in range(2)]
    calls[0].send()
    said = [shown(await call.answer()) for call in calls]
    assert sum("is open" in answer for answer in said) >= 1
    [thread] = [it for it in camp.guild.active_threads() if it.parent is camp.help]
    await camp.until(lambda: ours(thread))
    assert len(ours(camp.help)) == 1


async def test_the_buttons_of_a_card(camp: Camp) -> None:
    ada, eve = camp.member("Ada"), camp.member("Eve")
    await offered(camp)
    _, thread, _ = await a_talk(camp, 30)
    await thread_card(camp, thread, eve)
    [card] = ours(thread)
    asks = await card.press(eve, "Highlight a reply").answer()
    assert asks.ephemeral
    [menu] = asks.components[0]["components"]
    assert len(menu["options"]) == 25
    chosen = menu["options"][0]["label"]
    assert "Highlighted." in shown(await asks.choose(eve, menu["placeholder"], chosen).answer())
    await camp.until(lambda: "⭐ 1 highlight" in shown(card))
    assert words_of(await card.press(ada, "Catch me up").answer())
    form = await thread.command(ada, "discussion conclude").opens()
    await form.submit({"Outcome": "The small one."}).answer()
    await camp.until(lambda: "✅ Concluded" in shown(card) and "Reopen" in card.buttons)
    assert "Only the person who opened" in words_of(await card.press(eve, "Reopen").answer())
    assert words_of(await card.press(ada, "Reopen").answer())
    await camp.until(lambda: "Reopen" not in card.buttons)


async def thread_card(camp: Camp, thread: Thread, also: Member) -> None:
    """Make a thread lively enough for a card, and wait for it."""
    thread.post(also, "I'll take a look.")
    await camp.until(lambda: ours(thread))
    await recorded(camp, ours(thread)[0], camp.help)


async def test_a_button_that_is_too_old_says_so(camp: Camp) -> None:
    eve = camp.member("Eve")
    await offered(camp)
    _, thread, _ = await a_talk(camp, 6)
    await thread_card(camp, thread, eve)
    [card] = ours(thread)
    for wrong in ("f1*0123456789abcdef0123456789abcdef", "f0|highlight|", "something else"):
        card.components[0]["components"][0]["custom_id"] = wrong
        answer = await card.press(eve, wrong).answer()
        assert answer.ephemeral
        assert "too old" in words_of(answer)


async def test_commands_are_sent_once_and_again_only_when_they_changed(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord.guild("Camp")
    for run, sent in enumerate((1, 1, 2, 2), start=1):
        if run == 3:
            monkeypatch.delitem(TABLE, "folkmoot status")
        async with folkmoot(discord, store, clock):
            await until(lambda: len(discord.log.sockets("IDENTIFY")) == run)  # noqa: B023 - called before the next
            await until(lambda: discord.world.commands.replaced == sent)  # noqa: B023 - likewise


async def test_a_private_thread_is_kept_from_when_a_moderator_asks_for_it_and_shown_nowhere_else(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    mo = guild.member("Mo", guild.role("mods", MODERATOR))
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await offered(camp)
        await known(camp, help_)
        await store.places.watch(camp.place, True)
        thread = help_.thread(ada, "The narwhal", private=True)
        for member in (guild.me, mo):
            assert member is not None
            thread.invite(member)
        said = [thread.post(ada, f"A narwhal, {n}.") for n in range(3)]
        assert "moderator" in words_of(await thread.command(ada, "highlight-admin pick", link=said[0].link).answer())
        await thread.command(ada, "discussion track").answer()
        assert await store.forum.private(camp.space.platform) == []
        assert "This is a discussion now." in words_of(await thread.command(mo, "discussion track").answer())
        await kept(camp, said[2])
        assert "3 msgs" in words_of(await thread.command(ada, "discussion status").answer())
        assert "narwhal" not in words_of(await help_.command(mo, "discussion list").answer())
    async with folkmoot(discord, store, clock) as parts:
        await kept(camp, thread.post(mo, "Still followed after a restart."))
        assert [each.id for each in await store.forum.private(camp.space.platform)] == [thread.id]


async def test_a_command_written_as_a_message_is_pointed_to_the_slash_command(camp: Camp) -> None:
    ada = camp.member("Ada")
    us = camp.guild.me
    assert us is not None
    camp.help.post(ada, f"<@{us.id}> status")
    camp.help.post(ada, f"<@{us.id}> digest list please")  # one reply a minute is enough
    camp.help.post(ada, f"<@{us.id}> is a nice bot")
    await camp.until(lambda: [it for it in camp.help.messages.values() if it.ours])
    camp.help.post(ada, "Thank you.")
    async with asyncio.timeout(PATIENCE):
        while (await camp.store.ledger.audit()).messages < 2:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    [reply] = [it for it in camp.help.messages.values() if it.ours]
    assert reply.text == "Please use /folkmoot status: then only you see my answer."
    assert reply.flags & SILENT
    assert (await camp.store.ledger.audit()).messages == 2  # what only addresses us is not kept


async def test_an_export_of_ones_own_data_comes_as_a_file(camp: Camp) -> None:
    ada = camp.member("Ada")
    said = camp.help.post(ada, "Which tent?")
    await all_kept(camp.store, [said])
    answer = await camp.help.command(ada, "privacy export").answer()
    assert "1 message and 0 votes" in shown(answer)
    assert answer.ephemeral
    [file] = answer.files
    assert isinstance(file, Upload)
    lines = [json.loads(line) for line in file.content.decode().splitlines()]
    assert file == "my-data.jsonl"
    assert [line.get("text") for line in lines if line["type"] == "message"] == ["Which tent?"]
