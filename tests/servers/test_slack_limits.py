"""How often the Web API may be asked."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.makers import SetClock, a_moment
from tests.servers.slack import Channel, Member, SlackServer
from tests.servers.slack_clients import web_client

OFF: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


@pytest.fixture
def api(slack: SlackServer) -> AsyncWebClient:
    return web_client(slack)


async def test_limits_say_how_long_to_wait(slack: SlackServer, api: AsyncWebClient, camp: Channel) -> None:
    slack.limits.set("chat.postMessage", 1, 1.5)
    other = slack.channel("other")
    await api.chat_postMessage(channel=camp.id, text="x", **OFF)
    await api.chat_postMessage(channel=other.id, text="x", **OFF)
    with pytest.raises(SlackApiError) as caught:
        await api.chat_postMessage(channel=camp.id, text="y", **OFF)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "2"
    assert slack.limits.refused == 1


async def test_as_documented_updates_are_fifty_a_minute(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, clock: SetClock
) -> None:
    slack.limits.time = lambda: clock.now().timestamp()
    ts = (await api.chat_postMessage(channel=camp.id, text="x", **OFF))["ts"]
    for number in range(50):
        await api.chat_update(channel=camp.id, ts=ts, text=str(number))
    with pytest.raises(SlackApiError, match="ratelimited"):
        await api.chat_update(channel=camp.id, ts=ts, text="51")
    clock.advance(timedelta(minutes=1))
    await api.chat_update(channel=camp.id, ts=ts, text="51")
    assert slack.log.busiest("chat.update", 60.0, by_clock=True) == 51  # the refused one too
    slack.limits.off()
    for number in range(51):
        await api.chat_update(channel=camp.id, ts=ts, text=str(number))


async def test_posts_come_in_bursts_of_ten(api: AsyncWebClient, camp: Channel) -> None:
    for number in range(10):
        await api.chat_postMessage(channel=camp.id, text=str(number), **OFF)
    with pytest.raises(SlackApiError, match="ratelimited"):
        await api.chat_postMessage(channel=camp.id, text="11", **OFF)


async def test_a_distributed_app_reads_little_and_seldom(
    slack: SlackServer, api: AsyncWebClient, camp: Channel, eve: Member
) -> None:
    slack.make_distributed()
    for number in range(20):
        camp.post(eve, str(number), at=a_moment(number - 30))
    assert len((await api.conversations_history(channel=camp.id, limit=200))["messages"]) == 15
    with pytest.raises(SlackApiError) as caught:
        await api.conversations_history(channel=camp.id)
    assert caught.value.response.headers["Retry-After"] == "60"
