"""Two spaces with something to hide, and a third that nobody linked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.commands import Context
from bot.digesting import Digests
from bot.models import (
    Card,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Event,
    Level,
    Platform,
    Space,
    SpaceInfo,
    SpaceSeen,
)
from bot.renderings import Renderings
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from tests.bot.commands.scene import Scene
from tests.makers import NOON, SetClock, a_message, a_vote, an_author, seen
from tests.rooms import SmallRoom

CAMP, SHOP, LODGE = Space(Platform.DISCORD, "1"), Space(Platform.SLACK, "T1"), Space(Platform.DISCORD, "2")
NAMES: Mapping[Space, str] = {CAMP: "Camp", SHOP: "Workshop", LODGE: "Lodge"}
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "hall": {},
    "staff": {},
    "den": {"private": True},
    "cave": {"nsfw": True},
    "bridge": {"connect": True},
    "tally": {},
}
CLOSED = ("den", "cave", "bridge", "tally")
COMMON = "lantern"  # a word of every message
DAILY = {"name": "Evening", "every": "daily", "at": "18:00", "zone": "UTC", "reach": "community"}


def place(space: Space, name: str = "hall") -> Channel:
    return Channel(space, f"{NAMES[space].casefold()}-{name}")


def canary(space: Space, name: str) -> str:
    """A word that is said nowhere else."""
    return f"{NAMES[space]}{name}".casefold()


def canaries() -> list[str]:
    """What may be found nowhere outside its own channel."""
    return [canary(space, name) for space in (CAMP, SHOP) for name in (*CLOSED, "otto")] + [canary(LODGE, "hall")]


def talk(channel: Channel, word: str, start: float = 0) -> list[Event]:
    """A discussion that everybody highlights."""
    voters = ("Cem", "Dina", "Eve")
    told: list[Event] = [seen(a_message(start, f"Who has a {word} {COMMON}?", channel=channel))]
    for n, author in ((1, "Bo"), (2, "Ada"), (3, "Cem")):
        text = f"My {word} {COMMON} burns {n} nights."
        told.append(seen(a_message(start + n, text, thread=start, author=author, channel=channel)))
    for n in (1, 2):
        told += [a_vote(start + n, voter=voter, channel=channel, at=start + 5) for voter in voters]
    return told


def things(space: Space) -> list[Event]:
    """A space with its channels, and what was said in each."""
    told: list[Event] = [SpaceSeen(info=SpaceInfo(space=space, name=NAMES[space]), at=NOON)]
    for name, looks in LOOKS.items():
        here = place(space, name)
        told.append(ChannelSeen(info=replace(ChannelInfo(channel=here, name=here.id), **looks), at=NOON))
        if name != "staff":
            told += talk(here, canary(space, name))
    return told + confidences(place(space), canary(space, "otto"))


def confidences(channel: Channel, word: str) -> list[Event]:
    """What one person wrote alone, and everybody highlights."""
    told: list[Event] = [
        seen(a_message(30, f"My {word} {COMMON} is lost.", channel=channel, author="Otto")),
        seen(a_message(31, f"Where was the {COMMON} last?", thread=30, channel=channel, author="Bo")),
        seen(a_message(32, f"In the {word} tent?", thread=30, channel=channel, author="Otto")),
    ]
    return told + [a_vote(at, voter=voter, channel=channel, at=40) for at in (30, 32) for voter in ("Cem", "Dina")]


def towns(store: SqlStore, clock: SetClock) -> Scene:
    """Folkmoot among them, three hours after noon."""
    clock.set(NOON + timedelta(hours=3))
    rooms = {space.platform: SmallRoom(store, clock, space) for space in (CAMP, SHOP)}
    for event in (each for space in NAMES for each in things(space)):
        if isinstance(event, ChannelSeen):
            room = rooms[event.info.channel.space.platform]
            room.listed[event.info.channel], room.insiders[event.info.channel] = event.info, {"mo", "root"}
    urls = Urls("https://forum.example")
    digests = Digests(store=store, urls=urls)
    context = Context(store=store, clock=clock, adapters=rooms, digests=digests, urls=urls, texts_for=texts_for)
    return Scene(store, clock, context, rooms, Renderings(store=store, clock=clock, urls=urls, digests=digests))


async def filled(scene: Scene) -> None:
    """Let all of it happen; every channel is followed and shared as far as somebody could ask for."""
    for space in NAMES:
        await scene.store.ledger.record(things(space))
        for name in LOOKS:
            level = Level.DIGEST if space == LODGE else Level.COUNT if name == "tally" else Level.INDEX
            await scene.store.places.watch(place(space, name), True)
            await scene.store.places.set_level(place(space, name), level, 0)
        await scene.store.people.opt_out(an_author("Otto", space=space).member, True, scene.clock.now())
        await scene.store.places.set_space(space, log_channel=place(space, "staff").id)
    await scene.settle()


async def code_of(scene: Scene, space: Space) -> str:
    """The code that an admin gets."""
    said = await scene.said("folkmoot-admin link", who="root", channel=place(space))
    return said.partition("The code is ")[2].partition(".")[0]


async def link(scene: Scene, one: Space = CAMP, other: Space = SHOP) -> str:
    """Link two spaces as their admins do; what the second is answered."""
    args = {"code": await code_of(scene, one)}
    return await scene.said("folkmoot-admin link", args, who="root", channel=place(other))


def posts(scene: Scene, space: Space, name: str = "hall") -> list[Card]:
    return scene.shown(place(space, name))
