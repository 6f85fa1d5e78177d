"""Which discussions a digest takes, in which order."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests import choose, rank
from bot.models import (
    Section,
    Stored,
    Window,
)
from tests.bot.digests import END, MIDDLE, START, a_candidate, a_quote, a_window, concluded, shape, windows

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
