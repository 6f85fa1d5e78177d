"""Commands, menus, buttons and forms: acknowledged at once, answered in private."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from adapters.discord.api import Acknowledged, Api
from adapters.discord.carrying import Shelf, Unreadable
from adapters.discord.convert.interactions import Asked, Way, asked_of
from adapters.discord.convert.reading import BadPayload, words
from adapters.discord.render import (
    FILE,
    MENUS,
    answer_payload,
    go_on_payload,
    modal,
    next_form,
    problem_payload,
    too_old_payload,
)
from bot.access import Who, may, refusal
from bot.commands.forms import form_of, wants_form
from bot.commands.specs import Spec
from bot.commands.table import TABLE
from bot.errors import CommandError, NotAllowed, PlatformError
from bot.models import Asker, Command, Handout
from bot.ports import Clock, Inbox
from bot.texts import Texts, texts_for

LAST_RESORT = 0.5  # seconds given to another process, which may know the button, to answer
MESSAGE, DEFER, MODAL = 4, 5, 9  # the kinds of answer that Discord documents
EPHEMERAL = 1 << 6
EARLY = frozenset({Who.MODERATOR, Who.ADMIN})  # what can be refused before anything is read

log = structlog.get_logger(__name__)


class Asking:
    """Answers interactions; of several processes that hear of one, the first one to acknowledge it.

    Before the acknowledgement nothing is read, so that a stalled store cannot make it late.
    """

    def __init__(self, *, api: Api, inbox: Inbox, clock: Clock, shelf: Shelf, own: str) -> None:
        self._api = api
        self._inbox = inbox
        self._clock = clock
        self._shelf = shelf
        self._own = own

    async def answer(self, payload: Mapping[str, Any]) -> None:
        """Answer one interaction; whatever happens is told to the asker or logged."""
        texts = texts_for(words(payload.get("locale")) or "en")
        try:
            await self._answer_or_say_why(payload, texts)
        except Acknowledged:
            log.debug("interaction answered by another process")
        except PlatformError as error:
            log.warning("interaction not answered", reason=str(error))

    async def _answer_or_say_why(self, payload: Mapping[str, Any], texts: Texts) -> None:
        try:
            asked = asked_of(payload, MENUS, self._shelf, self._clock.now(), self._own)
            await self._answer(payload, asked, texts)
        except Unreadable:
            await asyncio.sleep(LAST_RESORT)
            await self._respond(payload, MESSAGE, too_old_payload(texts))
        except BadPayload as error:
            log.warning("interaction not understood", reason=str(error))
            said = texts.say("That works only in a server that has installed me.")
            await self._respond(payload, MESSAGE, problem_payload(said))

    async def _answer(self, payload: Mapping[str, Any], asked: Asked, texts: Texts) -> None:
        command, spec = asked.command, TABLE.get(asked.command.name)
        if spec is None:
            await self._run(payload, command, texts)  # which says that there is none such
        elif asked.page and asked.way is Way.FORM:
            await self._respond(payload, MESSAGE, go_on_payload(command, asked.page, texts, self._shelf))
        elif asked.page:
            form = modal(next_form(command, texts), self._shelf, asked.page, command.args)
            await self._respond(payload, MODAL, form)
        elif _is_refused(spec, command.asker):
            _refused(command)
            await self._respond(payload, MESSAGE, problem_payload(refusal(spec.who, texts)))
        elif wants_form(spec, command.args):
            await self._respond(payload, MODAL, modal(form_of(spec, command, texts), self._shelf))
        else:
            await self._run(payload, command, texts)

    async def _run(self, payload: Mapping[str, Any], command: Command, texts: Texts) -> None:
        """Acknowledge, run, then say what came of it."""
        await self._respond(payload, DEFER, {"flags": EPHEMERAL})
        file = None
        try:
            answer = await self._inbox.on_command(command)
            said = answer_payload(answer, self._shelf)
            if isinstance(answer, Handout) and len(answer.content.encode()) <= FILE:
                file = (answer.name, answer.content)
        except CommandError as error:
            if isinstance(error, NotAllowed):
                _refused(command)
            said = problem_payload(str(error))
        except Exception:
            said = problem_payload(texts.say("That did not work just now. Please try again in a minute."))
            await self._complete(payload, said)
            raise
        await self._complete(payload, said, file)

    async def _respond(self, payload: Mapping[str, Any], kind: int, data: Mapping[str, Any]) -> None:
        await self._api.call(
            "POST",
            "/interactions/{interaction_id}/{interaction_token}/callback",
            json={"type": kind, "data": data},
            urgent=True,
            interaction_id=words(payload.get("id")),
            interaction_token=words(payload.get("token")),
        )

    async def _complete(
        self, payload: Mapping[str, Any], data: Mapping[str, Any], file: tuple[str, str] | None = None
    ) -> None:
        shown = {name: value for name, value in data.items() if name != "flags"}  # it is private already
        await self._api.call(
            "PATCH",
            "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            json=shown,
            file=file,
            urgent=True,
            webhook_id=words(payload.get("application_id")),
            webhook_token=words(payload.get("token")),
        )


def _is_refused(spec: Spec, asker: Asker) -> bool:
    """Whether somebody certainly may not, so that no form is opened; whose role makes a moderator is known later."""
    return spec.who in EARLY and not may(spec.who, asker) and not (spec.who is Who.MODERATOR and asker.groups)


def _refused(command: Command) -> None:
    """Log for the operator who tried what they may not do."""
    log.info("refused", command=command.name, member=command.asker.member.id, space=command.channel.space.id)
