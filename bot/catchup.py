"""Reads what we missed: after an outage, a restart, or when a channel begins to be watched.

A stream of events that begins leaves a gap behind it (`bot.ports.Gaps`). Here the gaps are read and closed, one channel
at a time in each space, by one of the processes that hear it. The last days are also read once more and compared with
what is stored, because deletions and edits leave nothing new to read; a later gap does not wait for that. After it the
rolling sweep takes over (`bot.sweeping`). Everything read here is old: it makes no card and is never published.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import partial

import structlog

from bot.errors import Forbidden, PlatformError, StoreBusy, StoreFailed, ThreadClosed, Unavailable
from bot.failpoints import reach
from bot.leasing import Turns
from bot.logs import went_wrong
from bot.models import (
    LAST_POSITION,
    Channel,
    Event,
    MessageRef,
    Platform,
    Space,
    Thread,
    ThreadSeen,
    earlier,
    moment_of,
    position_at,
)
from bot.ports import Adapter, Clock, Foretelling, Gap, Lagging, Overtaking, Store
from bot.reading import SKEW, Reading
from bot.sweeping import Sweep

LOOK_BACK = timedelta(days=7)  # how far deletions and edits are looked for
COMPARED = 500  # messages of a place that are compared together, the newest first
IDLE = 30.0  # seconds between looks
AGAIN = (30, 120, 600, 3600)  # seconds before a channel that failed is tried again
AWAY = (StoreBusy, StoreFailed)  # these say nothing about a channel, so it does not rest longer because of them
ELSEWHERE = timedelta(seconds=10)  # how long a space that another process reads is left alone
CLOSED = 3600  # seconds before a channel that we may not read is tried again

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the reading of one channel has come."""

    channel: Channel
    messages: int = 0
    threads: int = 0
    missed: int = 0  # messages that no event had told us about
    left: timedelta | None = None  # time left, where the platform lets us read only slowly


@dataclass(frozen=True, slots=True)
class _Rest:
    """A channel that is left alone until some moment, and how often it has failed."""

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
        self._reading = Reading(store, clock)
        self._sweep = Sweep(store=store, clock=clock, reading=self._reading, turns=self._turns)
        self._elsewhere: dict[tuple[_Part, Space], datetime] = {}  # what other processes do, and when to look again
        self._wake = asyncio.Event()
        self._under_way: dict[tuple[_Part, Space], asyncio.Task[None]] = {}
        self._resting: dict[Channel, _Rest] = {}
        self._begun_at: dict[Space, float] = {}  # when a stream last began, in seconds of the loop
        self._again_at: dict[
            Channel, float
        ] = {}  # when a channel's last words before that can surely be read, likewise
        self._progress: dict[Channel, Progress] = {}
        self._total = 0

    def wake(self) -> None:
        """Look for gaps soon."""
        self._wake.set()

    def begin(self, space: Space) -> None:
        """A stream of events of a space begins: close its gaps."""
        self._begun_at[space] = asyncio.get_running_loop().time()
        self.wake()

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
                except Exception as error:  # noqa: BLE001 - told, and tried again
                    went_wrong(log, "gaps not looked for", error)
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
        self.wake()
        while self._under_way or self._wake.is_set():  # what ended while we looked may have left something to do
            self._wake.clear()
            if await self._begin():
                await asyncio.wait(self._under_way.values())
        return self._total - before

    async def _begin(self) -> bool:
        """Start the work of every space that has none under way; whether any is under way now."""
        for part in _Part:
            for adapter in self._adapters.values():
                spaces = await self._due(part, adapter)
                for space in spaces.keys() - {space for other, space in self._under_way if other is part}:
                    self._under_way[part, space] = task = asyncio.create_task(self._in_turn(part, space, spaces[space]))
                    task.add_done_callback(partial(self._ended, (part, space)))
        return bool(self._under_way)

    async def _due(self, part: _Part, adapter: Adapter) -> Mapping[Space, Sequence[Gap]]:
        """The spaces of a platform in which there is something to do, each with its gaps."""
        close = part is _Part.CLOSE
        gaps = await (self._store.gaps.open if close else self._store.gaps.uncompared)(adapter.platform)
        spaces: dict[Space, list[Gap]] = {space: [] for space in (() if close else await self._sweep.due(adapter))}
        for gap in gaps:
            space = gap.channel.channel.space
            if adapter.hears(space) and not self._rests(gap):
                spaces.setdefault(space, []).append(gap)
        return {space: gaps for space, gaps in spaces.items() if not self._is_elsewhere(part, space)}

    def _ended(self, which: tuple[_Part, Space], task: asyncio.Task[None]) -> None:
        del self._under_way[which]
        if not task.cancelled() and task.exception() is not None:
            log.error("gaps left open", space=which[1].id, reason=repr(task.exception()))
        else:
            self.wake()  # a gap that is closed is to be compared

    def _rests(self, gap: Gap) -> bool:
        again = self._again_at.get(gap.channel.channel)
        if again is not None and again > asyncio.get_running_loop().time():
            return True
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
                if part is _Part.COMPARE:
                    await self._sweep.work(self._adapters[space.platform], space)
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
        """Do one part of the work for a channel; a channel that fails is left alone for a while."""
        channel = gap.channel.channel
        try:
            await work(self._adapters[channel.space.platform], gap)
        except Forbidden as error:
            self._rest(gap, CLOSED, error)
        except AWAY as error:
            self._rest(gap, AGAIN[0], error)
        except Exception as error:  # whatever it is, it must not end the reading of everything else
            if not isinstance(error, PlatformError):
                log.exception("gap not read", channel=channel.id, space=channel.space.id)
            failures = self._resting[channel].failures if channel in self._resting else 0
            self._rest(gap, AGAIN[min(failures, len(AGAIN) - 1)], error)
        else:
            self._resting.pop(channel, None)

    def _rest(self, gap: Gap, seconds: int, error: Exception) -> None:
        channel = gap.channel.channel
        failures = self._resting[channel].failures if channel in self._resting else 0
        failures += not isinstance(error, AWAY)
        self._resting[channel] = _Rest(self._clock.now() + timedelta(seconds=seconds), failures, gap.began_at)
        log.warning("gap not closed", channel=channel.id, space=channel.space.id, reason=str(error), again_in=seconds)

    async def _close(self, adapter: Adapter, gap: Gap) -> None:
        """Read what may be missing: the threads with news, then the channel's own messages.

        In this order, so that after a kill the next process goes on where the channel's own messages ended. What is
        stored from within the gap and not there any more was deleted: it came before we were cut off once more.
        """
        channel, begun = gap.channel.channel, asyncio.get_running_loop().time()
        until = position_at(channel.space.platform, self._clock.now() - SKEW)  # what is said from here on may be missed
        after = _surely(adapter, gap)
        threads = await adapter.threads(channel, after)
        await self._store.ledger.record([each for each in threads if not each.listed])
        self._count(channel, threads=len(threads))
        voted = await self._store.gaps.voted(channel, after)
        news = await self._with_news(threads, gap, after)
        places: list[Channel | Thread] = list(dict.fromkeys([*news, *await self._begun(gap)]))
        places += [] if gap.channel.info.forum else [channel]
        doubtful = [ref for where in places for ref in await self._read(adapter, where, gap, voted, until)]
        if doubtful:
            raise Unavailable(f"{len(doubtful)} messages of the last minute are deleted, or not to be read yet")
        if not self._read_too_soon(adapter, channel, begun):
            await self._store.gaps.close(gap, until)
            reach("gap.closed")
            return
        await self._store.gaps.advance(gap, until)

    def _read_too_soon(self, adapter: Adapter, channel: Channel, begun: float) -> bool:
        """Whether a history may not have had yet, at `begun`, what was said just before the stream; then it waits."""
        stream = self._begun_at.get(channel.space)
        if stream is None or not isinstance(adapter, Lagging) or begun >= stream + adapter.lag.total_seconds():
            return False
        self._again_at[channel] = stream + adapter.lag.total_seconds()
        asyncio.get_running_loop().call_at(self._again_at[channel], self.wake)
        return True

    async def _with_news(self, seen: Sequence[ThreadSeen], gap: Gap, after: int) -> Sequence[Thread]:
        """Those with something from within a gap, or whose newest, from `after` on, is missing though newer words came.

        What has nothing after that is not asked for: it was listed because it was archived lately.
        """
        newest = {it.thread: LAST_POSITION if it.newest is None else it.newest for it in seen}
        before = [position for position in newest.values() if after < position <= gap.after]
        ours = await self._store.gaps.live(gap.channel.channel, before)
        return [thread for thread, position in newest.items() if position > after and position not in ours]

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
        channel, began, after = gap.channel.channel, self._clock.now(), _surely(adapter, gap)
        recent = max(after, position_at(channel.space.platform, self._look_back()))
        ours = await self._store.gaps.stored(where, recent, LAST_POSITION)
        there: set[MessageRef] = set()
        try:
            async for batch in self._reading.batches(adapter, where, adapter.history(where, after)):
                if not await self._follows(channel):
                    return ()
                read = await self._keep(channel, batch, voted)
                there.update(read)
                self._count(channel, missed=len(set(read).difference(ours)))
                if read and where == channel:
                    await self._store.gaps.advance(gap, min(read[-1].position, until))
        except ThreadClosed:
            await self._reading.closed(where)
            return ()
        missing = [ref for ref in ours if ref not in there and ref.position > gap.after]
        await self._reading.gone(where, [ref for ref in missing if ref.position <= until], began)
        return [ref for ref in missing if ref.position > until]

    async def _follows(self, channel: Channel) -> bool:
        """Whether a channel is still watched: a long history is not read to its end for somebody who changed it."""
        known = await self._store.places.channel(channel)
        return known is not None and known.settings.watched

    async def _keep(
        self, channel: Channel, batch: Sequence[Event], voted: Collection[MessageRef]
    ) -> Sequence[MessageRef]:
        """Store what was read and report progress; returns the messages among it."""
        read = await self._reading.keep(batch, voted)
        reach("gap.kept")
        self._count(channel, messages=len(read))
        return read

    async def _compare(self, adapter: Adapter, gap: Gap) -> None:
        """Find what changed in the last days before a gap, one place after the other."""
        channel, since = gap.channel.channel, self._look_back()
        places: list[Channel | Thread] = [] if gap.channel.info.forum else [channel]
        places += await self._store.gaps.threads(channel, since)
        after = min(gap.after, position_at(channel.space.platform, since))
        voted = await self._store.gaps.voted(channel, after)
        for where in places:
            ours = await self._store.gaps.stored(where, after, gap.after)
            for end in range(len(ours), 0, -COMPARED):
                some = ours[max(0, end - COMPARED - 1) : end]  # from the last of those before on: nothing lies between
                await self._reading.compare(adapter, where, some, voted)
        await self._store.gaps.compared(gap)

    def _count(self, channel: Channel, *, messages: int = 0, threads: int = 0, missed: int = 0) -> None:
        known = self._progress.get(channel, Progress(channel=channel))
        self._progress[channel] = replace(
            known,
            messages=known.messages + messages,
            threads=known.threads + threads,
            missed=known.missed + missed,
        )


def _surely(adapter: Adapter, gap: Gap) -> int:
    """Up to where nothing is missing for sure, though its platform may tell of older messages after newer ones."""
    platform = gap.channel.channel.space.platform
    return earlier(platform, gap.after, adapter.late) if isinstance(adapter, Overtaking) else gap.after


def _nobody_knows(_channel: Channel) -> None:
    """The estimate where reading is not slowed down: none."""
