"""One discussion whose words stand everywhere: on a card, a board, a highlight post, a digest and a page."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from aiohttp.test_utils import TestClient, TestServer

from bot.models import Level, MemberRef, Platform, Thread
from storage import SqlStore
from tests.camps import PATIENCE, Camp
from tests.camps import ours as ours_in_discord
from tests.camps import shown as shown_in_discord
from tests.camps_slack import Workspace
from tests.camps_slack import ours as ours_in_slack
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.discord.threads import Thread as Talk
from tests.servers.slack import Message as Words
from tests.servers.slack import Role
from tests.servers.slack.looks import look
from tests.wire.keeping import seen
from tests.wire.test_discord_asking import offered

OPENING, REPLY = "Which quokka tent holds out in a storm?", "The wombat one."
RULE = {"every": "daily", "at": "14:00", "zone": "UTC", "reach": "space"}  # two hours after noon
Seen = Mapping[str, str]


async def sees(store: SqlStore, look_at: Callable[[], Awaitable[Seen]], rule: Callable[[Seen], bool]) -> Seen:
    """Wait until what people see is so."""
    found: Seen = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while not rule(found := await look_at()):
                await store.ledger.wait(await store.ledger.last_seq(), 0.1)
    except TimeoutError:
        assert rule(found), found
    return found


def tell(*words: str) -> Callable[[Seen], bool]:
    """Whether each of these words is to be seen on all that can show it."""
    return lambda found: all(any(word in each for word in words) for each in found.values())


def silent(*words: str) -> Callable[[Seen], bool]:
    """Whether nothing shows any of these words."""
    return lambda found: not any(word in each for word in words for each in found.values())


def says_anew(found: Seen) -> bool:
    """The new words stand where the old ones stood; a thread has its own name on Discord, which a board shows."""
    return tell("numbat", "echidna")({name: words for name, words in found.items() if name != "board"})


async def _page(parts: object, store: SqlStore, thread: Thread) -> str:
    discussion = await store.forum.discussion_of(thread)
    assert discussion is not None
    web = parts.web.app  # type: ignore[attr-defined]  # parts of any kind
    async with TestClient(TestServer(web)) as client:
        return await (await client.get(f"/d/{discussion.id}")).text()


class InDiscord:
    """The discussion in a Discord server. A thread has its own name there, so that a board shows no message's words."""

    def __init__(self, camp: Camp) -> None:
        self.camp = camp
        ada = camp.member("Ada")
        self.people = [ada, *(camp.member(name) for name in ("Bo", "Cem", "Dina"))]
        self.stars = camp.guild.channel("stars")
        self.opening: Message
        self.thread: Talk
        self.reply: Message

    async def begin(self) -> None:
        """Set everything up, talk, and wait until all of it shows."""
        camp, people = self.camp, self.people
        mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
        await offered(camp)
        await camp.until(lambda: camp.parts.adapters[Platform.DISCORD].connected)
        await seen(camp, camp.help)
        await camp.store.places.set_level(camp.place, Level.WEB, 0)
        await camp.help.command(mo, "folkmoot-admin board").answer()
        await camp.until(lambda: ours_in_discord(camp.help))
        await camp.help.command(mo, "folkmoot-admin set", name="highlights_channel", value="#stars").answer()
        await camp.help.command(mo, "digest schedule", name="Tents", **RULE).answer()
        self.opening = camp.help.post(people[0], OPENING)
        self.thread = self.opening.thread(people[0], "Tents")
        self.reply = self.thread.post(people[1], REPLY)
        for n in range(7):
            self.thread.post(people[n % 4], f"Reply number {n}.")
        for each in (people[0], *people[2:]):
            self.reply.react(each)
        await camp.until(lambda: ours_in_discord(self.stars) and ours_in_discord(self.thread))
        camp.clock.advance(timedelta(hours=2, minutes=1))
        await camp.parts.app.tick()
        await camp.until(lambda: len(ours_in_discord(camp.help)) == 2)
        await sees(camp.store, self.shown, tell("quokka", "wombat", "💬 9 msgs"))

    def members(self) -> list[MemberRef]:
        """Who wrote the two messages."""
        return [MemberRef(self.camp.space, each.id) for each in self.people[:2]]

    def edit(self, opening: str, reply: str) -> None:
        """Both say something else."""
        self.opening.edit(opening)
        self.reply.edit(reply)

    async def shown(self) -> Seen:
        """What people read now."""
        board, *digests = ours_in_discord(self.camp.help)
        posts = {"board": [board], "digest": digests}
        posts |= {"card": ours_in_discord(self.thread), "highlight": ours_in_discord(self.stars)}
        found = {name: " ".join(map(shown_in_discord, each)) for name, each in posts.items()}
        return found | {"page": await _page(self.camp.parts, self.camp.store, Thread(self.camp.place, self.thread.id))}


class InSlack:
    """The discussion in a Slack workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.people = [workspace.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
        self.opening: Words
        self.reply: Words

    async def begin(self) -> None:
        """Set everything up, talk, and wait until all of it shows."""
        workspace, people, place = self.workspace, self.people, self.workspace.help
        mo = workspace.member("Mo", Role.ADMIN)
        self.stars = workspace.server.creates(mo, "stars")
        self.stars.invite_bot(mo)
        await workspace.is_now(self.stars, removed=False)
        await workspace.store.places.set_level(workspace.place, Level.WEB, 0)
        await place.command(mo, "/folkmoot-admin", "board").answer()
        await place.command(mo, "/folkmoot-admin", "set highlights_channel #stars").answer()
        rule = " ".join(f"{name}:{value}" for name, value in RULE.items())
        await place.command(mo, "/digest", f"schedule name:Tents {rule}").answer()
        self.opening = place.post(people[0], OPENING)
        self.reply = self.opening.reply(people[1], REPLY)
        for n in range(7):
            self.opening.reply(people[n % 4], f"Reply number {n}.")
        for each in (people[0], *people[2:]):
            self.reply.react(each)
        await workspace.until(lambda: ours_in_slack(self.stars) and ours_in_slack(place, self.opening))
        workspace.clock.advance(timedelta(hours=2, minutes=1))
        await workspace.parts.app.tick()
        await workspace.until(lambda: len(ours_in_slack(place)) == 2)
        await sees(workspace.store, self.shown, tell("quokka", "wombat"))

    def members(self) -> list[MemberRef]:
        """Who wrote the two messages."""
        return [MemberRef(self.workspace.space, each.id) for each in self.people[:2]]

    def edit(self, opening: str, reply: str) -> None:
        """Both say something else."""
        self.opening.edit(self.people[0], opening)
        self.reply.edit(self.people[1], reply)

    async def shown(self) -> Seen:
        """What people read now."""
        workspace = self.workspace
        board, *digests = ours_in_slack(workspace.help)
        posts = {"board": [board], "digest": digests}
        posts |= {"card": ours_in_slack(workspace.help, self.opening), "highlight": ours_in_slack(self.stars)}
        now = workspace.clock.now()
        found = {name: " ".join(look(one, now) for one in each) for name, each in posts.items()}
        return found | {"page": await _page(workspace.parts, workspace.store, Thread(workspace.place, self.opening.ts))}
