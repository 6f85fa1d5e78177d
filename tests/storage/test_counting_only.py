"""Where only numbers are kept, nothing that people set in words is."""

from bot.models import Channel, Level, Platform, Space, Stored
from storage import SqlStore
from tests.makers import a_channel, a_discussion, a_moment, an_author

DISCORD = Channel(Space(Platform.DISCORD, "1"), "2")


async def test_lowering_to_counts_deletes_the_words_that_people_set(store: SqlStore) -> None:
    await store.ledger.record([a_channel(DISCORD), *a_discussion(2, DISCORD)])
    by = an_author("Bo").member
    await store.desk.set_words(1, "Rain plans", "We pack the pegs.", by, a_moment(9))
    await store.desk.set_stored(1, Stored.CONCLUDED, by, a_moment(9), "Packed.")
    await store.places.set_level(DISCORD, Level.COUNT, 0)
    found = await store.forum.discussion(1)
    assert found is not None
    assert (found.title, found.summary, found.outcome, found.stored) == ("", "", "", Stored.CONCLUDED)


async def test_what_people_set_in_words_is_not_kept_where_only_numbers_are(store: SqlStore) -> None:
    await store.ledger.record([a_channel(DISCORD), *a_discussion(2, DISCORD)])
    await store.places.set_level(DISCORD, Level.COUNT, 0)
    by = an_author("Bo").member
    await store.desk.set_words(1, "Rain plans", "We pack the pegs.", by, a_moment(9))
    assert await store.desk.set_stored(1, Stored.CONCLUDED, by, a_moment(9), "Packed.")
    await store.places.set_level(DISCORD, Level.WEB, 0)
    found = await store.forum.discussion(1)
    assert found is not None
    assert (found.title, found.summary, found.outcome, found.stored) == ("", "", "", Stored.CONCLUDED)
