"""Gathers what a discussion's card shows; the card itself is made by `bot.cards`."""

from datetime import datetime

from bot.access import web_shows
from bot.cards import CARD_HIGHLIGHTS, CARD_QUESTIONS, CardView
from bot.discussions import as_of
from bot.models import Discussion, MessageRef
from bot.ports import Store
from bot.urls import Urls


async def card_view(store: Store, urls: Urls, discussion: Discussion, now: datetime) -> CardView:
    """What the card of a discussion shows at a moment, whoever is to see it."""
    opening = await store.forum.opening(discussion.id)
    questions = await store.forum.questions(discussion.id)
    return CardView(
        discussion=discussion,
        now=now,
        questions=questions,
        best=await store.forum.best(discussion.id, CARD_HIGHLIGHTS),
        opening=None if opening is None else opening.ref,
        page=page_of(urls, discussion),
        as_of=as_of(discussion),
        urls={each.ref: await _link(store, each.ref) for each in questions[:CARD_QUESTIONS]},
    )


def page_of(urls: Urls, discussion: Discussion) -> str:
    """The address of a discussion's page, "" unless it has one that the readers of its space can reach."""
    reachable = urls.public or discussion.channel.hosted
    return urls.discussion(discussion) if reachable and web_shows(discussion.channel, discussion) else ""


async def _link(store: Store, ref: MessageRef) -> str:
    """Where a message stands in chat; "" if that is not known."""
    post = await store.forum.post(ref)
    return "" if post is None else post.url
