"""B7: importing a large export against `json.loads` of its files and raw inserts of the same columns.

Both tell when everything is stored, and go on until it can be searched. By hand nothing is counted, and no titles,
summaries and questions are looked for.
"""

import asyncio
import json
import random
import shutil
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

from adapters.archives.detect import open_export
from adapters.archives.export import Options
from bot.cli.importing import BATCH, Importing, Sharing, Tally
from bot.models import Level
from bot.summaries import Extract
from storage import migrate, open_store
from tests.benchmarks.full import WORDS
from tests.benchmarks.paired import Result, paired

MESSAGES = 40_000
CHANNELS = 20
DAYS = 50
MEMBERS = 2_000
FIRST = 1_767_225_600  # the first of January 2026, in seconds
A_DAY = 86_400


class Quiet:
    """A progress that shows nothing."""

    def begin(self, total: int) -> None: ...
    def advance(self, done: int, messages: int) -> None: ...
    def stage(self, title: str) -> None: ...
    def say(self, sentence: str) -> None: ...
    def end(self) -> None: ...


def write_export(folder: Path, messages: int = MESSAGES) -> int:
    """A Slack export of so many messages, a third of them in threads; how many are people's."""
    chance = random.Random(7)
    folder.mkdir()
    users = [
        {"id": f"U{n}", "team_id": "T1", "name": f"member{n}", "profile": {"display_name": f"Member {n}"}}
        for n in range(MEMBERS)
    ]
    channels = [{"id": f"C{n}", "name": f"channel-{n}", "members": []} for n in range(CHANNELS)]
    (folder / "users.json").write_text(json.dumps(users))
    (folder / "channels.json").write_text(json.dumps(channels))
    each = messages // (CHANNELS * DAYS)
    for channel in channels:
        (folder / str(channel["name"])).mkdir()
        thread = ""
        for day in range(DAYS):
            said = []
            for n in range(each):
                ts = f"{FIRST + day * A_DAY + n * (A_DAY // each)}.{chance.randrange(10**6):06}"
                said.append(a_message(chance, ts, thread if chance.random() < 0.33 else ""))
                thread = ts if "thread_ts" not in said[-1] and chance.random() < 0.05 else thread
            path = folder / str(channel["name"]) / f"2026-{1 + day // 28:02}-{1 + day % 28:02}.json"
            path.write_text(json.dumps(said, indent=1))
    return each * CHANNELS * DAYS


def a_message(chance: random.Random, ts: str, thread: str) -> dict[str, Any]:
    """One message as Slack exports it."""
    text = " ".join(chance.choices(WORDS, k=18))
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    payload: dict[str, Any] = {
        "client_msg_id": f"{chance.getrandbits(128):032x}",
        "type": "message",
        "text": text,
        "user": f"U{chance.randrange(MEMBERS)}",
        "ts": ts,
        "team": "T1",
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [element]}],
    }
    if thread:
        payload |= {"thread_ts": thread, "parent_user_id": "U1"}
    if chance.random() < 0.02:
        users = [f"U{chance.randrange(MEMBERS)}" for _ in range(chance.randint(1, 4))]
        payload["reactions"] = [{"name": "star", "users": users, "count": len(users)}]
    return payload


async def ours(export: Path, database: Path) -> Tally:
    """A whole import: stored, counted, settled, searchable."""
    store = open_store(f"sqlite:///{database}")
    opened = open_export(export, Options())
    sharing = Sharing(asked=Level.WEB, otherwise=Level.WEB)
    tally = await Importing(store, opened, Options(), sharing, Quiet()).run(Extract())
    await store.close()
    return tally


def theirs(export: Path, database: Path) -> float:
    """Parse every file and insert its messages, in transactions of as many rows as ours; how long until all are stored.

    Then index their text.
    """
    begun = time.monotonic()
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    rows: list[tuple[object, ...]] = []
    for path in sorted(export.glob("*/*.json")):
        channel = int(path.parent.name.removeprefix("channel-"))
        rows += [_row(channel, payload) for payload in json.loads(path.read_bytes())]
        if len(rows) >= BATCH:
            _insert(connection, rows)
            rows = []
    _insert(connection, rows)
    storing = time.monotonic() - begun
    connection.execute(
        "INSERT INTO message_text (rowid, text) SELECT sent_at << 20 | (id & 1048575), text FROM message"
    )
    connection.close()
    return storing


def _insert(connection: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


INSERT = (
    "INSERT INTO message (channel_id, position, mid, discussion_id, thread, author_id, kind, counted, sent_at,"
    " edited_at, text, files, url, live, votes, picked, held_author, held_moderator)"
    " VALUES (?, ?, ?, ?, ?, ?, 'person', 1, ?, 0, ?, '', '', 0, 0, 0, 0, 0)"
)


def _row(channel: int, payload: dict[str, Any]) -> tuple[object, ...]:
    position = int(payload["ts"].replace(".", ""))
    thread = int(payload.get("thread_ts", payload["ts"]).replace(".", ""))
    author = int(payload["user"][1:])
    return channel, position, payload["ts"], thread, thread, author, position // 1000, payload["text"]


def stored(database: Path) -> int:
    """How many messages a database holds."""
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM message").fetchone()[0])


def run(folder: Path, rounds: int = 7, messages: int = MESSAGES) -> list[Result]:
    """Both in turn, each round into new databases; every round must store every message."""
    export = folder / "export"
    expected = write_export(export, messages)
    template = folder / "import-empty.db"
    migrate(f"sqlite:///{template}")
    storing: dict[int, float] = {}  # by round
    raw_storing: dict[int, float] = {}

    def mine(number: int) -> None:
        database = folder / f"import-ours-{number}.db"
        shutil.copy(template, database)
        storing[number] = asyncio.run(ours(export, database)).storing
        assert stored(database) == expected
        database.unlink()

    def raw(number: int) -> None:
        database = folder / f"import-raw-{number}.db"
        shutil.copy(template, database)
        raw_storing[number] = theirs(export, database)
        assert stored(database) == expected
        database.unlink()

    ratio, taken = paired(mine, raw, rounds)
    stored_in = statistics.median(raw_storing[number] / storing[number] for number in range(1, rounds + 1))
    speed = f"{expected / taken:,.0f} messages/s"
    return [
        Result("B7 import: stored and counted", stored_in, 0.4, 0.2, speed=True, note=f"{expected:,} messages"),
        Result("B7 import, titles and search too", 1 / ratio, 0.4, 0.2, speed=True, note=speed),
    ]
