"""The command line as an operator meets it: what it prints, asks and refuses, on both databases."""

import asyncio
import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import COMMANDS, app
from bot.cli.doctor import findings
from bot.errors import FolkmootError, UsageError
from bot.models import Event, Every, Reach, Rule, RunState, Slot
from bot.settings import Settings, load
from storage import open_store
from tests.adapters.archives.exports import as_zip, slack_export
from tests.makers import HELP, NOON, a_channel, a_discussion, a_message, a_space, a_vote, seen

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def ran(*words: str, answer: str = "") -> Result:
    return CliRunner(env={"COLUMNS": "80", "TERM": "dumb"}).invoke(app, words, input=answer)


def filled(url: str, *events: Event) -> None:
    """A store with a space, a channel and what happened in it."""

    async def fill() -> None:
        store = open_store(url)
        await store.ledger.record([a_space(), a_channel(), *events])
        await store.close()

    asyncio.run(fill())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_small_terminal_and_its_switches_want_no_value(command: str) -> None:
    said = ran(command, "--help").stdout
    assert "<bool>" not in said
    assert max(len(line) for line in said.splitlines()) <= 80
    paragraphs = [part for part in re.split(r"\n\s*\n", said.partition("╭")[0]) if part.strip()]
    for paragraph in paragraphs:
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        for line, following in pairwise(lines):
            assert len(f" {line} {following.split()[0]}") > 78, "a line was broken that had room for the next word"


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    named = [line.partition("=")[0].lower() for line in lines if line and not line.startswith("#")]
    assert named == list(Settings.model_fields)
    assert load(EXAMPLE) == load(None)
    for before, line in pairwise(lines):
        assert before or not line or line.startswith("#"), f"nothing explains {line}"


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"folkmoot \d+\.\d+\.\d+\S*\n", ran("--version").stdout)


def test_verify_lists_discussions_under_their_channel(database_url: str) -> None:
    filled(database_url, *a_discussion(8), a_vote(1))
    done = ran("verify", "--discussions", "--database-url", database_url)
    assert done.exit_code == 0
    assert re.search(r"^local/local help$", done.stdout, re.MULTILINE)
    assert re.search(r"^  \d+ +9 +8 +1  2026-08-03 12:08$", done.stdout, re.MULTILINE)
    assert re.search(r"^messages +9$", done.stdout, re.MULTILINE)
    assert max(len(line) for line in done.stdout.splitlines()) < 80


def test_a_preview_needs_no_schedule_and_looks_back_from_any_day(database_url: str) -> None:
    filled(database_url, *a_discussion(8))
    quiet = ran("digest", "--preview", "--until", "2026-08-01", "--database-url", database_url)
    assert "It was quiet" in quiet.stdout
    done = ran("digest", "--preview", "--until", "2026-08-04T10:00", "--database-url", database_url)
    assert done.exit_code == 0
    assert "A weekly digest of The local room would say:" in done.stdout
    assert "1 discussion, 8 people" in done.stdout
    [line] = ran("digest", "--preview", "--until", "2026-08-04", "--json", "--database-url", database_url).stdout.split(
        "\n"
    )[:-1]
    facts = json.loads(line)
    assert (facts["id"], facts["name"], facts["next"]) == (None, "The local room", None)
    assert "1 discussion, 8 people" in facts["preview"]


def test_schedules_are_listed_with_their_rule_and_next_time(database_url: str) -> None:
    async def schedule() -> None:
        store = open_store(database_url)
        await store.ledger.record([a_space(), a_channel(), *a_discussion(8)])
        rule = Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin")
        [known] = await store.places.channels()
        given: dict[str, Any] = {"community": known.community, "destination": HELP, "rule": rule, "sources": ()}
        given |= {"reach": Reach.SPACE, "say_quiet": False, "at": NOON}
        await store.calendar.add_schedule(name="Evening", **given)
        rests = await store.calendar.add_schedule(name="Resting", **given)
        await store.calendar.change_schedule(replace(rests, paused=True))
        quiet = await store.calendar.claim(Slot(schedule=rests.id, key="quiet", due_at=NOON), NOON, NOON)
        assert quiet is not None
        await store.calendar.finish(quiet, RunState.EMPTY, "", NOON)
        await store.close()

    asyncio.run(schedule())
    first, second = ran("digest", "--database-url", database_url).stdout.splitlines()
    assert re.fullmatch(r"1  Evening · every day at 18:00, Europe/Berlin · next \d{4}-\d\d-\d\d 1[67]:00 UTC", first)
    assert second == "2  Resting · every day at 18:00, Europe/Berlin · paused"
    facts = json.loads(ran("digest", "--json", "--database-url", database_url).stdout.splitlines()[0])
    assert (facts["id"], facts["channel"], facts["rule"]) == (1, "help", "every day at 18:00, Europe/Berlin")
    then = ran("digest", "--preview", "--until", "2026-08-03T11:59", "--database-url", database_url).stdout
    window = "2 Aug 2026, 13:59 – 3 Aug 2026, 13:59, Europe/Berlin"
    assert then.count(window) == 2, "what was posted later does not matter to who asks for an earlier day"


def test_without_a_schedule_the_list_says_how_to_make_one(database_url: str) -> None:
    done = ran("digest", "--database-url", database_url)
    assert (done.exit_code, done.stdout.count("/digest schedule")) == (0, 1)
    assert ran("digest", "--json", "--database-url", database_url).stdout == ""
    assert ran("digest", "--until", "2026-08-01", "--database-url", database_url).exit_code == 2
    wrong = ran("digest", "--preview", "--until", "yesterday", "--database-url", database_url)
    assert isinstance(wrong.exception, UsageError)
    assert "'yesterday' is no date: write one such as 2018-02-09" in str(wrong.exception)
    for day in ("0001-01-01", "9999-12-31"):
        wrong = ran("digest", "--preview", "--until", day, "--database-url", database_url)
        assert f"'{day}' is too far away: write a date from 1970 to 2999." in str(wrong.exception)
    nothing = ran("digest", "--preview", "--database-url", database_url)
    assert isinstance(nothing.exception, FolkmootError)


def test_erasing_names_whom_before_it_asks(database_url: str) -> None:
    filled(database_url, *a_discussion(8))
    who = ("erase", "--member", "local/local/cem", "--database-url", database_url)
    refused = ran(*who, answer="n\n")
    assert refused.exit_code == 1
    assert "Cem wrote 2 messages." in refused.stdout
    for unsure in (refused, ran(*who, answer="")):
        assert str(unsure.exception) == "Nothing was erased. Answer with y, or give --yes."
    assert ran(*who, answer="y\n").exit_code == 0
    assert "Somebody without a name wrote 2 messages." in ran(*who, answer="n\n").stdout
    unknown = ran("erase", "--member", "local/local/nobody", "--database-url", database_url)
    assert str(unknown.exception) == "Nobody is known as local/local/nobody; nothing was changed."


async def test_the_doctor_says_that_nothing_can_be_written(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with closing(store.database._writing.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA query_only=1")
    found = {each.what: each for each in await findings(store, load(None))}
    assert found["storage answers: 0 messages, 0 discussions"].well
    assert not found["storage cannot be written"].well
    assert "attempt to write a readonly database" in found["storage cannot be written"].mend
    await store.close()


def test_a_backup_says_how_to_use_it_or_which_folder_is_missing(sqlite_template: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    done = ran("backup", str(target), "--database-url", f"sqlite:///{sqlite_template}")
    assert f"DATABASE_URL=sqlite:///{target}" in done.stdout
    missing = ran("backup", str(tmp_path / "no" / "copy.db"), "--database-url", f"sqlite:///{sqlite_template}")
    assert str(missing.exception) == f"There is no folder {tmp_path / 'no'}; make it first, or name another file."


def test_names_that_are_no_text_are_one_sentence(sqlite_template: Path, tmp_path: Path) -> None:
    at = ("--database-url", f"sqlite:///{sqlite_template}")
    for command in (("erase", "--yes"), ("export", str(tmp_path))):
        wrong = ran(*command, "--member", "slack/T1/\udcff", *at)
        assert isinstance(wrong.exception, UsageError)
        assert "is not a member: write platform/space/member" in str(wrong.exception)
    wrong = ran("backup", str(tmp_path / "\udcff.db"), *at)
    assert isinstance(wrong.exception, FolkmootError)
    assert "cannot be written" in str(wrong.exception)


def test_an_export_leaves_files_alone_that_it_did_not_write(database_url: str, tmp_path: Path) -> None:
    filled(database_url, seen(a_message()), seen(a_message(1, "The red one.", thread=0, author="Bo")))
    pages = tmp_path / "discussions"
    pages.mkdir()
    (pages / "notes.md").write_text("mine", encoding="utf-8")
    (pages / "7-old.md").write_text("from an earlier export", encoding="utf-8")
    done = ran("export", str(tmp_path), "--database-url", database_url)
    assert done.stdout == f"Wrote 1 discussion and 2 messages to {tmp_path}.\n"
    assert sorted(path.name for path in pages.iterdir())[1:] == ["notes.md"]
    assert not (pages / "7-old.md").exists()


def test_an_import_that_brings_nothing_new_says_so(database_url: str, tmp_path: Path) -> None:
    export = as_zip(tmp_path / "camp.zip", slack_export())
    first = ran("import", str(export), "--database-url", database_url)
    assert "nothing was changed" not in first.stdout
    again = ran("import", str(export), "--database-url", database_url)
    assert "highlight. All of it was there before; nothing was changed." in again.stdout
