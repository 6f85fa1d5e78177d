"""Words as the text search knows them: how they are folded, and where they stand in a text."""

import pytest

from storage.words import fold, places_of, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Two TENTS", "two tents"),
        ("Café, über Ærø", "cafe, uber ærø"),
        ("Straße", "strasse"),
        ("cafe\u0301", "cafe"),
        ("ﬁre in Ｔｏｋｙｏ", "fire in tokyo"),
        ("İstanbul 日本 🏕", "istanbul 日本 🏕"),
    ],
)
def test_folded_words_have_no_case_accents_and_width(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("tent", "tent", ["tent"]),
        ("Tent, TENT and tents", "tent", ["Tent", "TENT"]),
        ("a contents page, a_tent_b", "tent", ["tent"]),
        ("tentent", "tent", []),
        ("tent and tents", "tents tent", ["tent", "tents"]),
        ("Ein Café, cafes, das CAFE\u0301!", "cafe", ["Café", "CAFE\u0301"]),
        ("Straße and strasse", "strasse", ["Straße", "strasse"]),
        ("nothing here", "tent", []),
        ("", "tent", []),
    ],
)
def test_a_word_is_found_where_it_stands_alone(text: str, words: str, found: list[str]) -> None:
    places = list(places_of(text, frozenset(words_of(words))))
    assert [text[start:end] for start, end in places] == found
    assert places == sorted(places)
