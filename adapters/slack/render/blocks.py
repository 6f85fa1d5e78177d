"""The blocks that everything else is put together from. Plain JSON; every limit of a single block is kept."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from adapters.slack.carrying import NOWHERE, OPEN, RUN, Carried, TooLong, Where, encode
from adapters.slack.render.mrkdwn import fit, is_blank, mrkdwn, words
from bot.markup import Tree, lines_of
from bot.models import Button

Json = dict[str, Any]

LEAST = 50  # characters into which something can be cut
SECTION = 3000  # characters, these all
HALF = 2000  # of one of the fields that stand side by side
SIDE_BY_SIDE = 10
HEADER = 150
CONTEXT = 2000
LABEL = 75
URL = 3000
ELEMENTS = 25  # of a row of buttons
BUTTONS_WEIGH = 4000  # characters of JSON that buttons may take up in one message


def section(text: str) -> Json:
    """Mrkdwn, in which Slack makes no links and mentions of its own."""
    return {"type": "section", "text": marked(text)}


def marked(text: str) -> Json:
    """A text object of mrkdwn that only says what it says; Slack takes none with nothing in it."""
    return {"type": "mrkdwn", "text": "…" if is_blank(text) else text, "verbatim": True}


def bare(text: str, limit: int) -> Json:
    """A text object of plain words."""
    return {"type": "plain_text", "text": words(text, limit), "emoji": True}


def header(text: str) -> Json:
    """A large line."""
    return {"type": "header", "text": bare(text, HEADER)}


def context(text: str) -> Json:
    """Small print."""
    return {"type": "context", "elements": [marked(text)]}


def divider() -> Json:
    """A line across."""
    return {"type": "divider"}


def weight(blocks: Sequence[Json]) -> int:
    """How long blocks are as JSON: more than Slack can count of them, whatever it counts."""
    return len(json.dumps(blocks, ensure_ascii=False))


def sections(tree: Tree, room: int) -> list[str]:
    """A tree as mrkdwn for one or several sections, at most `room` characters in all.

    Whole lines go before the last one if there are too many; "… +12" says how many.
    """
    said = mrkdwn(tree)
    if room < LEAST:
        return []
    if len(said) <= min(SECTION, room):
        return [] if is_blank(said) else [said]
    return [each for each in _packed(_as_many(lines_of(tree), room)) if not is_blank(each)]


def _as_many(lines: list[Tree], room: int) -> list[str]:
    """The lines that fit: from the first one on, and the last; none of them with more than half of the room."""
    most = min(SECTION, room // 2)
    *first, last = lines
    end, kept = fit(last, most), list[str]()
    left = room - len(end)
    for line in first:
        said = fit(line, most)
        if left <= len(said):
            break
        kept.append(said)
        left -= len(f"{said}\n")
    else:
        return [*kept, end]
    while kept and left <= len(more(len(first))):
        left += len(f"{kept.pop()}\n")
    return [*kept, more(len(first) - len(kept)), end]


def more(n: int) -> str:
    """Say, in any language, how many are not shown."""
    return f"… +{n}"


def _packed(lines: list[str]) -> Iterator[str]:
    """Lines together, as many as a section takes."""
    said = ""
    for line in lines:
        together = f"{said}\n{line}" if said else line
        if len(together) > SECTION:
            yield said
            together = line
        said = together
    yield said


def buttons(
    shown: Sequence[Button], where: Where = NOWHERE, *, first: int = 0, room: int = BUTTONS_WEIGH
) -> list[Json]:
    """Buttons in one row, at most 25, their ids counted from `first`.

    One that leads nowhere, carries more than it can, or does what an earlier one does, is left out, and so are those
    for which `room` characters of JSON are not enough.
    """
    found: dict[str, Json] = {}
    left = room
    for each in shown:
        one = _button(each, where)
        does = "" if one is None else one.get("url") or one["value"]
        if one is None or does in found or len(found) == ELEMENTS:
            continue
        left -= weight([one])
        if left < 0:
            break
        kind = OPEN if "url" in one else RUN
        found[does] = one | {"action_id": f"{kind}:{first + len(found)}"}
    return [{"type": "actions", "elements": list(found.values())}] if found else []


def _button(button: Button, where: Where) -> Json | None:
    shown: Json = {"type": "button", "text": bare(button.label, LABEL)}
    if button.url:
        return shown | {"url": button.url} if is_web(button.url) and len(button.url) <= URL else None
    try:
        return shown | {"value": encode(Carried(button.command, dict(button.args), where))}
    except TooLong:
        return None


def is_web(url: str) -> bool:
    """Whether an address leads out of our own pages, and is one that Slack takes."""
    return url.startswith(("http://", "https://")) and url.isprintable() and " " not in url
