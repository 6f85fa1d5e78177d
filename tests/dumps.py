"""What a database holds, for comparing: raw, or by what things are called outside."""

from typing import Any

from sqlalchemy import Connection, text

from storage import SqlStore
from storage.tables import metadata

Dump = dict[str, list[tuple[Any, ...]]]

NATURAL = {
    "space": "SELECT platform, sid, name, hosted, invite_url, info_at, settings FROM space",
    "channel": "SELECT s.sid, c.cid, c.name, c.private, c.forum, c.archived, c.url, c.info_at, c.watched, c.level,"
    " c.web_from, c.watermark FROM channel c JOIN space s ON s.id = c.space_id",
    "member": "SELECT s.sid, m.uid, m.name, m.name_at, m.is_bot FROM member m JOIN space s ON s.id = m.space_id",
    "discussion": "SELECT c.cid, d.root, d.key, d.forced, d.name, d.info_at, d.url, d.first, o.uid, d.opened_at,"
    " d.count, d.replies_ever, d.participants, d.highlights, d.last_at, d.title_made, d.summary_made, d.waiting,"
    " d.unsettled"
    " FROM discussion d JOIN channel c ON c.id = d.channel_id LEFT JOIN member o ON o.id = d.opener_id",
    "message": "SELECT c.cid, m.position, m.mid, d.key, m.thread, a.uid, m.kind, m.counted, m.sent_at, m.edited_at,"
    " m.deleted_at, m.text, m.reply_to, m.files, m.url, m.votes, m.picked, m.voted_at FROM message m"
    " JOIN channel c ON c.id = m.channel_id LEFT JOIN discussion d ON d.id = m.discussion_id"
    " LEFT JOIN member a ON a.id = m.author_id",
    "vote": "SELECT c.cid, v.position, a.uid, v.source, v.added_at, v.listed_at, v.removed_at, v.withdrawn_at"
    " FROM vote v JOIN channel c ON c.id = v.channel_id JOIN member a ON a.id = v.member_id",
    "participation": "SELECT d.key, a.uid, p.n FROM participation p JOIN discussion d ON d.id = p.discussion_id"
    " JOIN member a ON a.id = p.member_id",
    "activity": "SELECT y.day, d.key, a.uid, y.n FROM activity y JOIN discussion d ON d.id = y.discussion_id"
    " JOIN member a ON a.id = y.member_id",
    "question": "SELECT d.key, q.position, q.number, q.text FROM question q"
    " JOIN discussion d ON d.id = q.discussion_id",
    "made_from": "SELECT d.key, m.position FROM made_from m JOIN discussion d ON d.id = m.discussion_id",
    "own_post": "SELECT kind, subject FROM own_post",
    "setting": "SELECT name, value FROM setting WHERE name <> 'search'",
    "searched": "SELECT count(*) FROM message_text",
}


def _rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in connection.execute(text(query))), key=repr)


async def raw(store: SqlStore) -> Dump:
    """Every row of every table."""

    def work(connection: Connection) -> Dump:
        return {table.name: _rows(connection, f'SELECT * FROM "{table.name}"') for table in metadata.sorted_tables}

    return await store.database.read(work)


async def natural(store: SqlStore) -> Dump:
    """Everything that an import makes, without the numbers that rows happen to have."""
    return await store.database.read(
        lambda connection: {name: _rows(connection, query) for name, query in NATURAL.items()}
    )
