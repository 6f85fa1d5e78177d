"""What we missed is read again: after an outage, in a newly watched channel, and where words went meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from bot import catchup
from bot.catchup import CatchUp
from bot.errors import Forbidden, MessageGone, Unavailable
from bot.models import (
    Channel,
    Event,
    Level,
    Message,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Space,
    Thread,
    ThreadSeen,
)
from storage import SqlStore
from tests.makers import SetClock, a_channel, a_message, a_moment, a_space
from tests.rooms import SmallRoom

CAMP = Space(Platform.DISCORD, "1")
HELP = Channel(CAMP, "2")
HOUR = timedelta(hours=1)


def snowflake(minutes: float) -> str:
    return str((int(a_moment(minutes).timestamp() * 1000) - 1_420_070_400_000) << 22)


def said(minutes: float, *, thread: float | None = None, text: str = "Canvas.", author: str = "Ada") -> Message:
    """A message on Discord, in the channel itself or in a thread."""
    made = a_message(minutes, text, channel=HELP, author=author)
    root = Thread(HELP, snowflake(minutes if thread is None else thread))
    return replace(made, ref=MessageRef(HELP, snowflake(minutes)), thread=root)


class Camp(SmallRoom):
    """A Discord server in memory, which may refuse."""

    refuses: Exception | None = None
    read = 0
    lag = timedelta()  # its histories show at once what was posted
    late = timedelta()  # it tells of everything in order

    def __init__(self, store: SqlStore, clock: SetClock, space: Space) -> None:
        super().__init__(store, clock, space)
        self.refused: set[Channel] = set()
        self.looked_in: list[Channel | Thread] = []  # that were read

    @override
    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        self.read += 1
        self.looked_in.append(where)
        if self.refuses is not None:
            raise self.refuses
        if where in self.refused:
            raise Forbidden
        async for event in super().history(where, after):
            yield event

    def has(self, messages: Sequence[Message]) -> None:
        """Keep these messages, and nothing else, in its histories."""
        self.said, self.threads_seen = {}, {}
        for message in messages:
            alone = message.thread.id == message.ref.id
            where = HELP if alone else message.thread
            self.said.setdefault(where, []).append(MessageSeen(message=message, origin=Origin.BACKFILL))
            if not alone:
                seen = ThreadSeen(thread=message.thread, at=a_moment(0), name="Tents")
                self.threads_seen[message.thread] = seen


@pytest.fixture
async def camp(store: SqlStore, clock: SetClock) -> Camp:
    """A watched channel of which everything up to now was read."""
    await store.ledger.record([a_space(CAMP, "Camp", hosted=False), a_channel(HELP)])
    await store.places.watch(HELP, True)
    made = Camp(store, clock, CAMP)
    await catching_up(store, clock, made).work()
    return made


def catching_up(store: SqlStore, clock: SetClock, camp: Camp) -> CatchUp:
    return CatchUp(store=store, clock=clock, adapters={Platform.DISCORD: camp}, owner="me")


async def stored(store: SqlStore) -> list[str]:
    """The live messages that we have, oldest first."""
    channel = await store.places.channel(HELP)
    assert channel is not None
    alone = [post.ref.id for post in await store.forum.channel_posts(channel.key)]
    threads = await store.gaps.threads(HELP, a_moment(-100_000))
    inside = [ref.id for thread in threads for ref in await store.gaps.stored(thread, 0, 1 << 62)]
    return sorted({*alone, *inside}, key=int)


async def test_what_was_said_while_we_were_away_is_read_and_not_again(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    early = said(0)
    await store.ledger.record([MessageSeen(message=early)])
    missed = [said(n) for n in (1, 2)] + [said(n, thread=0, author="Bo") for n in (3, 4)]
    camp.has([early, *missed])
    await store.gaps.begin(CAMP, clock.now())
    work = catching_up(store, clock, camp)
    assert await work.work() == 4
    assert await stored(store) == [snowflake(n) for n in range(5)]
    assert await work.work() == 0
    assert (await store.ledger.audit()).drift == 0


async def test_a_gap_is_found_open_by_the_next_process(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await store.gaps.begin(CAMP, clock.now())
    await store.ledger.record([MessageSeen(message=said(9))])  # lives on before anything was read again
    camp.has([said(5), said(9)])
    (gap,) = await store.gaps.open(Platform.DISCORD)
    assert gap.after < int(snowflake(5))
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(5), snowflake(9)]
    assert await store.gaps.open(Platform.DISCORD) == []


async def test_what_a_history_shows_late_is_read_too(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    before, late, live = said(1), said(2, thread=1, author="Bo"), said(3)
    camp.lag = timedelta(hours=1)
    camp.has([before])
    work = catching_up(store, clock, camp)
    await store.gaps.begin(CAMP, clock.now())
    work.begin(CAMP)
    assert await work.work() == 1
    await store.ledger.record([MessageSeen(message=live)])  # the watermark is beyond what is still missing
    camp.has([before, late, live])
    assert await work.work() == 0  # it waits
    assert await store.gaps.open(Platform.DISCORD)
    camp.lag = timedelta()
    again = catching_up(store, clock, camp)  # which knows nothing of that: it is kept in the gap
    await again.work()
    assert await stored(store) == [message.ref.id for message in (before, late, live)]
    assert await store.gaps.open(Platform.DISCORD) == []


async def test_a_stream_that_breaks_while_it_is_read_leaves_its_gap_open(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await store.gaps.begin(CAMP, clock.now())
    [gap] = await store.gaps.open(Platform.DISCORD)
    await store.gaps.begin(CAMP, clock.now())
    assert not await store.gaps.close(gap)
    [again] = await store.gaps.open(Platform.DISCORD)
    assert await store.gaps.close(again)


async def test_a_channel_is_read_from_its_beginning_when_it_is_watched(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await store.places.watch(HELP, False)
    await store.ledger.record([MessageSeen(message=said(5))])
    camp.has([said(n) for n in range(6)])
    assert await catching_up(store, clock, camp).work() == 0
    await store.places.watch(HELP, True)
    assert await catching_up(store, clock, camp).work() == 6
    await store.places.watch(HELP, True)
    assert await catching_up(store, clock, camp).work() == 0


@pytest.mark.parametrize("together", [catchup.COMPARED, 1], ids=["at once", "in parts"])
async def test_what_went_or_changed_while_we_were_away_is_found(
    store: SqlStore, clock: SetClock, camp: Camp, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(catchup, "COMPARED", together)
    before = [said(0), said(1), *(said(n, thread=0, author="Bo") for n in (2, 3))]
    await store.ledger.record([MessageSeen(message=message) for message in before])
    edited = replace(said(0, text="Linen."), edited_at=a_moment(50))
    camp.has([edited, said(2, thread=0, author="Bo")])
    clock.set(a_moment(60))
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(0), snowflake(2)]
    post = await store.forum.post(edited.ref)
    assert post is not None
    assert post.text == "Linen."


async def test_old_messages_are_left_alone(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await store.ledger.record([MessageSeen(message=said(0))])
    camp.has([])
    clock.set(a_moment(8 * 24 * 60))
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(0)]


@pytest.mark.parametrize(
    ("refusal", "rest"),
    [
        (Forbidden("no history"), HOUR),
        (Unavailable("a pause"), timedelta(seconds=30)),
        (RuntimeError("a mistake"), timedelta(seconds=30)),
    ],
    ids=["forbidden", "unavailable", "mistake"],
)
async def test_a_history_that_is_refused_is_no_empty_one(
    store: SqlStore, clock: SetClock, camp: Camp, refusal: Exception, rest: timedelta
) -> None:
    await store.ledger.record([MessageSeen(message=said(0))])
    await store.gaps.begin(CAMP, clock.now())
    camp.has([said(0), said(1)])
    camp.refuses = refusal
    work = catching_up(store, clock, camp)
    assert await work.work() == 0
    reads = camp.read
    await work.work()
    assert camp.read == reads  # it is left alone for a while
    assert await stored(store) == [snowflake(0)]
    camp.refuses = None
    clock.advance(rest)
    assert await work.work() == 1
    assert await stored(store) == [snowflake(0), snowflake(1)]


async def test_a_thread_that_is_not_there_any_more_is_gone(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    thread = Thread(HELP, snowflake(0))
    await store.ledger.record([MessageSeen(message=said(n, thread=0, author="Bo")) for n in (1, 2)])
    await store.ledger.record([ThreadSeen(thread=thread, at=a_moment(0), name="Tents")])
    clock.set(a_moment(60))
    await store.gaps.begin(CAMP, clock.now())

    class Gone(Camp):
        @override
        async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
            if isinstance(where, Thread):
                raise MessageGone("Unknown Channel")
            async for event in super().history(where, after):
                yield event

    await catching_up(store, clock, Gone(store, clock, CAMP)).work()
    found = await store.forum.discussion_of(thread)
    assert found is not None
    assert found.removed
    assert await store.gaps.open(Platform.DISCORD) == []


async def test_channels_on_the_web_are_read_first_and_hosted_ones_never(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    shared, room = Channel(CAMP, "3"), Channel(Space(Platform.LOCAL, "local"), "help")
    await store.ledger.record([a_channel(shared), a_space(room.space), a_channel(room)])
    for channel in (shared, room):
        await store.places.watch(channel, True)
    await store.places.set_level(shared, Level.WEB, 0)
    await store.gaps.begin(CAMP, clock.now())
    await store.gaps.begin(room.space, clock.now())
    assert [gap.channel.channel for gap in await store.gaps.open(Platform.DISCORD)] == [shared, HELP]
    assert await store.gaps.open(Platform.LOCAL) == []


async def test_what_is_lost_in_a_thread_while_its_channel_is_read_is_found_afterwards(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    """The stream is torn already and nobody knows when said(9) comes, by reading and not by the stream."""
    camp.has([root := said(1), reply := said(2, thread=1), own := said(9)])
    clock.set(a_moment(3))
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    camp.has([root, reply, said(4, thread=1), own])
    clock.set(a_moment(15))
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert snowflake(4) in await stored(store)


async def test_a_channel_that_failed_is_tried_at_once_when_its_stream_begins_anew(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    camp.has([said(1)])
    camp.refuses = Forbidden("No.")
    await store.gaps.begin(CAMP, clock.now())
    work = catching_up(store, clock, camp)
    assert await work.work() == 0
    camp.refuses = None
    assert await work.work() == 0
    await store.gaps.begin(CAMP, clock.now())
    assert await work.work() == 1


async def test_what_came_live_before_its_gap_was_read_and_went_since_is_found(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    """The process was killed after the stream had begun and before the gap was read."""
    await store.ledger.record([MessageSeen(message=said(0))])
    await store.gaps.begin(CAMP, clock.now())
    live = [said(5), said(6, thread=0, author="Bo")]
    await store.ledger.record([MessageSeen(message=message) for message in live])
    camp.has([said(0)])
    clock.set(a_moment(60))
    await store.gaps.begin(CAMP, clock.now())
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(0)]
    assert await store.gaps.open(Platform.DISCORD) == []


async def test_what_a_history_does_not_show_yet_is_not_taken_for_deleted(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await store.ledger.record([MessageSeen(message=said(0))])
    await store.gaps.begin(CAMP, clock.now())
    await store.ledger.record([MessageSeen(message=said(5))])
    camp.has([said(0)])
    clock.set(a_moment(5.5))
    work = catching_up(store, clock, camp)
    await work.work()
    assert await stored(store) == [snowflake(0), snowflake(5)]
    assert len(await store.gaps.open(Platform.DISCORD)) == 1
    camp.has([said(0), said(5)])
    clock.set(a_moment(6.5))
    await work.work()
    assert await stored(store) == [snowflake(0), snowflake(5)]
    assert await store.gaps.open(Platform.DISCORD) == []


class Stalling(Camp):
    """A Discord server whose histories can be held up where they are read a second time."""

    def __init__(self, store: SqlStore, clock: SetClock, space: Space) -> None:
        super().__init__(store, clock, space)
        self.reading = asyncio.Event()
        self.go_on = asyncio.Event()

    @override
    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        if self.read:
            self.reading.set()
            await self.go_on.wait()
        async for event in super().history(where, after):
            yield event


async def test_what_was_not_compared_before_the_end_is_compared_by_the_next_process(
    store: SqlStore, clock: SetClock, camp: Camp
) -> None:
    await store.ledger.record([MessageSeen(message=said(0)), MessageSeen(message=said(1))])
    clock.set(a_moment(60))
    await store.gaps.begin(CAMP, clock.now())
    stalling = Stalling(store, clock, CAMP)
    stalling.has([said(1)])
    running = asyncio.create_task(catching_up(store, clock, stalling).run())
    async with asyncio.timeout(60):
        await stalling.reading.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await store.gaps.open(Platform.DISCORD) == []
    assert await stored(store) == [snowflake(0), snowflake(1)]
    camp.has([said(1)])
    await catching_up(store, clock, camp).work()
    assert await stored(store) == [snowflake(1)]
    assert await store.gaps.uncompared(Platform.DISCORD) == []


async def test_a_gap_does_not_wait_for_what_is_being_compared(store: SqlStore, clock: SetClock, camp: Camp) -> None:
    await store.ledger.record([MessageSeen(message=said(0))])
    clock.set(a_moment(60))
    await store.gaps.begin(CAMP, clock.now())
    stalling = Stalling(store, clock, CAMP)
    stalling.has([said(0)])
    work = catching_up(store, clock, stalling)
    running = asyncio.create_task(work.run())
    async with asyncio.timeout(60):
        await stalling.reading.wait()
        stalling.read = 0  # from here on only what is read already is held up
        stalling.has([said(0), said(70)])
        await store.gaps.begin(CAMP, clock.now())
        work.wake()
        while snowflake(70) not in await stored(store):
            await store.ledger.wait(await store.ledger.last_seq(), 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
