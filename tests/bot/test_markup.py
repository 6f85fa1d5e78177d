"""Chat text becomes a tree: both dialects, hostile text, and the words that remain."""

import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    first_sentence,
    parse,
    plain,
    prose,
    sentences,
)
from bot.markup.markdown import markdown
from bot.models import Platform

T = Text
KNOWN = {("member", "1"): "Ana", ("role", "2"): "helpers", ("channel", "3"): "help", ("member", "U1"): "Ana"}
KNOWN |= {("group", "S1"): "devs", ("channel", "C1"): "help"}


def names(kind: str, ident: str) -> str | None:
    return KNOWN.get((kind, ident))


def chat(text: str) -> Tree:
    return parse(Platform.DISCORD, text, names)


def slack(text: str) -> Tree:
    return parse(Platform.SLACK, text, names)


def link(url: str) -> Link:
    return Link(url, (T(url),))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ()),
        ("plain", (T("plain"),)),
        ("**b** *i* _j_ __u__ ~~s~~", (Bold((T("b"),)), T(" "), Italic((T("i"),)), T(" "), Italic((T("j"),)), T(" "),
                                       Italic((T("u"),)), T(" "), Strike((T("s"),)))),
        ("***x***", (Bold((Italic((T("x"),)),)),)),
        ("**a *b* c**", (Bold((T("a "), Italic((T("b"),)), T(" c"))),)),
        ("*a **b** c*", (Italic((T("a "), Bold((T("b"),)), T(" c"))),)),
        ("**a *b** c", (Bold((T("a *b"),)), T(" c"))),
        ("**a\nb**", (Bold((T("a"), Break(), T("b"))),)),
        ("2 * 3 * 4, a_b_c, *open, **", (T("2 * 3 * 4, a_b_c, *open, **"),)),
        ("**a**b*", (Bold((T("a"),)), T("b*"))),
        ("*a** b", (T("*a** b"),)),
        ("***a** b*", (Italic((Bold((T("a"),)), T(" b"))),)),
        ("***a* b**", (Bold((Italic((T("a"),)), T(" b"))),)),
        ("*`a`**b***", (Italic((Code("a"), Bold((T("b"),)))),)),
        ("****a**** ~a~ ~~~", (T("****a**** ~a~ ~~~"),)),
        ("** a**b", (T("** a**b"),)),
        (r"\*a\* \_ \\", (T("*a* _ \\"),)),
        ("`a` ``b`c`` `d", (Code("a"), T(" "), Code("b`c"), T(" `d"))),
        ("` `", (Code(" "),)),
        (r"\`` x", (T("`` x"),)),
        (r"\``x`", (T("`"), Code("x"))),
        ("`a\nb`", (Code("a b"),)),
        ("||it was Bob|| x||", (T("(spoiler) x||"),)),
        ("||||a|| b", (T("||(spoiler) b"),)),
        ("<@1> <@!1> <@&2> <#3> <@9> <#9>", (Mention("@Ana"), T(" "), Mention("@Ana"), T(" "), Mention("@helpers"),
                                             T(" "), Mention("#help"), T(" "), Mention("@unknown"), T(" "),
                                             Mention("#unknown"))),
        ("@everyone @here @heretic", (Mention("@everyone"), T(" "), Mention("@here"), T(" @heretic"))),
        ("<:wave:12> <a:party:13> </digest now:14>", (T(":wave: :party: /digest now"),)),
        ("<t:12> <t:-12:R> <t:5:F> <t:x>", (Time(12, "f"), T(" "), Time(-12, "R"), T(" "), Time(5, "f"),
                                              T(" <t:x>"))),
        ("a < b > c <b>", (T("a < b > c <b>"),)),
        ("see https://a.b/c_d, (https://a.b/x(y)) https://a.b/x).", (
            T("see "), link("https://a.b/c_d"), T(", ("), link("https://a.b/x(y)"), T(") "), link("https://a.b/x"),
            T(").")
        )),
        ("**https://a.b** <https://a.b>", (Bold((link("https://a.b"),)), T(" "), link("https://a.b"))),
        ("[the docs](https://a.b/c)", (Link("https://a.b/c", (T("the docs"),)),)),
        ('[**a** b](<https://a.b/(c)> "t")', (Link("https://a.b/(c)", (Bold((T("a"),)), T(" b"))),)),
        ("[x] (y) [z](ftp://a) [](https://a.b)", (T("[x] (y) [z](ftp://a) "), link("https://a.b"))),
        ("[a [b](https://a.b)", (T("[a "), Link("https://a.b", (T("b"),)))),
        ("](https://a.b)", (T("]("), link("https://a.b"), T(")"))),
        ("[https://bank.example](https://evil.example)", (
            link("https://bank.example"), T(" ("), link("https://evil.example"), T(")")
        )),
        ("[https://a.b/](https://a.b)", (link("https://a.b"),)),
        ("javascript:alert(1) [x](javascript:alert(1))", (T("javascript:alert(1) [x](javascript:alert(1))"),)),
        ("http:// https://?", (T("http:// https://?"),)),
        ("# Title\ntext", (Bold((T("Title"),)), Break(), T("text"))),
        ("text\n## Title", (T("text"), Break(), Bold((T("Title"),)))),
        ("#nothing\n-# small", (T("#nothing"), Break(), T("small"))),
        ("- a\n* b\n12. c", (Item((T("a"),)), Item((T("b"),)), Item((T("c"),), 12))),
        ("- a\nb", (Item((T("a"),)), T("b"))),
        ("> a\n> **b**\nc", (Quote((T("a"), Break(), Bold((T("b"),)))), T("c"))),
        (">a\nb", (T(">a"), Break(), T("b"))),
        ("a\n>>> b\nc\n```d```", (T("a"), Quote((T("b"), Break(), T("c"), CodeBlock("d"))))),
        ("x\n```py\n>>> 1\n2\n```\ny", (T("x"), CodeBlock(">>> 1\n2", "py"), T("y"))),
        ("```a b```", (CodeBlock("a b"),)),
        ("```never closed", (T("```never closed"),)),
    ],
)  # fmt: skip
def test_the_markdown_of_discord_and_the_room(text: str, tree: Tree) -> None:
    assert chat(text) == tree
    assert parse(Platform.LOCAL, text, names) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("*b* _i_ ~s~ `c`", (Bold((T("b"),)), T(" "), Italic((T("i"),)), T(" "), Strike((T("s"),)), T(" "), Code("c"))),
        ("*a _b_*", (Bold((T("a "), Italic((T("b"),)))),)),
        ("2*3*4 a_b_c * x* *", (T("2*3*4 a_b_c * x* *"),)),
        ("*a\nb* **", (T("*a"), Break(), T("b* **"))),
        ("&lt;b&gt; &amp;amp; &copy;", (T("<b> &amp; &copy;"),)),
        ("<@U1> <@U1|mallory> <@U9|ben> <#C1> <#C1|old-name> <#C9|board-secrets>", (
            Mention("@Ana"), T(" "), Mention("@Ana"), T(" "), Mention("@unknown"), T(" "), Mention("#help"), T(" "),
            Mention("#help"), T(" "), Mention("#unknown")
        )),
        ("<!here> <!channel|channel> <!everyone>", (Mention("@here"), T(" "), Mention("@channel"), T(" "),
                                                    Mention("@everyone"))),
        ("<!subteam^S1> <!subteam^S1|@x> <!subteam^S2|@ops>", (Mention("@devs"), T(" "), Mention("@devs"), T(" "),
                                                                Mention("@ops"))),
        ("<!date^12^{ago}|x> <!date^12^{date}^https://a.b|x>", (Time(12, "R"), T(" "), Time(12, "f"))),
        ("<!subteam> <!odd|label> <!date^x>", (T("<!subteam> label <!date^x>"),)),
        ("<https://a.b|the docs> <https://a.b/?x=1&amp;y=2>", (
            Link("https://a.b", (T("the docs"),)), T(" "), link("https://a.b/?x=1&y=2")
        )),
        ("<http://a.b|a.b>", (Link("http://a.b", (T("a.b"),)),)),
        ("<https://evil.example|https://bank.example>", (
            T("https://bank.example ("), link("https://evil.example"), T(")")
        )),
        ("<https://a.b| >", (link("https://a.b"),)),
        ("<mailto:a@b.c|a@b.c> <mailto:a@b.c> <tel:12>", (T("a@b.c a@b.c 12"),)),
        ("<ftp://a.b/c|x>", (T("x (ftp://a.b/c)"),)),
        ("<javascript:alert(1)|x> <|y>", (T("x (javascript:alert(1)) y"),)),
        ("a < b :smile: ` x", (T("a < b 😄 ` x"),)),
        (":+1: :wave::skin-tone-3: :white_check_mark: *:key:*", (T("👍 👋 ✅ "), Bold((T("🔑"),)))),
        (":our_own: at 10:100:30, a::b `:+1:`", (T(":our_own: at 10:100:30, a::b "), Code(":+1:"))),
        ("plainly :tada:", (T("plainly 🎉"),)),
        ("&gt; a\n&gt;b\nc", (Quote((T("a"), Break(), T("b"))), T("c"))),
        ("a\n&gt;&gt;&gt; b\nc", (T("a"), Quote((T("b"), Break(), T("c"))))),
        ("x ```a &lt; <http://x.y> <http://x.y|x.y>``` z", (T("x "), CodeBlock("a < http://x.y x.y"), T(" z"))),
        ("- a\n# b", (T("- a"), Break(), T("# b"))),
    ],
)  # fmt: skip
def test_the_mrkdwn_of_slack(text: str, tree: Tree) -> None:
    assert slack(text) == tree


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x07", "\u200b", "\ufeff"])
def test_what_hides_or_reorders_is_made_visible_in_links(sign: str) -> None:
    for tree in (chat(f"https://a.b/x{sign}y"), slack(f"<https://a.b/x{sign}y>")):
        (node,) = tree
        assert isinstance(node, Link)
        assert sign not in node.url + plain(tree)
        assert "%" in plain(tree)
    assert sign not in plain(slack(f"<https://a.b|x{sign}y>"))
    assert chat(f"https://a{sign}.b") == (T("https://a\ufffd.b"),)


@pytest.mark.parametrize(
    "url", ["https://a.b:99999/", "https://[x/", "https://:80/", "https://" + "a" * 3000, "https:///x"]
)
def test_an_address_that_is_none_stays_words(url: str) -> None:
    assert chat(url) == (T(url),)


def test_a_label_that_names_a_host_stands_beside_the_real_address() -> None:
    tree = chat("[www.bank.example](https://evil.example)")
    assert plain(tree) == "www.bank.example (https://evil.example)"


def test_plain_keeps_lines_and_says_moments_in_utc() -> None:
    text = "a **b** `c`\n- d\n> e\n```f```\ng <@1> <t:0> <t:99999999999:R>"
    assert plain(chat(text)) == "a b c\n- d\ne\nf\ng @Ana 1970-01-01 00:00 UTC 5138-11-16 09:46 UTC"
    assert plain((Time(10**15),)) == str(10**15)


def test_prose_is_what_the_author_says_in_own_words() -> None:
    text = "I **think** `x` so <@1>\n- d\n> e\n```f```\ng https://a.b [h](https://c.d) <t:0>"
    assert prose(chat(text)) == "I think x so \nd\ng  h 1970-01-01 00:00 UTC"
    assert prose(chat("Try `a ? b : c` or `it! works` or `x.y`.")) == "Try  or  or x.y."


def nodes_in(tree: Tree) -> Iterator[Node]:
    for node in tree:
        yield node
        yield from nodes_in(getattr(node, "children", ()))


MARKS = """* ** _ ~~ ` ``` || [ ]( ) < > <@1> <#3> <!here> @everyone | \\ &gt; &amp; &lt; ? . word Ünï"""
PIECES = ["https://a.b", "http://", "\n", "> ", ">>> ", "- ", "# ", "👩\u200d💻", " ", "\u202e", "1. ", "\t", "\x00"]
PIECES += ["<https://a.b|c>", "<javascript:x|y>", "<t:5:R>", "<|y>", "<!>", *MARKS.split()]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@settings(max_examples=250, deadline=None)
@given(text=TEXTS, platform=st.sampled_from(Platform))
def test_any_text_can_be_read_and_nothing_in_it_is_live(text: str, platform: Platform) -> None:
    tree = parse(platform, text)
    for node in nodes_in(tree):
        if isinstance(node, Link):
            assert node.url.startswith(("http://", "https://"))
            assert not any(isinstance(inner, Link) for inner in nodes_in(node.children))
        if isinstance(node, Mention):
            assert node.label[0] in "@#"
            assert not set("<>") & set(node.label)
        if isinstance(node, Text) and platform is not Platform.SLACK:
            assert "<@1>" not in node.text or "\\" in text  # as in <\@1>: a sign after it is a sign
    plain(tree)
    assert isinstance(first_sentence(prose(tree)), str)


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(st.text("abcäöü", min_size=1, max_size=6), max_size=8),
    mark=st.sampled_from(["", "*", "**", "_", "> ", "- "]),
)
def test_the_words_are_kept(words: list[str], mark: str) -> None:
    text = " ".join(mark + word + (mark if not mark.endswith(" ") else "") for word in words)
    for platform in Platform:
        said = plain(parse(platform, text))
        assert [word for word in words if word not in said] == []


HOSTILE = ["*", "**a ", "[", "[a](", "](http://a", "`", "``` ", "<", "<@", "||", "||a", "_a", "http://", "https://a("]
HOSTILE += ["*_", "> ", "- ", "&gt; ", "\\", "a.", "!)", "?", "e.g. ", ">>> ", "`a``", "<https://a|", "\n", "…"]
HOSTILE += ["***a**b*c", "[**a"]


def cost(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def everything(text: str) -> None:
    for read in (chat, slack):
        prose(read(text))
    sentences(text)
    first_sentence(text)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_what_its_length_says(piece: str) -> None:
    small, large = (cost(everything, piece * (size // len(piece))) for size in (4_000, 40_000))
    assert large < 40 * small + 2.0  # ten times the text: 10 if linear, 100 if quadratic


def test_a_hundred_kilobytes_of_everything_at_once_cost_what_their_length_says() -> None:
    pieces = "".join(HOSTILE)
    small, large = (cost(everything, pieces * (size // len(pieces))) for size in (10_000, 100_000))
    assert large < 40 * small + 2.0


def test_a_numbered_list_keeps_its_numbers() -> None:
    tree = chat("So:\n3. pitch\n4. sleep\n- or not")
    assert plain(tree) == "So:\n3. pitch\n4. sleep\n- or not"
    assert prose(tree) == "So:\npitch\nsleep\nor not"
    assert markdown(tree) == "So:\n3. pitch\n4. sleep\n- or not"
