"""Channels, members and our app come, change and go; what is told of it, and what can be read after it."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.makers import NOON, SetClock, a_moment
from tests.servers.slack import Channel, Member, NotAllowed, Role, SlackServer
from tests.servers.slack_clients import Listener, web_client


def told(slack: SlackServer, since: int = 0) -> list[str]:
    """What was delivered, by name."""
    return [one.what.removeprefix("EVENT ") for one in slack.deliveries.sent[since:]]


def last(slack: SlackServer, name: str) -> dict[str, Any]:
    return next(one.payload for one in reversed(slack.deliveries.sent) if one.what == f"EVENT {name}")


async def test_our_bot_hears_of_its_own_coming_and_going(slack: SlackServer, eve: Member) -> None:
    place = slack.creates(eve, "new")
    place.post(eve, "unheard")
    place.invite_bot(eve)
    place.post(eve, "heard")
    place.kick_bot()
    place.post(eve, "unheard")
    assert told(slack) == [
        "channel_created",
        "member_joined_channel",
        "message.channel_join",
        "message",
        "channel_left",
    ]
    assert last(slack, "member_joined_channel")["event"]["inviter"] == eve.id


async def test_a_private_channel_tells_by_other_names_and_to_members_only(slack: SlackServer, eve: Member) -> None:
    slack.channel("theirs", private=True, bot=False, members=(eve,)).rename(eve, "still-theirs")
    inner = slack.channel("inner", private=True, members=(eve,))
    inner.rename(eve, "inner-2")
    inner.archive(eve)
    assert told(slack) == ["group_rename", "message.channel_name", "message.channel_archive", "group_archive"]
    assert last(slack, "message.channel_name")["event"]["channel_type"] == "group"


async def test_a_public_channel_turns_private_and_keeps_its_id(
    slack: SlackServer, camp: Channel, eve: Member, finn: Member
) -> None:
    api = web_client(slack)
    with pytest.raises(NotAllowed):
        camp.make_private(finn)
    camp.make_private(eve)
    assert told(slack) == ["message.channel_convert_to_private"]
    assert (await api.conversations_info(channel=camp.id))["channel"]["is_private"]
    camp.kick_bot()
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await api.conversations_info(channel=camp.id)
    camp.invite_bot(eve)
    camp.make_public(eve)
    assert not (await api.conversations_info(channel=camp.id))["channel"]["is_private"]


async def test_an_archived_channel_is_read_but_not_written(slack: SlackServer, camp: Channel, eve: Member) -> None:
    camp.post(eve, "before")
    camp.archive(eve)
    with pytest.raises(NotAllowed, match="archived"):
        camp.post(eve, "after")
    found = await web_client(slack).conversations_history(channel=camp.id)
    assert [one.get("subtype") for one in found["messages"]] == ["channel_archive", None]
    camp.unarchive(eve)
    camp.post(eve, "again")


async def test_one_channel_of_two_workspaces_shows_the_same_messages(
    slack: SlackServer, clock: SetClock, eve: Member
) -> None:
    async with SlackServer(clock, team="T0OTHER001", name="Other") as other:
        ours = slack.channel("shared", connected="T0OTHER001")
        theirs = other.channel("shared", connected=slack.team, an_id=ours.id)
        zed = slack.foreigner("Zed")
        ours.put(zed)
        with pytest.raises(NotAllowed, match="connected"):
            slack.channel("own").put(zed)
        first = ours.post(zed, "Hello from afar")
        mirrored = theirs.post(other.member("Zed"), first.text, ts=first.ts)
        assert (mirrored.ts, theirs.id) == (first.ts, ours.id)
        body = last(slack, "message")
        assert body["is_ext_shared_channel"]
        assert (body["event"]["user_team"], body["team_id"]) == ("T0OTHER001", slack.team)
        assert (await web_client(slack).conversations_info(channel=ours.id))["channel"]["is_ext_shared"]
        ours.disconnect("T0OTHER001")
        assert zed.id not in ours.members
        assert last(slack, "channel_unshared")["event"]["previously_connected_team_id"] == "T0OTHER001"


async def test_ids_of_two_workspaces_differ(slack: SlackServer, clock: SetClock, eve: Member) -> None:
    other = SlackServer(clock, team="T0OTHER001")
    assert other.member("Eve").id != eve.id
    assert {other.bot_token, other.app_token, other.signing_secret}.isdisjoint(
        {slack.bot_token, slack.app_token, slack.signing_secret}
    )


async def test_the_app_goes_and_comes_back(slack: SlackServer, camp: Channel, eve: Member) -> None:
    listener = Listener(slack)
    async with listener.socketed():
        slack.uninstall()
        await listener.until("app_uninstalled")
        camp.post(eve, "unheard")
        with pytest.raises(NotAllowed, match="not installed"):
            camp.command(eve, "/folkmoot")
        slack.reinstall()
        camp.invite_bot(eve)
        camp.post(eve, "heard")
        await slack.deliveries.settled()
    assert told(slack) == [
        "app_uninstalled",
        "tokens_revoked",
        "member_joined_channel",
        "message.channel_join",
        "message",
    ]


async def test_a_deactivated_member_is_out_of_everything(slack: SlackServer, camp: Channel, finn: Member) -> None:
    finn.deactivate()
    api = web_client(slack)
    assert finn.id not in (await api.conversations_members(channel=camp.id))["members"]
    user = (await api.users_info(user=finn.id))["user"]
    assert user["deleted"]
    assert "real_name" not in user
    assert last(slack, "user_change")["event"]["user"]["deleted"]


async def test_a_guest_is_only_where_it_was_put(slack: SlackServer, camp: Channel) -> None:
    gus = slack.member("Gus", Role.GUEST)
    assert slack.visible(camp, gus) == []
    with pytest.raises(NotAllowed):
        camp.post(gus, "x")
    with pytest.raises(NotAllowed, match="cannot see"):
        camp.command(gus, "/folkmoot")
    camp.put(gus)
    assert camp.post(gus, "x").author is gus
    single = slack.member("Si", Role.SINGLE_GUEST)
    single.open_home()
    camp.put(single)
    with pytest.raises(NotAllowed, match="one channel"):
        slack.channel("second").put(single)


async def test_direct_messages_with_our_bot(slack: SlackServer, finn: Member) -> None:
    api = web_client(slack)
    place = finn.message_bot()
    place.post(finn, "hi")
    assert last(slack, "message")["event"]["channel_type"] == "im"
    opened = await api.conversations_open(users=finn.id)
    assert opened["channel"]["id"] == place.id
    posted = await api.chat_postMessage(channel=finn.id, text="hello", unfurl_links=False, unfurl_media=False)
    assert posted["channel"] == place.id
    assert slack.look(place, finn).splitlines() == ["— Finn", "hi", "— Folkmoot APP", "hello"]


async def test_a_mention_of_our_bot_is_told_twice(slack: SlackServer, camp: Channel, eve: Member) -> None:
    question = camp.post(eve, "x")
    question.reply(eve, f"{slack.app.user.mention} status")
    mention, message = last(slack, "app_mention"), last(slack, "message")
    assert mention["event"]["ts"] == message["event"]["ts"]
    assert mention["event"]["thread_ts"] == question.ts
    assert mention["event_id"] != message["event_id"]


async def test_the_manifest_says_what_the_app_may_do(slack: SlackServer, camp: Channel, eve: Member) -> None:
    slack.install(
        {
            "oauth_config": {"scopes": {"bot": ["channels:history", "commands"]}},
            "features": {
                "slash_commands": [{"command": "/folkmoot"}],
                "shortcuts": [{"callback_id": "highlight", "type": "message"}],
            },
            "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}, "socket_mode_enabled": True},
        }
    )
    camp.post(eve, "x").react(eve)
    assert told(slack) == ["message"]
    with pytest.raises(NotAllowed, match="not a valid command"):
        camp.command(eve, "/other")
    with pytest.raises(NotAllowed, match="no shortcut"):
        eve.shortcut("other")
    with pytest.raises(NotAllowed, match="no Home tab"):
        eve.open_home()
    with pytest.raises(AssertionError, match=r"message\.everywhere"):
        slack.install(
            {
                "oauth_config": {"scopes": {"bot": []}},
                "settings": {"event_subscriptions": {"bot_events": ["message.everywhere"]}},
            }
        )


async def test_times_are_unique_and_go_by_the_clock(camp: Channel, clock: SetClock, eve: Member) -> None:
    first, second = camp.post(eve, "a"), camp.post(eve, "b")
    past = camp.post(eve, "c", at=a_moment(-60))
    clock.advance(timedelta(seconds=1))
    later = camp.post(eve, "d")
    assert past.ts < first.ts < second.ts < later.ts
    assert first.sent_at - NOON < timedelta(milliseconds=1)
    assert camp.order == [past.ts, first.ts, second.ts, later.ts]


async def test_the_hour_of_events_is_full(slack: SlackServer, clock: SetClock) -> None:
    clock.advance(timedelta(seconds=90))
    slack.rate_limit_events()
    event = last(slack, "app_rate_limited")["event"]
    assert event["minute_rate_limited"] == int(NOON.timestamp()) + 60
