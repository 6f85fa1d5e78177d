"""The manifest asks for what the code calls and listens to, and for nothing else."""

import re
from pathlib import Path

from adapters.slack.convert import READERS
from adapters.slack.manifest import EVENTS, METHODS

CODE = Path(__file__).parents[3] / "adapters" / "slack"
CALL = re.compile(r'\.(?:send|read|pages)\(\s*"([a-z]+(?:\.[A-Za-z]+)+)"')
BY_THE_SDK = {"auth.test", "apps.connections.open"}
UNASKED = {"app_rate_limited", "channel_history_changed", "group_history_changed"}  # the first comes by itself


def test_every_call_is_in_the_manifest_and_every_one_there_is_made() -> None:
    called = {name for path in CODE.rglob("*.py") for name in CALL.findall(path.read_text("utf-8"))}
    assert called | BY_THE_SDK == set(METHODS)


def test_every_event_that_is_asked_for_is_read_and_every_one_that_is_read_is_asked_for() -> None:
    assert {name.partition(".")[0] for name in EVENTS} == set(READERS) - UNASKED
