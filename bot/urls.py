"""The addresses of the forum and the room, and what a pasted message link points at.

Everything that prints or reads an address of ours does it here, so that a page and a link to it cannot differ.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from bot.models import LAST_POSITION, Channel, Discussion, MessageRef, Platform, Thread

SLUG_LIMIT = 60  # characters
POSTS = 200  # messages on one page of a discussion
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_URL = re.compile(r"https?://[^\s<>|\"]+|(?<![\w/])/(?:d|local)/[^\s<>|\"]+")
_SLACK_MESSAGE = re.compile(r"p(\d{1,10})(\d{6})", re.ASCII)
_SLACK_THREAD = re.compile(r"\d{1,10}\.\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ForumLink:
    """A link to a discussion on our forum; `position` names one message of it, in the discussion's channel."""

    discussion: int
    position: int | None = None


@dataclass(frozen=True, slots=True)
class ChatLink:
    """A link to a place in chat, in the platform's own ids.

    `space` is "" where the link does not tell it (Slack). `message` is "" in a link to a channel or thread. On Discord
    `channel` may be the id of a thread; then its parent channel is not in the link.
    """

    platform: Platform
    space: str
    channel: str
    message: str = ""
    thread: str = ""


class Urls:
    """Addresses under one base, such as "http://127.0.0.1:8080"; none of them ends in a slash but the forum's."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._host = urlsplit(self.base).hostname or ""

    @property
    def public(self) -> bool:
        """Whether others can reach it: not while it is on this machine only."""
        return self._host not in LOOPBACK

    def forum(self, tab: str = "", channel: int | None = None, community: int | None = None) -> str:
        """The list of discussions, of all, of a community, or of a channel (the store's key)."""
        return f"{self.base}/{_query(tab=tab, channel=channel, community=community)}"

    def discussion(self, discussion: Discussion) -> str:
        """The page of one discussion."""
        slug = slug_of(discussion.title)
        return f"{self.base}/d/{discussion.id}" + (f"/{quote(slug)}" if slug else "")

    def message(self, discussion: Discussion, ref: MessageRef) -> str:
        """One message on the page of its discussion; of a long one's pages, the one that holds it."""
        page = _query(at=ref.position) if discussion.count > POSTS else ""
        return f"{self.discussion(discussion)}{page}#m{ref.position}"

    @staticmethod
    def mark(discussion: Discussion, ref: MessageRef) -> str:
        """One message as buttons and forms carry it: short whatever the title, and read back by `parse_link`."""
        return f"/d/{discussion.id}#m{ref.position}"

    def highlights(self) -> str:
        """The page of highlights."""
        return f"{self.base}/highlights"

    def digests(self) -> str:
        """The list of sent digests."""
        return f"{self.base}/digests"

    def digest(self, run: int) -> str:
        """The page of a sent digest."""
        return f"{self.base}/digests/{run}"

    def search(self, words: str = "") -> str:
        """The search page."""
        return f"{self.base}/search{_query(q=words)}"

    def page(self, discussion: Discussion, after: int) -> str:
        """A page of a discussion: what comes after a position; 0 is the first."""
        return self.discussion(discussion) + (_query(after=after) if after else "")

    def feed(self, *, community: int | None = None, channel: int | None = None) -> str:
        """The Atom feed of everything, of a community, or of a channel (the store's key)."""
        return f"{self.base}/feed.atom{_query(community=community, channel=channel)}"

    def room(self, channel: Channel | None = None) -> str:
        """The local room, or one channel of it."""
        return f"{self.base}/local" + (f"/{quote(channel.id, safe='')}" if channel else "")

    def room_thread(self, thread: Thread) -> str:
        """A thread of the local room."""
        return f"{self.room(thread.channel)}/{quote(thread.id, safe='')}"

    def room_message(self, ref: MessageRef, thread: Thread | None = None) -> str:
        """A message in the local room, in its thread if that is known."""
        where = self.room(ref.channel) if thread is None or thread.id == ref.id else self.room_thread(thread)
        return f"{where}#m{ref.position}"

    def whole(self, url: str) -> str:
        """An address that can be followed from elsewhere: a path of ours gets our base, any other stays as it is."""
        return f"{self.base}{url}" if url.startswith("/") else url

    def parse_link(self, text: str) -> ForumLink | ChatLink | None:
        """What the first link in a text that we understand points at; None if there is none."""
        links = (self._read(found.group().rstrip(".,;!?)")) for found in _URL.finditer(text))
        return next((link for link in links if link is not None), None)

    def _read(self, url: str) -> ForumLink | ChatLink | None:
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that hold no address
            return None
        if not parts.netloc or self._is_ours(parts.hostname or ""):
            return _ours(parts.path, parts.fragment)
        if _under(parts.hostname, "discord.com", "discordapp.com"):
            return _discord(parts.path)
        if _under(parts.hostname, "slack.com"):
            return _slack(parts.path, parts.query)
        return None

    def _is_ours(self, host: str) -> bool:
        return host == self._host or (host in LOOPBACK and self._host in LOOPBACK)


HERE_URLS = Urls("")  # links stay on the host name that the reader used, whatever our public one is


def slug_of(title: str) -> str:
    """The readable end of an address: words of the title, small, joined by hyphens; "" if it has none."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")[:SLUG_LIMIT].rstrip("-")


def _query(**args: str | int | None) -> str:
    given = {name: value for name, value in args.items() if value not in ("", None)}
    return f"?{urlencode(given)}" if given else ""


def _under(host: str | None, *domains: str) -> bool:
    return any(host == domain or (host or "").endswith(f".{domain}") for domain in domains)


def _is_place(number: str) -> bool:
    """Whether a message can have this number."""
    return re.fullmatch(r"\d{1,19}", number, re.ASCII) is not None and int(number) <= LAST_POSITION


def _ours(path: str, fragment: str) -> ForumLink | ChatLink | None:
    mark = fragment.removeprefix("m")
    position = mark if mark != fragment and _is_place(mark) else ""
    match path.strip("/").split("/"):
        case ["d", number, *_] if re.fullmatch(r"\d{1,18}", number, re.ASCII):
            return ForumLink(int(number), int(position) if position else None)
        case ["local", channel]:
            return ChatLink(Platform.LOCAL, "local", channel, position)
        case ["local", channel, thread] if _is_place(thread):
            return ChatLink(Platform.LOCAL, "local", channel, position or thread, thread)
        case _:
            return None


def _discord(path: str) -> ChatLink | None:
    match path.strip("/").split("/"):
        case ["channels", space, channel] if _is_place(space) and _is_place(channel):
            return ChatLink(Platform.DISCORD, space, channel)
        case ["channels", space, channel, message] if all(map(_is_place, (space, channel, message))):
            return ChatLink(Platform.DISCORD, space, channel, message)
        case _:
            return None


def _slack(path: str, query: str) -> ChatLink | None:
    match path.strip("/").split("/"):
        case ["archives", channel]:
            return ChatLink(Platform.SLACK, "", channel)
        case ["archives", channel, message] if found := _SLACK_MESSAGE.fullmatch(message):
            thread = parse_qs(query).get("thread_ts", [""])[0]
            known = thread if _SLACK_THREAD.fullmatch(thread) else ""
            return ChatLink(Platform.SLACK, "", channel, ".".join(found.groups()), known)
        case _:
            return None
