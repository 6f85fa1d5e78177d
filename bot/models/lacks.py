"""What a platform lacks for us to work: values, said in words by `bot.lacking`."""

from dataclasses import dataclass
from enum import StrEnum

from bot.models.places import Channel, Space


class Lack(StrEnum):
    """The kinds of what may be missing."""

    ANSWER = "answer"  # the platform does not answer
    TOKEN = "token"  # noqa: S105 - it is not accepted
    CONTENT = "content"  # we may not read what messages say
    SPACE = "space"  # we are not in it any more
    COMMANDS = "commands"  # our commands were not allowed in a space
    PERMISSIONS = "permissions"  # of a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """One thing that is missing; `permissions` as the platform calls them, marked for the catalogues."""

    lack: Lack
    space: Space | None = None
    channel: Channel | None = None
    permissions: tuple[str, ...] = ()
    reason: str = ""  # of what does not answer
    link: str = ""  # where to mend it, if there is an address
