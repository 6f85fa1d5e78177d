"""What Discord refuses, limits or leaves unanswered is waited out, understood, and never asked for ever."""

import pytest

from bot import delivery as delivering
from bot.models import PostState
from bot.ports import Pace
from tests.servers.faults import Fault, RateLimit, Reset, Stall, Status
from tests.wire.keeping import sized
from tests.wire.yards import EDIT, ON_SQLITE, POST, VIA, Yard, channels, texts

pytestmark = ON_SQLITE


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
@sized("seconds", 0.4, 5.0)
async def test_a_limit_is_waited_out_and_holds_up_nobody_else(yard: Yard, scope: str, seconds: float) -> None:
    help_, talk = channels(yard)
    route, elsewhere = (f"POST /channels/{channel.id}/messages" for channel in (help_, talk))
    yard.server.faults.on(route, RateLimit(seconds, scope=scope))
    await yard.plan(help_)
    await yard.plan(talk)
    await yard.delivery().work()
    refused, _ = yard.server.log.answers(route)
    first, again = yard.server.log.requests(route)
    [other] = yard.server.log.answers(elsewhere)
    assert again.loop_time - refused.loop_time >= seconds
    if scope == "global":
        later = yard.server.log.requests(since=refused.number + 2)  # one that was under way may follow
        assert all(each.loop_time - refused.loop_time >= seconds for each in later)
    else:
        assert other.loop_time < again.loop_time
        assert other.loop_time - first.loop_time <= max(seconds, 1.0)
        assert seconds < 1.0 or other.loop_time - first.loop_time <= 1.0
    assert [*texts(help_), *texts(talk)] == ["Nine messages."] * 2


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_limit_that_lasts_waits_in_the_outbox(yard: Yard, scope: str) -> None:
    help_, talk = channels(yard)
    route = f"POST /channels/{help_.id}/messages"
    yard.server.faults.on(route, RateLimit(300, scope=scope))
    await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    await yard.plan(talk)
    for _ in range(9):
        yard.later(seconds=33)
        await delivery.work()
    assert len(yard.server.log.requests(route)) == 1
    assert texts(talk) == ["Nine messages."] or scope == "global"
    yard.later(seconds=4)
    await delivery.work()
    assert [*texts(help_), *texts(talk)] == ["Nine messages."] * 2


@pytest.mark.parametrize("fault", [Status(503), Status(502), Reset(), Stall()])
async def test_what_got_no_answer_is_sent_again_with_the_same_nonce(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    if isinstance(fault, Stall):
        monkeypatch.setattr(delivering, "LONGEST", 0.3)
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    yard.server.faults.on(POST, fault, times=1 if fault == Status(502) else 2)  # that one discord.py sends again itself
    for _ in range(3):
        await yard.delivery().work()
        yard.later(seconds=31)
    sent = yard.server.log.sent(POST)
    assert 2 <= len(sent) <= 6
    assert len({body["nonce"] for body in sent}) == 1
    assert texts(help_) == ["Nine messages."]
    assert await yard.state(subject) is PostState.LIVE


async def test_while_the_edge_bans_us_nothing_is_asked_for_ten_minutes(yard: Yard) -> None:
    help_, talk = channels(yard)
    banned = yard.server.faults.on("**", RateLimit(via=False), times=None)
    await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    await yard.plan(talk)
    for _ in range(19):
        yard.later(seconds=31)
        await delivery.work()
    assert banned.bites == 1
    banned.lift()
    yard.later(seconds=60)
    await delivery.work()
    assert [*texts(help_), *texts(talk)] == ["Nine messages."] * 2


FOR_NOW = (PostState.PARKED, 5)  # tried again hourly a few times, and told to the moderators' log channel
REFUSALS = {  # status and code of an edit: what becomes of the post, and how often Discord is asked on the first day
    (403, 50013): FOR_NOW,
    (403, 50001): FOR_NOW,
    (403, 50005): FOR_NOW,
    (403, 160005): FOR_NOW,  # the thread is locked
    (400, 50035): FOR_NOW,
    (404, 10003): (PostState.GONE, 1),
    (404, 10008): (PostState.GONE, 1),
    (400, 50083): (PostState.SENDING, 1),  # archived; opening the thread ends the wait
    (429, 30046): (PostState.PARKED, 20),
    (400, 30046): (PostState.PARKED, 20),
    (429, 20022): (PostState.PARKED, 20),
    (400, 20022): (PostState.PARKED, 20),
    (503, 0): (PostState.PARKED, 20),
}
REFUSED_AT_ONCE = {  # the same of a new post
    (403, 50013): FOR_NOW,
    (403, 50001): FOR_NOW,
    (403, 160005): FOR_NOW,
    (400, 50035): FOR_NOW,
    (404, 10003): (PostState.GONE, 1),
    (400, 50083): (PostState.SENDING, 1),
}


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_a_refusal_is_understood_and_not_asked_for_ever(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    monkeypatch.setattr(yard.adapter, "pace", Pace())  # hours pass by the clock
    help_, _ = channels(yard)
    subject = await yard.plan(help_)
    delivery = yard.delivery()
    await delivery.work()
    body = {"message": "no", "code": code} | ({"retry_after": 600.0, "global": False} if status == 429 else {})
    refused = yard.server.faults.on(EDIT, Status(status, body, VIA), times=None)
    await yard.changed(subject, "Ten messages.")
    await delivery.work()
    yard.later(minutes=9)
    if code in {30046, 20022}:
        await delivery.work()
        assert refused.bites == 1
    for _ in range(23):
        yard.later(minutes=61)
        await delivery.work()
    assert (await yard.state(subject), refused.bites) == REFUSALS[status, code]


@pytest.mark.parametrize(("status", "code"), REFUSED_AT_ONCE)
async def test_a_post_that_is_refused_is_not_sent_for_ever(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    monkeypatch.setattr(yard.adapter, "pace", Pace())
    help_, talk = channels(yard)
    refused = yard.server.faults.on(
        f"POST /channels/{help_.id}/messages", Status(status, {"message": "no", "code": code}, VIA), times=None
    )
    subject = await yard.plan(help_)
    delivery = yard.delivery()
    for _ in range(40):
        await delivery.work()
        yard.later(minutes=61)
    assert (await yard.state(subject), refused.bites) == REFUSED_AT_ONCE[status, code]
    await yard.plan(talk)
    await delivery.work()
    assert texts(talk) == ["Nine messages."]
