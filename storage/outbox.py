"""The Outbox port: our own posts from the plan to the last edit."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot import cardjson
from bot.models import (
    Card,
    Channel,
    MessageRef,
    OwnPost,
    Platform,
    PostKind,
    PostState,
    Space,
    Thread,
    moment_of,
)
from bot.ports import NOTHING_TO_SHOW, Busy, Changed
from storage.changes import mark, note, release
from storage.database import Database
from storage.due import COLUMNS, due, elsewhere
from storage.places import SqlPlaces
from storage.scopes import OF_CHANNEL, Channels
from storage.sql import by_keys, chunks, many, marks, number, one, rows, run
from storage.times import maybe, moment, ms

TRIES = 5
COPIES = "kind = 'highlight' AND mid IS NOT NULL AND state IN ('live', 'sending') AND planned_at >= ?"
OF_SPACE = (
    "channel_id IN (SELECT c.id FROM channel c JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ?)"
)
NEWEST = "ORDER BY planned_at DESC, id DESC LIMIT ?"
NOTE_OF_PARKED = "SELECT 1 FROM own_post n WHERE n.subject = 'parked:' || CAST(own_post.id AS TEXT)"


def marker_of(subject: str) -> str:
    """A mark of at most 20 characters that goes with a post and finds it again; the same for the same subject."""
    return hashlib.sha256(subject.encode()).hexdigest()[:20]


def own_post(row: Sequence[Any], channels: Channels) -> OwnPost:
    """A row of COLUMNS as a value."""
    channel = channels[row[3]].channel
    return OwnPost(
        id=row[0],
        kind=PostKind(row[1]),
        subject=row[2],
        where=channel if row[4] is None else Thread(channel, row[4]),
        marker=row[5],
        state=PostState(row[6]),
        card=None if row[7] is None else cardjson.loads(row[7]),
        ref=None if row[8] is None else MessageRef(channel, row[8]),
        attempts=row[9],
        dirty=row[10] is not None,
        next_change_at=maybe(row[11]),
        planned_at=moment(row[12]),
    )


def plan(
    connection: Connection, kind: PostKind, subject: str, where: Channel | Thread, at: int, card: Card | None
) -> int | None:
    """Plan a post; None if the subject has one. What comes back has another mark: the platform may know the old one."""
    channel = where.channel if isinstance(where, Thread) else where
    key = (channel.space.platform.value, channel.space.id, channel.id)
    done = run(
        connection,
        "INSERT INTO own_post (kind, subject, channel_id, thread, marker, state, card, attempts, planned_at, unread,"
        f" not_before, owner, leased_until, marks, claimed_marks, reason)"
        f" SELECT ?, ?, {OF_CHANNEL}, ?, ?, 'planned', ?, 0, ?, 0, 0, '', 0, 0, 0, ''"
        " WHERE TRUE ON CONFLICT (subject) DO UPDATE SET state = 'planned', planned_at = excluded.planned_at,"
        " marker = ?, mid = NULL, attempts = 0, not_before = 0, reason = ''"
        " WHERE own_post.state = 'gone' AND own_post.reason = ?",
        (
            kind.value, subject, *key, where.id if isinstance(where, Thread) else None, marker_of(subject),
            None if card is None else cardjson.dumps(card), at, marker_of(f"{subject} {at}"), NOTHING_TO_SHOW,
        ),
    )  # fmt: skip
    if done.rowcount < 1:
        return None
    post = number(connection, "SELECT id FROM own_post WHERE subject = ?", (subject,))
    note(connection, Changed.POST, [post])
    return post


def place(connection: Connection, post: int, cites: Sequence[MessageRef]) -> None:
    """Keep whose words a post carries."""
    run(connection, "DELETE FROM placement WHERE post_id = ?", (post,))
    many(
        connection,
        f"INSERT INTO placement (channel_id, position, post_id) SELECT {OF_CHANNEL}, ?, ?",
        [
            (ref.channel.space.platform.value, ref.channel.space.id, ref.channel.id, ref.position, post)
            for ref in dict.fromkeys(cites)
        ],
    )


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

    async def parked(self, unheard: bool = False) -> Sequence[OwnPost]:
        """What was given up; with `unheard` only what nobody was told of."""
        more = f" AND NOT EXISTS ({NOTE_OF_PARKED})" if unheard else ""
        return await self._posts(f"state = 'parked'{more} ORDER BY id", [])

    async def _posts(self, where: str, values: Sequence[object]) -> list[OwnPost]:
        def work(connection: Connection) -> list[OwnPost]:
            channels = self._places.known(connection).by_key
            found = rows(connection, f"SELECT {COLUMNS} FROM own_post WHERE {where}", values)
            return [own_post(row, channels) for row in found]

        return await self._database.read(work)

    async def is_due(self, at: datetime) -> bool:
        """Whether anything is."""
        now = ms(at)
        return bool(await self._database.read(lambda connection: due(connection, now, 1)))

    async def claim(
        self,
        owner: str,
        at: datetime,
        lease: int,
        limit: int = 20,
        busy: Collection[Busy] = (),
        singly: Collection[Platform] = (),
    ) -> Sequence[OwnPost]:
        """Take posts to send or edit, stalest first; who finds nothing due does not trouble the writer."""
        now = ms(at)

        def look(connection: Connection) -> list[Any]:
            channels = self._places.known(connection).by_key
            alone = {key for key, known in channels.items() if known.channel.space.platform in singly} if singly else ()
            return due(connection, now, limit, elsewhere(busy, channels), alone)

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

    async def postpone(self, post: int, owner: str, not_before: datetime) -> None:
        """Give it back untried."""
        statement = (
            "UPDATE own_post SET not_before = CASE WHEN marks = claimed_marks THEN ? ELSE 0 END, owner = '',"
            " leased_until = 0 WHERE id = ? AND owner = ?"
        )
        values = (ms(not_before), post, owner)
        await self._database.write(lambda connection: run(connection, statement, values))

    async def sent(self, post: int, owner: str, ref: MessageRef, next_change_at: datetime | None) -> bool:
        """Record that it is live; marked again since the claim, it stays dirty, and is as stale as that mark."""

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                "UPDATE own_post SET unread = CASE WHEN mid IS NULL AND kind = 'highlight' THEN unread + 1 ELSE unread"
                " END, state = 'live', mid = ?, next_change_at = ?, attempts = 0, owner = '',"
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
                " state = CASE WHEN attempts + 1 >= ? THEN 'parked' ELSE state END WHERE id = ? AND owner = ?",
                (reason, ms(not_before), tries, post, owner),
            )
            note(connection, Changed.POST, [post] if done.rowcount else [])

        await self._database.write(work)

    async def gone(self, post: int, reason: str) -> None:
        """It was deleted or withdrawn; what it said is kept no longer."""

        def work(connection: Connection) -> None:
            run(
                connection,
                "UPDATE own_post SET state = 'gone', reason = ?, owner = '', leased_until = 0, dirty_at = NULL,"
                " next_change_at = NULL, card = NULL WHERE id = ?",
                (reason, post),
            )
            run(connection, "DELETE FROM placement WHERE post_id = ?", (post,))
            note(connection, Changed.POST, [post])

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
            found += by_keys(connection, DIGESTS_OF_GONE, discussions)
            mark(connection, [row[0] for row in found])

        await self._database.write(work)

    async def touch_channels(self, channels: Sequence[int]) -> None:
        """Mark everything of ours in these channels, and what carries words from them."""

        def work(connection: Connection) -> None:
            found = by_keys(connection, "SELECT id FROM own_post WHERE channel_id IN ({keys})", channels)
            found += by_keys(connection, "SELECT post_id FROM placement WHERE channel_id IN ({keys})", channels)
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


# A board lists its own channel or all of its space's.
BOARDS = (
    "SELECT o.id FROM own_post o JOIN channel c ON c.id = o.channel_id WHERE o.kind = 'board' AND c.space_id IN"
    " (SELECT k.space_id FROM discussion d JOIN channel k ON k.id = d.channel_id WHERE d.id IN ({keys}))"
)
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
