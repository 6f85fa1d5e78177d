"""When a call to Slack passes, by what its refusals taught."""

from collections import deque

import pytest

from adapters.slack.pacing import FORGOTTEN, WINDOW, Method


@pytest.mark.parametrize(
    ("known", "now", "seconds"),
    [
        (Method(), 100.0, 0.0),
        (Method(calls=deque([70.0, 80.0, 90.0])), 100.0, 0.0),  # nobody knows of a limit
        (Method(calls=deque([90.0]), most=1), 100.0, WINDOW - 10),
        (Method(calls=deque([30.0]), most=1), 100.0, 0.0),
        (Method(calls=deque([90.0]), most=2), 100.0, 0.0),
        (Method(calls=deque([70.0, 90.0]), most=2), 100.0, WINDOW - 30),
        (Method(closed=120.0), 100.0, 20.0),
        (Method(calls=deque([90.0]), most=1, closed=190.0), 100.0, 90.0),
        (Method(calls=deque([FORGOTTEN + 90]), most=1), FORGOTTEN + 100, 0.0),  # it is tried again
    ],
)
def test_how_long_a_call_waits(known: Method, now: float, seconds: float) -> None:
    assert known.wait(now) == seconds
