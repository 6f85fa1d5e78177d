"""The conditions that keep reads inside what a reader may be shown, and find things by their platform keys."""

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.models import KnownChannel, MemberRef, MessageRef, Scope, Thread, position_of
from storage.sql import marks, one

OF_CHANNEL = (
    "(SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ? AND c.cid = ?)"
)
SPOT = f"m.channel_id = {OF_CHANNEL} AND m.position = ?"

Condition = tuple[str, list[object]]


def in_scope(scope: Scope, channels: Mapping[int, KnownChannel], *, posts: bool = False) -> Condition:
    """The condition on `d` (and with `posts` on `m`) that a scope makes; nothing gets out without it."""
    keys = sorted(key for key in scope.channels if key in channels)
    if not keys:
        return "FALSE", []
    where = f"d.channel_id IN ({marks(len(keys))}) AND NOT d.hidden AND NOT d.private"
    where += " AND (d.gone_at IS NULL OR d.gone_at <= d.info_at)"
    values: list[object] = list(keys)
    later = [(key, channels[key].settings.web_from) for key in keys if channels[key].settings.web_from]
    if scope.web and later:
        pairs = " ".join("WHEN ? THEN ?" for _ in later)
        since = f"CASE d.channel_id {pairs} ELSE 0 END"
        where += f" AND d.root >= {since}"
        values += [value for pair in later for value in pair]
        if posts:
            where += f" AND m.position >= {since}"
            values += [value for pair in later for value in pair]
    return where, values


def spot(ref: MessageRef) -> list[object]:
    """The values of SPOT."""
    space = ref.channel.space
    return [space.platform.value, space.id, ref.channel.id, ref.position]


def discussion_of_thread(thread: Thread) -> Condition:
    """The condition on `d` that names a thread."""
    space = thread.channel.space
    where = f"d.channel_id = {OF_CHANNEL} AND d.root = ?"
    return where, [space.platform.value, space.id, thread.channel.id, position_of(thread.id)]


def member_id(connection: Connection, member: MemberRef) -> int | None:
    """The number of a member, None if nothing is known of them."""
    row = one(
        connection,
        "SELECT a.id FROM member a JOIN space s ON s.id = a.space_id WHERE s.platform = ? AND s.sid = ? AND a.uid = ?",
        (member.space.platform.value, member.space.id, member.id),
    )
    return None if row is None else int(row[0])
