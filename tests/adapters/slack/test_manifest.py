"""The manifest asks for what the adapter uses, and for nothing else."""

import ast
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import adapters.slack
from adapters.slack.manifest import APP_SCOPES, BOT_SCOPES, EVENTS, METHODS, manifest
from adapters.slack.render import SHORTCUTS
from bot.cli import app
from bot.cli.slack_manifest import yaml_lines
from bot.errors import UsageError

SOURCES = sorted(Path(adapters.slack.__file__).parent.rglob("*.py"))
METHOD = re.compile(r"(?:apps|auth|bots|chat|conversations|pins|reactions|team|usergroups|users|views)\.[a-zA-Z.]+")
SDK = re.compile(r"(?:apps|auth|bots|chat|conversations|pins|reactions|team|usergroups|users|views)_[a-zA-Z_]+")


def called() -> set[str]:
    """The Web API methods that the adapter's code names, whether as Slack writes them or as the SDK does."""
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "manifest.py":
                found |= {node.value} if METHOD.fullmatch(node.value) and node.value not in EVENTS else set()
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and SDK.fullmatch(node.func.attr):
                found.add(node.func.attr.replace("_", "."))
    return found


def test_the_scopes_are_those_that_calls_and_events_need() -> None:
    needed = {"commands", *filter(None, EVENTS.values()), *(scope for scopes in METHODS.values() for scope in scopes)}
    assert needed == set(BOT_SCOPES)
    assert list(BOT_SCOPES) == sorted(BOT_SCOPES)
    assert APP_SCOPES == ("connections:write",)


def test_whatever_is_called_is_known_to_the_manifest() -> None:
    assert called() <= METHODS.keys()


def test_the_manifest_of_a_bot_that_connects_by_itself() -> None:
    told = manifest()
    assert told["settings"]["socket_mode_enabled"] is True
    assert told["settings"]["event_subscriptions"] == {"bot_events": list(EVENTS)}
    assert told["settings"]["interactivity"] == {"is_enabled": True}
    assert told["oauth_config"] == {"scopes": {"bot": list(BOT_SCOPES)}}
    assert "url" not in json.dumps(told).replace("request_url", "url")


@pytest.mark.parametrize(
    "url", ["https://forum.example", "https://forum.example/", "https://forum.example/slack/events"]
)
def test_the_manifest_of_a_bot_behind_an_address(url: str) -> None:
    told, at = manifest("Moot", "fm-", url), "https://forum.example/slack/events"
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["event_subscriptions"]["request_url"] == at
    assert told["settings"]["interactivity"]["request_url"] == at
    assert {each["url"] for each in told["features"]["slash_commands"]} == {at}
    assert told["display_information"]["name"] == told["features"]["bot_user"]["display_name"] == "Moot"


def test_the_manifest_keeps_slacks_limits() -> None:
    told = manifest("N" * 35, "abcdefghi-")
    features = told["features"]
    assert len(features["slash_commands"]) <= 50
    assert all(re.fullmatch(r"/[a-z0-9_-]{1,31}", each["command"]) for each in features["slash_commands"])
    assert [each["callback_id"] for each in features["shortcuts"]] == list(SHORTCUTS)
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in features["shortcuts"])
    assert len(told["display_information"]["description"]) <= 140
    assert len(EVENTS) <= 100


@pytest.mark.parametrize(
    ("name", "prefix", "url", "said"),
    [
        ("", "", None, "1 to 35 characters"),
        ("N" * 36, "", None, "has 36"),
        ("F", "Fm ", None, "'Fm ' cannot stand before a command"),
        ("F", "x" * 11, None, "up to 10"),
        ("F", "", "http://forum.example", "https://forum.example"),
        ("F", "", "https://", "https://forum.example"),
        ("F", "", "https://[", "https://forum.example"),
    ],
)
def test_what_slack_would_not_take_is_said_in_a_sentence(name: str, prefix: str, url: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        manifest(name, prefix, url)


def test_the_command_prints_json() -> None:
    run = CliRunner().invoke(app, ["slack-manifest", "--json", "--prefix", "fm-", "--name", "Zählwerk"])
    assert run.exit_code == 0
    assert json.loads(run.output) == manifest("Zählwerk", "fm-")


def test_the_command_prints_yaml() -> None:
    run = CliRunner().invoke(app, ["slack-manifest", "--no-short-forms", "--url", "https://forum.example"])
    assert run.exit_code == 0
    told = manifest(url="https://forum.example", short_forms=False)
    assert read_yaml(run.output) == told
    assert len(told["features"]["slash_commands"]) == 1


def test_yaml_says_what_is_meant() -> None:
    told = {"a": "no", "b": True, "c": ["x:y", "1.5", {"d": "#e", "f": [{"g": "-"}]}], "h": 'q" : \\', "i": "ü\n"}
    lines = list(yaml_lines(told))
    assert read_yaml("\n".join(lines)) == told
    assert lines[:3] == ['a: "no"', "b: true", "c:"]


def read_yaml(text: str) -> object:
    """The little of YAML that is written: objects and lists by their indents, words, and JSON."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines() if line.strip()]
    value, rest = _read(lines, 0)
    assert rest == []
    return value


def _read(lines: list[tuple[int, str]], indent: int) -> tuple[object, list[tuple[int, str]]]:
    found: dict[str, object] = {}
    items: list[object] = []
    while lines and lines[0][0] == indent:
        _, line = lines[0]
        if line.startswith("- ") and re.match(r"- [a-z_]+:(?: |$)", line):
            item, lines = _read([(indent + 2, line[2:]), *lines[1:]], indent + 2)
            items.append(item)
        elif line.startswith("- "):
            items.append(_scalar(line[2:]))
            lines = lines[1:]
        else:
            key, _, rest = line.partition(":")
            lines = lines[1:]
            if rest:
                found[key] = _scalar(rest.strip())
            else:
                found[key], lines = _read(lines, lines[0][0])
    return items or found, lines


def _scalar(text: str) -> object:
    return text if re.fullmatch(r"[A-Za-z_][\w.:-]*", text) and text not in {"true", "false"} else json.loads(text)
