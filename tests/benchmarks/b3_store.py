"""B3: our write function against raw sqlite3 that does the same by hand: same schema, same counters, same commits."""

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bot.models import Author, Channel, MemberRef, Message, MessageRef, MessageSeen, Platform, Space, Thread
from storage import SqlStore, migrate, open_store
from storage.times import DAY, moment, ms
from tests.benchmarks.full import BASE, CHANNELS, MEMBERS, SPAN, WORDS, fill_places
from tests.benchmarks.paired import Result, paired

SPACE = Space(Platform.SLACK, "T1")
DELIVERIES = 6000
BATCH = 100


def events(number: int, threads: list[tuple[str, str, int]], deliveries: int = DELIVERIES) -> list[MessageSeen]:
    """So many deliveries into given threads, one in ten of them a repetition; others in each round."""
    chance = random.Random(number)
    made: list[MessageSeen] = []
    for n in range(deliveries):
        if made and chance.random() < 0.1:
            made.append(chance.choice(made[-500:]))
            continue
        cid, key, _ = chance.choice(threads)
        sent = moment(BASE + SPAN + number * DAY + n * 97)
        position = ms(sent) * 1000 + n % 1000
        member = MemberRef(SPACE, f"U{chance.randint(1, MEMBERS)}")
        channel = Channel(SPACE, cid)
        made.append(
            MessageSeen(
                message=Message(
                    ref=MessageRef(channel, f"{position // 1_000_000}.{position % 1_000_000:06}"),
                    thread=Thread(channel, key),
                    author=Author(member=member, name=f"Member {member.id[1:]}"),
                    text=" ".join(chance.choices(WORDS, k=18)),
                    sent_at=sent,
                )
            )
        )
    return made


async def ours_in_batches(store: SqlStore, made: list[MessageSeen]) -> None:
    """Batches of a hundred, each durable before the next."""
    for start in range(0, len(made), BATCH):
        await store.ledger.record(made[start : start + BATCH])


async def ours_each_awaited(store: SqlStore, made: list[MessageSeen]) -> None:
    """A hundred producers, each awaiting its own commit."""

    async def produce(mine: list[MessageSeen]) -> None:
        for event in mine:
            await store.ledger.record([event])

    await asyncio.gather(*(produce(made[n::BATCH]) for n in range(BATCH)))


Raw = tuple[str, int, str, int, int, str, str, int, str]


def raw_rows(made: list[MessageSeen]) -> list[Raw]:
    """The same deliveries as plain tuples, made beforehand: raw code has no model to take apart."""
    return [
        (
            each.message.ref.channel.id, each.message.ref.position, each.message.ref.id,
            MessageRef(each.message.ref.channel, each.message.thread.id).position, 0, each.message.author.member.id,
            each.message.author.name, ms(each.message.sent_at), each.message.text,
        )
        for each in made
    ]  # fmt: skip


def raw_batch(connection: sqlite3.Connection, batch: list[Raw]) -> None:
    """One batch by hand: look up what is there, insert the rest, move the counters, log the change."""
    connection.execute("BEGIN IMMEDIATE")
    channels = {row[1]: row[0] for row in connection.execute("SELECT id, cid FROM channel WHERE space_id = 1")}
    rows = {(channels[row[0]], row[1]): row for row in batch}
    uids = sorted({row[5] for row in batch})
    marks = ",".join("?" * len(uids))
    query = f"SELECT uid, id FROM member WHERE space_id = 1 AND uid IN ({marks})"
    members = dict(connection.execute(query, uids).fetchall())
    fresh = [uid for uid in uids if uid not in members]
    names = {row[5]: (row[6], row[7]) for row in batch}
    if fresh:
        connection.executemany(
            "INSERT INTO member (space_id, uid, name, name_at, is_bot) VALUES (1, ?, ?, ?, 0)",
            [(uid, *names[uid]) for uid in fresh],
        )
        members = dict(connection.execute(query, uids).fetchall())
    connection.executemany(
        "UPDATE member SET name_at = ?, name = ? WHERE id = ? AND erased_at IS NULL AND name_at < ?",
        [(names[uid][1], names[uid][0], members[uid], names[uid][1]) for uid in uids],
    )
    pairs = ",".join(["(?,?)"] * len(rows))
    there = set(
        connection.execute(
            f"SELECT channel_id, position FROM (VALUES {pairs}) CROSS JOIN message"
            " WHERE channel_id = column1 AND position = column2",
            [value for key in rows for value in key],
        )
    )
    discussions = _discussions(connection, {(key[0], row[3]) for key, row in rows.items()})
    new = [(key, row) for key, row in rows.items() if key not in there]
    connection.executemany(
        "INSERT INTO message (channel_id, position, mid, discussion_id, thread, author_id, kind, counted, sent_at,"
        " edited_at, text, files, url, live, votes, picked, held_author, held_moderator)"
        " VALUES (?, ?, ?, ?, ?, ?, 'person', 1, ?, 0, ?, '', '', 0, 0, 0, 0, 0)",
        [(*key, row[2], discussions[key[0], row[3]], row[3], members[row[5]], row[7], row[8]) for key, row in new],
    )
    _counters(connection, [(discussions[key[0], row[3]], members[row[5]], row[7]) for key, row in new])
    tops = Counter[str]()
    for row in batch:
        tops[row[0]] = max(tops[row[0]], row[1])
    connection.executemany(
        "UPDATE channel SET watermark = ? WHERE id = ? AND watermark < ?",
        [(top, channels[cid], top) for cid, top in tops.items()],
    )
    connection.execute("COMMIT")


def _discussions(connection: sqlite3.Connection, roots: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    pairs = ",".join(["(?,?)"] * len(roots))
    query = (
        f"SELECT channel_id, root, id FROM (VALUES {pairs}) CROSS JOIN discussion"
        " WHERE channel_id = column1 AND root = column2"
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query, [value for key in roots for value in key])}


def _counters(connection: sqlite3.Connection, added: list[tuple[int, int, int]]) -> None:
    present = Counter((discussion, member) for discussion, member, _ in added)
    days = Counter((sent // DAY, discussion, member) for discussion, member, sent in added)
    counts = Counter(discussion for discussion, _, _ in added)
    newest = {discussion: sent for discussion, _, sent in sorted(added, key=lambda each: each[2])}
    pairs = ",".join(["(?,?)"] * len(present))
    query = (
        f"SELECT discussion_id, member_id FROM (VALUES {pairs}) CROSS JOIN participation"
        " WHERE discussion_id = column1 AND member_id = column2"
    )
    had = set(connection.execute(query, [value for key in present for value in key]))
    joined = Counter(discussion for discussion, member in present if (discussion, member) not in had)
    connection.executemany(
        "INSERT INTO participation VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(*key, n) for key, n in present.items()],
    )
    connection.executemany(
        "INSERT INTO activity VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(*key, n) for key, n in days.items()],
    )
    connection.executemany(
        "UPDATE discussion SET count = count + ?, replies_ever = replies_ever + ?, participants = participants + ?,"
        " last_at = max(last_at, ?), unsettled = 1 WHERE id = ?",
        [(n, n, joined[discussion], newest[discussion], discussion) for discussion, n in counts.items()],
    )
    connection.executemany(
        "INSERT INTO change (kind, subject) VALUES ('discussion', ?)", [(each,) for each in sorted(counts)]
    )


def raw(path: Path, rows: list[Raw]) -> None:
    """All batches by hand."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    for start in range(0, len(rows), BATCH):
        raw_batch(connection, rows[start : start + BATCH])
    connection.close()


def threads_of(path: Path) -> list[tuple[str, str, int]]:
    """The threads of a database."""
    with sqlite3.connect(path) as connection:
        return list(
            connection.execute("SELECT c.cid, d.key, d.root FROM discussion d JOIN channel c ON c.id = d.channel_id")
        )


def counted(path: Path) -> int:
    """The sum of all counts."""
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT sum(count) FROM discussion").fetchone()[0])


def compare(name: str, paths: tuple[Path, Path], goals: tuple[float, float], *, each: bool, rounds: int) -> Result:
    """One comparison, on two databases that begin alike; their counts must stay alike."""
    threads = threads_of(paths[0])
    runner = asyncio.Runner()
    store = runner.run(_open(paths[0]))
    rounds_of = {number: events(number, threads) for number in range(rounds + 1)}
    plain = {number: raw_rows(made) for number, made in rounds_of.items()}
    way = ours_each_awaited if each else ours_in_batches
    ratio, taken = paired(
        lambda number: runner.run(way(store, rounds_of[number])), lambda number: raw(paths[1], plain[number]), rounds
    )
    audit = runner.run(store.ledger.audit()) if each else None
    runner.run(store.close())
    runner.close()
    assert counted(paths[0]) == counted(paths[1])
    assert audit is None or audit.drift == 0
    return Result(name, 1 / ratio, *goals, speed=True, note=f"{DELIVERIES / taken:,.0f} deliveries/s")


async def _open(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}")


def seed(path: Path) -> None:
    """An empty database with the places and a few hundred threads to talk in."""
    migrate(f"sqlite:///{path}")
    with sqlite3.connect(path, isolation_level=None) as connection:
        fill_places(connection)
    connection.close()
    start = moment(BASE)

    async def talk() -> None:
        store = open_store(f"sqlite:///{path}")
        made = []
        for n in range(400):
            cid, sent = f"C{1 + n % CHANNELS}", start + timedelta(seconds=n)
            position = ms(sent) * 1000
            key = f"{position // 1_000_000}.{position % 1_000_000:06}"
            for reply in range(2):
                channel = Channel(SPACE, cid)
                at = sent + timedelta(milliseconds=reply)
                place = ms(at) * 1000
                ref = MessageRef(channel, f"{place // 1_000_000}.{place % 1_000_000:06}")
                author = Author(member=MemberRef(SPACE, "U1"), name="Member 1")
                made.append(
                    MessageSeen(
                        message=Message(ref=ref, thread=Thread(channel, key), author=author, text="Begin.", sent_at=at)
                    )
                )
        await store.ledger.record(made)
        await store.close()

    asyncio.run(talk())


def run(full: Path, folder: Path, rounds: int = 7) -> list[Result]:
    """Both comparisons of B3."""
    pairs = []
    for name, source in (("full", full), ("empty", None)):
        paths = (folder / f"{name}-ours.db", folder / f"{name}-raw.db")
        if source is None:
            seed(paths[0])
            shutil.copy(paths[0], paths[1])
        else:
            for path in paths:
                shutil.copy(source, path)
        pairs.append(paths)
    return [
        compare("B3 batches of 100, full database", pairs[0], (0.85, 0.70), each=False, rounds=rounds),
        compare("B3 100 producers, each awaits its commit", pairs[1], (0.65, 0.50), each=True, rounds=rounds),
    ]
