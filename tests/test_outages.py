"""Platforms that are down, posts that are refused for ever, and channels with more to change than there are calls."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from adapters.discord.api import pace as discords
from adapters.slack.api import PACE as SLACKS
from bot.cli.run import assemble
from bot.delivery import Delivery, Render, Rendered
from bot.errors import PlatformError, Unavailable
from bot.markup import Text, plain
from bot.models import Card, Channel, MessageRef, OwnPost, Platform, PostKind, PostState, Space, Thread
from bot.ports import Pace, Rate
from bot.settings import Settings
from storage import SqlStore, posts
from tests.digesting import DUE, a_room, a_schedule, words
from tests.makers import HELP, NOON, SPACE, SetClock, a_channel, a_discussion, a_message, a_space, a_vote, an_id, seen
from tests.rooms import SmallRoom, is_adapter
from tests.test_digest_clocks import ON_SQLITE, Stage, a_stage
from tests.virtual import LoopClock, in_virtual_time
from tests.wire.keeping import sized

pytestmark = ON_SQLITE
BUSY, CALM = Channel(SPACE, "busy"), Channel(SPACE, "calm")
AFAR = Channel(Space(Platform.LOCAL, "afar"), "den")
MINUTE = timedelta(minutes=1)


def channel_in(where: Channel | Thread) -> Channel:
    return where.channel if isinstance(where, Thread) else where


class Watched(SmallRoom):
    """A platform with a pace, that keeps when it was asked, and refuses what it is told to refuse."""

    def __init__(self, store: SqlStore, pace: Pace) -> None:
        super().__init__(store, LoopClock(), SPACE)
        self.pace = pace
        self.asked_at: list[tuple[float, str, Channel | Thread]] = []
        self.poison = ""

    def _note(self, what: str, where: Channel | Thread) -> None:
        self.asked_at.append((asyncio.get_running_loop().time(), what, where))

    @override
    async def post(self, where: Channel | Thread, card: Card, marker: str) -> MessageRef:
        self._note("post", where)
        if self.poison and card.title == self.poison:
            raise PlatformError("Invalid Form Body")
        return await super().post(where, card, marker)

    @override
    async def edit(self, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
        self._note("edit", where)
        await super().edit(where, ref, card)


@dataclass
class Shown:
    """What each post shows: its subject, and how often that changed."""

    changes: dict[str, int] = field(default_factory=dict)

    async def __call__(self, post: OwnPost) -> Rendered:
        return Rendered(card=Card(title=post.subject, body=(Text(str(self.changes.get(post.subject, 0))),)))


@dataclass
class Traffic:
    """Cards in threads, and one who delivers all the while."""

    store: SqlStore
    room: Watched
    delivery: Delivery
    shown: Shown
    cards: int = 0

    async def plan(self, channel: Channel) -> str:
        self.cards += 1
        subject = f"card:{self.cards}"
        where = Thread(channel, an_id(self.cards))
        assert await self.store.outbox.plan(PostKind.CARD, subject, where, LoopClock().now()) is not None
        return subject

    async def change(self, *subjects: str) -> None:
        for subject in subjects:
            self.shown.changes[subject] = self.shown.changes.get(subject, 0) + 1
        await self.store.outbox.touch([int(subject.partition(":")[2]) for subject in subjects])
        self.delivery.wake()

    async def state(self, subject: str) -> PostState:
        post = await self.store.outbox.of_subject(subject)
        assert post is not None
        return post.state

    async def is_dirty(self, subject: str) -> bool:
        post = await self.store.outbox.of_subject(subject)
        return post is not None and post.dirty


@asynccontextmanager
async def traffic(store: SqlStore, pace: Pace) -> AsyncIterator[Traffic]:
    places = (HELP, BUSY, CALM, AFAR)
    await store.ledger.record([a_space(), a_space(AFAR.space), *(a_channel(each) for each in places)])
    room, shown = Watched(store, pace), Shown()
    delivery = Delivery(
        store=store, clock=LoopClock(), adapters={Platform.LOCAL: is_adapter(room)}, render=shown, owner="me"
    )
    running = asyncio.create_task(delivery.run())
    try:
        yield Traffic(store, room, delivery, shown)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("pace", "calm"),
    [(SLACKS, CALM), (Pace(place=Rate(5, 5.0, apart=0.5), whole=Rate(5, 7.5)), AFAR)],
    ids=["a workspace", "two servers"],
)
@sized("many", 120, 500)
@in_virtual_time
async def test_a_channel_with_many_changes_keeps_no_other_waiting(
    store: SqlStore, pace: Pace, calm: Channel, many: int
) -> None:
    async with traffic(store, pace) as it:
        busy = [await it.plan(BUSY) for _ in range(many)]
        [quiet] = [await it.plan(calm)]
        it.delivery.wake()
        await asyncio.sleep(2 * many)
        assert await it.state(busy[-1]) is PostState.LIVE
        loop, waits = asyncio.get_running_loop(), list[float]()
        await it.change(*busy)
        for _ in range(2):
            await asyncio.sleep(5)
            since = loop.time()
            await it.change(quiet)
            await asyncio.sleep(20)
            shown = [at for at, _, where in it.room.asked_at if at >= since and channel_in(where) == calm]
            waits.append(min(shown, default=since + 99.0) - since)
        assert sum([await it.is_dirty(each) for each in busy]) > many / 2  # most of the others wait yet
        assert max(waits) <= 16.0  # a stretch in which so many calls are allowed, and a step
        await asyncio.sleep(2 * many)
        assert {plain(card.body) for card in it.room.posts.values()} == {"1", "2"}


@sized("channels", 80, 200)
@in_virtual_time
async def test_many_channels_that_are_due_at_once_are_served_as_fast_as_discord_lets_us(
    store: SqlStore, channels: int
) -> None:
    async with traffic(store, discords()) as it:
        posts = []
        for n in range(channels):
            await store.ledger.record([a_channel(Channel(SPACE, f"c{n}"))])
            posts.append(await it.plan(Channel(SPACE, f"c{n}")))
        began = asyncio.get_running_loop().time()
        it.delivery.wake()
        await asyncio.sleep(60)
        assert {await it.state(each) for each in posts} == {PostState.LIVE}
        asked = [at for at, _, _ in it.room.asked_at if at >= began]
        assert len(asked) == channels
        assert max(sum(at <= other < at + 1.0 for other in asked) for at in asked) <= 45
        assert max(asked) - began <= channels / 45 + 1


@in_virtual_time
async def test_a_post_that_is_always_refused_is_given_up_and_keeps_no_other_waiting(store: SqlStore) -> None:
    async with traffic(store, SLACKS) as it:
        poison = await it.plan(HELP)
        it.room.poison = poison
        loop, waits = asyncio.get_running_loop(), dict[str, float]()
        for n in range(60):
            if n % 3 == 0:
                each = await it.plan((HELP, CALM)[n % 2])
                waits[each] = -loop.time()
                it.delivery.wake()
            await asyncio.sleep(15)
        for at, what, where in it.room.asked_at:
            subject = next((one for one in waits if what == "post" and where.id == an_id(int(one[5:]))), None)
            if subject is not None:
                waits[subject] += at
        assert await it.state(poison) is PostState.PARKED
        assert sum(where.id == an_id(int(poison[5:])) for _, _, where in it.room.asked_at) == 5
        assert max(waits.values()) <= 1.0 + 1.1  # a second, and the pace of its own channel
        [told] = await store.setbacks.unheard()
        assert (told.subject, told.reason) == (poison, "Invalid Form Body")


@in_virtual_time
async def test_a_card_that_went_stale_while_we_were_down_is_put_right_once(store: SqlStore) -> None:
    loop, clock, room = asyncio.get_running_loop(), LoopClock(NOON + 9 * MINUTE), Watched(store, Pace())
    await store.ledger.record([a_space(), a_channel()])
    await store.places.watch(HELP, True)

    async def lives(seconds: float) -> None:
        parts = assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic takes it
        parts.adapters[Platform.LOCAL] = room  # type: ignore[index]  # a dictionary
        following = asyncio.create_task(parts.app.follow())
        await asyncio.sleep(seconds)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    for event in a_discussion(8):
        await store.ledger.record([event])
    await lives(60)
    [card] = room.posts.values()
    assert "💬 9 msgs · ⭐ 0" in words(card)
    await asyncio.sleep(3600)
    late = [seen(a_message(60 + n, f"Late {n}.", thread=0, author="Ike")) for n in range(3)]
    await store.ledger.record([*late, a_vote(3, "Ada", at=70)])
    await asyncio.sleep(47 * 3600)
    back = loop.time()
    await lives(600)
    [card] = room.posts.values()
    assert "💬 12 msgs · ⭐ 1" in words(card)
    assert "🟡 Quiet" in words(card)
    [edit] = [at for at, what, _ in room.asked_at if what == "edit"]
    assert edit - back <= 60


async def test_how_long_we_were_away_is_told_once_though_the_process_dies_while_it_reads(
    store: SqlStore, clock: SetClock
) -> None:
    log, room = Channel(SPACE, "log"), SmallRoom(store, clock, SPACE)
    await store.ledger.record([a_space(hosted=False), a_channel(), a_channel(log)])
    await store.places.watch(HELP, True)
    await store.places.set_space(SPACE, log_channel=log.id)
    await store.ledger.record([seen(a_message())])

    async def lives(down: timedelta, recovers: int, *, to_its_end: bool) -> list[str]:
        clock.advance(down)
        parts = assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic takes it
        parts.adapters[Platform.LOCAL] = room  # type: ignore[index]  # a dictionary
        await parts.app.on_stream(SPACE)
        await store.gaps.count(SPACE, recovers)
        for gap in await store.gaps.open(Platform.LOCAL) if to_its_end else ():
            await store.gaps.close(gap)
        for _ in range(2):
            await parts.app.tick()
        return [words(card).strip() for card in room.posts.values()]

    assert await lives(MINUTE, 2, to_its_end=True) == []
    assert await lives(timedelta(hours=2), 3, to_its_end=False) == []
    assert await lives(MINUTE, 4, to_its_end=False) == []
    told = ["Back after 2 h 31 min; 12 messages recovered"]
    assert await lives(timedelta(minutes=30), 5, to_its_end=True) == told
    assert await lives(MINUTE, 6, to_its_end=True) == told
    assert await lives(timedelta(hours=1), 7, to_its_end=True) == [*told, "Back after 1 h; 7 messages recovered"]


class Down(SmallRoom):
    """Answers nothing while it has a mood."""

    @override
    async def find_own(self, where: Channel | Thread, marker: str, since: datetime) -> MessageRef | None:
        self._ask()
        return await super().find_own(where, marker, since)


def cards_of_their_own(stage: Stage) -> Render:
    """Digests as they are; of all else the subject."""

    async def render(post: OwnPost) -> Rendered | None:
        if post.kind is PostKind.DIGEST:
            return await stage.render(post)
        return Rendered(card=Card(title=post.subject))

    return render


SOAK = pytest.mark.soak


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [(6, 20), pytest.param(53, 120, marks=SOAK), pytest.param(6, 2, marks=SOAK), pytest.param(53, 10, marks=SOAK)],
)
async def test_what_waits_for_a_platform_that_is_down_is_bounded_and_the_newest_digest_is_all_that_comes(
    store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch, hours: int, minutes: int
) -> None:
    """Cards and highlights keep coming while nothing can be posted; it begins four hours before a slot."""
    if minutes >= 20:
        monkeypatch.setattr(posts, "MOST_WAITING", 6)
    await a_room(store, a_discussion())
    await a_schedule(store)
    stage = await a_stage(store, clock, Down(store, clock, SPACE))
    stage.delivery._render, most = cards_of_their_own(stage), posts.MOST_WAITING
    clock.set(DUE - timedelta(hours=4))
    stage.room.mood = Unavailable("Slack answered 503")
    planned, held = await down(stage, timedelta(hours=hours), timedelta(minutes=minutes))
    traffic = await store.setbacks.traffic()
    every = await store.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM own_post").scalar_one())
    assert planned > most
    assert traffic.waiting <= most + 1  # and a digest
    assert sum(traffic.dropped.values()) + traffic.parked + traffic.waiting == every
    assert {"crowded"} <= set(traffic.dropped) <= {"crowded", "late", "overtaken"}
    last = held[-(len(held) // 4) :]  # at its bound, and what is loaded once is loaded
    assert max(last) - last[0] < 2**20  # bytes
    stage.room.mood = None
    for rest in (31, 5, 5, 5):
        clock.advance(timedelta(minutes=rest))
        await stage.look()
    [digest] = [card for card in stage.room.posts.values() if card.title.startswith("The day in")]
    assert ("2 missed digests are in this one." in plain(digest.footer)) is (hours == 53)
    assert "(+9 new)" in words(digest)
    print(planned, traffic, f"{max(last) - last[0]} bytes", f"{stage.room.asked} calls")


async def down(stage: Stage, lasts: timedelta, step: timedelta) -> tuple[int, list[int]]:
    """The platform is down so long; how many posts were planned, and how many bytes were held after each step."""
    planned, held = 0, list[int]()
    tracemalloc.start()
    for _ in range(lasts // step):
        stage.clock.advance(step)
        for _ in range(7 if step < 20 * MINUTE else 3):
            planned += 1
            kind = (PostKind.CARD, PostKind.HIGHLIGHT)[planned % 2]
            await stage.store.outbox.plan(
                kind, f"{kind}:{1000 + planned}", Thread(HELP, an_id(planned)), stage.clock.now()
            )
        await stage.look()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return planned, held
