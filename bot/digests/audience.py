"""Where a digest goes, and which discussions and words may go there. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.models import (
    Discussion,
    KnownChannel,
    KnownSpace,
    MessageRef,
    Pick,
    Post,
    Reach,
    Schedule,
    Scope,
)
from bot.texts import Texts

NAMED = 3  # channels that a title names


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Where a digest goes and what may go there: of the channels in its reach, what it `collects` and what not."""

    destination: KnownChannel
    space: KnownSpace
    texts: Texts
    place: str
    may: frozenset[int]
    collects: frozenset[int]
    kept_out: frozenset[int]
    away: frozenset[int] = frozenset()  # of those that may, the ones in linked spaces

    def known_to(self, scope: Scope) -> frozenset[int]:
        """The channels that somebody knows of who reads the destination and what is in `scope`."""
        return scope.channels | self.away


def cites_of(pick: Pick, discussion: Discussion) -> Sequence[MessageRef]:
    """The messages that an item takes words from: the quoted one, and the first one unless somebody set the title."""
    root = MessageRef(discussion.thread.channel, discussion.thread.id)
    title = () if discussion.title_set or not discussion.title else (root,)
    return (*title, pick.quote) if pick.quote is not None else title


def readable(discussion: Discussion, channels: frozenset[int]) -> bool:
    """Whether a discussion may be shown to those who read `channels`."""
    closed = discussion.hidden or discussion.removed or discussion.private
    return not closed and discussion.channel.key in channels


def quote_stands(post: Post) -> bool:
    """Whether a quoted message may go on being quoted: it is there, nobody withholds it or took its highlight down."""
    return post.text is not None and (post.highlighted or post.picked)


def reached(schedule: Schedule, channels: Iterable[KnownChannel]) -> list[KnownChannel]:
    """The channels that a schedule collects from, allowed or not."""
    present = [each for each in channels if not each.removed]
    if schedule.sources:
        return [each for each in present if each.channel in schedule.sources]
    match schedule.reach:
        case Reach.CHANNEL:
            return [each for each in present if each.channel == schedule.destination]
        case Reach.SPACE:
            return [each for each in present if each.channel.space == schedule.destination.space]
        case _:
            return [each for each in present if each.community == schedule.community]


def place_of(schedule: Schedule, destination: KnownChannel, space: KnownSpace, named: Iterable[KnownChannel]) -> str:
    """What a digest is about, in its title: its channel, the few it collects from, the space, or the community.

    `named` are the channels that the title's readers may know of; a source outside them leaves it at the space.
    """
    if schedule.reach is Reach.CHANNEL and not schedule.sources:
        return _name(destination)
    sources = [_name(each) for each in named if each.channel in schedule.sources]
    if 0 < len(sources) == len(schedule.sources) <= NAMED:
        return ", ".join(sources)
    wide = schedule.reach is Reach.COMMUNITY and not schedule.sources
    return (wide and space.community_name) or space.info.name


def _name(channel: KnownChannel) -> str:
    return f"#{channel.info.name.removeprefix('#')}"
