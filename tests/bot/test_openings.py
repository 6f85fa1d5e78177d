"""What an opening post of /discussion start shows, whatever becomes of its words."""

import pytest

from bot.cards import opening_card, withheld_card
from bot.markup import Text
from bot.models import Card, OwnPost, Post, PostKind, PostState, Withheld
from bot.openings import opening_rendered
from bot.texts import texts_for
from tests.bot.things import HELP, NOW, a_post

TEXTS = texts_for("en")
WHOLE = opening_card((Text("As it was sent."),), "Ana", TEXTS, title="Tents")
ANEW = opening_card((Text("Hello."),), "Ana", TEXTS, title="Tents")
NAMELESS, WORDLESS, GONE = Card(), Card(footer=WHOLE.footer), withheld_card(TEXTS)  # how it is kept, and in the end
SAID = a_post()


def without(reason: Withheld) -> Post:
    return a_post(None, withheld=reason)


def an_opening(kept: Card | None, state: PostState = PostState.LIVE) -> OwnPost:
    return OwnPost(
        id=1, kind=PostKind.OPENING, subject="opening:1", where=HELP, marker="m", state=state, card=kept,
        ref=SAID.ref, attempts=0, dirty=True, next_change_at=None, planned_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "said", "shown"),
    [
        (WHOLE, SAID, WHOLE),
        (WORDLESS, SAID, WORDLESS),
        (GONE, SAID, ANEW),
        (NAMELESS, SAID, ANEW),
        (None, SAID, ANEW),
        (WHOLE, without(Withheld.OPTED_OUT), GONE),
        (WORDLESS, without(Withheld.OPTED_OUT), GONE),
        (NAMELESS, without(Withheld.OPTED_OUT), NAMELESS),
        (None, without(Withheld.OPTED_OUT), GONE),
        (WHOLE, without(Withheld.NOT_KEPT), GONE),
        (WORDLESS, without(Withheld.NOT_KEPT), WORDLESS),
        (WHOLE, without(Withheld.ERASED), GONE),
        (NAMELESS, without(Withheld.ERASED), GONE),
        (WHOLE, without(Withheld.DELETED), GONE),
        (WHOLE, None, GONE),
    ],
)
def test_an_opening_post_stands_as_it_was_sent_until_words_or_name_must_go(
    kept: Card | None, said: Post | None, shown: Card
) -> None:
    rendered = opening_rendered(an_opening(kept), said, "Tents", TEXTS)
    assert rendered.card == shown
    assert rendered.cites == (SAID.ref,)


@pytest.mark.parametrize("state", [PostState.SENDING, PostState.PARKED])
def test_an_opening_post_that_will_be_changed_has_its_words(state: PostState) -> None:
    for kept in (WORDLESS, NAMELESS):
        assert opening_rendered(an_opening(kept, state), SAID, "Tents", TEXTS).card == ANEW
    assert opening_rendered(an_opening(WHOLE, state), SAID, "Tents", TEXTS).card == WHOLE
