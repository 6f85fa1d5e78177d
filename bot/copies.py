"""Votes on what we posted ourselves: on our copy of a highlight they count for the original, elsewhere for nothing.

A reaction may come before we know that the copy is there, or while we are away. So the reactions of a copy are read as
soon as it is known, and those of the last days whenever a stream of events begins; the outbox remembers what is to do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeGuard

import structlog

from bot.errors import MessageGone, PlatformError
from bot.logs import went_wrong
from bot.models import (
    Channel,
    Event,
    MessageRef,
    MessageSeen,
    OwnPost,
    Platform,
    PostKind,
    Space,
    VoteCast,
    VoteSource,
    VotesRead,
)
from bot.ports import Adapter, Clock, Store

LOOK_BACK = timedelta(days=7)  # how old a copy may be whose reactions are read again
COPIES = 50  # of a space, the newest, that are read again
IDLE = 60.0  # seconds between looks when nothing happens
AGAIN = (30, 120, 600, 3600)  # seconds before a copy that could not be read is tried again

log = structlog.get_logger(__name__)

HIGHLIGHT = "highlight"  # subjects of our copies are "highlight:{channel key}:{message id}"


def highlight_subject(channel_key: int, ref: MessageRef) -> str:
    """What the copy of a highlighted message is about."""
    return f"{HIGHLIGHT}:{channel_key}:{ref.id}"


async def counted_for_originals(store: Store, events: Sequence[Event]) -> Sequence[Event]:
    """Events with the reactions on our copies turned into votes for the originals; those on other posts of ours go.

    One look into the outbox for all of them, none where nobody reacted.
    """
    asked = {event.ref for event in events if _is_reaction(event)}
    found = await store.outbox.posted(asked) if asked else {}
    ours = {ref: post for ref, post in found.items() if post.kind is not PostKind.OPENING}  # that is its opener's
    if not ours:
        return events
    channels = {known.key: known.channel for known in await store.places.channels()}
    originals = {ref: _original(post.kind, post.subject, channels) for ref, post in ours.items()}
    turned = (_turned(event, originals) for event in events)
    return [event for event in turned if event is not None]


def _is_reaction(event: Event) -> TypeGuard[VoteCast | VotesRead]:
    return isinstance(event, VoteCast | VotesRead) and event.source is VoteSource.REACTION


def _turned(event: Event, originals: Mapping[MessageRef, MessageRef | None]) -> Event | None:
    """A vote where it belongs; None if it is worth nothing."""
    if not _is_reaction(event) or event.ref not in originals:
        return event
    original = originals[event.ref]
    return None if original is None else replace(event, ref=original, source=VoteSource.COPY)


def _original(kind: PostKind, subject: str, channels: Mapping[int, Channel]) -> MessageRef | None:
    """The message that a post of ours is a copy of."""
    if kind is not PostKind.HIGHLIGHT:
        return None
    _, key, ident = subject.split(":", 2)
    channel = channels.get(int(key))
    return None if channel is None else MessageRef(channel, ident)


class Copies:
    """Reads the reactions of our copies where some may have been missed, and tells them as events."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        adapters: Mapping[Platform, Adapter],
        tell: Callable[[Sequence[Event]], Awaitable[None]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._adapters = adapters
        self._tell = tell
        self._news = asyncio.Event()
        self._resting: dict[int, tuple[datetime, int]] = {}  # until when, and after how many failures

    def wake(self, *, changed: bool = False) -> None:
        """Look soon; what failed is tried at once where something `changed` that may have been in the way."""
        if changed:
            self._resting.clear()
        self._news.set()

    async def run(self) -> None:
        """Read until cancelled; a store that fails is asked again after a while."""
        while True:
            self._news.clear()
            try:
                await self.work()
            except Exception as error:  # noqa: BLE001 - told, and tried again
                went_wrong(log, "copies not looked for", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await self._news.wait()

    async def work(self) -> int:
        """Read what can be read now, one after the other; how many copies that were."""
        now, read = self._clock.now(), 0
        for post, times in await self._store.outbox.unread(now - LOOK_BACK):
            adapter = None if post.ref is None else self._hearing(post.ref.channel.space)
            if adapter is None or (post.id in self._resting and self._resting[post.id][0] > now):
                continue
            try:
                events = await _reactions(adapter, post)
            except PlatformError as error:
                self._rest(post, error)
                continue
            await self._tell(events)
            await self._store.outbox.read(post.id, times)
            self._resting.pop(post.id, None)
            read += 1
        return read

    def _hearing(self, space: Space) -> Adapter | None:
        """The adapter that hears a space, if this process has it."""
        adapter = self._adapters.get(space.platform)
        return adapter if adapter is not None and adapter.hears(space) else None

    def _rest(self, post: OwnPost, error: PlatformError) -> None:
        failures = self._resting[post.id][1] if post.id in self._resting else 0
        seconds = AGAIN[min(failures, len(AGAIN) - 1)]
        self._resting[post.id] = (self._clock.now() + timedelta(seconds=seconds), failures + 1)
        log.warning("reactions of a copy not read", post=post.id, reason=str(error), again_in=seconds)


async def _reactions(adapter: Adapter, post: OwnPost) -> Sequence[Event]:
    """All votes on a post of ours, as its platform has them; none of one that is gone."""
    ref = post.ref
    if ref is None:
        return ()
    with suppress(MessageGone):
        async for event in adapter.history(post.where, ref.position - 1):
            if isinstance(event, VotesRead) and event.ref == ref:
                return (event,)
            if isinstance(event, MessageSeen) and event.message.ref.position > ref.position:
                break
    return ()
