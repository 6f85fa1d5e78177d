"""The People port: members and what they decided for themselves."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.models import Author, Channel, KnownChannel, MemberRef, MessageRef, Platform, Post, Space
from bot.ports import Changed, Member
from storage.changes import note
from storage.database import Database
from storage.ledger import search, votes
from storage.ledger.ingest import redact
from storage.ledger.resolve import space_id
from storage.places import SqlPlaces
from storage.rows import posts_where
from storage.scopes import member_id
from storage.sql import chunks, number, one, rows, run
from storage.times import maybe, ms

PAGE = 500  # messages of an export read at once


class SqlPeople:
    """Members in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def member(self, member: MemberRef) -> Member | None:
        """What is known of a member."""

        def work(connection: Connection) -> Member | None:
            key = member_id(connection, member)
            if key is None:
                return None
            row = one(
                connection,
                "SELECT name, is_bot, opted_out_at, erased_at, caught_up_at FROM member WHERE id = ?",
                (key,),
            )
            live = "SELECT count(*) FROM message WHERE author_id = ? AND deleted_at IS NULL"
            cast = (
                "SELECT count(*) FROM (SELECT DISTINCT v.channel_id, v.position FROM vote v"
                f" WHERE v.member_id = ? AND {votes.ACTIVE}) AS voted"
            )
            return Member(
                member=member,
                name=row[0],
                is_bot=bool(row[1]),
                opted_out_at=maybe(row[2]),
                erased_at=maybe(row[3]),
                messages=number(connection, live, (key,)),
                votes=number(connection, cast, (key,)),
                caught_up_at=maybe(row[4]),
            )

        return await self._database.read(work)

    async def meet(self, author: Author, at: datetime) -> None:
        """Keep that somebody exists."""

        def work(connection: Connection) -> None:
            run(
                connection,
                "INSERT INTO member (space_id, uid, name, name_at, is_bot) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (space_id, uid) DO NOTHING",
                (space_id(connection, author.member.space), author.member.id, author.name, ms(at), author.is_bot),
            )

        await self._database.write(work)

    async def opt_out(self, member: MemberRef, out: bool, at: datetime) -> bool:
        """Hide words and name everywhere, or show them again."""

        def work(connection: Connection) -> bool:
            key = member_id(connection, member)
            condition = "opted_out_at IS NULL" if out else "opted_out_at IS NOT NULL"
            done = run(
                connection,
                f"UPDATE member SET opted_out_at = ? WHERE id = ? AND {condition}",
                (ms(at) if out else None, key),
            )
            if done.rowcount and key is not None:
                _heal(connection, key)
            return done.rowcount > 0

        return await self._database.write(work)

    async def erase(self, member: MemberRef, at: datetime) -> bool:
        """Delete text, author name and votes for good."""

        def work(connection: Connection) -> bool:
            key = member_id(connection, member)
            if key is None:
                return False
            _heal(connection, key)
            written = [row[0] for row in rows(connection, "SELECT id FROM message WHERE author_id = ?", (key,))]
            for batch in chunks(written):
                search.forget(connection, batch)
            run(connection, "UPDATE message SET text = NULL, files = '' WHERE author_id = ?", (key,))
            run(
                connection,
                "UPDATE member SET name = '', erased_at = ?, opted_out_at = COALESCE(opted_out_at, ?) WHERE id = ?",
                (ms(at), ms(at), key),
            )
            _take_votes(connection, key)
            return True

        return await self._database.write(work)

    async def caught_up(self, member: MemberRef, at: datetime) -> None:
        """Remember a /catchup."""

        def work(connection: Connection) -> None:
            run(
                connection,
                "UPDATE member SET caught_up_at = ? WHERE id = ?",
                (ms(at), member_id(connection, member)),
            )

        await self._database.write(work)

    async def last_act(self, member: MemberRef) -> datetime | None:
        """When the member last wrote, voted or caught up."""

        def work(connection: Connection) -> datetime | None:
            key = member_id(connection, member)
            latest = max(
                number(connection, "SELECT max(sent_at) FROM message WHERE author_id = ?", (key,)),
                number(connection, "SELECT max(added_at) FROM vote WHERE member_id = ?", (key,)),
                number(connection, "SELECT caught_up_at FROM member WHERE id = ?", (key,)),
            )
            return maybe(latest or None)

        return await self._database.read(work)

    async def everything(self, member: MemberRef) -> AsyncIterator[Post]:
        """All live messages of a member, oldest first, words included."""
        channels = await self._places.by_key()
        after = -1
        while True:
            found = await self._database.read(partial(_page, channels=channels, member=member, after=after))
            for _, post in found:
                yield post
            if len(found) < PAGE:
                return
            after = found[-1][0]

    async def voted(self, member: MemberRef) -> Sequence[MessageRef]:
        """Messages with an active vote of the member."""

        def work(connection: Connection) -> list[MessageRef]:
            found = rows(
                connection,
                "SELECT DISTINCT s.platform, s.sid, c.cid, m.mid, m.position FROM vote v"
                " JOIN message m ON m.channel_id = v.channel_id AND m.position = v.position"
                " JOIN channel c ON c.id = v.channel_id JOIN space s ON s.id = c.space_id"
                f" WHERE v.member_id = ? AND {votes.ACTIVE} ORDER BY m.position",
                (member_id(connection, member),),
            )
            return [MessageRef(Channel(Space(Platform(row[0]), row[1]), row[2]), row[3]) for row in found]

        return await self._database.read(work)


def _page(
    connection: Connection, channels: Mapping[int, KnownChannel], member: MemberRef, after: int
) -> list[tuple[int, Post]]:
    """The next of a member's own live messages, with their number; the words are theirs to have."""
    where = "m.author_id = ? AND m.position > ? AND m.deleted_at IS NULL ORDER BY m.position LIMIT ?"
    values = (member_id(connection, member), after, PAGE)
    words = {
        (row[0], row[1]): row[2]
        for row in rows(connection, f"SELECT m.channel_id, m.mid, m.text FROM message m WHERE {where}", values)
    }
    keys = {channel.channel: channel.key for channel in channels.values()}
    return [
        (post.ref.position, replace(post, text=words[keys[post.ref.channel], post.ref.id]))
        for post in posts_where(connection, channels, where, values)
    ]


def _heal(connection: Connection, member: int) -> None:
    """Mark every copy of a member's words, and take what was made of them away at once."""
    found = rows(connection, "SELECT channel_id, position, discussion_id FROM message WHERE author_id = ?", (member,))
    redact(connection, {(row[0], row[1]) for row in found})
    made = rows(
        connection,
        "SELECT DISTINCT f.discussion_id FROM made_from f JOIN discussion d ON d.id = f.discussion_id"
        " JOIN message m ON m.channel_id = d.channel_id AND m.position = f.position WHERE m.author_id = ?",
        (member,),
    )
    for row in made:
        run(
            connection,
            "UPDATE discussion SET title_made = '', summary_made = '', waiting = 0 WHERE id = ?",
            (row[0],),
        )
    touched = sorted({row[2] for row in found if row[2] is not None})
    for discussion in touched:
        run(connection, "UPDATE discussion SET unsettled = ? WHERE id = ?", (True, discussion))
    note(connection, Changed.DISCUSSION, touched)
    note(connection, Changed.ROOM, {row[0] for row in found})


def _take_votes(connection: Connection, member: int) -> None:
    """Delete a member's votes and count those messages anew."""
    spots = {
        (row[0], row[1], row[2])
        for row in rows(
            connection,
            "SELECT v.channel_id, v.position, c.space_id FROM vote v JOIN channel c ON c.id = v.channel_id"
            " WHERE v.member_id = ?",
            (member,),
        )
    }
    run(connection, "DELETE FROM vote WHERE member_id = ?", (member,))
    for space in {each[2] for each in spots}:
        mine = {(each[0], each[1]) for each in spots if each[2] == space}
        votes.recount(connection, mine, *votes.settings_of(connection, space))
        note(connection, Changed.DISCUSSION, votes.discussions_at(connection, mine))
