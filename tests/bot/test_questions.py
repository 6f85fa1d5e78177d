"""Which sentences ask, and which questions wait."""

import pytest

from bot.models import Platform
from bot.questions import questions_of, waiting
from tests.bot.things import ANA, BEN, a_post

ASKING = [
    "How will this reshape the market?",
    "Does that work for you too?",
    "We could do it tomorrow, couldn't we?",
    "How do I install this",
    "How to install this on Windows",
    "Can you help me with this.",
    "What's the best way to test this",
    "Don't you think it is late",
    "Wie kann ich das abschalten",
    "Kannst du mir bitte helfen",
    "Weiß jemand, wie das geht?",
    "Ist das schon entschieden worden",
    "Warum geht das nicht",
    "これはどうすればいいですか？",
    'They asked "can it scale up?"',
]
TELLING = [
    "Really, why not?",
    "Right?",
    "You know what I mean?",
    "Who would have thought?",
    "This works for me now.",
    "When I saw it, I laughed.",
    "What a wonderful day it is!",
    "What we need is time.",
    "Was das angeht, bin ich raus.",
    "How it works in short:",
    "Then do this before that.",
    "",
]


@pytest.mark.parametrize("sentence", ASKING)
def test_a_sentence_asks(sentence: str) -> None:
    assert questions_of(sentence) == (sentence,)


@pytest.mark.parametrize("sentence", TELLING)
def test_a_sentence_tells(sentence: str) -> None:
    assert questions_of(sentence) == ()


def test_questions_come_in_their_order() -> None:
    text = "We changed it. Does it scale to thousands? I wonder. Who will pay for that?"
    assert questions_of(text) == ("Does it scale to thousands?", "Who will pay for that?")


def test_what_is_quoted_or_code_is_not_asked() -> None:
    assert questions_of("> Does that work for you?\n```\nwhat is this thing?\n```\nYes.") == ()
    assert questions_of("&gt; Does that work for you?\nYes.", Platform.SLACK) == ()


def test_code_is_part_of_the_question_around_it() -> None:
    assert questions_of("Any idea what `spec` is `None` for?") == ("Any idea what spec is None for?",)
    assert questions_of("Then run `which python?` and tell.") == ()


def test_a_question_waits_until_it_is_answered() -> None:
    asked = a_post("Does it scale to thousands?", 1)
    told = a_post("Maybe so.", 2, BEN)
    (question,) = waiting([asked, told], {}, concluded=False)
    assert (question.ref, question.asker, question.text) == (asked.ref, ANA, "Does it scale to thousands?")
    assert question.waits


def test_a_marked_answer_ends_the_wait() -> None:
    asked, told = a_post("Does it scale to thousands?", 1), a_post("It does.", 2, BEN)
    (question,) = waiting([asked, told], {asked.ref: told.ref}, concluded=False)
    assert (question.waits, question.answer) == (False, told.ref)


def test_somebody_elses_direct_reply_answers() -> None:
    asked = a_post("Does it scale to thousands?", 1)
    cases = [
        (a_post("It does.", 2, BEN, reply_to="1"), False),
        (a_post("Anyone at all.", 2, ANA, reply_to="1"), True),
        (a_post("Beep.", 2, BEN, reply_to="1", counted=False), True),
        (a_post("It does.", 2, BEN, reply_to="9"), True),
    ]
    assert [waiting([asked, reply], {}, concluded=False)[0].waits for reply, _ in cases] == [
        waits for _, waits in cases
    ]


def test_nothing_waits_in_a_concluded_discussion() -> None:
    (question,) = waiting([a_post("Does it scale to thousands?")], {}, concluded=True)
    assert not question.waits


def test_only_the_opening_post_and_counted_messages_ask() -> None:
    text = "Does it scale to thousands?"
    opening = a_post(text, 1, counted=False)
    posts = [opening, a_post(text, 2, counted=False), a_post(None, 3), a_post(text, 4)]
    asked = waiting(posts, {}, concluded=False, opening=opening.ref)
    assert [question.ref.id for question in asked] == ["1", "4"]


def test_a_bot_that_is_the_first_we_know_does_not_open_what_it_replies_to() -> None:
    posts = [a_post("Does it scale to thousands?", 2, counted=False), a_post("Which one does it then?", 3)]
    assert [question.ref.id for question in waiting(posts, {}, concluded=False)] == ["3"]
