"""Forms upon forms, menus that ask, and what a response_url does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.makers import SetClock
from tests.servers.slack import Call, Channel, DidNotRespond, Member, NotAllowed, SlackServer
from tests.servers.slack_clients import Listener, web_client

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def an_option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def a_form(title: str, **more: object) -> Json:
    menu = {"type": "static_select", "action_id": "menu", "placeholder": plain("Pick")}
    zone = {"type": "external_select", "action_id": "zone", "min_query_length": 1}
    people = {"type": "multi_users_select", "action_id": "people"}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": [
            {
                "type": "actions",
                "block_id": "m",
                "elements": [menu | {"options": [an_option("One"), an_option("Two")]}],
            },
            {"type": "input", "block_id": "z", "label": plain("Zone"), "element": zone, "optional": True},
            {"type": "input", "block_id": "p", "label": plain("People"), "element": people, "optional": True},
        ],
    } | more


@pytest.fixture
async def listener(slack: SlackServer) -> AsyncIterator[Listener]:
    """An app whose forms lie on each other: "next" pushes one, "end" closes all."""
    listener = Listener(slack)

    @listener.app.command("/folkmoot")
    async def on_command(ack: Any, client: Any, body: Json) -> None:  # noqa: ANN401 - Bolt's
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=a_form("First", notify_on_close=True))

    @listener.app.view("form")
    async def on_form(ack: Any, view: Json) -> None:  # noqa: ANN401 - Bolt's
        people = view["state"]["values"]["p"]["people"]["selected_users"]
        if view["title"]["text"] == "Last":
            await ack(response_action="clear")
        elif people:
            await ack(response_action="errors", errors={"nowhere": "x"})
        else:
            await ack(response_action="push", view=a_form("Last" if view["previous_view_id"] else "Second"))

    @listener.app.view_closed("form")
    @listener.app.action("menu")
    async def on_rest(ack: Any) -> None:  # noqa: ANN401 - Bolt's
        await ack()

    @listener.app.options("zone")
    async def on_zone(ack: Any, body: Json) -> None:  # noqa: ANN401 - Bolt's
        await ack(options=[an_option(name) for name in ("Europe/Berlin", "Europe/Paris") if body["value"] in name])

    async with listener.socketed():
        yield listener


async def test_forms_lie_on_each_other(slack: SlackServer, camp: Channel, finn: Member, listener: Listener) -> None:
    first = await camp.command(finn, "/folkmoot").opens()
    second = await first.submit().opens()
    third = await second.submit().opens()
    assert [one.title for one in (first, second, third)] == ["First", "Second", "Last"]
    assert third.payload()["root_view_id"] == first.id
    await third.submit().done()
    assert all(one.closed for one in (first, second, third))


async def test_a_form_that_asked_for_it_is_told_that_it_was_closed(
    camp: Channel, finn: Member, listener: Listener
) -> None:
    form = await camp.command(finn, "/folkmoot").opens()
    closed = form.close()
    assert closed is not None
    await closed.done()
    with pytest.raises(NotAllowed, match="closed"):
        form.choose("Pick", "One")


async def test_a_menu_is_used_by_its_labels(camp: Channel, finn: Member, listener: Listener) -> None:
    form = await camp.command(finn, "/folkmoot").opens()
    call = form.choose("Pick", "Two")
    await call.done()
    assert call.payload["actions"][0]["selected_option"]["value"] == "two"
    with pytest.raises(NotAllowed, match="not offered"):
        form.choose("Pick", "Three")


async def test_a_menu_asks_for_its_options(camp: Channel, finn: Member, listener: Listener) -> None:
    form = await camp.command(finn, "/folkmoot").opens()
    assert await form.suggests("Zone", "Ber") == ["Europe/Berlin"]
    form.put({"Zone": "Europe/Berlin"})
    assert form.state["z"]["zone"]["selected_option"]["value"] == "europe/berlin"
    with pytest.raises(NotAllowed, match="not offered"):
        form.put({"Zone": "Europe/Paris"})


async def test_errors_for_what_is_no_input_break_the_rules(
    slack: SlackServer, camp: Channel, finn: Member, listener: Listener
) -> None:
    form = await camp.command(finn, "/folkmoot").opens()
    await form.submit({"People": [finn]}).done()
    assert "nowhere" in slack.forgive()[0]


# What a response_url does


async def say(call: Call, **body: object) -> int:
    async with ClientSession() as http, http.post(call.payload["response_url"], json=body) as answer:
        return answer.status


async def test_a_response_url_is_good_five_times_in_half_an_hour(
    slack: SlackServer, clock: SetClock, camp: Channel, finn: Member
) -> None:
    call = camp.command(finn, "/folkmoot")
    assert [await say(call, text=str(number)) for number in range(6)] == [200] * 5 + [404]
    late = camp.command(finn, "/folkmoot")
    clock.advance(timedelta(minutes=31))
    assert await say(late, text="late") == 404
    assert [one.text for one in call.said] == ["0", "1", "2", "3", "4"]
    assert all(one.seen_only_by is finn for one in call.said)


async def test_an_answer_to_all_is_a_message(slack: SlackServer, camp: Channel, eve: Member, finn: Member) -> None:
    call = camp.command(finn, "/folkmoot")
    assert await say(call, text="hello", response_type="in_channel", unfurl_links=False, unfurl_media=False) == 200
    assert [one.text for one in slack.visible(camp, eve)] == ["hello"]
    assert await say(call, text="again", response_type="in_channel") == 400
    assert "unfurl" in slack.forgive()[0]


async def test_a_button_replaces_or_removes_what_it_stands_on(slack: SlackServer, camp: Channel, finn: Member) -> None:
    button = {"type": "button", "action_id": "go", "text": plain("Go")}
    blocks = [{"type": "actions", "elements": [button]}]
    asked = camp.command(finn, "/folkmoot")
    await say(asked, text="Sure?", blocks=blocks)
    (question,) = asked.said
    pressed = question.press(finn, "Go")
    assert "message" not in pressed.payload
    assert pressed.payload["container"]["is_ephemeral"]
    await say(pressed, text="Done", replace_original=True)
    assert [one.text for one in pressed.said] == ["Done"]
    assert [one.text for one in slack.visible(camp, finn)] == ["Done"]
    await say(pressed, delete_original=True)
    assert slack.visible(camp, finn) == []


async def test_another_persons_button_cannot_be_pressed(
    slack: SlackServer, camp: Channel, eve: Member, finn: Member
) -> None:
    blocks = [{"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}]
    await web_client(slack).chat_postEphemeral(channel=camp.id, user=finn.id, text="t", blocks=blocks)
    (message,) = slack.visible(camp, finn)
    with pytest.raises(NotAllowed, match="another person"):
        message.press(eve, "Go")
    with pytest.raises(NotAllowed, match="no 'Stop'"):
        message.press(finn, "Stop")


async def test_a_form_is_no_answer(camp: Channel, finn: Member, listener: Listener) -> None:
    with pytest.raises(AssertionError, match="a form was opened: First"):
        await camp.command(finn, "/folkmoot").answer()


async def test_an_answer_that_never_comes_is_missed_in_time(camp: Channel, finn: Member, listener: Listener) -> None:
    form = await camp.command(finn, "/folkmoot").opens()
    with pytest.raises(DidNotRespond, match="waited"):
        await form.choose("Pick", "One").answer(within=0.05)
