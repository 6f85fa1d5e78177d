"""Asking Folkmoot in a Slack workspace: commands, shortcuts, mentions, forms, buttons and the Home tab."""

import asyncio
import re
import statistics

import pytest

from adapters.slack import home
from bot.commands.table import TABLE
from bot.models import MemberRef
from storage import SqlStore
from tests.camps import PATIENCE
from tests.camps_slack import Workspace, folkmoot, ours, watched
from tests.makers import SetClock
from tests.servers.slack import Message, Role, SlackServer
from tests.servers.slack.looks import look, look_view


def seen(workspace: Workspace, message: Message) -> str:
    return look(message, workspace.clock.now())


async def a_talk(workspace: Workspace) -> tuple[Message, Message]:
    """A question and an answer to it, stored."""
    ada, bo = workspace.member("Ada"), workspace.member("Bo")
    question = workspace.help.post(ada, "Which tent holds out in a storm?")
    reply = question.reply(bo, "The dome.")
    await workspace.stored(question, reply)
    return question, reply


async def test_commands_are_answered_in_private(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    ada = workspace.member("Ada")
    answer = await workspace.help.command(ada, "/folkmoot", "status").answer()
    assert "#help" in seen(workspace, answer)
    assert answer.seen_only_by is ada
    answer = await workspace.help.command(ada, "/discussion", "list").answer()
    assert "quiet here" in seen(workspace, answer)
    answer = await workspace.help.command(ada, "/folkmoot", "dance").answer()
    assert "There is no command '/dance'" in seen(workspace, answer)
    refused = await workspace.help.command(ada, "/folkmoot", "folkmoot-admin doctor").answer()
    assert "Only an admin can do this." in seen(workspace, refused)
    assert re.search(f"refused +command='?folkmoot-admin doctor'? member={ada.id}", capsys.readouterr().out)
    eve = workspace.member("Eve", Role.OWNER)
    answer = await workspace.help.command(eve, "/folkmoot-admin", "settings").answer()
    assert "Time zone" in seen(workspace, answer)


async def test_a_discussion_is_started_with_a_form(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    form = await workspace.help.command(ada, "/discussion", "start").opens()
    answer = await form.submit({"Title": "Tents", "Opening post": "Which <one> & why? @channel"}).opens()
    await workspace.until(lambda: "is open" in look_view(answer, workspace.clock.now()))  # at once, or a moment later
    [opening] = ours(workspace.help)
    assert "Which <one> & why? @\u200bchannel" in seen(workspace, opening)
    await workspace.until(lambda: ours(workspace.help, opening))
    assert "💬 1 msg" in seen(workspace, ours(workspace.help, opening)[0])


async def test_a_form_that_arrives_twice_starts_one_discussion(workspace: Workspace) -> None:
    form = await workspace.help.command(workspace.member("Ada"), "/discussion", "start").opens()
    call = form.submit({"Title": "Tents", "Opening post": "Which one?"})
    call.send()
    answer = await call.opens()
    await workspace.until(lambda: "open" in look_view(answer, workspace.clock.now()))
    await workspace.until(lambda: [card for post in ours(workspace.help) for card in ours(workspace.help, post)])
    assert len(ours(workspace.help)) == 1


async def test_a_form_comes_back_filled_with_what_was_wrong(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    form = await workspace.help.command(eve, "/folkmoot-admin", "setup").opens()
    await workspace.until(lambda: form.fields)
    again = await form.submit({"Time zone": "CET+1"}).opens()
    await workspace.until(lambda: "I don't know the zone" in look_view(again, workspace.clock.now()))
    assert [it.state["value"] for it in again.fields if it.label == "Time zone"] == ["CET+1"]


async def test_a_form_of_a_command_that_is_no_more_is_answered(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await workspace.help.command(workspace.member("Ada"), "/discussion", "start").opens()
    monkeypatch.delitem(TABLE, "discussion start")
    answer = await form.submit({"Title": "Tents", "Opening post": "Which?"}).opens()
    await workspace.until(lambda: "no command '/discussion start'" in look_view(answer, workspace.clock.now()))


async def test_more_than_a_form_can_carry_is_refused_in_a_sentence(workspace: Workspace) -> None:
    question, _ = await a_talk(workspace)
    cem = workspace.member("Cem")
    question.reply(cem, f"{workspace.server.app.user.mention} conclude discussion:{'x' * 3500}")
    await workspace.until(lambda: workspace.server.visible(workspace.help, cem)[-1].seen_only_by is cem)
    assert "That is too long for me." in seen(workspace, workspace.server.visible(workspace.help, cem)[-1])


async def test_in_threads_shortcuts_and_mentions_do_what_commands_do(workspace: Workspace) -> None:
    question, reply = await a_talk(workspace)
    cem = workspace.member("Cem")
    answer = await reply.shortcut(cem, "highlight").answer()
    assert "Highlighted" in seen(workspace, answer)
    assert answer.thread_ts == question.ts
    before = len(workspace.server.visible(workspace.help, cem))
    question.reply(cem, f"{workspace.server.app.user.mention} status")
    await workspace.until(lambda: len(workspace.server.visible(workspace.help, cem)) == before + 2)
    said = workspace.server.visible(workspace.help, cem)[-1]
    assert "💬 2 msgs · ⭐ 1 highlight" in seen(workspace, said)
    assert said.thread_ts == question.ts
    assert said.seen_only_by is cem
    answer = await reply.shortcut(workspace.member("Ada"), "answer").answer()
    assert "Only the person who opened" in seen(workspace, answer)


async def test_a_link_says_which_message_is_meant(workspace: Workspace) -> None:
    _, reply = await a_talk(workspace)
    cem = workspace.member("Cem")
    said = await workspace.help.command(cem, "/highlight", f"<{reply.permalink}> so true & short").answer()
    assert "Highlighted" in seen(workspace, said)
    assert (await workspace.post(reply)).votes == 1
    said = await workspace.help.command(cem, "/folkmoot", f"unhighlight {reply.permalink}").answer()
    assert "taken back" in seen(workspace, said)
    assert (await workspace.post(reply)).votes == 0


async def test_bare_folkmoot_opens_a_menu_and_its_buttons_work(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    menu = await workspace.help.command(ada, "/folkmoot").opens()
    menu.press("How things stand")
    await workspace.until(lambda: "#help" in look_view(menu, workspace.clock.now()))


async def test_who_is_no_admin_is_told_so_in_the_menu_each_time(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    for _ in range(2):  # who they are is asked the first time, and known the second
        menu = await workspace.help.command(ada, "/folkmoot").opens()
        menu.press("Set this space up")
        await workspace.until(lambda: "Only an admin can do this." in look_view(menu, workspace.clock.now()))  # noqa: B023 - awaited in its turn


async def test_the_language_of_whoever_was_here_before_us_is_known(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    uwe = slack.member("Uwe", locale="de-DE")
    help_ = slack.channel("help")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        menu = await help_.command(uwe, "/folkmoot").opens()
        assert "Eine Diskussion eröffnen" in menu.buttons


async def test_the_home_tab_shows_what_goes_on(workspace: Workspace) -> None:
    _, reply = await a_talk(workspace)
    cem = workspace.member("Cem")
    await reply.shortcut(cem, "highlight").answer()
    await workspace.settled()
    cem.open_home()
    await workspace.until(lambda: "The dome." in workspace.server.look_home(cem))
    assert "Which tent holds out in a storm?" in workspace.server.look_home(cem)
    assert "Settings" not in workspace.server.look_home(cem)


async def test_the_home_tab_shows_no_words_of_what_one_may_not_open(workspace: Workspace) -> None:
    eve, cem = workspace.member("Eve", Role.OWNER), workspace.member("Cem")
    hut = workspace.server.channel("hut", private=True, members=(eve, cem))
    await workspace.session.watch.look(deep=True)
    await watched(workspace, hut)
    secret, hidden, plain = (
        hut.post(eve, "Secret!"),
        workspace.help.post(eve, "Hidden!"),
        workspace.help.post(eve, "Plain!"),
    )
    hidden.reply(cem, "Why?")
    for message in (secret, hidden, plain):
        message.react(cem)
    async with asyncio.timeout(PATIENCE):
        while len(await workspace.store.people.voted(MemberRef(workspace.space, cem.id))) < 3:
            await workspace.store.ledger.wait(await workspace.store.ledger.last_seq(), 0.2)
    await workspace.stored(secret, hidden, plain)
    hut.leave(cem)
    by, at = MemberRef(workspace.space, eve.id), workspace.clock.now()
    await workspace.store.desk.set_hidden((await workspace.discussion(hidden)).id, True, by, at)
    cem.open_home()
    await workspace.until(lambda: "Plain!" in workspace.server.look_home(cem))
    assert "Secret!" not in workspace.server.look_home(cem)
    assert "Hidden!" not in workspace.server.look_home(cem)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folkmoot looks at once again whether an open home tab is still true."""
    monkeypatch.setattr(home, "AGAIN", 0.02)


@pytest.mark.usefixtures("hasty")
async def test_an_open_home_tab_is_kept_true_for_a_while(workspace: Workspace) -> None:
    ada, cem = workspace.member("Ada"), workspace.member("Cem")
    cem.open_home()
    await workspace.until(lambda: "quiet" in workspace.server.look_home(cem))
    root = workspace.help.post(ada, "Which tent holds out in a storm?")
    root.reply(cem, "The dome.")
    await workspace.until(lambda: "Which tent holds out in a storm?" in workspace.server.look_home(cem))
    shown = len(workspace.server.log.requests("views.publish"))
    workspace.clock.advance(home.OPENED)
    root.reply(ada, "And in snow?")
    await workspace.settled()
    await workspace.until(lambda: not workspace.session._homes._open)
    assert len(workspace.server.log.requests("views.publish")) == shown


async def test_buttons_of_the_home_tab_open_what_they_say(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Role.OWNER)
    eve.open_home()
    await workspace.until(lambda: "Start a discussion" in workspace.server.look_home(eve))
    tab = workspace.server.home(eve)
    assert tab is not None
    form = await tab.press("Start a discussion").opens()
    answer = await form.submit({"Title": "Tents", "Opening post": "Which?"}).opens()
    await workspace.until(lambda: "Name one: #help" in look_view(answer, workspace.clock.now()))
    answer = await tab.press("Look for problems").opens()
    await workspace.until(lambda: "mend" in look_view(answer, workspace.clock.now()))


async def test_an_unfurled_link_is_no_edit(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    first = workspace.help.post(ada, "Look: https://example.org/a")
    second = workspace.help.post(ada, "Teh dome")
    first.unfurl()
    second.edit(ada, "The dome")
    await workspace.stored(first, second)
    assert (await workspace.post(first)).edited_at is None
    assert (await workspace.post(second)).edited_at is not None


async def test_a_card_has_buttons_that_answer_who_pressed_them(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    form = await workspace.help.command(ada, "/discussion", "start").opens()
    form.submit({"Title": "Tents", "Opening post": "Which?"})
    await workspace.until(lambda: ours(workspace.help) and ours(workspace.help, ours(workspace.help)[0]))
    opening = ours(workspace.help)[0]
    reply = opening.reply(workspace.member("Bo"), "The dome.")
    await workspace.stored(reply)
    [card] = ours(workspace.help, opening)
    chosen = await card.press(ada, "Highlight a reply").answer()
    assert chosen.thread_ts == opening.ts
    answer = await chosen.choose(ada, "Reply", "Bo: The dome.").answer()
    assert "Highlighted" in seen(workspace, answer)
    await workspace.until(lambda: "⭐ 1 highlight" in seen(workspace, card))


@pytest.mark.soak
async def test_a_store_that_stalls_for_ten_seconds_makes_no_answer_late(workspace: Workspace) -> None:
    _, reply = await a_talk(workspace)
    eve = workspace.member("Eve", Role.OWNER)
    took: list[float] = []
    with workspace.stalled():
        for _ in range(30):
            await asyncio.sleep(1 / 3)  # a pace, not a wait
            for call in (
                workspace.help.command(eve, "/folkmoot", "status"),
                workspace.help.command(eve, "/discussion", "start"),
                reply.shortcut(eve, "highlight"),
                reply.shortcut(eve, "conclude"),
            ):
                await call.done()
                took.append(call.took)
    assert len(took) == 120
    assert statistics.quantiles(took, n=100)[98] <= 1, max(took)


async def test_a_store_that_stalls_makes_no_answer_late(workspace: Workspace) -> None:
    _, reply = await a_talk(workspace)
    eve = workspace.member("Eve", Role.OWNER)
    with workspace.stalled():
        calls = [
            workspace.help.command(eve, "/folkmoot", "status"),
            workspace.help.command(eve, "/folkmoot"),
            workspace.help.command(eve, "/discussion", "start"),
            reply.shortcut(eve, "highlight"),
            reply.shortcut(eve, "conclude"),
        ]
        for call in calls:
            await call.done()
        form = await calls[2].opens()
        sent = form.submit({"Title": "Tents", "Opening post": "Which?"})
        await sent.done()
        working = await sent.opens()
        assert "One moment" in look_view(working, workspace.clock.now())
    assert max(call.took for call in [*calls, sent]) < 1
    await workspace.until(lambda: "is open" in look_view(working, workspace.clock.now()))
    assert "Highlighted" in seen(workspace, await calls[3].answer())


async def test_where_no_file_can_be_handed_over_it_is_said_how_to_get_it(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    await workspace.stored(workspace.help.post(ada, "Which tent?"))
    answer = await workspace.help.command(ada, "/privacy", "export").answer()
    assert "1 message and 0 votes" in seen(workspace, answer)
    assert f"folkmoot export . --member slack/{workspace.server.world.team}/{ada.id}" in seen(workspace, answer)
