"""What Slack delivers again, in parallel, out of order, or as nobody knows it: stored once, and acknowledged after."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.slack import watching
from bot.models import Channel as Place
from tests.camps_slack import Workspace
from tests.servers.faults import Duplicate, Lose
from tests.servers.slack import Channel, Member, Message, Role
from tests.servers.slack.deliveries import Delivery
from tests.servers.slack.messages import announce

UNKNOWN = (
    "app_requested", "assistant_thread_context_changed", "assistant_thread_started", "call_rejected", "dnd_updated",
    "dnd_updated_user", "email_domain_changed", "emoji_changed", "external_org_migration_finished", "file_change",
    "file_comment_added", "file_comment_deleted", "file_comment_edited", "file_created", "file_deleted", "file_public",
    "file_shared", "file_unshared", "function_executed", "grid_migration_finished", "grid_migration_started",
    "group_close", "group_open", "im_close", "im_created", "im_history_changed", "im_open", "invite_requested",
    "link_shared", "message_metadata_deleted", "message_metadata_posted", "message_metadata_updated",
    "resources_added", "resources_removed", "scope_denied", "scope_granted", "shared_channel_invite_accepted",
    "shared_channel_invite_received", "star_added", "star_removed", "subteam_created", "subteam_members_changed",
    "subteam_self_added", "subteam_updated", "team_access_granted", "team_access_revoked", "team_domain_change",
    "user_huddle_changed", "workflow_step_execute", "what_comes_next_year",
)  # fmt: skip
NOT_COUNTED = (
    "assistant_app_thread", "bot_add", "bot_disable", "bot_enable", "bot_remove", "channel_archive",
    "channel_canvas_updated", "channel_convert_to_private", "channel_convert_to_public", "channel_join",
    "channel_leave", "channel_name", "channel_posting_permissions", "channel_purpose", "channel_topic",
    "channel_unarchive", "document_mention", "ekm_access_denied", "file_mention", "group_archive", "group_join",
    "group_leave", "group_name", "group_purpose", "group_topic", "group_unarchive", "huddle_thread",
    "joiner_notification", "joiner_notification_for_inviter", "pinned_item", "reminder_add", "reply_broadcast",
    "sh_room_created", "sh_room_shared", "slackbot_response", "tombstone", "unpinned_item", "an_unknown_one",
)  # fmt: skip
TOGETHER = 100  # deliveries that are on the way at once
COUNTED = ("file_share", "me_message")

OVER_SOCKETS = pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)


def sent_of(workspace: Workspace, message: Message) -> Sequence[Delivery]:
    """The deliveries that told of a message."""
    return [it for it in workspace.server.deliveries.sent if it.payload["event"].get("ts") == message.ts]


async def settled(workspace: Workspace) -> None:
    """All was delivered and acknowledged."""
    await workspace.server.deliveries.settled(within=60)
    assert workspace.server.statistics.given_up == 0
    assert (await workspace.store.ledger.audit()).drift == 0


async def test_a_store_that_fails_twice_has_an_event_come_three_times(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    await workspace.kept([before := workspace.help.post(ada, "Before.")])
    workspace.server.world.patience = 0.3
    await workspace.rename("message", "message_away")
    first = workspace.help.post(ada, "Which tent?")
    await workspace.server.log.until(lambda: len(sent_of(workspace, first)[0].attempts) == 2)
    await workspace.rename("message_away", "message")
    workspace.server.world.patience = 3.0
    workspace.clock.advance(timedelta(minutes=1))
    await settled(workspace)
    [delivery] = sent_of(workspace, first)
    assert len(delivery.attempts) == 3
    assert [how == "ok" for how in delivery.attempts] == [False, False, True]
    await workspace.kept([before, first])


async def slow(workspace: Workspace, patience: float) -> None:
    """A store that takes longer than Slack waits: the event comes again, and stands once."""
    ada = workspace.member("Ada")
    workspace.server.world.patience = patience
    with workspace.stalled():
        first = workspace.help.post(ada, "Which tent?")
        await workspace.server.log.until(lambda: sent_of(workspace, first)[0].attempts != [], within=2 * patience + 60)
    workspace.clock.advance(timedelta(minutes=5))
    await settled(workspace)
    assert len(sent_of(workspace, first)[0].attempts) >= 2
    await workspace.kept([first])


async def test_an_event_that_a_slow_store_acknowledged_late_stands_once(workspace: Workspace) -> None:
    await slow(workspace, 0.3)


@pytest.mark.soak
async def test_an_event_that_a_store_slower_than_three_seconds_acknowledged_late_stands_once(
    workspace: Workspace,
) -> None:
    await slow(workspace, 3.0)


async def test_fifty_types_of_events_that_nobody_knows_are_acknowledged(workspace: Workspace) -> None:
    await workspace.server.deliveries.settled()
    before = workspace.server.statistics.attempts
    for name in UNKNOWN:
        workspace.server.tell(name, {"user": workspace.server.app.user.id})
    await settled(workspace)
    assert workspace.server.statistics.attempts - before == len(UNKNOWN) == 50
    assert workspace.server.statistics.retries == 0
    await workspace.kept([])


async def test_one_event_four_times_at_once_over_two_connections_is_one_row(workspace: Workspace) -> None:
    ada, server = workspace.member("Ada"), workspace.server
    if server.app.socket_mode:
        await server.sockets.until_open(2)
    server.faults.on("EVENT message", Duplicate(4), times=20)
    question = workspace.help.post(ada, "Which tent?")
    said = [question, *(question.reply(ada, f"Reply {n}.") for n in range(19))]
    await settled(workspace)
    assert len(sent_of(workspace, question)) == 4
    await workspace.kept(said)
    assert (await workspace.discussion(question)).count == 20


async def test_one_message_under_several_event_ids_is_one_row(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    question = workspace.help.post(ada, "Which tent?")
    reply = question.reply(ada, "That one.")
    for message in (question, reply, reply, question):
        announce(message)
    await settled(workspace)
    deliveries = [*sent_of(workspace, question), *sent_of(workspace, reply)]
    assert len({it.payload["event_id"] for it in deliveries}) == 6
    await workspace.kept([question, reply])
    assert (await workspace.discussion(question)).count == 2


async def test_what_slack_itself_writes_counts_for_nothing(workspace: Workspace) -> None:
    ada, bot = workspace.member("Ada"), workspace.member("Deploy", Role.BOT)
    workspace.help.put(bot)
    question = workspace.help.post(ada, "Which tent?")
    for subtype in NOT_COUNTED:
        question.reply(ada, f"It is {subtype}.", subtype=subtype)
        workspace.help.post(ada, f"It is {subtype}.", subtype=subtype)
    question.reply(bot, "Deployed.", subtype="bot_message")
    for subtype in COUNTED:
        question.reply(ada, f"It is {subtype}.", subtype=subtype)
    question.reply(ada, "For all.", broadcast=True)
    await settled(workspace)
    discussion = await workspace.discussion(question)
    assert (discussion.count, discussion.participants) == (4, 1)
    assert (await workspace.store.ledger.audit()).counted == 4


async def in_any_order(workspace: Workspace, threads: int, *, seed: int) -> None:
    """So many threads of five messages, each told in an order of its own; a wave is stored before the next comes."""
    people, chance = [workspace.member(name) for name in ("Ada", "Bo", "Cem")], random.Random(seed)
    deliveries = workspace.server.deliveries
    deliveries.pause()
    said: list[list[Message]] = []
    for n in range(threads):
        question = workspace.help.post(people[0], f"Question {n}: which tent?")
        said.append([question, *(question.reply(people[k % 3], f"Reply {n}.{k}.") for k in range(4))])
    told = {it.payload["event"]["ts"]: it for it in deliveries.taken()}
    deliveries.resume()
    orders = [chance.sample(thread, len(thread)) for thread in said]
    for wave in zip(*orders, strict=True):
        for n in range(0, threads, TOGETHER):
            for message in wave[n : n + TOGETHER]:
                deliveries.deliver(told[message.ts])
            await settled(workspace)
    await workspace.kept([message for thread in said for message in thread])
    for thread in said:
        discussion = await workspace.discussion(thread[0])
        assert (discussion.count, discussion.participants) == (5, 3)
        opening, *_ = await workspace.store.forum.posts(discussion.id)
        assert (opening.ref.id, opening.text) == (thread[0].ts, thread[0].text)


async def test_replies_that_come_before_their_parents_find_them(workspace: Workspace) -> None:
    await in_any_order(workspace, 30, seed=48)


@pytest.mark.soak
async def test_replies_that_come_before_their_parents_find_them_in_a_thousand_orders(workspace: Workspace) -> None:
    await in_any_order(workspace, 1000, seed=480)


async def test_a_deleted_parent_leaves_its_thread_and_none_of_its_words(workspace: Workspace) -> None:
    ada, bo = workspace.member("Ada"), workspace.member("Bo")
    question = workspace.help.post(ada, "Which tent? Call me: 555-0100.")
    replies = [question.reply(bo, f"Reply {n}.") for n in range(3)]
    await workspace.kept([question, *replies])
    question.delete()
    await settled(workspace)
    await workspace.kept(replies)
    discussion = await workspace.discussion(question)
    assert (discussion.count, discussion.participants) == (3, 2)
    posts = await workspace.store.forum.posts(discussion.id)
    assert [(post.ref.id, post.text) for post in posts if post.text] == [(it.ts, it.text) for it in replies]


async def other_places(workspace: Workspace, *names: str) -> list[Channel]:
    """More channels, known and followed."""
    made = []
    for name in names:
        channel = workspace.server.creates(workspace.member(f"Maker of {name}", Role.OWNER), name)
        channel.invite_bot(next(iter(channel.members.values())))
        await workspace.is_now(channel, name=name)
        await workspace.store.places.watch(Place(workspace.space, channel.id), True)
        made.append(channel)
    await workspace.parts.catch_up.work()
    return made


def talk(channel: Channel, people: Sequence[Member], words: str) -> list[Message]:
    """A question and three replies."""
    question = channel.post(people[0], f"{words}: a question?")
    return [question, *(question.reply(person, f"{words}: an answer {n}.") for n, person in enumerate(people))]


@pytest.mark.parametrize("told_again", [True, False])
async def test_all_of_a_minute_in_which_slack_held_back_is_read_in_every_channel(
    workspace: Workspace, told_again: bool
) -> None:
    channels = [workspace.help, *await other_places(workspace, "hall", "hut")]
    people = [workspace.member(name) for name in ("Ada", "Bo", "Cem")]
    for channel in channels:
        channel.put(*people)
    said = [message for channel in channels for message in talk(channel, people, "Before")]
    await workspace.kept(said)
    workspace.clock.advance(timedelta(minutes=2))
    held = workspace.server.faults.on("EVENT message", Lose(), times=None)
    said += [message for channel in channels for message in talk(channel, people, "Untold")]
    workspace.server.rate_limit_events()
    await workspace.kept(said)
    workspace.clock.advance(timedelta(seconds=30))
    said += [message for channel in channels for message in talk(channel, people, "In the same minute")]
    held.lift()
    workspace.clock.advance(timedelta(seconds=31))
    if told_again:
        said += [message for channel in channels for message in talk(channel, people, "Told again")]
    else:
        await workspace.session.watch.look(deep=False)
    await workspace.kept(said)


def test_what_no_event_tells_is_looked_for_often_enough() -> None:
    """A channel that turned private within five minutes, a stream that fell silent within six."""
    assert timedelta(seconds=watching.EVERY * watching.ROUNDS) <= timedelta(minutes=5)
    assert timedelta(seconds=watching.EVERY * watching.ROUNDS) + watching.LATE <= timedelta(minutes=6)
