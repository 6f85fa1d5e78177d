"""Discussion rows: made where a thread begins, and their counters moved by the differences that messages made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.models import Channel, Platform, moment_of, position_of
from storage.changes import mark_digests, release
from storage.ledger import solved
from storage.ledger.fold import Batch, ThreadFold, told_of_thread
from storage.ledger.messages import Differences, Known
from storage.ledger.resolve import ChannelRow
from storage.sql import by_keys, chunks, many, marks, run

Root = tuple[int, int]  # channel, position of the first message


def known(connection: Connection, roots: Iterable[Root]) -> dict[Root, Known]:
    """The discussions that are there already, by channel and root."""
    found = by_keys(
        connection,
        "SELECT channel_id, root, id, first, live_at, opener_id FROM {keys} CROSS JOIN discussion"
        " WHERE channel_id = column1 AND root = column2",
        roots,
    )
    return {(row[0], row[1]): Known(row[2], row[1], row[3], row[4] or 0, row[5]) for row in found}


def numbered(connection: Connection, discussions: Iterable[int]) -> dict[int, tuple[Known, Platform]]:
    """Discussions by our own numbers."""
    found = by_keys(
        connection,
        "SELECT d.id, d.root, d.first, d.live_at, s.platform FROM {keys} CROSS JOIN discussion d"
        " JOIN channel c ON c.id = d.channel_id JOIN space s ON s.id = c.space_id WHERE d.id = column1",
        [(each,) for each in discussions],
    )
    return {row[0]: (Known(row[0], row[1], row[2], row[3] or 0), Platform(row[4])) for row in found}


def make(connection: Connection, roots: Mapping[Root, tuple[str, Platform]]) -> None:
    """Make discussions; `roots` gives each one's key and platform."""
    many(
        connection,
        "INSERT INTO discussion (channel_id, key, root, forced, chain, name, info_at, archived, locked, private, url,"
        " opened_at, count, replies_ever, participants, highlights, last_at, stored, tagged, outcome, hidden,"
        " title_set, summary_set, title_made, summary_made, waiting, unsettled, changed_seq)"
        " VALUES (?, ?, ?, ?, FALSE, '', -1, ?, ?, ?, '', ?, 0, 0, 0, 0, ?, 'open', '', '', ?,"
        " '', '', '', '', 0, ?, 0)",
        [
            (channel, key, root, False, False, False, False, at, at, False, True)
            for (channel, root), (key, platform) in roots.items()
            for at in (moment_of(platform, root),)
        ],
    )


def keep_threads(
    connection: Connection, batch: Batch, channels: Mapping[Channel, ChannelRow], ids: Mapping[Root, Known]
) -> set[int]:
    """Keep what was told of threads; the discussions for which that was news."""
    said = {
        ids[channels[thread.channel].id, position_of(thread.id)].id: thread_said
        for thread, thread_said in batch.threads.items()
    }
    news = [
        (old, (*new, True, row[0]))
        for row in by_keys(connection, THREADS, [(each,) for each in said])
        for old in (tuple(row[2:]),)
        for new in ((*_told(old[:9], said[row[0]], silent=bool(row[1])), *_tagged(old[9:], said[row[0]])),)
        if new != old[:13]
    ]
    many(connection, TELL, [new for _, new in news])
    for old, new in news:
        if (new[PRIVATE], new[NAME]) != (old[PRIVATE], old[NAME]):
            mark_digests(connection, new[-1])
        if not new[ARCHIVED]:
            release(connection, "subject = ?", (f"card:{new[-1]}",))
    return {new[-1] for _, new in news}


# A thread's name is the words of who opened it: they do not return once these were erased, or all of it was forgotten.
FORGOTTEN = (
    "d.name = '' AND d.root < c.forgotten AND NOT EXISTS"
    " (SELECT 1 FROM message m WHERE m.discussion_id = d.id AND m.position >= c.forgotten)"
)
THREADS = (
    f"SELECT d.id, (o.erased_at IS NOT NULL AND d.opened_at <= o.erased_at) OR ({FORGOTTEN}),"
    " d.forced, d.gone_at, d.info_at, d.private, d.locked, d.archived, COALESCE(d.archive_after, -1), d.name, d.url,"
    " d.tagged, d.stored, d.state_by, d.state_at, d.said, d.said_by, d.said_at, d.said_since"
    " FROM {keys} CROSS JOIN discussion d JOIN channel c ON c.id = d.channel_id"
    " LEFT JOIN member o ON o.id = d.opener_id WHERE d.id = column1"
)
TELL = (
    "UPDATE discussion SET forced = ?, gone_at = ?, info_at = ?, private = ?, locked = ?, archived = ?,"
    " archive_after = NULLIF(?, -1), name = ?, url = ?, tagged = ?, stored = ?, state_by = ?, state_at = ?,"
    " unsettled = ? WHERE id = ?"
)


def _told(old: tuple[Any, ...], said: ThreadFold, *, silent: bool) -> tuple[Any, ...]:
    """What is known of a thread by what is said of it; of two statements the greater holds."""
    forced, gone, *known = old
    if said.gone_at is not None:
        gone = max(gone or 0, said.gone_at)
    if said.seen is None:
        return (forced, gone, *known)
    told = told_of_thread(replace(said.seen, name="") if silent else said.seen)
    return (True, gone, *max(tuple(known), told))


def _tagged(old: tuple[Any, ...], said: ThreadFold) -> tuple[Any, ...]:
    """What is known of a thread's tag and, by that and what people said, its state."""
    if not said.solved:
        return old[:4]
    told = solved.kept(old[0], said.solved)
    return (solved.write(told), *solved.decide(solved.Said(*old[4:]), told))


def apply(connection: Connection, differences: Differences, openers: Mapping[int, int | None]) -> None:
    """Move the counters by what really changed; `openers` tells who opened the discussions that are known."""
    many(
        connection,
        "INSERT INTO activity (day, discussion_id, member_id, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (day, discussion_id, member_id) DO UPDATE SET n = activity.n + excluded.n",
        [(*key, n) for key, n in differences.days.items() if n],
    )
    joined = _present(connection, differences)
    known = openers.keys() & differences.touched
    people = {each: _moved(came, openers[each]) for each, came in joined.items() if each in known}
    many(
        connection,
        MOVE,
        [
            (
                differences.count[each], differences.replies[each], differences.highlights[each],
                people.get(each, 0), newest, newest, newest, live, live, each,
            )
            for each in sorted(differences.touched)
            for newest, live in ((differences.newest.get(each, 0), differences.live.get(each, 0)),)
        ],
    )  # fmt: skip
    move_back(connection, differences)
    recount_participants(connection, joined.keys() - people.keys())
    for batch in chunks(sorted(differences.left)):
        run(connection, LIVE.replace("{ids}", marks(len(batch))), batch)


def _moved(people: Iterable[tuple[int, int]], opener: int | None) -> int:
    """How participants move where people came and went: the opener always counts."""
    return sum(sign for member, sign in people if member != opener)


MOVE = (
    "UPDATE discussion SET count = count + ?, replies_ever = replies_ever + ?, highlights = highlights + ?,"
    " participants = participants + ?, unsettled = TRUE,"
    " last_at = CASE WHEN ? > last_at OR (? > 0 AND count = 0) THEN ? ELSE last_at END,"
    " live_at = CASE WHEN ? > COALESCE(live_at, 0) THEN ? ELSE live_at END WHERE id = ?"
)
LIVE = (
    "UPDATE discussion SET live_at = (SELECT max(m.sent_at) FROM message m WHERE m.discussion_id = discussion.id"
    " AND m.live AND m.position <> discussion.root) WHERE id IN ({ids})"
)
PRIVATE, ARCHIVED, NAME = 3, 5, 7  # the places of these in what TELL takes


def _present(connection: Connection, differences: Differences) -> dict[int, list[tuple[int, int]]]:
    """Keep who wrote how much; who came (1) or went (-1), by the discussion."""
    moved = {key: n for key, n in differences.present.items() if n}
    before = {
        (row[0], row[1]): row[2]
        for row in by_keys(
            connection,
            "SELECT discussion_id, member_id, n FROM {keys} CROSS JOIN participation"
            " WHERE discussion_id = column1 AND member_id = column2",
            moved,
        )
    }
    many(
        connection,
        "INSERT INTO participation (discussion_id, member_id, n) VALUES (?, ?, ?)"
        " ON CONFLICT (discussion_id, member_id) DO UPDATE SET n = participation.n + excluded.n",
        [(*key, n) for key, n in moved.items()],
    )
    joined: dict[int, list[tuple[int, int]]] = {}
    for key, n in moved.items():
        had = before.get(key, 0)
        if (had > 0) != (had + n > 0):
            joined.setdefault(key[0], []).append((key[1], 1 if n > 0 else -1))
    return joined


def recount_participants(connection: Connection, discussions: Iterable[int]) -> None:
    """Count the distinct counted authors, and the opener."""
    for batch in chunks(sorted(discussions)):
        run(connection, PARTICIPANTS.replace("{ids}", marks(len(batch))), batch)


PARTICIPANTS = (
    "UPDATE discussion SET participants ="
    " (SELECT count(*) FROM participation p WHERE p.discussion_id = discussion.id AND p.n > 0)"
    " + CASE WHEN opener_id IS NULL OR EXISTS (SELECT 1 FROM participation p WHERE p.discussion_id = discussion.id"
    " AND p.member_id = discussion.opener_id AND p.n > 0) THEN 0 ELSE 1 END WHERE id IN ({ids})"
)


def move_back(connection: Connection, differences: Differences) -> None:
    """Where the newest message may have gone, look for the newest that is left."""
    went = [(each, sent) for each, sent in differences.went.items() if differences.newest.get(each, 0) < sent]
    for batch in chunks(each for each, _ in went):
        run(connection, LAST.replace("{ids}", marks(len(batch))), batch)


LAST = (
    "UPDATE discussion SET last_at = COALESCE((SELECT max(m.sent_at) FROM message m"
    " WHERE m.discussion_id = discussion.id AND m.counted AND m.deleted_at IS NULL), opened_at) WHERE id IN ({ids})"
)


def reopen(connection: Connection, found: Mapping[int, tuple[Known, Platform]], lowest: Mapping[int, int]) -> None:
    """See anew which message opens a discussion, where an earlier one (or the root itself) became known.

    On Discord a thread without its first message is opened by the lowest known one; elsewhere nothing stands in for it.
    """
    opened = [
        (each, position)
        for each, position in lowest.items()
        for discussion, platform in (found[each],)
        if position == discussion.root
        or (
            platform is Platform.DISCORD
            and discussion.first != discussion.root
            and (discussion.first is None or position < discussion.first)
        )
    ]
    _open_with(connection, opened)
    recount_participants(connection, {each for each, _ in opened})


def _open_with(connection: Connection, opened: Iterable[tuple[int, int]]) -> None:
    """Let messages open their discussions: whose they are, and since when."""
    found = by_keys(
        connection,
        "SELECT position, author_id, sent_at, discussion_id FROM {keys} CROSS JOIN message"
        " WHERE discussion_id = column1 AND position = column2",
        opened,
    )
    many(
        connection,
        "UPDATE discussion SET first = ?, opener_id = ?, opened_at = ?,"
        " last_at = CASE WHEN count = 0 THEN ? ELSE last_at END,"
        " name = CASE WHEN EXISTS (SELECT 1 FROM member o WHERE o.id = ? AND ? <= o.erased_at) THEN '' ELSE name END"
        " WHERE id = ?",
        [(position, author, sent, sent, author, sent, each) for position, author, sent, each in found],
    )
