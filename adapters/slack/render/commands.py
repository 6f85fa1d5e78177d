"""The command table as Slack knows it: slash commands and message shortcuts. For the manifest, and for reading them."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.commands.specs import Spec
from bot.commands.table import TABLE
from bot.markup import cut
from bot.texts import phrase

Json = dict[str, Any]

MAIN = "folkmoot"  # always there, and everything can be done with it
GROUPS: Mapping[str, str] = {
    "discussion": phrase("Start, follow and conclude discussions"),
    "highlight": phrase("Highlight a message"),
    "unhighlight": phrase("Take your highlight back"),
    "highlights": phrase("List the best messages"),
    "digest": phrase("Digests: what comes, what came, and why"),
    "catchup": phrase("What you missed"),
    "privacy": phrase("What is stored about you, and your choices"),
    "folkmoot-admin": phrase("Set Folkmoot up in this workspace"),
}  # the short forms; the rest of the table is reached through /folkmoot

SHORTCUTS: Mapping[str, str] = {
    "highlight": "highlight",
    "track": "discussion track",
    "answer": "discussion answer",
    "conclude": "discussion conclude",
}  # callback_id → command; never give one another meaning: it stays in the app that somebody made
SHORTCUT_NAMES: Mapping[str, str] = {
    "highlight": phrase("Highlight"),
    "track": phrase("Treat as a discussion"),
    "answer": phrase("Mark as answer"),
    "conclude": phrase("Conclude"),
}

DESCRIPTION = 100  # characters
USAGE = 100


def slash_commands(prefix: str = "", *, short_forms: bool = True, table: Mapping[str, Spec] = TABLE) -> list[Json]:
    """What the manifest says of slash commands; `prefix` stands before the short forms, which can be left out."""
    main = _command(MAIN, "Everything Folkmoot can do; alone, it opens a menu", "[what to do] or help")
    if not short_forms:
        return [main]
    return [main, *(_command(f"{prefix}{name}", said, _usage(name, table)) for name, said in GROUPS.items())]


def _command(name: str, said: str, usage: str) -> Json:
    """A command; Slack writes members and channels in it by their ids, as it does in messages."""
    described = {"command": f"/{name}", "description": cut(said, DESCRIPTION), "should_escape": True}
    return described | ({"usage_hint": usage} if usage else {})


def _usage(name: str, table: Mapping[str, Spec]) -> str:
    """What may follow a command: its own arguments, or the words that begin what it can do."""
    if name in table:
        return cut(" ".join(f"[{arg.name}]" for arg in table[name].args if arg.shown), USAGE)
    return cut(" | ".join(_verbs(name, table)), USAGE)


def _verbs(group: str, table: Mapping[str, Spec]) -> Iterator[str]:
    return (name.partition(" ")[2] for name in table if name.startswith(f"{group} "))


def line_of(command: str, text: str) -> str:
    """What somebody typed as one line of the table's words, whatever stands before the short form; "" for the menu.

    `command` and `text` are as Slack sends them: ("/fm-discussion", "list") is "discussion list".
    """
    name = command.strip().removeprefix("/").casefold()
    if name == MAIN:
        return text.strip()
    known = max((each for each in GROUPS if name.endswith(each)), key=len, default=name)
    return f"{known} {text}".strip()
