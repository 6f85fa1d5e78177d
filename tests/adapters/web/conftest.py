"""A forum over the real store, and somebody who reads it."""

from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import WebAdapter
from bot.models import Answer, Card, Command, Event, Handout, Space
from bot.urls import Urls
from storage import SqlStore
from tests.makers import NOON, SetClock

CODE = "let-me-in"


class StoreInbox:
    """An inbox that records events and answers every command with its name."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    async def on_event(self, event: Event) -> None:
        await self.store.ledger.record([event])

    async def on_events(self, events: Sequence[Event]) -> None:
        await self.store.ledger.record(events)

    async def on_stream(self, space: Space) -> None:
        await self.store.gaps.begin(space, NOON)

    async def on_command(self, command: Command) -> Answer:
        if command.name == "privacy export":
            return Handout(title="Your data", name="my-data.jsonl", content=f"{command.asker.name}'s", instead=())
        on = f" on {command.target.id}" if command.target else ""
        return Card(title=f"{command.name}{on} {dict(command.args)}")


@pytest.fixture
async def adapter(store: SqlStore, clock: SetClock) -> AsyncIterator[WebAdapter]:
    made = WebAdapter(
        store=store,
        clock=clock,
        host="127.0.0.1",
        port=0,
        urls=Urls(""),
        room_open=True,
        moderator_code=CODE,
    )
    await made.room.open(StoreInbox(store))
    yield made
    await made.live.close()


@pytest.fixture
async def client(adapter: WebAdapter) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with TestClient(TestServer(adapter.app)) as client:
        yield client
