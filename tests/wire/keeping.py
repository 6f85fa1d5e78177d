"""Waiting until Folkmoot knows what people in a Discord server did."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.models import Channel as Place
from bot.models import Platform, Thread
from storage import SqlStore
from tests.camps import PATIENCE, Camp
from tests.servers.discord.channels import Channel
from tests.servers.discord.messages import Message


def sized(name: str, quick: float, named: float) -> pytest.MarkDecorator:
    """The same test twice: quick in the suite, and in `make soak` at the size that the catalogue of tests names."""
    return pytest.mark.parametrize(name, [quick, pytest.param(named, marks=pytest.mark.soak)])


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    told = Path("/proc/self/status")
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


async def kept(store: SqlStore) -> dict[str, str | None]:
    """What is stored and live, words by id."""
    found = await store.database.read(
        lambda c: c.exec_driver_sql(
            "SELECT mid, text FROM message WHERE deleted_at IS NULL AND author_id IS NOT NULL"
        ).fetchall()
    )
    return {row[0]: row[1] for row in found}


async def all_kept(store: SqlStore, messages: Sequence[Message], within: float = PATIENCE) -> None:
    """Wait until exactly these messages are stored."""
    wanted = {message.id: message.text for message in messages}
    try:
        async with asyncio.timeout(within):
            while await kept(store) != wanted:
                await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    except TimeoutError:
        assert await kept(store) == wanted
    assert (await store.ledger.audit()).drift == 0


async def no_gap(camp: Camp) -> None:
    async with asyncio.timeout(PATIENCE):
        while await camp.store.gaps.open(Platform.DISCORD):
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def known(camp: Camp, channel: Channel) -> Place:
    """Wait until we know a channel."""
    place = Place(camp.space, channel.id)
    async with asyncio.timeout(PATIENCE):
        while await camp.store.places.channel(place) is None:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 1)
    return place


async def seen(camp: Camp, channel: Channel) -> None:
    """Wait until a channel is known, and watch it."""
    place = await known(camp, channel)
    await camp.store.places.watch(place, True)
    await camp.parts.catch_up.work()


async def voted(camp: Camp, votes: int) -> None:
    """Wait until there are so many votes in all."""
    async with asyncio.timeout(PATIENCE):
        while (await camp.store.ledger.audit()).highlights != votes:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)


async def shows(store: SqlStore, channel: Place, key: str, **wanted: object) -> None:
    """Wait until a discussion is what people see of it."""
    found: dict[str, object] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while found != wanted:
                discussion = await store.forum.discussion_of(Thread(channel, key))
                found = {name: getattr(discussion, name) for name in wanted} if discussion else {}
                if found != wanted:
                    await store.ledger.wait(await store.ledger.last_seq(), 0.2)
    except TimeoutError:
        assert found == wanted


async def removed(camp: Camp, wanted: bool) -> None:
    async with asyncio.timeout(PATIENCE):
        while (known := await camp.store.places.channel(camp.place)) is None or known.removed is not wanted:
            await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.2)
