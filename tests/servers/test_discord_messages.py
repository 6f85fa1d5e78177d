"""Messages over REST as the real discord.py sends them: posts, edits, history, reactions, and what is refused."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import discord
import pytest

from tests.makers import NOON, SetClock
from tests.servers.clients import Listener, listening
from tests.servers.discord import BOT, Can, Channel, DiscordServer, Member


@pytest.fixture
async def client(server: DiscordServer, place: Channel) -> AsyncIterator[Listener]:
    async with listening(server) as client:
        yield client


def seen(client: Listener, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(int(channel.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_post_is_seen_heard_and_edited(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    embed = discord.Embed(title="Tents", description="9 msgs")
    sent = await seen(client, place).send("A card", embed=embed, silent=True)
    (message,) = server.visible(place, ada)
    assert (message.id, message.text, message.embeds[0]["title"]) == (str(sent.id), "A card", "Tents")
    assert message.ours
    assert message.flags & 4096
    (heard,) = await client.until("message")
    assert heard.id == sent.id
    await sent.edit(content="A new card", allowed_mentions=discord.AllowedMentions.none())
    assert (message.text, message.embeds[0]["title"]) == ("A new card", "Tents")
    await sent.delete()
    assert server.visible(place, ada) == []
    requests = [entry.what.split(" ")[0] for entry in server.log.requests("** /channels/**")]
    assert requests == ["POST", "PATCH", "DELETE"]


async def test_a_nonce_gives_the_first_message_for_some_minutes(
    server: DiscordServer, client: Listener, place: Channel, clock: SetClock
) -> None:
    channel = seen(client, place)
    first = await channel.send("once", nonce="card-1")
    again = await channel.send("once", nonce="card-1")
    assert first.id == again.id
    clock.advance(timedelta(minutes=10))
    late = await channel.send("once", nonce="card-1")
    assert late.id != first.id
    assert len(place.messages) == 2


async def test_history_is_paged_from_both_sides(client: Listener, place: Channel, ada: Member) -> None:
    ids = [int(place.post(ada, str(number), at=NOON - timedelta(minutes=500 - number)).id) for number in range(250)]
    channel = seen(client, place)
    newest = [message.id async for message in channel.history(limit=None)]
    assert newest == ids[::-1]
    after = [message.id async for message in channel.history(limit=None, after=discord.Object(ids[9]))]
    assert after == ids[10:]
    before = [message.id async for message in channel.history(limit=120, before=discord.Object(ids[130]))]
    assert before == ids[129:9:-1]
    around = [message.id async for message in channel.history(limit=5, around=discord.Object(ids[100]))]
    assert sorted(around) == ids[98:103]


async def test_a_page_after_an_id_is_the_next_one_newest_first(client: Listener, place: Channel, ada: Member) -> None:
    ids = [place.post(ada, str(number)).id for number in range(5)]
    page = await client.http.logs_from(int(place.id), 2, after=int(ids[0]))
    assert [message["id"] for message in page] == [ids[2], ids[1]]


async def test_history_is_empty_without_the_permission_to_read_it(
    client: Listener, place: Channel, ada: Member
) -> None:
    place.post(ada, "long ago")
    place.deny(place.guild.bot_role, Can.READ_MESSAGE_HISTORY)
    assert [message async for message in seen(client, place).history()] == []


async def test_reactions_are_listed_by_pages(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    message = place.post(ada, "A good answer")
    people = [place.guild.member(f"Person {number}") for number in range(130)]
    for person in people:
        message.react(person)
    fetched = await seen(client, place).fetch_message(int(message.id))
    (star,) = fetched.reactions
    assert (star.count, star.me) == (130, False)
    assert sorted([str(user.id) async for user in star.users()], key=int) == [person.id for person in people]
    await fetched.add_reaction("⭐")
    assert len(message.reactions["⭐"]) == 131
    await fetched.remove_reaction("⭐", discord.Object(int(ada.id)))  # hers is not there: nothing happens
    await fetched.clear_reactions()
    assert message.reactions == {}


REFUSALS: list[tuple[str, Can, int, int]] = [
    ("unseen", BOT & ~Can.VIEW_CHANNEL, 403, 50001),
    ("mute", BOT & ~Can.SEND_MESSAGES, 403, 50013),
    ("no embeds", BOT & ~Can.EMBED_LINKS, 403, 50013),
]


@pytest.mark.parametrize(("_name", "allowed", "status", "code"), REFUSALS)
async def test_what_we_may_not_is_refused(
    client: Listener, place: Channel, _name: str, allowed: Can, status: int, code: int
) -> None:
    place.guild.everyone.set(Can(0))
    place.guild.bot_role.set(allowed)
    with pytest.raises(discord.Forbidden) as refused:
        await seen(client, place).send("x", embed=discord.Embed(title="y"))
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_what_is_not_there_is_told_apart(client: Listener, place: Channel, ada: Member) -> None:
    channel = seen(client, place)
    card = await channel.send("card")
    place.messages[str(card.id)].delete(place.guild.owner)
    with pytest.raises(discord.NotFound) as gone:
        await card.edit(content="new")
    assert gone.value.code == 10008
    theirs = await channel.fetch_message(int(place.post(ada, "mine").id))
    with pytest.raises(discord.Forbidden) as not_ours:
        await theirs.edit(content="ours")
    assert not_ours.value.code == 50005
    place.delete()
    with pytest.raises(discord.NotFound) as no_channel:
        await channel.send("anybody?")
    assert no_channel.value.code == 10003
    with pytest.raises(discord.HTTPException) as unknown:
        await client.fetch_user(5)
    assert unknown.value.code == 10013


async def test_old_messages_may_be_edited_only_so_often(
    server: DiscordServer, client: Listener, place: Channel, clock: SetClock
) -> None:
    server.limits.old_edits = (1, 0.05)
    card = await seen(client, place).send("card")
    clock.advance(timedelta(hours=2))
    await card.edit(content="one")
    await card.edit(content="two")  # discord.py waits as it is told
    assert place.messages[str(card.id)].text == "two"
    (refused,) = [entry for entry in server.log.answers("PATCH **") if entry.status == 429]
    assert refused.body["code"] == 30046


def with_fields(count: int, size: int) -> dict[str, Any]:
    return {"embeds": [{"fields": [{"name": "n", "value": "v" * size} for _ in range(count)]}]}


def with_buttons(rows: int, width: int, size: int = 20) -> dict[str, Any]:
    buttons = [
        {"type": 2, "style": 1, "label": "b", "custom_id": f"{row}-{column}".ljust(size, ".")}
        for row in range(rows)
        for column in range(width)
    ]
    return {"components": [{"type": 1, "components": buttons[row * width :][:width]} for row in range(rows)]}


def with_options(count: int, size: int = 5) -> dict[str, Any]:
    options = [{"label": "o", "value": str(number).ljust(size, ".")} for number in range(count)]
    menu = {"type": 3, "custom_id": "m", "options": options}
    return {"components": [{"type": 1, "components": [menu]}]}


NOBODY: dict[str, Any] = {"allowed_mentions": {"parse": []}}
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("2001 characters", {"content": "x" * 2001}),
    ("26 fields", with_fields(26, 1)),
    ("over 6000 characters in embeds", with_fields(6, 1000)),
    ("a field of 1025", with_fields(1, 1025)),
    ("six rows", with_buttons(6, 1)),
    ("six buttons in a row", with_buttons(1, 6)),
    ("a custom id of 101", with_buttons(1, 1, 101)),
    ("one custom id twice", {"components": with_buttons(1, 1)["components"] * 2}),
    ("26 options", with_options(26)),
    ("an option of 101", with_options(1, 101)),
    ("a label of 81", {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "l" * 81}]}]}),
    ("a nonce of 26", {"content": "x", "nonce": "n" * 26}),
]


@pytest.mark.parametrize(("_name", "body"), BROKEN)
async def test_bodies_over_the_limits_are_refused_and_remembered(
    server: DiscordServer, client: Listener, place: Channel, _name: str, body: dict[str, Any]
) -> None:
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=int(place.id))
    with pytest.raises(discord.HTTPException) as refused:
        await client.http.request(route, json=NOBODY | body)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert server.forgive()


async def test_limits_are_inclusive(client: Listener, place: Channel) -> None:
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=int(place.id))
    for body in (
        {"content": "x" * 2000},
        with_fields(5, 1000),
        with_buttons(5, 5, 100),
        with_fields(25, 1),
        with_options(25),
    ):
        await client.http.request(route, json=NOBODY | body)
    assert len(place.messages) == 5


async def test_nothing_is_no_message(client: Listener, place: Channel) -> None:
    with pytest.raises(discord.HTTPException) as empty:
        await seen(client, place).send(" ")
    assert empty.value.code == 50006


@pytest.mark.parametrize("mentions", [None, {"parse": ["users"]}, {"parse": [], "replied_user": True}])
async def test_what_could_ping_somebody_is_refused(
    server: DiscordServer, client: Listener, place: Channel, mentions: dict[str, Any] | None
) -> None:
    card = await seen(client, place).send("card")
    body = {"content": "@everyone"} | ({"allowed_mentions": mentions} if mentions else {})
    for method, path in (("POST", "/channels/{c}/messages"), ("PATCH", "/channels/{c}/messages/{m}")):
        with pytest.raises(discord.HTTPException):
            await client.http.request(discord.http.Route(method, path, c=int(place.id), m=card.id), json=body)
    assert len(server.forgive()) == 2
    assert place.messages[str(card.id)].text == "card"


async def test_mentions_of_ours_have_no_effect(client: Listener, place: Channel, ada: Member) -> None:
    sent = await seen(client, place).send(f"@everyone {ada.mention}")
    message = place.messages[str(sent.id)]
    assert (message.mentioned(), message.pings_all()) == ([], False)
    assert [member.id for member in place.post(ada, ada.mention).mentioned()] == [ada.id]


async def test_files_come_as_multipart(client: Listener, place: Channel) -> None:

    sent = await seen(client, place).send("look", file=discord.File(io.BytesIO(b"data"), "tent.png"))
    assert place.messages[str(sent.id)].attachments[0]["filename"] == "tent.png"
    assert sent.attachments[0].filename == "tent.png"


async def test_a_server_fails_the_test_of_who_broke_its_rules(clock: SetClock) -> None:
    server = DiscordServer(clock)
    server.violations.append("POST /channels/1/messages: content Must be 2000 or fewer in length.")
    with pytest.raises(AssertionError, match="2000 or fewer"):
        async with server:
            pass
