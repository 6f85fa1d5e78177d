"""The real clock."""

from datetime import UTC, timedelta

from bot.clock import SystemClock


def test_the_clock_is_in_utc_and_does_not_stand() -> None:
    first = SystemClock().now()
    assert first.tzinfo is UTC
    assert timedelta(0) <= SystemClock().now() - first < timedelta(minutes=1)
