"""What is printed reads as it was meant, and nobody's words do anything."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.render import escape, markdown
from adapters.discord.render.fitting import fit
from adapters.discord.render.markdown import ZERO
from bot.markup import (
    LEAST,
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
    lines_of,
    parse,
)
from bot.models import Platform

T = Text
FORUM = "https://forum.example/d/7"


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ((), ""),
        ((Bold((T("b"),)), T(" "), Italic((T("i"),)), T(" "), Strike((T("s"),))), "**b** *i* ~~s~~"),
        ((Bold((Italic((T("x"),)),)),), "***x***"),
        ((Bold((T("a"),)), Italic((T("b"),))), f"**a**{ZERO}*b*"),
        ((Bold((T("a"), Bold((T("b"),)))),), "**ab**"),
        ((Bold((T(" a "),)), T("b")), " **a** b"),
        ((Bold((T(" "),)), T("b")), " b"),
        ((T("a"), Break(), T("b")), "a\nb"),
        ((Item((T("a"), Break(), T("b"))), Item((T("c"),))), "- a\n  b\n- c"),
        ((Item((T("a"), Break(), T("b")), 9), Item((T("c"),), 10)), "9. a\n   b\n10. c"),
        ((Item((Bold((T("a"), Break(), T("b"))),)),), "- **a**\n  **b**"),
        ((Quote((Bold((T("a"), Break(), Break(), T("b"))),)),), "> **a**\n> \n> **b**"),
        ((T("x"), Quote((T("a\nb"), Quote((T("c"),)))), T("y")), "x\n> a\n> b\n> c\ny"),
        ((Code("a b"), T(" "), Code("a`b"), T(" "), Code("")), "`a b` `` a`b `` ` `"),
        ((Code("a"), Code("b")), f"`a`{ZERO}`b`"),
        ((CodeBlock("a\nb", "py"), T("c")), "```py\na\nb\n```\nc"),
        ((CodeBlock("a```b"),), f"```\na`{ZERO}`{ZERO}`b\n```"),
        ((Link(FORUM, (T("a [b] *c*"),)),), f"[a \\[b\\] \\*c\\*](<{FORUM}>)"),
        ((Link(FORUM, (Bold((T("b"),)),)),), f"[**b**](<{FORUM}>)"),
        ((Link(FORUM, (T(FORUM),)),), f"<{FORUM}>"),
        ((Link(FORUM, ()),), f"<{FORUM}>"),
        ((Link(FORUM, (T(ZERO),)),), f"<{FORUM}>"),
        ((Link(FORUM, (T(ZERO), Break(), T(ZERO))),), f"<{FORUM}>"),
        ((Link("https://a.example/(x)", (T("a\nb"),)),), "[a b](<https://a.example/%28x%29>)"),
        ((Link("/d/7", (T("our *page*"),)),), "our \\*page\\*"),
        ((Time(1_786_284_300), T(" "), Time(5, "f")), "<t:1786284300:R> <t:5:f>"),
        ((Time(10**13),), "10000000000000"),
        ((Mention("@Ana"), T(" "), Mention("#help"), T(" "), Mention("@everyone")), f"@Ana \\#help @{ZERO}everyone"),
    ],
)
def test_a_tree_as_discord_reads_it(tree: Tree, said: str) -> None:
    assert markdown(tree) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("# a", "\\# a"),
        ("a\n## b", "a\n\\## b"),
        ("-# small", "\\-# small"),
        ("- a", "\\- a"),
        ("1. a\n 12) b", "1\\. a\n 12\\) b"),
        ("> q >> r", "\\> q >> r"),
        ("*a* _b_ __c__ ~~d~~ `e` ||f||", "\\*a\\* \\_b\\_ \\_\\_c\\_\\_ \\~\\~d\\~\\~ \\`e\\` \\|\\|f\\|\\|"),
        ("<@1> <@&2> <#3> </x:4> <:e:5> <t:6> <id:browse>",
         "\\<@1> \\<@&2> \\<#3> \\</x:4> \\<:e:5> \\<t:6> \\<id:browse>"),
        ("@everyone @HERE a@b", f"@{ZERO}everyone @{ZERO}HERE a@b"),
        ("[a](https://x.example)", "\\[a\\](https\\://x.example)"),
        ("<https://x.example> steam://run", "\\<https\\://x.example> steam\\://run"),
        ("\\*", "\\\\\\*"),
        ("a\0\ud800", "a\ufffd\ufffd"),
        ("3.5 - 2 = 1.5, #help", "3\\.5 - 2 = 1.5, #help"),
    ],
)  # fmt: skip
def test_words_stay_words(words: str, said: str) -> None:
    assert escape(words) == said


# A reader of Discord's markdown of our own: what it finds in escaped words would be live.

ESCAPED = re.compile(r"\\[^0-9A-Za-z\s]")
LIVE = re.compile(
    r"""[*_~`|\[\]<] | :// | ^[ \t]*(?:[-*+>#]|\d+[.)]) | @(?:everyone|here)""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
nasty = st.lists(
    st.sampled_from(
        ["*", "**", "_", "~~", "`", "```", "||", "[", "](", ")", "<", ">", "@", "#", "-", "1", ".", "\\", "\n", " ",
         "<@1>", "<@&2>", "<#3>", "</a:4>", "<:e:5>", "<t:6:R>", "@everyone", "@here", "https://x.example", "://",
         "# ", "-# ", "> ", ">>> ", "- ", "1. ", "a", "word", "é", "👩\u200d👩", ZERO]
    ),
    max_size=12,
).map("".join)  # fmt: skip
words = nasty | st.text(max_size=30)


@settings(max_examples=300)
@given(words)
def test_nothing_printed_is_live(text: str) -> None:
    said = escape(text)
    assert LIVE.findall(ESCAPED.sub("·", said)) == []
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", said).replace(ZERO, "")
    assert shown == clean(text).replace(ZERO, "")


TARGETS = (FORUM, "/d/7", "https://x.example/(a)?b=<c>", "https://x.example/@everyone")
leaves = st.one_of(
    st.builds(Text, words),
    st.builds(Mention, words),
    st.builds(Code, words),
    st.builds(CodeBlock, words),
    st.builds(Time, st.integers(0, 2**33)),
    st.just(Break()),
)
nodes: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        *(st.builds(kind, st.lists(inner, max_size=3).map(tuple)) for kind in (Bold, Italic, Strike, Quote, Item)),
        st.builds(Link, st.sampled_from(TARGETS), st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=6,
)
trees = st.lists(nodes, max_size=6).map(tuple)
MENTIONS = re.compile(r"<(?:@[!&]?|#|/|a?:|id:)|@(?:everyone|here)", re.IGNORECASE)
READ = re.compile(  # from left to right: what was escaped, code, targets of links, moments
    r"\\[^0-9A-Za-z\s]|```.*?```|`` .*? ``|`[^`]+`|\(?<(?:https?://[^\s<>]*|t:\d+:[Rf])>\)?", re.DOTALL
)


def words_of(said: str) -> str:
    """What is left beside code, targets of links and what was escaped."""
    unquoted = re.sub(r"^(?:> )+", "", said, flags=re.MULTILINE)
    return READ.sub("·", unquoted)


@settings(max_examples=200)
@given(trees)
def test_a_tree_mentions_nobody_and_links_only_where_it_says(tree: Tree) -> None:
    bare = words_of(markdown(tree))
    assert MENTIONS.findall(bare) == []
    assert "://" not in bare
    assert not re.search(r"^(?:- |  )*(?:#|-#|\d+[.)])", bare, re.MULTILINE)


@given(st.sampled_from(["<@1> **b** ||x|| @everyone # h", "> q\n- i\n`c`", "[a](https://x.example) <t:1:R>"]) | words)
def test_what_somebody_wrote_can_be_shown_again(text: str) -> None:
    assert MENTIONS.findall(words_of(markdown(parse(Platform.DISCORD, text)))) == []


# Fitting


@settings(max_examples=150)
@given(trees, st.integers(60, 400))
def test_a_tree_fits_and_keeps_its_last_line(tree: Tree, limit: int) -> None:
    whole = (*tree, Break(), Text("🟢 In progress"))
    said = fit(whole, limit)
    assert len(said) <= limit
    assert said.endswith("🟢 In progress")


def test_the_longest_words_give_way_first() -> None:
    tree = (Text("long " * 100), Break(), Text("short"), Break(), Bold((Text("state"),)))
    said = fit(tree, 100)
    assert said.endswith("…\nshort\n**state**")
    assert len(said) > 80


def test_cut_words_keep_their_links_and_marks() -> None:
    said = fit((Link(FORUM, (Bold((Text("long " * 100),)),)), Break(), Text("state")), 120)
    assert said.startswith("[**long long")
    assert said.endswith(f"…**](<{FORUM}>)\nstate")


def test_links_go_before_lines() -> None:
    items = tuple(Item((Link("https://x.example/" + "y" * 60, (Text("title"),)),)) for _ in range(5))
    assert fit((*items, Text("end")), 120) == "- title\n" * 5 + "end"


def test_whole_lines_go_from_the_middle() -> None:
    tree = tuple[Node, ...](node for n in range(50) for node in (Text(f"line {n}"), Break()))
    whole: Tree = (*tree, Text("end"))
    said = fit(whole, 60).split("\n")
    assert (said[0], said[-2:]) == ("line 0", ["…", "end"])


def test_at_the_very_end_only_words_are_left() -> None:
    fragments = tuple[Node, ...](Bold((Text("x" * LEAST),)) for _ in range(50))
    tree: Tree = (Text("first"), Break(), *fragments)
    said = fit(tree, 60)
    assert len(said) <= 60
    assert "**" not in said
    assert said.startswith("first\n")


@pytest.mark.parametrize(
    "cluster", ["👩\u200d👩\u200d👧", "🇩🇪", "e\u0301", "👍🏽", "षि", "\u1100\u1161\u11a8", "مَ", "𝒳"]
)
def test_nothing_is_cut_inside_a_grapheme(cluster: str) -> None:
    for limit in range(20, 145):  # a thousand cuts in all
        said = fit((Text(cluster * 60),), limit)
        assert len(said) <= limit
        assert said.removesuffix("…").replace(cluster, "") == ""


def test_a_block_is_a_line() -> None:
    assert lines_of((Text("a"), Item((Text("b"),)), Break(), Text(" "))) == [(Text("a"),), (Item((Text("b"),)),)]
