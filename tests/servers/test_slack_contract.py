"""Whether this Slack speaks as the published samples do: every key that it sends is known, and of that type."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.makers import a_moment
from tests.servers.schema import CONTRACT, missing_reason
from tests.servers.slack import Channel, Member, Role, SlackServer
from tests.servers.slack.api import METHODS
from tests.servers.slack.limits import TIERS
from tests.servers.slack.parameters import PARAMETERS
from tests.servers.slack_clients import web_client

Json = dict[str, Any]

pytestmark = pytest.mark.skipif(not CONTRACT.is_dir(), reason=missing_reason() or "")

SAMPLES = CONTRACT / "java-slack-sdk"
PRUNED = ("blocks", "attachments", "elements", "files", "state")  # cut short in the samples; other schemas check them
NEWER = {
    "hidden",
    "context_team_id",
    "context_enterprise_id",
    "cache_ts",
    "event_ts",
    "is_member",
    "response_urls",
    "blocks",
}
MESSAGES = ("message", "previous_message", "messages/0", "root")  # which samples show of one kind only


def unlike(value: object, sample: object, at: str = "") -> Iterator[str]:
    """What of a value the sample does not know."""
    if at.endswith(MESSAGES):
        sample = message_sample()
    if value is None or at.rpartition("/")[2] in PRUNED:
        return
    if isinstance(value, dict) and isinstance(sample, dict):
        yield from unlike_object(value, sample, at)
    elif isinstance(value, list) and isinstance(sample, list):
        for part in value if sample else ():
            yield from unlike(part, sample[0], f"{at}/0")
    elif type(value) is not type(sample):
        yield f"{at}: {value!r}, not like {sample!r}"


def unlike_object(value: Json, sample: Json, at: str) -> Iterator[str]:
    for key, part in value.items():
        if key in sample:
            yield from unlike(part, sample[key], f"{at}/{key}")
        elif sample and key not in NEWER:
            yield f"{at}/{key}"


def sample_of(path: str) -> Json:
    found: Json = json.loads((SAMPLES / path).read_text(encoding="utf-8"))
    return found


@cache
def message_sample() -> Json:
    """Every key that some sample of a message has."""
    found: Json = {}
    for event in ("Message", "MessageFileShare", "MessageThreadBroadcast", "AppMention"):
        found |= sample_of(f"events/{event}Payload.json")["event"]
    found |= sample_of("events/MessageChangedPayload.json")["event"]["message"]
    found |= sample_of("api/conversations.history.json")["messages"][0]
    return found | {"permalink": ""}


EVENTS = {
    "app_home_opened": "AppHomeOpened",
    "app_mention": "AppMention",
    "app_rate_limited": "AppRateLimited",
    "app_uninstalled": "AppUninstalled",
    "channel_archive": "ChannelArchive",
    "channel_created": "ChannelCreated",
    "channel_deleted": "ChannelDeleted",
    "channel_left": "ChannelLeft",
    "channel_rename": "ChannelRename",
    "channel_unarchive": "ChannelUnarchive",
    "member_joined_channel": "MemberJoinedChannel",
    "member_left_channel": "MemberLeftChannel",
    "message": "Message",
    "message.bot_message": "MessageBot",
    "message.channel_archive": "MessageChannelArchive",
    "message.channel_join": "MessageChannelJoin",
    "message.channel_leave": "MessageChannelLeave",
    "message.channel_name": "MessageChannelName",
    "message.channel_topic": "MessageChannelTopic",
    "message.file_share": "MessageFileShare",
    "message.me_message": "MessageMe",
    "message.message_changed": "MessageChanged",
    "message.message_deleted": "MessageDeleted",
    "message.thread_broadcast": "MessageThreadBroadcast",
    "pin_added": "PinAdded",
    "pin_removed": "PinRemoved",
    "reaction_added": "ReactionAdded",
    "reaction_removed": "ReactionRemoved",
    "team_join": "TeamJoin",
    "tokens_revoked": "TokensRevoked",
    "user_change": "UserChange",
}


def live(slack: SlackServer, camp: Channel, eve: Member, finn: Member) -> None:
    """A day on which everything happens."""
    question = camp.post(eve, f"Which tent, {slack.app.user.mention}?")
    answer = question.reply(finn, "That one", broadcast=True)
    question.reply(finn, "See", files=("tent.png",))
    camp.post(finn, "waves", subtype="me_message")
    bridge = slack.member("Bridge", Role.BOT)
    camp.put(bridge)
    camp.post(bridge, "from afar", subtype="bot_message")
    answer.edit(finn, "That!")
    answer.react(eve)
    answer.unreact(eve)
    answer.pin(eve)
    answer.unpin(eve)
    answer.delete()
    eve.rename("Eva")
    new = slack.joins("Gail")
    camp.leave(new)
    camp.join(new, inviter=eve)
    camp.set_topic(eve, "Tents")
    camp.rename(eve, "camp-2")
    other = slack.creates(eve, "other")
    other.invite_bot(eve)
    other.kick_bot()
    other.archive(eve)
    other.unarchive(eve)
    other.delete(eve)
    camp.archive(eve)
    eve.open_home()
    slack.rate_limit_events()
    slack.uninstall()


async def test_every_event_is_like_its_sample(slack: SlackServer, camp: Channel, eve: Member, finn: Member) -> None:
    live(slack, camp, eve, finn)
    told = {one.what.removeprefix("EVENT "): one.payload for one in slack.deliveries.sent}
    assert not EVENTS.keys() - told.keys()
    wrong = [
        f"{name} {where}"
        for name, sample in EVENTS.items()
        for where in unlike(told[name], sample_of(f"events/{sample}Payload.json"))
    ]
    assert not wrong


ANSWERS = """
auth.test team.info bots.info users.info users.list users.conversations conversations.info conversations.list
conversations.members conversations.history conversations.replies conversations.open conversations.join reactions.get
chat.getPermalink chat.postMessage chat.postEphemeral chat.update chat.delete
""".split()  # noqa: SIM905 - it reads better


@pytest.mark.parametrize("method", ANSWERS)
async def test_every_answer_is_like_its_sample(
    slack: SlackServer, camp: Channel, eve: Member, finn: Member, method: str
) -> None:
    api: AsyncWebClient = web_client(slack)
    parent = camp.post(eve, "x", at=a_moment(-2), files=("a.png",))
    parent.reply(finn, "y", at=a_moment(-1), broadcast=True)
    parent.react(finn)
    parent.pin(eve)
    ours = (await api.chat_postMessage(channel=camp.id, text="z", unfurl_links=False, unfurl_media=False))["ts"]
    ts = ours if method in ("chat.update", "chat.delete") else parent.ts
    asked: Json = {
        "channel": camp.id,
        "ts": ts,
        "message_ts": ts,
        "timestamp": ts,
        "user": eve.id,
        "users": eve.id,
        "bot": slack.app.bot_id,
        "text": "t",
        "unfurl_links": False,
        "unfurl_media": False,
        "return_im": True,
    }
    body = {name: value for name, value in asked.items() if name in PARAMETERS[method]}
    answer = (await api.api_call(method, json=body)).data
    assert isinstance(answer, dict)
    assert not list(unlike(answer, sample_of(f"api/{method}.json")))


async def test_every_interaction_is_like_its_sample(slack: SlackServer, camp: Channel, eve: Member) -> None:
    api = web_client(slack)
    post = camp.post(eve, "x")
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}
    blocks = [{"type": "actions", "elements": [button]}]
    ours = await api.chat_postMessage(channel=camp.id, blocks=blocks, text="t", unfurl_links=False, unfurl_media=False)
    call = camp.command(eve, "/folkmoot")
    title = {"type": "plain_text", "text": "T"}
    view = {"type": "modal", "title": title, "submit": title, "blocks": blocks, "notify_on_close": True}
    await api.views_open(trigger_id=call.trigger_id, view=view)
    assert call.form is not None
    sent = call.form.submit()
    closed = call.form.close()
    assert closed is not None
    parts = "app-backend/interactive-components", "app-backend/views"
    like = [
        (call, "app-backend/slash-commands/SlashCommandPayload.json"),
        (post.shortcut(eve, "highlight"), f"{parts[0]}/MessageShortcutPayload.json"),
        (camp.messages[ours["ts"]].press(eve, "Go"), f"{parts[0]}/BlockActionPayload.json"),
        (sent, f"{parts[1]}/ViewSubmissionPayload.json"),
        (closed, f"{parts[1]}/ViewClosedPayload.json"),
    ]
    wrong = [f"{one.kind} {where}" for one, sample in like for where in unlike(one.payload, sample_of(sample))]
    assert not wrong


async def test_a_pinned_item_is_as_in_the_event_of_it(slack: SlackServer, camp: Channel, eve: Member) -> None:
    camp.post(eve, "x").pin(eve)
    sample = sample_of("events/PinAddedPayload.json")["event"]["item"]
    (item,) = (await web_client(slack).pins_list(channel=camp.id))["items"]
    assert not list(unlike(item, sample))


def test_every_sampled_method_is_there() -> None:
    sampled = {path.stem for path in (SAMPLES / "api").glob("*.json")}
    assert sampled <= METHODS.keys()
    assert METHODS.keys() == PARAMETERS.keys() == TIERS.keys() | {"chat.postMessage"}


def test_every_argument_of_the_published_specification_is_known() -> None:
    found = json.loads((CONTRACT / "slack-api-specs" / "web_api_subset.openapi2.json").read_text(encoding="utf-8"))
    missing = [
        f"{path} {one['name']}"
        for path, verbs in found["paths"].items()
        for verb in verbs.values()
        for one in verb["parameters"]
        if one["name"] not in {"token", *PARAMETERS[path.removeprefix("/")]}
    ]
    assert not missing
