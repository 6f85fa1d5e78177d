"""The Places port: spaces and channels, read from a cache that is renewed when the change log says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import (
    CardMode,
    Channel,
    ChannelInfo,
    ChannelSettings,
    KnownChannel,
    KnownSpace,
    Level,
    Platform,
    Space,
    SpaceInfo,
)
from bot.ports import Changed
from storage.changes import mark, note
from storage.database import Database
from storage.ledger import search, votes
from storage.ledger.closing import AS_KNOWN
from storage.ledger.recount import recount_bots
from storage.sql import one, rows, run
from storage.times import maybe

TOLD = {"key", "community", "info", "removed_at", "community_name", "linked"}  # what is no setting of the space's own
SETTINGS = {field.name for field in fields(KnownSpace)} - TOLD


@dataclass(frozen=True, slots=True)
class Known:
    """What the cache holds, channels by space and name; `seq` is the newest change that was looked at."""

    seq: int
    spaces: dict[Space, KnownSpace]
    channels: dict[Channel, KnownChannel]
    by_key: dict[int, KnownChannel]


class SqlPlaces:
    """Spaces and channels in tables."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Known | None = None

    def known(self, connection: Connection) -> Known:
        """What holds in a connection's snapshot: the cache, read anew if spaces or channels changed since.

        Any thread may call it; whoever comes with an older snapshot only makes the next one look again.
        """
        kept = self._known
        newest, changed = one(connection, NEWEST, (-1 if kept is None else kept.seq,))
        if kept is None or changed is not None:
            kept = self._known = _read(connection, newest or 0)
        elif newest is not None:
            kept = self._known = replace(kept, seq=newest)
        return kept

    async def _now(self) -> Known:
        return await self._database.read(self.known)

    async def spaces(self) -> Sequence[KnownSpace]:
        """All spaces, by key."""
        return await self._database.read(self.listed)

    def listed(self, connection: Connection) -> list[KnownSpace]:
        """All spaces as of a connection's snapshot, by key."""
        return sorted(self.known(connection).spaces.values(), key=lambda each: each.key)

    async def space(self, space: Space) -> KnownSpace | None:
        """One space."""
        return (await self._now()).spaces.get(space)

    async def channels(self) -> Sequence[KnownChannel]:
        """All channels, by space and name."""
        return list((await self._now()).channels.values())

    async def channel(self, channel: Channel) -> KnownChannel | None:
        """One channel."""
        return (await self._now()).channels.get(channel)

    async def set_space(self, space: Space, **settings: str | int | bool | None) -> None:
        """Change settings of a space."""
        unknown = sorted(set(settings) - SETTINGS)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")

        def work(connection: Connection) -> None:
            row = one(connection, "SELECT id, settings FROM space WHERE platform = ? AND sid = ?", _key(space))
            kept = json.dumps(json.loads(row[1]) | settings, sort_keys=True)
            run(connection, "UPDATE space SET settings = ? WHERE id = ?", (kept, row[0]))
            if settings.keys() & {"own_highlights", "bot_highlights"}:
                recounted = votes.recount_space(connection, row[0])
                note(connection, Changed.DISCUSSION, votes.discussions_at(connection, recounted))
            if settings.keys() & {"locale", "zone", "quiet_after"}:
                mark(connection, [each[0] for each in rows(connection, POSTS_IN, (row[0],))])
            note(connection, Changed.PLACES, [0])

        await self._database.write(work)

    async def name_community(self, space: Space, name: str | None) -> None:
        """Name the community of a space; None goes back to the name of its first space."""

        def work(connection: Connection) -> None:
            community = one(connection, "SELECT community_id FROM space WHERE platform = ? AND sid = ?", _key(space))[0]
            first = "SELECT name FROM space WHERE community_id = ? ORDER BY id LIMIT 1"
            chosen = clean(name) if name else one(connection, first, (community,))[0]
            run(connection, "UPDATE community SET name = ? WHERE id = ?", (chosen, community))
            spaces = rows(connection, "SELECT id FROM space WHERE community_id = ?", (community,))
            mark(connection, [post[0] for each in spaces for post in rows(connection, DIGESTS_IN, each)])
            note(connection, Changed.PLACES, [0])

        await self._database.write(work)

    async def watch(self, channel: Channel, watched: bool) -> None:
        """Start or stop following a channel; what it said before is a gap to be read."""

        def work(connection: Connection) -> None:
            key = _channel_key(connection, channel)
            begun = watched and not _hosted(connection, channel.space)
            run(
                connection,
                "UPDATE channel SET watched = ?, gap_after = CASE WHEN watched THEN gap_after ELSE ? END,"
                " gap_at = CASE WHEN watched THEN gap_at ELSE gap_at + 1 END,"  # as the new gap is another one
                " as_of = CASE WHEN watched THEN as_of END WHERE id = ?",
                (watched, 0 if begun else None, key),
            )
            note(connection, Changed.CHANNEL, [key])

        await self._database.write(work)

    async def set_cards(self, channel: Channel, mode: CardMode) -> None:
        """When its discussions get cards."""
        await self._set(channel, "cards", mode.value)

    async def set_level(self, channel: Channel, level: Level, web_from: int, words_from: int = 0) -> None:
        """Change the sharing level; COUNT deletes the text unless the space is hosted here."""

        def work(connection: Connection) -> None:
            key = _channel_key(connection, channel)
            forgotten = "CASE WHEN forgotten < ? THEN ? ELSE forgotten END"
            closed = "CASE WHEN web_from = 0 OR ? > 0 THEN closed_from END"  # who asks for the history, has that too
            statement = (
                f"UPDATE channel SET closed_from = {closed}, level = ?, web_from = ?, forgotten = {forgotten}"
                " WHERE id = ?"
            )
            run(connection, statement, (web_from, level.value, web_from, words_from, words_from, key))
            run(connection, AS_KNOWN, (web_from, web_from, key))  # it may have been closed since the admin looked
            if level is Level.COUNT and not _hosted(connection, channel.space):
                _forget_text(connection, key)
            _mark_copies(connection, key)
            note(connection, Changed.CHANNEL, [key])

        await self._database.write(work)

    async def set_bots(self, channel: Channel, count_bots: bool, bridges: Sequence[str]) -> None:
        """Whether bots count, and which speak for people; recounts the channel."""

        def work(connection: Connection) -> None:
            key = _channel_key(connection, channel)
            run(
                connection,
                "UPDATE channel SET count_bots = ?, bridges = ? WHERE id = ?",
                (count_bots, json.dumps(sorted(bridges)), key),
            )
            note(connection, Changed.DISCUSSION, recount_bots(connection, key, count_bots, bridges))
            note(connection, Changed.CHANNEL, [key])

        await self._database.write(work)

    async def _set(self, channel: Channel, column: str, value: object) -> None:
        def work(connection: Connection) -> None:
            key = _channel_key(connection, channel)
            run(connection, f"UPDATE channel SET {column} = ? WHERE id = ?", (value, key))
            note(connection, Changed.CHANNEL, [key])

        await self._database.write(work)


POSTS_IN = "SELECT o.id FROM own_post o JOIN channel c ON c.id = o.channel_id WHERE c.space_id = ?"
DIGESTS_IN = f"{POSTS_IN} AND o.kind = 'digest'"
NEWEST = "SELECT max(seq), max(CASE WHEN kind IN ('places', 'channel') THEN seq END) FROM change WHERE seq > ?"
SPACES = (
    "SELECT s.id, s.community_id, s.platform, s.sid, s.name, s.hosted, s.invite_url,"
    " CASE WHEN s.removed_at >= s.info_at THEN s.removed_at END, s.settings, m.name"  # or it came back since
    " FROM space s JOIN community m ON m.id = s.community_id ORDER BY s.id"
)
CHANNELS = (
    "SELECT c.id, s.community_id, s.platform, s.sid, c.cid, c.name, c.private, c.nsfw, c.connect, c.guests, c.forum,"
    " c.archived, c.url, c.watched, c.level, c.web_from, c.cards, c.count_bots, c.bridges,"
    " c.removed_at >= c.info_at, s.name, s.settings, s.removed_at >= s.info_at, s.hosted, m.name, c.as_of"
    " FROM channel c JOIN space s ON s.id = c.space_id JOIN community m ON m.id = s.community_id ORDER BY c.id"
)


def _read(connection: Connection, seq: int) -> Known:
    spaces = _spaces(connection)
    found = [_channel(row) for row in rows(connection, CHANNELS)]
    channels = sorted(found, key=lambda each: (each.channel.space, each.info.name, each.key))
    return Known(
        seq,
        {each.info.space: each for each in spaces},
        {each.channel: each for each in channels},
        {each.key: each for each in channels},
    )


def _spaces(connection: Connection) -> list[KnownSpace]:
    found = {row[0]: _space(row) for row in rows(connection, SPACES)}
    linked: dict[int, set[Space]] = {key: set() for key in found}
    for first, second in rows(connection, "SELECT first_id, second_id FROM space_link WHERE ended_at IS NULL"):
        linked[first].add(found[second].info.space)
        linked[second].add(found[first].info.space)
    return [replace(each, linked=frozenset(linked[key])) for key, each in found.items()]


def _space(row: Sequence[Any]) -> KnownSpace:
    info = SpaceInfo(space=Space(Platform(row[2]), row[3]), name=row[4], hosted=bool(row[5]), invite_url=row[6])
    told = {"key": row[0], "community": row[1], "info": info, "removed_at": maybe(row[7]), "community_name": row[9]}
    return KnownSpace(**told, **json.loads(row[8]))


def _channel(row: Sequence[Any]) -> KnownChannel:
    info = ChannelInfo(
        channel=Channel(Space(Platform(row[2]), row[3]), row[4]),
        name=row[5],
        private=bool(row[6]),
        nsfw=bool(row[7]),
        connect=bool(row[8]),
        guests=bool(row[9]),
        forum=bool(row[10]),
        archived=bool(row[11]),
        url=row[12],
    )
    settings = ChannelSettings(
        watched=bool(row[13]),
        level=Level(row[14]),
        web_from=row[15],
        cards=CardMode(row[16]),
        count_bots=bool(row[17]),
        bridges=frozenset(json.loads(row[18])),
    )
    kept = json.loads(row[21])
    return KnownChannel(
        key=row[0],
        community=row[1],
        info=info,
        settings=settings,
        removed=bool(row[19]) or bool(row[22]),
        space_name=row[20],
        hosted=bool(row[23]),
        community_name=row[24],
        as_of=maybe(row[25]),
        quiet_after=kept.get("quiet_after", KnownSpace.__dataclass_fields__["quiet_after"].default),
    )


def _key(space: Space) -> tuple[str, str]:
    return space.platform.value, space.id


def _hosted(connection: Connection, space: Space) -> bool:
    return bool(one(connection, "SELECT hosted FROM space WHERE platform = ? AND sid = ?", _key(space))[0])


def _channel_key(connection: Connection, channel: Channel) -> int:
    """The number of a channel. KeyError if nothing is known of it."""
    row = one(
        connection,
        "SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ? AND c.cid = ?",
        (*_key(channel.space), channel.id),
    )
    if row is None:
        raise KeyError(channel)
    return int(row[0])


def _forget_text(connection: Connection, key: int) -> None:
    """Delete the words of a channel, and what was made of them."""
    run(
        connection,
        "INSERT INTO search_dirty (message_id) SELECT id FROM message WHERE channel_id = ? AND text IS NOT NULL"
        " ON CONFLICT DO NOTHING",
        (key,),
    )
    search.wipe(connection)
    run(connection, "UPDATE message SET text = NULL, files = '' WHERE channel_id = ?", (key,))
    run(connection, "DELETE FROM note WHERE channel_id = ?", (key,))
    run(
        connection,
        "UPDATE discussion SET title_set = '', summary_set = '', outcome = '', title_made = '', summary_made = '',"
        " waiting = 0, unsettled = ? WHERE channel_id = ?",
        (True, key),
    )
    run(
        connection,
        "DELETE FROM question WHERE discussion_id IN (SELECT id FROM discussion WHERE channel_id = ?)",
        (key,),
    )


def _mark_copies(connection: Connection, key: int) -> None:
    """Mark our posts that carry words of this channel."""
    found = rows(
        connection,
        "SELECT id FROM own_post WHERE channel_id = ? OR id IN (SELECT post_id FROM placement WHERE channel_id = ?)",
        (key, key),
    )
    mark(connection, [row[0] for row in found])
