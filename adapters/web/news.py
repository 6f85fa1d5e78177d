"""Which changes anybody may hear of: those of what is, or was just now, shown on the web, and of the room."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.access import web_scope
from bot.models import KnownChannel
from bot.ports import Change, Changed, Standing, Store

FORUM, RUNS, ROOM = "forum", "runs", "room"
ANY = "d"  # any discussion at all
LISTS = (FORUM, RUNS)  # what shows discussions of channels that are on the web
Told = tuple[int, str]  # the number of a change, and a topic that changed by it


@dataclass(frozen=True, slots=True)
class Open:
    """Which channels may be read here."""

    channels: Mapping[int, KnownChannel]
    web: frozenset[int]  # on the forum

    def on_web(self, at: Standing) -> bool:
        """Whether a discussion would be on the web, if nobody kept it back."""
        return at.channel in self.web and at.root >= self.channels[at.channel].settings.web_from

    def hosted(self, channel: int) -> bool:
        """Whether a channel is one of the room's."""
        return channel in self.channels and self.channels[channel].hosted


class News:
    """Tells what of the change log may be heard. One follower asks it, in order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dark: set[int] = set()  # discussions that were kept back when last looked at
        self._web: frozenset[int] = frozenset()

    async def begin(self) -> None:
        """Learn what is kept back now: of that nobody hears."""
        self._dark = set(await self._store.forum.kept_back())
        self._web = (await self._open()).web

    async def of(self, changes: Sequence[Change]) -> list[Told]:
        """The topics that changed, in order. Should this fail, it may be asked for the same again."""
        if not changes:
            return []
        now, before = await self._open(), self._web
        discussions = {change.subject for change in changes if change.kind is Changed.DISCUSSION}
        standing = await self._store.forum.standing(discussions) if discussions else {}
        runs = {change.subject for change in changes if change.kind is Changed.RUN}
        sent = {run for run in runs if await self._on_web(run, now)}
        told = [
            (change.seq, topic)
            for change in changes
            for topic in self._topics(change, now, standing.get(change.subject), sent)
        ]
        if before - now.web:  # told here: the change that says so may come only with the next ones
            told += [(changes[-1].seq, topic) for topic in (*LISTS, ANY)]
        shown = {key for key, at in standing.items() if at.shown}
        self._dark -= shown
        self._dark |= standing.keys() - shown
        self._web = now.web
        return told

    async def _open(self) -> Open:
        channels = {channel.key: channel for channel in await self._store.places.channels()}
        return Open(channels, web_scope(channels.values()).channels)

    async def _on_web(self, run: int, now: Open) -> bool:
        """Whether a digest was sent to a channel that is on the web."""
        found = await self._store.forum.run(run)
        return found is not None and found.schedule.destination in {now.channels[key].channel for key in now.web}

    def _topics(self, change: Change, now: Open, at: Standing | None, sent: Collection[int]) -> Iterator[str]:
        """What changed by one change."""
        match change.kind:
            case Changed.DISCUSSION if at is not None:
                yield from self._of_discussion(change.subject, now, at)
            case Changed.CHANNEL:
                yield from (*LISTS, ANY) if change.subject in now.web else ()
                yield from (ROOM,) if now.hosted(change.subject) else ()
            case Changed.PLACES:
                yield from (*LISTS, ANY, ROOM)
            case Changed.ROOM:
                yield ROOM
            case Changed.RUN:
                yield from (RUNS,) if change.subject in sent else ()
            case _:  # a vote is told as a change of its discussion too
                pass

    def _of_discussion(self, key: int, now: Open, at: Standing) -> Iterator[str]:
        if now.on_web(at) and (at.shown or key not in self._dark):  # it goes, if it was shown until now
            yield from (*LISTS, f"{ANY}{key}")
        if now.hosted(at.channel):
            yield ROOM
