"""Posted digests heal: what was deleted, edited, hidden or closed is not in them any more."""

from datetime import timedelta

from bot.models import (
    ChannelInfo,
    ChannelSeen,
    MemberRef,
    MessageRef,
    Stored,
    Thread,
    ThreadGone,
    ThreadSeen,
)
from storage import SqlStore
from tests.digesting import (
    DAY,
    DUE,
    TEA,
    a_quoted_post,
    a_room,
    a_schedule,
    now_shown,
    the_digests,
    ticked,
    titled,
    words,
)
from tests.makers import HELP, NOON, SPACE, a_channel, a_discussion, a_message, an_id, deleted, seen


async def test_deleting_a_quoted_message_redacts_the_posted_digest(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([deleted(1)])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. (no longer available)" in words(card)
    assert "Reply 1" not in words(card)


async def test_an_edit_of_a_quoted_message_is_followed(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([seen(a_message(1, "Peg it low.", thread=0, author="Cem", edited=300))])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. “Peg it low.” — Cem" in words(card)


async def test_a_title_that_is_made_anew_is_followed_however_late(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([seen(a_message(0, "Which flag?", edited=300))])
    await now_shown(store, DUE + timedelta(minutes=1))  # before the new title is made
    await titled(store, 0, "Which flag?")
    [card] = await now_shown(store, DUE + timedelta(minutes=2))
    assert "Which flag?" in words(card)
    assert "storm" not in words(card)


async def test_a_title_that_went_with_the_line_beside_it_comes_back(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    discussion = await titled(store, 0, "Which tent?")
    await a_schedule(store)
    await ticked(store, DUE)
    line, seq = [MessageRef(HELP, an_id(2))], await store.ledger.last_seq()
    await store.ledger.settle(discussion, title="Which tent?", summary="Reply.", waiting=(), cites=line, seen=seq)
    await store.ledger.record([deleted(2), seen(a_message(0, "Which tent? Mine leaks.", edited=300))])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))  # before both are made anew
    assert "Which tent?" not in words(card)
    await titled(store, 0, "Which tent?")
    [card] = await now_shown(store, DUE + timedelta(minutes=2))
    assert "Which tent?" in words(card)


async def test_a_thread_that_gets_another_name_has_it_in_the_posted_digest(store: SqlStore) -> None:
    thread = Thread(HELP, an_id(0))
    await a_room(store, ThreadSeen(thread=thread, at=NOON, name="What a rude name"), a_discussion())
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "What a rude name" in words(card)
    await store.ledger.record([ThreadSeen(thread=thread, at=DUE, name="Which tent?")])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Which tent?" in words(card)
    await store.ledger.record([ThreadSeen(thread=thread, at=DUE + DAY, name="Which tent?", archived=True)])
    assert await now_shown(store, DUE + DAY) == []


async def test_a_thread_that_turns_out_to_be_private_leaves_the_posted_digest(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.ledger.record([ThreadSeen(thread=Thread(HELP, an_id(0)), at=DUE, private=True)])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. (no longer available)" in words(card)
    assert "storm" not in words(card)


async def test_opting_out_takes_words_and_name_out_of_the_posted_digest(store: SqlStore) -> None:
    await a_quoted_post(store)
    await store.people.opt_out(MemberRef(SPACE, "cem"), True, DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Reply 1" not in words(card)
    assert "Cem" not in words(card)


async def test_a_highlight_that_was_taken_down_is_quoted_no_longer(store: SqlStore) -> None:
    await a_quoted_post(store)
    quoted = MessageRef(HELP, an_id(1))
    assert await store.desk.hold(quoted, MemberRef(SPACE, "cem"), as_moderator=False, held=True, at=DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. (no longer available)" in words(card)
    assert await store.desk.hold(quoted, MemberRef(SPACE, "cem"), as_moderator=False, held=False, at=DUE)
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "1. “Reply 1 about tents.” — Cem" in words(card)


async def test_a_posted_digest_follows_another_outcome(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    discussion = await titled(store, 0, "Which tent?")
    mod = MemberRef(SPACE, "ada")
    await store.desk.set_stored(discussion, Stored.CONCLUDED, mod, DUE - DAY / 8, "Cem's number is 555.")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Which tent? — Cem's number is 555." in words(card)
    await store.desk.set_stored(discussion, Stored.CONCLUDED, mod, DUE, "Two poles.")
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Which tent? — Two poles." in words(card)
    assert "555" not in words(card)


async def test_a_thread_that_was_deleted_leaves_the_posted_digest(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    discussion = await titled(store, 0, "Which tent?")
    await a_schedule(store)
    await ticked(store, DUE)
    await store.ledger.record([ThreadGone(thread=Thread(HELP, an_id()), at=DUE)])
    await store.outbox.touch([discussion])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Which tent?" not in words(card)
    assert "1. (no longer available)" in words(card)


async def test_closing_a_channel_redacts_titles_that_somebody_set(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(2, TEA))
    discussion = await titled(store, 0, "Tea?", TEA)
    await store.desk.set_words(discussion, "Green or black?", None, MemberRef(SPACE, "ada"), NOON)
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Green or black?" in words(card)
    await store.ledger.record([ChannelSeen(info=ChannelInfo(channel=TEA, name="tea", private=True), at=DUE)])
    tea = await store.places.channel(TEA)
    assert tea is not None
    await store.outbox.touch_channels([tea.key])
    [card] = await now_shown(store, DUE + timedelta(minutes=1))
    assert "Green or black?" not in words(card)


async def test_hiding_a_discussion_or_closing_its_channel_redacts_its_title(store: SqlStore) -> None:
    await a_room(store, a_channel(TEA), a_discussion(2, TEA))
    discussion = await titled(store, 0, "Green or black?", TEA)
    schedule = await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Green or black?" in words(card)
    [run] = await store.forum.runs(schedule.community)
    await store.desk.set_hidden(discussion, True, MemberRef(SPACE, "ada"), DUE)
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert "1. (no longer available)" in words(drawn[0])
    assert drawn[1] == ()
    await store.desk.set_hidden(discussion, False, MemberRef(SPACE, "ada"), DUE)
    private = ChannelInfo(channel=TEA, name="tea", private=True)
    await store.ledger.record([ChannelSeen(info=private, at=DUE)])
    drawn = await the_digests(store).render(run.id)
    assert drawn is not None
    assert "Green or black?" not in words(drawn[0])


async def test_a_withdrawn_digest_shows_nothing_any_more(store: SqlStore) -> None:
    await a_room(store, a_discussion())
    schedule = await a_schedule(store)
    await ticked(store, DUE)
    [run] = await store.forum.runs(schedule.community)
    assert await the_digests(store).withdraw(run.id, DUE)
    assert not await the_digests(store).withdraw(run.id, DUE)
    assert not await the_digests(store).withdraw(999, DUE)
    assert await the_digests(store).render(run.id) is None
    [post] = await store.outbox.claim("test", DUE + timedelta(minutes=1), 60)
    assert post.subject == f"digest:{run.id}"


async def test_words_whose_time_is_over_leave_the_posted_digest(store: SqlStore) -> None:
    mod = MemberRef(SPACE, "ada")
    await a_room(store, a_discussion(2), a_discussion(2, start=20))
    for start, title in ((0, "Rain plans"), (20, "Green or black?")):
        discussion = await titled(store, start, "Which tent?")
        await store.desk.set_words(discussion, title, None, mod, DUE - DAY / 8)
    await store.desk.set_stored(discussion, Stored.CONCLUDED, mod, DUE - DAY / 8, "Cem's number is 555.")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "Rain plans" in words(card)
    assert "Green or black? — Cem's number is 555." in words(card)
    await store.places.set_space(SPACE, retention_days=30)
    await now_shown(store, DUE + DAY)
    while await store.keeping.forget(DUE + 40 * DAY):
        pass
    [card] = await now_shown(store, DUE + 40 * DAY)
    assert not [said for said in ("Rain", "black", "555", "tent") if said in words(card)]
