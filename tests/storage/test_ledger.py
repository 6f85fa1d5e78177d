"""The ledger: what events make of the tables."""

from sqlalchemy import Connection

from bot.models import (
    Channel,
    Event,
    Kind,
    MessageRef,
    Origin,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
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
    deleted,
    seen,
)


async def rows(store: SqlStore) -> list[dict[str, str | int | None]]:
    return list(await store.ledger.audit_rows())


async def the_one(store: SqlStore) -> dict[str, str | int | None]:
    found = await rows(store)
    assert len(found) == 1
    assert (await store.ledger.audit()).drift == 0
    return found[0]


async def test_an_opening_post_and_eight_replies_are_nine_messages(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(8))
    row = await the_one(store)
    assert (row["count"], row["participants"], row["highlights"]) == (9, 8, 0)
    assert row["last_activity"] == a_moment(8).isoformat()


async def test_a_lone_message_is_no_discussion(store: SqlStore) -> None:
    await store.ledger.record([seen(a_message())])
    assert await rows(store) == []
    assert (await store.ledger.audit()).messages == 1


async def test_the_opening_post_joins_a_discussion_that_its_reply_began(store: SqlStore) -> None:
    opening, reply = a_discussion(1)
    await store.ledger.record([opening])
    await store.ledger.record([reply])
    assert (await the_one(store))["count"] == 2


async def test_a_reply_before_its_opening_post_waits_for_it(store: SqlStore) -> None:
    opening, reply = a_discussion(1)
    await store.ledger.record([reply])
    assert (await the_one(store))["count"] == 1
    await store.ledger.record([opening])
    row = await the_one(store)
    assert (row["count"], row["participants"]) == (2, 2)


async def test_repeating_everything_changes_nothing(store: SqlStore) -> None:
    events: list[Event] = [*a_discussion(8), a_vote(3)]
    await store.ledger.record(events)
    before = await the_one(store)
    for event in events:
        await store.ledger.record([event, event])
    assert await the_one(store) == before


async def test_a_deleted_reply_leaves_the_count_and_activity_moves_back(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(8))
    await store.ledger.record([deleted(8)])
    row = await the_one(store)
    assert (row["count"], row["last_activity"]) == (8, a_moment(7).isoformat())


async def test_a_deletion_overtakes_its_message(store: SqlStore) -> None:
    opening, *replies = a_discussion(3)
    await store.ledger.record([opening, deleted(2), *replies])
    assert (await the_one(store))["count"] == 3


async def test_deleting_everything_leaves_the_opener_as_participant(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    await store.ledger.record([deleted(0), deleted(1)])
    row = await the_one(store)
    assert (row["count"], row["participants"], row["last_activity"]) == (0, 1, a_moment(0).isoformat())


async def test_system_messages_are_not_kept_and_bots_do_not_count(store: SqlStore) -> None:
    events = [
        *a_discussion(2),
        seen(a_message(5, thread=0, kind=Kind.SYSTEM)),
        seen(a_message(6, thread=0, kind=Kind.BOT)),
    ]
    await store.ledger.record(events)
    assert (await the_one(store))["count"] == 3
    assert (await store.ledger.audit()).messages == 4


async def test_a_star_makes_a_highlight_and_its_end_unmakes_it(store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, "Cem"), a_vote(1, "Ada")])
    assert (await the_one(store))["highlights"] == 1
    await store.ledger.record([a_vote(1, "Cem", at=301, active=False)])
    assert (await the_one(store))["highlights"] == 1
    await store.ledger.record([a_vote(1, "Ada", at=301, active=False)])
    assert (await the_one(store))["highlights"] == 0


async def test_a_vote_may_come_before_its_message(store: SqlStore) -> None:
    await store.ledger.record([a_vote(1, "Ada")])
    await store.ledger.record(a_discussion(2))
    assert (await the_one(store))["highlights"] == 1


async def test_own_votes_do_not_count_unless_switched_on(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(2), a_vote(0, "Ada")])
    assert (await the_one(store))["highlights"] == 0
    await store.places.set_space(SPACE, own_highlights=True)
    await store.ledger.record([a_vote(0, "Ada", at=302)])
    assert (await the_one(store))["highlights"] == 1


async def test_undo_withdraws_every_way_and_a_reading_does_not_bring_it_back(store: SqlStore) -> None:
    ref, voter = MessageRef(HELP, an_id(1)), an_author("Ada")
    await store.ledger.record([*a_discussion(2), a_vote(1, "Ada"), a_vote(1, "Ada", source=VoteSource.COMMAND)])
    await store.ledger.record([VotesWithdrawn(ref=ref, voter=voter.member, at=a_moment(310))])
    assert (await the_one(store))["highlights"] == 0
    reading = VotesRead(ref=ref, source=VoteSource.REACTION, voters=(voter,), at=a_moment(320))
    await store.ledger.record([reading])
    assert (await the_one(store))["highlights"] == 0
    await store.ledger.record([a_vote(1, "Ada", at=330, active=False), a_vote(1, "Ada", at=331)])
    assert (await the_one(store))["highlights"] == 1


async def test_a_reading_ends_the_votes_that_it_does_not_list(store: SqlStore) -> None:
    ref = MessageRef(HELP, an_id(1))
    await store.ledger.record([*a_discussion(2), a_vote(1, "Ada"), a_vote(1, "Dina")])
    await store.ledger.record([VotesRead(ref=ref, source=VoteSource.REACTION, voters=(), at=a_moment(320))])
    assert (await the_one(store))["highlights"] == 0
    await store.ledger.record([a_vote(1, "Eve", at=310)])
    assert (await the_one(store))["highlights"] == 0


async def test_a_thread_that_was_asked_for_is_a_discussion_without_replies(store: SqlStore) -> None:
    await store.ledger.record([seen(a_message())])
    await store.ledger.record([ThreadSeen(thread=Thread(HELP, an_id()), at=a_moment(1))])
    assert (await the_one(store))["count"] == 1


async def test_a_thread_that_went_is_told(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(1))
    before = await store.ledger.last_seq()
    await store.ledger.record([ThreadGone(thread=Thread(HELP, an_id()), at=a_moment(9))])
    assert await store.ledger.wait(before, 0.1)


async def test_the_same_id_in_two_channels_is_two_messages(store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(1), *a_discussion(1, channel=Channel(SPACE, "other"))])
    assert [row["count"] for row in await rows(store)] == [2, 2]


async def test_an_import_is_stored_like_anything_else(store: SqlStore) -> None:
    await store.ledger.record([seen(a_message(), Origin.IMPORT), seen(a_message(1, thread=0), Origin.IMPORT)])
    assert (await the_one(store))["count"] == 2


async def test_bots_count_where_a_moderator_says_so_and_everything_is_counted_anew(store: SqlStore) -> None:
    bot = [seen(a_message(5, thread=0, kind=Kind.BOT, author="Relay")), seen(a_message(6, thread=0, kind=Kind.BOT))]
    await store.ledger.record([a_space(), a_channel(), *a_discussion(2), *bot])
    await store.places.set_bots(HELP, True, [])
    row = await the_one(store)
    assert (row["count"], row["participants"], row["last_activity"]) == (5, 4, a_moment(6).isoformat())
    await store.places.set_bots(HELP, False, ["relay"])
    assert (await the_one(store))["count"] == 4
    await store.places.set_bots(HELP, False, [])
    assert (await the_one(store))["count"] == 3


async def test_the_audit_finds_a_planted_drift(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))

    def spoil(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE discussion SET count = count + 1")
        connection.exec_driver_sql("UPDATE participation SET n = n + 1")
        connection.exec_driver_sql("UPDATE activity SET n = n - 1")

    await store.database.write(spoil)
    assert (await store.ledger.audit()).drift == 1 + 3 + 3
