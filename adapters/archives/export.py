"""What every export is to an importer: a space, its channels, and files that tell events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.archives.source import Entry, Source
from bot.errors import ImportProblem
from bot.models import Channel, ChannelInfo, Event, SpaceInfo

Report = Callable[[ImportProblem], None]


class SpaceUnknown(ImportProblem):
    """An export does not say which space it is from: the operator has to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the operator wants an export read. `stars` None means the platform's usual names.

    `now` is when it is read: nothing that an export tells counts as later than that.
    """

    space: str = ""  # the space's id, instead of the one the export names
    stars: frozenset[str] | None = None
    include_unlisted: bool = False
    now: datetime | None = None

    def told_at(self, at: datetime) -> datetime:
        """When an export was made that says `at`: never after `now`, so that what platforms tell later is newer."""
        return at if self.now is None else min(at, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What an export holds of one space: its channels, and the files to read, in order.

    `at` is when the export was made, as far as it tells. `unvouched` are channels of which the export does not say that
    they are public.
    """

    space: SpaceInfo
    at: datetime
    channels: tuple[ChannelInfo, ...]
    entries: tuple[Entry, ...]
    unvouched: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What there is to import; in sentences what was left out on purpose, and what is damaged or foreign."""

    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


class Export(Protocol):
    """An export that was recognised."""

    @property
    def source(self) -> Source:
        """Where it is read from."""
        ...

    def contents(self) -> Contents:
        """What it holds; to be asked for once, before any events. ImportProblem if it cannot be imported at all."""
        ...

    def events(self, entry: Entry, report: Report) -> Iterator[Event]:
        """The events of one file. Single messages that are damaged are reported, once a file, and the rest goes on.

        Safe to run in any thread. ImportProblem at the place from which nothing more can be read.
        """
        ...
