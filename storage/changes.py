"""The change log that every process follows, and the marks on posts of ours that are no longer true."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from bot.ports import Changed
from storage.sql import by_keys, many, rows, run


def note(connection: Connection, kind: Changed, subjects: Iterable[int]) -> None:
    """Append to the change log, in the transaction of what changed."""
    news = [(kind.value, subject) for subject in sorted(set(subjects))]
    many(connection, "INSERT INTO change (kind, subject) VALUES (?, ?)", news)


GONE = 20  # as many changes a mark counts for when a post carries words that are gone


def mark(connection: Connection, posts: Iterable[int], times: int = 1) -> None:
    """Mark posts of ours to be rendered again, in the transaction of what makes them untrue.

    A mark counts as `times` changes when it is decided which post comes first. A planned post is marked too: it may be
    under way already, as it was before the change. One that was given up and stands somewhere is tried again at once:
    what is changed now may be what was in the way.
    """
    many(
        connection,
        "UPDATE own_post SET dirty_at = COALESCE(dirty_at, (SELECT COALESCE(max(seq), 0) FROM change)),"
        " marks = marks + ?, attempts = CASE state WHEN 'parked' THEN 0 ELSE attempts END,"
        " not_before = CASE state WHEN 'parked' THEN 0 ELSE not_before END,"
        " state = CASE state WHEN 'parked' THEN 'sending' ELSE state END"
        " WHERE id = ? AND (state IN ('planned', 'sending', 'live') OR (state = 'parked' AND mid IS NOT NULL))",
        [(times, post) for post in sorted(set(posts))],
    )


DIGESTS = (
    "SELECT o.id FROM run_pick p JOIN own_post o ON o.subject = 'digest:' || CAST(p.run_id AS TEXT)"
    " WHERE p.discussion_id = ?"
)


def mark_digests(connection: Connection, discussion: int) -> None:
    """Mark the digests that a discussion is in."""
    mark(connection, [row[0] for row in rows(connection, DIGESTS, (discussion,))])


ELSEWHERE = (
    "SELECT o.id FROM channel k JOIN discussion d ON d.channel_id = k.id JOIN run_pick r ON r.discussion_id = d.id"
    " JOIN own_post o ON o.subject = 'digest:' || CAST(r.run_id AS TEXT) JOIN channel c ON c.id = o.channel_id"
    " WHERE c.space_id <> k.space_id AND k.space_id IN ({keys})"
)


def mark_elsewhere(connection: Connection, spaces: Collection[int]) -> None:
    """Mark the digests in other spaces that tell of these."""
    mark(connection, [row[0] for row in by_keys(connection, ELSEWHERE, sorted(spaces))])


# It failed and waits, or is being tried just now: what that will answer is what was, and not a reason to wait.
WAITING = "(not_before > 0 OR owner <> '') AND state IN ('live', 'sending')"

# Given up before it ever stood anywhere. Not a digest or a highlight: late, they would be news of another day.
NEVER_SENT = "state = 'parked' AND mid IS NULL AND kind IN ('card', 'board')"


def release(connection: Connection, condition: str, values: Sequence[object]) -> None:
    """Let posts of ours that failed be tried at once: what was in their way has changed.

    What was never tried keeps waiting for its time. Of what was given up, cards and boards are tried again; perhaps
    they stand there already, so that they are looked for first.
    """
    run(
        connection,
        "UPDATE own_post SET not_before = 0, attempts = 0, marks = marks + 1,"
        " state = CASE state WHEN 'parked' THEN 'sending' ELSE state END"
        f" WHERE (({WAITING}) OR ({NEVER_SENT})) AND {condition}",
        values,
    )
