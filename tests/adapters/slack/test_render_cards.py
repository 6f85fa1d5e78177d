"""Cards as blocks: what a Slack user sees of the sample discussion, and every limit kept."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from adapters.slack.carrying import Carried, Where, carried_by, decode
from adapters.slack.render import (
    answer_payload,
    card_payload,
    carries,
    edit_payload,
    post_payload,
    problem_payload,
    too_old_payload,
)
from adapters.slack.render.blocks import sections, weight
from bot.cards import CardView, board_card, discussion_card, highlight_card, notice_card
from bot.digests import Words, digest_card
from bot.digests.cards import why_card
from bot.markup import Bold, Break, Item, Link, Text, Time
from bot.models import (
    Button,
    Card,
    Channel,
    Discussion,
    Field,
    Highlight,
    MemberRef,
    MessageRef,
    Pick,
    Platform,
    Post,
    Question,
    Section,
    Space,
    Stored,
    Thread,
)
from bot.texts import Texts, texts_for
from bot.urls import Urls
from tests.adapters.slack.blockkit import Json, faults
from tests.adapters.slack.trees import cards, small_cards
from tests.bot.digests import a_pick, a_run
from tests.bot.shown import ours
from tests.bot.things import a_discussion, a_known_channel, a_post
from tests.trying import tried

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 8, 9, 14, 5, tzinfo=UTC)
ENGLISH, GERMAN = texts_for("en", "Europe/Berlin"), texts_for("de", "Europe/Berlin")
URLS = Urls("https://forum.example")
SPACE = Space(Platform.SLACK, "T01")
IN_HELP = Channel(SPACE, "C01HELP")
THREAD = Thread(IN_HELP, "1786266300.000100")
ADA, BO = MemberRef(SPACE, "U01ADA"), MemberRef(SPACE, "U02BO")
MARKER = "fm-card-7"
TITLE = "The Efficiency Wars: How Small Language Models Disrupt Big Tech Dominance"
SUMMARY = (
    "Analysis of recent shifts towards efficient AI, highlighting DeepSeek-V3's impact and the industry pivot from pure"
    " scale to cost-effective reasoning models."
)


def link(ts: str) -> str:
    return f"https://camp.slack.com/archives/C01HELP/p{ts.replace('.', '')}?thread_ts={THREAD.id}&cid=C01HELP"


def the_sample(**more: Any) -> Discussion:  # noqa: ANN401 - handed on by name
    """The sample discussion, as it stands in a workspace."""
    parts: Json = {
        "channel": a_known_channel(IN_HELP, name="help"),
        "thread": THREAD,
        "title": TITLE,
        "summary": SUMMARY,
        "participants": 8,
        "last_activity": NOW - timedelta(hours=2),
        "url": link(THREAD.id),
    }
    return a_discussion(**(parts | more))


def the_reply(**more: Any) -> Post:  # noqa: ANN401 - handed on by name
    text = (
        "Hallucinations aren't size faults. My audits show 3B MoE + RAG beats 70B on accuracy."
        " *Precision &gt; parameters.*"
    )
    ref = MessageRef(IN_HELP, "1786270000.000200")
    parts: Json = {"ref": ref, "author": BO, "author_name": "Bo_B", "votes": 3, "url": link(ref.id)}
    return a_post(text, **(parts | more))


def the_card(texts: Texts = ENGLISH, **more: Any) -> Card:  # noqa: ANN401 - handed on by name
    asked = MessageRef(IN_HELP, THREAD.id)
    question = Question(ref=asked, asker=ADA, text="Is the era of unlimited scaling truly over?", waits=True)
    view = CardView(
        discussion=the_sample(**more),
        now=NOW,
        questions=[question],
        best=[the_reply()],
        page="https://forum.example/d/7/the-efficiency-wars",
        urls={asked: link(THREAD.id)},
    )
    return discussion_card(view, texts)[0]


def a_digest(
    title: str = TITLE, quote: str = "GEO > brute force.", author: str = "Bo_B", outcome: str = "Both."
) -> Card:
    said = Words(
        title=title,
        url=link(THREAD.id),
        outcome=outcome,
        quote=quote,
        author=author,
        quote_url=link("1786270000.000200"),
    )
    picks: list[Pick] = [
        a_pick(1, Section.HIGHLIGHTS), a_pick(2), a_pick(4, Section.WAITING), a_pick(5, Section.CONCLUDED)
    ]  # fmt: skip
    run = a_run(*picks, destination=IN_HELP, discussions=17)
    return digest_card(run, {pick.number: said for pick in picks}, ENGLISH, URLS, place="#help")


def the_board() -> Card:
    other = the_sample(
        id=8, title="#1: *pegs* & [ropes]", url=link("1786270000.000300"), count=1234, highlights=2,
        channel=a_known_channel(Channel(SPACE, "C09"), name="camp_fire", key=2),
    )  # fmt: skip
    return board_card([the_sample(), other], NOW, ENGLISH, more="https://forum.example/")[0]


def the_reason() -> Card:
    terms = {"people": 3.0, "messages": 8.0, "base": 5.5, "decay": 0.71, "score": 3.9}
    run = a_run(a_pick(1, terms=terms, reason="score"), destination=IN_HELP)
    card = why_card(run, 1, ENGLISH, title=TITLE)
    assert card is not None
    return card


CARDS: dict[str, Callable[[], Card]] = {
    "card": the_card,
    "card-concluded-german": lambda: the_card(
        GERMAN, stored=Stored.CONCLUDED, state_at=NOW, state_by="Ada", outcome="Beides: *Größe* und Daten."
    ),
    "board": the_board,
    "board-empty": lambda: board_card([], NOW, ENGLISH)[0],
    "highlight": lambda: highlight_card(
        Highlight(post=the_reply(), discussion=the_sample(), highlighted_at=NOW), ENGLISH
    )[0],
    "digest": a_digest,
    "why": the_reason,
    "notice": lambda: notice_card("Back after 8 h 30 min; 143 messages recovered")[0],
}


@pytest.mark.parametrize("name", sorted(CARDS))
def test_what_a_slack_user_sees(name: str) -> None:
    payload = post_payload(CARDS[name](), MARKER)
    assert payload == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert faults(payload) == []
    assert faults(edit_payload(CARDS[name]())) == []


def test_a_post_is_quiet_and_carries_its_marker() -> None:
    payload = post_payload(the_card(), MARKER)
    assert {name: payload[name] for name in ("parse", "link_names", "unfurl_links", "unfurl_media")} == {
        "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False,
    }  # fmt: skip
    assert payload["metadata"] == {"event_type": "folkmoot_post", "event_payload": {"marker": MARKER}}
    assert carries(payload, MARKER)
    assert not carries(payload, MARKER + "1")
    assert not carries(edit_payload(the_card()), MARKER)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"metadata": 7},
        {"metadata": {"event_type": "other", "event_payload": {"marker": MARKER}}},
        {"metadata": {"event_type": "folkmoot_post", "event_payload": [MARKER]}},
    ],
)
def test_other_messages_carry_no_marker(message: Json) -> None:
    assert not carries(message, MARKER)


def test_an_edit_replaces_everything_and_keeps_quiet() -> None:
    assert edit_payload(Card(body=(Text("x"),))) == {
        "text": "x",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": True}}],
        "parse": "none",
        "link_names": False,
    }


def test_a_private_answer_remembers_where_it_was_asked() -> None:
    where = Where("C1", "1.2", "3.4")
    payload = answer_payload(the_card(), where)
    assert payload == card_payload(the_card(), where)
    assert payload.keys() == {"text", "blocks"}
    first = payload["blocks"][-1]["elements"][0]
    assert carried_by(first) == Carried("highlight", {"discussion": "7"}, where)


def test_a_problem_is_a_sentence() -> None:
    assert problem_payload("No *such* <@U1> & co.")["text"] == "No ∗such∗ &lt;@U1&gt; &amp; co."
    for payload in (problem_payload("<" * 5000), problem_payload(""), too_old_payload(GERMAN)):
        assert faults(payload) == []


def test_nothing_at_all_still_is_a_message() -> None:
    for card in (Card(), Card(title=" \n", body=(Break(),), fields=(Field(label="", value=()),))):
        assert faults(post_payload(card, MARKER)) == []


def test_each_thing_is_done_by_one_button() -> None:
    buttons = tuple(Button(label=f"{n}", command="digest why", args={"item": str(n)}) for n in range(30))
    (_, row) = card_payload(Card(title="t", buttons=(*buttons[:2], *buttons)))["blocks"]
    assert [each["action_id"] for each in row["elements"]] == [f"run:{n}" for n in range(25)]
    assert [each["text"]["text"] for each in row["elements"][:3]] == ["0", "1", "2"]


def test_a_button_carries_its_command_or_a_link() -> None:
    buttons = (
        Button(label="L" * 99, command="highlight", args={"link": "x" * 200}),
        Button(label="", url="https://x.example"),
        Button(label="ours", url="/d/7"),
        Button(label="long", url="https://x.example/" + "y" * 3000),
        Button(label="much", command="highlight", args={"note": "x" * 2000}),
    )
    (_, row) = card_payload(Card(title="t", buttons=buttons))["blocks"]
    first, second = row["elements"]
    assert len(first["text"]["text"]) == 75
    assert decode(first["value"]) == Carried("highlight", {"link": "x" * 200})
    assert (second["text"]["text"], second["url"], second["action_id"]) == ("…", "https://x.example", "open:1")


def test_a_long_list_goes_on_in_more_sections_and_none_of_it_is_lost() -> None:
    items = tuple(Item((Text(f"{n} " + "word " * 20),)) for n in range(70))
    payload = post_payload(Card(title="t", body=items), MARKER)
    texts = [it["text"]["text"] for it in payload["blocks"][1:]]
    assert [len(text) <= 3000 for text in texts] == [True] * 3
    assert "\n".join(texts).count("• ") == 70


def test_what_does_not_fit_is_counted() -> None:
    items = tuple(Item((Text(f"{n} " + "word " * 20),)) for n in range(200))
    payload = post_payload(Card(title="t", body=(*items, Text("end"))), MARKER)
    lines = [line for it in payload["blocks"][1:] for line in it["text"]["text"].split("\n")]
    shown = sum(line.startswith("• ") for line in lines)
    assert lines[-2:] == [f"… +{200 - shown}", "end"]
    assert shown > 80
    fields = tuple(Field(label=f"{n}", value=(Text("x" * 100),)) for n in range(60))
    blocks = post_payload(Card(fields=fields), MARKER)["blocks"]
    assert (len(blocks), blocks[-1]["elements"][0]["text"]) == (50, "… +11")


def test_words_are_cut_at_a_word() -> None:
    (said,) = sections((Text("word " * 900),), 3000)
    assert said.endswith("word…")
    assert len(said) <= 3000


def test_short_fields_stand_side_by_side() -> None:
    fields = tuple(Field(label=f"{n}", value=(Text("x"),)) for n in range(12))
    first, second = post_payload(Card(fields=fields), MARKER)["blocks"]
    assert [len(first["fields"]), len(second["fields"])] == [10, 2]
    assert first["fields"][0]["text"] == "*0*\nx"


def test_a_card_that_is_far_too_long_keeps_how_things_stand() -> None:
    card = the_card(summary="*_" * 3000, title="<@U1> " * 100)
    huge = Card(
        title=card.title * 9,
        url=card.url,
        body=card.body,
        fields=tuple(Field(label="x" * 300, value=(Text("*" * 5000),)) for _ in range(80)),
        buttons=card.buttons,
        footer=(Text("f" * 3000), Time(5, "f"), Link("https://x.example", (Text("y"),))),
    )
    payload = post_payload(huge, MARKER)
    assert faults(payload) == []
    assert "🟢 Discussion in progress" in payload["blocks"][0]["text"]["text"]
    assert weight(payload["blocks"]) <= 12_000


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # what is wrong is said as it is: to shrink it takes minutes


@settings(max_examples=150, deadline=None, phases=QUICK)
@given(small_cards)
@example(Card(fields=(Field(label="\n", value=()),)))
@example(Card(title='"' * 300, body=(Text('"' * 9000),), footer=(Text('"' * 9000),)))
def test_no_card_breaks_a_limit(card: Card) -> None:
    check(card)


@tried(15, 10_000, large=True, card=cards)
def test_no_huge_card_breaks_a_limit(card: Card) -> None:
    check(card)


@tried(40, 10_000, large=True, card=ours)
def test_no_digest_board_or_card_of_ours_breaks_a_limit(card: Card) -> None:
    check(card)


def check(card: Card) -> None:
    payload = post_payload(card, MARKER)
    assert faults(payload) == []
    assert json.dumps(payload, ensure_ascii=False).encode()


@given(st.text())
def test_every_marker_is_found_again(marker: str) -> None:
    assert carries(json.loads(json.dumps(post_payload(Card(title="t"), marker))), marker)


def test_a_list_under_a_heading_has_no_empty_lines() -> None:
    head = (Break(), Bold((Text("Places"),)))
    body = (Text("Stored: 3."), *head, Item((Text("#help: text"),)), Item((Text("#talk: text"),)), Text("Opt out."))
    [_, part] = [it["text"]["text"] for it in post_payload(Card(title="", body=body), "m")["blocks"]]
    assert part == "*Places*\n• #help: text\n• #talk: text\nOpt out."
