"""What happened in a window: whole days from the activity table, the partial days at its ends from the messages."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from bot.models import Candidate, Discussion, Quote, Scope, Stored, Window
from storage.finding import SHOWABLE, STARRED
from storage.ledger.votes import ACTIVE
from storage.rows import discussions_where, posts_where
from storage.scopes import Channels, in_scope
from storage.sql import by_keys, chunks, marks, rows
from storage.times import DAY, moment, ms

CAP = 8  # messages of one author that speak for a discussion at most
QUOTES = 100  # highlighted messages that are looked at for quotes, best first
MANY = 5000  # discussions a read

# The plus keeps planners from walking all messages in the order of their discussions to save a sort of a few.
SAID = (
    "SELECT +m.discussion_id, m.author_id, count(*) FROM message m WHERE m.sent_at >= ? AND m.sent_at < ? AND m.counted"
    " AND m.deleted_at IS NULL GROUP BY +m.discussion_id, m.author_id"
)
SAID_IN_PARTS = (
    "SELECT +m.discussion_id, (m.sent_at - ?) * ? / ?, count(*) FROM message m WHERE m.sent_at >= ? AND m.sent_at < ?"
    " AND m.counted AND m.deleted_at IS NULL GROUP BY 1, 2"
)
DAYS = "SELECT day, discussion_id, member_id, n FROM activity WHERE day >= ? AND day <= ? AND n > 0"
CAST_THEN = (
    "FROM vote v JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position"
    " JOIN member w ON w.id = v.member_id JOIN member a ON a.id = m.author_id"
    f" WHERE v.added_at >= ? AND v.added_at < ? AND {ACTIVE} AND {STARRED} AND NOT w.is_bot"
)
VOTED = f"SELECT +m.discussion_id, v.position, v.member_id {CAST_THEN} AND v.member_id <> m.author_id"
QUOTABLE = f"SELECT DISTINCT m.id, m.discussion_id, m.picked, m.votes {CAST_THEN} AND {SHOWABLE}"
CONCLUDED = "SELECT d.id FROM discussion d WHERE d.stored = 'concluded' AND d.state_at >= ? AND d.state_at < ?"

Wrote = dict[int, dict[int, int]]  # messages by discussion and author


@dataclass(frozen=True, slots=True)
class Days:
    """What the activity table knows of the days that a window touches."""

    rows: list[tuple[int, int, int, int]]  # day, discussion, member, messages

    def total(self, inside: Collection[int]) -> dict[int, int]:
        """Messages of these discussions, by day."""
        totals: dict[int, int] = {}
        for day, discussion, _, n in self.rows:
            if discussion in inside:
                totals[day] = totals.get(day, 0) + n
        return totals


def window(
    connection: Connection,
    channels: Channels,
    scope: Scope,
    span: tuple[datetime, datetime],
    parts: int,
    pinned: Collection[int],
) -> Window:
    """What happened in [start, end) in a scope; `pinned` are candidates whatever happened to them."""
    start, end = ms(span[0]), ms(span[1])
    days = Days(rows(connection, DAYS, (start // DAY, end // DAY)))
    wrote = _wrote(connection, days, start, end)
    voted = _voted(connection, start, end)
    ended = {row[0] for row in rows(connection, CONCLUDED, (start, end))}
    known = _known(connection, channels, scope, {*wrote, *voted, *ended, *pinned})
    then = _then(connection, known, end)
    inside = frozenset(each.id for each in known)
    return Window(
        start=span[0],
        end=span[1],
        candidates=tuple(
            _candidate(each, wrote.get(each.id, {}), voted.get(each.id, []), then[each.id]) for each in known
        ),
        quotes=tuple(_quotes(connection, channels, inside, (start, end))),
        people=len({author for each in inside for author in wrote.get(each, ())}),
        activity=_activity(connection, days.total(inside), inside, (start, end), parts),
    )


def _wrote(connection: Connection, days: Days, start: int, end: int) -> Wrote:
    """Who wrote how much where; exact, though whole days are not counted anew."""
    first, last = -(-start // DAY), end // DAY
    edges = [(start, end)] if first >= last else [(start, first * DAY), (last * DAY, end)]
    wrote: Wrote = {}
    for day, discussion, author, n in days.rows:
        if first <= day < last:
            people = wrote.get(discussion)
            if people is None:
                wrote[discussion] = {author: n}
            else:
                people[author] = people.get(author, 0) + n
    for edge in edges:
        for discussion, author, n in rows(connection, SAID, edge):
            people = wrote.setdefault(discussion, {})
            people[author] = people.get(author, 0) + n
    return wrote


def _voted(connection: Connection, start: int, end: int) -> dict[int, list[tuple[int, int]]]:
    """Votes cast in the window that still hold: message and voter, by discussion. Votes for oneself say nothing."""
    voted: dict[int, list[tuple[int, int]]] = {}
    for discussion, position, voter in rows(connection, VOTED, (start, end)):
        voted.setdefault(discussion, []).append((position, voter))
    return voted


def _known(connection: Connection, channels: Channels, scope: Scope, wanted: Iterable[int | None]) -> list[Discussion]:
    """Those that the scope shows, by id."""
    where, values = in_scope(scope, channels)
    found: list[Discussion] = []
    for batch in chunks(sorted(each for each in wanted if each is not None), MANY):
        condition = f"d.id IN ({marks(len(batch))}) AND {where}"
        found += discussions_where(connection, channels, condition, [*batch, *values])
    return sorted(found, key=lambda each: each.id)


def _then(connection: Connection, known: Iterable[Discussion], end: int) -> dict[int, tuple[int, int]]:
    """When somebody last wrote before the end, and how many messages each had then; of one begun since, as it is."""
    now = {each.id: (ms(each.last_activity), each.count) for each in known}
    later = [discussion for discussion, (at, _) in now.items() if at >= end]
    before = by_keys(
        connection,
        "SELECT m.discussion_id, max(m.sent_at), count(*) FROM message m WHERE m.discussion_id IN ({keys})"
        " AND m.counted AND m.deleted_at IS NULL AND m.sent_at < ? GROUP BY m.discussion_id",
        later,
        (end,),
    )
    begun = {discussion: (end - 1, now[discussion][1]) for discussion in later}
    return now | begun | {row[0]: (row[1], row[2]) for row in before}


def _candidate(
    discussion: Discussion, wrote: Mapping[int, int], voted: Collection[tuple[int, int]], then: tuple[int, int]
) -> Candidate:
    return Candidate(
        discussion=discussion,
        count=then[1],
        posted=len(wrote),
        capped=sum([min(CAP, n) for n in wrote.values()]),
        new=sum(wrote.values()),
        highlighted=len({position for position, _ in voted}),
        voters=len({voter for _, voter in voted}),
        last_in_window=moment(then[0]),
        waiting=discussion.waiting > 0 and discussion.stored is Stored.OPEN,
    )


def _quotes(connection: Connection, channels: Channels, inside: Collection[int], span: tuple[int, int]) -> list[Quote]:
    """Messages highlighted in the window that may be quoted: picked ones first, then most votes, then oldest."""
    found = [row for row in rows(connection, QUOTABLE, span) if row[1] in inside]
    best = sorted(found, key=lambda row: (not row[2], -row[3], row[0]))[:QUOTES]
    wanted = [row[0] for row in best]
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
    ]
    return sorted(quotes, key=lambda quote: (not quote.picked, -quote.votes, quote.ref.position))


def _activity(
    connection: Connection, totals: Mapping[int, int], inside: Collection[int], span: tuple[int, int], parts: int
) -> tuple[int, ...]:
    """Counted messages for each equal part of the window."""
    start, end = span
    if end - start >= parts * DAY:
        bounds = [start - (start - end) * part // parts for part in range(parts + 1)]
        before = [_before(connection, totals, inside, bound) for bound in bounds]
        return tuple(later - earlier for earlier, later in pairwise(before))
    counts = [0] * parts
    for discussion, part, n in rows(connection, SAID_IN_PARTS, (start, parts, max(end - start, 1), start, end)):
        if discussion in inside:
            counts[part] += n
    return tuple(counts)


def _before(connection: Connection, totals: Mapping[int, int], inside: Collection[int], bound: int) -> int:
    """Messages before a moment, since the first day of `totals`: from its nearer midnight on, or back from it."""
    day, since = divmod(bound, DAY)
    whole = sum(n for each, n in totals.items() if each < day)
    if since <= DAY // 2:
        return whole + _said(connection, inside, day * DAY, bound)
    return whole + totals.get(day, 0) - _said(connection, inside, bound, (day + 1) * DAY)


def _said(connection: Connection, inside: Collection[int], start: int, end: int) -> int:
    """Messages between two moments."""
    if start == end:
        return 0
    found = rows(connection, SAID_IN_PARTS, (start, 0, 1, start, end))
    return sum(n for discussion, _, n in found if discussion in inside)
