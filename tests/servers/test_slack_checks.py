"""Each rule about what we send, broken once: it turns a test red."""

from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError

from tests.servers.slack import BadRequests, Channel, Member, SlackServer
from tests.servers.slack.checks import block_faults, post_faults, view_faults
from tests.servers.slack.parameters import parameter_faults
from tests.servers.slack_clients import web_client

Json = dict[str, Any]
OFF: Json = {"unfurl_links": False, "unfurl_media": False}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: object) -> Json:
    return {"type": "section", "text": mrkdwn(text)} | more


def button(**more: object) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go"} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(*labels: str, **more: object) -> Json:
    options = [{"text": plain(label), "value": str(number)} for number, label in enumerate(labels)]
    return {"type": "static_select", "action_id": "s", "options": options} | more


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


GOOD = [
    [section()],
    [section(f"<#C1> <https://example.org/|label> <!date^1^{'{ago}'}|then> a &lt;!channel&gt;")],
    [{"type": "header", "text": plain("@here is no ping in plain text")}, {"type": "divider"}],
    [{"type": "section", "fields": [mrkdwn("f" * 2000)] * 4}],
    [actions(button(), select("Daily", "Weekly"))],
    [section(block_id="a"), section(block_id="b")],
    [{"type": "context", "elements": [mrkdwn("c")] * 10}],
    [rich({"type": "text", "text": "<!here>"}, {"type": "link", "url": "https://example.org/"})],
    [section("x" * 240)] * 50,
]
BAD: list[tuple[list[Json], str]] = [
    ([section()] * 51, "at most 50"),
    ([section("x" * 3000)] * 5, "msg_blocks_too_long"),
    ([section("x" * 3001)], "slack_sdk's model"),
    ([section("")], "empty"),
    ([section(block_id="a"), section(block_id="a")], "there twice"),
    ([actions(button(), button())], "action_id is there twice"),
    ([{"type": "section", "fields": [mrkdwn("f" * 2001)]}], "at most 2000"),
    ([actions(select("o" * 76))], "at most 75"),
    ([actions(select("o", options=[{"text": plain("o"), "value": "v"}] * 2))], "value is there twice"),
    ([{"type": "unknown"}], "knows no block"),
    ([{"type": "header", "text": mrkdwn("x")}], "plain_text"),
    ([{"type": "header", "text": plain("x" * 151)}], "slack_sdk's model"),
    ([actions(button(style="loud"))], "style"),
    ([actions(button(text=plain("x" * 76)))], "slack_sdk's model"),
    ([section(colour="red")], "not known"),
    ([{"type": "image", "image_url": "https://example.org/a.png"}], "alt_text"),
    ([actions(*[button(action_id=str(number)) for number in range(26)])], "slack_sdk's model"),
    ([section("Hey <!channel>")], "would ping"),
    ([section("Hey <!here|here>")], "would ping"),
    ([section("Hey <!everyone>")], "would ping"),
    ([section("Hey <@U123>")], "would ping"),
    ([section("Hey <!subteam^S123>")], "would ping"),
    ([{"type": "context", "elements": [mrkdwn("<@W1|w>")]}], "would ping"),
    ([section("Hey @channel")], "not verbatim"),
    ([rich({"type": "user", "user_id": "U1"})], "would ping"),
    ([rich({"type": "broadcast", "range": "here"})], "would ping"),
    ([rich({"type": "usergroup", "usergroup_id": "S1"})], "would ping"),
]


@pytest.mark.parametrize("blocks", GOOD)
def test_good_blocks_pass(blocks: list[Json]) -> None:
    assert block_faults(blocks, 50) == []


@pytest.mark.parametrize(("blocks", "wrong"), BAD)
def test_bad_blocks_are_found(blocks: list[Json], wrong: str) -> None:
    faults = block_faults(blocks, 50)
    assert any(wrong in f"{where} {what}" for where, what in faults), faults


POSTS: list[tuple[Json, str]] = [
    ({}, "text"),
    ({"text": "x" * 40_001}, "text"),
    ({"text": "Hey <!here>"}, "text"),
    ({"text": "Hey <@U1>"}, "text"),
    ({"text": "x", "link_names": True}, "link_names"),
    ({"text": "x", "parse": "full"}, "parse"),
    ({"text": "Hey @here", "parse": "full"}, "text"),
    ({"text": "x", "unfurl_links": True}, "unfurl_links"),
    ({"text": "x", "unfurl_media": None}, "unfurl_media"),
    ({"text": "x", "metadata": {"event_type": "a"}}, "metadata"),
    ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "metadata/event_type"),
    ({"text": "x", "attachments": [{"text": "<!here>"}]}, "attachments/0/text"),
    ({"text": "x", "attachments": [{"blocks": [section("")]}]}, "blocks/0/text"),
]


@pytest.mark.parametrize(("body", "where"), POSTS)
def test_a_bad_post_is_found(body: Json, where: str) -> None:
    assert where in [place for place, _ in post_faults(OFF | body, unfurls=True)]


def test_an_update_says_that_names_are_not_parsed() -> None:
    assert post_faults({"text": "Hey @here"}, unfurls=False, update=True)
    assert not post_faults({"text": "Hey @here", "parse": "none"}, unfurls=False, update=True)
    assert not post_faults({"text": "me@here.org"}, unfurls=False, update=True)


def a_view(**more: object) -> Json:
    return {"type": "modal", "title": plain("T"), "blocks": [section()]} | more


INPUT = {"type": "input", "label": plain("L"), "element": {"type": "plain_text_input", "action_id": "i"}}

VIEWS: list[tuple[Json, str]] = [
    (a_view(type="popup"), "view/type"),
    (a_view(blocks=[]), "view/blocks"),
    (a_view(blocks=[section()] * 101), "blocks"),
    (a_view(title=plain("t" * 25)), "view/title"),
    (a_view(title=None), "view/title"),
    (a_view(blocks=[section("x" * 3000)] * 100), "view"),
    (a_view(title=mrkdwn("t")), "view/title"),
    (a_view(submit=plain("s" * 25)), "view/submit"),
    (a_view(close=plain("s" * 25)), "view/close"),
    (a_view(private_metadata="m" * 3001), "view/private_metadata"),
    (a_view(callback_id="c" * 256), "view/callback_id"),
    (a_view(blocks=[INPUT]), "view/submit"),
    (a_view(colour="red"), "view/colour"),
    (a_view(blocks=[section("<@U1>")]), "blocks/0/text"),
]


@pytest.mark.parametrize(("view", "where"), VIEWS)
def test_a_bad_view_is_found(view: Json, where: str) -> None:
    assert where in [place for place, _ in view_faults(view)]


def test_good_views_pass() -> None:
    assert not view_faults(a_view(blocks=[INPUT], submit=plain("Send"), private_metadata="m" * 3000))
    assert not view_faults({"type": "home", "blocks": [section("x" * 2000)] * 100})


ARGUMENTS: list[tuple[str, Json, str]] = [
    ("chat.postMessage", {"text": "x"}, "channel"),
    ("chat.postMessage", {"channel": "C1", "txt": "x"}, "txt"),
    ("chat.postMessage", {"channel": "C1", "unfurl_links": "no"}, "unfurl_links"),
    ("chat.postMessage", {"channel": "C1", "blocks": {}}, "blocks"),
    ("chat.update", {"channel": "C1", "ts": 1785758400.0001}, "ts"),
    ("conversations.history", {"channel": "C1", "limit": "many"}, "limit"),
    ("conversations.history", {"channel": "C1", "oldest": "yesterday"}, "oldest"),
    ("views.open", {"view": "{"}, "view"),
]


@pytest.mark.parametrize(("method", "body", "where"), ARGUMENTS)
def test_a_wrong_argument_is_found(method: str, body: Json, where: str) -> None:
    assert [place for place, _ in parameter_faults(method, body)] == [where]


BROKEN: list[tuple[str, Json, str]] = [
    ("chat.postMessage", OFF | {"text": "<!channel>"}, "invalid_arguments"),
    ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    ("chat.postMessage", OFF, "no_text"),
    ("chat.postMessage", OFF | {"text": "x" * 40_001}, "msg_too_long"),
    ("chat.postMessage", OFF | {"blocks": [section("")]}, "invalid_blocks"),
    ("chat.postMessage", OFF | {"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
    ("chat.postMessage", OFF | {"text": "x", "nonce": "1"}, "invalid_arguments"),
    ("chat.postMessage", OFF | {"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
    ("chat.noSuchMethod", {}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "body", "error"), BROKEN)
async def test_a_broken_request_turns_the_test_red(
    slack: SlackServer, camp: Channel, method: str, body: Json, error: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await web_client(slack).api_call(method, json={"channel": camp.id} | body)
    assert caught.value.response["error"] == error
    with pytest.raises(BadRequests, match=method):
        slack.check()
    assert slack.forgive()
    slack.check()


async def test_what_is_broken_in_an_answer_turns_the_test_red_too(
    slack: SlackServer, camp: Channel, finn: Member
) -> None:
    call = camp.command(finn, "/folkmoot")
    answer = {"text": "<!here>"}
    async with ClientSession() as http, http.post(call.payload["response_url"], json=answer) as refused:
        assert refused.status == 400
    assert "ping" in slack.forgive()[0]
    assert slack.visible(camp, finn) == []
