"""The Forum port: what readers read."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from bot.models import (
    LAST_POSITION,
    Discussion,
    Highlight,
    Hit,
    MemberRef,
    MessageRef,
    Note,
    Place,
    Platform,
    Post,
    Question,
    Run,
    Scope,
    Tab,
    Thread,
)
from bot.ports import Answered, Excerpt, Held, Standing
from storage import finding, notes
from storage.database import Database
from storage.ledger.votes import is_active
from storage.places import SqlPlaces
from storage.rows import SHOWN, discussions_where, posts_where
from storage.runs import run_of, runs_of
from storage.scopes import (
    SPOT,
    Channels,
    Condition,
    by_channel,
    discussion_of_thread,
    in_scope,
    member_id,
    open_channels,
    spot,
)
from storage.sql import by_keys, chunks, marks, one, rows
from storage.times import ms

T = TypeVar("T")
LIVE = "m.deleted_at IS NULL AND m.author_id IS NOT NULL"
OF_DISCUSSION = (
    "m.discussion_id = ? AND m.author_id IS NOT NULL AND (m.deleted_at IS NULL"
    " OR m.position = (SELECT d.first FROM discussion d WHERE d.id = ?))"
)
KEPT_BACK = "(d.hidden OR d.private OR COALESCE(d.gone_at > d.info_at, FALSE))"
PAGE = f"{OF_DISCUSSION} AND m.position > ? ORDER BY m.position LIMIT ?"
LOUD = 0.6  # share of one person's messages above which a discussion is left off the board


def in_progress(scope: Scope, channels: Channels, now: datetime) -> Condition:
    """The condition of being in progress, as `bot.discussions.state_of` has it: answered, and lately enough.

    Lately is `quiet_after` of the space, or 10 minutes before the thread archives itself if that is sooner.
    """
    quiet = {key: channels[key].quiet_after * 1000 for key in open_channels(scope, channels)}
    if not quiet:
        return "FALSE", []
    own, values = by_channel(quiet)
    archive = "(CAST(d.archive_after AS BIGINT) * 1000 - 600000)"
    lately = f"CASE WHEN {archive} < {own} THEN CASE WHEN {archive} > 0 THEN {archive} ELSE 0 END ELSE {own} END"
    where = "d.last_at > ? AND d.count > 0 AND (d.count > 1 OR d.last_at > d.opened_at) AND d.stored = 'open'"
    return f"{where} AND NOT d.locked AND ? < d.last_at + {lately}", [
        ms(now) - max(quiet.values()), ms(now), *values, *values,
    ]  # fmt: skip


def of_tab(tab: Tab, scope: Scope, channels: Channels, now: datetime) -> Condition:
    """The condition of a tab."""
    match tab:
        case Tab.ALL:
            return "TRUE", []
        case Tab.IN_PROGRESS:
            return in_progress(scope, channels, now)
        case Tab.WAITING:
            return "d.waiting > 0 AND d.stored = 'open'", []
        case Tab.CONCLUDED:  # pragma: no branch - nothing else is left
            return "d.stored = 'concluded'", []


class SqlForum:
    """Reads of discussions and messages; each is one snapshot."""

    def __init__(self, database: Database, places: SqlPlaces) -> None:
        self._database = database
        self._places = places

    async def _read(self, work: Callable[[Connection, Channels], T]) -> T:
        return await self._database.read(lambda connection: work(connection, self._places.known(connection).by_key))

    async def _discussion(self, where: str, values: Sequence[object]) -> Discussion | None:
        found = await self._read(lambda connection, channels: discussions_where(connection, channels, where, values))
        return found[0] if found else None

    async def _posts(self, where: str, values: Sequence[object]) -> list[Post]:
        return await self._read(lambda connection, channels: posts_where(connection, channels, where, values))

    async def discussions(
        self, scope: Scope, tab: Tab, now: datetime, limit: int = 50, before: Place | None = None
    ) -> Sequence[Discussion]:
        """A tab's discussions, latest activity first."""
        page, place = ("", []) if before is None else (" AND (d.last_at, d.id) < (?, ?)", [before.at, before.id])

        def work(connection: Connection, channels: Channels) -> list[Discussion]:
            where, values = in_scope(scope, channels)
            condition, more = of_tab(tab, scope, channels, now)
            return discussions_where(
                connection,
                channels,
                f"{where} AND {condition}{page} ORDER BY d.last_at DESC, d.id DESC LIMIT ?",
                [*values, *more, *place, limit],
            )

        return await self._read(work)

    async def busiest(self, scope: Scope, now: datetime, limit: int) -> Sequence[Discussion]:
        """The board's discussions, busiest of the last 24 hours first."""
        lately = (
            "(SELECT count(*) FROM message m WHERE m.discussion_id = d.id AND m.counted AND m.deleted_at IS NULL"
            " AND m.sent_at > ?)"
        )
        loudest = "COALESCE((SELECT max(p.n) FROM participation p WHERE p.discussion_id = d.id), 0)"

        def work(connection: Connection, channels: Channels) -> list[Discussion]:
            where, values = in_scope(scope, channels)
            condition, more = in_progress(scope, channels, now)
            return discussions_where(
                connection,
                channels,
                f"{where} AND {condition} AND {loudest} <= ? * d.count"
                f" ORDER BY {lately} DESC, d.last_at DESC, d.id LIMIT ?",
                [*values, *more, LOUD, ms(now - timedelta(hours=24)), limit],
            )

        return await self._read(work)

    async def tab_counts(self, scope: Scope, now: datetime) -> dict[Tab, int]:
        """How many discussions each tab has."""

        def work(connection: Connection, channels: Channels) -> dict[Tab, int]:
            where, values = in_scope(scope, channels)
            tabs = {tab: of_tab(tab, scope, channels, now) for tab in Tab}
            sums = ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition, _ in tabs.values())
            given = [value for _, more in tabs.values() for value in more]
            row = one(connection, f"SELECT {sums} FROM discussion d WHERE {SHOWN} AND {where}", [*given, *values])
            return {tab: int(row[place] or 0) for place, tab in enumerate(tabs)}

        return await self._read(work)

    async def discussion(self, discussion: int) -> Discussion | None:
        """One discussion."""
        return await self._discussion("d.id = ?", [discussion])

    async def discussion_of(self, thread: Thread) -> Discussion | None:
        """The discussion of a thread."""
        return await self._discussion(*discussion_of_thread(thread))

    async def standing(self, discussions: Collection[int]) -> dict[int, Standing]:
        """Where they stand."""

        def work(connection: Connection) -> dict[int, Standing]:
            query = f"SELECT d.id, d.channel_id, d.root, {KEPT_BACK} FROM discussion d WHERE d.id IN ({{keys}})"
            found = by_keys(connection, query, discussions)
            return {row[0]: Standing(channel=row[1], root=row[2], shown=not row[3]) for row in found}

        return await self._database.read(work)

    async def kept_back(self) -> frozenset[int]:
        """What may be shown nowhere."""
        query = f"SELECT d.id FROM discussion d WHERE {KEPT_BACK}"
        return await self._database.read(lambda connection: frozenset(row[0] for row in rows(connection, query)))

    async def private(self, platform: Platform) -> Sequence[Thread]:
        """The private threads of a platform that are tracked."""

        def work(connection: Connection, channels: Channels) -> list[Thread]:
            found = rows(connection, "SELECT d.channel_id, d.key FROM discussion d WHERE d.private ORDER BY d.id", ())
            threads = [Thread(channels[row[0]].channel, row[1]) for row in found if row[0] in channels]
            return [thread for thread in threads if thread.channel.space.platform is platform]

        return await self._read(work)

    async def lively(self, discussions: Sequence[int], since: datetime) -> Sequence[Answered]:
        """What had a live reply lately, and no card yet."""
        return await self._read(
            lambda connection, channels: finding.lively(connection, channels, discussions, ms(since))
        )

    async def containing(self, ref: MessageRef) -> Discussion | None:
        """The discussion that a message belongs to."""
        where = f"d.id = (SELECT m.discussion_id FROM message m WHERE {SPOT})"
        return await self._discussion(where, spot(ref))

    async def opening(self, discussion: int) -> Post | None:
        """The opening post."""
        where = "m.discussion_id = ? AND m.position = (SELECT d.first FROM discussion d WHERE d.id = ?)"
        return next(iter(await self._posts(where, [discussion, discussion])), None)

    async def posts(self, discussion: int, after: int = 0, limit: int = 200) -> Sequence[Post]:
        """Its messages, oldest first."""
        return await self._posts(PAGE, [discussion, discussion, after, limit])

    async def excerpt(self, discussion: int, after: int = 0, limit: int = 200) -> Excerpt | None:
        """Some of its messages, and its answers."""

        def work(connection: Connection, channels: Channels) -> Excerpt | None:
            found = discussions_where(connection, channels, "d.id = ?", [discussion])
            if not found:
                return None
            posts = posts_where(connection, channels, PAGE, [discussion, discussion, after, limit])
            answers = finding.answered(connection, channels, discussion)
            return Excerpt(discussion=found[0], posts=posts, answers=answers, spaces=self._places.listed(connection))

        return await self._read(work)

    async def answered(self, discussion: int) -> dict[MessageRef, MessageRef]:
        """Which message answers which."""
        return await self._read(lambda connection, channels: finding.answered(connection, channels, discussion))

    async def page_starts(self, discussion: int, size: int) -> Sequence[int]:
        """Where its pages begin: 0, and the position of the last message of each full page that has a next one."""

        def work(connection: Connection) -> list[int]:
            placed = (
                "SELECT lag(m.position) OVER w AS before, row_number() OVER w AS number"
                f" FROM message m WHERE {OF_DISCUSSION} WINDOW w AS (ORDER BY m.position)"
            )
            last = f"SELECT before FROM ({placed}) AS p WHERE number > 1 AND number % ? = 1 ORDER BY number"
            return [0, *(row[0] for row in rows(connection, last, [discussion, discussion, size]))]

        return await self._database.read(work)

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

    async def several(self, discussion: int, positions: Collection[int]) -> Sequence[Post]:
        """The messages at some positions of its channel."""
        where = "m.channel_id = (SELECT d.channel_id FROM discussion d WHERE d.id = ?) AND m.author_id IS NOT NULL"
        found: list[Post] = []
        for batch in chunks(sorted(positions)):
            found += await self._posts(f"{where} AND m.position IN ({marks(len(batch))})", [discussion, *batch])
        return found

    async def numbered(self, message: int) -> Post | None:
        """One message by our number."""
        return next(iter(await self._posts("m.id = ? AND m.author_id IS NOT NULL", [message])), None)

    async def channel_posts(self, channel: int, before: int | None = None, limit: int = 50) -> Sequence[Post]:
        """The channel's own live messages, newest first."""
        return await self._posts(
            f"m.channel_id = ? AND m.position < ? AND {LIVE} AND m.thread = m.position"
            " ORDER BY m.position DESC LIMIT ?",
            [channel, LAST_POSITION if before is None else before, limit],
        )

    async def highlights(
        self, scope: Scope, since: datetime | None = None, limit: int = 50, before: Place | None = None
    ) -> Sequence[Highlight]:
        """Highlights, newest highlighted first."""
        return await self._read(
            lambda connection, channels: finding.highlights(
                connection, channels, scope, since=since, limit=limit, before=before
            )
        )

    async def search(
        self, scope: Scope, words: str, limit: int = 20, ranked: bool = False, before: Place | None = None
    ) -> Sequence[Hit]:
        """Messages with all the words."""
        return await self._read(
            lambda connection, channels: finding.search(
                connection, channels, scope, words, limit=limit, ranked=ranked, before=before
            )
        )

    async def questions(self, discussion: int) -> Sequence[Question]:
        """The questions that wait."""
        return await self._read(lambda connection, channels: finding.questions(connection, channels, discussion))

    async def recent(self, scope: Scope, limit: int = 50) -> Sequence[Discussion]:
        """The newest opened."""

        def work(connection: Connection, channels: Channels) -> list[Discussion]:
            where, values = in_scope(scope, channels)
            order = "ORDER BY d.opened_at DESC, d.id DESC LIMIT ?"
            return discussions_where(connection, channels, f"{where} {order}", [*values, limit])

        return await self._read(work)

    async def runs(self, community: int, limit: int = 50) -> Sequence[Run]:
        """Sent digests, newest first."""
        return await self._read(lambda connection, channels: runs_of(connection, channels, community, limit))

    async def run(self, run: int) -> Run | None:
        """One run."""
        return await self._read(lambda connection, channels: run_of(connection, channels, run))

    async def notes(self, ref: MessageRef) -> Sequence[Note]:
        """The notes on a message."""
        return await self._database.read(lambda connection: notes.at_message(connection, ref))

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
        return await self._read(
            lambda connection, channels: finding.by_others(
                connection, channels, scope, ms(since), member_id(connection, member) or 0
            )
        )
