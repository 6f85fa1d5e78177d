"""Two hundred channels that are due in one minute: within what each platform allows, and all of them in time."""

import asyncio

import pytest

from bot.models import Channel as Place
from bot.models import ChannelInfo, ChannelSeen, Platform, PostKind, PostState, Space
from tests.wire import slack_yards
from tests.wire.keeping import sized
from tests.wire.slack_yards import in_virtual_time, most
from tests.wire.yards import ON_SQLITE, POST, Yard

pytestmark = ON_SQLITE
A_SECOND = 45  # calls that we allow ourselves on Discord


@sized("channels", 20, 200)
@in_virtual_time
async def test_many_channels_of_a_workspace_have_their_posts_within_a_minute(
    yard: slack_yards.Yard, channels: int
) -> None:
    places = [yard.talk, *(yard.server.channel(f"c{n}") for n in range(channels - 1))]
    for each in places:
        info = ChannelInfo(channel=yard.place(each), name=each.name)
        await yard.store.ledger.record([ChannelSeen(info=info, at=yard.clock.now())])
    began = asyncio.get_running_loop().time()
    posts = [await yard.plan(place, f"The digest of #{place.name}.") for place in places for _ in range(3)]
    await yard.delivery().work()
    asked = yard.asked(slack_yards.POST)
    assert {await yard.state(each) for each in posts} == {PostState.LIVE}
    assert len(asked) == 3 * channels
    assert max(asked) - began <= 60
    assert all(most(yard.asked(slack_yards.POST, place), 1.0) == 1 for place in places)
    assert yard.server.limits.refused == 0


@pytest.mark.soak  # in real time: on a busy machine some are asked for twice
@pytest.mark.parametrize("channels", [60, 200])
async def test_many_channels_of_a_server_have_their_posts_within_a_minute(yard: Yard, channels: int) -> None:
    made = [yard.guild.channel(f"c{n}") for n in range(channels)]
    space = Space(Platform.DISCORD, yard.guild.id)
    async with asyncio.timeout(60):
        while len(await yard.store.places.channels()) < channels + 2:
            await yard.store.ledger.wait(await yard.store.ledger.last_seq(), 1)
    for n, channel in enumerate(made):
        subject = f"card:{n}"
        yard.words[subject] = f"The digest of c{n}."
        assert await yard.store.outbox.plan(PostKind.CARD, subject, Place(space, channel.id), yard.clock.now())
    await yard.delivery().work()
    calls = yard.server.log.requests(POST)  # on a slow machine an answer may be late, and asked for again
    asked = [each.loop_time for each in calls]
    assert len({each.body["body"]["nonce"] for each in calls}) == channels
    assert most(asked, 1.0) <= A_SECOND
    assert asked[-1] - asked[0] <= 60
    assert yard.server.limits.refused == 0
