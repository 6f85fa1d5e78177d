"""What our posts show, and whose words they carry."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cards import (
    CardView,
    Drawn,
    back_card,
    board_card,
    discussion_card,
    highlight_card,
    notice_card,
    quoted,
    sharing_card,
)
from bot.markup import Bold, Break, Code, Link, Quote, Text, Time, plain
from bot.models import Channel, Discussion, Highlight, MessageRef, Question, Stored
from bot.texts import texts_for
from tests.bot.things import ANA, BEN, HELP, NOW, SPACE, a_discussion, a_known_channel, a_post

ENGLISH = texts_for("en")
GERMAN = texts_for("de")
LAST = int((NOW - timedelta(hours=2)).timestamp())


def card_of(discussion: Discussion | None = None, **more: Any) -> Drawn:  # noqa: ANN401 - handed on by name
    return discussion_card(CardView(discussion=discussion or a_discussion(), now=NOW, **more), ENGLISH)


def root(discussion: Discussion) -> MessageRef:
    return MessageRef(HELP, discussion.thread.id)


def test_a_card_shows_the_sample_and_the_client_says_how_long_ago() -> None:
    card, _ = card_of()
    assert card.title == "Small models"
    assert card.body == (
        Text("What small models change."),
        Break(),
        Text("💬 9 msgs · ⭐ 0 highlights · 🕐 "),
        Time(LAST),
        Break(),
        Text("🟢 Discussion in progress"),
    )


def test_a_card_does_not_change_while_only_time_passes() -> None:
    later = CardView(discussion=a_discussion(), now=NOW + timedelta(hours=3))
    assert discussion_card(later, ENGLISH) == card_of()


def test_a_card_without_summary_has_no_empty_line() -> None:
    card, _ = card_of(a_discussion(summary=""))
    assert plain(card.body).startswith("💬 9 msgs")


def test_waiting_questions_are_linked() -> None:
    asked = a_post("Does it scale to thousands?", 1)
    one = Question(ref=asked.ref, asker=ANA, text="Does it scale to thousands?", waits=True)
    other = Question(ref=MessageRef(HELP, "2"), asker=BEN, text="Who will pay for it?", waits=True)
    done = Question(ref=MessageRef(HELP, "3"), asker=BEN, text="Is this one answered now?", waits=False)
    card, cites = card_of(questions=[one, other, done], urls={asked.ref: asked.url})
    (field,) = card.fields
    assert field.label == "Waiting for an answer"
    assert plain(field.value) == "- Does it scale to thousands?\n- Who will pay for it?"
    assert Link(asked.url, (Text(one.text),)) in field.value[0].children  # type: ignore[union-attr]  # an Item
    assert {one.ref, other.ref} <= set(cites)
    assert done.ref not in cites


def test_the_best_highlights_are_quoted_and_linked() -> None:
    best = [
        a_post("**Data** beats\nsize.", 1, BEN, votes=3),
        a_post(None, 2),
        a_post("No name.", 3, votes=1, author_name=None, url=""),
        a_post("Picked.", 4, picked=True),
        a_post("Too many.", 5, votes=1),
    ]
    card, cites = card_of(best=best)
    (field,) = card.fields
    assert plain(field.value) == "- Data beats size. — Ben · ⭐ 3\n- No name. · ⭐ 1\n- Picked. — Ana"
    assert [ref.id for ref in cites[1:]] == ["1", "3", "4"]


def test_made_words_are_cited_and_set_ones_are_not() -> None:
    discussion = a_discussion()
    assert card_of(discussion)[1] == (root(discussion),)
    other = MessageRef(HELP, "5")
    assert card_of(discussion, opening=other)[1] == (root(discussion), other)
    assert card_of(a_discussion(title_set=True, summary_set=True))[1] == ()
    assert card_of(a_discussion(title="", summary=""))[1] == ()


@pytest.mark.parametrize(
    ("more", "stored", "labels"),
    [
        ({}, Stored.OPEN, ["Highlight a reply", "Catch me up"]),
        ({}, Stored.CONCLUDED, ["Highlight a reply", "Catch me up", "Reopen"]),
        ({"page": "https://f.example/d/7"}, Stored.OPEN, ["Highlight a reply", "Catch me up", "Open page"]),
    ],
)
def test_a_card_offers_what_can_be_done(more: dict[str, str], stored: Stored, labels: list[str]) -> None:
    card, _ = card_of(a_discussion(stored=stored), **more)
    assert [button.label for button in card.buttons] == labels
    assert all(button.url or button.args == {"discussion": "7"} for button in card.buttons)


def test_a_card_links_to_its_page_or_else_its_thread() -> None:
    discussion = a_discussion(url="https://chat.example/7")
    assert card_of(discussion)[0].url == "https://chat.example/7"
    assert card_of(discussion, page="https://f.example/d/7")[0].url == "https://f.example/d/7"


def test_a_card_says_who_concluded_and_as_of_when_it_holds() -> None:
    concluded = a_discussion(stored=Stored.CONCLUDED, state_by="Ana", state_at=NOW, outcome="Use B")
    card, _ = card_of(concluded, as_of=NOW)
    assert card.footer == (
        Text("Concluded by Ana, 9 Aug 2026, 14:05"),
        Break(),
        Text("State as of "),
        Time(int(NOW.timestamp()), "f"),
    )
    assert "✅ Concluded — Use B" in plain(card.body)


def test_a_card_speaks_german() -> None:
    card, _ = discussion_card(CardView(discussion=a_discussion(title=""), now=NOW), GERMAN)
    assert card.title == "Diskussion in #help"
    assert "💬 9 Nachr. · ⭐ 0 Highlights · 🕐 2026-08-09 12:05 UTC\n🟢 Diskussion läuft" in plain(card.body)


def test_the_board_lists_what_is_in_progress() -> None:
    first = a_discussion(title="T" * 100, url="https://chat.example/7")
    card, cites = board_card([first, a_discussion(title_set=True)], NOW, ENGLISH, more="https://f.example/")
    assert card.title == "Discussions in progress"
    line = "💬 9 msgs · ⭐ 0 highlights · 🕐 2026-08-09 12:05 UTC · 🟢 Discussion in progress"
    assert plain(card.body) == f"- {'T' * 59}…\n{line}\n- Small models\n{line}"
    assert [button.url for button in card.buttons] == ["https://f.example/"]
    assert cites == (root(first),)


def test_a_board_of_several_channels_names_them() -> None:
    other = a_known_channel(Channel(SPACE, "general"), key=2)
    card, _ = board_card([a_discussion(), a_discussion(channel=other)], NOW, ENGLISH)
    assert "Small models · #help\n" in plain(card.body)
    assert "Small models · #general\n" in plain(card.body)


def test_the_board_shows_ten_and_has_something_to_say_when_empty() -> None:
    card, _ = board_card([a_discussion()] * 12, NOW, ENGLISH)
    assert len(card.body) == 10
    empty, cites = board_card([], NOW, ENGLISH)
    assert plain(empty.body) == "It's quiet here. Start something: /discussion start."
    assert cites == ()


def highlight(text: str | None, **more: Any) -> Highlight:  # noqa: ANN401 - handed on by name
    return Highlight(post=a_post(text, 4, BEN, votes=3, **more), discussion=a_discussion(), highlighted_at=NOW)


def test_a_highlight_is_shown_whole_with_its_markup() -> None:
    card, cites = highlight_card(highlight("**Data** beats `size`."), ENGLISH)
    assert card.body == (Quote((Bold((Text("Data"),)), Text(" beats "), Code("size"), Text("."))),)
    assert plain(card.footer) == "Go to the message — Ben · ⭐ 3"
    assert cites == (root(a_discussion()), MessageRef(HELP, "4"))


def test_a_long_highlight_is_cut() -> None:
    card, _ = highlight_card(highlight("**word** " * 200), ENGLISH)
    said = plain(card.body)
    assert len(said) <= 600
    assert said.endswith("word…")


def test_a_highlight_whose_words_are_gone_carries_none() -> None:
    card, cites = highlight_card(highlight(None), ENGLISH)
    assert plain(card.body) == "(no longer available)"
    assert MessageRef(HELP, "4") not in cites


def test_a_quote_of_a_message_without_words_names_its_files() -> None:
    assert quoted(a_post("", files=("plan.pdf", "map.png")), 40) == "plan.pdf, map.png"
    assert quoted(a_post(""), 40) == "…"


def test_notices_say_what_they_have_to() -> None:
    card, cites = notice_card("one\ntwo")
    assert (card.title, plain(card.body), cites) == ("", "one\ntwo", ())
    shared, _ = sharing_card("#help", "https://f.example/", ENGLISH)
    assert "new discussions in #help can be read on the web at https://f.example/." in plain(shared.body)
    assert [(button.label, button.command) for button in shared.buttons] == [
        ("Keep mine off the web", "privacy optout")
    ]
    back, _ = back_card(timedelta(hours=8, minutes=30), 143, ENGLISH)
    assert plain(back.body) == "Back after 8 h 30 min; 143 messages recovered"
