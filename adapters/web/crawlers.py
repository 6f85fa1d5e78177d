"""What search engines read, where a community opened a channel for them: robots.txt, a sitemap, question data."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import web

from adapters.web.naming import names_for
from adapters.web.site import SITE, Site
from adapters.web.xml import xml_answer, xml_text
from bot.access import index_scope, on_web
from bot.discussions import shown_title
from bot.markup import Names, cut, parse, plain
from bot.models import Discussion, Level, MessageRef, Post, Tab
from bot.texts import Texts

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LISTED = 10_000  # pages in a sitemap; the newest ones
ANSWERS = 20  # answers that the question data names
WORDS = 1000  # characters of a question or an answer


async def robots(request: web.Request) -> web.Response:
    """Crawlers may read discussions only where a community opened a channel for search engines."""
    site = request.app[SITE]
    opened = bool(index_scope(await site.store.places.channels()).channels)
    rules = "Disallow: /local\nDisallow: /search\nDisallow: /live\n" if opened else "Disallow: /\n"
    more = f"Sitemap: {site.urls.base}/sitemap.xml\n" if opened and site.urls.base else ""
    return web.Response(text=f"User-agent: *\n{rules}{more}")


async def sitemap(request: web.Request) -> web.Response:
    """The discussions that search engines may list, latest activity first."""
    site = request.app[SITE]
    scope = index_scope(await site.store.places.channels())
    found = await site.store.forum.discussions(scope, Tab.ALL, site.clock.now(), LISTED)
    root = ET.Element("urlset", xmlns=SITEMAP)
    for each in found:
        page = ET.SubElement(root, "url")
        xml_text(page, "loc", site.urls.discussion(each))
        xml_text(page, "lastmod", each.last_activity.isoformat(timespec="seconds"))
    return xml_answer(root, "application/xml")


def may_list(discussion: Discussion) -> bool:
    """Whether search engines may list a discussion's page."""
    return on_web(discussion.channel, Level.INDEX)


async def question_data(
    site: Site,
    discussion: Discussion,
    opening: Post | None,
    replies: Sequence[Post],
    answered: Mapping[MessageRef, MessageRef],
    texts: Texts,
) -> dict[str, Any] | None:
    """A discussion as schema.org's QAPage; None where search engines may not list it, or nothing is left to ask."""
    if not may_list(discussion) or opening is None or opening.text is None:
        return None
    names = await names_for(site, [opening, *replies])
    told = [post for post in replies if post.text]
    marked = set(answered.values())
    accepted = [post for post in told if post.ref in marked]
    others = sorted((post for post in told if post.ref not in marked), key=lambda post: -post.votes)
    question: dict[str, Any] = _said(site, discussion, opening, texts, names) | {
        "@type": "Question",
        "name": shown_title(discussion, texts),
        "answerCount": len(told),
    }
    if accepted:
        question["acceptedAnswer"] = _said(site, discussion, accepted[0], texts, names)
    if others:
        question["suggestedAnswer"] = [_said(site, discussion, post, texts, names) for post in others[:ANSWERS]]
    return {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": question}


def _said(site: Site, discussion: Discussion, post: Post, texts: Texts, names: Names) -> dict[str, Any]:
    tree = parse(post.ref.channel.space.platform, post.text or "", names)
    return {
        "@type": "Answer",
        "text": cut(plain(tree), WORDS),
        "url": site.urls.message(discussion, post.ref),
        "upvoteCount": post.votes,
        "datePublished": post.sent_at.isoformat(timespec="seconds"),
        "author": {"@type": "Person", "name": post.author_name or texts.say("Someone")},
    }
