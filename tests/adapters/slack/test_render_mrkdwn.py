"""What is printed reads as it was meant, and nobody's words do anything."""

import re
from time import process_time

import pytest
from hypothesis import example, given, settings

from adapters.slack.render import escape, fit, mrkdwn
from adapters.slack.render.mrkdwn import ALIKE, ZERO, words
from bot.markup import (
    Bold,
    Break,
    Code,
    CodeBlock,
    Italic,
    Item,
    Link,
    Mention,
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
from bot.models import Platform
from tests.adapters.slack.blockkit import LIVE
from tests.adapters.slack.trees import FAMILY, FORUM, trees
from tests.adapters.slack.trees import words as any_words

T = Text


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ((), ""),
        ((Bold((T("b"),)), T(" "), Italic((T("i"),)), T(" "), Strike((T("s"),))), "*b* _i_ ~s~"),
        ((Bold((Italic((T("x"),)),)),), "*_x_*"),
        ((T("a"), Bold((T("b"),)), T("c")), f"a{ZERO}*b*{ZERO}c"),
        ((T("("), Code("b"), T(")")), f"({ZERO}`b`{ZERO})"),
        ((Bold((T("a"),)), Italic((T("b"),))), f"*a*{ZERO}_b_"),
        ((Bold((T("a"), Bold((T("b"),)))),), "*ab*"),
        ((Bold((T(" a "),)), T("b")), " *a* b"),
        ((Bold((T("a\nb"),)), T(" c")), "*a*\n*b* c"),
        ((Bold((T(" "),)), T("b")), " b"),
        ((T("a"), Break(), T("b")), "a\nb"),
        ((Item((T("a"), Break(), T("b"))), Item((T("c"),))), "• a\n    b\n• c"),
        ((Item((T("a"),), 9), Item((T("c"),), 10)), "9. a\n10. c"),
        ((T("x"), Quote((T("a\nb"), Quote((T("c"),)))), T("y")), "x\n> a\n> b\n> c\ny"),
        ((Quote((CodeBlock("a\nb"),)),), "> `a`\n> `b`"),
        ((Code("a b"), T(" "), Code("a`b"), T(" "), Code("")), "`a b` `aˋb` ` `"),
        ((CodeBlock("a\nb <!here>", "py"), T("c")), "```\na\nb &lt;!here&gt;\n```\nc"),
        ((CodeBlock("a```b"),), "```\naˋˋ`b\n```"),
        ((Link(FORUM, (T("a|b > *c*\nd"),)),), f"<{FORUM}|a¦b &gt; ∗c∗ d>"),
        ((Link(FORUM, (Bold((T("b"),)),)),), f"*<{FORUM}|b>*"),
        ((Link(FORUM, (T(FORUM),)),), f"<{FORUM}>"),
        ((Link(FORUM, (T("\x01"), T("\u200b"))),), f"<{FORUM}>"),
        ((Link("https://a.example/?a=1&b=<x>|y", (T("a"),)),), "<https://a.example/?a=1&amp;b=%3Cx%3E%7Cy|a>"),
        ((Link("/d/7", (T("our *page*"),)),), "our ∗page∗"),
        ((Time(1_785_765_600),), "<!date^1785765600^{ago}|3 Aug 2026, 14:00 UTC>"),
        ((Time(5, "f"),), "<!date^5^{date_short}, {time}|1 Jan 1970, 00:00 UTC>"),
        ((Time(10**15),), "1000000000000000"),
        ((Mention("@Ana"), T(" "), Mention("#help"), T(" "), Mention("@here")), f"@Ana #help @{ZERO}here"),
    ],
)
def test_a_tree_as_slack_reads_it(tree: Tree, said: str) -> None:
    assert mrkdwn(tree) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("&amp;", "&amp;amp;"),
        ("*a* _b_ ~c~ `d`", "∗a∗ ˍbˍ ∼c∼ ˋdˋ"),
        ("snake_case 2*3 a~b", "snake_case 2*3 a~b"),
        ("> q\n >> r", f"{ZERO}&gt; q\n{ZERO} &gt;&gt; r"),
        ("<!channel> <@U1> <!subteam^S1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;!subteam^S1&gt;"),
        ("<#C1|secret> <@U1|bob>", "&lt;#C1&gt; &lt;@U1&gt;"),
        ("@everyone @HERE a@channel.org", f"@{ZERO}everyone @{ZERO}HERE a@{ZERO}channel.org"),
        ("a\0\ud800", "a\ufffd\ufffd"),
    ],
)
def test_words_stay_words(typed: str, said: str) -> None:
    assert escape(typed) == said


NODES = (Bold, Italic, Strike, Code, CodeBlock, Quote, Link, Mention, Time)
ORIGINAL = str.maketrans({alike: sign for sign, alike in ALIKE.items()} | {ZERO: None})


@settings(max_examples=150)
@given(any_words)
def test_nothing_printed_is_live_and_all_of_it_is_read_again(text: str) -> None:
    said = escape(text)
    assert not LIVE.search(said)
    tree = parse(Platform.SLACK, said)
    assert [node for node in tree if isinstance(node, NODES)] == []
    shown = plain(tree).translate(ORIGINAL)
    assert shown.strip("\n") == unnamed(Platform.SLACK, clean(text)).translate(ORIGINAL).strip("\n")


TOKEN = re.compile(
    r"<(?:https?://[^<>|\s]+(?:\|[^<>|\n]+)?|!date\^-?\d+\^[^<>^|]+\|[^<>|]+)>"
)  # all that we ever write in angle brackets


@settings(max_examples=150)
@given(trees)
@example((Link("https://x.example/@here", (Text("@here"),)),))
def test_a_tree_calls_nobody_and_links_only_where_it_says(tree: Tree) -> None:
    said = mrkdwn(tree)
    bare = re.sub(r"(?m)^> ", "", TOKEN.sub("", said))
    assert not re.search("[<>]", bare)
    assert not LIVE.search(said)


@given(any_words)
def test_what_somebody_wrote_in_slack_can_be_shown_again(text: str) -> None:
    said = mrkdwn(parse(Platform.SLACK, text))
    assert not LIVE.search(said)
    assert "secret" not in said


@given(any_words)
def test_plain_words_call_nobody_either(text: str) -> None:
    assert not LIVE.search(words(text, 200))
    assert words(text, 200).strip()


@settings(max_examples=150)
@given(trees)
def test_a_tree_fits_and_keeps_its_last_line(tree: Tree) -> None:
    for limit in (80, 200):
        said = fit((*tree, Break(), Text("🟢 In progress")), limit)
        assert len(said) <= limit
        assert said.endswith("🟢 In progress")
        assert "<" not in TOKEN.sub("", said)


@pytest.mark.parametrize("cluster", [FAMILY, "🇩🇪", "e\u0301", "👍🏽", "षि", "\u1100\u1161\u11a8", "مَ", "𝒳"])
def test_nothing_is_cut_inside_a_grapheme(cluster: str) -> None:
    for limit in range(20, 145):  # a thousand cuts in all
        said = fit((Text(cluster * 60),), limit)
        assert len(said) <= limit
        assert said.removesuffix("…").replace(cluster, "") == ""


@pytest.mark.parametrize("typed", ["&", "<!here>", "<@U1|bob>", "a&b<c>d"])
def test_nothing_is_cut_inside_an_entity_or_a_token(typed: str) -> None:
    tree = (Link(FORUM, (Text(typed * 60),)), Time(5), Text(typed * 60))
    for limit in range(20, 400):
        said = fit(tree, limit)
        assert len(said) <= limit
        assert not re.search("[<>&]", re.sub("&(?:amp|lt|gt);", "", TOKEN.sub("", said)))


def cost(tree: Tree) -> float:
    """Seconds of this process for printing a tree."""
    start = process_time()
    mrkdwn(tree)
    return process_time() - start


@pytest.mark.parametrize(
    "piece", ["*", "<", "<@U1|", "`", "_a", "> ", "&lt;!here&gt;", "@here", "a\n", "<https://x.example|"]
)
def test_long_words_cost_what_their_length_says(piece: str) -> None:
    small, large = (cost((Text(piece * n), Bold((Text(piece * n),)))) for n in (2_000, 20_000))
    assert large < 40 * small + 2.0  # ten times the text: 10 if linear, 100 if quadratic


def test_many_nodes_cost_what_their_number_says() -> None:
    nodes: Tree = (Bold((Text("x"),)), Quote((Text("q"), Code("c"))), Break(), Item((Link(FORUM, (Text("l"),)),)))
    small, large = (cost(nodes * n) for n in (300, 3_000))
    assert large < 40 * small + 2.0
