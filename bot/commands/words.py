"""What people type: from a line to a command of the table and its arguments, tolerantly."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from bot.commands.specs import Arg, Spec, Words
from bot.errors import CommandError
from bot.markup import clean
from bot.texts import Texts, texts_for

YES = frozenset({"yes", "y", "true", "on", "1", "ja"})
NO = frozenset({"no", "n", "false", "off", "0", "nein", ""})
TEXTUAL = frozenset({Words.TEXT, Words.PARAGRAPH})
NEAR = 6  # commands of a group that are suggested to somebody who typed only the group
ANYWHERE = frozenset({Words.LINK, Words.CHANNEL, Words.CHANNELS})  # recognized for certain, wherever they stand

_TOKEN = re.compile(r'([A-Za-z][\w-]*):"([^"]*)"|"([^"]*)"|(\S+)')
_LOOKS = {
    Words.LINK: re.compile(r"<?https?://\S+|/(?:d|local)/\S+"),
    Words.CHANNEL: re.compile(r"#\S+|<#\S+>"),
    Words.CHANNELS: re.compile(r"#\S+|<#\S+>"),
    Words.ZONE: re.compile(r"[A-Za-z]+/[A-Za-z_+\-/0-9]+|UTC", re.IGNORECASE),
    Words.TIME: re.compile(r"\d{1,2}[:.]\d{2}"),
    Words.SINCE: re.compile(r"\d{1,4}\s?[mhdw]|\d{4}-\d{2}-\d{2}", re.IGNORECASE),
    Words.NUMBER: re.compile(r"#?\d{1,18}"),
}


def typed(line: str, table: Mapping[str, Spec], texts: Texts) -> tuple[Spec, str]:
    """Find the command that a line begins with, and what follows it. CommandError names what may have been meant.

    A slash, and a leading "folkmoot", may stand before it.
    """
    words = line.strip().removeprefix("/").split(maxsplit=1)
    first, rest = (words[0].casefold() if words else "", words[1] if len(words) > 1 else "")
    second, _, after = rest.lstrip().partition(" ")
    whole = f"{first} {second.casefold()}".strip()
    if whole in table:
        return table[whole], after.strip()
    if first in table:
        return table[first], rest.strip()
    if first == "folkmoot" and rest:
        return typed(rest, table, texts)
    raise CommandError(unknown(whole, table, texts))


def unknown(name: str, table: Mapping[str, Spec], texts: Texts) -> str:
    """What to say about a command that does not exist."""
    group = [it for it in table if it.startswith(f"{name} ")]
    near = group[:NEAR] or get_close_matches(name, table, n=2, cutoff=0.5)
    if near:
        names = ", ".join(texts.command(it) for it in near)
        return texts.say("There is no command '/{name}'. Did you mean: {names}?", name=name[:60], names=names)
    return texts.say("There is no command '/{name}'. /folkmoot help lists them all.", name=name[:60])


def parse_words(spec: Spec, words: str, texts: Texts | None = None) -> dict[str, str]:
    """Turn what was typed behind a command into its arguments, unchecked (`run` checks them).

    `name:value`, `name:"several words"` and `name:#one #two` always work; else links, channels, choices, zones, times
    and numbers are known by their looks, and what is left goes on with the text that was begun last, or to the first
    that is not given yet. CommandError for a word that has no place.
    """
    parse = _Parse(spec)
    for found in _TOKEN.finditer(words):
        name, quoted, bare_quoted, token = found.groups()
        if name is None:
            parse.word(token if token is not None else bare_quoted)
        elif not parse.named(name, quoted):
            parse.word(quoted)
    if parse.left:
        said = texts or texts_for("en", "UTC")
        raise CommandError(
            said.say(
                "I don't know what '{words}' is for. It works like this: {usage}.",
                words=" ".join(parse.left)[:60],
                usage=usage(spec, said),
            )
        )
    return parse.args


def usage(spec: Spec, texts: Texts) -> str:
    """How a command is typed: "/highlight link [note]"."""
    shown = [arg.name if arg.required else f"[{arg.name}]" for arg in spec.args if arg.shown]
    return " ".join([texts.command(spec.name), *shown])


class _Parse:
    """One line being read from left to right."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._text = -1  # index of the text that words flow into
        self._list: Arg | None = None  # the list of channels that was named last, which goes on
        self.args: dict[str, str] = {}
        self.left: list[str] = []

    def named(self, name: str, value: str, *, goes_on: bool = False) -> bool:
        """Take a name with its value, or its first word; False if the command has no such argument."""
        arg = self._spec.arg(name.replace("-", "_"))
        if arg is not None:
            self.args[arg.name] = value
            self._list = arg if arg.kind is Words.CHANNELS else None
            if goes_on and arg.kind in TEXTUAL:
                self._text = self._spec.args.index(arg)
        return arg is not None

    def word(self, token: str) -> None:
        """Find the place of one word."""
        name, colon, value = token.partition(":")
        if colon and self.named(name, value, goes_on=True):
            return
        if self._list is not None and _fits(self._list, token):
            self.args[self._list.name] += f" {token}"
            return
        for index, arg in enumerate(self._spec.args):
            open_ = arg.name not in self.args and (index > self._text or arg.kind in ANYWHERE)
            if open_ and _fits(arg, token):
                self.args[arg.name] = _value(arg, token)
                return
        self._flow(token)

    def _flow(self, token: str) -> None:
        """Let a word go to the text it continues, to the next text, or to whatever is not given yet."""
        if self._text >= 0:
            self.args[self._spec.args[self._text].name] += f" {token}"
            return
        free = [(index, arg) for index, arg in enumerate(self._spec.args) if arg.name not in self.args and arg.shown]
        texts = [(index, arg) for index, arg in free if arg.kind in TEXTUAL]
        others = [arg for _, arg in free if arg.kind not in TEXTUAL and arg.kind is not Words.FLAG]
        if texts and not (others and others[0].required and self._spec.args.index(others[0]) < texts[0][0]):
            self._text = texts[0][0]
            self.args[texts[0][1].name] = token
        elif others:
            self.args[others[0].name] = token
        else:
            self.left.append(token)


def _fits(arg: Arg, token: str) -> bool:
    """Whether a word is one of this kind by its looks."""
    folded = token.casefold()
    if arg.kind is Words.FLAG:
        return folded.lstrip("-").replace("-", "_") == arg.name
    if arg.kind is Words.CHOICE:
        return any(folded == value.casefold() for value, _ in arg.choices)
    looks = _LOOKS.get(arg.kind)
    return looks is not None and looks.fullmatch(token) is not None


def _value(arg: Arg, token: str) -> str:
    return "yes" if arg.kind is Words.FLAG else token


def checked(spec: Spec, given: Mapping[str, str], texts: Texts) -> dict[str, str]:
    """Check arguments against their kinds and bring them into shape. CommandError for the first that is wrong."""
    for name in given:
        if spec.arg(name) is None:
            raise CommandError(
                texts.say(
                    "/{command} takes nothing called '{name}'. It works like this: {usage}.",
                    command=spec.name,
                    name=name[:40],
                    usage=usage(spec, texts),
                )
            )
    said: dict[str, str] = {}
    for arg in spec.args:
        value = clean(given.get(arg.name, "")).strip()
        if arg.kind is not Words.PARAGRAPH:
            value = " ".join(value.split())
        if value:
            said[arg.name] = _shaped(arg, value, texts)
        elif arg.required:
            raise CommandError(
                texts.say("Please give '{label}': {usage}.", label=texts.say(arg.label), usage=usage(spec, texts))
            )
    return said


def _shaped(arg: Arg, value: str, texts: Texts) -> str:
    label = texts.say(arg.label)
    if len(value) > arg.limit:
        raise CommandError(
            texts.say(
                "'{label}' may have at most {limit} characters; yours has {n}.",
                label=label,
                limit=arg.limit,
                n=len(value),
            )
        )
    match arg.kind:
        case Words.CHOICE:
            return _choice(arg, value, label, texts)
        case Words.NUMBER:
            return _number(value, label, texts)
        case Words.FLAG:
            return _flag(value, label, texts)
        case _:
            return value


def _choice(arg: Arg, value: str, label: str, texts: Texts) -> str:
    folded = value.casefold()
    for choice, said in arg.choices:
        if folded in {choice.casefold(), said.casefold(), texts.say(said).casefold()}:
            return choice
    raise CommandError(
        texts.say(
            "'{value}' is no choice for '{label}'. Choose one of: {choices}.",
            value=value[:40],
            label=label,
            choices=", ".join(choice for choice, _ in arg.choices),
        )
    )


def _number(value: str, label: str, texts: Texts) -> str:
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdecimal()):
        raise CommandError(texts.say("'{label}' must be a number, not '{value}'.", label=label, value=value[:40]))
    return str(int(digits))


def _flag(value: str, label: str, texts: Texts) -> str:
    folded = value.casefold()
    if folded in YES:
        return "yes"
    if folded in NO:
        return ""
    raise CommandError(texts.say("'{label}' is yes or no, not '{value}'.", label=label, value=value[:40]))
