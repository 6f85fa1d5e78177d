"""Many events made one statement for each message, vote and thread: pure, and free of order and repetition."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.markup import clean
from bot.models import (
    Author,
    Channel,
    ChannelGone,
    ChannelSeen,
    Event,
    Kind,
    MemberRef,
    Message,
    MessageDeleted,
    MessageSeen,
    Origin,
    Space,
    SpaceGone,
    SpaceSeen,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteCast,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
    position_of,
)
from storage.times import ms

STORED = (Kind.PERSON, Kind.BOT)
LIVE = {kind: frozenset({kind}) for kind in STORED}
Key = tuple[Channel, int]


@dataclass(slots=True)
class MessageFold:
    """What is said of one message: its newest snapshot, and whether it is gone."""

    id: str
    snapshot: Message | None = None
    deleted_at: int | None = None
    root: int | None = None  # position of its thread
    live: frozenset[Kind] = frozenset()  # what it was when it arrived live


@dataclass(slots=True)
class VoteFold:
    """What is said of one vote: the latest moment of each kind, epoch milliseconds, 0 for never."""

    added: int = 0
    listed: int = 0
    removed: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class ThreadFold:
    """What is said of one thread."""

    seen: ThreadSeen | None = None
    gone_at: int | None = None
    solved: set[tuple[int, bool]] = field(default_factory=set)  # when, and whether it carried the tag


@dataclass(slots=True)
class Batch:
    """Everything that a number of events say."""

    spaces: dict[Space, SpaceSeen] = field(default_factory=dict)
    channels: dict[Channel, ChannelSeen] = field(default_factory=dict)
    gone: dict[Space | Channel, int] = field(default_factory=dict)  # when
    shut: dict[Channel, int] = field(default_factory=dict)  # when it was first told to be closed, whatever came then
    messages: dict[Key, MessageFold] = field(default_factory=dict)
    votes: dict[tuple[Key, MemberRef, VoteSource], VoteFold] = field(default_factory=dict)
    reads: list[VotesRead] = field(default_factory=list)
    threads: dict[Thread, ThreadFold] = field(default_factory=dict)
    names: dict[MemberRef, tuple[int, str, bool]] = field(default_factory=dict)  # when, name, is a bot
    seen: dict[Channel, int] = field(default_factory=dict)  # watermarks
    starred: set[Key] = field(default_factory=set)  # messages for which somebody voted live


def newer(one: Message, other: Message) -> Message:
    """What holds of two snapshots: the one edited later; at a tie, the greater of each thing that they tell.

    Taking each thing for itself keeps this free of order where one of two readings knows less, as an import may.
    """
    if one == other:
        return one
    first, second = edited(one), edited(other)
    if first != second:
        return one if first > second else other
    return replace(
        one,
        text=max(clean(one.text), clean(other.text)),
        files=max(one.files, other.files, key=file_names),
        url=max(one.url, other.url),
        reply_to=max(one.reply_to, other.reply_to, key=reply_position),
        kind=max(one.kind, other.kind),
    )


def edited(message: Message) -> int:
    """When it was last edited, 0 for never."""
    return ms(message.edited_at) if message.edited_at else 0


def file_names(files: tuple[str, ...]) -> str:
    """The names of what is attached, as they are kept."""
    return "\n".join(clean(name) for name in files)


def reply_position(reply_to: str | None) -> int:
    """Where the message that it answers stands, -1 if it answers none."""
    return -1 if reply_to is None else position_of(reply_to)


def told_of_space(event: SpaceSeen) -> tuple[int, bool, str, str]:
    """What is kept of a space, in the order that decides between two statements: the greater holds."""
    return ms(event.at), event.info.hosted, clean(event.info.name), event.info.invite_url


def told_of_channel(event: ChannelSeen) -> tuple[int, bool, bool, bool, bool, bool, bool, str, str]:
    """What is kept of a channel, likewise: the later holds; at a tie, the one that lets fewer people in."""
    info = event.info
    flags = (info.private, info.nsfw, info.connect, info.guests, info.archived, info.forum)
    return (ms(event.at), *flags, clean(info.name), info.url)


def told_of_thread(event: ThreadSeen) -> tuple[int, bool, bool, bool, int, str, str]:
    """What is kept of a thread, likewise; -1 for no `archive_after`."""
    after = -1 if event.archive_after is None else event.archive_after
    return ms(event.at), event.private, event.locked, event.archived, after, clean(event.name), event.url


def fold(events: Iterable[Event]) -> Batch:
    """Fold events into one batch."""
    batch = Batch()
    for event in events:
        match event:
            case MessageSeen():
                _seen(batch, event.message, event.origin)
            case MessageDeleted():
                _deleted(batch, event)
            case VoteCast() | VotesRead() | VotesWithdrawn():
                _votes(batch, event)
            case _:
                _places(batch, event)
    return batch


def _seen(batch: Batch, message: Message, origin: Origin) -> None:
    ref = message.ref
    channel, position = ref.channel, ref.position
    if origin is Origin.LIVE:  # what is read says nothing of other threads; closing a gap moves the watermark then
        batch.seen[channel] = max(batch.seen.get(channel, 0), position)
    if message.kind not in STORED:
        return
    _name(batch, message.author, ms(message.edited_at or message.sent_at))
    known = batch.messages.get((channel, position))
    if known is None:
        known = batch.messages[channel, position] = MessageFold(ref.id)
    known.snapshot = message if known.snapshot is None else newer(known.snapshot, message)
    known.root = position if message.thread.id == ref.id else position_of(message.thread.id)
    if origin is Origin.LIVE:
        known.live |= LIVE[message.kind]


def _deleted(batch: Batch, event: MessageDeleted) -> None:
    known = batch.messages.setdefault((event.ref.channel, event.ref.position), MessageFold(event.ref.id))
    known.deleted_at = min(ms(event.at), known.deleted_at or ms(event.at))
    if event.thread is not None:
        known.root = position_of(event.thread.id)


def _votes(batch: Batch, event: VoteCast | VotesRead | VotesWithdrawn) -> None:
    """A vote may come before its message: then the message is known by its number only."""
    key = (event.ref.channel, event.ref.position)
    batch.messages.setdefault(key, MessageFold(event.ref.id))
    at = ms(event.at)
    match event:
        case VotesRead():
            batch.reads.append(event)
            for voter in event.voters:
                _name(batch, voter, at)
        case VoteCast():
            _name(batch, event.voter, at)
            vote = batch.votes.setdefault((key, event.voter.member, event.source), VoteFold())
            vote.added, vote.removed = (
                (max(vote.added, at), vote.removed) if event.active else (vote.added, max(vote.removed, at))
            )
            if event.active and event.origin is Origin.LIVE:
                batch.starred.add(key)
        case VotesWithdrawn():
            for source in VoteSource:
                vote = batch.votes.setdefault((key, event.voter, source), VoteFold())
                vote.withdrawn = max(vote.withdrawn, at)
            batch.names.setdefault(event.voter, (-1, "", False))


def _places(batch: Batch, event: ThreadSeen | ThreadGone | ChannelSeen | ChannelGone | SpaceSeen | SpaceGone) -> None:
    match event:
        case ChannelGone(channel=place) | SpaceGone(space=place):
            batch.gone[place] = max(batch.gone.get(place, 0), ms(event.at))
            _shut(batch, place, event.at, True)
        case ThreadSeen():
            known = batch.threads.setdefault(event.thread, ThreadFold())
            known.seen = max(known.seen or event, event, key=told_of_thread)
            if event.solved is not None:
                known.solved.add((ms(event.at), event.solved))
        case ThreadGone():
            known = batch.threads.setdefault(event.thread, ThreadFold())
            known.gone_at = max(known.gone_at or 0, ms(event.at))
        case ChannelSeen():
            channel = event.info.channel
            batch.channels[channel] = max(batch.channels.get(channel, event), event, key=told_of_channel)
            _shut(batch, channel, event.at, not event.info.common)
        case SpaceSeen():
            space = event.info.space
            batch.spaces[space] = max(batch.spaces.get(space, event), event, key=told_of_space)


def _shut(batch: Batch, place: Space | Channel, at: datetime, shut: bool) -> None:
    if shut and isinstance(place, Channel):
        batch.shut[place] = min(batch.shut.get(place, ms(at)), ms(at))


def _name(batch: Batch, author: Author, at: int) -> None:
    """The name used last holds; at a tie, the one that sorts later. No name never replaces one; a bot stays a bot."""
    at = at if author.name else -1
    name = (at, clean(author.name), author.is_bot)
    old = batch.names.get(author.member)
    batch.names[author.member] = name if old is None else (*max(old[:2], name[:2]), old[2] or author.is_bot)
