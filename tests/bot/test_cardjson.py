"""Cards as JSON: nothing is lost on the way out and back."""

from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from bot import cardjson, markup
from bot.models import Button, Card, Field

WORDS = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)  # surrogates and NUL too
LEAVES = st.one_of(
    st.builds(markup.Text, WORDS),
    st.builds(markup.Code, WORDS),
    st.builds(markup.CodeBlock, WORDS, WORDS),
    st.builds(markup.Mention, WORDS),
    st.builds(markup.Time, st.integers(), st.sampled_from(["R", "f"])),
    st.builds(markup.Break),
)


def inside(children: st.SearchStrategy[markup.Node]) -> st.SearchStrategy[markup.Node]:
    trees = st.lists(children, max_size=3).map(tuple)
    around = [markup.Bold, markup.Italic, markup.Strike, markup.Quote, markup.Item]
    return st.one_of(*(st.builds(each, trees) for each in around), st.builds(markup.Link, WORDS, trees))


TREES = st.lists(st.recursive(LEAVES, inside, max_leaves=8), max_size=4).map(tuple)
ARGS: st.SearchStrategy[Mapping[str, str]] = st.dictionaries(WORDS, WORDS, max_size=3)
CARDS = st.builds(
    Card,
    title=WORDS,
    url=WORDS,
    body=TREES,
    fields=st.lists(st.builds(Field, label=WORDS, value=TREES), max_size=3).map(tuple),
    buttons=st.lists(st.builds(Button, label=WORDS, command=WORDS, args=ARGS, url=WORDS), max_size=3).map(tuple),
    footer=TREES,
)


@given(CARDS)
def test_every_card_comes_back_as_it_was(card: Card) -> None:
    assert cardjson.loads(cardjson.dumps(card)) == card


@given(CARDS)
def test_the_text_is_plain_ascii_that_every_database_takes(card: Card) -> None:
    kept = cardjson.dumps(card)
    assert kept.isascii()
    assert "\0" not in kept


def test_equal_cards_give_equal_text() -> None:
    first = Card(buttons=(Button(label="Go", args={"a": "1", "b": "2"}),))
    second = Card(buttons=(Button(label="Go", args=MappingProxyType({"b": "2", "a": "1"})),))
    assert cardjson.dumps(first) == cardjson.dumps(second)


def test_every_kind_of_node_is_known() -> None:
    assert set(cardjson.NODES.values()) == set(markup.Node.__args__)
