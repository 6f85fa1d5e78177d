"""Delivery against a small platform that fails: what it was told is shown in the end, and once."""

from datetime import timedelta

from typing_extensions import override

from bot.delivery import Delivery, Rendered
from bot.errors import PlatformError
from bot.markup import Text, plain
from bot.models import Card, MessageRef, OwnPost, Platform, PostKind
from storage import SqlStore
from tests.makers import HELP, SPACE, SetClock, a_channel, a_space
from tests.rooms import SmallRoom, is_adapter


class Stumbling(SmallRoom):
    """Fails as many edits as it is told to."""

    stumbles = 0

    @override
    async def edit(self, ref: MessageRef, card: Card) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise PlatformError("no answer")
        await super().edit(ref, card)


async def test_an_edit_that_failed_is_tried_again(store: SqlStore, clock: SetClock) -> None:
    await store.ledger.record([a_space(), a_channel()])
    room = Stumbling(store, clock, SPACE)
    says = "Cem said it."

    async def render(post: OwnPost) -> Rendered:
        return Rendered(card=Card(body=(Text(says),)))

    delivery = Delivery(
        store=store, clock=clock, adapters={Platform.LOCAL: is_adapter(room)}, render=render, owner="test"
    )
    post = await store.outbox.plan(PostKind.CARD, "card:1", HELP, clock.now())
    assert post is not None
    await delivery.work()
    says = "(no longer available)"
    await store.outbox.touch([1])
    room.stumbles = 6  # one more than the tries until it is given up
    for _ in range(6):
        await delivery.work()
        clock.advance(timedelta(hours=1))
    assert [plain(card.body) for card in room.posts.values()] == ["Cem said it."]
    assert [each.id for each in await store.outbox.parked()] == [post]
    room.stumbles = 0
    await store.outbox.touch([1])
    await delivery.work()
    assert [plain(card.body) for card in room.posts.values()] == ["(no longer available)"]
