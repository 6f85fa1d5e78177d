"""Delivery while the store fails: what the platform is being asked for goes on, and is recorded when it can be."""

import asyncio

import pytest

from bot.delivery import Delivery
from bot.models import Platform, PostState
from storage import SqlStore
from tests.bot.test_delivery import Scene, Waiting, a_scene
from tests.makers import SPACE, SetClock

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
    async with asyncio.timeout(10):
        while (await scene.found()).state is not PostState.LIVE:
            await store.ledger.wait(await store.ledger.last_seq(), 0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(room.posts) == 1
