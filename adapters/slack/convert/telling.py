"""What has to be known to read a payload, and what it tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.slack.convert.reading import Payload, first, ident, record, unescaped, words
from bot.models import Event, MessageRef, Origin, Space

STARS = frozenset({"star", "star2"})
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user as Slack tells of them. `guest`: sees only what they were invited to; `foreign`: of another workspace."""

    name: str
    is_bot: bool = False
    guest: bool = False
    foreign: bool = False
    admin: bool = False
    gone: bool = False
    locale: str = ""


People = Mapping[str, Person]


def person_of(user: Payload, team: str = "") -> Person:
    """A user object: display name, else real name, else handle. `team` is our own workspace's id."""
    profile = record(user.get("profile"))
    name = first(profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    home = ident(user.get("team_id"))
    return Person(
        name=unescaped(name),
        is_bot=user.get("is_bot") is True or user.get("id") == SLACKBOT,
        guest=any(user.get(key) is True for key in ("is_restricted", "is_ultra_restricted")),
        foreign=user.get("is_stranger") is True or bool(team and home and home != team),
        admin=any(user.get(key) is True for key in ("is_admin", "is_owner", "is_primary_owner")),
        gone=user.get("deleted") is True,
        locale=words(user.get("locale")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has to be known to read a payload: who we are, and whom we know.

    `url` is the workspace's own address, with a slash at its end; `own` and `own_bot` are our user and our bot.
    `people` may lack anybody: somebody missing has no name yet and is asked for afterwards.
    """

    space: Space
    own: str = ""
    own_bot: str = ""
    url: str = ""
    people: People = field(default_factory=dict)
    stars: frozenset[str] = STARS


@dataclass(frozen=True, slots=True)
class Came:
    """When an event came, and how."""

    at: datetime
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an event tells.

    The votes on `reread` have to be read: whoever took a star away may have another one there. `look` are channels to
    look at again, because the event does not say what they are now; who `stranger` is has to be found out before that.
    `users` are user objects that are news, `home` is who opened our home. `addressed` is a message that asks us
    something. `torn`: some events were not delivered, and none will be until `held`, in seconds since 1970.
    """

    events: tuple[Event, ...] = ()
    reread: tuple[MessageRef, ...] = ()
    look: tuple[str, ...] = ()
    stranger: str = ""
    users: tuple[Payload, ...] = ()
    home: str = ""
    addressed: Payload | None = None
    torn: bool = False
    held: int = 0


NOTHING_TOLD = Told()
Read = Callable[[Known, Payload, Came], Told]
