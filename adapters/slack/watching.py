"""Looks whether what we believe is so: that the token holds, that channels are what they were, that events come.

A socket may look alive and bring nothing. So the newest words of followed channels are compared with what is stored;
where something is missing, everything is connected anew and what was missed is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from adapters.slack.api import VOID, Api, Refused
from adapters.slack.channels import Channels
from adapters.slack.convert import BadPayload, Known, message_of
from adapters.slack.convert.reading import listed
from bot.errors import PlatformError
from bot.models import Channel, Event, Kind, Platform, SpaceGone, SpaceInfo, SpaceSeen
from bot.ports import Clock, Store

EVERY = 60.0  # seconds between looks at the token
ROUNDS = 5  # looks between two at channels and their newest words
LATE = timedelta(seconds=60)  # after which an event is not just slow
AT_ONCE = 5  # channels whose newest words are looked at in one round
NEWEST = 5  # messages of each
HEARD, UNHEARD = "slack heard ", "slack unheard "  # cursors: when an event of a kind last came, or did not
ANYTHING = "anything"  # a kind that stands for all
REFUSED = "slack refused"  # the cursor of when a signature last did not fit

UNINSTALLED = "Slack does not accept our token any more"

log = structlog.get_logger(__name__)


class Watch:
    """Watches one workspace. `tell` stores events, `again` begins the stream anew, `heard` is what came by event.

    `refused` says when a delivery last was not signed as it should be, in seconds since 1970, 0 if none was.
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
        heard: Mapping[str, float],
        refused: Callable[[], float],
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._channels = channels
        self._known = known
        self._tell = tell
        self._again = again
        self._heard = heard
        self._refused = refused
        self._noted: dict[str, float] = {}
        self._turn = 0
        self.lost = False  # whether we are not installed any more

    async def run(self) -> None:
        """Look every minute until cancelled; what goes wrong is logged and looked at again."""
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
        await self._note()
        if deep:
            await self._tell(await self._channels.refresh(self._known()))
            await self.compare()

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
        return True

    async def gone(self, reason: str) -> None:
        """We were removed: nothing is asked any more but whether we are back."""
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
                await self._store.outbox.set_cursor(UNHEARD + name, int(self._clock.now().timestamp()))
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
        self._turn = start + AT_ONCE
        return [*mine[start:], *mine[:start]][:AT_ONCE]

    async def _missed(self, channel: Channel) -> str:
        """Which kind of event is missing for a channel; "" if none is."""
        known, now = self._known(), self._clock.now()
        try:
            page = await self._api.read("conversations.history", channel=channel.id, limit=NEWEST)
        except PlatformError as error:
            log.info("a channel cannot be compared", channel=channel.id, reason=str(error))
            return ""
        for payload in listed(page, "messages"):
            try:
                message = message_of(payload, channel, known)
            except BadPayload:
                continue
            late = message.kind in {Kind.PERSON, Kind.BOT} and now - message.sent_at > LATE
            if late and await self._store.forum.post(message.ref) is None:
                shown = self._channels.shown.get(channel.id)
                return "message.group" if shown is not None and shown.private else "message.channel"
        return ""

    async def _note(self) -> None:
        """Keep which kinds of events came lately, for who examines us."""
        found = {HEARD + name: at for name, at in self._heard.items() if name.startswith("message.")}
        found |= {HEARD + ANYTHING: max(self._heard.values(), default=0.0), REFUSED: self._refused()}
        for name, at in found.items():
            if at and self._noted.get(name) != at:
                self._noted[name] = at
                await self._store.outbox.set_cursor(name, int(at))
