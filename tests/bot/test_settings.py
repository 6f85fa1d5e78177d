"""Settings as the parts of the program read them: where the forum is, and when the local room is open."""

import re
from pathlib import Path

import pytest

from bot.cli.run import DRAIN
from bot.errors import ConfigError
from bot.settings import Settings, load
from tests.terminal import ROOT

pytestmark = pytest.mark.usefixtures("empty_folder")
HERE = "http://127.0.0.1:8080"


def given(**values: str) -> Settings:
    return load(None, values)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, HERE),
        ({"web_host": "::1", "web_port": "9000"}, "http://[::1]:9000"),
        ({"web_public_url": "https://forum.example.org/"}, "https://forum.example.org"),
        ({"web_public_url": "https://example.org:8443/forum/"}, "https://example.org:8443/forum"),
    ],
)
def test_the_forum_is_where_people_reach_it(values: dict[str, str], address: str) -> None:
    assert given(**values).forum_url == address


@pytest.mark.parametrize(
    ("values", "is_open"),
    [
        ({}, True),
        ({"web_host": "::1"}, True),
        ({"web_host": "0.0.0.0"}, False),
        ({"web_public_url": "https://forum.example.org"}, False),
        ({"discord_token": "x"}, False),
        ({"slack_bot_token": "xoxb-1"}, False),
        ({"discord_token": "x", "local_room": "ON"}, True),
        ({"local_room": "off"}, False),
    ],
)
def test_the_local_room_opens_by_itself_on_a_machine_of_ones_own_only(values: dict[str, str], is_open: bool) -> None:
    assert given(**values).room_open is is_open


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("WEB_PORT=1001\nWEB_HOST=::1\nLOG_LEVEL=WARNING\n", encoding="utf-8")
    monkeypatch.setenv("WEB_PORT", "1002")
    monkeypatch.setenv("WEB_HOST", "")
    settings = load()
    assert (settings.web_port, settings.web_host, settings.log_level) == (1002, "::1", "warning")
    assert load(override={"web_port": "1003"}).web_port == 1003


BOT, APP = {"slack_bot_token": "xoxb-1"}, {"slack_app_token": "xapp-1"}
SECRET = {"slack_signing_secret": "shush"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, ""),
        (BOT | APP, ""),
        (BOT | SECRET, ""),
        (BOT | APP | SECRET, ""),
        (BOT, "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is"),
        (APP, "SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not"),
        (SECRET, "SLACK_SIGNING_SECRET is set, but SLACK_BOT_TOKEN is not"),
    ],
)
def test_what_slack_needs_is_asked_for_together(values: dict[str, str], says: str) -> None:
    if says:
        with pytest.raises(ConfigError, match=re.escape(says)):
            given(**values).check_tokens()
    else:
        given(**values).check_tokens()


def test_tokens_are_not_printed() -> None:
    assert "hunter2" not in repr(given(discord_token="hunter2", slack_signing_secret="hunter2"))


def test_the_example_names_every_setting_and_may_be_used_as_it_is(empty_folder: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (empty_folder / ".env").write_text(example, encoding="utf-8")
    assert load() == load(None)
    named = {line.partition("=")[0] for line in example.splitlines() if line and not line.startswith("#")}
    assert named == {name.upper() for name in Settings.model_fields}


def test_three_processes_in_containers_get_settings_that_there_are(empty_folder: Path) -> None:
    compose = (ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8")
    block = compose.partition("environment: &settings\n")[2].partition("\n  depends_on:")[0]
    values = dict(re.findall(r'^    (\w+): "?(.+?)"?$', block, re.MULTILINE))
    assert len(values) == len(block.splitlines())
    assert values.keys() <= {name.upper() for name in Settings.model_fields}
    values["DATABASE_URL"] = re.sub(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", "abc123", values["DATABASE_URL"])
    settings = given(**{name.lower(): value for name, value in values.items()})
    assert settings.database_url == "postgresql://folkmoot:abc123@database:5432/folkmoot"
    assert not settings.room_open
    assert set(re.findall(r'"127\.0\.0\.1:\d+:(\d+)"', compose)) == {str(settings.web_port)}
    [patience] = re.findall(r"stop_grace_period: (\d+)s", compose)
    assert int(patience) > DRAIN
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (empty_folder / ".env").write_text(f"{example}POSTGRES_PASSWORD=abc123\n", encoding="utf-8")
    assert load() == load(None)


@pytest.mark.parametrize(
    ("written", "numbers", "whole"), [("0-1/4", [0, 1], "0-1/4"), (" 3 / 4", [3], "3-3/4"), ("0/1", [0], "0-0/1")]
)
def test_a_part_of_discord_is_named_by_its_numbers(written: str, numbers: list[int], whole: str) -> None:
    shards = given(discord_shards=written, discord_token="x").shards
    assert shards is not None
    assert (list(shards.numbers), str(shards)) == (numbers, whole)
    assert [n for n in range(shards.total) if shards.has(str(n << 22))] == numbers


def test_a_part_of_discord_needs_its_token_and_a_database_for_several() -> None:
    with pytest.raises(ConfigError, match="DISCORD_SHARDS is set, but DISCORD_TOKEN is not; add it in"):
        given(discord_shards="0/2").check_tokens()
    with pytest.raises(ConfigError, match="name a PostgreSQL database in DATABASE_URL, or take the shards out"):
        given(discord_shards="0/2", discord_token="x").check_tokens()
    given(discord_shards="0-1/2", discord_token="x").check_tokens()
    given(discord_shards="0/2", discord_token="x", database_url="postgresql://me@db/x").check_tokens()
    assert given().shards is None
