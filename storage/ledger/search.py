"""The text search, kept up to date behind the writer: FTS5 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Callable, Sequence
from itertools import accumulate

from sqlalchemy import Connection

from bot.markup import parse, plain
from bot.models import Platform
from storage.sql import Row, chunks, many, marks, number, rounded, rows, run
from storage.words import words_of

CURSOR = "search"  # the setting that holds the highest message number looked at
TIDY = "search-tidy"  # the setting that holds how many pages to merge next, and which way; there while words must go
PAGES = 500
FOUND = 50_000  # characters of a text that can be found: more than a platform takes, less than PostgreSQL's index does
USUAL = 400  # characters that a text has at most on average, for so many to be indexed at once
LIVE = "deleted_at IS NULL AND text IS NOT NULL"
KEY = {"sqlite": "rowid", "postgresql": "message_id"}

# SQLite gives matches by their number: it tells when a message was sent, whenever it was stored, and then which it was.
NUMBER = "sent_at << 20 | (id & 1048575)"
REMEMBER = {
    "sqlite": "INSERT OR REPLACE INTO message_text (rowid, text) VALUES (?, ?)",
    "postgresql": "INSERT INTO message_text (message_id, words) VALUES (?, to_tsvector('simple', ?))"
    " ON CONFLICT (message_id) DO UPDATE SET words = excluded.words",
}


DIRTY = "SELECT d.message_id, length(m.text) FROM search_dirty d LEFT JOIN message m ON m.id = d.message_id LIMIT ?"
NEW = "SELECT id, length(text) FROM message WHERE id > ? ORDER BY id LIMIT ?"


def behind(connection: Connection) -> bool:
    """Whether there is anything to do."""
    return (
        number(connection, "SELECT max(id) FROM message") > _cursor(connection)
        or bool(rows(connection, "SELECT 1 FROM search_dirty LIMIT 1"))
        or _pages(connection) != 0
    )


def _cursor(connection: Connection) -> int:
    return number(connection, "SELECT CAST(value AS BIGINT) FROM setting WHERE name = ?", (CURSOR,))


def index(connection: Connection, limit: int) -> int:
    """Index what is new, and what was edited or deleted since, `limit` of each at most; how many messages that were."""
    cursor = _cursor(connection)
    dirty = _part(rows(connection, DIRTY, (limit,)), limit)
    new = _part(rows(connection, NEW, (cursor, limit)), limit)
    for batch in map(rounded, chunks(dirty)):
        forget(connection, batch)
        run(connection, f"DELETE FROM search_dirty WHERE message_id IN ({marks(len(batch))})", batch)
    for batch in map(rounded, chunks(sorted({*new, *(each for each in dirty if each <= cursor)}))):
        _remember(connection, batch)
    if new:
        run(
            connection,
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (CURSOR, str(new[-1])),
        )
    done = len(new) + len(dirty)
    return done if dirty else done + _tidy(connection)  # merging makes sense once what must go is out


def _part(found: Sequence[Row], limit: int) -> list[int]:
    """As many of these messages as the writer has time for, one at least: all others wait while texts are read."""
    read = accumulate(min(length or 0, FOUND) for _, length in found)
    return [row[0] for row, characters in zip(found, read, strict=True) if characters <= limit * USUAL] or [
        row[0] for row in found[:1]
    ]


def wipe(connection: Connection) -> None:
    """Let no trace of forgotten messages stay in the index: SQLite keeps their words until it merges its parts."""
    if connection.dialect.name == "sqlite":
        _keep_pages(connection, -PAGES)


def _pages(connection: Connection) -> int:
    return number(connection, "SELECT CAST(value AS BIGINT) FROM setting WHERE name = ?", (TIDY,))


def _keep_pages(connection: Connection, pages: int) -> None:
    run(connection, "DELETE FROM setting WHERE name = ?", (TIDY,))
    if pages:
        run(connection, "INSERT INTO setting (name, value) VALUES (?, ?)", (TIDY, str(pages)))


def _tidy(connection: Connection) -> int:
    """Merge some pages of the index, if there are words to be wiped out; 1 if there was something to do."""
    pages = _pages(connection)
    if not pages:
        return 0
    before = number(connection, "SELECT total_changes()")
    run(connection, "INSERT INTO message_text (message_text, rank) VALUES ('merge', ?)", (pages,))
    merged = number(connection, "SELECT total_changes()") - before > 1  # as the manual of FTS5 says
    _keep_pages(connection, PAGES if merged else 0)
    return 1


def forget(connection: Connection, messages: list[int]) -> None:
    """Take messages out of the text search at once."""
    inside = f"IN ({marks(len(messages))})"
    if connection.dialect.name == "sqlite":
        inside = f"IN (SELECT {NUMBER} FROM message WHERE id {inside})"
    run(connection, f"DELETE FROM message_text WHERE {KEY[connection.dialect.name]} {inside}", messages)


def _remember(connection: Connection, messages: list[int]) -> None:
    number_of = NUMBER if connection.dialect.name == "sqlite" else "id"
    found = rows(
        connection,
        f"SELECT {number_of}, text, channel_id FROM message WHERE {LIVE} AND id IN ({marks(len(messages))})",
        messages,
    )
    said = _sayer(connection)
    many(connection, REMEMBER[connection.dialect.name], [(row[0], " ".join(words_of(said(*row[1:])))) for row in found])


def _sayer(connection: Connection) -> Callable[[str, int], str]:
    """Gives what a text says to everybody, by its channel: who and what it mentions is named by nobody's words here.

    Most texts hold nothing but words; only one with a "<" is parsed, and the platforms are looked up for the first.
    Only the beginning of a very long one is read: one text that cannot be indexed would keep all others from it.
    """
    platforms: dict[int, Platform] = {}

    def said(whole: str, channel: int) -> str:
        text = whole[:FOUND]
        if "<" not in text:
            return text
        if not platforms:
            found = rows(connection, "SELECT c.id, s.platform FROM channel c JOIN space s ON s.id = c.space_id")
            platforms.update((row[0], Platform(row[1])) for row in found)
        return plain(parse(platforms[channel], text))

    return said
