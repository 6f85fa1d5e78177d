"""The first day of Folkmoot in a Slack workspace, and what moderators hear of later ones."""

import asyncio
from datetime import timedelta

import pytest

from bot.cli.run import announce
from bot.models import Platform
from bot.settings import load
from storage import SqlStore
from tests.camps import PATIENCE, until
from tests.camps_slack import Workspace, folkmoot, ours, watched
from tests.makers import SetClock
from tests.servers.faults import Reset, Stall
from tests.servers.slack import Channel, Member, SlackServer
from tests.servers.slack import Role as Rank
from tests.servers.slack.looks import look, look_view

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ONE = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


@pytest.mark.parametrize(
    ("way", "tells"),
    [({"slack_app_token": "xapp-secret"}, ""), ({"slack_signing_secret": "secret"}, "https://x.example/slack/events")],
)
def test_the_start_says_what_to_do_next(capsys: pytest.CaptureFixture[str], way: dict[str, str], tells: str) -> None:
    given = {"slack_bot_token": "xoxb-secret", "web_public_url": "https://x.example"} | way
    announce(load(env_file=None, override=given), "code")
    said = capsys.readouterr().out
    assert "secret" not in said
    assert "/invite" in said
    assert "/folkmoot admin setup" in said
    assert (tells in said) if tells else "/slack/events" not in said


ALL: dict[str, object] = {
    "Time zone": "Europe/Berlin",
    "Channel that hears of problems": "#log",
    "Digest in this channel": "weekly",
}


async def known(workspace: Workspace, channel: Channel) -> None:
    """Wait until we know a channel."""
    await workspace.is_now(channel, removed=False)


async def set_up(workspace: Workspace, eve: Member, where: Channel, values: dict[str, object]) -> tuple[str, str]:
    """Fill the form of /folkmoot-admin setup in; the channels it began with, and what came of it."""
    form = await where.command(eve, "/folkmoot-admin", "setup").opens()
    await workspace.until(lambda: form.fields)
    proposed = next(each.state.get("value") or "" for each in form.fields if each.label == "Channels to follow")
    answer = await form.submit(values).opens()
    await workspace.until(lambda: "Set up" in look_view(answer, workspace.clock.now()))
    return proposed, look_view(answer, workspace.clock.now())


async def test_setting_up_reads_what_was_said_before_and_posts_nothing_of_it(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_, _, stars, other = (slack.channel(name, bot=name != "other") for name in ("help", "log", "stars", "other"))
    people, eve = [slack.member(name) for name in ("Ada", "Bo", "Cem")], slack.member("Eve", Rank.OWNER)
    question = help_.post(people[0], "Which tent?")
    replies = [question.reply(people[n % 3], f"Reply {n}.") for n in range(9)]
    for member in (*people[1:], eve):
        replies[0].react(member, "star")
    clock.advance(timedelta(days=40))
    fresh = help_.post(people[0], "And which stove?")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await known(workspace, stars)
        proposed, said = await set_up(workspace, eve, help_, ALL | {"Channels to follow": "#help"})
        assert proposed == "#help #log #stars"
        assert "I follow #help." in said
        assert "/folkmoot admin doctor" in said
        await help_.command(eve, "/folkmoot", "admin set highlights_channel #stars").answer()
        await workspace.kept([question, *replies, fresh])
        discussion = await workspace.discussion(question)
        assert (discussion.count, discussion.highlights) == (10, 1)
        await parts.app.tick()
        await workspace.until(lambda: ours(help_))
        notice = look(ours(help_)[0], clock.now())
        assert "I am Folkmoot." in notice
        assert "#help: text, quoted only to people who could read it anyway" in notice
        assert "/folkmoot privacy optout hides your words and name everywhere" in notice
        proposed, _ = await set_up(workspace, eve, other, {})
        assert proposed == "#help"
        await parts.app.tick()
        assert len(ours(help_)) == 1
        assert ours(help_, question) == ours(stars) == ours(other) == []


@ONE
async def test_whoever_sets_up_from_elsewhere_is_told_what_was_left_out(workspace: Workspace) -> None:
    eve, hall = workspace.member("Eve", Rank.OWNER), workspace.server.channel("hall", bot=False)
    _, said = await set_up(workspace, eve, hall, {"Digest in this channel": "weekly", "Board in this channel": "yes"})
    assert "I am not in the channel where you asked" in said
    await workspace.until(lambda: ours(workspace.help))
    assert ours(hall) == []
    workspace.help.kick_bot()
    await workspace.is_now(workspace.help, removed=True)
    _, said = await set_up(workspace, eve, hall, {})
    assert "I am in no channel that you can open: add me to some" in said


async def test_a_moderator_sees_how_far_the_first_reading_has_come(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_, ada, eve = slack.channel("help"), slack.member("Ada"), slack.member("Eve", Rank.OWNER)
    said = [help_.post(ada, f"Long ago {n}.") for n in range(250)]
    said[240].reply(ada, "And an answer.")
    clock.advance(timedelta(days=1))
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await known(workspace, help_)
        slack.faults.on("conversations.replies", Stall(), times=None)
        await store.places.watch(workspace.place, True)
        await until(lambda: slack.log.requests("conversations.replies"))
        status = look(await help_.command(eve, "/folkmoot", "status").answer(), clock.now())
        assert "Reading what was said in #help: " in status
        assert "messages so far" in status
        assert "Reading" not in look(await help_.command(ada, "/folkmoot", "status").answer(), clock.now())
        assert ours(help_) == []


async def heard(workspace: Workspace, log: Channel) -> list[str]:
    """What the log channel hears, once it hears anything."""
    async with asyncio.timeout(PATIENCE):
        while not ours(log):
            await workspace.parts.app.tick()
            await workspace.store.ledger.wait(await workspace.store.ledger.last_seq(), 0.2)
    return [look(post, workspace.clock.now()) for post in ours(log)]


async def test_the_log_channel_hears_how_long_we_were_away_and_what_was_read_again(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_, log, ada = slack.channel("help"), slack.channel("log"), slack.member("Ada")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        await known(workspace, log)
        await store.places.set_space(workspace.space, log_channel=log.id)
        await workspace.stored(help_.post(ada, "See you tomorrow."))
        await until(lambda: parts.adapters[Platform.SLACK].connected)
        await parts.app.tick()
    slack.deliveries.forget()
    for n in range(43):
        clock.advance(timedelta(minutes=12) if n else timedelta())
        help_.post(ada, f"Meanwhile {n}.")
    clock.advance(timedelta(minutes=6))
    slack.deliveries.forget()
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        [said] = await heard(workspace, log)
        assert "Back after 8 h 30 min; 43 messages recovered" in said
        await parts.app.tick()
        assert len(ours(log)) == 1


@ONE
async def test_the_log_channel_hears_of_an_outage_that_we_outlived(workspace: Workspace) -> None:
    log, ada = workspace.server.channel("log"), workspace.member("Ada")
    await workspace.session.watch.look(deep=True)
    await known(workspace, log)
    adapter = workspace.parts.adapters[Platform.SLACK]
    await workspace.store.places.set_space(workspace.space, log_channel=log.id)
    await workspace.parts.app.tick()
    refusal = workspace.server.faults.on("CONNECT /socket", Reset(), times=None)
    workspace.server.sockets.cut()
    await until(lambda: not adapter.connected)
    workspace.clock.advance(timedelta(minutes=20))
    await workspace.parts.app.tick()  # nothing reaches us: that is no sign of life
    workspace.server.deliveries.pause()
    workspace.help.post(ada, "Anybody there?")
    workspace.server.deliveries.forget()
    workspace.server.deliveries.resume()
    refusal.lift()
    await until(lambda: adapter.connected)
    [said] = await heard(workspace, log)
    assert "Back after 20 min; 1 message recovered" in said


@ONE
async def test_the_log_channel_hears_of_a_channel_that_we_are_put_out_of(workspace: Workspace) -> None:
    log = workspace.server.channel("log")
    await workspace.session.watch.look(deep=True)
    await known(workspace, log)
    await workspace.store.places.set_space(workspace.space, log_channel=log.id)
    workspace.clock.advance(SECOND)
    workspace.help.kick_bot()
    [said] = await heard(workspace, log)
    assert "I can't read #help any more: it is gone, or closed to me." in said
    assert "/folkmoot admin doctor tells what is wrong." in said
