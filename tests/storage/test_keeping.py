"""Words go when their time is over; counts stay, and nothing brings the words back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.models import Card, ChannelGone, MessageRef, PostKind, PostState, Scope, SpaceGone, Stored, Thread, ThreadSeen
from storage import SqlStore
from tests.makers import (
    HELP,
    SPACE,
    a_channel,
    a_discussion,
    a_message,
    a_moment,
    a_space,
    a_vote,
    an_author,
    an_id,
    seen,
)

DAY = timedelta(days=1)
TALK = Thread(HELP, an_id())


@pytest.fixture
async def talk(store: SqlStore) -> SqlStore:
    """A discussion of nine messages on the first day, one of them highlighted with words of its own."""
    await store.ledger.record([a_space(), a_channel(), *a_discussion(), a_vote(1)])
    await store.ledger.index_text()
    return store


async def texts(store: SqlStore) -> list[str | None]:
    rows = await store.database.read(
        lambda c: c.exec_driver_sql("SELECT text FROM message ORDER BY position").fetchall()
    )
    return [row[0] for row in rows]


async def forgotten(store: SqlStore, days: int, most: int = 500) -> int:
    """Delete all that is over after so many days; in how many parts."""
    parts = 0
    while await store.keeping.forget(a_moment() + days * DAY, most):
        parts += 1
        assert parts < 50
    return parts


async def test_words_are_kept_for_good_where_nobody_decided_otherwise(talk: SqlStore) -> None:
    assert await forgotten(talk, 10_000) == 0
    assert None not in await texts(talk)


async def test_words_go_after_their_time_and_counts_stay(talk: SqlStore) -> None:
    await talk.places.set_space(SPACE, retention_days=30)
    late = seen(a_message(20 * 24 * 60, "Still here?", thread=0, author="Bo"))
    await talk.ledger.record([late])
    await forgotten(talk, 30)
    assert None not in await texts(talk)
    assert await forgotten(talk, 31, most=4) == 4  # nine messages, and a look that finds no more
    assert await texts(talk) == [None] * 9 + ["Still here?"]
    found = await talk.forum.discussion_of(TALK)
    assert found is not None
    assert (found.count, found.highlights) == (10, 1)
    assert (await talk.ledger.audit()).drift == 0
    await talk.ledger.index_text()
    channel = await talk.places.channel(HELP)
    assert channel is not None
    scope = Scope(channels=frozenset({channel.key}), web=False)
    assert await talk.forum.search(scope, "tents") == []
    assert await forgotten(talk, 31) == 0


async def test_what_people_called_it_goes_when_all_of_it_is_too_old(talk: SqlStore) -> None:
    found = await talk.forum.discussion_of(TALK)
    assert found is not None
    assert found.opener is not None
    await talk.desk.set_words(found.id, title="Tents", summary="Canvas.", by=found.opener, at=a_moment(60))
    await talk.places.set_space(SPACE, retention_days=30)
    await forgotten(talk, 31)
    fresh = await talk.forum.discussion_of(TALK)
    assert fresh is not None
    assert (fresh.title, fresh.summary) == ("", "")


async def test_what_is_read_again_from_that_time_brings_no_words_back(talk: SqlStore) -> None:
    await talk.places.set_space(SPACE, retention_days=30)
    await forgotten(talk, 31)
    await talk.ledger.record([*a_discussion(), seen(a_message(1, "Edited.", thread=0, author="Bo", edited=99))])
    assert await texts(talk) == [None] * 9


async def test_our_posts_that_show_such_words_are_marked(talk: SqlStore) -> None:
    post = await talk.outbox.plan(PostKind.CARD, "card:1", TALK, a_moment(60))
    assert post is not None
    [claimed] = await talk.outbox.claim("me", a_moment(60), 60)
    assert await talk.outbox.freeze(claimed.id, "me", Card(title="Tents"), [MessageRef(HELP, an_id(1))])
    await talk.outbox.sent(claimed.id, "me", MessageRef(HELP, an_id(61)), None)
    await talk.places.set_space(SPACE, retention_days=30)
    await forgotten(talk, 31)
    [again] = await talk.outbox.claim("me", a_moment() + 31 * DAY, 60)
    assert (again.id, again.state) == (post, PostState.LIVE)


@pytest.mark.parametrize("space", [True, False], ids=["space", "channel"])
async def test_what_was_closed_to_us_is_deleted_after_thirty_days(talk: SqlStore, *, space: bool) -> None:
    at = a_moment(60)
    await talk.ledger.record([SpaceGone(space=SPACE, at=at) if space else ChannelGone(channel=HELP, at=at)])
    assert await forgotten(talk, 30) == 0
    assert None not in await texts(talk)
    await forgotten(talk, 32)
    assert await texts(talk) == [None] * 9
    names = await talk.people.names(SPACE, ["ada", "bo"])
    assert set(names.values()) == ({""} if space else {"Ada", "Bo"})
    again = replace(a_space() if space else a_channel(), at=a_moment(39 * 24 * 60))
    await talk.ledger.record([again, seen(a_message(40 * 24 * 60, "Back again."))])
    assert (await texts(talk))[-1] == "Back again."
    assert await forgotten(talk, 40) == 0


async def test_the_name_of_a_thread_whose_words_are_over_does_not_return(talk: SqlStore) -> None:
    await talk.places.set_space(SPACE, retention_days=30)
    other = Thread(HELP, an_id(40 * 24 * 60))

    async def told(thread: Thread, days: int) -> str:
        at = a_moment() + days * DAY
        await talk.ledger.record([ThreadSeen(thread=thread, at=at, name=f"Storm {days}", archived=bool(days % 2))])
        found = await talk.forum.discussion_of(thread)
        assert found is not None
        return found.title

    assert await told(TALK, 1) == "Storm 1"
    await forgotten(talk, 40)
    assert [await told(TALK, days) for days in (41, 42)] == ["", ""]
    assert await told(other, 43) == "Storm 43"
    await talk.ledger.record([seen(a_message(44 * 24 * 60, "Still here?", thread=0, author="Bo"))])
    assert await told(TALK, 45) == "Storm 45"  # people talk in it, under its name


async def test_what_people_call_it_when_its_words_are_over_goes_in_its_turn(talk: SqlStore) -> None:
    await talk.places.set_space(SPACE, retention_days=30)
    await forgotten(talk, 31)

    async def told() -> tuple[str, str, str]:
        found = await talk.forum.discussion_of(TALK)
        assert found is not None
        return found.title, found.summary, found.outcome

    by = an_author("Bo").member
    await talk.desk.set_words(1, "Tents", "Canvas.", by, a_moment() + 40 * DAY)
    await talk.desk.set_stored(1, Stored.CONCLUDED, by, a_moment() + 45 * DAY, "Two poles.")
    await forgotten(talk, 70)
    assert await told() == ("Tents", "Canvas.", "Two poles.")
    await forgotten(talk, 72)
    assert await told() == ("", "", "Two poles.")
    await forgotten(talk, 77)
    assert await told() == ("", "", "")
