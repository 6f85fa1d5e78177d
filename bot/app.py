"""The heart: events and commands come in, and whatever they change is followed to everything that shows it.

`on_event` only stores; one follower reads the change log (whoever wrote it, this process or another), settles what was
changed, plans the cards and highlight posts that live events earned, and lets delivery bring our posts up to date.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot import highlights
from bot.commands.context import Context
from bot.commands.running import run
from bot.delivery import Delivery
from bot.discussions import wants_card
from bot.models import (
    Answer,
    Command,
    Event,
    MessageRef,
    MessageSeen,
    Origin,
    PostKind,
    Thread,
    VoteCast,
)
from bot.ports import Change, Changed, Clock, Store, Summarizer
from bot.settling import settle_some

FOLLOW = "follow"  # the cursor's name
ROUND = 1000  # changes read at once
IDLE = 15.0  # seconds between looks when nothing happens

log = structlog.get_logger(__name__)


class App:
    """The core of a running Folkmoot; the only Inbox."""

    def __init__(
        self, *, store: Store, clock: Clock, context: Context, delivery: Delivery, summarizer: Summarizer
    ) -> None:
        self._store = store
        self._clock = clock
        self._context = context
        self._delivery = delivery
        self._summarizer = summarizer
        self._replied: dict[Thread, datetime] = {}  # threads with a reply that arrived live, and when it was sent
        self._voted: set[MessageRef] = set()  # messages with a vote that arrived live

    async def on_event(self, event: Event) -> None:
        """Take an event; returns when it is durable. What happens in a channel nobody watches is not kept."""
        if not await self._wanted(event):
            return
        await self._store.ledger.record([event])
        self._remember(event)

    async def on_command(self, command: Command) -> Answer:
        """Run a command; CommandError says to the asker why not."""
        return await run(self._context, command)

    async def _wanted(self, event: Event) -> bool:
        match event:
            case MessageSeen(message=message):
                channel = message.ref.channel
            case VoteCast(ref=ref):
                channel = ref.channel
            case _:
                return True
        known = await self._store.places.channel(channel)
        return known is not None and known.settings.watched and not known.removed

    def _remember(self, event: Event) -> None:
        """Keep in mind what may make a card appear or a highlight be published: live events only."""
        match event:
            case MessageSeen(message=message, origin=Origin.LIVE) if message.ref.id != message.thread.id:
                self._replied[message.thread] = message.sent_at
            case VoteCast(ref=ref, origin=Origin.LIVE):
                self._voted.add(ref)
            case _:
                pass

    async def follow(self) -> None:
        """Follow the change log until cancelled; what a crash left undone is done by the next process."""
        seq = await self._store.outbox.cursor(FOLLOW)
        while True:
            seq = await self.catch_up(seq)
            await self._store.ledger.wait(seq, IDLE)

    async def catch_up(self, seq: int) -> int:
        """Bring everything up to date with the change log from `seq` on; how far it was read. Idempotent."""
        while True:
            changes = await self._store.ledger.changes(seq, ROUND)
            await settle_some(self._store, self._summarizer, 200)
            await self._plan_live()
            await self._touch(changes)
            await self._delivery.work()
            await self._store.ledger.index_text()
            if not changes:
                return seq
            seq = changes[-1].seq
            await self._store.outbox.set_cursor(FOLLOW, seq)

    async def tick(self) -> None:
        """What the clock alone brings: digests, freshness of cards, text left to index."""
        await self._context.digests.tick(self._clock.now())
        await self.catch_up(await self._store.outbox.cursor(FOLLOW))

    async def _touch(self, changes: Sequence[Change]) -> None:
        """Mark the posts that show what changed."""
        discussions = sorted({change.subject for change in changes if change.kind is Changed.DISCUSSION})
        channels = sorted({change.subject for change in changes if change.kind is Changed.CHANNEL})
        if discussions:
            await self._store.outbox.touch(discussions)
        if channels:
            await self._store.outbox.touch_channels(channels)

    async def _plan_live(self) -> None:
        """Plan the cards and highlight posts that live events earned."""
        replied, self._replied = self._replied, {}
        voted, self._voted = self._voted, set()
        for thread, sent_at in replied.items():
            await self._plan_card(thread, sent_at)
        for ref in voted:
            await self._plan_highlight(ref)

    async def _plan_card(self, thread: Thread, sent_at: datetime) -> None:
        discussion = await self._store.forum.discussion_of(thread)
        if discussion is not None and wants_card(discussion, sent_at, self._clock.now()):
            await self._store.outbox.plan(PostKind.CARD, f"card:{discussion.id}", thread, self._clock.now())

    async def _plan_highlight(self, ref: MessageRef) -> None:
        """Publish a highlight where a channel was chosen for that."""
        space = await self._store.places.space(ref.channel.space)
        discussion = await self._store.forum.containing(ref)
        if space is None or space.highlights_channel is None or discussion is None:
            return
        post = await self._store.forum.post(ref)
        where = next(
            (
                channel.channel
                for channel in await self._store.places.channels()
                if channel.channel.space == ref.channel.space and channel.channel.id == space.highlights_channel
            ),
            None,
        )
        if post is not None and where is not None and highlights.published(post.votes, post.picked, live=False):
            subject = f"highlight:{discussion.channel.key}:{ref.id}"
            await self._store.outbox.plan(PostKind.HIGHLIGHT, subject, where, self._clock.now())
