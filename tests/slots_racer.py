"""One of several processes that race for the slots of all schedules: `python -m tests.slots_racer URL MOMENT`.

It says "ready", begins when a line comes in, and prints how many slots it got.
"""

import asyncio
import sys
from datetime import datetime

from bot.digesting import Digests
from bot.urls import Urls
from storage.database import Database
from storage.store import SqlStore


async def race(url: str, now: datetime) -> int:
    store = SqlStore(Database.open(url, readers=1))
    try:
        digests = Digests(store=store, urls=Urls("http://127.0.0.1:8080"))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        return await digests.tick(now)
    finally:
        await store.close()


if __name__ == "__main__":
    print(asyncio.run(race(sys.argv[1], datetime.fromisoformat(sys.argv[2]))), flush=True)
