"""Finding messages: highlights, the text search, waiting questions, what others wrote."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.markup import is_line, parse, plain
from bot.models import Discussion, Highlight, Hit, MemberRef, MessageRef, Place, Post, Question, Scope
from bot.ports import Answered
from storage import notes
from storage.rows import COLUMNS, NUMBER, POST, REPLIED, SHOWN, discussions_where, post
from storage.scopes import Channels, in_scope
from storage.sql import Row, by_keys, marks, one, rounded, rows
from storage.times import moment, ms
from storage.words import places_of, words_of

RANKED = 2000  # how many matches, newest first, a ranked search looks at
WORDS = 12  # words of a search that are looked for
AROUND = 80  # characters of a snippet before the first match
SNIPPET = 240  # characters
CAUGHT_UP = 200  # how many discussions, latest first, a catch-up looks at
SHOWABLE = "m.deleted_at IS NULL AND m.text IS NOT NULL AND a.opted_out_at IS NULL"
STARRED = "m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator AND m.deleted_at IS NULL"

# On SQLite a text's number tells when it was sent, so that the newest are found first without a look at the rest; and
# CROSS JOIN keeps it from beginning at the other end.
MATCH = {
    "sqlite": (
        "m.sent_at = t.rowid >> 20 AND (m.id & 1048575) = (t.rowid & 1048575) AND t.text MATCH ?",
        "t.rowid DESC",
        " AND t.rowid < (? << 20 | (? & 1048575))",
    ),
    "postgresql": (
        "m.id = t.message_id AND t.words @@ to_tsquery('simple', ?)",
        "m.sent_at DESC, m.id DESC",
        " AND (m.sent_at, m.id) < (?, ?)",
    ),
}


def highlights(
    connection: Connection,
    channels: Channels,
    scope: Scope,
    *,
    since: datetime | None,
    limit: int,
    before: Place | None,
) -> list[Highlight]:
    """Highlights of a scope, newest highlighted first."""
    where, values = in_scope(scope, channels, posts=True)
    page = " AND (m.voted_at, m.id) < (?, ?)" if before else ""
    found = rows(
        connection,
        "SELECT m.id, m.voted_at FROM message m CROSS JOIN discussion d WHERE d.id = m.discussion_id"
        f" AND m.voted_at IS NOT NULL AND m.voted_at >= ? AND {STARRED} AND {SHOWN} AND {where}{page}"
        " ORDER BY m.voted_at DESC, m.id DESC LIMIT ?",
        [ms(since) if since else 0, *values, *([before.at, before.id] if before else []), limit],
    )
    at = {row[0]: row[1] for row in found}
    said = notes.at_messages(connection, list(at))
    return [
        Highlight(
            post=found,
            discussion=discussion,
            highlighted_at=moment(at[message]),
            id=message,
            notes=said.get(message, ()),
        )
        for message, found, discussion in with_discussions(connection, channels, list(at))
    ]


def with_discussions(
    connection: Connection, channels: Channels, messages: Sequence[int]
) -> list[tuple[int, Post, Discussion]]:
    """Messages by our number, in the given order, each with its discussion; in two reads whatever they are."""
    if not messages:
        return []
    asked = rounded(messages)
    found = {row[NUMBER]: row for row in rows(connection, f"{POST} WHERE m.id IN ({marks(len(asked))})", asked)}
    return _in_discussions(connection, channels, [found[message] for message in messages if message in found])


def _in_discussions(
    connection: Connection, channels: Channels, found: Sequence[Row]
) -> list[tuple[int, Post, Discussion]]:
    """Rows of POST as messages, each with its number and its discussion; one read for all."""
    posts = [(row[NUMBER], post(row, channels[row[0]])) for row in found]
    wanted = rounded(sorted({each.discussion for _, each in posts if each.discussion is not None}))
    if not wanted:
        return []
    known = {
        each.id: each for each in discussions_where(connection, channels, f"d.id IN ({marks(len(wanted))})", wanted)
    }
    return [
        (message, each, known[each.discussion])
        for message, each in posts
        if each.discussion is not None and each.discussion in known
    ]


def search(
    connection: Connection,
    channels: Channels,
    scope: Scope,
    text: str,
    *,
    limit: int,
    ranked: bool,
    before: Place | None = None,
) -> list[Hit]:
    """Live, showable messages with all the words."""
    words = words_of(text)[:WORDS]
    if not words:
        return []
    where, values = in_scope(scope, channels, posts=True)
    match, newest, older = MATCH[connection.dialect.name]
    page, place = (older, [before.at, before.id]) if before else ("", [])
    query = " ".join(f'"{word}"' for word in words) if connection.dialect.name == "sqlite" else " & ".join(words)
    columns, replied = ("m.id, m.text", "") if ranked else (COLUMNS, REPLIED)
    found = rows(
        connection,
        f"SELECT {columns} FROM message_text t CROSS JOIN message m CROSS JOIN discussion d CROSS JOIN member a"
        f"{replied} WHERE {match}{page} AND d.id = m.discussion_id AND a.id = m.author_id AND {SHOWABLE} AND {SHOWN}"
        f" AND {where} ORDER BY {newest} LIMIT ?",
        [query, *place, *values, RANKED if ranked else limit],
    )
    if ranked:
        shown = with_discussions(connection, channels, fitting(found, words)[:limit])
    else:
        shown = _in_discussions(connection, channels, found)
    looked_for = frozenset(words)
    return [hit(each, where, looked_for, number) for number, each, where in shown]


def fitting(found: Sequence[tuple[int, str]], words: Sequence[str]) -> list[int]:
    """Order messages, given newest first, by how dense the words stand; the newest first where that is equal."""

    def sparse(row: tuple[int, str]) -> float:
        low = row[1].lower()
        return -sum(map(low.count, words)) / (120 + len(low))  # one word weighs more in a short text

    return [row[0] for row in sorted(found, key=sparse)]


def hit(found: Post, discussion: Discussion, words: frozenset[str], number: int) -> Hit:
    """A result with the words around the first match, as plain text."""
    platform, said = found.ref.channel.space.platform, found.text or ""
    text = " ".join((said if is_line(platform, said) else plain(parse(platform, said))).split())
    places = places_of(text, words)
    start = max(places[0][0] - AROUND, 0) if places else 0
    if start or len(text) > SNIPPET:
        cut, before = text[start : start + SNIPPET], "…" if start else ""
        places = [(since + len(before), end + len(before)) for since, end in places_of(cut, words)]
        text = before + cut + ("…" if len(text) > start + SNIPPET else "")
    return Hit(post=found, discussion=discussion, snippet=text, marks=tuple(places), id=number)


def questions(connection: Connection, channels: Channels, discussion: int) -> list[Question]:
    """The questions that wait, oldest first; those of people who show no words are left out."""
    found = rows(
        connection,
        "SELECT m.channel_id, m.mid, a.uid, q.text FROM question q JOIN discussion d ON d.id = q.discussion_id"
        " JOIN message m ON m.channel_id = d.channel_id AND m.position = q.position"
        f" JOIN member a ON a.id = m.author_id WHERE q.discussion_id = ? AND {SHOWABLE}"
        " ORDER BY q.position, q.number",
        (discussion,),
    )
    return [
        Question(
            ref=MessageRef(channels[row[0]].channel, row[1]),
            asker=MemberRef(channels[row[0]].channel.space, row[2]),
            text=row[3],
            waits=True,
        )
        for row in found
    ]


def answered(connection: Connection, channels: Channels, discussion: int) -> dict[MessageRef, MessageRef]:
    """Which message was marked as the answer to which."""
    found = [(channels[row[0]].channel, row[1], row[2]) for row in rows(connection, ANSWERED, (discussion,))]
    return {MessageRef(channel, question): MessageRef(channel, answer) for channel, question, answer in found}


ANSWERED = (
    "SELECT q.channel_id, q.mid, m.mid FROM answered a JOIN discussion d ON d.id = a.discussion_id"
    " JOIN message q ON q.channel_id = d.channel_id AND q.position = a.question"
    " JOIN message m ON m.channel_id = d.channel_id AND m.position = a.answer"
    " WHERE a.discussion_id = ? AND m.deleted_at IS NULL"
)


def by_others(
    connection: Connection, channels: Channels, scope: Scope, since: int, member: int
) -> list[tuple[Discussion, int]]:
    """Discussions in which others wrote after `since` and how much, most first; the latest are looked at."""
    where, values = in_scope(scope, channels)
    active = discussions_where(
        connection, channels, f"{where} AND d.last_at > ? ORDER BY d.last_at DESC LIMIT ?", [*values, since, CAUGHT_UP]
    )
    counts = dict(
        by_keys(
            connection,
            "SELECT m.discussion_id, count(*) FROM message m WHERE m.discussion_id IN ({keys}) AND m.counted AND"
            " m.deleted_at IS NULL AND m.sent_at > ? AND m.author_id <> ? GROUP BY m.discussion_id",
            [each.id for each in active],
            (since, member),
        )
    )
    pairs = [(each, int(counts[each.id])) for each in active if each.id in counts]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0].id))


def lively(connection: Connection, channels: Channels, discussions: Sequence[int], since: int) -> list[Answered]:
    """Those of these discussions without a card to which a reply came live, sent after `since`."""
    found = dict(by_keys(connection, LIVELY, discussions, (since,)))
    wanted = rounded(list(found))
    known = discussions_where(connection, channels, f"d.id IN ({marks(len(wanted))})", wanted) if found else []
    return [
        Answered(discussion=each, live_at=moment(found[each.id]), replies=sum(by_author), people=len(by_author))
        for each in known
        for by_author in (_replied(connection, each.id),)
    ]


LIVELY = (
    "SELECT d.id, d.live_at FROM discussion d WHERE d.id IN ({keys}) AND NOT EXISTS"
    " (SELECT 1 FROM own_post o WHERE o.subject = 'card:' || CAST(d.id AS TEXT) AND o.state <> 'dropped')"
    " AND d.live_at > ?"
)
OPENING = (
    "SELECT m.author_id FROM discussion d JOIN message m ON m.discussion_id = d.id AND m.position = d.first"
    " WHERE d.id = ? AND m.counted AND m.deleted_at IS NULL"
)


def _replied(connection: Connection, discussion: int) -> list[int]:
    """How many counted replies each person wrote; the opening post is none."""
    opener = one(connection, OPENING, (discussion,))
    query = "SELECT member_id, n FROM participation WHERE discussion_id = ? AND n > 0"
    written = dict(tuple(row) for row in rows(connection, query, (discussion,)))
    if opener is not None:
        written[opener[0]] -= 1
    return [n for n in written.values() if n > 0]
