"""Words that skip the sanitiser come out as it would let them through."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.web import printing
from adapters.web.site import View
from bot.markup import Text
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
