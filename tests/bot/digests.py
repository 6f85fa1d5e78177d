"""Candidates, windows and runs for tests of digests."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.digests import Words, choose, digest_card
from bot.markup import Link, Node, Tree, plain
from bot.models import (
    Candidate,
    Card,
    Channel,
    Every,
    MessageRef,
    Pick,
    Quote,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Section,
    Slot,
    Stored,
    Window,
)
from bot.texts import texts_for
from bot.urls import Urls
from tests.bot.things import HELP, SPACE, a_discussion, a_known_channel

START, END = datetime(2026, 8, 3, 7, tzinfo=UTC), datetime(2026, 8, 10, 7, tzinfo=UTC)
MIDDLE = START + (END - START) / 2
URLS = Urls("https://forum.example")
EN = texts_for("en", "Europe/Berlin")


def a_candidate(number: int = 1, channel: int = 1, **more: Any) -> Candidate:  # noqa: ANN401 - handed on by name
    """A discussion from before the window with some activity in it; its parts by their names."""
    known: dict[str, Any] = {"opened_at": START - timedelta(days=30), "last_activity": MIDDLE}
    known |= {key: more.pop(key) for key in list(more) if key not in Candidate.__dataclass_fields__}
    place = a_known_channel(Channel(SPACE, f"channel-{channel}"), key=channel)
    numbers: dict[str, Any] = {"count": 31, "posted": 3, "capped": 8, "new": 12, "highlighted": 1, "voters": 2}
    numbers |= {"last_in_window": MIDDLE, "waiting": False} | more
    return Candidate(discussion=a_discussion(id=number, channel=place, **known), **numbers)


def concluded(number: int = 1, channel: int = 1, **more: Any) -> Candidate:  # noqa: ANN401 - handed on by name
    return a_candidate(number, channel, stored=Stored.CONCLUDED, state_at=MIDDLE, outcome="Two poles.", **more)


def a_quote(discussion: int, votes: int = 2, number: int = 1, **more: Any) -> Quote:  # noqa: ANN401 - handed on by name
    ref = MessageRef(HELP, str(number))
    known: dict[str, Any] = {"text": "Peg it low.", "author_name": "Ana", "picked": False, "url": ""} | more
    return Quote(ref=ref, discussion=discussion, votes=votes, **known)


def a_window(*candidates: Candidate, quotes: Sequence[Quote] = ()) -> Window:
    return Window(
        start=START, end=END, candidates=candidates, quotes=tuple(quotes), people=41, activity=(0, 3, 9, 6, 1, 0, 2)
    )


def shape(window: Window) -> list[tuple[Section, int, str]]:
    return [(pick.section, pick.discussion, pick.reason) for pick in choose(window)]


candidates = st.builds(
    a_candidate,
    st.integers(1, 40),
    st.integers(1, 5),
    posted=st.integers(0, 5),
    capped=st.integers(0, 20),
    new=st.integers(0, 3),
    highlighted=st.integers(0, 3),
    voters=st.integers(0, 5),
    waiting=st.booleans(),
    pinned=st.booleans(),
    last_in_window=st.integers(0, 7).map(lambda day: START + timedelta(days=day)),
    stored=st.sampled_from(Stored),
    state_at=st.sampled_from([None, MIDDLE]),
)
windows = st.lists(candidates, max_size=20, unique_by=lambda each: each.discussion.id).flatmap(
    lambda found: st.lists(
        st.builds(a_quote, st.integers(1, 40), st.integers(1, 5), st.integers(1, 99), picked=st.booleans()),
        max_size=6,
        unique_by=lambda quote: quote.ref,
    ).map(lambda quotes: a_window(*found, quotes=quotes))
)


# The card


def a_run(*picks: Pick, every: Every = Every.WEEKLY, destination: Channel = HELP, **more: Any) -> Run:  # noqa: ANN401 - handed on by name
    schedule = Schedule(
        id=3,
        community=1,
        name="",
        destination=destination,
        rule=Rule(every=every, at=time(9), zone="Europe/Berlin"),
        reach=Reach.CHANNEL,
        created_at=START,
    )
    known: dict[str, Any] = {"discussions": 5, "people": 41, "activity": (0, 3, 9, 6, 1, 0, 2)} | more
    slot = Slot(schedule=3, key="2026-08-10", due_at=END)
    return Run(id=1, schedule=schedule, slot=slot, state=RunState.FROZEN, start=START, picks=picks, **known)


def a_pick(number: int = 1, section: Section = Section.ACTIVE, **more: Any) -> Pick:  # noqa: ANN401 - handed on by name
    known: dict[str, Any] = {"count": 31, "new": 12, "highlights": 2, "waiting": True, "score": 9.0 - number} | more
    quote = MessageRef(HELP, str(number)) if section is Section.HIGHLIGHTS else None
    return Pick(number=number, section=section, discussion=number, quote=quote, **known)


TENT = Words(
    title="Which tent?",
    url="https://chat.example/tent",
    outcome="Two poles.",
    quote="Peg it low.",
    author="Ana",
    quote_url="https://chat.example/peg",
)


def drawn(run: Run, words: dict[int, Words] | None = None, urls: Urls = URLS) -> Card:
    given = {pick.number: TENT for pick in run.picks} if words is None else words
    return digest_card(run, given, EN, urls, place="#help")


def lines(card: Card) -> list[str]:
    """The lines of a card that say something."""
    return list(filter(None, plain(card.body).splitlines()))


def links(tree: Tree) -> list[str]:
    def inside(node: Node) -> list[str]:
        here = [node.url] if isinstance(node, Link) else []
        return here + [url for child in getattr(node, "children", ()) for url in inside(child)]

    return [url for node in tree for url in inside(node)]


words = st.builds(
    Words,
    title=st.none() | st.text(max_size=120),
    url=st.sampled_from(["", "https://chat.example/1"]),
    outcome=st.text(max_size=300),
    quote=st.none() | st.text(max_size=400),
    author=st.none() | st.text(max_size=60),
)
