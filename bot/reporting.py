"""What each space's log channel hears: posts and digests that came to nothing, channels lost, what a gap has cost.

Everything goes through the outbox under a subject of its own, so that it is said once, whatever is tried again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.access import on_web
from bot.cards import Drawn, back_card, behind_card, closed_card, failing_card, lost_card, notice_card
from bot.commands.context import Context
from bot.delivery import space_of
from bot.lacking import told
from bot.models import (
    Channel,
    ChannelGone,
    ChannelSeen,
    Event,
    KnownChannel,
    KnownSpace,
    Lack,
    Lacking,
    OwnPost,
    Platform,
    PostKind,
    PostState,
    RunState,
    Setback,
    Space,
    channel_of,
)
from bot.ports import Clock, Store
from bot.setbacks import UNCHANGEABLE, digest_line, dropped_line, given_up_line, unchangeable_line
from bot.texts import Texts

# With a space: the cursors that keep, of its last absence, when it began and ended, in epoch ms, and how many messages
# had been recovered until then. It is told of when its beginning has been moved to its end.
SINCE, UNTIL, RECOVERED = "away since ", "away until ", "away recovered "
ALIVE = "alive "  # with a platform and our part of it: the cursor that keeps when it last reached us, in epoch ms
Make = Callable[[Texts], Drawn]
SHORT = timedelta(minutes=5)  # an absence too short to mention
WITHHOLDING = frozenset({Platform.DISCORD})  # platforms that may keep words from us, which only asking them tells
ONCE = timedelta(minutes=10)  # within which several processes hear of the same loss
DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Absence:
    """When a platform last reached us, for how long it did not, and how many messages had been recovered until then."""

    since: datetime
    length: timedelta
    recovered: int


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why posts of ours were given up or dropped; `channel` is where, if that is where the cause lies."""

    space: Space
    channel: Channel | None
    state: PostState
    reason: str


def _cause(post: OwnPost) -> _Cause:
    wide = post.state is PostState.DROPPED or post.reason == UNCHANGEABLE
    return _Cause(space_of(post), None if wide else channel_of(post.where), post.state, post.reason)


class Reports:
    """Keeps in mind when each platform last reached us, and which spaces are back since."""

    def __init__(self, *, store: Store, clock: Clock, context: Context) -> None:
        self._store = store
        self._clock = clock
        self._context = context
        self._begun: set[Space] = set()  # platforms not looked at yet
        self._away: dict[Space, _Absence] = {}

    async def returned(self, space: Space) -> None:
        """A stream of events begins: if nothing reached us for a while, say so when all is read that was missed.

        That is kept: should this process die while it reads, the next one tells of the whole absence.
        """
        self._begun.add(space)
        now, last = self._clock.now(), _moment(await self._store.outbox.cursor(self._alive(space.platform)))
        untold = await self._absence(space)
        if last is not None and now - last > SHORT:
            if untold is None:
                await self._keep(space, RECOVERED, await self._store.gaps.counted(space))
                await self._keep(space, SINCE, _milliseconds(last))
            await self._keep(space, UNTIL, _milliseconds(now))
            untold = await self._absence(space)
        if untold is not None:
            self._away[space] = untold

    async def _absence(self, space: Space) -> _Absence | None:
        """The absence of which nobody told yet."""
        since, until, recovered = [await self._store.outbox.cursor(_of(space, it)) for it in (SINCE, UNTIL, RECOVERED)]
        begun, ended = _moment(since), _moment(until)
        return _Absence(begun, ended - begun, recovered) if begun and ended and begun < ended else None

    async def _keep(self, space: Space, what: str, value: int) -> None:
        await self._store.outbox.set_cursor(_of(space, what), value)

    def _alive(self, platform: Platform) -> str:
        adapter = self._context.adapters.get(platform)
        return f"{ALIVE}{platform} {adapter.part if adapter else ''}".strip()

    async def tick(self) -> None:
        """Say what there is to say, and record which platforms reach us."""
        await self._given_up()
        await self._undelivered()
        await self._blind()
        await self._behind()
        for space, absence in list(self._away.items()):
            if not any(gap.channel.channel.space == space for gap in await self._store.gaps.open(space.platform)):
                await self._back(space, absence)
                del self._away[space]
                await self._reached(space.platform)  # otherwise we would tell of it each time somebody comes and goes
        for platform, adapter in self._context.adapters.items():
            if adapter.connected:
                await self._reached(platform)

    async def _reached(self, platform: Platform) -> None:
        """Record that a platform reaches us now."""
        await self._store.outbox.set_cursor(self._alive(platform), _milliseconds(self._clock.now()))

    async def lost(self, events: Sequence[Event], before: Sequence[KnownChannel]) -> None:
        """Tell of watched channels that these events took away, or off the web; `before` is what was known before."""
        known = {it.channel: it for it in before if it.settings.watched and not it.removed}
        for event in events:
            if isinstance(event, ChannelGone) and event.channel in known:
                gone = known[event.channel]
                await self._lost(gone, f"lost:{gone.key}", event.at, partial(lost_card, _named(gone), on_web(gone)))
            elif isinstance(event, ChannelSeen) and event.info.channel in known and not event.info.common:
                await self._closed(known[event.info.channel], event.at)

    async def _closed(self, channel: KnownChannel, at: datetime) -> None:
        """Tell of a channel that is not open to everybody any more, if it was on the web."""
        if on_web(channel):
            await self._lost(channel, f"closed:{channel.key}", at, partial(closed_card, channel.info.name))

    async def _lost(self, channel: KnownChannel, subject: str, at: datetime, card: Make) -> None:
        await self._say(channel.channel.space, await self._once(subject, at), card)

    async def _once(self, subject: str, at: datetime, lasts: timedelta = ONCE) -> str:
        """A subject for what is said only once in a while: the same one as a moment ago."""
        stretch = int(at.timestamp() // lasts.total_seconds())
        before = f"{subject}:{stretch - 1}"
        return before if await self._store.outbox.of_subject(before) is not None else f"{subject}:{stretch}"

    async def _blind(self) -> None:
        """Say once in each space whose platform does not let us read words that only counts are kept there."""
        begun, self._begun = self._begun, set()
        for platform in {space.platform for space in begun} & WITHHOLDING:
            adapter = self._context.adapters.get(platform)
            for each in await adapter.examine([]) if adapter else ():
                if each.lack is Lack.CONTENT:
                    for space in (space for space in begun if space.platform is platform):
                        await self._say(space, f"content:{space.platform}:{space.id}", partial(_lacking_card, each))

    async def _behind(self) -> None:
        """Say once of each channel that it could not be read for long; the subject tells up to when it was read."""
        for each in await self._store.places.channels():
            if each.as_of is not None and each.settings.watched:
                subject = f"behind:{each.key}:{_milliseconds(each.as_of)}"
                await self._say(each.channel.space, subject, partial(behind_card, _named(each), each.as_of))

    async def _back(self, space: Space, absence: _Absence) -> None:
        """Say how long we were away; the subject names the moment it began, the same in every process."""
        messages = await self._store.gaps.counted(space) - absence.recovered
        subject = f"back:{space.platform}:{space.id}:{_milliseconds(absence.since)}"
        await self._say(space, subject, partial(back_card, absence.length, messages))
        await self._keep(space, SINCE, _milliseconds(absence.since + absence.length))

    async def _given_up(self) -> None:
        """A note for each cause of posts that were given up or dropped, not one for each post."""
        told = {it.info.space for it in await self._store.places.spaces() if it.log_channel is not None}
        causes: dict[_Cause, list[int]] = {}
        for post in [it for it in await self._store.setbacks.unheard() if space_of(it) in told]:
            causes.setdefault(_cause(post), []).append(post.id)
        for cause, posts in causes.items():
            await self._caused(cause, len(posts))
            await self._store.setbacks.told(posts)

    async def _caused(self, cause: _Cause, posts: int) -> None:
        """Say what came of a cause, unless that was said lately."""
        stands = None if cause.channel is None else await self._store.places.channel(cause.channel)
        what = f"{cause.space.platform}:{cause.space.id}" if stands is None else str(stands.key)
        lasts = MONTH if cause.reason == UNCHANGEABLE else DAY
        mark = hashlib.sha256(cause.reason.encode()).hexdigest()[:12]
        subject = await self._once(f"{cause.state}:{what}:{mark}", self._clock.now(), lasts)
        name = "" if stands is None else _named(stands)
        await self._say(cause.space, subject, partial(_caused_card, cause, posts, name), about=cause.channel)

    async def _undelivered(self) -> None:
        """A note for each digest that came to nothing, once a week for the same reason."""
        for it in await self._store.setbacks.digests(self._clock.now() - WEEK):
            if it.waits and it.run.state is not RunState.CLAIMED:
                continue
            schedule = it.run.schedule
            mark = hashlib.sha256(it.reason.encode()).hexdigest()[:12]
            subject = await self._once(f"undelivered:{schedule.id}:{mark}", it.run.slot.due_at, WEEK)
            stands = await self._store.places.channel(schedule.destination)
            hidden = stands is None or stands.info.private
            await self._say(schedule.destination.space, subject, partial(_digest_card, it, hidden))

    async def _say(self, space: Space, subject: str, card: Make, *, about: Channel | None = None) -> None:
        """Plan a note, unless the space has no log channel, or it is about that very channel."""
        known = await self._store.places.space(space)
        where = None if known is None else await self._log_of(known)
        if known is None or where is None or where == about:
            return
        if await self._store.outbox.of_subject(subject) is None:
            texts = self._context.texts_in(known)
            await self._store.outbox.plan(PostKind.NOTICE, subject, where, self._clock.now(), card(texts)[0])

    async def _log_of(self, space: KnownSpace) -> Channel | None:
        if space.log_channel is None:
            return None
        known = await self._store.places.channel(Channel(space.info.space, space.log_channel))
        return None if known is None else known.channel


def _caused_card(cause: _Cause, posts: int, channel: str, texts: Texts) -> Drawn:
    """What became of posts."""
    if cause.state is PostState.DROPPED:
        return notice_card(dropped_line(posts, cause.reason, texts))
    if cause.reason == UNCHANGEABLE:
        return notice_card(unchangeable_line(posts, texts))
    return failing_card(given_up_line(posts, channel, cause.reason, texts), texts)


def _digest_card(it: Setback, hidden: bool, texts: Texts) -> Drawn:
    """What became of a digest, which is not named where not everybody can read it."""
    if hidden:
        return failing_card(texts.say("A digest that not everybody here can read was not posted."), texts)
    return failing_card(digest_line(it, texts.at(it.run.schedule.rule.zone)), texts)


def _lacking_card(lacking: Lacking, texts: Texts) -> Drawn:
    """What is missing, and what to do."""
    return notice_card(" ".join(told(lacking, texts)))


def _named(channel: KnownChannel) -> str:
    """The name of a channel that all readers of the log channel know; "" for a private one."""
    return "" if channel.info.private else channel.info.name


def _moment(milliseconds: int) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _of(space: Space, what: str) -> str:
    """The name of a cursor of a space."""
    return f"{what}{space.platform} {space.id}"
