"""Words that are deleted leave the file as well, not only what it shows."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.models import Level, MemberRef
from storage import SqlStore, open_store
from storage.database import path_of
from tests.makers import HELP, SPACE, a_channel, a_discussion, a_message, a_moment, a_space, seen

WORD = "xylophones"


async def erase(store: SqlStore) -> None:
    await store.people.erase(MemberRef(SPACE, "bo"), a_moment(60))


async def outlive(store: SqlStore) -> None:
    await store.places.set_space(SPACE, retention_days=1)
    while await store.keeping.forget(a_moment() + timedelta(days=9)):
        pass


async def lower(store: SqlStore) -> None:
    await store.places.set_level(HELP, Level.COUNT, 0)


@pytest.mark.parametrize("go", [erase, outlive, lower])
async def test_words_that_go_leave_no_trace_in_the_file(
    sqlite_url: str, go: Callable[[SqlStore], Awaitable[None]]
) -> None:
    file = path_of(sqlite_url)
    store = open_store(sqlite_url)
    said = [seen(a_message(20 + n, f"Who plays {WORD} {n}?", thread=0, author="Bo")) for n in range(40)]
    await store.ledger.record([a_space(hosted=False), a_channel(), *a_discussion(), *said])
    await indexed(store)
    assert WORD.encode() in at_rest(file)
    await go(store)
    await indexed(store)
    await store.close()
    assert WORD.encode() not in at_rest(file)


async def indexed(store: SqlStore) -> None:
    while await store.ledger.index_text():
        pass


def at_rest(file: Path) -> bytes:
    """All that is on the disk."""
    return b"".join(each.read_bytes() for each in file.parent.glob(file.name + "*"))
