"""Members and what they decided for themselves: their words are shown, hidden, or gone."""

import sqlite3

import psycopg

from bot.markup import Text
from bot.models import Card, Channel, MemberRef, MessageRef, PostKind, Question, Stored, Thread, ThreadSeen, Withheld
from storage import SqlStore
from storage.database import path_of
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
from tests.storage.test_desk import of, settled, talk

NOW = a_moment(60)
CEM = an_author("Cem").member  # wrote the first reply
SECRET = "marzipan"


async def test_what_is_known_of_a_member_is_counted_now(store: SqlStore) -> None:
    await talk(store, 8)
    await store.ledger.record([a_vote(2, "Cem"), a_vote(3, "Cem"), a_vote(3, "Cem", at=301, active=False), deleted(8)])
    await store.people.caught_up(CEM, NOW)
    member = await store.people.member(CEM)
    assert member is not None
    assert (member.name, member.messages, member.votes, member.caught_up_at) == ("Cem", 1, 1, NOW)
    assert await store.people.voted(CEM) == [MessageRef(HELP, an_id(2))]
    assert await store.people.member(MemberRef(SPACE, "nobody")) is None


async def test_the_last_act_is_the_newest_of_writing_voting_and_catching_up(store: SqlStore) -> None:
    await talk(store)
    assert await store.people.last_act(CEM) == a_moment(1)
    await store.ledger.record([a_vote(2, "Cem", at=30)])
    assert await store.people.last_act(CEM) == a_moment(30)
    await store.people.caught_up(CEM, NOW)
    assert await store.people.last_act(CEM) == NOW
    assert await store.people.last_act(MemberRef(SPACE, "nobody")) is None


async def test_who_opts_out_before_writing_stays_out(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    assert await store.people.opt_out(CEM, True, NOW)
    talked = await talk(store)
    mine = next(each for each in await store.forum.posts(talked) if each.author == CEM)
    assert (mine.text, mine.author_name, mine.withheld) == (None, None, Withheld.OPTED_OUT)


async def test_who_erases_before_anything_of_theirs_was_read_stays_erased(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    assert not await store.people.erase(CEM, NOW)
    talked = await talk(store)
    mine = next(each for each in await store.forum.posts(talked) if each.author == CEM)
    assert (mine.text, mine.author_name, mine.withheld) == (None, None, Withheld.ERASED)
    assert "Cem" not in str(await store.people.member(CEM))


async def test_opting_out_takes_what_was_made_of_the_words_at_once(store: SqlStore) -> None:
    talked, ref = await talk(store), MessageRef(HELP, an_id(1))
    other = Question(ref=MessageRef(HELP, an_id()), asker=an_author().member, text="Which tent?", waits=True)
    await store.ledger.settle(
        talked, title="Reply 1", summary="Tents.", waiting=[other], cites=[ref], seen=await store.ledger.last_seq()
    )
    await store.people.opt_out(CEM, True, NOW)
    found = await of(store, talked)
    assert (found.title, found.summary, found.waiting) == ("", "", 0)
    assert await store.forum.questions(talked) == []
    assert [each.id for each in await store.ledger.unsettled(10)] == [talked]


async def test_opting_out_and_in_marks_the_copies(store: SqlStore) -> None:
    await talk(store)
    post = await a_digest_that_quotes(store)
    for out in (True, False):
        await store.people.opt_out(CEM, out, NOW)
        assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [post]
        await store.outbox.sent(post, "me", MessageRef(HELP, an_id(61)), None)


async def a_digest_that_quotes(store: SqlStore) -> int:
    """A live post of ours with Cem's words in it."""
    post = await store.outbox.plan(PostKind.BOARD, "board:9", HELP, NOW)
    assert post is not None
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.freeze(post, "me", Card(body=(Text(f"Cem said {SECRET}"),)), [MessageRef(HELP, an_id(1))])
    await store.outbox.sent(post, "me", MessageRef(HELP, an_id(61)), None)
    return post


async def test_a_thread_named_by_who_opted_out_loses_its_name(store: SqlStore) -> None:
    talked = await talk(store)
    await store.ledger.record([ThreadSeen(thread=Thread(HELP, an_id()), at=NOW, name="Ada asks")])
    assert (await of(store, talked)).title == "Ada asks"
    await store.people.opt_out(an_author("Ada").member, True, NOW)
    found = await of(store, talked)
    assert (found.title, found.opener_name) == ("", None)


def everything_kept(store: SqlStore) -> str:
    """Every value of every table that Folkmoot made, as text."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_content'"
    if store.database.dialect == "sqlite":
        with sqlite3.connect(path_of(store.database.url)) as connection:
            names = [row[0] for row in connection.execute(tables)]
            return repr([connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names])
    with psycopg.connect(store.database.url) as server:
        names = [
            row[0] for row in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        ]
        return repr([server.execute(f'SELECT * FROM "{name}"').fetchall() for name in names])


async def test_an_erasure_leaves_no_word_and_no_name_anywhere(store: SqlStore) -> None:
    talked = await talk(store)
    words = f"I say {SECRET}, is that {SECRET}?"
    await store.ledger.record([seen(a_message(9, words, thread=0, author="Cem Marzipan Yilmaz"))])
    cem = an_author("Cem Marzipan Yilmaz").member
    question = Question(ref=MessageRef(HELP, an_id(9)), asker=cem, text=words, waits=True)
    await settled(store, talked, question)
    await store.desk.set_words(talked, f"About {SECRET}", f"On {SECRET}", cem, NOW)
    await store.desk.set_stored(talked, Stored.CONCLUDED, cem, NOW, f"{SECRET} it is")
    post = await store.outbox.plan(PostKind.BOARD, "board:9", HELP, NOW)
    assert post is not None
    await store.outbox.claim("me", NOW, 60)
    await store.outbox.freeze(post, "me", Card(body=(Text(words),)), [MessageRef(HELP, an_id(9))])
    await store.desk.set_note(MessageRef(HELP, an_id(2)), cem, f"I noted {SECRET}", NOW)
    await store.desk.set_note(MessageRef(HELP, an_id(9)), an_author("Eve").member, f"{SECRET}, how true", NOW)
    await store.ledger.index_text()
    assert SECRET in everything_kept(store).lower()
    assert await store.people.erase(cem, NOW)
    while await store.ledger.index_text():
        pass
    assert SECRET not in everything_kept(store).lower().replace(cem.id, "")
    assert (await store.ledger.audit()).drift == 0


async def test_the_name_of_a_thread_is_not_kept_that_was_read_before_its_erased_opener(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    await store.people.erase(an_author("Ada").member, NOW)
    thread = ThreadSeen(thread=Thread(HELP, an_id()), at=NOW, name=f"On {SECRET}")
    await store.ledger.record([thread])
    await talk(store)
    assert SECRET not in everything_kept(store)
    await store.ledger.record([thread])
    assert SECRET not in everything_kept(store)


async def test_an_erasure_takes_the_name_in_the_room_and_lets_the_person_go_on(store: SqlStore) -> None:
    member = await store.room.take_name(f"Cem {SECRET}", NOW, 60)
    assert member is not None
    assert SECRET in everything_kept(store).lower()
    assert await store.people.erase(member, NOW)
    assert SECRET not in everything_kept(store).lower()
    assert await store.room.hold_name(member, NOW, 60)
    assert await store.room.take_name(f"Cem {SECRET}", NOW, 60) not in {None, member}


async def test_what_is_written_after_an_erasure_shows_once_they_opt_in_again(store: SqlStore) -> None:
    talked = await talk(store)
    await store.people.erase(CEM, NOW)
    await store.ledger.record([seen(a_message(70, "Here again.", thread=0, author="Cem"))])
    assert [each.text for each in await store.forum.posts(talked) if each.author == CEM] == [None, None]
    await store.people.opt_out(CEM, False, a_moment(71))
    await store.ledger.record([seen(a_message(72, "And now seen.", thread=0, author="Cem"))])
    mine = [each for each in await store.forum.posts(talked) if each.author == CEM]
    assert [(each.text, each.author_name) for each in mine] == [
        (None, None),
        ("Here again.", "Cem"),
        ("And now seen.", "Cem"),
    ]


async def test_an_erasure_corrects_highlights_and_survives_reading_again(store: SqlStore) -> None:
    talked = await talk(store)
    events = [a_vote(2, "Cem", at=10), a_vote(3, "Cem", at=10), a_vote(3, "Ada", at=11)]
    await store.ledger.record(events)
    assert (await of(store, talked)).highlights == 2
    await store.people.erase(CEM, NOW)
    assert (await of(store, talked)).highlights == 1
    await store.ledger.record([*events, *a_discussion(4)])
    found = await of(store, talked)
    assert (found.highlights, found.count) == (1, 5)
    assert [each.text for each in await store.forum.posts(talked) if each.author == CEM] == [None]
    assert (await store.ledger.audit()).drift == 0


async def test_the_own_export_has_every_live_message_once_over_all_channels(store: SqlStore) -> None:
    other = Channel(SPACE, "random")
    both = [
        seen(a_message(n, f"{where.id} {n}", channel=where, author="Cem"))
        for n in range(260)
        for where in (HELP, other)
    ]
    await store.ledger.record([a_space(), a_channel(), a_channel(other), *both, deleted(7)])
    await store.people.opt_out(CEM, True, NOW)
    found = [each async for each in store.people.everything(CEM)]
    assert [each.sent_at for each in found] == sorted(each.sent_at for each in found)
    assert sorted(each.text or "" for each in found) == sorted(
        f"{where.id} {n}" for n in range(260) for where in (HELP, other) if (where, n) != (HELP, 7)
    )


async def test_meeting_somebody_names_them_once(store: SqlStore) -> None:
    await store.ledger.record([a_space()])
    await store.people.caught_up(CEM, NOW)
    await store.people.meet(an_author("Cem"), NOW)
    await store.people.meet(an_author("cem"), a_moment(90))
    member = await store.people.member(CEM)
    assert member is not None
    assert (member.name, member.caught_up_at) == ("Cem", NOW)


async def test_notes_are_deleted_with_their_message(store: SqlStore) -> None:
    await talk(store)
    ref = MessageRef(HELP, an_id(1))
    await store.ledger.record([a_vote(1, "Eve"), a_vote(2, "Eve")])
    eve = an_author("Eve").member
    assert await store.desk.set_note(ref, eve, "So true", NOW)
    assert await store.desk.set_note(MessageRef(HELP, an_id(2)), eve, "This too", NOW)
    assert [note.text for note in await store.forum.notes(ref)] == ["So true"]
    await store.ledger.record([deleted(1)])
    assert await store.forum.notes(ref) == []
    assert [note.text for note in await store.people.notes(eve)] == ["This too"]
    assert not await store.desk.set_note(ref, eve, "Too late", NOW)
    assert not await store.desk.set_note(MessageRef(HELP, "404"), eve, "", NOW)
    assert not await store.desk.set_note(ref, eve, "", NOW)
