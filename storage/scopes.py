"""The conditions that keep reads inside what a reader may be shown, and find things by their platform keys."""

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.models import KnownChannel, MemberRef, MessageRef, Scope, Thread, position_of
from storage.ledger.resolve import space_id
from storage.sql import marks, one, run

OF_CHANNEL = (
    "(SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ? AND c.cid = ?)"
)
SPOT = f"m.channel_id = {OF_CHANNEL} AND m.position = ?"

Condition = tuple[str, list[object]]
Channels = Mapping[int, KnownChannel]


def in_scope(scope: Scope, channels: Channels, *, posts: bool = False) -> Condition:
    """The condition on `d` (and with `posts` on `m`) that a scope makes; nothing gets out without it."""
    keys = open_channels(scope, channels)
    if not keys:
        return "FALSE", []
    # One channel is looked up by its index; of many, the order of the list decides which index serves.
    where = "d.channel_id = ?" if len(keys) == 1 else f"+d.channel_id IN ({marks(len(keys))})"
    where += " AND NOT d.hidden AND NOT d.private AND (d.gone_at IS NULL OR d.gone_at <= d.info_at)"
    values: list[object] = list(keys)
    if scope.web and any(channels[key].settings.web_from for key in keys):
        since, more = by_channel({key: channels[key].settings.web_from for key in keys})
        where += f" AND d.root >= {since}" + (f" AND m.position >= {since}" if posts else "")
        values += more * (2 if posts else 1)
    return where, values


def open_channels(scope: Scope, channels: Channels) -> list[int]:
    """The channels of a scope that are known and still there."""
    return sorted(key for key in scope.channels if key in channels and not channels[key].removed)


def by_channel(numbers: Mapping[int, int]) -> Condition:
    """An expression on `d` that is each channel's own number."""
    if len(set(numbers.values())) == 1:
        return "CAST(? AS BIGINT)", [next(iter(numbers.values()))]
    pairs = " ".join("WHEN ? THEN CAST(? AS BIGINT)" for _ in numbers)
    return f"CASE d.channel_id {pairs} ELSE 0 END", [value for pair in numbers.items() for value in pair]


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


def somebody(connection: Connection, member: MemberRef) -> int:
    """The number of a member, who may never have written: then they are kept without a name until they do."""
    known = member_id(connection, member)
    if known is not None:
        return known
    run(
        connection,
        "INSERT INTO member (space_id, uid, name, name_at, is_bot) VALUES (?, ?, '', -1, ?)",
        (space_id(connection, member.space), member.id, False),
    )
    return somebody(connection, member)
