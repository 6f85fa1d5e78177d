"""What our app hears, by the real Bolt over both transports."""

import pytest

from tests.makers import SetClock
from tests.servers.slack import Channel, Member, SlackServer
from tests.servers.slack_clients import Listener

TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


@TRANSPORTS
async def test_a_talk_is_told_as_it_goes(
    slack: SlackServer, clock: SetClock, camp: Channel, eve: Member, finn: Member, transport: str
) -> None:
    listener = Listener(slack)
    async with listener.connected(transport):
        question = camp.post(eve, f"Which tent, {finn.mention} & co? https://example.org/a")
        answer = question.reply(finn, "That one", broadcast=True)
        answer.edit(finn, "That one!")
        question.unfurl()
        answer.react(eve)
        question.delete()
        await slack.deliveries.settled()
    texts = listener.got("message")
    assert [one.get("subtype") for one in texts] == [
        None,
        "thread_broadcast",
        "message_changed",
        "message_changed",
        "message_changed",
    ]
    assert texts[0]["text"] == f"Which tent, {finn.mention} &amp; co? <https://example.org/a>"
    assert texts[0]["channel_type"] == "channel"
    assert texts[1]["root"]["ts"] == question.ts
    assert "edited" in texts[2]["message"]
    assert "edited" not in texts[3]["message"]
    assert texts[3]["message"]["attachments"]
    assert texts[4]["message"]["subtype"] == "tombstone"
    assert listener.got("reaction_added")[0]["item"] == {"type": "message", "channel": camp.id, "ts": answer.ts}
    assert slack.statistics.attempts == slack.statistics.successes == 6
