"""The Web API, by the real AsyncWebClient."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.makers import SetClock, a_moment
from tests.servers.faults import Delay, DropReply, RateLimit, Status
from tests.servers.slack import Channel, Member, Message, Role, SlackServer
from tests.servers.slack_clients import web_client

OFF: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


@pytest.fixture
def api(slack: SlackServer) -> AsyncWebClient:
    return web_client(slack)


async def error(asked: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await asked
    return str(caught.value.response["error"])


async def test_history_goes_back_page_by_page(api: AsyncWebClient, camp: Channel, eve: Member) -> None:
    posts = [camp.post(eve, str(number), at=a_moment(number)) for number in range(5)]
    reply = posts[0].reply(eve, "in the thread", at=a_moment(6))
    shown = posts[1].reply(eve, "also in the channel", broadcast=True, at=a_moment(7))
    pages = []
    cursor = None
    while cursor != "":
        found = await api.conversations_history(channel=camp.id, limit=2, cursor=cursor)
        pages.append([message["ts"] for message in found["messages"]])
        cursor = (found.get("response_metadata") or {}).get("next_cursor", "")
    assert pages == [[shown.ts, posts[4].ts], [posts[3].ts, posts[2].ts], [posts[1].ts, posts[0].ts]]
    assert all(reply.ts not in page for page in pages)


async def test_oldest_and_latest_are_left_out_unless_inclusive(api: AsyncWebClient, camp: Channel, eve: Member) -> None:
    a, b, c = (camp.post(eve, str(number), at=a_moment(number)) for number in range(3))

    async def between(**more: Any) -> list[str]:  # noqa: ANN401 - the SDK's
        found = await api.conversations_history(channel=camp.id, oldest=a.ts, latest=c.ts, **more)
        return [message["ts"] for message in found["messages"]]

    assert await between() == [b.ts]
    assert await between(inclusive=True) == [c.ts, b.ts, a.ts]


async def pages_of(api: AsyncWebClient, parent: Message) -> list[list[str]]:
    """The texts on the pages of a thread."""
    pages = []
    cursor = None
    while cursor != "":
        found = await api.conversations_replies(channel=parent.channel.id, ts=parent.ts, limit=3, cursor=cursor)
        pages.append([message["text"] for message in found["messages"]])
        cursor = (found.get("response_metadata") or {}).get("next_cursor", "")
    return pages


async def test_a_thread_is_read_with_its_parent(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, eve: Member
) -> None:
    parent = camp.post(eve, "Which?", at=a_moment(0))
    replies = [parent.reply(eve, str(number), at=a_moment(number + 1)) for number in range(3)]
    assert await pages_of(api, parent) == [["Which?", "0", "1"], ["Which?", "2"]]
    slack.repeat_parents = False
    assert await pages_of(api, parent) == [["Which?", "0", "1"], ["2"]]
    slack.thread_pages_backwards = True
    assert await pages_of(api, parent) == [["Which?", "1", "2"], ["0"]]
    parent.delete(eve)
    found = (await api.conversations_replies(channel=camp.id, ts=parent.ts))["messages"][0]
    assert (found["subtype"], found["reply_count"], found["latest_reply"]) == ("tombstone", 3, replies[2].ts)


async def test_history_lags_by_the_clock(
    slack: SlackServer, api: AsyncWebClient, clock: SetClock, camp: Channel, eve: Member
) -> None:
    slack.world.history_lag = 8
    camp.post(eve, "new")
    assert (await api.conversations_history(channel=camp.id))["messages"] == []
    clock.advance(timedelta(seconds=9))
    assert len((await api.conversations_history(channel=camp.id))["messages"]) == 1


async def test_what_we_post_is_found_again_by_its_metadata(api: AsyncWebClient, camp: Channel) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": 7}}
    posted = await api.chat_postMessage(channel=camp.id, text="card", metadata=metadata, **OFF)
    plain = await api.conversations_history(channel=camp.id)
    whole = await api.conversations_history(channel=camp.id, include_all_metadata=True)
    assert posted["message"]["metadata"] == metadata
    assert "metadata" not in plain["messages"][0]
    assert whole["messages"][0]["metadata"] == metadata


async def test_an_update_without_blocks_keeps_them(api: AsyncWebClient, camp: Channel) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*card*"}}]
    ts = (await api.chat_postMessage(channel=camp.id, text="card", blocks=blocks, **OFF))["ts"]
    kept = await api.chat_update(channel=camp.id, ts=ts, text="new", parse="none")
    assert kept["message"]["blocks"][0]["text"] == {"type": "mrkdwn", "text": "*card*", "verbatim": False}
    gone = await api.chat_update(channel=camp.id, ts=ts, text="new", blocks=[], parse="none")
    assert "blocks" not in gone["message"]


Refused = Callable[[AsyncWebClient, Channel, Channel], Awaitable[Any]]

REFUSED: list[tuple[str, Refused]] = [
    ("channel_not_found", lambda api, camp, other: api.conversations_history(channel="C0")),
    ("not_in_channel", lambda api, camp, other: api.conversations_history(channel=other.id)),
    ("channel_not_found", lambda api, camp, other: api.conversations_info(channel="C0")),
    ("thread_not_found", lambda api, camp, other: api.conversations_replies(channel=camp.id, ts="1.000001")),
    ("invalid_cursor", lambda api, camp, other: api.conversations_history(channel=camp.id, cursor="x")),
    ("invalid_limit", lambda api, camp, other: api.conversations_history(channel=camp.id, limit=5000)),
    ("message_not_found", lambda api, camp, other: api.chat_update(channel=camp.id, ts="1.000001", text="x")),
    ("message_not_found", lambda api, camp, other: api.chat_delete(channel=camp.id, ts="1.000001")),
    ("cant_update_message", lambda api, camp, other: api.chat_update(channel=camp.id, ts=camp.order[0], text="x")),
    ("cant_delete_message", lambda api, camp, other: api.chat_delete(channel=camp.id, ts=camp.order[0])),
    (
        "thread_not_found",
        lambda api, camp, other: api.chat_postMessage(channel=camp.id, text="x", thread_ts="1.0", **OFF),
    ),
    ("user_not_found", lambda api, camp, other: api.users_info(user="U0")),
    (
        "no_reaction",
        lambda api, camp, other: api.reactions_remove(channel=camp.id, timestamp=camp.order[0], name="star"),
    ),
    ("no_pin", lambda api, camp, other: api.pins_remove(channel=camp.id, timestamp=camp.order[0])),
    ("invalid_types", lambda api, camp, other: api.conversations_list(types="x")),
    ("not_found", lambda api, camp, other: api.views_update(view_id="V0", view={"type": "modal"})),
    ("not_allowed_token_type", lambda api, camp, other: api.apps_connections_open(app_token=str(api.token))),
    ("bot_not_found", lambda api, camp, other: api.bots_info(bot="B0")),
    ("no_such_subteam", lambda api, camp, other: api.usergroups_users_list(usergroup="S0")),
]


@pytest.mark.parametrize(("wanted", "ask"), REFUSED)
async def test_what_cannot_be_is_refused(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, eve: Member, wanted: str, ask: Refused
) -> None:
    other = slack.channel("other", bot=False)
    camp.post(eve, "hers", at=a_moment(-5))
    assert await error(ask(api, camp, other)) == wanted


async def test_an_archived_channel_takes_nothing(api: AsyncWebClient, camp: Channel, eve: Member) -> None:
    ts = (await api.chat_postMessage(channel=camp.id, text="x", **OFF))["ts"]
    camp.archive(eve)
    assert await error(api.chat_postMessage(channel=camp.id, text="x", **OFF)) == "is_archived"
    assert await error(api.reactions_add(channel=camp.id, timestamp=ts, name="star")) == "is_archived"
    assert await error(api.chat_update(channel=camp.id, ts=ts, text="y")) == "is_archived"


async def test_an_edit_window_closes(slack: SlackServer, api: AsyncWebClient, clock: SetClock, camp: Channel) -> None:
    slack.edit_window = 60
    ts = (await api.chat_postMessage(channel=camp.id, text="x", **OFF))["ts"]
    clock.advance(timedelta(minutes=2))
    assert await error(api.chat_update(channel=camp.id, ts=ts, text="y")) == "edit_window_closed"


SCOPED: list[tuple[str, Callable[[AsyncWebClient, Channel], Awaitable[Any]]]] = [
    ("channels:history", lambda api, camp: api.conversations_history(channel=camp.id)),
    ("channels:read", lambda api, camp: api.conversations_info(channel=camp.id)),
    ("channels:read", lambda api, camp: api.conversations_members(channel=camp.id)),
    ("groups:read", lambda api, camp: api.conversations_list(types="private_channel")),
    ("channels:join", lambda api, camp: api.conversations_join(channel=camp.id)),
    ("im:write", lambda api, camp: api.conversations_open(users="U0")),
    ("users:read", lambda api, camp: api.users_list()),
    ("usergroups:read", lambda api, camp: api.usergroups_list()),
    ("reactions:read", lambda api, camp: api.reactions_get(channel=camp.id, timestamp="1.0")),
    ("reactions:write", lambda api, camp: api.reactions_add(channel=camp.id, timestamp="1.0", name="x")),
    ("pins:read", lambda api, camp: api.pins_list(channel=camp.id)),
    ("chat:write", lambda api, camp: api.chat_postMessage(channel=camp.id, text="x", **OFF)),
    ("team:read", lambda api, camp: api.team_info()),
]


@pytest.mark.parametrize(("scope", "ask"), SCOPED)
async def test_a_missing_scope_is_named(
    slack: SlackServer,
    api: AsyncWebClient,
    camp: Channel,
    scope: str,
    ask: Callable[[AsyncWebClient, Channel], Awaitable[Any]],
) -> None:
    slack.app.scopes.discard(scope)
    with pytest.raises(SlackApiError) as caught:
        await ask(api, camp)
    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


async def test_tokens_end_and_begin_again(slack: SlackServer, api: AsyncWebClient, camp: Channel) -> None:
    assert (await api.auth_test())["team_id"] == slack.team
    slack.revoke_token()
    assert await error(api.auth_test()) == "token_revoked"
    slack.uninstall()
    assert await error(api.auth_test()) == "account_inactive"
    slack.reinstall()
    api.token = slack.bot_token
    assert (await api.auth_test())["bot_id"] == slack.app.bot_id
    assert not camp.has_bot
    api.token = "xoxb-nobody"
    assert await error(api.auth_test()) == "invalid_auth"


async def test_tokens_rotate(slack: SlackServer, api: AsyncWebClient, clock: SetClock) -> None:
    slack.rotate_tokens()
    refresh = str(slack.app.refresh_token)

    async def another() -> Any:  # noqa: ANN401 - the SDK's
        return await api.api_call("oauth.v2.access", data={"grant_type": "refresh_token", "refresh_token": refresh})

    given = await another()
    assert await error(another()) == "invalid_refresh_token"  # it was good for one use
    await api.auth_test()  # the former token lasts its time
    clock.advance(timedelta(hours=12))
    assert await error(api.auth_test()) == "token_expired"
    assert given["access_token"] == slack.bot_token


async def test_faults_bite_requests(slack: SlackServer, api: AsyncWebClient, camp: Channel) -> None:
    slack.faults.on("chat.postMessage", DropReply())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.chat_postMessage(channel=camp.id, text="lost reply", **OFF)
    assert [one.text for one in camp.messages.values()] == ["lost reply"]
    slack.faults.on("conversations.*", RateLimit(3))
    with pytest.raises(SlackApiError) as caught:
        await api.conversations_info(channel=camp.id)
    assert caught.value.response.headers["Retry-After"] == "3"
    slack.faults.on("auth.test", Status(502))
    with pytest.raises(SlackApiError):
        await api.auth_test()
    slack.faults.on("auth.test", Delay(0.05, after=True))
    await api.auth_test()
    assert len(slack.log.bites()) == 4


async def test_people_and_channels_are_listed_page_by_page(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, eve: Member
) -> None:
    guest, bridge = slack.member("Gus", Role.GUEST), slack.member("Bridge", Role.BOT)
    stranger = slack.foreigner("Zed")
    hidden = slack.channel("hidden", private=True, bot=False)
    inner = slack.channel("inner", private=True, members=(guest,))
    people: list[dict[str, Any]] = []
    cursor: str | None = None
    while cursor != "":
        found = await api.users_list(limit=2, cursor=cursor)
        people += found["members"]
        cursor = found["response_metadata"]["next_cursor"]
    by_id = {one["id"]: one for one in people}
    assert by_id[guest.id]["is_restricted"]
    assert by_id[bridge.id]["is_bot"]
    assert by_id[eve.id]["is_owner"]
    assert stranger.id not in by_id
    assert (await api.users_info(user=stranger.id))["user"]["is_stranger"]
    listed = await api.conversations_list(types="public_channel,private_channel")
    assert [one["name"] for one in listed["channels"]] == ["camp", "inner"]
    assert hidden.id not in [one["id"] for one in listed["channels"]]
    assert (await api.conversations_members(channel=inner.id))["members"] == [guest.id, slack.app.user.id]
    mine = await api.users_conversations(types="public_channel,private_channel")
    assert [one["id"] for one in mine["channels"]] == [camp.id, inner.id]


async def test_many_reactions_are_told_in_full_only_when_asked(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, eve: Member, finn: Member
) -> None:
    slack.reaction_users = 1
    post = camp.post(eve, "x", at=a_moment(-1))
    post.react(eve)
    post.react(finn)
    listed = (await api.conversations_history(channel=camp.id))["messages"][0]["reactions"][0]
    whole = (await api.reactions_get(channel=camp.id, timestamp=post.ts, full=True))["message"]["reactions"][0]
    assert (len(listed["users"]), listed["count"]) == (1, 2)
    assert whole["users"] == [eve.id, finn.id]
