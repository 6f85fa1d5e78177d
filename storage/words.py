"""Words as the text search knows them, the same on every database: folded, and nothing but letters and digits."""

import re
from collections.abc import Iterator
from unicodedata import category, normalize

WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")  # letters may carry marks of their own
PLAIN = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Text without case, accents and width, so that "Café" is found by "cafe"."""
    if text.isascii():
        return text.lower()
    return "".join(each for each in normalize("NFKD", text).casefold() if category(each) != "Mn")


def words_of(text: str) -> list[str]:
    """The folded words of a text; whatever is no letter or digit parts them."""
    return PLAIN.findall(fold(text))


def places_of(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The [start, end) ranges where these folded words stand in a text."""
    if text.isascii():  # each word is its own fold but for its case
        return (found.span() for found in PLAIN.finditer(text.lower()) if found[0] in words)
    return (found.span() for found in WORD.finditer(text) if not words.isdisjoint(words_of(found.group())))
