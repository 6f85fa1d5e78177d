"""One batch of events into the tables, in one transaction: look up what is there, write what changed, move counters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.models import Channel, Event, MemberRef, Platform, position_of
from bot.ports import Changed
from storage.changes import GONE, mark, note
from storage.ledger import chains, closing, discussions, votes
from storage.ledger.discussions import Root
from storage.ledger.fold import Batch, MessageFold, fold
from storage.ledger.messages import Differences, Known, Row, arrive, differ, existing, merged, placed, write
from storage.ledger.recount import find_openings
from storage.ledger.resolve import (
    ChannelRow,
    MemberRow,
    channels_named,
    keep_channels,
    keep_members,
    keep_spaces,
)
from storage.sql import by_keys, many

DROP_NOTES = (
    "DELETE FROM note WHERE channel_id = ? AND position = ? AND EXISTS (SELECT 1 FROM message m"
    " WHERE m.channel_id = note.channel_id AND m.position = note.position AND m.deleted_at IS NOT NULL)"
)
# The discussions of which a title, line or question was made from words that are deleted now.
MADE_OF_GONE = (
    "SELECT m.discussion_id FROM {keys} CROSS JOIN message m JOIN made_from f ON f.discussion_id = m.discussion_id"
    " AND f.position = m.position WHERE m.channel_id = column1 AND m.position = column2 AND m.deleted_at IS NOT NULL"
)


@dataclass(slots=True)
class Work:
    """What one batch has in hand."""

    batch: Batch
    said: Sequence[tuple[ChannelRow, int, MessageFold]]  # of each message: its channel, its position, what is told
    channels: Mapping[Channel, ChannelRow]
    members: Mapping[MemberRef, MemberRow]
    rows: dict[tuple[int, int], Row]
    found: dict[Root, Known]
    fresh: set[Root]


def ingest(connection: Connection, events: Sequence[Event]) -> None:
    """Store events. Free of order and repetition: the tables depend on the set of all events ever given."""
    batch = fold(events)
    named = channels_named(batch)
    spaces = keep_spaces(connection, batch, named)
    channels = keep_channels(connection, batch, named, spaces)
    members = keep_members(connection, batch, spaces)
    said = [(channels[channel], position, told) for (channel, position), told in batch.messages.items()]
    rows = existing(connection, {(where.id, position) for where, position, _ in said})
    work = Work(batch, said, channels, members, rows, {}, set())
    _find_discussions(connection, work)
    differences = _messages(connection, work)
    written = ((where, position) for where, position, told in said if told.snapshot is not None)
    closing.hold_back(connection, ((where.id, position) for where, position in written if where.closed_at(position)))
    touched = discussions.keep_threads(connection, batch, channels, work.found)
    discussions.apply(connection, differences, {known.id: known.opener for known in work.found.values()})
    platforms = {row.id: row.platform for row in channels.values()}
    by_id = {known.id: (known, platforms[root[0]]) for root, known in work.found.items()}
    by_id |= discussions.numbered(connection, differences.lowest.keys() - by_id.keys())
    discussions.reopen(connection, by_id, differences.lowest)
    find_openings(connection, differences.shut)
    touched |= _votes(connection, work, differences.awaited)
    _tell(connection, work, differences, touched | differences.touched)


def _find_discussions(connection: Connection, work: Work) -> None:
    """Find the discussions that the batch speaks of, and make those that it begins."""
    wanted: dict[Root, tuple[str, Platform]] = {}
    beginning: set[Root] = set()
    for row, position, said in work.said:
        root = said.root if said.root is not None else position
        wanted.setdefault((row.id, root), ("", row.platform))
        if said.snapshot is not None and said.root is not None and root != position:
            wanted[row.id, root] = (said.snapshot.thread.id, row.platform)
            beginning.add((row.id, root))
    for thread in work.batch.threads:
        row = work.channels[thread.channel]
        wanted[row.id, position_of(thread.id)] = (thread.id, row.platform)
        beginning.add((row.id, position_of(thread.id)))
    work.found = discussions.known(connection, wanted)
    work.fresh = beginning - set(work.found)
    if work.fresh:
        discussions.make(connection, {root: wanted[root] for root in work.fresh})
        work.found |= discussions.known(connection, work.fresh)


def _messages(connection: Connection, work: Work) -> Differences:
    """Merge what is said of messages into their rows; the differences that this makes."""
    differences = Differences()
    inserts: list[Row] = []
    updates: list[Row] = []
    led: list[tuple[int, int]] = []
    for where, position, said in work.said:
        old = work.rows.pop((where.id, position), None) or Row(where.id, position, said.id)
        new = merged(old, said, where, work.members, work.found)
        arrive(differences, new, said, where, work.found)
        if new != old or new.id is None:
            differ(differences, old, new)
            (inserts if new.id is None else updates).append(new)
            if where.chains and new.thread == position and _answers_anew(old, new):
                led.append((where.id, position))
    for old in _roots(connection, work):
        new = placed(old, old.position, work.found)
        if new != old:
            differ(differences, old, new)
            updates.append(new)
    write(connection, inserts, updates)
    chains.follow(connection, led, differences)
    return differences


def _answers_anew(old: Row, new: Row) -> bool:
    """Whether a message is seen for the first time, or answers something else than it did."""
    return new.author is not None and (old.author is None or old.reply_to != new.reply_to)


def _roots(connection: Connection, work: Work) -> list[Row]:
    """The first messages of the discussions that begin now, where they were known before as lone messages.

    A reply is none: it stays in its own thread, whoever took it for the beginning of another.
    """
    begun = work.fresh - {(where.id, position) for where, position, _ in work.said}
    found = existing(connection, begun).values() if begun else ()
    return [row for row in found if row.thread in {None, row.position}]


def _votes(connection: Connection, work: Work, awaited: set[tuple[int, int]]) -> set[int]:
    """Keep votes and count them where they, or their message, may have changed; the discussions that did change."""
    concerned = votes.keep(connection, work.batch, work.channels, work.members)
    for channel, position in awaited:
        concerned.setdefault(channel, set()).add((channel, position))
    rows = {row.id: row for row in work.channels.values()}
    changed: set[tuple[int, int]] = set()
    for channel, spots in concerned.items():
        changed |= votes.recount(connection, spots, rows[channel].own_highlights, rows[channel].bot_highlights)
    for member in work.members.values():
        if member.turned is not None:
            changed |= votes.recount_member(connection, member.turned, member.id)
    return votes.discussions_at(connection, changed)


def _tell(connection: Connection, work: Work, differences: Differences, touched: set[int]) -> None:
    """Write the change log, and mark our posts that carry words which are not so any more."""
    note(connection, Changed.DISCUSSION, touched)
    note(connection, Changed.VOTE, _starred(connection, work, differences.awaited))
    hosted = {row.id for row in work.channels.values() if row.hosted}
    note(connection, Changed.ROOM, hosted & (differences.lone | {row.id for row in work.channels.values()}))
    gone = [place for place in work.batch.gone if isinstance(place, Channel)]
    told = [work.channels[channel].id for channel in (*work.batch.channels, *gone)]
    note(connection, Changed.CHANNEL, told)
    if work.batch.spaces or len(gone) < len(work.batch.gone):
        note(connection, Changed.PLACES, [0])
    redact(connection, differences.rewritten)
    many(connection, DROP_NOTES, sorted(differences.rewritten))
    clear(connection, [row[0] for row in by_keys(connection, MADE_OF_GONE, differences.rewritten)])


def _starred(connection: Connection, work: Work, awaited: set[tuple[int, int]]) -> list[int]:
    """The numbers of messages with a vote that came live, or that came live themselves, after their votes."""
    live = {(where.id, position) for where, position, told in work.said if told.live} & awaited
    live |= {(work.channels[channel].id, position) for channel, position in work.batch.starred}
    query = "SELECT id FROM {keys} CROSS JOIN message WHERE channel_id = column1 AND position = column2"
    return [row[0] for row in by_keys(connection, query, live)]


def redact(connection: Connection, spots: set[tuple[int, int]]) -> None:
    """Mark the posts that carry these messages' words, and let what is gone leave the text search."""
    query = "SELECT post_id FROM {keys} CROSS JOIN placement WHERE channel_id = column1 AND position = column2"
    found = by_keys(connection, query, spots)
    mark(connection, [row[0] for row in found], GONE)
    many(
        connection,
        "INSERT INTO search_dirty (message_id) SELECT id FROM message WHERE channel_id = ? AND position = ?"
        " ON CONFLICT DO NOTHING",
        sorted(spots),
    )


def clear(connection: Connection, discussions: Iterable[int]) -> None:
    """Take away what was made of discussions; it is made anew from what may be shown."""
    each = [(discussion,) for discussion in sorted(set(discussions))]
    many(connection, "UPDATE discussion SET title_made = '', summary_made = '', waiting = 0 WHERE id = ?", each)
    many(connection, "DELETE FROM question WHERE discussion_id = ?", each)
    many(connection, "DELETE FROM made_from WHERE discussion_id = ?", each)


def adopt(connection: Connection, root: Root, discussion: int, *, chain: bool) -> None:
    """Let a message of a channel open a discussion that was asked for; with `chain`, what answers it joins in."""
    differences = Differences()
    old = existing(connection, {root})[root]
    new = placed(old, root[1], {root: Known(discussion, root[1], None)}, seen=True)
    if new != old:
        differ(differences, old, new)
        write(connection, [], [new])
    if chain and chains.begin(connection, root, discussion):
        chains.follow(connection, chains.answers(connection, root), differences)
    discussions.apply(connection, differences, {})
    known = discussions.numbered(connection, differences.lowest)
    discussions.reopen(connection, known, differences.lowest)
    find_openings(connection, differences.shut)
    note(connection, Changed.DISCUSSION, differences.touched)
