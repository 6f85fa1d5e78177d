"""What a command is: one row of the table, without saying how any platform shows it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.access import Who
from bot.commands.context import Context
from bot.models import Answer, Command

Handler = Callable[[Context, Command], Awaitable[Answer]]
Fill = Callable[[Context, Command], Awaitable[Mapping[str, str]]]


class Words(StrEnum):
    """What kind of word an argument is; adapters offer a picker for the ones their platform has one for."""

    TEXT = "text"  # one line
    PARAGRAPH = "paragraph"
    LINK = "link"  # to a message or a discussion
    CHANNEL = "channel"  # "#help", its id, or a platform's own way of naming it
    CHANNELS = "channels"  # one or several, parted by spaces or commas
    CHOICE = "choice"
    ZONE = "zone"  # an IANA time zone
    TIME = "time"  # of day, "09:00"
    SINCE = "since"  # "7d", "12h", "2026-08-03"
    NUMBER = "number"
    FLAG = "flag"  # there ("yes") or not


class About(StrEnum):
    """What a command is about, so that who opened or wrote it can be looked up before anything is done."""

    PLACE = "place"  # the channel or the space it is used in
    DISCUSSION = "discussion"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arg:
    """One thing a command takes. `label` and `hint` are English, marked for the catalogues.

    `choices` are (value, label). A form shows it unless `shown` is False: then it only travels along (ids). Whoever
    gives nothing but what `names` the thing that is meant is still asked for the rest.
    """

    name: str
    label: str
    kind: Words = Words.TEXT
    required: bool = False
    hint: str = ""
    limit: int = 300  # characters
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""  # what a form begins with
    shown: bool = True
    names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One command: its name as typed, what it says of itself, who may, what it takes and what runs.

    `public` is True if something that others see comes of it; the answer itself is always private. `fill` looks up what
    its form begins with; a platform that has to open forms at once goes without. `signed`: what it changes is kept in
    the asker's name.
    """

    name: str
    help: str
    who: Who
    run: Handler
    args: tuple[Arg, ...] = ()
    about: About = About.PLACE
    opens: Literal["answer", "form"] = "answer"
    public: bool = False
    signed: bool = False
    fill: Fill | None = None

    def arg(self, name: str) -> Arg | None:
        """The argument of a name."""
        return next((arg for arg in self.args if arg.name == name), None)
