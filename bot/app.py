"""The heart: events and commands come in, and whatever they change is carried on to everything that shows it.

`on_event` only stores; one follower reads the change log (whoever wrote it, this process or another), settles what was
changed, plans the cards and highlight posts that live events earned, and lets delivery bring our posts up to date. It
has no memory of its own: what live events earned is in the store, so a crash at any moment loses none of it.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from bot import highlights
from bot.access import may_publish
from bot.catchup import CatchUp
from bot.commands.context import Context
from bot.commands.running import run
from bot.copies import COPIES, LOOK_BACK, Copies, counted_for_originals, highlight_subject
from bot.delivery import Delivery
from bot.discussions import CARD_WITHIN, wants_card
from bot.errors import StoreFailed
from bot.failpoints import reach
from bot.logs import Lasting
from bot.models import (
    Answer,
    Channel,
    ChannelGone,
    ChannelSeen,
    Command,
    Event,
    Post,
    PostKind,
    Space,
)
from bot.ports import Change, Changed, Clock, Store, Summarizer
from bot.reporting import Reports
from bot.settling import forget, settle_some

FOLLOW = "follow"  # the cursor's name
ROUND = 1000  # changes read at once
IDLE = 15.0  # seconds between looks when nothing happens
AGAIN = 1.0  # seconds to wait after a look that failed
REST = 2.0  # how many times as long as a look the rest after it lasts, so that what comes in goes first
HEAVY = 0.05  # seconds: for every so many that we worked in a look, its rest is one more of its lengths
LONGEST = 10.0  # seconds that a rest lasts at most
REMEMBERED = timedelta(minutes=10)  # how long analysed texts are kept in memory
BEHIND = timedelta(minutes=15)  # how far behind a channel may be before its cards say so: few outages last as long
FORGOTTEN = 20  # batches of old words deleted in one tick, so that nothing else waits long
INDEXED = 20  # batches of text that are indexed in one go

log = structlog.get_logger(__name__)


class App:
    """The core of a running Folkmoot; the only Inbox."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        context: Context,
        delivery: Delivery,
        summarizer: Summarizer,
        catch_up: CatchUp,
    ) -> None:
        self._store = store
        self._clock = clock
        self._context = context
        self._delivery = delivery
        self._summarizer = summarizer
        self._catch_up = catch_up
        self._copies = Copies(store=store, clock=clock, adapters=context.adapters, tell=self.on_events)
        self._looked = 0  # the newest change that was read, whatever came of it
        self._forgot = clock.now()  # when analysed texts were last forgotten
        self._reports = Reports(store=store, clock=clock, context=context)

    async def on_event(self, event: Event) -> None:
        """Take an event; returns when it is durable."""
        await self.on_events([event])

    async def on_events(self, events: Sequence[Event]) -> None:
        """Take events; returns when they are durable. What happens in a channel nobody watches is not kept."""
        events = await counted_for_originals(self._store, events)
        losing = any(isinstance(each, ChannelGone | ChannelSeen) for each in events)
        known = await self._store.places.channels() if losing else ()
        kept = await self._store.ledger.take(events) if events else ()
        if kept:
            reach("app.kept")
            await self._reports.lost(kept, known)

    async def on_stream(self, space: Space) -> None:
        """A stream of events begins or broke: events before this may be missing."""
        await self._store.gaps.begin(space, self._clock.now())
        await self._store.outbox.reread(space, self._clock.now() - LOOK_BACK, COPIES)
        await self._reports.returned(space)
        self._catch_up.begin(space)
        self._delivery.arrived(space)

    async def on_command(self, command: Command) -> Answer:
        """Run a command; a CommandError tells the asker why not."""
        return await run(self._context, command)

    async def follow(self) -> None:
        """Follow the change log until cancelled; what a crash left undone is done by the next process.

        Our posts are delivered beside that: a slow platform must not keep titles, counts and plans waiting. What goes
        wrong is logged and tried again when something else happens, or after a while: the room and the forum must not
        go down with one card that cannot be made.
        """
        async with asyncio.TaskGroup() as works:
            works.create_task(self._delivery.run())
            works.create_task(self._copies.run())
            works.create_task(self._follow())

    async def _follow(self) -> None:
        seq: int | None = None  # how far the change log was read; not known yet
        loop, trouble = asyncio.get_running_loop(), Lasting(log, "not caught up")
        while True:
            begun, worked = loop.time(), time.process_time()
            try:
                seq = await self._store.outbox.cursor(FOLLOW) if seq is None else seq
                heard = seq = await self._settle(seq)
                rest = _rest(loop.time() - begun, time.process_time() - worked)
            except Exception as error:  # noqa: BLE001 - told, and tried again
                trouble.went_wrong(error, loop.time(), seq=seq)
                heard = max(seq or 0, self._looked)  # what came since that look may be what it needs
                rest = AGAIN
            await asyncio.sleep(rest)
            with suppress(StoreFailed):  # the next look says so
                await self._store.ledger.wait(heard, IDLE)

    async def finish(self, within: float) -> None:
        """Let the posts that are under way be sent and recorded, at most so many seconds, and begin no more."""
        await self._delivery.finish(within)

    async def catch_up(self, seq: int) -> int:
        """Bring everything up to date with the change log from `seq` on; how far it was read. Idempotent.

        Our posts too, unless `follow` has them delivered beside.
        """
        while True:
            read = await self._settle(seq)
            if not self._delivery.running:
                await self._delivery.work()
            if read == seq:
                return seq
            seq = read

    async def _settle(self, seq: int) -> int:
        """Read the change log from `seq` on, and settle and plan what it brings; how far it was read."""
        while True:
            changes = await self._store.ledger.changes(seq, ROUND)
            self._looked = changes[-1].seq if changes else seq
            await settle_some(self._store, self._summarizer, 200)
            reach("follow.settled")
            await self._plan_cards(_subjects(changes, Changed.DISCUSSION))
            await self._plan_highlights(_subjects(changes, Changed.VOTE))
            reach("follow.planned")
            await self._touch(changes)
            reach("follow.touched")
            self._delivery.wake()
            await self._index_text()
            if not changes:
                return seq
            seq = changes[-1].seq
            await self._store.outbox.set_cursor(FOLLOW, seq)

    async def _index_text(self) -> None:
        """Bring the text search up to date, part by part: what comes meanwhile is stored in between."""
        for _ in range(INDEXED):
            if not await self._store.ledger.index_text():
                break

    async def tick(self) -> None:
        """What the clock alone brings: digests, freshness of cards, text left to index."""
        await self._context.digests.tick(self._clock.now())
        await self._store.gaps.date(self._clock.now() - BEHIND)
        await self._reports.tick()
        if self._clock.now() - self._forgot >= REMEMBERED:
            self._forgot = self._clock.now()
            forget()
        for _ in range(FORGOTTEN):
            if not await self._store.keeping.forget(self._clock.now()):
                break
        if not self._delivery.running:  # else `follow` does that: where events never cease, neither would this
            await self.catch_up(await self._store.outbox.cursor(FOLLOW))

    async def _touch(self, changes: Sequence[Change]) -> None:
        """Mark the posts that show what changed."""
        discussions, channels = _subjects(changes, Changed.DISCUSSION), _subjects(changes, Changed.CHANNEL)
        if discussions:
            await self._store.outbox.touch(discussions)
        if channels:
            await self._store.outbox.touch_channels(channels)
        if any(change.kind in {Changed.CHANNEL, Changed.PLACES} for change in changes):
            self._catch_up.wake()  # a channel that is newly watched, or readable again, has a gap
            self._copies.wake(changed=True)
        if any(change.kind is Changed.POST for change in changes):
            self._copies.wake()

    async def _plan_cards(self, discussions: Sequence[int]) -> None:
        """Plan the cards that discussions earned by live replies."""
        now = self._clock.now()
        for answered in await self._store.forum.lively(discussions, now - CARD_WITHIN) if discussions else ():
            if wants_card(answered, now):
                found = answered.discussion
                await self._store.outbox.plan(PostKind.CARD, f"card:{found.id}", found.thread, now)

    async def _plan_highlights(self, messages: Sequence[int]) -> None:
        """Plan the posts that highlights earned by live votes."""
        for message in messages:
            post = await self._store.forum.numbered(message)
            if post is not None and highlights.published(post.votes, post.picked, live=False):
                await self._plan_highlight(post)

    async def _plan_highlight(self, post: Post) -> None:
        """Publish a highlight if the space chose a channel for that."""
        space = await self._store.places.space(post.ref.channel.space)
        discussion = await self._store.forum.containing(post.ref)
        if space is None or space.highlights_channel is None or discussion is None:
            return
        where = await self._store.places.channel(Channel(post.ref.channel.space, space.highlights_channel))
        if where is not None and may_publish(discussion, where):
            subject = highlight_subject(discussion.channel.key, post.ref)
            await self._store.outbox.plan(PostKind.HIGHLIGHT, subject, where.channel, self._clock.now())


def _rest(took: float, worked: float) -> float:
    """How long to rest after a look, in seconds: of what is quickly done nobody notices anything.

    `worked` are the processor's seconds of this process: what others keep waiting is late enough without a long rest.
    """
    return min(took * (REST + min(worked, took) / HEAVY), LONGEST)


def _subjects(changes: Sequence[Change], kind: Changed) -> Sequence[int]:
    """The subjects of all changes of one kind, each once."""
    return sorted({change.subject for change in changes if change.kind is kind})
