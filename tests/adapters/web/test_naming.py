"""Names in texts: of people who show theirs, and of channels that may be read; nothing else, whatever a text says."""

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.models import Author, Channel, Level, MemberRef, Platform, Space
from storage import SqlStore
from tests.makers import a_channel, a_message, a_moment, a_space, a_vote, seen

Client = TestClient[web.Request, web.Application]
TEAM = Space(Platform.SLACK, "T1")
OPEN, CLOSED = Channel(TEAM, "C1"), Channel(TEAM, "C2")
TEXT = "Ask <@UZOE> or <@UFINN|finn> or <@UNOBODY|nobody> in <#C2|closed> or <#C1|old-name> or <#C9|elsewhere>."


@pytest.fixture
async def named(store: SqlStore) -> None:
    await store.ledger.record([a_space(TEAM, "Team", hosted=False), a_channel(OPEN), a_channel(CLOSED)])
    await store.places.set_level(OPEN, Level.WEB, 0)
    for ident in ("UZOE", "UFINN"):
        await store.people.meet(Author(member=MemberRef(TEAM, ident), name=f"{ident[1:].title()} Lane"), a_moment())
    await store.ledger.record(
        [
            seen(a_message(0, TEXT, channel=OPEN)),
            seen(a_message(1, TEXT, thread=0, author="Bo", channel=OPEN)),
            a_vote(1, "Cem", channel=OPEN),
        ]
    )


async def mentions(client: Client, path: str) -> list[str]:
    page = await (await client.get(path)).text()
    return re.findall('class="mention">([^<]*)<', page)[:6]


@pytest.mark.parametrize("path", ["/d/1", "/highlights"])
async def test_people_and_channels_are_named_as_they_are_known(client: Client, named: None, path: str) -> None:
    assert await mentions(client, path) == ["@Zoe Lane", "@Finn Lane", "@unknown", "#unknown", "#C1", "#unknown"]


@pytest.mark.parametrize("path", ["/d/1", "/highlights"])
async def test_who_opted_out_or_is_erased_is_not_named(client: Client, store: SqlStore, named: None, path: str) -> None:
    await store.people.opt_out(MemberRef(TEAM, "UZOE"), True, a_moment(5))
    await store.people.erase(MemberRef(TEAM, "UFINN"), a_moment(5))
    assert (await mentions(client, path))[:2] == ["@unknown", "@unknown"]


async def test_machines_are_told_no_more_names(client: Client, store: SqlStore, named: None) -> None:
    await store.places.set_level(OPEN, Level.INDEX, 0)
    await store.people.opt_out(MemberRef(TEAM, "UFINN"), True, a_moment(5))
    for path in ("/d/1", "/feed.atom"):
        page = await (await client.get(path)).text()
        assert "Ask @Zoe Lane or @unknown or @unknown in #unknown or #C1" in page
        assert "@finn" not in page
        assert "#closed" not in page
