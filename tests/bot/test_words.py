"""Words cleaned, cut and split."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import clean, cut, first_sentence, headline, sentences
from tests.trying import tried

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇩🇪"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
CLUSTERS = [
    FAMILY,
    FLAG,
    SCOTLAND,
    "👍🏽",
    "e\u0301",
    "n\u0303\u0323",
    "❤️",
    "각",
    "षि",
    "مَ",
    "𝒳",
    "\r\n",
    "a",
    "字",
    "1️⃣",
]


@pytest.mark.parametrize(
    ("dirty", "fine"),
    [
        ("a\0b", "a\ufffdb"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("a\tb\nc\r\nd\x07\x1b[0m", "a\tb\nc\nd[0m"),
        ("Grüße 👋", "Grüße 👋"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2067b\u202ac\u2069\u202cd", "abcd"),
        ("שלום\u200f, a\u200eb \u061cسلام", "שלום\u200f, a\u200eb \u061cسلام"),
    ],
)
def test_text_is_cleaned_at_the_border(dirty: str, fine: str) -> None:
    assert clean(dirty) == fine


@given(st.text(st.characters(), max_size=30))
def test_clean_text_can_be_stored_and_stays_clean(text: str) -> None:
    fine = clean(text)
    assert "\0" not in fine.encode().decode()
    assert clean(fine) == fine


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("fits", 4, "fits"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one, two three", 6, "one…"),
        ("one (two three", 6, "one…"),
        ("Donaudampfschifffahrt", 8, "Donauda…"),
        ("a Donaudampfschifffahrt", 8, "a Donau…"),
        ("漢字漢字漢字", 4, "漢字漢…"),
        ("word", 1, "…"),
        ("word", 0, ""),
        (f"ab{FAMILY}c", 5, "ab…"),
        (f"a{FLAG}{FLAG}b", 3, "a…"),
        (f"a{FLAG}{FLAG}b", 5, f"a{FLAG}…"),
        ("abe\u0301f", 4, "ab…"),
        ("ab👍🏽c", 4, "ab…"),
        ("e" + "\u0301" * 50, 10, "…"),
    ],
)
def test_text_is_cut_between_words_or_clusters(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@tried(200, 10_000, clusters=st.lists(st.sampled_from(CLUSTERS), max_size=12), limit=st.integers(1, 40))
def test_no_cluster_is_ever_cut_apart(clusters: list[str], limit: int) -> None:
    text = "".join(clusters)
    short = cut(text, limit)
    assert len(short) <= limit
    if short != text:
        whole = {"".join(clusters[:number]).rstrip(" \t\r\n") for number in range(len(clusters) + 1)}
        assert short.removesuffix("…").rstrip("\r\n") in whole
    assert not short.endswith("\u200d…")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Is it? Yes!", "Is it?"),
        ("We use tools, e.g. Make. Then more.", "We use tools, e.g. Make."),
        ("Das gilt z.B. für Hunde. Ja.", "Das gilt z.B. für Hunde."),
        ("We meet on 3. August in Bonn. Come!", "We meet on 3. August in Bonn."),
        ("It was J. Smith who said it. Yes.", "It was J. Smith who said it."),
        ("See https://a.b/c.d?e=f for it. Next.", "See https://a.b/c.d?e=f for it."),
        ("Version 2.5 is out. Get it.", "Version 2.5 is out."),
        ("Well... maybe later. Or not.", "Well... maybe later."),
        ("Wait… What now? Yes.", "Wait…"),
        ("He said “go.” Then left.", "He said “go.”"),
        ("これは文です。次の文。", "これは文です。"),
        ("Title\nbody", "Title"),
        ("```\ncode. here\n```\nWords. More.", "Words."),
        ("<@123> <#5> Who knows this? Me.", "Who knows this?"),
        ("@everyone   please read. Now.", "please read."),
        ("🎉 !!! ... \n Real words.", "Real words."),
        ("🎉", ""),
        ("", ""),
        ("end of it etc. And more. Done", "end of it etc. And more."),
        (". a", ". a"),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Peg it low. It holds.", "Peg it low"),
        ("それは低い。次", "それは低い"),
        ("Does it hold? Yes.", "Does it hold?"),
        ("It holds! Yes.", "It holds!"),
        ("Well…", "Well…"),
        ("Well... Next.", "Well..."),
        ("It needs pegs, ropes, etc.", "It needs pegs, ropes, etc."),
        ("We meet at 9 a.m.", "We meet at 9 a.m."),
        ("Take plan B.", "Take plan B"),
    ],
)
def test_a_headline_has_no_full_stop(text: str, title: str) -> None:
    assert headline(text) == title


def test_a_headline_that_fits_without_its_full_stop_is_not_cut() -> None:
    text = "word " * 15 + "there"
    assert (len(text), headline(f"{text}.")) == (80, text)


def test_a_long_first_sentence_is_cut_at_a_word() -> None:
    short = first_sentence("word " * 40)
    assert short.endswith("word…")
    assert len(short) <= 80


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_sentences_keep_all_the_words(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert len(first_sentence(text)) <= 80
