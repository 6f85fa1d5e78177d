"""How often a platform may be called, where it counts apart what is new and what is changed."""

from bot.models import Channel, MessageRef, OwnPost, Platform, PostKind, PostState, Space, Thread
from bot.pacing import Budget
from bot.ports import Edits, Pace, Posts, Rate
from tests.makers import NOON

SPACE = Space(Platform.SLACK, "T1")
HELP, HUT = Channel(SPACE, "C1"), Channel(SPACE, "C2")
SLACKS = Pace(posts=Rate(1, 1.0), edits=Rate(2, 60.0))


def a_post(where: Channel | Thread, *, stands: bool = False) -> OwnPost:
    channel = where.channel if isinstance(where, Thread) else where
    return OwnPost(
        id=1,
        kind=PostKind.CARD,
        subject="card:1",
        where=where,
        marker="m",
        state=PostState.LIVE if stands else PostState.PLANNED,
        card=None,
        ref=MessageRef(channel, "1.0") if stands else None,
        attempts=0,
        dirty=stands,
        next_change_at=None,
        planned_at=NOON,
    )


def test_what_is_new_takes_nothing_of_the_budget_of_edits() -> None:
    budget = Budget({Platform.SLACK: SLACKS})
    budget.take(a_post(Thread(HELP, "1.0")), 5.0)
    assert budget.full(5.5) == {Posts(HELP): 6.0}
    assert budget.full(6.0) == {}
    budget.take(a_post(HELP, stands=True), 6.0)
    budget.take(a_post(HUT, stands=True), 7.0)
    assert budget.full(7.0) == {Edits(SPACE): 66.0}
    assert budget.full(66.0) == {}


def test_an_edit_that_was_not_made_is_given_back() -> None:
    budget = Budget({Platform.SLACK: SLACKS})
    for at in (1.0, 2.0):
        budget.take(a_post(HELP, stands=True), at)
    budget.give_back(a_post(HELP), 1.0)
    assert Edits(SPACE) in budget.full(2.0)
    budget.give_back(a_post(HELP, stands=True), 1.0)
    assert budget.full(2.0) == {}


def test_only_so_many_edits_are_claimed_as_may_be_made() -> None:
    budget = Budget({Platform.SLACK: SLACKS})
    assert budget.room(10) == 10
    budget.take(a_post(HELP, stands=True), 1.0)
    assert budget.room(10) == 1


def test_a_wish_to_wait_holds_for_calls_of_its_kind_until_its_time() -> None:
    budget = Budget({Platform.SLACK: SLACKS, Platform.DISCORD: Pace(place=Rate(5, 5.0))})
    budget.rest(a_post(Thread(HELP, "1.0")), 30.0)
    budget.rest(a_post(Thread(HELP, "2.0")), 20.0)
    assert budget.full(1.0) == {Posts(HELP): 30.0}
    budget.rest(a_post(HELP, stands=True), 40.0)
    assert budget.full(30.0) == {Edits(SPACE): 40.0}
    assert budget.full(40.0) == {}
    budget.rest(a_post(Channel(Space(Platform.DISCORD, "1"), "2")), 50.0)
    assert budget.full(41.0) == {}


def test_a_platform_that_lets_few_calls_in_is_not_asked_side_by_side_for_more() -> None:
    budget = Budget({Platform.DISCORD: Pace(whole=Rate(3, 1.0))})
    assert budget.room(10) == 3


def test_who_had_calls_lately_is_known_for_a_while_and_what_was_not_made_counts_not() -> None:
    budget = Budget({Platform.SLACK: SLACKS})
    for at, where in ((1.0, HELP), (2.0, Thread(HELP, "1.0")), (3.0, HUT)):
        budget.take(a_post(where, stands=True), at)
    assert budget.had(4.0) == {HELP: 2, HUT: 1}
    budget.give_back(a_post(HUT, stands=True), 3.0)
    assert budget.had(4.0) == {HELP: 2}
    assert budget.had(16.5) == {HELP: 1}
