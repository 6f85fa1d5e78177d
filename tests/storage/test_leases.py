"""Leases: one owner at a time, until it gives back or its time is over."""

import asyncio
from datetime import timedelta

from storage import SqlStore
from tests.makers import NOON

SECONDS = timedelta(seconds=1)


async def test_work_is_one_owners_until_its_time_is_over(store: SqlStore) -> None:
    assert await store.leases.take("read", "me", NOON, 30)
    assert not await store.leases.take("read", "you", NOON + 29 * SECONDS, 30)
    assert await store.leases.take("send", "you", NOON, 30)
    assert await store.leases.take("read", "you", NOON + 30 * SECONDS, 30)
    assert not await store.leases.take("read", "me", NOON + 31 * SECONDS, 30)


async def test_who_has_it_keeps_it_longer_and_gives_back_only_its_own(store: SqlStore) -> None:
    assert await store.leases.take("read", "me", NOON, 30)
    assert await store.leases.take("read", "me", NOON + 20 * SECONDS, 30)
    assert not await store.leases.take("read", "you", NOON + 40 * SECONDS, 30)
    await store.leases.give_back("read", "you")
    assert not await store.leases.take("read", "you", NOON + 40 * SECONDS, 30)
    await store.leases.give_back("read", "me")
    assert await store.leases.take("read", "you", NOON + 40 * SECONDS, 30)


async def test_of_many_who_want_it_one_gets_it(store: SqlStore) -> None:
    got = await asyncio.gather(*(store.leases.take("read", f"owner {n}", NOON, 30) for n in range(20)))
    assert sum(got) == 1
