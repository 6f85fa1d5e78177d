"""The command table as Discord takes it: every row, inside every limit, in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.discord.render import MENUS, application_commands, commands_hash
from bot.commands.table import TABLE
from tests.adapters.discord.payloads import Json

COMMANDS = application_commands()
NAME = re.compile(r"[-_'a-z0-9]{1,32}")


def every_part(parts: list[Json]) -> Iterator[Json]:
    """Commands, subcommands and options."""
    for part in parts:
        yield part
        yield from every_part(part.get("options", []))


def slash_names() -> set[str]:
    names = set()
    for command in COMMANDS:
        subs = [option for option in command.get("options", []) if option["type"] == 1]
        if command["type"] == 1:
            names |= {f"{command['name']} {sub['name']}" for sub in subs} or {command["name"]}
    return names


def size(part: Json) -> int:
    """What Discord counts against 8,000 characters: the longest of each text, and values."""
    described = [part.get("description", ""), *part.get("description_localizations", {}).values()]
    count = len(part["name"]) + max(map(len, described))
    for each in part.get("choices", []):
        count += max(map(len, [each["name"], *each["name_localizations"].values()])) + len(each["value"])
    return count + sum(size(option) for option in part.get("options", []))


def test_every_row_of_the_table_is_a_slash_command() -> None:
    assert slash_names() == set(TABLE)


def test_four_menus_for_messages() -> None:
    menus = [command for command in COMMANDS if command["type"] == 3]
    assert [menu["name"] for menu in menus] == [
        "Highlight", "Treat as a discussion", "Mark as answer", "Block highlight",
    ]  # fmt: skip
    assert menus[1]["name_localizations"] == {"de": "Als Diskussion behandeln"}
    assert set(MENUS.values()) <= set(TABLE)
    assert not any("description" in menu or "options" in menu for menu in menus)
    assert all(1 <= len(name) <= 32 for menu in menus for name in [menu["name"], *menu["name_localizations"].values()])


def test_everything_is_for_servers_that_installed_us_only() -> None:
    assert all(command["contexts"] == [0] and command["integration_types"] == [0] for command in COMMANDS)


def test_the_limits_of_discord_are_kept() -> None:
    assert len([command for command in COMMANDS if command["type"] == 1]) <= 100
    assert len([command for command in COMMANDS if command["type"] == 3]) <= 5
    for part in every_part([command for command in COMMANDS if command["type"] == 1]):
        assert NAME.fullmatch(part["name"])
        for text in [part["description"], *part["description_localizations"].values()]:
            assert 1 <= len(text) <= 100
        options = part.get("options", [])
        assert len(options) <= 25
        assert len({option["name"] for option in options}) == len(options)
        needed = [option.get("required", False) for option in options]
        assert needed == sorted(needed, reverse=True)
        assert len(part.get("choices", [])) <= 25
        assert all(1 <= len(each["name"]) <= 100 and len(each["value"]) <= 100 for each in part.get("choices", []))
        assert 1 <= part.get("max_length", 1) <= 6000
    assert all(size(command) <= 8000 for command in COMMANDS)


def option(command: str, name: str) -> Json:
    group, _, sub = command.partition(" ")
    (found,) = [each for each in COMMANDS if each["name"] == group and each["type"] == 1]
    options: list[Json] = found["options"]
    if sub:
        (options,) = [each["options"] for each in options if each["name"] == sub]
    (it,) = [each for each in options if each["name"] == name]
    return it


@pytest.mark.parametrize(
    ("command", "name", "parts"),
    [
        ("folkmoot-admin watch", "channel", {"type": 7, "channel_types": [0, 5, 15, 16]}),
        ("folkmoot-admin log", "channel", {"type": 3}),  # "off" can be said
        ("digest drop", "item", {"type": 4, "required": True}),
        ("digest schedule", "name", {"type": 3, "max_length": 60}),
        ("folkmoot-admin share", "include_history", {"type": 5}),
        ("highlight", "note", {"description": "Note", "description_localizations": {"de": "Notiz"}}),
    ],
)
def test_an_argument_is_offered_as_what_it_is(command: str, name: str, parts: Json) -> None:
    assert parts.items() <= option(command, name).items()


def test_a_command_with_a_form_asks_there_for_what_is_missing() -> None:
    assert "required" not in option("discussion start", "title")


def test_what_is_needed_comes_first_whatever_the_row_says() -> None:
    row = TABLE["digest drop"]
    (group,) = application_commands({row.name: replace(row, args=row.args[::-1])})
    assert [each["name"] for each in group["options"][0]["options"]] == ["item", "digest"]


def test_choices_are_said_in_the_readers_language() -> None:
    (weekly,) = [each for each in option("digest schedule", "every")["choices"] if each["value"] == "weekly"]
    assert weekly == {"name": "every week", "value": "weekly", "name_localizations": {"de": "jede Woche"}}


def test_what_only_buttons_say_is_not_offered() -> None:
    with pytest.raises(ValueError, match="unpack"):
        option("folkmoot-admin share", "confirm")


def test_the_hash_changes_exactly_with_the_commands() -> None:
    assert commands_hash(application_commands()) == commands_hash(COMMANDS)
    fewer = application_commands({name: spec for name, spec in TABLE.items() if name != "catchup"})
    assert commands_hash(fewer) != commands_hash(COMMANDS)
    assert len(commands_hash(COMMANDS)) == 64
