"""Says when the process stood still: all in it wait for one loop, the heartbeats that platforms expect among them."""

import asyncio

import structlog

EVERY = 1.0  # seconds between two looks
LATE = 5.0  # seconds that a look may be late before we warn

log = structlog.get_logger(__name__)


async def watch(every: float = EVERY, late: float = LATE) -> None:
    """Warn whenever the event loop did nothing for a while, until cancelled; all times are in seconds."""
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        await asyncio.sleep(every)
        if (stood := clock() - began - every) > late:
            log.warning("the process stood still", seconds=round(stood, 1))
