"""Our own posts on their way: one a subject, leased, frozen, healed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.markup import Text
from bot.models import Card, Channel, MessageRef, PostKind, PostState, Thread, ThreadSeen
from storage import SqlStore
from storage.changes import GONE
from storage.due import WEIGHT
from tests.makers import HELP, a_channel, a_discussion, a_message, a_moment, a_space, an_id, deleted, seen

NOW = a_moment(60)
CARD = Card(title="Tents", body=(Text("Which one?"),))
REF = MessageRef(HELP, an_id(61))


async def planned(store: SqlStore, subject: str = "card:1", kind: PostKind = PostKind.CARD) -> int:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(5)])
    post = await store.outbox.plan(kind, subject, Thread(HELP, an_id()), NOW)
    assert post is not None
    return post


async def live(store: SqlStore) -> int:
    post = await planned(store)
    await store.outbox.claim("me", NOW, 60)
    assert await store.outbox.freeze(post, "me", CARD, [MessageRef(HELP, an_id(1))])
    await store.outbox.sent(post, "me", REF, None)
    return post


async def test_a_subject_has_one_post(store: SqlStore) -> None:
    await planned(store)
    assert await store.outbox.plan(PostKind.CARD, "card:1", HELP, NOW) is None


async def test_a_claimed_post_is_nobody_elses_until_the_lease_ends(store: SqlStore) -> None:
    post = await planned(store)
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]
    assert await store.outbox.claim("you", NOW + timedelta(seconds=59), 60) == []
    assert [each.id for each in await store.outbox.claim("you", NOW + timedelta(seconds=60), 60)] == [post]
    assert not await store.outbox.freeze(post, "me", CARD, [])


async def test_what_a_crash_left_in_sending_comes_again(store: SqlStore) -> None:
    post = await planned(store)
    await store.outbox.claim("me", NOW, 60)
    assert await store.outbox.freeze(post, "me", CARD, [])
    [again] = await store.outbox.claim("you", NOW + timedelta(minutes=2), 60)
    assert (again.state, again.card) == (PostState.SENDING, CARD)


async def test_a_live_post_is_left_alone_until_it_is_marked(store: SqlStore) -> None:
    post = await live(store)
    assert await store.outbox.claim("me", NOW, 60) == []
    await store.outbox.touch([1])
    [again] = await store.outbox.claim("me", NOW, 60)
    assert (again.id, again.ref, again.dirty) == (post, REF, True)


async def test_what_is_marked_while_it_is_sent_stays_marked(store: SqlStore) -> None:
    post = await live(store)
    await store.outbox.touch([1])
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.touch([1])
    await store.outbox.sent(post, "me", REF, None)
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]
    await store.outbox.sent(post, "me", REF, None)
    assert await store.outbox.claim("me", NOW, 60) == []


@pytest.mark.parametrize(
    ("kind", "subject"), [(PostKind.CARD, "card:1"), (PostKind.HIGHLIGHT, f"highlight:1:{an_id(1)}")]
)
async def test_what_changes_while_it_is_posted_is_put_right(store: SqlStore, kind: PostKind, subject: str) -> None:
    """Between the moment that it is claimed and the moment that it is frozen it is planned still."""
    post = await planned(store, subject, kind)
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.touch([1])
    assert await store.outbox.freeze(post, "me", CARD, [])
    await store.outbox.sent(post, "me", REF, None)
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]


async def some_live(store: SqlStore, number: int) -> list[int]:
    """Cards of so many discussions, which show what there is."""
    await store.ledger.record([a_space(), a_channel()])
    posts = []
    for each in range(1, number + 1):
        planned = await store.outbox.plan(PostKind.CARD, f"card:{each}", Thread(HELP, an_id(each)), NOW)
        assert planned is not None
        posts.append(planned)
    for post in await store.outbox.claim("me", NOW, 60):
        await store.outbox.sent(post.id, "me", MessageRef(HELP, an_id(100 + post.id)), None)
    return posts


async def next_due(store: SqlStore) -> int:
    """What is claimed next, and shown."""
    [post] = await store.outbox.claim("me", NOW, 60, limit=1)
    assert post.ref is not None
    await store.outbox.sent(post.id, "me", post.ref, None)
    return post.id


async def test_what_went_stale_first_is_shown_first(store: SqlStore) -> None:
    first, second, third = await some_live(store, 3)
    for card in (3, 1, 2):
        await store.outbox.touch([card])
        await store.places.watch(HELP, True)  # a change
    assert [await next_due(store) for _ in range(3)] == [third, first, second]


async def test_the_more_changes_wait_the_sooner_they_are_shown(store: SqlStore) -> None:
    once, often = await some_live(store, 2)
    await store.outbox.touch([1])
    await store.places.watch(HELP, True)
    for _ in range(2):
        await store.outbox.touch([2])
    assert [await next_due(store), await next_due(store)] == [often, once]


async def test_no_post_is_overtaken_for_ever(store: SqlStore) -> None:
    once, _ = await some_live(store, 2)
    await store.outbox.touch([1])
    others = [ThreadSeen(thread=Thread(HELP, an_id(500 + each)), at=NOW) for each in range(WEIGHT + 1)]
    await store.ledger.record(others)  # a change each
    for _ in range(2):
        await store.outbox.touch([2])
    assert await next_due(store) == once


async def test_words_that_are_gone_do_not_wait_behind_what_is_busy(store: SqlStore) -> None:
    quoting = await live(store)
    busy = await store.outbox.plan(PostKind.CARD, "card:2", Thread(HELP, an_id(200)), NOW)
    assert busy is not None
    [post] = await store.outbox.claim("me", NOW, 60)
    await store.outbox.sent(post.id, "me", MessageRef(HELP, an_id(201)), None)
    for _ in range(GONE - 1):
        await store.outbox.touch([2])
    await store.ledger.record([deleted(1)])
    assert await next_due(store) == quoting


async def test_what_changes_while_it_is_shown_waits_for_its_turn_again(store: SqlStore) -> None:
    first, second = await some_live(store, 2)
    await store.outbox.touch([1])
    await store.places.watch(HELP, True)
    [post] = await store.outbox.claim("me", NOW, 60, limit=1)
    await store.outbox.touch([1, 2])
    await store.places.watch(HELP, False)
    assert post.ref is not None
    await store.outbox.sent(post.id, "me", post.ref, None)
    assert [post.id, await next_due(store), await next_due(store)] == [first, second, first]


async def test_a_crash_between_claim_and_record_forgets_no_mark(store: SqlStore) -> None:
    post = await live(store)
    await store.outbox.touch([1])
    await store.outbox.claim("me", NOW, 60)
    assert [each.id for each in await store.outbox.claim("you", NOW + timedelta(minutes=2), 60)] == [post]


async def test_an_edit_that_failed_is_not_taken_for_done(store: SqlStore) -> None:
    post = await live(store)
    await store.outbox.touch([1])
    await store.outbox.claim("me", NOW, 60)
    healed = Card(title="Tents", body=(Text("(no longer available)"),))
    assert await store.outbox.freeze(post, "me", healed, [])
    await store.outbox.retry(post, "me", "no answer", NOW + timedelta(seconds=5))
    [again] = await store.outbox.claim("me", NOW + timedelta(seconds=5), 60)
    assert (again.id, again.state, again.ref) == (post, PostState.SENDING, REF)
    await store.outbox.sent(post, "me", REF, None)
    assert await store.outbox.claim("me", NOW + timedelta(days=1), 60) == []


async def test_what_stands_is_known_before_it_is_true(store: SqlStore) -> None:
    post = await planned(store)
    await store.outbox.claim("me", NOW, 60)
    assert await store.outbox.freeze(post, "me", CARD, [])
    assert not await store.outbox.stands(post, "you", REF)
    assert await store.outbox.stands(post, "me", REF)
    await store.outbox.retry(post, "me", "no answer", NOW)
    [again] = await store.outbox.claim("me", NOW, 60)
    assert (again.state, again.ref) == (PostState.SENDING, REF)


async def test_the_clock_alone_makes_a_post_due(store: SqlStore) -> None:
    post = await planned(store)
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.freeze(post, "me", CARD, [])
    await store.outbox.sent(post, "me", REF, NOW + timedelta(hours=1))
    assert await store.outbox.claim("me", NOW, 60) == []
    assert len(await store.outbox.claim("me", NOW + timedelta(hours=1), 60)) == 1


async def test_deleting_or_editing_a_quoted_message_marks_the_post(store: SqlStore) -> None:
    post = await live(store)
    await store.ledger.record([seen(a_message(2, "Another one, edited.", thread=0, author="Dina", edited=70))])
    assert await store.outbox.claim("me", NOW, 60) == []
    await store.ledger.record([deleted(1)])
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]


async def test_five_failures_park_a_post_where_it_can_be_seen(store: SqlStore) -> None:
    post = await planned(store)
    for n in range(5):
        at = NOW + timedelta(minutes=n)
        assert len(await store.outbox.claim("me", at, 60)) == 1
        await store.outbox.retry(post, "me", "no permission", at + timedelta(seconds=30))
    assert await store.outbox.claim("me", NOW + timedelta(days=1), 60) == []
    assert [each.id for each in await store.outbox.parked()] == [post]


@pytest.mark.parametrize(("kind", "again"), [(PostKind.CARD, True), (PostKind.HIGHLIGHT, False)])
async def test_a_card_that_was_given_up_is_tried_again_when_its_channel_changes(
    store: SqlStore, kind: PostKind, again: bool
) -> None:
    await planned(store)
    post = await store.outbox.plan(kind, "another", HELP, NOW)
    assert post is not None
    await store.outbox.claim("me", NOW, 60, busy={Thread(HELP, an_id())})
    await store.outbox.retry(post, "me", "no permission", NOW, tries=1)
    known = await store.places.channel(HELP)
    assert known is not None
    await store.outbox.touch_channels([known.key])
    found = await store.outbox.post(post)
    assert found is not None
    assert found.state is (PostState.SENDING if again else PostState.PARKED)


async def test_a_channel_marks_the_boards_of_its_space_too(store: SqlStore) -> None:
    elsewhere = Channel(HELP.space, "general")
    other = Channel(replace(HELP.space, id="other"), "general")
    await store.ledger.record([a_space(), a_channel(), a_channel(elsewhere), a_space(other.space), a_channel(other)])
    for channel in (elsewhere, other):
        post = await store.outbox.plan(PostKind.BOARD, f"board:{channel.space.id}", channel, NOW)
        assert post is not None
        await store.outbox.claim("me", NOW, 60)
        await store.outbox.sent(post, "me", MessageRef(channel, an_id(60)), None)
    known = await store.places.channel(HELP)
    assert known is not None
    await store.outbox.touch_channels([known.key])
    assert [each.where for each in await store.outbox.claim("me", NOW, 60)] == [elsewhere]


async def test_what_is_released_while_somebody_tries_it_does_not_wait(store: SqlStore) -> None:
    """A thread is opened between the platform's refusal and our writing that down."""
    post = await live(store)
    known = await store.places.channel(HELP)
    assert known is not None
    await store.outbox.touch([1])
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.touch_channels([known.key])
    await store.outbox.postpone(post, "me", NOW + timedelta(days=30))
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]
    await store.outbox.postpone(post, "me", NOW + timedelta(days=30))
    assert await store.outbox.claim("me", NOW, 60) == []


async def test_a_post_that_is_gone_is_not_posted_again(store: SqlStore) -> None:
    post = await live(store)
    await store.outbox.gone(post, "deleted by a moderator")
    await store.outbox.touch([1])
    assert await store.outbox.claim("me", NOW, 60) == []
    found = await store.outbox.of_subject("card:1")
    assert found is not None
    assert found.state is PostState.GONE


@pytest.mark.parametrize(
    ("marked", "then"), [(False, PostState.GONE), (True, PostState.PLANNED)], ids=["nothing to show", "shows again"]
)
async def test_a_post_that_was_marked_while_it_was_taken_down_is_planned_in_the_same_step(
    store: SqlStore, marked: bool, then: PostState
) -> None:
    await live(store)
    await store.outbox.touch([1])
    [post] = await store.outbox.claim("me", NOW, 60)
    await store.outbox.touch([1] if marked else [])
    await store.outbox.taken_down(post, NOW)
    found = await store.outbox.post(post.id)
    assert found is not None
    assert (found.state, found.ref) == (then, None if marked else REF)
    assert bool(await store.outbox.claim("me", NOW, 60)) == marked


async def test_a_notice_brings_its_card(store: SqlStore) -> None:
    await planned(store)
    post = await store.outbox.plan(PostKind.NOTICE, "notice:1", HELP, NOW, CARD)
    assert post is not None
    found = await store.outbox.post(post)
    assert found is not None
    assert (found.card, found.where) == (CARD, HELP)


async def test_a_cursor_never_moves_back(store: SqlStore) -> None:
    assert await store.outbox.cursor("follow") == 0
    await store.outbox.set_cursor("follow", 7)
    await store.outbox.set_cursor("follow", 3)
    assert await store.outbox.cursor("follow") == 7


async def test_our_posts_are_found_among_messages(store: SqlStore) -> None:
    post = await live(store)
    elsewhere = MessageRef(Channel(HELP.space, "general"), REF.id)
    found = await store.outbox.posted({REF, elsewhere, MessageRef(HELP, an_id(62))})
    assert {ref: each.id for ref, each in found.items()} == {REF: post}


async def a_copy(store: SqlStore, minutes: int, kind: PostKind = PostKind.HIGHLIGHT) -> int:
    """A copy that was planned, and sent, so many minutes after noon."""
    subject = f"{kind}:1:{an_id(minutes)}"
    post = await store.outbox.plan(kind, subject, HELP, a_moment(minutes))
    assert post is not None
    await store.outbox.claim("me", NOW, 60)
    assert await store.outbox.freeze(post, "me", CARD, [])
    await store.outbox.sent(post, "me", MessageRef(HELP, an_id(100 + minutes)), None)
    return post


async def unread(store: SqlStore, since: float = 0) -> list[tuple[int, int]]:
    return [(post.id, times) for post, times in await store.outbox.unread(a_moment(since))]


async def test_the_reactions_of_a_copy_are_to_be_read_once_it_is_sent(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    first, second = await a_copy(store, 1), await a_copy(store, 2)
    await a_copy(store, 3, PostKind.BOARD)
    assert await unread(store) == [(second, 1), (first, 1)]
    assert await unread(store, since=2) == [(second, 1)]
    await store.outbox.read(first, 1)
    assert await unread(store) == [(second, 1)]
    await store.outbox.claim("me", NOW + timedelta(days=1), 60)
    await store.outbox.sent(first, "me", MessageRef(HELP, an_id(101)), None)  # an edit
    assert await unread(store) == [(second, 1)]


async def test_the_newest_copies_are_read_again_when_asked_for(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    copies = [await a_copy(store, minutes) for minutes in (1, 2, 3)]
    for copy in copies:
        await store.outbox.read(copy, 1)
    await store.outbox.reread(HELP.space, a_moment(1), 2)
    assert await unread(store) == [(copies[2], 1), (copies[1], 1)]
    await store.outbox.reread(HELP.space, a_moment(3), 2)
    await store.outbox.read(copies[2], 1)  # who read before that was asked for is not done
    assert await unread(store) == [(copies[2], 2), (copies[1], 1)]
    await store.outbox.gone(copies[2], "deleted")
    await store.outbox.reread(Channel(HELP.space, "other").space, a_moment(4), 2)
    assert await unread(store) == [(copies[1], 1)]


async def cards_in(store: SqlStore, channel: Channel, number: int, first: int) -> list[int]:
    """Cards in threads of a channel that stand, and have to change."""
    planned = [
        await store.outbox.plan(PostKind.CARD, f"card:{first + n}", Thread(channel, an_id(first + n)), NOW)
        for n in range(number)
    ]
    for post in await store.outbox.claim("me", NOW, 60, limit=number):
        await store.outbox.sent(post.id, "me", MessageRef(channel, an_id(500 + post.id)), None)
    await store.outbox.touch(range(first, first + number))
    return [post for post in planned if post is not None]


async def test_channels_take_turns_and_who_had_fewer_calls_lately_comes_first(store: SqlStore) -> None:
    calm = Channel(HELP.space, "calm")
    await store.ledger.record([a_space(), a_channel(), a_channel(calm)])
    busy = await cards_in(store, HELP, 5, first=1)
    quiet = await cards_in(store, calm, 2, first=50)
    first = await store.outbox.claim("one", NOW, 60, limit=3)
    assert [post.id for post in first] == [busy[0], quiet[0], busy[1]]
    [second] = await store.outbox.claim("two", NOW, 60, limit=1, had={HELP: 2, calm: 1})
    assert second.id == quiet[1]
    [third] = await store.outbox.claim("two", NOW, 60, limit=1, had={HELP: 2, calm: 2})
    assert third.id == busy[2]
