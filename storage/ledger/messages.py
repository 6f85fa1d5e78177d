"""Messages into rows, and the differences that this makes to the counters of their discussions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import Kind, MemberRef, Message
from storage.ledger.fold import MessageFold, edited, file_names, reply_position
from storage.ledger.resolve import ChannelRow, MemberRow
from storage.sql import by_keys, many
from storage.times import DAY, ms


@dataclass(frozen=True, slots=True)
class Known:
    """A discussion that is there already; `first` is the position of the message that opens it.

    `live_at` is when the newest reply that arrived live was sent, 0 for none; `opener` is the member who opened it.
    """

    id: int
    root: int
    first: int | None
    live_at: int = 0
    opener: int | None = None


class Row(NamedTuple):
    """A message as it stands in the table; the fields that counters and merging need, in the order of SELECT."""

    channel: int
    position: int
    mid: str
    discussion: int | None = None
    thread: int | None = None
    author: int | None = None
    kind: str = "person"
    counted: bool = False
    sent_at: int = 0
    edited_at: int = 0
    deleted_at: int | None = None
    text: str | None = None
    reply_to: int | None = None
    files: str = ""
    url: str = ""
    live: bool | int = False  # it came live, and counted then
    votes: int = 0
    held: bool = False
    id: int | None = None
    chained: bool = False  # in its discussion by its references alone: it stands in the channel (see `chains`)

    @property
    def counts(self) -> bool:
        """Whether it is in its discussion's count."""
        return self.counted and self.deleted_at is None and self.discussion is not None

    @property
    def replies(self) -> bool:
        """Whether it is somewhere else than in a discussion's first place."""
        return self.chained or self.position != self.thread

    @property
    def highlighted(self) -> bool:
        """Whether it is one of its discussion's highlights."""
        return self.votes > 0 and not self.held and self.deleted_at is None and self.author is not None


def numbers() -> defaultdict[Any, int]:
    """Sums that begin at 0; a Counter looks that up in Python."""
    return defaultdict(int)


@dataclass(slots=True)
class Differences:
    """What changed for each discussion; sums of what rows really did."""

    count: defaultdict[int, int] = field(default_factory=numbers)
    replies: defaultdict[int, int] = field(default_factory=numbers)
    highlights: defaultdict[int, int] = field(default_factory=numbers)
    present: defaultdict[tuple[int, int], int] = field(default_factory=numbers)  # discussion, member
    days: defaultdict[tuple[int, int, int], int] = field(default_factory=numbers)  # day, discussion, member
    newest: dict[int, int] = field(default_factory=dict)  # a counted message came, sent then
    went: defaultdict[int, int] = field(default_factory=numbers)  # one went, sent then
    live: dict[int, int] = field(default_factory=dict)  # a countable reply came live, sent then
    lowest: dict[int, int] = field(default_factory=dict)  # lowest position that became known
    shut: set[int] = field(default_factory=set)  # a message can open it no more, a bot's as it turns out
    left: set[int] = field(default_factory=set)  # a message is in another discussion now, or in none
    touched: set[int] = field(default_factory=set)
    lone: set[int] = field(default_factory=set)  # channels with news outside discussions
    rewritten: set[tuple[int, int]] = field(default_factory=set)  # edited or deleted: (channel, position)
    awaited: set[tuple[int, int]] = field(default_factory=set)  # seen at last, after their votes


SELECT = (
    "SELECT channel_id, position, mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at,"
    " text, reply_to, files, url, live, votes, held_author OR held_moderator, id,"
    " chain_id IS NOT NULL AND chain_id = discussion_id"
    " FROM {keys} CROSS JOIN message WHERE channel_id = column1 AND position = column2"
)


def existing(connection: Connection, keys: set[tuple[int, int]]) -> dict[tuple[int, int], Row]:
    """The rows that are there already."""
    return {(row[0], row[1]): Row._make(row) for row in by_keys(connection, SELECT, keys)}


def merged(
    old: Row,
    said: MessageFold,
    channel: ChannelRow,
    members: Mapping[MemberRef, MemberRow],
    found: Mapping[tuple[int, int], Known],
) -> Row:
    """What a row becomes by what is said of it. Free of order: newer edits hold, a deletion is final."""
    row = placed(old, said.root, found, seen=said.snapshot is not None or old.author is not None)
    if said.snapshot is not None:
        row = _told(row, said.snapshot, channel, members, live=_is_live(said, channel))
    gone = [at for at in (said.deleted_at, old.deleted_at) if at is not None]
    return row._replace(deleted_at=min(gone), text=None, files="") if gone else row


def placed(row: Row, root: int | None, found: Mapping[tuple[int, int], Known], *, seen: bool = False) -> Row:
    """A message in its thread, and in the thread's discussion if there is one and it is in none by itself.

    A reply goes there when it is seen: whether the discussion was there before a mere deletion must not matter. A
    message that opens a discussion of its own is in that one, wherever its references lead.
    """
    thread = row.thread if root is None else root
    at = row.position if thread is None else thread
    free = row.discussion is None or row.chained
    known = found.get((row.channel, at)) if free and (seen or at == row.position) else None
    if known is not None:
        return Row._make((*row[:3], known.id, at, *row[5:-1], False))
    return Row._make((*row[:4], thread, *row[5:]))


def _told(
    row: Row, message: Message, channel: ChannelRow, members: Mapping[MemberRef, MemberRow], *, live: bool
) -> Row:
    """What a snapshot makes of a row; of an older one than was seen, only that it came live."""
    at = edited(message)
    if row.author is not None and at < row.edited_at:
        return row._replace(live=live or row.live)
    member = members[message.author.member]
    sent = ms(message.sent_at)
    kept = (
        channel.keeps_text
        and row.position >= channel.forgotten
        and not (member.erased_at is not None and sent <= member.erased_at)
    )
    told = Row(
        *row[:5],
        member.id,
        message.kind.value,
        counted(message.kind, message.author.member, channel),
        sent,
        at,
        row.deleted_at,
        clean(message.text) if kept else None,
        None if message.reply_to is None else reply_position(message.reply_to),
        file_names(message.files) if kept and message.files else "",
        message.url,
        live or row.live,
        *row[16:],
    )
    return told if row.author is None or at > row.edited_at else _joined(row, told)


def _joined(row: Row, told: Row) -> Row:
    """What a second snapshot of the same moment makes: the greater of each thing holds (see `fold.newer`)."""
    greater = told if told.kind > row.kind else row
    return row._replace(
        kind=greater.kind,
        counted=greater.counted,
        text=max((each for each in (row.text, told.text) if each is not None), default=None),
        reply_to=max((each for each in (row.reply_to, told.reply_to) if each is not None), default=None),
        files=max(row.files, told.files),
        url=max(row.url, told.url),
        live=told.live,
    )


def counted(kind: Kind, author: MemberRef, channel: ChannelRow) -> bool:
    """Whether a message counts while it is live: people's do, bots' by the channel's switch or allow-list."""
    return kind is Kind.PERSON or channel.count_bots or author.id in channel.bridges


def differ(differences: Differences, old: Row, new: Row) -> None:
    """Add to the differences what becomes of one message."""
    _leave(differences, old)
    if old.discussion is not None and old.discussion != new.discussion:
        differences.touched.add(old.discussion)
        differences.left.add(old.discussion)
        if _may_open(old):
            differences.shut.add(old.discussion)
    _enter(differences, new)
    where = new.discussion
    if where is None:
        differences.lone.add(new.channel)
    else:
        differences.touched.add(where)
        could, can = old.discussion == where and _may_open(old), _may_open(new)
        if can and not could:
            differences.lowest[where] = min(differences.lowest.get(where, new.position), new.position)
        elif could and not can:
            differences.shut.add(where)
    if old.id is not None and (old.text, old.deleted_at) != (new.text, new.deleted_at):
        differences.rewritten.add((new.channel, new.position))
    if old.id is not None and old.author is None and new.author is not None:
        differences.awaited.add((new.channel, new.position))


def arrive(
    differences: Differences,
    row: Row,
    said: MessageFold,
    channel: ChannelRow,
    found: Mapping[tuple[int, int], Known],
) -> None:
    """Remember that a reply arrived live. Whatever became of it since: this must not hang on the order of events."""
    if not row.replies or row.thread is None or not _is_live(said, channel):
        return
    if row.chained and row.discussion is not None:
        where, before = row.discussion, 0
    elif known := found.get((row.channel, row.thread)):
        where, before = known.id, known.live_at
    else:
        return
    if row.sent_at > max(before, differences.live.get(where, 0)):
        differences.live[where] = row.sent_at
        differences.touched.add(where)


def _is_live(said: MessageFold, channel: ChannelRow) -> bool:
    """Whether a message came live, and counted as what it was then."""
    if not said.live or said.snapshot is None:
        return False
    return Kind.PERSON in said.live or counted(Kind.BOT, said.snapshot.author.member, channel)


def _may_open(row: Row) -> bool:
    """Whether a message can open its discussion: the thread's own first message, else one that counts."""
    return row.author is not None and (row.counted or not row.replies)


def _leave(differences: Differences, row: Row) -> None:
    if row.id is None:
        return  # it was not there
    _add(differences, row, -1)
    if row.counts and row.discussion is not None:
        differences.went[row.discussion] = max(differences.went[row.discussion], row.sent_at)


def _enter(differences: Differences, row: Row) -> None:
    _add(differences, row, 1)
    if row.counts and row.discussion is not None:
        differences.newest[row.discussion] = max(differences.newest.get(row.discussion, 0), row.sent_at)


def _add(differences: Differences, row: Row, sign: int) -> None:
    where = row.discussion
    if where is None or row.author is None:
        return
    if row.counted and row.replies:
        differences.replies[where] += sign
    if row.votes and row.highlighted:
        differences.highlights[where] += sign
    if row.counts:
        differences.count[where] += sign
        differences.present[where, row.author] += sign
        differences.days[row.sent_at // DAY, where, row.author] += sign


INSERT = (
    "INSERT INTO message (channel_id, position, mid, discussion_id, thread, author_id, kind, counted, sent_at,"
    " edited_at, deleted_at, text, reply_to, files, url, live, votes, picked, held_author, held_moderator)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ? > 0, ?, ?, ?, ?, ?, ?, ?, ? > 0, 0, FALSE, FALSE, FALSE)"
)
UPDATE = (
    "UPDATE message SET discussion_id = ?, thread = ?, author_id = ?, kind = ?, counted = ? > 0, sent_at = ?,"
    " edited_at = ?, deleted_at = ?, text = ?, reply_to = ?, files = ?, url = ?, live = ? > 0 WHERE id = ?"
)


def write(connection: Connection, inserts: list[Row], updates: list[Row]) -> None:
    """Write new and changed rows."""
    many(connection, INSERT, [_values(row) for row in inserts])
    many(connection, UPDATE, [(*_values(row)[3:], row.id) for row in updates])


def _values(row: Row) -> tuple[object, ...]:
    """The columns that are written. Numbers for flags: the SQLite driver takes five times as long over a bool."""
    return (*row[:7], int(row.counted), *row[8:15], int(row.live))
