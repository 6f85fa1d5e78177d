"""Posts of ours that have nothing to show any more."""

from collections.abc import Awaitable, Callable

import pytest
from typing_extensions import override

from bot.delivery import Delivery
from bot.models import Channel, MessageRef, Platform, PostKind, PostState, Thread
from storage import SqlStore
from tests.bot.test_delivery import POST, Scene, a_scene
from tests.makers import HELP, SPACE, SetClock
from tests.rooms import SmallRoom

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def scene(store: SqlStore, clock: SetClock) -> Scene:
    return await a_scene(store, clock)


async def test_a_post_that_shows_nothing_any_more_is_taken_down(scene: Scene) -> None:
    await scene.delivery.work()
    await scene.marked(None)
    assert scene.words() == []
    assert (await scene.found()).state is PostState.GONE


class Moved(SmallRoom):
    """A platform on which something happens while a post is taken away."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    @override
    async def delete(self, where: Channel | Thread, ref: MessageRef) -> None:
        await super().delete(where, ref)
        if self.meanwhile is not None:
            await self.meanwhile()


async def test_what_has_something_to_show_again_while_it_is_taken_down_comes_back(scene: Scene) -> None:
    async def unhidden() -> None:
        scene.shown.words = "Ten messages."
        assert await scene.store.outbox.plan(PostKind.CARD, POST, HELP, scene.clock.now()) is None  # it is there
        await scene.store.outbox.touch([1])

    room = scene.room = Moved(scene.store, scene.clock, SPACE)
    room.meanwhile = unhidden
    adapters = {Platform.LOCAL: room}
    scene.delivery = Delivery(store=scene.store, clock=scene.clock, adapters=adapters, render=scene.shown, owner="me")
    await scene.delivery.work()
    await scene.marked(None)
    assert scene.words() == ["Ten messages."]
    room.meanwhile = None
    await scene.marked(None)
    assert scene.words() == []


async def test_a_post_that_has_nothing_to_show_before_it_was_sent_never_is(scene: Scene) -> None:
    scene.shown.words = None
    assert await scene.delivery.work() == 1
    assert (await scene.found()).state is PostState.GONE
    assert scene.room.markers == {}
