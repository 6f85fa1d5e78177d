"""Which events of the platforms are kept: what happens in followed channels, and what becomes of what is stored."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.models import (
    Channel,
    Event,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Platform,
    Space,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteCast,
    VotesRead,
    VotesWithdrawn,
    position_of,
)
from storage.sql import by_keys

NAMED = "s.platform = column1 AND s.sid = column2 AND c.space_id = s.id AND c.cid = column3"
FOLLOWED = (
    f"SELECT s.platform, s.sid, c.cid FROM {{keys}} CROSS JOIN space s CROSS JOIN channel c WHERE {NAMED} AND c.watched"
    " AND (c.removed_at IS NULL OR c.removed_at < c.info_at) AND (s.removed_at IS NULL OR s.removed_at < s.info_at)"
)
STORED: Sequence[tuple[type[MessageRef] | type[Thread], str]] = (
    (
        MessageRef,
        "SELECT s.platform, s.sid, c.cid, m.position FROM {keys} CROSS JOIN space s CROSS JOIN channel c"
        f" CROSS JOIN message m WHERE {NAMED} AND m.channel_id = c.id AND m.position = column4"
        " AND m.author_id IS NOT NULL",
    ),
    (
        Thread,
        "SELECT s.platform, s.sid, c.cid, d.root FROM {keys} CROSS JOIN space s CROSS JOIN channel c"
        f" CROSS JOIN discussion d WHERE {NAMED} AND d.channel_id = c.id AND d.root = column4",
    ),
)


def kept(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """The events that are kept, in their order; the rest happens in channels that nobody watches.

    Of such a channel it is still heard when something that is stored of it is edited or deleted, or its thread changes:
    people may take back what they said. One query for all events, two more where some are of other channels.
    """
    followed = _followed(connection, {where for where in map(_channel, events) if where is not None})
    elsewhere = [it for it in map(_subject, events) if it is not None and it.channel not in followed]
    stored = _stored(connection, elsewhere)
    return [
        event
        for event in events
        if (where := _channel(event)) is None or where in followed or _subject(event) in stored
    ]


def _channel(event: Event) -> Channel | None:
    """The channel in which something happens; None for what is always kept."""
    match event:
        case MessageSeen(message=message):
            return message.ref.channel
        case VoteCast(ref=ref) | VotesRead(ref=ref) | VotesWithdrawn(ref=ref) | MessageDeleted(ref=ref):
            return ref.channel
        case ThreadSeen(thread=thread) | ThreadGone(thread=thread):
            return thread.channel
        case _:
            return None


def _subject(event: Event) -> MessageRef | Thread | None:
    """What an event may end or change that is stored, whether anybody follows its channel now or not."""
    match event:
        case MessageDeleted(ref=ref):
            return ref
        case MessageSeen(message=message) if message.edited_at is not None:
            return message.ref
        case ThreadSeen(thread=thread) | ThreadGone(thread=thread):
            return thread
        case _:
            return None


def _followed(connection: Connection, channels: Iterable[Channel]) -> Collection[Channel]:
    return {_named(row) for row in by_keys(connection, FOLLOWED, map(_key, channels))}


def _stored(connection: Connection, subjects: Sequence[MessageRef | Thread]) -> Collection[MessageRef | Thread]:
    """Which of these messages and discussions we have."""
    found: set[MessageRef | Thread] = set()
    for kind, query in STORED:
        asked = {(*_key(it.channel), position_of(it.id)): it for it in subjects if isinstance(it, kind)}
        found.update(asked[tuple(row)] for row in by_keys(connection, query, asked))
    return found


def _key(channel: Channel) -> tuple[str, str, str]:
    return channel.space.platform.value, channel.space.id, channel.id


def _named(row: Sequence[Any]) -> Channel:
    return Channel(Space(Platform(row[0]), row[1]), row[2])
