"""What a digest says: the rank by its formula, the choice by its rules, the card inside its length."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests import LIMIT, Words, choose, digest_card, rank, why_card
from bot.markup import Link, Node, Tree, plain
from bot.models import (
    Candidate,
    Card,
    Channel,
    Every,
    MessageRef,
    Pick,
    Platform,
    Quote,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Section,
    Slot,
    Space,
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
    known: dict[str, Any] = {"opened_at": START - timedelta(days=30), "count": 31, "last_activity": MIDDLE}
    known |= {key: more.pop(key) for key in list(more) if key not in Candidate.__dataclass_fields__}
    place = a_known_channel(Channel(SPACE, f"channel-{channel}"), key=channel)
    numbers: dict[str, Any] = {"posted": 3, "capped": 8, "new": 12, "highlighted": 1, "voters": 2}
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


# The rank


@pytest.mark.parametrize(
    ("more", "score"),
    [
        ({"last_in_window": END}, 7.251988),
        ({}, 3.625994),
        ({"last_in_window": START}, 1.812997),
        ({"opened_at": START}, 4.351193),
        ({"opened_at": END}, 3.625994),
        ({"waiting": True}, 4.169893),
        ({"stored": Stored.CONCLUDED, "state_at": MIDDLE}, 3.988593),
        ({"stored": Stored.CONCLUDED, "state_at": END}, 3.625994),
        ({"stored": Stored.CONCLUDED}, 3.625994),
        ({"state_at": MIDDLE}, 3.625994),  # concluded and reopened
        ({"opened_at": START, "waiting": True, "stored": Stored.CONCLUDED, "state_at": START}, 5.504259),
        ({"posted": 0, "capped": 0, "highlighted": 0, "voters": 0}, 0.0),
        ({"posted": 1, "capped": 1, "highlighted": 0, "voters": 0, "last_in_window": END}, 2.079442),
    ],
)
def test_the_score_is_the_formula(more: dict[str, Any], score: float) -> None:
    [ranked] = rank([a_candidate(**more)], START, END)
    assert ranked.score == pytest.approx(score, abs=1e-6)


def test_the_terms_of_the_score_are_kept() -> None:
    [ranked] = rank([a_candidate(waiting=True)], START, END)
    assert ranked.terms == pytest.approx(
        {
            "people": 3,
            "messages": 8,
            "highlights": 1,
            "voters": 2,
            "base": 7.251988,
            "age": 84,
            "window": 168,
            "decay": 0.5,
            "opened": 1,
            "waiting": 1.15,
            "concluded": 1,
            "score": 4.169893,
        },
        abs=1e-6,
    )


def test_activity_from_before_the_window_ages_further_and_one_after_it_does_not_grow() -> None:
    [old, coming] = (
        rank([a_candidate(last_in_window=moment)], START, END)[0].terms["decay"]
        for moment in (START - timedelta(days=7), END + timedelta(days=7))
    )
    assert (old, coming) == (0.0625, 1.0)


def test_ties_go_to_more_people_then_newer_activity_then_the_smaller_id() -> None:
    silent: dict[str, Any] = {"posted": 0, "capped": 0, "highlighted": 0, "voters": 0}
    candidates = [
        a_candidate(4, **silent),
        a_candidate(3, **silent),
        a_candidate(5, **(silent | {"last_in_window": END})),
    ]
    ranked = rank(candidates, START, END)
    assert [each.candidate.discussion.id for each in ranked] == [5, 3, 4]


def test_equal_scores_go_to_more_people() -> None:
    few = a_candidate(1, posted=1, capped=3, highlighted=0, voters=0)  # 2 ln 2 + ln 4 = 2 ln 3 + ln (16 / 9)
    many = a_candidate(2, posted=3, capped=0, highlighted=0, voters=0)  # 2 ln 4
    assert [each.score for each in rank([few, many], START, END)] == [1.386294361, 1.386294361]
    assert [each.candidate.discussion.id for each in rank([few, many], START, END)] == [2, 1]


# The choice


def test_two_active_ones_are_taken_by_most_people_and_the_third_by_score() -> None:
    crowd = a_candidate(1, posted=9, capped=9, highlighted=0, voters=0, last_in_window=START)
    pair = a_candidate(2, posted=8, capped=8, highlighted=0, voters=0, last_in_window=START)
    best = a_candidate(3, posted=2, highlighted=5, last_in_window=END)
    next_best = a_candidate(4, posted=2, highlighted=4, last_in_window=END)
    assert shape(a_window(next_best, best, pair, crowd)) == [
        (Section.ACTIVE, 1, "most people"),
        (Section.ACTIVE, 2, "most people"),
        (Section.ACTIVE, 3, "score"),
    ]


def test_a_pin_is_first_even_without_anything_new() -> None:
    window = a_window(*(a_candidate(n) for n in range(1, 4)), a_candidate(9, new=0, posted=0, pinned=True))
    assert shape(window)[0] == (Section.ACTIVE, 9, "pinned")


def test_a_pin_is_printed_before_the_highlights() -> None:
    window = a_window(a_candidate(1), a_candidate(2, pinned=True), a_candidate(3), quotes=[a_quote(1)])
    assert [(number, pick.section, pick.discussion) for number, pick in enumerate(choose(window), start=1)] == [
        (1, Section.ACTIVE, 2),
        (2, Section.ACTIVE, 3),
        (3, Section.HIGHLIGHTS, 1),
    ]


def test_active_ones_have_something_new() -> None:
    assert shape(a_window(a_candidate(new=0))) == []


def test_highlights_are_those_with_most_votes_from_two_voters_or_a_pick_on() -> None:
    window = a_window(
        *(a_candidate(n) for n in range(1, 6)),
        quotes=[a_quote(1, 1), a_quote(2, 2, 2), a_quote(3, 5, 3), a_quote(3, 4, 4), a_quote(4, 2, 5, picked=True)],
    )
    picks = [pick for pick in choose(window) if pick.section is Section.HIGHLIGHTS]
    assert [(pick.discussion, pick.quote and pick.quote.id, pick.reason) for pick in picks] == [
        (3, "3", "votes"),
        (4, "5", "votes"),
    ]


def test_a_picked_message_is_quoted_with_a_single_vote() -> None:
    window = a_window(a_candidate(), quotes=[a_quote(1, 1, picked=True)])
    assert shape(window) == [(Section.HIGHLIGHTS, 1, "votes")]


def test_a_single_vote_is_not_enough_to_be_quoted() -> None:
    assert shape(a_window(a_candidate(), quotes=[a_quote(1, 1)])) == [(Section.ACTIVE, 1, "most people")]


def test_a_quote_of_a_discussion_that_is_no_candidate_is_left_alone() -> None:
    assert shape(a_window(a_candidate(), quotes=[a_quote(2)])) == [(Section.ACTIVE, 1, "most people")]


def test_the_best_concluded_one_shows_its_outcome_and_the_others_are_active() -> None:
    window = a_window(concluded(1), concluded(2, highlighted=4), a_candidate(3))
    assert shape(window) == [
        (Section.ACTIVE, 1, "most people"),
        (Section.ACTIVE, 3, "most people"),
        (Section.CONCLUDED, 2, "score"),
    ]


def test_those_that_wait_and_are_not_active_enough_have_a_section() -> None:
    busy = [a_candidate(n, posted=9, highlighted=9) for n in range(1, 4)]
    waiting = [a_candidate(n, waiting=True, posted=1, capped=n, highlighted=0) for n in range(4, 8)]
    assert shape(a_window(*busy, *waiting))[3:] == [(Section.WAITING, 7, "score"), (Section.WAITING, 6, "score")]


def test_each_discussion_comes_once() -> None:
    window = a_window(concluded(waiting=True, pinned=True), quotes=[a_quote(1)])
    assert shape(window) == [(Section.ACTIVE, 1, "pinned")]


def test_two_items_a_channel_are_enough_where_three_channels_have_something() -> None:
    window = a_window(*(a_candidate(n, 1, posted=9) for n in range(1, 6)), a_candidate(6, 2), a_candidate(7, 3))
    assert [discussion for _, discussion, _ in shape(window)] == [1, 2, 6]


def test_a_channel_may_fill_the_digest_where_only_two_have_something() -> None:
    window = a_window(*(a_candidate(n, 1, posted=9) for n in range(1, 6)), a_candidate(6, 2))
    assert [discussion for _, discussion, _ in shape(window)] == [1, 2, 3]


def test_pins_do_not_wait_for_their_channel() -> None:
    pins = [a_candidate(n, 1, pinned=True) for n in range(1, 4)]
    window = a_window(*pins, a_candidate(4, 2), a_candidate(5, 3))
    assert [discussion for _, discussion, _ in shape(window)] == [1, 2, 3]


def test_items_are_numbered_as_printed_with_the_numbers_of_their_slot() -> None:
    window = a_window(concluded(1, 1), a_candidate(2, 2), a_candidate(3, 3, waiting=True), quotes=[a_quote(3)])
    picks = choose(window)
    assert [(pick.number, pick.section) for pick in picks] == [
        (1, Section.HIGHLIGHTS),
        (2, Section.ACTIVE),
        (3, Section.CONCLUDED),
    ]
    assert (picks[1].count, picks[1].new, picks[1].highlights, picks[1].waiting) == (31, 12, 0, False)
    assert picks[1].terms["score"] == picks[1].score


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


@settings(max_examples=200, deadline=None)
@given(window=windows, seed=st.integers())
def test_the_choice_keeps_its_rules_whatever_the_order_of_the_input(window: Window, seed: int) -> None:
    picks = choose(window)
    mixed, quotes = list(window.candidates), list(window.quotes)
    Random(seed).shuffle(mixed)
    Random(seed).shuffle(quotes)
    assert choose(replace(window, candidates=tuple(mixed), quotes=tuple(quotes))) == picks
    known = {each.discussion.id: each for each in window.candidates}
    assert len({pick.discussion for pick in picks}) == len(picks)
    assert [pick.number for pick in picks] == list(range(1, len(picks) + 1))
    sections = [pick.section for pick in picks]
    pins = any(pick.reason == "pinned" for pick in picks)
    order = sorted(Section, key=lambda section: pins and section is not Section.ACTIVE)
    assert sections == sorted(sections, key=order.index)
    most = {Section.HIGHLIGHTS: 2, Section.ACTIVE: 3, Section.WAITING: 2, Section.CONCLUDED: 1}
    assert all(sections.count(section) <= most[section] for section in Section)
    if len({each.discussion.channel.key for each in window.candidates}) >= 3:
        free = [known[pick.discussion].discussion.channel.key for pick in picks if not known[pick.discussion].pinned]
        assert all(free.count(key) <= 2 for key in free)


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
    return plain(card.body).splitlines()


def links(tree: Tree) -> list[str]:
    def inside(node: Node) -> list[str]:
        here = [node.url] if isinstance(node, Link) else []
        return here + [url for child in getattr(node, "children", ()) for url in inside(child)]

    return [url for node in tree for url in inside(node)]


def test_the_title_says_where_when_and_how_much() -> None:
    assert drawn(a_run(a_pick())).title == "This week in #help · 3–10 Aug · 5 discussions, 41 people"


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (Every.DAILY, "The day in #help"),
        (Every.WEEKDAYS, "The day in #help"),
        (Every.FORTNIGHTLY, "The last two weeks in #help"),
        (Every.MONTHLY, "This month in #help"),
    ],
)
def test_the_title_names_the_period(every: Every, words: str) -> None:
    assert drawn(a_run(a_pick(), every=every)).title.startswith(f"{words} · ")


def test_a_whole_digest_reads_like_this() -> None:
    run = a_run(
        a_pick(1, Section.HIGHLIGHTS),
        a_pick(2),
        a_pick(3, highlights=0, new=0, waiting=False),
        a_pick(4, Section.WAITING),
        a_pick(5, Section.CONCLUDED),
        discussions=17,
    )
    card = drawn(run)
    assert lines(card) == [
        "▁▂▇▅▂▁▂",
        "Highlights",
        "1. “Peg it low.” — Ana · Which tent?",
        "Active",
        "2. Which tent? — 💬 31 (+12 new) · ⭐ 2 · waiting for an answer",
        "3. Which tent? — 💬 31",
        "Waiting for an answer",
        "4. Which tent? — 💬 31 (+12 new) · ⭐ 2 · waiting for an answer",
        "Concluded",
        "5. ✅ Which tent? — Two poles.",
        "12 more → forum",
    ]
    assert links(card.body)[:3] == [TENT.quote_url, TENT.url, TENT.url]
    assert links(card.body)[-1] == "https://forum.example/"
    assert plain(card.footer).splitlines() == [
        "3 Aug 2026, 09:00 – 10 Aug 2026, 09:00, Europe/Berlin",
        "Never want to be quoted? /privacy optout",
    ]


def test_a_late_digest_says_why_in_its_footer() -> None:
    card = drawn(a_run(a_pick(), late=True, reason="It was due at nine."))
    assert plain(card.footer).splitlines()[1] == "It was due at nine."


def test_nothing_more_is_said_when_all_is_shown() -> None:
    assert lines(drawn(a_run(a_pick(), discussions=1, activity=()))) == [
        "Active",
        "1. Which tent? — 💬 31 (+12 new) · ⭐ 2 · waiting for an answer",
    ]


def test_a_forum_on_this_machine_is_not_linked_for_people_elsewhere() -> None:
    away = Channel(Space(Platform.SLACK, "T1"), "C1")
    card = drawn(a_run(a_pick(), destination=away), urls=Urls("http://127.0.0.1:8080"))
    assert lines(card)[-1] == "4 more"
    assert lines(drawn(a_run(a_pick(), destination=away)))[-1] == "4 more → forum"


def test_a_forum_on_this_machine_is_linked_in_its_own_room() -> None:
    assert links(drawn(a_run(a_pick()), urls=Urls("http://127.0.0.1:8080")).body)[-1] == "http://127.0.0.1:8080/"


def test_what_may_not_be_shown_any_more_is_said_to_be_gone() -> None:
    run = a_run(a_pick(1, Section.HIGHLIGHTS), a_pick(2), a_pick(3, Section.CONCLUDED))
    card = drawn(run, {1: replace(TENT, quote=None, author=None), 3: Words()})
    assert [line for line in lines(card) if line[0].isdigit()][:3] == [
        "1. (no longer available)",
        "2. (no longer available)",
        "3. (no longer available)",
    ]
    assert "tent" not in plain(card.body)


def test_a_quote_without_a_name_is_just_quoted() -> None:
    card = drawn(a_run(a_pick(1, Section.HIGHLIGHTS)), {1: replace(TENT, author=None, url="")})
    assert "1. “Peg it low.” — Which tent?" in lines(card)


def test_a_conclusion_without_an_outcome_shows_its_numbers() -> None:
    card = drawn(a_run(a_pick(1, Section.CONCLUDED, waiting=False)), {1: replace(TENT, outcome="")})
    assert "1. ✅ Which tent? — 💬 31 (+12 new) · ⭐ 2" in lines(card)


def test_a_dropped_item_is_left_out_with_its_section_and_is_not_one_more() -> None:
    run = a_run(a_pick(1), a_pick(2, Section.CONCLUDED, dropped=True), discussions=2)
    assert lines(drawn(run))[1:] == ["Active", "1. Which tent? — 💬 31 (+12 new) · ⭐ 2 · waiting for an answer"]


def test_a_quiet_week_says_so() -> None:
    card = drawn(a_run(discussions=0, people=0, activity=(0, 0, 0)))
    assert (card.title, lines(card)) == (
        "This week in #help · 3–10 Aug",
        ["It was quiet: nothing new was written."],
    )


def test_long_words_are_cut() -> None:
    long = replace(TENT, title="tent " * 100, quote="peg " * 200, author="Ana" * 50, outcome="pole " * 200)
    card = drawn(a_run(a_pick(1, Section.HIGHLIGHTS), a_pick(2, Section.CONCLUDED)), {1: long, 2: long})
    quote, end = lines(card)[2].split("” — ")
    assert len(quote) <= len("1. “") + 200
    assert quote.endswith("peg…")
    assert len(end) <= 40 + 3 + 80
    assert len(lines(card)[4]) <= len("2. ✅ ") + 80 + 3 + 200


def test_items_with_the_lowest_scores_are_left_out_whole_and_counted() -> None:
    wide = replace(TENT, title="x" * 80, quote="y" * 200, author="z" * 40, outcome="o" * 200)
    sections = [*[Section.HIGHLIGHTS] * 2, *[Section.ACTIVE] * 3, *[Section.WAITING] * 2, Section.CONCLUDED]
    picks = [a_pick(n, section) for n, section in enumerate(sections, start=1)]
    picks[7] = replace(picks[7], reason="pinned")
    card = drawn(a_run(*picks, discussions=8), dict.fromkeys(range(1, 9), wide))
    shown = [line.partition(".")[0] for line in lines(card) if line[0].isdigit() and "." in line]
    assert shown == ["1", "2", "3", "4", "8"]
    assert lines(card)[-1] == "3 more → forum"


words = st.builds(
    Words,
    title=st.none() | st.text(max_size=120),
    url=st.sampled_from(["", "https://chat.example/1"]),
    outcome=st.text(max_size=300),
    quote=st.none() | st.text(max_size=400),
    author=st.none() | st.text(max_size=60),
)


@settings(max_examples=150, deadline=None)
@given(window=windows, said=st.lists(words, min_size=8, max_size=8), place=st.text(max_size=120))
def test_a_digest_never_has_more_than_fifteen_hundred_characters(window: Window, said: list[Words], place: str) -> None:
    run = a_run(*choose(window), discussions=len(window.candidates))
    card = digest_card(run, dict(enumerate(said, start=1)), EN, URLS, place=place)
    assert len(card.title) + len(plain(card.body)) + len(plain(card.footer)) <= LIMIT


# Why


def test_every_term_of_a_score_is_explained() -> None:
    [pick] = choose(a_window(a_candidate(opened_at=START, waiting=True)))
    card = why_card(a_run(pick, left_out=2), 1, EN, title="Which tent?")
    assert card is not None
    assert card.title == "Why item 1 is in the digest: Which tent?"
    assert plain(card.body) == "It is one of the two with most people."
    assert [(field.label, plain(field.value)) for field in card.fields] == [
        ("People who wrote", "3 → 2 × ln(1 + 3)"),
        ("Messages, at most 8 a person", "8 → 1 × ln(1 + 8)"),
        ("Highlighted messages", "1 → 2.5 × ln(1 + 1)"),
        ("People who highlighted", "2 → 0.5 × ln(1 + 2)"),
        ("Together", "7.252"),
        ("Hours since the last message", "84"),
        ("Hours in the window", "168"),
        ("× for its age", "0.5"),
        ("× opened in the window", "1.2"),
        ("× a question waits", "1.15"),
        ("× concluded in the window", "1"),
        ("Score", "5.004"),
    ]
    assert plain(card.footer) == "2 discussions were left out, because not everybody here may read them."


def test_a_dropped_item_whose_title_may_not_be_shown_is_explained_too() -> None:
    card = why_card(a_run(a_pick(dropped=True)), 1, EN)
    assert card is not None
    assert card.title == "Why item 1 is in the digest: (no longer available)"
    assert (plain(card.body), card.fields, card.footer) == ("A moderator dropped it since.", (), ())


def test_there_is_no_account_of_an_item_that_is_not_there() -> None:
    assert why_card(a_run(a_pick()), 2, EN) is None
