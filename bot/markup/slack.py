"""Slack's mrkdwn: text that comes escaped, with live tokens in angle brackets."""

import re
from collections.abc import Callable, Mapping
from functools import partial

from bot.markup.blocks import Marks, read_blocks
from bot.markup.emoji import EMOJI
from bot.markup.nodes import Bold, Break, Code, Italic, Link, Mention, Node, Strike, Text, Time, Tree
from bot.markup.tokens import Growing, Names, bare_link, masked_link, named, safe_url, shown

_SIGN = re.compile(r"[<>&*_~`\n:]")  # a text without any of these is nothing but words, as most are
_MORE = re.compile(r"[<>&*_~`\n]|:[a-z0-9+-]+:")  # and so is one whose only signs are colons that make no emoji
_TOKEN = re.compile(
    r"""<(?P<angle>[^<>\n]{1,4000})>
    | `(?P<code>[^`\n]++)`
    | (?P<mark>[*_~])
    | (?P<newline>\n)
    | (?<![A-Za-z0-9]):(?P<emoji>[a-z0-9_+-]{1,40}):(?P<tone>:skin-tone-[2-6]:)?
    | (?P<text>[^<`*_~\n:]++|.)""",
    re.VERBOSE,
)
_MARKS = Marks(line=re.compile(r"(?:&gt;|>) ?"), rest=re.compile(r"^(?:&gt;&gt;&gt;|>>>) ?", re.MULTILINE), lists=False)
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_WRITTEN_OUT = re.compile(r"<((?:https?|mailto|tel):[^<>|\n]{1,4000})(?:\|([^<>\n]{0,4000}))?>")
_DATE = re.compile(r"!date\^(-?\d{1,11})\^([^|]*)")
_EVERYBODY = {"here", "channel", "everyone"}
_SCHEMES = ("mailto:", "tel:")
_LABEL = re.compile(r"<([@#][^<>|\n]{1,100})\|[^<>\n]{0,4000}>")
_EMPHASIS: Mapping[str, Callable[[Tree], Node]] = {"*": Bold, "_": Italic, "~": Strike}


def only_words(text: str) -> bool:
    """Whether a message is one line of nothing but words, which are shown as they came."""
    sign = _SIGN.search(text)
    return bool(text) and (sign is None or (sign[0] == ":" and _MORE.search(text, sign.start()) is None))


def parse_slack(text: str, names: Names) -> Tree:
    """Read a message as Slack shows it."""
    if only_words(text):
        return (Text(text),)
    return read_blocks(text, _MARKS, partial(_inline, names=names), _bare)


def decoded(text: str) -> str:
    """Undo Slack's escaping of &, < and >, once."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)


def unlabelled(text: str) -> str:
    """Text as it came, but for the names that its mentions of members and channels bring along."""
    return _LABEL.sub(r"<\1>", text)


def _bare(code: str) -> str:
    """Code as it was typed: Slack makes links in it too, and names who is mentioned."""
    return decoded(_WRITTEN_OUT.sub(lambda found: found[2] or found[1], unlabelled(code)))


def _inline(text: str, *, names: Names) -> Tree:
    tree = Growing()
    for found in _TOKEN.finditer(text):
        match found.lastgroup:
            case "text":
                tree.text(decoded(found["text"]))
            case "newline":
                tree.end_line()
                tree.put(Break())
            case "code":
                tree.put(Code(_bare(found["code"])))
            case "emoji" | "tone":
                tree.text(EMOJI.get(found["emoji"], found[0]))
            case "mark":
                _emphasis(
                    tree,
                    found["mark"],
                    text[max(found.start() - 1, 0) : found.start()],
                    text[found.end() : found.end() + 1],
                )
            case _:
                tree.put(*_angled(found["angle"], names))
    return tree.done()


def _emphasis(tree: Growing, mark: str, before: str, after: str) -> None:
    if tree.is_open(mark) and not before.isspace() and not after.isalnum():
        tree.close_as(mark, _EMPHASIS[mark])
    elif not tree.is_open(mark) and not before.isalnum() and after.strip():
        tree.open(mark)
    else:
        tree.text(mark)


def _angled(inside: str, names: Names) -> Tree:
    """What a token in angle brackets shows."""
    target, _, label = inside.partition("|")
    label = decoded(label)
    match target[:1]:
        case "":
            return (Text(shown(label)),)
        case "@":
            return (Mention(named(names, "member", target[1:])),)
        case "#":
            return (Mention(named(names, "channel", target[1:])),)
        case "!":
            return (_special(target, label, names),)
        case _:
            return _address(decoded(target), label)


def _special(target: str, label: str, names: Names) -> Node:
    name, *rest = target[1:].split("^")
    if date := _DATE.match(target):
        return Time(int(date[1]), "R" if "{ago}" in date[2] else "f")
    if name == "subteam" and rest:
        return Mention(named(names, "group", rest[0], label))
    return Mention(f"@{name}") if name in _EVERYBODY else Text(shown(label or f"<{target}>"))


def _address(url: str, label: str) -> Tree:
    if not label:
        bare = next((url.removeprefix(scheme) for scheme in _SCHEMES if url.startswith(scheme)), url)
        return (bare_link(url),) if bare == url else (Text(shown(bare)),)
    if url.startswith(_SCHEMES):
        return (Text(shown(label)),)
    if safe_url(url) is not None and label.strip("/") == url.split("://", 1)[-1].strip("/"):
        return (Link(safe_url(url) or "", (Text(shown(label)),)),)  # Slack's own short form of the address
    return masked_link(url, (Text(shown(label)),), label)
