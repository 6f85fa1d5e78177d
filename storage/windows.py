"""What happened in a window: whole days from the activity table, the partial days at its ends from the messages."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.models import Candidate, KnownChannel, Quote, Stored, Window
from storage.finding import SHOWABLE
from storage.rows import SHOWN, discussions_where, posts_where
from storage.scopes import Condition
from storage.sql import by_keys, marks, rows
from storage.times import DAY, moment, ms

CAP = 8  # messages of one author that speak for a discussion at most
EDGES = (
    "SELECT +m.discussion_id, m.author_id, count(*) FROM message m WHERE m.sent_at >= ? AND m.sent_at < ? AND m.counted"
    " AND m.deleted_at IS NULL AND m.discussion_id IS NOT NULL GROUP BY +m.discussion_id, m.author_id"
)
WHOLE = "SELECT discussion_id, member_id, sum(n) FROM activity WHERE day >= ? AND day < ? AND n > 0 GROUP BY 1, 2"
VOTED = (
    "SELECT m.discussion_id, count(DISTINCT m.position), count(DISTINCT v.member_id) FROM message m"
    " JOIN vote v ON v.channel_id = m.channel_id AND v.position = m.position"
    " WHERE m.voted_at >= ? AND m.voted_at < ? AND m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator"
    " AND m.deleted_at IS NULL AND m.discussion_id IS NOT NULL GROUP BY m.discussion_id"
)

Wrote = dict[int, dict[int, int]]  # messages by discussion and author


def window(
    connection: Connection,
    channels: Mapping[int, KnownChannel],
    scope: Condition,
    span: tuple[datetime, datetime],
    parts: int,
) -> Window:
    """What happened in [start, end) in a scope."""
    start, end = ms(span[0]), ms(span[1])
    wrote = _wrote(connection, start, end)
    voted = {row[0]: (row[1], row[2]) for row in rows(connection, VOTED, (start, end))}
    concluded = "SELECT d.id FROM discussion d WHERE d.stored = 'concluded' AND d.state_at >= ? AND d.state_at < ?"
    ended = {row[0] for row in rows(connection, concluded, (start, end))}
    found = _in_scope(connection, scope, {*wrote, *voted, *ended})
    candidates = _candidates(connection, channels, (wrote, voted), found, end)
    return Window(
        start=span[0],
        end=span[1],
        candidates=tuple(candidates),
        quotes=tuple(_quotes(connection, channels, sorted(found), (start, end))),
        people=len({author for each in found for author in wrote.get(each, {})}),
        activity=_activity(connection, sorted(found), (start, end), parts),
    )


def _wrote(connection: Connection, start: int, end: int) -> Wrote:
    """Who wrote how much where; exact, though whole days are not counted anew."""
    first, last = -(-start // DAY), end // DAY
    wrote: defaultdict[int, Counter[int]] = defaultdict(Counter)
    edges = [(start, end)] if first >= last else [(start, first * DAY), (last * DAY, end)]
    for edge in edges:
        for discussion, author, n in rows(connection, EDGES, edge):
            wrote[discussion][author] += n
    if first < last:
        for discussion, author, n in rows(connection, WHOLE, (first, last)):
            wrote[discussion][author] += int(n)
    return {discussion: dict(authors) for discussion, authors in wrote.items()}


def _in_scope(connection: Connection, scope: Condition, wanted: set[int]) -> dict[int, int]:
    """Those that the scope shows, each with its highest known last activity."""
    where, values = scope
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 400):
        batch = sorted(wanted)[start : start + 400]
        statement = (
            f"SELECT d.id, d.last_at FROM discussion d WHERE d.id IN ({marks(len(batch))}) AND {SHOWN} AND {where}"
        )
        found |= {row[0]: row[1] for row in rows(connection, statement, [*batch, *values])}
    return found


def _candidates(
    connection: Connection,
    channels: Mapping[int, KnownChannel],
    happened: tuple[Wrote, Mapping[int, tuple[int, int]]],
    found: Mapping[int, int],
    end: int,
) -> list[Candidate]:
    wrote, voted = happened
    known = []
    for start in range(0, len(found), 400):
        batch = sorted(found)[start : start + 400]
        known += discussions_where(connection, channels, f"d.id IN ({marks(len(batch))})", batch)
    later = [each.id for each in known if ms(each.last_activity) >= end]
    last = {
        row[0]: row[1]
        for row in by_keys(
            connection,
            "SELECT m.discussion_id, max(m.sent_at) FROM message m WHERE m.discussion_id IN ({keys}) AND m.counted"
            f" AND m.deleted_at IS NULL AND m.sent_at < {int(end)} GROUP BY m.discussion_id",
            later,
        )
    }
    return [
        Candidate(
            discussion=each,
            posted=len(wrote.get(each.id, {})),
            capped=sum(min(n, CAP) for n in wrote.get(each.id, {}).values()),
            new=sum(wrote.get(each.id, {}).values()),
            highlighted=voted.get(each.id, (0, 0))[0],
            voters=voted.get(each.id, (0, 0))[1],
            last_in_window=moment(last.get(each.id, min(ms(each.last_activity), end - 1))),
            waiting=each.waiting > 0 and each.stored is Stored.OPEN,
        )
        for each in sorted(known, key=lambda one: one.id)
    ]


def _quotes(
    connection: Connection, channels: Mapping[int, KnownChannel], found: Sequence[int], span: tuple[int, int]
) -> list[Quote]:
    """Highlighted messages of the window that may be quoted, most votes first."""
    spots = rows(
        connection,
        f"SELECT m.id, m.discussion_id FROM message m JOIN member a ON a.id = m.author_id WHERE {SHOWABLE}"
        " AND m.voted_at >= ? AND m.voted_at < ? AND m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator"
        " ORDER BY m.votes DESC, m.id",
        span,
    )
    inside = set(found)
    wanted = [row[0] for row in spots if row[1] in inside][:100]
    posts = posts_where(connection, channels, f"m.id IN ({marks(len(wanted))})", wanted) if wanted else []
    quotes = [
        Quote(
            ref=post.ref,
            discussion=post.discussion or 0,
            text=post.text or "",
            author_name=post.author_name or "",
            votes=post.votes,
            picked=post.picked,
            url=post.url,
        )
        for post in posts
        if post.text is not None
    ]
    return sorted(quotes, key=lambda quote: (-quote.picked, -quote.votes, quote.ref.position))


def _activity(connection: Connection, found: Sequence[int], span: tuple[int, int], parts: int) -> tuple[int, ...]:
    """Counted messages for each equal part of the window."""
    start, end = span
    counts = [0] * parts
    query = (
        "SELECT m.discussion_id, m.sent_at FROM message m WHERE m.sent_at >= ? AND m.sent_at < ? AND m.counted"
        " AND m.deleted_at IS NULL AND m.discussion_id IS NOT NULL"
    )
    inside = set(found)
    for discussion, sent_at in rows(connection, query, span):
        if discussion in inside:
            counts[min((sent_at - start) * parts // max(end - start, 1), parts - 1)] += 1
    return tuple(counts)
