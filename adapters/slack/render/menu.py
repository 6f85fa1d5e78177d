"""What bare /folkmoot opens: the everyday commands as buttons, by what they are about."""

from collections.abc import Iterator, Mapping

from adapters.slack.carrying import NOWHERE, Where
from adapters.slack.render.blocks import Json, buttons, context, section
from adapters.slack.render.forms import NAME
from adapters.slack.render.mrkdwn import fit, fit_words
from bot.access import Who, may
from bot.commands.table import TABLE
from bot.markup import Bold, Text
from bot.models import Asker, Button
from bot.texts import Texts, phrase

GROUPS: Mapping[str, tuple[str, ...]] = {
    phrase("Discussions"): ("discussion start", "discussion list", "discussion status"),
    phrase("What you missed"): ("catchup", "highlights", "digest preview", "digest list"),
    phrase("You and your data"): ("privacy show", "folkmoot status", "folkmoot help"),
    phrase("For moderators and admins"): (
        "folkmoot-admin watch",
        "digest schedule",
        "folkmoot-admin board",
        "folkmoot-admin setup",
        "folkmoot-admin settings",
        "folkmoot-admin doctor",
    ),
}
IN_THREADS = phrase("In threads, use the menu of a message, or mention me: there are no slash commands there.")
LINE = 300  # characters


def menu_payload(texts: Texts, asker: Asker | None = None, where: Where = NOWHERE) -> Json:
    """The menu as a private message; what `asker` may not do anyway is left out."""
    shown = list(_menu(texts, asker, where))
    return {"text": fit_words(texts.say("What you can do here"), LINE), "blocks": shown}


def menu_view(texts: Texts, asker: Asker | None = None, where: Where = NOWHERE) -> Json:
    """The menu as a modal, opened where somebody asked."""
    title = {"type": "plain_text", "text": NAME, "emoji": True}
    return {"type": "modal", "title": title, "blocks": list(_menu(texts, asker, where))}


def _menu(texts: Texts, asker: Asker | None, where: Where) -> Iterator[Json]:
    first = 0
    for heading, names in GROUPS.items():
        shown = [_button(name, texts) for name in names if asker is None or _may(name, asker)]
        if shown:
            yield section(fit((Bold((Text(texts.say(heading)),)),), LINE))
            yield from buttons(shown, where, first=first)
            first += len(shown)
    yield context(fit_words(texts.say(IN_THREADS), LINE))


def _may(name: str, asker: Asker) -> bool:
    """Whether somebody may use a command at all; who may start discussions is looked up when they do."""
    who = TABLE[name].who
    return who not in {Who.MODERATOR, Who.ADMIN} or may(who, asker)


def _button(name: str, texts: Texts) -> Button:
    return Button(label=texts.say(TABLE[name].help), command=name)
