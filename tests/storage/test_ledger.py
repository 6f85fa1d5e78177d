"""The ledger: what events make of the tables."""

from sqlalchemy import Connection

from bot.models import (
    Channel,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    Kind,
    Level,
    MessageRef,
    Origin,
    Platform,
    Space,
    SpaceGone,
    SpaceInfo,
    SpaceSeen,
    Thread,
    ThreadGone,
    ThreadSeen,
    VoteSource,
    VotesRead,
    VotesWithdrawn,
)
from storage import SqlStore
from storage.changes import GONE
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

DISCORD = Channel(Space(Platform.DISCORD, "1"), "2")


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


async def test_participants_are_counted_whoever_comes_and_goes(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))
    steps: list[tuple[list[Event], int]] = [
        ([deleted(0)], 3),  # Ada still opened it
        ([seen(a_message(5, thread=0))], 3),  # and is one, not two, when she writes again
        ([seen(a_message(6, thread=0, author="Gus"))], 4),
        ([seen(a_message(7, thread=0, author="Gus")), seen(a_message(8, thread=0, author="Hal"))], 5),
        ([deleted(8), deleted(5)], 4),
        ([deleted(6), seen(a_message(9, thread=0, author="Eve"))], 5),
        ([deleted(7), seen(a_message(10, thread=0, author="Finn"))], 5),  # one goes, one comes
    ]
    for events, participants in steps:
        await store.ledger.record(events)
        assert (await the_one(store))["participants"] == participants


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
    assert (await the_one(store))["highlights"] == 1
    await store.places.set_space(SPACE, own_highlights=False)
    assert (await the_one(store))["highlights"] == 0


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
        for counter in ("count", "replies_ever", "participants", "highlights", "last_at"):
            connection.exec_driver_sql(f"UPDATE discussion SET {counter} = {counter} + 1")
        connection.exec_driver_sql("UPDATE participation SET n = n + 1")
        connection.exec_driver_sql("UPDATE activity SET n = n - 1")

    await store.database.write(spoil)
    assert (await store.ledger.audit()).drift == 5 + 3 + 3


async def test_the_audit_finds_votes_that_a_message_does_not_have(store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, "Gus")])
    await store.database.write(lambda c: c.exec_driver_sql("UPDATE message SET votes = 2 WHERE votes = 1").close())
    assert (await store.ledger.audit()).drift == 1


async def test_the_vote_of_someone_who_turns_out_to_be_a_bot_goes(store: SqlStore) -> None:
    await store.ledger.record([*a_discussion(2), a_vote(1, "Robo")])
    assert (await the_one(store))["highlights"] == 1
    await store.ledger.record([seen(a_message(400, author="Robo", kind=Kind.BOT))])
    assert (await the_one(store))["highlights"] == 0


async def test_a_bot_opens_no_thread_whose_first_message_is_unknown(store: SqlStore) -> None:
    bot = seen(a_message(1, thread=0, author="Robo", kind=Kind.BOT, channel=DISCORD))
    await store.ledger.record([bot, seen(a_message(2, thread=0, author="Bo", channel=DISCORD))])
    assert await opener(store) == ("bo", 1)
    await store.places.set_bots(DISCORD, True, [])
    assert await opener(store) == ("robo", 2)
    await store.places.set_bots(DISCORD, False, [])
    assert await opener(store) == ("bo", 1)
    assert (await store.ledger.audit()).drift == 0


async def opener(store: SqlStore) -> tuple[str, int]:
    query = "SELECT m.uid, d.participants FROM discussion d JOIN member m ON m.id = d.opener_id"
    [row] = await store.database.read(lambda connection: list(connection.exec_driver_sql(query)))
    return row[0], row[1]


async def test_nothing_of_a_channel_that_only_counts_is_kept_in_words(store: SqlStore) -> None:
    await store.ledger.record([a_channel(DISCORD), *a_discussion(2, DISCORD)])
    await store.places.set_level(DISCORD, Level.COUNT, 0)
    await store.ledger.record([seen(a_message(5, "Said later", thread=0, channel=DISCORD)), *a_discussion(2, DISCORD)])
    query = "SELECT count(*) FROM message WHERE text IS NOT NULL"
    assert await store.database.read(lambda c: c.exec_driver_sql(query).scalar()) == 0
    assert (await the_one(store))["count"] == 4


async def test_words_of_a_room_that_lives_here_stay_whatever_its_level(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(1)])
    await store.places.set_level(HELP, Level.COUNT, 0)
    await store.ledger.record([seen(a_message(5, thread=0))])
    query = "SELECT count(*) FROM message WHERE text IS NOT NULL"
    assert await store.database.read(lambda c: c.exec_driver_sql(query).scalar()) == 3


async def test_what_somebody_erased_does_not_come_back_with_the_history(store: SqlStore) -> None:
    events: list[Event] = [*a_discussion(2), a_vote(1, "Gus"), a_vote(1, "Hal")]
    await store.ledger.record(events)
    await store.people.erase(an_author("Gus").member, a_moment(500))
    await store.people.erase(an_author("Cem").member, a_moment(500))
    await store.ledger.record(events)
    query = "SELECT a.name, m.text FROM message m JOIN member a ON a.id = m.author_id WHERE a.uid = 'cem'"
    assert await store.database.read(lambda c: [tuple(row) for row in c.exec_driver_sql(query)]) == [("", None)]
    query = "SELECT votes FROM message WHERE votes > 0"
    assert await store.database.read(lambda c: [row[0] for row in c.exec_driver_sql(query)]) == [1]
    assert (await the_one(store))["count"] == 3


async def test_an_edited_or_deleted_message_makes_the_posts_that_carry_it_dirty(store: SqlStore) -> None:
    await store.ledger.record(a_discussion(2))

    def plan(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO own_post (kind, subject, channel_id, marker, state, attempts, planned_at, unread, not_before,"
            " owner, leased_until, marks, claimed_marks, reason, told)"
            " VALUES ('card', 'card:1', 1, 'm', 'live', 0, 1, 0, 0, '', 0, 0, 0, '', FALSE)"
        )
        connection.exec_driver_sql(
            "INSERT INTO placement (channel_id, position, post_id) SELECT channel_id, position, 1 FROM message"
            f" WHERE position = {an_id(1)}"
        )

    async def marked() -> int:
        return await store.database.read(lambda c: int(c.exec_driver_sql("SELECT marks FROM own_post").scalar() or 0))

    await store.database.write(plan)
    await store.ledger.record([seen(a_message(2, "Another one edited", thread=0, author="Cem", edited=9))])
    assert await marked() == 0
    await store.ledger.record([seen(a_message(1, "Put better", thread=0, author="Bo", edited=9))])
    assert await marked() == GONE
    await store.ledger.record([deleted(1)])
    assert await marked() == 2 * GONE


async def test_names_that_no_database_can_hold_are_cleaned(store: SqlStore) -> None:
    bad = Channel(SPACE, "odd")
    info = ChannelInfo(channel=bad, name="od\x00d\ud800")
    await store.ledger.record([a_space(name="The\x00 room"), ChannelSeen(info=info, at=a_moment())])
    known = await store.places.channel(bad)
    assert known is not None
    assert known.info.name == "od\ufffdd\ufffd"
    assert known.space_name == "The\ufffd room"


async def removed(store: SqlStore) -> bool:
    known = await store.places.channel(DISCORD)
    assert known is not None
    return known.removed


async def test_a_channel_that_went_is_removed_until_it_is_seen_later(store: SqlStore) -> None:
    there = ChannelSeen(info=ChannelInfo(channel=DISCORD, name="help"), at=a_moment(1))
    await store.ledger.record([there])
    assert not await removed(store)
    await store.ledger.record([ChannelGone(channel=DISCORD, at=a_moment(2))])
    await store.ledger.record([there])
    assert await removed(store)
    await store.ledger.record([ChannelSeen(info=there.info, at=a_moment(3))])
    assert not await removed(store)


async def test_a_space_that_we_were_removed_from_takes_its_channels_along(store: SqlStore) -> None:
    home = SpaceInfo(space=DISCORD.space, name="Camp")
    await store.ledger.record([SpaceSeen(info=home, at=a_moment(1)), ChannelGone(channel=DISCORD, at=a_moment(0))])
    await store.ledger.record([ChannelSeen(info=ChannelInfo(channel=DISCORD, name="help"), at=a_moment(1))])
    await store.ledger.record([SpaceGone(space=DISCORD.space, at=a_moment(2))])
    space = await store.places.space(DISCORD.space)
    assert space is not None
    assert (space.removed_at, await removed(store)) == (a_moment(2), True)
    await store.ledger.record([SpaceSeen(info=home, at=a_moment(3))])
    assert not await removed(store)


async def test_what_happens_where_nobody_watches_is_not_kept_but_what_becomes_of_what_is_stored_is(
    store: SqlStore,
) -> None:
    await store.ledger.record([a_space(hosted=False), a_channel(), *a_discussion(2), deleted(1)])
    threads: list[Event] = [
        ThreadGone(thread=Thread(channel, an_id(n)), at=a_moment(9))
        for channel, n in ((HELP, 0), (HELP, 1), (Channel(SPACE, "nowhere"), 0))
    ]
    said: list[Event] = [seen(a_message(5)), a_vote(2, "Gus")]
    gone: list[Event] = [*(deleted(n) for n in range(4)), deleted(0, channel=Channel(SPACE, "nowhere"))]
    edits: list[Event] = [seen(a_message(n, "Never mind.", edited=8)) for n in (2, 5)]
    news = a_channel(private=True)
    assert await store.ledger.take([*said, *edits, *gone, *threads, news]) == [edits[0], *gone[:3], threads[0], news]
    assert await store.places.channel(Channel(SPACE, "nowhere")) is None
    await store.places.watch(HELP, True)
    assert await store.ledger.take([*said, gone[3]]) == [*said, gone[3]]
    await store.ledger.record([ChannelGone(channel=HELP, at=a_moment(20))])
    assert await store.ledger.take([*said, threads[1]]) == []
