"""Carrying an export into the store: its places, its messages in batches, and a memory of how far it got.

Storing is idempotent, so an import may be killed anywhere and run again; the memory only makes that cheap.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from adapters.archives.export import Contents, Export, Options, Part
from adapters.archives.source import Entry
from bot.cli.progress import Progress
from bot.errors import ImportProblem
from bot.models import (
    ChannelInfo,
    ChannelSeen,
    ChannelSettings,
    Event,
    KnownChannel,
    Level,
    MessageSeen,
    Scope,
    SpaceSeen,
    Tab,
)
from bot.ports import Store, Summarizer
from bot.settling import settle_all

VERSION = 1  # of how exports are read: what another version left half done is read from the start
BATCH = 2000  # events that are stored at once
IN_FLIGHT = 3  # batches
REMEMBER = 1.0  # seconds between notes of how far it got


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How far new channels' words may go: as the operator said, else as far as the forum's address allows."""

    asked: Level | None
    otherwise: Level

    def of(self, info: ChannelInfo, vouched: bool) -> Level:
        """The level of a channel. What not everybody may read never goes beyond a digest."""
        level = self.otherwise if self.asked is None else self.asked
        closed = info.private or info.nsfw or info.connect or (self.asked is None and not vouched)
        return min(level, Level.DIGEST) if closed else level


@dataclass(slots=True)
class Tally:
    """What an import did. `problems` is everything that was damaged or foreign, a sentence each."""

    discussions: int = 0
    messages: int = 0
    highlights: int = 0
    left_out: int = 0
    changed: bool = True  # whether anything was not there before
    problems: list[str] = field(default_factory=list)
    resumed: int = 0  # files that an earlier, interrupted run had stored
    storing: float = 0.0  # seconds until everything was stored and counted
    seconds: float = 0.0  # with titles, summaries and search


@dataclass(frozen=True, slots=True)
class Batch:
    """Events to store together; once they are, `files` files are wholly stored and `taken` bytes were read."""

    events: list[Event]
    files: int
    taken: int


class Importing:
    """One import of one export."""

    def __init__(self, store: Store, export: Export, options: Options, sharing: Sharing, progress: Progress) -> None:
        self._store = store
        self._export = export
        self._options = options
        self._sharing = sharing
        self._progress = progress
        self._tally = Tally()
        self._files: list[Entry] = []
        self._damaged: int | None = None  # the first file with damage: the memory stays before it
        self._memory = ""
        self._remembered = time.monotonic()

    async def run(self, summarizer: Summarizer) -> Tally:
        """Import everything. ImportProblem only if nothing can be imported at all."""
        begun = time.monotonic()
        before = await self._store.ledger.last_seq()
        contents = await asyncio.to_thread(self._export.contents)
        self._note(contents)
        for part in contents.parts:
            await self._keep_places(part)
        await self._recall(contents)
        await self._store_files()
        self._tally.storing = time.monotonic() - begun
        self._progress.stage("Titles, summaries, search")
        await settle_all(self._store, summarizer)
        while await self._store.ledger.index_text(BATCH):
            pass
        await self._store.outbox.set_cursor(self._memory, len(self._files) + 1)
        await self._count(contents)
        self._tally.changed = await self._store.ledger.last_seq() > before
        self._tally.seconds = time.monotonic() - begun
        return self._tally

    def _note(self, contents: Contents) -> None:
        self._tally.left_out = len(contents.notices)
        for sentence in contents.notices:
            self._progress.say(sentence)
        for damage in (*self._export.source.refused, *map(str, contents.problems)):
            self._problem(damage)

    def _problem(self, sentence: str) -> None:
        self._tally.problems.append(sentence)
        self._progress.say(sentence)

    async def _keep_places(self, part: Part) -> None:
        """Make the space and its channels known, and decide the level of channels that were not.

        A channel that is closed to us stays so.
        """
        known = {channel.channel: channel for channel in await self._store.places.channels()}
        channels = [_as_closed(info, known.get(info.channel)) for info in part.channels]
        fresh = [info for info in channels if await self._is_new(known.get(info.channel), part)]
        space = await self._store.places.space(part.space.space)
        events: list[Event] = [
            ChannelSeen(info=info, at=part.at)
            for info in channels
            if (old := known.get(info.channel)) is None or not (old.removed or old.info == info)
        ]
        if space is None or space.info.name != part.space.name:
            events.insert(0, SpaceSeen(info=part.space, at=part.at))
        if events:
            await self._store.ledger.record(events)
        for info in fresh:
            level = self._sharing.of(info, info.channel not in part.unvouched)
            if level != ChannelSettings().level:
                await self._store.places.set_level(info.channel, level, 0)

    async def _is_new(self, channel: KnownChannel | None, part: Part) -> bool:
        """Whether nobody can have decided anything about a channel: it is unknown, or untouched and empty.

        The latter, because an import may have been killed before it set the level.
        """
        if channel is None:
            return True
        if channel.settings != ChannelSettings():
            return False
        scope = Scope(channels=frozenset({channel.key}), web=False)
        posts = await self._store.forum.channel_posts(channel.key, limit=1)
        return not posts and not await self._store.forum.discussions(scope, Tab.ALL, part.at, limit=1)

    async def _recall(self, contents: Contents) -> None:
        """Find out how far an interrupted import of the same files got; a finished one is read again, whole."""
        self._files = [entry for part in contents.parts for entry in part.entries]
        how = (VERSION, self._options.space, self._options.include_unlisted, sorted(self._options.stars or ()))
        content = f"{self._export.source.fingerprint()} {how}"
        self._memory = "import:" + hashlib.blake2b(content.encode(), digest_size=12).hexdigest()
        done = await self._store.outbox.cursor(self._memory)
        self._tally.resumed = done if done <= len(self._files) else 0
        if self._tally.resumed:
            self._progress.say(f"{self._tally.resumed} of {len(self._files)} files were stored before; going on there.")

    async def _store_files(self) -> None:
        """Store all files in their order, several batches in flight; reading runs in a thread beside it."""
        skipped = sum(entry.size for entry in self._files[: self._tally.resumed])
        self._progress.begin(sum(entry.size for entry in self._files))
        self._export.source.taken = skipped
        batches = self._batches()
        pending: deque[tuple[asyncio.Task[None], Batch]] = deque()
        while batch := await asyncio.to_thread(next, batches, None):
            pending.append((asyncio.create_task(self._store.ledger.record(batch.events)), batch))
            if len(pending) >= IN_FLIGHT:
                await self._stored(*pending.popleft())
        while pending:
            await self._stored(*pending.popleft())

    def _batches(self) -> Iterator[Batch]:
        """The events of all files that are not stored yet; damage is told and left out."""
        events: list[Event] = []
        source = self._export.source
        for number, entry in enumerate(self._files[self._tally.resumed :], start=self._tally.resumed):
            try:
                for event in self._export.events(entry, lambda problem, number=number: self._damage(problem, number)):  # type: ignore[misc]  # mypy cannot infer a lambda's default
                    events.append(event)
                    if len(events) >= BATCH:
                        yield Batch(events, number, source.taken)
                        events = []
            except ImportProblem as problem:
                self._damage(problem, number)
        if events:
            yield Batch(events, len(self._files), source.taken)

    def _damage(self, problem: ImportProblem, number: int) -> None:
        self._damaged = number if self._damaged is None else self._damaged
        self._problem(str(problem))

    async def _stored(self, storing: asyncio.Task[None], batch: Batch) -> None:
        """Wait until a batch is durable, then say and remember how far it got."""
        await storing
        self._tally.messages += sum(isinstance(event, MessageSeen) for event in batch.events)
        self._progress.advance(batch.taken, self._tally.messages)
        files = batch.files if self._damaged is None else min(batch.files, self._damaged)
        if files and time.monotonic() - self._remembered > REMEMBER:
            self._remembered = time.monotonic()
            await self._store.outbox.set_cursor(self._memory, files)

    async def _count(self, contents: Contents) -> None:
        """Count what the imported channels hold now."""
        channels = {
            (f"{info.channel.space.platform.value}/{info.channel.space.id}", info.channel.id)
            for part in contents.parts
            for info in part.channels
        }
        rows = [row for row in await self._store.ledger.audit_rows() if (row["space"], row["channel"]) in channels]
        self._tally.discussions = len(rows)
        self._tally.highlights = sum(int(row["highlights"] or 0) for row in rows)


def _as_closed(info: ChannelInfo, known: KnownChannel | None) -> ChannelInfo:
    """A channel that lets in no more people than its platform said: an export need not know who may read it."""
    if known is None:
        return info
    old = known.info
    return replace(
        info,
        private=info.private or old.private,
        nsfw=info.nsfw or old.nsfw,
        connect=info.connect or old.connect,
        guests=info.guests or old.guests,
    )
