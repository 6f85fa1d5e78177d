"""What the local room keeps: names, and our own posts."""

from datetime import timedelta

from bot.models import MessageRef
from storage import SqlStore
from tests.makers import HELP, SPACE, a_channel, a_message, a_moment, a_space, an_id, seen

NOW = a_moment(60)


async def test_a_name_is_held_by_one_until_it_is_let_go(store: SqlStore) -> None:
    ada = await store.room.take_name("Ada", NOW, 60)
    assert ada is not None
    assert await store.room.take_name(" ａＤＡ ", NOW, 60) is None
    assert await store.room.hold_name(ada, NOW + timedelta(seconds=50), 60)
    assert await store.room.take_name("Ada", NOW + timedelta(seconds=100), 60) is None
    await store.room.leave(ada)
    other = await store.room.take_name("Ada", NOW, 60)
    assert other is not None
    assert other != ada
    assert not await store.room.hold_name(ada, NOW, 60)


async def test_the_secret_is_made_once(store: SqlStore) -> None:
    secret = await store.room.secret()
    assert len(secret) == 32
    assert await store.room.secret() == secret


async def test_our_posts_are_kept_once_a_marker_changed_and_removed(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), seen(a_message())])
    ref, again = MessageRef(HELP, an_id(61)), MessageRef(HELP, an_id(62))
    assert await store.room.put(ref, None, "{}", "mark", NOW) == ref
    assert await store.room.put(again, None, "{}", "mark", NOW) == ref
    assert await store.room.find(HELP, "mark") == ref
    assert await store.room.change(ref, '{"a": 1}')
    assert await store.room.own(HELP) == [(ref, '{"a": 1}', NOW)]
    assert await store.room.own(HELP, an_id()) == []
    assert await store.room.last_position(SPACE) == ref.position
    assert await store.room.remove(ref)
    assert not await store.room.remove(ref)
    assert not await store.room.change(ref, "{}")
    assert await store.room.find(HELP, "mark") is None
