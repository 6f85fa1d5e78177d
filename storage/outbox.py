"""The Outbox port: our own posts from the plan to the last edit."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from bot import cardjson
from bot.models import (
    Card,
    Channel,
    Drop,
    MessageRef,
    OwnPost,
    Platform,
    PostKind,
    Space,
    Thread,
    moment_of,
)
from bot.ports import NOTHING_TO_SHOW, Busy, Changed
from storage.changes import mark, note, release
from storage.database import Database
from storage.due import COLUMNS, due, elsewhere
from storage.places import SqlPlaces
from storage.posts import OF_SPACE, let_go, own_post, place, plan
from storage.sql import by_keys, chunks, many, marks, one, rows, run
from storage.times import ms

TRIES = 5
COPIES = "kind = 'highlight' AND mid IS NOT NULL AND state IN ('live', 'sending') AND planned_at >= ?"
STANDS = "unread = CASE WHEN mid IS NULL AND kind = 'highlight' THEN unread + 1 ELSE unread END, mid = ?"
NEWEST = "ORDER BY planned_at DESC, id DESC LIMIT ?"


class SqlOutbox:
    """Our own posts."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def plan(
        self, kind: PostKind, subject: str, where: Channel | Thread, at: datetime, card: Card | None = None
    ) -> int | None:
        """Plan a post."""
        return await self._database.write(lambda connection: plan(connection, kind, subject, where, ms(at), card))

    async def keep_posted(
        self, kind: PostKind, subject: str, where: Channel | Thread, ref: MessageRef, at: datetime, card: Card
    ) -> None:
        """Keep a post that stands already; marked, as its author may have opted out since it was sent."""

        def work(connection: Connection) -> None:
            post = plan(connection, kind, subject, where, ms(at), card)
            if post is not None:
                run(connection, "UPDATE own_post SET state = 'live', mid = ? WHERE id = ?", (ref.id, post))
                place(connection, post, [ref])
                mark(connection, [post])

        await self._database.write(work)

    async def of_subject(self, subject: str) -> OwnPost | None:
        """The post of a subject."""
        return next(iter(await self._posts("subject = ?", [subject])), None)

    async def post(self, post: int) -> OwnPost | None:
        """One post."""
        return next(iter(await self._posts("id = ?", [post])), None)

    async def posted(self, refs: Collection[MessageRef]) -> Mapping[MessageRef, OwnPost]:
        """The posts of ours among messages."""

        def work(connection: Connection) -> dict[MessageRef, OwnPost]:
            channels = self._places.known(connection).by_key
            statement = f"SELECT {COLUMNS} FROM own_post WHERE mid IN ({{keys}})"
            found = [own_post(row, channels) for row in by_keys(connection, statement, {ref.id for ref in refs})]
            return {post.ref: post for post in found if post.ref is not None and post.ref in refs}

        return await self._database.read(work)

    async def unread(self, since: datetime, limit: int = 50) -> Sequence[tuple[OwnPost, int]]:
        """Copies whose reactions are to be read, newest first."""

        def work(connection: Connection) -> list[tuple[OwnPost, int]]:
            channels = self._places.known(connection).by_key
            query = f"SELECT {COLUMNS}, unread FROM own_post WHERE {COPIES} AND unread > 0 {NEWEST}"
            return [(own_post(row, channels), row[-1]) for row in rows(connection, query, (ms(since), limit))]

        return await self._database.read(work)

    async def read(self, post: int, times: int) -> None:
        """The reactions of a copy were read."""
        statement = "UPDATE own_post SET unread = 0 WHERE id = ? AND unread = ?"
        await self._database.write(lambda connection: run(connection, statement, (post, times)))

    async def reread(self, space: Space, since: datetime, limit: int) -> None:
        """Let the reactions of a space's newest copies be read."""
        query = f"SELECT id FROM own_post WHERE {OF_SPACE} AND {COPIES} {NEWEST}"
        values = (space.platform.value, space.id, ms(since), limit)
        await self._database.write(
            lambda connection: run(connection, f"UPDATE own_post SET unread = unread + 1 WHERE id IN ({query})", values)
        )

    async def parked(self) -> Sequence[OwnPost]:
        """What was given up."""
        return await self._posts("state = 'parked' ORDER BY id", [])

    async def _posts(self, where: str, values: Sequence[object]) -> list[OwnPost]:
        def work(connection: Connection) -> list[OwnPost]:
            channels = self._places.known(connection).by_key
            found = rows(connection, f"SELECT {COLUMNS} FROM own_post WHERE {where}", values)
            return [own_post(row, channels) for row in found]

        return await self._database.read(work)

    async def is_due(self, at: datetime) -> bool:
        """Whether anything is."""
        now = ms(at)
        return bool(await self._database.read(lambda connection: due(connection, now, 1, elsewhere((), {}))))

    async def claim(
        self,
        owner: str,
        at: datetime,
        lease: int,
        limit: int = 20,
        busy: Collection[Busy] = (),
        singly: Collection[Platform] = (),
        had: Mapping[Channel, int] = MappingProxyType({}),
    ) -> Sequence[OwnPost]:
        """Take posts to send or edit, in turns; who finds nothing due does not trouble the writer."""
        now = ms(at)

        def look(connection: Connection) -> list[Any]:
            channels = self._places.known(connection).by_key
            alone = {key for key, known in channels.items() if known.channel.space.platform in singly} if singly else ()
            turns = {key: had[known.channel] for key, known in channels.items() if known.channel in had} if had else {}
            return due(connection, now, limit, elsewhere(busy, channels), alone, turns)

        if not await self._database.read(look):
            return []

        def work(connection: Connection) -> list[OwnPost]:
            channels = self._places.known(connection).by_key
            found = look(connection)
            many(
                connection,
                "UPDATE own_post SET owner = ?, leased_until = ?, claimed_marks = marks WHERE id = ?",
                [(owner, now + lease * 1000, row[0]) for row in found],
            )
            return [own_post(row, channels) for row in found]

        return await self._database.write(work)

    async def freeze(self, post: int, owner: str, card: Card, cites: Sequence[MessageRef]) -> bool:
        """Keep what is about to be shown; False if the lease was lost.

        A live post is SENDING too until its edit is recorded: else a failed edit would pass for done, because what is
        kept equals what should be shown.
        """

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                "UPDATE own_post SET card = ?, state = 'sending' WHERE id = ? AND owner = ?",
                (cardjson.dumps(card), post, owner),
            )
            if done.rowcount:
                place(connection, post, cites)
            return done.rowcount > 0

        return await self._database.write(work)

    async def postpone(self, post: int, owner: str, not_before: datetime, reason: str = "") -> None:
        """Give it back untried."""
        statement = (
            "UPDATE own_post SET not_before = CASE WHEN marks = claimed_marks THEN ? ELSE 0 END, owner = '',"
            " leased_until = 0, reason = ? WHERE id = ? AND owner = ?"
        )
        values = (ms(not_before), reason, post, owner)
        await self._database.write(lambda connection: run(connection, statement, values))

    async def stands(self, post: int, owner: str, ref: MessageRef) -> bool:
        """Record where it stands; whether it is true is not known yet."""

        def work(connection: Connection) -> bool:
            done = run(connection, f"UPDATE own_post SET {STANDS} WHERE id = ? AND owner = ?", (ref.id, post, owner))
            if done.rowcount:
                _digest_sent(connection, post, moment_of(ref.channel.space.platform, ref.position))
            note(connection, Changed.POST, [post] if done.rowcount else [])
            return done.rowcount > 0

        return await self._database.write(work)

    async def sent(self, post: int, owner: str, ref: MessageRef, next_change_at: datetime | None) -> bool:
        """Record that it is live; marked again since the claim, it stays dirty, and is as stale as that mark."""

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                f"UPDATE own_post SET {STANDS}, state = 'live', next_change_at = ?, attempts = 0, owner = '',"
                " leased_until = 0, reason = '', dirty_at = CASE WHEN marks > claimed_marks"
                " THEN (SELECT COALESCE(max(seq), 0) FROM change) END"
                " WHERE id = ? AND owner = ?",
                (ref.id, None if next_change_at is None else ms(next_change_at), post, owner),
            )
            if done.rowcount:
                _digest_sent(connection, post, moment_of(ref.channel.space.platform, ref.position))
            else:
                run(connection, "UPDATE own_post SET state = 'sending' WHERE id = ? AND state = 'live'", (post,))
            note(connection, Changed.POST, [post])
            return done.rowcount > 0

        return await self._database.write(work)

    async def retry(self, post: int, owner: str, reason: str, not_before: datetime, tries: int = TRIES) -> None:
        """Give it back after a failed try; after so many it is parked."""

        def work(connection: Connection) -> None:
            done = run(
                connection,
                "UPDATE own_post SET attempts = attempts + 1, reason = ?, not_before = ?, owner = '', leased_until = 0,"
                " state = CASE WHEN attempts + 1 >= ? OR (told AND attempts > 0) THEN 'parked' ELSE state END,"
                " told = CASE WHEN attempts = 0 THEN ? ELSE told END WHERE id = ? AND owner = ?",
                (reason, ms(not_before), tries, False, post, owner),
            )
            note(connection, Changed.POST, [post] if done.rowcount else [])

        await self._database.write(work)

    async def drop(self, post: int, owner: str, reason: Drop, at: datetime) -> None:
        """It will not be shown; a digest's time is told by the next one."""

        def work(connection: Connection) -> None:
            query = "SELECT id FROM own_post WHERE id = ? AND owner = ? AND mid IS NULL"
            if one(connection, query, (post, owner)) is not None:
                let_go(connection, post, reason, ms(at))

        await self._database.write(work)

    async def gone(self, post: int, reason: str) -> None:
        """It was deleted or withdrawn; what it said is kept no longer."""
        await self._database.write(lambda connection: _gone(connection, post, reason))

    async def taken_down(self, post: OwnPost, at: datetime) -> None:
        """It has nothing to show; planned anew if it was marked since its claim."""

        def work(connection: Connection) -> None:
            marked = one(connection, "SELECT 1 FROM own_post WHERE id = ? AND marks > claimed_marks", (post.id,))
            _gone(connection, post.id, NOTHING_TO_SHOW)
            if marked is not None:
                plan(connection, post.kind, post.subject, post.where, ms(at), None)

        await self._database.write(work)

    async def touch(self, discussions: Sequence[int]) -> None:
        """Mark the cards of discussions, the boards of their spaces, the posts of their highlights.

        Digests, whose numbers are those of their slot, only where the discussion is gone.
        """

        def work(connection: Connection) -> None:
            found = by_keys(
                connection,
                "SELECT id FROM own_post WHERE subject IN ({keys})",
                [f"card:{each}" for each in discussions],
            )
            found += by_keys(connection, BOARDS, discussions)
            found += by_keys(connection, HIGHLIGHTS, discussions)
            found += rows(connection, UNDER_WAY)
            found += by_keys(connection, DIGESTS_OF_GONE, discussions)
            mark(connection, [row[0] for row in found])

        await self._database.write(work)

    async def touch_channels(self, channels: Sequence[int]) -> None:
        """Mark everything of ours in these channels, what carries words from them, and what may list them."""

        def work(connection: Connection) -> None:
            found = by_keys(connection, "SELECT id FROM own_post WHERE channel_id IN ({keys})", channels)
            found += by_keys(connection, "SELECT post_id FROM placement WHERE channel_id IN ({keys})", channels)
            found += by_keys(connection, BOARDS_OF_CHANNEL, channels)
            found += by_keys(connection, DIGESTS_OF_CHANNEL, channels)
            mark(connection, [row[0] for row in found])
            for some in chunks(channels):
                release(connection, f"channel_id IN ({marks(len(some))})", some)

        await self._database.write(work)

    async def cursor(self, name: str) -> int:
        """A kept number."""
        return await self._database.read(lambda connection: _cursor(connection, name))

    async def set_cursor(self, name: str, value: int) -> None:
        """Keep a number; never moves back."""

        def work(connection: Connection) -> None:
            if value > _cursor(connection, name):
                run(
                    connection,
                    "INSERT INTO setting (name, value) VALUES (?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (f"cursor:{name}", str(value)),
                )

        await self._database.write(work)


# A board may list any channel of its space.
IN_SPACES = "SELECT o.id FROM own_post o JOIN channel c ON c.id = o.channel_id WHERE o.kind = 'board' AND c.space_id IN"
BOARDS = (
    f"{IN_SPACES} (SELECT k.space_id FROM discussion d JOIN channel k ON k.id = d.channel_id WHERE d.id IN ({{keys}}))"
)
BOARDS_OF_CHANNEL = f"{IN_SPACES} (SELECT k.space_id FROM channel k WHERE k.id IN ({{keys}}))"
DIGESTS = (
    "SELECT o.id FROM discussion d JOIN run_pick r ON r.discussion_id = d.id"
    " JOIN own_post o ON o.subject = 'digest:' || CAST(r.run_id AS TEXT)"
)
DIGESTS_OF_GONE = f"{DIGESTS} WHERE d.gone_at IS NOT NULL AND d.id IN ({{keys}})"
DIGESTS_OF_CHANNEL = f"{DIGESTS} WHERE d.channel_id IN ({{keys}})"
HIGHLIGHTS = (
    "SELECT p.post_id FROM message m JOIN placement p ON p.channel_id = m.channel_id AND p.position = m.position"
    " JOIN own_post o ON o.id = p.post_id AND o.kind = 'highlight' WHERE m.discussion_id IN ({keys})"
)
# Being posted for the first time: whose words such a copy carries is kept only when it is frozen.
UNDER_WAY = "SELECT id FROM own_post WHERE state = 'planned' AND kind = 'highlight' AND owner <> ''"


def _gone(connection: Connection, post: int, reason: str) -> None:
    run(
        connection,
        "UPDATE own_post SET state = 'gone', reason = ?, owner = '', leased_until = 0, dirty_at = NULL,"
        " next_change_at = NULL, card = NULL WHERE id = ?",
        (reason, post),
    )
    run(connection, "DELETE FROM placement WHERE post_id = ?", (post,))
    note(connection, Changed.POST, [post])


def _digest_sent(connection: Connection, post: int, at: int) -> None:
    """A digest whose post stands is sent."""
    row = one(connection, "SELECT subject FROM own_post WHERE id = ? AND kind = 'digest'", (post,))
    if row is None:
        return
    chosen = int(row[0].partition(":")[2])
    done = run(connection, "UPDATE run SET state = 'sent', sent_at = ? WHERE id = ? AND state = 'frozen'", (at, chosen))
    note(connection, Changed.RUN, [chosen] if done.rowcount else [])


def _cursor(connection: Connection, name: str) -> int:
    row = one(connection, "SELECT value FROM setting WHERE name = ?", (f"cursor:{name}",))
    return 0 if row is None else int(row[0])
