"""Votes into rows, and what they make of their messages."""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from bot.models import Channel, MemberRef, VoteSource, VotesRead
from storage.ledger.fold import Batch, VoteFold
from storage.ledger.resolve import ChannelRow, MemberRow
from storage.sql import by_keys, chunks, many, one, rows, wanted
from storage.times import ms

Spot = tuple[int, int]  # channel, position
AT = "channel_id = column1 AND position = column2"  # in a row of the keys that are asked for

# A vote is there while it was added or listed after it was removed, and not withdrawn since it was added.
ACTIVE = (
    "(CASE WHEN v.added_at > v.listed_at THEN v.added_at ELSE v.listed_at END) > v.removed_at"
    " AND NOT (v.withdrawn_at > 0 AND v.added_at <= v.withdrawn_at)"
)
ELIGIBLE = "NOT w.is_bot AND m.author_id IS NOT NULL AND (v.member_id <> m.author_id OR ?) AND (NOT a.is_bot OR ?)"
KEEP = (
    "INSERT INTO vote (channel_id, position, member_id, source, added_at, listed_at, removed_at, withdrawn_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, position, member_id, source) DO UPDATE SET"
    " added_at = CASE WHEN excluded.added_at > vote.added_at THEN excluded.added_at ELSE vote.added_at END,"
    " listed_at = CASE WHEN excluded.listed_at > vote.listed_at THEN excluded.listed_at ELSE vote.listed_at END,"
    " removed_at = CASE WHEN excluded.removed_at > vote.removed_at THEN excluded.removed_at ELSE vote.removed_at END,"
    " withdrawn_at = CASE WHEN excluded.withdrawn_at > vote.withdrawn_at"
    " THEN excluded.withdrawn_at ELSE vote.withdrawn_at END"
)


def keep(
    connection: Connection,
    batch: Batch,
    channels: Mapping[Channel, ChannelRow],
    members: Mapping[MemberRef, MemberRow],
) -> dict[int, set[Spot]]:
    """Keep a batch's votes; the messages concerned, by channel."""
    concerned: dict[int, set[Spot]] = {}
    cast = []
    for ((channel, position), member, source), vote in batch.votes.items():
        spot = (channels[channel].id, position)
        concerned.setdefault(spot[0], set()).add(spot)
        cast.append((*spot, members[member], source.value, vote))
    reads = [((channels[read.ref.channel].id, read.ref.position), read) for read in batch.reads]
    for spot, _ in reads:
        concerned.setdefault(spot[0], set()).add(spot)
    late = _read_before(connection, {spot for spots in concerned.values() for spot in spots})
    new = _new(connection, cast)
    many(
        connection,
        KEEP,
        [
            _registers(
                channel,
                position,
                member.id,
                source,
                vote,
                late if (channel, position, member.id, source) in new else {},
            )
            for channel, position, member, source, vote in cast
            if not _erased(member, vote)
        ],
    )
    _keep_reads(connection, reads, members, late)
    return concerned


Cast = tuple[int, int, MemberRow, str, VoteFold]


def _registers(
    channel: int, position: int, member: int, source: str, vote: VoteFold, late: Mapping[tuple[int, int, str], int]
) -> tuple[object, ...]:
    """A vote's row. One that comes after its message's votes were read, and was not among them, was gone by then."""
    removed = max(vote.removed, late.get((channel, position, source), 0))
    return channel, position, member, source, vote.added, vote.listed, removed, vote.withdrawn


def _read_before(connection: Connection, spots: set[Spot]) -> dict[tuple[int, int, str], int]:
    found = by_keys(
        connection,
        f"SELECT channel_id, position, source, read_at FROM {{keys}} CROSS JOIN vote_read WHERE {AT}",
        spots,
    )
    return {(row[0], row[1], row[2]): row[3] for row in found}


def _new(connection: Connection, cast: list[Cast]) -> set[tuple[int, int, int, str]]:
    """The votes of which nothing is known yet."""
    keys = {(channel, position, member.id, source) for channel, position, member, source, _ in cast}
    found = by_keys(
        connection,
        f"SELECT channel_id, position, member_id, source FROM {{keys}} CROSS JOIN vote WHERE {AT}"
        " AND member_id = column3 AND source = column4",
        keys,
    )
    return keys - {tuple(row) for row in found}


def _erased(member: MemberRow, vote: VoteFold) -> bool:
    """Whether a vote belongs to what its owner erased: such votes never return."""
    newest = max(vote.added, vote.listed, vote.removed, vote.withdrawn)
    return member.erased_at is not None and newest <= member.erased_at


def _keep_reads(
    connection: Connection,
    reads: list[tuple[Spot, VotesRead]],
    members: Mapping[MemberRef, MemberRow],
    late: dict[tuple[int, int, str], int],
) -> None:
    """Keep whole readings of messages' votes: who is listed has one, all others have none (any more).

    Who is listed for the first time was in none of the readings before, be they older or newer than this.
    """
    known = _voters(connection, {(*spot, read.source.value) for spot, read in reads})
    kept: list[tuple[object, ...]] = []
    told: list[tuple[object, ...]] = []
    for spot, read in reads:
        at, key = ms(read.at), (*spot, read.source.value)
        voters = [members[voter.member] for voter in read.voters]
        listed, erased = {each.id for each in voters}, {each.id for each in voters if each.erased_at is not None}
        before, had = late.get(key, 0), known[key]
        kept += [
            (*spot, member, key[2], 0, at, 0 if member in had else before, 0) for member in sorted(listed - erased)
        ]
        kept += [(*spot, member, key[2], 0, 0, at, 0) for member in sorted(had - listed)]
        told.append((*key, at))
        late[key] = max(before, at)
        known[key] = had | (listed - erased)
    many(connection, KEEP, kept)
    many(connection, KEEP_READ, told)


KEEP_READ = (
    "INSERT INTO vote_read (channel_id, position, source, read_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (channel_id, position, source) DO UPDATE SET read_at ="
    " CASE WHEN excluded.read_at > vote_read.read_at THEN excluded.read_at ELSE vote_read.read_at END"
)


def _voters(connection: Connection, keys: set[tuple[int, int, str]]) -> dict[tuple[int, int, str], set[int]]:
    """Everybody of whom there is a vote, even a withdrawn one, by message and source."""
    found: dict[tuple[int, int, str], set[int]] = {key: set() for key in keys}
    query = (
        f"SELECT channel_id, position, source, member_id FROM {{keys}} CROSS JOIN vote WHERE {AT} AND source = column3"
    )
    for channel, position, source, member in by_keys(connection, query, keys):
        found[channel, position, source].add(member)
    return found


def recount(connection: Connection, spots: Iterable[Spot], own: bool, bots: bool) -> set[Spot]:
    """Count the votes of messages anew, and with them their discussions' highlights. All of one space's settings.

    The messages whose numbers that changed.
    """
    asked = sorted(set(spots))
    before = highlighted(connection, asked)
    kept = {
        (row[0], row[1]): (row[2], bool(row[3]), row[4])
        for row in by_keys(
            connection,
            f"SELECT channel_id, position, votes, picked, voted_at FROM {{keys}} CROSS JOIN message WHERE {AT}",
            asked,
        )
    }
    fresh = {(row[0], row[1]): (row[2], bool(row[3]), row[4]) for row in _votes(connection, asked, own, bots)}
    changed = {spot: fresh.get(spot, NO_VOTES) for spot in asked if fresh.get(spot, NO_VOTES) != kept.get(spot)}
    many(
        connection,
        "UPDATE message SET votes = ?, picked = ?, voted_at = ? WHERE channel_id = ? AND position = ?",
        [(*numbers, *spot) for spot, numbers in changed.items()],
    )
    move_highlights(connection, before, highlighted(connection, asked))
    return set(changed)


NO_VOTES = (0, False, None)


def recount_member(connection: Connection, space: int, member: int) -> set[Spot]:
    """Count anew what a member voted on, and the votes on what they wrote; the messages whose numbers that changed."""
    spots = rows(
        connection,
        "SELECT channel_id, position FROM vote WHERE member_id = ? UNION SELECT v.channel_id, v.position FROM message m"
        " JOIN vote v ON v.channel_id = m.channel_id AND v.position = m.position WHERE m.author_id = ?",
        (member, member),
    )
    return recount(connection, {(row[0], row[1]) for row in spots}, *settings_of(connection, space))


def recount_space(connection: Connection, space: int) -> set[Spot]:
    """Count anew the votes that a space's settings decide about; the messages whose numbers that changed."""
    spots = rows(
        connection,
        "SELECT DISTINCT v.channel_id, v.position FROM channel c JOIN vote v ON v.channel_id = c.id"
        " JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position JOIN member a ON a.id = m.author_id"
        " WHERE c.space_id = ? AND (v.member_id = a.id OR a.is_bot)",
        (space,),
    )
    return recount(connection, {(row[0], row[1]) for row in spots}, *settings_of(connection, space))


def _votes(connection: Connection, asked: list[Spot], own: bool, bots: bool) -> list[tuple[int, int, int, int, int]]:
    found: list[tuple[int, int, int, int, int]] = []
    for batch in chunks(asked):
        statement = (
            "SELECT v.channel_id, v.position, count(DISTINCT v.member_id), max(CASE v.source WHEN ? THEN 1 ELSE 0 END),"
            " min(CASE WHEN v.added_at > v.listed_at THEN v.added_at ELSE v.listed_at END)"
            f" FROM {wanted(batch)} CROSS JOIN vote v"
            " JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position"
            " JOIN member w ON w.id = v.member_id JOIN member a ON a.id = m.author_id"
            f" WHERE v.channel_id = column1 AND v.position = column2 AND {ACTIVE} AND {ELIGIBLE}"
            " GROUP BY v.channel_id, v.position"
        )
        values = [VoteSource.PICK.value, *(value for spot in batch for value in spot), own, bots]
        found += [tuple(row) for row in rows(connection, statement, values)]
    return found


def highlighted(connection: Connection, spots: Iterable[Spot]) -> set[tuple[int, int, int]]:
    """Which of these messages are highlights: discussion, channel, position."""
    found = by_keys(
        connection,
        f"SELECT discussion_id, channel_id, position FROM {{keys}} CROSS JOIN message WHERE {AT}"
        " AND votes > 0 AND NOT held_author AND NOT held_moderator AND deleted_at IS NULL"
        " AND discussion_id IS NOT NULL AND author_id IS NOT NULL",
        spots,
    )
    return {(row[0], row[1], row[2]) for row in found}


def move_highlights(
    connection: Connection, before: set[tuple[int, int, int]], after: set[tuple[int, int, int]]
) -> None:
    """Move the discussions' highlight counters from what was to what is."""
    moved = [(1, each[0]) for each in after - before] + [(-1, each[0]) for each in before - after]
    many(connection, "UPDATE discussion SET highlights = highlights + ? WHERE id = ?", moved)


def settings_of(connection: Connection, space: int) -> tuple[bool, bool]:
    """Whether people may highlight their own messages, and those of bots, in a space."""
    settings = json.loads(one(connection, "SELECT settings FROM space WHERE id = ?", (space,))[0])
    return bool(settings.get("own_highlights", False)), bool(settings.get("bot_highlights", False))


def discussions_at(connection: Connection, spots: Iterable[Spot]) -> set[int]:
    """The discussions that messages belong to."""
    found = by_keys(
        connection,
        f"SELECT DISTINCT discussion_id FROM {{keys}} CROSS JOIN message WHERE {AT} AND discussion_id IS NOT NULL",
        spots,
    )
    return {row[0] for row in found}


def is_active(connection: Connection, channel: int, position: int, member: int) -> bool:
    """Whether a member has an active vote on a message, by whatever way."""
    found = rows(
        connection,
        f"SELECT 1 FROM vote v WHERE v.channel_id = ? AND v.position = ? AND v.member_id = ? AND {ACTIVE} LIMIT 1",
        (channel, position, member),
    )
    return bool(found)
