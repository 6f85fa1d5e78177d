"""A card as blocks, and what is sent around it. Plain JSON; every limit of Slack is kept."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from adapters.slack.carrying import NOWHERE, Where
from adapters.slack.render.blocks import (
    CONTEXT,
    HALF,
    HEADER,
    LEAST,
    SECTION,
    SIDE_BY_SIDE,
    Json,
    buttons,
    context,
    header,
    is_web,
    marked,
    more,
    section,
    sections,
    weight,
)
from adapters.slack.render.mrkdwn import fit, fit_words, is_blank, mrkdwn
from bot.markup import BLOCKS as OWN_LINES
from bot.markup import Bold, Break, Link, Text, Tree, clean, cut, lines_of, plain
from bot.models import Card, Field
from bot.texts import Texts

BLOCKS = 50  # of a message
TOTAL = 12_000  # characters of all blocks as JSON
TEXT = 3000  # characters of the text for notifications and screen readers
TITLE = 300
TITLE_URL = 1000
PARTS = 10  # of a body that has headings
FIELD_NAME = 200
SHORT = 40  # characters of a field that may be shown beside another

EVENT_TYPE = "folkmoot_post"


def post_payload(card: Card, marker: str) -> Json:
    """What chat.postMessage takes beside the place: nothing in it is live, and nothing is unfurled.

    The marker stands in the metadata, where `carries` finds it later.
    """
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"marker": marker}}
    return _shown(card) | _quiet() | {"metadata": metadata, "unfurl_links": False, "unfurl_media": False}


def edit_payload(card: Card) -> Json:
    """What chat.update takes beside the message: it replaces all that is shown. The metadata stays as it was."""
    return _shown(card) | _quiet()


def card_payload(card: Card, where: Where = NOWHERE) -> Json:
    """A private answer that shows a card, for chat.postEphemeral or a `response_url`; `where` it was asked."""
    return _shown(card, where)


def problem_payload(text: str) -> Json:
    """A private answer that says in a sentence why not."""
    said = "…" if is_blank(text) else fit_words(text, TEXT)
    return {"text": said, "blocks": [section(said)]}


def too_old_payload(texts: Texts) -> Json:
    """The private answer to a button that says nothing to us any more."""
    return problem_payload(texts.say("This button is too old for me to understand. Please use the command itself."))


def carries(message: Mapping[str, Any], marker: str) -> bool:
    """Whether a message as Slack shows it, with all metadata, was posted with a marker."""
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return False
    payload = metadata.get("event_payload")
    return isinstance(payload, Mapping) and payload.get("marker") == marker


def _shown(card: Card, where: Where = NOWHERE) -> Json:
    return {"text": _spoken(card), "blocks": blocks(card, where)}


def _quiet() -> Json:
    """Slack makes mentions and links of nothing that is not written as one."""
    return {"parse": "none", "link_names": False}


def _spoken(card: Card) -> str:
    """A card in plain words."""
    fields = [f"{field.label}\n{plain(field.value)}" for field in card.fields]
    whole = "\n".join(filter(None, (card.title, plain(card.body), *fields, plain(card.footer))))
    said = fit_words(whole, TEXT).strip()
    return "…" if is_blank(said) else said


def blocks(card: Card, where: Where = NOWHERE, *, most: int = BLOCKS, total: int = TOTAL, first: int = 0) -> list[Json]:
    """A card as at most `most` blocks (16 or more) with at most `total` characters of JSON (2,400 or more).

    Title and body are one section if they fit one; small print stands above the buttons. Whole lines of the body go
    before its last one, and fields from the last one on, and the card says how many. `first` is the number of the
    first button among all that are shown together.
    """
    end = [*_footer(card.footer, total // 8), *buttons(card.buttons, where, first=first, room=total // 3)]
    room = total - weight(end)
    top = _top(card, room * 3 // 4 if card.fields else room)
    fields = _fields(card.fields, most - len(top) - len(end), room - weight(top))
    return [*top, *fields, *end] or [section("…")]


def _top(card: Card, room: int) -> list[Json]:
    """Title and body in at most `room` characters of JSON."""
    title, left = _title(card), room
    while True:
        said = _parts(card.body, left)
        shown = _joined(title, said)
        if not said or weight(shown) <= room:
            return shown
        left = left * room // weight(shown) - LEAST  # some characters weigh more than one as JSON


def _parts(body: Tree, room: int) -> list[str]:
    """A body as mrkdwn for sections; each heading in it begins one, if all of it fits."""
    lines = lines_of(body)
    starts = [0, *(n for n, line in enumerate(lines) if n and _is_heading(line)), len(lines)]
    whole = sections(body, room)
    if not 1 < len(starts) - 1 <= PARTS or len("\n".join(whole)) < len(mrkdwn(body)):
        return whole
    parts = [lines[start:end] for start, end in pairwise(starts)]
    return [said for part in parts for said in sections(_lines(part), room)]


def _is_heading(line: Tree) -> bool:
    """Whether a line is nothing but bold words."""
    return len(line) == 1 and isinstance(line[0], Bold) and all(isinstance(it, Text) for it in line[0].children)


def _lines(lines: Sequence[Tree]) -> Tree:
    """Some lines as one tree again; what is a block ends its line by itself."""
    ends = [() if isinstance(line[-1] if line else None, OWN_LINES) else (Break(),) for line in lines]
    return tuple(node for line, end in zip(lines, ends, strict=True) for node in (*line, *end))


def _title(card: Card) -> Json | None:
    """A linked title as a section, a bare one as a large line."""
    bare = clean(card.title).strip()
    if is_blank(bare):
        return None
    if is_web(card.url) and len(card.url) <= TITLE_URL:
        return section(fit((Bold((Link(card.url, (Text(cut(bare, TITLE)),)),)),), SECTION))
    if len(bare) <= HEADER and "\n" not in bare:
        return header(bare)
    return section(fit((Bold((Text(" ".join(bare.split())),)),), TITLE))


def _joined(title: Json | None, said: Sequence[str]) -> list[Json]:
    """A linked title stands in one section with what follows."""
    if title is None or title["type"] != "section" or not said:
        return [*([title] if title else []), *map(section, said)]
    together = f"{title['text']['text']}\n{said[0]}"
    return [section(together), *map(section, said[1:])] if len(together) <= SECTION else [title, *map(section, said)]


def _footer(footer: Tree, room: int) -> list[Json]:
    said = fit(footer, min(CONTEXT, room))
    return [] if is_blank(said) else [context(said)]


def _fields(fields: Sequence[Field], most: int, room: int) -> list[Json]:
    """As many fields as fit, and how many do not."""
    shown: list[Json] = []
    left = len(fields)
    room -= weight([context(more(left))])
    for block, n in _grouped(fields):
        room -= weight([block])
        if room < 0 or len(shown) >= most - 1:
            break
        shown.append(block)
        left -= n
    return [*shown, context(more(left))] if left else shown


def _grouped(fields: Sequence[Field]) -> Iterator[tuple[Json, int]]:
    """Each field, and for how many it stands: neighbouring short ones stand side by side."""
    for short, some in groupby(fields, _is_short):
        those = list(some)
        if not short or len(those) == 1:
            yield from ((section(_field(each, SECTION)), 1) for each in those)
            continue
        for start in range(0, len(those), SIDE_BY_SIDE):
            part = those[start : start + SIDE_BY_SIDE]
            yield {"type": "section", "fields": [marked(_field(each, HALF)) for each in part]}, len(part)


def _is_short(field: Field) -> bool:
    said = mrkdwn(field.value)
    return len(field.label) <= SHORT and len(said) <= SHORT and "\n" not in said


def _field(field: Field, limit: int) -> str:
    name = fit((Bold((Text(" ".join(clean(field.label).split())),)),), FIELD_NAME).strip()
    said = "\n".join(sections(field.value, limit - len(name) - 1))
    return f"{name}\n{said}".strip("\n")
