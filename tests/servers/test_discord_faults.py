"""Each fault bites, and the real discord.py takes it as we know it to."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.servers.clients import Listener, listening
from tests.servers.discord import Channel, DiscordServer, Member
from tests.servers.faults import (
    Delay,
    DropReply,
    Duplicate,
    Fault,
    Hold,
    Lose,
    Malform,
    RateLimit,
    Reset,
    Stall,
    Status,
)

POST = "POST /channels/*/messages"


@pytest.fixture
async def client(server: DiscordServer, place: Channel) -> AsyncIterator[Listener]:
    async with listening(server) as client:
        yield client


def post(client: Listener, place: Channel, text: str = "card", nonce: str | None = None) -> Coroutine[Any, Any, Any]:
    body: dict[str, Any] = {"content": text, "allowed_mentions": {"parse": []}}
    if nonce:
        body |= {"nonce": nonce, "enforce_nonce": True}
    return client.http.request(Route("POST", "/channels/{channel_id}/messages", channel_id=int(place.id)), json=body)


async def test_a_dropped_reply_comes_after_the_effect(server: DiscordServer, client: Listener, place: Channel) -> None:
    armed = server.faults.on(POST, DropReply())
    with pytest.raises(aiohttp.ClientError):
        await post(client, place, nonce="n1")
    assert len(place.messages) == 1
    again = await post(client, place, nonce="n1")
    assert list(place.messages) == [again["id"]]
    assert armed.bites == 1


async def test_a_reset_comes_before_the_effect(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.faults.on(POST, Reset())
    with pytest.raises(aiohttp.ClientError):
        await post(client, place)
    assert place.messages == {}


async def test_a_stall_neither_acts_nor_answers(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.faults.on(POST, Stall())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(client, place), 0.05)
    assert place.messages == {}


@pytest.mark.parametrize("after", [False, True])
async def test_a_delay_holds_the_answer_and_maybe_the_effect(
    server: DiscordServer, client: Listener, place: Channel, after: bool
) -> None:
    server.faults.on(POST, Delay(0.2, after=after))
    posting = asyncio.create_task(post(client, place))
    await server.log.until(lambda: bool(server.log.bites(POST)))
    assert len(place.messages) == (1 if after else 0)
    await posting
    assert len(place.messages) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_503_is_not_tried_again(server: DiscordServer, client: Listener, place: Channel, after: bool) -> None:
    server.faults.on(POST, Status(503, after=after))
    with pytest.raises(discord.DiscordServerError):
        await post(client, place)
    assert len(place.messages) == (1 if after else 0)
    assert len(server.log.requests(POST)) == 1


async def test_a_planned_answer_has_its_body(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.faults.on(POST, Status(403, {"message": "Announcement edit limit", "code": 20022}))
    with pytest.raises(discord.Forbidden) as refused:
        await post(client, place)
    assert refused.value.code == 20022


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_429_is_waited_for(server: DiscordServer, client: Listener, place: Channel, scope: str) -> None:
    server.faults.on(POST, RateLimit(0.05, scope))
    before = time.monotonic()
    await post(client, place)
    assert time.monotonic() - before >= 0.05
    assert [entry.status for entry in server.log.answers(POST)] == [429, 200]
    assert server.limits.refused == (0 if scope == "shared" else 1)


async def test_a_429_without_via_is_a_ban(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.faults.on(POST, RateLimit(0.05, via=False))
    with pytest.raises(discord.HTTPException) as banned:
        await post(client, place)
    assert banned.value.status == 429
    assert len(server.log.requests(POST)) == 1


async def test_a_bucket_is_told_in_headers_and_kept(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.limits.set(POST, 2, 0.1)
    other = place.guild.channel("other")
    await asyncio.gather(*[post(client, place, str(number)) for number in range(5)], post(client, other))
    assert len(place.messages) == 5
    assert {entry.status for entry in server.log.answers(POST)} == {200}  # discord.py reads the headers and waits


async def test_a_full_bucket_answers_429_and_others_go_on(server: DiscordServer, place: Channel) -> None:
    server.limits.set("GET /channels/*", 1, 60.0)
    other = place.guild.channel("other")
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(server.api_url + "/", headers=headers) as http:
        statuses = []
        for one in (place, place, other):
            async with http.get(f"channels/{one.id}") as answer:
                statuses.append(answer.status)
                assert answer.headers["Content-Type"] == "application/json"
                assert answer.headers["X-RateLimit-Remaining"] == "0"
                if answer.status == 429:
                    assert answer.headers["X-RateLimit-Scope"] == "user"
                    assert 0 < (await answer.json())["retry_after"] <= 60
                    assert answer.headers["Via"]
    assert statuses == [200, 429, 200]


async def test_the_global_limit_answers_429(server: DiscordServer, client: Listener, place: Channel) -> None:
    server.limits.a_second = 10
    places = [place.guild.channel(f"c{number}") for number in range(12)]
    await asyncio.gather(*[post(client, one) for one in places])
    refused = [entry for entry in server.log.answers(POST) if entry.status == 429]
    assert refused
    assert all(entry.body["global"] for entry in refused)
    assert all(len(one.messages) == 1 for one in places)


async def test_events_can_be_lost_doubled_held_and_late(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    event = "EVENT MESSAGE_CREATE"
    plan: list[Fault] = [Lose(), Duplicate(), Hold(), Delay(0.02)]
    armed = [server.faults.on(event, fault) for fault in plan]
    for text in ("lost", "double", "held", "late", "last"):
        place.post(ada, text)
    heard = await client.until("message", 5)
    assert [message.content for message in heard] == ["double", "double", "last", "held", "late"]
    assert [one.bites for one in armed] == [1, 1, 1, 1]


async def test_what_is_held_can_be_released(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    server.faults.on("EVENT MESSAGE_CREATE", Hold(behind=5))
    place.post(ada, "held")
    place.post(ada, "sent")
    await client.until("message")
    server.gateway.release()
    heard = await client.until("message", 2)
    assert [message.content for message in heard] == ["sent", "held"]


async def test_a_fault_can_wait_and_choose(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    event = "EVENT MESSAGE_CREATE"
    server.faults.on(event, Lose(), where=lambda message: message["content"] == "this one")
    server.faults.on(event, Lose(), skip=1)
    for text in ("one", "this one", "two", "three"):
        place.post(ada, text)
    heard = await client.until("message", 2)
    assert [message.content for message in heard] == ["one", "three"]


async def test_a_malformed_event_ends_discord_py(
    server: DiscordServer, client: Listener, place: Channel, ada: Member
) -> None:
    server.faults.on("EVENT MESSAGE_CREATE", Malform(lambda message: message | {"author": None}))
    place.post(ada, "crash")
    assert client.running is not None
    with pytest.raises(TypeError):
        await asyncio.wait_for(client.running, 3)


async def test_faults_are_lifted(server: DiscordServer, client: Listener, place: Channel) -> None:
    armed = server.faults.on(POST, Status(503), times=None)
    for _ in range(3):
        with pytest.raises(discord.DiscordServerError):
            await post(client, place)
    armed.lift()
    await post(client, place)
    assert armed.bites == 3
