"""The pages of a long discussion: where each begins, and which one holds a message."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bot.models import Post
from bot.ports import Forum
from bot.urls import POSTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where a page stands among the others; each is named by the position after which it begins, the first by 0."""

    after: int = 0
    number: int = 1
    total: int = 1
    earlier: int | None = None
    later: int | None = None
    newest: int | None = None  # the last page, unless it is this one or the next

    @property
    def first(self) -> bool:
        """Whether it is the one with the opening post."""
        return not self.after

    @property
    def many(self) -> bool:
        """Whether there is another one."""
        return self.total > 1 or not self.first


async def begin(forum: Forum, discussion: int, after: int | None, at: int | None) -> int:
    """The position after which the asked page begins; `at` names a message that it holds."""
    if at is None:
        return after or 0
    starts = await forum.page_starts(discussion, POSTS)
    return starts[max(bisect_left(starts, at) - 1, 0)]


async def pages_of(forum: Forum, discussion: int, after: int, posts: Sequence[Post]) -> Pages:
    """The pages around one that begins after a position; `posts` are its messages, and the next one if there is one."""
    later = posts[POSTS - 1].ref.position if len(posts) > POSTS else None
    if not after and later is None:
        return Pages()
    starts = await forum.page_starts(discussion, POSTS)
    earlier = starts[max(bisect_left(starts, after) - 1, 0)] if after else None
    newest = starts[-1] if later is not None and starts[-1] > later else None
    return Pages(
        after=after,
        number=bisect_right(starts, after),
        total=len(starts),
        earlier=earlier,
        later=later,
        newest=newest,
    )
