"""B6: cards kept true by Delivery inside a platform's budget, against a clairvoyant with the same budget.

Virtual time: the loop's clock jumps whenever nothing but the clock is waited for. The store and Delivery are the real
ones; the platform stands in memory, takes a tenth of a second for a call, and refuses what is over its budget.

Staleness is how long a change waits until a call that shows it has begun its way back, on average over all changes. The
clairvoyant knows of every change at once and when each card's next one comes, and spends every call that the budget
leaves on the card where that saves readers the most waiting. At 100 events/s knowing the future is worth a lot: whoever
does not cannot do better there than the card with the most changes waiting, at 1.45 to 1.5 times the clairvoyant's.
"""

import asyncio
import random
import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import override

from bot.delivery import Delivery, Rendered
from bot.errors import Unavailable
from bot.markup import Text
from bot.models import Card, Channel, MessageRef, OwnPost, Platform, PostKind, Thread
from bot.ports import Pace, Rate
from storage import SqlStore, migrate, open_store
from tests.benchmarks.paired import Result
from tests.makers import HELP, SPACE, SetClock, a_channel, a_space
from tests.rooms import SmallRoom, is_adapter
from tests.virtual import LoopClock, VirtualLoop, count_work

CARDS = 200
CALL = 0.1  # seconds that the platform takes
PACE = Pace(place=Rate(5, 5.0, apart=0.5), whole=Rate(45, 1.0))  # Discord's
RATES = {1: 60.0, 10: 60.0, 100: 30.0, 1000: 20.0}  # events a second, and for how many seconds
BEAT = 0.02  # seconds between two rounds of the follower at most


class Strict(SmallRoom):
    """Takes time for a call, and refuses what is over its budget."""

    pace = PACE

    def __init__(self, store: SqlStore, clock: SetClock) -> None:
        super().__init__(store, clock, SPACE)
        self.refused = 0
        self.edits: list[tuple[float, MessageRef, str]] = []
        self._calls: dict[object, deque[float]] = {}

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        self._judge(where)
        return await super().post(where, card, marker)

    @override
    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        self._judge(where)
        await asyncio.sleep(CALL)
        await super().edit(where, ref, card)
        self.edits.append((asyncio.get_running_loop().time(), ref, card.title))

    def _judge(self, where: Channel | Thread) -> None:
        now = asyncio.get_running_loop().time()
        for key, rate in ((where, PACE.place), ("whole", PACE.whole)):
            calls = self._calls.setdefault(key, deque())
            while rate is not None and calls and calls[0] <= now - rate.seconds + 1e-9:
                calls.popleft()
            if rate is not None and len(calls) >= rate.calls:
                self.refused += 1
                raise Unavailable("too many requests", after=1.0)
            calls.append(now)


@dataclass
class Shown:
    """How many changes each card has seen, and when each came."""

    changes: list[list[float]] = field(default_factory=lambda: [[] for _ in range(CARDS)])

    async def __call__(self, post: OwnPost) -> Rendered:
        seen = len(self.changes[int(post.subject.partition(":")[2])])
        return Rendered(card=Card(title=str(seen), body=(Text("changes"),)))


def some_events(a_second: int, seconds: float) -> list[tuple[float, int]]:
    """Changes at random moments, each of a random card."""
    chance = random.Random(a_second)
    now, found = 0.0, []
    while (now := now + chance.expovariate(a_second)) < seconds:
        found.append((now, chance.randrange(CARDS)))
    return found


async def ours(store: SqlStore, events: Sequence[tuple[float, int]]) -> tuple[float, int, bool]:
    """Mean staleness, calls over budget, and whether every card shows its last state in the end."""
    loop, clock, shown = asyncio.get_running_loop(), LoopClock(), Shown()
    room = Strict(store, clock)
    await store.ledger.record([a_space(), a_channel()])
    for card in range(CARDS):
        await store.outbox.plan(PostKind.CARD, f"card:{card}", Thread(HELP, str(card + 1)), clock.now())
    delivery = Delivery(
        store=store, clock=clock, adapters={Platform.LOCAL: is_adapter(room)}, render=shown, owner="bench"
    )
    await delivery.work()
    await asyncio.sleep(10)
    start = loop.time()
    running = asyncio.create_task(delivery.run())
    marked: set[int] = set()
    for at, card in events:
        if start + at > loop.time() + BEAT or not marked:
            if marked:
                await store.outbox.touch(sorted(marked))
                delivery.wake()
                marked.clear()
            await asyncio.sleep(max(0.0, start + at - loop.time()))
        shown.changes[card].append(start + at)
        marked.add(card)
    await store.outbox.touch(sorted(marked))
    delivery.wake()
    await asyncio.sleep(60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    cards = {ref: int(thread.id) - 1 for ref, thread in room.places.items() if isinstance(thread, Thread)}
    waits, told = 0.0, [0] * CARDS
    for at, ref, title in room.edits:
        card = cards[ref]
        waits += sum(at - change for change in shown.changes[card][told[card] : int(title)])
        told[card] = int(title)
    last = all(told[card] == len(changes) for card, changes in enumerate(shown.changes))
    return waits / len(events), room.refused, last


def clairvoyant(events: Sequence[tuple[float, int]]) -> float:
    """Mean staleness of the better of two schedules that know everything at once, the future too; same budget."""
    return min(_schedule(events, looks_ahead=0.0), _schedule(events, looks_ahead=1.0))


def _schedule(events: Sequence[tuple[float, int]], *, looks_ahead: float) -> float:
    """Spend a call whenever there is one, on the card whose readers it saves most; how long changes wait on average."""
    place, whole = PACE.place, PACE.whole
    assert place is not None
    assert whole is not None
    coming = deque(events)
    following: list[deque[float]] = [deque() for _ in range(CARDS)]
    for at, card in events:
        following[card].append(at)
    waiting: dict[int, list[float]] = {}
    calls: list[deque[float]] = [deque(maxlen=place.calls) for _ in range(CARDS)]
    lately: deque[float] = deque(maxlen=whole.calls)
    now, waits = 0.0, 0.0
    while coming or waiting:
        while coming and coming[0][0] <= now:
            at, card = coming.popleft()
            waiting.setdefault(card, []).append(at)
            following[card].popleft()
        opens = lately[0] + whole.seconds if len(lately) == whole.calls else now
        free = {card: max(now, opens, _free(calls[card], place)) for card in waiting}
        ready = [card for card, at in free.items() if at <= now]
        if not ready:
            now = min([*free.values(), *([coming[0][0]] if coming else [])])
            continue
        best = max(ready, key=lambda card: _worth(waiting[card], following[card], now, looks_ahead))
        waits += sum(now + CALL - at for at in waiting.pop(best))
        calls[best].append(now)
        lately.append(now)
    return waits / len(events)


def _free(calls: deque[float], rate: Rate) -> float:
    return calls[0] + rate.seconds if len(calls) == rate.calls else 0.0


def _worth(waiting: Sequence[float], following: deque[float], now: float, looks_ahead: float) -> float:
    """What waited so far, and what would wait until the card's next change, when it is better shown with that."""
    calm = following[0] - now if following else 60.0
    return sum(now - at for at in waiting) + looks_ahead * len(waiting) * calm


def run(folder: Path) -> list[Result]:
    """Every rate once: chance is seeded, and time virtual."""
    template = folder / "edits-empty.db"
    migrate(f"sqlite:///{template}")
    results = []
    for a_second, seconds in RATES.items():
        database = folder / f"edits-{a_second}.db"
        shutil.copy(template, database)
        events = some_events(a_second, seconds)
        mean, refused, last = in_virtual_time(f"sqlite:///{database}", events)
        best = clairvoyant(events)
        note = f"{refused} over budget; {mean:.2f} s of {best:.2f} s; last state {'shown' if last else 'NOT SHOWN'}"
        assert last
        assert refused == 0
        results.append(Result(f"B6 edits, {a_second:,} events/s", mean / best, 1.2, 1.5, speed=False, note=note))
    return results


def in_virtual_time(url: str, events: Sequence[tuple[float, int]]) -> tuple[float, int, bool]:
    """Run ours on a loop of its own."""
    loop = VirtualLoop()

    async def work() -> tuple[float, int, bool]:
        store = open_store(url)
        count_work(store, loop.virtual)
        try:
            return await ours(store, events)
        finally:
            await store.close()

    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()
