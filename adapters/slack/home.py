"""App Home: what goes on, what is mine, what comes, and for admins how it is all set."""

from collections.abc import Callable
from datetime import datetime

import structlog

from adapters.slack.api import Api
from adapters.slack.convert import Known
from adapters.slack.people import Roster
from adapters.slack.render import Home, home_view
from bot.errors import CommandError, PlatformError
from bot.markup import Link, Text, Tree, cut, parse, plain
from bot.models import Asker, Card, Channel, Command, MemberRef, Platform, Role
from bot.ports import Clock, Inbox, Store
from bot.texts import texts_for

MINE = 10  # of one's own highlights are listed
LINE = 120  # characters of each

log = structlog.get_logger(__name__)


class Homes:
    """Shows App Home to whoever opens it."""

    def __init__(self, *, api: Api, inbox: Inbox, store: Store, clock: Clock, roster: Roster,
                 known: Callable[[], Known]) -> None:  # fmt: skip
        self._api = api
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._roster = roster
        self._known = known

    async def publish(self, uid: str) -> None:
        """Show somebody their home as things are now."""
        known = self._known()
        person = await self._roster.fresh(uid)
        roles = await self._roster.roles(await self._store.places.space(known.space), uid)
        locale = (person.locale if person else "") or "en"
        member = MemberRef(known.space, uid)
        asker = Asker(member=member, name=(person.name if person else "") or uid, roles=roles, locale=locale)
        at, admin = self._clock.now(), Role.ADMIN in roles
        home = Home(
            in_progress=await self._answer("discussion list", asker, at),
            highlights=await self._mine(member),
            digests=await self._answer("digest list", asker, at),
            settings=await self._answer("folkmoot-admin settings", asker, at) if admin else None,
            admin=admin,
        )
        try:
            await self._api.send(
                "views.publish", user_id=uid, view=home_view(home, texts_for(locale).on(Platform.SLACK))
            )
        except PlatformError as error:
            log.warning("App Home not shown", reason=str(error))

    async def _answer(self, name: str, asker: Asker, at: datetime) -> Card | None:
        """What a command answers; nothing where it has nothing to say."""
        channel = Channel(asker.member.space, asker.member.id)  # in no channel
        try:
            answer = await self._inbox.on_command(Command(name=name, asker=asker, channel=channel, at=at))
        except CommandError:
            return None
        return answer if isinstance(answer, Card) else None

    async def _mine(self, member: MemberRef) -> Card | None:
        """What somebody highlighted last."""
        voted = sorted(await self._store.people.voted(member), key=lambda ref: ref.position, reverse=True)[:MINE]
        lines: list[Tree] = []
        for ref in voted:
            post = await self._store.forum.post(ref)
            if post is not None and post.text is not None and post.url:
                said = cut(" ".join(plain(parse(Platform.SLACK, post.text, lambda _kind, _ident: None)).split()), LINE)
                lines.append((Text("• "), Link(post.url, (Text(said),)), Text("\n")))
        return Card(body=tuple(node for line in lines for node in line)) if lines else None
