"""The outbox at work: claim, freeze, send, record; and afterwards edits that keep our posts true.

A post is claimed when its turn comes: the stalest first, a limited number at once, never two at once in one channel or
thread, and only where the platform's pace allows a call. So a slow channel holds up no other, and a post that was
marked many times is rendered once, as things are then. The platform is called only if the text differs from what was
frozen last. A post that a crash left in SENDING is looked for on the platform before it is sent again.

One process at a time sends to a platform, or to its part of it: three processes that each kept the pace would break it
together. Another one takes over when that one dies or stands still.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import (
    Archived,
    Forbidden,
    MessageGone,
    PlatformError,
    StoreBusy,
    StoreFailed,
    Unavailable,
    Unchangeable,
)
from bot.failpoints import reach
from bot.leasing import Turns
from bot.logs import went_wrong
from bot.models import Card, Drop, MessageRef, OwnPost, Platform, PostState, Space, channel_of
from bot.pacing import Budget, Place
from bot.ports import Adapter, Busy, Clock, Pace, Store
from bot.setbacks import UNCHANGEABLE, UNMADE, too_late

LEASE = 120  # seconds that nobody else touches a claimed post
LONGEST = 100.0  # seconds that bringing one post up to date may take: well within its lease, and time for a look that
# has to wait a minute for its turn
SIDE_BY_SIDE = 10  # posts on a platform
IDLE = 15.0  # seconds between looks when nobody says that something is due
BACKOFF = (5, 30, 120, 600, 1800)  # seconds before the next try
TRIES, OUTAGE_TRIES = 5, 20  # tries before giving up: when refused; when there is no answer (that takes eight hours)
PARKED_REST = 86_400  # seconds before the next try of one that was given up and stands
FORBIDDEN_REST = 3600  # seconds: asking more often does not bring back a missing permission
ABSENT_REST = 15  # seconds between looks for whether a platform, or a space on it, is back
SKEW = timedelta(minutes=5)  # how far a platform's clock may be off from ours
ARCHIVED_REST = 30 * 86_400  # seconds; opening the thread ends it

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a post shows now: whose words it carries, when the clock alone will change it, whether it has to wait."""

    card: Card
    cites: tuple[MessageRef, ...] = ()
    next_change_at: datetime | None = None
    not_before: datetime | None = None  # what is not posted yet waits until then
    drop: Drop | None = None  # what is not posted yet should not be posted any more


class Render(Protocol):
    """Makes what a post shows from the state of things; None when it should not be there (any more)."""

    async def __call__(self, post: OwnPost) -> Rendered | None:
        """Render one post."""
        ...


def space_of(post: OwnPost) -> Space:
    """The space that a post is in."""
    return channel_of(post.where).space


class Delivery:
    """Sends and edits our posts; several may run, in one process or many: the leases decide.

    While it runs beside the rest, it sends only where it is its turn; told to `work`, everywhere.
    """

    def __init__(
        self, *, store: Store, clock: Clock, adapters: Mapping[Platform, Adapter], render: Render, owner: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._adapters = adapters
        self._render = render
        self._owner = owner
        self._turns = Turns(store=store, clock=clock, owner=owner)
        self._absent: dict[Space, datetime] = {}  # spaces that are not connected, and until when each is left alone
        self._budget = Budget({platform: adapter.pace for platform, adapter in adapters.items()})
        self._news = asyncio.Event()  # something is due, or one that was under way is done
        self._turn = asyncio.Lock()
        self._ending = False
        self.running = False  # whether `run` does the work

    async def run(self) -> None:
        """Deliver what is due, again and again, until cancelled; `wake` says that something may be."""
        self.running = True
        try:
            while True:
                try:
                    await self.work()
                except Exception as error:  # noqa: BLE001 - told, and tried again
                    went_wrong(log, "not delivered", error)
                    self._news.clear()  # otherwise a store that is down would be asked without pause
                await self._something(IDLE)
        finally:
            self.running = False
            for adapter in self._adapters.values():
                await self._turns.give_back(_turn_of(adapter))

    def wake(self) -> None:
        """Something may be due."""
        self._news.set()

    def arrived(self, space: Space) -> None:
        """A space is back: what could not be tried there is tried at once."""
        self._absent.pop(space, None)
        self.wake()

    async def work(self) -> int:
        """Deliver everything that is due; how many posts were looked at."""
        async with self._turn:
            under_way: dict[Place, asyncio.Task[None]] = {}
            try:
                while True:
                    try:
                        return await self._all_due(under_way)
                    except (StoreBusy, StoreFailed) as error:
                        if all(task.done() for task in under_way.values()):
                            raise
                        went_wrong(log, "nothing more is delivered for now", error)  # what is under way goes on
                        await self._something(IDLE)
            finally:
                for task in under_way.values():
                    task.cancel()
                await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def finish(self, within: float) -> None:
        """Begin nothing more, and let what is under way end, at most so many seconds."""
        self._ending = True
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._turn:
                pass

    async def _all_due(self, under_way: dict[Place, asyncio.Task[None]]) -> int:
        done = 0
        while True:
            self._news.clear()
            for place in [place for place, task in under_way.items() if task.done()]:
                del under_way[place]
            now, until = asyncio.get_running_loop().time(), self._clock.now() + timedelta(seconds=LONGEST)
            full = self._budget.full(now)
            most, crowded = _side_by_side(under_way)
            room = 0 if self._ending else self._budget.room(most)
            posts = await self._claimed(room, {*full, *under_way, *crowded, *await self._others()}, now) if room else ()
            for post in posts:
                self._budget.take(post, now)
                under_way[post.where] = task = asyncio.create_task(self._deliver(post, now, until))
                task.add_done_callback(lambda _: self._news.set())
            done += len(posts)
            if posts:
                continue
            waits = bool(full) and not self._ending and await self._store.outbox.is_due(self._clock.now())
            if not under_way and not waits:
                return done
            await self._something(min(full.values()) - now if waits else IDLE)

    async def _claimed(self, room: int, busy: Collection[Busy], loop_time: float) -> Sequence[OwnPost]:
        now, budget = self._clock.now(), self._budget
        away = {space for space, until in self._absent.items() if now < until <= now + timedelta(seconds=ABSENT_REST)}
        had = budget.had(loop_time)
        return await self._store.outbox.claim(self._owner, now, LEASE, room, {*busy, *away}, budget.singly, had)

    async def _others(self) -> Sequence[Busy]:
        """The platforms and spaces that are left to other processes just now."""
        theirs: list[Busy] = []
        for platform, adapter in self._adapters.items():
            if self.running and adapter.pace != Pace() and not await self._turns.mine(_turn_of(adapter)):
                theirs.append(platform)
            elif adapter.part:
                spaces = [known.info.space for known in await self._store.places.spaces()]
                theirs += [each for each in spaces if each.platform is platform and not adapter.hears(each)]
        return theirs

    async def _something(self, seconds: float) -> None:
        """Wait until something happens, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def _deliver(self, post: OwnPost, turn: float, until: datetime) -> None:
        """Bring one post up to date; whatever the platform answers is recorded. A call not made is given back.

        None is made after `until`: when the lease ends, another process may make it.
        """
        called = True
        try:
            called = await self._answered(post, until)
        except Exception as error:  # noqa: BLE001 - when the lease ends, it is looked for on its platform
            went_wrong(log, "post not recorded", error, post=post.id, subject=post.subject)
        finally:
            if not called:
                self._budget.give_back(post, turn)

    async def _answered(self, post: OwnPost, until: datetime) -> bool:
        """Bring one post up to date and record whatever the platform answers; whether it was called."""
        adapter = self._adapters.get(space_of(post).platform)
        if adapter is None:
            await self._unconnected(post)
            return False
        try:
            reach("delivery.claimed")
            async with asyncio.timeout(LONGEST):
                return await self._bring_up_to_date(adapter, post, until)
        except PlatformError as error:
            return await self._refused(post, error)
        except TimeoutError:
            return await self._refused(post, Unavailable("no answer in time"))
        except (StoreBusy, StoreFailed):  # this does not count as a try: the post is not parked because of it
            raise
        except Exception as error:  # one post that cannot be rendered must not hold up all others
            log.exception("post not made", post=post.id, subject=post.subject, error=repr(error))
            await self._again(post, UNMADE)
        return True

    async def _unconnected(self, post: OwnPost) -> None:
        """Its platform is not among ours, now at least."""
        if post.state is PostState.PLANNED and too_late(post, self._clock.now()):
            await self._drop(post, Drop.LATE)
        else:
            await self._later(post, "its platform is not connected", FORBIDDEN_REST)

    async def _refused(self, post: OwnPost, error: PlatformError) -> bool:
        """Record what a platform's refusal means for a post; whether it was called."""
        match error:
            case MessageGone():
                await self._store.outbox.gone(post.id, "deleted on its platform")
            case Archived():
                await self._later(post, str(error), ARCHIVED_REST)
            case Unchangeable():
                await self._again(post, UNCHANGEABLE, FORBIDDEN_REST)
            case Forbidden():
                await self._again(post, str(error), FORBIDDEN_REST)
            case Unavailable(asked=False):
                self._absent[space_of(post)] = self._clock.now() + timedelta(seconds=ABSENT_REST)
                await self._later(post, str(error), 0)  # it waits for its space, and so do all other posts there
                return False
            case Unavailable(after=after):
                if after:
                    self._budget.rest(post, asyncio.get_running_loop().time() + after)
                await self._again(post, str(error), max(after, _backoff(post)), OUTAGE_TRIES)
            case _:
                await self._again(post, str(error))
        return True

    async def _bring_up_to_date(self, adapter: Adapter, post: OwnPost, until: datetime) -> bool:
        """Show what it should show; whether the platform was called.

        Where it stands is looked for first: that may take long, and what it shows depends on it.
        """
        ref = post.ref or await self._left_by_a_crash(adapter, post)
        rendered = await self._render(replace(post, ref=ref))
        reach("delivery.rendered")
        if rendered is None:
            return await self._take_down(adapter, post, ref, until)
        if post.ref is not None and post.state is PostState.LIVE and post.card == rendered.card:
            await self._store.outbox.sent(post.id, self._owner, post.ref, rendered.next_change_at)
            return False
        if ref is None and await self._held_back(post, rendered):
            return False
        if not await self._frozen(post, rendered, until):
            return False
        stale = True
        if ref is None:
            ref, stale = await self._posted(adapter, post, rendered.card)
        if stale:
            await adapter.edit(post.where, ref, rendered.card)
            reach("delivery.edited")
        if not await self._store.outbox.sent(post.id, self._owner, ref, rendered.next_change_at):
            await self._too_late(adapter, post, ref)
        reach("delivery.recorded")
        return True

    async def _posted(self, adapter: Adapter, post: OwnPost, card: Card) -> tuple[MessageRef, bool]:
        """Send it; where it stands, and whether it may show what a crash left unrecorded.

        A platform that knows the marker gives back what it was sent first.
        """
        ref = await adapter.post(post.where, card, post.marker)
        reach("delivery.posted")
        stale = post.state is PostState.SENDING and post.card != card
        if stale:  # kept before it is changed: if that is refused, it must not be looked for, or sent, again
            await self._store.outbox.stands(post.id, self._owner, ref)
        return ref, stale

    async def _frozen(self, post: OwnPost, rendered: Rendered, until: datetime) -> bool:
        """Keep what is about to be shown; False if we stood still so long that another process may show it."""
        if not await self._store.outbox.freeze(post.id, self._owner, rendered.card, rendered.cites):
            return False
        reach("delivery.frozen")
        return self._clock.now() < until

    async def _held_back(self, post: OwnPost, rendered: Rendered) -> bool:
        """Whether a post that does not stand is not to be posted any more, or not yet."""
        drop = rendered.drop or (Drop.LATE if too_late(post, self._clock.now()) else None)
        if drop is not None:
            await self._drop(post, drop)
        elif rendered.not_before is not None:
            await self._store.outbox.postpone(post.id, self._owner, rendered.not_before)
        return drop is not None or rendered.not_before is not None

    async def _drop(self, post: OwnPost, drop: Drop) -> None:
        log.warning("post dropped", post=post.id, subject=post.subject, reason=drop.value)
        await self._store.outbox.drop(post.id, self._owner, drop, self._clock.now())

    async def _too_late(self, adapter: Adapter, post: OwnPost, ref: MessageRef) -> None:
        """We stood still, and another process showed it meanwhile: what we posted beside that must not stand twice."""
        stands = await self._store.outbox.post(post.id)
        if stands is not None and stands.ref is not None and stands.ref != ref:
            await adapter.delete(post.where, ref)
        self.wake()

    async def _left_by_a_crash(self, adapter: Adapter, post: OwnPost) -> MessageRef | None:
        """Look for a post that may have gone out before a crash, and record where it stands; if never sent, do not."""
        if post.state is not PostState.SENDING:
            return None
        ref = await adapter.find_own(post.where, post.marker, post.planned_at - SKEW)
        if ref is not None:
            await self._store.outbox.stands(post.id, self._owner, ref)
        return ref

    async def _take_down(self, adapter: Adapter, post: OwnPost, ref: MessageRef | None, until: datetime) -> bool:
        """Take it away; not if we stood still so long that another process may have it, and show it."""
        if self._clock.now() >= until:
            return False
        if ref is not None:
            await adapter.delete(post.where, ref)
            reach("delivery.removed")
        await self._store.outbox.taken_down(post, self._clock.now())
        return ref is not None

    async def _again(self, post: OwnPost, reason: str, seconds: float | None = None, tries: int = TRIES) -> None:
        """Try again after a while; in the end it is given up, and what stands and is not true is tried once a day."""
        log.warning("post not delivered", post=post.id, subject=post.subject, reason=reason)
        rest = _backoff(post) if seconds is None else seconds
        not_before = self._clock.now() + timedelta(seconds=PARKED_REST if post.attempts + 1 >= tries else rest)
        await self._store.outbox.retry(post.id, self._owner, reason, not_before, tries)

    async def _later(self, post: OwnPost, reason: str, seconds: float) -> None:
        """It was not its turn: this does not count as a try."""
        log.info("post waits", post=post.id, subject=post.subject, reason=reason)
        not_before = self._clock.now() + timedelta(seconds=seconds)
        await self._store.outbox.postpone(post.id, self._owner, not_before, reason)


def _side_by_side(under_way: Collection[Place]) -> tuple[int, set[Platform]]:
    """How many more posts may be begun, and the platforms with as many under way as may be: no other waits for them."""
    numbers = Counter(channel_of(place).space.platform for place in under_way)
    crowded = {platform for platform in Platform if numbers[platform] >= SIDE_BY_SIDE}
    return SIDE_BY_SIDE - max(
        (numbers[each] for each in Platform if each not in crowded), default=SIDE_BY_SIDE
    ), crowded


def _turn_of(adapter: Adapter) -> str:
    """What the sending to a platform is called, or to our part of it."""
    return f"send {adapter.platform} {adapter.part}".strip()


def _backoff(post: OwnPost) -> float:
    """How long to wait after one more failure; spread, so that what failed together is not tried together."""
    longest = BACKOFF[min(post.attempts, len(BACKOFF) - 1)]
    return longest * random.uniform(0.8, 1.0)  # noqa: S311 - spreads tries, guards nothing
