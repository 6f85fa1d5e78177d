"""Our own posts that are not sent: dropped with a reason, planned again, too many at once."""

from datetime import timedelta

import pytest

from bot.models import Channel, Drop, PostKind, PostState, Thread
from storage import SqlStore, posts
from tests.makers import HELP, a_channel, a_moment, a_space, an_id
from tests.storage.test_outbox import CARD, NOW, live, planned


async def test_what_is_dropped_is_kept_with_its_reason_and_can_be_planned_again(store: SqlStore) -> None:
    post = await planned(store)
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.drop(post, "you", Drop.LATE, NOW)  # the lease is another's
    assert await store.setbacks.dropped(NOW) == []
    await store.outbox.drop(post, "me", Drop.LATE, NOW)
    [kept] = await store.setbacks.dropped(NOW)
    assert (kept.id, kept.state, kept.reason, kept.card) == (post, PostState.DROPPED, "late", None)
    assert await store.setbacks.dropped(NOW + timedelta(seconds=1)) == []
    assert [each.id for each in await store.setbacks.unheard()] == [post]
    await store.setbacks.told([post])
    assert await store.setbacks.unheard() == []
    assert await store.outbox.plan(PostKind.CARD, "card:1", HELP, NOW) == post
    [again] = await store.outbox.claim("me", NOW, 60)
    assert (again.id, again.reason) == (post, "")


async def test_what_is_planned_again_goes_where_it_is_planned_now(store: SqlStore) -> None:
    elsewhere = Channel(HELP.space, "general")
    await store.ledger.record([a_space(), a_channel(), a_channel(elsewhere)])
    post = await store.outbox.plan(PostKind.NOTICE, "notice:1", Thread(HELP, an_id()), NOW, CARD)
    assert post is not None
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.drop(post, "me", Drop.LATE, NOW)
    assert await store.outbox.plan(PostKind.NOTICE, "notice:1", elsewhere, NOW, CARD) == post
    found = await store.outbox.post(post)
    assert found is not None
    assert (found.where, found.card) == (elsewhere, CARD)


async def test_what_stands_is_not_dropped(store: SqlStore) -> None:
    post = await live(store)
    await store.outbox.touch([1])
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.drop(post, "me", Drop.LATE, NOW)
    found = await store.outbox.post(post)
    assert found is not None
    assert found.state is PostState.LIVE


async def test_only_so_many_wait_in_a_space_and_a_card_that_was_one_too_many_may_come_later(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "MOST_WAITING", 2)
    await planned(store, "card:7")
    assert await store.outbox.plan(PostKind.HIGHLIGHT, "highlight:1", HELP, NOW) is not None
    assert await store.outbox.plan(PostKind.CARD, "card:1", HELP, NOW) is None
    assert await store.outbox.plan(PostKind.BOARD, "board:1", HELP, NOW) is not None  # somebody asked for it
    [dropped] = await store.setbacks.dropped(NOW)
    assert (dropped.subject, dropped.reason) == ("card:1", "crowded")
    assert [each.discussion.id for each in await store.forum.lively([1], a_moment(0))] == [1]
    monkeypatch.setattr(posts, "MOST_WAITING", 3)
    assert await store.outbox.plan(PostKind.CARD, "card:1", HELP, NOW) == dropped.id
