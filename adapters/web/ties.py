"""What leads where on the page of a discussion: replies to what they reply to, questions to their answers and back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.access import web_shows_post
from bot.models import Discussion, MessageRef, Post, Withheld, position_of
from bot.ports import Forum
from bot.texts import Texts
from bot.urls import HERE_URLS

Answered = Mapping[MessageRef, MessageRef]


class Tie(NamedTuple):
    """Another message of the discussion: who wrote it, and where it stands; `href` is "" if it is shown no longer."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What the messages of a page are tied to, each by the id of the message that shows it: all are of one channel."""

    replied: Mapping[str, Tie] = field(default_factory=dict)  # what it replies to
    answers: Mapping[str, Tie] = field(default_factory=dict)  # what was marked as the answer to it
    asked: Mapping[str, Tie] = field(default_factory=dict)  # what it was marked as the answer to


NO_TIES = Ties()


async def ties_of(
    forum: Forum, discussion: Discussion, posts: Collection[Post], answered: Answered, texts: Texts
) -> Ties:
    """The ties of a page's messages; what stands on another page, or nowhere any longer, is looked up at once."""
    here = {post.ref.id: post for post in posts}
    replied = {post.ref.id: post.reply_to for post in posts if post.reply_to is not None}
    answers = {question.id: answer.id for question, answer in answered.items() if question.id in here}
    asked = {answer.id: question.id for question, answer in answered.items() if answer.id in here}
    wanted = {*replied.values(), *answers.values(), *asked.values()}
    if not wanted:
        return NO_TIES
    away = [position_of(other) for other in wanted if other not in here]
    known = here | {post.ref.id: post for post in await forum.several(discussion.id, away)}

    def tied(other: str) -> Tie:
        post = known.get(other)
        if post is None or not _stands(discussion, post):
            return Tie(texts.say("(no longer available)"), "")
        href = f"#m{post.ref.position}" if other in here else HERE_URLS.message(discussion, post.ref)
        return Tie(post.author_name or texts.say("Someone"), href)

    return Ties(
        replied={shown: tied(other) for shown, other in replied.items()},
        answers={shown: tied(other) for shown, other in answers.items()},
        asked={shown: tied(other) for shown, other in asked.items()},
    )


def _stands(discussion: Discussion, post: Post) -> bool:
    """Whether a message stands on a page of this discussion, with or without its words."""
    live = post.withheld is not Withheld.DELETED and post.discussion == discussion.id
    return live and web_shows_post(discussion.channel, post)
