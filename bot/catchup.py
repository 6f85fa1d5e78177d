"""Reads what we missed: after an outage, a restart, or when a channel begins to be watched.

A stream of events that begins leaves a gap behind it (`bot.ports.Gaps`); here the gaps are read and closed, one channel
at a time in each space, by one of the processes that hear it. Beside that the last days are read once more and compared
with what is stored, because deletions and edits leave nothing to be read; a later gap does not wait for it. Everything
that is read here is old: it makes no card and is never published.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import partial

import structlog

from bot.copies import counted_for_originals
from bot.errors import Forbidden, MessageGone, PlatformError, Unavailable
from bot.failpoints import reach
from bot.leasing import Turns
from bot.models import (
    Channel,
    Event,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Platform,
    Space,
    Thread,
    ThreadGone,
    VotesRead,
    moment_of,
    position_at,
)
from bot.ports import Adapter, Clock, Foretelling, Gap, Store

BATCH = 200  # events stored together
LOOK_BACK = timedelta(days=7)  # how far deletions and edits are looked for
COMPARED = 500  # messages of a thread that are compared
SKEW = timedelta(minutes=1)  # that our clock may be ahead of the platform's
IDLE = 30.0  # seconds between looks
AGAIN = (30, 120, 600, 3600)  # seconds before a channel that failed is tried again
APART = 0.2  # seconds between two pages of what we have already: well below a fifth of what Discord allows
LAST = 2**63 - 1  # no position is higher
ELSEWHERE = timedelta(seconds=10)  # that a space is left alone which another process reads
CLOSED = 3600  # seconds before one that we may not read is tried again

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the reading of one channel has come."""

    channel: Channel
    messages: int = 0
    threads: int = 0
    missed: int = 0  # messages of which nobody had told us
    left: timedelta | None = None  # that it takes yet, where the platform lets us read slowly


@dataclass(frozen=True, slots=True)
class _Rest:
    """A channel that is left alone until a moment, after so many failures."""

    until: datetime
    failures: int
    began_at: datetime  # of the gap that could not be closed: a later one is tried at once


class _Part(Enum):
    """What there is to do after a gap: what is missing is read at once, what changed is found at leisure."""

    CLOSE = auto()
    COMPARE = auto()


class CatchUp:
    """Closes the gaps of the spaces that are connected: side by side, but in each space one channel after the other."""

    def __init__(self, *, store: Store, clock: Clock, adapters: Mapping[Platform, Adapter], owner: str) -> None:
        self._store = store
        self._clock = clock
        self._adapters = adapters
        self._turns = Turns(store=store, clock=clock, owner=owner)
        self._elsewhere: dict[tuple[_Part, Space], datetime] = {}  # what others do, and when to look again
        self._wake = asyncio.Event()
        self._under_way: dict[tuple[_Part, Space], asyncio.Task[None]] = {}
        self._resting: dict[Channel, _Rest] = {}
        self._progress: dict[Channel, Progress] = {}
        self._total = 0

    def wake(self) -> None:
        """Look for gaps soon."""
        self._wake.set()

    def progress(self, space: Space) -> Sequence[Progress]:
        """What is being read in a space just now."""
        adapter: object = self._adapters.get(space.platform)
        left = adapter.left if isinstance(adapter, Foretelling) else _nobody_knows
        return [
            replace(each, left=left(each.channel)) for each in self._progress.values() if each.channel.space == space
        ]

    async def run(self) -> None:
        """Close gaps until cancelled; a store that fails is asked again after a while."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self._begin()
                except Exception:
                    log.exception("gaps not looked for")
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):  # wait_for loses a cancellation that comes with the news
                        await self._wake.wait()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def work(self) -> int:
        """Close every gap that can be closed now, and compare; how many messages of gaps were read meanwhile."""
        before = self._total
        while await self._begin():
            await asyncio.wait(self._under_way.values())
        return self._total - before

    async def _begin(self) -> bool:
        """Begin what there is to do where nothing is under way; whether anything is."""
        for part, due in ((_Part.CLOSE, self._store.gaps.open), (_Part.COMPARE, self._store.gaps.uncompared)):
            for platform, adapter in self._adapters.items():
                spaces: dict[Space, list[Gap]] = {}
                for gap in await due(platform):
                    space = gap.channel.channel.space
                    if adapter.hears(space) and not self._rests(gap) and not self._is_elsewhere(part, space):
                        spaces.setdefault(space, []).append(gap)
                for space in spaces.keys() - {space for other, space in self._under_way if other is part}:
                    self._under_way[part, space] = task = asyncio.create_task(self._in_turn(part, space, spaces[space]))
                    task.add_done_callback(partial(self._ended, (part, space)))
        return bool(self._under_way)

    def _ended(self, which: tuple[_Part, Space], task: asyncio.Task[None]) -> None:
        del self._under_way[which]
        if not task.cancelled() and task.exception() is not None:
            log.error("gaps left open", space=which[1].id, reason=repr(task.exception()))
        else:
            self.wake()  # a gap that is closed is to be compared

    def _rests(self, gap: Gap) -> bool:
        rest = self._resting.get(gap.channel.channel)
        return rest is not None and rest.began_at == gap.began_at and rest.until > self._clock.now()

    def _is_elsewhere(self, part: _Part, space: Space) -> bool:
        again = self._elsewhere.get((part, space))
        return again is not None and self._clock.now() < again

    async def _in_turn(self, part: _Part, space: Space, gaps: Sequence[Gap]) -> None:
        """Do one part of the work in one space, unless another process does."""
        async with self._turns.taken(f"{part.name.lower()} {space.platform} {space.id}") as ours:
            if ours:
                await self._space(part, gaps)
            else:
                self._elsewhere[part, space] = self._clock.now() + ELSEWHERE

    async def _space(self, part: _Part, gaps: Sequence[Gap]) -> None:
        """Do one part of the work in one space, channel by channel."""
        for gap in gaps:
            if part is _Part.COMPARE:
                await self._try(gap, self._compare)
                continue
            channel = gap.channel.channel
            self._progress[channel] = Progress(channel=channel)
            try:
                await self._try(gap, self._close)
            finally:
                progress = self._progress.pop(channel)
                self._total += progress.messages
            if progress.missed and gap.after > 0:
                await self._store.gaps.count(channel.space, progress.missed)

    async def _try(self, gap: Gap, work: Callable[[Adapter, Gap], Awaitable[None]]) -> None:
        """Do one part of the work for a channel; if that fails, it is left alone for a while."""
        channel = gap.channel.channel
        try:
            await work(self._adapters[channel.space.platform], gap)
        except Forbidden as error:
            self._rest(gap, CLOSED, error)
        except Exception as error:  # whatever it is, it must not end the reading of everything else
            if not isinstance(error, PlatformError):
                log.exception("gap not read", channel=channel.id, space=channel.space.id)
            failures = self._resting[channel].failures if channel in self._resting else 0
            self._rest(gap, AGAIN[min(failures, len(AGAIN) - 1)], error)
        else:
            self._resting.pop(channel, None)

    def _rest(self, gap: Gap, seconds: int, error: Exception) -> None:
        channel = gap.channel.channel
        failures = self._resting[channel].failures + 1 if channel in self._resting else 1
        self._resting[channel] = _Rest(self._clock.now() + timedelta(seconds=seconds), failures, gap.began_at)
        log.warning("gap not closed", channel=channel.id, space=channel.space.id, reason=str(error), again_in=seconds)

    async def _close(self, adapter: Adapter, gap: Gap) -> None:
        """Read what may be missing: the threads with news, then the channel's own messages.

        In this order, so that after a kill the next process goes on where the channel's own messages ended. What is
        stored from within the gap and not there any more was deleted: it came before we were cut off once more.
        """
        channel = gap.channel.channel
        until = position_at(channel.space.platform, self._clock.now() - SKEW)  # what is said from here on may be missed
        threads = await adapter.threads(channel, gap.after)
        await self._store.ledger.record([each for each in threads if not each.listed])
        self._count(channel, threads=len(threads))
        voted = await self._store.gaps.voted(channel, gap.after)
        news = [it.thread for it in threads if it.newest is None or it.newest > gap.after]
        places: list[Channel | Thread] = list(dict.fromkeys([*news, *await self._begun(gap)]))
        places += [] if gap.channel.info.forum else [channel]
        doubtful = [ref for where in places for ref in await self._read(adapter, where, gap, voted, until)]
        if doubtful:
            raise Unavailable(f"{len(doubtful)} messages of the last minute are deleted, or not to be read yet")
        await self._store.gaps.close(gap, until)
        reach("gap.closed")

    async def _begun(self, gap: Gap) -> Sequence[Thread]:
        """The threads of which something is stored from within a gap, whether they have news or not."""
        channel = gap.channel.channel
        since = datetime.fromtimestamp(moment_of(channel.space.platform, gap.after) / 1000, UTC)
        return await self._store.gaps.threads(channel, max(since, self._look_back()))

    def _look_back(self) -> datetime:
        return self._clock.now() - LOOK_BACK

    async def _read(
        self,
        adapter: Adapter,
        where: Channel | Thread,
        gap: Gap,
        voted: Collection[MessageRef],
        until: int,
    ) -> Sequence[MessageRef]:
        """Store what a place has after the beginning of a gap.

        Of what it has not any more, that which is younger than `until` is given back: a history may lag behind.
        """
        channel, began = gap.channel.channel, self._clock.now()
        recent = max(gap.after, position_at(channel.space.platform, self._look_back()))
        ours = await self._store.gaps.stored(where, recent, LAST)
        there: set[MessageRef] = set()
        async for batch in self._batches(adapter, where, gap.after):
            read = _messages(batch)
            there.update(read)
            await self._keep(channel, batch, voted)
            self._count(channel, missed=len(set(read).difference(ours)))
            if read and where == channel:
                await self._store.gaps.advance(gap, min(read[-1].position, until))
        await self._gone(where, [ref for ref in ours if ref.position <= until], there, began)
        return [ref for ref in ours if ref.position > until and ref not in there]

    async def _gone(
        self, where: Channel | Thread, ours: Sequence[MessageRef], there: Collection[MessageRef], at: datetime
    ) -> None:
        """What we have of a place that was read, and it has not any more, is deleted."""
        thread = where if isinstance(where, Thread) else None
        await self._store.ledger.record(
            [MessageDeleted(ref=ref, thread=thread, at=at) for ref in ours if ref not in there]
        )

    async def _keep(self, channel: Channel, batch: Sequence[Event], voted: Collection[MessageRef]) -> None:
        """Store what was read, and show how far that came."""
        await self._store.ledger.record(await counted_for_originals(self._store, _news(batch, voted)))
        reach("gap.kept")
        self._count(channel, messages=len(_messages(batch)))

    async def _compare(self, adapter: Adapter, gap: Gap) -> None:
        """Find what was deleted or edited, and which votes came and went, while nobody told us.

        One place after the other at a pace that leaves most of the platform's patience to everything else.
        """
        channel, since = gap.channel.channel, self._look_back()
        places: list[Channel | Thread] = [] if gap.channel.info.forum else [channel]
        places += await self._store.gaps.threads(channel, since)
        after = min(gap.after, position_at(channel.space.platform, since))
        voted = await self._store.gaps.voted(channel, after)
        for where in places:
            ours = (await self._store.gaps.stored(where, after, gap.after))[-COMPARED:]
            if ours:
                await self._compare_in(adapter, where, ours, voted)
        await self._store.gaps.compared(gap)

    async def _compare_in(
        self, adapter: Adapter, where: Channel | Thread, ours: Sequence[MessageRef], voted: Collection[MessageRef]
    ) -> None:
        """Read a place again, and find what it has not any more."""
        began = self._clock.now()
        there: set[MessageRef] = set()
        async for batch in self._batches(adapter, where, ours[0].position - 1):
            there.update(_messages(batch))
            await self._store.ledger.record(await counted_for_originals(self._store, _news(batch, voted)))
            await asyncio.sleep(APART)
        await self._gone(where, ours, there, began)

    async def _batches(self, adapter: Adapter, where: Channel | Thread, after: int) -> AsyncIterator[list[Event]]:
        """A history in lists that are stored together; a thread that is not there any more says just that."""
        batch: list[Event] = []
        try:
            async for event in adapter.history(where, after):
                batch.append(event)
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        except MessageGone:
            if not isinstance(where, Thread):
                raise
            batch.append(ThreadGone(thread=where, at=self._clock.now()))
        if batch:
            yield batch

    def _count(self, channel: Channel, *, messages: int = 0, threads: int = 0, missed: int = 0) -> None:
        known = self._progress.get(channel, Progress(channel=channel))
        self._progress[channel] = replace(
            known,
            messages=known.messages + messages,
            threads=known.threads + threads,
            missed=known.missed + missed,
        )


def _nobody_knows(_channel: Channel) -> None:
    """How long reading takes where it is not slow."""


def _messages(batch: Sequence[Event]) -> Sequence[MessageRef]:
    """The messages among events."""
    return [event.message.ref for event in batch if isinstance(event, MessageSeen)]


def _news(batch: Sequence[Event], voted: Collection[MessageRef]) -> Sequence[Event]:
    """What is to be stored of what was read: that nobody votes for a message is news only if we have votes for it."""
    return [each for each in batch if not isinstance(each, VotesRead) or each.voters or each.ref in voted]
