"""Retries on the test clock, faults on the way, sockets and signatures."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests.makers import SetClock
from tests.servers.faults import Close, Delay, DropReply, Duplicate, HalfOpen, Hold, Lose, Malform, Reset
from tests.servers.slack import Channel, DidNotRespond, Member, Role, SlackServer
from tests.servers.slack_clients import Listener

TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


class Door:
    """A server of ours that answers as a test wants."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[dict[str, str], Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        self.requests.append((dict(request.headers), body))
        return web.Response(status=self.status, headers=self.headers)

    async def start(self) -> tuple[web.AppRunner, str]:
        app = web.Application()
        app.router.add_post("/", self.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return runner, f"http://{host}:{port}/"


async def test_what_is_not_taken_comes_again_by_the_clock(
    slack: SlackServer, clock: SetClock, camp: Channel, eve: Member
) -> None:
    door = Door()
    runner, url = await door.start()
    await slack.hooks.aim(url)
    door.status = 500
    camp.post(eve, "x")

    def missed() -> int:
        return len(slack.log.sockets("NO ACK message"))

    await slack.log.until(lambda: missed() == 2)
    for minutes, deliveries in ((0.9, 2), (0.2, 3), (3.8, 3), (0.2, 4), (60, 4)):
        clock.advance(timedelta(minutes=minutes))
        await slack.log.until(lambda wanted=deliveries: missed() >= wanted)  # type: ignore[misc]
        await slack.deliveries.looked()
        assert len(door.requests) == deliveries
    await slack.deliveries.settled()
    await runner.cleanup()
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in door.requests] == [None, "1", "2", "3"]
    assert [headers.get("X-Slack-Retry-Reason") for headers, _ in door.requests][1:] == ["http_error"] * 3
    assert len({body["event_id"] for _, body in door.requests}) == 1
    assert (slack.statistics.given_up, slack.statistics.retries) == (1, 3)


async def test_no_retry_is_heeded(slack: SlackServer, camp: Channel, eve: Member) -> None:
    door = Door()
    runner, url = await door.start()
    await slack.hooks.aim(url)
    door.status, door.headers = 500, {"X-Slack-No-Retry": "1"}
    camp.post(eve, "x")
    await slack.deliveries.settled()
    await runner.cleanup()
    assert len(door.requests) == 1


@TRANSPORTS
async def test_an_acknowledgement_that_is_lost_brings_it_again(
    slack: SlackServer, camp: Channel, eve: Member, transport: str
) -> None:
    listener = Listener(slack)
    slack.faults.on("EVENT message", DropReply())
    async with listener.connected(transport):
        camp.post(eve, "x")
        await listener.until("message", 2)
        await slack.deliveries.settled()
    first, again = listener.heard
    assert first["event_id"] == again["event_id"]
    assert listener.retries == [("1", "timeout" if transport == "socket" else "http_timeout")]


@TRANSPORTS
async def test_faults_bite_deliveries(slack: SlackServer, camp: Channel, eve: Member, transport: str) -> None:
    listener = Listener(slack)
    slack.faults.on("EVENT message", Lose(), where=lambda body: body["event"]["text"] == "lost")
    slack.faults.on("EVENT message", Hold(1), where=lambda body: body["event"]["text"] == "held")
    slack.faults.on("EVENT message", Duplicate(4), where=lambda body: body["event"]["text"] == "four")
    slack.faults.on(
        "EVENT message",
        Malform(lambda body: body | {"event": body["event"] | {"text": None}}),
        where=lambda body: body["event"]["text"] == "broken",
    )
    async with listener.connected(transport):
        for text in ("lost", "held", "plain", "four", "broken"):
            camp.post(eve, text)
            await slack.deliveries.settled()
    texts = [event["text"] for event in listener.got("message")]
    assert sorted(texts[:2]) == ["held", "plain"]
    assert texts[2:] == ["four"] * 4 + [None]
    assert len({body["event_id"] for body in listener.heard if body["event"]["text"] == "four"}) == 1


@TRANSPORTS
async def test_a_delay_lets_others_overtake(slack: SlackServer, camp: Channel, eve: Member, transport: str) -> None:
    listener = Listener(slack)
    slack.faults.on("EVENT message", Delay(0.4))
    async with listener.connected(transport):
        camp.post(eve, "first")
        camp.post(eve, "second")
        await slack.deliveries.settled()
    assert [event["text"] for event in listener.got("message")] == ["second", "first"]


@TRANSPORTS
async def test_whose_answer_is_lost_sees_none(slack: SlackServer, camp: Channel, eve: Member, transport: str) -> None:
    listener = Listener(slack)
    listener.app.command("/folkmoot")(acknowledge)
    listener.app.shortcut("highlight")(acknowledge)
    slack.faults.on("COMMAND", DropReply())
    slack.faults.on("INTERACTIVE", DropReply())
    async with listener.connected(transport):
        for call in (camp.command(eve, "/folkmoot"), camp.post(eve, "x").shortcut(eve, "highlight")):
            with pytest.raises(DidNotRespond):
                await call.done()
        await camp.command(eve, "/folkmoot").done()
        await slack.deliveries.settled()
    assert len(slack.log.events("COMMAND")) == 2  # once each: nobody retries what a person does
    assert slack.statistics.retries == 0


async def acknowledge(ack: Any) -> None:  # noqa: ANN401 - Bolt's
    await ack()


async def test_a_connection_that_fails_is_tried_again(slack: SlackServer, camp: Channel, eve: Member) -> None:
    listener = Listener(slack)
    armed = slack.faults.on("CONNECT /socket", Reset())
    async with listener.socketed():
        camp.post(eve, "x")
        await listener.until("message")
    assert armed.bites == 1


async def test_a_delivery_can_be_replayed(slack: SlackServer, camp: Channel, eve: Member) -> None:
    listener = Listener(slack)
    async with listener.served() as url, ClientSession() as http:
        camp.post(eve, "x")
        await slack.deliveries.settled()
        body, headers = slack.hooks.sent[-1]
        async with http.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
    assert len({body["event_id"] for body in listener.heard}) == 1
    assert len(listener.heard) == 2


async def test_each_envelope_goes_to_one_of_several_sockets(slack: SlackServer, camp: Channel, eve: Member) -> None:
    one, two = Listener(slack), Listener(slack)
    async with one.socketed(), two.socketed():
        await slack.sockets.until_open(2)
        for number in range(6):
            camp.post(eve, str(number))
        await slack.deliveries.settled()
    assert len(one.heard) == len(two.heard) == 3


async def test_two_doors_share_what_is_told(slack: SlackServer, camp: Channel, eve: Member) -> None:
    one, two = Listener(slack), Listener(slack)
    async with one.served() as first, two.served() as second:
        await slack.hooks.aim(first, second)
        for number in range(6):
            camp.post(eve, str(number))
        await slack.deliveries.settled()
    assert len(one.heard) == len(two.heard) == 3


async def test_a_refresh_loses_nothing(slack: SlackServer, camp: Channel, eve: Member) -> None:
    listener = Listener(slack)
    async with listener.socketed():
        for number in range(3):
            await slack.sockets.refresh("warning" if number else "refresh_requested")
            camp.post(eve, str(number))
            await slack.log.until(lambda wanted=number + 2: slack.sockets.opened == wanted)  # type: ignore[misc]
        await listener.until("message", 3)
    assert len(slack.log.sockets("DISCONNECT")) >= 3


async def test_a_zombie_hears_nothing(slack: SlackServer, clock: SetClock, camp: Channel, eve: Member) -> None:
    listener = Listener(slack)
    async with listener.socketed() as handler:
        slack.sockets.make_zombies()
        camp.post(eve, "x")
        clock.advance(timedelta(minutes=6))
        await slack.deliveries.settled()
        assert await handler.client.is_connected()
        assert listener.heard == []
    assert slack.statistics.given_up == 1


@pytest.mark.parametrize("fault", [Close(), HalfOpen()])
async def test_a_socket_that_dies_on_the_way_gives_the_event_to_another(
    slack: SlackServer, camp: Channel, eve: Member, fault: Close | HalfOpen
) -> None:
    slack.world.patience = 0.2
    one, two = Listener(slack), Listener(slack)
    slack.faults.on("EVENT message", fault)
    async with one.socketed(), two.socketed():
        await slack.sockets.until_open(2)
        camp.post(eve, "x")
        await slack.log.until(lambda: bool(one.heard + two.heard))
    assert len(one.heard + two.heard) == 1


async def test_ten_sockets_are_enough(slack: SlackServer) -> None:
    async with ClientSession() as http:
        sockets = [await http.ws_connect(slack.sockets.ticket()) for _ in range(10)]
        for socket in sockets:
            assert (await socket.receive_json())["type"] == "hello"
        extra = await http.ws_connect(slack.sockets.ticket())
        assert (await extra.receive_json())["reason"] == "too_many_websockets"
        used = slack.sockets.ticket()
        await sockets[0].close()
        await (await http.ws_connect(used)).close()
        async with http.get(used.replace("ws:", "http:")) as again:
            assert again.status == 404


async def test_bolt_refuses_what_is_not_signed_by_slack(slack: SlackServer) -> None:
    listener = Listener(slack)
    body = b'{"type": "event_callback", "event": {"type": "message"}}'
    good = slack.hooks.headers(body)
    bad = [
        slack.hooks.headers(body, secret="another"),
        slack.hooks.headers(body, timestamp=int(slack.hooks.now()) - 600),
        slack.hooks.headers(body + b" "),
    ]
    async with listener.served() as url, ClientSession() as http:
        for headers in bad:
            async with http.post(url, data=body, headers=headers) as refused:
                assert refused.status == 401
        async with http.post(url, data=body, headers=good) as taken:
            assert taken.status == 200


async def test_a_door_that_does_not_know_the_challenge_is_no_request_url(slack: SlackServer) -> None:
    with pytest.raises(AssertionError, match="challenge"):
        await slack.hooks.aim(f"{slack.api_url}auth.test")
    slack.forgive()


async def test_what_happens_while_we_are_away_can_be_told_later_or_never(
    slack: SlackServer, camp: Channel, eve: Member
) -> None:
    listener = Listener(slack)
    async with listener.socketed():
        slack.deliveries.pause()
        camp.post(eve, "kept")
        slack.deliveries.resume()
        await slack.deliveries.settled()
        slack.deliveries.pause()
        camp.post(eve, "forgotten")
        slack.deliveries.forget()
        slack.deliveries.resume()
        await slack.deliveries.settled()
    assert [event["text"] for event in listener.got("message")] == ["kept"]


async def test_only_what_is_subscribed_in_scope_and_within_reach_is_told(
    slack: SlackServer, camp: Channel, eve: Member
) -> None:
    listener = Listener(slack)
    elsewhere = slack.channel("elsewhere", bot=False)
    inner = slack.channel("inner", private=True, members=(eve,))
    async with listener.socketed():
        elsewhere.post(eve, "not in it")
        slack.app.scopes -= {"groups:history", "groups:read"}
        inner.post(eve, "no scope")
        inner.join(slack.member("Gus", Role.GUEST), inviter=eve)
        slack.app.events.discard("reaction_added")
        camp.post(eve, f"told, {slack.app.user.mention}").react(eve)
        slack.app.events.discard("message.channels")
        camp.post(eve, "no subscription")
        slack.tell("unheard_of", {"n": 1})
        await slack.deliveries.settled()
    assert [event["type"] for event in listener.got("message") + listener.got("app_mention")] == [
        "message",
        "app_mention",
    ]
    assert listener.got("unheard_of")[0]["n"] == 1
    assert len(listener.heard) == 3
