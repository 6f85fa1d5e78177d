"""Tasks that run side by side and end together."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

ONCE_MORE = 10.0  # seconds before a task that was cancelled and goes on is cancelled again

log = structlog.get_logger(__name__)


async def until_one_ends(*works: Coroutine[Any, Any, Any]) -> None:
    """Run works side by side until one of them ends, or this is cancelled; the error of what ended is raised.

    The others are cancelled and waited for: as often as it takes, since a library may lose a cancellation.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        while left := [task for task in tasks if not task.done()]:
            for task in left:
                task.cancel()
            _, slow = await asyncio.wait(left, timeout=ONCE_MORE)
            if slow:
                log.warning("still not ended", tasks=len(slow))
