"""The core over a store, for tests: put together, and what it shows in the local room."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from bot import cardjson
from bot.cli.run import Parts, assemble
from bot.markup import Link, Tree, plain
from bot.models import (
    Card,
    Channel,
    Discussion,
    Level,
    MessageSeen,
    Origin,
    Post,
    Thread,
    VoteCast,
)
from bot.ports import Gist
from bot.settings import Settings
from bot.summaries import Extract
from storage import SqlStore
from tests.makers import (
    HELP,
    SetClock,
    a_channel,
    a_discussion,
    a_moment,
    a_space,
    a_vote,
    an_id,
)

THREAD = Thread(HELP, an_id())


async def running(store: SqlStore, clock: SetClock) -> Parts:
    """A Folkmoot over a store with one watched channel, shown on the web."""
    await store.ledger.record([a_space(), a_channel()])
    await store.places.watch(HELP, True)
    await store.places.set_level(HELP, Level.WEB, 0)
    clock.set(a_moment(9))
    return assemble(Settings(_env_file=None), store, clock, "code")  # type: ignore[call-arg]  # pydantic-settings takes it


async def shown(store: SqlStore, thread: str | None = THREAD.id) -> list[Card]:
    return [cardjson.loads(card) for _, card, _ in await store.room.own(HELP, thread)]


def words(card: Card) -> str:
    return "\n".join((card.title, plain(card.body), *(plain(field.value) for field in card.fields), plain(card.footer)))


def links(tree: Tree) -> list[str]:
    """Where a tree's links lead, in order."""
    return [
        url for node in tree for url in ([node.url] if isinstance(node, Link) else links(getattr(node, "children", ())))
    ]


class Moody(Extract):
    """A summarizer that fails once."""

    failed = False

    @override
    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Gist | None:
        if not self.failed:
            self.failed = True
            raise RuntimeError("not today")
        return await super().summarize(discussion, posts)


async def highlighted(store: SqlStore, parts: Parts, *, origin: Origin = Origin.LIVE, channel: Channel = HELP) -> None:
    """A reply with three votes, in a space that publishes highlights in #help."""
    await store.places.set_space(HELP.space, highlights_channel=HELP.id)
    for told in [
        *a_discussion(4, channel),
        *(a_vote(1, who, at=8, channel=channel) for who in ("Ada", "Dina", "Eve")),
    ]:
        assert isinstance(told, MessageSeen | VoteCast)
        await parts.app.on_event(replace(told, origin=origin))


async def gone_and_back(store: SqlStore) -> None:
    """The database cannot be read for as long as it takes until somebody who follows it noticed."""
    loop, noticed, there = asyncio.get_running_loop(), asyncio.Event(), store.database._reading

    def fail(*_: object) -> None:
        loop.call_soon_threadsafe(noticed.set)
        raise OperationalError("SELECT", None, ConnectionError("the server is gone"))

    gone = there.execution_options()  # an engine of its own: who is reading right now finds no other listeners
    event.listen(gone, "begin", fail)
    store.database._reading = gone
    try:
        async with asyncio.timeout(20):
            await noticed.wait()
    finally:
        store.database._reading = there
