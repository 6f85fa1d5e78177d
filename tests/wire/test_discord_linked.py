"""Two Discord servers that are one community: linked by their admins, with one digest in both."""

import asyncio
from datetime import timedelta

from bot.models import Channel as Place
from bot.models import Platform, Space
from tests.camps import PATIENCE, Camp, ours, shown
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild, Member
from tests.servers.discord.permissions import MODERATOR, Can

CANARY = "quokka"
DAILY = {"every": "daily", "at": "14:00", "zone": "UTC"}


async def watched(camp: Camp, *channels: Channel) -> None:
    """Wait until we know some channels, and follow them."""
    for channel in channels:
        there = Place(Space(Platform.DISCORD, channel.guild.id), channel.id)
        async with asyncio.timeout(PATIENCE):
            while await camp.store.places.channel(there) is None:
                await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 1)
        await camp.store.places.watch(there, True)
    await camp.parts.catch_up.work()


def talk(guild: Guild, channel: Channel, words: str) -> None:
    ada, bo = guild.member("Ada"), guild.member("Bo")
    thread = channel.post(ada, f"{words}?").thread(ada, words)
    thread.post(bo, f"I know {words} well.")


def digests(channel: Channel) -> list[str]:
    return [said for each in ours(channel) if (said := shown(each)).startswith("The day in ")]


async def became_one(camp: Camp, there: Channel, mia: Member) -> None:
    """Link both servers, and let one digest come to both."""
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    offer = await camp.help.command(mo, "folkmoot-admin link").answer()
    assert offer.ephemeral
    code = shown(offer).partition("code:")[2].split()[0]
    refused = await there.command(mia, "folkmoot-admin link", code="ABCD").answer()
    assert "I gave out no such code" in refused.text
    linked = await there.command(mia, "folkmoot-admin link", code=code).answer()
    assert "Camp · Discord are one community now" in shown(linked)
    await camp.until(lambda: ours(camp.help) and ours(there))
    assert "Yard · Discord are one community now" in shown(ours(camp.help)[0])
    made = await camp.help.command(mo, "digest schedule", name="News", reach="community", **DAILY).answer()
    assert "“News” goes to #help" in shown(made)
    assert "“News” goes to #bench" in shown(await there.command(mia, "digest join").answer())


async def test_two_servers_have_one_digest_and_keep_what_is_closed(camp: Camp) -> None:
    yard = camp.server.guild("Yard")
    bench, den, cave = yard.channel("bench"), yard.channel("den"), camp.guild.channel("cave")
    den.make_private(to=[yard.member("Ada"), yard.member("Bo"), *filter(None, [yard.me])])
    cave.set_nsfw(True)
    await watched(camp, bench, den, cave)
    await became_one(camp, bench, yard.member("Mia", yard.role("keeper", MODERATOR | Can.MANAGE_GUILD)))
    for guild, channel, words in ((camp.guild, camp.help, "tents"), (yard, bench, "poles")):
        talk(guild, channel, words)
    for guild, channel in ((yard, den), (camp.guild, cave)):
        talk(guild, channel, CANARY)
    async with asyncio.timeout(PATIENCE):
        while (await camp.store.ledger.audit()).messages < 8:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    camp.clock.advance(timedelta(hours=2, minutes=1))
    await camp.parts.app.tick()
    await camp.until(lambda: digests(camp.help) and digests(bench))
    for channel in (camp.help, bench):
        [digest] = digests(channel)
        assert "tents" in digest
        assert "poles" in digest
        assert "· Camp · Discord" in digest
        assert "· Yard · Discord" in digest
        assert CANARY not in digest
