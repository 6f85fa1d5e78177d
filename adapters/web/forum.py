"""The pages of the forum. Everything here is read by anybody, so nothing is shown but what `bot.access` lets out."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from aiohttp import web

from adapters.web import asked, crawlers
from adapters.web.naming import names_for
from adapters.web.pages import Pages, begin, pages_of
from adapters.web.site import SITE, Site, texts_in
from adapters.web.ties import ties_of
from bot.access import followed_scope, on_web, web_scope, web_shows, web_shows_post
from bot.cards import noted
from bot.markup import safe_url
from bot.models import Discussion, Hit, KnownChannel, Platform, Post, Space, Tab
from bot.naming import origin_of
from bot.ports import Excerpt
from bot.texts import phrase
from bot.urls import HERE_URLS, POSTS, slug_of

PAGE = 30  # discussions on a page
FEW = 6  # channels that are named side by side; more are folded up
BEST = 50  # highlights on a page
HITS = 50  # search results on a page

TABS = {
    Tab.ALL: phrase("All"),
    Tab.IN_PROGRESS: phrase("In progress"),
    Tab.WAITING: phrase("Waiting for an answer"),
    Tab.CONCLUDED: phrase("Concluded"),
}
REPLY_ON = {
    Platform.LOCAL: phrase("Reply in the room"),
    Platform.DISCORD: phrase("Reply on Discord"),
    Platform.SLACK: phrase("Reply on Slack"),
}


async def index(request: web.Request) -> web.Response:
    """The list of discussions, by tab and channel."""
    site = request.app[SITE]
    tab = asked.choice(request, "tab", Tab, Tab.ALL)
    key, before = asked.number(request, "channel"), asked.place(request)
    channels = await site.channels()
    chosen = None if key is None else _open(channels, key)
    community = None if chosen else open_community(channels, asked.number(request, "community"))
    within = [chosen] if chosen else [each for each in channels.values() if community in {None, each.community}]
    now, scope = site.clock.now(), web_scope(within)
    whole = tab is Tab.ALL and key is None and before is None
    found = await site.store.forum.discussions(scope, tab, now, PAGE + 1, before)
    spaces = await site.store.places.spaces()
    return await site.page(
        request,
        "index.html",
        texts=texts_in(spaces, request),
        connected={each.info.space.platform for each in spaces if each.removed_at is None},
        tab=tab,
        tabs=TABS,
        counts=await site.store.forum.tab_counts(scope, now),
        channel=chosen,
        community=community,
        community_name=next((each.community_name for each in within if community is not None), ""),
        places=_places(_named(channels)),
        few=FEW,
        unshared=await _unshared(site, within) if whole else 0,
        discussions=found[:PAGE],
        more=_next(found),
    )


class Group(NamedTuple):
    """The channels of one space; `community` names the one it begins, if that has other spaces too."""

    label: str
    channels: list[KnownChannel]
    community: tuple[int, str] | None


def _places(channels: Iterable[KnownChannel]) -> list[Group]:
    """The channels by space, the spaces of a community together; the room first, then by name."""
    order = sorted(channels, key=_order)
    spaces = [list(members) for _, members in groupby(order, key=lambda each: each.channel.space)]
    sizes = Counter(members[0].community for members in spaces)
    begun: set[int] = set()
    found: list[Group] = []
    for members in spaces:
        first = members[0]
        begins = len(sizes) > 1 and sizes[first.community] > 1 and first.community not in begun
        begun.add(first.community)
        community = (first.community, first.community_name) if begins else None
        found.append(Group(origin_of(first), members, community))
    return found


def _order(channel: KnownChannel) -> tuple[bool, str, int, str, Space, str, int]:
    name = channel.info.name.casefold()
    community = (channel.community_name, channel.community)
    return (not channel.hosted, *community, channel.space_name, channel.channel.space, name, channel.key)


def open_community(channels: Mapping[int, KnownChannel], key: int | None) -> int | None:
    """The community of a key, None for none; 404 unless something of it may be read on the web."""
    if key is not None and not any(each.community == key and on_web(each) for each in channels.values()):
        raise web.HTTPNotFound
    return key


async def _unshared(site: Site, channels: Collection[KnownChannel]) -> int:
    """How many followed discussions could be read here and are not, for their channel's level or their age."""
    now, followed = site.clock.now(), followed_scope(channels)
    here = web_scope(channel for channel in channels if channel.key in followed.channels)
    if followed.channels == here.channels and not any(channel.settings.web_from for channel in channels):
        return 0
    counts = [(await site.store.forum.tab_counts(scope, now))[Tab.ALL] for scope in (followed, here)]
    return counts[0] - counts[1]


def _open(channels: Mapping[int, KnownChannel], key: int) -> KnownChannel:
    """The channel of a key, 404 unless it may be read on the web."""
    channel = channels.get(key)
    if channel is None or not on_web(channel):
        raise web.HTTPNotFound
    return channel


def _next(found: Sequence[Discussion]) -> str:
    """Where the next page begins, "" if there is none."""
    return asked.placed(found[PAGE - 1].last_activity, found[PAGE - 1].id) if len(found) > PAGE else ""


async def discussion(request: web.Request) -> web.Response:
    """One discussion: what the sample looks like; a long one in pages."""
    site = request.app[SITE]
    forum, number = site.store.forum, int(request.match_info["id"])
    first = await begin(forum, number, asked.number(request, "after"), asked.number(request, "at"))
    excerpt = await forum.excerpt(number, first, POSTS + 1)
    if excerpt is None:
        raise web.HTTPNotFound
    found = _public(excerpt.discussion)
    _at_its_address(request, found)
    pages = await pages_of(forum, number, first, excerpt.posts)
    opening = await _opening(site, excerpt) if pages.first else None
    visible = [post for post in excerpt.posts[:POSTS] if web_shows_post(found.channel, post)]
    replies = [post for post in visible if opening is None or post.ref.id != opening.ref.id]
    return await _discussion_page(request, excerpt, pages, opening, replies)


async def _discussion_page(
    request: web.Request, excerpt: Excerpt, pages: Pages, opening: Post | None, replies: Sequence[Post]
) -> web.Response:
    site, found, answers, spaces = request.app[SITE], excerpt.discussion, excerpt.answers, excerpt.spaces
    invites = [each.info.invite_url for each in spaces if each.info.space == found.thread.channel.space]
    texts = texts_in(spaces, request)
    posts = [*([opening] if opening else []), *replies]
    data = await crawlers.question_data(site, found, opening, replies, answers, texts) if pages.first else None
    return await site.page(
        request,
        "discussion.html",
        texts=texts,
        discussion=found,
        opening=opening,
        pages=pages,
        replies=replies,
        names=await names_for(site, posts),
        ties=await ties_of(site.store.forum, found, posts, answers, texts),
        invite=next(filter(None, map(safe_url, invites)), ""),
        reply_at=_reply_at(site, found),
        reply_on=REPLY_ON,
        hosted=found.channel.hosted,
        listed=crawlers.may_list(found),
        data=data,
    )


async def _opening(site: Site, excerpt: Excerpt) -> Post | None:
    """What opens a discussion, if it may be shown: the thread's own first message where there is one."""
    found, posts = excerpt.discussion, excerpt.posts
    own = bool(posts) and posts[0].ref.id == found.thread.id
    opening = posts[0] if own else await site.store.forum.opening(found.id)
    return opening if opening is not None and web_shows_post(found.channel, opening) else None


def _reply_at(site: Site, discussion: Discussion) -> str:
    """Where people reply: in the room, in the thread, else in its channel; "" if there is no way there."""
    if discussion.channel.hosted:
        return HERE_URLS.room_thread(discussion.thread) if site.room_open else ""
    return safe_url(discussion.url) or safe_url(discussion.channel.info.url) or ""


def _at_its_address(request: web.Request, discussion: Discussion) -> None:
    """Lead whoever came by an old title, or by the number alone, to the page's one address."""
    address = HERE_URLS.discussion(discussion)
    if request.match_info.get("slug", "") != slug_of(discussion.title):
        raise web.HTTPFound(address + (f"?{request.query_string}" if request.query_string else ""))


async def shown(site: Site, number: int) -> Discussion:
    """A discussion that has a page, as its channel is now; 410 for one whose thread is gone, 404 for any other."""
    found = await site.store.forum.discussion(number)
    if found is None:
        raise web.HTTPNotFound
    return _public(found)


def _public(found: Discussion) -> Discussion:
    """The same discussion if it has a page; 410 or 404 otherwise."""
    if web_shows(found.channel, found):
        return found
    gone = found.removed and web_shows(found.channel, replace(found, removed=False))
    raise web.HTTPGone if gone else web.HTTPNotFound


def _named(channels: Mapping[int, KnownChannel]) -> list[KnownChannel]:
    """Channels whose names may be printed on the web."""
    return [channel for channel in channels.values() if on_web(channel)]


async def highlights(request: web.Request) -> web.Response:
    """What people highlighted, newest first."""
    site = request.app[SITE]
    before = asked.place(request)
    found = await site.store.forum.highlights(await site.scope(), limit=BEST + 1, before=before)
    items = [item for item in found[:BEST] if web_shows_post(item.discussion.channel, item.post)]
    more = asked.placed(found[BEST - 1].highlighted_at, found[BEST - 1].id) if len(found) > BEST else ""
    names = await names_for(site, [item.post for item in items])
    return await site.page(
        request, "highlights.html", items=items, names=names, noted=noted, more=more, newest=before is None
    )


async def search(request: web.Request) -> web.Response:
    """What has all the words, newest first."""
    site = request.app[SITE]
    words, before = asked.words(request), asked.place(request)
    hits: Sequence[Hit] = []
    if words:
        hits = await site.store.forum.search(await site.scope(), words, HITS + 1, before=before)
    items = [(hit, marked(hit)) for hit in hits[:HITS] if web_shows_post(hit.discussion.channel, hit.post)]
    more = asked.placed(hits[HITS - 1].post.sent_at, hits[HITS - 1].id) if len(hits) > HITS else ""
    return await site.page(request, "search.html", words=words, items=items, more=more, newest=before is None)


def marked(hit: Hit) -> list[tuple[bool, str]]:
    """A snippet in pieces, each with whether it is a match."""
    pieces, place = [], 0
    for start, end in hit.marks:
        pieces += [(False, hit.snippet[place:start]), (True, hit.snippet[start:end])]
        place = end
    return [piece for piece in [*pieces, (False, hit.snippet[place:])] if piece[1]]
