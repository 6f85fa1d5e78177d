"""Counting a whole channel anew, where a rule changed and not a message."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from bot.models import Kind
from bot.models.places import DISCORD_EPOCH
from storage.ledger.discussions import LAST, recount_participants
from storage.sql import chunks, marks, rows, run
from storage.times import DAY

COUNTING = "m.counted AND m.deleted_at IS NULL"


def recount_bots(connection: Connection, channel: int, count_bots: bool, bridges: Collection[str]) -> list[int]:
    """Apply a channel's rule about bots to what is stored, and count its discussions anew; their numbers."""
    names = sorted(bridges)
    speaks = f"author_id IN (SELECT a.id FROM member a WHERE a.uid IN ({marks(len(names))}))" if names else "FALSE"
    run(
        connection,
        f"UPDATE message SET counted = CASE WHEN ? OR {speaks} THEN TRUE ELSE FALSE END"
        " WHERE channel_id = ? AND kind = ?",
        (count_bots, *names, channel, Kind.BOT.value),
    )
    found = [row[0] for row in rows(connection, "SELECT id FROM discussion WHERE channel_id = ?", (channel,))]
    for batch in chunks(found):
        _recount(connection, batch)
    find_openings(connection, found)
    return found


def find_openings(connection: Connection, discussions: Iterable[int]) -> None:
    """Look anew for what opens discussions, where it need not be their own first message."""
    found = sorted(discussions)
    for batch in chunks(found):
        for statement in (OPENING, OPENED, LAST):
            run(connection, statement.replace("{ids}", marks(len(batch))), batch)
    recount_participants(connection, found)


def _recount(connection: Connection, discussions: list[int]) -> None:
    inside = f"IN ({marks(len(discussions))})"
    run(connection, f"DELETE FROM participation WHERE discussion_id {inside}", discussions)
    run(connection, f"DELETE FROM activity WHERE discussion_id {inside}", discussions)
    run(
        connection,
        "INSERT INTO participation (discussion_id, member_id, n) SELECT m.discussion_id, m.author_id, count(*)"
        f" FROM message m WHERE m.discussion_id {inside} AND {COUNTING} GROUP BY m.discussion_id, m.author_id",
        discussions,
    )
    run(
        connection,
        f"INSERT INTO activity (day, discussion_id, member_id, n) SELECT m.sent_at / {DAY}, m.discussion_id,"
        f" m.author_id, count(*) FROM message m WHERE m.discussion_id {inside} AND {COUNTING}"
        f" GROUP BY m.sent_at / {DAY}, m.discussion_id, m.author_id",
        discussions,
    )
    mine = "FROM message m WHERE m.discussion_id = discussion.id"
    run(
        connection,
        f"UPDATE discussion SET unsettled = TRUE, count = (SELECT count(*) {mine} AND {COUNTING}), replies_ever ="
        f" (SELECT count(*) {mine} AND m.counted AND m.position <> discussion.root) WHERE id {inside}",
        discussions,
    )


# A Discord thread whose own first message is unknown is opened by the lowest one that counts, which may be another now.
OPENING = (
    "UPDATE discussion SET first = (SELECT min(m.position) FROM message m WHERE m.discussion_id = discussion.id"
    " AND m.counted AND m.author_id IS NOT NULL) WHERE id IN ({ids}) AND (first IS NULL OR first <> root)"
    " AND channel_id IN (SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = 'discord')"
)
OPENED = (
    "UPDATE discussion SET opener_id = (SELECT m.author_id FROM message m WHERE m.discussion_id = discussion.id"
    " AND m.position = discussion.first), opened_at = COALESCE((SELECT m.sent_at FROM message m WHERE"
    f" m.discussion_id = discussion.id AND m.position = discussion.first), (root >> 22) + {DISCORD_EPOCH})"
    " WHERE id IN ({ids}) AND (first IS NULL OR first <> root)"
    " AND channel_id IN (SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = 'discord')"
)
