"""Commands, shortcuts, buttons and forms: acknowledged at once, answered in private.

Before the acknowledgement, and before a form is opened, nothing is read, so that a stalled store cannot make it late.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import structlog

from adapters.slack.api import Api
from adapters.slack.carrying import TooLong, Unreadable
from adapters.slack.convert import BadPayload, Known
from adapters.slack.convert.addressing import meant
from adapters.slack.convert.interactions import Asked, chosen_from_menu, pressed, said_to_us, sent_form, typed_in
from adapters.slack.convert.reading import Payload, ident, record, stamp
from adapters.slack.people import Roster
from adapters.slack.render import (
    answer_payload,
    form_again,
    menu_view,
    modal,
    opened,
    problem_payload,
    problem_view,
    said_view,
    too_old_payload,
    working_view,
)
from bot.access import Who, refusal
from bot.commands.forms import SENT, form_of, wants_form
from bot.commands.specs import Spec
from bot.commands.table import TABLE
from bot.commands.words import parse_words
from bot.errors import CommandError, NotAllowed, PlatformError
from bot.models import Answer, Asker, Card, Channel, Command, Form, MemberRef, MessageRef, Platform, Role, Thread
from bot.ports import Clock, Inbox, Store
from bot.texts import Texts, texts_for

REMEMBERED = 1000  # messages to us that were answered: a delivery that comes again is not answered again
SOON = 0.4  # seconds that the answer to a form may take to be shown at once
SHOWN = 0.5  # seconds until Slack has surely shown the acknowledgement
NEVER_MIND = frozenset({Role.MEMBER})

Json = Mapping[str, Any]
Spawn = Callable[[Coroutine[Any, Any, None]], None]
log = structlog.get_logger(__name__)


class Asking:
    """Answers people. `spawn` runs what comes after the acknowledgement."""

    def __init__(
        self,
        *,
        api: Api,
        inbox: Inbox,
        store: Store,
        clock: Clock,
        roster: Roster,
        known: Callable[[], Known],
        spawn: Spawn,
    ) -> None:
        self._api = api
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._roster = roster
        self._known = known
        self._spawn = spawn
        self._answered: OrderedDict[tuple[str, str], None] = OrderedDict()

    def ask(self, kind: str, body: Json) -> None:
        """Begin to answer a command, a shortcut, or what was done to a button or list ("action")."""
        work = {"command": self._typed, "shortcut": self._shortcut, "action": self._pressed}[kind]
        self._spawn(self._guarded(work, body))

    def say(self, payload: Payload) -> None:
        """Begin to answer a message that only addresses us; once, however often it is delivered."""
        key = (str(payload.get("channel")), stamp(payload.get("ts")))
        if key in self._answered:
            return
        self._answered[key] = None
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        self._spawn(self._guarded(self._mentioned, payload))

    def _texts(self, uid: str) -> Texts:
        """The language of somebody, as far as it is known without asking."""
        person = self._known().people.get(uid)
        return texts_for((person.locale if person else "") or "en").on(Platform.SLACK)

    async def _guarded(self, work: Callable[[Json], Awaitable[None]], body: Json) -> None:
        """Do it; what goes wrong is logged, with what it was."""
        try:
            await work(body)
        except BadPayload as error:
            log.warning("interaction not understood", reason=str(error))
        except PlatformError as error:
            log.warning("interaction not answered", reason=str(error))

    async def _typed(self, body: Json) -> None:
        """A slash command: bare, it opens the menu."""
        asked = typed_in(body)
        texts = self._texts(asked.uid)
        if not asked.line:
            await self._open(asked, menu_view(texts, None, asked.where))
        else:
            await self._line(asked, texts)

    async def _mentioned(self, payload: Json) -> None:
        asked = said_to_us(payload, self._known().own)
        await self._line(asked, self._texts(asked.uid))

    async def _line(self, asked: Asked, texts: Texts) -> None:
        """Something that was typed."""
        try:
            spec, rest = meant(asked.line, texts, in_thread=bool(asked.where.thread))
            args = parse_words(spec, rest, texts)
        except CommandError as error:
            await self._reply(asked, problem_payload(str(error)))
            return
        await self._begin(asked, spec, args, texts)

    async def _shortcut(self, body: Json) -> None:
        asked = chosen_from_menu(body)
        await self._carried(asked, self._texts(asked.uid))

    async def _pressed(self, body: Json) -> None:
        """A button or a list."""
        try:
            asked = pressed(body)
        except Unreadable:
            url, user = str(body.get("response_url", "")), body.get("user")
            texts = self._texts(str(user.get("id")) if isinstance(user, dict) else "")
            if url:
                await self._api.respond(
                    url, response_type="ephemeral", replace_original=False, **too_old_payload(texts)
                )
            return
        if asked is not None:
            await self._carried(asked, self._texts(asked.uid))

    async def _carried(self, asked: Asked, texts: Texts) -> None:
        """Run a command that came with its arguments."""
        carried = asked.carried
        spec = TABLE.get(carried.command)
        if spec is None:
            await self._reply(asked, too_old_payload(texts))
        elif carried.asks:
            form = opened(carried, self._command(asked, spec.name, carried.args), texts)
            await self._open(asked, modal(form, asked.where), form)
        else:
            await self._begin(asked, spec, carried.args, texts)

    async def _begin(self, asked: Asked, spec: Spec, args: Mapping[str, str], texts: Texts) -> None:
        """Open the form at once, or run the command and say what came of it."""
        command = self._command(asked, spec.name, args)
        try:
            await self._do(asked, spec, command, texts)
        except TooLong as error:
            log.info("more was asked than can be carried", reason=str(error))
            await self._say_why(asked, texts.say("That is too long for me. Please use fewer words, or a shorter link."))

    async def _do(self, asked: Asked, spec: Spec, command: Command, texts: Texts) -> None:
        """What `_begin` does; TooLong where more was given than can be carried."""
        if not wants_form(spec, command.args):
            await self._run(asked, command, texts)
        elif spec.who is Who.ADMIN and self._roster.is_no_admin(asked.uid):
            _refused(command)
            await self._say_why(asked, refusal(spec.who, texts))
        elif spec.fill is not None:
            await self._fill(asked, command, texts)
        else:
            form = form_of(spec, command, texts)
            await self._open(asked, modal(form, asked.where), form)

    async def _say_why(self, asked: Asked, why: str) -> None:
        """Say in a sentence why not, where the answer would have stood."""
        if _in_view(asked):
            await self._open(asked, problem_view(None, why, asked.where))
        else:
            await self._reply(asked, problem_payload(why))

    async def _fill(self, asked: Asked, command: Command, texts: Texts) -> None:
        """Open a form that begins with how things are: at once, and filled as soon as that is known."""
        try:
            view = await self._working(asked, texts)
        except PlatformError as error:
            log.info("a form was opened too late", reason=str(error))
            await self._run(asked, command, texts)
            return
        answer = await self._outcome(command, texts)
        await self._api.send("views.update", view_id=view, view=self._shown(asked, command, answer, texts))

    async def _working(self, asked: Asked, texts: Texts) -> str:
        """A view that says we are at work: in the one it was asked in, or a new one; its id."""
        if asked.view:
            await self._api.send("views.update", view_id=asked.view, view=working_view(texts))
            return asked.view
        made = await self._api.send("views.open", trigger_id=asked.trigger, view=working_view(texts))
        return ident(record(made.get("view")).get("id"))

    def _command(self, asked: Asked, name: str, args: Mapping[str, str]) -> Command:
        """The command, with what is known of who asks; what they may is added when it runs."""
        known, where = self._known(), asked.where
        person = known.people.get(asked.uid)
        channel = Channel(known.space, where.channel or asked.uid)  # in App Home there is no channel
        asker = Asker(
            member=MemberRef(known.space, asked.uid),
            name=(person.name if person else "") or asked.name or asked.uid,
            roles=NEVER_MIND,
            locale=(person.locale if person else "") or "en",
        )
        return Command(
            name=name,
            asker=asker,
            channel=channel,
            at=self._clock.now(),
            thread=Thread(channel, where.thread) if where.thread else None,
            target=MessageRef(channel, where.message) if where.message else None,
            args=args,
        )

    async def _vouched(self, command: Command) -> Command:
        """The command with who asks as Slack vouches for them now."""
        uid = command.asker.member.id
        space = await self._store.places.space(command.channel.space)
        roles = await self._roster.roles(space, uid)
        person = self._known().people.get(uid)
        name = person.name if person and person.name else command.asker.name
        locale = person.locale if person and person.locale else command.asker.locale
        asker = Asker(member=command.asker.member, name=name, roles=roles, locale=locale)
        return replace(command, asker=asker)

    async def _run(self, asked: Asked, command: Command, texts: Texts) -> None:
        """Run a command and say what came of it."""
        view = await self._working(asked, texts) if _in_view(asked) else ""
        answer = await self._outcome(command, texts)
        if view:
            await self._api.send("views.update", view_id=view, view=self._shown(asked, command, answer, texts))
        elif isinstance(answer, str):
            await self._reply(asked, problem_payload(answer))
        else:
            await self._reply(asked, answer_payload(answer, asked.where))

    async def _outcome(self, command: Command, texts: Texts) -> Answer | str:
        """What comes of a command: its answer, or a sentence that says why not."""
        try:
            return await self._inbox.on_command(await self._vouched(command))
        except CommandError as error:
            if isinstance(error, NotAllowed):
                _refused(command)
            return str(error)
        except Exception:
            log.exception("a command failed", command=command.name)
            return texts.say("That did not work just now. Please try again in a minute.")

    @staticmethod
    def _shown(asked: Asked, command: Command, answer: Answer | str, texts: Texts) -> Json:
        """An answer as a view; why not, above the form where there was one, with all that was filled in."""
        if isinstance(answer, str):
            filled = SENT in command.args and command.name in TABLE
            return problem_view(form_again(command, texts) if filled else None, answer, asked.where)
        return said_view(answer, asked.where) if isinstance(answer, Card) else modal(answer, asked.where)

    async def sent(self, body: Json) -> Json:
        """A form was sent: what stands in its place. The answer, if it is there soon; else that we are at work on it.

        The answer then follows, and not before Slack has shown the first: of two changes the last one stays.
        """
        try:
            asked = sent_form(body)
        except (BadPayload, Unreadable) as error:
            log.warning("form not understood", reason=str(error))
            said = texts_for("en").say("Please open this form again: it is from an earlier version.")
            return problem_view(None, said)
        texts = self._texts(asked.uid)
        carried = asked.carried
        command = self._command(asked, carried.command, carried.args)
        outcome = asyncio.create_task(self._outcome(command, texts))
        done, _ = await asyncio.wait([outcome], timeout=SOON)
        if done:
            return self._shown(asked, command, outcome.result(), texts)

        async def follow(_body: Json) -> None:
            await asyncio.sleep(SHOWN)
            view = self._shown(asked, command, await outcome, texts)
            await self._api.send("views.update", view_id=asked.view, view=view)

        self._spawn(self._guarded(follow, body))
        return working_view(texts)

    async def _open(self, asked: Asked, view: Json, form: Form | None = None) -> None:
        """Show a view; where that is too late, the private answer has a button that opens the form."""
        try:
            if asked.view:
                await self._api.send("views.update", view_id=asked.view, view=view)
            else:
                await self._api.send("views.open", trigger_id=asked.trigger, view=view)
        except (PlatformError, TooLong) as error:
            if form is None:
                raise
            log.info("a form was opened too late", reason=str(error))
            await self._reply(asked, answer_payload(form, asked.where))

    async def _reply(self, asked: Asked, payload: Json) -> None:
        """A private answer: in the thread it was asked in, else through the address that came with the question."""
        where = asked.where
        if where.thread and not asked.replaces:
            try:
                await self._api.send(
                    "chat.postEphemeral", channel=where.channel, user=asked.uid, thread_ts=where.thread, **payload
                )
            except PlatformError:
                if not asked.url:
                    raise
            else:
                return
        if asked.url:
            await self._api.respond(asked.url, response_type="ephemeral", replace_original=asked.replaces, **payload)
        else:
            await self._api.send("chat.postEphemeral", channel=where.channel, user=asked.uid, **payload)


def _in_view(asked: Asked) -> bool:
    """Whether it is answered in a view: it was asked in one, or where no message can be answered."""
    return bool(asked.view or (not asked.url and asked.trigger))


def _refused(command: Command) -> None:
    """Log for the operator who tried what they may not do."""
    log.info("refused", command=command.name, member=command.asker.member.id, space=command.channel.space.id)
