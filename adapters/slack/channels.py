"""The channels that we are in, and what each is now: read again whenever it may have changed, and every few minutes."""

from collections.abc import AsyncIterator, Collection, Iterator, MutableMapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count

import structlog
from cachetools import TTLCache

from adapters.slack.api import MOST, Api, Refused
from adapters.slack.convert import BadPayload, Known, channel_of, is_place
from adapters.slack.convert.reading import Payload, ident, idents, listed, record
from adapters.slack.people import Roster
from bot.errors import PlatformError
from bot.models import Channel, ChannelGone, ChannelInfo, ChannelSeen, Event, MemberRef
from bot.ports import Clock, Store

KINDS = "public_channel,private_channel"
PUBLIC = "public_channel"  # all that may be listed without groups:read
BELIEVED = 60.0  # seconds that we believe in which channels somebody is
PEOPLE = 1000  # of whom we remember it
AT_ONCE = 5  # channels that are asked about at each look, of those that we are not in and nobody watches

log = structlog.get_logger(__name__)


class Channels:
    """The channels of one workspace. `shown` are those we are in, by id; what was told of them last."""

    def __init__(self, api: Api, roster: Roster, store: Store, clock: Clock) -> None:
        self._api = api
        self._roster = roster
        self._store = store
        self._clock = clock
        self.shown: dict[str, ChannelInfo] = {}
        self._asked = count(1)  # numbers what we ask Slack, because answers may come in another order
        self._learnt: dict[str, int] = {}  # by channel: the number of the question whose answer `shown` holds
        self._apart: dict[str, int] = {}  # by channel that we are not in: the number of the last question about it
        self._in_mind: MutableMapping[MemberRef, frozenset[str]] = TTLCache(PEOPLE, BELIEVED)  # who is in which

    def forget(self) -> None:
        """Forget what was told, so that all of it is told again."""
        self.shown.clear()

    def left(self, events: Sequence[Event]) -> None:
        """Note the channels that events say we are not in any more."""
        for event in events:
            if isinstance(event, ChannelGone):
                self._learn(event.channel.id, None, next(self._asked))

    def _learn(self, cid: str, info: ChannelInfo | None, asked: int) -> None:
        """Keep what a channel is, None if we are not in it; unless a later question than `asked` was answered."""
        if asked < self._learnt.get(cid, 0):
            return
        self._learnt[cid] = asked
        if info is None:
            self.shown.pop(cid, None)
        else:
            self.shown[cid] = info

    async def look(self, known: Known, cid: str) -> Sequence[Event]:
        """What a channel is now; that it is gone, if we are no longer in it and that is not known yet."""
        at, asked = self._clock.now(), next(self._asked)
        found = await self._told(cid)
        if ident(found.get("id")) and found.get("is_member") is True and is_place(found):
            info = await self._info(known, found)
            self._learn(cid, info, asked)
            return [ChannelSeen(info=info, at=at)]
        before = await self._store.places.channel(Channel(known.space, cid))
        apart = cid not in self.shown and before is not None and not before.settings.watched and _is_public(found)
        believed = cid in self.shown or (before is not None and not before.removed)
        return list(self._gone(known, [cid], at, asked)) if believed and not apart else []

    async def _told(self, cid: str) -> Payload:
        """What Slack says of a channel; nothing if there is none that we may know of."""
        try:
            return record((await self._api.read("conversations.info", channel=cid)).get("channel"))
        except Refused as error:
            if error.code != "channel_not_found":
                raise
            return {}

    async def is_public(self, cid: str) -> bool:
        """Whether a channel that we are not in is open to all full members; False if Slack does not say so."""
        try:
            return _is_public(await self._told(cid))
        except PlatformError:
            return False

    async def _closed(self, cids: Collection[str]) -> set[str]:
        """Those of some channels we are not in that are not public any more; a few are asked about each time.

        We know them from an export, or no longer follow them, so not being in them does not make them gone.
        """
        closed: set[str] = set()
        for cid in sorted(cids, key=lambda cid: (self._apart.get(cid, 0), cid))[:AT_ONCE]:
            self._apart[cid] = next(self._asked)
            with suppress(PlatformError):  # it is asked about again, and the look at all others goes on
                closed |= set() if _is_public(await self._told(cid)) else {cid}
        return closed

    async def open_to(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        """Which of these channels a member can open: public ones, unless they are a guest, and those they are in."""
        person = await self._roster.fresh(member.id)
        if person is None or person.gone:
            return frozenset()
        full = not (person.guest or person.foreign)
        here = [each for each in channels if each.space == member.space and each.id in self.shown]
        is_open = {each for each in here if full and not self.shown[each.id].private}
        if full:
            away = [each for each in channels if each.space == member.space and each.id not in self.shown]
            is_open |= {each for each in away if await self.is_public(each.id)}
        rest = [each for each in here if each not in is_open]
        among = await self._of(member) if rest else frozenset()
        return frozenset(is_open) | {each for each in rest if each.id in among}

    async def _of(self, member: MemberRef) -> frozenset[str]:
        """The channels that somebody is in, believed for a minute."""
        kept = self._in_mind.get(member)
        if kept is None:
            kept = frozenset([ident(each.get("id")) async for each in self._in(KINDS, member.id)])
            self._in_mind[member] = kept
        return kept

    async def refresh(self, known: Known) -> Sequence[Event]:
        """What changed in any channel since it was last told, joins and leaves of ours too.

        This takes long where there are guests; what is learnt of a channel meanwhile is newer, and stays.
        """
        at, asked = self._clock.now(), next(self._asked)
        now: dict[str, ChannelInfo] = {}
        for found in await self._listed(known):
            try:
                info = await self._info(known, found)
            except BadPayload as error:
                log.warning("dropped a channel", reason=str(error))
                continue
            now[info.channel.id] = info
        stored = [
            it for it in await self._store.places.channels() if it.channel.space == known.space and not it.removed
        ]
        away = {it.channel.id: it.settings.watched for it in stored if it.channel.id not in now}
        apart = {cid for cid, watched in away.items() if not watched and cid not in self.shown}
        gone = ((away.keys() | self.shown.keys()) - now.keys() - apart) | await self._closed(apart)
        news = [ChannelSeen(info=info, at=at) for cid, info in now.items() if self.shown.get(cid) != info]
        lost = list(self._gone(known, sorted(gone), at, asked))
        for cid, info in now.items():
            self._learn(cid, info, asked)
        return [*news, *lost]

    async def _listed(self, known: Known) -> Sequence[Payload]:
        """The channels we are in; the public ones, where the right to see the others is missing."""
        try:
            return [each async for each in self._in(KINDS, known.own)]
        except Refused as error:
            if error.code != "missing_scope":
                raise
            return [each async for each in self._in(PUBLIC, known.own)]

    async def _in(self, kinds: str, uid: str) -> AsyncIterator[Payload]:
        async for page in self._api.pages("users.conversations", user=uid, types=kinds, exclude_archived="false"):
            for found in listed(page, "channels"):
                yield found

    async def _info(self, known: Known, found: Payload) -> ChannelInfo:
        cid = ident(found.get("id"))
        return channel_of(found, known, guests=await self._has_guests(cid) if cid else False)

    async def _has_guests(self, cid: str) -> bool:
        """Whether guests read a channel; while nobody listed the guests, what was known before, and yes if nothing was.

        Asking for the members of a channel is spared where a workspace has no guests at all.
        """
        guests = self._roster.guests
        if guests is None:
            before = self.shown.get(cid)
            return before is None or before.guests
        if not guests:
            return False
        async for page in self._api.pages("conversations.members", size=MOST, channel=cid):
            if guests.intersection(idents(page.get("members"))):
                return True
        return False

    def _gone(self, known: Known, cids: Sequence[str], at: datetime, asked: int) -> Iterator[Event]:
        for cid in cids:
            self._learn(cid, None, asked)
            yield ChannelGone(channel=Channel(known.space, cid), at=at)


def _is_public(found: Payload) -> bool:
    return is_place(found) and found.get("is_channel") is True and found.get("is_private") is False
