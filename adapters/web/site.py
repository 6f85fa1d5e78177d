"""What every page needs: the store, the clock, the addresses, the reader's language; and how a page is printed."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.web.printing import Html, html_of, line_of, message_of
from adapters.web.ties import Tie, Ties
from bot import discussions
from bot.access import web_scope
from bot.markup import Names, Tree
from bot.models import Discussion, KnownChannel, KnownSpace, Post, Scope, Withheld
from bot.naming import origin_of
from bot.ports import Clock, Store
from bot.texts import Texts, languages, phrase, texts_for
from bot.urls import HERE_URLS, Urls

HERE = Path(__file__).parent
HEADER = 200  # characters of a list of languages that are read
NAME = 20  # characters of a language's name
_WEIGHT = re.compile(r"q=([01](?:\.\d{0,3})?)")
WITHHELD = {
    Withheld.DELETED: phrase("(no longer available)"),
    Withheld.UNSEEN: phrase("(no longer available)"),
    Withheld.OPTED_OUT: phrase("(its author keeps this message private)"),
    Withheld.ERASED: phrase("(erased by its author)"),
    Withheld.NOT_KEPT: phrase("(this channel counts messages without keeping their words)"),
}


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The templates, read once; everything put into one is escaped."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The forum of one store at one address."""

    store: Store
    clock: Clock
    urls: Urls
    room_open: bool
    templates: Environment = field(default_factory=templates)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def channels(self) -> Mapping[int, KnownChannel]:
        """The channels as they are now, by their keys."""
        return {channel.key: channel for channel in await self.store.places.channels()}

    async def scope(self) -> Scope:
        """What anybody may read at this moment."""
        return web_scope(await self.store.places.channels())

    async def texts(self, request: web.Request) -> Texts:
        """The reader's language, in the zone of the first space."""
        return texts_in(await self.store.places.spaces(), request)

    async def page(
        self,
        request: web.Request,
        template: str,
        /,
        *,
        status: int = 200,
        texts: Texts | None = None,
        **values: Any,  # noqa: ANN401 - whatever the template shows
    ) -> web.Response:
        """Print a template for whoever asks; `texts` if theirs were looked up already.

        One page after the other: in between, what platforms deliver gets its turn, however many people read.
        """
        texts, now = texts or await self.texts(request), self.clock.now()
        view = View(texts, now)
        async with self.turn:
            html = self.templates.get_template(template).render(
                t=texts, now=now, urls=HERE_URLS, forum_urls=self.urls, view=view, room_open=self.room_open, **values
            )
            await asyncio.sleep(0)
        return web.Response(text=html, content_type="text/html", charset="utf-8", status=status)


SITE = web.AppKey("site", Site)


class Printed(NamedTuple):
    """A message with its parts printed; templates take it apart in this order, and put in as it is what is Html."""

    place: Html  # where it stands on its page
    author: Html
    when: Html
    words: Html
    edited: bool
    files: bool
    voted: bool
    post: Post
    replied: Tie | None  # what it replies to
    answer: Tie | None  # what was marked as the answer to it
    asked: Tie | None  # what it was marked as the answer to


@dataclass(frozen=True, slots=True)
class View:
    """How values are shown to one reader at one moment."""

    texts: Texts
    now: datetime

    def title(self, discussion: Discussion) -> str:
        """The title, or what stands in for it."""
        return discussions.shown_title(discussion, self.texts)

    def summary(self, discussion: Discussion) -> str:
        """The summary, without a first sentence that only says the title again."""
        title, summary = discussion.title, discussion.summary
        if not title or discussion.summary_set or not summary.startswith(title):
            return summary
        rest = summary[len(title) :]
        repeats = not rest or (title.endswith((".", "!", "?", "…")) and rest[:1] in {" ", "\n"})
        return rest.strip() if repeats else summary

    def counters(self, discussion: Discussion) -> Markup:
        """The counter line as it is shown, with the exact moment for machines."""
        numbers, last = escape(discussions.counters(discussion, self.texts)), discussion.last_activity
        ago = escape(self.texts.ago(last, self.now))
        return Markup(f'{numbers}<time datetime="{last.isoformat()}">{ago}</time>')  # noqa: S704 - escaped

    def spoken(self, discussion: Discussion) -> str:
        """The counter line for screen readers."""
        return discussions.spoken_counter_line(discussion, self.now, self.texts)

    def state(self, discussion: Discussion) -> tuple[str, str]:
        """The state as its sign and its words."""
        sign, _, words = discussions.state_line(discussion, self.now, self.texts).partition(" ")
        return sign, words

    def note(self, discussion: Discussion) -> str:
        """Who set the state, and when."""
        return discussions.state_note(discussion, self.texts)

    def as_of(self, discussion: Discussion) -> str:
        """Up to when all of this is sure to be so, if that has to be said."""
        since = discussions.as_of(discussion)
        return "" if since is None else self.texts.say("State as of {when}", when=self.texts.moment(since))

    def body(self, post: Post, names: Names) -> Markup:
        """The words of a message in paragraphs, or why there are none."""
        return Markup(self._words(post, names))  # noqa: S704 - escaped or sanitised

    def _words(self, post: Post, names: Names) -> Html:
        if post.text is None:
            said = self.texts.say(WITHHELD[post.withheld or Withheld.DELETED])
            return Html(f'<p class="withheld">{escape(said)}</p>')
        return message_of(post.ref.channel.space.platform, post.text, names, self)

    def posts(self, posts: Sequence[Post], names: Names, ties: Ties) -> list[Printed]:
        """Messages as their page shows them: a template that asks for each part takes twice as long."""
        authors = {name: Html(Markup.escape(name)) for name in {self.author(post) for post in posts}}
        return [
            Printed(
                Html(f"m{post.ref.position}"),
                authors[self.author(post)],
                self._ago(post.sent_at),
                self._words(post, names),
                post.edited_at is not None and post.text is not None,
                bool(post.files),
                post.votes > 0,
                post,
                ties.replied.get(post.ref.id),
                ties.answers.get(post.ref.id),
                ties.asked.get(post.ref.id),
            )
            for post in posts
        ]

    def card(self, tree: Tree) -> Markup:
        """A part of one of our own cards."""
        return html_of(tree, self)

    def line(self, tree: Tree) -> Markup:
        """A part of a card that stands in a line."""
        return line_of(tree, self)

    def origin(self, channel: KnownChannel) -> str:
        """Which space a channel is in, and where that is."""
        return origin_of(channel)

    def author(self, post: Post) -> str:
        """The name shown above a message."""
        return post.author_name or self.texts.say("Someone")

    def time(self, moment: datetime) -> Markup:
        """How long ago, with the exact moment for machines and on hover."""
        return Markup(self._ago(moment))  # noqa: S704 - escaped

    def _ago(self, moment: datetime) -> Html:
        exact, ago = self.texts.times(moment, self.now)
        return Html(f'<time datetime="{moment.isoformat()}" title="{escape(exact)}">{escape(ago)}</time>')


def texts_in(spaces: Sequence[KnownSpace], request: web.Request) -> Texts:
    """The reader's language, in the zone of the first of the spaces."""
    return texts_for(language_of(request), spaces[0].zone if spaces else "UTC")


def language_of(request: web.Request) -> str:
    """The language that the reader likes best of those we speak; English if they like none of them."""
    return _liked(request.headers.get("Accept-Language", "")[:HEADER])


@lru_cache(maxsize=256)
def _liked(header: str) -> str:
    best = max(map(_wish, header.split(",")), key=lambda wish: wish[0])  # the first of equals
    return best[1] if best[0] > 0 else "en"


def _wish(text: str) -> tuple[float, str]:
    """How much a language is liked, 0 for one that we do not speak."""
    name, _, weight = text.strip().partition(";")
    found = _WEIGHT.fullmatch(weight.strip())
    spoken = name.partition("-")[0].lower() in languages() and len(name) <= NAME
    return float(found[1]) if spoken and found else float(spoken and not weight), name


def names_of(posts: Iterable[Post], channels: Iterable[KnownChannel]) -> Names:
    """Who and what can be named in a text: the people on the page, and channels that may be read on the web."""
    known = {("member", post.author.id): post.author_name for post in posts if post.author and post.author_name}
    known |= {("channel", channel.channel.id): channel.info.name for channel in channels}
    return lambda kind, name: known.get((kind, name))
