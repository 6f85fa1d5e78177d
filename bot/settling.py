"""What is made of a discussion behind the writer: its title, its one line, and the questions that wait."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.models import Discussion, Post, Question, Stored
from bot.ports import Store, Summarizer
from bot.questions import questions_of, waiting
from bot.summaries import make_title

TOGETHER = 32  # discussions settled at the same time: their writes share transactions
PAGE = 500  # messages read at once
MOST = 2000  # messages of a discussion that are looked at: the first half and the newest


@dataclass(frozen=True, slots=True)
class Read:
    """A discussion with the posts to look at, oldest first, and its opening post, if that was ever seen."""

    discussion: Discussion
    posts: Sequence[Post]
    opening: Post | None


async def settle_some(store: Store, summarizer: Summarizer, limit: int) -> int:
    """Settle at most `limit` discussions, oldest first; how many there were. What changes meanwhile stays unsettled."""
    seen = await store.ledger.last_seq()
    found = await store.ledger.unsettled(limit)
    for some in _groups(found):
        group = await asyncio.gather(*(_read(store, discussion) for discussion in some))
        asked = await asyncio.to_thread(list, map(_questions, group))  # takes its time
        made = zip(group, asked, strict=True)
        await asyncio.gather(*(_settle(store, summarizer, read, questions, seen) for read, questions in made))
    return len(found)


def _groups(found: Iterable[Discussion]) -> Iterator[Sequence[Discussion]]:
    """Small discussions together, a long one alone: settling must neither fill memory nor keep every reader busy."""
    group: list[Discussion] = []
    posts = 0
    for discussion in found:
        posts += discussion.count
        if group and (len(group) == TOGETHER or posts > PAGE):
            yield group
            group, posts = [], discussion.count
        group.append(discussion)
    if group:
        yield group


async def settle_all(store: Store, summarizer: Summarizer) -> int:
    """Settle until nothing is left; how many discussions that took."""
    total = 0
    while done := await settle_some(store, summarizer, 10 * TOGETHER):
        total += done
    return total


def forget() -> None:
    """Let go of the texts that were analysed lately: they are people's words, and might have been erased since."""
    questions_of.cache_clear()


async def _read(store: Store, discussion: Discussion) -> Read:
    posts = await _posts(store, discussion)
    own = bool(posts) and posts[0].ref.id == discussion.thread.id  # the thread's own first message is the opening post
    return Read(discussion, posts, posts[0] if own else await store.forum.opening(discussion.id))


def _questions(read: Read) -> Sequence[Question]:
    """The questions that wait, but for answers that somebody marked."""
    concluded, begin = read.discussion.stored is Stored.CONCLUDED, None if read.opening is None else read.opening.ref
    return [each for each in waiting(read.posts, {}, concluded, begin) if each.waits]


async def _settle(store: Store, summarizer: Summarizer, read: Read, questions: Sequence[Question], seen: int) -> None:
    discussion, opening = read.discussion, read.opening
    words = opening.text if opening is not None else None
    gist = await summarizer.summarize(discussion, [post for post in read.posts if post.text is not None])
    answered = await store.forum.answered(discussion.id) if questions else {}
    cites = {opening.ref} if opening is not None and words else set()
    await store.ledger.settle(
        discussion.id,
        title=make_title(words, discussion.thread.channel.space.platform) if words else "",
        summary=gist.text if gist else "",
        waiting=[question for question in questions if question.ref not in answered],
        cites=sorted(cites | set(gist.cites if gist else ())),
        seen=seen,
    )


async def _posts(store: Store, discussion: Discussion) -> Sequence[Post]:
    """The posts to look at, oldest first."""
    posts: list[Post] = []
    while len(posts) < MOST:
        page = await store.forum.posts(discussion.id, posts[-1].ref.position if posts else 0, PAGE)
        posts.extend(page)
        if len(page) < PAGE:
            return posts
    newest = await store.forum.newest(discussion.id, MOST // 2)
    kept = {post.ref: post for post in (*posts[: MOST // 2], *reversed(newest))}
    return list(kept.values())
