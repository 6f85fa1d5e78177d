"""A Slack workspace with Folkmoot in it, over either transport, and what people there see."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from adapters.slack.manifest import SLACK_PATH, manifest
from adapters.slack.session import Session
from bot.cli.run import Parts, assemble
from bot.models import Channel as Place
from bot.models import Discussion, MessageRef, Platform, Post, Space, Thread
from bot.ports import Lagging
from bot.settings import load
from storage import SqlStore
from tests.adapters.slack.blockkit import live
from tests.camps import PATIENCE, until
from tests.checking import Ours, There
from tests.makers import SetClock
from tests.servers.slack import Channel, Member, Message, Role, SlackServer
from tests.servers.slack.looks import look

STARS = ("star", "star2")
STALLED = 16  # readers, more than there are
LOOK = 0.05  # seconds between looks at what nobody announces


@dataclass
class Workspace:
    """A Slack workspace with Folkmoot in it."""

    server: SlackServer
    help: Channel
    store: SqlStore
    clock: SetClock
    parts: Parts

    @property
    def space(self) -> Space:
        return Space(Platform.SLACK, self.server.team)

    @property
    def place(self) -> Place:
        return Place(self.space, self.help.id)

    def member(self, name: str, role: Role = Role.FULL) -> Member:
        return self.server.member(name, role)

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is to be seen."""
        news = asyncio.Event()
        self.server.world.changed.append(news.set)
        try:
            async with asyncio.timeout(PATIENCE):
                while not happened():
                    news.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK):
                            await news.wait()
        finally:
            self.server.world.changed.remove(news.set)

    async def post(self, message: Message) -> Post:
        """A message as it is stored; waits until it is."""
        ref = MessageRef(Place(self.space, message.channel.id), message.ts)
        async with asyncio.timeout(PATIENCE):
            while (found := await self.store.forum.post(ref)) is None:
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)
        return found

    @property
    def session(self) -> Session:
        """What is there while we are connected."""
        session: Session | None = self.parts.adapters[Platform.SLACK]._session
        assert session is not None
        return session

    async def cut(self) -> None:
        """Cut all sockets."""
        self.server.sockets.cut()

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let nothing be written or read: the store's threads wait."""
        go_on = threading.Event()
        waiting = [asyncio.create_task(self.store.database.write(lambda _: go_on.wait()))]
        waiting += [asyncio.create_task(self.store.database.read(lambda _: go_on.wait())) for _ in range(STALLED)]
        try:
            yield
        finally:
            go_on.set()

    async def rename(self, table: str, other: str) -> None:
        """Take a table away from the store, or bring it back."""
        await self.store.database.write(lambda c: c.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {other}"))

    async def discussion(self, root: Message) -> Discussion:
        """The discussion of a thread."""
        found = await self.store.forum.discussion_of(Thread(Place(self.space, root.channel.id), root.ts))
        assert found is not None
        return found

    async def removed(self, wanted: bool) -> None:
        """Wait until the workspace is known to have removed us, or to have us again."""
        async with asyncio.timeout(PATIENCE):
            while (known := await self.store.places.space(self.space)) is None or bool(known.removed_at) is not wanted:
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)

    async def settled(self) -> None:
        """Wait until titles and the like are made of all that is stored."""
        async with asyncio.timeout(PATIENCE):
            while await self.store.ledger.unsettled(1):
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)

    async def kept(self, messages: Sequence[Message]) -> None:
        """Wait until exactly these messages are stored, each once."""
        wanted, found = {message.ts: message.text for message in messages}, {}
        try:
            async with asyncio.timeout(PATIENCE):
                while (found := await kept(self.store)) != wanted:
                    await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)
        except TimeoutError:
            assert found == wanted
        assert (await self.store.ledger.audit()).drift == 0

    async def no_gap(self) -> None:
        """Wait until nothing is left to be read."""
        async with asyncio.timeout(PATIENCE):
            while await self.store.gaps.open(Platform.SLACK):
                await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)

    async def is_now(self, channel: Channel, **wanted: object) -> None:
        """Wait until a channel is known to be so."""
        found: dict[str, object] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                while found != wanted:
                    known = await self.store.places.channel(Place(self.space, channel.id))
                    found = (
                        {}
                        if known is None
                        else {
                            name: known.removed if name == "removed" else getattr(known.info, name) for name in wanted
                        }
                    )
                    if found != wanted:
                        await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)
        except TimeoutError:
            assert found == wanted

    async def stored(self, *messages: Message) -> None:
        """Wait until messages are stored with the words that they have."""
        for message in messages:
            async with asyncio.timeout(PATIENCE):
                while (await self.post(message)).text != message.text:
                    await self.store.ledger.wait(await self.store.ledger.last_seq(), 0.2)


def prompt(parts: Parts) -> Parts:
    """Let catch-up believe that histories show at once what was posted, as the server's do unless they are to lag."""
    adapter = parts.adapters[Platform.SLACK]
    assert isinstance(adapter, Lagging)
    adapter.lag = timedelta()
    return parts


@asynccontextmanager
async def folkmoot(server: SlackServer, store: SqlStore, clock: SetClock, transport: str) -> AsyncIterator[Parts]:
    """Folkmoot connected to this Slack by "socket" or "http", as `folkmoot run` puts it together."""
    way = {"slack_app_token": server.app_token} if transport == "socket" else {}
    if transport == "http":
        way = {"slack_signing_secret": server.signing_secret}
    override = {"slack_bot_token": server.bot_token, "slack_api_url": server.api_url, "web_port": "0"}
    parts = prompt(assemble(load(env_file=None, override=override | way), store, clock, "code"))
    server.install(manifest(url=None if transport == "socket" else "https://folkmoot.example"))
    slack = parts.adapters[Platform.SLACK]
    await parts.web.start()
    tasks = [asyncio.create_task(work) for work in (slack.run(parts.app), parts.app.follow(), parts.catch_up.run())]
    try:
        await _listening(server, parts, transport, tasks)
        yield parts
    finally:
        for task in tasks:
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(error, asyncio.CancelledError), error
        await parts.web.stop()


async def _listening(server: SlackServer, parts: Parts, transport: str, tasks: list[asyncio.Task[None]]) -> None:
    """Wait until what happens in Slack reaches us."""
    if transport == "socket":
        waiting = asyncio.create_task(server.sockets.until_open())
        await asyncio.wait([waiting, *tasks], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert waiting.done(), tasks
        return
    server.hooks.now = lambda: parts.app._clock.now().timestamp()
    adapter = parts.adapters[Platform.SLACK]
    await until(lambda: adapter._session is not None and adapter._session.receiving is not None)
    await server.hooks.aim(f"http://127.0.0.1:{parts.web.port}{SLACK_PATH}")


async def watched(workspace: Workspace, channel: Channel) -> None:
    """Wait until a channel is known, and follow it."""
    place = Place(workspace.space, channel.id)
    async with asyncio.timeout(PATIENCE):
        while await workspace.store.places.channel(place) is None:
            await workspace.store.ledger.wait(await workspace.store.ledger.last_seq(), 1)
        await workspace.store.places.watch(place, True)
        await workspace.parts.catch_up.work()


async def kept(store: SqlStore) -> dict[str, str | None]:
    """What is stored and live, words by id."""
    found = await store.database.read(
        lambda c: c.exec_driver_sql(
            "SELECT mid, text FROM message WHERE deleted_at IS NULL AND author_id IS NOT NULL"
        ).fetchall()
    )
    return {row[0]: row[1] for row in found}


def ours(channel: Channel, thread: Message | None = None) -> list[Message]:
    """Our own posts in a channel itself, or in one of its threads."""
    posts = thread.replies if thread else [each for each in channel.messages.values() if not each.is_reply]
    return [message for message in posts if message.ours and message.blocks and not message.deleted]


def looked_at(watched: Channel) -> tuple[list[There], list[Ours]]:
    """A channel and its threads as Slack has them, and all posts of ours there, for the checker."""
    world = watched.world
    place = Place(Space(Platform.SLACK, world.team), watched.id)
    messages = list(watched.messages.values())
    said = {each.ts: each.text for each in messages if _counts(each)}
    starred = {each.ts for each in messages if each.ts in said and _starred(each)}
    there = [
        There(where=place, said={each.ts: each.text for each in messages if each.ts in said and not each.is_reply})
    ]
    for root in {each.thread_ts or "" for each in messages if each.is_reply}:
        inside = [each.ts for each in messages if each.ts in said and root in {each.ts, each.thread_ts}]
        there.append(
            There(where=Thread(place, root), said={ts: said[ts] for ts in inside}, starred=starred & {*inside})
        )
    posts = []
    for post in (each for each in messages if each.ours and each.blocks and not each.deleted):
        marker = (post.metadata or {}).get("event_payload", {}).get("marker")
        pings = bool(live({"text": post.text, "blocks": post.blocks}))
        at = Thread(place, str(post.thread_ts)) if post.is_reply else place
        posts.append(Ours(where=at, subject=marker or post.ts, text=look(post, world.clock.now()), pings=pings))
    return there, posts


def _counts(message: Message) -> bool:
    return not (message.author.is_bot or message.deleted or message.subtype)


def _starred(message: Message) -> bool:
    """Whether somebody else than its author highlighted it."""
    return any(member is not message.author for name in STARS for member in message.reactions.get(name, ()))
