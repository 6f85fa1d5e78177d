"""Deliveries that are stored together: one that spoils it harms nobody else, and nobody waits for ever."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from adapters.slack.gathering import Gathering
from bot.errors import StoreBusy
from bot.models import Event, MessageSeen, Space
from tests.makers import SPACE, a_message

GOOD, BAD = MessageSeen(message=a_message()), MessageSeen(message=a_message(1, "Bad."))


class Picky:
    """An inbox that cannot take some events, and waits to be let go on."""

    def __init__(self) -> None:
        self.kept: list[Event] = []
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def on_events(self, events: Sequence[Event]) -> None:
        self.asked.set()
        await self.go_on.wait()
        if BAD in events:
            raise ValueError("bad")
        self.kept.extend(events)

    async def on_event(self, event: Event) -> None:
        await self.on_events([event])

    async def on_stream(self, space: Space = SPACE) -> None: ...

    async def on_command(self, command: object) -> Any: ...  # noqa: ANN401 - never called


async def test_one_that_cannot_be_stored_is_told_so_alone() -> None:
    inbox, works = Picky(), asyncio.TaskGroup()
    async with works:
        gathering = Gathering(inbox, lambda work: _spawned(works, work))
        given = [works.create_task(_given(gathering, event)) for event in (GOOD, BAD, GOOD)]
        inbox.go_on.set()
    assert [each.result() for each in given] == ["", "ValueError", ""]
    assert inbox.kept == [GOOD, GOOD]


async def test_whoever_waits_at_the_end_is_told_to_come_again() -> None:
    tasks: list[asyncio.Task[None]] = []
    inbox = Picky()
    gathering = Gathering(inbox, lambda work: tasks.append(asyncio.create_task(work)))
    given = asyncio.create_task(gathering.give([GOOD]))
    await inbox.asked.wait()
    tasks[0].cancel()
    with pytest.raises(StoreBusy):
        await given


def _spawned(works: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
    works.create_task(work)


async def _given(gathering: Gathering, event: Event) -> str:
    try:
        await gathering.give([event])
    except ValueError as error:
        return type(error).__name__
    return ""
