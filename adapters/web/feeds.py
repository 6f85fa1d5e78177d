"""The Atom feed: the newest discussions, of everything, of a community or of a channel."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from aiohttp import web

from adapters.web import asked
from adapters.web.forum import open_community
from adapters.web.naming import names_for
from adapters.web.site import SITE
from adapters.web.xml import xml_answer, xml_text
from bot.access import on_web, web_scope, web_shows_post
from bot.discussions import shown_title
from bot.markup import Names, cut, parse, plain
from bot.models import Discussion, KnownChannel, Post, Scope
from bot.texts import Texts
from bot.urls import Urls

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
WORDS = 1000  # characters of an opening post


async def atom(request: web.Request) -> web.Response:
    """The feed; its entries never hold more than their pages do."""
    site, texts = request.app[SITE], await request.app[SITE].texts(request)
    key, channels = asked.number(request, "channel"), await site.channels()
    community = open_community(channels, asked.number(request, "community"))
    scope = _scope(channels, key, community)
    found = await site.store.forum.recent(scope, ENTRIES)
    feed = ET.Element("feed", xmlns=ATOM)
    xml_text(feed, "id", site.urls.feed(channel=key, community=community))
    xml_text(feed, "title", f"{_name(channels, key, community)} · {texts.say('Discussions')}")
    xml_text(feed, "updated", max((each.last_activity for each in found), default=site.clock.now()).isoformat())
    ET.SubElement(feed, "link", rel="self", href=site.urls.feed(channel=key, community=community))
    ET.SubElement(feed, "link", rel="alternate", href=site.urls.forum(channel=key, community=community))
    openings = [await site.store.forum.opening(each.id) for each in found]
    names = await names_for(site, [each for each in openings if each is not None])
    for each, opening in zip(found, openings, strict=True):
        _entry(feed, site.urls, each, opening, texts, names)
    return xml_answer(feed, "application/atom+xml")


def _name(channels: Mapping[int, KnownChannel], key: int | None, community: int | None) -> str:
    """What the feed is of."""
    if key is not None:
        return f"#{channels[key].info.name.removeprefix('#')}"
    return next((each.community_name for each in channels.values() if each.community == community), "Folkmoot")


def _entry(
    feed: ET.Element, urls: Urls, discussion: Discussion, opening: Post | None, texts: Texts, names: Names
) -> None:
    name = discussion.opener_name if opening is None else opening.author_name  # none once it is deleted
    entry = ET.SubElement(feed, "entry")
    xml_text(entry, "id", f"{urls.base}/d/{discussion.id}")
    xml_text(entry, "title", shown_title(discussion, texts))
    xml_text(entry, "published", discussion.opened_at.isoformat())
    xml_text(entry, "updated", discussion.last_activity.isoformat())
    ET.SubElement(entry, "link", rel="alternate", href=urls.discussion(discussion))
    xml_text(ET.SubElement(entry, "author"), "name", name or texts.say("Someone"))
    summary = discussion.summary or _words(discussion, opening, names)
    if summary:
        xml_text(entry, "summary", summary)


def _words(discussion: Discussion, opening: Post | None, names: Names) -> str:
    """What the opening post says, as far as it may be read on the web."""
    if opening is None or not opening.text or not web_shows_post(discussion.channel, opening):
        return ""
    return cut(plain(parse(opening.ref.channel.space.platform, opening.text, names)), WORDS)


def _scope(channels: Mapping[int, KnownChannel], key: int | None, community: int | None) -> Scope:
    """What the feed may hold; 404 for a channel that is not on the web."""
    if key is not None and (key not in channels or not on_web(channels[key])):
        raise web.HTTPNotFound
    asked_for = (each for each in channels.values() if key in {None, each.key} and community in {None, each.community})
    return web_scope(asked_for)
