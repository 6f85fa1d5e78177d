"""App Home: what goes on, what is mine, what comes, and for admins how it is all set."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from adapters.slack.api import Api
from adapters.slack.channels import Channels
from adapters.slack.convert import Known
from adapters.slack.people import Roster
from adapters.slack.render import Home, home_view
from adapters.slack.render.blocks import Json
from bot.access import reader_scope
from bot.errors import CommandError, FolkmootError, PlatformError
from bot.markup import Link, Text, Tree, cut, parse, plain
from bot.models import Asker, Card, Channel, Command, MemberRef, Platform, Post, Role
from bot.ports import Clock, Inbox, Store
from bot.texts import texts_for

MINE = 10  # how many of one's own highlights are listed
LINE = 120  # characters of each
AGAIN = 60.0  # seconds between looks for whether what people see is still true
OPENED = timedelta(minutes=15)  # how long we assume that somebody looks at the tab; Slack does not tell
OPEN = 20  # how many people's tabs are kept up to date: the last to open theirs

log = structlog.get_logger(__name__)


class Homes:
    """Shows App Home to whoever opens it, and keeps it true for those who may be looking at it."""

    def __init__(self, *, api: Api, inbox: Inbox, store: Store, clock: Clock, roster: Roster, channels: Channels,
                 known: Callable[[], Known]) -> None:  # fmt: skip
        self._api = api
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._roster = roster
        self._channels = channels
        self._known = known
        self._open: dict[str, tuple[datetime, Json]] = {}  # who opened it lately, newest last, and what they see

    async def publish(self, uid: str) -> None:
        """Show somebody who opens their home how things are now."""
        self._open.pop(uid, None)
        await self._show(uid, self._clock.now(), await self._view(uid))

    async def run(self) -> None:
        """Keep checking that what people see is still true, until cancelled."""
        while True:
            await asyncio.sleep(AGAIN)
            try:
                await self._refresh()
            except FolkmootError as error:
                log.warning("App Home not looked at again", reason=str(error))

    async def _refresh(self) -> None:
        for uid, (opened, was) in list(self._open.items()):
            if self._clock.now() - opened >= OPENED:
                self._open.pop(uid, None)
            elif (view := await self._view(uid)) != was:
                await self._show(uid, opened, view)

    async def _show(self, uid: str, opened: datetime, view: Json) -> None:
        try:
            await self._api.send("views.publish", user_id=uid, view=view)
        except PlatformError as error:
            log.warning("App Home not shown", reason=str(error))
            return
        self._open[uid] = opened, view
        if len(self._open) > OPEN:
            del self._open[next(iter(self._open))]

    async def _view(self, uid: str) -> Json:
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
        return home_view(home, texts_for(locale).on(Platform.SLACK))

    async def _answer(self, name: str, asker: Asker, at: datetime) -> Card | None:
        """What a command answers; None where it has nothing to say."""
        channel = Channel(asker.member.space, asker.member.id)  # in no channel
        try:
            answer = await self._inbox.on_command(Command(name=name, asker=asker, channel=channel, at=at))
        except CommandError:
            return None
        return answer if isinstance(answer, Card) else None

    async def _mine(self, member: MemberRef) -> Card | None:
        """What somebody highlighted last and can still open."""
        known = [it for it in await self._store.places.channels() if it.channel.space == member.space]
        readable = await self._channels.open_to(member, [it.channel for it in known if not it.removed])
        scope = reader_scope(known, readable)
        shown = {it.channel for it in known if it.key in scope.channels}
        voted = [ref for ref in await self._store.people.voted(member) if ref.channel in shown]
        lines: list[Tree] = []
        for ref in sorted(voted, key=lambda ref: ref.position, reverse=True)[:MINE]:
            post = await self._store.forum.post(ref)
            if post is not None and post.text is not None and post.url and await self._is_shown(post):
                said = cut(" ".join(plain(parse(Platform.SLACK, post.text, lambda _kind, _ident: None)).split()), LINE)
                lines.append((Text("• "), Link(post.url, (Text(said),)), Text("\n")))
        return Card(body=tuple(node for line in lines for node in line)) if lines else None

    async def _is_shown(self, post: Post) -> bool:
        """Whether the discussion that a message is in, if any, is shown."""
        discussion = None if post.discussion is None else await self._store.forum.discussion(post.discussion)
        return discussion is None or not (discussion.hidden or discussion.removed or discussion.private)
