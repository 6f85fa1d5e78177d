"""What becomes of a history that is read once more: it is stored, and what is not there any more is deleted."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta

from bot.copies import counted_for_originals
from bot.errors import MessageGone, ThreadClosed
from bot.models import (
    LAST_POSITION,
    Channel,
    Event,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Thread,
    ThreadGone,
    VotesRead,
    position_of,
)
from bot.ports import Adapter, Clock, Store

BATCH = 200  # events stored together
SKEW = timedelta(minutes=1)  # how far our clock may be ahead of the platform's, and its histories behind


class Reading:
    """Reads histories into the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def batches(
        self, adapter: Adapter, where: Channel | Thread, history: AsyncIterator[Event]
    ) -> AsyncIterator[list[Event]]:
        """A history in lists that are stored together; a thread that is not there any more says just that."""
        batch: list[Event] = []
        try:
            async for event in history:
                batch.append(event)
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        except MessageGone:
            if not isinstance(where, Thread):
                raise
            if await adapter.shows(where.channel, position_of(where.id)):
                batch.append(ThreadGone(thread=where, at=self._clock.now()))
        if batch:
            yield batch

    async def keep(self, batch: Sequence[Event], voted: Collection[MessageRef]) -> Sequence[MessageRef]:
        """Store what was read; the messages of it. That nobody votes for one is news only where we have `voted`."""
        news = [each for each in batch if not isinstance(each, VotesRead) or each.voters or each.ref in voted]
        await self._store.ledger.record(await counted_for_originals(self._store, news))
        return [event.message.ref for event in batch if isinstance(event, MessageSeen)]

    async def compare(
        self, adapter: Adapter, where: Channel | Thread, ours: Sequence[MessageRef], voted: Collection[MessageRef]
    ) -> None:
        """Read again, at leisure, what we have of a place, from its oldest message to its newest.

        So it is found what was deleted or edited, and which votes came and went, while nobody told us.
        """
        began = self._clock.now()
        there: set[MessageRef] = set()
        history = adapter.reread(where, ours[0].position - 1, ours[-1].position)
        try:
            async for batch in self.batches(adapter, where, history):
                there.update(await self.keep(batch, voted))
        except ThreadClosed:
            await self.closed(where)
            return
        missing = [ref for ref in ours if ref not in there]
        if missing and not await adapter.shows(missing[0].channel, missing[0].position):
            oldest = min((ref.position for ref in there), default=LAST_POSITION)
            missing = [ref for ref in missing if ref.position > oldest]
        await self.gone(where, missing, began)

    async def closed(self, where: Channel | Thread) -> None:
        """A thread put us out: it is gone for us, though what we have of it still stands there."""
        if isinstance(where, Thread):
            await self._store.ledger.record([ThreadGone(thread=where, at=self._clock.now())])

    async def gone(self, where: Channel | Thread, missing: Sequence[MessageRef], at: datetime) -> None:
        """Mark as deleted what we have of a place and the history just read no longer has."""
        thread = where if isinstance(where, Thread) else None
        await self._store.ledger.record([MessageDeleted(ref=ref, thread=thread, at=at) for ref in missing])
