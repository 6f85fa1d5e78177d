"""The outbox at work: claim, freeze, send, record; and afterwards edits that keep our posts true.

A post is rendered anew each time it is claimed, and the platform is called only when the text differs from what was
last frozen. What a crash left in SENDING is looked for on the platform before it is sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import Forbidden, MessageGone, PlatformError
from bot.models import Card, Channel, MessageRef, OwnPost, Platform, PostState, Space, Thread
from bot.ports import NOTHING_TO_SHOW, Adapter, Clock, Store

LEASE = 60  # seconds that nobody else touches a claimed post
BACKOFF = (5, 30, 120, 600, 1800)  # seconds before the next try
FORBIDDEN_REST = 3600  # seconds: a missing permission does not come back by asking

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a post shows now: whose words it carries, when the clock alone will change it, whether it has to wait."""

    card: Card
    cites: tuple[MessageRef, ...] = ()
    next_change_at: datetime | None = None
    not_before: datetime | None = None  # what is not posted yet waits until then


class Render(Protocol):
    """Makes what a post shows from the state of things; None when it should not be there (any more)."""

    async def __call__(self, post: OwnPost) -> Rendered | None:
        """Render one post."""
        ...


def channel_of(post: OwnPost) -> Channel:
    """The channel that a post stands in."""
    return post.where.channel if isinstance(post.where, Thread) else post.where


def space_of(post: OwnPost) -> Space:
    """Where a post stands."""
    return channel_of(post).space


class Delivery:
    """Sends and edits our posts; several may run, in one process or many: the leases decide."""

    def __init__(
        self, *, store: Store, clock: Clock, adapters: Mapping[Platform, Adapter], render: Render, owner: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._adapters = adapters
        self._render = render
        self._owner = owner

    async def work(self) -> int:
        """Deliver everything that is due; how many posts were looked at."""
        done = 0
        while posts := await self._store.outbox.claim(self._owner, self._clock.now(), LEASE):
            for post in posts:
                await self._deliver(post)
            done += len(posts)
        return done

    async def _deliver(self, post: OwnPost) -> None:
        """Bring one post up to date; whatever the platform answers is recorded, never raised."""
        adapter = self._adapters.get(space_of(post).platform)
        if adapter is None:
            await self._again(post, "its platform is not connected", FORBIDDEN_REST)
            return
        try:
            await self._bring_up_to_date(adapter, post)
        except MessageGone:
            await self._store.outbox.gone(post.id, "deleted on its platform")
        except Forbidden as error:
            await self._again(post, str(error), FORBIDDEN_REST)
        except PlatformError as error:
            await self._again(post, str(error), BACKOFF[min(post.attempts, len(BACKOFF) - 1)])
        except Exception as error:  # one post that cannot be made must not keep all others waiting
            log.exception("post not made", post=post.id, subject=post.subject)
            await self._again(post, repr(error), BACKOFF[min(post.attempts, len(BACKOFF) - 1)])

    async def _bring_up_to_date(self, adapter: Adapter, post: OwnPost) -> None:
        rendered = await self._render(post)
        if rendered is None:
            await self._take_down(adapter, post)
            return
        if post.ref is not None and post.state is PostState.LIVE and post.card == rendered.card:
            await self._store.outbox.sent(post.id, self._owner, post.ref, rendered.next_change_at)
            return
        ref = post.ref or await self._left_by_a_crash(adapter, post)
        if ref is None and rendered.not_before is not None:
            await self._store.outbox.postpone(post.id, self._owner, rendered.not_before)
            return
        if not await self._store.outbox.freeze(post.id, self._owner, rendered.card, rendered.cites):
            return
        if ref is None:
            ref = await adapter.post(post.where, rendered.card, post.marker)
        else:
            await adapter.edit(post.where, ref, rendered.card)
        await self._store.outbox.sent(post.id, self._owner, ref, rendered.next_change_at)

    async def _left_by_a_crash(self, adapter: Adapter, post: OwnPost) -> MessageRef | None:
        """Look for a post that may have gone out before a crash; never sent ones are not looked for."""
        if post.state is not PostState.SENDING:
            return None
        return await adapter.find_own(post.where, post.marker, self._clock.now() - timedelta(days=14))

    async def _take_down(self, adapter: Adapter, post: OwnPost) -> None:
        if post.ref is not None:
            await adapter.delete(post.where, post.ref)
        await self._store.outbox.gone(post.id, NOTHING_TO_SHOW)

    async def _again(self, post: OwnPost, reason: str, seconds: int) -> None:
        log.warning("post not delivered", post=post.id, subject=post.subject, reason=reason)
        not_before = self._clock.now() + timedelta(seconds=seconds)
        await self._store.outbox.retry(post.id, self._owner, reason, not_before)
