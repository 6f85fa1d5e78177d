"""Summaries without any service: sentences that people wrote, each with its message. Pure."""

from collections.abc import Sequence

from bot.markup import ELLIPSIS, cut, headline, parse, prose, sentences
from bot.models import Discussion, Platform, Post
from bot.ports import Gist

GIST_LIMIT = 160  # characters
TITLE_LIMIT = 80
STOPS = (*'.:!?…。！？"”“)»',)  # ends of sentences; without one, code was left out or a line just stops


def make_title(text: str, platform: Platform = Platform.LOCAL) -> str:
    """The title of a thread without a name: the first sentence of its opening post, at most 80 characters.

    Without its full stop, mentions, quotes and blocks of code; "" if nothing is left.
    """
    return headline(prose(parse(platform, text)), TITLE_LIMIT)


class Extract:
    """The Summarizer that needs nothing: it takes the opening post's own sentences."""

    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Gist | None:
        """Sum up what may be shown; `posts` are the live ones, oldest first."""
        return extract(discussion, posts)


def extract(discussion: Discussion, posts: Sequence[Post]) -> Gist | None:
    """The opening sentences after the title's. Of a thread whose first message is not shown, the opener's if first."""
    shown = [post for post in posts if post.text is not None]
    opening = next((post for post in shown if post.ref.id == discussion.thread.id), None)
    if opening is None and discussion.opener is not None:
        opening = next((post for post in shown[:1] if post.author == discussion.opener), None)
    return _gist(discussion, opening)


def _gist(discussion: Discussion, opening: Post | None) -> Gist | None:
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
    return Gist(text=cut(text, GIST_LIMIT), cites=(opening.ref,))


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


def _prose(post: Post) -> str:
    return prose(parse(post.ref.channel.space.platform, post.text or ""))
