"""The pages and forms of the room. Every form ends in a redirect, so that a reload sends nothing twice."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from adapters.web.room.asking import ID, WIDEST, Where, ask, ask_line, is_id
from adapters.web.room.guard import check_origin, let_in
from adapters.web.room.names import COOKIE, LONGEST, person_of, set_name, tidy
from adapters.web.room.room import HELD_FOR, Person, Room
from adapters.web.room.views import channel_page, edit_page, name_page, thread_page
from bot.markup import clean
from bot.models import KnownChannel, MessageRef, Post
from bot.urls import HERE_URLS

TEXT = 4000  # characters of a message

Act = Callable[["Visit"], Awaitable[web.StreamResponse]]


class Visit:
    """One request to the room: who asks, where, and what they sent."""

    def __init__(self, request: web.Request, room: Room, person: Person | None) -> None:
        self.request = request
        self.room = room
        self.person = person

    async def channel(self) -> KnownChannel:
        """The channel of the address."""
        return await self.room.channel(self.request.match_info["channel"], self.person)

    async def post(self) -> Post:
        """The message of the address; 404 if its words may not be seen by who asks."""
        channel = await self.channel()
        post = await self.room.store.forum.post(MessageRef(channel.channel, self.request.match_info["message"]))
        if post is not None and self.person is not None:
            [post] = await self.room.own_words(self.person, [post])
        if post is None or post.text is None:
            raise web.HTTPNotFound
        return post

    async def thread(self, channel: KnownChannel) -> str:
        """The thread that a form is about, "" for the channel itself; 404 for none of it. A reply names its thread."""
        named = await self.field("thread", WIDEST)
        if not named:
            return ""
        ref = MessageRef(channel.channel, named)
        if not is_id(named) or await self.room.store.forum.post(ref) is None:
            raise web.HTTPNotFound
        begun = await self.room.store.forum.containing(ref)
        return named if begun is None else begun.thread.id

    async def sent(self) -> dict[str, str]:
        """The words in the fields of a form, files left out; 400 for what is no form."""
        try:
            fields = await self.request.post()
        except (ValueError, LookupError, RuntimeError, web.RequestPayloadError):  # as aiohttp has it, and its codecs
            raise web.HTTPBadRequest from None
        return {name: value for name, value in fields.items() if isinstance(value, str)}

    async def field(self, name: str, limit: int = TEXT) -> str:
        """What stands in a field; 413 when it is too long."""
        text = clean((await self.sent()).get(name, "").replace("\r\n", "\n")).strip()
        if len(text) > limit:
            raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(text))
        return text

    def me(self) -> Person:
        """Who asks; whoever has no name is sent to pick one."""
        if self.person is None:
            raise web.HTTPSeeOther("/local")
        return self.person


def _page(room: Room, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Let people in who only look."""

    async def handle(request: web.Request) -> web.StreamResponse:
        let_in(request, local_only=room.local_only)
        return await act(Visit(request, room, await person_of(request, room)))

    return handle


def _form(room: Room, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Let people in who do something: from our own pages, not too fast, and under a name that is still theirs."""

    async def handle(request: web.Request) -> web.StreamResponse:
        let_in(request, local_only=room.local_only)
        check_origin(request)
        person = await person_of(request, room)
        if not room.pace.allows(person.member if person else request.remote, room.clock.now()):
            raise web.HTTPTooManyRequests
        if person is not None and not await room.store.room.hold_name(person.member, room.clock.now(), HELD_FOR):
            person = None
        return await act(Visit(request, room, person))

    return handle


def add_room(app: web.Application, room: Room) -> None:
    """Add the room to the application."""
    page, form = partial(_page, room), partial(_form, room)
    channel = "/local/{channel:[a-z]{1,32}}"
    message = f"{channel}/m/{{message:{ID}}}"
    app.add_routes(
        [
            web.get("/local", page(entrance)),
            web.post("/local/name", form(pick_name)),
            web.post("/local/code", form(enter_code)),
            web.post("/local/leave", form(leave)),
            web.get(channel, page(show_channel)),
            web.get(f"{channel}/{{thread:{ID}}}", page(show_thread)),
            web.get(f"{channel}/file", page(file)),
            web.post(f"{channel}/say", form(say)),
            web.post(f"{channel}/command", form(command)),
            web.get(f"{message}/edit", page(edit)),
            web.post(f"{message}/edit", form(change)),
            web.post(f"{message}/delete", form(delete)),
            web.post(f"{message}/star", form(star)),
        ]
    )


async def entrance(visit: Visit) -> web.StreamResponse:
    """Pick a name, or go on to the first channel."""
    if visit.person is None:
        return await name_page(visit.request, "")
    raise web.HTTPSeeOther("/local/general")


async def file(visit: Visit) -> web.StreamResponse:
    """Hand over the file of an answer, to its asker alone."""
    told = visit.room.answers.get(visit.me().member, visit.request.query.get("answer", ""))
    if told is None or told.file is None:
        raise web.HTTPNotFound
    headers = {"Content-Disposition": f'attachment; filename="{told.file.name}"', "Cache-Control": "no-store"}
    return web.Response(text=told.file.content, content_type="application/x-ndjson", headers=headers)


async def pick_name(visit: Visit) -> web.StreamResponse:
    """Take a name while nobody else holds it."""
    name = tidy(await visit.field("name", 10 * LONGEST))
    if not name:
        return await name_page(visit.request, "empty")
    member = await visit.room.store.room.take_name(name, visit.room.clock.now(), HELD_FOR)
    if member is None:
        return await name_page(visit.request, "taken", name)
    return await _named(visit, Person(member=member, name=name))


async def enter_code(visit: Visit) -> web.StreamResponse:
    """Become a moderator by the code that was printed at the start."""
    me = visit.me()
    if not visit.room.redeem(await visit.field("code", 200)):
        raise web.HTTPSeeOther("/local/general?code=wrong")
    return await _named(visit, Person(member=me.member, name=me.name, moderator=True))


async def _named(visit: Visit, person: Person) -> web.StreamResponse:
    visit.room.remember(person)
    response = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": "/local/general"})
    await set_name(visit.request, response, visit.room, person)
    return response


async def leave(visit: Visit) -> web.StreamResponse:
    """Let the name go."""
    if visit.person is not None:
        await visit.room.store.room.leave(visit.person.member)
    response = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": "/local"})
    response.del_cookie(COOKIE, path="/local")
    return response


async def show_channel(visit: Visit) -> web.StreamResponse:
    """What was said in a channel."""
    return await channel_page(visit.request, visit.room, visit.person, await visit.channel())


async def show_thread(visit: Visit) -> web.StreamResponse:
    """One thread."""
    thread = visit.request.match_info["thread"]
    return await thread_page(visit.request, visit.room, visit.person, await visit.channel(), thread)


async def say(visit: Visit) -> web.StreamResponse:
    """Post into a channel or a thread; what begins with a slash is a command."""
    me, channel = visit.me(), await visit.channel()
    thread, text = await visit.thread(channel), await visit.field("text")
    where = Where(channel=channel, thread=thread)
    if text.startswith("/"):
        return await ask_line(visit.request, visit.room, me, where, text)
    if not text:
        raise web.HTTPSeeOther(where.page)
    ref = await visit.room.say(me, channel.channel, thread or None, text)
    raise web.HTTPSeeOther(f"{where.page}#m{ref.position}")


async def command(visit: Visit) -> web.StreamResponse:
    """Run the command of a button, a menu or a form."""
    me, channel = visit.me(), await visit.channel()
    sent = {name: clean(value) for name, value in (await visit.sent()).items()}
    return await ask(visit.request, visit.room, me, Where(channel=channel, thread=sent.get("thread", "")), sent)


async def _own(visit: Visit) -> Post:
    """One's own message; 404 for anybody else's."""
    post = await visit.post()
    if post.author != visit.me().member:
        raise web.HTTPNotFound
    return post


async def _seen_at(visit: Visit, post: Post) -> str:
    """Where a message is seen."""
    discussion = await visit.room.store.forum.containing(post.ref)
    return HERE_URLS.room_message(post.ref, None if discussion is None else discussion.thread)


async def edit(visit: Visit) -> web.StreamResponse:
    """The form to change one's own message."""
    post = await _own(visit)
    return await edit_page(visit.request, post, await _seen_at(visit, post))


async def change(visit: Visit) -> web.StreamResponse:
    """Replace the words of one's own message."""
    post, text = await _own(visit), await visit.field("text")
    if text and text != post.text:
        await visit.room.change(visit.me(), post, text)
    raise web.HTTPSeeOther(await _seen_at(visit, post))


async def delete(visit: Visit) -> web.StreamResponse:
    """Delete one's own message."""
    post = await _own(visit)
    place = await _seen_at(visit, post)
    await visit.room.take_back(post)
    raise web.HTTPSeeOther(place.partition("#")[0])


async def star(visit: Visit) -> web.StreamResponse:
    """Highlight a message, or take that back."""
    me, post = visit.me(), await visit.post()
    if post.author != me.member:
        await visit.room.star(me, post)
    raise web.HTTPSeeOther(await _seen_at(visit, post))
