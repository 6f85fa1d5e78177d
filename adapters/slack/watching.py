"""Checks whether what we believe is true: that the token holds, that channels are what they were, that events come.

A socket may look alive and bring nothing. So the newest words of followed channels are compared with what is stored;
where something is missing, everything is connected anew and what was missed is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from adapters.slack.api import VOID, Api, Refused
from adapters.slack.channels import Channels
from adapters.slack.convert import BadPayload, Known, message_of
from adapters.slack.convert.reading import Payload, listed, moment, stamp, words
from adapters.slack.hearing import Hearing, untold
from bot.errors import PlatformError
from bot.models import Channel, Event, Kind, Platform, SpaceGone, SpaceInfo, SpaceSeen
from bot.ports import Clock, Store

EVERY = 60.0  # seconds between looks at the token
ROUNDS = 5  # looks between two at channels and their newest words
LATE = timedelta(seconds=60)  # after which an event is more than just slow
AT_ONCE = 20  # channels whose newest words are looked at in one round: a twelfth of the calls that Slack takes in it
NEWEST = 5  # messages of each
LISTING = "conversations.history"
SLOW = "slack slow"  # a cursor: when Slack last let us read once a minute only
UNINSTALLED = "Slack does not accept our token any more"

log = structlog.get_logger(__name__)


class Watch:
    """Watches one workspace. `tell` stores events, `again` begins the stream anew, `begun` says when it last did.

    `resume` is told the time, for what waits for a minute to be over.
    """

    def __init__(  # noqa: PLR0913 - each is a part of watching, all named
        self,
        *,
        api: Api,
        store: Store,
        clock: Clock,
        channels: Channels,
        known: Callable[[], Known],
        tell: Callable[[Sequence[Event]], Awaitable[None]],
        again: Callable[[], Awaitable[None]],
        hearing: Hearing,
        begun: Callable[[], datetime],
        resume: Callable[[float], Awaitable[None]],
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._channels = channels
        self._known = known
        self._tell = tell
        self._again = again
        self._hearing = hearing
        self._begun = begun
        self._looked: datetime | None = None  # when channels were last looked at
        self._asked: datetime | None = None  # when we last asked who we are
        self._name = ""  # of the workspace
        self._resume = resume
        self._turn = 0
        self.lost = False  # whether we are not installed any more

    async def run(self) -> None:
        """Look every minute until cancelled; a failure is logged, and the next look tries again."""
        rounds = 0
        while True:
            await asyncio.sleep(EVERY)
            rounds += 1
            try:
                await self.look(deep=rounds % ROUNDS == 0)
            except PlatformError as error:
                log.warning("the watch on Slack failed", reason=str(error))
            except Exception:
                log.exception("the watch on Slack failed")

    async def look(self, *, deep: bool) -> None:
        """Look once; `deep`: at channels and their newest words too."""
        if not await self.installed():
            return
        await self._resume(self._clock.now().timestamp())
        if self._api.pacing.slow(LISTING):  # kept for whoever examines us
            await self._store.outbox.set_cursor(SLOW, int(self._clock.now().timestamp()))
        if deep:
            await self._refresh()
            await self.compare()
        await self._hearing.keep()

    async def _refresh(self) -> None:
        """Look at the channels; what changed in them since the last look should have been told."""
        before, looked = dict(self._channels.shown), self._looked
        self._looked = self._clock.now()
        await self._tell(await self._channels.refresh(self._known()))
        for name in untold(before, self._channels.shown):
            self._untold(name, looked)

    def _untold(self, name: str, looked: datetime | None) -> None:
        """Note that an event did not come since the last look, if it did not and we listened all the time."""
        if looked is not None and self._begun() <= looked and self._hearing.last(name) < looked.timestamp():
            self._hearing.missed(name)

    async def installed(self) -> bool:
        """Whether our token still holds; going and coming back are told to the inbox."""
        try:
            who = await self._api.who()
        except Refused as error:
            if error.code not in VOID:
                raise
            await self.gone(error.code)
            return False
        if self.lost:
            self.lost = False
            self._api.silence()
            self._channels.forget()
            known = self._known()
            info = SpaceInfo(space=known.space, name=str(who.get("team") or known.space.id))
            await self._tell([SpaceSeen(info=info, at=self._clock.now())])
            await self._tell(await self._channels.refresh(known))
            await self._again()
            log.info("Slack lets us in again")
        await self._rename(words(who.get("team")))
        return True

    async def _rename(self, name: str) -> None:
        """Tell what the workspace is called now; that should have been told."""
        before, looked = self._name, self._asked
        self._name, self._asked = name or before, self._clock.now()
        if before and before != self._name:
            self._untold("team_rename", looked)
            info = SpaceInfo(space=self._known().space, name=self._name)
            await self._tell([SpaceSeen(info=info, at=self._clock.now())])

    async def gone(self, reason: str) -> None:
        """We were removed: from now on we only ask whether we are back."""
        if self.lost:
            return
        self.lost = True
        self._api.silence(UNINSTALLED)
        log.error("Slack has removed us; install the app again, or take SLACK_BOT_TOKEN out of .env", reason=reason)
        await self._tell([SpaceGone(space=self._known().space, at=self._clock.now())])

    async def compare(self) -> None:
        """See whether the newest words of some followed channels came; if not, begin anew."""
        missed = [name for name in [await self._missed(it) for it in await self._next()] if name]
        if missed:
            for name in set(missed):
                self._hearing.missed(name)
            log.warning("Slack does not tell us what is said; connecting anew", missing=sorted(set(missed)))
            await self._again()

    async def _next(self) -> Sequence[Channel]:
        """The followed channels to look at now, in turn; not those that are being read anyway."""
        reading = {gap.channel.channel for gap in await self._store.gaps.open(Platform.SLACK)}
        mine = [
            it.channel
            for it in await self._store.places.channels()
            if it.channel.space == self._known().space and it.settings.watched and not it.removed
        ]
        mine = [each for each in mine if each not in reading]
        start = self._turn % len(mine) if mine else 0
        at_once = 1 if self._api.pacing.slow(LISTING) else AT_ONCE
        self._turn = start + at_once
        return [*mine[start:], *mine[:start]][:at_once]

    async def _missed(self, channel: Channel) -> str:
        """Which kind of event is missing for a channel; "" if none is."""
        known, now = self._known(), self._clock.now()
        try:
            page = await self._api.read(LISTING, channel=channel.id, limit=NEWEST)
        except PlatformError as error:
            log.info("a channel cannot be compared", channel=channel.id, reason=str(error))
            return ""
        self._reactions(listed(page, "messages"))
        for payload in listed(page, "messages"):
            try:
                message = message_of(payload, channel, known)
            except BadPayload:
                continue
            late = message.kind in {Kind.PERSON, Kind.BOT} and now - message.sent_at > LATE
            if late and await self._store.forum.post(message.ref) is None:
                shown = self._channels.shown.get(channel.id)
                return "message.groups" if shown is not None and shown.private else "message.channels"
        return ""

    def _reactions(self, payloads: Sequence[Payload]) -> None:
        """See whether somebody reacted to what was said while we listened, and we were not told of any reaction since.

        When they reacted is not told: the event may be on its way, and then takes this back.
        """
        for payload in payloads:
            ts = stamp(payload.get("ts"))
            if ts and listed(payload, "reactions"):
                self._untold("reaction_added", moment(ts))
