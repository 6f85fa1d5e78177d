"""What becomes of us in a workspace: removed and installed again, tokens that end, channels of two workspaces."""

from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot.cli.run import assemble
from bot.errors import ConfigError
from bot.models import MemberRef, Platform
from bot.settings import load
from storage import SqlStore
from tests.camps_slack import Workspace, folkmoot, prompt, watched
from tests.makers import SetClock
from tests.servers.faults import Malform
from tests.servers.slack import Role, SlackServer

MINUTES = 30  # that the watch looks in vain


async def looks(workspace: Workspace) -> set[str]:
    """What is asked in half an hour."""
    since = len(workspace.server.log)
    for n in range(MINUTES):
        workspace.clock.advance(timedelta(minutes=1))
        await workspace.session.watch.look(deep=n % 5 == 0)
        stranger = MemberRef(workspace.space, workspace.member(f"Stranger {n}").id)
        await workspace.parts.adapters[Platform.SLACK].readable(stranger, [workspace.place])
    return {entry.what for entry in workspace.server.log.requests(since=since)}


async def test_removed_we_ask_only_whether_we_are_back_and_installed_again_we_go_on(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_, ada, eve = slack.channel("help"), slack.member("Ada"), slack.member("Eve", Role.OWNER)
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        said = [question := help_.post(ada, "Which tent?"), question.reply(eve, "The dome.")]
        await workspace.kept(said)
        clock.advance(timedelta(seconds=1))
        slack.uninstall()
        await workspace.removed(True)
        assert await looks(workspace) == {"auth.test"}
    slack.reinstall()
    said.append(help_.post(ada, "Where is Folkmoot?"))
    clock.advance(timedelta(seconds=1))
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await workspace.removed(False)
        clock.advance(timedelta(seconds=1))
        help_.invite_bot(eve)
        said.append(question.reply(ada, "There it is."))
        await workspace.kept(said)
        assert (await workspace.discussion(question)).count == 3


async def test_a_token_that_ends_works_until_then_and_is_never_exchanged(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    workspace.server.rotate_tokens()
    workspace.clock.advance(timedelta(hours=11))
    await workspace.session.watch.look(deep=True)
    await workspace.kept([workspace.help.post(ada, "Which tent?")])
    workspace.clock.advance(timedelta(hours=1))
    with structlog.testing.capture_logs() as logged:
        await workspace.session.watch.look(deep=False)
    assert ("Slack has removed us; install the app again", "token_expired") in {
        (each["event"].partition(",")[0], each.get("reason")) for each in logged
    }
    assert await looks(workspace) == {"auth.test"}
    assert workspace.server.log.requests("oauth.v2.access") == []


async def test_a_token_that_has_ended_is_refused_in_a_sentence(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    tokens = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
    slack.rotate_tokens()
    clock.advance(timedelta(hours=13))
    parts = prompt(assemble(load(env_file=None, override=tokens), store, clock, "code"))
    with pytest.raises(ConfigError, match=r"^Slack does not accept SLACK_BOT_TOKEN \(token_expired\); copy it again"):
        await parts.adapters[Platform.SLACK].run(parts.app)


def told_there(body: dict[str, Any]) -> dict[str, Any]:
    """The delivery of what happened in a connected channel, as the other workspace tells it to us too."""
    return body | {"team_id": "T0OTHER001", "context_team_id": "T0OTHER001", "event_id": body["event_id"] + "X"}


def told_to_others(body: dict[str, Any]) -> dict[str, Any]:
    """The delivery for another workspace altogether."""
    authorizations = [each | {"team_id": "T0OTHER001"} for each in body["authorizations"]]
    return told_there(body) | {"authorizations": authorizations}


async def test_people_of_a_connected_workspace_count_once_and_others_not_at_all(workspace: Workspace) -> None:
    ada, fay = workspace.member("Ada"), workspace.server.foreigner("Fay")
    workspace.help.connect(fay.team)
    workspace.help.put(fay)
    await workspace.is_now(workspace.help, connect=True)
    question = workspace.help.post(ada, "Which tent?")
    workspace.server.faults.on("EVENT message", Malform(told_there), times=1)
    said = [question, question.reply(fay, "The dome."), question.reply(fay, "Or a hut.")]
    workspace.server.faults.on("EVENT message", Malform(told_to_others), times=1)
    question.reply(fay, "Not told to us.")
    await workspace.server.deliveries.settled()
    assert workspace.server.statistics.retries == 0
    await workspace.kept(said)
    discussion = await workspace.discussion(question)
    assert (discussion.count, discussion.participants) == (3, 2)
    assert (await workspace.post(said[1])).author_name == "Fay"
