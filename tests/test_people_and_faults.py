"""People, faults and restarts in any order: in the end we have what the platform has, counted right, and told once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from typing_extensions import override

from bot import catchup
from bot.app import App
from bot.catchup import CatchUp
from bot.commands.context import Context
from bot.delivery import Delivery
from bot.models import (
    Channel,
    Event,
    Every,
    Message,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    PostKind,
    Reach,
    Rule,
    Space,
    Thread,
    ThreadSeen,
    VoteCast,
    VoteSource,
    VotesRead,
)
from bot.renderings import Renderings
from bot.summaries import Extract
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore, open_store
from tests.checking import There, check
from tests.digesting import the_digests
from tests.makers import NOON, SetClock, a_channel, a_message, a_space, an_author
from tests.rooms import SmallRoom
from tests.stores import emptied

CAMP = Space(Platform.DISCORD, "1")
HELP = Channel(CAMP, "2")
PEOPLE = ("Ada", "Bo", "Cem", "Dina")
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
URLS = Urls("http://127.0.0.1:8080")


class Truth(SmallRoom):
    """What a Discord server has: messages by place, and who starred them."""

    def __init__(self, store: SqlStore, clock: SetClock) -> None:
        super().__init__(store, clock, CAMP)
        self.messages: dict[MessageRef, Message] = {}
        self.stars: dict[MessageRef, set[str]] = {}

    @override
    def _next(self) -> str:
        self._last = max(self._last + 1, int((self._clock.now() - EPOCH).total_seconds() * 1000) << 22)
        return str(self._last)

    def new_id(self) -> str:
        return self._next()

    def inside(self, where: Channel | Thread) -> list[Message]:
        """The live messages of a channel itself or of a thread, oldest first."""
        alone = isinstance(where, Channel)
        found = [it for it in self.messages.values() if (it.thread.id == it.ref.id if alone else it.thread == where)]
        if not alone:
            found = [it for it in found if it.thread.id != it.ref.id]
        return sorted(found, key=lambda it: it.ref.position)

    @override
    async def history(self, where: Channel | Thread, after: int) -> AsyncIterator[Event]:
        for message in self.inside(where):
            if message.ref.position > after:
                yield MessageSeen(message=message, origin=Origin.BACKFILL)
                voters = tuple(an_author(name, space=CAMP) for name in sorted(self.stars.get(message.ref, ())))
                yield VotesRead(ref=message.ref, source=VoteSource.REACTION, voters=voters, at=self._clock.now())


class Process:
    """One Folkmoot over a store; the next one takes over what it left."""

    def __init__(self, store: SqlStore, clock: SetClock, room: Truth, number: int) -> None:
        owner = f"process {number}"
        adapters = {Platform.DISCORD: room}
        digests = the_digests(store)
        self.catch_up = CatchUp(store=store, clock=clock, adapters=adapters, owner=owner)
        context = Context(store=store, clock=clock, adapters=adapters, digests=digests, urls=URLS, texts_for=texts_for)
        render = Renderings(store=store, clock=clock, urls=URLS, digests=digests)
        delivery = Delivery(store=store, clock=clock, adapters=adapters, render=render, owner=owner)
        self.app = App(
            store=store,
            clock=clock,
            context=context,
            delivery=delivery,
            summarizer=Extract(),
            catch_up=self.catch_up,
        )


class PeopleAndFaults(RuleBasedStateMachine):
    """What may happen, in any order."""

    runner: ClassVar[asyncio.Runner]
    store: ClassVar[SqlStore]

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.room = Truth(self.store, self.clock)
        self.processes = 0
        self.held: list[Event] = []
        self.holding = self.doubling = False
        self.connected = True

    @initialize()
    def begin(self) -> None:
        self.do(self._begin())

    async def _begin(self) -> None:
        await self.store.database.write(emptied)
        await self.store.ledger.record([a_space(CAMP, "Camp", hosted=False), a_channel(HELP)])
        await self.store.places.watch(HELP, True)
        known = await self.store.places.channel(HELP)
        assert known is not None
        noon = Rule(every=Every.DAILY, at=NOON.time(), zone="UTC")
        await self.store.calendar.add_schedule(
            community=known.community, name="Noon", destination=HELP, rule=noon, reach=Reach.SPACE,
            sources=(), say_quiet=True, at=NOON - timedelta(hours=1),
        )  # fmt: skip
        await self._start()

    async def _start(self) -> None:
        self.processes += 1
        self.process = Process(self.store, self.clock, self.room, self.processes)
        self.connected = True
        await self.process.app.on_stream(CAMP)

    def do(self, work: object) -> None:
        self.runner.run(work)  # type: ignore[arg-type]

    async def _tell(self, *events: Event) -> None:
        """What the connection brings: nothing while it is lost; late, or twice, as the fates have it."""
        if not self.connected:
            return
        if self.holding:
            self.holding = False
            self.held += events
            return
        late, self.held = self.held, []
        for event in (*events, *late, *(events if self.doubling else ())):
            await self.process.app.on_event(event)
        self.doubling = False

    def _some(self, n: int) -> Message | None:
        live = sorted(self.room.messages.values(), key=lambda it: it.ref.position)
        return live[n % len(live)] if live else None

    # What people do

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(0, 30), own=st.booleans())
    def say(self, who: str, n: int, own: bool) -> None:
        """In the channel, or in the thread of some message."""
        self.clock.advance(timedelta(seconds=1))
        ident, root = self.room.new_id(), None if own else self._some(n)
        thread = Thread(HELP, ident) if root is None else root.thread
        said = replace(a_message(0, f"{who} says {ident}.", channel=HELP, author=who), thread=thread)
        said = replace(said, ref=MessageRef(HELP, ident), sent_at=self.clock.now())
        opened: list[Event] = []
        if root is not None and thread not in self.room.threads_seen:
            seen = ThreadSeen(thread=thread, at=self.clock.now(), name="Tents")
            self.room.threads_seen[thread] = seen
            opened = [seen]
        self.room.messages[said.ref] = said
        self.do(self._tell(*opened, MessageSeen(message=said)))

    @rule(n=st.integers(0, 30))
    def edit(self, n: int) -> None:
        self.clock.advance(timedelta(seconds=1))
        if (said := self._some(n)) is not None:
            now = self.clock.now()
            edited = replace(said, text=f"{said.text} Edited {now:%H:%M:%S}.", edited_at=now)
            self.room.messages[said.ref] = edited
            self.do(self._tell(MessageSeen(message=edited)))

    @rule(n=st.integers(0, 30))
    def delete(self, n: int) -> None:
        self.clock.advance(timedelta(seconds=1))
        if (said := self._some(n)) is not None:
            del self.room.messages[said.ref]
            self.room.stars.pop(said.ref, None)
            self.do(self._tell(MessageDeleted(ref=said.ref, thread=None, at=self.clock.now())))

    @rule(n=st.integers(0, 30), who=st.sampled_from(PEOPLE))
    def star(self, n: int, who: str) -> None:
        """Add one's star, or take it back."""
        self.clock.advance(timedelta(seconds=1))
        said = self._some(n)
        if said is not None and said.author.name != who:
            stars = self.room.stars.setdefault(said.ref, set())
            stars ^= {who}
            voter = an_author(who, space=CAMP)
            vote = VoteCast(ref=said.ref, voter=voter, source=VoteSource.REACTION, active=who in stars,
                            at=self.clock.now())  # fmt: skip
            self.do(self._tell(vote))

    # What goes wrong

    @rule()
    @precondition(lambda self: not self.holding)
    def hold(self) -> None:
        """The next event comes after the one that follows it."""
        self.holding = True

    @rule()
    def double(self) -> None:
        """What comes next comes twice."""
        self.doubling = True

    @rule()
    @precondition(lambda self: self.connected)
    def lose_the_connection(self) -> None:
        self.connected = False
        self.held, self.holding = [], False

    @rule()
    @precondition(lambda self: not self.connected)
    def connect_again(self) -> None:
        self.connected = True
        self.do(self.process.app.on_stream(CAMP))

    @rule()
    def die_and_start_again(self) -> None:
        self.held, self.holding = [], False
        self.do(self._start())

    # What time brings

    @rule(minutes=st.sampled_from((1, 7, 61, 300)))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def tick(self) -> None:
        self.do(self.process.app.tick())

    @rule()
    @precondition(lambda self: self.connected)
    def catch_up(self) -> None:
        self.do(self.process.catch_up.work())

    @override
    def teardown(self) -> None:
        self.do(self._settled())

    async def _settled(self) -> None:
        """Let everything come in; then all has to be as it is there."""
        self.holding = self.doubling = False
        if self.connected:
            await self._tell()
        else:
            self.connected = True
            await self.process.app.on_stream(CAMP)
        for _ in range(2):  # the first may find what is too young to be called deleted
            self.clock.advance(timedelta(minutes=11))
            await self.process.catch_up.work()
            await self.process.app.tick()
        there = [There(where=HELP, said={it.ref.id: it.text for it in self.room.inside(HELP)})]
        for thread in self.room.threads_seen:
            root = [it for it in self.room.inside(HELP) if it.ref.id == thread.id]
            said = {it.ref.id: it.text for it in (*root, *self.room.inside(thread))}
            there.append(There(where=thread, said=said))
        assert await check(self.store, there, ()) == []
        starred = {ref for ref, names in self.room.stars.items() if names}
        inside = {ref for ref in starred if self.room.messages[ref].thread in self.room.threads_seen}
        assert (await self.store.ledger.audit()).highlights == len(inside)
        await self._told_once()

    async def _told_once(self) -> None:
        """No slot has more than one digest."""
        days = (self.clock.now() - NOON).days + 1
        rows = await self.store.database.read(
            lambda c: c.exec_driver_sql(
                f"SELECT marker FROM own_post WHERE kind = '{PostKind.DIGEST.value}' AND state = 'live'"
            ).fetchall()
        )
        posted = [ref for marker, ref in self.room.markers.items() if (marker,) in {tuple(row) for row in rows}]
        assert len(set(posted)) == len(rows) <= days


def machine(examples: int, steps: int, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try so many lives of so many steps, all in one store: to open one for each would take longer than to live."""
    monkeypatch.setattr(catchup, "APART", 0.0)
    with asyncio.Runner() as runner:
        store = open_store(url)
        monkeypatch.setattr(PeopleAndFaults, "runner", runner, raising=False)
        monkeypatch.setattr(PeopleAndFaults, "store", store, raising=False)
        try:
            run_state_machine_as_test(
                PeopleAndFaults, settings=settings(LIVES, max_examples=examples, stateful_step_count=steps)
            )
        finally:
            runner.run(store.close())


LIVES = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    print_blob=True,
)


def test_whatever_people_do_and_whatever_fails(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(200, 30, sqlite_url, monkeypatch)


@pytest.mark.soak
@pytest.mark.timeout(4800)
def test_two_thousand_lives_of_fifty_steps(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(2000, 50, database_url, monkeypatch)
