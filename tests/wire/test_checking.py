"""The checker finds what is broken, and nothing where all is well: each promise is broken once on purpose."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.models import Channel
from tests.camps import Camp, looked_at, ours
from tests.checking import Found, Output, Promise, check
from tests.servers.discord.messages import Draft, Message, post

SECRET = "marzipan"


async def settled(camp: Camp) -> tuple[Message, list[Message]]:
    """A thread of eight replies with its card, quiet."""
    people = [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    question = camp.help.post(people[0], "Which tent?")
    thread = question.thread(people[0], "Tents")
    replies = [thread.post(people[1 + n % 3], f"Reply number {n}.") for n in range(8)]
    await camp.until(lambda: ours(thread) and "💬 9 msgs" in ours(thread)[0].embeds[0]["description"])
    return ours(thread)[0], replies


async def found(camp: Camp, *outputs: Output, secrets: dict[str, Channel] | None = None) -> list[Found]:
    there, posts = looked_at(camp.help)
    return await check(camp.store, there, posts, outputs, secrets)


async def test_nothing_is_found_where_all_is_well(camp: Camp) -> None:
    await settled(camp)
    assert await found(camp, secrets={SECRET: camp.place}) == []


async def lose(camp: Camp, card: Message, replies: list[Message]) -> None:
    await run(camp, f"DELETE FROM message WHERE mid = '{replies[0].id}'")


async def keep(camp: Camp, card: Message, replies: list[Message]) -> None:
    replies[0].forget()


async def reword(camp: Camp, card: Message, replies: list[Message]) -> None:
    await run(camp, f"UPDATE message SET text = 'Nonsense.' WHERE mid = '{replies[0].id}'")


async def miscount(camp: Camp, card: Message, replies: list[Message]) -> None:
    await run(camp, "UPDATE discussion SET count = 12")


async def repeat(camp: Camp, card: Message, replies: list[Message]) -> None:
    post(card.channel, Draft(author=card.author, embeds=card.embeds, nonce=card.nonce, allowed_mentions={"parse": []}))


async def go_stale(camp: Camp, card: Message, replies: list[Message]) -> None:
    card.embeds[0]["description"] = card.embeds[0]["description"].replace("9 msgs", "8 msgs")


async def ping(camp: Camp, card: Message, replies: list[Message]) -> None:
    card.allowed_mentions = {"parse": ["everyone"]}


@pytest.mark.parametrize(
    ("lie", "promises"),
    [
        (lose, {Promise.LOST, Promise.DRIFT}),
        (keep, {Promise.LEFT, Promise.COUNT}),
        (reword, {Promise.WORDS}),
        (miscount, {Promise.DRIFT, Promise.COUNT, Promise.STALE}),
        (repeat, {Promise.TWICE}),
        (go_stale, {Promise.STALE}),
        (ping, {Promise.PING}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_what_is_broken_is_found(
    camp: Camp, lie: Callable[[Camp, Message, list[Message]], Awaitable[None]], promises: set[Promise]
) -> None:
    card, replies = await settled(camp)
    camp.clock.advance(timedelta(seconds=1))
    await lie(camp, card, replies)
    assert {each.promise for each in await found(camp)} == promises


async def test_a_private_word_on_the_web_is_found(camp: Camp) -> None:
    await settled(camp)
    board = Channel(camp.space, "board")
    pages = [Output(name="/d/1", text=f"What about {SECRET}?"), Output(name="#board", text=SECRET, place=board)]
    assert [each.what for each in await found(camp, *pages, secrets={SECRET: board})] == [f"{SECRET} in /d/1"]


async def run(camp: Camp, statement: str) -> None:
    await camp.store.database.write(lambda c: c.exec_driver_sql(statement))
