"""The commands as an operator types them: what they print, what they leave behind, and how they end."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import app
from bot.clock import SystemClock
from bot.errors import PlatformError
from bot.models import Every, PostKind, Reach, Rule
from bot.settling import settle_all
from bot.summaries import Extract
from bot.together import until_one_ends
from storage import SqlStore, open_store
from tests.makers import HELP, NOON, a_channel, a_message, a_space, a_vote, an_author, seen
from tests.terminal import Ended, sentence_of, started, typed

pytestmark = pytest.mark.usefixtures("empty_folder")

DEFAULT = "sqlite:///data/folkmoot.db"


def in_store(work: Callable[[SqlStore], object]) -> None:
    """Do something in the store of the folder we stand in."""

    async def opened() -> None:
        store = open_store(DEFAULT)
        try:
            await work(store)  # type: ignore[misc]  # every piece of work is a coroutine
        finally:
            await store.close()

    asyncio.run(opened())


async def a_talk(store: SqlStore) -> None:
    """Two discussions of two messages, a star, and an hour ago."""
    now = SystemClock().now()
    ago = (now - timedelta(hours=1) - NOON).total_seconds() / 60
    await store.ledger.record(
        [
            a_space(),
            a_channel(),
            seen(a_message(ago)),
            seen(a_message(ago + 1, "The green one.", thread=ago, author="Bo")),
            seen(a_message(ago + 2, "Who brings bread?")),
            seen(a_message(ago + 3, "I do.", thread=ago + 2, author="Bo")),
            a_vote(ago + 1, "Ada", at=ago + 4),
        ]
    )
    await store.places.watch(HELP, True)
    await settle_all(store, Extract())


async def a_schedule(store: SqlStore) -> None:
    now = SystemClock().now()
    known = await store.places.channel(HELP)
    assert known is not None
    await store.calendar.add_schedule(
        community=known.community,
        name="This week",
        destination=HELP,
        rule=Rule(every=Every.DAILY, at=(now + timedelta(hours=12)).time(), zone="UTC"),
        reach=Reach.CHANNEL,
        sources=(),
        say_quiet=False,
        at=now - timedelta(days=1),
    )


def test_verify_counts_again_and_says_what_it_found() -> None:
    in_store(a_talk)
    ended = typed("verify")
    assert (ended.code, ended.err) == (0, "")
    shown = [line.split() for line in ended.out.splitlines()]
    for name, number in (("messages", 4), ("discussions", 2), ("counted", 4), ("highlights", 1), ("drift", 0)):
        assert [name, str(number)] in shown
    found = json.loads(typed("verify", "--json").out)
    assert {"messages": 4, "discussions": 2, "counted": 4, "highlights": 1, "drift": 0}.items() <= found.items()
    rows = json.loads(typed("verify", "--json", "--discussions").out)["rows"]
    assert [(row["space"], row["channel"], row["count"], row["highlights"]) for row in rows] == [
        ("local/local", "help", 2, 1),
        ("local/local", "help", 2, 0),
    ]
    assert "help" in typed("verify", "--discussions").out


@pytest.mark.parametrize("words", [("verify", "--json"), ("digest",)])
def test_a_database_that_was_not_there_is_said_so(words: tuple[str, ...]) -> None:
    ended = typed(*words)
    assert ended.code == 0
    assert ended.err == "There was no database at data/folkmoot.db; an empty one was made. Is DATABASE_URL right?\n"
    assert typed(*words).err == ""


def test_verify_and_doctor_end_with_1_when_a_counter_drifted() -> None:
    in_store(a_talk)
    with closing(sqlite3.connect("data/folkmoot.db")) as connection, connection:
        connection.execute("UPDATE discussion SET count = 7 WHERE id = 1")
    ended = typed("verify")
    assert (ended.code, ["drift", "1"] in [line.split() for line in ended.out.splitlines()]) == (1, True)
    ended = typed("doctor")
    assert ended.code == 1
    assert "MEND  counters drift by 1\n      Please report this; run `folkmoot verify`." in ended.out


def test_doctor_says_what_is_well_and_what_to_mend() -> None:
    in_store(a_talk)
    ended = typed("doctor")
    assert ended.code == 0
    assert "ok    storage answers: 4 messages, 2 discussions" in ended.out
    assert "ok    channels watched: 1" in ended.out
    assert "ok    the forum is at http://127.0.0.1:8080" in ended.out
    in_store(given_up)
    ended = typed("doctor", "--json")
    findings = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 1
    assert [each["what"] for each in findings if not each["well"]] == ["posts given up: 1 (1: no right to post)"]
    assert [each["mend"] != "" for each in findings if not each["well"]] == [True]


async def given_up(store: SqlStore) -> None:
    """A post that was tried in vain too often."""
    now = SystemClock().now()
    post = await store.outbox.plan(PostKind.CARD, "card:1", HELP, now)
    assert post is not None
    for n in range(5):
        await store.outbox.claim("me", now + timedelta(hours=n), 60)
        await store.outbox.retry(post, "me", "no right to post", now)


def test_where_only_slack_is_commands_are_named_as_it_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    in_store(a_talk)
    assert typed("digest").out.endswith("sets one up with /folkmoot digest schedule.\n")


def test_digest_lists_what_is_scheduled_and_shows_what_it_has_so_far() -> None:
    in_store(a_talk)
    ended = typed("digest")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "No digest is scheduled yet; a moderator sets one up with /digest schedule.\n"
    in_store(a_schedule)
    assert typed("digest").out.startswith("1  This week")
    ended = typed("digest", "--preview")
    assert ended.code == 0
    assert ended.out.startswith("1  This week")
    assert "Who brings bread?" in ended.out
    [line] = typed("digest", "--preview", "--json").out.splitlines()
    shown = json.loads(line)
    assert (shown["id"], shown["name"], "Who brings bread?" in shown["preview"]) == (1, "This week", True)
    assert not json.loads(typed("digest", "--json").out).get("preview")


def test_backup_writes_a_copy_that_is_a_database() -> None:
    in_store(a_talk)
    ended = typed("backup", "copy.db")
    assert ended.code == 0
    assert ended.out.startswith(f"Wrote copy.db ({Path('copy.db').stat().st_size:,} bytes).\n")
    assert json.loads(typed("verify", "--json", "--database-url", "sqlite:///copy.db").out)["messages"] == 4
    ended = typed("backup", "copy.db")
    assert (ended.code, sentence_of(ended)) == (1, "copy.db exists already; choose another name.")


def test_export_writes_files_and_says_how_many_things_they_hold() -> None:
    in_store(a_talk)
    ended = typed("export", "out")
    assert (ended.code, ended.out) == (0, "Wrote 2 discussions and 4 messages to out.\n")
    assert sorted(each.name for each in Path("out").iterdir()) == ["discussions", "discussions.jsonl", "messages.jsonl"]
    ended = typed("export", "out", "--community", "Mars")
    assert ended.code == 1
    assert "no community with a space called 'Mars'" in sentence_of(ended)
    ended = typed("export", "out/messages.jsonl")
    assert (ended.code, sentence_of(ended)) == (2, "out/messages.jsonl is a file; name a folder to write into.")


def test_somebodys_own_data_is_written_for_them() -> None:
    in_store(a_talk)
    ended = typed("export", "out", "--member", f"local/local/{an_author('Bo').member.id}")
    assert ended.code == 0
    lines = [json.loads(line) for line in Path("out/my-data.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["name"] == "Bo"
    assert {line.get("author", "Bo") for line in lines} == {"Bo"}
    assert "The green one." in {line.get("text") for line in lines}
    ended = typed("export", "out", "--member", "local/local/nobody")
    assert (ended.code, sentence_of(ended)) == (1, "Nobody is known as local/local/nobody; nothing was written.")


def test_erase_asks_first_and_takes_everything() -> None:
    in_store(a_talk)
    member = f"local/local/{an_author('Bo').member.id}"
    assert typed("erase", "--member", member, answer="n\n").code == 1
    assert "The green one." in words()
    ended = typed("erase", "--member", member, answer="y\n")
    assert ended.code == 0
    assert f"Erased {member}." in ended.out
    assert "The green one." not in words()
    assert json.loads(typed("verify", "--json").out)["counted"] == 4
    ended = typed("erase", "--member", "local/local/nobody", "--yes")
    assert (ended.code, sentence_of(ended)) == (1, "Nobody is known as local/local/nobody; nothing was changed.")


def words() -> str:
    """Every text that is stored."""
    with closing(sqlite3.connect("data/folkmoot.db")) as connection:
        return "\n".join(row[0] or "" for row in connection.execute("SELECT text FROM message"))


@pytest.mark.parametrize("member", ["Bo", "local/local", "irc/net/bo", "local//bo", "a/b/c/d"])
def test_erase_says_how_a_member_is_written(member: str) -> None:
    ended = typed("erase", "--member", member, "--yes")
    assert ended.code == 2
    assert "write platform/space/member, such as slack/" in sentence_of(ended)
    assert not Path("data").exists()


def test_migrate_makes_the_schema_and_may_be_repeated() -> None:
    for _ in range(2):
        ended = typed("migrate")
        assert (ended.code, ended.out) == (0, "The database has the schema of this version.\n")
    assert Path("data/folkmoot.db").is_file()


@pytest.mark.parametrize(
    "command",
    [
        ["frobnicate"],
        ["export"],
        ["backup"],
        ["erase"],
        ["import"],
        ["import", "nowhere.zip"],
        ["verify", "--jsn"],
        ["import", ".", "--share", "index"],
    ],
    ids=" ".join,
)
def test_what_is_no_command_ends_with_2_and_shows_how_to_get_help(command: list[str]) -> None:
    ended = typed(*command)
    assert (ended.code, ended.out) == (2, "")
    assert "--help" in ended.err
    assert "Traceback" not in ended.err
    assert not Path("data").exists()


def test_every_command_explains_itself() -> None:
    names = [each.name for each in app.registered_commands]
    assert {"run", "import", "doctor", "verify", "digest", "export", "backup", "erase", "migrate"} <= set(names)
    shown = typed("--help").out
    for name in names:
        assert name is not None
        ended = typed(name, "--help")
        assert (ended.code, ended.err) == (0, "")
        assert name in shown


# Running


@dataclass
class Visitor:
    """Waits until somebody listens on a port, looks at some pages, then asks this process to stop, as Ctrl+C does."""

    port: int
    pages: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        pause, deadline = threading.Event(), time.monotonic() + 60
        while not self._listening():
            assert time.monotonic() < deadline
            pause.wait(0.02)
        try:
            self.pages = {path: self._status(path) for path in ("/readyz", "/", "/local")}
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _listening(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def visited(command: str, visitor: Visitor) -> Ended:
    """Run a command that serves, until the visitor has looked."""
    looking = threading.Thread(target=visitor.look)
    looking.start()
    ended = typed(command)
    looking.join()
    return ended


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("command", ["run", "demo"])
def test_run_serves_forum_and_room_until_it_is_told_to_stop(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("WEB_PORT", str(port))
    visitor = Visitor(port)
    ended = visited(command, visitor)
    assert (ended.code, ended.err) == (0, "")
    assert visitor.pages == {"/readyz": 200, "/": 200, "/local": 200}
    assert f"Folkmoot is at http://127.0.0.1:{port}\n" in ended.out
    assert f"Talk in the local room: http://127.0.0.1:{port}/local\n" in ended.out
    assert "Moderators enter this code there once: " in ended.out


def test_a_room_that_is_off_has_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("WEB_PORT", str(port))
    monkeypatch.setenv("LOCAL_ROOM", "off")
    visitor = Visitor(port)
    ended = visited("run", visitor)
    assert ended.code == 0
    assert visitor.pages == {"/readyz": 200, "/": 200, "/local": 404}
    assert "code" not in ended.out


def test_a_real_process_ends_well_when_it_is_interrupted(empty_folder: Path) -> None:
    port = free_port()
    with started("run", folder=empty_folder, settings={"WEB_PORT": str(port)}) as process:
        try:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("Stop with"):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, "", "")


def test_the_demo_is_filled_once_whoever_asks() -> None:
    assert typed("demo", "--only-fill").out == "The local room holds a small conversation now.\n"
    first = typed("verify", "--json", "--discussions").out
    found = json.loads(first)
    assert (found["discussions"], found["highlights"], found["drift"]) == (4, 3, 0)
    assert [row["count"] for row in found["rows"] if row["count"] == 9] == [9]
    again = typed("demo", "--only-fill")
    assert (again.code, again.out) == (0, "The local room is not empty, so nothing was added to it.\n")
    assert typed("verify", "--json", "--discussions").out == first


async def test_a_part_that_fails_ends_the_others_and_is_told() -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise PlatformError("on purpose")

    with pytest.raises(PlatformError, match="on purpose"):
        await until_one_ends(waits(), fails())
    assert ended.is_set()
