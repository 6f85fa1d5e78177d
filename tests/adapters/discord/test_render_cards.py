"""Cards as embeds with buttons: what a Discord user sees of the sample discussion, and every limit kept."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import strategies as st

from adapters.discord.carrying import Carried, decode
from adapters.discord.render import (
    answer_payload,
    carries,
    edit_payload,
    post_payload,
    problem_payload,
    too_old_payload,
)
from adapters.discord.render.markdown import ZERO
from bot.cards import CardView, board_card, discussion_card, highlight_card, notice_card
from bot.digests import Words, digest_card
from bot.markup import Break, Link, Mention, Text, Time
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
    Post,
    Question,
    Section,
    Stored,
    Thread,
)
from bot.texts import texts_for
from bot.urls import Urls
from tests.adapters.discord.payloads import ADA, BO, GUILD, HELP, IN_HELP, SPACE, THREAD, Json
from tests.adapters.discord.schema import CONTRACT, limits, problems
from tests.adapters.discord.test_render_markdown import trees, words
from tests.bot.digests import a_pick, a_run
from tests.bot.shown import ours
from tests.bot.things import a_discussion, a_known_channel, a_post
from tests.servers.discord.checks import message_faults
from tests.trying import tried

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 8, 9, 14, 5, tzinfo=UTC)
ENGLISH, GERMAN = texts_for("en", "Europe/Berlin"), texts_for("de", "Europe/Berlin")
URLS = Urls("https://forum.example")
MARKER = "fm-card-7"
HOME = f"https://discord.com/channels/{GUILD}/{HELP}"
TITLE = "The Efficiency Wars: How Small Language Models Disrupt Big Tech Dominance"
SUMMARY = (
    "Analysis of recent shifts towards efficient AI, highlighting DeepSeek-V3's impact and the industry pivot from pure"
    " scale to cost-effective reasoning models."
)
HAS_CONTRACT = CONTRACT.is_file()


def link(mid: str) -> str:
    return f"https://discord.com/channels/{GUILD}/{THREAD}/{mid}"


def the_sample(**more: object) -> Discussion:
    """The sample discussion, as it stands in a Discord server."""
    parts: Json = {
        "channel": a_known_channel(IN_HELP, name="help"),
        "thread": Thread(IN_HELP, THREAD),
        "title": TITLE,
        "summary": SUMMARY,
        "participants": 8,
        "last_activity": NOW - timedelta(hours=2),
        "url": f"https://discord.com/channels/{GUILD}/{THREAD}",
    }
    return a_discussion(**(parts | more))


def the_reply(**more: object) -> Post:
    text = (
        "Hallucinations aren't size faults. My audits show 3B MoE + RAG beats 70B on accuracy."
        " **Precision > parameters.**"
    )
    parts: Json = {
        "ref": MessageRef(IN_HELP, "300000000000000031"),
        "author": MemberRef(SPACE, BO),
        "author_name": "Bo_B",
        "votes": 3,
        "url": link("300000000000000031"),
    }
    return a_post(text, **(parts | more))


def the_card(texts: object = ENGLISH, **more: object) -> Card:
    asked = MessageRef(IN_HELP, THREAD)
    question = Question(
        ref=asked, asker=MemberRef(SPACE, ADA), text="Is the era of unlimited scaling truly over?", waits=True
    )
    view = CardView(
        discussion=the_sample(**more),
        now=NOW,
        questions=[question],
        best=[the_reply()],
        page="https://forum.example/d/7/the-efficiency-wars",
        urls={asked: link(THREAD)},
    )
    return discussion_card(view, texts)[0]  # type: ignore[arg-type]  # texts of a language


def the_digest() -> Card:
    said = Words(
        title=TITLE, url=link(THREAD), outcome="Both.", quote="GEO > brute force.", author="Bo_B", quote_url=link("31")
    )
    picks: list[Pick] = [
        a_pick(1, Section.HIGHLIGHTS), a_pick(2), a_pick(4, Section.WAITING), a_pick(5, Section.CONCLUDED)
    ]  # fmt: skip
    run = a_run(*picks, destination=IN_HELP, discussions=17)
    return digest_card(run, {pick.number: said for pick in picks}, ENGLISH, URLS, place="#help")


def the_highlight() -> Card:
    return highlight_card(Highlight(post=the_reply(), discussion=the_sample(), highlighted_at=NOW), ENGLISH)[0]


def the_board() -> Card:
    other = the_sample(
        id=8, title="#1: *pegs* & [ropes]", url=link("32"), count=1234, highlights=2,
        channel=a_known_channel(Channel(SPACE, "9"), name="camp_fire", key=2),
    )  # fmt: skip
    return board_card([the_sample(), other], NOW, ENGLISH, more="https://forum.example/")[0]


CARDS: dict[str, Callable[[], Card]] = {
    "card": the_card,
    "card-concluded-german": lambda: the_card(
        GERMAN, stored=Stored.CONCLUDED, state_at=NOW, state_by="Ada", outcome="Beides: *Größe* und Daten."
    ),
    "board": the_board,
    "board-empty": lambda: board_card([], NOW, ENGLISH)[0],
    "highlight": the_highlight,
    "digest": the_digest,
    "notice": lambda: notice_card("Back after 8 h 30 min; 143 messages recovered")[0],
}


@pytest.mark.parametrize("name", sorted(CARDS))
def test_what_a_discord_user_sees(name: str) -> None:
    payload = post_payload(CARDS[name](), MARKER, {}, home=HOME)
    assert payload == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.skipif(not HAS_CONTRACT, reason=f"Discord's schema is not at {CONTRACT}")
@pytest.mark.parametrize("name", sorted(CARDS))
def test_what_we_send_is_what_discord_documents(name: str) -> None:
    card = CARDS[name]()
    assert problems(post_payload(card, MARKER, {}, home=HOME), "MessageCreateRequest") == []
    assert problems(edit_payload(card, {}), "MessageEditRequestPartial") == []
    assert problems({"embeds": 7, "nonce": "x" * 26, "flags": "0", "sides": 2}, "MessageCreateRequest") != []


def test_a_post_is_silent_notifies_nobody_and_comes_once() -> None:
    payload = post_payload(the_card(), MARKER, {})
    assert (payload["flags"], payload["nonce"], payload["enforce_nonce"]) == (4096, MARKER, True)
    assert payload["allowed_mentions"] == {"parse": []}
    assert "content" not in payload


def test_an_edit_notifies_nobody_either_and_leaves_nothing_standing() -> None:
    payload = edit_payload(Card(body=(Text("x"),)), {})
    assert payload == {
        "embeds": [{"description": "x"}], "components": [], "allowed_mentions": {"parse": []}, "content": None,
    }  # fmt: skip


def test_an_answer_is_private() -> None:
    for payload in (answer_payload(the_card(), {}), problem_payload("No *such* <@1>."), too_old_payload(ENGLISH)):
        assert payload["flags"] == 64
        assert payload["allowed_mentions"] == {"parse": []}
    assert problem_payload("No *such* <@1>.")["content"] == "No \\*such\\* \\<@1>."
    assert len(problem_payload("*" * 5000)["content"]) <= 2000


@pytest.mark.parametrize(
    ("url", "home", "shown"),
    [
        ("https://x.example/a", HOME, "https://x.example/a#fm-1"),
        ("https://x.example/a#m3", HOME, "https://x.example/a#m3~fm-1"),
        ("", HOME, f"{HOME}#fm-1"),
        ("/d/7", "", None),
    ],
)
def test_a_post_is_found_again_by_its_marker(url: str, home: str, shown: str | None) -> None:
    payload = post_payload(Card(title="t", url=url, body=(Text("b"),)), "fm-1", {}, home=home)
    assert payload["embeds"][0].get("url") == shown
    assert carries(payload, "fm-1") is (shown is not None)
    assert not carries(payload, "fm-11")
    assert not carries(payload, "m-1")


@pytest.mark.parametrize("message", [{}, {"embeds": None}, {"embeds": [7, {"url": 7}, {}]}])
def test_other_messages_carry_no_marker(message: Json) -> None:
    assert not carries(message, MARKER)


def test_a_footer_of_words_is_discords_own_another_is_small_print() -> None:
    bare = Card(body=(Text("b"),), footer=(Text("2 < 3 *stars*"), Break(), Text("x")))
    assert edit_payload(bare, {})["embeds"] == [{"description": "b", "footer": {"text": "2 < 3 *stars*\nx"}}]
    more = Link("https://x.example", (Text("y"),))
    linked = Card(body=(Text("b"),), footer=(Text("as of "), Time(5, "f"), Break(), more))
    assert edit_payload(linked, {})["embeds"] == [
        {"description": "b\n-# as of <t:5:f>\n-# [y](<https://x.example>)"}
    ]  # fmt: skip
    under = Card(fields=(Field(label="f", value=(Text("v"),)),), footer=(Mention("@Ana"),))
    assert edit_payload(under, {})["embeds"][0]["fields"] == [
        {"name": "f", "value": "v", "inline": False}, {"name": ZERO, "value": "-# @Ana", "inline": False},
    ]  # fmt: skip


def test_nothing_at_all_still_is_a_message() -> None:
    assert edit_payload(Card(), {})["embeds"] == [{"description": ZERO}]


def test_buttons_stand_in_rows_of_five_and_do_each_thing_once() -> None:
    buttons = tuple(Button(label=f"{n}", command="digest why", args={"item": str(n)}) for n in range(30))
    rows = answer_payload(Card(buttons=(*buttons[:2], *buttons)), {})["components"]
    assert [len(row["components"]) for row in rows] == [5, 5, 5, 5, 5]
    assert [button["label"] for button in rows[0]["components"]] == ["0", "1", "2", "3", "4"]


def test_a_button_carries_its_command_or_a_link() -> None:
    shelf: dict[str, str] = {}
    buttons = (
        Button(label="L" * 99, command="highlight", args={"link": "x" * 200}),
        Button(label="", url="https://x.example"),
        Button(label="ours", url="/d/7"),
        Button(label="long", url="https://x.example/" + "y" * 512),
    )
    (row,) = answer_payload(Card(buttons=buttons), shelf)["components"]
    first, second = row["components"]
    assert (len(first["label"]), first["style"]) == (80, 2)
    assert decode(first["custom_id"], shelf) == Carried("highlight", {"link": "x" * 200})
    assert second == {"type": 2, "style": 5, "label": "…", "url": "https://x.example"}


def test_a_card_that_is_far_too_long_keeps_how_things_stand() -> None:
    card = the_card(summary="**_" * 3000, title="<@1> " * 100)
    huge = Card(
        title=card.title,
        body=card.body,
        fields=tuple(Field(label="x" * 300, value=(Text("*" * 2000),)) for _ in range(30)),
        footer=(Text("f" * 3000),),
    )
    (embed,) = edit_payload(huge, {})["embeds"]
    assert embed["description"].endswith("\n🟢 Discussion in progress")
    assert limits(edit_payload(huge, {})) == []
    assert 0 < len(embed.get("fields", [])) < 25


fields = st.builds(Field, label=words, value=trees)
buttons = st.builds(
    Button, label=words, command=st.sampled_from(["", "highlight"]), args=st.dictionaries(words, words, max_size=3),
    url=st.sampled_from(["", "", "https://x.example", "/d/7", "https://x.example/ y", "ftp://x"]),
)  # fmt: skip
cards = st.builds(
    Card,
    title=words.map(lambda text: text * 30),
    url=st.sampled_from(["", "https://x.example/d/7", "/d/7", "javascript:x"]),
    body=trees,
    fields=st.lists(fields, max_size=4).map(lambda some: tuple(some * 8)),
    buttons=st.lists(buttons, max_size=4).map(lambda some: tuple(some * 8)),
    footer=trees,
)


@tried(60, 10_000, card=cards)
@example(card=Card(fields=(Field(label="\n", value=()),)))
def test_no_card_breaks_a_limit(card: Card) -> None:
    check(card)


@tried(40, 10_000, large=True, card=ours)
def test_no_digest_board_or_card_of_ours_breaks_a_limit(card: Card) -> None:
    check(card)


def check(card: Card) -> None:
    """What we would send keeps the limits, the published schema, and the rules of the server that judges us."""
    payload = post_payload(card, MARKER, {}, home=HOME)
    assert limits(payload) == []
    assert message_faults(payload) == []
    assert json.dumps(payload, ensure_ascii=False).encode()
    if HAS_CONTRACT:
        assert problems(payload, "MessageCreateRequest") == []
