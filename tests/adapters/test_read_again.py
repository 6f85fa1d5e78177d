"""What we print is read again as what was meant, in both dialects: every word is kept, and nobody is called."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from adapters.discord.render import markdown
from adapters.slack.render import mrkdwn
from adapters.slack.render.mrkdwn import ALIKE, ZERO
from bot.markup import (
    Bold,
    Break,
    Code,
    CodeBlock,
    Italic,
    Item,
    Link,
    Mention,
    Node,
    Quote,
    Strike,
    Text,
    Time,
    Tree,
    clean,
    parse,
    plain,
    unnamed,
)
from bot.markup.tokens import masked_link
from bot.models import Platform
from tests.adapters.discord.test_render_markdown import MENTIONS, words_of
from tests.adapters.slack.blockkit import LIVE
from tests.adapters.slack.trees import words
from tests.trying import tried

ORIGINAL = str.maketrans({alike: sign for sign, alike in ALIKE.items()} | {"¦": "|"})
TARGETS = (
    "https://forum.example/d/7",
    "/d/7",
    "https://x.example/(a)?b=<c>&d=e|f",
    "https://x.example/@everyone",
    "https://x.example/*_~`",
)
ENCODED = re.compile("%(?:28|29|3C|3E|7C|40|60)")  # the signs of such addresses: one way of printing them or another
said = words | st.sampled_from(["<@1>", "<@&2>", "<#3>", "</a:4>", "<id:browse>", "\\", "\\<@1>", "*a*", "snake_case"])
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Text, said),
    st.builds(Mention, said),
    st.builds(Code, said),
    st.builds(Time, st.integers(-(2**33), 2**33), st.sampled_from(["R", "f"])),
    st.just(Break()),
)
marked: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        *(st.builds(kind, st.lists(inner, max_size=3).map(tuple)) for kind in (Bold, Italic, Strike))
    ),
    max_leaves=4,
)
links = st.builds(Link, st.sampled_from(TARGETS), st.lists(marked, max_size=2).map(tuple))
lines = st.lists(marked | links, max_size=4).map(tuple)
blocks: st.SearchStrategy[Node] = st.one_of(
    st.builds(Quote, lines),
    st.builds(Item, lines),
    st.builds(Item, lines, st.integers(0, 999)),
    st.builds(CodeBlock, said),
)
trees = st.lists(marked | links | blocks, max_size=6).map(tuple)


@dataclass(frozen=True)
class Way:
    """How a tree is printed and read on a platform, and what is live there."""

    platform: Platform
    printed: Callable[[Tree], str]
    calls: Callable[[str], list[str]]


WAYS = (
    Way(Platform.DISCORD, markdown, lambda text: MENTIONS.findall(words_of(text))),
    Way(Platform.SLACK, mrkdwn, LIVE.findall),
)


def spoken(tree: Tree) -> Iterator[str]:
    """What somebody reads: beside words that look like an address stands where the link really leads."""
    for node in tree:
        match node:
            case Link(url, children) if url.startswith("http"):
                label = " ".join(clean(plain(children)).split()).strip(ZERO)
                yield from (plain((each,)) for each in masked_link(url, (Text(label),), label))
            case Item(children):
                yield node.sign
                yield from spoken(children)
            case Bold(children) | Italic(children) | Strike(children) | Quote(children) | Link(_, children):
                yield from spoken(children)
            case _:
                yield plain((node,))


def letters(text: str) -> str:
    """Letters and digits alone: signs may have become others that look the same."""
    return "".join(filter(str.isalnum, ENCODED.sub("", text)))


@tried(300, 20_000, tree=trees, way=st.sampled_from(WAYS))
def test_a_tree_is_read_again_with_all_its_words_and_calls_nobody(tree: Tree, way: Way) -> None:
    printed = way.printed(tree)
    assert way.calls(printed) == []
    meant = unnamed(way.platform, clean("\n".join(spoken(tree))))
    again = plain(parse(way.platform, printed)).translate(ORIGINAL)
    assert letters(again) == letters(meant.translate(ORIGINAL))
