"""The rolling sweep: every word on the web is read again within 30 days, a few passages now and then.

This finds what was deleted or edited longer ago than we look after a gap, or without any gap that we know of. Each
channel has its rounds (`bot.ports.Sweeps`); how far a round has come is stored after each passage.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.errors import Forbidden
from bot.leasing import LEASE, Turns
from bot.models import Channel, Space, position_at
from bot.ports import Adapter, Clock, Store, Turn
from bot.reading import SKEW, Reading

EVERY = timedelta(seconds=LEASE)  # between two looks in a space, whichever process looks
PASSAGES = 5  # passages per look: 360,000 in the 25 days between two rounds, each a hundred messages or a thread
CLOSED = timedelta(hours=1)  # before a channel that we may not read is tried again
FAILED = timedelta(minutes=10)  # before a channel that could not be read is tried again

log = structlog.get_logger(__name__)


class Sweep:
    """Takes the channels of each space in turn, one after the other.

    Of several processes one looks, and none again for as long as its lease lasts: else they would read as many times
    as much.
    """

    def __init__(self, *, store: Store, clock: Clock, reading: Reading, turns: Turns) -> None:
        self._store = store
        self._clock = clock
        self._reading = reading
        self._turns = turns
        self._again: dict[Space, datetime] = {}  # when to look
        self._resting: dict[Channel, datetime] = {}  # until when

    async def due(self, adapter: Adapter) -> Mapping[Space, Turn]:
        """The channel whose turn it is, of each space in which it is time for a look."""
        now, turns = self._clock.now(), dict[Space, Turn]()
        for turn in await self._store.sweeps.due(adapter.platform, now) if adapter.connected else ():
            channel = turn.channel.channel
            waits = max(self._again.get(channel.space, now), self._resting.get(channel, now)) > now
            if adapter.hears(channel.space) and not waits:
                turns.setdefault(channel.space, turn)
        return turns

    async def work(self, adapter: Adapter, space: Space) -> None:
        """Read some passages again in a space; a channel that cannot be read is left alone for a while."""
        turn, now = (await self.due(adapter)).get(space), self._clock.now()
        self._again[space] = now + EVERY
        if turn is None or not await self._turns.mine(f"sweep {space.platform} {space.id}"):
            return
        channel = turn.channel.channel
        try:
            await self._read(adapter, turn)
        except Exception as error:  # noqa: BLE001 - whatever it is, other channels still have their turn
            rest = CLOSED if isinstance(error, Forbidden) else FAILED
            self._resting[channel] = now + rest
            log.warning("channel not read again", channel=channel.id, space=space.id, reason=repr(error))
        else:
            self._resting.pop(channel, None)

    async def _read(self, adapter: Adapter, turn: Turn) -> None:
        """Go on with a channel's round."""
        now, channel = self._clock.now(), turn.channel.channel
        if turn.root == turn.after == 0:  # nothing was read yet, however long ago the first try was
            turn = await self._store.sweeps.begin(turn, now)
        until = position_at(adapter.platform, now - SKEW)
        for _ in range(PASSAGES):
            passage = await self._store.sweeps.passage(turn, until)
            if passage is None:
                await self._store.sweeps.end(turn, now)
                return
            if ours := passage.ours:
                voted = await self._store.gaps.voted(channel, ours[0].position - 1, ours[-1].position)
                await self._reading.compare(adapter, passage.where, ours, voted)
            turn = passage.then
            await self._store.sweeps.advance(turn)
