"""No ping and no markup comes of what anybody typed: every place where words are shown, with every hostile string."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.slack.render import (
    Home,
    answer_payload,
    card_payload,
    edit_payload,
    escape,
    home_view,
    modal,
    post_payload,
    problem_payload,
    problem_view,
    said_view,
)
from bot.cards import (
    CardView,
    behind_card,
    board_card,
    closed_card,
    discussion_card,
    failing_card,
    highlight_card,
    lost_card,
    notice_card,
    sharing_card,
)
from bot.digests.cards import why_card
from bot.markup import Mention, Text
from bot.models import (
    Button,
    Card,
    Field,
    Form,
    FormField,
    Highlight,
    Note,
    Question,
    Stored,
)
from tests.adapters.slack.blockkit import Json, faults, live
from tests.adapters.slack.hostile import CORPUS, LONG, TOKENS, WRAPPED
from tests.adapters.slack.test_render_cards import ADA, ENGLISH, IN_HELP, MARKER, NOW, a_digest, the_reply, the_sample
from tests.bot.digests import a_pick, a_run
from tests.bot.things import a_known_channel

GOLDEN = Path(__file__).parent / "golden" / "hostile-words.json"
PUSHED = ("x" * 195, "word " * 23)  # so that what follows is cut in the middle
TOKEN = re.compile(r"<([^<>]*)>")
OURS = re.compile(
    r"(?:https://(?:camp\.slack\.com|forum\.example|evil\.example|bank\.example)|http://127\.0\.0\.1|!date\^)"
)


def cards_with(said: str) -> Iterator[Card]:
    """Every card of ours, with a string wherever somebody's words or names are shown."""
    channel = a_known_channel(IN_HELP, name=said)
    discussion = the_sample(
        title=said, summary=said, channel=channel, stored=Stored.CONCLUDED, state_at=NOW, state_by=said, outcome=said
    )
    reply = the_reply(author_name=said, files=(said, said))
    posts = [reply, replace(reply, text=said), replace(reply, text=""), replace(reply, text=None)]
    asked = Question(ref=reply.ref, asker=ADA, text=said, waits=True)
    yield discussion_card(CardView(discussion=discussion, now=NOW, questions=[asked], best=posts[1:]), ENGLISH)[0]
    yield board_card([discussion, the_sample(title=said)], NOW, ENGLISH)[0]
    note = Note(ref=reply.ref, text=said, author_name=said, at=NOW)
    for post in posts:
        yield highlight_card(Highlight(post=post, discussion=discussion, highlighted_at=NOW, notes=(note,)), ENGLISH)[0]
    yield a_digest(said, said, said, said)
    reason = why_card(a_run(a_pick(1), destination=IN_HELP), 1, ENGLISH, title=said)
    assert reason is not None
    yield reason
    yield notice_card(said, buttons=(Button(label=said, command=said, args={said: said[:200]}),))[0]
    yield sharing_card(said, "https://forum.example", ENGLISH)[0]
    yield failing_card(said, ENGLISH)[0]
    yield lost_card(said, True, ENGLISH)[0]
    yield closed_card(said, ENGLISH)[0]
    yield behind_card(said, datetime(2026, 8, 3, tzinfo=UTC), ENGLISH)[0]
    yield Card(title=said, url="https://forum.example", fields=(Field(label=said, value=(Mention(said), Text(said))),))


def payloads_with(said: str) -> Iterator[Json]:
    """All that is ever sent, with a string in it."""
    for card in cards_with(said):
        yield post_payload(card, MARKER)
    yield edit_payload(card)
    yield card_payload(card)
    yield said_view(card)
    yield home_view(Home(in_progress=card, highlights=card, digests=card, settings=card, admin=True), ENGLISH)
    yield problem_payload(said)
    choice = FormField(name="c", label=said, hint=said, kind="choice", choices=((said[:100] or "v", said),))
    line = FormField(name="l", label=said, hint=said, value=said)
    for fields in ((line, choice), (choice,)):
        form = Form(title=said, command="highlight", fields=fields, submit=said)
        yield modal(form)
        yield problem_view(form, said)
        yield answer_payload(form)


def test_the_corpus_is_large_enough() -> None:
    assert len(set(CORPUS)) >= 100
    assert len(set(WRAPPED)) >= 500


@pytest.mark.parametrize("part", range(4))
def test_nothing_that_is_sent_is_live(part: int) -> None:
    for said in WRAPPED[part::4]:
        for payload in payloads_with(said):
            assert live(payload) == []
            json.dumps(payload, ensure_ascii=False).encode()


@pytest.mark.parametrize("before", PUSHED, ids=["word", "words"])
def test_nothing_becomes_live_where_it_is_cut(before: str) -> None:
    for said in TOKENS:
        for payload in payloads_with(before + said):
            assert live(payload) == []


def test_hostile_words_break_no_limit() -> None:
    for said in (*CORPUS[::9], *LONG):
        for payload in payloads_with(said):
            assert faults(payload) == []


def test_links_lead_only_where_somebody_linked_to() -> None:
    for said in CORPUS:
        for card in cards_with(said):
            for block in post_payload(card, MARKER)["blocks"]:
                text = (block.get("text") or {}).get("text", "") if block["type"] == "section" else ""
                assert all(OURS.match(token) for token in TOKEN.findall(text))


def test_markup_that_somebody_typed_is_shown_as_text() -> None:
    said = {words: escape(words) for words in CORPUS if words.isprintable()}
    assert said == json.loads(GOLDEN.read_text("utf-8"))


def test_a_live_token_would_be_noticed() -> None:
    for text in ("<!here>", "a <@U1> b", "<#C1|x>", "<!subteam^S1>", "Hi @channel", "@HERE"):
        assert live({"blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}]}) != []
    assert live({"text": "<!date^1^{ago}|now>"}) == []
    assert live({"blocks": [{"type": "mrkdwn", "text": "x", "verbatim": False}]}) != []
