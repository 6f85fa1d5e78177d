"""When votes count and what they bring about."""

import pytest

from bot.highlights import may_count, published, quotable
from tests.bot.things import ANA, BEN, a_known_space, a_post


def test_own_messages_count_only_where_switched_on() -> None:
    assert may_count(a_post(), BEN, voter_is_bot=False, space=a_known_space())
    assert not may_count(a_post(), ANA, voter_is_bot=False, space=a_known_space())
    assert may_count(a_post(), ANA, voter_is_bot=False, space=a_known_space(own_highlights=True))


def test_messages_of_bots_count_only_where_switched_on() -> None:
    beep = a_post(is_bot=True)
    assert not may_count(beep, BEN, voter_is_bot=False, space=a_known_space())
    assert may_count(beep, BEN, voter_is_bot=False, space=a_known_space(bot_highlights=True))


def test_bots_never_vote() -> None:
    assert not may_count(
        a_post(), BEN, voter_is_bot=True, space=a_known_space(bot_highlights=True, own_highlights=True)
    )


@pytest.mark.parametrize(
    ("votes", "picked", "live", "stands"),
    [
        (2, False, False, False),
        (3, False, False, True),
        (2, False, True, True),
        (1, False, True, False),
        (0, True, False, True),
        (0, True, True, True),
    ],
)
def test_publishing_does_not_flap(*, votes: int, picked: bool, live: bool, stands: bool) -> None:
    assert published(votes, picked, live=live) is stands


def test_a_digest_quotes_from_two_voters_or_a_pick() -> None:
    assert [quotable(1, False), quotable(2, False), quotable(0, True)] == [False, True, True]
