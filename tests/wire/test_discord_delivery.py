"""What we show on Discord is shown once and comes true, whatever the wire, Discord and moderators do to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.discord import connecting
from adapters.discord.adapter import DiscordAdapter
from bot import delivery as delivering
from bot.cli.run import assemble
from bot.delivery import Delivery, Rendered
from bot.markup import Text
from bot.models import Card, OwnPost, Platform, PostKind, PostState, Space
from bot.models import Channel as Place
from bot.ports import Pace
from bot.settings import load
from storage import SqlStore
from tests.camps import Camp, ours, shown
from tests.makers import SetClock
from tests.servers.clients import aimed
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel
from tests.servers.discord.guilds import Guild
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR
from tests.servers.discord.threads import Thread
from tests.servers.faults import DropReply, Fault, RateLimit, Reset, Stall, Status

# What is kept is tried on both databases under tests/storage; here it is the wire that counts.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

POST, EDIT, READ = "POST /channels/*/messages", "PATCH /channels/*/messages/*", "GET /channels/*/messages"
VIA = {"Via": "1.1 google"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord wants time between two identifies; the one of these tests does not."""
    monkeypatch.setattr(connecting, "APART", 0.0)


@dataclass
class Yard:
    """A Discord that our adapter is connected to, a store, and nobody who delivers until told to."""

    server: DiscordServer
    guild: Guild
    store: SqlStore
    clock: SetClock
    adapter: DiscordAdapter
    words: dict[str, str] = field(default_factory=dict)  # what each post shows now, by its subject

    def delivery(self, owner: str = "first") -> Delivery:
        async def render(post: OwnPost) -> Rendered:
            return Rendered(card=Card(title="Tents", body=(Text(self.words[post.subject]),)))

        adapters = {Platform.DISCORD: self.adapter}
        return Delivery(store=self.store, clock=self.clock, adapters=adapters, render=render, owner=owner)

    async def plan(self, channel: Channel, words: str = "Nine messages.") -> str:
        """Plan a post that shows this; its subject."""
        subject = f"card:{len(self.words) + 1}"
        self.words[subject] = words
        place = Place(Space(Platform.DISCORD, self.guild.id), channel.id)
        assert await self.store.outbox.plan(PostKind.CARD, subject, place, self.clock.now()) is not None
        return subject

    async def changed(self, subject: str, words: str) -> None:
        self.words[subject] = words
        await self.store.outbox.touch([int(subject.partition(":")[2])])

    async def state(self, subject: str) -> PostState:
        post = await self.store.outbox.of_subject(subject)
        assert post is not None
        return post.state

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))


@pytest.fixture
async def yard(discord: DiscordServer, store: SqlStore, clock: SetClock) -> AsyncIterator[Yard]:
    guild = discord.guild("Camp")
    for name in ("help", "talk"):
        guild.channel(name)
    settings = load(env_file=None, override={"discord_token": discord.token, "discord_api_url": discord.api_url})
    parts = assemble(settings, store, clock, "code")
    adapter = parts.adapters[Platform.DISCORD]
    async with aimed(discord):
        running = asyncio.create_task(adapter.run(parts.app))
        try:
            async with asyncio.timeout(30):
                while len(await store.places.channels()) < 2:
                    await store.ledger.wait(await store.ledger.last_seq(), 1)
            yield Yard(discord, guild, store, clock, adapter)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def channels(yard: Yard) -> tuple[Channel, Channel]:
    help_, talk = (each for each in yard.guild.channels.values() if each.name in {"help", "talk"})
    return help_, talk


def texts(channel: Channel) -> list[str]:
    """What our posts in a channel say."""
    return [message.embeds[0]["description"] for message in ours(channel)]


async def test_a_reply_that_is_lost_after_the_post_took_effect_leaves_one_message(yard: Yard) -> None:
    help_, _ = channels(yard)
    lost = yard.server.faults.on(POST, DropReply(), times=2)
    subjects = [await yard.plan(help_), await yard.plan(help_, "Ten messages.")]
    for _ in range(4):
        await yard.delivery().work()
        yard.later(seconds=31)
    assert lost.bites == 2
    assert sorted(texts(help_)) == ["Nine messages.", "Ten messages."]
    assert {await yard.state(each) for each in subjects} == {PostState.LIVE}


async def test_a_post_that_changed_while_its_reply_was_lost_shows_what_is_true(yard: Yard) -> None:
    """The history lags, so that it is sent again: Discord knows its nonce, and gives back what it was sent first."""
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    yard.server.faults.on(POST, DropReply())
    await yard.delivery().work()
    late = yard.server.faults.on(READ, Status(200, {}))
    await yard.changed(subject, "Ten messages.")
    yard.later(seconds=6)
    await yard.delivery().work()
    assert late.bites == 1
    assert texts(help_) == ["Ten messages."]
    assert await yard.state(subject) is PostState.LIVE


def hanging(real: Callable[..., Awaitable[Any]], before: bool, reached: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    """Never comes back from a call: before it was made, or after."""

    async def call(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
        if not before:
            await real(*args, **more)
        reached.set()
        await asyncio.Event().wait()

    return call


@pytest.mark.parametrize("downtime", [61, 20 * 60])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", ["claim", "freeze", "post", "sent"])
async def test_a_crash_between_any_two_steps_leaves_one_message(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, step: str, before: bool, downtime: int
) -> None:
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    reached = asyncio.Event()
    part: Any = yard.adapter if step == "post" else yard.store.outbox
    with monkeypatch.context() as broken:
        broken.setattr(part, step, hanging(getattr(part, step), before, reached))
        dying = asyncio.create_task(yard.delivery().work())
        await asyncio.wait_for(reached.wait(), 5)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
    yard.later(seconds=downtime)
    await yard.delivery("second").work()
    assert texts(help_) == ["Nine messages."]
    assert await yard.state(subject) is PostState.LIVE


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_limit_is_waited_out_and_holds_up_nobody_else(yard: Yard, scope: str) -> None:
    help_, talk = channels(yard)
    route = f"POST /channels/{help_.id}/messages"
    yard.server.faults.on(route, RateLimit(0.4, scope=scope))
    await yard.plan(help_)
    await yard.plan(talk)
    await yard.delivery().work()
    first, second = yard.server.log.requests(route)
    [other] = yard.server.log.requests(f"POST /channels/{talk.id}/messages")
    assert second.loop_time - first.loop_time >= 0.4
    assert scope == "global" or other.loop_time < second.loop_time
    assert [*texts(help_), *texts(talk)] == ["Nine messages."] * 2


@pytest.mark.parametrize("fault", [Status(503), Status(502), Reset(), Stall()])
async def test_what_got_no_answer_is_sent_again_with_the_same_nonce(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    if isinstance(fault, Stall):
        monkeypatch.setattr(delivering, "LONGEST", 0.3)
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    yard.server.faults.on(POST, fault, times=1 if fault == Status(502) else 2)  # that one discord.py sends again itself
    for _ in range(3):
        await yard.delivery().work()
        yard.later(seconds=31)
    sent = yard.server.log.sent(POST)
    assert 2 <= len(sent) <= 6
    assert len({body["nonce"] for body in sent}) == 1
    assert texts(help_) == ["Nine messages."]
    assert await yard.state(subject) is PostState.LIVE


async def test_while_the_edge_bans_us_nothing_is_asked_for_ten_minutes(yard: Yard) -> None:
    help_, talk = channels(yard)
    banned = yard.server.faults.on("**", RateLimit(via=False), times=None)
    await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    await yard.plan(talk)
    for _ in range(19):
        yard.later(seconds=31)
        await delivery.work()
    assert banned.bites == 1
    banned.lift()
    yard.later(seconds=60)
    await delivery.work()
    assert [*texts(help_), *texts(talk)] == ["Nine messages."] * 2


REFUSALS = {  # status and code: what becomes of the post, and how often Discord is asked at most
    (403, 50013): (PostState.PARKED, 5),
    (403, 50001): (PostState.PARKED, 5),
    (403, 50005): (PostState.PARKED, 5),
    (400, 50035): (PostState.PARKED, 5),
    (404, 10003): (PostState.GONE, 1),
    (404, 10008): (PostState.GONE, 1),
    (400, 50083): (PostState.SENDING, 1),
    (429, 30046): (PostState.PARKED, 20),
}


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_a_refusal_is_understood_and_not_asked_for_ever(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    monkeypatch.setattr(DiscordAdapter, "pace", Pace())  # hours pass by the clock, not by the loop's time
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    body = {"message": "no", "code": code} | ({"retry_after": 600.0, "global": False} if status == 429 else {})
    refused = yard.server.faults.on(EDIT, Status(status, body, VIA), times=None)
    await yard.changed(subject, "Ten messages.")
    await delivery.work()
    yard.later(minutes=9)
    if status == 429:
        await delivery.work()
        assert refused.bites == 1
    for _ in range(40):
        yard.later(minutes=61)
        await delivery.work()
    assert (await yard.state(subject), refused.bites) == REFUSALS[status, code]


async def test_what_reads_the_same_is_not_sent(yard: Yard) -> None:
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    asked = len(yard.server.log.requests())
    await yard.changed(subject, "Nine messages.")
    assert await delivery.work() == 1
    assert len(yard.server.log.requests()) == asked


async def a_card(camp: Camp) -> tuple[Thread, list[Message], Message]:
    """A thread with eight replies, and its card."""
    people = [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    thread = camp.help.post(people[0], "Which tent holds out in a storm?").thread(people[0], "Tents")
    replies = [thread.post(people[1 + n % 3], f"Reply number {n}.") for n in range(8)]
    await camp.until(lambda: ours(thread) and "💬 9 msgs" in shown(ours(thread)[0]))
    return thread, replies, ours(thread)[0]


async def test_a_card_in_an_archived_thread_is_put_right_when_the_thread_is_opened(camp: Camp) -> None:
    thread, replies, card = await a_card(camp)
    thread.archive()
    replies[2].delete()
    await camp.until(lambda: any(each.status == 400 for each in camp.server.log.answers(EDIT)))
    assert "💬 9 msgs" in shown(card)
    camp.clock.advance(timedelta(seconds=1))  # of two statements about a thread the newer holds
    thread.unarchive()
    await camp.until(lambda: "💬 8 msgs" in shown(card))
    assert [each.status for each in camp.server.log.answers(EDIT)].count(400) == 1


async def test_a_storm_of_messages_stays_inside_the_budget_and_ends_in_what_is_true(camp: Camp) -> None:
    camp.server.limits.set(EDIT, 5, 5.0)
    thread, _, card = await a_card(camp)
    before = len(camp.server.log)
    people = [camp.member(name) for name in ("Eve", "Finn", "Gus")]
    for n in range(100):
        thread.post(people[n % 3], f"In the storm {n}.")
        await asyncio.sleep(0)
    await camp.until(lambda: "💬 109 msgs" in shown(card))
    edits = [each.loop_time for each in camp.server.log.requests(EDIT)]
    assert all(later - first >= 5.0 for first, later in zip(edits, edits[5:], strict=False))
    assert all(later - first >= 0.45 for first, later in pairwise(edits))
    assert len(camp.server.log.requests(EDIT, since=before)) <= 10
    assert camp.server.limits.refused == 0


async def test_a_card_that_a_moderator_deleted_stays_away(camp: Camp) -> None:
    thread, replies, card = await a_card(camp)
    mo = camp.member("Mo", can=MODERATOR)
    before = len(camp.server.log)
    card.delete(mo)
    replies[0].delete()
    await camp.until(lambda: any(each.status == 404 for each in camp.server.log.answers(EDIT, since=before)))
    for n in range(3):
        thread.post(mo, f"Without a card {n}.")
        replies[n + 1].delete()
        await camp.parts.app.tick()
    await camp.parts.app.tick()
    assert ours(thread) == []
    assert camp.server.log.requests(POST, since=before) == []
    assert len(camp.server.log.requests(EDIT, since=before)) == 1


PINGS = (
    "@everyone", "@here", "<@&{role}>", "<@{user}>", "<@!{user}>", "@\u200beveryone", "＠everyone", "@everyоne",
    "`@everyone`", "[@everyone](https://example.org)", "**@here**", "> @everyone", "||<@&{role}>||", "\\@everyone",
    "<#{channel}>", "<@&{role}", "a@everyone.example", "@everyone @here <@{user}>",
)  # fmt: skip


async def test_nothing_of_ours_pings_anybody(camp: Camp) -> None:
    loud, target = camp.guild.role("loud"), camp.member("Zoe")
    corpus = [text.format(role=loud.id, user=target.id, channel=camp.help.id) for text in PINGS]
    mo = camp.member("Mo", can=MODERATOR)
    people = [camp.member(name) for name in ("@everyone", "@here", f"<@&{loud.id}>", f"<@{target.id}>")]
    threads = []
    for n, text in enumerate(corpus):
        opening = camp.help.post(people[n % 4], f"{text} which tent holds out {text}?")
        thread = opening.thread(people[n % 4], f"{text} tents"[:100])
        for m in range(8):
            thread.post(people[m % 4], f"{corpus[(n + m) % len(corpus)]} said {m}.").react(mo)
        threads.append(thread)
    await camp.until(lambda: all(ours(thread) and "⭐ 8" in shown(ours(thread)[0]) for thread in threads))
    said = camp.server.log.sent(POST) + camp.server.log.sent(EDIT)
    assert len(said) >= len(corpus)
    assert all(body["allowed_mentions"] == {"parse": []} for body in said)
    posts = [message for thread in threads for message in ours(thread)] + ours(camp.help)
    assert len(posts) >= len(corpus)
    assert not any(post.mentioned() or post.pings_all() or post.payload()["mention_roles"] for post in posts)
    assert not any(post.text for post in posts)  # all we say stands in embeds, which ping nobody whatever they say
