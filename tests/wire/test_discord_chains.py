"""Replies in a channel itself: what answers a message that people treat as a discussion belongs to it."""

from datetime import timedelta

import pytest

from storage import SqlStore
from tests.camps import Camp, folkmoot, ours, shown
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR
from tests.wire.keeping import all_kept, no_gap, seen, shows
from tests.wire.test_discord_asking import kept, offered

# What is kept is tried on both databases in tests/storage/test_chains.py; here it is the wire that counts.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def treated(camp: Camp, message: Message, member: Member) -> None:
    """Somebody uses the message's menu once we know the message."""
    await offered(camp)
    await kept(camp, message)
    assert "This is a discussion now." in shown(await message.menu(member, "Treat as a discussion").answer())


async def a_chain(camp: Camp, *, replies: int) -> list[Message]:
    """A question, and people who answer it and one another, a second apart."""
    people = [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    said = [camp.help.post(people[0], "Which tent holds out in a storm?")]
    for n in range(1, replies + 1):
        camp.clock.advance(timedelta(seconds=1))
        said.append(camp.help.post(people[n % 4], f"Answer {n}.", reply_to=said[n // 2]))
    return said


async def the_card(camp: Camp) -> Message:
    """The only post of ours in #help."""
    await camp.until(lambda: ours(camp.help))
    [card] = ours(camp.help)
    return card


async def test_replies_join_and_the_card_answers_the_question(camp: Camp) -> None:
    eve = camp.member("Eve")
    said = await a_chain(camp, replies=0)
    await treated(camp, said[0], eve)
    await shows(camp.store, camp.place, said[0].id, count=1)
    aside = camp.help.post(eve, "Lunch, anyone?")
    said += [camp.help.post(eve, "Ask Bo.", reply_to=said[0])]
    for name in ("Bo", "Cem", "Bo", "Cem"):
        camp.clock.advance(timedelta(seconds=1))
        said.append(camp.help.post(camp.member(name), f"{name}'s answer.", reply_to=said[-1]))
    camp.help.post(eve, "Me!", reply_to=aside)
    card = await the_card(camp)
    assert card.reference is not None
    assert card.reference["message_id"] == said[0].id
    await camp.until(lambda: "6 msgs" in shown(card))
    said[2].edit("Bo's better answer.")
    said[3].delete()
    await camp.until(lambda: "5 msgs" in shown(card))
    await shows(camp.store, camp.place, said[0].id, count=5, participants=4)
    said[4].react(eve)
    await camp.until(lambda: "⭐ 1" in shown(card))
    said[4].unreact(eve)
    await camp.until(lambda: "⭐ 0" in shown(card))
    assert (await camp.store.ledger.audit()).drift == 0


async def test_replies_that_were_there_before_join_and_earn_the_card_and_hiding_takes_that_away(camp: Camp) -> None:
    said = await a_chain(camp, replies=6)
    await all_kept(camp.store, said)
    await treated(camp, said[0], camp.member("Eve"))
    await shows(camp.store, camp.place, said[0].id, count=7, participants=4)
    assert "7 msgs" in shown(await the_card(camp))
    mo = camp.member("Mo", can=MODERATOR)
    await camp.help.command(mo, "discussion hide", discussion=said[3].link).answer()
    await camp.until(lambda: not ours(camp.help))
    camp.help.post(mo, "Psst.", reply_to=said[3])
    await camp.help.command(mo, "discussion unhide", discussion=said[0].link).answer()
    await camp.until(lambda: ours(camp.help) and "8 msgs" in shown(ours(camp.help)[0]))


async def test_what_was_said_edited_and_deleted_meanwhile_is_found(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, eve = guild.channel("help"), guild.member("Eve")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        said = await a_chain(camp, replies=3)
        await treated(camp, said[0], eve)
        await shows(store, camp.place, said[0].id, count=4)
    clock.advance(timedelta(minutes=10))
    said.append(help_.post(eve, "Nobody heard this.", reply_to=said[3]))
    said[1].edit("Edited.")
    said.pop(2).delete()
    async with folkmoot(discord, store, clock) as parts:
        await all_kept(store, said)
        await no_gap(Camp(discord, guild, help_, store, clock, parts))
        await shows(store, camp.place, said[0].id, count=4, participants=4, removed=False)
    assert not discord.log.requests(f"GET /channels/{said[0].id}/messages")


async def test_a_thread_made_of_the_question_carries_it_on(camp: Camp) -> None:
    bo = camp.member("Bo")
    said = await a_chain(camp, replies=6)
    await treated(camp, said[0], bo)
    card = await the_card(camp)
    thread = said[0].thread(bo, "Storm-proof tents")
    said.append(thread.post(bo, "Let us go on here."))
    said.append(camp.help.post(bo, "Some stay outside.", reply_to=said[6]))
    await shows(camp.store, camp.place, thread.id, count=9, title="Storm-proof tents")
    await camp.until(lambda: "Storm-proof tents" in shown(card) and "9 msgs" in shown(card))
    thread.archive()
    said.append(camp.help.post(bo, "And some come late.", reply_to=said[6]))
    await camp.until(lambda: "10 msgs" in shown(card))
