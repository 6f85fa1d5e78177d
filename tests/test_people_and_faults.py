"""People, faults and restarts in any order: in the end we have what is there, counted right, and told once."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from typing_extensions import override

from adapters.slack.adapter import LAG
from bot.delivery import BACKOFF
from bot.models import Channel, Platform, PostKind, Space
from storage import open_store
from tests.checking import Output, There, check
from tests.indoors import A_MOMENT, without_wires
from tests.living import Known, Living
from tests.makers import NOON
from tests.servers.faults import Duplicate, Hold
from tests.sides import PEOPLE, TROUBLE, Side, SlackSide
from tests.virtual import LoopClock, VirtualLoop, count_work

DAYS = timedelta(days=5)
REST = timedelta(seconds=BACKOFF[-1] + 60)  # by then everything that failed is tried again
NOWHERE = Channel(Space(Platform.LOCAL, "nowhere"), "nowhere")
SIDES = st.sampled_from((0, 1))
ANY = st.integers(0, 30)
WHO = st.sampled_from(PEOPLE)


class PeopleAndFaults(Living):
    """What may happen, in any order."""

    @rule(side=SIDES, who=WHO, private=st.booleans())
    def say(self, side: int, who: str, private: bool) -> None:
        self.do(self._opened(self._side(side), who, private=private))

    async def _opened(self, side: Side, who: str, *, private: bool) -> None:
        await self._say(side, who, None, private=private)

    @rule(n=ANY, who=WHO)
    @precondition(lambda self: self.said)
    def answer(self, n: int, who: str) -> None:
        self.do(self._answered(self._some(n), who))

    async def _answered(self, to: Known, who: str) -> None:
        await self._say(to.side, who, to, private=to.private)

    @rule(side=SIDES, private=st.booleans())
    def talk(self, side: int, private: bool) -> None:
        """So lively that there is a card, and a reply that everybody likes; both are shown at once."""
        self.do(self._talked(self._side(side), private))

    async def _talked(self, side: Side, private: bool) -> None:
        root = await self._say(side, PEOPLE[0], None, private=private)
        assert root is not None
        for who in (*PEOPLE, *PEOPLE):
            await self._answered(root, who)
        await self._starred(self.said[-1], set(PEOPLE))
        await self._tick()

    @rule(n=ANY)
    @precondition(lambda self: self.said)
    def edit(self, n: int) -> None:
        self.do(self._edited(self._some(n)))

    async def _edited(self, it: Known) -> None:
        self.now()
        self.gone.add(it.word)
        it.word = self._word()
        it.side.edit(it.said, f"Rather the {it.word} tent.")

    @rule(n=ANY)
    @precondition(lambda self: self.said)
    def delete(self, n: int) -> None:
        self.do(self._deleted(self._some(n)))

    async def _deleted(self, it: Known) -> None:
        self.now()
        self.said.remove(it)
        self.gone.add(it.word)
        it.side.delete(it.said)

    @rule(n=ANY, voters=st.sets(WHO, min_size=1))
    @precondition(lambda self: self.said)
    def star(self, n: int, voters: set[str]) -> None:
        """Add stars, or take them back."""
        self.do(self._starred(self._some(n), voters))

    async def _starred(self, it: Known, voters: set[str]) -> None:
        self.now()
        for who in sorted(voters):
            if who != it.who and (it.side, who) not in self.hushed:
                it.stars ^= {who}
                it.side.star(it.said, who, who in it.stars)

    @rule(n=ANY, how=st.sampled_from(("archive", "lock", "open")))
    @precondition(lambda self: self.said)
    def shut(self, n: int, how: str) -> None:
        self.do(self._shut(self._some(n), how))

    async def _shut(self, it: Known, how: str) -> None:
        self.now()
        it.side.shut(it.said, how)

    @rule(side=SIDES, closed=st.booleans())
    def close(self, side: int, closed: bool) -> None:
        """#help becomes private, or open again."""
        self.do(self._closed(self._side(side), closed))

    async def _closed(self, side: Side, closed: bool) -> None:
        self.now()
        side.close(closed)

    @rule(side=SIDES, who=WHO)
    @precondition(lambda self: self.said)
    def hush(self, side: int, who: str) -> None:
        """Somebody does not want to be shown any more."""
        self.do(self._hushed(self._side(side), who))

    async def _hushed(self, side: Side, who: str) -> None:
        self.now()
        self.hushed.add((side, who))
        await self.store.people.opt_out(side.member(who), True, self.clock.now())

    # What goes wrong

    @rule(side=SIDES, fault=st.sampled_from((Hold(), Duplicate())))
    def mistell(self, side: int, fault: Hold | Duplicate) -> None:
        """The next event comes after the one that follows it, or twice."""
        self._side(side).server.faults.on("EVENT **", fault)

    @rule(side=SIDES, what=st.sampled_from(sorted(TROUBLE)), times=st.integers(1, 3))
    def trouble(self, side: int, what: str, times: int) -> None:
        (asked, fault), here = TROUBLE[what], self._side(side)
        here.server.faults.on(here.calls[asked], fault, times=times)

    @rule(seconds=st.sampled_from((0, 5)))
    def lag(self, seconds: int) -> None:
        """What is posted in Slack is not in its history yet."""
        for side in self.sides:
            if isinstance(side, SlackSide):
                side.lag(seconds)

    @rule()
    @precondition(lambda self: self.town.up)
    def lose(self) -> None:
        """Both connections are lost."""
        self.town.up = False
        self.do(self._lost())

    async def _lost(self) -> None:
        self.town.lose()
        self.town.slack.deliveries.pause()

    @rule(resumed=st.booleans())
    @precondition(lambda self: not self.town.up)
    def connect_again(self, resumed: bool) -> None:
        """They are back: what was missed is told, unless Discord does not know the session any more."""
        self.do(self._back(resumed))

    async def _back(self, resumed: bool) -> None:
        self.town.up = True
        self.town.slack.deliveries.resume()
        if self.town.client is not None:
            (self.town.resume if resumed else self.town.identify)()

    @rule()
    @precondition(lambda self: self.life is not None)
    def die(self) -> None:
        """The process ends; what is told meanwhile, is told to nobody."""
        self.do(self._die())

    @rule(soon=st.booleans())
    @precondition(lambda self: self.life is None)
    def start_again(self, soon: bool) -> None:
        """Soon enough that Slack tells again what it could not deliver, or not."""
        self.do(self._started(soon))

    async def _started(self, soon: bool) -> None:
        if not soon:
            self.town.slack.deliveries.forget()
        self.town.slack.deliveries.resume()
        await self._start()

    # What time brings

    @rule(minutes=st.sampled_from((1, 61, 24 * 60)))
    def time_passes(self, minutes: int) -> None:
        """Whoever watches over the process has started it again by then, and connections are made anew."""
        self.do(self._later(minutes))

    async def _later(self, minutes: int) -> None:
        if self.clock.now() < NOON + DAYS:  # older messages are compared by a sweep that takes weeks
            self.clock.advance(timedelta(minutes=minutes))
        await self._mended()

    async def _mended(self) -> None:
        if self.life is None:
            await self._started(soon=False)
        elif not self.town.up:
            await self._back(resumed=False)
        await self._tick()

    @rule()
    @precondition(lambda self: self.life is not None)
    def catch_up(self) -> None:
        self.do(self._catch_up())

    # What must be in the end

    @override
    def teardown(self) -> None:
        try:
            self.do(self._settled())
        finally:
            self.do(self._die())

    async def _settled(self) -> None:
        """Let everything come in; then all has to be as it is there."""
        for side in self.sides:
            side.rest()
        await self._mended()
        for side in self.sides:
            await self._say(side, "Ada", None, private=False)  # behind it comes what was held
        await asyncio.sleep(LAG)  # by then Slack's history shows what was said just before we were back
        for _ in range(2):  # the first may find what is too young to be called deleted
            self.clock.advance(REST)
            await asyncio.sleep(A_MOMENT)
            await self._catch_up()
            await self._tick()
        await self._stored()
        await self._told_once()
        self.town.discord.check()
        self.town.slack.check()

    async def _stored(self) -> None:
        """All is stored, counted right, and words stand only where they may."""
        there: list[There] = [each for side in self.sides for each in side.there()]
        ours = [each for side in self.sides for each in side.ours()]
        secrets = dict.fromkeys(self.gone, NOWHERE)
        for it in self.said:
            if (it.side, it.who) in self.hushed:
                secrets[it.word] = NOWHERE
            elif it.private:
                secrets[it.word] = it.side.place("den")
        assert await check(self.store, there, ours, await self._pages(), secrets) == []

    async def _pages(self) -> list[Output]:
        """What anybody can read on the web."""
        assert self.life is not None
        rows = await self.store.database.read(lambda c: c.exec_driver_sql("SELECT id FROM discussion").fetchall())
        paths = ["/", "/highlights", "/feed.atom", *(f"/d/{row[0]}" for row in rows)]
        return [Output(name=path, text=await page(self.life.parts.web.app, path)) for path in paths]

    async def _told_once(self) -> None:
        """No slot has more than one digest, and nothing of ours stands that we do not know of."""
        days = (self.clock.now() - NOON).days + 1
        rows = await self.store.database.read(
            lambda c: c.exec_driver_sql("SELECT kind, mid FROM own_post WHERE state = 'live'").fetchall()
        )
        digests = [mid for kind, mid in rows if kind == PostKind.DIGEST.value]
        assert len(digests) == len(set(digests)) <= len(self.sides) * days
        standing = {ident for side in self.sides for ident in side.own_ids()}
        assert standing == {mid for _, mid in rows}


async def page(app: web.Application, path: str) -> str:
    """A page as it is printed, wherever it has moved to."""
    app.pre_freeze()
    try:
        answer = await app._handle(make_mocked_request("GET", path, headers={"Host": "127.0.0.1:8080"}, app=app))
    except web.HTTPFound as moved:
        return await page(app, str(moved.location))
    except web.HTTPNotFound:
        return ""
    assert isinstance(answer, web.Response)
    return answer.text or ""


LIVES = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    print_blob=True,
)


def machine(examples: int, steps: int, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try so many lives of so many steps, all in one store: to open one for each would take longer than to live."""
    without_wires(monkeypatch, lambda: PeopleAndFaults.town)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        store = open_store(url)
        count_work(store, loop.virtual)
        for name, value in {"runner": runner, "store": store, "clock": LoopClock(), "town": None}.items():
            monkeypatch.setattr(PeopleAndFaults, name, value, raising=False)
        try:
            run_state_machine_as_test(
                PeopleAndFaults, settings=settings(LIVES, max_examples=examples, stateful_step_count=steps)
            )
        finally:
            runner.run(store.close())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(8))
def test_two_hundred_lives_of_thirty_steps(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """In parts of twenty-five, which test workers share."""
    machine(25, 30, sqlite_url, monkeypatch)


@pytest.mark.soak
@pytest.mark.timeout(4800)
@pytest.mark.parametrize("part", range(4))
def test_two_thousand_lives_of_fifty_steps(database_url: str, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """In parts of five hundred, of which any can be tried again by itself."""
    machine(500, 50, database_url, monkeypatch)
