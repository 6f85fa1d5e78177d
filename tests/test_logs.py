"""The log: what level asks for, one line a thing, and no secret whoever logs it."""

import json
import logging

import pytest
import structlog

from bot import logs
from bot.errors import StoreFailed

BOT_TOKEN = "xoxb-" + "1234567890-abcdefghij"
DISCORD = "M" + "T" * 25 + ".GaBcDe." + "x" * 30

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_struck_out_of_our_lines_and_of_others(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form)
    structlog.get_logger("bot.app").info("connecting", token=BOT_TOKEN, attempt=2)
    logging.getLogger("slack_sdk").warning("refused %s", DISCORD)
    logging.getLogger("aiohttp").warning("GET /?ticket=abc123&code=def456")
    try:
        int(BOT_TOKEN)
    except ValueError:
        logging.getLogger("discord").exception("failed")
    said = capsys.readouterr().err
    for secret in (BOT_TOKEN, DISCORD, "abc123", "def456"):
        assert secret not in said
    assert said.count("[secret]") >= 5
    assert "connecting" in said


def test_lines_of_json_are_one_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    structlog.get_logger("bot.app").info("too quiet")
    structlog.get_logger("bot.app").warning("post not delivered", post=7)
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["post"], said["level"]) == ("post not delivered", 7, "warning")


def test_what_the_libraries_tell_by_the_way_is_for_who_looks_closely(capsys: pytest.CaptureFixture[str]) -> None:
    for level, said in (("info", False), ("debug", True)):
        logs.configure(level, "console")
        logging.getLogger("discord.client").info("logging in using static token")
        logging.getLogger("discord.client").warning("Rate limited.")
        logged = capsys.readouterr().err
        assert ("static token" in logged) is said
        assert "Rate limited." in logged


def test_the_libraries_say_no_more_than_they_may(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("debug", "console")
    for name in ("discord", "slack_bolt", "slack_sdk", "aiohttp"):
        logging.getLogger(name).debug("message text")
    for name in ("alembic", "apscheduler"):
        logging.getLogger(name).info("nobody asked")
    structlog.get_logger("bot.app").debug("ours")
    said = capsys.readouterr().err
    assert "message text" not in said
    assert "nobody asked" not in said
    assert "ours" in said


def test_a_store_that_is_away_takes_a_line_and_a_mistake_of_ours_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    log = structlog.get_logger("bot.app")
    logs.went_wrong(log, "not caught up", StoreFailed("The server is gone."), seq=7)
    try:
        int("seven")
    except ValueError as error:
        logs.went_wrong(log, "not caught up", error)
    away, ours = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (away["level"], away["reason"], away["seq"], "exception" in away) == (
        "warning",
        "The server is gone.",
        7,
        False,
    )
    assert ours["level"] == "error"
    assert "ValueError" in ours["exception"]


def test_a_failure_that_comes_again_at_each_try_is_told_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    trouble = logs.Lasting(structlog.get_logger("bot.app"), "not caught up")
    for second in range(121):
        trouble.went_wrong(StoreFailed("The server is gone."), float(second), seq=second)
    trouble.went_wrong(StoreFailed("It is not ready."), 121.0, seq=121)
    told = [json.loads(line)["seq"] for line in capsys.readouterr().err.splitlines()]
    assert told == [0, 60, 120, 121]
