"""Setting Folkmoot up in a Slack workspace, and finding out what it lacks there."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from adapters.slack.examining import SILENT
from adapters.slack.hearing import NOTICED
from adapters.slack.manifest import BOT_SCOPES, SLACK_PATH, manifest
from bot.cli.doctor import Finding, findings
from bot.cli.run import assemble
from bot.errors import ConfigError
from bot.models import Lack, Lacking, Platform
from bot.settings import load
from storage import SqlStore
from tests.camps_slack import Workspace, prompt, watched
from tests.makers import SetClock
from tests.servers.faults import Reset, Status
from tests.servers.slack import Role as Rank
from tests.servers.slack import SlackServer
from tests.servers.slack.hooks import JSON
from tests.servers.slack.looks import look, look_view

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ONE = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
HTTP = pytest.mark.parametrize("workspace", ["http-sqlite"], indirect=True)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


async def found(server: SlackServer, store: SqlStore, **settings: str | None) -> list[Finding]:
    """What `folkmoot doctor` finds; None takes a setting away."""
    given = {"slack_bot_token": server.bot_token, "slack_app_token": server.app_token, "slack_api_url": server.api_url}
    override = {name: value for name, value in (given | settings).items() if value is not None}
    return await findings(store, load(env_file=None, override=override))


async def operator_is_told(server: SlackServer, store: SqlStore, **settings: str | None) -> list[str]:
    """What `folkmoot doctor` wants mended on Slack."""
    told = await found(server, store, **settings)
    return [f"{each.what} {each.mend}" for each in told if not each.well and "channels watched" not in each.what]


async def lacking(workspace: Workspace) -> list[Lacking]:
    """What is surely missing."""
    adapter = workspace.parts.adapters[Platform.SLACK]
    return [each for each in await adapter.examine([workspace.place]) if each.sure]


# What the operator gave: each thing that may be wrong with it, looked at without a connection of ours


@pytest.fixture
def installed(slack: SlackServer) -> SlackServer:
    """A workspace in which our app was made from its manifest."""
    slack.install(manifest())
    return slack


async def test_where_all_is_well_the_doctor_says_so(installed: SlackServer, store: SqlStore) -> None:
    assert await operator_is_told(installed, store) == []
    assert "Slack lets us do what we need" in [each.what for each in await found(installed, store)]


async def test_commands_are_named_as_slack_surely_has_them(installed: SlackServer, store: SqlStore) -> None:
    assert "Watch some with /folkmoot admin setup." in [each.mend for each in await found(installed, store)]
    both = await found(installed, store, discord_token="x", discord_api_url="http://127.0.0.1:9/api/v10")
    assert "Watch some with /folkmoot-admin setup." in [each.mend for each in both]


@pytest.mark.parametrize("scope", BOT_SCOPES)
async def test_each_scope_that_is_missing_is_named(installed: SlackServer, store: SqlStore, scope: str) -> None:
    installed.app.scopes.discard(scope)
    assert await operator_is_told(installed, store) == [
        f"I lack these scopes: {scope}. api.slack.com/apps, your app, OAuth & Permissions, Bot Token Scopes: add them,"
        " then reinstall the app."
    ]


def without_connections(slack: SlackServer) -> None:
    slack.app.app_scopes.discard("connections:write")


def without_socket_mode(slack: SlackServer) -> None:
    slack.app.socket_mode = False


TOKENS: tuple[tuple[Callable[[SlackServer], None], dict[str, str | None], tuple[str, ...]], ...] = (
    (
        lambda _: None,
        {"slack_bot_token": "xoxb-wrong"},
        ("not accept the bot token (invalid_auth). api.slack.com/apps, your app, OAuth & Permissions: install it",),
    ),
    (
        SlackServer.revoke_token,
        {},
        ("not accept the bot token (token_revoked). api.slack.com/apps, your app, OAuth & Permissions: install it",),
    ),
    (
        SlackServer.uninstall,
        {},
        ("not accept the bot token (account_inactive). api.slack.com/apps, your app, OAuth & Permissions: install it",),
    ),
    (
        lambda _: None,
        {"slack_app_token": "xapp-wrong"},
        ("app-level token (invalid_auth). api.slack.com/apps, your app, Basic Information, App-Level Tokens: make",),
    ),
    (
        lambda _: None,
        {"slack_bot_token": "xoxb-wrong", "slack_app_token": "xapp-wrong"},
        ("not accept the bot token (invalid_auth).", "not accept the app-level token (invalid_auth)."),
    ),
    (without_connections, {}, ("(missing_scope). api.slack.com/apps, your app, Basic Information, App-Level Tokens",)),
    (without_connections, {}, ("make one with connections:write, put it into SLACK_APP_TOKEN",)),
    (
        without_socket_mode,
        {},
        ("most likely Socket Mode is off. api.slack.com/apps, your app, Socket Mode: switch on Enable Socket Mode",),
    ),
    (
        lambda _: None,
        {"slack_app_token": None},
        ("neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is; add one of them in .env",),
    ),
)


@pytest.mark.parametrize(("breaks", "settings", "wanted"), TOKENS)
async def test_what_is_wrong_with_the_tokens_is_told_with_the_place_to_mend_it(
    installed: SlackServer,
    store: SqlStore,
    breaks: Callable[[SlackServer], None],
    settings: dict[str, str | None],
    wanted: tuple[str, ...],
) -> None:
    breaks(installed)
    told = await operator_is_told(installed, store, **settings)
    assert len(told) == len(wanted)
    assert all(words in said for words, said in zip(wanted, told, strict=True)), told


async def test_a_start_without_socket_mode_ends_with_the_place_to_switch_it_on(
    installed: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    without_socket_mode(installed)
    given = {"slack_bot_token": installed.bot_token, "slack_app_token": installed.app_token}
    override = given | {"slack_api_url": installed.api_url}
    parts = prompt(assemble(load(env_file=None, override=override), store, clock, "code"))
    with pytest.raises(ConfigError, match=r"switch Enable Socket Mode on at api\.slack\.com/apps"):
        await parts.adapters[Platform.SLACK].run(parts.app)


async def test_a_refusal_in_a_word_that_we_do_not_know_is_told_too(installed: SlackServer, store: SqlStore) -> None:
    refusal = Status(200, {"ok": False, "error": "socket_mode_is_not_for_you"})
    installed.faults.on("apps.connections.open", refusal, times=None)
    [told] = await operator_is_told(installed, store)
    assert "(Slack answered socket_mode_is_not_for_you); most likely Socket Mode is off." in told


async def test_a_slack_that_does_not_answer(installed: SlackServer, store: SqlStore) -> None:
    installed.faults.on("auth.test", Reset(), times=None)
    [told] = await operator_is_told(installed, store)
    assert "Slack does not answer: " in told
    assert "Check the network and SLACK_API_URL" in told


# What is found out while we are connected


@ONE
async def test_a_channel_that_we_follow_and_are_not_in(workspace: Workspace) -> None:
    eve, ada = workspace.member("Eve", Rank.OWNER), workspace.member("Ada")
    hut = workspace.server.channel("hut", private=True, members=(eve,))
    await workspace.session.watch.look(deep=True)
    await watched(workspace, hut)
    workspace.clock.advance(SECOND)
    workspace.help.kick_bot()
    hut.kick_bot()
    await workspace.is_now(workspace.help, removed=True)
    await workspace.is_now(hut, removed=True)
    told = await operator_is_told(workspace.server, workspace.store)
    assert "I am not in #help, which I follow. Invite me there with /invite" in told[0]
    assert "I am not in #hut, which I follow. Invite me there with /invite" in told[1]
    hall = workspace.server.channel("hall")
    answer = look(await hall.command(eve, "/folkmoot-admin", "doctor").answer(), workspace.clock.now())
    assert "I am not in #help, which I follow." in answer
    assert "or run /folkmoot admin unwatch there." in answer
    assert "1 channel that I follow is closed to me." in answer, answer
    assert "hut" not in answer
    refused = await workspace.help.command(ada, "/folkmoot", "admin unwatch").answer()
    assert "Only a moderator" in look(refused, workspace.clock.now())
    done = await workspace.help.command(eve, "/folkmoot", "admin unwatch").answer()
    assert "I no longer follow #help." in look(done, workspace.clock.now())
    assert "#help" not in "".join(await operator_is_told(workspace.server, workspace.store))


async def missing_after(workspace: Workspace, event: str, does: Callable[[], object]) -> set[str]:
    """Do what an event would tell of, were it subscribed to; which events are said to be missing then."""
    workspace.server.app.events.discard(event)
    workspace.clock.advance(MINUTE)
    does()
    await workspace.server.deliveries.settled()
    workspace.clock.advance(5 * MINUTE)
    await workspace.session.watch.look(deep=True)
    await workspace.no_gap()
    return {name for each in await lacking(workspace) if each.lack is Lack.EVENTS for name in each.permissions}


@ONE
async def test_each_event_whose_lack_can_be_noticed_is_named(workspace: Workspace) -> None:
    server, eve, ada = workspace.server, workspace.member("Eve", Rank.OWNER), workspace.member("Ada")
    open_ = workspace.help
    hut, den = (server.channel(name, private=True, members=(eve,)) for name in ("hut", "den"))
    await workspace.session.watch.look(deep=True)
    await watched(workspace, hut)
    said = open_.post(ada, "Which tent?")
    await workspace.stored(said)
    await workspace.no_gap()
    new = server.creates(eve, "new")

    deeds: dict[str, Callable[[], object]] = {
        "reaction_added": lambda: said.react(eve, "star"),
        "channel_rename": lambda: open_.rename(eve, "questions"),
        "group_rename": lambda: hut.rename(eve, "shed"),
        "channel_shared": lambda: open_.connect("T0OTHER001"),
        "channel_unshared": lambda: open_.disconnect("T0OTHER001"),
        "member_joined_channel": lambda: new.invite_bot(eve),
        "channel_left": new.kick_bot,
        "team_rename": lambda: setattr(server.world, "name", "Valley"),
        "channel_archive": lambda: open_.archive(eve),
        "channel_unarchive": lambda: open_.unarchive(eve),
        "group_archive": lambda: hut.archive(eve),
        "group_unarchive": lambda: hut.unarchive(eve),
        "group_left": den.kick_bot,
        "message.channels": lambda: open_.post(ada, "Does anybody hear me?"),
        "message.groups": lambda: hut.post(eve, "And here?"),
    }
    assert deeds.keys() == set(NOTICED)
    assert await lacking(workspace) == []
    for n, (event, does) in enumerate(deeds.items(), 1):
        assert await missing_after(workspace, event, does) == set(list(deeds)[:n]), event
    [told] = [each for each in await operator_is_told(server, workspace.store) if "tell me of" in each]
    assert "channel_rename, " in told
    assert "api.slack.com/apps, your app, Event Subscriptions: switch on Enable Events" in told


@ONE
async def test_what_comes_again_is_not_missing_any_more(workspace: Workspace) -> None:
    server, eve = workspace.server, workspace.member("Eve", Rank.OWNER)
    await workspace.session.watch.look(deep=True)
    assert await missing_after(workspace, "channel_rename", lambda: workspace.help.rename(eve, "a")) == {
        "channel_rename"
    }
    server.app.events.add("channel_rename")
    workspace.clock.advance(MINUTE)
    workspace.help.rename(eve, "help")
    await workspace.is_now(workspace.help, name="help")
    assert await lacking(workspace) == []


@ONE
async def test_nothing_is_thought_missing_that_happened_while_we_did_not_listen(workspace: Workspace) -> None:
    eve, ada = workspace.member("Eve", Rank.OWNER), workspace.member("Ada")
    said = workspace.help.post(ada, "Which tent?")
    await workspace.stored(said)
    await workspace.session.watch.look(deep=True)
    workspace.server.deliveries.pause()
    workspace.clock.advance(MINUTE)
    workspace.help.rename(eve, "questions")
    said.react(eve, "star")
    workspace.server.deliveries.forget()
    workspace.clock.advance(MINUTE)
    await workspace.session.again()
    await workspace.no_gap()
    workspace.clock.advance(5 * MINUTE)
    await workspace.session.watch.look(deep=True)
    await workspace.is_now(workspace.help, name="questions")
    assert await lacking(workspace) == []


async def unsure(workspace: Workspace) -> str:
    """What the doctor cannot know, as the operator reads it."""
    way = {"slack_signing_secret": "x", "slack_app_token": None} if workspace.session.receiving else {}
    told = await found(workspace.server, workspace.store, **way)
    return "\n".join(each.what for each in told if each.well and "so far" in each.what)


async def test_what_never_came_is_told_without_blame(workspace: Workspace) -> None:
    server, ada = workspace.server, workspace.member("Ada")
    server.app.events -= set(SILENT)
    told = await unsure(workspace)
    assert (
        f"of {', '.join(SILENT)}; that is fine if nothing of it happened. api.slack.com/apps, your app, Event" in told
    )
    assert "Slash Commands: /folkmoot has to be there" in told
    assert "Interactivity & Shortcuts: switch on Interactivity" in told
    menu = await workspace.help.command(ada, "/folkmoot").opens()
    menu.press("How things stand")
    await workspace.until(lambda: "#help" in look_view(menu, workspace.clock.now()))
    server.app.events.add("app_home_opened")
    ada.open_home()
    await workspace.until(lambda: server.home(ada))
    await workspace.session.watch.look(deep=False)
    told = await unsure(workspace)
    assert "Slash Commands" not in told
    assert "Interactivity" not in told
    assert "app_home_opened" not in told
    assert "team_join" in told


@HTTP
async def test_a_signing_secret_that_is_not_slacks(workspace: Workspace) -> None:
    server, way = workspace.server, {"slack_signing_secret": "right", "slack_app_token": None}
    url, body = (
        f"http://127.0.0.1:{workspace.parts.web.port}{SLACK_PATH}",
        b'{"type":"url_verification","challenge":"c"}',
    )

    async def delivered(secret: str) -> str:
        headers = server.hooks.headers(body, secret=secret) | {"Content-Type": JSON}
        async with ClientSession() as session, session.post(url, data=io.BytesIO(body), headers=headers) as answer:
            return await answer.text()

    workspace.clock.advance(SECOND)
    assert await delivered("another") == ""
    assert [each.lack for each in await lacking(workspace)] == [Lack.SECRET]
    assert await operator_is_told(server, workspace.store, **way) == [
        "What is delivered to /slack/events is not signed with SLACK_SIGNING_SECRET. api.slack.com/apps, your app,"
        " Basic Information, App Credentials: put the Signing Secret into SLACK_SIGNING_SECRET, see that this machine's"
        " clock is right, and restart."
    ]
    workspace.clock.advance(SECOND)
    assert "c" in await delivered(server.signing_secret)
    assert await lacking(workspace) == []
    assert await operator_is_told(server, workspace.store, **way) == []


@ONE
async def test_an_admin_is_told_by_the_command_in_their_own_language(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Rank.OWNER)
    workspace.server.app.scopes.discard("usergroups:read")
    said = await workspace.help.command(eve, "/folkmoot", "admin doctor").answer()
    assert "I lack these scopes: usergroups:read." in look(said, workspace.clock.now())
    jan = workspace.server.member("Jan", Rank.OWNER, locale="de-DE")
    await workspace.session.roster.ask(jan.id)
    said = await workspace.help.command(jan, "/folkmoot", "admin doctor").answer()
    assert "OAuth & Permissions, Bot Token Scopes: füge sie hinzu" in look(said, workspace.clock.now())
