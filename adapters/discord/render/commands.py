"""The command table as Discord's application commands: slash commands and message menus, for servers only."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from bot.commands.forms import BEGAN
from bot.commands.specs import Arg, Spec, Words
from bot.commands.table import TABLE
from bot.markup import cut
from bot.texts import languages, phrase, texts_for

Json = dict[str, Any]

DESCRIPTION = 100  # characters
CHOICES = 25
OPTIONS = 25
CHOICE_NAME = 100
TEXT_LIMIT = 6000

SLASH, MESSAGE_MENU = 1, 3
SUBCOMMAND, STRING, INTEGER, BOOLEAN, CHANNEL = 1, 3, 4, 5, 7
GUILD_CONTEXT = [0]
GUILD_INSTALL = [0]
PLACES = [0, 5, 15, 16]  # the types of channel that can be picked: text, announcement, forum, media
ENGLISH = "en"

MENUS: Mapping[str, str] = {
    phrase("Highlight"): "highlight",
    phrase("Treat as a discussion"): "discussion track",
    phrase("Mark as answer"): "discussion answer",
    phrase("Block highlight"): "highlight-admin block",
}
GROUPS: Mapping[str, str] = {
    "discussion": phrase("Start, follow and conclude discussions"),
    "highlight-own": phrase("Decide about highlights of your own messages"),
    "highlight-admin": phrase("Pick and block highlights"),
    "digest": phrase("Digests: what comes, what came, and why"),
    "privacy": phrase("What is stored about you, and your choices"),
    "folkmoot": phrase("Help, and how things stand"),
    "folkmoot-admin": phrase("Set Folkmoot up in this server"),
}
UNSEEN = frozenset({"confirm", BEGAN.name})  # only buttons and forms give them
TYPED = frozenset({("folkmoot-admin log", "channel")})  # takes a word besides channels: "off"


def application_commands(table: Mapping[str, Spec] = TABLE) -> list[Json]:
    """All commands, as PUT /applications/{id}/commands takes them; the same every time."""
    return [*_slash_commands(table), *(_menu(label) for label, name in MENUS.items() if name in table)]


def commands_hash(commands: list[Json]) -> str:
    """A hash that changes exactly when the commands do, so that they are sent again only then."""
    return sha256(json.dumps(commands, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _slash_commands(table: Mapping[str, Spec]) -> Iterator[Json]:
    groups: dict[str, list[Spec]] = {}
    for name, spec in table.items():
        groups.setdefault(name.partition(" ")[0], []).append(spec)
    for name, specs in groups.items():
        if len(specs) == 1 and specs[0].name == name:
            yield _for_servers(SLASH, name) | _described(specs[0].help) | {"options": _options(specs[0])}
        else:
            subcommands = [_subcommand(spec) for spec in specs]
            yield _for_servers(SLASH, name) | _described(GROUPS[name]) | {"options": subcommands}


def _menu(label: str) -> Json:
    names = {code: said for code in _others() if (said := texts_for(code).say(label)) != label}
    return _for_servers(MESSAGE_MENU, label) | ({"name_localizations": names} if names else {})


def _for_servers(kind: int, name: str) -> Json:
    return {"type": kind, "name": name, "contexts": GUILD_CONTEXT, "integration_types": GUILD_INSTALL}


def _subcommand(spec: Spec) -> Json:
    name = spec.name.partition(" ")[2]
    return {"type": SUBCOMMAND, "name": name, **_described(spec.help), "options": _options(spec)}


def _described(text: str, hint: str = "") -> Json:
    """A description in every language that we speak."""

    def said(code: str) -> str:
        texts = texts_for(code)
        parts = [texts.say(part) for part in (text, hint) if part]
        return cut(": ".join(parts), DESCRIPTION)

    return {"description": said(ENGLISH), "description_localizations": {code: said(code) for code in _others()}}


def _others() -> list[str]:
    return [code for code in languages() if code != ENGLISH]


def _options(spec: Spec) -> list[Json]:
    """What a command takes, what is needed first. A command that opens a form asks there for what is missing."""
    args = [arg for arg in spec.args if arg.name not in UNSEEN]
    shown = [_option(spec, arg) for arg in args]
    return sorted(shown, key=lambda option: not option.get("required", False))[:OPTIONS]


def _option(spec: Spec, arg: Arg) -> Json:
    option: Json = {"name": arg.name, "type": _type_of(spec, arg), **_described(arg.label, arg.hint)}
    if arg.required and spec.opens != "form":
        option["required"] = True
    if option["type"] == CHANNEL:
        option["channel_types"] = PLACES
    elif option["type"] == INTEGER:
        option["min_value"] = 0
    elif option["type"] == STRING and 0 < len(arg.choices) <= CHOICES:
        option["choices"] = [_choice(value, label) for value, label in arg.choices]
    elif option["type"] == STRING:
        option["max_length"] = min(arg.limit, TEXT_LIMIT)
    return option


def _type_of(spec: Spec, arg: Arg) -> int:
    if arg.kind is Words.CHANNEL and (spec.name, arg.name) not in TYPED:
        return CHANNEL
    return {Words.NUMBER: INTEGER, Words.FLAG: BOOLEAN}.get(arg.kind, STRING)


def _choice(value: str, label: str) -> Json:
    said = {code: cut(texts_for(code).say(label), CHOICE_NAME) for code in _others()}
    return {"name": cut(label, CHOICE_NAME), "value": value, "name_localizations": said}
