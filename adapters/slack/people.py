"""Who is who: names, guests and admins, as Slack tells them; and what of that somebody may."""

import asyncio
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import replace

import structlog
from cachetools import TTLCache

from adapters.slack.api import Api
from adapters.slack.convert import Person, person_of
from adapters.slack.convert.reading import Payload, ident, idents, listed, record
from bot.errors import PlatformError
from bot.models import Author, KnownSpace, MemberRef, Role, Space
from bot.ports import Clock, Store

MOST = 20_000  # people kept in memory
EVERYBODY = 999  # people in one answer: there may be many people, and few such calls are allowed
FRESH = 60.0  # seconds that we trust what we know of somebody's rights
GROUPS = 100  # user groups whose members are kept in memory

log = structlog.get_logger(__name__)


class Roster:
    """The people of one workspace, as far as they were met. `people` are those known now, by id."""

    def __init__(self, api: Api, store: Store, clock: Clock) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self.team = ""
        self.people: dict[str, Person] = {}
        self.guests: set[str] | None = None  # None until everybody was listed
        self._fresh: MutableMapping[str, bool] = TTLCache(MOST, FRESH)  # people whom Slack described lately
        self._asking: dict[str, asyncio.Task[Person | None]] = {}
        self._groups: MutableMapping[str, frozenset[str]] = TTLCache(GROUPS, FRESH)

    async def load(self) -> None:
        """List everybody once, so that names and languages need not be asked for one by one."""
        guests: set[str] = set()
        async for page in self._api.pages("users.list", size=EVERYBODY, include_locale="true"):
            for user in listed(page, "members"):
                uid = ident(user.get("id"))
                if uid and self.keep(user).guest:
                    guests.add(uid)
        self.guests = guests

    def keep(self, user: Payload) -> Person:
        """Remember a user as Slack tells of them now."""
        uid, person = ident(user.get("id")), person_of(user, self.team)
        known = self.people.pop(uid, None)
        if known is not None and not person.locale:
            person = replace(person, locale=known.locale)
        while len(self.people) >= MOST:
            del self.people[next(iter(self.people))]
        self.people[uid] = person
        if self.guests is not None:
            (self.guests.add if person.guest else self.guests.discard)(uid)
        return person

    async def ask(self, uid: str) -> Person | None:
        """What Slack says of a user now; None if there is none, or Slack does not say. One call for all who ask."""
        task = self._asking.get(uid)
        if task is None:
            task = self._asking[uid] = asyncio.create_task(self._ask(uid))
            task.add_done_callback(lambda _: self._asking.pop(uid, None))
        return await asyncio.shield(task)

    async def _ask(self, uid: str) -> Person | None:
        try:
            found = await self._api.read("users.info", user=uid, include_locale="true")
        except PlatformError as error:
            log.info("a user is not known", user=uid, reason=str(error))
            return None
        self._fresh[uid] = True
        return self.keep({"id": uid} | dict(record(found.get("user"))))

    async def fresh(self, uid: str) -> Person | None:
        """A user as they are now, give or take a minute; as they last were, if Slack does not say."""
        if uid in self._fresh and uid in self.people:
            return self.people[uid]
        return await self.ask(uid) or self.people.get(uid)

    async def meet(self, space: Space, strangers: Collection[str]) -> None:
        """Ask for the names of people who wrote or voted while we did not know them, and keep them."""
        for uid in strangers:
            person = self.people.get(uid) or await self.ask(uid)
            if person is not None and person.name:
                author = Author(member=MemberRef(space, uid), name=person.name, is_bot=person.is_bot)
                await self._store.people.meet(author, self._clock.now())

    def is_no_admin(self, uid: str) -> bool:
        """Whether somebody is certainly no admin, as far as that is known without asking."""
        person = self.people.get(uid)
        return person is not None and uid in self._fresh and not person.admin

    async def roles(self, space: KnownSpace | None, uid: str) -> frozenset[Role]:
        """What somebody may do here: admins and owners everything, members of the chosen user group moderate."""
        person = await self.fresh(uid)
        if person is not None and person.admin and not person.foreign:
            return ADMIN
        group = "" if space is None else space.moderator_group or ""
        if group and uid in await self._members(group):
            return MODERATOR
        return MEMBER

    async def _members(self, group: str) -> frozenset[str]:
        """Who is in a user group, cached for a minute; nobody if Slack does not say."""
        members = self._groups.get(group)
        if members is None:
            try:
                found: Mapping[str, object] = await self._api.read("usergroups.users.list", usergroup=group)
            except PlatformError as error:
                log.warning("the moderators' group cannot be read", group=group, reason=str(error))
                return frozenset()
            members = self._groups[group] = frozenset(idents(found.get("users")))
        return members


ADMIN = frozenset({Role.ADMIN, Role.MODERATOR, Role.MEMBER})
MODERATOR = frozenset({Role.MODERATOR, Role.MEMBER})
MEMBER = frozenset({Role.MEMBER})
