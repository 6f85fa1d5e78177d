"""One post of ours in tables: a row as a value, the plan, whose words it carries, and the end of one never shown."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from bot import cardjson
from bot.models import Card, Channel, Drop, MessageRef, OwnPost, PostKind, PostState, Space, Thread, channel_of
from bot.ports import NOTHING_TO_SHOW, Changed
from storage.changes import note
from storage.runs import reopen
from storage.scopes import OF_CHANNEL, Channels
from storage.sql import many, number, one, run
from storage.times import maybe, moment

MOST_WAITING = 1000  # cards and highlights of a space that were never shown
WAITING = "state IN ('planned', 'sending') AND mid IS NULL AND kind IN ('card', 'highlight')"
OF_SPACE = (
    "channel_id IN (SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ?)"
)


def marker_of(subject: str) -> str:
    """A mark of at most 20 characters that goes with a post and finds it again; the same for the same subject."""
    return hashlib.sha256(subject.encode()).hexdigest()[:20]


def own_post(row: Sequence[Any], channels: Channels) -> OwnPost:
    """A row of COLUMNS as a value."""
    channel = channels[row[3]].channel
    return OwnPost(
        id=row[0],
        kind=PostKind(row[1]),
        subject=row[2],
        where=channel if row[4] is None else Thread(channel, row[4]),
        marker=row[5],
        state=PostState(row[6]),
        card=None if row[7] is None else cardjson.loads(row[7]),
        ref=None if row[8] is None else MessageRef(channel, row[8]),
        attempts=row[9],
        dirty=row[10] is not None,
        next_change_at=maybe(row[11]),
        planned_at=moment(row[12]),
        reason=row[13],
    )


def plan(
    connection: Connection, kind: PostKind, subject: str, where: Channel | Thread, at: int, card: Card | None
) -> int | None:
    """Plan a post; None if the subject has one. What comes back has another mark: the platform may know the old one."""
    channel = channel_of(where)
    key = (channel.space.platform.value, channel.space.id, channel.id)
    crowded = kind in {PostKind.CARD, PostKind.HIGHLIGHT} and _waiting(connection, channel.space) >= MOST_WAITING
    how = (PostState.DROPPED.value, Drop.CROWDED.value, at) if crowded else (PostState.PLANNED.value, "", None)
    done = run(
        connection,
        "INSERT INTO own_post (kind, subject, channel_id, thread, marker, card, attempts, planned_at, unread,"
        " not_before, owner, leased_until, marks, claimed_marks, told, state, reason, ended_at)"
        f" SELECT ?, ?, {OF_CHANNEL}, ?, ?, ?, 0, ?, 0, 0, '', 0, 0, 0, ?, ?, ?, ?"
        " WHERE TRUE ON CONFLICT (subject) DO UPDATE SET state = excluded.state, planned_at = excluded.planned_at,"
        " channel_id = excluded.channel_id, thread = excluded.thread, card = excluded.card,"
        " marker = ?, mid = NULL, attempts = 0, not_before = 0, reason = excluded.reason, told = excluded.told,"
        " ended_at = excluded.ended_at"
        " WHERE (own_post.state = 'gone' AND own_post.reason = ?) OR own_post.state = 'dropped'",
        (
            kind.value, subject, *key, where.id if isinstance(where, Thread) else None, marker_of(subject),
            None if card is None else cardjson.dumps(card), at, False, *how, marker_of(f"{subject} {at}"),
            NOTHING_TO_SHOW,
        ),
    )  # fmt: skip
    if done.rowcount < 1 or crowded:
        return None
    post = number(connection, "SELECT id FROM own_post WHERE subject = ?", (subject,))
    note(connection, Changed.POST, [post])
    return post


def _waiting(connection: Connection, space: Space) -> int:
    """How many cards and highlights of a space were never shown yet."""
    query = f"SELECT count(*) FROM own_post WHERE {WAITING} AND {OF_SPACE}"
    return number(connection, query, (space.platform.value, space.id))


def place(connection: Connection, post: int, cites: Sequence[MessageRef]) -> None:
    """Keep whose words a post carries."""
    run(connection, "DELETE FROM placement WHERE post_id = ?", (post,))
    many(
        connection,
        f"INSERT INTO placement (channel_id, position, post_id) SELECT {OF_CHANNEL}, ?, ?",
        [
            (ref.channel.space.platform.value, ref.channel.space.id, ref.channel.id, ref.position, post)
            for ref in dict.fromkeys(cites)
        ],
    )


def let_go(connection: Connection, post: int, reason: Drop, at: int) -> None:
    """Drop a post that was never shown; what it said is kept no longer. A digest's time is left to the next one."""
    run(
        connection,
        "UPDATE own_post SET state = 'dropped', reason = ?, ended_at = ?, told = ?, owner = '', leased_until = 0,"
        " dirty_at = NULL, next_change_at = NULL, card = NULL WHERE id = ?",
        (reason.value, at, False, post),
    )
    run(connection, "DELETE FROM placement WHERE post_id = ?", (post,))
    note(connection, Changed.POST, [post])
    row = one(connection, "SELECT subject FROM own_post WHERE id = ? AND kind = 'digest'", (post,))
    if row is not None:
        reopen(connection, int(row[0].partition(":")[2]), reason.value)
