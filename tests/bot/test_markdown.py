import pytest

from bot.markup import Tree, parse
from bot.markup.markdown import escape, markdown
from bot.models import Platform


def printed(text: str, platform: Platform = Platform.DISCORD) -> str:
    return markdown(parse(platform, text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain words", "plain words"),
        ("a <script> & b", "a &lt;script&gt; &amp; b"),
        ("snake_case and [x](y)", "snake\\_case and \\[x\\](y)"),
        ("# no heading", "\\# no heading"),
        ("- no list", "&#8203;- no list"),
        ("1. no list", "&#8203;1. no list"),
        ("a | b `c` ~~d~~", "a \\| b \\`c\\` \\~\\~d\\~\\~"),
    ],
)
def test_escaped_words_are_read_as_words(text: str, written: str) -> None:
    assert escape(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("**bold** and *italic* and ~~gone~~", "**bold** and *italic* and ~~gone~~"),
        ("see https://example.org/a_b", "see [https://example.org/a\\_b](<https://example.org/a_b>)"),
        ("`co`de", "` co `de"),
        ("> quoted\nafter", "> quoted\n\nafter"),
        ("before\n> quoted\n> more", "before\n> quoted  \n> more"),
        ("before\n- one\n- two\nafter", "before\n- one\n- two\n\nafter"),
        ("> quoted\n- one", "> quoted\n- one"),
        ("a ```code``` b", "a \n\n```\ncode\n```\n b"),
        ("**two\nlines**", "two  \nlines"),
        ("at <t:1785758400:R>", "at 2026-08-03 12:00 UTC"),
        ("one\ntwo", "one  \ntwo"),
        ("```py\nx = '`'\n```", "```\nx = '`'\n```"),
    ],
)
def test_chat_text_is_written_as_the_markdown_it_means(text: str, written: str) -> None:
    assert printed(text) == written


def test_code_with_backticks_gets_a_longer_fence() -> None:
    tree: Tree = parse(Platform.DISCORD, "``a ` b``")
    assert markdown(tree) in {"`` a ` b ``", "``a ` b``"}


def test_slack_mentions_and_links_become_plain_names_and_links() -> None:
    text = "<@U1|ada> wrote <https://example.org|this> &lt;here&gt;"
    assert printed(text, Platform.SLACK) == "@unknown wrote [this](<https://example.org>) &lt;here&gt;"
