"""What people type becomes arguments, tolerantly; what has no place gets one clear sentence."""

from collections.abc import Mapping

import pytest

from bot.commands import TABLE, parse_words, typed
from bot.errors import CommandError
from bot.texts import texts_for

LINK = "http://127.0.0.1:8080/d/7/tents#m12"
EN = texts_for("en", "UTC")


@pytest.mark.parametrize(
    ("name", "words", "args"),
    [
        (
            "folkmoot-admin share",
            "#help web include-history",
            {"channel": "#help", "level": "web", "include_history": "yes"},
        ),
        ("folkmoot-admin share", "web #help", {"channel": "#help", "level": "web"}),
        ("folkmoot-admin share", "level:index <#C1|help>", {"channel": "<#C1|help>", "level": "index"}),
        ("folkmoot-admin link", "7KQX-M2WP-HD4T", {"code": "7KQX-M2WP-HD4T"}),
        ("folkmoot-admin link", 'code:"7kqx m2wp hd4t"', {"code": "7kqx m2wp hd4t"}),
        ("folkmoot-admin unlink", "Camp · Discord", {"space": "Camp · Discord"}),
        ("digest join", "Weekly to:#general", {"schedule": "Weekly", "to": "#general"}),
        ("highlight", f"{LINK} great point", {"link": LINK, "note": "great point"}),
        ("highlight", f"great point {LINK}", {"link": LINK, "note": "great point"}),
        ("highlight", f'note:"great point" {LINK}', {"link": LINK, "note": "great point"}),
        ("highlight", "/d/7/tents#m12", {"link": "/d/7/tents#m12"}),
        ("highlights", "7d", {"since": "7d"}),
        ("highlights", "#help 2026-08-03", {"channel": "#help", "since": "2026-08-03"}),
        ("highlights", "", {}),
        ("discussion conclude", "We take the dome tent", {"outcome": "We take the dome tent"}),
        ("discussion conclude", "outcome:dome", {"outcome": "dome"}),
        (
            "discussion start",
            "title:Dome or tunnel text:Which one holds in a storm?",
            {"title": "Dome or tunnel", "text": "Which one holds in a storm?"},
        ),
        ("discussion start", 'title:"Dome or" text: Which one?', {"title": "Dome or", "text": " Which one?"}),
        ("discussion list", "concluded #help", {"tab": "concluded", "channel": "#help"}),
        ("digest drop", "2", {"item": "2"}),
        ("digest why", "2 12", {"item": "2", "digest": "12"}),
        ("digest pause", "Weekly news", {"schedule": "Weekly news"}),
        (
            "digest schedule",
            "Camp news weekly mon 09:00 Europe/Berlin to:#general",
            {
                "name": "Camp news",
                "every": "weekly",
                "weekday": "mon",
                "at": "09:00",
                "zone": "Europe/Berlin",
                "to": "#general",
            },
        ),
        (
            "digest schedule",
            "name:Camp news weekly weekday:mon at:09:00 Europe/Berlin",
            {"name": "Camp news", "every": "weekly", "weekday": "mon", "at": "09:00", "zone": "Europe/Berlin"},
        ),
        ("folkmoot-admin board", "of:#help in:#general", {"of": "#help", "in": "#general"}),
        ("folkmoot-admin board", "of:#help #general in:#talk", {"of": "#help #general", "in": "#talk"}),
        ("folkmoot-admin board", "in:#talk #help", {"in": "#talk", "of": "#help"}),
        ("folkmoot-admin board", "#help #general", {"of": "#help", "in": "#general"}),
        ("folkmoot-admin set", "quiet_after 6h", {"name": "quiet_after", "value": "6h"}),
        ("folkmoot-admin set", "zone Europe/Berlin", {"name": "zone", "value": "Europe/Berlin"}),
        (
            "folkmoot-admin set",
            "bridges 12 13 channel:#help",
            {"name": "bridges", "value": "12 13", "channel": "#help"},
        ),
        ("folkmoot-admin watch", "help", {"channel": "help"}),
        ("privacy erase", "erase", {"word": "erase"}),
    ],
)
def test_what_is_typed_finds_its_place(name: str, words: str, args: Mapping[str, str]) -> None:
    assert parse_words(TABLE[name], words, EN) == args


@pytest.mark.parametrize(
    ("name", "words"), [("digest list", "please"), ("folkmoot-admin watch", "help general"), ("privacy show", "x")]
)
def test_a_word_without_a_place_is_named(name: str, words: str) -> None:
    with pytest.raises(CommandError, match=rf"'{words.rsplit(maxsplit=1)[-1]}' is for.*/{name}"):
        parse_words(TABLE[name], words, EN)


def test_quotes_that_never_close_are_words() -> None:
    assert parse_words(TABLE["discussion conclude"], 'we "agree', EN) == {"outcome": 'we "agree'}


@pytest.mark.parametrize(
    ("line", "name", "rest"),
    [
        ("/discussion conclude done", "discussion conclude", "done"),
        ("DISCUSSION LIST", "discussion list", ""),
        ("/folkmoot digest why 2", "digest why", "2"),
        ("/folkmoot help", "folkmoot help", ""),
        ("/highlights 7d", "highlights", "7d"),
        ("/folkmoot-admin   share #help web", "folkmoot-admin share", "#help web"),
        ("/catchup", "catchup", ""),
    ],
)
def test_a_line_names_its_command(line: str, name: str, rest: str) -> None:
    spec, left = typed(line, TABLE, EN)
    assert (spec.name, left) == (name, rest)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("/discusion list", "/discussion list"),
        ("/digest", "/digest list"),
        ("/folkmoot digest wy", "/digest why"),
        ("", "/folkmoot help"),
        ("xyzzy", "/folkmoot help"),
    ],
)
def test_an_unknown_line_says_what_was_meant(line: str, meant: str) -> None:
    with pytest.raises(CommandError, match=meant):
        typed(line, TABLE, EN)
