"""Floods, silences and crash loops: all is stored in the end, at a price that Discord accepts."""

import asyncio
import random
from collections.abc import Collection, Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from typing_extensions import override

from adapters.discord import stream
from adapters.discord.convert.events import READERS
from adapters.discord.stream import Stream
from bot import reading
from bot.errors import StoreFailed, Unavailable
from bot.models import Command, Event, MessageRef, MessageSeen, Platform, Space, Thread, VotesRead
from storage import SqlStore
from tests.adapters.discord.payloads import known_guilds
from tests.adapters.discord.test_convert_hostile import JUNK, SAMPLES, places_in
from tests.camps import PATIENCE, Camp, folkmoot, until
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import Can
from tests.servers.faults import Lose
from tests.wire.keeping import all_kept, kept, no_gap, removed, resident, seen

HISTORY = "GET /channels/*/messages"


async def test_two_thousand_messages_at_once_are_all_stored(camp: Camp) -> None:
    before, messages = resident(), 2000
    people = [camp.member(name) for name in ("Ada", "Bo", "Cy")]
    thread = camp.help.post(people[0], "Which tent?").thread(people[0], "Tents")
    said = [camp.help.messages[thread.id]]
    said += [(thread if n % 2 else camp.help).post(people[n % 3], f"Flood {n}.") for n in range(messages)]
    await all_kept(camp.store, said)
    assert camp.server.log.requests(HISTORY) == camp.server.log.requests(HISTORY)[:1]  # of the beginning
    for place in (thread, camp.help):
        order = await arrived(camp, place.messages)
        assert len(order) >= messages // 2
        assert order == sorted(order)
    assert resident() - before < 100 * 2**20


async def arrived(camp: Camp, messages: Collection[str]) -> list[int]:
    """The positions of messages in the order in which they were stored."""
    found = await camp.store.database.read(
        lambda c: c.exec_driver_sql("SELECT position FROM message WHERE kind = 'person' ORDER BY id").fetchall()
    )
    return [row[0] for row in found if str(row[0]) in messages]


async def test_what_the_queue_has_no_room_for_is_read_again(camp: Camp, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = camp.member("Ada")
    monkeypatch.setattr(stream, "BOUND", 10)
    thread = camp.help.post(ada, "Which tent?").thread(ada, "Tents")
    said = [camp.help.messages[thread.id]]
    before = len(camp.server.log.requests(HISTORY))
    said += [(thread if n % 2 else camp.help).post(ada, f"Flood {n}.") for n in range(400)]
    camp.clock.advance(timedelta(seconds=1))
    camp.help.rename("flooded")
    await all_kept(camp.store, said)
    await no_gap(camp)
    assert len(camp.server.log.requests(HISTORY)) > before
    known = await camp.store.places.channel(camp.place)
    assert known is not None
    assert known.info.name == "flooded"


async def away(
    discord: DiscordServer, store: SqlStore, clock: SetClock, channels: int
) -> tuple[Camp, Sequence[Any], Sequence[Message]]:
    """Folkmoot was there, watched some channels, said good-bye, and an hour went by."""
    guild = discord.guild("Camp")
    places = [guild.channel(f"help-{n}") for n in range(channels)]
    ada = guild.member("Ada")
    said = [place.post(ada, "Before.") for place in places]
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, places[0], store, clock, parts)
        for place in places:
            await seen(camp, place)
        await all_kept(store, said)
        await no_gap(camp)
    return camp, places, said


async def test_an_hour_of_a_thousand_messages_costs_fifteen_calls(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    camp, _, before = await away(discord, store, clock, 1)
    clock.advance(timedelta(hours=1))
    ada = camp.member("Ada")
    said = [*before, *(camp.help.post(ada, f"Meanwhile {n}.") for n in range(1000))]
    calls = len(discord.log.requests(HISTORY))
    async with folkmoot(discord, store, clock):
        await all_kept(store, said)
        await no_gap(camp)
    assert len(discord.log.requests(HISTORY)) - calls <= 15


async def test_a_beginning_with_nothing_new_costs_two_calls_a_channel(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    camp, places, _ = await away(discord, store, clock, 8)  # few enough for no rate limit to bite
    clock.advance(timedelta(days=8))
    calls, read = len(discord.log.requests("GET /channels/**")), len(discord.log.requests(HISTORY))
    active = len(discord.log.requests("GET /guilds/*/threads/active"))
    async with folkmoot(discord, store, clock):
        await until(lambda: len(discord.log.requests(HISTORY)) - read >= len(places))
        await no_gap(camp)
    assert len(discord.log.requests("GET /channels/**")) - calls == 2 * len(places)
    assert len(discord.log.requests("GET /guilds/*/threads/active")) <= 1 + active


async def test_a_quiet_channel_with_many_threads_is_not_read_thread_by_thread(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    camp, _, said = await away(discord, store, clock, 1)
    ada, kept = camp.member("Ada"), list(said)
    for n in range(30):
        kept.append(camp.help.post(ada, f"Question {n}?"))
        thread = kept[-1].thread(ada, f"Thread {n}")
        kept.append(thread.post(ada, f"Answer {n}."))
        if n % 2:
            thread.archive()
    clock.advance(timedelta(minutes=5))
    async with folkmoot(discord, store, clock):
        await all_kept(store, kept)
        await no_gap(camp)
    clock.advance(timedelta(days=8))
    kept.append(camp.guild.threads[kept[1].id].post(ada, "Again."))
    for n in range(4, 30, 4):
        camp.guild.threads[kept[2 * n + 1].id].archive()
    calls = len(discord.log.requests(HISTORY))
    async with folkmoot(discord, store, clock):
        await all_kept(store, kept)
        await no_gap(camp)
    assert len(discord.log.requests(HISTORY)) - calls <= 5  # of 30 threads, seven of them archived meanwhile


async def test_a_first_reading_goes_on_where_it_was_killed(
    discord: DiscordServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 100)
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    said = [help_.post(ada, f"Long ago {n}.", at=clock.now() - timedelta(minutes=2000 - n)) for n in range(1000)]
    closing, never = asyncio.Event(), asyncio.Event()

    async def close(*_: object) -> bool:
        closing.set()
        return await never.wait()

    with monkeypatch.context() as patch:
        patch.setattr(store.gaps, "close", close)
        async with folkmoot(discord, store, clock) as parts, asyncio.timeout(PATIENCE):
            watching = asyncio.create_task(seen(Camp(discord, guild, help_, store, clock, parts), help_))
            await closing.wait()
            watching.cancel()
    assert [gap.after for gap in await store.gaps.open(Platform.DISCORD)] == [int(said[-1].id)]
    async with folkmoot(discord, store, clock):
        await all_kept(store, said)


async def test_without_the_right_to_read_a_history_nothing_is_taken_for_deleted(camp: Camp) -> None:
    ada, us = camp.member("Ada"), camp.guild.me
    assert us is not None
    said = [camp.help.post(ada, f"Question {n}?") for n in range(3)]
    await all_kept(camp.store, said)
    camp.clock.advance(timedelta(seconds=1))
    camp.help.deny(us, Can.READ_MESSAGE_HISTORY)
    await removed(camp, True)
    lost = camp.server.faults.on("EVENT MESSAGE_CREATE", Lose())
    hidden = camp.help.post(ada, "While you could not look.")
    await until(lambda: lost.bites)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    await camp.parts.catch_up.work()
    await all_kept(camp.store, said)
    camp.clock.advance(timedelta(seconds=1))
    camp.help.clear(us)
    await all_kept(camp.store, [*said, hidden])


class Taking:
    """An inbox that takes everything."""

    taken: ClassVar[list[Event]] = []

    async def on_event(self, event: Event) -> None:
        self.taken.append(event)

    async def on_events(self, events: Sequence[Event]) -> None:
        self.taken.extend(events)

    async def on_stream(self, space: Space) -> None:
        """Nothing is read again here."""

    async def on_command(self, command: Command) -> Any:  # noqa: ANN401 - nobody asks
        raise NotImplementedError


async def test_ten_thousand_mangled_payloads_do_not_end_the_stream(clock: SetClock) -> None:
    chance = random.Random(24)
    inbox = Taking()

    async def fetch(_: str) -> Any:  # noqa: ANN401 - Discord's JSON
        return chance.choice(JUNK)

    async def reread(_: str, __: MessageRef) -> VotesRead:
        raise Unavailable("Discord does not answer.")

    tested = Stream(known=known_guilds(), inbox=inbox, clock=clock, fetch=fetch, reread=reread)
    running = asyncio.create_task(tested.run())
    names = [*sorted(READERS), "SOMETHING_NEW", "INTERACTION_CREATE"]
    for _ in range(10_000):
        name = chance.choice(names)
        tested.take(name, mangled(SAMPLES.get(name, {"id": "1"}), chance))
    tested.take("GUILD_CREATE", SAMPLES["GUILD_CREATE"])
    tested.take("MESSAGE_CREATE", {**SAMPLES["MESSAGE_CREATE"], "id": "77"})
    while not any(isinstance(each, MessageSeen) and each.message.ref.id == "77" for each in inbox.taken):
        await asyncio.sleep(0)
        assert not running.done()
    running.cancel()


def mangled(payload: Any, chance: random.Random) -> Any:  # noqa: ANN401 - Discord's JSON
    """A payload of which one part is missing or something else altogether."""
    if chance.random() < 0.02:
        return chance.choice(JUNK)
    copy = deepcopy(payload)
    container, key = chance.choice(places_in(copy))
    if chance.random() < 0.2:
        del container[key]
    else:
        container[key] = chance.choice(JUNK)
    return copy


async def test_every_kind_of_message_is_stored_sensibly(camp: Camp) -> None:
    ada, bo = camp.member("Ada"), camp.member("Bo")
    root = camp.help.post(ada, "Which tent?")
    thread = root.thread(ada, "Tents")
    poll = thread.post(bo, poll=("Blue or red?", "Blue", "Red"))
    forward = thread.post(bo, forward=root)
    sticker = thread.post(ada, stickers=("Wave",))
    hook = thread.post(ada, "Build failed.", webhook="CI")
    thread.post(ada, "pinned", kind=6)
    cem = camp.member("Cem")
    cem.leave()
    cem.user.deleted = True
    gone = thread.post(bo, "I deleted my account.", at=camp.clock.now())
    gone.author = cem.user
    camp.server.gateway.announce("MESSAGE_CREATE", gone.payload(live=True), camp.guild)
    unknown = thread.post(bo, "From the future.", kind=99)
    last = thread.post(bo, "A picture.", files=("tent.png",))
    async with asyncio.timeout(30):
        while str(last.id) not in (texts := await texts_of(camp, thread.id)):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    assert texts == {
        root.id: "Which tent?", poll.id: "Blue or red?", forward.id: "Which tent?", sticker.id: "",
        hook.id: "Build failed.", gone.id: "I deleted my account.", last.id: "A picture.",
    }  # fmt: skip
    assert unknown.id not in texts
    assert (await camp.store.ledger.audit()).counted == 6  # not the webhook's


async def test_the_greatest_id_of_all_is_stored_and_hides_nothing(camp: Camp) -> None:
    ada = camp.member("Ada")
    first = camp.help.post(ada, "Which tent?")
    late = first.payload(live=True) | {"id": str(2**63 - 1), "content": "From the last moment."}
    camp.server.gateway.announce("MESSAGE_CREATE", late, camp.guild)
    async with asyncio.timeout(30):
        while (await kept(camp.store)).get(str(2**63 - 1)) != "From the last moment.":
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    camp.clock.advance(timedelta(seconds=1))
    lost = camp.server.faults.on("EVENT MESSAGE_CREATE", Lose(), times=2)
    said = [camp.help.post(ada, f"Lost {n}.") for n in range(2)]
    await until(lambda: lost.bites == 2)
    await camp.store.gaps.begin(camp.space, camp.clock.now())
    camp.parts.catch_up.wake()
    async with asyncio.timeout(30):
        while not {message.id for message in said} <= (await kept(camp.store)).keys():
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
    assert (await camp.store.ledger.audit()).drift == 0


async def texts_of(camp: Camp, thread: str) -> dict[str, str | None]:
    """The words of a discussion by message."""
    discussion = await camp.store.forum.discussion_of(Thread(camp.place, thread))
    posts = [] if discussion is None else await camp.store.forum.posts(discussion.id)
    return {post.ref.id: post.text for post in posts}


@pytest.mark.soak
async def test_archived_threads_are_found_in_any_number(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_, ada = guild.channel("help"), guild.member("Ada")
    said = []
    for n in range(250):
        said.append(help_.post(ada, f"Question {n}?"))
        thread = said[-1].thread(ada, f"Thread {n}")
        said.append(thread.post(ada, f"Answer {n}."))
        clock.advance(timedelta(seconds=n % 3))
        thread.archive()
    async with folkmoot(discord, store, clock) as parts:
        await seen(Camp(discord, guild, help_, store, clock, parts), help_)
        await all_kept(store, said)


class Failing(Taking):
    """An inbox whose store fails at first."""

    def __init__(self) -> None:
        self.failures = 2
        self.stored = asyncio.Event()

    @override
    async def on_events(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreFailed("The disk is full.")
        self.stored.set()


async def test_a_store_that_fails_for_a_while_loses_nothing(clock: SetClock) -> None:
    async def nothing(*_: object) -> Any:  # noqa: ANN401 - Discord's JSON
        raise Unavailable("Discord does not answer.")

    inbox = Failing()
    tested = Stream(known=known_guilds(), inbox=inbox, clock=clock, fetch=nothing, reread=nothing)
    running = asyncio.create_task(tested.run())
    tested.take("GUILD_UPDATE", {"id": "1", "name": "Camp"})
    stored = asyncio.create_task(inbox.stored.wait())
    await asyncio.wait({running, stored}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    assert stored.done()
    running.cancel()
