"""A post whose answer was lost is found again, and known from then on, whatever becomes of its next change."""

from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from bot.delivery import Delivery
from bot.errors import PlatformError, Unavailable
from bot.markup import Text
from bot.models import Card, Channel, MessageRef, Platform, Thread
from storage import SqlStore
from tests.bot.test_delivery import Scene, Shown, a_scene
from tests.makers import SPACE, SetClock
from tests.rooms import SmallRoom

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def scene(store: SqlStore, clock: SetClock) -> Scene:
    return await a_scene(store, clock)


class Deaf(SmallRoom):
    """A platform whose answers to posts are lost; it refuses all else, and finds nothing, as long as it is told to."""

    refuses, finds = True, True

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        ref = await super().post(where, card, marker)
        if self.finds:
            raise Unavailable("no answer")
        return ref

    @override
    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        return await super().find_own(where, marker, since) if self.finds else None

    @override
    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        if self.refuses:
            raise PlatformError("not now")
        await super().edit(where, ref, card)

    @override
    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        if self.refuses:
            raise PlatformError("not now")
        await super().delete(where, ref)


@pytest.mark.parametrize(
    ("words", "finds"),
    [("(no longer available)", True), (None, True), ("(no longer available)", False)],
    ids=["edited", "taken down", "given back by the marker"],
)
async def test_a_post_that_was_found_again_is_known_even_if_it_cannot_be_changed(
    scene: Scene, words: str | None, finds: bool
) -> None:
    room = Deaf(scene.store, scene.clock, SPACE)
    delivery = Delivery(
        store=scene.store, clock=scene.clock, adapters={Platform.LOCAL: room}, render=scene.shown, owner="me"
    )
    await delivery.work()
    scene.shown.words, room.finds = words, finds
    scene.clock.advance(timedelta(seconds=5))
    await delivery.work()
    assert {(await scene.found()).ref} == set(room.posts)
    room.refuses, room.markers = False, {}  # it knows a marker a few minutes only
    scene.clock.advance(timedelta(minutes=5))
    await delivery.work()
    assert [card.body for card in room.posts.values()] == ([] if words is None else [(Text(words),)])


class Searching(Deaf):
    """On which something happens while a post is looked for, that did not come through."""

    meanwhile: Shown

    @override
    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        self.meanwhile.words = "(no longer available)"
        return await super().find_own(where, marker, since)


async def test_what_goes_while_a_post_is_looked_for_is_not_posted(scene: Scene) -> None:
    room = Searching(scene.store, scene.clock, SPACE)
    room.meanwhile, room.refuses = scene.shown, False
    delivery = Delivery(
        store=scene.store, clock=scene.clock, adapters={Platform.LOCAL: room}, render=scene.shown, owner="me"
    )
    await delivery.work()
    room.posts, room.markers, room.finds = {}, {}, False
    scene.clock.advance(timedelta(seconds=5))
    await delivery.work()
    assert [card.body for card in room.posts.values()] == [(Text("(no longer available)"),)]
