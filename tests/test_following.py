"""Who follows what changes: at once, and again when something went wrong."""

import asyncio

import pytest

from bot import app as the_app
from bot.app import App
from bot.cli.run import Parts
from storage import SqlStore
from tests.makers import SetClock, a_discussion
from tests.running import Moody, gone_and_back, running, shown
from tests.virtual import LoopClock, in_virtual_time


def moody(parts: Parts, store: SqlStore, clock: SetClock) -> tuple[App, Moody]:
    """The app, with a summarizer that fails at first."""
    summarizer = Moody()
    app = App(
        store=store,
        clock=clock,
        context=parts.app._context,
        delivery=parts.app._delivery,
        summarizer=summarizer,
        catch_up=parts.catch_up,
    )
    return app, summarizer


async def test_who_follows_goes_on_after_something_went_wrong(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    app, summarizer = moody(parts, store, clock)
    opening, *replies = a_discussion(8)
    await app.on_event(opening)
    following = asyncio.create_task(app.follow())
    try:
        for event in replies:
            await app.on_event(event)
        async with asyncio.timeout(20):
            while not await shown(store):
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert summarizer.failed


@in_virtual_time
async def test_after_a_look_that_failed_what_comes_is_looked_at_soon(store: SqlStore) -> None:
    clock = LoopClock()
    app, summarizer = moody(await running(store, clock), store, clock)
    *most, last = a_discussion(8)
    await app.on_events(most)
    following = asyncio.create_task(app.follow())
    await asyncio.sleep(the_app.AGAIN / 2)
    await app.on_event(last)
    for _ in range(50):  # time jumps over what other threads do, unless it is the store's
        await asyncio.sleep(the_app.AGAIN / 10)
        if await shown(store):
            break
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert summarizer.failed
    assert await shown(store)


async def test_who_follows_goes_on_when_the_store_was_away(
    store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_app, "AGAIN", 0.01)
    parts = await running(store, clock)
    following = asyncio.create_task(parts.app.follow())
    try:
        await gone_and_back(store)
        for event in a_discussion(8):
            await parts.app.on_event(event)
        async with asyncio.timeout(60):
            while not await shown(store):
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize(("took", "rests"), [(0.01, 0.022), (0.1, 0.4), (0.5, 6.0), (60.0, 10.0)])
def test_the_longer_a_look_took_the_longer_is_the_rest_in_proportion(took: float, rests: float) -> None:
    assert the_app._rest(took, worked=took) == pytest.approx(rests)
    assert the_app._rest(took, worked=2 * took) == pytest.approx(rests)  # several threads may work at once


@pytest.mark.parametrize(("took", "worked", "rests"), [(0.9, 0.05, 2.7), (0.5, 0.0, 1.0)])
def test_a_look_that_others_kept_waiting_is_followed_by_no_long_rest(took: float, worked: float, rests: float) -> None:
    """People would wait ten seconds for a card wherever another program keeps the machine busy."""
    assert the_app._rest(took, worked) == pytest.approx(rests)
