"""What came from Slack, and what should have come and did not: kept for an examination, perhaps in another process.

Slack sends an app the events it subscribes to and says nothing about others. So a missing subscription is noticed only
where reading finds something that an event should have told; `NOTICED` says which those are.
"""

from collections.abc import Iterator, Mapping, MutableMapping

from adapters.slack.manifest import EVENTS
from bot.models import ChannelInfo
from bot.ports import Clock, Store

HEARD, UNHEARD = "slack heard ", "slack unheard "  # cursors, in seconds since 1970: when last it came, or did not

COMMAND, INTERACTIVE, SIGNED = "command", "interactive", "signed"  # beside events: what else comes, and how
MESSAGES = {"message.channels": "message.channel", "message.groups": "message.group"}  # the names we use for them

NOTICED = (
    "channel_archive",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "group_archive",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "reaction_added",
    "team_rename",
)  # of the others nothing can be found by reading that only they could have told
SIGN = "sign of "  # before the name of an event: when a message told of what that event should have told
SIGNS = {"channel_name": "rename", "channel_archive": "archive", "channel_unarchive": "unarchive"}  # by subtype
SIGNS |= {"group_name": "rename", "group_archive": "archive", "group_unarchive": "unarchive"}
LATE = 60.0  # seconds after which an event is not just slow
KEPT = (*EVENTS, COMMAND, INTERACTIVE, SIGNED)


class Hearing:
    """Keeps when each kind of thing came last. `heard` is by event type, as deliveries are counted."""

    def __init__(self, store: Store, clock: Clock, heard: MutableMapping[str, float]) -> None:
        self._store = store
        self._clock = clock
        self._heard = heard
        self._came: dict[str, float] = {}  # what is no event, and when it last came
        self._missed: dict[str, float] = {}
        self._kept: dict[str, float] = {}

    def came(self, name: str) -> None:
        """Record that something came which is no event."""
        self._came[name] = self._now()

    def missed(self, name: str) -> None:
        """Record that something should have come and did not."""
        self._missed[name] = self._now()

    def last(self, name: str) -> float:
        """When something last came while this process ran, in seconds since 1970; 0 for never."""
        return self._heard.get(MESSAGES.get(name, name), 0.0) or self._came.get(name, 0.0)

    async def keep(self) -> None:
        """Store what is new since the last time."""
        for name, at in self._signs():
            if self.last(name) < at - LATE:
                self.missed(name)
        for name in KEPT:
            await self._put(HEARD + name, self.last(name))
        for name, at in list(self._missed.items()):
            await self._put(UNHEARD + name, at)

    def _signs(self) -> Iterator[tuple[str, float]]:
        """The events of which a message told a while ago, each once."""
        now = self._now()
        for key, at in list(self._heard.items()):
            if key.startswith(SIGN) and now - at > LATE:
                del self._heard[key]
                yield key.removeprefix(SIGN), at

    async def _put(self, cursor: str, at: float) -> None:
        if at and self._kept.get(cursor) != at:
            self._kept[cursor] = at
            await self._store.outbox.set_cursor(cursor, int(at))

    def _now(self) -> float:
        return self._clock.now().timestamp()


async def unheard(store: Store, names: tuple[str, ...] = NOTICED) -> list[str]:
    """What was found missing, and never came since."""
    cursors = store.outbox.cursor
    return [name for name in names if await cursors(UNHEARD + name) > await cursors(HEARD + name)]


async def never_heard(store: Store, names: tuple[str, ...]) -> list[str]:
    """What never came at all."""
    return [name for name in names if not await store.outbox.cursor(HEARD + name)]


def sign_of(payload: Mapping[str, object]) -> str:
    """The event that should tell what a message tells of a channel as well; "" for every other message."""
    verb = SIGNS.get(str(payload.get("subtype")))
    family = "group" if payload.get("channel_type") == "group" else "channel"
    return f"{family}_{verb}" if verb else ""


def untold(before: Mapping[str, ChannelInfo], now: Mapping[str, ChannelInfo]) -> Iterator[str]:
    """The events that would have told how our channels differ from what we knew."""
    for cid, info in now.items():
        if cid not in before:
            yield "member_joined_channel"
        else:
            yield from _changes(before[cid], info)
    for cid, info in before.items():
        if cid not in now:
            yield "group_left" if info.private else "channel_left"


def _changes(old: ChannelInfo, new: ChannelInfo) -> Iterator[str]:
    family = "group" if new.private else "channel"
    if new.name != old.name:
        yield f"{family}_rename"
    if new.archived is not old.archived:
        yield f"{family}_archive" if new.archived else f"{family}_unarchive"
    if new.connect is not old.connect and not new.private:
        yield "channel_shared" if new.connect else "channel_unshared"
