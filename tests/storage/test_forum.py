"""What readers get from the forum, and what they never get."""

from dataclasses import replace
from datetime import timedelta

from bot.models import (
    Author,
    Channel,
    Level,
    MemberRef,
    MessageRef,
    Place,
    Platform,
    Scope,
    Space,
    Stored,
    Tab,
    Thread,
    ThreadSeen,
    Withheld,
)
from storage import SqlStore
from tests.makers import (
    HELP,
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

NOW = a_moment(60)
THERE = Channel(Space(Platform.SLACK, "T1"), "C1")  # where nobody tells of threads, only of messages


async def everywhere(store: SqlStore, *, web: bool = True) -> Scope:
    return Scope(channels=frozenset(each.key for each in await store.places.channels()), web=web)


async def talk(store: SqlStore, replies: int = 8, start: float = 0) -> int:
    await store.ledger.record([a_space(), a_channel(), *a_discussion(replies, start=start)])
    found = await store.forum.discussion_of(Thread(HELP, an_id(start)))
    assert found is not None
    return found.id


async def test_the_index_gives_latest_activity_first_and_pages(store: SqlStore) -> None:
    first, second = await talk(store, 2), await talk(store, 2, start=20)
    scope = await everywhere(store)
    found = await store.forum.discussions(scope, Tab.ALL, NOW)
    assert [each.id for each in found] == [second, first]
    before = Place(at=int(found[0].last_activity.timestamp() * 1000), id=found[0].id)
    assert [each.id for each in await store.forum.discussions(scope, Tab.ALL, NOW, before=before)] == [first]


async def test_a_discussion_leads_to_its_first_message_until_its_thread_has_an_address(store: SqlStore) -> None:
    opening, reply = a_message(channel=THERE), a_message(1, thread=0, author="Bo", channel=THERE)
    here = seen(replace(opening, url="https://chat.example/1")), seen(replace(reply, url="https://chat.example/2"))
    await store.ledger.record([a_space(THERE.space), a_channel(THERE), *here])
    for url, news in (("https://chat.example/1", []), ("https://chat.example/thread", [opening.thread])):
        await store.ledger.record([ThreadSeen(thread=it, at=NOW, url=url) for it in news])
        found = await store.forum.discussion_of(opening.thread)
        assert found is not None
        assert found.url == url


async def test_the_tabs_count_what_they_show(store: SqlStore) -> None:
    first = await talk(store, 2)
    await talk(store, 2, start=20)
    await store.desk.set_stored(first, Stored.CONCLUDED, an_author().member, NOW, "We take the tunnel tent.")
    scope = await everywhere(store)
    counts = await store.forum.tab_counts(scope, NOW)
    assert counts == {Tab.ALL: 2, Tab.IN_PROGRESS: 1, Tab.WAITING: 0, Tab.CONCLUDED: 1}
    for tab, count in counts.items():
        assert len(await store.forum.discussions(scope, tab, NOW)) == count
    late = NOW + timedelta(days=2)
    assert (await store.forum.tab_counts(scope, late))[Tab.IN_PROGRESS] == 0


async def test_nothing_is_shown_without_its_channel_in_the_scope(store: SqlStore) -> None:
    await talk(store)
    empty = Scope(channels=frozenset())
    assert await store.forum.discussions(empty, Tab.ALL, NOW) == []
    assert await store.forum.search(empty, "tents") == []
    assert await store.forum.highlights(empty) == []


async def test_hidden_private_and_early_discussions_stay_away(store: SqlStore) -> None:
    first = await talk(store)
    await store.ledger.record([a_vote(1)])
    await store.ledger.index_text()
    scope = await everywhere(store)
    assert len(await store.forum.search(scope, "tents")) == 8
    await store.desk.set_hidden(first, True, an_author().member, NOW)
    assert await store.forum.discussions(scope, Tab.ALL, NOW) == []
    assert await store.forum.search(scope, "tents") == []
    assert await store.forum.highlights(scope) == []
    await store.desk.set_hidden(first, False, an_author().member, NOW)
    await store.places.set_level(HELP, Level.WEB, int(an_id(30)))
    assert await store.forum.discussions(scope, Tab.ALL, NOW) == []
    assert len(await store.forum.discussions(await everywhere(store, web=False), Tab.ALL, NOW)) == 1
    await store.places.set_level(HELP, Level.WEB, 0)
    await store.ledger.record([ThreadSeen(thread=Thread(HELP, an_id()), at=NOW, private=True)])
    assert await store.forum.discussions(scope, Tab.ALL, NOW) == []


async def test_a_deleted_reply_is_gone_and_a_deleted_opening_keeps_its_place(store: SqlStore) -> None:
    talked = await talk(store, 3)
    await store.ledger.record([deleted(0), deleted(2)])
    posts = await store.forum.posts(talked)
    assert [each.ref.id for each in posts] == [an_id(0), an_id(1), an_id(3)]
    assert posts[0].withheld is Withheld.DELETED
    assert (posts[0].text, posts[0].author_name) == (None, None)
    opening = await store.forum.opening(talked)
    assert opening is not None
    assert opening.withheld is Withheld.DELETED


async def test_search_finds_all_words_newest_first_and_takes_any_text(store: SqlStore) -> None:
    await talk(store, 3)
    await store.ledger.record([seen(a_message(5, "A storm\x00 ate the tents'; DROP TABLE", thread=0))])
    await store.ledger.index_text()
    scope = await everywhere(store)
    hits = await store.forum.search(scope, "about TENTS")
    assert [each.post.ref.id for each in hits] == [an_id(3), an_id(2), an_id(1)]
    assert [hits[0].snippet[start:end].lower() for start, end in hits[0].marks] == ["about", "tents"]
    assert len(await store.forum.search(scope, "tents", ranked=True)) == 4
    for strange in ('"', "'", "a AND (", "*", "NEAR/3", "", "% _", "\x00", "-tents", "text:tents"):
        await store.forum.search(scope, strange)


async def test_long_texts_are_indexed_a_few_at_a_time(store: SqlStore) -> None:
    """Each is read for up to a tenth of a second, during which nothing else is stored."""
    await talk(store, 1)
    long = f"about {'peg ' * 9_999}"
    await store.ledger.record([seen(a_message(3 + n, long, thread=0)) for n in range(12)])
    parts = [await store.ledger.index_text() for _ in range(4)]
    await store.ledger.record([seen(a_message(3 + n, f"{long}!", thread=0, edited=20)) for n in range(12)])
    parts += [await store.ledger.index_text() for _ in range(4)]
    assert parts == [6, 4, 4, 0, 4, 4, 4, 0]
    assert len(await store.forum.search(await everywhere(store), "peg")) == 12


async def test_search_forgets_what_was_deleted_or_edited(store: SqlStore) -> None:
    await talk(store, 2)
    await store.ledger.index_text()
    scope = await everywhere(store)
    await store.ledger.record([deleted(1), seen(a_message(2, "Only hammocks now.", thread=0, author="Cem", edited=9))])
    assert await store.forum.search(scope, "reply") == [] or await store.ledger.index_text() > 0
    await store.ledger.index_text()
    assert await store.forum.search(scope, "reply") == []
    assert len(await store.forum.search(scope, "hammocks")) == 1


async def test_highlights_come_newest_first_with_their_discussion(store: SqlStore) -> None:
    talked = await talk(store, 3)
    await store.ledger.record([a_vote(1, "Ada", at=30), a_vote(2, "Ada", at=20)])
    found = await store.forum.highlights(await everywhere(store))
    assert [each.post.ref.id for each in found] == [an_id(1), an_id(2)]
    assert found[0].discussion.id == talked
    assert [each.ref.id for each in await store.forum.best(talked)] == [an_id(1), an_id(2)]
    assert await store.forum.has_vote(MessageRef(HELP, an_id(1)), an_author("Ada").member)


async def test_a_held_highlight_is_none_until_it_is_lifted(store: SqlStore) -> None:
    talked = await talk(store, 3)
    await store.ledger.record([a_vote(1, "Ada")])
    ref = MessageRef(HELP, an_id(1))
    assert await store.desk.hold(ref, an_author("Bo").member, False, True, NOW)
    assert not await store.desk.hold(ref, an_author("Bo").member, False, True, NOW)
    held = await store.forum.held(ref)
    assert (held.by_author, held.by_moderator) == (True, False)
    assert await store.forum.best(talked) == []
    assert (await store.ledger.audit()).drift == 0
    assert await store.desk.hold(ref, an_author("Bo").member, False, False, NOW)
    assert len(await store.forum.best(talked)) == 1
    assert (await store.ledger.audit()).drift == 0


async def test_tracking_makes_a_lone_message_a_discussion_once(store: SqlStore) -> None:
    await store.ledger.record([a_space(), a_channel(), seen(a_message())])
    ref = MessageRef(HELP, an_id())
    assert await store.forum.containing(ref) is None
    tracked = await store.desk.track(ref, an_author("Bo").member, NOW)
    assert await store.desk.track(ref, an_author("Bo").member, NOW) == tracked
    found = await store.forum.discussion(tracked)
    assert found is not None
    assert (found.count, found.participants, found.opener_name) == (1, 1, "Ada")
    assert (await store.ledger.audit()).drift == 0


async def test_an_opt_out_withholds_words_and_name_but_no_count(store: SqlStore) -> None:
    talked = await talk(store, 3)
    await store.ledger.index_text()
    bo = an_author("Cem").member
    assert await store.people.opt_out(bo, True, NOW)
    assert not await store.people.opt_out(bo, True, NOW)
    mine = next(each for each in await store.forum.posts(talked) if each.author == bo)
    assert (mine.text, mine.author_name, mine.withheld) == (None, None, Withheld.OPTED_OUT)
    assert len(await store.forum.search(await everywhere(store), "tents")) == 2
    found = await store.forum.discussion(talked)
    assert found is not None
    assert found.count == 4
    assert [each.text async for each in store.people.everything(bo)] == ["Reply 1 about tents."]
    assert await store.people.opt_out(bo, False, NOW)
    assert len(await store.forum.search(await everywhere(store), "tents")) == 3


async def test_an_erasure_takes_words_name_and_votes_for_good(store: SqlStore) -> None:
    talked = await talk(store, 3)
    cem = an_author("Cem").member
    await store.ledger.record([a_vote(2, "Cem", at=10), a_vote(1, "Ada", at=10)])
    await store.ledger.index_text()
    assert await store.people.erase(cem, NOW)
    assert not await store.people.erase(MemberRef(cem.space, "nobody"), NOW)
    await store.ledger.record([*a_discussion(3), a_vote(2, "Cem", at=10)])
    await store.ledger.index_text()
    mine = next(each for each in await store.forum.posts(talked) if each.author == cem)
    assert (mine.text, mine.author_name, mine.withheld) == (None, None, Withheld.ERASED)
    assert [each.ref.id for each in await store.forum.best(talked)] == [an_id(1)]
    member = await store.people.member(cem)
    assert member is not None
    assert (member.name, member.votes, member.messages) == ("", 0, 1)
    assert (await store.ledger.audit()).drift == 0


async def test_level_count_deletes_text_unless_the_space_lives_here(store: SqlStore) -> None:
    elsewhere = Channel(a_space().info.space, "help")
    await store.ledger.record([a_space(hosted=False), a_channel(elsewhere), *a_discussion(2, elsewhere)])
    await store.places.set_level(elsewhere, Level.COUNT, 0)
    found = await store.forum.discussion_of(Thread(elsewhere, an_id()))
    assert found is not None
    assert {each.withheld for each in await store.forum.posts(found.id)} == {Withheld.NOT_KEPT}
    await store.ledger.record(a_discussion(2, elsewhere))
    assert {each.text for each in await store.forum.posts(found.id)} == {None}
    assert found.count == 3


async def test_catching_up_counts_what_others_wrote(store: SqlStore) -> None:
    talked = await talk(store, 3)
    found = await store.forum.since_last_seen(await everywhere(store), an_author("Cem").member, a_moment(0.5))
    assert [(each.id, n) for each, n in found] == [(talked, 2)]


async def test_one_loud_person_stays_off_the_board(store: SqlStore) -> None:
    await talk(store, 4)
    alone = [seen(a_message(20 + n, thread=20, author="Hal" if n else "Ada")) for n in range(6)]
    await store.ledger.record(alone)
    found = await store.forum.busiest(await everywhere(store), NOW, 10)
    assert [each.thread.id for each in found] == [an_id(0)]


async def test_an_author_renamed_shows_the_newest_name(store: SqlStore) -> None:
    talked = await talk(store, 1)
    later = replace(a_message(7, thread=0), author=Author(member=an_author("Ada").member, name="Ada Lane"))
    await store.ledger.record([seen(later)])
    assert {each.author_name for each in await store.forum.posts(talked)} == {"Ada Lane", "Cem"}
