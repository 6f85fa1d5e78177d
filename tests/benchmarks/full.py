"""A full database: a million messages in twenty thousand discussions, made by bulk SQL with the final schema."""

import random
import sqlite3
from pathlib import Path

from storage import migrate
from storage.times import DAY

BASE = 1_767_225_600_000  # the first of January 2026, in milliseconds
SPAN = 200 * DAY  # over which everything was said
MEMBERS = 5000
CHANNELS = 20
SAID = (
    "tent storm peg rope pole canvas stove river ridge trail lamp map boots rain wool knot bridge camp fire berry moss"
    " stone frost heron otter lichen thistle bracken gorse willow"
)
WORDS = tuple(SAID.split())
RARE = "quartz"  # said once in five thousand messages
LONG, EVERY = 200, 1000  # so many messages has every so many-th discussion
PART = 20_000  # discussions whose messages are made at once: a gigabyte of memory


def build_full(path: Path, messages: int = 1_000_000, discussions: int = 20_000) -> None:
    """Fill a new SQLite file. Takes 20 seconds of one core; the counters equal a recount."""
    migrate(f"sqlite:///{path}")
    chance = random.Random(7)
    with sqlite3.connect(path, isolation_level=None) as connection:
        for pragma in ("synchronous=OFF", "cache_size=-400000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        fill_places(connection)
        _messages(connection, chance, messages, discussions)
        _counters(connection)
        connection.execute(
            "INSERT INTO message_text (rowid, text) SELECT sent_at << 20 | (id & 1048575), text FROM message"
        )
        connection.execute("INSERT INTO setting VALUES ('search', (SELECT max(id) FROM message))")
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    connection.close()


def fill_places(connection: sqlite3.Connection) -> None:
    """One community with its space, channels and members."""
    connection.execute("INSERT INTO community VALUES (1, 'Walkers')")
    connection.execute(
        "INSERT INTO space (id, community_id, platform, sid, name, hosted, invite_url, info_at, settings)"
        " VALUES (1, 1, 'slack', 'T1', 'Walkers', 0, '', 0, '{}')"
    )
    connection.executemany(
        "INSERT INTO channel (id, space_id, cid, name, private, nsfw, connect, guests, forum, archived, url, info_at,"
        " watched, level, web_from, cards, count_bots, bridges, watermark, chains, gap_at, forgotten)"
        " VALUES (?, 1, ?, ?, 0, 0, 0, 0, 0, 0, '', 0, 1, 2, 0, 'auto', 0, '[]', 0, 0, 0, 0)",
        [(n, f"C{n}", f"channel-{n}") for n in range(1, CHANNELS + 1)],
    )
    connection.executemany(
        "INSERT INTO member (id, space_id, uid, name, name_at, is_bot) VALUES (?, 1, ?, ?, 0, 0)",
        [(n, f"U{n}", f"Member {n}") for n in range(1, MEMBERS + 1)],
    )


def _messages(connection: sqlite3.Connection, chance: random.Random, messages: int, discussions: int) -> None:
    starts = sorted(BASE + chance.randrange(SPAN) for _ in range(discussions))
    connection.executemany(
        "INSERT INTO discussion (id, channel_id, key, root, forced, chain, name, info_at, archived, locked, private,"
        " url, opened_at, count, replies_ever, participants, highlights, last_at, stored, tagged, outcome, hidden,"
        " title_set, summary_set, title_made, summary_made, waiting, unsettled, changed_seq, opener_id, first)"
        " VALUES (?, ?, ?, ?, 0, 0, '', -1, 0, 0, 0, '', ?, 0, 0, 0, 0, ?, 'open', '', '', 0,"
        " '', '', ?, ?, ?, 0, 0, ?, ?)",
        [
            (
                n, 1 + n % CHANNELS, f"{at // 1000}.{at % 1000:03}{n % 1000:03}", at * 1000 + n % 1000, at, at,
                f"What about the {chance.choice(WORDS)} and the {chance.choice(WORDS)}?",
                " ".join(chance.choices(WORDS, k=12)), int(n % 5 == 0), 1 + n % MEMBERS, at * 1000 + n % 1000,
            )
            for n, at in enumerate(starts, 1)
        ],
    )  # fmt: skip
    for first in range(0, discussions, PART):
        connection.executemany(INSERT, _rows(chance, starts, messages // discussions, slice(first, first + PART)))


INSERT = (
    "INSERT OR IGNORE INTO message (channel_id, position, mid, discussion_id, thread, author_id, kind, counted,"
    " sent_at, edited_at, text, files, url, live, votes, picked, voted_at, held_author, held_moderator)"
    " VALUES (?, ?, ?, ?, ?, ?, 'person', 1, ?, 0, ?, '', '', 0, ?, 0, ?, 0, 0)"
)


def _rows(chance: random.Random, starts: list[int], usual: int, part: slice) -> list[tuple[object, ...]]:
    """Messages of a part of the discussions, in the order of time, as they would have come."""
    rows: list[tuple[object, ...]] = []
    for n, at in enumerate(starts[part], 1 + part.start):
        root, people = at * 1000 + n % 1000, [chance.randint(1, MEMBERS) for _ in range(12)]
        for reply in range(LONG if n % EVERY == 0 else usual):
            sent = at + reply * chance.randint(60_000, 1_800_000)
            position = root if reply == 0 else sent * 1000 + n % 1000
            author = 1 + n % MEMBERS if reply == 0 else chance.choice(people)
            votes = int(chance.random() < 0.01)
            mid = f"{position // 1_000_000}.{position % 1_000_000:06}"
            text = " ".join(chance.choices(WORDS, k=18)) + (f" {RARE}" if chance.random() < 1 / 5000 else "")
            rows.append(
                (1 + n % CHANNELS, position, mid, n, root, author, sent, text, votes, sent + 1000 if votes else None)
            )
    rows.sort(key=lambda row: row[6])  # type: ignore[arg-type,return-value]  # milliseconds
    return rows


def _counters(connection: sqlite3.Connection) -> None:
    """Count everything from the messages; votes get a voter each."""
    connection.execute(
        "INSERT INTO vote SELECT channel_id, position, 1 + (author_id % 4999), 'reaction', voted_at, 0, 0, 0"
        " FROM message WHERE votes > 0"
    )
    connection.execute("INSERT INTO participation SELECT discussion_id, author_id, count(*) FROM message GROUP BY 1, 2")
    connection.execute(
        f"INSERT INTO activity SELECT sent_at / {DAY}, discussion_id, author_id, count(*) FROM message GROUP BY 1, 2, 3"
    )
    connection.execute(
        "UPDATE discussion SET (count, last_at, highlights) = (SELECT count(*), max(sent_at), sum(votes) FROM message m"
        " WHERE m.discussion_id = discussion.id), replies_ever = (SELECT count(*) - 1 FROM message m"
        " WHERE m.discussion_id = discussion.id), participants = (SELECT count(*) FROM participation p"
        " WHERE p.discussion_id = discussion.id)"
    )
