"""Delivery while the store fails, or a platform does not answer: what is under way goes on, and so does the rest."""

import asyncio

import pytest

from bot.delivery import SIDE_BY_SIDE, Delivery
from bot.models import Channel, Platform, PostKind, PostState, Space
from storage import SqlStore
from tests.bot.test_delivery import Scene, Waiting, a_scene
from tests.makers import SPACE, SetClock, a_channel, a_space

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def renamed(scene: Scene, table: str, other: str) -> None:
    await scene.store.database.write(lambda c: c.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {other}"))


async def test_a_post_that_is_under_way_is_not_broken_off_because_the_store_fails_meanwhile(
    store: SqlStore, clock: SetClock
) -> None:
    scene, room = await a_scene(store, clock), Waiting(store, clock, SPACE)
    room.asked_for, room.answers = asyncio.Event(), asyncio.Event()
    delivery = Delivery(store=store, clock=clock, adapters={Platform.LOCAL: room}, render=scene.shown, owner="me")
    running = asyncio.create_task(delivery.run())
    await room.asked_for.wait()
    await renamed(scene, "own_post", "own_post_away")
    delivery.wake()
    await store.ledger.wait(await store.ledger.last_seq(), 0.2)  # long enough to look for more, and fail
    await renamed(scene, "own_post_away", "own_post")
    room.answers.set()
    async with asyncio.timeout(60):
        while (await scene.found()).state is not PostState.LIVE:
            await store.ledger.wait(await store.ledger.last_seq(), 0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(room.posts) == 1


async def test_a_platform_that_does_not_answer_keeps_no_other_waiting(store: SqlStore, clock: SetClock) -> None:
    slow = Waiting(store, clock, Space(Platform.SLACK, "T1"))
    slow.asked_for, slow.answers = asyncio.Event(), asyncio.Event()
    channels = [Channel(slow.space, f"C{n}") for n in range(2 * SIDE_BY_SIDE)]
    await store.ledger.record([a_space(slow.space), *map(a_channel, channels)])
    for n, channel in enumerate(channels):
        await store.outbox.plan(PostKind.CARD, f"card:1{n:02}", channel, clock.now())
    scene = await a_scene(store, clock)
    adapters = {Platform.SLACK: slow, Platform.LOCAL: scene.room}
    delivery = Delivery(store=store, clock=clock, adapters=adapters, render=scene.shown, owner="me")
    working = asyncio.create_task(delivery.work())
    async with asyncio.timeout(60):
        while (await scene.found()).state is not PostState.LIVE:
            await store.ledger.wait(await store.ledger.last_seq(), 0.05)
    assert not slow.posts
    slow.answers.set()
    assert await working == len(channels) + 1
    assert len(slow.posts) == len(channels)
