"""How answers are put: cards of plain lines, and moments that people write."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import counter_tree, quoted
from bot.discussions import shown_title, state_line
from bot.errors import CommandError
from bot.markup import Bold, Break, Item, Text, Tree, cut, joined, linked
from bot.models import Button, Card, Discussion, Field, Post
from bot.texts import Texts

TITLE = 100  # characters of a discussion's title in a list
QUOTE = 200  # characters of a quoted message
LONGEST = timedelta(days=3650)

_SPAN = re.compile(r"(\d{1,4})\s*([mhdw])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def said(
    text: str,
    *,
    title: str = "",
    url: str = "",
    buttons: Iterable[Button] = (),
    fields: Iterable[Field] = (),
    footer: str = "",
) -> Card:
    """An answer in words; lines are kept."""
    return Card(
        title=title,
        url=url,
        body=joined([(Text(line),) for line in text.split("\n")]),
        buttons=tuple(buttons),
        fields=tuple(fields),
        footer=(Text(footer),) if footer else (),
    )


def listed(title: str, items: Iterable[Tree], *, buttons: Iterable[Button] = (), footer: str = "") -> Card:
    """An answer that lists things."""
    return Card(
        title=title,
        body=tuple(Item(item) for item in items),
        buttons=tuple(buttons),
        footer=(Text(footer),) if footer else (),
    )


def discussion_item(discussion: Discussion, now: datetime, texts: Texts, more: str = "") -> Tree:
    """A discussion in a list: its title linked, and below it the counter line and the state."""
    title = Bold(linked(cut(shown_title(discussion, texts), TITLE), discussion.url))
    line = (*counter_tree(discussion, texts), Text(f" · {state_line(discussion, now, texts)}"))
    return (title, Text(f" · {more}" if more else ""), Break(), *line)


def post_item(post: Post, texts: Texts) -> Tree:
    """A message in a list: its words linked, then who wrote it; withheld words are not there."""
    words = quoted(post, QUOTE) if post.text is not None else texts.say("(no longer available)")
    return (*linked(words, post.url), Text(f" — {post.author_name}" if post.author_name else ""))


def moment_since(words: str, texts: Texts, now: datetime) -> datetime:
    """The moment somebody means by "7d", "12h" or "2026-08-03" (midnight in the zone). CommandError otherwise."""
    text = words.strip().casefold()
    if (found := _SPAN.fullmatch(text)) is not None:
        return now - min(int(found[1]) * _UNITS[found[2]], LONGEST)
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(texts.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(
            texts.say(
                "Write how far back as 12h, 7d, 2w or a date such as 2026-08-03, not '{words}'.", words=words[:40]
            )
        ) from None


def seconds_of(words: str) -> int | None:
    """A length of time such as "6h" or "90m" in seconds; None if it is none."""
    found = _SPAN.fullmatch(words.strip().casefold())
    return None if found is None else int(int(found[1]) * _UNITS[found[2]].total_seconds())
