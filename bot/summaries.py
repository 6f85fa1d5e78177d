"""Summaries without any service: sentences that people wrote, each with its message. Pure."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.markup import ELLIPSIS, Names, cut, first_sentence, nobody, parse, prose, sentences
from bot.models import Discussion, Platform, Post
from bot.ports import Point, Summary

GIST_LIMIT = 160  # characters
POINT_LIMIT = 200
POINTS = 3
TITLE_LIMIT = 80
KEPT = 8_192  # texts whose first sentence is remembered, until `settling.forget` is called
STOPS = (*'.:!?…。！？"”“)»',)  # where one is missing, code was left out, or a line had no end
INFORMATIVE = 5  # words that a point needs unless people highlighted it


def make_title(text: str, platform: Platform = Platform.LOCAL, names: Names = nobody) -> str:
    """The title of a thread without a name: the first sentence of its opening post, at most 80 characters.

    Without mentions, quotes and blocks of code; "" if nothing is left.
    """
    return first_sentence(prose(parse(platform, text, names)), TITLE_LIMIT)


class Extract:
    """The Summarizer that needs nothing: gist from the opening post, points from the replies people liked best."""

    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Summary:
        """Sum up what may be shown; `posts` are the live ones, oldest first."""
        return extract(discussion, posts)


def extract(discussion: Discussion, posts: Sequence[Post]) -> Summary:
    """Gist: the opening sentences after the title's. Points: highlighted replies by votes, then long ones of others."""
    shown = [post for post in posts if post.text is not None]
    opening = next((post for post in shown if post.ref.id == discussion.thread.id), None)
    if opening is None and discussion.opener is not None:
        opening = next((post for post in shown[:1] if post.author == discussion.opener), None)
    replies = [post for post in shown if post is not opening and post.counted]
    return Summary(gist=_gist(discussion, opening), points=tuple(_points(opening, replies)))


def _gist(discussion: Discussion, opening: Post | None) -> Point | None:
    """The first sentences that fit together, up to a list; a longer one is cut. None if the title says all there is."""
    said = _untitled(discussion, sentences(_prose(opening))) if opening is not None else ()
    if opening is None or not said:
        return None
    text = said[0]
    for sentence in said[1:]:
        longer = f"{text} {sentence}" if text.endswith(STOPS) else f"{text} {ELLIPSIS} {sentence}"
        if len(longer) > GIST_LIMIT or sentence.endswith(":"):
            break
        text = longer
    return Point(text=cut(text, GIST_LIMIT), author_name=opening.author_name, cites=(opening.ref,))


def _untitled(discussion: Discussion, said: Sequence[str]) -> Sequence[str]:
    """What follows the sentence that readers see as the title already; everything if the title is another."""
    first = next((place for place, sentence in enumerate(said) if _bare(sentence)), len(said))
    if first == len(said):
        return ()
    if discussion.title_made or _repeats(said[first], discussion.title):
        return said[first + 1 :]
    return said


def _repeats(sentence: str, title: str) -> bool:
    """Whether a title is a sentence, or the beginning of one that was cut."""
    words = _bare(title)
    return bool(words) and (
        _bare(sentence) == words or (title.endswith(ELLIPSIS) and _bare(sentence).startswith(words))
    )


def _bare(text: str) -> str:
    """Only letters and digits, small."""
    return "".join(filter(str.isalnum, text.casefold()))


def _points(opening: Post | None, replies: Sequence[Post]) -> Iterable[Point]:
    """At most three; those nobody highlighted by authors not yet heard."""
    liked = sorted((post for post in replies if post.highlighted), key=lambda post: (-post.votes, post.ref.position))
    others = [post for post in replies if not post.highlighted and (opening is None or post.author != opening.author)]
    said = [(text, post) for post in others if len((text := _first(post)).split()) >= INFORMATIVE]
    said.sort(key=lambda each: (-len(each[0]), each[1].ref.position))
    seen = {post.author for post in liked[:POINTS]}
    chosen = [(_first(post), post) for post in liked[:POINTS]]
    for text, post in said:
        if len(chosen) < POINTS and post.author not in seen:
            seen.add(post.author)
            chosen.append((text, post))
    for text, post in chosen:
        if text:
            yield Point(text=text, author_name=post.author_name, cites=(post.ref,))


def _first(post: Post) -> str:
    return first_of(post.ref.channel.space.platform, post.text or "")


@lru_cache(KEPT)
def first_of(platform: Platform, text: str) -> str:
    """The first sentence of a message, cut to the length of a point."""
    return first_sentence(prose(parse(platform, text)), POINT_LIMIT)


def _prose(post: Post) -> str:
    return prose(parse(post.ref.channel.space.platform, post.text or ""))
