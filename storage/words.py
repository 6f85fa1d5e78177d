"""Words as the text search knows them, the same on every database: folded, and nothing but letters and digits."""

import re
from functools import lru_cache
from unicodedata import category, normalize

WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")  # letters may carry marks of their own
PLAIN = re.compile(r"[^\W_]+")
FOREIGN = re.compile(r"[^\x00-\x7f]+")


def fold(text: str) -> str:
    """Text without case, accents and width, so that "Café" is found by "cafe"."""
    if text.isascii():
        return text.lower()
    return FOREIGN.sub(_unmarked, normalize("NFKD", text).casefold())


def _unmarked(found: re.Match[str]) -> str:
    return "".join(each for each in found[0] if category(each) != "Mn")


def words_of(text: str) -> list[str]:
    """The folded words of a text; whatever is no letter or digit parts them."""
    return PLAIN.findall(fold(text))


def places_of(text: str, words: frozenset[str]) -> list[tuple[int, int]]:
    """The [start, end) ranges where these folded words stand in a text, in order."""
    if text.isascii():  # each word is its own fold but for its case
        low = text.lower()
        found = [at.span() for at in _ending(words).finditer(low)]
        return [at for at in found if not low[at[0] - 1 : at[0]].isalnum()]
    return [at.span() for at in WORD.finditer(text) if _is_one(at[0], words)]


@lru_cache(maxsize=200)
def _ending(words: frozenset[str]) -> re.Pattern[str]:
    """Finds where one of the words ends a run of letters and digits: much sooner than a look at every run."""
    return re.compile(f"(?:{'|'.join(sorted(words))})(?![^\\W_])")


def _is_one(word: str, words: frozenset[str]) -> bool:
    return word.lower() in words if word.isascii() else not words.isdisjoint(words_of(word))
