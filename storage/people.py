"""The People port: members and what they decided for themselves."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import Author, Channel, MemberRef, MessageRef, Note, Platform, Post, Space
from bot.ports import Changed, Member
from storage import notes
from storage.changes import mark, note
from storage.database import Database
from storage.desk import mark_showing
from storage.ledger import search, votes
from storage.ledger.ingest import clear, redact
from storage.places import SqlPlaces
from storage.rows import NUMBER, POST, SENT_AT, post
from storage.scopes import member_id, somebody
from storage.sql import chunks, many, marks, number, one, rows, run
from storage.times import maybe, ms

PAGE = 500  # messages of an export read at once


class SqlPeople:
    """Members in tables."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def names(self, space: Space, ids: Collection[str]) -> Mapping[str, str]:
        """What members are called, who shows it."""
        own = "(SELECT s.id FROM space s WHERE s.platform = ? AND s.sid = ?)"
        select = f"SELECT uid, name, opted_out_at IS NOT NULL FROM member WHERE space_id = {own} AND uid IN "

        def work(connection: Connection) -> dict[str, str]:
            found = [
                row
                for batch in chunks(sorted(set(ids)))
                for row in rows(connection, f"{select} ({marks(len(batch))})", [space.platform.value, space.id, *batch])
            ]
            return {uid: "" if silent else name for uid, name, silent in found}

        return await self._database.read(work)

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
                notes=number(connection, "SELECT count(*) FROM note WHERE member_id = ?", (key,)),
                caught_up_at=maybe(row[4]),
            )

        return await self._database.read(work)

    async def meet(self, author: Author, at: datetime) -> None:
        """Keep that somebody exists, and how they are called if that was not known."""

        def work(connection: Connection) -> None:
            run(
                connection,
                "UPDATE member SET name = ?, name_at = ?, is_bot = ?"
                " WHERE id = ? AND name_at < 0 AND erased_at IS NULL",
                (clean(author.name), ms(at), author.is_bot, somebody(connection, author.member)),
            )

        await self._database.write(work)

    async def opt_out(self, member: MemberRef, out: bool, at: datetime) -> bool:
        """Hide words and name everywhere, or show them again; who never wrote is remembered too."""

        def work(connection: Connection) -> bool:
            key = somebody(connection, member)
            condition = "opted_out_at IS NULL" if out else "opted_out_at IS NOT NULL"
            done = run(
                connection,
                f"UPDATE member SET opted_out_at = ? WHERE id = ? AND {condition}",
                (ms(at) if out else None, key),
            )
            if done.rowcount:
                _heal(connection, key)
            return done.rowcount > 0

        return await self._database.write(work)

    async def erase(self, member: MemberRef, at: datetime) -> bool:
        """Delete text, author name and votes for good; of who is not known yet it is remembered."""

        def work(connection: Connection) -> bool:
            known = member_id(connection, member) is not None
            key = somebody(connection, member)
            _heal(connection, key)
            _erase_words(connection, key)
            run(
                connection,
                "UPDATE member SET name = '', erased_at = ?, opted_out_at = COALESCE(opted_out_at, ?) WHERE id = ?",
                (ms(at), ms(at), key),
            )
            _take_votes(connection, key)
            run(connection, "DELETE FROM link_code WHERE made_by = ?", (key,))  # nobody stands for it any more
            return known

        return await self._database.write(work)

    async def caught_up(self, member: MemberRef, at: datetime) -> None:
        """Remember a /catchup."""

        def work(connection: Connection) -> None:
            key = somebody(connection, member)
            run(connection, "UPDATE member SET caught_up_at = ? WHERE id = ?", (ms(at), key))

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
        place = (-1, -1)
        while True:
            found, place = await self._database.read(partial(self._page, member=member, after=place))
            for each in found:
                yield each
            if len(found) < PAGE:
                return

    def _page(
        self, connection: Connection, member: MemberRef, after: tuple[int, int]
    ) -> tuple[list[Post], tuple[int, int]]:
        """The next of a member's own live messages, and where they end; the words are theirs to have."""
        channels = self._places.known(connection).by_key
        found = rows(
            connection,
            f"{POST} WHERE m.author_id = ? AND (m.sent_at, m.id) > (?, ?) AND m.deleted_at IS NULL"
            " ORDER BY m.sent_at, m.id LIMIT ?",
            (member_id(connection, member), *after, PAGE),
        )
        last = (found[-1][SENT_AT], found[-1][NUMBER]) if found else after
        return [post(row, channels[row[0]], own=True) for row in found], last

    async def notes(self, member: MemberRef) -> Sequence[Note]:
        """Everything that the member noted."""
        return await self._database.read(lambda connection: notes.of_member(connection, member_id(connection, member)))

    async def worded(self, member: MemberRef) -> Sequence[tuple[str, int, str]]:
        """Titles, summaries and outcomes that the member set."""

        def work(connection: Connection) -> list[tuple[str, int, str]]:
            key = member_id(connection, member)
            return sorted(
                ((what, row[0], row[1]) for what, query in WORDED.items() for row in rows(connection, query, (key,))),
                key=lambda each: each[1],
            )

        return await self._database.read(work)

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


WORDED = {
    "title": "SELECT id, title_set FROM discussion WHERE title_by = ? AND title_set <> ''",
    "summary": "SELECT id, summary_set FROM discussion WHERE summary_by = ? AND summary_set <> ''",
    "outcome": "SELECT id, outcome FROM discussion WHERE state_by = ? AND outcome <> ''",
}
LINK_NOTICES = (
    "SELECT o.id FROM space_link l JOIN own_post o ON o.subject LIKE 'link:' || CAST(l.id AS TEXT) || ':%'"
    " OR o.subject LIKE 'unlink:' || CAST(l.id AS TEXT) || ':%'"
    " WHERE l.first_by = ? OR l.second_by = ? OR l.ended_by = ?"
)


def _heal(connection: Connection, member: int) -> None:
    """Mark every copy of a member's words and name, and take what was made of them away at once."""
    found = rows(connection, "SELECT channel_id, position, discussion_id FROM message WHERE author_id = ?", (member,))
    found += notes.places_of(connection, member)
    redact(connection, {(row[0], row[1]) for row in found})
    made = rows(
        connection,
        "SELECT DISTINCT f.discussion_id FROM made_from f JOIN discussion d ON d.id = f.discussion_id"
        " JOIN message m ON m.channel_id = d.channel_id AND m.position = f.position WHERE m.author_id = ?",
        (member,),
    )
    clear(connection, [row[0] for row in made])
    decided = rows(
        connection,
        "SELECT id FROM discussion WHERE opener_id = ? OR state_by = ? OR title_by = ? OR summary_by = ?",
        (member, member, member, member),
    )
    touched = sorted({row[2] for row in found if row[2] is not None} | {row[0] for row in decided})
    many(connection, "UPDATE discussion SET unsettled = ? WHERE id = ?", [(True, each) for each in touched])
    for row in decided:
        mark_showing(connection, row[0])
    mark(connection, [row[0] for row in rows(connection, LINK_NOTICES, (member, member, member))])
    note(connection, Changed.DISCUSSION, touched)
    note(connection, Changed.ROOM, {row[0] for row in found})


def _erase_words(connection: Connection, member: int) -> None:
    """Delete what a member wrote: messages, titles, outcomes, and what our posts were frozen with."""
    run(
        connection,
        "UPDATE own_post SET card = NULL WHERE kind <> 'notice' AND id IN (SELECT p.post_id FROM placement p"
        " JOIN message m ON m.channel_id = p.channel_id AND m.position = p.position WHERE m.author_id = ?)",
        (member,),
    )
    for batch in chunks(row[0] for row in rows(connection, "SELECT id FROM message WHERE author_id = ?", (member,))):
        search.forget(connection, batch)
    search.wipe(connection)
    run(connection, "UPDATE message SET text = NULL, files = '' WHERE author_id = ?", (member,))
    notes.erase(connection, member)
    run(connection, "UPDATE discussion SET name = '' WHERE opener_id = ?", (member,))
    run(connection, "UPDATE discussion SET title_set = '' WHERE title_by = ?", (member,))
    run(connection, "UPDATE discussion SET summary_set = '' WHERE summary_by = ?", (member,))
    run(connection, "UPDATE discussion SET outcome = '' WHERE state_by = ?", (member,))
    held = "UPDATE room_name SET folded = (SELECT uid FROM member WHERE id = ?) WHERE member_id = ?"
    run(connection, held, (member, member))  # held on without the name: they stay who they are in the room


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
