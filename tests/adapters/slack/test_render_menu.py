"""The menu, App Home, commands and shortcuts: everything can be reached, and empty places say what to do."""

from dataclasses import replace

import pytest

from adapters.slack.carrying import Where, carried_by
from adapters.slack.render import (
    GROUPS,
    SHORTCUT_NAMES,
    SHORTCUTS,
    Home,
    home_view,
    line_of,
    menu_payload,
    menu_view,
    slash_commands,
)
from adapters.slack.render.menu import GROUPS as MENU
from bot.commands.table import TABLE
from bot.commands.words import typed
from bot.markup import Break, Text
from bot.models import Asker, Button, Card, Field, Platform, Role
from bot.texts import Texts
from tests.adapters.slack.blockkit import Json, faults
from tests.adapters.slack.test_render_cards import BO, ENGLISH, GERMAN, a_digest, the_board, the_card

MEMBER = Asker(member=BO, name="Bo")
ADMIN = Asker(member=BO, name="Bo", roles=frozenset(Role))
HERE = Where("C1")


def pressed(shown: Json) -> list[str]:
    """What the buttons do, in their order."""
    elements = [each for block in shown["blocks"] if block["type"] == "actions" for each in block["elements"]]
    return [carried_by(each).command for each in elements if "value" in each]


def said(shown: Json) -> str:
    texts = [block.get("text") or block.get("elements", [{}])[0] for block in shown["blocks"]]
    return "\n".join(text["text"] for text in texts if isinstance(text.get("text"), str))


@pytest.mark.parametrize("texts", [ENGLISH, GERMAN], ids=["en", "de"])
def test_the_menu_offers_what_somebody_may_do(texts: Texts) -> None:
    everything = [name for names in MENU.values() for name in names]
    assert set(everything) <= set(TABLE)
    assert pressed(menu_payload(texts, ADMIN, HERE)) == everything
    assert pressed(menu_view(texts, ADMIN, HERE)) == everything
    assert pressed(menu_payload(texts)) == everything
    for_members = pressed(menu_payload(texts, MEMBER, HERE))
    assert "discussion start" in for_members
    assert not [name for name in for_members if name.startswith("folkmoot-admin")]
    for shown in (menu_payload(texts, ADMIN, HERE), menu_view(texts, MEMBER, HERE)):
        assert faults(shown) == []


def test_the_menu_remembers_where_it_was_opened() -> None:
    first = menu_payload(ENGLISH, MEMBER, HERE)["blocks"][1]["elements"][0]
    assert (carried_by(first).command, carried_by(first).where) == ("discussion start", HERE)
    assert said(menu_payload(GERMAN)).startswith("*Diskussionen*")


@pytest.mark.parametrize("texts", [ENGLISH, GERMAN], ids=["en", "de"])
def test_an_empty_home_says_what_to_do(texts: Texts) -> None:
    view = home_view(Home(admin=True), texts.on(Platform.SLACK))
    assert faults(view) == []
    assert view["type"] == "home"
    assert pressed(view) == ["discussion start", "folkmoot-admin setup", "folkmoot-admin doctor"]
    headings = [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
    assert len(headings) == 4
    assert view["blocks"][0]["type"] == "header"
    if texts is ENGLISH:
        assert "React with ⭐ to what helped" in said(view)
        assert "/folkmoot digest schedule" in said(view)
        assert "Invite me to channels" in said(view)


def test_settings_are_for_admins() -> None:
    card = Card(title="Settings", body=(Text("Zone: Europe/Berlin"),))
    assert "Zone: Europe/Berlin" in said(home_view(Home(settings=card, admin=True), ENGLISH))
    assert "Zone: Europe/Berlin" not in said(home_view(Home(settings=card), ENGLISH))


def test_home_shows_the_cards_without_their_titles() -> None:
    view = home_view(Home(in_progress=the_board(), highlights=the_card(), digests=a_digest()), ENGLISH)
    assert faults(view) == []
    assert said(view).count("Discussions in progress") == 1
    assert pressed(view) == ["discussion start", "highlight", "catchup"]


def test_a_home_full_of_everything_keeps_the_limits() -> None:
    line = Text('"<word>" ' * 30)
    huge = Card(
        body=tuple(node for _ in range(200) for node in (line, Break())),
        fields=tuple(Field(label="x" * 100, value=(Text("y" * 60),)) for _ in range(100)),
        buttons=tuple(Button(label="b", command="digest why", args={"item": str(n)}) for n in range(40)),
        footer=(line,) * 20,
    )
    many = replace(huge, body=(Text("b"),), fields=tuple(Field(label="x" * 41, value=(Text("y"),)) for _ in range(100)))
    for card in (huge, many):
        view = home_view(Home(in_progress=card, highlights=card, digests=card, settings=card, admin=True), GERMAN)
        assert faults(view) == []
    assert 90 < len(view["blocks"]) <= 100


@pytest.mark.parametrize(
    ("command", "text", "line"),
    [
        ("/folkmoot", "", ""),
        ("/folkmoot", " discussion list ", "discussion list"),
        ("/discussion", "list", "discussion list"),
        ("/fm-discussion", "list", "discussion list"),
        ("/highlights", "7d", "highlights 7d"),
        ("/fm-unhighlight", "x", "unhighlight x"),
        ("/highlight", "x", "highlight x"),
        ("/Catchup", "", "catchup"),
        ("/folkmoot-admin", "doctor", "folkmoot-admin doctor"),
        ("/fm-folkmoot-admin", "doctor", "folkmoot-admin doctor"),
        ("/other", "x", "other x"),
    ],
)
def test_a_slash_command_is_a_line_of_the_table(command: str, text: str, line: str) -> None:
    assert line_of(command, text) == line


def test_every_row_of_the_table_can_be_typed() -> None:
    for name, spec in TABLE.items():
        assert typed(line_of("/folkmoot", name), TABLE, ENGLISH)[0] is spec
        group, _, verb = name.partition(" ")
        if group in GROUPS:
            assert typed(line_of(f"/fm-{group}", verb), TABLE, ENGLISH)[0] is spec
    left = {name.partition(" ")[0] for name in TABLE} - {*GROUPS, "folkmoot"}
    assert left == {"highlight-own", "highlight-admin"}


def test_slash_commands_say_what_may_follow() -> None:
    commands = {each["command"]: each for each in slash_commands("fm-")}
    assert list(commands)[:2] == ["/folkmoot", "/fm-discussion"]
    assert commands["/fm-privacy"]["usage_hint"] == "show | optout | optin | export | erase"
    assert commands["/fm-highlight"]["usage_hint"] == "[link] [note]"
    assert all(each["should_escape"] for each in commands.values())
    assert [each["command"] for each in slash_commands(short_forms=False)] == ["/folkmoot"]


def test_every_shortcut_runs_a_command_of_the_table() -> None:
    assert set(SHORTCUTS.values()) <= set(TABLE)
    assert SHORTCUTS.keys() == SHORTCUT_NAMES.keys()
    assert list(SHORTCUT_NAMES.values()) == ["Highlight", "Treat as a discussion", "Mark as answer", "Conclude"]
