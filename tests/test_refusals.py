"""What the operator has to mend is told in one sentence that names it, and ends the program with exit code 78."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

from bot.models import Every, Reach, Rule
from storage import migrate, open_store
from tests.makers import HELP, NOON, a_channel, a_space
from tests.terminal import AS_ANYBODY, Ended, run_alone, sentence_of, typed

pytestmark = pytest.mark.usefixtures("empty_folder")

REFUSED = 78
EXPORT = '{"guild": {}, "channel": {}, "messages": []}'
SECRET = "hunter2"
BOT = f"MT{SECRET}{'x' * 20}.GaBcDe.{SECRET}{'y' * 30}"  # what Discord's tokens look like
OPEN = ("verify", "doctor", "digest", "migrate")  # commands that need no argument
NEED_NO_TARGET = [
    *([name] for name in (*OPEN, "run", "demo")),
    ["export", "out"],
    ["backup", "copy"],
    ["erase", "--member", "slack/T1/U1", "--yes"],
    ["digest", "--preview", "--json"],
    ["import", "export.json"],
]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def refused(ended: Ended, *names: str) -> str:
    """The one sentence of a command that was refused; it holds these words and no secret."""
    sentence = sentence_of(ended)
    assert ended.code == REFUSED
    assert SECRET not in sentence
    for name in names:
        assert name in sentence
    return sentence


# Settings


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("WEB_PORT=abc", "WEB_PORT is wrong: it must be a number from 0 to 65535"),
        ("WEB_PORT=65536", "a number from 0 to 65535"),
        ("WEB_PORT=-1", "a number from 0 to 65535"),
        ("WEB_PORT=८०८०", "a number from 0 to 65535"),
        ("LOG_LEVEL=loud", "LOG_LEVEL must be one of 'debug', 'info', 'warning' or 'error'"),
        ("LOG_FORMAT=xml", "LOG_FORMAT must be one of 'console' or 'json'"),
        ("LOCAL_ROOM=perhaps", "LOCAL_ROOM must be one of 'auto', 'on' or 'off'"),
        (f"DATABASE_URL=mysql://ada:{SECRET}@db/x", "DATABASE_URL is wrong: it must begin with sqlite:/// or postgres"),
        ("DATABASE_URL=sqlite:///", "it must name a file, such as sqlite:///data/folkmoot.db"),
        ("WEB_PUBLIC_URL=forum.example.org", "WEB_PUBLIC_URL is wrong: it must be a whole web address"),
        (
            "SLACK_API_URL=slack.com",
            "SLACK_API_URL is wrong: it must be a whole web address such as https://slack.com/api/",
        ),
        ("WEB_PUBLIC_URL=ftp://forum.example.org", "such as https://forum.example.org"),
        ("WEB_PUBLIC_URL=https://[forum", "such as https://forum.example.org"),
        ("WEB_PUBLIC_URL=https://forum.example.org:https", "such as https://forum.example.org"),
        ("DISCORD_API_URL=discord", "DISCORD_API_URL is wrong"),
        ("SLACK_API_URL=https://", "SLACK_API_URL is wrong"),
        (f"SLACK_BOT_TOKEN={SECRET}", "SLACK_BOT_TOKEN is wrong: it must begin with xoxb-"),
        (
            f"SLACK_BOT_TOKEN=xapp-{SECRET}",
            "SLACK_BOT_TOKEN is wrong: it holds a token that belongs in SLACK_APP",
        ),
        (
            f"SLACK_APP_TOKEN=xoxb-{SECRET}",
            "SLACK_APP_TOKEN is wrong: it holds a token that belongs in SLACK_BOT",
        ),
        (f"SLACK_SIGNING_SECRET=xapp-{SECRET}", "it holds a token that belongs in SLACK_APP_TOKEN"),
        (f"WEB_HOST=xoxb-{SECRET}", "WEB_HOST is wrong: it holds a token that belongs in SLACK_BOT_TOKEN"),
        (f"DATABASE_URL={BOT}", "DATABASE_URL is wrong: it holds a token that belongs in DISCORD_TOKEN"),
        (f"SLACK_SIGNING_SECRET={BOT}", "it holds a token that belongs in DISCORD_TOKEN"),
        (
            f"WEB_PROT={SECRET}",
            "Line 2 of the settings file .env sets WEB_PROT, and there is no such setting; write WEB",
        ),
        (f"DATABASE_URI={SECRET}", "sets DATABASE_URI, and there is no such setting; write DATABASE_URL"),
        (f"Loglevel={SECRET}", "sets LOGLEVEL, and there is no such setting; write LOG_LEVEL"),
        (f"SLACK_COLOUR={SECRET}", "sets SLACK_COLOUR, and there is no such setting; take it out"),
        (f"SLACK_APP_TOKEN={SECRET}", "SLACK_APP_TOKEN is wrong: it must begin with xapp-"),
        ("DISCORD_SHARDS=0,1", "DISCORD_SHARDS is wrong: it must say which parts of how many, such as 0-1/4 or 3/4"),
        ("DISCORD_SHARDS=1-0/4", "it must name the lower part first"),
        ("DISCORD_SHARDS=1-4/4", "its parts are counted from 0"),
        ("DISCORD_SHARDS=0/0", "its parts are counted from 0"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting(empty_folder: Path, line: str, says: str) -> None:
    (empty_folder / ".env").write_text(f"# mine\n{line}\nDISCORD_TOKEN={SECRET}\n", encoding="utf-8")
    sentence = refused(typed("run"), says)
    assert "no such setting" in sentence or "mend it in .env or the environment" in sentence
    assert sorted(each.name for each in empty_folder.iterdir()) == [".env"]


def test_half_of_what_slack_needs_is_refused_and_named_by_the_doctor(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_API_URL=http://127.0.0.1:9/\n", encoding="utf-8")
    said = "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is"
    refused(typed("run"), said)
    ended = typed("doctor")
    assert ended.code == 1
    assert f"MEND  a platform's token is missing\n      {said}" in ended.out
    assert "MEND  Slack does not answer: Cannot connect to host 127.0.0.1:9 " in ended.out


@pytest.mark.parametrize("command", NEED_NO_TARGET, ids=" ".join)
def test_every_command_refuses_bad_settings_alike(empty_folder: Path, command: list[str]) -> None:
    (empty_folder / ".env").write_text("WEB_PORT=abc\n", encoding="utf-8")
    (empty_folder / "export.json").write_text(EXPORT, encoding="utf-8")
    refused(typed(*command), "WEB_PORT")


def test_a_bad_setting_ends_a_real_process(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("WEB_PORT=abc\n", encoding="utf-8")
    refused(run_alone("run", folder=empty_folder), "WEB_PORT", ".env")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"WEB_PORT=8080\nWEB_HOST=\xff\xfe\n",
            "Line 2 of the settings file .env is not UTF-8; save the file as UTF-8",
        ),
        ("WEB_PORT=8080\n".encode("utf-16"), "Line 1 of the settings file .env is not UTF-8"),
        (
            b"WEB_PORT=8080\n\n# port\nWEB_PORT: 8080\n",
            "Line 4 of the settings file .env is no setting; write NAME=value",
        ),
        (b"WEB_PORT\n", "Line 1 of the settings file .env is no setting"),
        (b"DISCORD_TOKEN='hunter2\n", "Line 1 of the settings file .env is no setting"),
    ],
)
def test_a_settings_file_with_a_line_that_is_none_is_refused(empty_folder: Path, content: bytes, says: str) -> None:
    (empty_folder / ".env").write_bytes(content)
    refused(typed("verify"), says)


def test_a_settings_file_may_be_what_any_editor_writes(empty_folder: Path) -> None:
    content = '\ufeffWEB_PORT=abc\r\n\r\nexport LOG_LEVEL="info" # quiet\r\nWEB_PUBLIC_URL=\r\nSOMEBODY_ELSES=1\r\n'
    (empty_folder / ".env").write_bytes(content.encode())
    refused(typed("verify"), "WEB_PORT")
    (empty_folder / ".env").write_bytes(content.replace("abc", "80").encode())
    assert typed("verify").code == 0


def test_a_settings_file_that_cannot_be_read_is_refused(empty_folder: Path) -> None:
    (empty_folder / ".env").mkdir()
    refused(typed("verify"), "The settings file .env cannot be read (Is a directory); mend or remove it")


@pytest.mark.skipif(
    AS_ANYBODY != [] and shutil.which("setpriv") is None, reason="root needs setpriv to be like anybody"
)
def test_files_that_others_own_are_refused(empty_folder: Path) -> None:
    (empty_folder / ".env").touch(mode=0o000)
    refused(run_alone("run", folder=empty_folder, before=AS_ANYBODY), ".env", "Permission denied")
    (empty_folder / ".env").unlink()
    migrate(f"sqlite:///{empty_folder}/data/folkmoot.db")
    (empty_folder / "data" / "folkmoot.db").chmod(0o400)
    refused(run_alone("verify", folder=empty_folder, before=AS_ANYBODY), "data/folkmoot.db may not be read and written")
    ended = typed("export", "/proc/nowhere", "--database-url", "sqlite:///mine.db")
    assert ended.code == 1
    assert "The export cannot be written to /proc/nowhere" in sentence_of(ended)


# Zones


def test_a_zone_that_is_unknown_here_is_refused(empty_folder: Path, sqlite_template: Path) -> None:
    (empty_folder / "data").mkdir()
    path = shutil.copy(sqlite_template, empty_folder / "data" / "folkmoot.db")
    asyncio.run(a_digest_on_mars(f"sqlite:///{path}"))
    said = "The digest 1 ('Weekly') is set in the zone 'Mars/Olympus', which the time zone data here do not know"
    refused(run_alone("run", folder=empty_folder), said, "tzdata")
    for command in (["digest"], ["digest", "--preview"], ["demo"]):
        refused(typed(*command), said, "tzdata")
    ended = typed("doctor")
    assert ended.code == 1
    assert f"MEND  a digest's zone is unknown\n      {said}" in ended.out
    assert typed("backup", "copy.db").code == typed("export", "out").code == typed("verify").code == 0


async def a_digest_on_mars(url: str) -> None:
    store = open_store(url)
    await store.ledger.record([a_space(), a_channel()])
    known = await store.places.channel(HELP)
    assert known is not None
    await store.calendar.add_schedule(
        community=known.community,
        name="Weekly",
        destination=HELP,
        rule=Rule(every=Every.WEEKLY, at=time(9), zone="Mars/Olympus"),
        reach=Reach.CHANNEL,
        sources=(),
        say_quiet=False,
        at=NOON,
    )
    await store.close()


# The address


def test_a_taken_port_ends_a_real_process(empty_folder: Path, taken_port: int) -> None:
    (empty_folder / ".env").write_text(f"WEB_PORT={taken_port}\n", encoding="utf-8")
    said = f"The port {taken_port} of 127.0.0.1 is taken; set WEB_PORT to a free one or stop what uses it"
    refused(run_alone("run", folder=empty_folder), said)


@pytest.mark.parametrize("host", ["203.0.113.7", "nowhere.invalid", "x" * 70])
def test_an_address_that_this_machine_has_not_is_refused(
    empty_folder: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_HOST", host)
    monkeypatch.setenv("WEB_PORT", "0")
    refused(typed("run"), f"This machine has no address {host} to listen on; set WEB_HOST to one that it has")
