"""The reactions of our copies are read until that is done, and no more often than a platform bears."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from typing_extensions import override

from bot.copies import Copies
from bot.errors import Forbidden, MessageGone, PlatformError, Unavailable
from bot.models import Card, Channel, Event, MessageRef, Platform, PostKind, Thread, VoteSource, VotesRead
from storage import SqlStore
from tests.makers import HELP, SetClock, a_channel, a_message, a_space, an_author, an_id, seen
from tests.rooms import SmallRoom

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

COPY = MessageRef(HELP, an_id(5))


class Starry(SmallRoom):
    """A room that keeps reactions, and has moods when asked for them."""

    def __init__(self, store: SqlStore, clock: SetClock) -> None:
        super().__init__(store, clock, HELP.space)
        self.moods: list[PlatformError] = []
        self.there: list[Event] = [seen(a_message(5)), votes("Bo"), seen(a_message(6))]
        self.looks = 0

    @override
    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        self.looks += 1
        if self.moods:
            raise self.moods.pop(0)
        for event in self.there:
            yield event


@dataclass
class Sky:
    """A copy that stands in a room, and who reads its reactions."""

    room: Starry
    copies: Copies
    clock: SetClock
    told: list[Event]
    heard: asyncio.Event
    errors: list[Exception] = field(default_factory=list)  # what telling fails with


@pytest.fixture
async def sky(store: SqlStore, clock: SetClock) -> Sky:
    room = Starry(store, clock)
    told: list[Event] = []
    heard = asyncio.Event()
    errors: list[Exception] = []

    async def tell(events: Sequence[Event]) -> None:
        if errors:
            raise errors.pop()
        told.extend(events)
        heard.set()

    copies = Copies(store=store, clock=clock, adapters={Platform.LOCAL: room}, tell=tell)
    await store.ledger.record([a_space(), a_channel()])
    post = await store.outbox.plan(PostKind.HIGHLIGHT, f"highlight:1:{an_id()}", HELP, clock.now())
    assert post is not None
    await store.outbox.claim("me", clock.now(), 60)
    assert await store.outbox.freeze(post, "me", Card(title="Tents"), [])
    await store.outbox.sent(post, "me", COPY, None)
    return Sky(room, copies, clock, told, heard, errors)


def votes(*names: str) -> VotesRead:
    voters = tuple(an_author(name) for name in names)
    return VotesRead(ref=COPY, source=VoteSource.REACTION, voters=voters, at=a_message(7).sent_at)


async def test_reactions_are_read_once(sky: Sky) -> None:
    assert [await sky.copies.work(), await sky.copies.work()] == [1, 0]
    assert sky.told == [votes("Bo")]


async def test_a_copy_that_is_gone_has_none(sky: Sky) -> None:
    sky.room.moods = [MessageGone()]
    assert [await sky.copies.work(), await sky.copies.work()] == [1, 0]
    assert sky.told == []


async def test_a_place_that_has_something_else_there_by_now_tells_nothing(sky: Sky) -> None:
    sky.room.there = [seen(a_message(6)), votes("Bo")]
    assert await sky.copies.work() == 1
    assert sky.told == []


async def test_what_fails_rests_longer_each_time(sky: Sky) -> None:
    sky.room.moods = [Unavailable("down") for _ in range(5)]
    for seconds in (30, 120, 600, 3600, 3600):
        assert await sky.copies.work() == 0
        looks = sky.room.looks
        sky.clock.advance(timedelta(seconds=seconds - 1))
        assert await sky.copies.work() == 0
        assert sky.room.looks == looks
        sky.clock.advance(timedelta(seconds=1))
    assert await sky.copies.work() == 1
    assert (sky.told, sky.room.looks) == ([votes("Bo")], 6)


async def test_what_may_have_been_in_the_way_is_tried_at_once(sky: Sky) -> None:
    sky.room.moods = [Forbidden("no")]
    assert [await sky.copies.work(), await sky.copies.work()] == [0, 0]
    sky.copies.wake(changed=True)
    assert await sky.copies.work() == 1
    assert sky.told == [votes("Bo")]


async def test_who_reads_goes_on_after_the_store_failed(sky: Sky) -> None:
    sky.errors.append(OSError("disk full"))
    running = asyncio.create_task(sky.copies.run())
    try:
        async with asyncio.timeout(20):
            while sky.errors:
                await asyncio.to_thread(lambda: None)
            sky.copies.wake()
            await sky.heard.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert sky.told == [votes("Bo")]
