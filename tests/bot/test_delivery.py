"""Delivery to a platform that refuses, forgets and comes back: what was planned is shown once, or its end is kept."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from typing_extensions import override

from bot import failpoints
from bot.delivery import LEASE, LONGEST, Delivery, Rendered
from bot.errors import Forbidden, PlatformError, Unavailable
from bot.markup import Text
from bot.models import Card, Channel, MessageRef, OwnPost, Platform, PostKind, PostState, Space, Thread
from bot.ports import Pace, Rate
from storage import SqlStore
from tests.makers import HELP, SPACE, SetClock, a_channel, a_discussion, a_space
from tests.rooms import SmallRoom

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

POST = "card:1"


@dataclass
class Shown:
    """What every post shows now; None for nothing any more."""

    words: str | None = "Nine messages."
    rendered: int = field(default=0, init=False)

    async def __call__(self, post: OwnPost) -> Rendered | None:
        self.rendered += 1
        return None if self.words is None else Rendered(card=Card(title="Tents", body=(Text(self.words),)))


@dataclass
class Scene:
    """A store with one planned post, a room to put it into, and the delivery that does."""

    store: SqlStore
    clock: SetClock
    room: SmallRoom
    shown: Shown
    delivery: Delivery

    async def found(self) -> OwnPost:
        post = await self.store.outbox.of_subject(POST)
        assert post is not None
        return post

    async def marked(self, words: str | None) -> int:
        """Something changed what the post shows; deliver."""
        self.shown.words = words
        await self.store.outbox.touch([1])
        return await self.delivery.work()

    def words(self) -> list[str]:
        return [node.text for card in self.room.posts.values() for node in card.body if isinstance(node, Text)]


async def a_scene(store: SqlStore, clock: SetClock) -> Scene:
    """A card that is planned, and nothing posted yet."""
    await store.ledger.record([a_space(), a_channel(), *a_discussion(5)])
    assert await store.outbox.plan(PostKind.CARD, POST, HELP, clock.now()) is not None
    room, shown = SmallRoom(store, clock, SPACE), Shown()
    delivery = Delivery(store=store, clock=clock, adapters={Platform.LOCAL: room}, render=shown, owner="me")
    return Scene(store, clock, room, shown, delivery)


@pytest.fixture
async def scene(store: SqlStore, clock: SetClock) -> Scene:
    return await a_scene(store, clock)


async def test_what_changed_is_edited_and_what_reads_the_same_is_not_sent_again(scene: Scene) -> None:
    assert await scene.delivery.work() == 1
    assert scene.words() == ["Nine messages."]
    scene.room.mood = Unavailable("must not be asked")
    assert await scene.marked("Nine messages.") == 1
    assert (await scene.found()).attempts == 0
    scene.room.mood = None
    await scene.marked("Ten messages.")
    assert scene.words() == ["Ten messages."]
    assert await scene.delivery.work() == 0


@pytest.mark.parametrize(("mood", "tries"), [(PlatformError("not like this"), 5), (Unavailable("no answer"), 20)])
async def test_what_fails_is_tried_again_later_and_later_and_given_up(
    scene: Scene, mood: PlatformError, tries: int
) -> None:
    scene.room.mood = mood
    pauses = []
    while (await scene.found()).state is not PostState.PARKED:
        assert await scene.delivery.work() == 1
        assert await scene.delivery.work() == 0
        pauses.append(0)
        while pauses[-1] < 3600 and not await scene.store.outbox.claim("nobody", scene.clock.now(), 0):
            scene.clock.advance(timedelta(seconds=5))
            pauses[-1] += 5
    wanted = zip(pauses[:4], (5, 30, 120, 600), strict=True)
    assert all(0.8 * most <= pause <= most for pause, most in wanted)
    assert len(pauses) == tries
    assert scene.room.asked == tries
    [parked] = await scene.store.outbox.parked()
    assert (parked.subject, scene.words()) == (POST, [])


@pytest.mark.parametrize(("mood", "days"), [(PlatformError("not like this"), 1), (Unavailable("no answer"), 2)])
async def test_a_change_that_was_given_up_is_tried_once_a_day_and_told_once(
    scene: Scene, mood: PlatformError, days: int
) -> None:
    await scene.delivery.work()
    scene.room.mood = mood
    await scene.marked("(no longer available)")
    while (await scene.found()).state is not PostState.PARKED:
        scene.clock.advance(timedelta(minutes=30))
        await scene.delivery.work()
    assert [post.subject for post in await scene.store.setbacks.unheard()] == [POST]
    await scene.store.setbacks.told([(await scene.found()).id])
    asked = scene.room.asked
    for day in range(days):
        for hours in (23, 1):
            assert scene.room.asked == asked + day
            scene.clock.advance(timedelta(hours=hours))
            await scene.delivery.work()
    assert (scene.room.asked, await scene.store.setbacks.unheard()) == (asked + days, [])
    assert (await scene.found()).state is PostState.PARKED
    scene.room.mood = None
    scene.clock.advance(timedelta(days=1))
    await scene.delivery.work()
    assert scene.words() == ["(no longer available)"]
    assert (await scene.found()).state is PostState.LIVE


async def test_what_was_given_up_and_told_stays_so_when_there_is_no_answer_either(scene: Scene) -> None:
    """More tries pass before what has no answer is given up than before what is refused."""
    await scene.delivery.work()
    scene.room.mood = PlatformError("not like this")
    await scene.marked("(no longer available)")
    for _ in range(5):
        scene.clock.advance(timedelta(minutes=30))
        await scene.delivery.work()
    await scene.store.setbacks.told([(await scene.found()).id])
    scene.room.mood = Unavailable("no answer")
    for _ in range(20):
        scene.clock.advance(timedelta(days=1))
        await scene.delivery.work()
        assert (await scene.found()).state is PostState.PARKED
    assert not await scene.store.setbacks.unheard()


async def test_a_change_that_was_given_up_is_tried_at_once_when_it_changes_again(scene: Scene) -> None:
    await scene.delivery.work()
    scene.room.mood = Forbidden("may not edit here")
    await scene.marked("Ten messages.")
    for _ in range(4):
        scene.clock.advance(timedelta(hours=1))
        await scene.delivery.work()
    assert (await scene.found()).state is PostState.PARKED
    scene.room.mood = None
    await scene.marked("Eleven messages.")
    assert scene.words() == ["Eleven messages."]


async def test_a_busy_platform_that_comes_back_shows_it_once(scene: Scene) -> None:
    scene.room.mood = Unavailable("too many requests")
    await scene.delivery.work()
    scene.room.mood = None
    scene.clock.advance(timedelta(seconds=5))
    assert await scene.delivery.work() == 1
    assert scene.words() == ["Nine messages."]
    assert (await scene.found()).attempts == 0


async def test_a_missing_right_is_asked_for_again_after_an_hour_only(scene: Scene) -> None:
    scene.room.mood = Forbidden("may not send messages here")
    await scene.delivery.work()
    scene.room.mood = None
    scene.clock.advance(timedelta(minutes=59))
    assert await scene.delivery.work() == 0
    scene.clock.advance(timedelta(minutes=1))
    assert await scene.delivery.work() == 1
    assert scene.words() == ["Nine messages."]


async def test_a_post_that_somebody_deleted_is_not_posted_again(scene: Scene) -> None:
    await scene.delivery.work()
    scene.room.posts.clear()
    await scene.marked("Ten messages.")
    assert (await scene.found()).state is PostState.GONE
    await scene.marked("Eleven messages.")
    assert scene.words() == []


async def test_posts_for_a_platform_that_is_not_connected_wait_for_it(scene: Scene) -> None:
    absent = Delivery(store=scene.store, clock=scene.clock, adapters={}, render=scene.shown, owner="me")
    assert await absent.work() == 1
    assert scene.shown.rendered == 0
    assert await scene.delivery.work() == 0
    scene.clock.advance(timedelta(hours=1))
    assert await scene.delivery.work() == 1
    assert scene.words() == ["Nine messages."]


@pytest.mark.parametrize("shows", [True, False], ids=["something", "nothing any more"])
async def test_who_took_so_long_that_another_took_over_does_nothing(scene: Scene, *, shows: bool) -> None:
    async def slow(post: OwnPost) -> Rendered | None:
        scene.clock.advance(timedelta(minutes=2))
        assert await scene.delivery.work() == 1
        return await scene.shown(post) if shows else None

    late = Delivery(
        store=scene.store, clock=scene.clock, adapters={Platform.LOCAL: scene.room}, render=slow, owner="late"
    )
    assert await late.work() == 1
    assert scene.words() == ["Nine messages."]
    assert (await scene.found()).state is PostState.LIVE
    assert scene.room.asked == 1


async def test_who_stood_still_after_it_was_frozen_sends_nothing_and_looks_for_it_later(scene: Scene) -> None:
    def reached(point: str) -> None:
        if point == "delivery.frozen":
            failpoints.arm(None)
            scene.clock.advance(timedelta(seconds=LONGEST))

    failpoints.arm(reached)
    try:
        await scene.delivery.work()
    finally:
        failpoints.arm(None)
    assert scene.room.asked == 0
    assert (await scene.found()).state is PostState.SENDING
    scene.clock.advance(timedelta(seconds=LEASE))
    await scene.delivery.work()
    assert scene.words() == ["Nine messages."]


class Waiting(SmallRoom):
    """A platform that answers when it is let."""

    asked_for: asyncio.Event
    answers: asyncio.Event

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        self.asked_for.set()
        await self.answers.wait()
        return await super().post(where, card, marker)


async def test_what_is_under_way_is_sent_and_recorded_before_it_ends_and_nothing_else_begins(scene: Scene) -> None:
    room = Waiting(scene.store, scene.clock, SPACE)
    room.asked_for, room.answers = asyncio.Event(), asyncio.Event()
    delivery = Delivery(
        store=scene.store, clock=scene.clock, adapters={Platform.LOCAL: room}, render=scene.shown, owner="me"
    )
    running = asyncio.create_task(delivery.run())
    await room.asked_for.wait()
    ending = asyncio.create_task(delivery.finish(30))
    assert await scene.store.outbox.plan(PostKind.CARD, "card:2", HELP, scene.clock.now()) is not None
    delivery.wake()
    room.answers.set()
    await ending
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await scene.found()).state is PostState.LIVE
    assert len(room.posts) == 1


class Crowded(SmallRoom):
    """A platform with a pace, which tells who posts."""

    pace = Pace(place=Rate(5, 5.0))


async def test_of_two_that_run_side_by_side_one_sends_until_it_stops(scene: Scene) -> None:
    by: list[str] = []

    def delivery(owner: str) -> Delivery:
        async def shown(post: OwnPost) -> Rendered | None:
            by.append(owner)
            return await scene.shown(post)

        room = Crowded(scene.store, scene.clock, SPACE)
        adapters = {Platform.LOCAL: room}
        return Delivery(store=scene.store, clock=scene.clock, adapters=adapters, render=shown, owner=owner)

    async def sent(*some: Delivery) -> None:
        marks = len(by)
        await scene.store.outbox.touch([1])
        while len(by) == marks:
            for each in some:
                each.wake()
            await scene.store.ledger.wait(await scene.store.ledger.last_seq(), 0.05)

    first, second = delivery("first"), delivery("second")
    running = asyncio.create_task(first.run())
    await sent(first)
    beside = asyncio.create_task(second.run())
    for _ in range(3):
        await sent(second, first)
    assert set(by) == {"first"}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await sent(second)
    assert by[-1] == "second"
    beside.cancel()
    await asyncio.gather(beside, return_exceptions=True)


async def test_what_stands_in_anothers_part_of_a_platform_is_left_to_it(scene: Scene) -> None:
    scene.room.part = "0-0/2"
    scene.room.space = Space(Platform.LOCAL, "elsewhere")
    assert await scene.delivery.work() == 0
    scene.room.space = SPACE
    assert await scene.delivery.work() == 1
    assert scene.words() == ["Nine messages."]


class Slow(SmallRoom):
    """A platform that knows no markers, on which one call takes two minutes of another's life."""

    meanwhile: Delivery | None = None

    async def _pass(self) -> None:
        other, self.meanwhile = self.meanwhile, None
        if other is not None:
            self._clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]  # a test's clock
            assert await other.work() == 1

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        await self._pass()
        return await super().post(where, card, f"{marker} {len(self.posts)}")

    @override
    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        await self._pass()
        await super().edit(where, ref, card)


async def test_who_stood_still_while_another_posted_takes_its_own_post_away(scene: Scene) -> None:
    room = Slow(scene.store, scene.clock, SPACE)
    adapters = {Platform.LOCAL: room}
    late, other = (
        Delivery(store=scene.store, clock=scene.clock, adapters=adapters, render=scene.shown, owner=owner)
        for owner in ("late", "other")
    )
    room.meanwhile = other
    assert await late.work() >= 1
    assert len(room.posts) == 1
    assert {(await scene.found()).ref} == set(room.posts)


async def test_who_stood_still_while_another_edited_has_it_edited_again(scene: Scene) -> None:
    room, words = Slow(scene.store, scene.clock, SPACE), iter(["First.", "Old."])

    async def shown(post: OwnPost) -> Rendered | None:
        assert post.subject == POST
        return Rendered(card=Card(body=(Text(next(words, "New.")),)))

    adapters = {Platform.LOCAL: room}
    late, other = (
        Delivery(store=scene.store, clock=scene.clock, adapters=adapters, render=shown, owner=owner)
        for owner in ("late", "other")
    )
    assert await other.work() == 1
    await scene.store.outbox.touch([1])
    room.meanwhile = other
    await late.work()
    assert [card.body for card in room.posts.values()] == [(Text("New."),)]
