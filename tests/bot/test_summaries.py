"""Summaries are sentences that people wrote, each with its message."""

import pytest

from bot.models import MemberRef, Platform, Post
from bot.ports import Summary
from bot.summaries import Extract, extract, make_title
from tests.bot.things import ANA, BEN, CLEO, a_discussion, a_post

DISCUSSION = a_discussion()
ROOT = int(DISCUSSION.thread.id)


def opening(text: str | None = "Small models got good. They are cheap too.") -> Post:
    return a_post(text, ROOT)


def reply(text: str | None, number: int, author: MemberRef = BEN, votes: int = 0, *, counted: bool = True) -> Post:
    return a_post(text, ROOT + number, author, votes=votes, counted=counted)


def points(*posts: Post) -> list[str]:
    return [point.text for point in extract(DISCUSSION, posts).points]


def test_the_gist_is_the_opening_and_cites_it() -> None:
    gist = extract(DISCUSSION, [opening()]).gist
    assert gist is not None
    assert gist.text == "Small models got good. They are cheap too."
    assert (gist.author_name, gist.cites) == ("Ana", (opening().ref,))


def gist_of(text: str, **more: object) -> str | None:
    gist = extract(a_discussion(**more), [opening(text)]).gist
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
    gist = extract(DISCUSSION, [opening("First one here. " + "Second " * 30 + "end. Third.")]).gist
    assert gist is not None
    assert gist.text == "First one here."
    long = extract(DISCUSSION, [opening("word " * 60)]).gist
    assert long is not None
    assert len(long.text) <= 160
    assert long.text.endswith("…")


def test_the_gist_shows_where_a_list_or_code_was_left_out() -> None:
    text = "It fails with\n```\nload(path)\n```\nAny idea what `spec` is for? I tried:\n- Python 3.13\n- a fresh start"
    assert gist_of(text) == "It fails with … Any idea what spec is for?"
    assert gist_of("I tried:\n- Python 3.13\n- a fresh start") == "I tried: Python 3.13 … a fresh start"


def test_there_is_no_gist_without_words() -> None:
    assert extract(DISCUSSION, [opening(None)]).gist is None
    assert extract(DISCUSSION, [opening("```x```")]).gist is None
    assert extract(DISCUSSION, []) == Summary(gist=None, points=())


def test_a_thread_without_its_first_message_is_opened_by_its_openers_first() -> None:
    early = a_post("I begin in the middle.", 5)
    gist = extract(DISCUSSION, [early, a_post("Then I answer at length here.", 6, BEN)]).gist
    assert gist is not None
    assert gist.cites == (early.ref,)
    assert extract(a_discussion(opener=None), [early]).gist is None
    assert extract(a_discussion(opener=BEN), [early]).gist is None


def test_highlighted_replies_come_first_by_votes() -> None:
    posts = [
        opening(),
        reply("The longest reply of all says many things about it.", 1, CLEO),
        reply("One vote.", 2, votes=1),
        reply("Three votes.", 3, votes=3),
    ]
    assert points(*posts) == ["Three votes.", "One vote.", "The longest reply of all says many things about it."]


def test_other_points_are_long_first_sentences_of_different_others() -> None:
    posts = [
        opening(),
        reply("I agree.", 1, CLEO),
        reply("This one has quite a few words. And more.", 2, BEN),
        reply("Another one by the same person with more words.", 3, BEN),
        reply("The opener says something rather long here too.", 4, ANA),
        reply(None, 5, CLEO),
        reply("Some robot has also many words to tell us.", 6, CLEO, counted=False),
    ]
    assert points(*posts) == ["Another one by the same person with more words."]


def test_there_are_at_most_three_points_and_each_cites_its_message() -> None:
    posts = [opening(), *(reply(f"Number {number}.", number, votes=9 - number) for number in range(1, 6))]
    found = extract(DISCUSSION, posts).points
    assert [point.text for point in found] == ["Number 1.", "Number 2.", "Number 3."]
    assert [point.cites for point in found] == [(post.ref,) for post in posts[1:4]]


def test_a_highlighted_reply_without_words_is_no_point() -> None:
    assert points(opening(), reply("```x```", 1, votes=2)) == []


def test_withheld_replies_leave_their_place_to_others() -> None:
    gone = [reply(None, number, votes=9) for number in range(1, 4)]
    assert points(opening(), *gone, reply("Still here.", 4, votes=1)) == ["Still here."]


async def test_the_extract_is_a_summarizer() -> None:
    summary = await Extract().summarize(DISCUSSION, [opening()])
    assert summary == extract(DISCUSSION, [opening()])
    assert summary.method == "extract"


def test_slack_text_is_read_as_slack_shows_it() -> None:
    assert (
        make_title("*Big* news for <@U1>: we ship &amp; run. More.", Platform.SLACK) == "Big news for : we ship & run."
    )


def test_a_title_is_the_first_sentence() -> None:
    assert make_title("> quoted\n<@1> **Small** models got `good` here. Next.") == "Small models got good here."
    assert len(make_title("word " * 50)) <= 80
    assert make_title("```x```") == ""
