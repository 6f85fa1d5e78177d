"""Settling: what readers see of a discussion is made from its messages, again whenever they change."""

from bot.models import Discussion, Scope, Tab, ThreadSeen
from bot.ports import Store
from bot.settling import PAGE, TOGETHER, _groups, settle_all, settle_some
from bot.summaries import Extract
from tests.bot.things import a_discussion as a_small_one
from tests.makers import HELP, NOON, a_channel, a_message, a_moment, a_space, an_author, deleted, seen


async def only(store: Store) -> Discussion:
    channel = await store.places.channel(HELP)
    assert channel is not None
    (found,) = await store.forum.discussions(Scope(channels=frozenset({channel.key}), web=False), Tab.ALL, NOON)
    return found


async def talk(store: Store) -> None:
    await store.ledger.record(
        [
            a_space(),
            a_channel(),
            seen(a_message(0, "Our tents leak in every storm. Which tent holds out in a storm?")),
            seen(a_message(1, "The green one does.", thread=0, author="Bo")),
        ]
    )


async def test_a_discussion_gets_a_title_a_line_and_its_waiting_question(store: Store) -> None:
    await talk(store)
    assert await settle_all(store, Extract()) == 1
    found = await only(store)
    assert found.title == "Our tents leak in every storm"
    assert found.summary == "Which tent holds out in a storm?"
    assert [question.text for question in await store.forum.questions(found.id)] == ["Which tent holds out in a storm?"]


async def test_a_name_of_the_thread_leaves_the_line_all_it_says(store: Store) -> None:
    await talk(store)
    await store.ledger.record([ThreadSeen(thread=a_message(0).thread, at=a_moment(2), name="Tents")])
    await settle_all(store, Extract())
    found = await only(store)
    assert (found.title, found.title_made) == ("Tents", False)
    assert found.summary == "Our tents leak in every storm. Which tent holds out in a storm?"


async def test_an_edited_opening_never_says_its_title_twice(store: Store) -> None:
    await talk(store)
    await settle_all(store, Extract())
    await store.ledger.record([seen(a_message(0, "Our tents are dry now. Thank you all.", edited=3))])
    await settle_all(store, Extract())
    found = await only(store)
    assert (found.title, found.summary) == ("Our tents are dry now", "Thank you all.")


async def test_nothing_is_left_to_settle_and_settling_again_changes_nothing(store: Store) -> None:
    await talk(store)
    await settle_all(store, Extract())
    seq = await store.ledger.last_seq()
    assert await settle_some(store, Extract(), 10) == 0
    assert await store.ledger.last_seq() == seq


async def test_a_marked_answer_ends_the_waiting(store: Store) -> None:
    await talk(store)
    question, answer = (a_message(minutes).ref for minutes in (0, 1))
    await store.desk.mark_answer(question, answer, an_author("Ada").member, a_moment(5))
    await settle_all(store, Extract())
    assert (await only(store)).waiting == 0


async def test_an_answer_that_is_deleted_answers_no_more(store: Store) -> None:
    await talk(store)
    question, answer = (a_message(minutes).ref for minutes in (0, 1))
    await store.desk.mark_answer(question, answer, an_author("Ada").member, a_moment(5))
    await store.ledger.record([deleted(1)])
    await settle_all(store, Extract())
    assert (await only(store)).waiting == 1


async def test_words_that_were_deleted_leave_title_and_line(store: Store) -> None:
    await talk(store)
    await settle_all(store, Extract())
    await store.ledger.record([deleted(0)])
    await settle_all(store, Extract())
    found = await only(store)
    assert (found.title, found.summary, found.waiting) == ("", "", 0)


async def test_words_that_were_deleted_are_not_shown_until_it_is_settled_either(store: Store) -> None:
    await talk(store)
    await settle_all(store, Extract())
    await store.ledger.record([deleted(0)])
    found = await only(store)
    assert (found.title, found.summary, found.waiting) == ("", "", 0)
    assert await store.forum.questions(found.id) == []


async def test_words_that_nothing_was_made_of_take_nothing_with_them(store: Store) -> None:
    await talk(store)
    await settle_all(store, Extract())
    await store.ledger.record([deleted(1)])
    found = await only(store)
    assert (found.title, found.waiting) == ("Our tents leak in every storm", 1)


async def test_what_changes_while_it_is_settled_stays_to_be_settled(store: Store) -> None:
    await talk(store)
    found = await only(store)
    before = await store.ledger.last_seq()
    await store.ledger.record([seen(a_message(2, "So does the red one.", thread=0, author="Cem"))])
    await store.ledger.settle(found.id, title="old", summary="", waiting=(), cites=(), seen=before)
    assert await settle_some(store, Extract(), 10) == 1


def test_small_discussions_are_settled_together_and_long_ones_alone() -> None:
    small, long = a_small_one(count=9), a_small_one(count=PAGE)
    groups = list(_groups([small] * (TOGETHER + 1) + [long, long, small]))
    assert [len(group) for group in groups] == [TOGETHER, 1, 1, 1, 1]
