"""The pages of the forum. Everything here is read by anybody, so nothing is shown but what `bot.access` lets out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from adapters.web import asked, crawlers
from adapters.web.site import SITE, Site, names_of
from bot.access import on_web, web_shows, web_shows_post
from bot.models import Discussion, Highlight, Hit, KnownChannel, Tab
from bot.texts import phrase
from bot.urls import HERE_URLS, slug_of

PAGE = 30  # discussions on a page
POSTS = 500  # messages on a page
BEST = 100  # highlights shown
HITS = 50

TABS = {
    Tab.ALL: phrase("All"),
    Tab.IN_PROGRESS: phrase("In progress"),
    Tab.WAITING: phrase("Waiting for an answer"),
    Tab.CONCLUDED: phrase("Concluded"),
}


async def index(request: web.Request) -> web.Response:
    """The list of discussions, by tab and channel."""
    site = request.app[SITE]
    tab = asked.choice(request, "tab", Tab, Tab.ALL)
    key, before = asked.number(request, "channel"), asked.place(request)
    channels = await site.channels()
    chosen = None if key is None else _open(channels, key)
    now, scope = site.clock.now(), await site.scope(key)
    found = await site.store.forum.discussions(scope, tab, now, PAGE + 1, before)
    return await site.page(
        request,
        "index.html",
        tab=tab,
        tabs=TABS,
        counts=await site.store.forum.tab_counts(scope, now),
        channel=chosen,
        channels=[channel for channel in channels.values() if on_web(channel)],
        unshared=[channel for channel in channels.values() if _kept_back(channel)],
        discussions=found[:PAGE],
        more=_next(found),
    )


def _kept_back(channel: KnownChannel) -> bool:
    """Whether a channel is followed, and kept off the web by its level; the room's private one is meant to be."""
    return channel.settings.watched and not channel.hosted and not on_web(channel)


def _open(channels: Mapping[int, KnownChannel], key: int) -> KnownChannel:
    """The channel of a key, 404 unless it may be read on the web."""
    channel = channels.get(key)
    if channel is None or not on_web(channel):
        raise web.HTTPNotFound
    return channel


def _next(found: Sequence[Discussion]) -> str:
    """Where the next page begins, "" if there is none."""
    if len(found) <= PAGE:
        return ""
    last = found[PAGE - 1]
    return f"{round(last.last_activity.timestamp() * 1000)}-{last.id}"


async def discussion(request: web.Request) -> web.Response:
    """One discussion: what the sample looks like."""
    site = request.app[SITE]
    after = asked.number(request, "after") or 0
    found = await shown(site, int(request.match_info["id"]))
    _at_its_address(request, found)
    channels = await site.channels()
    opening = await site.store.forum.opening(found.id)
    posts = await site.store.forum.posts(found.id, after, POSTS + 1)
    visible = [post for post in posts[:POSTS] if web_shows_post(found.channel, post)]
    opening = opening if opening is not None and web_shows_post(found.channel, opening) else None
    replies = [post for post in visible if opening is None or post.ref != opening.ref]
    space = await site.store.places.space(found.thread.channel.space)
    texts = await site.texts(request)
    return await site.page(
        request,
        "discussion.html",
        discussion=found,
        opening=opening if not after else None,
        first_page=not after,
        replies=replies,
        more=posts[POSTS - 1].ref.position if len(posts) > POSTS else None,
        names=names_of([*visible, *([opening] if opening else [])], _named(channels)),
        invite="" if space is None else space.info.invite_url,
        hosted=found.channel.hosted,
        listed=crawlers.may_list(found),
        data=await crawlers.question_data(site, found, opening, replies, texts),
    )


def _at_its_address(request: web.Request, discussion: Discussion) -> None:
    """Lead whoever came by an old title, or by the number alone, to the page's one address."""
    address = HERE_URLS.discussion(discussion)
    if request.match_info.get("slug", "") != slug_of(discussion.title):
        raise web.HTTPFound(address + (f"?{request.query_string}" if request.query_string else ""))


async def shown(site: Site, number: int) -> Discussion:
    """A discussion that has a page, as its channel is now; 410 for one whose thread is gone, 404 for any other."""
    found = await site.store.forum.discussion(number)
    channel = None if found is None else (await site.channels()).get(found.channel.key)
    if found is None or channel is None:
        raise web.HTTPNotFound
    if web_shows(channel, found):
        return found
    raise web.HTTPGone if found.removed and web_shows(channel, replace(found, removed=False)) else web.HTTPNotFound


def _named(channels: Mapping[int, KnownChannel]) -> list[KnownChannel]:
    """Channels whose names may be printed on the web."""
    return [channel for channel in channels.values() if on_web(channel)]


async def highlights(request: web.Request) -> web.Response:
    """What people highlighted, newest first."""
    site = request.app[SITE]
    found: Sequence[Highlight] = await site.store.forum.highlights(await site.scope(), limit=BEST)
    items = [item for item in found if web_shows_post(item.discussion.channel, item.post)]
    channels = await site.channels()
    names = names_of([item.post for item in items], _named(channels))
    return await site.page(request, "highlights.html", items=items, names=names)


async def search(request: web.Request) -> web.Response:
    """What has all the words."""
    site = request.app[SITE]
    words = asked.words(request)
    hits: Sequence[Hit] = await site.store.forum.search(await site.scope(), words, HITS) if words else []
    items = [(hit, marked(hit)) for hit in hits if web_shows_post(hit.discussion.channel, hit.post)]
    return await site.page(request, "search.html", words=words, items=items)


def marked(hit: Hit) -> list[tuple[bool, str]]:
    """A snippet in pieces, each with whether it is what was looked for."""
    pieces, place = [], 0
    for start, end in hit.marks:
        pieces += [(False, hit.snippet[place:start]), (True, hit.snippet[start:end])]
        place = end
    return [piece for piece in [*pieces, (False, hit.snippet[place:])] if piece[1]]
