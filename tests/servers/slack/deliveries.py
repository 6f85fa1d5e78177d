"""What our app is told: events, commands and interactions, with Slack's retries on the test clock.

An event goes out at once, and again when no 200 (or acknowledgement) came within `world.patience` seconds of the loop:
at once, then one minute and five minutes after the first by the server's clock. A command or interaction is told once.
"""

import asyncio
import copy
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.ports import Clock
from tests.servers.faults import Duplicate, Fault, Hold, Lose, Malform, Plan
from tests.servers.log import Happened
from tests.servers.slack.world import Json, Signal, World

if TYPE_CHECKING:
    from tests.servers.slack.calls import Call

RETRIES = (timedelta(0), timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
TICK = 0.01  # seconds of the loop between two looks at the clock


@dataclass(eq=False)
class Delivery:
    """One thing to be told. `kind` is "events_api", "slash_commands" or "interactive", as in envelopes."""

    kind: str
    payload: Json
    what: str  # as in log and fault plan: "EVENT message", "COMMAND", "INTERACTIVE"
    attempt: int = 0
    reason: str = ""
    call: "Call | None" = None
    attempts: list[str] = field(default_factory=list)  # how each went: "ok" or why not

    @property
    def accepts_response(self) -> bool:
        return self.kind == "slash_commands" or self.payload.get("type") in ("view_submission", "block_suggestion")


@dataclass(frozen=True)
class Outcome:
    """How one attempt went: "ok", or the reason that a retry names; `body` is what our app answered."""

    reason: str
    body: Json | None = None
    stop: bool = False  # x-slack-no-retry

    @property
    def ok(self) -> bool:
        return self.reason == "ok"


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def send(self, delivery: Delivery, fault: Fault | None) -> Outcome: ...


@dataclass
class Statistics:
    """How deliveries of events went so far: attempts, those that were answered well, retries, and events given up."""

    attempts: int = 0
    successes: int = 0
    retries: int = 0
    given_up: int = 0


class Alarm:
    """Waits for moments of a clock that a test sets: it looks every `TICK`, as long as somebody waits."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._waiting: list[tuple[datetime, asyncio.Future[None]]] = []
        self._watch: asyncio.Task[None] | None = None

    async def at(self, moment: datetime) -> None:
        """Return when it is so late."""
        if self.clock.now() >= moment:
            return
        rings: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((moment, rings))
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._look())
        await rings

    def stop(self) -> None:
        """Wait no more."""
        if self._watch is not None:
            self._watch.cancel()

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(TICK)
            now = self.clock.now()
            for moment, rings in self._waiting:
                if moment <= now and not rings.done():
                    rings.set_result(None)
            self._waiting = [one for one in self._waiting if not one[1].done()]


class Deliveries:
    """The queue of one app."""

    def __init__(self, world: World, faults: Plan, transports: dict[bool, Transport]) -> None:
        self.world = world
        self.faults = faults
        self.statistics = Statistics()
        self.sent: list[Delivery] = []
        self.paused = False
        self._transports = transports  # by whether Socket Mode is on
        self._running: set[asyncio.Task[None]] = set()
        self._alarm = Alarm(world.clock)
        self._held: list[tuple[Delivery, int]] = []
        self._waiting: list[Delivery] = []
        world.tell = self.tell
        world.ask = self.ask

    # What there is to tell

    def tell(self, signal: Signal) -> None:
        """An event happened."""
        world, channel = self.world, signal.channel
        app = world.app
        private = channel is not None and channel.kind == "group"
        if not app.authorized or not app.hears(signal.name, private=private):
            return
        if signal.members_only and channel is not None and not channel.has_bot:
            return
        self.deliver(Delivery("events_api", self.wrapped(signal), f"EVENT {_name(signal.event)}"))

    def ask(self, call: "Call") -> None:
        """Somebody used a command, shortcut, button or form."""
        kind = "slash_commands" if call.kind == "command" else "interactive"
        what = "COMMAND" if call.kind == "command" else "INTERACTIVE"
        self.deliver(Delivery(kind, call.payload, what, call=call))

    def wrapped(self, signal: Signal) -> Json:
        """The whole body of an event."""
        world, app = self.world, self.world.app
        event_id = f"Ev{secrets.token_hex(5).upper()}"
        place = signal.channel.id if signal.channel else "-"
        authorization = {"enterprise_id": None, "team_id": world.team, "user_id": app.user.id}
        found: Json = {
            "token": "verification-token",
            "team_id": world.team,
            "context_team_id": world.team,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": copy.deepcopy(signal.event),
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(world.clock.now().timestamp()),
            "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": bool(signal.channel and signal.channel.connected),
            "event_context": f"4-{secrets.token_hex(4)}-{place}",
        }
        return found

    # On the way

    def deliver(self, delivery: Delivery) -> None:
        """Send it, as the fault plan lets it; what was held behind it follows."""
        self._waiting.append(delivery)
        if not self.paused and _loop_runs():  # a test may set things up before its loop runs
            waiting, self._waiting = self._waiting, []
            for one in waiting:
                self._deliver(one)

    def _deliver(self, delivery: Delivery) -> None:
        fault = self.faults.bite(delivery.what, delivery.payload)
        if fault is not None:
            self.world.log.note(Happened.FAULT, delivery.what, body={"fault": repr(fault)})
        if isinstance(fault, Hold):
            self._held.append((delivery, fault.behind))
            return
        for one in _bent(delivery, fault):
            self._start(one, fault)
        due = [held for held, behind in self._held if behind <= 1]
        self._held = [(held, behind - 1) for held, behind in self._held if behind > 1]
        for held in due:
            self._start(held, None)

    def pause(self) -> None:
        """Tell nothing for now: what happens is kept."""
        self.paused = True

    def resume(self) -> None:
        """Tell what was kept, in order, and go on."""
        self.paused = False
        waiting, self._waiting = self._waiting, []
        for delivery in waiting:
            self._deliver(delivery)

    def taken(self) -> list[Delivery]:
        """What was kept, in order, for a test to `deliver` as it likes; it is not kept any more."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def forget(self) -> None:
        """As if our app had been away for long: what was kept or waits for a retry is never told."""
        self._waiting, self._held = [], []
        for task in list(self._running):
            task.cancel()

    def _start(self, delivery: Delivery, fault: Fault | None) -> None:
        self.sent.append(delivery)
        first = self.world.clock.now()
        task = asyncio.get_running_loop().create_task(self._send(delivery, fault, first))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _send(self, delivery: Delivery, fault: Fault | None, first: datetime) -> None:
        retries = RETRIES if delivery.kind == "events_api" else RETRIES[:1]
        for delivery.attempt, after in enumerate(retries):
            await self._alarm.at(first + after)
            outcome = await self._attempt(delivery, fault)
            fault = None
            if outcome.ok or outcome.stop:
                return
            delivery.reason = outcome.reason
        if delivery.kind == "events_api":
            self.statistics.given_up += 1

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        note = self.world.log.note
        name = delivery.what.removeprefix("EVENT ")
        note(Happened.EVENT, name, who=f"attempt {delivery.attempt}", body=delivery.payload)
        outcome = await self._transports[self.world.app.socket_mode].send(delivery, fault)
        delivery.attempts.append(outcome.reason)
        if delivery.kind == "events_api":
            self.statistics.attempts += 1
            self.statistics.successes += outcome.ok
            self.statistics.retries += delivery.attempt > 0
        note(Happened.SOCKET, f"ACK {name}" if outcome.ok else f"NO ACK {name}", body={"reason": outcome.reason})
        if delivery.call is not None:
            delivery.call.acknowledged_with(outcome)
        return outcome

    async def settled(self, *, within: float = 10.0) -> None:
        """Until nothing is on its way any more; what waits for a retry on the clock counts as on its way."""
        async with asyncio.timeout(within):
            while self._running:
                await asyncio.wait(set(self._running))

    async def looked(self) -> None:
        """Until whatever waits for a retry has looked at the clock as it is now."""
        await asyncio.sleep(3 * TICK)

    async def stop(self) -> None:
        """Give up what is on its way."""
        self.forget()
        self._alarm.stop()
        await asyncio.gather(*self._running, return_exceptions=True)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _bent(delivery: Delivery, fault: Fault | None) -> Iterator[Delivery]:
    """What really goes out."""
    match fault:
        case Lose():
            return
        case Duplicate(times=times):
            for _ in range(times):
                yield Delivery(delivery.kind, delivery.payload, delivery.what, call=delivery.call)
        case Malform(change=change):
            delivery.payload = change(copy.deepcopy(delivery.payload))
            yield delivery
        case _:
            yield delivery


def _name(event: Json) -> str:
    """ "message" for plain messages, "message.message_changed" for others, else the type."""
    return ".".join(part for part in (event["type"], event.get("subtype")) if part)
