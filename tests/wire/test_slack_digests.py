"""Digests and notes in a Slack workspace whose channels are archived, shared with others, or direct messages."""

from datetime import timedelta

import pytest

from adapters.slack import adapter as adapting
from tests.camps_slack import Workspace, ours, watched
from tests.servers.faults import Status
from tests.servers.slack import Channel, Role
from tests.servers.slack.channels import direct
from tests.servers.slack.looks import look

pytestmark = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's history does not lag here."""
    monkeypatch.setattr(adapting, "LAG", 0.0)


DAILY = "schedule name:Tents every:daily at:14:00 zone:UTC reach:space"  # two hours after noon


async def a_talk(workspace: Workspace, channel: Channel, words: str) -> None:
    ada, bo = workspace.member("Ada"), workspace.member("Bo")
    question = channel.post(ada, f"{words}, which tent holds out?")
    await workspace.stored(question, question.reply(bo, "The dome."))


async def scheduled(workspace: Workspace, channel: Channel) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    answer = await channel.command(eve, "/digest", DAILY).answer()
    assert "Next" in look(answer, workspace.clock.now())


def digests(workspace: Workspace, channel: Channel) -> list[str]:
    return [look(post, workspace.clock.now()) for post in ours(channel) if "The day in" in str(post.blocks)]


async def ticked(workspace: Workspace, **by: float) -> None:
    workspace.clock.advance(timedelta(**by))
    await workspace.parts.app.tick()


async def test_an_archived_channel_gets_its_digest_when_it_is_opened_again(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    await a_talk(workspace, workspace.help, "On Monday")
    await scheduled(workspace, workspace.help)
    workspace.clock.advance(timedelta(seconds=1))
    workspace.help.archive(eve)
    await workspace.is_now(workspace.help, archived=True)
    await ticked(workspace, hours=2, minutes=1)
    await ticked(workspace, days=1)
    assert workspace.server.log.requests("chat.postMessage") == []
    workspace.help.unarchive(eve)
    await workspace.is_now(workspace.help, archived=False)
    await a_talk(workspace, workspace.help, "On Tuesday")
    await ticked(workspace, days=1)
    await workspace.until(lambda: digests(workspace, workspace.help))
    [digest] = digests(workspace, workspace.help)
    assert "On Monday" in digest
    assert "On Tuesday" in digest


async def test_a_digest_that_finds_its_channel_archived_waits_for_it(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    await a_talk(workspace, workspace.help, "On Monday")
    await scheduled(workspace, workspace.help)
    archived = workspace.server.faults.on("chat.postMessage", Status(200, {"ok": False, "error": "is_archived"}))
    await ticked(workspace, hours=2, minutes=1)
    await workspace.until(lambda: archived.bites)
    for _ in range(3):
        await ticked(workspace, hours=1)
        await workspace.parts.app._delivery.work()
    assert len(workspace.server.log.requests("chat.postMessage")) == 1
    workspace.help.archive(eve)
    await workspace.is_now(workspace.help, archived=True)
    workspace.clock.advance(timedelta(seconds=1))
    workspace.help.unarchive(eve)
    await workspace.until(lambda: digests(workspace, workspace.help))
    assert len(digests(workspace, workspace.help)) == 1


async def test_a_digest_in_a_channel_shared_with_others_tells_of_its_own_threads_only(workspace: Workspace) -> None:
    tea = workspace.server.channel("tea", members=tuple(workspace.help.members.values()))
    await workspace.session.watch.look(deep=True)
    await watched(workspace, tea)
    workspace.clock.advance(timedelta(seconds=1))
    workspace.help.connect("T0OTHER001")
    await workspace.is_now(workspace.help, connect=True)
    await a_talk(workspace, workspace.help, "With others")
    await a_talk(workspace, tea, "Among us")
    await scheduled(workspace, workspace.help)
    await ticked(workspace, hours=2, minutes=1)
    await workspace.until(lambda: digests(workspace, workspace.help))
    [digest] = digests(workspace, workspace.help)
    assert "With others" in digest
    assert "Among us" not in str(workspace.server.log.requests("chat.postMessage")[-1].body)


async def test_direct_messages_are_no_place_for_a_digest(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    said = look(await direct(eve).command(eve, "/digest", DAILY).answer(), workspace.clock.now())
    assert "Name one: #help." in said
    assert await workspace.store.calendar.schedules() == []


async def test_moderators_hear_of_what_slack_did_not_take(workspace: Workspace) -> None:
    eve, mods = workspace.member("Eve", Role.OWNER), workspace.server.channel("mods", private=True)
    mods.put(eve)
    await workspace.session.watch.look(deep=True)
    await mods.command(eve, "/folkmoot-admin", "log").answer()
    helping = workspace.help.id
    refused = Status(200, {"ok": False, "error": "restricted_action"})
    workspace.server.faults.on("chat.postMessage", refused, times=None, where=lambda body: body["channel"] == helping)
    await a_talk(workspace, workspace.help, "On Monday")
    await scheduled(workspace, workspace.help)
    await ticked(workspace, hours=2, minutes=1)
    for _ in range(6):
        await workspace.parts.app._delivery.work()
        await ticked(workspace, hours=1, minutes=1)
    await workspace.until(lambda: ours(mods))
    [note] = ours(mods)
    assert "was not posted: Slack answered restricted_action." in look(note, workspace.clock.now())
    asked = [it.body["body"]["channel"] for it in workspace.server.log.requests("chat.postMessage")]
    assert asked.count(helping) == 5
