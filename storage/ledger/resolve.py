"""From platform keys to our numbers: spaces, channels and members, made where they are new."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.models import Channel, Level, MemberRef, Platform, Space, SpaceSeen, position_at
from bot.ports import Changed
from storage.changes import mark_elsewhere, note
from storage.ledger import closing
from storage.ledger.fold import Batch, told_of_channel, told_of_space
from storage.sql import by_keys, many, number, one, run
from storage.times import moment, ms

UNTOLD = -1  # nothing was told of it yet
GONE = "UPDATE {} SET removed_at = ? WHERE id = ? AND coalesce(removed_at, -1) < ?"  # in the table of that name


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What storing a message needs to know of its channel."""

    id: int
    space_id: int
    platform: Platform
    hosted: bool
    keeps_text: bool
    count_bots: bool
    bridges: frozenset[str]
    own_highlights: bool
    bot_highlights: bool
    chains: bool  # a reply chain is tracked there
    forgotten: int  # words from before this position are not kept any more
    closed_from: int | None  # None also when what was said while it was closed is kept off the web already
    closed_until: int | None

    def closed_at(self, position: int) -> bool:
        """Whether a message at this position was written while the channel was closed, and is the first that we see."""
        return self.closed_from is not None and (
            self.closed_from <= position and (self.closed_until is None or position <= self.closed_until)
        )


class MemberRow(NamedTuple):
    """What storing a message or vote needs to know of a member."""

    id: int
    is_bot: bool
    erased_at: int | None
    turned: int | None = None  # the space in which they only now turn out to be a bot


def new_community(connection: Connection, name: str) -> int:
    """A new space begins a community of its own."""
    run(connection, "INSERT INTO community (name) VALUES (?)", (name,))
    return number(connection, "SELECT max(id) FROM community")


def space_id(connection: Connection, space: Space) -> int:
    """The number of a space; a new one is made, named by its id until its platform tells."""
    query = "SELECT id FROM space WHERE platform = ? AND sid = ?"
    found = one(connection, query, (space.platform.value, space.id))
    if found is None:
        community = new_community(connection, space.id)
        run(
            connection,
            "INSERT INTO space (community_id, platform, sid, name, hosted, invite_url, info_at, settings)"
            " VALUES (?, ?, ?, ?, ?, '', ?, '{}')",
            (community, space.platform.value, space.id, space.id, False, UNTOLD),
        )
        found = one(connection, query, (space.platform.value, space.id))
        note(connection, Changed.PLACES, [0])
    return int(found[0])


def keep_spaces(connection: Connection, batch: Batch, named: Iterable[Channel]) -> dict[Space, int]:
    """Make the spaces a batch names and keep what was told of them; their numbers."""
    wanted = {channel.space for channel in named} | {member.space for member in batch.names}
    wanted |= set(batch.spaces) | {place for place in batch.gone if isinstance(place, Space)}
    ids = {space: space_id(connection, space) for space in wanted}
    for space, event in batch.spaces.items():
        _keep_space(connection, ids[space], event)
    gone = [(at, ids[place], at) for place, at in batch.gone.items() if isinstance(place, Space)]
    many(connection, GONE.format("space"), gone)
    mark_elsewhere(connection, [each[1] for each in gone])
    return ids


def _keep_space(connection: Connection, space: int, event: SpaceSeen) -> None:
    """Keep what was told of a space, if it is news; a community that bears its first space's name goes with it."""
    old = one(connection, "SELECT info_at, hosted, name, invite_url FROM space WHERE id = ?", (space,))
    told = told_of_space(event)
    if told <= tuple(old):
        return
    run(connection, "UPDATE space SET info_at = ?, hosted = ?, name = ?, invite_url = ? WHERE id = ?", (*told, space))
    run(
        connection,
        "UPDATE community SET name = ? WHERE name IN (?, ?)"
        " AND ? = (SELECT min(id) FROM space s WHERE s.community_id = community.id)",
        (told[2], event.info.space.id, old[2], space),
    )


def channels_named(batch: Batch) -> set[Channel]:
    """Every channel that a batch names."""
    return (
        {channel for channel, _ in batch.messages}
        | set(batch.channels)
        | set(batch.seen)
        | {thread.channel for thread in batch.threads}
        | {place for place in batch.gone if isinstance(place, Channel)}
    )


def keep_channels(
    connection: Connection, batch: Batch, named: Collection[Channel], spaces: Mapping[Space, int]
) -> dict[Channel, ChannelRow]:
    """Make the channels a batch names, keep what was told of them and how far they were read."""
    keys = {channel: (spaces[channel.space], channel.id) for channel in named}
    found = _channel_rows(connection, keys.values())
    fresh = set(keys.values()) - set(found)
    if fresh:
        make_channels(connection, sorted(fresh))
        found |= _channel_rows(connection, fresh)
    if told := {*batch.channels, *batch.shut}:
        _keep_told(connection, batch, {channel: found[key].id for channel, key in keys.items()}, keys)
        found |= _channel_rows(connection, [keys[channel] for channel in told])
    rows = {channel: found[key] for channel, key in keys.items()}
    many(
        connection,
        "UPDATE channel SET watermark = ? WHERE id = ? AND watermark < ?",
        [(position, rows[channel].id, position) for channel, position in batch.seen.items()],
    )
    return rows


def _keep_told(
    connection: Connection, batch: Batch, ids: Mapping[Channel, int], keys: Mapping[Channel, tuple[int, str]]
) -> None:
    """Keep what was told of channels: first that they closed, then that they are open again."""
    closing.close(connection, _placed(batch.shut, ids))
    gone = [(at, ids[place], at) for place, at in batch.gone.items() if isinstance(place, Channel)]
    many(connection, GONE.format("channel"), gone)
    said = {keys[channel]: told_of_channel(event) for channel, event in batch.channels.items()}
    known = {(row[0], row[1]): tuple(row[2:]) for row in by_keys(connection, TOLD, said)}
    many(connection, TELL, [(*told, *key) for key, told in said.items() if told > known[key]])
    closing.reopen(connection, _placed({channel: ms(event.at) for channel, event in batch.channels.items()}, ids))


def _placed(told: Mapping[Channel, int], ids: Mapping[Channel, int]) -> list[tuple[int, int, int]]:
    """Of each channel: its number, the position at a moment, and the moment."""
    return [(ids[each], position_at(each.space.platform, moment(at)), at) for each, at in told.items()]


def make_channels(connection: Connection, keys: Sequence[tuple[int, str]]) -> None:
    """Insert channels of which only the key is known."""
    many(
        connection,
        "INSERT INTO channel (space_id, cid, name, private, nsfw, connect, guests, forum, archived, url, info_at,"
        " watched, level, web_from, cards, count_bots, bridges, watermark, chains, gap_at, forgotten)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 0, 'auto', ?, '[]', 0, FALSE, 0, 0)",
        [
            (space, cid, cid, False, False, False, False, False, False, UNTOLD, False, Level.DIGEST.value, False)
            for space, cid in keys
        ],
    )
    found = by_keys(connection, f"SELECT id {CHANNEL}", keys)
    note(connection, Changed.CHANNEL, [row[0] for row in found])


CHANNEL = "FROM {keys} CROSS JOIN channel WHERE space_id = column1 AND cid = column2"
TOLD = f"SELECT space_id, cid, info_at, private, nsfw, connect, guests, archived, forum, name, url {CHANNEL}"
TELL = (
    # What was said while a channel was closed to us is a gap.
    "UPDATE channel SET gap_after = CASE WHEN watched AND removed_at >= info_at THEN COALESCE(gap_after, watermark)"
    " ELSE gap_after END, gap_at = CASE WHEN watched AND removed_at >= info_at THEN gap_at + 1 ELSE gap_at END,"
    " info_at = ?, private = ?, nsfw = ?, connect = ?, guests = ?, archived = ?, forum = ?, name = ?,"
    " url = ? WHERE space_id = ? AND cid = ?"
)
CHANNELS = (
    "SELECT c.space_id, c.cid, c.id, s.platform, s.hosted, c.level, c.count_bots, c.bridges, s.settings,"
    " c.chains, c.forgotten, CASE WHEN c.web_from <= c.closed_from THEN c.closed_from END, c.closed_until"
    " FROM {keys} CROSS JOIN channel c JOIN space s ON s.id = c.space_id WHERE c.space_id = column1 AND c.cid = column2"
)


def _channel_rows(connection: Connection, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], ChannelRow]:
    return {(row[0], row[1]): _channel_row(*row) for row in by_keys(connection, CHANNELS, keys)}


@lru_cache(maxsize=1000)
def _channel_row(*row: Any) -> ChannelRow:  # noqa: ANN401 - the columns of CHANNELS
    """What storing needs to know of a channel. The same row means the same, so it is kept for the next batch."""
    settings = json.loads(row[8])
    return ChannelRow(
        id=row[2],
        space_id=row[0],
        platform=Platform(row[3]),
        hosted=bool(row[4]),
        keeps_text=bool(row[4]) or row[5] > Level.COUNT.value,
        count_bots=bool(row[6]),
        bridges=frozenset(json.loads(row[7])),
        own_highlights=bool(settings.get("own_highlights", False)),
        bot_highlights=bool(settings.get("bot_highlights", False)),
        chains=bool(row[9]),
        forgotten=row[10],
        closed_from=row[11],
        closed_until=row[12],
    )


def keep_members(connection: Connection, batch: Batch, spaces: Mapping[Space, int]) -> dict[MemberRef, MemberRow]:
    """Make the members a batch names and keep the newest name of each; erased ones keep none."""
    said = {(spaces[member.space], member.id): (member, name) for member, name in batch.names.items()}
    known = _members(connection, said)
    fresh = [
        (*key, name[1], name[0], name[2])
        for key, (_, name) in sorted(said.items(), key=lambda each: each[0])
        if key not in known
    ]
    many(connection, "INSERT INTO member (space_id, uid, name, name_at, is_bot) VALUES (?, ?, ?, ?, ?)", fresh)
    # Compared here and not in SQL: which of two names sorts later is the database's own affair there.
    newer = [(*name[:2], known[key][0]) for key, (_, name) in said.items() if key in known and name[:2] > known[key][3]]
    many(connection, RENAME, newer)
    turned = {key for key, (_, name) in said.items() if name[2] and key in known and not known[key][1]}
    many(connection, "UPDATE member SET is_bot = ? WHERE id = ?", [(True, known[key][0]) for key in sorted(turned)])
    rows = _members(connection, said) if fresh else known
    return {
        member: MemberRow(rows[key][0], name[2] or rows[key][1], rows[key][2], key[0] if key in turned else None)
        for key, (member, name) in said.items()
    }


RENAME = "UPDATE member SET name_at = ?, name = ? WHERE id = ? AND (erased_at IS NULL OR opted_out_at IS NULL)"


def _members(
    connection: Connection, keys: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], tuple[int, bool, int | None, tuple[int, str]]]:
    found = by_keys(
        connection,
        "SELECT space_id, uid, id, is_bot, erased_at, name_at, name FROM {keys} CROSS JOIN member"
        " WHERE space_id = column1 AND uid = column2",
        keys,
    )
    return {(row[0], row[1]): (row[2], bool(row[3]), row[4], (row[5], row[6])) for row in found}
