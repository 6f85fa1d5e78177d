"""Exporting: what readers may see as lines of JSON and pages of Markdown; with --everything the operator's own copy."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli.exporting import Exporting
from bot.errors import FolkmootError
from bot.models import Channel, Thread, ThreadSeen
from bot.ports import Store
from bot.settling import settle_all
from bot.summaries import Extract
from tests.makers import (
    HELP,
    NOON,
    SPACE,
    a_channel,
    a_message,
    a_moment,
    a_space,
    a_vote,
    an_author,
    an_id,
    deleted,
    seen,
)

SECRET = Channel(SPACE, "moderators")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def words_in(folder: Path) -> str:
    """Everything that an export says."""
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())


async def talk(store: Store) -> None:
    """A discussion in help with a star, a lone message, and a talk between moderators."""
    await store.ledger.record(
        [
            a_space(),
            a_channel(),
            a_channel(SECRET, private=True),
            seen(a_message(0, "Which <u>tent holds out in a *storm*?")),
            seen(a_message(1, "The # green one.", thread=0, author="Bo")),
            seen(a_message(2, "The red one.", thread=0, author="Cem")),
            seen(a_message(3, "Words to take back.", thread=0, author="Dina")),
            seen(a_message(9, "Good morning.", author="Eve")),
            a_vote(1, "Ada"),
            deleted(3),
            seen(a_message(20, "Whom do we warn?", channel=SECRET)),
            seen(a_message(21, "Nobody yet.", thread=20, author="Bo", channel=SECRET)),
        ]
    )
    await settle_all(store, Extract())


async def export(store: Store, folder: Path, community: str = "", *, everything: bool = False) -> tuple[int, int]:
    return await Exporting(store, folder, "http://127.0.0.1:8080", everything=everything).run(community)


async def test_discussions_and_messages_are_lines_of_json(store: Store, tmp_path: Path) -> None:
    await talk(store)
    assert await export(store, tmp_path) == (1, 4)
    (discussion,) = lines(tmp_path / "discussions.jsonl")
    assert (discussion["title"], discussion["messages"], discussion["participants"], discussion["highlights"]) == (
        "Which <u>tent holds out in a storm?", 3, 3, 1,
    )  # fmt: skip
    said = lines(tmp_path / "messages.jsonl")
    assert [(each["author"], each["votes"]) for each in said] == [("Ada", 0), ("Bo", 1), ("Cem", 0), ("Eve", 0)]
    assert [each["discussion"] for each in said] == [discussion["id"]] * 3 + [None]


async def test_a_discussion_is_a_page_of_markdown_in_which_words_stay_words(store: Store, tmp_path: Path) -> None:
    await talk(store)
    await export(store, tmp_path)
    (page,) = (tmp_path / "discussions").glob("*.md")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Which &lt;u&gt;tent holds out in a storm?\n")
    assert "Which &lt;u&gt;tent holds out in a *storm*?" in text
    assert "The \\# green one." in text
    assert "**Bo** · [2026-08-03 12:01 UTC](<http://127.0.0.1:8080/local/help/" in text
    assert " · ⭐ 1" in text
    assert "💬 3 msgs · ⭐ 1 highlight" in text


async def test_private_places_are_left_out_unless_the_operator_wants_everything(store: Store, tmp_path: Path) -> None:
    await talk(store)
    await export(store, tmp_path / "readers")
    assert "warn" not in (tmp_path / "readers" / "messages.jsonl").read_text()
    assert await export(store, tmp_path / "own", everything=True) == (2, 6)
    assert "Whom do we warn?" in (tmp_path / "own" / "messages.jsonl").read_text()


async def test_private_threads_are_left_out_too(store: Store, tmp_path: Path) -> None:
    await talk(store)
    hidden = ThreadSeen(thread=Thread(HELP, an_id(0)), at=a_moment(60), private=True)
    await store.ledger.record([hidden])
    assert (await export(store, tmp_path))[0] == 0


async def test_words_of_who_opted_out_are_withheld_and_only_the_operators_copy_has_them(
    store: Store, tmp_path: Path
) -> None:
    await talk(store)
    await store.people.opt_out(an_author("Bo").member, True, NOON)
    await export(store, tmp_path / "readers")
    said = {each["id"]: each for each in lines(tmp_path / "readers" / "messages.jsonl")}
    assert (said[an_id(1)]["text"], said[an_id(1)]["author"], said[an_id(1)]["withheld"]) == (None, None, "opted_out")
    assert "green" not in words_in(tmp_path / "readers")
    await export(store, tmp_path / "own", everything=True)
    said = {each["id"]: each for each in lines(tmp_path / "own" / "messages.jsonl")}
    assert said[an_id(1)]["text"] == "The # green one."


async def test_deleted_words_are_gone_from_every_export(store: Store, tmp_path: Path) -> None:
    await talk(store)
    await export(store, tmp_path / "own", everything=True)
    assert "take back" not in words_in(tmp_path / "own")


async def test_pages_of_an_earlier_export_do_not_stay(store: Store, tmp_path: Path) -> None:
    await talk(store)
    await export(store, tmp_path, everything=True)
    await export(store, tmp_path)
    assert len(list((tmp_path / "discussions").glob("*.md"))) == 1


async def test_one_community_can_be_named_by_a_space_of_it(store: Store, tmp_path: Path) -> None:
    await talk(store)
    assert await export(store, tmp_path, "the local room") == (1, 4)
    with pytest.raises(FolkmootError, match="no community with a space called 'Mars'; the spaces are: The local room"):
        await export(store, tmp_path, "Mars")
