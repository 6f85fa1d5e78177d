"""/folkmoot-admin doctor finds what is wrong with a space, and says to whom it concerns what to do."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from bot.models import Card, ChannelInfo, ChannelSeen, Level, Platform, PostKind
from tests.bot.commands.scene import GENERAL, SECRET, WEEKLY, Scene
from tests.makers import HELP

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SETUP = {"channels": "help general", "zone": "UTC", "locale": "en"}


@pytest.fixture
async def healthy(scene: Scene) -> Scene:
    """The community, set up; the doctor finds nothing."""
    await scene.run("folkmoot-admin setup", SETUP, who="root")
    await scene.deliver()
    assert "All is well" in await scene.said("folkmoot-admin doctor", who="root")
    return scene


async def test_a_platform_that_is_not_connected(healthy: Scene) -> None:
    healthy.context = replace(healthy.context, adapters={})
    said = await healthy.said("folkmoot-admin doctor", who="root")
    assert "This platform is not connected. The operator has to give its token in .env." in said


async def test_a_channel_on_the_web_that_turned_private(healthy: Scene) -> None:
    await healthy.store.places.set_level(GENERAL, Level.WEB, 0)
    info = ChannelInfo(channel=GENERAL, name="general", nsfw=True)
    await healthy.store.ledger.record([ChannelSeen(info=info, at=healthy.clock.now())])
    said = await healthy.said("folkmoot-admin doctor", who="root")
    assert "#general is set to be on the web, but may not be. Nothing of it is shown;" in said


async def test_a_post_that_was_given_up_is_named_to_who_can_open_its_channel_only(healthy: Scene) -> None:
    now = healthy.clock.now()
    post = await healthy.store.outbox.plan(PostKind.NOTICE, "notice:1", SECRET, now, Card(title="Hello"))
    assert post is not None
    for _ in range(5):
        await healthy.store.outbox.claim("test", now, 60)
        await healthy.store.outbox.retry(post, "test", "no permission", now)
    assert "1 post in #quokka-den was given up: no permission." in await healthy.said(
        "folkmoot-admin doctor", who="root"
    )
    assert "1 post was given up; /folkmoot-admin doctor says why." in await healthy.said("folkmoot status", who="mo")
    assert "given up" not in await healthy.said("folkmoot status", who="zoe")
    healthy.rooms[Platform.LOCAL].insiders[SECRET] = {"mo"}
    said = await healthy.said("folkmoot-admin doctor", who="root")
    assert "1 post was given up where you cannot read." in said
    assert "quokka" not in said


async def test_a_digest_that_leaves_out_what_turned_private(healthy: Scene) -> None:
    await healthy.run("digest schedule", WEEKLY | {"sources": "general"}, who="mo")
    assert "All is well" in await healthy.said("folkmoot-admin doctor", who="root")
    room = healthy.rooms[Platform.LOCAL]
    room.listed[GENERAL] = ChannelInfo(channel=GENERAL, name="general", private=True)
    room.insiders[GENERAL] = {"root"}
    await healthy.store.ledger.record([ChannelSeen(info=room.listed[GENERAL], at=healthy.clock.now())])
    said = await healthy.said("folkmoot-admin doctor", who="root")
    assert "The digest “Weekly” leaves out #general, because not everybody in #help may read it." in said


async def test_a_counter_that_drifted(healthy: Scene) -> None:
    def drift(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE discussion SET count = count + 1")

    await healthy.store.database.write(drift)
    said = await healthy.said("folkmoot-admin doctor", who="root")
    assert re.search(r"\d counters differ from their recount\. Please report this", said)
    assert HELP.id not in said.split("recount.")[1].split("Please")[0]
