"""When a vote counts, and when a highlight is published, quoted and taken down. Pure."""

from bot.models import KnownSpace, MemberRef, Post

PUBLISH_AT = 3  # votes
TAKE_DOWN_BELOW = 2  # votes: fewer than for publishing, so that a post does not come and go
QUOTE_FROM = 2  # voters


def may_count(post: Post, voter: MemberRef, *, voter_is_bot: bool, space: KnownSpace) -> bool:
    """Whether a vote may count: no bot's; own messages and those of bots only where the space switched it on."""
    if voter_is_bot or (post.author == voter and not space.own_highlights):
        return False
    return space.bot_highlights or not post.is_bot


def published(votes: int, picked: bool, *, live: bool) -> bool:
    """Whether a highlight belongs in the highlights channel; `live` if it stands there already."""
    return picked or votes >= (TAKE_DOWN_BELOW if live else PUBLISH_AT)


def quotable(votes: int, picked: bool) -> bool:
    """Whether a digest may quote it."""
    return picked or votes >= QUOTE_FROM
