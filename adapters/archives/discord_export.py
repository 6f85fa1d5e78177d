"""What DiscordChatExporter writes as JSON: one file (or several parts) a channel or thread, of one or more guilds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.archives import discord_convert
from adapters.archives.discord_convert import CHANNELS, DEFAULT, FORUMS, THREADS, Header, Place
from adapters.archives.export import Contents, Options, Part, Report
from adapters.archives.shapes import Record, record
from adapters.archives.source import Entry, Source
from adapters.archives.streaming import GLANCE, JsonStream
from bot.errors import ImportProblem
from bot.models import Channel, ChannelInfo, Event

MEDIA = "_Files"  # what DiscordChatExporter calls the folder of a channel's attachments
LEFT_OUT = {
    Place.GuildPrivateThread: "is a private thread and was left out",
    Place.DirectTextChat: "holds direct messages, which are never imported",
    Place.DirectGroupTextChat: "holds direct messages, which are never imported",
    Place.GuildVoiceChat: "is the text of a voice channel, which is never imported",
    Place.GuildStageVoice: "is the text of a voice channel, which is never imported",
}


@dataclass(frozen=True, slots=True)
class _Glance:
    """What the beginning of a file tells."""

    entry: Entry
    header: Header
    is_post: bool  # its first message is the opening post of a forum post


class DiscordExport:
    """A file, folder or zip of DiscordChatExporter's JSON."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._stars = discord_convert.STARS if options.stars is None else options.stars

    @property
    def source(self) -> Source:
        """Where it is read from."""
        return self._source

    def contents(self) -> Contents:
        """The guilds, by id. Looks at the beginning of every file."""
        guilds: dict[str, list[_Glance]] = defaultdict(list)
        notices: list[str] = []
        problems: list[ImportProblem] = []
        for entry in self._source.entries:
            try:
                glance = self._glance(entry) if is_candidate(entry) else None
            except ImportProblem as problem:
                problems.append(problem)
                continue
            if glance is not None and glance.header.place in THREADS | CHANNELS:
                guilds[glance.header.space.space.id].append(glance)
            elif glance is not None:
                reason = LEFT_OUT.get(glance.header.place, "is no channel that people write in and was left out")
                notices.append(f"{self._source.label(entry)} {reason}.")
        parts = tuple(_part(glances) for _, glances in sorted(guilds.items()))
        return Contents(parts=parts, notices=tuple(notices), problems=tuple(problems))

    def events(self, entry: Entry, report: Report) -> Iterator[Event]:
        """The thread, messages and votes of a file; what comes before a damaged place is given before it is raised."""
        label = self._source.label(entry)
        payload: dict[str, object] = {}
        header: Header | None = None
        misplaced: list[int] = []
        number = 0
        with self._source.open(entry) as stream:
            for key, value in JsonStream(stream.read, label).members("messages"):
                if key != "messages":
                    payload[key] = value
                    continue
                if header is None:
                    header = self._header(payload, label)
                    yield from filter(None, [discord_convert.thread_of(header)])
                number += 1
                events = discord_convert.events_of(value, header, self._stars)
                if events is None:
                    misplaced.append(number)
                else:
                    yield from events
        if header is None:
            yield from self._empty_thread(payload, label)
        if misplaced:
            report(ImportProblem(_misplaced(label, misplaced)))

    def _empty_thread(self, payload: Record, label: str) -> Iterator[Event]:
        """A thread without messages is one all the same; a forum without messages is none."""
        header = self._header(payload, label)
        if header.place not in FORUMS:
            yield from filter(None, [discord_convert.thread_of(header)])

    def _header(self, payload: Record, label: str) -> Header:
        header = discord_convert.header_of(payload, self._options.space)
        if header is None:
            raise ImportProblem(f"{label} is no JSON of DiscordChatExporter: {_lacking(payload)}.")
        return replace(header, at=self._options.told_at(header.at))

    def _glance(self, entry: Entry) -> _Glance:
        label = self._source.label(entry)
        payload: dict[str, object] = {}
        first: Record = {}
        with self._source.open(entry) as stream:
            for key, value in JsonStream(stream.read, label, piece=GLANCE).members("messages"):
                if key == "messages":
                    first = record(value)
                    break
                payload[key] = value
        header = self._header(payload, label)
        opens = discord_convert.number_of(first.get("type")) == DEFAULT and header.thread is not None
        is_post = opens and discord_convert.snowflake(first.get("id")) == header.where
        return _Glance(entry, header, is_post or header.place in FORUMS)


def is_candidate(entry: Entry) -> bool:
    """Whether a file is expected to be an export: JSON that nobody attached to a message."""
    path = entry.path
    return path.suffix.lower() == ".json" and not any(part.endswith(MEDIA) for part in path.parts[:-1])


def _part(glances: list[_Glance]) -> Part:
    """One guild. A channel's own file tells more of it than the files of its threads."""
    infos: dict[Channel, ChannelInfo] = {}
    posts: set[Channel] = set()
    for glance in sorted(glances, key=lambda each: each.header.thread is None):
        info = glance.header.channel
        infos[info.channel] = info
        if glance.is_post:
            posts.add(info.channel)
    newest = max(glances, key=lambda each: each.header.at).header
    return Part(
        space=newest.space,
        at=newest.at,
        channels=tuple(replace(info, forum=channel in posts) for channel, info in sorted(infos.items())),
        entries=tuple(sorted((glance.entry for glance in glances), key=lambda entry: entry.name)),
    )


def _lacking(payload: Record) -> str:
    channel = record(payload.get("channel"))
    if not record(payload.get("guild")) or not channel:
        return "it names no guild and channel"
    if discord_convert.place_of(channel.get("type")) is None:
        return "the type of its channel is unknown"
    return "the id of its guild, channel or parent channel is missing"


def _misplaced(label: str, numbers: list[int]) -> str:
    rest = f" and {len(numbers) - 1} more of its messages" if len(numbers) > 1 else ""
    return f"{label} is damaged: message {numbers[0]} of it{rest} has no valid id or time and was left out."
