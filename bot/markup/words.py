"""Plain words: cleaned at the border, cut to length, split into sentences. Everything is linear in the text."""

import re
import unicodedata

ELLIPSIS = "…"

_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_JOINER = "\u200d"
_SKIN = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_JAMO = range(0x1160, 0x1200)  # vowels and final consonants, which join what is before them
_LOOSE = " \t\n,;:–—-(["  # not left hanging before the ellipsis

_END = re.compile(
    r"""(?<![.!?…])[.!?…]++["'»”’)\]]*+(?=\s)  # an end, with what it closes
    | [。！？]++[」』）]*+  # ends that need no space
    | \n++""",
    re.VERBOSE,
)
_ABBREVIATIONS = """e.g i.e etc vs cf mr mrs ms dr prof st no approx fig inc ltd jr sr
    z.b d.h u.a bzw ca nr usw vgl evtl ggf o.ä"""
_SHORTENED = frozenset(_ABBREVIATIONS.split())
_DAY = re.compile(r"\d{1,2}")  # "3. August"
_LAST_WORD = 12  # characters before a full stop that decide whether it shortens a word
_FULL_STOP = re.compile(r"(?<![.。])[.。]\Z")  # one, not the dots of what trails off

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TOKEN = re.compile(r"<[@#!/:][^<>\n]{0,200}>|<a:[^<>\n]{0,200}>|@(?:everyone|here|channel)\b")
_SPACES = re.compile(r"[^\S\n]{2,}")


def clean(text: str) -> str:
    """Make text fit to store: NUL and lone surrogates become U+FFFD, other C0 controls but tab and newline go.

    So do signs that turn around what stands behind them, up to the end of a line that is not all theirs; the marks that
    Hebrew and Arabic text needs stay.
    """
    return text if text.isprintable() else _DIRTY.sub(_cleaned, text)


def _cleaned(found: re.Match[str]) -> str:
    return "\ufffd" if found[0] == "\0" or found[0] >= "\ud800" else ""


def cut(text: str, limit: int) -> str:
    """Shorten text to at most `limit` characters, the closing "…" among them; text that fits stays as it is.

    It is cut between words where one ends in the second half, else between grapheme clusters, never inside one.
    """
    if len(text) <= limit:
        return text
    end = max(limit - len(ELLIPSIS), 0)
    word = _word_end(text, end)
    if word is None:
        while end > 0 and not _may_part(text, end):
            end -= 1
    else:
        end = word
    return text[:end].rstrip(_LOOSE) + ELLIPSIS if limit > 0 else ""


def _word_end(text: str, end: int) -> int | None:
    """Where the last word that ends in the second half of text[:end] ends."""
    return next((place for place in range(end, end // 2, -1) if text[place].isspace()), None)


def _may_part(text: str, place: int) -> bool:
    """Whether a grapheme cluster may end before text[place]; a shortened form of Unicode's rules (UAX 29)."""
    before, after = text[place - 1], text[place]
    if _JOINER in {before, after} or (before, after) == ("\r", "\n"):
        return False
    if unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return False
    code = ord(after)
    if code in _SKIN or code in _TAGS or code in _JAMO:
        return False
    return code not in _REGIONAL or _flags_before(text, place) % 2 == 0


def _flags_before(text: str, place: int) -> int:
    """How many halves of flags stand in a row before a place."""
    start = place
    while start > 0 and ord(text[start - 1]) in _REGIONAL:
        start -= 1
    return place - start


def sentences(text: str) -> tuple[str, ...]:
    """Split plain words into sentences; lines end them too. Full stops of shortened words and numbers do not."""
    found, start = [], 0
    for end in _END.finditer(text):
        if not _ends(text, start, end):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return tuple(" ".join(sentence.split()) for sentence in found if sentence)


def _ends(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a stop ends its sentence: not after "e.g.", an initial or a day, nor when a small letter follows."""
    stop = end[0]
    if stop[0] in "\n。！？" or "!" in stop or "?" in stop:
        return True
    following = text[end.end() : end.end() + 2].strip()
    if following[:1].islower():
        return False
    if stop != ".":
        return True
    last = _last_word(text[max(start, end.start() - _LAST_WORD) : end.start()])
    return not (last in _SHORTENED or (len(last) == 1 and last.isalpha()) or _DAY.fullmatch(last))


def _last_word(text: str) -> str:
    words = text.split()
    return words[-1].strip("(['\"").casefold() if words else ""


def first_sentence(text: str, limit: int = 80) -> str:
    """The first sentence with a word in it, at most `limit` characters; without code blocks and mentions.

    "" if nothing is left. Takes raw chat text or plain words.
    """
    return cut(_first(text), limit)


def headline(text: str, limit: int = 80) -> str:
    """The same as a title: without its full stop, unless that shortens a word ("etc.", "U.S.")."""
    sentence = _first(text)
    bare = _FULL_STOP.sub("", sentence)
    last = _last_word(bare[-_LAST_WORD:])
    return cut(sentence if last in _SHORTENED or "." in last else bare, limit)


def _first(text: str) -> str:
    bare = _SPACES.sub(" ", _TOKEN.sub("", _FENCE.sub("\n", text)))
    found = (sentence for sentence in sentences(bare) if any(map(str.isalnum, sentence)))
    return next(found, "")
