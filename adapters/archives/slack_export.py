"""An official Slack export: lists of users and channels, and a folder of day files a channel.

Day files are cut by the workspace's zone, and replies lie in the file of the day they were written: nothing here
depends on a file's name or on what another file holds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.archives import shapes, slack_convert
from adapters.archives.export import Contents, Options, Part, Report, SpaceUnknown
from adapters.archives.shapes import Record, identifier, words
from adapters.archives.source import Entry, Source
from bot.errors import ImportProblem
from bot.markup import clean
from bot.models import Channel, ChannelInfo, Event, Platform, Space, SpaceInfo

LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
DIRECT = re.compile(r"D[A-Z0-9]{8,}|mpdm-.*")
EXPORT_NAME = re.compile(r"(.+?) Slack export\b", re.IGNORECASE)
SAMPLE_FILES = 20  # how many day files are searched for the team's id


@dataclass(frozen=True, slots=True)
class _Lists:
    """The root files of an export, with what was wrong with them."""

    users: list[Record]
    channels: list[Record]
    private: frozenset[str]  # folder names
    direct: frozenset[str]
    problems: tuple[ImportProblem, ...]


class SlackExport:
    """An official Slack export, its lists at `root` ("" or a path inside the source that ends in a slash)."""

    def __init__(self, source: Source, root: str, options: Options) -> None:
        self._source = source
        self._root = root
        self._options = options
        self._lists = self._read_lists()
        self._people: slack_convert.People = {}
        self._channels: dict[str, Channel] = {}  # by folder
        self._stars = slack_convert.STARS if options.stars is None else options.stars

    @property
    def source(self) -> Source:
        """Where it is read from."""
        return self._source

    def contents(self) -> Contents:
        """The workspace. ImportProblem if nothing tells its id."""
        days = [entry for entry in self._source.entries if self._folder(entry) and DAY.fullmatch(entry.path.name)]
        space = Space(Platform.SLACK, self._options.space or self._team(days))
        self._people = slack_convert.people_of(self._lists.users, space)
        guests = slack_convert.guests_of(self._lists.users)
        found = (slack_convert.channel_of(payload, space, guests) for payload in self._lists.channels)
        listed = {info.name: info for info in found if info is not None}
        listed |= {info.channel.id: info for info in listed.values()}
        taken, notices, unvouched = self._sort_folders(days, listed, space)
        self._channels = {folder: info.channel for folder, info in taken.items()}
        public = {info.channel: info for info in (*listed.values(), *taken.values()) if not info.private}
        part = Part(
            space=SpaceInfo(space=space, name=self._space_name()),
            at=self._options.told_at(_made_at(days)),
            channels=tuple(sorted(public.values(), key=lambda info: info.channel)),
            entries=tuple(entry for entry in days if self._folder(entry) in taken),
            unvouched=unvouched,
        )
        return Contents(parts=(part,), notices=tuple(notices), problems=self._lists.problems)

    def events(self, entry: Entry, report: Report) -> Iterator[Event]:
        """The messages, deletions and votes of a day file."""
        channel = self._channels[self._folder(entry)]
        label = self._source.label(entry)
        payloads = shapes.parse(self._source.read(entry), label)
        if not isinstance(payloads, list):
            raise ImportProblem(f"{label} is no day file of a Slack export: it holds no list of messages.")
        misplaced: list[int] = []
        for number, payload in enumerate(payloads, start=1):
            events = slack_convert.events_of(payload, channel, self._people, self._stars)
            if events is None:
                misplaced.append(number)
            else:
                yield from events
        if misplaced:
            report(ImportProblem(_misplaced(label, misplaced)))

    def _folder(self, entry: Entry) -> str:
        """The channel folder that an entry lies in, "" for any other place."""
        if not entry.name.startswith(self._root):
            return ""
        folder, _, rest = entry.name[len(self._root) :].partition("/")
        return folder if rest and "/" not in rest else ""

    def _sort_folders(
        self, days: list[Entry], listed: dict[str, ChannelInfo], space: Space
    ) -> tuple[dict[str, ChannelInfo], list[str], frozenset[Channel]]:
        """The folders to read; what is said of those left out; the channels that no list names."""
        taken: dict[str, ChannelInfo] = {}
        notices: list[str] = []
        unvouched: set[Channel] = set()
        for folder in sorted({self._folder(entry) for entry in days}):
            if folder in self._lists.direct or DIRECT.fullmatch(folder):
                notices.append(f"{folder} holds direct messages, which are never imported.")
            elif folder in self._lists.private or (folder in listed and listed[folder].private):
                notices.append(f"#{folder} is a private channel and was left out.")
            elif folder in listed:
                taken[folder] = listed[folder]
            elif self._options.include_unlisted:
                taken[folder] = ChannelInfo(channel=Channel(space, clean(folder)), name=clean(folder))
                unvouched.add(taken[folder].channel)
            else:
                notices.append(
                    f"{folder} is named by no list of the export and was left out; --include-unlisted takes it."
                )
        return taken, notices, frozenset(unvouched)

    def _read_lists(self) -> _Lists:
        problems: list[ImportProblem] = []
        channels, groups, dms, mpims = (self._list(name, problems) for name in LISTS)
        users = self._list("users.json", problems)
        direct = {words(each.get(key)) for each in (*dms, *mpims) for key in ("id", "name")}
        private = {words(each.get(key)) for each in groups for key in ("id", "name")}
        return _Lists(users, channels, frozenset(private) - {""}, frozenset(direct) - {""}, tuple(problems))

    def _list(self, name: str, problems: list[ImportProblem]) -> list[Record]:
        entry = self._source.find(self._root + name)
        if entry is None:
            return []
        label = self._source.label(entry)
        try:
            found: Any = shapes.parse(self._source.read(entry), label)
        except ImportProblem as problem:
            problems.append(problem)
            return []
        if not isinstance(found, list):
            problems.append(ImportProblem(f"{label} holds no list; it was not read."))
        return shapes.records(found)

    def _team(self, days: list[Entry]) -> str:
        """The workspace's id: what most users and, if they tell none, the first messages name."""
        named = [identifier(user.get("team_id")) for user in self._lists.users] or [""]
        named = [each for each in named if each] or list(self._teams_of_messages(days))
        if not named:
            raise SpaceUnknown(
                f"{self._source.path} does not say which Slack workspace it is from; name its team id with --space T…"
            )
        return max(sorted(set(named)), key=named.count)

    def _teams_of_messages(self, days: list[Entry]) -> Iterator[str]:
        for entry in days[:SAMPLE_FILES]:
            try:
                payloads = shapes.records(shapes.parse(self._source.read(entry), entry.name))
            except ImportProblem:
                continue  # reported when the file's turn comes
            yield from filter(None, (identifier(payload.get("team")) for payload in payloads))

    def _space_name(self) -> str:
        match = EXPORT_NAME.match(self._source.name)
        return match[1] if match else self._source.name


def _made_at(days: list[Entry]) -> datetime:
    """The last day that a file is named by, at its start: an export does not say when it was made.

    Days are the workspace's: one far in the east has begun before it does here.
    """
    last = max((entry.path.stem for entry in days), default="")
    try:
        return datetime.strptime(last, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return shapes.EPOCH


def _misplaced(label: str, numbers: list[int]) -> str:
    rest = f" and {len(numbers) - 1} more of its messages" if len(numbers) > 1 else ""
    return f"{label} is damaged: message {numbers[0]} of it{rest} has no valid ts and was left out."
