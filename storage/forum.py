"""The Forum port: what readers read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from bot.models import (
    Discussion,
    Highlight,
    Hit,
    KnownChannel,
    MemberRef,
    MessageRef,
    Place,
    Post,
    Question,
    Run,
    Scope,
    Tab,
    Thread,
)
from bot.ports import Held
from storage import finding
from storage.database import Database
from storage.ledger.votes import is_active
from storage.places import SqlPlaces
from storage.rows import SHOWN, discussions_where, posts_where
from storage.runs import run_of, runs_of
from storage.scopes import SPOT, discussion_of_thread, in_scope, member_id, spot
from storage.sql import number, one
from storage.times import ms

T = TypeVar("T")
LIVE = "m.deleted_at IS NULL AND m.author_id IS NOT NULL"
LOUD = 0.6  # share of one person's messages above which a discussion is left off the board

# A counted reply lately, or so lately that the platform will not have archived it (DESIGN section 2), in milliseconds.
LATELY = (
    "d.replies_ever > 0 AND d.count > 1 AND d.stored = 'open' AND NOT d.locked"
    " AND d.last_at > ? - 1000 * CASE WHEN d.archive_after IS NOT NULL AND d.archive_after - 600 < ?"
    " THEN d.archive_after - 600 ELSE ? END"
)


class SqlForum:
    """Reads of discussions and messages."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def _read(self, work: Callable[[Connection, Mapping[int, KnownChannel]], T]) -> T:
        channels = await self._places.by_key()
        return await self._database.read(lambda connection: work(connection, channels))

    async def _discussions(self, where: str, values: Sequence[object]) -> list[Discussion]:
        return await self._read(lambda connection, channels: discussions_where(connection, channels, where, values))

    async def _posts(self, where: str, values: Sequence[object]) -> list[Post]:
        return await self._read(lambda connection, channels: posts_where(connection, channels, where, values))

    def _tab(self, tab: Tab, now: datetime, quiet_after: int) -> tuple[str, list[object]]:
        """The condition of a tab."""
        match tab:
            case Tab.ALL:
                return "TRUE", []
            case Tab.IN_PROGRESS:
                return LATELY, [ms(now), quiet_after, quiet_after]
            case Tab.WAITING:
                return "d.waiting > 0 AND d.stored = 'open'", []
            case Tab.CONCLUDED:
                return "d.stored = 'concluded'", []

    async def _quiet_after(self, scope: Scope) -> int:
        """The longest time of the scope's spaces until a discussion is quiet."""
        channels = await self._places.by_key()
        return max((channels[key].quiet_after for key in scope.channels if key in channels), default=24 * 3600)

    async def discussions(
        self, scope: Scope, tab: Tab, now: datetime, limit: int = 50, before: Place | None = None
    ) -> Sequence[Discussion]:
        """A tab's discussions, latest activity first."""
        where, values = in_scope(scope, await self._places.by_key())
        condition, more = self._tab(tab, now, await self._quiet_after(scope))
        page, place = ("", []) if before is None else (" AND (d.last_at, d.id) < (?, ?)", [before.at, before.id])
        return await self._discussions(
            f"{where} AND {condition}{page} ORDER BY d.last_at DESC, d.id DESC LIMIT ?", [*values, *more, *place, limit]
        )

    async def busiest(self, scope: Scope, now: datetime, limit: int) -> Sequence[Discussion]:
        """The board's discussions, busiest of the last 24 hours first."""
        where, values = in_scope(scope, await self._places.by_key())
        quiet = await self._quiet_after(scope)
        since = ms(now - timedelta(hours=24))
        lately = "(SELECT count(*) FROM message m WHERE m.discussion_id = d.id AND m.counted AND m.sent_at > ?)"
        loudest = "(SELECT max(p.n) FROM participation p WHERE p.discussion_id = d.id)"
        return await self._discussions(
            f"{where} AND {LATELY} AND {loudest} <= ? * d.count ORDER BY {lately} DESC, d.last_at DESC, d.id LIMIT ?",
            [*values, ms(now), quiet, quiet, LOUD, since, limit],
        )

    async def tab_counts(self, scope: Scope, now: datetime) -> dict[Tab, int]:
        """How many discussions each tab has."""
        where, values = in_scope(scope, await self._places.by_key())
        quiet = await self._quiet_after(scope)
        tabs = {tab: self._tab(tab, now, quiet) for tab in Tab}
        sums = ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition, _ in tabs.values())
        given = [value for _, more in tabs.values() for value in more]
        row = await self._database.read(
            lambda connection: one(
                connection, f"SELECT {sums} FROM discussion d WHERE {SHOWN} AND {where}", [*given, *values]
            )
        )
        return {tab: int(row[place] or 0) for place, tab in enumerate(tabs)}

    async def discussion(self, discussion: int) -> Discussion | None:
        """One discussion."""
        return next(iter(await self._discussions("d.id = ?", [discussion])), None)

    async def discussion_of(self, thread: Thread) -> Discussion | None:
        """The discussion of a thread."""
        where, values = discussion_of_thread(thread)
        return next(iter(await self._discussions(where, values)), None)

    async def containing(self, ref: MessageRef) -> Discussion | None:
        """The discussion that a message belongs to."""
        where = f"d.id = (SELECT m.discussion_id FROM message m WHERE {SPOT})"
        return next(iter(await self._discussions(where, spot(ref))), None)

    async def opening(self, discussion: int) -> Post | None:
        """The opening post."""
        where = "m.discussion_id = ? AND m.position = (SELECT d.first FROM discussion d WHERE d.id = ?)"
        return next(iter(await self._posts(where, [discussion, discussion])), None)

    async def posts(self, discussion: int, after: int = 0, limit: int = 200) -> Sequence[Post]:
        """Its messages, oldest first."""
        return await self._posts(
            "m.discussion_id = ? AND m.position > ? AND m.author_id IS NOT NULL AND (m.deleted_at IS NULL"
            " OR m.position = (SELECT d.first FROM discussion d WHERE d.id = ?)) ORDER BY m.position LIMIT ?",
            [discussion, after, discussion, limit],
        )

    async def newest(self, discussion: int, limit: int = 25) -> Sequence[Post]:
        """Its newest live messages."""
        where = f"m.discussion_id = ? AND {LIVE} ORDER BY m.position DESC LIMIT ?"
        return await self._posts(where, [discussion, limit])

    async def best(self, discussion: int, limit: int = 5) -> Sequence[Post]:
        """Its highlighted messages, most votes first."""
        return await self._posts(
            f"m.discussion_id = ? AND {LIVE} AND m.votes > 0 AND NOT m.held_author AND NOT m.held_moderator"
            " ORDER BY m.votes DESC, m.position LIMIT ?",
            [discussion, limit],
        )

    async def post(self, ref: MessageRef) -> Post | None:
        """One message."""
        return next(iter(await self._posts(f"{SPOT} AND m.author_id IS NOT NULL", spot(ref))), None)

    async def channel_posts(self, channel: int, before: int | None = None, limit: int = 50) -> Sequence[Post]:
        """The channel's own live messages, newest first."""
        return await self._posts(
            f"m.channel_id = ? AND m.position < ? AND {LIVE} AND m.thread = m.position"
            " ORDER BY m.position DESC LIMIT ?",
            [channel, 2**63 - 1 if before is None else before, limit],
        )

    async def highlights(
        self, scope: Scope, since: datetime | None = None, limit: int = 50, before: Place | None = None
    ) -> Sequence[Highlight]:
        """Highlights, newest highlighted first."""
        where, values = in_scope(scope, await self._places.by_key())
        return await self._read(
            lambda connection, channels: finding.highlights(
                connection, channels, (where, values), since=since, limit=limit, before=before
            )
        )

    async def search(self, scope: Scope, words: str, limit: int = 20, ranked: bool = False) -> Sequence[Hit]:
        """Messages with all the words."""
        where, values = in_scope(scope, await self._places.by_key(), posts=True)
        return await self._read(
            lambda connection, channels: finding.search(
                connection, channels, (where, values), words, limit=limit, ranked=ranked
            )
        )

    async def questions(self, discussion: int) -> Sequence[Question]:
        """The questions that wait."""
        return await self._read(lambda connection, channels: finding.questions(connection, channels, discussion))

    async def recent(self, scope: Scope, limit: int = 50) -> Sequence[Discussion]:
        """The newest opened."""
        where, values = in_scope(scope, await self._places.by_key())
        return await self._discussions(f"{where} ORDER BY d.opened_at DESC, d.id DESC LIMIT ?", [*values, limit])

    async def runs(self, community: int, limit: int = 50) -> Sequence[Run]:
        """Sent digests, newest first."""
        return await self._read(lambda connection, channels: runs_of(connection, channels, community, limit))

    async def run(self, run: int) -> Run | None:
        """One run."""
        return await self._read(lambda connection, channels: run_of(connection, channels, run))

    async def held(self, ref: MessageRef) -> Held:
        """Who holds a message back."""
        row = await self._database.read(
            lambda connection: one(
                connection, f"SELECT m.held_author, m.held_moderator FROM message m WHERE {SPOT}", spot(ref)
            )
        )
        return Held(by_author=bool(row and row[0]), by_moderator=bool(row and row[1]))

    async def has_vote(self, ref: MessageRef, voter: MemberRef) -> bool:
        """Whether somebody's vote is active."""

        def work(connection: Connection) -> bool:
            member = member_id(connection, voter)
            at = one(connection, f"SELECT m.channel_id FROM message m WHERE {SPOT}", spot(ref))
            return member is not None and at is not None and is_active(connection, at[0], ref.position, member)

        return await self._database.read(work)

    async def since_last_seen(
        self, scope: Scope, member: MemberRef, since: datetime
    ) -> Sequence[tuple[Discussion, int]]:
        """What others wrote after `since`."""
        where, values = in_scope(scope, await self._places.by_key())

        def work(connection: Connection, channels: Mapping[int, KnownChannel]) -> list[tuple[Discussion, int]]:
            mine = member_id(connection, member) or 0
            active = discussions_where(connection, channels, f"{where} AND d.last_at > ?", [*values, ms(since)])
            counted = [
                (each, number(connection, finding.BY_OTHERS, (each.id, ms(since), mine))) for each in active[:200]
            ]
            return sorted(((each, n) for each, n in counted if n), key=lambda pair: (-pair[1], pair[0].id))

        return await self._read(work)
