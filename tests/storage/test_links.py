"""Links between spaces, on each database: what the commands' own tests cannot see."""

from datetime import timedelta

import pytest

from bot.linking import fingerprint
from bot.models import Channel, LinkRefusal, MemberRef, Platform, Reach, Space
from storage import SqlStore
from tests.digesting import EVENING, linked
from tests.makers import HELP, NOON, SPACE, a_channel, a_space

YARD, MILL = Channel(Space(Platform.SLACK, "T1"), "C1"), Channel(Space(Platform.DISCORD, "7"), "8")


async def communities(store: SqlStore) -> list[int]:
    return [each.community for each in await store.places.spaces()]


async def test_links_make_communities_and_their_ends_part_them(store: SqlStore) -> None:
    for channel, name in ((HELP, "Camp"), (YARD, "Yard"), (MILL, "Mill")):
        await store.ledger.record([a_space(channel.space, name, hosted=False), a_channel(channel)])
    assert await communities(store) == [1, 2, 3]
    first, second = await linked(store, MILL, YARD), await linked(store, YARD, HELP)
    assert await communities(store) == [1, 1, 1]
    assert [each.id for each in await store.links.of(YARD.space)] == [first.id, second.id]
    assert {each.other(YARD.space) for each in await store.links.of(YARD.space)} == {SPACE, MILL.space}
    made = await store.calendar.add_schedule(
        community=1, name="X", destination=MILL, rule=EVENING, reach=Reach.SPACE, sources=(), say_quiet=False, at=NOON
    )
    root = MemberRef(SPACE, "root")
    assert await store.links.end(second.id, root, NOON)
    assert not await store.links.end(second.id, root, NOON)
    camp, yard, mill = await communities(store)
    assert camp != yard == mill
    assert [each.id for each in await store.calendar.schedules(mill)] == [made.id]
    assert [each.community_name for each in await store.places.spaces()] == ["Camp", "Yard", "Yard"]
    ended = await store.links.link(second.id)
    assert ended is not None
    assert (ended.first, ended.ended_by, ended.ended_at) == (root, root, NOON)
    assert await store.links.link(99) is None
    again = await linked(store, HELP, YARD)
    assert again.id != second.id
    assert await communities(store) == [1, 1, 1]


async def test_codes_are_taken_once_and_tries_are_forgotten_after_an_hour(store: SqlStore) -> None:
    for channel in (HELP, YARD):
        await store.ledger.record([a_space(channel.space, "Camp", hosted=False), a_channel(channel)])
    admin, code = MemberRef(YARD.space, "root"), fingerprint("ABCD-2345")
    with pytest.raises(KeyError):
        await store.links.offer(MILL, code, MemberRef(MILL.space, "root"), NOON)
    await store.links.offer(HELP, code, MemberRef(SPACE, "root"), NOON)
    late = NOON + timedelta(minutes=30)
    assert [await store.links.take("no", admin, NOON) for _ in range(6)] == [LinkRefusal.WRONG] * 5 + [
        LinkRefusal.TOO_MANY
    ]
    assert await store.links.take(code, admin, late) is LinkRefusal.TOO_MANY
    later = NOON + timedelta(hours=1)
    await store.links.offer(HELP, code, MemberRef(SPACE, "root"), later)
    taken = await store.links.take(code, admin, later + timedelta(minutes=30))
    assert not isinstance(taken, LinkRefusal)
    assert taken[1] == HELP
    assert await store.links.take(code, admin, later) is LinkRefusal.USED
