"""Commands in the room: typed lines, buttons and forms; the answer is a page that only the asker sees."""

from collections.abc import Mapping

from aiohttp import web

from adapters.web.room.room import Person, Room
from adapters.web.site import SITE
from bot.commands.table import TABLE
from bot.commands.words import parse_words, typed
from bot.errors import CommandError
from bot.models import Answer, Command, Form, KnownChannel, Thread

ARG = "arg."  # what the fields of a command's arguments begin with


async def answer_page(
    request: web.Request, room: Room, person: Person, channel: KnownChannel, thread: str, line: str
) -> web.Response:
    """Run a typed command."""
    texts = await request.app[SITE].texts(request)
    try:
        spec, words = typed(line, TABLE, texts)
        args = parse_words(spec, words, texts)
    except CommandError as error:
        return await _page(request, channel, thread, None, str(error))
    return await _run(request, room, person, (channel, thread), (spec.name, args))


async def ask(
    request: web.Request, room: Room, person: Person, channel: KnownChannel, sent: Mapping[str, str]
) -> web.Response:
    """Run the command of a button or a form."""
    args = {name.removeprefix(ARG): value for name, value in sent.items() if name.startswith(ARG) and value}
    thread = sent.get("thread", "")
    if sent.get("command", "") not in TABLE or (thread and not (thread.isascii() and thread.isdecimal())):
        raise web.HTTPBadRequest
    return await _run(request, room, person, (channel, thread[:18]), (sent["command"], args))


async def _run(
    request: web.Request,
    room: Room,
    person: Person,
    where: tuple[KnownChannel, str],
    what: tuple[str, Mapping[str, str]],
) -> web.Response:
    texts = await request.app[SITE].texts(request)
    channel, thread = where
    command = Command(
        name=what[0],
        asker=person.asker(texts.locale),
        channel=channel.channel,
        at=room.clock.now(),
        thread=Thread(channel.channel, thread) if thread else None,
        args=what[1],
    )
    try:
        answer = await room.core().on_command(command)
    except CommandError as error:
        return await _page(request, channel, thread, None, str(error))
    return await _page(request, channel, thread, answer, "")


async def _page(
    request: web.Request, channel: KnownChannel, thread: str, answer: Answer | None, problem: str
) -> web.Response:
    return await request.app[SITE].page(
        request,
        "room_answer.html",
        channel=channel,
        thread=thread,
        form=answer if isinstance(answer, Form) else None,
        card=None if isinstance(answer, Form) else answer,
        problem=problem,
    )
