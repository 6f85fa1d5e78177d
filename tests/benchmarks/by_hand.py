"""What B4 is measured against: each page and read by hand, one function a page, plain SQL and one template.

Nothing is layered: no values between rows and HTML, no languages (English is written into the template), no scopes that
could be otherwise, no other tabs. All the same it prints what our pages print: whoever compares the two texts finds no
difference; and like every page it shows only what is shared, and no words of people who show none. Words are escaped,
and printed with the markup that people use most (bold, italic, struck out, code, links, mentions). Left out: quotes,
lists, blocks of code, times, mentions by name, and the second look that a sanitiser takes at the HTML.
"""

import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from storage.times import DAY
from tests.benchmarks.by_hand_templates import DISCUSSION, INDEX

HOUR = DAY // 24
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
PRINTING = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
INDEX_PAGE, DISCUSSION_PAGE = PRINTING.from_string(INDEX), PRINTING.from_string(DISCUSSION)
Row = Sequence[Any]


def date(at: int, now: int) -> str:
    """ "3 Aug", with the year if it is another."""
    there, year = datetime.fromtimestamp(at / 1000, UTC), datetime.fromtimestamp(now / 1000, UTC).year
    said = f"{there.day} {MONTHS[there.month - 1]}"
    return said if there.year == year else f"{said} {there.year}"


def ago(at: int, now: int) -> str:
    """ "5m ago"."""
    past = now - at
    if past < HOUR:
        return f"{past // 60_000}m ago" if past >= 60_000 else "just now"
    if past < 7 * DAY:
        return f"{past // HOUR}h ago" if past < DAY else f"{past // DAY}d ago"
    return date(at, now)


def spoken(at: int, now: int) -> str:
    """ "5 minutes ago"."""
    past = now - at
    if past < 60_000 or past >= 7 * DAY:
        return ago(at, now)
    n, unit = next((past // size, name) for size, name in UNITS if past >= size)
    return f"{n} {unit}{'' if n == 1 else 's'} ago"


UNITS = ((DAY, "day"), (HOUR, "hour"), (60_000, "minute"))


def short(n: int) -> str:
    """ "1.2k"."""
    return str(n) if n < 1000 else f"{n // 100 / 10:g}k"


def slug(title: str) -> str:
    """The end of an address."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")


MARKUP = re.compile(
    r"&lt;(?P<angle>(?:(?!&gt;).)+)&gt;|`(?P<code>[^`\n]+)`|(?P<sign>[*_~])(?P<inside>[^*_~\n]+)(?P=sign)"
)
TAGS = {"*": "strong", "_": "em", "~": "s"}


def words(text: str) -> Markup:
    """A message as HTML."""
    html = MARKUP.sub(_marked, escape(text))
    paragraphs = (f"<p>{each}</p>" for each in html.split("\n\n") if each)
    return Markup("".join(paragraphs).replace("\n", "<br>"))


def _marked(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{found['code']}</code>"
    if found["sign"]:
        tag = TAGS[found["sign"]]
        return f"<{tag}>{found['inside']}</{tag}>"
    target, _, label = found["angle"].partition("|")
    if target[:1] in {"@", "#", "!"}:
        return f'<span class="mention">{label or "@unknown"}</span>'
    known = target.startswith(("https://", "http://"))
    return f'<a href="{target}">{label or target}</a>' if known else label or target


def state(row: Row, now: int) -> tuple[str, str]:
    """The state of a row: last_at, count, stored, locked, opened_at."""
    last, count, stored, locked, opened = row
    if locked:
        return "🔒", "Closed by a moderator"
    if stored == "concluded":
        return "✅", "Concluded"
    if count < 2 and last <= opened:
        return ("🆕", "Waiting for replies") if now < opened + 7 * DAY else ("💤", "No recent activity")
    if now < last + DAY:
        return "🟢", "Discussion in progress"
    return ("🟡", "Quiet") if now < last + 7 * DAY else ("💤", "No recent activity")


SHARED = "level >= 2 AND NOT private AND NOT nsfw AND NOT connect AND COALESCE(removed_at, -2) < info_at"
OPEN = (
    "NOT d.hidden AND NOT d.private AND (d.gone_at IS NULL OR d.gone_at <= d.info_at)"
    f" AND (d.forced OR d.replies_ever > 0) AND +d.channel_id IN (SELECT id FROM channel WHERE {SHARED})"
)
SILENT = "m.text IS NULL OR a.opted_out_at IS NOT NULL OR (a.erased_at IS NOT NULL AND m.sent_at <= a.erased_at)"
WITHHELD = Markup('<p class="withheld">(its author keeps this message private)</p>')
TABS = (
    "SELECT count(*), sum(last_at > ? AND count > 1 AND stored = 'open' AND NOT locked),"
    f" sum(waiting > 0 AND stored = 'open'), sum(stored = 'concluded') FROM discussion d WHERE {OPEN}"
)


def index(database: sqlite3.Connection, now: int, size: int) -> str:
    """The first page of the forum."""
    tabs = database.execute(TABS, (now - DAY,)).fetchone()
    channels = database.execute(f"SELECT id, name FROM channel WHERE {SHARED} ORDER BY name").fetchall()
    found = database.execute(
        "SELECT d.id, CASE WHEN title_set <> '' THEN title_set ELSE title_made END,"
        " CASE WHEN summary_set <> '' THEN summary_set ELSE summary_made END, highlights, c.name, s.name,"
        " last_at, count, stored, locked, opened_at FROM discussion d CROSS JOIN channel c JOIN space s"
        f" WHERE c.id = d.channel_id AND s.id = c.space_id AND {OPEN}"
        " ORDER BY last_at DESC, d.id DESC LIMIT ?",
        (size + 1,),
    ).fetchall()
    items = [
        (*row[:6], row[7], slug(row[1]), ago(row[6], now), spoken(row[6], now), *state(row[6:], now))
        for row in found[:size]
    ]
    more = f"{found[size - 1][6]}-{found[size - 1][0]}" if len(found) > size else ""
    names = zip(("", "in_progress", "waiting", "concluded"), LABELS, tabs, strict=True)
    counted = [(f"/?tab={key}" if key else "/", label, short(n)) for key, label, n in names]
    return INDEX_PAGE.render(tabs=counted, channels=channels, items=items, more=more)


LABELS = ("All", "In progress", "Waiting for an answer", "Concluded")


def discussion(database: sqlite3.Connection, number: int, now: int) -> str:
    """A whole discussion, as long as it fits on one page."""
    head = database.execute(
        "SELECT d.id, CASE WHEN title_set <> '' THEN title_set ELSE title_made END,"
        " CASE WHEN summary_set <> '' THEN summary_set ELSE summary_made END, highlights, first, last_at, count,"
        " stored, locked, opened_at, c.name, s.name, c.id FROM discussion d CROSS JOIN channel c JOIN space s"
        f" WHERE d.id = ? AND c.id = d.channel_id AND s.id = c.space_id AND {OPEN}",
        (number,),
    ).fetchone()
    found = database.execute(
        "SELECT m.position, a.name, m.text, m.sent_at, m.votes * NOT (m.held_author OR m.held_moderator),"
        f" {SILENT}, m.reply_to FROM message m JOIN member a ON a.id = m.author_id"
        " WHERE m.discussion_id = ? AND m.deleted_at IS NULL ORDER BY m.position LIMIT 501",
        (number,),
    ).fetchall()
    posts = [
        (
            position,
            "Someone" if silent else name,
            WITHHELD if silent else words(text),
            *_times(sent, now),
            votes,
            reply_to,
        )
        for position, name, text, sent, votes, silent, reply_to in found
    ]
    writers = {post[0]: post[1] for post in posts}
    marked = "SELECT question, answer FROM answered WHERE discussion_id = ?"
    answers = {q: a for q, a in database.execute(marked, (number,)) if a in writers}
    last, count = head[5:7]
    return DISCUSSION_PAGE.render(
        id=head[0], title=head[1], summary=head[2], highlights=head[3], slug=slug(head[1]), count=count,
        ago=ago(last, now), spoken=spoken(last, now), state=state(head[5:10], now), first=head[4], posts=posts,
        channel=head[10], space=head[11], key=head[12], writers=writers, answers=answers,
        asked={a: q for q, a in answers.items()},
    )  # fmt: skip


def _times(sent: int, now: int) -> tuple[str, str, str]:
    """For machines, on hover, and how long ago."""
    there = datetime.fromtimestamp(sent / 1000, UTC)
    exact = f"{there.day} {MONTHS[there.month - 1]} {there.year}, {there.hour:02}:{there.minute:02}"
    return there.isoformat(), exact, ago(sent, now)


WROTE = (
    "SELECT discussion_id, member_id, sum(n) FROM ("
    "SELECT discussion_id, member_id, n FROM activity WHERE day >= ? AND day < ? AND n > 0 UNION ALL"
    " SELECT +discussion_id, author_id, count(*) FROM message WHERE sent_at >= ? AND sent_at < ? AND counted AND"
    " deleted_at IS NULL GROUP BY +discussion_id, author_id UNION ALL"
    " SELECT +discussion_id, author_id, count(*) FROM message WHERE sent_at >= ? AND sent_at < ? AND counted AND"
    " deleted_at IS NULL GROUP BY +discussion_id, author_id) GROUP BY discussion_id, member_id"
)
QUOTED = (
    "SELECT DISTINCT m.text, a.name, m.votes, m.picked, m.id FROM vote v JOIN message m ON m.channel_id = v.channel_id"
    " AND m.position = v.position JOIN member a ON a.id = m.author_id WHERE v.added_at >= ? AND v.added_at < ?"
    " AND m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator AND m.deleted_at IS NULL"
    f" AND NOT ({SILENT}) AND m.discussion_id IN (SELECT value FROM json_each(?))"
    " ORDER BY m.picked DESC, m.votes DESC, m.id LIMIT 100"
)
VOTED = (
    "SELECT m.discussion_id, count(DISTINCT v.position), count(DISTINCT v.member_id) FROM vote v JOIN message m"
    " ON m.channel_id = v.channel_id AND m.position = v.position WHERE v.added_at >= ? AND v.added_at < ?"
    " AND v.member_id <> m.author_id AND m.votes > 0 AND m.deleted_at IS NULL GROUP BY +m.discussion_id"
)
ABOUT = (
    "SELECT id, opened_at, last_at, waiting, stored, state_at FROM discussion d"
    f" WHERE id IN (SELECT value FROM json_each(?)) AND {OPEN}"
)
BEFORE = (
    "SELECT discussion_id, max(sent_at) FROM message WHERE discussion_id IN (SELECT value FROM json_each(?))"
    " AND sent_at < ? AND counted AND deleted_at IS NULL GROUP BY discussion_id"
)


def rank(database: sqlite3.Connection, start: int, end: int) -> tuple[list[tuple[float, int]], int]:
    """The score of each discussion of a window, and how many people wrote in them."""
    first, last = -(-start // DAY), end // DAY
    wrote = database.execute(WROTE, (first, last, start, first * DAY, last * DAY, end)).fetchall()
    said = defaultdict[int, list[int]](lambda: [0, 0])
    for key, _, n in wrote:
        said[key][0] += min(n, 8)
        said[key][1] += 1
    voted = {row[0]: row[1:] for row in database.execute(VOTED, (start, end))}
    keys = str(sorted(said.keys() | voted.keys()))
    about = database.execute(ABOUT, (keys,)).fetchall()
    later = [row[0] for row in about if row[2] >= end]
    newest = {row[0]: row[1] for row in database.execute(BEFORE, (str(later), end))}
    scored: list[tuple[float, int]] = []
    for key, opened, last_at, waiting, stored, state_at in about:
        capped, people = said[key]
        highlights, voters = voted.get(key, (0, 0))
        score = 2.0 * math.log1p(people) + math.log1p(capped) + 2.5 * math.log1p(highlights) + 0.5 * math.log1p(voters)
        score *= 2.0 ** (-(end - newest.get(key, min(last_at, end - 1))) / ((end - start) / 2))
        score *= 1.2 if start <= opened < end else 1.0
        score *= 1.15 if waiting and stored == "open" else 1.0
        score *= 1.1 if stored == "concluded" and state_at is not None and start <= state_at < end else 1.0
        scored.append((round(score, 9), key))
    shown = {key for _, key in scored}
    return scored, len({member for key, member, _ in wrote if key in shown})


Told = tuple[list[tuple[float, int]], list[int], int, list[str]]  # scores, activity, people, quotes


def digest(database: sqlite3.Connection, start: int, end: int, parts: int) -> Told:
    """What a digest is made of: the scores, how much was said in each part of the window and by how many, quotes."""
    scored, people = rank(database, start, end)
    inside = str([key for _, key in scored])
    quotes = database.execute(QUOTED, (start, end, inside)).fetchall()
    return sorted(scored), activity(database, start, end, parts), people, sorted(text for text, *_ in quotes)


def activity(database: sqlite3.Connection, start: int, end: int, parts: int) -> list[int]:
    """Messages for each equal part of a window."""
    counts = defaultdict[int, int](int)
    counts.update(
        database.execute(
            "SELECT (sent_at - ?) * ? / ?, count(*) FROM message WHERE sent_at >= ? AND sent_at < ? AND counted"
            " AND deleted_at IS NULL GROUP BY 1",
            (start, parts, end - start, start, end),
        ).fetchall()
    )
    return [counts[part] for part in range(parts)]


FOUND = (
    "SELECT m.text, a.name, m.sent_at, d.id, CASE WHEN d.title_set <> '' THEN d.title_set WHEN d.name <> '' THEN d.name"
    " ELSE d.title_made END FROM message_text t CROSS JOIN message m"
    " CROSS JOIN discussion d CROSS JOIN member a WHERE t.text MATCH ? AND m.sent_at = t.rowid >> 20"
    " AND (m.id & 1048575) = (t.rowid & 1048575) AND d.id = m.discussion_id AND a.id = m.author_id"
    f" AND m.deleted_at IS NULL AND NOT ({SILENT}) AND {OPEN} ORDER BY t.rowid DESC LIMIT ?"
)


Found = tuple[str, list[tuple[int, int]], str, int, int, str]  # snippet, marks, author, when, discussion, its title


def search(database: sqlite3.Connection, word: str, limit: int) -> list[Found]:
    """The newest messages with a word."""
    return [_shown(row, word) for row in database.execute(FOUND, (word, limit)).fetchall()]


def ranked(database: sqlite3.Connection, word: str, limit: int, among: int) -> list[Found]:
    """The messages in which a word stands most densely, among the newest that have it."""
    found = database.execute(FOUND, (word, among)).fetchall()
    found.sort(key=lambda row: -row[0].lower().count(word) / (120 + len(row[0])))
    return [_shown(row, word) for row in found[:limit]]


def _unmarked(found: re.Match[str]) -> str:
    return re.sub(r"<[^>]*>", "", _marked(found))


def _shown(row: Row, word: str) -> Found:
    """A message as a result: what stands around the word, and where in that it stands."""
    text, rest = " ".join(unescape(MARKUP.sub(_unmarked, escape(row[0]))).split()), row[1:]
    whole = re.compile(rf"\b{word}\b", re.IGNORECASE)
    first = whole.search(text)
    start = max(first.start() - 80, 0) if first else 0
    snippet = ("…" if start else "") + text[start : start + 240] + ("…" if len(text) > start + 240 else "")
    return snippet, [each.span() for each in whole.finditer(snippet)], *rest
