"""A digest whose time comes while what it collects from is being read after a break."""

from dataclasses import replace
from datetime import timedelta

from bot.models import Platform
from storage import SqlStore
from tests.digesting import DUE, a_room, a_schedule
from tests.makers import HELP, SPACE, SetClock, a_discussion, a_message, a_moment, a_space, seen
from tests.test_digest_clocks import MINUTE, Stage, a_stage


async def broken_off(store: SqlStore, clock: SetClock) -> Stage:
    """A minute after the slot the stream of a platform begins anew."""
    elsewhere = replace(a_space(SPACE, "Camp", hosted=False), at=a_moment(1))
    await a_room(store, elsewhere, a_discussion())
    await store.places.watch(HELP, True)
    [fresh] = await store.gaps.open(Platform.LOCAL)
    assert await store.gaps.close(fresh)
    await a_schedule(store)
    clock.set(DUE + MINUTE)
    await store.gaps.begin(SPACE, clock.now())
    return await a_stage(store, clock)


async def test_a_digest_waits_for_what_is_read_after_a_break(store: SqlStore, clock: SetClock) -> None:
    """Its window ends, and no other digest would tell of what is found then."""
    stage = await broken_off(store, clock)
    await stage.look()
    assert not stage.room.posts
    await store.ledger.record(
        [seen(a_message(30, "Found later?")), seen(a_message(31, "Late.", thread=30, author="Bo"))]
    )
    [gap] = await store.gaps.open(Platform.LOCAL)
    assert await store.gaps.close(gap)
    clock.advance(timedelta(seconds=15))
    await stage.look()
    [card] = stage.room.posts.values()
    assert "2 discussions" in card.title


async def test_a_digest_does_not_wait_for_ever_for_what_cannot_be_read(store: SqlStore, clock: SetClock) -> None:
    stage = await broken_off(store, clock)
    clock.advance(timedelta(minutes=5))
    await stage.look()
    assert len(stage.room.posts) == 1


async def test_a_digest_does_not_wait_for_ever_though_breaks_follow_one_another(
    store: SqlStore, clock: SetClock
) -> None:
    stage = await broken_off(store, clock)
    for minutes in range(7):
        assert bool(stage.room.posts) == (minutes > 5)
        await stage.look()
        [gap] = await store.gaps.open(Platform.LOCAL)
        assert await store.gaps.close(gap)
        clock.advance(MINUTE)
        await store.gaps.begin(SPACE, clock.now())
