"""Digests and crashes on a virtual clock: whatever dies when, each slot has one digest, and one only."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from bot.delivery import Delivery
from bot.errors import Unavailable
from bot.models import Card, Channel, Every, MessageRef, Platform, Reach, Rule, Schedule, Thread
from bot.renderings import Renderings
from bot.urls import Urls
from storage import SqlStore
from tests.crashing import dying_at
from tests.digesting import a_room, the_digests
from tests.makers import HELP, NOON, SPACE, SetClock
from tests.rooms import SmallRoom

PLACES = ("digest.claimed", "digest.frozen", "delivery.claimed", "delivery.rendered", "delivery.frozen",
          "delivery.posted", "delivery.edited", "delivery.recorded")  # fmt: skip
SHORT, LONG = timedelta(seconds=5), timedelta(minutes=20)
MEMORY = timedelta(minutes=3)  # how long the platform knows a marker again
LAG = timedelta(seconds=8)  # until a history shows a post
PATIENCE = timedelta(hours=6)  # within which a digest has to be there


class Forgetful(SmallRoom):
    """A platform that forgets markers after a while, shows its history late, and loses some of its answers."""

    chance = random.Random(0)
    lost = 0.0

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        known = self.markers.get(marker)
        if known is not None and self._clock.now() - _sent(known) > MEMORY:
            del self.markers[marker]
        ref = await super().post(where, card, marker)
        if self.chance.random() < self.lost:
            raise Unavailable("the answer was lost")
        return ref

    @override
    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        shown = (ref for ref in self.posts if self.sent_as[ref] == marker and self._clock.now() - _sent(ref) >= LAG)
        return next(shown, None)

    @property
    def sent_as(self) -> dict[MessageRef, str]:
        """The marker of every post, forgotten or not: it stands in the post itself."""
        self._all = getattr(self, "_all", {}) | {ref: marker for marker, ref in self.markers.items()}
        return self._all


def _sent(ref: MessageRef) -> datetime:
    return datetime.fromtimestamp(ref.position / 1_000_000, UTC)


class Life:
    """One process after the other over one store, on one clock."""

    def __init__(self, store: SqlStore, clock: SetClock, room: Forgetful) -> None:
        self.store, self.clock, self.room = store, clock, room
        self._born = 0

    async def live(self, die_at: str = "") -> bool:
        """Do all that is due, in a process of its own; False if it died of it."""
        self._born += 1
        digests = the_digests(self.store)
        render = Renderings(store=self.store, clock=self.clock, urls=Urls("http://127.0.0.1:8080"), digests=digests)
        adapters = {Platform.LOCAL: self.room}
        owner = f"process {self._born}"
        delivery = Delivery(store=self.store, clock=self.clock, adapters=adapters, render=render, owner=owner)
        with dying_at(die_at) as death:
            await digests.tick(self.clock.now())
            await delivery.work()
        return not death.came

    async def until_sent(self, schedule: Schedule) -> int:
        """Live on until nothing is due any more; how many posts of this schedule's digests are to be seen."""
        since = self.clock.now()
        while self.clock.now() - since < PATIENCE:
            await self.live()
            found = await self.store.outbox.of_subject(f"digest:{await self._run(schedule)}")
            if found is not None and found.ref is not None:
                break
            self.clock.advance(timedelta(seconds=30))
        return len(self.room.posts)

    async def _run(self, schedule: Schedule) -> int:
        row = await self.store.database.read(
            lambda c: c.exec_driver_sql(f"SELECT max(id) FROM run WHERE schedule_id = {schedule.id}").fetchone()
        )
        return row[0] if row and row[0] else 0


async def crashes(store: SqlStore, clock: SetClock, runs: int, seed: int) -> dict[str, int]:
    """So many slots, each with some crashes: how many have no digest, and how many more than one."""
    await a_room(store)
    chance = random.Random(seed)
    room = Forgetful(store, clock, SPACE)
    room.chance, room.lost = chance, 0.2
    life = Life(store, clock, room)
    found = {"lost": 0, "twice": 0, "crashes": 0}
    for _ in range(runs):
        clock.set((clock.now() + timedelta(days=1)).replace(hour=NOON.hour, minute=0, second=0, microsecond=0))
        known = await store.places.channel(HELP)
        assert known is not None
        rule = Rule(every=Every.DAILY, at=NOON.time(), zone="UTC")
        schedule = await store.calendar.add_schedule(
            community=known.community, name="Noon", destination=HELP, rule=rule, reach=Reach.SPACE,
            sources=(), say_quiet=True, at=clock.now() - timedelta(hours=20),
        )  # fmt: skip
        for _ in range(chance.randint(1, 3)):
            found["crashes"] += not await life.live(chance.choice(PLACES))
            clock.advance(chance.choice((SHORT, LONG)))
        posts = await life.until_sent(schedule)
        found["lost"] += posts == 0
        found["twice"] += posts > 1
        await store.calendar.remove_schedule(schedule.id)
        room.posts.clear()
        room.markers.clear()
    return found


async def test_no_slot_has_two_digests_or_none_whatever_crashes(store: SqlStore, clock: SetClock) -> None:
    found = await crashes(store, clock, 15, 1)
    assert found["crashes"] > 3
    assert (found["lost"], found["twice"]) == (0, 0)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
async def test_no_slot_of_ten_thousand_has_two_digests_or_none(store: SqlStore, clock: SetClock, seed: int) -> None:
    found = await crashes(store, clock, 2500, seed)
    print(found)
    assert (found["lost"], found["twice"]) == (0, 0)
