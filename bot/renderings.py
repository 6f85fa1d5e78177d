"""What each of our posts shows now: from its subject and the state of things to a card."""

from collections.abc import Sequence
from datetime import datetime

from bot import highlights
from bot.access import board_scope, may_publish
from bot.cards import BOARD_LIMIT, Drawn, board_card, discussion_card, highlight_card
from bot.delivery import Rendered, space_of
from bot.digesting import Digests
from bot.discussions import next_change_at
from bot.linking import is_note, note_card
from bot.models import Channel, Discussion, Highlight, KnownChannel, MessageRef, OwnPost, Platform, PostKind, channel_of
from bot.openings import opening_rendered
from bot.ports import Clock, Store
from bot.texts import Texts, texts_for
from bot.urls import Urls
from bot.viewing import card_view, page_of


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
                return await self._digest(post)
            case PostKind.OPENING:
                return await self._opening(post)
            case PostKind.NOTICE:  # pragma: no branch - nothing else is left
                return await self._notice(post)

    async def _notice(self, post: OwnPost) -> Rendered | None:
        card = await note_card(self._store, post, await self._texts(post)) if is_note(post) else post.card
        return None if card is None else Rendered(card=card)

    async def _opening(self, post: OwnPost) -> Rendered:
        said = None if post.ref is None else await self._store.forum.post(post.ref)
        discussion = None if said is None else await self._store.forum.containing(said.ref)
        titled = discussion is not None and space_of(post).platform is Platform.SLACK  # elsewhere the thread has it
        title = discussion.title if discussion is not None and titled else ""
        return opening_rendered(post, said, title, await self._texts(post))

    async def _digest(self, post: OwnPost) -> Rendered | None:
        now, number = self._clock.now(), _number(post)
        drop = None if post.ref is not None else await self._digests.ended(number, now)
        until = None if post.ref is not None or drop else await self._digests.waits(number, now)
        drawn = await self._digests.render(number)
        return None if drawn is None else Rendered(card=drawn[0], cites=drawn[1], not_before=until, drop=drop)

    async def _texts(self, post: OwnPost) -> Texts:
        space = await self._store.places.space(space_of(post))
        if space is None:
            return texts_for("en", "UTC")
        return texts_for(space.locale, space.zone).on(space.info.space.platform)

    async def _card(self, post: OwnPost) -> Rendered | None:
        discussion = await self._store.forum.discussion(_number(post))
        if discussion is None or discussion.hidden or discussion.removed:
            return None
        now = self._clock.now()
        view = await card_view(self._store, self._urls, discussion, now)
        return _with_clock(discussion_card(view, await self._texts(post)), [discussion], now)

    async def _board(self, post: OwnPost) -> Rendered | None:
        """The board of the channels that its subject names, as far as all readers of its place can open them."""
        where = await self._where(post)
        if where is None:
            return None
        wanted = {int(key) for key in post.subject.removeprefix("board:").split("+")}
        scope = board_scope(await self._store.places.channels(), where, wanted)
        now = self._clock.now()
        found = await self._store.forum.busiest(scope, now, BOARD_LIMIT)
        more = self._urls.forum() if any(page_of(self._urls, each) for each in found) else ""
        return _with_clock(board_card(found, now, await self._texts(post), more=more), found, now)

    async def _where(self, post: OwnPost) -> KnownChannel | None:
        """The channel that a post stands in."""
        return await self._store.places.channel(channel_of(post.where))

    async def _highlight(self, post: OwnPost) -> Rendered | None:
        key, _, message = post.subject.removeprefix("highlight:").partition(":")
        channels = {each.key: each for each in await self._store.places.channels()}
        where = await self._where(post)
        if int(key) not in channels or where is None:
            return None
        found = await self._found(channels[int(key)].channel, message)
        if found is None or not may_publish(found.discussion, where):
            return None
        if not highlights.published(found.post.votes, found.post.picked, live=post.ref is not None):
            return None
        card, cites = highlight_card(found, await self._texts(post))
        return Rendered(card=card, cites=cites)

    async def _found(self, channel: Channel, message: str) -> Highlight | None:
        """The highlighted message with its discussion, while it may be shown."""
        ref = MessageRef(channel, message)
        post, discussion = await self._store.forum.post(ref), await self._store.forum.containing(ref)
        if post is None or post.text is None or discussion is None:
            return None
        notes = tuple(await self._store.forum.notes(ref))
        return Highlight(post=post, discussion=discussion, highlighted_at=self._clock.now(), notes=notes)


def _number(post: OwnPost) -> int:
    """The number in a subject such as "card:7"."""
    return int(post.subject.partition(":")[2].partition(":")[0])


def _with_clock(drawn: Drawn, shown: Sequence[Discussion], now: datetime) -> Rendered:
    """A card with the moment at which the clock alone changes it."""
    moments = [moment for each in shown if (moment := next_change_at(each, now)) is not None]
    return Rendered(card=drawn[0], cites=drawn[1], next_change_at=min(moments, default=None))
