"""Importing: real exports give what an independent count gives; twice is once; kills and damage lose nothing."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.archives.detect import open_export
from adapters.archives.export import Options
from bot.cli.importing import Importing, Sharing, Tally
from bot.cli.progress import Lines
from bot.models import (
    CardMode,
    Channel,
    Level,
    Platform,
    Scope,
    Space,
    Tab,
)
from bot.ports import Store
from bot.summaries import Extract
from storage import SqlStore, open_store
from tests import exports
from tests.adapters.archives.exports import (
    GENERAL,
    GUILD,
    TEAM,
    as_folder,
    as_zip,
    discord_export,
    discord_file,
    slack_channel,
    slack_export,
)
from tests.dumps import natural, raw
from tests.makers import NOON
from tests.terminal import typed

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("FOLKMOOT_DATA", ROOT.parent / "shared" / "data"))
THUMBS = {"slack": {"+1", "clap", "100"}, "discord": {"👍", "❤️"}}  # the exports have no stars: count other signs
REAL = [
    ("slack_houstondatavis.zip", "slack"),
    ("slack_clojurians_2018-02.zip", "slack"),
    ("discord_infrahub_forum.zip", "discord"),
    ("discord_ferry_fixtures.zip", "discord"),
]
CAMP = Channel(Space(Platform.SLACK, TEAM), "C1")


def real(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not there; name the folder of real exports by FOLKMOOT_DATA")
    return path


async def bring(
    store: Store,
    path: Path,
    options: Options = Options(),  # noqa: B008 - it is frozen
    share: Level | None = None,
    otherwise: Level = Level.WEB,
) -> Tally:
    export = open_export(path, options)
    try:
        sharing = Sharing(asked=share, otherwise=otherwise)
        return await Importing(store, export, options, sharing, Lines()).run(Extract())
    finally:
        export.source.close()


@asynccontextmanager
async def sqlite_store(template: Path, path: Path) -> AsyncIterator[SqlStore]:
    shutil.copy(template, path)
    store = open_store(f"sqlite:///{path}")
    yield store
    await store.close()


async def level_of(store: Store, channel: Channel) -> Level:
    known = await store.places.channel(channel)
    assert known is not None
    return known.settings.level


async def check_against_json(store: SqlStore, path: Path, kind: str) -> None:
    """Compare discussions, messages, highlights and votes with the independent count."""
    expected = (exports.slack if kind == "slack" else exports.discord)(path, THUMBS[kind])
    audit = await store.ledger.audit()
    rows = {
        (str(row["channel"]), str(row["key"])): (row["count"], row["participants"], row["highlights"])
        for row in await store.ledger.audit_rows()
    }
    assert rows == expected.rows()
    assert audit.drift == 0
    assert audit.messages == len(expected.messages)
    assert audit.discussions == len(expected.discussions)
    votes = {(row[0], row[2]): row[15] for row in (await natural(store))["message"] if row[15]}
    assert votes == {key: count for key, count in expected.votes.items() if count}


@pytest.mark.parametrize(("name", "kind"), REAL)
async def test_a_real_export_gives_what_an_independent_count_gives_and_twice_is_once(
    name: str, kind: str, sqlite_template: Path, tmp_path: Path
) -> None:
    path = real(name)
    options = Options(stars=frozenset(THUMBS[kind]))
    async with sqlite_store(sqlite_template, tmp_path / "folkmoot.db") as store:
        tally = await bring(store, path, options)
        assert tally.problems == []
        await check_against_json(store, path, kind)
        before = await raw(store)
        again = await bring(store, path, options)
        assert await raw(store) == before
        assert (again.discussions, again.messages) == (tally.discussions, tally.messages)
        assert (await store.ledger.audit()).drift == 0


async def test_a_real_export_gives_the_same_on_every_database(store: SqlStore) -> None:
    path = real("discord_infrahub_forum.zip")
    options = Options(stars=frozenset(THUMBS["discord"]))
    await bring(store, path, options)
    await check_against_json(store, path, "discord")
    before = await raw(store)
    await bring(store, path, options)
    assert await raw(store) == before


async def test_after_an_import_the_forum_is_complete_at_once(store: SqlStore, tmp_path: Path) -> None:
    tally = await bring(store, as_zip(tmp_path / "x.zip", slack_export()))
    assert (tally.discussions, tally.messages, tally.highlights, tally.problems) == (1, 4, 1, [])
    camp = await store.places.channel(CAMP)
    assert camp is not None
    scope = Scope(channels=frozenset({camp.key}))
    (found,) = await store.forum.discussions(scope, Tab.ALL, NOON)
    assert (found.title, found.count, found.highlights, found.waiting) == ("Who brings the kettle?", 3, 1, 1)
    assert [hit.post.text for hit in await store.forum.search(scope, "tea")] == ["And the tea?"]
    assert await store.ledger.unsettled(10) == []
    assert not camp.settings.watched


async def test_an_import_posts_nothing(store: SqlStore, tmp_path: Path) -> None:
    await bring(store, as_zip(tmp_path / "x.zip", slack_export()))
    assert await store.outbox.claim("someone", NOON, 60) == []


async def test_a_zip_and_a_folder_make_the_same_database(sqlite_template: Path, tmp_path: Path) -> None:
    folder, packed = as_folder(tmp_path / "camp", discord_export()), as_zip(tmp_path / "camp.zip", discord_export())
    dumps = []
    for number, path in enumerate((folder, packed)):
        async with sqlite_store(sqlite_template, tmp_path / f"{number}.db") as store:
            await bring(store, path)
            dumps.append(await natural(store) | {"setting": []})
    assert dumps[0] == dumps[1]


@pytest.mark.parametrize(
    ("share", "otherwise", "level"),
    [
        (None, Level.WEB, Level.WEB),
        (None, Level.DIGEST, Level.DIGEST),
        (Level.COUNT, Level.WEB, Level.COUNT),
        (Level.WEB, Level.DIGEST, Level.WEB),
    ],
)
async def test_new_channels_get_the_level_that_was_asked_for_or_fits_the_forum(
    store: SqlStore, tmp_path: Path, share: Level | None, otherwise: Level, level: Level
) -> None:
    await bring(store, as_zip(tmp_path / "x.zip", slack_export()), share=share, otherwise=otherwise)
    assert await level_of(store, CAMP) is level
    post = await store.forum.channel_posts((await store.places.channels())[1].key, limit=1)
    assert [each.text for each in post] == [None if level is Level.COUNT else "Soup is ready."]


async def test_shared_channels_and_unlisted_ones_stay_off_the_web(store: SqlStore, tmp_path: Path) -> None:
    files = slack_export()
    files["channels.json"][0] = slack_channel("C1", "camp", is_ext_shared=True)
    await bring(store, as_zip(tmp_path / "x.zip", files), Options(include_unlisted=True))
    assert await level_of(store, CAMP) is Level.DIGEST
    assert await level_of(store, Channel(CAMP.space, "attic")) is Level.DIGEST
    assert await level_of(store, Channel(CAMP.space, "C2")) is Level.WEB


async def test_asking_for_the_web_does_not_open_a_shared_channel(store: SqlStore, tmp_path: Path) -> None:
    files = slack_export()
    files["channels.json"][0] = slack_channel("C1", "camp", is_ext_shared=True)
    await bring(store, as_zip(tmp_path / "x.zip", files), share=Level.WEB)
    assert await level_of(store, CAMP) is Level.DIGEST


async def test_what_a_moderator_chose_is_left_alone(store: SqlStore, tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", slack_export())
    await bring(store, path)
    await store.places.set_level(CAMP, Level.COUNT, 0)
    await store.places.watch(CAMP, True)
    await store.places.set_cards(CAMP, CardMode.OFF)
    await bring(store, path, share=Level.WEB)
    known = await store.places.channel(CAMP)
    assert known is not None
    assert (known.settings.level, known.settings.watched, known.settings.cards) == (Level.COUNT, True, CardMode.OFF)


async def test_another_space_can_be_named(store: SqlStore, tmp_path: Path) -> None:
    await bring(store, as_zip(tmp_path / "x.zip", discord_export()), Options(space="42"))
    assert [known.info.space.id for known in await store.places.spaces()] == ["42"]


async def test_the_rest_of_a_damaged_zip_is_imported_and_the_damage_is_named(store: SqlStore, tmp_path: Path) -> None:
    files = slack_export() | {"camp/2024-03-02.json": b'[{"type": "message", "ts": "1709377200.000400", '}
    path = as_zip(tmp_path / "x.zip", files)
    tally = await bring(store, path)
    assert tally.problems == [
        "x.zip, camp/2024-03-02.json is damaged at line 1, column 49:"
        " Expecting property name enclosed in double quotes."
    ]
    assert tally.messages == 3
    before = await raw(store)
    assert (await bring(store, path)).problems == tally.problems
    assert await raw(store) == before
    assert (await store.ledger.audit()).drift == 0


async def test_a_real_zip_damaged_in_the_middle_gives_the_rest(sqlite_template: Path, tmp_path: Path) -> None:
    data = bytearray(real("slack_clojurians_2018-02.zip").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 50] = bytes(50)
    path = tmp_path / "cut.zip"
    path.write_bytes(bytes(data))
    async with sqlite_store(sqlite_template, tmp_path / "folkmoot.db") as store:
        tally = await bring(store, path)
        assert len(tally.problems) == 1
        assert tally.problems[0].startswith("cut.zip, ")
        assert 7_000 < tally.messages < 7_598
        assert (await store.ledger.audit()).drift == 0


async def test_an_import_goes_on_where_it_was_killed(store: SqlStore, tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", slack_export())
    options = Options()
    export = open_export(path, options)
    killed = Importing(store, export, options, Sharing(asked=None, otherwise=Level.WEB), Lines())
    contents = export.contents()
    await killed._keep_places(contents.parts[0])
    await killed._recall(contents)
    await store.outbox.set_cursor(killed._memory, 1)
    export.source.close()
    tally = await bring(store, path)
    assert tally.resumed == 1
    assert tally.messages == 2


def folkmoot(*args: str, folder: Path) -> "subprocess.Popen[str]":
    """The command line, in a folder of its own without settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LOG_LEVEL": "error"}
    command = [sys.executable, "-c", "from bot.cli import main; main()", *args]
    return subprocess.Popen(  # a list of our own words, no shell
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def reached(path: Path, query: str, wanted: int, process: "subprocess.Popen[str]") -> bool:
    """Wait until a number in the database is reached; False if the process ended before."""
    pause = threading.Event()
    deadline = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < deadline
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                if connection.execute(query).fetchone()[0] >= wanted:
                    return True
        except sqlite3.OperationalError:
            pass  # not made yet
        finally:
            pause.wait(0.002)
    return False


async def test_kill_9_at_random_moments_and_a_rerun_end_in_the_same_database(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = real("slack_clojurians_2018-02.zip")
    async with sqlite_store(sqlite_template, tmp_path / "whole.db") as store:
        await bring(store, path)
        undisturbed = await natural(store)
    chance = random.Random(20260803)
    moments = [
        ("SELECT count(*) FROM message", chance.randint(1, 2_000)),
        ("SELECT count(*) FROM message", chance.randint(2_000, 7_000)),
        ("SELECT count(*) FROM discussion WHERE NOT unsettled", chance.randint(1, 150)),
    ]
    database = tmp_path / "killed.db"
    killed = 0
    for query, wanted in moments:
        process = folkmoot("import", str(path), "--database-url", f"sqlite:///{database}", folder=tmp_path)
        if reached(database, query, wanted, process):
            process.kill()
            killed += 1
        finish(process)
    assert killed >= 2
    code, out, err = finish(folkmoot("import", str(path), "--database-url", f"sqlite:///{database}", folder=tmp_path))
    assert (code, err.splitlines()[-1:]) == (0, ["Titles, summaries, search …"])
    assert "183 discussions" in out
    store = open_store(f"sqlite:///{database}")
    assert await natural(store) == undisturbed
    assert (await store.ledger.audit()).drift == 0
    await store.close()


def test_the_command_says_what_it_did_and_ends_with_0(tmp_path: Path) -> None:
    as_zip(tmp_path / "x.zip", slack_export())
    code, out, err = finish(folkmoot("import", "x.zip", "--star", "star", folder=tmp_path))
    assert code == 0, err
    assert out.startswith("Imported in ")
    assert "1 discussion, 4 messages, 1 highlight. Left out on purpose: 3 places, named above." in out
    assert "attic is named by no list of the export and was left out; --include-unlisted takes it." in err
    assert (tmp_path / "data" / "folkmoot.db").is_file()


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["bad.zip"], 1, "bad.zip, kitchen/2024-03-02.json is damaged at line 1, column 2: Expecting value."),
        (["foreign"], 1, "folkmoot: foreign holds neither a Slack export"),
        (["nameless.zip"], 2, "name its team id with --space T…"),
        (["nowhere.zip"], 2, "nowhere.zip"),
        (["bad.zip", "--share", "index"], 2, "index"),
        (["bad.zip", "--database-url", "mysql://x"], 78, "DATABASE_URL"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence_and_an_exit_code(
    empty_folder: Path, args: list[str], code: int, sentence: str
) -> None:
    as_zip(empty_folder / "bad.zip", slack_export() | {"kitchen/2024-03-02.json": b"[nonsense"})
    as_folder(empty_folder / "foreign", {"notes.txt": b"hello"})
    as_zip(empty_folder / "nameless.zip", slack_export() | {"users.json": []})
    ended = typed("import", *args)
    assert ended.code == code
    assert sentence in " ".join(ended.err.split())


async def test_a_guilds_own_channel_gives_lone_messages_and_no_discussion(store: SqlStore, tmp_path: Path) -> None:
    channel = {"id": GENERAL, "type": 0, "categoryId": "1", "category": "Text", "name": "general"}
    messages = discord_export()["Camp - general.json"]["messages"]
    as_folder(tmp_path, {"general.json": discord_file(channel, messages)})
    tally = await bring(store, tmp_path / "general.json")
    assert (tally.discussions, tally.messages) == (0, 2)
    known = await store.places.channel(Channel(Space(Platform.DISCORD, GUILD), GENERAL))
    assert known is not None
    assert [post.text for post in await store.forum.channel_posts(known.key)] == ["Morning too.", "Morning."]


def test_the_independent_count_knows_what_it_counts(tmp_path: Path) -> None:
    counted = exports.slack(as_zip(tmp_path / "x.zip", slack_export()), {"star"})
    assert counted.rows() == {("C1", "1709290800.000100"): (3, 2, 1)}
    assert len(counted.messages) == 4
    assert json.dumps(sorted(counted.discussions)) == '[["C1", "1709290800.000100"]]'
