"""What the room shows: a channel, a thread, and the small pages around them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from adapters.web import asked
from adapters.web.room.answers import Told
from adapters.web.room.menus import Choice, about_discussion, about_message, completions
from adapters.web.room.room import Person, Room
from adapters.web.site import SITE, names_of
from bot import cardjson
from bot.access import reader_scope, web_shows
from bot.models import LAST_POSITION, Card, Discussion, KnownChannel, MessageRef, Post, Tab, Thread, Withheld
from bot.urls import HERE_URLS

SHOWN = 50  # messages of a channel
REPLIES = 200  # messages of a thread
KNOWN = 200  # discussions of a channel that are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing in the room: what a person wrote or a card of ours; `discussion` is the thread that hangs on it.

    `private` are the reader's own words that others do not see, because the reader opted out.
    """

    ref: MessageRef
    at: datetime
    post: Post | None = None
    card: Card | None = None
    discussion: Discussion | None = None
    mine: bool = False
    private: bool = False
    starred: bool = False
    menu: Sequence[Choice] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page of the room shows; `earlier` and `later` are the queries that lead to the pages beside it, or ""."""

    lines: Sequence[Line]
    discussion: Discussion | None = None
    thread: Thread | None = None
    earlier: str = ""
    later: str = ""
    newest: bool = True


async def name_page(request: web.Request, problem: str, name: str = "") -> web.Response:
    """Pick a name."""
    status = web.HTTPUnprocessableEntity.status_code if problem else 200
    return await request.app[SITE].page(request, "room_name.html", status=status, problem=problem, name=name)


async def edit_page(request: web.Request, post: Post, back: str) -> web.Response:
    """Change one's own message."""
    return await request.app[SITE].page(request, "room_edit.html", post=post, back=back)


async def channel_page(request: web.Request, room: Room, person: Person | None, channel: KnownChannel) -> web.Response:
    """What was said in a channel itself, oldest first: the newest page, or the one before a position."""
    before = asked.number(request, "before")
    found = await room.store.forum.channel_posts(channel.key, before, SHOWN + 1)
    posts = list(found[:SHOWN])[::-1]
    more = len(found) > SHOWN
    first = posts[0].ref.position if more else 0
    lines = await _lines(room, person, posts, await _discussions(room, channel, posts))
    lines += await _ours(room, channel, None, range(first, LAST_POSITION + 1 if before is None else before))
    earlier = f"before={first}" if more else ""
    return await _page(request, room, person, channel, Shown(lines=lines, earlier=earlier, newest=before is None))


async def thread_page(
    request: web.Request, room: Room, person: Person | None, channel: KnownChannel, thread: str
) -> web.Response:
    """One thread: what it began with and the newest replies, or the replies after a position."""
    root = MessageRef(channel.channel, thread)
    begun = await room.store.forum.containing(root)
    discussion = begun if begun is not None and begun.thread.id == thread else None
    first = await room.store.forum.post(root)
    if discussion is None and (first is None or begun is not None):
        raise web.HTTPNotFound
    posts, pages = await _replies(room, discussion, first, asked.number(request, "after"))
    lines = await _lines(room, person, posts, {}, discussion)
    lines += await _ours(room, channel, thread, _span(posts, pages))
    shown = replace(pages, lines=lines, discussion=discussion, thread=Thread(channel.channel, thread))
    return await _page(request, room, person, channel, shown)


async def _replies(
    room: Room, discussion: Discussion | None, first: Post | None, after: int | None
) -> tuple[Sequence[Post], Shown]:
    """The messages of a page of a thread, and where its neighbours are."""
    if discussion is None:
        return ([first] if first is not None else []), Shown(lines=())
    if after is not None:
        found = await room.store.forum.posts(discussion.id, after, REPLIES + 1)
        later = f"after={found[REPLIES - 1].ref.position}" if len(found) > REPLIES else ""
        return found[:REPLIES], Shown(lines=(), later=later, newest=False)
    newest = list(await room.store.forum.newest(discussion.id, REPLIES + 1))[::-1]
    if len(newest) <= REPLIES:
        return await room.store.forum.posts(discussion.id, 0, REPLIES), Shown(lines=())
    opening = await room.store.forum.opening(discussion.id)
    return [*([opening] if opening else []), *newest[1:]], Shown(lines=(), earlier="after=0")


def _span(posts: Sequence[Post], pages: Shown) -> range:
    """Which positions a page of a thread covers, for our own posts between the messages."""
    begin = 0 if not pages.earlier else posts[-REPLIES].ref.position
    return range(begin, posts[-1].ref.position if pages.later else LAST_POSITION + 1)


async def _discussions(room: Room, channel: KnownChannel, posts: Sequence[Post]) -> Mapping[int, Discussion]:
    """The discussions that hang on posts, by number: most of them in one read."""
    wanted = {post.discussion for post in posts if post.discussion is not None}
    if not wanted:
        return {}
    scope = reader_scope([channel], [channel.channel], channel.channel)
    found = await room.store.forum.discussions(scope, Tab.ALL, room.clock.now(), KNOWN)
    known = {each.id: each for each in found if each.id in wanted}
    for number in wanted - known.keys():
        if (discussion := await room.store.forum.discussion(number)) is not None:
            known[number] = discussion
    return known


async def _lines(
    room: Room,
    person: Person | None,
    posts: Sequence[Post],
    discussions: Mapping[int, Discussion],
    inside: Discussion | None = None,
) -> list[Line]:
    """Posts as the reader sees them, with what hangs on them and what the reader may do; `inside` is their thread's."""
    starred: Collection[MessageRef] = ()
    private = {post.ref for post in posts if post.withheld is Withheld.OPTED_OUT}
    if person is not None:
        posts = await room.own_words(person, posts)
        if any(post.highlighted for post in posts):
            starred = frozenset(await room.store.people.voted(person.member))
    return [
        Line(
            ref=post.ref,
            at=post.sent_at,
            post=post,
            discussion=(hangs := discussions.get(post.discussion or 0)),
            mine=person is not None and post.author == person.member,
            private=post.ref in private and post.text is not None,
            starred=post.ref in starred,
            menu=about_message(person, post, inside or hangs),
        )
        for post in posts
    ]


async def _ours(room: Room, channel: KnownChannel, thread: str | None, positions: range) -> list[Line]:
    """Our own posts that stand at some positions."""
    kept = await room.store.room.own(channel.channel, thread)
    return [Line(ref=ref, at=at, card=cardjson.loads(card)) for ref, card, at in kept if ref.position in positions]


def _told(request: web.Request, room: Room, person: Person | None) -> Told | None:
    """The answer that the reader came back for."""
    word = request.query.get("answer", "")
    return room.answers.get(person.member, word) if person is not None and word else None


async def _page(
    request: web.Request, room: Room, person: Person | None, channel: KnownChannel, shown: Shown
) -> web.Response:
    site, discussion = request.app[SITE], shown.discussion
    channels = await room.channels(person)
    texts = await site.texts(request)
    return await site.page(
        request,
        "room.html",
        person=person,
        channel=channel,
        channels=channels,
        shown=shown,
        lines=sorted(shown.lines, key=lambda line: line.ref.position),
        discussion=discussion,
        thread="" if shown.thread is None else shown.thread.id,
        page=HERE_URLS.room(channel.channel) if shown.thread is None else HERE_URLS.room_thread(shown.thread),
        told=_told(request, room, person),
        menu=about_discussion(person, discussion, shown.thread),
        completions=completions(person, texts),
        on_forum=discussion is not None and web_shows(channel, discussion),
        names=names_of([line.post for line in shown.lines if line.post], channels),
        wrong_code=request.query.get("code") == "wrong",
    )
