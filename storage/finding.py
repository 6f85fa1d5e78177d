"""Finding messages: highlights, the text search, waiting questions."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.models import Discussion, Highlight, Hit, KnownChannel, MemberRef, MessageRef, Place, Post, Question
from storage.rows import SHOWN, discussions_where, posts_where
from storage.scopes import Condition
from storage.sql import by_keys, marks, rows
from storage.times import moment, ms

RANKED = 2000  # matches, newest first, that a ranked search looks at
AROUND = 80  # characters of a snippet before the first match
SNIPPET = 240  # characters
BY_OTHERS = (
    "SELECT count(*) FROM message WHERE discussion_id = ? AND counted AND deleted_at IS NULL AND sent_at > ?"
    " AND author_id <> ?"
)
SHOWABLE = "m.deleted_at IS NULL AND m.text IS NOT NULL AND a.opted_out_at IS NULL AND a.erased_at IS NULL"


def highlights(
    connection: Connection,
    channels: Mapping[int, KnownChannel],
    scope: Condition,
    *,
    since: datetime | None,
    limit: int,
    before: Place | None,
) -> list[Highlight]:
    """Highlights of a scope, newest highlighted first."""
    where, values = scope
    page = " AND (m.voted_at, m.id) < (?, ?)" if before else ""
    found = rows(
        connection,
        "SELECT m.id, m.voted_at FROM message m JOIN discussion d ON d.id = m.discussion_id"
        f" WHERE m.voted_at IS NOT NULL AND m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator"
        f" AND m.deleted_at IS NULL AND m.voted_at >= ? AND {SHOWN} AND {where}{page}"
        " ORDER BY m.voted_at DESC, m.id DESC LIMIT ?",
        [ms(since) if since else 0, *values, *([before.at, before.id] if before else []), limit],
    )
    pairs = with_discussions(connection, channels, [row[0] for row in found])
    at = {row[0]: row[1] for row in found}
    return [
        Highlight(post=post, discussion=discussion, highlighted_at=moment(at[message]))
        for message, (post, discussion) in pairs.items()
    ]


def with_discussions(
    connection: Connection, channels: Mapping[int, KnownChannel], messages: Sequence[int]
) -> dict[int, tuple[Post, Discussion]]:
    """Messages by our number, in the given order, each with its discussion."""
    if not messages:
        return {}
    keys = by_keys(connection, "SELECT id, channel_id, mid FROM message WHERE id IN ({keys})", messages)
    ids = {MessageRef(channels[row[1]].channel, row[2]): row[0] for row in keys}
    posts = posts_where(connection, channels, f"m.id IN ({marks(len(messages))})", messages)
    wanted = sorted({post.discussion for post in posts if post.discussion is not None})
    found = {
        each.id: each for each in discussions_where(connection, channels, f"d.id IN ({marks(len(wanted))})", wanted)
    }
    by_id = {ids[post.ref]: post for post in posts}
    return {
        message: (post, found[post.discussion])
        for message in messages
        if (post := by_id.get(message)) is not None and post.discussion is not None and post.discussion in found
    }


def words_of(text: str) -> list[str]:
    """The words of a search: whatever is no letter or digit parts them."""
    return re.findall(r"\w+", text.lower())[:12]


def search(
    connection: Connection,
    channels: Mapping[int, KnownChannel],
    scope: Condition,
    text: str,
    *,
    limit: int,
    ranked: bool,
) -> list[Hit]:
    """Live, showable messages with all the words."""
    words = words_of(text)
    if not words:
        return []
    where, values = scope
    sqlite = connection.dialect.name == "sqlite"
    match, query = _match(words, sqlite=sqlite)
    found = rows(
        connection,
        f"SELECT m.id, m.text FROM {match} JOIN discussion d ON d.id = m.discussion_id"
        f" JOIN member a ON a.id = m.author_id WHERE {SHOWABLE} AND {SHOWN} AND {where}"
        " ORDER BY m.id DESC LIMIT ?",
        [query, *values, RANKED if ranked else limit],
    )
    chosen = _fitting(found, words)[:limit] if ranked else [row[0] for row in found]
    pairs = with_discussions(connection, channels, chosen)
    return [_hit(post, discussion, words) for post, discussion in pairs.values()]


def _match(words: Sequence[str], *, sqlite: bool) -> tuple[str, str]:
    """What to join so that only messages with all the words are left."""
    if sqlite:
        found = "(SELECT rowid FROM message_text WHERE message_text MATCH ? ORDER BY rowid DESC) t"
        return f"{found} JOIN message m ON m.id = t.rowid", " ".join(f'"{word}"' for word in words)
    return (
        "message_text t JOIN message m ON t.words @@ to_tsquery('simple', ?) AND m.id = t.message_id",
        " & ".join(words),
    )


def _fitting(found: Sequence[tuple[int, str]], words: Sequence[str]) -> list[int]:
    """Order by how dense the words stand, newest first where that is equal."""

    def fit(text: str) -> float:
        low = text.lower()
        return sum(low.count(word) for word in words) / (20 + len(low.split()))

    return [row[0] for row in sorted(found, key=lambda row: (-fit(row[1]), -row[0]))]


def _hit(post: Post, discussion: Discussion, words: Sequence[str]) -> Hit:
    """A result with the words around the first match."""
    text = " ".join((post.text or "").split())
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(text)
    start = max((first.start() if first else 0) - AROUND, 0)
    snippet = ("…" if start else "") + text[start : start + SNIPPET] + ("…" if len(text) > start + SNIPPET else "")
    marked = tuple((found.start(), found.end()) for found in pattern.finditer(snippet))
    return Hit(post=post, discussion=discussion, snippet=snippet, marks=marked)


def questions(connection: Connection, channels: Mapping[int, KnownChannel], discussion: int) -> list[Question]:
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
