"""How often a platform may be called, where only edits are counted."""

from bot.models import Channel, Platform, Space
from bot.pacing import Budget
from bot.ports import Pace, Rate

SPACE = Space(Platform.SLACK, "T1")
HELP, HUT = Channel(SPACE, "C1"), Channel(SPACE, "C2")


def test_what_is_new_takes_nothing_of_the_budget_of_edits() -> None:
    budget = Budget({Platform.SLACK: Pace(edits=Rate(2, 60.0))})
    for n in range(5):
        budget.take(HELP, float(n), edit=False)
    assert budget.full(5.0) == {}
    budget.take(HELP, 5.0)
    budget.take(HUT, 6.0)
    assert budget.full(6.0) == {SPACE: 65.0}
    assert budget.full(66.0) == {}


def test_an_edit_that_was_not_made_is_given_back() -> None:
    budget = Budget({Platform.SLACK: Pace(edits=Rate(1, 60.0))})
    budget.take(HELP, 1.0)
    budget.give_back(HELP, 1.0, edit=False)
    assert SPACE in budget.full(1.0)
    budget.give_back(HELP, 1.0)
    assert budget.full(1.0) == {}
