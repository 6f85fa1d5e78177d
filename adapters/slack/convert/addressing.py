"""What somebody wants who begins a message with our mention, or types a line behind /folkmoot."""

import re

from bot.commands.specs import Spec
from bot.commands.table import TABLE
from bot.commands.words import typed
from bot.errors import CommandError
from bot.texts import Texts

IN_THREADS = ("", "discussion ", "folkmoot ", "folkmoot-")  # what may be left out before a verb, in this order
ELSEWHERE = ("", "folkmoot ", "discussion ", "folkmoot-")
_MENTION = re.compile(r"\s*<@([A-Za-z0-9]{1,64})(?:\|[^<>]*)?>[\s,:]*")


def addressed(text: object, own: str) -> str | None:
    """What stands behind our mention at the beginning of a message, None if it does not begin so."""
    found = _MENTION.match(text) if own and isinstance(text, str) and "<@" in text else None
    return text[found.end() :] if found is not None and found[1] == own and isinstance(text, str) else None


def begins_with_a_verb(line: str) -> bool:
    """Whether a line begins with a command of ours, its group named or not."""
    parts = line.casefold().removeprefix("/").split(maxsplit=2)
    names = {" ".join(parts[:1]), " ".join(parts[:2])} - {""}
    return any(f"{group}{name}" in TABLE for group in IN_THREADS for name in names)


def only_addresses(text: object, own: str) -> bool:
    """Whether a message only addresses us: our mention and a command."""
    line = addressed(text, own)
    return line is not None and begins_with_a_verb(line)


def meant(line: str, texts: Texts, *, in_thread: bool = False) -> tuple[Spec, str]:
    """The command that a line begins with, and what follows it: "status" is the discussion's in a thread.

    CommandError names what may have been meant.
    """
    words = line.strip().removeprefix("/")
    for group in IN_THREADS if in_thread else ELSEWHERE:
        try:
            return typed(f"{group}{words}", TABLE, texts)
        except CommandError:
            continue
    admin = words.casefold().partition(" ")[0] == "admin"
    return typed(f"folkmoot-{words}" if admin else words, TABLE, texts)
