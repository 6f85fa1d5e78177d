"""What each of our posts shows now: from its subject and the state of things to a card."""

from collections.abc import Sequence
from datetime import datetime

from bot import highlights
from bot.access import reader_scope, web_shows
from bot.cards import BOARD_LIMIT, CardView, Drawn, board_card, discussion_card, highlight_card
from bot.delivery import Rendered, space_of
from bot.digesting import Digests
from bot.discussions import next_change_at
from bot.models import Channel, Discussion, Highlight, MessageRef, OwnPost, PostKind, Thread
from bot.ports import Clock, Store
from bot.texts import Texts, texts_for
from bot.urls import Urls

BEST = 3  # highlights on a card


class Renderings:
    """Renders our posts, each in the language and zone of the space it stands in."""

    def __init__(self, *, store: Store, clock: Clock, urls: Urls, digests: Digests) -> None:
        self._store = store
        self._clock = clock
        self._urls = urls
        self._digests = digests

    async def __call__(self, post: OwnPost) -> Rendered | None:
        """Render one post; None when it should not be there (any more)."""
        match post.kind:
            case PostKind.CARD:
                return await self._card(post)
            case PostKind.BOARD:
                return await self._board(post)
            case PostKind.HIGHLIGHT:
                return await self._highlight(post)
            case PostKind.DIGEST:
                drawn = await self._digests.render(_number(post))
                return None if drawn is None else Rendered(card=drawn[0], cites=drawn[1])
            case PostKind.NOTICE:
                return None if post.card is None else Rendered(card=post.card)

    async def _texts(self, post: OwnPost) -> Texts:
        space = await self._store.places.space(space_of(post))
        return texts_for("en", "UTC") if space is None else texts_for(space.locale, space.zone)

    async def _card(self, post: OwnPost) -> Rendered | None:
        discussion = await self._store.forum.discussion(_number(post))
        if discussion is None or discussion.hidden or discussion.removed:
            return None
        now = self._clock.now()
        opening = await self._store.forum.opening(discussion.id)
        questions = await self._store.forum.questions(discussion.id)
        view = CardView(
            discussion=discussion,
            now=now,
            questions=questions,
            best=await self._store.forum.best(discussion.id, BEST),
            opening=None if opening is None else opening.ref,
            page=self._urls.discussion(discussion) if web_shows(discussion.channel, discussion) else "",
            urls={each.ref: self._urls.message(discussion, each.ref) for each in questions},
        )
        return _with_clock(discussion_card(view, await self._texts(post)), [discussion], now)

    async def _board(self, post: OwnPost) -> Rendered | None:
        """The board of the channel that its subject names, or of all channels that readers of its place can open."""
        here = post.where.channel if isinstance(post.where, Thread) else post.where
        channels = [each for each in await self._store.places.channels() if each.channel.space == here.space]
        wanted = [each for each in channels if each.key == _number(post)] or channels
        open_to_all = {each.channel for each in channels if not each.info.private} | {here}
        scope = reader_scope(wanted, open_to_all, here)
        now = self._clock.now()
        found = await self._store.forum.busiest(scope, now, BOARD_LIMIT)
        return _with_clock(board_card(found, now, await self._texts(post)), found, now)

    async def _highlight(self, post: OwnPost) -> Rendered | None:
        key, _, message = post.subject.removeprefix("highlight:").partition(":")
        channels = {each.key: each for each in await self._store.places.channels()}
        if int(key) not in channels:
            return None
        found = await self._found(channels[int(key)].channel, message)
        if found is None or not highlights.published(found.post.votes, found.post.picked, live=post.ref is not None):
            return None
        card, cites = highlight_card(found, await self._texts(post))
        return Rendered(card=card, cites=cites)

    async def _found(self, channel: Channel, message: str) -> Highlight | None:
        """The highlighted message with its discussion, while it may be shown."""
        ref = MessageRef(channel, message)
        post, discussion = await self._store.forum.post(ref), await self._store.forum.containing(ref)
        if post is None or post.text is None or discussion is None or discussion.hidden:
            return None
        return Highlight(post=post, discussion=discussion, highlighted_at=self._clock.now())


def _number(post: OwnPost) -> int:
    """The number in a subject such as "card:7"."""
    return int(post.subject.partition(":")[2].partition(":")[0])


def _with_clock(drawn: Drawn, shown: Sequence[Discussion], now: datetime) -> Rendered:
    """A card with the moment at which the clock alone changes it."""
    moments = [moment for each in shown if (moment := next_change_at(each, now)) is not None]
    return Rendered(card=drawn[0], cites=drawn[1], next_change_at=min(moments, default=None))
