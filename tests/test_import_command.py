"""`folkmoot import` as it is typed: what it says, how it ends, and that small batches end where large ones do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import importing
from tests.adapters.archives.exports import (
    as_folder,
    as_zip,
    discord_export,
    discord_file,
    discord_message,
    slack_export,
)
from tests.terminal import sentence_of, typed

pytestmark = pytest.mark.usefixtures("empty_folder")


def verified(database: str = "sqlite:///data/folkmoot.db") -> dict[str, object]:
    found: dict[str, object] = json.loads(typed("verify", "--json", "--discussions", "--database-url", database).out)
    return found


def test_an_import_says_what_it_brought_and_brings_nothing_twice() -> None:
    as_zip(Path("x.zip"), slack_export())
    ended = typed("import", "x.zip", "--star", ":star:", "--share", "digest")
    assert ended.code == 0
    assert "1 discussion, 4 messages, 1 highlight. Left out on purpose: 3 places, named above." in ended.out
    first = verified()
    assert typed("import", "x.zip", "--star", "star", "--share", "digest").code == 0
    assert verified() == first
    with closing(sqlite3.connect("data/folkmoot.db")) as connection:
        assert connection.execute("SELECT count(*) FROM own_post").fetchone() == (0,)


@pytest.mark.parametrize("export", ["slack", "discord"])
def test_small_batches_end_where_large_ones_do(export: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if export == "slack":
        as_zip(Path("x.zip"), slack_export())
    else:
        as_folder(Path("x.zip"), discord_export())
    assert typed("import", "x.zip", "--database-url", "sqlite:///large.db").code == 0
    monkeypatch.setattr(importing, "BATCH", 1)
    monkeypatch.setattr(importing, "REMEMBER", 0)
    ended = typed("import", "x.zip")
    assert ended.code == 0
    assert verified() == verified("sqlite:///large.db")


def test_damage_is_told_by_file_and_place_and_the_rest_is_stored() -> None:
    as_zip(Path("x.zip"), slack_export() | {"kitchen/2024-03-02.json": b"[nonsense"})
    ended = typed("import", "x.zip")
    assert ended.code == 1
    assert "x.zip, kitchen/2024-03-02.json is damaged at line 1, column 2: Expecting value." in ended.err
    assert ended.out.endswith("Skipped as damaged or foreign: 1 place, named above.\n")
    assert verified()["messages"] == 3


def test_nothing_to_read_is_not_said_to_have_been_there() -> None:
    Path("cut.json").write_text("{", encoding="utf-8")
    ended = typed("import", "cut.json")
    assert ended.code == 1
    assert "0 discussions, 0 messages, 0 highlights. Nothing was changed.\n" in ended.out


def test_messages_without_a_thread_are_said_to_make_no_discussion() -> None:
    file = discord_file({"id": "3", "type": 0, "name": "lounge"}, [discord_message("6", "First.")])
    as_folder(Path("x"), {"lounge.json": file})
    ended = typed("import", "x")
    assert ended.code == 0
    assert (
        "0 discussions, 1 message, 0 highlights.\nThere is no thread in it, and so no discussion to show.\n"
        in ended.out
    )


def test_an_export_that_names_no_team_asks_for_it() -> None:
    as_zip(Path("x.zip"), slack_export() | {"users.json": []})
    ended = typed("import", "x.zip")
    assert ended.code == 2
    assert ended.err == (
        "folkmoot: x.zip does not say which Slack workspace it is from; name its team id with --space T…\n"
    )
    assert typed("import", "x.zip", "--space", "T9").code == 0


@pytest.mark.parametrize("space", ["\udcff", "a b", "x" * 65])
def test_what_is_no_id_of_a_space_is_refused_before_anything_is_stored(space: str) -> None:
    as_zip(Path("x.zip"), slack_export())
    ended = typed("import", "x.zip", "--space", space)
    assert ended.code == 2
    assert sentence_of(ended).endswith("is no id of a server or a workspace; write one such as T024BE7LD.")
    assert not Path("data").exists()


def test_what_is_no_export_is_left_alone() -> None:
    as_folder(Path("notes"), {"notes.txt": b"hello"})
    ended = typed("import", "notes")
    assert ended.code == 1
    assert sentence_of(ended).startswith("notes holds neither a Slack export")
    assert not Path("data").exists()
