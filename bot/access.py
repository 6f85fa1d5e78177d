"""Who may read what, and who may do what. Pure; every scope of the program is made here."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from bot.models import (
    Asker,
    Channel,
    Discussion,
    KnownChannel,
    Level,
    MemberRef,
    Post,
    Role,
    Scope,
    Space,
    position_of,
)
from bot.texts import Texts, phrase


def on_web(channel: KnownChannel, level: Level = Level.WEB) -> bool:
    """Whether a channel may be read on the forum at all.

    What is private, not safe for work or shared with foreigners never may, whatever level was set before it became so.
    """
    return is_open(channel) and channel.settings.level >= level


def is_open(channel: KnownChannel) -> bool:
    """Whether everybody in its space can read a channel; only then may a linked space hear its name."""
    return not channel.removed and channel.info.common


def web_scope(channels: Iterable[KnownChannel]) -> Scope:
    """What anybody may read on the forum."""
    return Scope(channels=frozenset(channel.key for channel in channels if on_web(channel)), web=True)


def followed_scope(channels: Iterable[KnownChannel]) -> Scope:
    """Followed channels that the forum could show, whether it does or not: only for counting them."""
    keys = frozenset(each.key for each in channels if each.settings.watched and is_open(each))
    return Scope(channels=keys, web=False)


def index_scope(channels: Iterable[KnownChannel]) -> Scope:
    """What search engines may read too."""
    return Scope(channels=frozenset(channel.key for channel in channels if on_web(channel, Level.INDEX)), web=True)


def reader_scope(channels: Iterable[KnownChannel], readable: Collection[Channel], here: Channel | None = None) -> Scope:
    """What a private answer may show to somebody who can open the channels `readable`.

    What is not safe for work or shared with foreigners is shown only where it stands (`here`).
    """
    return Scope(
        channels=frozenset(
            channel.key
            for channel in channels
            if not channel.removed and channel.channel in readable and (channel.channel == here or not _stays(channel))
        ),
        web=False,
    )


def allowed(source: KnownChannel, destination: KnownChannel, linked: frozenset[Space]) -> bool:
    """Whether words of `source` may be posted in `destination` (DESIGN section 5, "Audience").

    `linked` are the spaces that admins of both sides linked with the destination's. Everybody who reads the destination
    must be able to read the source: so nothing from elsewhere goes where guests or a foreign organisation read.
    """
    if source.removed or destination.removed or source.settings.level < Level.DIGEST:
        return False
    if source.channel == destination.channel:
        return True
    if destination.info.guests or destination.info.connect or source.info.private or _stays(source):
        return False
    return source.channel.space == destination.channel.space or source.channel.space in linked


def may_list(source: KnownChannel, destination: KnownChannel) -> bool:
    """Whether a board in `destination` may list the discussions of `source`."""
    return source.channel == destination.channel or allowed(source, destination, frozenset())


def board_scope(channels: Iterable[KnownChannel], destination: KnownChannel, wanted: Collection[int]) -> Scope:
    """What a board of the channels `wanted` (store keys) may list in `destination`."""
    keys = frozenset(each.key for each in channels if each.key in wanted and may_list(each, destination))
    return Scope(channels=keys, web=False)


def may_publish(discussion: Discussion, destination: KnownChannel) -> bool:
    """Whether a highlight of a discussion may be published in another channel of its space."""
    closed = discussion.private or discussion.hidden or discussion.removed
    return not closed and allowed(discussion.channel, destination, frozenset())


def _stays(channel: KnownChannel) -> bool:
    """Whether its words never leave it."""
    return channel.info.nsfw or channel.info.connect


def web_shows(channel: KnownChannel, discussion: Discussion) -> bool:
    """Whether a discussion has a page on the forum."""
    if not on_web(channel) or discussion.hidden or discussion.removed or discussion.private:
        return False
    return position_of(discussion.thread.id) >= channel.settings.web_from


def web_shows_post(channel: KnownChannel, post: Post) -> bool:
    """Whether a message of a discussion with a page may stand on it."""
    return on_web(channel) and post.ref.position >= channel.settings.web_from


class Who(StrEnum):
    """Who may run a command."""

    EVERYONE = "everyone"
    STARTERS = "starters"  # everyone, unless only moderators of the space may start discussions
    OPENER_OR_MODERATOR = "opener_or_moderator"
    AUTHOR_OR_MODERATOR = "author_or_moderator"
    OPENER_AUTHOR_OR_MODERATOR = "opener_author_or_moderator"  # marking an answer: opener, asker, moderator
    MODERATOR = "moderator"
    ADMIN = "admin"


OWN_RULE = frozenset({Who.OPENER_OR_MODERATOR, Who.AUTHOR_OR_MODERATOR, Who.OPENER_AUTHOR_OR_MODERATOR})


def may(
    who: Who,
    asker: Asker,
    *,
    opener: MemberRef | None = None,
    author: MemberRef | None = None,
    members_may_start: bool = True,
) -> bool:
    """Whether somebody may do what is reserved for `who`; `opener` and `author` are those of what it is about."""
    moderator = bool(asker.roles & {Role.MODERATOR, Role.ADMIN})
    return {
        Who.EVERYONE: True,
        Who.STARTERS: moderator or members_may_start,
        Who.OPENER_OR_MODERATOR: moderator or asker.member == opener,
        Who.AUTHOR_OR_MODERATOR: moderator or asker.member == author,
        Who.OPENER_AUTHOR_OR_MODERATOR: moderator or asker.member in {opener, author},
        Who.MODERATOR: moderator,
        Who.ADMIN: Role.ADMIN in asker.roles,
    }[who]


REFUSALS = {
    Who.EVERYONE: phrase("You cannot do this here."),
    Who.STARTERS: phrase("Only a moderator can do this."),
    Who.OPENER_OR_MODERATOR: phrase("Only the person who opened the discussion or a moderator can do this."),
    Who.AUTHOR_OR_MODERATOR: phrase("Only the author of the message or a moderator can do this."),
    Who.OPENER_AUTHOR_OR_MODERATOR: phrase(
        "Only the person who opened the discussion, the person who asked or a moderator can do this."
    ),
    Who.MODERATOR: phrase("Only a moderator can do this."),
    Who.ADMIN: phrase("Only an admin can do this."),
}


def refusal(who: Who, texts: Texts) -> str:
    """The sentence for somebody who may not do something."""
    return texts.say(REFUSALS[who])
