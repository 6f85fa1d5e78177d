"""Takes what Slack delivers, over sockets and over HTTP alike: stored first, and only then acknowledged.

What is not acknowledged comes again, at once, after one minute and after five: so a store that fails, or is full, loses
nothing. The same delivery may come several times and in any order; the store does not mind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import structlog

from adapters.slack.convert import BadPayload, Came, Known, Told, convert, stranger
from adapters.slack.convert.reading import Payload, ident, record, records, whole
from adapters.slack.gathering import Gathering
from adapters.slack.hearing import SIGN, sign_of
from adapters.slack.people import Roster
from bot.errors import PlatformError, StoreBusy, StoreFailed
from bot.models import Event, MessageRef, MessageSeen, SpaceGone, VoteCast, VotesRead
from bot.ports import Clock, Inbox

AGAIN = 0.5  # seconds before the store is asked again
GIVEN_UP = 60.0  # seconds without storing anything after which Slack may give up on what we refused
WAIT = 2.0  # seconds that something may take besides storing: Slack gives three for all
A_NAME = 0.2  # seconds that the name of somebody new is waited for; later it is added
TICK = timedelta(milliseconds=1)  # moments are kept so exactly
NAMED = ("message", "reaction_added")  # events of which it is worth knowing who did it
OK, LATER = int(HTTPStatus.OK), int(HTTPStatus.SERVICE_UNAVAILABLE)

T = TypeVar("T")
Reread = Callable[[MessageRef], Awaitable[VotesRead]]
Follow = Callable[[Told, Collection[str]], None]
log = structlog.get_logger(__name__)


class Taking:
    """The door for events. `reread` reads the votes of a message, `follow` does what an event asks for beside storing.

    Closed until the inbox was told that a stream begins.
    """

    def __init__(
        self,
        *,
        known: Callable[[], Known],
        inbox: Inbox,
        clock: Clock,
        roster: Roster,
        reread: Reread,
        follow: Follow,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._known = known
        self._inbox = inbox
        self._gathering = Gathering(inbox, spawn)
        self._clock = clock
        self._roster = roster
        self._reread = reread
        self._follow = follow
        self._spawn = spawn
        self._begun = asyncio.Event()
        self._refusing = False  # since the store last took anything
        self.began = datetime.min.replace(tzinfo=UTC)  # when the stream last did
        self._held = 0  # until when Slack tells nothing, in seconds since 1970
        self.heard: dict[str, float] = {}  # when an event of a type last came, in seconds since 1970

    @property
    def begun(self) -> bool:
        """Whether the inbox was told that a stream begins."""
        return self._begun.is_set()

    async def begin(self) -> None:
        """A stream begins, or was torn: said to the inbox before any event of it, however busy the store is."""
        self._begun.clear()
        while True:
            try:
                await self._inbox.on_stream(self._known().space)
            except (StoreBusy, StoreFailed):
                await asyncio.sleep(AGAIN)
            else:
                self.began = self._clock.now()
                self._begun.set()
                return

    async def take(self, body: Mapping[str, Any]) -> int:
        """Take one delivery; the HTTP status to answer. 200 means that it is durable, or that it tells nothing."""
        if not self._ours(body):
            return OK
        if not self.begun and not await self._opened():
            return LATER
        try:
            return await self._take(body)
        except (StoreBusy, StoreFailed) as error:
            log.warning("an event has to come again", reason=str(error))
            self._refuse()
            return LATER
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not stored
            log.warning("an event failed and has to come again", error=repr(error)[:200])
            return LATER

    def _refuse(self) -> None:
        if not self._refusing:
            self._refusing = True
            self._spawn(self._make_good())

    async def _make_good(self) -> None:
        """If nothing was stored for long, have read what was said: it may not come again, or late."""
        await asyncio.sleep(GIVEN_UP)
        if self._refusing:
            await self.begin()
            self._refusing = False

    async def _opened(self) -> bool:
        """Wait until the door is open; False if that takes longer than Slack waits."""
        try:
            async with asyncio.timeout(WAIT):
                await self._begun.wait()
        except TimeoutError:
            return False
        return True

    def _ours(self, body: Mapping[str, Any]) -> bool:
        """Whether it is for our workspace: events of a shared channel name the one where they happened."""
        team = self._known().space.id
        if team in (body.get("team_id"), body.get("context_team_id")):
            return True
        return any(each.get("team_id") == team for each in records(body.get("authorizations")))

    async def _take(self, body: Mapping[str, Any]) -> int:
        event = body.get("event") if body.get("type") == "event_callback" else body  # that events are held back is none
        told = await self._read(event)
        await self.resume(whole(body.get("event_time")) or self._clock.now().timestamp())
        events = [*told.events, *await self._votes(told)]
        if told.torn:
            log.warning("Slack did not tell everything; what was said is read again")
            await self._inbox.on_stream(self._known().space)
            self._held = max(self._held, told.held)
        if events:
            await self._gathering.give(events)
            self._refusing = False
        self._follow(told, strangers(events))
        return OK

    async def resume(self, now: float) -> None:
        """When a minute is over of which Slack tells nothing: read what was said until its end.

        Before any later event is stored, since what comes before a stored message counts as told.
        """
        if 0 < self._held <= now:
            await self._inbox.on_stream(self._known().space)
            self._held = 0

    async def _read(self, event: object) -> Told:
        """What an event tells; one that makes no sense is dropped with a sentence."""
        self._count(record(event))
        try:
            await self._ask_for(record(event))
            return convert(self._known(), event, Came(self._clock.now()))
        except BadPayload as error:
            log.warning("dropped an event", reason=str(error))
            return Told()

    async def _ask_for(self, event: Payload) -> None:
        """Ask for who did it, if they are new here: longer, where it has to be known whether they are a person."""
        uid = ident(event.get("user"))
        if uid and uid not in self._known().people and event.get("type") in NAMED:
            await _in_time(self._roster.ask(uid), WAIT if stranger(event, self._known().people) else A_NAME)

    def _count(self, event: Payload) -> None:
        kind = event.get("type")
        if isinstance(kind, str):
            place = event.get("channel_type") if kind == "message" else ""
            name = f"{kind}.{place}" if place in ("channel", "group") else kind[:40]
            self.heard[name] = self._clock.now().timestamp()
            if kind == "message" and (sign := sign_of(event)):
                self.heard[SIGN + sign] = self.heard[name]

    async def _votes(self, told: Told) -> Sequence[Event]:
        """The votes on messages, later than what an event told, although our clock may be behind Slack's.

        What is not read in time is told by the next catch-up.
        """
        found = [await _in_time(self._reread(ref)) for ref in told.reread]
        since = [event.at + TICK for event in told.events if isinstance(event, VoteCast)]
        return [replace(each, at=max([each.at, *since])) for each in found if each is not None]


async def _in_time(asked: Awaitable[T], seconds: float = WAIT) -> T | None:
    """What is asked for, if it comes soon enough."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except (PlatformError, TimeoutError) as error:
        log.info("not known in time", reason=str(error))
        return None


def strangers(events: Sequence[Event]) -> Collection[str]:
    """The people whose names these events lack."""
    told: set[str] = set()
    for event in events:
        match event:
            case MessageSeen(message=message) if not message.author.name:
                told.add(message.author.member.id)
            case VoteCast(voter=voter) if not voter.name:
                told.add(voter.member.id)
            case VotesRead(voters=voters):
                told.update(each.member.id for each in voters if not each.name)
            case SpaceGone():
                return ()
            case _:
                pass
    return told
