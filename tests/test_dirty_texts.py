"""Whatever is in a text, and however long it is: by every door it is stored cleaned, and nothing fails."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.archives.detect import open_export
from adapters.archives.export import Options
from bot.cli.importing import Importing, Sharing
from bot.cli.progress import Lines
from bot.markup import clean
from bot.models import Level
from bot.summaries import Extract
from storage import SqlStore, open_store
from tests.adapters.archives.exports import (
    as_folder,
    discord_message,
    discord_post,
    slack_export,
    slack_message,
)
from tests.indoors import A_MOMENT, Town, begun, without_wires
from tests.sides import DiscordSide, Side, SlackSide
from tests.virtual import LoopClock, VirtualLoop, count_work

C0 = "".join(map(chr, range(32)))
BIDI = "\u202e\u2066\u200b\ufeff\u2028\u0085\x7f\x9f"
MEGABYTE = 1_048_576
DIRTY = (
    "a\0b", "\0", "\0" * 5000, "\ud800", "x\udfff\ud800y", "\ud83d", f"before {C0} after", C0 * 40, BIDI * 9,
    "e" + "\u0301" * 3000, "\U0010ffff\ufffe\uffff", "a\r\nb\rc\vd\fe", "' OR 1=1; -- \\ %s {x} $1 :name ?", "\\u0000",
    "**" * 2000 + "\0", "<@" * 3000, "```\0\ud800", "&lt;\0&gt;", "🌿" * 4000,
)  # fmt: skip
WORDS = " ".join(f"word{n}\0" for n in range(110_000))  # more different ones than PostgreSQL's search takes at once
HUGE = ("\0\ud800x" * (MEGABYTE // 3), "a" * MEGABYTE, "*_" * (MEGABYTE // 2), "\ud800" * MEGABYTE)
SIGNS = (
    "\0",
    "\ud800",
    "\udfff",
    "\x1b",
    "\x07",
    "\r",
    "\n",
    " ",
    "a",
    "é",
    "🌿",
    "\u202e",
    "<",
    "&",
    "*",
    "`",
    "\\",
    "'",
)


def at_random(many: int) -> list[str]:
    """As many texts of odd signs, the same each time."""
    chance = random.Random(142)
    return ["".join(chance.choices(SIGNS, k=chance.randrange(1, 200))) for _ in range(many)]


def sizes(*more: str) -> pytest.MarkDecorator:
    """A few texts in the suite, and many in the soak."""
    few = [*DIRTY, *more, *at_random(20)]
    many = pytest.param([*DIRTY, WORDS, *HUGE, *at_random(1_000)], id="many", marks=pytest.mark.soak)
    return pytest.mark.parametrize("texts", [pytest.param(few, id="few"), many])


async def kept(store: SqlStore) -> dict[str, str]:
    """The texts that are stored, by message."""
    rows = await store.database.read(lambda c: c.exec_driver_sql("SELECT mid, text FROM message").fetchall())
    return {row[0]: row[1] for row in rows}


def fits(texts: Sequence[str], stored: dict[str, str]) -> bool:
    """Whether exactly these are stored, cleaned, as JSON brings them: two halves of a sign become one in it."""
    return sorted(clean(json.loads(json.dumps(text))) for text in texts) == sorted(stored.values())


async def from_both(url: str, texts: Sequence[str], town: Town, clock: LoopClock) -> None:
    store = open_store(url)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    count_work(store, loop.virtual)
    sides: tuple[Side, Side] = (DiscordSide(town.discord), SlackSide(town.slack))
    life = await begun(town, store, clock)
    try:
        wanted: list[str] = []
        for side in sides:
            await store.places.watch(side.place("help"), True)
            root = side.say("Ada", "Which tent?")
            wanted.append(root.text)
            for n, text in enumerate(texts):
                wanted.append(side.answer(root, ("Bo", "Cem", "Dina")[n % 3], text).text)
                await asyncio.sleep(A_MOMENT)
        assert fits(wanted, await kept(store))
        await life.parts.catch_up.work()  # and once more, from the histories
        await life.parts.app.tick()  # titles, search, cards
        assert fits(wanted, await kept(store))
        audit = await store.ledger.audit()
        assert (audit.drift, audit.counted) == (0, len(wanted))
        assert await store.ledger.unsettled(1) == []
        assert all(side.own_ids() for side in sides)  # there are cards
        town.discord.check()
        town.slack.check()
    finally:
        await life.end()
        await store.close()


@sizes()
def test_what_comes_from_both_platforms(database_url: str, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        clock = LoopClock()

        async def live() -> None:
            town = Town.founded(clock)
            without_wires(monkeypatch, lambda: town)
            await from_both(database_url, texts, town, clock)

        runner.run(live())


@sizes(WORDS)
@pytest.mark.parametrize("kind", ["slack", "discord"])
async def test_what_an_export_brings(store: SqlStore, tmp_path: Path, kind: str, texts: list[str]) -> None:
    if kind == "slack":
        root = "1709290800.000100"
        said = [slack_message(f"{1709290800 + n}.000100", text, thread_ts=root) for n, text in enumerate(texts)]
        files = {name: value for name, value in slack_export().items() if "/" not in name}
        files |= {"camp/2024-03-01.json": said}
    else:
        first = 800000000000000001
        said = [discord_message(str(first + n), text, "11") for n, text in enumerate(texts)]
        files = {f"Camp - ideas - Gate [{first}].json": discord_post(str(first), "Gate", said)}
    export = open_export(as_folder(tmp_path / "export", files), Options())
    try:
        await Importing(store, export, Options(), Sharing(asked=None, otherwise=Level.WEB), Lines()).run(Extract())
    finally:
        export.source.close()
    assert fits(texts, await kept(store))
    assert ((await store.ledger.audit()).drift, await store.ledger.unsettled(1)) == (0, [])
