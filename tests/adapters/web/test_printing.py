"""Words that skip the sanitiser come out as it would let them through."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.web import printing
from adapters.web.site import View
from bot.markup import Text, nobody, parse
from bot.markup.slack import _inline
from bot.models import Platform
from bot.texts import texts_for
from tests.makers import NOON

READER = View(texts_for("en"), NOON)
letters = st.sampled_from("<>&\"'/=;# abplisnoxrcte\u00a0\u202e🌿") | st.characters(exclude_categories=["Cs", "Cc"])


@example(words='<b onclick="alert(1)">&amp; \'')
@example(words="")
@given(words=st.text(letters))
def test_a_line_of_words_is_printed_as_the_sanitiser_would(words: str) -> None:
    tree = (Text(words),)
    html = printing.html_of(tree, READER)
    assert re.findall("<[^>]*>", html) == (["<p>", "</p>"] if words else [])
    assert printing._sanitised(html) == printing._sanitised("".join(printing._blocks(tree, READER)))


@example(platform=Platform.SLACK, text="Bring tents: two :tada: and rope")
@example(platform=Platform.SLACK, text="Note: at 10:30, 'dry' or \"wet\"")
@example(platform=Platform.SLACK, text="")
@example(platform=Platform.DISCORD, text="# Dry https://a.example \\* 1. @here")
@given(platform=st.sampled_from(Platform), text=st.text(letters | st.sampled_from(":*_~`#@\n\\|.-")))
def test_a_message_is_printed_as_its_tree_is(platform: Platform, text: str) -> None:
    tree = _inline(text, names=nobody) if _one_line(platform, text) else parse(platform, text)
    assert str(printing.message_of(platform, text, nobody, READER)) == printing.html_of(tree, READER)


def _one_line(platform: Platform, text: str) -> bool:
    """Whether a message surely has no blocks: then it is read here without the look that tells mere words."""
    return platform is Platform.SLACK and bool(text) and "\n" not in text and "`" not in text and ">" not in text
