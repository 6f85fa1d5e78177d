"""Commands in the room: typed lines, buttons, menus and forms. The answer waits on the page, for the asker alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.web.room.answers import Told
from adapters.web.room.room import Person, Room
from adapters.web.site import SITE
from bot.commands.table import TABLE
from bot.commands.words import parse_words, typed
from bot.errors import CommandError
from bot.models import Channel, Command, KnownChannel, MessageRef, Thread
from bot.urls import HERE_URLS

ARG = "arg."  # what the fields of a command's arguments begin with
WIDEST = 18  # digits of an id
ID = rf"[1-9][0-9]{{0,{WIDEST - 1}}}"
_ID = re.compile(ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where in the room somebody asks; `thread` is "" in the channel itself."""

    channel: KnownChannel
    thread: str = ""

    @property
    def page(self) -> str:
        """The page they are on."""
        room = HERE_URLS.room(self.channel.channel)
        return f"{room}/{self.thread}" if self.thread else room


async def ask_line(request: web.Request, room: Room, person: Person, where: Where, line: str) -> web.StreamResponse:
    """Run a typed command."""
    texts = await request.app[SITE].texts(request)
    try:
        spec, words = typed(line, TABLE, texts)
        args = parse_words(spec, words, texts)
    except CommandError as error:
        return _answered(room, person, where, Told(problem=str(error)))
    return await _run(request, room, person, where, (spec.name, args, None))


async def ask(
    request: web.Request, room: Room, person: Person, where: Where, sent: Mapping[str, str]
) -> web.StreamResponse:
    """Run the command of a button, a menu or a form; `target` is the message a menu was used on."""
    args = {name.removeprefix(ARG): value for name, value in sent.items() if name.startswith(ARG) and value}
    target = sent.get("target", "")
    if sent.get("command", "") not in TABLE or not all(map(is_id, filter(None, (where.thread, target)))):
        raise web.HTTPBadRequest
    ref = MessageRef(where.channel.channel, target) if target else None
    return await _run(request, room, person, where, (sent["command"], args, ref))


def is_id(text: str) -> bool:
    """Whether a text can be the id of a message in the room: one position has one id, so none begins with 0."""
    return _ID.fullmatch(text) is not None


async def _run(
    request: web.Request,
    room: Room,
    person: Person,
    where: Where,
    what: tuple[str, Mapping[str, str], MessageRef | None],
) -> web.StreamResponse:
    texts = await request.app[SITE].texts(request)
    name, args, target = what
    channel: Channel = where.channel.channel
    command = Command(
        name=name,
        asker=person.asker(texts.locale),
        channel=channel,
        at=room.clock.now(),
        thread=Thread(channel, where.thread) if where.thread else None,
        target=target,
        args=args,
    )
    try:
        told = Told(answer=await room.core().on_command(command))
    except CommandError as error:
        told = Told(problem=str(error))
    return _answered(room, person, where, told)


def _answered(room: Room, person: Person, where: Where, told: Told) -> web.StreamResponse:
    """Lead the asker back to their page, where the answer waits."""
    word = room.answers.keep(person.member, told)
    return web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": f"{where.page}?answer={word}#answer"})
