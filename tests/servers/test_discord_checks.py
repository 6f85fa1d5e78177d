"""The limits that Discord's published schema lacks, or that we check where it is missing."""

from typing import Any

import pytest

from tests.servers.discord.checks import command_faults, message_faults, modal_faults, thread_faults


def a_message(**more: object) -> dict[str, Any]:
    return {"content": "x", "allowed_mentions": {"parse": []}} | more


def a_row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(items)}


def a_button(**more: object) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | more


def a_form(*rows: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"title": "t", "custom_id": "c", "components": list(rows) or [a_label()]} | more


def a_label(text: str = "Title", **more: object) -> dict[str, Any]:
    return {"type": 18, "label": text, "component": {"type": 4, "style": 1, "custom_id": "i"} | more}


def a_command(**more: object) -> dict[str, Any]:
    return {"name": "digest", "description": "d", "type": 1} | more


def an_option(name: str = "o", **more: object) -> dict[str, Any]:
    return {"name": name, "description": "d", "type": 3} | more


LINK = {"type": 2, "style": 5, "label": "Open", "url": "https://example.org/"}
MENU = {"type": 3, "custom_id": "m", "options": [{"label": "o", "value": "1"}]}

GOOD_MESSAGES = [
    a_message(),
    a_message(embeds=[{"title": "t" * 256, "description": "d" * 4096, "footer": {"text": "f" * 1648}}]),
    a_message(components=[a_row(a_button(), LINK), a_row(MENU)]),
]
BAD_MESSAGES = [
    (a_message(embeds=[{}] * 11), "embeds"),
    (a_message(embeds=[{"title": "t" * 257}]), "embeds/0/title"),
    (a_message(embeds=[{"description": "d" * 4097}]), "embeds/0/description"),
    (a_message(embeds=[{"footer": {"text": "f" * 2049}}]), "embeds/0/footer/text"),
    (a_message(embeds=[{"description": "d" * 3001}] * 2), "embeds"),
    (a_message(embeds=[{"fields": [{"name": "", "value": "v"}]}]), "embeds/0/fields/0/name"),
    (a_message(components=[a_row()]), "components/0/components"),
    (a_message(components=[a_row(MENU, a_button())]), "components/0/components"),
    (a_message(components=[a_row(a_button(style=5))]), "components/0/components/0"),
    (a_message(components=[a_row(LINK | {"custom_id": "x"})]), "components/0/components/0"),
    (a_message(components=[a_row(a_button(label=""))]), "components/0/components/0"),
    (a_message(components=[a_row(MENU | {"options": MENU["options"] * 2})]), "components/0/components/0/options"),  # type: ignore[operator]
    (a_message(flags=1 << 15), "flags"),
    ({"content": "x"}, "allowed_mentions"),
]
GOOD_FORMS = [
    a_form(),
    a_form({"type": 10, "content": "Words"}, a_row({"type": 4, "label": "l", "custom_id": "i", "style": 1})),
    a_form(*[a_label(custom_id=str(number)) for number in range(5)], title="t" * 45),
]
BAD_FORMS = [
    (a_form(title="t" * 46), "title"),
    (a_form(title=""), "title"),
    (a_form(custom_id="c" * 101), "custom_id"),
    (a_form(*[a_label()] * 6), "components"),
    (a_form(a_button()), "components/0"),
    (a_form(a_row()), "components/0"),
    (a_form(a_label("l" * 46)), "components/0/label"),
    (a_form(a_label() | {"description": "d" * 101}), "components/0/description"),
    (a_form(a_label(custom_id="")), "components/0/custom_id"),
    (a_form(a_label(placeholder="p" * 101)), "components/0/placeholder"),
    (a_form(a_label(max_length=3, value="long")), "components/0/value"),
    (a_form(a_label(type=3, options=[])), "components/0/options"),
]
GOOD_COMMANDS = [
    [a_command(options=[an_option("a", required=True), an_option("b")])],
    [a_command(), a_command(name="Mark as answer", type=3, description="")],
]
BAD_COMMANDS = [
    ([a_command(name=f"c{number}") for number in range(101)], ""),
    ([a_command(name=f"C {number}", type=3, description="") for number in range(16)], ""),
    ([a_command(), a_command()], ""),
    ([a_command(name="Digest")], "0/name"),
    ([a_command(name="two words")], "0/name"),
    ([a_command(name="n" * 33)], "0/name"),
    ([a_command(description="")], "0/description"),
    ([a_command(type=3)], "0/description"),
    ([a_command(options=[an_option(str(number)) for number in range(26)])], "0/options"),
    ([a_command(options=[an_option("a"), an_option("b", required=True)])], "0/options/1"),
    ([a_command(options=[an_option(choices=[{"name": "n", "value": "v"}] * 26)])], "0/options/0/choices"),
    ([a_command(options=[an_option(description="d" * 101)])], "0/options/0/description"),
    ([a_command(options=[an_option(f"o{n}", choices=[{"name": "n" * 90, "value": "v"}] * 25) for n in range(4)])], "0"),
]


@pytest.mark.parametrize("body", GOOD_MESSAGES)
def test_good_messages(body: dict[str, Any]) -> None:
    assert message_faults(body) == []


@pytest.mark.parametrize(("body", "where"), BAD_MESSAGES)
def test_bad_messages(body: dict[str, Any], where: str) -> None:
    assert where in [place.removeprefix("/") for place, _ in message_faults(body, edit=True)]


@pytest.mark.parametrize("data", GOOD_FORMS)
def test_good_forms(data: dict[str, Any]) -> None:
    assert modal_faults(data) == []


@pytest.mark.parametrize(("data", "where"), BAD_FORMS)
def test_bad_forms(data: dict[str, Any], where: str) -> None:
    assert [place for place, _ in modal_faults(data)] == [where]


@pytest.mark.parametrize("commands", GOOD_COMMANDS)
def test_good_commands(commands: list[dict[str, Any]]) -> None:
    assert command_faults(commands) == []


@pytest.mark.parametrize(("commands", "where"), BAD_COMMANDS)
def test_bad_commands(commands: list[dict[str, Any]], where: str) -> None:
    assert where in [place for place, _ in command_faults(commands)]


@pytest.mark.parametrize(
    ("body", "faulty"),
    [
        ({"name": "n" * 100, "auto_archive_duration": 1440}, False),
        ({"name": "n" * 101}, True),
        ({"name": ""}, True),
        ({"auto_archive_duration": 61}, True),
        ({"applied_tags": ["1"] * 6}, True),
    ],
)
def test_threads(body: dict[str, Any], faulty: bool) -> None:
    assert bool(thread_faults(body)) is faulty
