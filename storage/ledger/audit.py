"""Recounting: what every counter should be, straight from the messages and votes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from bot.models import Audit
from storage.ledger.votes import ACTIVE, ELIGIBLE, settings_of
from storage.rows import SHOWN
from storage.sql import number, one, rows
from storage.times import moment

RECOUNT = """
SELECT d.id, d.count, d.replies_ever, d.highlights, d.participants, d.last_at, d.opened_at,
  COALESCE(SUM(CASE WHEN m.counted AND m.deleted_at IS NULL THEN 1 ELSE 0 END), 0),
  COALESCE(SUM(CASE WHEN m.counted AND m.author_id IS NOT NULL AND m.position <> d.root THEN 1 ELSE 0 END), 0),
  COALESCE(SUM(CASE WHEN m.votes > 0 AND m.deleted_at IS NULL AND NOT m.held_author AND NOT m.held_moderator
    AND m.author_id IS NOT NULL THEN 1 ELSE 0 END), 0),
  COUNT(DISTINCT CASE WHEN m.counted AND m.deleted_at IS NULL THEN m.author_id END)
    + CASE WHEN d.opener_id IS NULL THEN 0
      WHEN MAX(CASE WHEN m.counted AND m.deleted_at IS NULL AND m.author_id = d.opener_id THEN 1 ELSE 0 END) = 1
      THEN 0 ELSE 1 END,
  MAX(CASE WHEN m.counted AND m.deleted_at IS NULL THEN m.sent_at END)
FROM discussion d LEFT JOIN message m ON m.discussion_id = d.id
GROUP BY d.id, d.count, d.replies_ever, d.highlights, d.participants, d.last_at, d.opened_at, d.opener_id, d.root
"""
COUNTING = "m.discussion_id IS NOT NULL AND m.counted AND m.deleted_at IS NULL"
PRESENT = f"""
SELECT count(*) FROM (SELECT d, a FROM (
  SELECT m.discussion_id AS d, m.author_id AS a, 1 AS n FROM message m WHERE {COUNTING}
  UNION ALL SELECT discussion_id, member_id, -n FROM participation
) AS both_ways GROUP BY d, a HAVING sum(n) <> 0) AS wrong
"""
DAYS = f"""
SELECT count(*) FROM (SELECT day, d, a FROM (
  SELECT m.sent_at / 86400000 AS day, m.discussion_id AS d, m.author_id AS a, 1 AS n FROM message m WHERE {COUNTING}
  UNION ALL SELECT day, discussion_id, member_id, -n FROM activity
) AS both_ways GROUP BY day, d, a HAVING sum(n) <> 0) AS wrong
"""


VOTES = f"""
SELECT count(*) FROM (SELECT channel_id, position FROM (
  SELECT v.channel_id, v.position, count(DISTINCT v.member_id) AS n FROM vote v
  JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position
  JOIN member w ON w.id = v.member_id JOIN member a ON a.id = m.author_id
  WHERE v.channel_id IN (SELECT id FROM channel WHERE space_id = ?) AND {ACTIVE} AND {ELIGIBLE}
  GROUP BY v.channel_id, v.position
  UNION ALL SELECT channel_id, position, -votes FROM message
  WHERE votes > 0 AND channel_id IN (SELECT id FROM channel WHERE space_id = ?)
) AS both_ways GROUP BY channel_id, position HAVING sum(n) <> 0) AS wrong
"""


def audit(connection: Connection) -> Audit:
    """Recount everything; drift counts the counters that differ: of discussions, people, days and messages' votes."""
    drift = sum(_drift(row) for row in rows(connection, RECOUNT))
    drift += number(connection, PRESENT) + number(connection, DAYS)
    for (space,) in rows(connection, "SELECT id FROM space"):
        drift += number(connection, VOTES, (space, *settings_of(connection, space), space))
    total = one(
        connection,
        f"SELECT count(*), COALESCE(sum(d.count), 0), COALESCE(sum(d.highlights), 0) FROM discussion d WHERE {SHOWN}",
    )
    live = number(connection, "SELECT count(*) FROM message WHERE deleted_at IS NULL AND author_id IS NOT NULL")
    return Audit(messages=live, discussions=total[0], counted=int(total[1]), highlights=int(total[2]), drift=drift)


def _drift(row: Sequence[Any]) -> int:
    """How many counters of one discussion differ."""
    newest = row[11] if row[11] is not None else row[6]
    return sum(
        kept != really
        for kept, really in ((row[1], row[7]), (row[2], row[8]), (row[3], row[9]), (row[4], row[10]), (row[5], newest))
    )


def audit_rows(connection: Connection) -> list[dict[str, str | int | None]]:
    """One row a discussion, by space, channel and age."""
    found = rows(
        connection,
        "SELECT s.platform, s.sid, c.cid, d.key, d.count, d.participants, d.highlights, d.last_at FROM discussion d"
        " JOIN channel c ON c.id = d.channel_id JOIN space s ON s.id = c.space_id"
        f" WHERE {SHOWN} ORDER BY s.platform, s.sid, c.cid, d.root",
    )
    return [
        {
            "space": f"{row[0]}/{row[1]}",
            "channel": row[2],
            "key": row[3],
            "count": row[4],
            "participants": row[5],
            "highlights": row[6],
            "last_activity": moment(row[7]).isoformat(),
        }
        for row in found
    ]
