"""Commands, shortcuts, buttons, forms and the Home tab, by the real Bolt over both transports."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.makers import SetClock
from tests.servers.slack import Channel, DidNotRespond, Member, NotAllowed, Role, SlackServer
from tests.servers.slack_clients import Listener

TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def a_form(**more: object) -> dict[str, Any]:
    title = {"type": "plain_text_input", "action_id": "title", "max_length": 80}
    where = {"type": "conversations_select", "action_id": "where"}
    kind = {"type": "static_select", "action_id": "kind", "options": [{"text": plain("Daily"), "value": "d"}]}
    return {
        "type": "modal",
        "callback_id": "start",
        "title": plain("Start"),
        "submit": plain("Send"),
        "blocks": [
            {"type": "input", "block_id": "t", "label": plain("Title"), "element": title},
            {"type": "input", "block_id": "w", "label": plain("Where"), "element": where, "optional": True},
            {"type": "input", "block_id": "k", "label": plain("Kind"), "element": kind, "optional": True},
        ],
    } | more


def a_button(label: str = "Go", value: str = "1") -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": plain(label), "value": value}],
    }


@TRANSPORTS
async def test_a_command_is_answered_at_once_and_later(
    slack: SlackServer, camp: Channel, finn: Member, transport: str
) -> None:
    listener = Listener(slack)

    @listener.app.command("/folkmoot")
    async def on_command(ack: Any, respond: Any, command: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's
        await ack("One moment")
        await respond(f"You said {command['text']}", blocks=[a_button()])

    async with listener.connected(transport):
        call = camp.command(finn, "/folkmoot", "status")
        await call.says(2)  # in either order: Bolt acknowledges while its listener goes on
    assert call.took < 1
    assert {message.text: message.buttons for message in call.said} == {"One moment": [], "You said status": ["Go"]}
    assert slack.visible(camp, finn) == call.said
    lines = slack.look(camp, finn).splitlines()
    assert sorted(lines) == sorted([lines[0], lines[0], "One moment", "┃ [Go]"])
    assert lines[0] == "— Folkmoot APP (only visible to you)"


@TRANSPORTS
async def test_a_form_is_opened_refused_updated_and_closed(
    slack: SlackServer, camp: Channel, finn: Member, transport: str
) -> None:
    listener = Listener(slack)

    @listener.app.command("/folkmoot")
    async def on_command(ack: Any, client: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=a_form())

    @listener.app.view("start")
    async def on_form(ack: Any, view: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's
        values = view["state"]["values"]
        if values["t"]["title"]["value"] == "bad":
            await ack(response_action="errors", errors={"t": "Say more"})
        elif values["w"]["where"]["selected_conversation"]:
            await ack(response_action="update", view=a_form(title=plain("Again")))
        else:
            await ack()

    async with listener.connected(transport):
        form = await camp.command(finn, "/folkmoot", "start").opens()
        assert [one.label for one in form.fields] == ["Title", "Where", "Kind"]
        with pytest.raises(NotAllowed, match="must be filled in"):
            form.submit({"Where": camp})
        assert await form.submit({"Title": "bad"}).refused() == {"Title": "Say more"}
        again = await form.submit({"Title": "Tents", "Where": camp, "Kind": "Daily"}).opens()
        assert again.title == "Again"
        await again.submit({"Title": "Tents", "Where": None}).done()
        assert again.closed
        with pytest.raises(NotAllowed, match="closed"):
            form.submit()


@TRANSPORTS
async def test_shortcuts_and_buttons_say_where_they_were_used(
    slack: SlackServer, camp: Channel, eve: Member, finn: Member, transport: str
) -> None:
    listener = Listener(slack)
    seen: list[dict[str, Any]] = []

    @listener.app.shortcut("highlight")
    @listener.app.action("go")
    async def on_any(ack: Any, body: dict[str, Any], respond: Any) -> None:  # noqa: ANN401 - Bolt's
        await ack()
        seen.append(body)
        if body["type"] != "shortcut":
            await respond("Done", thread_ts=body.get("message", {}).get("thread_ts"))

    async with listener.connected(transport):
        question = camp.post(eve, "Which?")
        reply = question.reply(finn, "That")
        posted = await listener.app.client.chat_postMessage(
            channel=camp.id, text="card", blocks=[a_button()], unfurl_links=False, unfurl_media=False
        )
        card = camp.messages[posted["ts"]]
        answer = await reply.shortcut(eve, "highlight").answer()
        assert answer.thread_ts is None  # a response_url puts nothing private into a thread
        assert (await card.press(finn, "Go").answer()).text == "Done"
        await eve.shortcut("highlight").done()
    assert seen[0]["message"]["thread_ts"] == question.ts
    assert seen[1]["container"]["message_ts"] == card.ts
    assert seen[2]["type"] == "shortcut"


async def test_who_gets_no_answer_is_told_so(slack: SlackServer, camp: Channel, finn: Member) -> None:
    listener = Listener(slack)
    slack.world.patience = 0.2
    async with listener.socketed():
        with pytest.raises(DidNotRespond, match="timeout"):
            await camp.command(finn, "/nothing").done()
    with pytest.raises(DidNotRespond, match="connection_failed"):
        await camp.command(finn, "/nothing").done()


async def test_a_trigger_lasts_three_seconds_and_opens_one_form(
    slack: SlackServer, clock: SetClock, camp: Channel, finn: Member
) -> None:
    listener = Listener(slack)
    client = listener.app.client
    call = camp.command(finn, "/folkmoot")
    await client.views_open(trigger_id=call.trigger_id, view=a_form())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=call.trigger_id, view=a_form())
    late = camp.command(finn, "/folkmoot")
    clock.advance(timedelta(seconds=4))
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late.trigger_id, view=a_form())


def test_people_do_only_what_slack_lets_them(slack: SlackServer, camp: Channel, eve: Member, finn: Member) -> None:
    question = camp.post(eve, "Which?")
    guest = slack.member("Gus", Role.SINGLE_GUEST)
    inner = slack.channel("inner", private=True, members=(eve,))
    camp.put(guest)
    with pytest.raises(NotAllowed, match="threads"):
        camp.command(finn, "/folkmoot", "status", thread=question)
    for forbidden in (
        lambda: question.edit(finn, "x"),
        lambda: question.delete(finn),
        lambda: inner.post(finn, "x"),
        lambda: inner.put(guest),
        lambda: camp.delete(finn),
        lambda: question.press(finn, "Go"),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    finn.deactivate()
    with pytest.raises(NotAllowed, match="deactivated"):
        camp.post(finn, "x")


@TRANSPORTS
async def test_the_home_tab_is_opened_and_published(slack: SlackServer, eve: Member, transport: str) -> None:
    listener = Listener(slack)

    @listener.app.event("app_home_opened")
    async def on_home(event: dict[str, Any], client: Any) -> None:  # noqa: ANN401 - Bolt's
        text = {"type": "mrkdwn", "text": f"*Hello* <!date^{1785758400}^{{date_short}} {{ago}}|then>"}
        view = {"type": "home", "blocks": [{"type": "section", "text": text}, a_button()]}
        await client.views_publish(user_id=event["user"], view=view)

    listener.app._async_listeners.reverse()
    async with listener.connected(transport):
        assert eve.open_home() is None
        await slack.log.until(lambda: bool(slack.home(eve)))
    assert slack.look_home(eve).splitlines() == ["▣ Home", "┃ *Hello* Aug 3, 2026 0 seconds ago", "┃ [Go]"]
