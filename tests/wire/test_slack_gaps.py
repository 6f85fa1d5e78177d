"""Nothing that was said in a Slack workspace is lost while we have access, whatever happens on the way."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack import adapter as adapting
from adapters.slack import history
from bot import logs
from bot.cli.run import assemble
from bot.errors import ConfigError
from bot.models import Platform
from bot.settings import load
from storage import SqlStore, open_store
from tests.camps_slack import Workspace, folkmoot, ours, prompt, watched
from tests.makers import SetClock, a_moment
from tests.servers.faults import DropReply, Duplicate, Hold, Lose, Malform
from tests.servers.slack import Message, SlackServer
from tests.virtual import LoopClock

OVER_SOCKETS = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)


async def test_what_cannot_be_stored_comes_again(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    await workspace.kept([workspace.help.post(ada, "Before.")])
    workspace.server.world.patience = 0.3
    await workspace.rename("message", "message_away")
    first = workspace.help.post(ada, "Which tent?")
    await workspace.server.log.until(lambda: workspace.server.statistics.retries >= 1)
    assert workspace.server.statistics.successes < workspace.server.statistics.attempts
    await workspace.rename("message_away", "message")
    workspace.clock.advance(timedelta(minutes=1))
    await workspace.stored(first)
    await workspace.server.deliveries.settled()
    assert workspace.server.statistics.given_up == 0


async def test_what_comes_often_late_or_makes_no_sense_is_kept_once(workspace: Workspace) -> None:
    ada, faults = workspace.member("Ada"), workspace.server.faults
    faults.on("EVENT message", Duplicate(4))
    said = [workspace.help.post(ada, "Which tent?")]
    faults.on("EVENT message", Hold(), times=1)
    parent = workspace.help.post(ada, "Said first, told last.")
    said += [parent, parent.reply(ada, "A reply before its parent.")]
    faults.on("EVENT message", Malform(lambda body: body | {"event": body["event"] | {"ts": 17}}), times=1)
    workspace.help.post(ada, "Not to be understood.").delete()
    said.append(said[0].reply(ada, "For all.", broadcast=True))
    await workspace.kept(said)
    await workspace.server.deliveries.settled()
    assert workspace.server.statistics.given_up == 0
    discussion = await workspace.discussion(said[0])
    assert (discussion.count, discussion.participants) == (2, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_of_two_stars_the_one_that_is_left_counts_though_our_clock_is_behind(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_, ada, bo = slack.channel("help"), slack.member("Ada"), slack.member("Bo")
    async with folkmoot(slack, store, SetClock(a_moment(-5)), "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        said = [help_.post(ada, "Which tent?")]
        said.append(said[0].reply(ada, "The blue one."))
        said[1].react(bo, "star2")
        said[1].react(bo)
        said[1].unreact(bo)
        await workspace.kept(said)
        await slack.deliveries.settled()
        assert (await store.ledger.audit()).highlights == 1


@OVER_SOCKETS
async def test_what_newer_words_elsewhere_overtook_is_read(workspace: Workspace) -> None:
    """Whoever had it to tell died, and what Slack sends again came while nobody was there."""
    ada = workspace.member("Ada")
    said = [workspace.help.post(ada, "Which tent?")]
    said.append(said[0].reply(ada, "The blue one."))
    await workspace.kept(said)
    workspace.clock.advance(timedelta(minutes=1))
    workspace.server.faults.on("EVENT message", Lose(), times=1)
    lost = said[0].reply(ada, "It leaks.")
    workspace.clock.advance(timedelta(minutes=5))
    said.append(workspace.help.post(ada, "Who cooks?"))
    await workspace.kept(said)
    await workspace.session.again()
    await workspace.kept([*said, lost])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_sockets_that_connect_at_the_same_moment_hear_everything(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    slack.sockets.together = 2
    help_, ada = slack.channel("help"), slack.member("Ada")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        await workspace.kept([help_.post(ada, "Does anybody hear me?")])


async def test_after_a_restart_what_was_said_edited_and_deleted_meanwhile_is_found(
    slack: SlackServer, store: SqlStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST", 7)  # so that there are pages
    help_, ada, bo = slack.channel("help"), slack.member("Ada"), slack.member("Bo")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        old = help_.post(ada, "An old question.")
        said = [old, *(help_.post(ada, f"Before {n}.") for n in range(4))]
        quiet = help_.post(ada, "Nobody answers any more.")
        said += [quiet, quiet.reply(bo, "One.")]
        await workspace.kept(said)
    clock.advance(timedelta(hours=2))
    slack.deliveries.pause()
    said += [help_.post(ada, f"Meanwhile {n}.") for n in range(30)]
    said += [old.reply(bo, f"An answer {n}.") for n in range(3)]
    said[1].edit(ada, "Edited.")
    said[-1].react(ada)
    said.pop(2).delete()
    slack.deliveries.forget()
    slack.deliveries.resume()
    asked = len(slack.log.requests("conversations.replies"))
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await workspace.kept(said)
        await workspace.no_gap()
        assert (await store.ledger.audit()).highlights == 1
        assert (await workspace.post(said[1])).text == "Edited."
    fetched = {entry.body["body"]["ts"] for entry in slack.log.requests("conversations.replies")[asked:]}
    assert old.ts in fetched


@OVER_SOCKETS
async def test_sockets_that_are_renewed_or_cut_lose_nothing(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    said: list[Message] = []
    for upset in (workspace.server.sockets.refresh, workspace.cut, workspace.server.sockets.refresh):
        said += [workspace.help.post(ada, f"Message {len(said) + n}.") for n in range(5)]
        await upset()
        said += [workspace.help.post(ada, f"Message {len(said) + n}.") for n in range(5)]
        await workspace.server.sockets.until_open(2)
    await workspace.kept(said)


@OVER_SOCKETS
async def test_a_socket_that_looks_alive_and_brings_nothing_is_replaced(workspace: Workspace) -> None:
    await workspace.server.sockets.until_open(2)
    ada, opened = workspace.member("Ada"), workspace.server.sockets.opened
    workspace.server.sockets.make_zombies()
    said = [workspace.help.post(ada, f"Unheard {n}.") for n in range(3)]
    workspace.clock.advance(timedelta(minutes=5))
    await workspace.session.watch.look(deep=True)
    await workspace.kept(said)
    await workspace.server.sockets.until_open(2)
    assert workspace.server.sockets.opened == opened + 2
    said.append(workspace.help.post(ada, "Heard again."))
    await workspace.kept(said)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_socket_that_brings_nothing_is_replaced_within_six_minutes(sqlite_url: str) -> None:
    """In real time: the watch looks every minute, and at what is said every fifth."""
    clock, store = LoopClock(), open_store(sqlite_url)
    async with SlackServer(clock) as slack:
        help_, ada, sockets = slack.channel("help"), slack.member("Ada"), slack.sockets
        async with folkmoot(slack, store, clock, "socket") as parts:
            workspace = Workspace(slack, help_, store, clock, parts)
            await watched(workspace, help_)
            await sockets.until_open(2)
            opened, begun = sockets.opened, asyncio.get_running_loop().time()
            sockets.make_zombies()
            said = [help_.post(ada, f"Unheard {n}.") for n in range(3)]
            await slack.log.until(lambda: sockets.opened == opened + 2, within=360.0)
            await workspace.kept(said)
            assert asyncio.get_running_loop().time() - begun < 360.0
    await store.close()


async def test_events_that_slack_held_back_are_read(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    workspace.server.faults.on("EVENT message", Lose(), times=10)
    said = [workspace.help.post(ada, f"Too many {n}.") for n in range(10)]
    workspace.server.rate_limit_events()
    await workspace.kept(said)


async def test_a_lost_answer_to_a_post_is_not_posted_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapting, "LAG", 0.0)
    workspace.server.faults.on("chat.postMessage", DropReply(), times=1)
    ada = workspace.member("Ada")
    form = await workspace.help.command(ada, "/discussion", "start").opens()
    form.submit({"Title": "Tents", "Opening post": "Which one?"})
    await workspace.until(lambda: len([it for it in workspace.help.messages.values() if it.ours]) == 2)  # and its card
    assert len([it for it in workspace.help.messages.values() if it.ours and not it.is_reply]) == 1


@OVER_SOCKETS
async def test_posts_in_one_channel_are_a_second_apart_whatever_thread_they_go_to(workspace: Workspace) -> None:
    people = [workspace.member(name) for name in ("Ada", "Bo", "Cem")]
    workspace.server.limits.set("chat.postMessage", 1, 0.8)
    roots = [workspace.help.post(people[0], f"Question {n}?") for n in range(3)]
    for root in roots:
        for n in range(8):
            root.reply(people[n % 3], f"Answer {n}.")
    await workspace.until(lambda: all(ours(workspace.help, root) for root in roots))
    assert workspace.server.limits.refused == 0


@pytest.mark.parametrize(("token", "said"), [("xoxb-wrong", "SLACK_BOT_TOKEN"), ("", "SLACK_APP_TOKEN")])
async def test_a_wrong_token_is_said_in_a_sentence(
    slack: SlackServer, store: SqlStore, clock: SetClock, token: str, said: str
) -> None:
    tokens = {"slack_bot_token": token or slack.bot_token, "slack_app_token": slack.app_token if token else "xapp-no"}
    parts = prompt(
        assemble(load(env_file=None, override=tokens | {"slack_api_url": slack.api_url}), store, clock, "code")
    )
    with pytest.raises(ConfigError, match=f"^Slack does not accept {said}"):
        await parts.adapters[Platform.SLACK].run(parts.app)


async def test_no_log_tells_a_token_or_what_people_say(
    slack: SlackServer, sqlite_url: str, clock: SetClock, empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("debug", "json")
    store = open_store(sqlite_url)
    help_, ada = slack.channel("help"), slack.member("Ada")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        await workspace.stored(help_.post(ada, "A quokka said so."))
        await help_.command(ada, "/folkmoot", "privacy show").answer()
        await slack.sockets.refresh()
        await slack.sockets.until_open(2)
        slack.sockets.cut()
    await store.close()
    logged = capsys.readouterr().err
    assert "has been established" in logged
    for secret in (slack.bot_token, slack.app_token, "quokka", "response_url"):
        assert secret not in logged
    assert not re.search(r"ticket=[0-9a-f]", logged)


async def test_when_we_are_removed_nothing_is_asked_any_more(workspace: Workspace) -> None:
    workspace.server.uninstall()
    await workspace.removed(True)
    since = len(workspace.server.log.requests())
    await workspace.session.watch.look(deep=True)
    asked = [entry.what for entry in workspace.server.log.requests()[since:]]
    assert set(asked) <= {"auth.test"}
