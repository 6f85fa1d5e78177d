"""A forum's "solved" tag concludes a discussion, beside what people say: whoever spoke last holds."""

from itertools import permutations

import pytest

from bot.models import Channel, Discussion, Platform, Scope, Space, Stored, Tab, Thread, ThreadSeen
from storage import SqlStore
from storage.ledger.solved import Decided, Said, decide, kept, write
from storage.times import DAY
from tests.makers import a_message, a_moment, an_author, an_id, seen

IDEAS = Channel(Space(Platform.DISCORD, "1"), "3")
POST = Thread(IDEAS, an_id(0))
MO = an_author("Mo", space=IDEAS.space).member
NOBODY = Said(None, None, None, None)
OPEN, CONCLUDED = Stored.OPEN.value, Stored.CONCLUDED.value

# What a person said last, what was told of the tag ("+5" is there at 5, "-7" is not there at 7), what holds.
CASES: dict[str, tuple[Said, str, Decided]] = {
    "nothing": (NOBODY, "", Decided(OPEN, None, None)),
    "no tag": (NOBODY, "-1 -5", Decided(OPEN, None, None)),
    "tagged": (NOBODY, "-1 +5 +9", Decided(CONCLUDED, None, 5)),
    "tagged before we looked": (NOBODY, "+5 +9", Decided(CONCLUDED, None, None)),
    "taken away": (NOBODY, "-1 +5 -7", Decided(OPEN, None, 7)),
    "tagged again": (NOBODY, "-1 +5 -7 +9", Decided(CONCLUDED, None, 9)),
    "both in one moment": (NOBODY, "-1 -5 +5", Decided(CONCLUDED, None, 5)),
    "reopened since": (Said(OPEN, 4, 6, 6), "-1 +5 +9", Decided(OPEN, 4, 6)),
    "reopened, and taken away since": (Said(OPEN, 4, 6, 6), "-1 +5 -9", Decided(OPEN, 4, 6)),
    "reopened, taken away, tagged again": (Said(OPEN, 4, 6, 6), "-1 +5 -9 +10", Decided(CONCLUDED, None, 10)),
    "reopened, and tagged before we looked": (Said(OPEN, 4, 6, 6), "+9", Decided(OPEN, 4, 6)),
    "concluded, then tagged and untagged": (Said(CONCLUDED, 4, 3, 3), "-1 +5 -9", Decided(CONCLUDED, 4, 3)),
    "tagged, then given an outcome, then untagged": (Said(CONCLUDED, 4, 6, 5), "-1 +5 -9", Decided(CONCLUDED, 4, 5)),
    "a person's word in the same moment": (Said(OPEN, 4, 5, 5), "-1 +5", Decided(OPEN, 4, 5)),
}


@pytest.mark.parametrize("case", CASES)
def test_who_spoke_last_holds(case: str) -> None:
    said, told, holds = CASES[case]
    statements = [(int(each[1:]), each[0] == "+") for each in told.split()]
    assert decide(said, kept("", statements)) == holds


def test_of_what_is_long_past_only_changes_are_kept() -> None:
    old = [(n, n >= 3) for n in range(1, 8)]
    lately = [(10 * DAY, True), (10 * DAY + 5, True)]
    assert kept(write(kept("", old)), lately) == [(1, False), (3, True), *lately]
    assert kept("") == []


def tagged(solved: bool, at: float) -> ThreadSeen:
    return ThreadSeen(thread=POST, at=a_moment(at), name="A sauna", solved=solved)


async def of(store: SqlStore) -> Discussion:
    found = await store.forum.discussion_of(POST)
    assert found is not None
    return found


async def concluded(store: SqlStore) -> int:
    """How many discussions the forum's tab shows."""
    [channel] = await store.places.channels()
    scope = Scope(channels=frozenset({channel.key}), web=False)
    return (await store.forum.tab_counts(scope, a_moment(100)))[Tab.CONCLUDED]


async def test_the_tag_concludes_and_reopens_and_a_later_word_holds(store: SqlStore) -> None:
    asked = seen(a_message(0, channel=IDEAS))
    await store.ledger.record([asked, tagged(False, 1)])
    before = await store.ledger.last_seq()
    await store.ledger.record([tagged(True, 10), seen(a_message(11, thread=0, author="Bo", channel=IDEAS))])
    found = await of(store)
    assert (found.stored, found.state_at, found.state_by, found.state_by_tag) == (
        Stored.CONCLUDED, a_moment(10), None, True,
    )  # fmt: skip
    assert (found.replies_since, await concluded(store)) == (1, 1)
    assert await store.ledger.last_seq() > before
    await store.ledger.record([tagged(False, 20)])
    found = await of(store)
    assert (found.stored, found.state_at, found.state_by_tag) == (Stored.OPEN, a_moment(20), True)
    await store.ledger.record([tagged(True, 30)])
    assert await store.desk.set_stored(found.id, Stored.OPEN, MO, a_moment(40))
    await store.ledger.record([tagged(True, 50)])
    found = await of(store)
    assert (found.stored, found.state_at, found.state_by_tag) == (Stored.OPEN, a_moment(40), False)
    assert await store.desk.set_stored(found.id, Stored.CONCLUDED, MO, a_moment(60), "Build it.")
    await store.ledger.record([tagged(False, 70)])
    found = await of(store)
    assert (found.stored, found.outcome, found.state_at) == (Stored.CONCLUDED, "Build it.", a_moment(60))
    assert await concluded(store) == 1


async def test_an_outcome_makes_the_conclusion_a_persons_since_the_tag(store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0, channel=IDEAS)), tagged(False, 1), tagged(True, 10)])
    number = (await of(store)).id
    assert not await store.desk.set_stored(number, Stored.CONCLUDED, MO, a_moment(20), "Build it.")
    await store.ledger.record([tagged(False, 30)])
    found = await of(store)
    assert (found.stored, found.outcome, found.state_at, found.state_by_tag) == (
        Stored.CONCLUDED, "Build it.", a_moment(10), False,
    )  # fmt: skip


async def test_a_thread_without_tags_says_nothing_of_it(store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(0, channel=IDEAS)), tagged(False, 1), tagged(True, 10)])
    await store.ledger.record([ThreadSeen(thread=POST, at=a_moment(20), name="A hot sauna")])
    found = await of(store)
    assert (found.stored, found.title) == (Stored.CONCLUDED, "A hot sauna")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_any_order_of_tag_and_word_gives_one_state(store: SqlStore) -> None:
    """A moderator reopened at 20 what was tagged at 10, and at 40 it still was."""
    told: list[float] = [1, 10, 20, 40]
    orders = list(permutations(told))
    posts = [Thread(IDEAS, an_id(1000 + n)) for n in range(len(orders))]
    await store.ledger.record([ThreadSeen(thread=post, at=a_moment(0), name="A boat") for post in posts])
    for step in range(len(told)):
        due = [(post, order[step]) for post, order in zip(posts, orders, strict=True)]
        events = [
            ThreadSeen(thread=post, at=a_moment(at), name="A boat", solved=at > 1) for post, at in due if at != 20
        ]
        await store.ledger.record([*events, *events])
        for post in [post for post, at in due if at == 20]:
            found = await store.forum.discussion_of(post)
            assert found is not None
            await store.desk.set_stored(found.id, Stored.CONCLUDED, MO, a_moment(19), "Build it.")
            await store.desk.set_stored(found.id, Stored.OPEN, MO, a_moment(20))
    for post, order in zip(posts, orders, strict=True):
        found = await store.forum.discussion_of(post)
        assert found is not None
        assert (found.stored, found.state_at, found.state_by_tag) == (Stored.OPEN, a_moment(20), False), order
