"""A community with something to hide, in which every command can be tried.

The canary words stand where a plain member must never see them: in a private channel, another space, a hidden
discussion, and in what somebody wrote who opted out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from sqlmodel import SQLModel

from bot.commands import Context, run
from bot.delivery import Delivery
from bot.digesting import Digests
from bot.markup import plain
from bot.models import (
    Answer,
    Asker,
    Card,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Command,
    Discussion,
    Event,
    Form,
    MemberRef,
    MessageRef,
    Platform,
    Role,
    Space,
    SpaceInfo,
    SpaceSeen,
    Thread,
)
from bot.renderings import Renderings
from bot.settling import settle_all
from bot.summaries import Extract
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from tests.makers import HELP, NOON, SPACE, SetClock, a_discussion, a_message, a_vote, an_author, an_id, seen
from tests.rooms import SmallRoom

CANARIES = ("quokka", "narwhal", "axolotl", "pangolin")
GENERAL = Channel(SPACE, "general")
SECRET = Channel(SPACE, "quokka-den")
AWAY = Space(Platform.DISCORD, "9")
AWAY_CHANNEL = Channel(AWAY, "narwhal-bay")
MEMBER = frozenset({Role.MEMBER})
MODERATOR = frozenset({Role.MEMBER, Role.MODERATOR})
ADMIN = frozenset({Role.MEMBER, Role.MODERATOR, Role.ADMIN})
ROLES = {"mo": MODERATOR, "root": ADMIN}
HIDDEN_AT, QUIET_AT, LONE_AT = 60.0, 90.0, 120.0  # minutes after noon


@dataclass
class Scene:
    """The community: Ada opened the discussion in #help, Bo and others replied; Zoe only reads; Mo moderates."""

    store: SqlStore
    clock: SetClock
    context: Context
    rooms: Mapping[Platform, SmallRoom]
    renderings: Renderings

    async def run(
        self,
        name: str,
        args: Mapping[str, str] | None = None,
        *,
        who: str = "zoe",
        channel: Channel = HELP,
        thread: float | None = None,
        target: float | None = None,
        locale: str = "en",
        space: Space | None = None,
    ) -> Answer:
        """Use a command as somebody; `thread` and `target` are minutes after noon."""
        asker = Asker(
            member=MemberRef(space or channel.space, who),
            name=who.title(),
            roles=ROLES.get(who, MEMBER),
            locale=locale,
        )
        command = Command(
            name=name,
            asker=asker,
            channel=channel,
            at=self.clock.now(),
            thread=None if thread is None else Thread(channel, an_id(thread)),
            target=None if target is None else MessageRef(channel, an_id(target)),
            args=dict(args or {}),
        )
        return await run(self.context, command)

    async def said(self, name: str, args: Mapping[str, str] | None = None, **how: object) -> str:
        """What a command answers, as words."""
        return words_of(await self.run(name, args, **how))  # type: ignore[arg-type]  # handed on by name

    async def discussion(self, minutes: float = 0, channel: Channel = HELP) -> Discussion:
        """The discussion that began so many minutes after noon."""
        found = await self.store.forum.discussion_of(Thread(channel, an_id(minutes)))
        assert found is not None
        return found

    async def link(self, minutes: float, channel: Channel = HELP) -> str:
        """A link to a message."""
        ref = MessageRef(channel, an_id(minutes))
        discussion = await self.store.forum.containing(ref)
        assert discussion is not None
        return self.context.urls.message(discussion, ref)

    async def settle(self) -> None:
        """Make titles, summaries and questions."""
        await settle_all(self.store, Extract())

    async def deliver(self) -> None:
        """Send what waits in the outbox."""
        adapters = self.context.adapters
        await Delivery(
            store=self.store, clock=self.clock, adapters=adapters, render=self.renderings, owner="test"
        ).work()

    def shown(self, channel: Channel = HELP) -> list[Card]:
        """Our posts in a channel and its threads, as they stand there."""
        room = self.rooms[channel.space.platform]
        return [card for ref, card in room.posts.items() if ref.channel == channel]

    async def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the store, to see whether anything changed."""
        return await self.store.database.read(_rows)


def _rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = SQLModel.metadata.sorted_tables
    return {
        table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr) for table in tables
    }


def words_of(answer: Answer) -> str:
    """All that a person can read, or follow, in an answer."""
    if isinstance(answer, Form):
        parts = [answer.title, answer.submit, *answer.args.values()]
        for it in answer.fields:
            parts += [it.label, it.value, it.hint, *(text for choice in it.choices for text in choice)]
        return "\n".join(parts)
    parts = [answer.title, answer.url, plain(answer.body), plain(answer.footer)]
    parts += [f"{it.label}: {plain(it.value)}" for it in answer.fields]
    for button in answer.buttons:
        parts += [f"[{button.label}]", button.url, *button.args.values()]
    return "\n".join(part for part in parts if part)


def the_events() -> list[Event]:
    """Everything that happened before the first command."""
    infos = [
        ChannelInfo(channel=HELP, name="help"),
        ChannelInfo(channel=GENERAL, name="general"),
        ChannelInfo(channel=SECRET, name="quokka-den", private=True),
        ChannelInfo(channel=AWAY_CHANNEL, name="narwhal-bay"),
    ]
    told: list[Event] = [
        SpaceSeen(info=SpaceInfo(space=SPACE, name="The local room", hosted=True), at=NOON),
        SpaceSeen(info=SpaceInfo(space=AWAY, name="Away"), at=NOON),
        *(ChannelSeen(info=info, at=NOON) for info in infos),
        *a_discussion(8),
        a_vote(2, voter="Cem"),
        a_vote(2, voter="Eve"),
        seen(a_message(9, "Pangolin says: take the pangolin tent?", thread=0, author="Pangolin")),
        a_vote(9, voter="Cem"),
        a_vote(9, voter="Dina"),
        seen(a_message(QUIET_AT, "Has a pangolin ever camped?", author="Pangolin")),
        seen(a_message(QUIET_AT + 1, "Mine has.", thread=QUIET_AT, author="Bo")),
        seen(a_message(LONE_AT, "The river rises at night.", author="Bo")),
    ]
    for start, channel, word in ((HIDDEN_AT, HELP, "axolotl"), (0, SECRET, "quokka"), (0, AWAY_CHANNEL, "narwhal")):
        told.append(seen(a_message(start, f"Does an {word} bite?", channel=channel)))
        told += [
            seen(a_message(start + n, f"The {word} bit me {n} times.", thread=start, channel=channel, author=author))
            for n, author in ((1, "Bo"), (2, "Cem"))
        ]
        told.append(a_vote(start + 1, voter="Cem", channel=channel))
    return told


def a_scene(store: SqlStore, clock: SetClock) -> Scene:
    """The community over a store that is, or will be, filled; three hours after it began to talk."""
    clock.set(NOON + timedelta(hours=3))
    rooms = {space.platform: SmallRoom(store, clock, space) for space in (SPACE, AWAY)}
    for event in the_events():
        if isinstance(event, ChannelSeen):
            for room in rooms.values():  # a platform may have many spaces, and people in several
                room.listed[event.info.channel] = event.info
    rooms[Platform.LOCAL].insiders[SECRET] = {"mo", "root"}
    urls = Urls("http://127.0.0.1:8080")
    digests = Digests(store=store, urls=urls)
    context = Context(store=store, clock=clock, adapters=rooms, digests=digests, urls=urls, texts_for=texts_for)
    renderings = Renderings(store=store, clock=clock, urls=urls, digests=digests)
    return Scene(store=store, clock=clock, context=context, rooms=rooms, renderings=renderings)


async def fill(store: SqlStore, clock: SetClock) -> None:
    """What happened before the first command."""
    scene = a_scene(store, clock)
    await store.ledger.record(the_events())
    for channel in (HELP, GENERAL, SECRET, AWAY_CHANNEL):
        await store.places.watch(channel, True)
    await store.people.opt_out(an_author("Pangolin").member, True, clock.now())
    hidden = await scene.discussion(HIDDEN_AT)
    await store.desk.set_hidden(hidden.id, True, an_author().member, clock.now())
    await scene.settle()


WEEKLY = {"name": "Weekly", "every": "weekly", "weekday": "mon", "at": "09:00", "zone": "Europe/Berlin"}


async def with_digests(scene: Scene) -> None:
    """A posted digest in #help, and one in the private channel."""
    await scene.run("digest schedule", WEEKLY, who="mo")
    await scene.run("digest schedule", WEEKLY | {"name": "Quokka news"}, who="mo", channel=SECRET)
    scene.clock.advance(timedelta(minutes=5))
    await scene.store.ledger.record([seen(a_message(182, "One more reply.", thread=0, author="Bo"))])
    quokka = seen(a_message(182, "One more quokka.", thread=0, author="Bo", channel=SECRET))
    await scene.store.ledger.record([quokka])
    await scene.run("digest now", who="mo")
    await scene.run("digest now", who="mo", channel=SECRET)
    await scene.deliver()
