"""Delivery against a small platform that fails: what it was told is shown in the end, and once."""

from datetime import UTC, datetime, time, timedelta

from typing_extensions import override

from bot.delivery import Delivery, Rendered
from bot.digesting import Digests
from bot.errors import PlatformError
from bot.markup import Text, plain
from bot.models import Card, Channel, Every, MessageRef, OwnPost, Platform, PostKind, Reach, Rule, Thread
from bot.renderings import Renderings
from bot.urls import Urls
from storage import SqlStore
from tests.makers import HELP, NOON, SPACE, SetClock, a_channel, a_discussion, a_message, a_space
from tests.rooms import SmallRoom, is_adapter


class Stumbling(SmallRoom):
    """Fails as many edits as it is told to."""

    stumbles = 0

    @override
    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise PlatformError("no answer")
        await super().edit(where, ref, card)


async def a_late_digest(store: SqlStore, clock: SetClock, at: time) -> tuple[SmallRoom, Delivery]:
    """A digest that was made in time, and a bot that died before it posted it."""
    await store.ledger.record([a_space(), a_channel(), *a_discussion()])
    known = await store.places.channel(HELP)
    assert known is not None
    rule = Rule(every=Every.DAILY, at=at, zone="Europe/Berlin")
    await store.calendar.add_schedule(
        community=known.community,
        name="Evening",
        destination=HELP,
        rule=rule,
        reach=Reach.SPACE,
        sources=(),
        say_quiet=False,
        at=NOON,
    )
    urls = Urls("http://127.0.0.1:8080")
    digests = Digests(store=store, urls=urls)
    clock.set(datetime(2026, 8, 3, at.hour - 2, at.minute, tzinfo=UTC))
    assert await digests.tick(clock.now()) == 1
    room = SmallRoom(store, clock, SPACE)
    adapters = {Platform.LOCAL: is_adapter(room)}
    render = Renderings(store=store, clock=clock, urls=urls, digests=digests)
    return room, Delivery(store=store, clock=clock, adapters=adapters, render=render, owner="test")


async def test_a_digest_that_was_made_and_not_posted_waits_for_the_morning_too(
    store: SqlStore, clock: SetClock
) -> None:
    room, delivery = await a_late_digest(store, clock, time(21, 55))
    for hours in (2, 3):  # at two and five in the morning, after a crash
        clock.advance(timedelta(hours=hours))
        await delivery.work()
        assert room.posts == {}
    clock.set(datetime(2026, 8, 4, 5, 59, 59, tzinfo=UTC))
    await delivery.work()
    assert room.posts == {}
    clock.advance(timedelta(seconds=1))
    await delivery.work()
    [card] = room.posts.values()
    assert plain(card.footer).splitlines()[1] == (
        "It was due 3 Aug 2026, 21:55 and is late; at night nothing is posted late, so it waited for the morning."
    )
    await store.people.opt_out(a_message().author.member, True, clock.now())
    clock.set(datetime(2026, 8, 4, 22, tzinfo=UTC))
    await delivery.work()  # what stands is mended at night, too
    [healed] = room.posts.values()
    assert healed.footer == card.footer
    assert await store.outbox.parked() == []


async def test_a_digest_that_was_made_and_not_posted_says_by_day_that_it_is_late(
    store: SqlStore, clock: SetClock
) -> None:
    room, delivery = await a_late_digest(store, clock, time(18))
    clock.advance(timedelta(hours=1))
    await delivery.work()
    [card] = room.posts.values()
    assert plain(card.footer).splitlines()[1] == "It was due 3 Aug 2026, 18:00 and is late."


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
