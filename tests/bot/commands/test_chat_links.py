"""Links that people copy in Discord and Slack lead commands to what they point at, for who may open it."""

from dataclasses import replace

import pytest

from bot.errors import CommandError
from bot.models import (
    Channel,
    ChannelInfo,
    ChannelSeen,
    Message,
    MessageRef,
    Platform,
    Space,
    SpaceInfo,
    SpaceSeen,
    Thread,
)
from tests.bot.commands.scene import AWAY, Scene
from tests.makers import NOON, a_message, seen
from tests.rooms import SmallRoom

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GUILD = Channel(AWAY, "100")
TEAM = Space(Platform.SLACK, "T1")
KITCHEN = Channel(TEAM, "C100")
FIRST, SECOND = 1785758400_000007, 1785758460_000007  # microseconds; nobody else has these ids


def slack_id(position: int) -> str:
    return f"{position // 1_000_000}.{position % 1_000_000:06}"


def said_in(channel: Channel) -> list[Message]:
    """An opening post and a reply, with ids as their platform writes them."""
    ids = [slack_id(each) if channel.space == TEAM else str(each) for each in (FIRST, SECOND)]
    opening = replace(
        a_message(0, "Where do pans go?", channel=channel),
        ref=MessageRef(channel, ids[0]),
        thread=Thread(channel, ids[0]),
    )
    reply = replace(
        a_message(1, "Top shelf.", channel=channel, author="Bo"),
        ref=MessageRef(channel, ids[1]),
        thread=Thread(channel, ids[0]),
    )
    return [opening, reply]


@pytest.fixture
async def chats(scene: Scene) -> Scene:
    """The community with a Discord server and a Slack workspace beside it, one discussion in each."""
    room = SmallRoom(scene.store, scene.clock, TEAM)
    scene.context = replace(scene.context, adapters={**scene.context.adapters, Platform.SLACK: room})
    rooms = {GUILD: scene.rooms[Platform.DISCORD], KITCHEN: room}
    await scene.store.ledger.record([SpaceSeen(info=SpaceInfo(space=TEAM, name="Team"), at=NOON)])
    for channel, its_room in rooms.items():
        its_room.listed[channel] = ChannelInfo(channel=channel, name="kitchen")
        await scene.store.ledger.record([ChannelSeen(info=its_room.listed[channel], at=NOON)])
        await scene.store.places.watch(channel, True)
        await scene.store.ledger.record([seen(message) for message in said_in(channel)])
    await scene.settle()
    return scene


@pytest.mark.parametrize(
    ("channel", "link"),
    [
        (GUILD, f"https://discord.com/channels/9/100/{FIRST}"),
        (GUILD, f"https://discord.com/channels/9/100/{SECOND}"),
        (GUILD, f"https://discord.com/channels/9/{FIRST}/{SECOND}"),
        (GUILD, f"<https://ptb.discord.com/channels/9/{FIRST}>"),
        (KITCHEN, f"https://team.slack.com/archives/C100/p{FIRST}"),
        (KITCHEN, f"https://team.slack.com/archives/C100/p{SECOND}?thread_ts={slack_id(FIRST)}&cid=C100"),
    ],
)
async def test_a_copied_link_names_its_discussion(chats: Scene, channel: Channel, link: str) -> None:
    assert "Where do pans go?" in await chats.said("discussion status", {"discussion": link}, channel=channel)


@pytest.mark.parametrize(
    ("channel", "link"),
    [
        (GUILD, f"https://discord.com/channels/9/100/{SECOND}"),
        (GUILD, f"https://discord.com/channels/9/{FIRST}/{SECOND}"),
        (KITCHEN, f"https://team.slack.com/archives/C100/p{SECOND}?thread_ts={slack_id(FIRST)}"),
    ],
)
async def test_a_copied_link_names_the_message_to_highlight(chats: Scene, channel: Channel, link: str) -> None:
    assert "Highlighted." in await chats.said("highlight", {"link": link}, channel=channel)
    ref = said_in(channel)[1].ref
    post = await chats.store.forum.post(ref)
    assert post is not None
    assert post.votes == 1
    assert "taken back" in await chats.said("unhighlight", {"link": link}, channel=channel)


@pytest.mark.parametrize(
    "link",
    [
        "https://discord.com/channels/8/100/1785758400000007",  # another server
        f"https://discord.com/channels/9/100/{SECOND + 1}",  # no such message
        "https://discord.com/channels/9/100",  # a channel is no discussion
        f"https://team.slack.com/archives/C100/p{FIRST}",  # another platform
        "https://team.slack.com/archives/C100",
    ],
)
async def test_a_link_to_elsewhere_is_not_found(chats: Scene, link: str) -> None:
    with pytest.raises(CommandError, match="I don't know that discussion"):
        await chats.run("discussion status", {"discussion": link}, channel=GUILD)
    with pytest.raises(CommandError, match="I don't know that message"):
        await chats.run("highlight", {"link": link}, channel=GUILD)


@pytest.mark.parametrize("channel", [GUILD, KITCHEN])
@pytest.mark.parametrize(
    "link",
    [
        f"https://discord.com/channels/9/100/{2**63}",  # a place beyond all that a message can have
        f"https://discord.com/channels/9/{2**63}/{2**63}",
        f"https://discord.com/channels/9/{2**63}",
        "https://team.slack.com/archives/C100/p99999999999999999999",
        f"https://team.slack.com/archives/C100/p{FIRST + 9}?thread_ts=soon",
        f"https://team.slack.com/archives/C100/p{FIRST + 9}?thread_ts={2**63}.000000",
        "https://team.slack.com/archives/C100",
        f"/d/1#m{2**63}",
        f"/local/help#m{2**63}",
        f"/local/help/{2**63}",
    ],
)
async def test_a_link_that_no_message_can_have_is_not_found(chats: Scene, channel: Channel, link: str) -> None:
    with pytest.raises(CommandError, match="I don't know that discussion"):
        await chats.run("discussion status", {"discussion": link}, channel=channel)
    with pytest.raises(CommandError, match="I don't know that message"):
        await chats.run("highlight", {"link": link}, channel=channel)


async def test_the_link_in_a_button_of_ours_leads_back_to_a_slack_message(chats: Scene) -> None:
    reply = said_in(KITCHEN)[1].ref
    discussion = await chats.store.forum.containing(reply)
    assert discussion is not None
    link = chats.context.urls.mark(discussion, reply)
    assert "Highlighted." in await chats.said("highlight", {"link": link}, channel=KITCHEN)
    post = await chats.store.forum.post(reply)
    assert post is not None
    assert post.votes == 1


async def test_a_private_channel_is_not_found_by_its_link(chats: Scene) -> None:
    room = chats.rooms[Platform.DISCORD]
    room.listed[GUILD] = ChannelInfo(channel=GUILD, name="kitchen", private=True)
    link = f"https://discord.com/channels/9/100/{SECOND}"
    with pytest.raises(CommandError, match="I don't know that"):
        await chats.run("highlight", {"link": link}, channel=Channel(AWAY, "narwhal-bay"))
