"""Stopping: whatever runs is told to end until it does."""

import asyncio

import pytest

from bot import together
from bot.together import until_one_ends


async def test_what_loses_a_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "ONCE_MORE", 0.05)
    stop, told = asyncio.Event(), 0

    async def deaf_once() -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1

    stopping = asyncio.create_task(until_one_ends(stop.wait(), deaf_once()))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(60):
        await stopping
    assert told == 2
