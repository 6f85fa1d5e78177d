"""Tells open pages that what they show changed. Never how: a page asks again and gets what it may show now."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Collection, Sequence

import structlog
from aiohttp import web

from adapters.web.forum import shown
from adapters.web.news import ANY, FORUM, ROOM, News
from adapters.web.site import SITE, Site
from bot.errors import StoreBusy, StoreFailed
from bot.logs import Lasting
from bot.ports import Change, Changed, Store

READERS = 500  # open streams at once; more wait for a reload
BEAT = 20.0  # seconds between signs of life, so that proxies keep the stream open
LOOK = 5.0  # seconds the store is waited on at once
AGAIN = 1.0  # seconds before a store that failed is asked again
REST = 0.5  # seconds between two messages to one page, whatever happens
BREATH = 0.1  # seconds between two looks: pages need not hear of each change in a burst
KEPT = 2000  # topics whose last change is kept for slow pages; a slower one is told that everything changed
ROUND = 1000  # changes read at once
_TOPIC = re.compile(r"forum|runs|room|d\d{1,15}", re.ASCII)
log = structlog.get_logger(__name__)


class Live:
    """Follows the change log once, for all open pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._news = News(store)
        self._seq = 0
        self._whole = 0  # from which change on `_last` has all that were made
        self._last: dict[str, int] = {}  # the last change of each topic, in their order
        self._readers = 0
        self._changed = asyncio.Condition()
        self._closed = False

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return self._readers

    async def follow(self) -> None:
        """Follow the change log until cancelled; a store that fails is asked again after a while."""
        trouble = Lasting(log, "open pages are not kept live")
        while True:
            try:
                await self._follow()
            except Exception as error:  # noqa: BLE001 - told, and tried again
                trouble.went_wrong(error, asyncio.get_running_loop().time())
                await asyncio.sleep(AGAIN)

    async def _follow(self) -> None:
        if not self._seq:
            await self._news.begin()
            await self._begin(await self._store.ledger.last_seq())
        while True:
            if await self._store.ledger.wait(self._seq, LOOK):
                await self._take(await self._store.ledger.changes(self._seq, ROUND))
                await asyncio.sleep(BREATH)

    async def _begin(self, seq: int) -> None:
        """Follow from here on; what a page that is open already missed is not known."""
        async with self._changed:
            self._seq = self._whole = seq
            self._changed.notify_all()

    async def _take(self, changes: Sequence[Change]) -> None:
        told = await self._news.of(changes)
        async with self._changed:
            for seq, topic in told:  # they come in order
                self._last.pop(topic, None)
                self._last[topic] = seq
            while len(self._last) > KEPT:
                self._whole = self._last.pop(next(iter(self._last)))
            self._seq = max([self._seq, *(change.seq for change in changes)])
            if told:
                self._changed.notify_all()

    async def close(self) -> None:
        """Let every stream end."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the topics a page asked about (`?about=forum,d7`), each time one of them changed."""
        about = topics(request.query.get("about", FORUM))
        site, pages = request.app[SITE], {each: int(each[1:]) for each in about if each.startswith("d") and each != ANY}
        if ROOM in about and not site.room_open:
            raise web.HTTPNotFound
        for number in pages.values():
            await shown(site, number)  # nobody may learn when something happens in a hidden one
        if self._readers >= READERS or self._closed:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        self._readers += 1
        try:
            await response.prepare(request)
            seen = self._seq
            await response.write(b"retry: 3000\n\nevent: open\ndata: \n\n")
            async for told in self._heard(about, seen):
                await response.write(f"data: {' '.join(sorted(told))}\n\n".encode() if told else b": still here\n\n")
                if told & {ANY, *pages} and not await _all_shown(site, pages.values()):
                    break  # it was hidden: that much was to be heard, and no more
        except ConnectionError:
            pass  # the reader left
        finally:
            self._readers -= 1
        return response

    async def _heard(self, about: frozenset[str], seen: int) -> AsyncIterator[frozenset[str]]:
        """What changed of these topics after `seen`, each time something did; nothing of it with each beat."""
        while await self._wait(about, seen):
            told, seen = self._told(about, seen), self._seq
            yield told
            if told:
                await asyncio.sleep(REST)

    async def _wait(self, about: frozenset[str], seen: int) -> bool:
        """Wait for a change of these topics, at most a beat; False when all is over.

        Of other changes a page hears nothing at all: when something happens elsewhere is nobody's business.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT), self._changed:
                await self._changed.wait_for(lambda: self._closed or self._told(about, seen))
        return not self._closed

    def _told(self, about: frozenset[str], seen: int) -> frozenset[str]:
        """Which of a page's topics changed after `seen`; all of them if not all of that is known."""
        if seen < self._whole:
            return about
        return frozenset(topic for topic in about if self._last.get(topic, 0) > seen)


async def _all_shown(site: Site, discussions: Collection[int]) -> bool:
    """Whether all these discussions still have a page."""
    try:
        for number in discussions:
            await shown(site, number)
    except (web.HTTPException, StoreBusy, StoreFailed):
        return False
    return True


def topics(text: str) -> frozenset[str]:
    """What a page asks about; 400 for anything else. A page about one discussion hears of its channel too."""
    asked = text.split(",")
    if len(asked) > len(Changed) or not all(_TOPIC.fullmatch(each) for each in asked):
        raise web.HTTPBadRequest
    return frozenset(asked) | ({ANY} if any(each.startswith("d") for each in asked) else frozenset())
