"""What we show on Slack is shown once and comes true, whatever the wire, Slack and its admins do to it."""

import asyncio
from datetime import timedelta

import pytest

from bot.delivery import Delivery
from bot.models import PostState, Thread
from tests.camps_slack import ours
from tests.crashing import dying_at
from tests.servers.faults import DropReply, Fault, RateLimit, Reset, Stall, Status
from tests.servers.slack import Role
from tests.servers.slack.limits import POSTS
from tests.wire.keeping import sized
from tests.wire.slack_yards import DELETE, EDIT, ON_SQLITE, POST, Yard, in_virtual_time, most, texts

pytestmark = ON_SQLITE
SECOND = timedelta(seconds=1)
GONE, LIVE, PARKED, SENDING = PostState.GONE, PostState.LIVE, PostState.PARKED, PostState.SENDING


@sized("posts", 8, 1000)
@in_virtual_time
async def test_a_reply_that_is_lost_after_the_post_took_effect_leaves_one_message(yard: Yard, posts: int) -> None:
    yard.server.limits.off()  # it is the number that counts here
    lost = yard.server.faults.on(POST, DropReply(), times=posts)
    subjects = [await yard.plan((yard.help, yard.talk)[n % 2], f"{n} messages.") for n in range(posts)]
    await yard.until(subjects, LIVE, within=60 + 10 * posts)
    assert lost.bites == posts == len(yard.asked(POST))
    assert sorted(texts(yard.help) + texts(yard.talk)) == sorted(str(words) for words in yard.words.values())


@sized("posts", 4, 100)
@in_virtual_time
async def test_a_history_that_lags_brings_no_second_post(yard: Yard, posts: int) -> None:
    yard.server.limits.off()
    yard.server.world.history_lag = 8.0
    lost = yard.server.faults.on(POST, DropReply(), times=posts)
    subjects = [await yard.plan((yard.help, yard.talk)[n % 2], f"{n} messages.") for n in range(posts)]
    await yard.until(subjects, LIVE, within=60 + 30 * posts)
    assert lost.bites == posts == len(yard.asked(POST))
    assert sorted(texts(yard.help) + texts(yard.talk)) == sorted(str(words) for words in yard.words.values())


@pytest.mark.parametrize("fault", [DropReply(), Reset()], ids=["the answer is lost", "the call is lost"])
@in_virtual_time
async def test_a_post_is_looked_for_before_anything_is_read_where_slack_lets_us_read_once_a_minute(
    yard: Yard, fault: Fault
) -> None:
    async with yard.reading_once_a_minute(yard.place(yard.help)):
        yard.server.faults.on(POST, fault, times=2)
        began = yard.clock.now()
        await yard.until([await yard.plan(yard.help), await yard.plan(yard.help, "Ten messages.")], LIVE, within=900)
    assert sorted(texts(yard.help)) == ["Nine messages.", "Ten messages."]
    assert yard.clock.now() - began < timedelta(minutes=5), "a look takes one minute, or two"


@in_virtual_time
async def test_a_busy_channel_is_not_read_from_its_beginning(yard: Yard) -> None:
    ada, now = yard.server.member("Ada"), yard.clock.now()
    for minutes in range(1, 600):
        yard.help.post(ada, "Chatter.", at=now - timedelta(minutes=10 * minutes))
    yard.server.faults.on(POST, Reset())
    subject = await yard.plan(yard.help)
    before = len(yard.asked("conversations.history"))
    await yard.until([subject], LIVE)
    assert texts(yard.help) == ["Nine messages."]
    assert len(yard.asked("conversations.history")) - before == 2  # once more, as the history may lag


async def dies(delivery: Delivery, point: str) -> bool:
    """Deliver in a process that dies when it comes to a place; whether it did."""
    with dying_at(point) as death:
        await delivery.work()
    return death.came


NEW = ("claimed", "rendered", "frozen", "posted", "recorded")
CHANGED = ("claimed", "rendered", "frozen", "edited", "recorded")
WITHDRAWN = ("claimed", "rendered", "removed")


@pytest.mark.parametrize("downtime", [5, 20 * 60])
@sized("times", 1, 50)
@in_virtual_time
async def test_a_crash_at_any_step_leaves_one_message_that_is_true(yard: Yard, times: int, downtime: int) -> None:
    yard.server.limits.off()
    for n in range(times):
        for step in NEW:
            subject = await yard.plan(yard.help, f"New, {step} {n}.")
            assert await dies(yard.delivery(f"{subject} dying"), f"delivery.{step}")
            await asyncio.sleep(downtime)
            await yard.until([subject], LIVE)
        for step in CHANGED:
            subject = await yard.live(yard.help, "Before.")
            await yard.changed(subject, f"Changed, {step} {n}.")
            assert await dies(yard.delivery(f"{subject} dying"), f"delivery.{step}")
            await asyncio.sleep(downtime)
            await asyncio.sleep(60)  # the lease of who died
            await yard.delivery(f"{subject} after").work()
        for step in WITHDRAWN:
            subject = await yard.live(yard.help, "Before.")
            await yard.changed(subject, None)
            assert await dies(yard.delivery(f"{subject} dying"), f"delivery.{step}")
            await asyncio.sleep(downtime)
            await yard.until([subject], GONE)
    wanted = [f"New, {step} {n}." for n in range(times) for step in NEW]
    wanted += [f"Changed, {step} {n}." for n in range(times) for step in CHANGED]
    assert sorted(texts(yard.help)) == sorted(wanted)


@in_virtual_time
async def test_a_post_that_changed_while_its_reply_was_lost_shows_what_is_true(yard: Yard) -> None:
    subject = await yard.plan(yard.help)
    yard.server.faults.on(POST, DropReply())
    await yard.delivery().work()
    await yard.changed(subject, "Ten messages.")
    await yard.until([subject], LIVE)
    assert texts(yard.help) == ["Ten messages."]
    [message] = ours(yard.help)
    assert message.metadata is not None  # kept by the edit: found again even now
    assert message.metadata["event_payload"] == {"marker": (await yard.post(subject)).marker}


@in_virtual_time
async def test_slacks_wish_to_wait_with_edits_is_heeded_and_posts_go_on(yard: Yard) -> None:
    ada = yard.server.member("Ada")
    cards = [await yard.live(yard.help.post(ada, f"Question {n}?")) for n in range(13)]
    yard.server.faults.on(EDIT, RateLimit(30))
    async with yard.delivering() as delivery:
        for card in cards:
            await yard.changed(card, "Ten messages.")
        delivery.wake()
        await asyncio.sleep(1)
        refused = yard.asked(EDIT)[0]
        under_way = len(yard.asked(EDIT))
        assert under_way <= 10  # no more than go side by side
        digest = await yard.plan(yard.talk, "The digest.")
        delivery.wake()
        await asyncio.sleep(1)
        assert await yard.state(digest) is LIVE
        await asyncio.sleep(90)
    later = yard.asked(EDIT)[under_way:]
    assert len(later) == 1 + 13 - under_way
    assert min(later) >= refused + 30
    assert {await yard.state(each) for each in cards} == {LIVE}


@in_virtual_time
async def test_slacks_wish_to_wait_in_a_channel_is_heeded_and_others_go_on(yard: Yard) -> None:
    helping = yard.help.id
    yard.server.faults.on(POST, RateLimit(30), where=lambda body: body["channel"] == helping)
    ada = yard.server.member("Ada")
    async with yard.delivering() as delivery:
        slow = [await yard.plan(yard.help.post(ada, f"In #help {n}?")) for n in range(3)]
        delivery.wake()
        await asyncio.sleep(1.5)
        quick = [await yard.plan(yard.talk.post(ada, f"In #talk {n}?")) for n in range(3)]
        start = asyncio.get_running_loop().time()
        delivery.wake()
        await yard.server.log.until(lambda: len(yard.asked(POST, yard.talk)) == 3)
        assert yard.asked(POST, yard.talk)[0] - start <= 1
        await asyncio.sleep(90)
    [refused, *later] = yard.asked(POST, yard.help)
    assert len(later) == 3
    assert min(later) >= refused + 30
    assert {await yard.state(each) for each in (*slow, *quick)} == {LIVE}


@in_virtual_time
async def test_nothing_waits_for_years_because_slack_says_so(yard: Yard) -> None:
    yard.server.faults.on(POST, DropReply())
    yard.server.faults.on("conversations.history", RateLimit(10**9))
    yard.server.faults.on(POST, RateLimit(10**15), where=lambda body: body["channel"] == yard.talk.id)
    await yard.until([await yard.plan(yard.help), await yard.plan(yard.talk)], LIVE)
    assert texts(yard.help) == texts(yard.talk) == ["Nine messages."]


FAULTS: dict[str, Fault] = {
    "503": Status(503),
    "503 too late": Status(503, after=True),
    "500 in words": Status(200, {"ok": False, "error": "internal_error"}),
    "HTML": Status(502),
    "HTML for 200": Status(200),
    "reset": Reset(),
    "no answer": Stall(),
    "later": RateLimit(1),
}


@pytest.mark.parametrize("name", FAULTS)
@in_virtual_time
async def test_what_fails_on_the_way_is_tried_again(yard: Yard, name: str) -> None:
    fault = FAULTS[name]
    yard.server.faults.on(POST, fault, times=1 if name == "no answer" else 3)
    yard.server.faults.on(EDIT, fault, times=1 if name == "no answer" else 3)
    subject = await yard.plan(yard.help)
    await yard.until([subject], LIVE)
    await yard.changed(subject, "Ten messages.")
    await asyncio.sleep(1)
    await yard.delivery().work()
    await yard.until([subject], LIVE)
    assert texts(yard.help) == ["Ten messages."]
    assert len(yard.asked(POST)) <= 6
    assert len(yard.asked(EDIT)) <= 6


REFUSALS = (  # what Slack says, how often we may ask, and what becomes of the post
    ("channel_not_found", 5, PARKED),
    ("not_in_channel", 5, PARKED),
    ("is_archived", 1, SENDING),  # until the channel is opened again
    ("msg_too_long", 5, PARKED),
    ("invalid_blocks", 5, PARKED),
    ("token_revoked", 5, PARKED),
    ("account_inactive", 5, PARKED),
    ("missing_scope", 5, PARKED),
    ("ratelimited", 20, PARKED),
    ("restricted_action", 5, PARKED),
    ("a_word_of_tomorrow", 5, PARKED),
)
OF_EDITS = (
    ("cant_update_message", 5, PARKED),
    ("edit_window_closed", 5, PARKED),
    ("message_not_found", 1, GONE),
)


async def days(yard: Yard, subject: str) -> PostState:
    """Deliver for days; what becomes of a post."""
    for minutes in (0.1, 0.6, 2.1, 11, 31, 31, 61, 61, 61, 61, 61, *(12 * 60,) * 9):
        await yard.delivery().work()
        yard.clock.at += minutes * 60 * SECOND
    return await yard.state(subject)


@pytest.mark.parametrize(("error", "most_often", "becomes"), REFUSALS)
@in_virtual_time
async def test_every_refusal_of_a_post_ends(yard: Yard, error: str, most_often: int, becomes: PostState) -> None:
    refused = yard.server.faults.on(POST, Status(200, {"ok": False, "error": error}), times=None)
    subject = await yard.plan(yard.help)
    assert await days(yard, subject) is becomes
    assert 1 <= refused.bites <= most_often
    assert [each.subject for each in await yard.store.setbacks.unheard()] == [subject] * (becomes is PARKED)


@pytest.mark.parametrize(("error", "most_often", "becomes"), [*REFUSALS, *OF_EDITS])
@in_virtual_time
async def test_every_refusal_of_an_edit_ends(yard: Yard, error: str, most_often: int, becomes: PostState) -> None:
    subject = await yard.live(yard.help)
    refused = yard.server.faults.on(EDIT, Status(200, {"ok": False, "error": error}), times=None)
    await yard.changed(subject, "Ten messages.")
    assert await days(yard, subject) is becomes
    assert 1 <= refused.bites <= most_often + 5 * (becomes is PARKED)  # then once a day
    assert len(yard.asked(POST)) == 1  # nothing is posted anew
    assert [each.subject for each in await yard.store.setbacks.unheard()] == [subject] * (becomes is PARKED)


@in_virtual_time
async def test_what_a_revoked_token_kept_back_is_shown_when_slack_lets_us_in_again(yard: Yard) -> None:
    card, digest = await yard.live(yard.help), await yard.plan(yard.talk)
    yard.server.app.revoked.add(yard.server.bot_token)
    await yard.delivery().work()  # refused once
    await asyncio.sleep(90)  # until the watch sees why
    await yard.changed(card, "Ten messages.")
    before = len(yard.asked("chat.**"))
    for _ in range(10):
        await yard.delivery().work()
        await asyncio.sleep(600)
    assert len(yard.asked("chat.**")) == before
    yard.server.app.revoked.clear()
    await asyncio.sleep(90)
    await yard.until([card, digest], LIVE, within=7200)
    assert texts(yard.help) == ["Ten messages."]
    assert texts(yard.talk) == ["Nine messages."]


@sized("minutes", 3, 10)
@in_virtual_time
async def test_a_hundred_cards_share_the_edits_of_a_workspace(yard: Yard, minutes: int) -> None:
    number = 10 * minutes
    ada = yard.server.member("Ada")
    yard.server.limits.off()
    cards = [await yard.live(yard.help.post(ada, f"Question {n}?")) for n in range(number)]
    yard.server.limits.on = True
    await asyncio.sleep(60)
    dirty: dict[str, float] = {}
    waits, loop = list[float](), asyncio.get_running_loop()
    began = loop.time()
    async with yard.delivering() as delivery:
        while loop.time() - began < 60 * minutes:
            for card in cards:
                if (post := await yard.post(card)).dirty is False and post.state is LIVE:
                    waits.append(loop.time() - dirty.pop(card, loop.time()))
                    dirty[card] = loop.time()
                    await yard.changed(card, f"{loop.time()} seconds.")
            delivery.wake()
            await asyncio.sleep(2)
            if len(waits) == 2 * number:
                digest, since = await yard.plan(yard.talk, "The digest."), loop.time()
                delivery.wake()
    waits += [loop.time() - at for at in dirty.values()]
    edits = yard.asked(EDIT)
    assert max(waits) <= 1.8 * number  # three minutes for a hundred
    assert most(edits, 60) <= 40
    assert len(edits) >= 40 * minutes - 10
    assert yard.server.limits.refused == 0
    assert await yard.state(digest) is LIVE
    assert yard.asked(POST, yard.talk)[-1] - since <= 1


@in_virtual_time
async def test_new_posts_go_into_a_channel_one_a_second_whatever_threads_they_are_for(yard: Yard) -> None:
    ada = yard.server.member("Ada")
    cards = [await yard.plan(yard.help.post(ada, f"Question {n}?")) for n in range(POSTS + 10)]
    await yard.plan(yard.talk)
    await yard.delivery().work()
    assert {await yard.state(each) for each in cards} == {LIVE}
    assert most(yard.asked(POST, yard.help), 1.0) == 1
    assert yard.asked(POST, yard.talk)[0] - yard.asked(POST)[0] <= 1
    assert yard.server.limits.refused == 0


@in_virtual_time
async def test_what_reads_the_same_is_not_sent(yard: Yard) -> None:
    subject = await yard.live(yard.help)
    asked, rendered = len(yard.server.log.requests()), yard.rendered
    await yard.changed(subject, "Nine messages.")
    assert await yard.delivery().work() == 1
    assert yard.rendered == rendered + 1
    assert len(yard.server.log.requests()) == asked


@in_virtual_time
async def test_what_an_admin_deleted_stays_away(yard: Yard) -> None:
    eve = yard.server.member("Eve", Role.OWNER)
    subjects = [await yard.live(yard.help, "Nobody answers."), await yard.live(yard.help, "It has replies.")]
    first, second = ours(yard.help)
    second.reply(eve, "Why is this here?")
    first.delete(eve)
    second.delete(eve)
    assert second.tombstone
    for round_ in range(3):
        for subject in subjects:
            await yard.changed(subject, f"Changed {round_}.")
        await yard.delivery().work()
        await asyncio.sleep(3600)
    assert [await yard.state(each) for each in subjects] == [GONE, GONE]
    assert len(yard.asked(POST)) == len(yard.asked(EDIT)) == 2
    assert ours(yard.help) == []


@in_virtual_time
async def test_what_an_admin_deleted_is_known_soon_where_slack_lets_us_read_once_a_minute(yard: Yard) -> None:
    eve = yard.server.member("Eve", Role.OWNER)
    subject = await yard.live(yard.help)
    [card] = ours(yard.help)
    card.reply(eve, "Why is this here?")
    card.delete(eve)
    async with yard.reading_once_a_minute(Thread(yard.place(yard.help), card.ts)):
        await yard.changed(subject, "Ten messages.")
        await yard.until([subject], GONE, within=300)


@in_virtual_time
async def test_what_is_taken_down_and_gone_already_is_asked_for_once(yard: Yard) -> None:
    subject = await yard.live(yard.help)
    ours(yard.help)[0].delete(yard.server.member("Eve", Role.OWNER))
    await yard.changed(subject, None)
    await yard.delivery().work()
    assert await yard.state(subject) is GONE
    assert len(yard.asked(DELETE)) == 1
