"""What is busy as a whole waits, and makes few statements."""

from dataclasses import replace

import pytest

from bot.models import Platform, PostKind, Space
from bot.ports import Busy, Edits
from storage import SqlStore
from storage.due import elsewhere
from tests.makers import HELP
from tests.storage.test_outbox import NOW, live

ELSEWHERE = Space(Platform.SLACK, "T1")


@pytest.mark.parametrize(
    ("busy", "claimed"),
    [
        ([Platform.LOCAL], []),
        ([HELP.space], []),
        ([Edits(HELP.space)], ["card:2"]),
        ([Platform.SLACK, ELSEWHERE, Edits(ELSEWHERE)], ["card:2", "card:1"]),
    ],
)
async def test_nothing_is_claimed_that_is_busy_as_a_whole(
    store: SqlStore, busy: list[Busy], claimed: list[str]
) -> None:
    await live(store)
    await store.outbox.touch([1])
    await store.outbox.plan(PostKind.CARD, "card:2", HELP, NOW)
    found = await store.outbox.claim("me", NOW, 60, busy=busy)
    assert [post.subject for post in found] == claimed


def test_whatever_is_busy_makes_few_statements() -> None:
    """Each one more is prepared, and kept, by every connection."""
    spaces = [replace(HELP.space, id=str(n)) for n in range(8)]
    busy: list[list[Busy]] = [
        [],
        [Platform.SLACK],
        [spaces[0]],
        [*spaces],
        [Edits(each) for each in spaces],
        [Edits(spaces[0]), Platform.LOCAL],
    ]
    assert len({elsewhere(each, {})[0] for each in busy}) == 1
