"""The pages of sent digests: their items with the words of now, as far as these may be read on the web."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from adapters.web.site import SITE, Site
from bot.access import on_web, web_shows, web_shows_post
from bot.cards import quoted
from bot.digests import (
    HEADINGS,
    QUOTE_LIMIT,
    Words,
    digest_title,
    numbers_line,
    place_of,
    quote_stands,
    says_waiting,
    tells_spaces,
)
from bot.discussions import highlight_words, shown_title
from bot.models import Discussion, KnownChannel, KnownSpace, Pick, Post, Run, RunState, Section
from bot.naming import origin_of
from bot.texts import Texts, texts_for
from bot.urls import HERE_URLS

LISTED = 50  # digests of a community
STANDS = frozenset({RunState.FROZEN, RunState.SENT})
HEIGHT = 28  # of a sparkline's highest bar
STEP = 10  # from one bar to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One part of a digest's window, as it is drawn."""

    x: int
    y: int
    height: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One digest as it is listed; `heading` and `facts` are the parts of its title."""

    run: Run
    destination: KnownChannel
    title: str
    heading: str
    facts: str
    bars: tuple[Bar, ...]
    spoken: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a digest; `words` is None when they are no longer available."""

    number: int
    words: Words | None
    facts: str
    spoken: str


async def listed(request: web.Request) -> web.Response:
    """The digests that were sent to channels which can be read on the web, newest first."""
    site = request.app[SITE]
    texts, channels = await site.texts(request), await site.channels()
    open_ones = [channel for channel in channels.values() if on_web(channel)]
    runs: list[Run] = []
    for community in sorted({channel.community for channel in open_ones}):
        runs += await site.store.forum.runs(community, LISTED)
    reached = {channel.channel: channel for channel in open_ones}
    found = sorted(
        (run for run in runs if run.schedule.destination in reached), key=lambda run: run.slot.due_at, reverse=True
    )
    items = [await _shown(site, run, reached[run.schedule.destination], texts) for run in found[:LISTED]]
    return await site.page(request, "digests.html", items=items)


async def one(request: web.Request) -> web.Response:
    """One digest; 410 when it was withdrawn, 404 when it went where the web does not reach."""
    site, texts = request.app[SITE], await request.app[SITE].texts(request)
    run = await site.store.forum.run(int(request.match_info["id"]))
    destination = None if run is None else await site.store.places.channel(run.schedule.destination)
    if run is None or destination is None or not on_web(destination):
        raise web.HTTPNotFound
    if run.state is RunState.WITHDRAWN:
        raise web.HTTPGone
    if run.state not in STANDS:
        raise web.HTTPNotFound
    sections, left_out = await _items(site, run, texts)
    return await site.page(
        request,
        "digest.html",
        shown=await _shown(site, run, destination, texts),
        sections=sections,
        headings=HEADINGS,
        told=tells_spaces(item.words for items in sections.values() for item in items if item.words is not None),
        left_out=left_out,
    )


async def _shown(site: Site, run: Run, destination: KnownChannel, reader: Texts) -> Shown:
    """A digest in the reader's language and its own zone."""
    texts = texts_for(reader.locale, run.schedule.rule.zone)
    space = await site.store.places.space(destination.channel.space)
    named = [each for each in (await site.channels()).values() if on_web(each)]
    place = "" if space is None else place_of(run.schedule, destination, space, named)
    count = texts.count("{n} new message", "{n} new messages", sum(run.activity))
    title = digest_title(run, texts, place)
    heading, *facts = title.rsplit(" · ", 2 if run.discussions else 1)
    return Shown(
        run=run,
        destination=destination,
        title=title,
        heading=heading,
        facts=" · ".join(facts),
        bars=tuple(bars(run.activity, run.start, run.slot.due_at, texts)),
        spoken=texts.say("Activity in this digest's window: {messages}", messages=count),
        window=f"{texts.moment(run.start)} – {texts.moment(run.slot.due_at)}, {texts.zone}",
    )


def bars(activity: Sequence[int], start: datetime, end: datetime, texts: Texts) -> Iterable[Bar]:
    """The sparkline: one bar for each part of the window, nothing at all being a thin line."""
    most = max(activity, default=0)
    for place, count in enumerate(activity):
        height = max(2, round(HEIGHT * count / most)) if most else 2
        since = start + (end - start) * place / len(activity)
        said = texts.count("{n} message", "{n} messages", count)
        yield Bar(x=place * STEP, y=HEIGHT - height, height=height, label=f"{texts.moment(since)}: {said}")


async def _items(site: Site, run: Run, texts: Texts) -> tuple[Mapping[Section, list[Item]], int]:
    """The items by section, and how many are left out because they are not shared on the web."""
    channels = await site.channels()
    here = await site.store.places.space(run.schedule.destination.space)
    sections: dict[Section, list[Item]] = {}
    left_out = 0
    for pick in run.picks:
        discussion = await site.store.forum.discussion(pick.discussion)
        if pick.dropped or discussion is None:
            continue
        if _kept_back(channels.get(discussion.channel.key), discussion):
            left_out += 1
            continue
        item = await _item(site, pick, discussion, texts, here)
        sections.setdefault(pick.section, []).append(item)
    return sections, left_out


def _kept_back(channel: KnownChannel | None, discussion: Discussion) -> bool:
    """Whether a discussion never had a page, rather than having lost it."""
    there = replace(discussion, hidden=False, removed=False)
    return channel is None or not web_shows(channel, there)


async def _item(site: Site, pick: Pick, discussion: Discussion, texts: Texts, here: KnownSpace | None) -> Item:
    post = None if pick.quote is None else await site.store.forum.post(pick.quote)
    space = discussion.thread.channel.space
    away = here is not None and space != here.info.space
    words = replace(_words(discussion, post, texts), space=origin_of(discussion.channel), away=away)
    parted = away and here is not None and space not in here.linked
    silent = pick.section is Section.HIGHLIGHTS and words.quote is None
    gone = discussion.hidden or discussion.removed or parted or silent
    return Item(
        number=pick.number,
        words=None if gone else words,
        facts=numbers_line(pick, texts),
        spoken=spoken_numbers(pick, texts),
    )


def spoken_numbers(pick: Pick, texts: Texts) -> str:
    """The numbers of an item for screen readers: "31 messages, 12 of them new, 2 highlights, waiting for an answer"."""
    parts = [texts.count("{n} message", "{n} messages", pick.count)]
    if pick.new:
        parts.append(texts.say("{n} of them new", n=texts.number(pick.new)))
    if pick.highlights:
        parts.append(highlight_words(pick.highlights, texts))
    if says_waiting(pick):
        parts.append(texts.say("waiting for an answer"))
    return ", ".join(parts)


def _words(discussion: Discussion, post: Post | None, texts: Texts) -> Words:
    """What an item says now."""
    words = Words(
        title=shown_title(discussion, texts), url=HERE_URLS.discussion(discussion), outcome=discussion.outcome
    )
    if post is None or not quote_stands(post) or not web_shows_post(discussion.channel, post):
        return words
    url = HERE_URLS.message(discussion, post.ref)
    return replace(words, quote=quoted(post, QUOTE_LIMIT), author=post.author_name, quote_url=url)
