"""The checker finds what is broken, and nothing where all is well: each promise is broken once on purpose, and mended.

On both platforms: what is stored is spoilt, or what the platform has, or what people see.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.models import Channel, Thread
from storage import SqlStore
from tests import camps, camps_slack
from tests.camps import Camp
from tests.camps_slack import Workspace
from tests.checking import Found, Ours, Output, Promise, There, check, unsent
from tests.evidence import posted_twice, sent_to_discord, sent_to_slack, taken_back
from tests.makers import SetClock
from tests.servers import slack
from tests.servers.discord.messages import Message
from tests.servers.log import Happened, Log
from tests.servers.slack.looks import look

NAMES = ("Ada", "Bo", "Cem", "Dina")
NUMBERS = "💬 9 msgs · ⭐ 1 highlight"
REPLY = "mid = '{reply}'"
SECRET, GONE = "marzipan", "Reply number 8."


@dataclass
class Scene:
    """A quiet thread of eight replies with its card; the third is starred, a ninth was deleted."""

    store: SqlStore
    log: Log
    thread: Thread
    look: Callable[[], tuple[list[There], list[Ours]]]
    sent: Callable[[], Iterator[Output]]
    messages: MutableMapping[str, Any]  # the platform's, where the replies and the card stand
    reply: str
    card: str

    async def found(self, *pages: Output, slots: int = 0) -> list[Found]:
        """All that the checker finds."""
        there, posts = self.look()
        secrets = {SECRET: Channel(self.thread.channel.space, "den")}
        found = await check(self.store, there, posts, [*self.sent(), *pages], secrets, taken_back(self.log))
        return [*found, *posted_twice(self.log), *await unsent(self.store, posts, slots)]

    async def run(self, statement: str) -> None:
        await self.store.database.write(lambda c: c.exec_driver_sql(statement))

    def page(self, text: str) -> Output:
        """What somebody sees on the page of the discussion."""
        return Output(name="/d/1", text=text, about=self.thread, now=True)


def stored(what: str, lie: str, truth: str, where: str = "TRUE") -> "Lie":
    """A lie in the database."""

    @asynccontextmanager
    async def told(scene: Scene) -> AsyncIterator[None]:
        place = where.format(reply=scene.reply)
        await scene.run(f"UPDATE {what} {lie} WHERE {place}")
        yield
        await scene.run(f"UPDATE {what} {truth} WHERE {place}")

    return told


@asynccontextmanager
async def kept(scene: Scene) -> AsyncIterator[None]:
    """A reply is gone there, and nobody told us."""
    gone = scene.messages.pop(scene.reply)
    yield
    scene.messages[scene.reply] = gone


@asynccontextmanager
async def repeated(scene: Scene) -> AsyncIterator[None]:
    """The card stands twice."""
    scene.messages["9"] = scene.messages[scene.card]
    yield
    del scene.messages["9"]


@asynccontextmanager
async def vanished(scene: Scene) -> AsyncIterator[None]:
    """The card does not stand any more, and nobody noticed."""
    card = scene.messages.pop(scene.card)
    yield
    scene.messages[scene.card] = card


def rewritten(old: str, new: str) -> "Lie":
    """The card says something else."""

    @asynccontextmanager
    async def told(scene: Scene) -> AsyncIterator[None]:
        _rewrite(scene.messages[scene.card], old, new)
        yield
        _rewrite(scene.messages[scene.card], new, old)

    return told


def _rewrite(card: Message | slack.Message, old: str, new: str) -> None:
    if isinstance(card, Message):
        card.embeds = _replaced(card.embeds, old, new)
    else:
        card.blocks = _replaced(card.blocks, old, new)


def _replaced(value: Any, old: str, new: str) -> Any:  # noqa: ANN401 - JSON
    match value:
        case str():
            return value.replace(old, new)
        case list():
            return [_replaced(each, old, new) for each in value]
        case dict():
            return {key: _replaced(each, old, new) for key, each in value.items()}
        case _:
            return value


@asynccontextmanager
async def loud(scene: Scene) -> AsyncIterator[None]:
    """The card calls everybody."""
    card = scene.messages[scene.card]
    if isinstance(card, Message):
        card.allowed_mentions = {"parse": ["everyone"]}
    else:
        _rewrite(card, NUMBERS, f"{NUMBERS} <!channel>")
    yield
    if isinstance(card, Message):
        card.allowed_mentions = {"parse": []}
    else:
        _rewrite(card, f"{NUMBERS} <!channel>", NUMBERS)


Lie = Callable[[Scene], AbstractAsyncContextManager[None]]
LIES: Sequence[tuple[Lie, set[Promise]]] = (
    (stored("message SET deleted_at =", "1", "NULL", where=REPLY), {Promise.LOST, Promise.DRIFT}),
    (stored("message SET text =", "'Nonsense.'", "'Reply number 0.'", where=REPLY), {Promise.WORDS}),
    (stored("discussion SET count =", "12", "9"), {Promise.DRIFT, Promise.COUNT}),
    (stored("discussion SET highlights =", "3", "1"), {Promise.DRIFT, Promise.VOTES}),
    (stored("own_post SET state =", "'gone'", "'live'"), {Promise.TWICE}),
    (kept, {Promise.LEFT, Promise.COUNT, Promise.STALE}),
    (repeated, {Promise.TWICE}),
    (vanished, {Promise.MISSING}),
    (rewritten("9 msgs", "8 msgs"), {Promise.STALE}),
    (rewritten("⭐ 1 highlight", "⭐ 2 highlights"), {Promise.STALE}),
    (rewritten(NUMBERS, f"{NUMBERS} {GONE}"), {Promise.SHOWN}),
    (rewritten(NUMBERS, f"{NUMBERS} {SECRET}"), {Promise.LEAK}),
    (loud, {Promise.PING}),
)  # fmt: skip


async def tried(scene: Scene) -> None:
    """Tell each lie, and then the truth again; those that cannot be taken back come last."""
    async with asyncio.timeout(camps.PATIENCE):
        while await scene.found():
            await scene.store.ledger.wait(await scene.store.ledger.last_seq(), 0.2)
    for lie, promises in LIES:
        async with lie(scene):
            assert {each.promise for each in await scene.found()} == promises
        assert await scene.found() == []
    for page, promise in (
        ("💬 8 msgs · ⭐ 1 highlight", Promise.STALE),
        (f"Bo: {GONE}", Promise.SHOWN),
        (f"What about {SECRET}?", Promise.LEAK),
    ):
        assert [each.promise for each in await scene.found(scene.page(page))] == [promise]
    assert await scene.found(scene.page(f"{NUMBERS}\nReply number 7.")) == []
    assert [each.promise for each in await scene.found(slots=1)] == [Promise.SLOT]


async def never_taken_back(scene: Scene, clock: SetClock, *requests: tuple[str, Mapping[str, Any]]) -> None:
    """What went out cannot be called back: an answer that calls somebody, a card that stood twice for a while."""
    for what, body in requests:
        scene.log.note(Happened.REQUEST, what, body={"body": body})
    assert [each.promise for each in await scene.found()] == [Promise.PING] * len(requests)
    for entry in [each for each in scene.log.deeds("post") if each.who == "Folkmoot"][-1:]:
        scene.log.note(Happened.PERSON, "post", who="Folkmoot", body=entry.body)
    assert [each.promise for each in await scene.found()][len(requests) :] == [Promise.TWICE]
    await scene.store.gaps.begin(scene.thread.channel.space, clock.now())
    assert Promise.GAP in {each.promise for each in await scene.found()}


async def test_what_is_broken_on_discord_is_found(camp: Camp) -> None:
    people = [camp.member(name) for name in NAMES]
    thread = camp.help.post(people[0], "Which tent?").thread(people[0], "Tents")
    replies = [thread.post(people[1 + n % 3], f"Reply number {n}.") for n in range(9)]
    replies[2].react(people[0])
    replies.pop().delete()
    await camp.until(lambda: camps.ours(thread) and NUMBERS in camps.shown(camps.ours(thread)[0]))
    scene = Scene(
        store=camp.store,
        log=camp.server.log,
        thread=Thread(camp.place, thread.id),
        look=lambda: camps.looked_at(camp.help),
        sent=lambda: sent_to_discord(camp.server, [camp.help]),
        messages=thread.messages,
        reply=replies[0].id,
        card=camps.ours(thread)[0].id,
    )
    await tried(scene)
    await never_taken_back(
        scene, camp.clock,
        ("POST /webhooks/1/token", {"content": "@everyone"}),
        ("PATCH /channels/1/messages/2", {"embeds": [{}], "allowed_mentions": {"parse": ["users"]}}),
    )  # fmt: skip


@pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
async def test_what_is_broken_on_slack_is_found(workspace: Workspace) -> None:
    people = [workspace.member(name) for name in NAMES]
    help_ = workspace.help
    root = help_.post(people[0], "Which tent?")
    replies = [root.reply(people[1 + n % 3], f"Reply number {n}.") for n in range(9)]
    replies[2].react(people[0])
    replies.pop().delete()
    now = workspace.clock.now
    await workspace.until(lambda: any(NUMBERS in look(card, now()) for card in camps_slack.ours(help_, root)))
    scene = Scene(
        store=workspace.store,
        log=workspace.server.log,
        thread=Thread(workspace.place, root.ts),
        look=lambda: camps_slack.looked_at(help_),
        sent=lambda: sent_to_slack(workspace.server, [help_]),
        messages=help_.messages,
        reply=replies[0].ts,
        card=camps_slack.ours(help_, root)[0].ts,
    )
    await tried(scene)
    live = {"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": "<!here>"}}
    await never_taken_back(
        scene, workspace.clock,
        ("chat.postEphemeral", {"text": "", "blocks": [live]}),
        ("views.publish", {"view": {"type": "home", "blocks": [live]}}),
    )  # fmt: skip
