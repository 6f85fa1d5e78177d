"""What people ask on Discord, by commands, menus, buttons, forms and reactions, and what they see come of it."""

import asyncio

from bot.models import Channel, MessageRef
from tests.camps import PATIENCE, Camp, ours, shown
from tests.servers.discord.channels import Channel as Place
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can


async def offered(camp: Camp) -> None:
    """Wait until people are offered our commands."""
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))


async def kept(camp: Camp, message: Message) -> None:
    """Wait until a message in #help, or in a thread of it, is stored."""
    ref = MessageRef(camp.place, message.id)
    async with asyncio.timeout(PATIENCE):
        while await camp.store.forum.post(ref) is None:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def known(camp: Camp, channel: Place) -> None:
    """Wait until we know a channel."""
    async with asyncio.timeout(PATIENCE):
        while await camp.store.places.channel(Channel(camp.space, channel.id)) is None:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def recorded(camp: Camp, message: Message) -> None:
    """Wait until we know a post of ours: Discord shows it a moment before."""
    async with asyncio.timeout(PATIENCE):
        while not await camp.store.outbox.posted({MessageRef(Channel(camp.space, message.channel.id), message.id)}):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


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
