"""What the room shows: a channel, a thread, and the small pages around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from adapters.web.room.room import Person, Room
from adapters.web.site import SITE, names_of
from bot import cardjson
from bot.access import web_shows
from bot.models import Card, Discussion, KnownChannel, MessageRef, Post

SHOWN = 50  # messages of a channel
REPLIES = 500  # messages of a thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing in the room: what a person wrote or a card of ours; `discussion` is the thread that hangs on it."""

    ref: MessageRef
    at: datetime
    post: Post | None = None
    card: Card | None = None
    discussion: Discussion | None = None
    mine: bool = False
    starred: bool = False


async def name_page(request: web.Request, problem: str, name: str = "") -> web.Response:
    """Pick a name."""
    status = web.HTTPUnprocessableEntity.status_code if problem else 200
    return await request.app[SITE].page(request, "room_name.html", status=status, problem=problem, name=name)


async def edit_page(request: web.Request, post: Post) -> web.Response:
    """Change one's own message."""
    return await request.app[SITE].page(request, "room_edit.html", post=post)


async def channel_page(request: web.Request, room: Room, person: Person | None, channel: KnownChannel) -> web.Response:
    """What was said in a channel itself, oldest first."""
    posts = list(await room.store.forum.channel_posts(channel.key, None, SHOWN))[::-1]
    lines = [await _line(room, person, post, threads=True) for post in posts]
    since = posts[0].ref.position if len(posts) == SHOWN else 0
    lines += [line for line in await _ours(room, channel, None) if line.ref.position >= since]
    return await _page(request, room, person, channel, (lines, None, ""))


async def thread_page(
    request: web.Request, room: Room, person: Person | None, channel: KnownChannel, thread: str
) -> web.Response:
    """One thread: what it began with, and the replies."""
    root = MessageRef(channel.channel, thread)
    begun = await room.store.forum.containing(root)
    discussion = begun if begun is not None and begun.thread.id == thread else None
    first = await room.store.forum.post(root)
    if discussion is None and (first is None or begun is not None):
        raise web.HTTPNotFound
    posts: Sequence[Post] = [first] if first is not None else []
    if discussion is not None:
        posts = await room.store.forum.posts(discussion.id, 0, REPLIES)
    lines = [await _line(room, person, post) for post in posts]
    return await _page(request, room, person, channel, (lines + await _ours(room, channel, thread), discussion, thread))


async def _line(room: Room, person: Person | None, post: Post, *, threads: bool = False) -> Line:
    discussion = None
    if threads and post.discussion is not None:
        discussion = await room.store.forum.discussion(post.discussion)
    starred = person is not None and post.highlighted and await room.store.forum.has_vote(post.ref, person.member)
    mine = person is not None and post.author == person.member
    return Line(ref=post.ref, at=post.sent_at, post=post, discussion=discussion, mine=mine, starred=starred)


async def _ours(room: Room, channel: KnownChannel, thread: str | None) -> list[Line]:
    """Our own posts."""
    kept = await room.store.room.own(channel.channel, thread)
    return [Line(ref=ref, at=at, card=cardjson.loads(card)) for ref, card, at in kept]


async def _page(
    request: web.Request,
    room: Room,
    person: Person | None,
    channel: KnownChannel,
    shown: tuple[list[Line], Discussion | None, str],
) -> web.Response:
    lines, discussion, thread = shown
    channels = await room.channels(person)
    return await request.app[SITE].page(
        request,
        "room.html",
        person=person,
        channel=channel,
        channels=channels,
        lines=sorted(lines, key=lambda line: line.ref.position),
        discussion=discussion,
        thread=thread,
        on_forum=discussion is not None and web_shows(channel, discussion),
        names=names_of([line.post for line in lines if line.post], channels),
        wrong_code=request.query.get("code") == "wrong",
    )
