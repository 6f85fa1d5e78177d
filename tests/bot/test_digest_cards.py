"""What a digest looks like, and how its items are explained."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests import LIMIT, Words, choose, digest_card, why_card
from bot.markup import plain
from bot.models import (
    Channel,
    Every,
    Platform,
    Section,
    Space,
    Window,
)
from bot.urls import Urls
from tests.bot.digests import (
    EN,
    START,
    TENT,
    URLS,
    a_candidate,
    a_pick,
    a_run,
    a_window,
    drawn,
    lines,
    links,
    windows,
    words,
)


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
    assert plain(card.body).splitlines() == [
        "▁▂▇▅▂▁▂",
        "",
        "Highlights",
        "1. “Peg it low.” — Ana · Which tent?",
        "",
        "Active",
        "2. Which tent? — 💬 31 (+12 new) · ⭐ 2 · waiting for an answer",
        "3. Which tent? — 💬 31",
        "",
        "Waiting for an answer",
        "4. Which tent? — 💬 31 (+12 new) · ⭐ 2",
        "",
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
    assert plain(card.body) == "It is one of the two with the most people."
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
