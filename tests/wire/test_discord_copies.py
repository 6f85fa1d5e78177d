"""Stars on our copy of a highlight count for the original, also those that came while we could not hear of them."""

from datetime import timedelta

import pytest

from bot.copies import LOOK_BACK
from bot.models import Channel as Place
from storage import SqlStore
from tests.camps import Camp, folkmoot, ours, shown
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.faults import Delay
from tests.wire.keeping import known, no_gap, seen, shows
from tests.wire.test_discord_asking import kept, offered, recorded

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def starred(camp: Camp) -> Channel:
    """#stars, which nobody watches, is where highlights are published."""
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    stars = camp.guild.channel("stars")
    await offered(camp)
    await known(camp, stars)
    answer = await camp.help.command(mo, "folkmoot-admin set", name="highlights_channel", value="#stars").answer()
    assert "#stars" in shown(answer)
    return stars


async def published(camp: Camp, stars: Channel) -> tuple[Message, Message]:
    """A reply that was picked, and our copy of it as soon as people see that."""
    ada, bo = camp.member("Ada"), camp.member("Bo")
    thread = camp.help.post(ada, "Which tent?").thread(ada, "Tents")
    reply = thread.post(bo, "The small one.")
    await kept(camp, reply)
    await thread.command(camp.member("Mia", can=MODERATOR), "highlight-admin pick", link=reply.link).answer()
    await camp.until(lambda: ours(stars))
    return reply, ours(stars)[0]


async def test_a_star_that_comes_before_we_know_our_copy_counts(camp: Camp) -> None:
    stars = await starred(camp)
    camp.server.faults.on(f"POST /channels/{stars.id}/messages", Delay(0.2, after=True))
    _, copy = await published(camp, stars)
    assert not await camp.store.outbox.unread(camp.clock.now() - LOOK_BACK)
    copy.react(camp.member("Cem"))
    copy.react(camp.member("Ada"), "🌟")
    await camp.until(lambda: "⭐ 3" in shown(copy))
    copy.unreact(camp.member("Cem"))
    await camp.until(lambda: "⭐ 2" in shown(copy))
    assert (await camp.store.ledger.audit()).drift == 0


async def test_stars_that_came_and_went_meanwhile_count(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, cem = guild.channel("help"), guild.member("Cem")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        stars = await starred(camp)
        reply, copy = await published(camp, stars)
        await recorded(camp, copy)
        copy.react(cem)
        await camp.until(lambda: "⭐ 2" in shown(copy))
    clock.advance(timedelta(hours=1))
    for name in ("Dina", "Eve"):
        copy.react(guild.member(name))
    copy.unreact(cem)
    async with folkmoot(discord, store, clock) as parts:
        await camp.until(lambda: "⭐ 3" in shown(copy))
        await no_gap(Camp(discord, guild, help_, store, clock, parts))
        await shows(store, Place(camp.space, help_.id), reply.channel.id, highlights=1)
    assert (await store.ledger.audit()).drift == 0
