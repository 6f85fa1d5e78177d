"""What a platform lacks for us to work: values, said in words by `bot.lacking`."""

from dataclasses import dataclass
from enum import StrEnum

from bot.models.places import Channel, Platform, Space


class Lack(StrEnum):
    """The kinds of things that may be missing."""

    ANSWER = "answer"  # the platform does not answer
    TOKEN = "token"  # noqa: S105 - it is not accepted
    CONTENT = "content"  # we may not read what messages say
    SPACE = "space"  # we are not in it any more
    COMMANDS = "commands"  # our commands were not allowed in a space, or none ever came
    INTERACTIVITY = "interactivity"  # neither buttons, forms nor menus ever came
    PERMISSIONS = "permissions"  # of a channel
    SCOPES = "scopes"  # what the token may not do
    EVENTS = "events"  # kinds of events that are not told us
    APP_TOKEN = "app_token"  # noqa: S105 - the one for sockets is not accepted
    SOCKETS = "sockets"  # none is opened for us
    SECRET = "secret"  # noqa: S105 - deliveries are not signed with it
    WAY_IN = "way_in"  # there is none for events: neither sockets nor signed deliveries
    SLOW = "slow"  # we may read only a little, and seldom
    MEMBER = "member"  # we are not in a channel that we follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """One thing that is missing; `permissions` as the platform calls them, marked for the catalogues."""

    lack: Lack
    platform: Platform = Platform.DISCORD
    space: Space | None = None
    channel: Channel | None = None
    permissions: tuple[str, ...] = ()
    reason: str = ""  # of what does not answer
    link: str = ""  # where to mend it, if there is an address
    sure: bool = True  # False: that nothing came so far may have another reason
