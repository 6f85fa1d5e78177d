"""The Atom feed: the newest discussions, of everything, of a community or of a channel."""

from xml.etree import ElementTree as ET

from aiohttp import web

from adapters.web import asked
from adapters.web.site import SITE
from bot.access import on_web, web_shows_post
from bot.discussions import shown_title
from bot.markup import cut, parse, plain
from bot.models import Scope

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
WORDS = 1000  # characters of an opening post


async def atom(request: web.Request) -> web.Response:
    """The feed; its entries never hold more than their pages do."""
    site, texts = request.app[SITE], await request.app[SITE].texts(request)
    key, community = asked.number(request, "channel"), asked.number(request, "community")
    scope = await _scope(request, key, community)
    found = await site.store.forum.recent(scope, ENTRIES)
    feed = ET.Element("feed", xmlns=ATOM)
    _text(feed, "id", site.urls.feed(channel=key, community=community))
    _text(feed, "title", texts.say("Discussions"))
    _text(feed, "updated", max((each.last_activity for each in found), default=site.clock.now()).isoformat())
    ET.SubElement(feed, "link", rel="self", href=site.urls.feed(channel=key, community=community))
    ET.SubElement(feed, "link", rel="alternate", href=site.urls.forum(channel=key))
    for each in found:
        entry = ET.SubElement(feed, "entry")
        opening = await site.store.forum.opening(each.id)
        _text(entry, "id", f"{site.urls.base}/d/{each.id}")
        _text(entry, "title", shown_title(each, texts))
        _text(entry, "published", each.opened_at.isoformat())
        _text(entry, "updated", each.last_activity.isoformat())
        ET.SubElement(entry, "link", rel="alternate", href=site.urls.discussion(each))
        _text(ET.SubElement(entry, "author"), "name", each.opener_name or texts.say("Someone"))
        if opening is not None and opening.text and web_shows_post(each.channel, opening):
            tree = parse(opening.ref.channel.space.platform, opening.text)
            _text(entry, "summary", each.summary or cut(plain(tree), WORDS))
    xml = ET.tostring(feed, encoding="unicode", xml_declaration=False)
    body = f'<?xml version="1.0" encoding="utf-8"?>\n{xml}'
    return web.Response(text=body, content_type="application/atom+xml", charset="utf-8")


async def _scope(request: web.Request, key: int | None, community: int | None) -> Scope:
    """What the feed may hold; 404 for a channel that is not on the web."""
    channels = await request.app[SITE].channels()
    if key is not None and (key not in channels or not on_web(channels[key])):
        raise web.HTTPNotFound
    scope = await request.app[SITE].scope(key)
    keys = {number for number in scope.channels if community in {None, channels[number].community}}
    return Scope(channels=frozenset(keys), web=True)


def _text(parent: ET.Element, name: str, text: str) -> None:
    """An element with text, without the characters that XML cannot hold."""
    ET.SubElement(parent, name).text = "".join(sign for sign in text if sign in "\t\n" or sign >= " ")
