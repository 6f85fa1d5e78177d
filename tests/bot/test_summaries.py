"""Summaries are sentences that people wrote, each with its message."""

import pytest

from bot.models import Platform, Post
from bot.summaries import Extract, extract, make_title
from tests.bot.things import BEN, a_discussion, a_post

DISCUSSION = a_discussion()
ROOT = int(DISCUSSION.thread.id)


def opening(text: str | None = "Small models got good. They are cheap too.") -> Post:
    return a_post(text, ROOT)


def test_the_gist_is_the_opening_and_cites_it() -> None:
    gist = extract(DISCUSSION, [opening()])
    assert gist is not None
    assert gist.text == "Small models got good. They are cheap too."
    assert gist.cites == (opening().ref,)


def gist_of(text: str, **more: object) -> str | None:
    gist = extract(a_discussion(**more), [opening(text)])
    return None if gist is None else gist.text


def test_the_gist_begins_after_the_sentence_that_is_the_title() -> None:
    text = "!!! Small models got good. They are cheap too."
    assert gist_of(text, title="", title_made=True) == "They are cheap too."
    assert gist_of(text, title="An older first sentence.", title_made=True) == "They are cheap too."
    assert gist_of(text, title="SMALL models got good") == "They are cheap too."
    assert gist_of(text, title="Small models got…") == "They are cheap too."
    assert gist_of(text, title="Small models") == text
    assert gist_of(text, title="") == text


@pytest.mark.parametrize("text", ["Small models got good.", "word " * 60, "!!!"])
def test_there_is_no_gist_where_the_title_says_it_all(text: str) -> None:
    assert gist_of(text, title_made=True) is None


def test_the_gist_has_whole_sentences_in_160_characters() -> None:
    gist = extract(DISCUSSION, [opening("First one here. " + "Second " * 30 + "end. Third.")])
    assert gist is not None
    assert gist.text == "First one here."
    long = extract(DISCUSSION, [opening("word " * 60)])
    assert long is not None
    assert len(long.text) <= 160
    assert long.text.endswith("…")


def test_the_gist_shows_where_a_list_or_code_was_left_out() -> None:
    text = "It fails with\n```\nload(path)\n```\nAny idea what `spec` is for? I tried:\n- Python 3.13\n- a fresh start"
    assert gist_of(text) == "It fails with … Any idea what spec is for?"
    assert gist_of("I tried:\n- Python 3.13\n- a fresh start") == "I tried: Python 3.13 … a fresh start"


def test_there_is_no_gist_without_words() -> None:
    assert extract(DISCUSSION, [opening(None)]) is None
    assert extract(DISCUSSION, [opening("```x```")]) is None
    assert extract(DISCUSSION, []) is None


def test_a_thread_without_its_first_message_is_opened_by_its_openers_first() -> None:
    early = a_post("I begin in the middle.", 5)
    gist = extract(DISCUSSION, [early, a_post("Then I answer at length here.", 6, BEN)])
    assert gist is not None
    assert gist.cites == (early.ref,)
    assert extract(a_discussion(opener=None), [early]) is None
    assert extract(a_discussion(opener=BEN), [early]) is None


async def test_the_extract_is_a_summarizer() -> None:
    assert await Extract().summarize(DISCUSSION, [opening()]) == extract(DISCUSSION, [opening()])


def test_slack_text_is_read_as_slack_shows_it() -> None:
    assert (
        make_title("*Big* news for <@U1>: we ship &amp; run. More.", Platform.SLACK) == "Big news for : we ship & run"
    )


def test_a_title_is_the_first_sentence() -> None:
    assert make_title("> quoted\n<@1> **Small** models got `good` here. Next.") == "Small models got good here"
    assert len(make_title("word " * 50)) <= 80
    assert make_title("```x```") == ""
