"""What a life of people and faults starts from: a town, the process that serves it, and what people say there."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from bot.models import Every, Level, Reach, Rule
from storage import SqlStore
from tests.indoors import A_MOMENT, Life, Town, begun
from tests.makers import NOON
from tests.sides import DiscordSide, Side, SlackSide
from tests.stores import emptied
from tests.virtual import LoopClock


@dataclass(eq=False)
class Known:
    """A message: where it is, who wrote it, what it says now, and who stars it."""

    side: Side
    said: Any
    who: str
    word: str
    private: bool
    stars: set[str]


class Living(RuleBasedStateMachine):
    """A town as it begins, the process that serves it, and people who say things."""

    runner: ClassVar[asyncio.Runner]
    store: ClassVar[SqlStore]
    clock: ClassVar[LoopClock]
    town: ClassVar[Town]

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.said: list[Known] = []
        self.gone: set[str] = set()  # words that were taken back
        self.hushed: set[tuple[Side, str]] = set()  # people who must no longer be shown
        self.life: Life | None = None

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        async def done() -> None:
            await work
            await asyncio.sleep(A_MOMENT)

        self.runner.run(done())

    def now(self) -> None:
        """Let a second pass, so that all that just happened arrives."""
        self.clock.advance(timedelta(seconds=1))

    @initialize(where=st.sampled_from(((0,), (1,), (0, 1))))
    def begin(self, where: tuple[int, ...]) -> None:
        """Found a town on one platform or on both."""
        self.do(self._begin(where))

    async def _begin(self, where: tuple[int, ...]) -> None:
        await self.store.database.write(emptied)
        self.clock.set(NOON - timedelta(seconds=asyncio.get_running_loop().time()))
        type(self).town = Town.founded(self.clock)
        both: tuple[Side, Side] = (DiscordSide(self.town.discord), SlackSide(self.town.slack))
        self.sides = [both[n] for n in where]
        await self._start()
        for side in self.sides:
            for name in ("help", "den"):
                await self.store.places.watch(side.place(name), True)
                await self.store.places.set_level(side.place(name), Level.WEB, 0)
            await self.store.places.set_space(side.space, highlights_channel=side.place("stars").id)
            known = await self.store.places.channel(side.place("help"))
            assert known is not None
            noon = Rule(every=Every.DAILY, at=NOON.time(), zone="UTC")
            await self.store.calendar.add_schedule(
                community=known.community, name="Noon", destination=side.place("help"), rule=noon, reach=Reach.SPACE,
                sources=(), say_quiet=True, at=NOON - timedelta(hours=1),
            )  # fmt: skip
        await self._catch_up()

    # A process

    async def _start(self) -> None:
        platforms = [side.space.platform for side in self.sides]
        self.life = await begun(self.town, self.store, self.clock, platforms)

    async def _die(self) -> None:
        if self.life is not None:
            await self.life.end()
            self.life = None

    async def _catch_up(self) -> None:
        assert self.life is not None
        await self.life.parts.catch_up.work()

    async def _tick(self) -> None:
        """Have everything that arrived stored, and then shown."""
        await asyncio.sleep(A_MOMENT)
        if self.life is not None:
            await self.life.parts.app.tick()

    # What people say

    def _side(self, n: int) -> Side:
        return self.sides[n % len(self.sides)]

    def _some(self, n: int) -> Known:
        return self.said[n % len(self.said)]

    def _word(self) -> str:
        self.words += 1
        return f"quokka{self.words}x"

    async def _say(self, side: Side, who: str, to: Known | None, *, private: bool) -> Known | None:
        self.now()
        word = self._word()
        text = f"Which {word} tent holds?"
        said = side.say(who, text, private=private) if to is None else to.side.answer(to.said, who, text)
        if said is None:
            return None
        known = Known(side, said, who, word, private if to is None else to.private, set())
        self.said.append(known)
        return known
