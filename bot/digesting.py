"""The runner of digests: from slots that are due to frozen runs whose posts wait in the outbox.

Several processes may tick at once; the claim of a slot decides who makes its digest. What a crash leaves claimed is
handed out again. Posting is delivery's: it renders a run with the words of that moment, and again whenever they change.

A digest is made, shown and mended by the schedule as it was when its slot was found due, whatever is edited later. If
the schedule is paused or removed before the post is there, nothing is posted; after a pause the next digest covers that
time too. A digest that cannot be posted before the next slot is dropped, and the next one covers its time: after an
outage a schedule posts one digest, the newest. No next one is made while the last may still appear.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.access import allowed
from bot.cards import Drawn, quoted
from bot.digests import QUOTE_LIMIT, Words, choose, digest_card, fitting, is_news, why_card
from bot.digests.audience import Audience, cites_of, place_of, quote_stands, reached, readable
from bot.digests.lateness import late_line, missed_line, waited
from bot.discussions import shown_title
from bot.failpoints import reach
from bot.models import (
    Card,
    Channel,
    Discussion,
    Drop,
    Every,
    KnownChannel,
    MessageRef,
    Pick,
    Platform,
    Rule,
    Run,
    RunState,
    Schedule,
    Scope,
    Slot,
    Space,
    Window,
    channel_of,
)
from bot.naming import origin_of
from bot.ports import Store
from bot.rescheduling import kept_schedule
from bot.schedule import (
    LATE,
    WEEKDAYS,
    due,
    morning_after,
    next_slots,
    previous_slot,
    reach_of,
)
from bot.setbacks import CHANNEL_ARCHIVED, CHANNEL_GONE, STUMBLED
from bot.texts import Texts, texts_for
from bot.urls import Urls

PARTS = {
    Every.DAILY: 8,
    Every.WEEKDAYS: 8,
    Every.WEEKLY: 7,
    Every.FORTNIGHTLY: 14,
    Every.MONTHLY: 15,
}  # of the sparkline
READING = timedelta(minutes=5)  # how long a digest waits for what is read after a break
AT_ONCE = 16  # schedules run side by side, so that they share commits
NO_WINDOW = timedelta(seconds=1)  # the shortest window, for a digest asked for at once

log = structlog.get_logger(__name__)


class Digests:
    """Makes digests, previews them, keeps posted ones true and explains them."""

    def __init__(self, *, store: Store, urls: Urls) -> None:
        self._store = store
        self._urls = urls
        self._held: dict[int, tuple[str, datetime]] = {}  # by schedule: the slot that was due last, and since when

    async def tick(self, now: datetime) -> int:
        """Run every schedule whose slot has come; how many slots were this one's to do.

        A schedule that fails is logged and does not keep the others waiting.
        """
        waiting = await self._store.calendar.overtake()
        coming = [each for each in await self._store.calendar.schedules() if not each.paused and each.id not in waiting]
        room, reading = asyncio.Semaphore(AT_ONCE), await self._reading(now)
        return sum(await asyncio.gather(*(self._try(each, now, room, reading) for each in coming)))

    async def _reading(self, now: datetime) -> frozenset[int]:
        """The channels that are being read after a break: no digest would tell of what comes then."""
        gaps = [gap for platform in Platform for gap in await self._store.gaps.open(platform)]
        return frozenset(gap.channel.key for gap in gaps if now - gap.began_at < READING)

    async def _try(self, schedule: Schedule, now: datetime, room: asyncio.Semaphore, reading: frozenset[int]) -> bool:
        async with room:
            try:
                return await self._run_due(schedule, now, reading)
            except Exception:
                log.exception("digest failed", schedule=schedule.id)
                return False

    async def _run_due(self, schedule: Schedule, now: datetime, reading: frozenset[int]) -> bool:
        """Make a schedule's digest if it is due and nobody else does; whether it was ours to do."""
        found = due(schedule, now)
        if found is None or found.wait_until is not None:
            return False
        if reading and await self._is_held(schedule, found.slot, now, reading):
            return False
        claimed = await self._store.calendar.claim(found.slot, found.start, now)
        if claimed is None:
            return False
        reach("digest.claimed")
        missed = await self._store.calendar.merge(found.missed, now)
        await self._store.calendar.merge(found.skipped, now, Drop.LATE)
        try:
            await self._make(claimed, schedule, now, late=found.late, missed=missed)
        except Exception:
            await self._store.calendar.stumbled(claimed, STUMBLED)
            raise
        return True

    async def _is_held(self, schedule: Schedule, slot: Slot, now: datetime, reading: frozenset[int]) -> bool:
        """Whether a digest waits for what is being read; not for ever, though breaks follow one another."""
        key, since = self._held.get(schedule.id, ("", now))
        if key != slot.key:
            self._held[schedule.id] = slot.key, now
        elif now - since >= READING:
            return False
        audience = await self.audience(schedule)
        return audience is not None and not audience.collects.isdisjoint(reading)

    async def _make(
        self, claimed: int, schedule: Schedule, now: datetime, *, late: bool = False, missed: int = 0
    ) -> int | None:
        """Fill a claimed run from its window and plan its post; the post's id, None if nothing is posted.

        All of it by `schedule`, as it was when the slot was found due: what is changed meanwhile holds for the next.
        """
        run = await self._store.forum.run(claimed)
        audience = await self.audience(schedule)
        if run is None or audience is None:
            await self._store.calendar.finish(claimed, RunState.FAILED, CHANNEL_GONE, now)
            return None
        if audience.destination.info.archived:  # nothing can be posted; the window stays open for when it can
            await self._store.calendar.finish(claimed, RunState.FAILED, CHANNEL_ARCHIVED, now)
            return None
        run = replace(run, schedule=replace(schedule, last_end=run.schedule.last_end))
        start = max(run.start, run.schedule.last_end or run.start)  # nothing of a slot that ended since is told twice
        window = await self._window(run.schedule, audience.collects, start, run.slot.due_at)
        reason = missed_line(missed, audience.texts)
        if late:
            reason = late_line(run, audience.texts, reason, waited=waited(run, now))
        run = replace(run, start=start, late=late, reason=reason)
        filled, (card, cites) = await self._filled(run, window, audience)
        if not filled.picks and not run.schedule.say_quiet:
            await self._store.calendar.finish(claimed, RunState.EMPTY, "Nothing happened.", now)
            return None
        post = await self._store.calendar.freeze(filled, card, cites, now)
        reach("digest.frozen")
        return post

    async def now(self, schedule: Schedule, now: datetime) -> int | None:
        """Make a digest of what happened since the last one, at once; the run, None if there is nothing to tell.

        It is a run of its own beside the slots, one a minute; the next window begins where it ends. While the last one
        is on its way, it is that one.
        """
        waiting = await self._store.calendar.overtake()
        if schedule.id in waiting:
            return waiting[schedule.id]
        schedule = await kept_schedule(self._store, schedule.id) or schedule
        start = await self._since(schedule, now)
        audience = await self.audience(schedule)
        if audience is None or not (await self._window(schedule, audience.collects, start, now)).candidates:
            return None
        slot = Slot(schedule=schedule.id, key=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"), due_at=now)
        claimed = await self._store.calendar.claim(slot, start, now)
        if claimed is None or await self._make(claimed, schedule, now) is None:
            return None
        return claimed

    async def preview(
        self, schedule: Schedule, scope: Scope, now: datetime, texts: Texts | None = None
    ) -> tuple[Run, Card] | None:
        """What the coming digest has so far, limited to what the asker may read (`scope`); None if it can go nowhere.

        The window ends now. A schedule that never ran looks one period back, to show what it will be like.
        """
        audience = await self.audience(schedule)
        if audience is None:
            return None
        may = audience.may & audience.known_to(scope)
        audience = replace(
            audience,
            may=may,
            collects=audience.collects & may,
            kept_out=audience.kept_out & scope.channels,
            texts=(texts or audience.texts).at(schedule.rule.zone),
        )
        [coming] = next_slots(schedule.rule, now, 1, schedule.id)
        period = coming.due_at - previous_slot(schedule, coming.due_at).due_at
        start = await self._since(schedule, now, fresh=now - period)
        run = Run(
            id=0,
            schedule=schedule,
            slot=replace(coming, due_at=now),
            state=RunState.CLAIMED,
            start=start,
            picks=(),
            discussions=0,
            people=0,
        )
        window = await self._window(schedule, audience.collects, start, now)
        filled, (card, _) = await self._filled(run, window, audience)
        return filled, card

    async def _since(self, schedule: Schedule, now: datetime, fresh: datetime | None = None) -> datetime:
        """Where a window that ends now begins; `fresh` if the schedule never ran."""
        since = schedule.last_end or fresh or schedule.created_at
        return min(max(since, reach_of(schedule, now)), now - NO_WINDOW)

    async def render(self, run_id: int) -> Drawn | None:
        """A run as it stands now: current words, or "(no longer available)"; None when there is nothing to show."""
        run = await self._store.forum.run(run_id)
        if run is None or run.state is RunState.WITHDRAWN:
            return None
        post = await self._store.outbox.of_subject(f"digest:{run_id}")
        stands = run.schedule.destination if post is None else channel_of(post.where)
        audience = await self.audience(replace(run.schedule, destination=stands))
        return None if audience is None else await self._drawn(run, audience)

    async def waits(self, run_id: int, now: datetime) -> datetime | None:
        """Until when a digest that is not posted yet has to wait: it became late after it was made, and it is night.

        Its footer says so from then on.
        """
        run = await self._store.forum.run(run_id)
        if run is None or now - run.slot.due_at <= LATE:
            return None
        until = morning_after(run.schedule.rule, now)
        if not run.late:
            space = await self._store.places.space(run.schedule.destination.space)
            texts = texts_for("en" if space is None else space.locale, run.schedule.rule.zone)
            texts = texts.on(run.schedule.destination.space.platform)
            await self._store.calendar.late(run_id, late_line(run, texts, run.reason, waited=until is not None))
        return until

    async def ended(self, run_id: int, now: datetime) -> Drop | None:
        """Why a digest that was never posted should not be posted any more; None while it should.

        Its schedule was paused or taken away, or the next slot has come: then that one tells of its time too.
        """
        run = await self._store.forum.run(run_id)
        if run is None:
            return None
        kept = await kept_schedule(self._store, run.schedule.id)
        if kept is None:
            return Drop.REMOVED
        if kept.paused and not run.schedule.paused:
            return Drop.PAUSED
        return Drop.OVERTAKEN if next_slots(run.schedule.rule, run.slot.due_at, 1)[0].due_at <= now else None

    async def withdraw(self, run_id: int, now: datetime) -> bool:
        """Take a digest back; False if there is none that was or is being posted."""
        run = await self._store.forum.run(run_id)
        if run is None or run.state not in {RunState.FROZEN, RunState.SENT}:
            return False
        await self._store.calendar.finish(run_id, RunState.WITHDRAWN, "A moderator withdrew it.", now)
        return True

    async def drop(self, run_id: int, number: int) -> bool:
        """Drop an item of a digest, by its printed number; False if it has none such."""
        return await self._store.calendar.drop(run_id, number)

    async def why(self, run_id: int, number: int, scope: Scope, texts: Texts) -> Card | None:
        """Explain an item by the terms of its score; its title only to those who may read it. None if there is none."""
        run = await self._store.forum.run(run_id)
        pick = next((pick for pick in run.picks if pick.number == number), None) if run else None
        if run is None or pick is None:
            return None
        discussion = await self._store.forum.discussion(pick.discussion)
        shown = discussion is not None and readable(discussion, await self.shown_to(run.schedule, scope))
        return why_card(run, number, texts, title=shown_title(discussion, texts) if discussion and shown else "")

    async def shown_to(self, schedule: Schedule, scope: Scope) -> frozenset[int]:
        """The channels of whose items in a digest somebody may be told who reads its channel and may read `scope`."""
        audience = await self.audience(schedule)
        return scope.channels if audience is None else audience.known_to(scope)

    async def refused(self, destination: Channel, sources: Iterable[Channel]) -> tuple[KnownChannel, ...]:
        """Those of the sources, named when a digest is set up, whose words may not go there."""
        channels = {each.channel: each for each in await self._store.places.channels()}
        known = channels.get(destination)
        linked = await self._linked(destination.space)
        found = [channels[source] for source in sources if source in channels]
        return tuple(each for each in found if known is None or not allowed(each, known, linked))

    async def audience(self, schedule: Schedule) -> Audience | None:
        """Where a schedule's digest goes and what may go in, as of now; None if the channel is gone."""
        destination = await self._store.places.channel(schedule.destination)
        space = await self._store.places.space(schedule.destination.space)
        if destination is None or destination.removed or space is None or space.removed_at is not None:
            return None
        channels = await self._store.places.channels()
        linked = await self._linked(schedule.destination.space)
        may = frozenset(each.key for each in channels if allowed(each, destination, linked))
        wanted = frozenset(each.key for each in reached(schedule, channels))
        return Audience(
            destination=destination,
            space=space,
            texts=texts_for(space.locale, schedule.rule.zone).on(space.info.space.platform),
            place=place_of(schedule, destination, space, [each for each in channels if each.key in may]),
            may=may,
            collects=wanted & may,
            kept_out=wanted - may,
            away=frozenset(
                each.key for each in channels if each.key in may and each.channel.space != destination.channel.space
            ),
        )

    async def _linked(self, space: Space) -> frozenset[Space]:
        """The spaces that admins of both sides linked with this one: not all of its community need be."""
        known = await self._store.places.space(space)
        return frozenset() if known is None else known.linked

    async def _window(self, schedule: Schedule, keys: frozenset[int], start: datetime, end: datetime) -> Window:
        """What happened in these channels; what a moderator pinned is among it even if nothing happened to it."""
        pins = await self._store.calendar.pinned(schedule.id)
        scope = Scope(channels=keys, web=False)
        window = await self._store.calendar.window(scope, start, end, PARTS[schedule.rule.every], pins)
        candidates = tuple(replace(each, pinned=each.discussion.id in pins) for each in window.candidates)
        return replace(window, candidates=candidates)

    async def _filled(self, run: Run, window: Window, audience: Audience) -> tuple[Run, Drawn]:
        """Choose what a run shows, as much as its card has room for, numbered as printed; and draw it."""
        picks = choose(window)
        news = [each for each in window.candidates if is_news(each, window.start, window.end)]
        kept_out = 0
        if audience.kept_out:
            kept_out = len((await self._window(run.schedule, audience.kept_out, window.start, window.end)).candidates)
        filled = replace(
            run,
            picks=picks,
            discussions=len(news) if picks else 0,  # a single vote for something old is no news
            people=window.people,
            activity=window.activity,
            left_out=kept_out,
        )
        words, cites = await self._words(filled, audience)
        fits = fitting(filled, words, audience.texts, self._urls, place=audience.place)
        shown = replace(filled, picks=tuple(replace(pick, number=n) for n, pick in enumerate(fits, start=1)))
        said = {n: words[pick.number] for n, pick in enumerate(fits, start=1) if pick.number in words}
        return shown, (digest_card(shown, said, audience.texts, self._urls, place=audience.place), cites)

    async def _drawn(self, run: Run, audience: Audience) -> Drawn:
        words, cites = await self._words(run, audience)
        return digest_card(run, words, audience.texts, self._urls, place=audience.place), cites

    async def _words(self, run: Run, audience: Audience) -> tuple[dict[int, Words], tuple[MessageRef, ...]]:
        """What each item says now, by its number, and the messages whose words those are."""
        words: dict[int, Words] = {}
        cites: dict[MessageRef, None] = {}
        for pick in run.picks:
            discussion = await self._store.forum.discussion(pick.discussion)
            if discussion is not None and readable(discussion, audience.may) and not pick.dropped:
                words[pick.number] = await self._said(pick, discussion, audience)
                cites |= dict.fromkeys(cites_of(pick, discussion))
        return words, tuple(cites)

    async def _said(self, pick: Pick, discussion: Discussion, audience: Audience) -> Words:
        post = None if pick.quote is None else await self._store.forum.post(pick.quote)
        words = Words(
            title=shown_title(discussion, audience.texts),
            url=discussion.url,
            outcome=discussion.outcome,
            space=origin_of(discussion.channel),
            away=discussion.thread.channel.space != audience.space.info.space,
        )
        if post is None or not quote_stands(post):
            return words
        return replace(words, quote=quoted(post, QUOTE_LIMIT), author=post.author_name, quote_url=post.url)


def weekly(channel: KnownChannel, zone: str, now: datetime) -> Schedule:
    """The weekly digest that a channel would get, for spaces that have not scheduled one."""
    weekday = WEEKDAYS[now.astimezone(ZoneInfo(zone)).weekday()]
    rule = Rule(every=Every.WEEKLY, at=time(9), zone=zone, weekday=weekday)
    return Schedule(id=0, community=channel.community, name="", destination=channel.channel, rule=rule, created_at=now)
