"""What goes out: cards, forms and answers; and what comes in from a person who asks for something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.markup import Tree
from bot.models.places import Channel, MemberRef, MessageRef, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A labelled part of a card."""

    label: str
    value: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button: it runs the command `command` with `args`, or opens `url`."""

    label: str
    command: str = ""  # a name of the command table
    args: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The only thing ever sent. Holds no live mention; renderers keep inside their platform's limits."""

    title: str = ""
    url: str = ""
    body: Tree = ()
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: Tree = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout(Card):
    """A private answer that hands over a file of text; where a platform has no way to do that, it says `instead`."""

    name: str
    content: str
    instead: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One thing to fill in; `choices` are (value, label)."""

    name: str
    label: str
    kind: Literal["line", "paragraph", "choice"] = "line"
    required: bool = True
    value: str = ""
    hint: str = ""
    limit: int = 4000  # characters
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The only thing ever asked; sending it runs `command` with `args` and the fields' values."""

    title: str
    command: str
    fields: tuple[FormField, ...]
    submit: str
    args: Mapping[str, str] = field(default_factory=dict)


Answer = Card | Form


class Role(StrEnum):
    """What somebody may do, seen from one channel."""

    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who runs a command, as the platform vouches at that moment; an admin is also a moderator.

    `groups` are the ids of what they belong to there, where that comes with the command (Discord: their roles).
    `everywhere`: a moderator of the whole space, not only of the channel where the command is used.
    """

    member: MemberRef
    name: str
    roles: frozenset[Role] = frozenset({Role.MEMBER})
    locale: str = "en"
    groups: frozenset[str] = frozenset()
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One use of a command; `name` is a name of the command table ("discussion conclude")."""

    name: str
    asker: Asker
    channel: Channel
    at: datetime
    thread: Thread | None = None
    target: MessageRef | None = None  # the message a menu or button was used on
    args: Mapping[str, str] = field(default_factory=dict)
