"""What openers, authors and moderators decide, and what becomes of the copies."""

from datetime import timedelta

import pytest

from bot.models import Card, Discussion, MemberRef, MessageRef, PostKind, Question, Stored, Thread
from bot.ports import Changed
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

NOW = a_moment(60)
ADA = an_author("Ada").member
STRANGER = MemberRef(SPACE, "a-moderator-who-never-wrote")


async def talk(store: SqlStore, replies: int = 4, start: float = 0) -> int:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(replies, start=start)])
    found = await store.forum.discussion_of(Thread(HELP, an_id(start)))
    assert found is not None
    return found.id


async def of(store: SqlStore, discussion: int) -> Discussion:
    found = await store.forum.discussion(discussion)
    assert found is not None
    return found


async def settled(store: SqlStore, discussion: int, *waiting: Question) -> None:
    await store.ledger.settle(
        discussion, title="Tents", summary="Which one?", waiting=waiting, cites=[], seen=await store.ledger.last_seq()
    )
    assert await store.ledger.unsettled(10) == []


async def a_live_card(store: SqlStore, discussion: int) -> int:
    post = await store.outbox.plan(PostKind.CARD, f"card:{discussion}", Thread(HELP, an_id()), NOW)
    assert post is not None
    await store.outbox.claim("me", NOW, 60)
    assert await store.outbox.freeze(post, "me", Card(title="Tents"), [])
    await store.outbox.sent(post, "me", MessageRef(HELP, an_id(61)), None)
    return post


async def test_concluding_keeps_who_when_and_why(store: SqlStore) -> None:
    talked = await talk(store)
    await settled(store, talked)
    assert await store.desk.set_stored(talked, Stored.CONCLUDED, ADA, NOW, "The tunnel\x00 tent.")
    found = await of(store, talked)
    assert (found.stored, found.state_by, found.state_at) == (Stored.CONCLUDED, "Ada", NOW)
    assert "\x00" not in found.outcome
    assert [each.id for each in await store.ledger.unsettled(10)] == [talked]


async def test_concluding_twice_replaces_the_outcome_and_keeps_the_moment(store: SqlStore) -> None:
    talked = await talk(store)
    await store.desk.set_stored(talked, Stored.CONCLUDED, ADA, NOW, "The tunnel tent.")
    later = NOW + timedelta(hours=1)
    assert not await store.desk.set_stored(talked, Stored.CONCLUDED, an_author("Cem").member, later, "The dome.")
    found = await of(store, talked)
    assert (found.outcome, found.state_at, found.state_by) == ("The dome.", NOW, "Cem")


async def test_replies_after_the_end_are_counted_as_replies_since(store: SqlStore) -> None:
    talked = await talk(store)
    await store.desk.set_stored(talked, Stored.CONCLUDED, ADA, NOW)
    await store.ledger.record([seen(a_message(70, "One more.", thread=0)), seen(a_message(71, "And me.", thread=0))])
    assert (await of(store, talked)).replies_since == 2
    assert await store.desk.set_stored(talked, Stored.OPEN, ADA, NOW)
    assert (await of(store, talked)).replies_since == 0


async def test_a_moderator_who_never_wrote_can_decide(store: SqlStore) -> None:
    talked = await talk(store)
    assert await store.desk.set_stored(talked, Stored.CONCLUDED, STRANGER, NOW)
    await store.desk.mark_answer(MessageRef(HELP, an_id()), MessageRef(HELP, an_id(1)), STRANGER, NOW)
    assert await store.desk.hold(MessageRef(HELP, an_id(1)), STRANGER, True, True, NOW)
    member = await store.people.member(STRANGER)
    assert member is not None
    await store.people.meet(an_author("A-Moderator-Who-Never-Wrote"), NOW)
    assert (await of(store, talked)).state_by == "A-Moderator-Who-Never-Wrote"


async def test_set_words_come_first_and_nothing_goes_back_to_what_was_made(store: SqlStore) -> None:
    talked = await talk(store)
    await settled(store, talked)
    await store.desk.set_words(talked, "Storm tents", None, ADA, NOW)
    found = await of(store, talked)
    assert (found.title, found.title_set, found.summary, found.summary_set) == (
        "Storm tents",
        True,
        "Which one?",
        False,
    )
    await store.desk.set_words(talked, "", "In short.", ADA, NOW)
    found = await of(store, talked)
    assert (found.title, found.title_set, found.summary, found.summary_set) == ("Tents", False, "In short.", True)


async def test_words_that_somebody_set_go_with_them_when_they_opt_out(store: SqlStore) -> None:
    talked = await talk(store)
    await settled(store, talked)
    cem = an_author("Cem").member
    await store.desk.set_words(talked, "Cem's title", "Cem's summary", cem, NOW)
    await store.desk.set_stored(talked, Stored.CONCLUDED, cem, NOW, "Cem's outcome")
    await store.people.opt_out(cem, True, NOW)
    found = await of(store, talked)
    assert (found.title_set, found.summary_set, found.outcome, found.state_by) == (False, False, "", None)
    await store.people.opt_out(cem, False, NOW)
    assert (await of(store, talked)).title == "Cem's title"


async def test_title_and_summary_each_go_with_whoever_set_them(store: SqlStore) -> None:
    talked = await talk(store)
    cem, eve = an_author("Cem").member, an_author("Eve").member
    await store.desk.set_words(talked, "Cem's title", None, cem, NOW)
    await store.desk.set_words(talked, None, "Eve's summary", eve, a_moment(61))
    await store.people.opt_out(cem, True, a_moment(62))
    found = await of(store, talked)
    assert (found.title_set, found.summary) == (False, "Eve's summary")
    await store.people.opt_out(cem, False, a_moment(63))
    await store.people.opt_out(eve, True, a_moment(63))
    found = await of(store, talked)
    assert (found.title, found.summary_set) == ("Cem's title", False)
    await store.people.opt_out(eve, False, a_moment(64))
    assert await store.people.erase(cem, a_moment(65))
    await store.people.opt_out(cem, False, a_moment(66))
    found = await of(store, talked)
    assert (found.title_set, found.summary) == (False, "Eve's summary")


async def test_hiding_marks_every_post_that_shows_it(store: SqlStore) -> None:
    talked = await talk(store)
    card = await a_live_card(store, talked)
    assert await store.outbox.claim("me", NOW, 60) == []
    assert await store.desk.set_hidden(talked, True, ADA, NOW)
    assert [each.id for each in await store.outbox.claim("me", NOW, 60)] == [card]
    before = await store.ledger.last_seq()
    assert not await store.desk.set_hidden(talked, True, ADA, NOW)
    assert await store.ledger.last_seq() == before


async def test_an_answer_unsettles_its_discussion_and_is_told(store: SqlStore) -> None:
    talked = await talk(store)
    asked, told = MessageRef(HELP, an_id()), MessageRef(HELP, an_id(1))
    await settled(store, talked, Question(ref=asked, asker=ADA, text="Which tent?", waits=True))
    assert [each.text for each in await store.forum.questions(talked)] == ["Which tent?"]
    before = await store.ledger.last_seq()
    await store.desk.mark_answer(asked, told, ADA, NOW)
    assert await store.forum.answered(talked) == {asked: told}
    assert [each.id for each in await store.ledger.unsettled(10)] == [talked]
    assert [(each.kind, each.subject) for each in await store.ledger.changes(before)] == [(Changed.DISCUSSION, talked)]


async def test_an_answer_from_another_discussion_is_refused(store: SqlStore) -> None:
    await talk(store)
    await talk(store, start=100)
    with pytest.raises(KeyError):
        await store.desk.mark_answer(MessageRef(HELP, an_id()), MessageRef(HELP, an_id(101)), ADA, NOW)


async def test_a_message_that_was_never_seen_cannot_be_tracked(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel()])
    with pytest.raises(KeyError):
        await store.desk.track(MessageRef(HELP, an_id()), ADA, NOW)


async def test_a_tracked_message_gathers_what_answers_it_later(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), seen(a_message())])
    tracked = await store.desk.track(MessageRef(HELP, an_id()), STRANGER, NOW)
    await store.ledger.record([seen(a_message(3, "The dome.", thread=0, author="Bo"))])
    assert (await of(store, tracked)).count == 2
    assert (await store.ledger.audit()).drift == 0


async def test_blocking_and_taking_down_are_lifted_each_by_itself(store: SqlStore) -> None:
    talked = await talk(store)
    ref = MessageRef(HELP, an_id(1))
    await store.ledger.record([a_vote(1, "Ada")])
    assert await store.desk.hold(ref, an_author("Cem").member, False, True, NOW)
    assert await store.desk.hold(ref, STRANGER, True, True, NOW)
    assert await store.desk.hold(ref, an_author("Cem").member, False, False, NOW)
    assert (await of(store, talked)).highlights == 0
    assert await store.desk.hold(ref, STRANGER, True, False, NOW)
    assert (await of(store, talked)).highlights == 1
    assert not await store.desk.hold(MessageRef(HELP, an_id(999)), STRANGER, True, True, NOW)
    assert (await store.ledger.audit()).drift == 0
