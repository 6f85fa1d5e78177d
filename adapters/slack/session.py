"""One connected life: who we are, what comes in, what is asked, and the watch over all of it."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from adapters.slack.api import VOID, Api, Refused
from adapters.slack.asking import Asking
from adapters.slack.channels import Channels
from adapters.slack.connecting import FIRST, LONGEST, Sockets
from adapters.slack.convert import Known, Told
from adapters.slack.convert.reading import ident, words
from adapters.slack.hearing import COMMAND, INTERACTIVE, SIGNED, Hearing
from adapters.slack.history import History
from adapters.slack.home import Homes
from adapters.slack.listening import Receiving, app_for
from adapters.slack.people import Roster
from adapters.slack.taking import AGAIN, Taking
from adapters.slack.watching import Watch
from bot.errors import ConfigError, PlatformError, StoreBusy, StoreFailed, Unavailable
from bot.models import Event, Platform, Space, SpaceGone, SpaceInfo, SpaceSeen
from bot.ports import Clock, Inbox, Store
from bot.together import until_one_ends

EVERYBODY = 10.0  # seconds that listing everybody may take before we go on with the channels
LOOKS = (0.0, 2.0, 10.0)  # seconds before each try to look at a channel that changed
NOT_ACCEPTED = (
    "Slack does not accept SLACK_BOT_TOKEN ({reason}); copy it again from api.slack.com/apps (your app, OAuth &"
    " Permissions, Bot User OAuth Token)."
)

log = structlog.get_logger(__name__)


class Session:
    """What is there while we are connected; `known` is who we are and whom we know."""

    def __init__(self, *, api: Api, store: Store, clock: Clock, inbox: Inbox) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._inbox = inbox
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: Sockets | None = None
        self.receiving: Receiving | None = None
        self.known = Known(space=Space(Platform.SLACK, ""))
        self.roster = Roster(api, store, clock)
        self.channels = Channels(api, self.roster, store, clock)
        self.history = History(api, self.roster, lambda: self.known, store, clock)
        parts: Any = {"api": api, "inbox": inbox, "store": store, "clock": clock, "roster": self.roster}
        self._asking = Asking(**parts, known=lambda: self.known, spawn=self.spawn)
        self._homes = Homes(**parts, channels=self.channels, known=lambda: self.known)
        self.taking = Taking(
            known=lambda: self.known,
            inbox=inbox,
            clock=clock,
            roster=self.roster,
            reread=self.history.votes,
            follow=self._follow,
            spawn=self.spawn,
        )
        self.hearing = Hearing(store, clock, self.taking.heard)
        self.watch = Watch(
            api=api,
            store=store,
            clock=clock,
            channels=self.channels,
            known=lambda: self.known,
            tell=self.tell,
            again=self.again,
            hearing=self.hearing,
            begun=self._listening_since,
            resume=self.taking.resume,
        )

    @property
    def connected(self) -> bool:
        """Whether events reach us, as far as can be seen; over HTTP that is whenever we are ready for them."""
        listening = self._sockets.listening if self._sockets is not None else self.receiving is not None
        return listening and self.taking.begun and not self.watch.lost

    async def run(self, *, app_token: str, secret: str) -> None:
        """Connect and stay until cancelled. ConfigError for what only the operator can mend."""
        try:
            name = await self._introduce()
            team = self.known.space.id
            app = app_for(self._api.base, team, take=self.taking.take, ask=self._ask, sent=self._sent)
            await self._show(name)
            works: list[Coroutine[Any, Any, None]] = [self.watch.run(), self._homes.run()]

            async def begin() -> None:
                await self.taking.begin()
                log.info("connected to Slack", workspace=name, over="sockets" if app_token else "HTTP")

            if app_token:
                self._sockets = Sockets(self._api, app, app_token, begin)
                works.append(self._sockets.run())
            else:
                self.receiving = Receiving(app, secret, self._clock, take=self.taking.take, delivered=self._delivered)
                await begin()
            await until_one_ends(*works)
        finally:
            self.receiving = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _listening_since(self) -> datetime:
        """Since when we were told everything, as far as can be seen; no moment there was, if we are not connected."""
        return self.taking.began if self.connected else datetime.max.replace(tzinfo=UTC)

    def _ask(self, kind: str, body: Mapping[str, Any]) -> None:
        self.hearing.came(COMMAND if kind == "command" else INTERACTIVE)
        self._asking.ask(kind, body)

    async def _sent(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.hearing.came(INTERACTIVE)
        return await self._asking.sent(body)

    def _delivered(self, signed: bool) -> None:
        """Something was delivered with a signature, which fits our secret or does not."""
        (self.hearing.came if signed else self.hearing.missed)(SIGNED)

    async def _introduce(self) -> str:
        """Learn who we are, however long Slack takes to say; the workspace's name."""
        wait = FIRST
        while True:
            try:
                who = await self._api.who()
            except Refused as error:
                if error.code in VOID | {"not_allowed_token_type"}:
                    raise ConfigError(NOT_ACCEPTED.format(reason=error.code)) from None
                log.warning("Slack does not say who we are", reason=str(error), again_in=wait)
            except PlatformError as error:
                log.warning("Slack does not answer", reason=str(error), again_in=wait)
            else:
                return self._keep(who)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST)

    def _keep(self, who: Mapping[str, Any]) -> str:
        team, url = ident(who.get("team_id")), words(who.get("url"))
        self.roster.team = team
        self.known = Known(
            space=Space(Platform.SLACK, team),
            own=ident(who.get("user_id")),
            own_bot=ident(who.get("bot_id")),
            url=url if not url or url.endswith("/") else f"{url}/",
            people=self.roster.people,
        )
        return words(who.get("team")) or team

    async def _show(self, name: str) -> None:
        """Tell of the workspace and its channels; what cannot be read yet is told by the watch."""
        info = SpaceInfo(space=self.known.space, name=name)
        await self.tell([SpaceSeen(info=info, at=self._clock.now())])
        loading = asyncio.create_task(self._load())
        self._keep_task(loading)
        await asyncio.wait([loading], timeout=EVERYBODY)
        try:
            await self.tell(await self.channels.refresh(self.known))
        except (PlatformError, StoreBusy, StoreFailed) as error:
            log.warning("channels not read", reason=str(error))

    async def _load(self) -> None:
        try:
            await self.roster.load()
        except (PlatformError, StoreBusy, StoreFailed) as error:
            log.warning("people not read", reason=str(error))

    async def tell(self, events: Sequence[Event]) -> None:
        """Store events, however busy the store is."""
        while events:
            try:
                await self._inbox.on_events(events)
            except (StoreBusy, StoreFailed):
                await asyncio.sleep(AGAIN)
            else:
                return

    async def again(self) -> None:
        """The stream may have lost something: begin it anew, with fresh sockets."""
        await self.taking.begin()
        if self._sockets is not None:
            self._sockets.renew()

    def _follow(self, told: Told, strangers: Collection[str]) -> None:
        """Do what an event asks for besides storing; the acknowledgement does not wait for it."""
        if any(isinstance(event, SpaceGone) for event in told.events):
            self.spawn(self.watch.gone("removed"))
            return
        self.channels.left(told.events)
        guests = set(self.roster.guests or ())
        for user in told.users:
            self.roster.keep(user)
        if guests != (self.roster.guests or set()):
            self.spawn(self._look_at_all())
        for cid in told.look:
            self.spawn(self._look(cid, told.stranger))
        if told.home:
            self.spawn(self._homes.publish(told.home))
        if told.addressed is not None:
            self._asking.say(told.addressed)
        if strangers:
            self.spawn(self.roster.meet(self.known.space, strangers))

    async def _look(self, cid: str, stranger: str = "") -> None:
        """Look at a channel that changed; the watch does, if this fails. A stranger there may be a guest."""
        if stranger:
            await self.roster.ask(stranger)
        for wait in LOOKS:
            await asyncio.sleep(wait)
            try:
                await self.tell(await self.channels.look(self.known, cid))
            except PlatformError as error:
                log.warning("a channel was not looked at", channel=cid, reason=str(error))
            else:
                return

    async def _look_at_all(self) -> None:
        """Look at every channel: who guests are has changed."""
        try:
            await self.tell(await self.channels.refresh(self.known))
        except (PlatformError, StoreBusy, StoreFailed) as error:
            log.warning("channels not read", reason=str(error))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background; its failures are logged."""
        self._keep_task(asyncio.create_task(work))

    def _keep_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("something for Slack failed", error=repr(error)[:200])


def not_connected() -> Unavailable:
    """The error for calls made while we are not connected."""
    return Unavailable("Slack is not connected.", asked=False)
