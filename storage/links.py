"""The Links port: which spaces form one community, and who decided so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.models import Channel, Link, LinkRefusal, MemberRef, Platform, Space
from bot.ports import Changed
from storage.changes import mark_elsewhere, note
from storage.database import Database
from storage.ledger.resolve import new_community
from storage.places import SqlPlaces
from storage.scopes import somebody
from storage.sql import many, number, one, rows, run
from storage.times import maybe, moment, ms

VALID = timedelta(minutes=30) // timedelta(milliseconds=1)
WITHIN = timedelta(hours=1) // timedelta(milliseconds=1)
TRIES = 5  # how many refused codes a space may try within that time

LINK = (
    "SELECT l.id, a.platform, a.sid, x.uid, b.platform, b.sid, y.uid, l.linked_at, l.ended_at, e.platform, e.sid, z.uid"
    " FROM space_link l JOIN member x ON x.id = l.first_by JOIN space a ON a.id = x.space_id"
    " JOIN member y ON y.id = l.second_by JOIN space b ON b.id = y.space_id"
    " LEFT JOIN member z ON z.id = l.ended_by LEFT JOIN space e ON e.id = z.space_id"
)
HOLDS = "first_id = ? AND second_id = ? AND ended_at IS NULL"
# A digest that takes over the rule of one in the other space goes on by itself.
PART = (
    "UPDATE schedule SET follows_id = NULL WHERE channel_id IN (SELECT id FROM channel WHERE space_id = ?)"
    " AND follows_id IN (SELECT s.id FROM schedule s JOIN channel c ON c.id = s.channel_id WHERE c.space_id = ?)"
)


class SqlLinks:
    """Links and codes in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def offer(self, where: Channel, fingerprint: str, by: MemberRef, at: datetime) -> None:
        """Keep the fingerprint of a code, in place of the space's last one. KeyError if the channel is unknown."""
        known = await self._places.channel(where)
        if known is None:
            raise KeyError(where)
        channel = known.key

        def work(connection: Connection) -> None:
            made_by = somebody(connection, by)
            run(
                connection,
                "INSERT INTO link_code (space_id, channel_id, fingerprint, made_by, made_at, used_at)"
                " SELECT space_id, id, ?, ?, ?, NULL FROM channel WHERE id = ? ON CONFLICT (space_id) DO UPDATE SET"
                " channel_id = excluded.channel_id, fingerprint = excluded.fingerprint, made_by = excluded.made_by,"
                " made_at = excluded.made_at, used_at = NULL",
                (fingerprint, made_by, ms(at), channel),
            )

        await self._database.write(work)

    async def take(self, fingerprint: str, by: MemberRef, at: datetime) -> tuple[Link, Channel] | LinkRefusal:
        """Link the space of `by` with the one that offered the code."""

        def work(connection: Connection) -> tuple[Link, Channel] | LinkRefusal:
            me = somebody(connection, by)
            here = number(connection, "SELECT space_id FROM member WHERE id = ?", (me,))
            # One process at a time looks at a code: the second one finds it used.
            run(connection, "UPDATE link_code SET used_at = used_at WHERE fingerprint = ?", (fingerprint,))
            code = one(connection, CODE, (fingerprint,))
            refusal = _refusal(connection, code, here, ms(at))
            if refusal is not None:
                return refusal
            run(connection, "UPDATE link_code SET used_at = ? WHERE space_id = ?", (ms(at), code[0]))
            (first, first_by), (second, second_by) = sorted([(code[0], code[1]), (here, me)])
            run(
                connection,
                "INSERT INTO space_link (first_id, second_id, first_by, second_by, linked_at) VALUES (?, ?, ?, ?, ?)",
                (first, second, first_by, second_by, ms(at)),
            )
            _settle(connection, first, second)
            link = _link(
                one(connection, f"{LINK} WHERE l.first_id = ? AND l.second_id = ? AND {LIVE}", (first, second))
            )
            return link, self._places.known(connection).by_key[code[4]].channel

        return await self._database.write(work)

    async def end(self, link: int, by: MemberRef, at: datetime) -> bool:
        """End a link."""

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                "UPDATE space_link SET ended_by = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
                (somebody(connection, by), ms(at), link),
            )
            if done.rowcount < 1:
                return False
            first, second = one(connection, "SELECT first_id, second_id FROM space_link WHERE id = ?", (link,))
            many(connection, PART, [(first, second), (second, first)])
            _settle(connection, first, second)
            return True

        return await self._database.write(work)

    async def of(self, space: Space) -> Sequence[Link]:
        """The links of a space that hold, oldest first."""
        own = "(SELECT s.id FROM space s WHERE s.platform = ? AND s.sid = ?)"
        query = f"{LINK} WHERE {own} IN (l.first_id, l.second_id) AND {LIVE} ORDER BY l.id"
        values = (space.platform.value, space.id)
        return await self._database.read(lambda connection: [_link(row) for row in rows(connection, query, values)])

    async def link(self, link: int) -> Link | None:
        """One link, ended or not."""
        row = await self._database.read(lambda connection: one(connection, f"{LINK} WHERE l.id = ?", (link,)))
        return None if row is None else _link(row)


LIVE = "l.ended_at IS NULL"
CODE = (
    "SELECT k.space_id, k.made_by, k.made_at, k.used_at, k.channel_id, s.removed_at >= s.info_at FROM link_code k"
    " JOIN space s ON s.id = k.space_id WHERE k.fingerprint = ?"
)


def _link(row: Any) -> Link:  # noqa: ANN401 - a row of LINK
    ended = None if row[9] is None else MemberRef(Space(Platform(row[9]), row[10]), row[11])
    return Link(
        id=row[0],
        first=MemberRef(Space(Platform(row[1]), row[2]), row[3]),
        second=MemberRef(Space(Platform(row[4]), row[5]), row[6]),
        at=moment(row[7]),
        ended_by=ended,
        ended_at=maybe(row[8]),
    )


def _refusal(connection: Connection, code: Any, here: int, now: int) -> LinkRefusal | None:  # noqa: ANN401 - a row of CODE
    """Why a code links nothing here, which is remembered; None if it links."""
    run(connection, "DELETE FROM link_try WHERE at <= ?", (now - WITHIN,))
    if number(connection, "SELECT count(*) FROM link_try WHERE space_id = ?", (here,)) >= TRIES:
        return LinkRefusal.TOO_MANY
    refusal = _wrong(connection, code, here, now)
    if refusal is not None:
        run(connection, "INSERT INTO link_try (space_id, at) VALUES (?, ?)", (here, now))
    return refusal


def _wrong(connection: Connection, code: Any, here: int, now: int) -> LinkRefusal | None:  # noqa: ANN401 - a row of CODE
    """What is wrong with a code, if anything."""
    if code is None:
        return LinkRefusal.WRONG
    space, _, made_at, used_at, _, removed = code
    pair = sorted((space, here))
    reasons = {
        LinkRefusal.OWN: space == here,
        LinkRefusal.USED: used_at is not None,
        LinkRefusal.EXPIRED: removed or now - made_at > VALID,
        LinkRefusal.ALREADY: one(connection, f"SELECT 1 FROM space_link WHERE {HOLDS}", pair) is not None,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _settle(connection: Connection, first: int, second: int) -> None:
    """Bring communities, and the digests that tell of both sides, in line with the links."""
    _regroup(connection)
    mark_elsewhere(connection, [first, second])
    note(connection, Changed.PLACES, [0])


def _regroup(connection: Connection) -> None:
    """Whoever is held together by links is one community: the oldest that they have, or a new one after a parting."""
    spaces = rows(connection, "SELECT id, community_id, name FROM space ORDER BY id")
    root = {row[0]: row[0] for row in spaces}
    for first, second in rows(connection, "SELECT first_id, second_id FROM space_link WHERE ended_at IS NULL"):
        both = {root[first], root[second]}
        root = {space: min(both) if at in both else at for space, at in root.items()}
    taken: dict[int, int] = {}  # the community by the first of its spaces
    for start, _, name in (row for row in spaces if root[row[0]] == row[0]):
        free = {row[1] for row in spaces if root[row[0]] == start} - set(taken.values())
        taken[start] = min(free) if free else new_community(connection, name)
    moved = [(taken[root[row[0]]], row[0]) for row in spaces if taken[root[row[0]]] != row[1]]
    many(connection, "UPDATE space SET community_id = ? WHERE id = ?", moved)
    for community, space in moved:
        schedules = (
            "UPDATE schedule SET community_id = ? WHERE channel_id IN (SELECT id FROM channel WHERE space_id = ?)"
        )
        run(connection, schedules, (community, space))
    run(connection, "DELETE FROM community WHERE id NOT IN (SELECT community_id FROM space)")
