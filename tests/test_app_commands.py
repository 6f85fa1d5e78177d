"""The whole core again: commands in, and posts that vanish with what they showed."""

from collections.abc import Mapping

from bot.cli.run import Parts
from bot.models import Answer, Asker, Command, MemberRef, MessageRef, PostState, Role, Thread
from storage import SqlStore
from tests.makers import HELP, SPACE, SetClock, a_discussion, a_moment, a_vote, an_id, deleted
from tests.running import running, shown, words

THREAD = Thread(HELP, an_id())


async def use(parts: Parts, name: str, args: Mapping[str, str] | None = None, target: float | None = None) -> Answer:
    asker = Asker(member=MemberRef(SPACE, "mo"), name="Mo", roles=frozenset({Role.MEMBER, Role.MODERATOR}))
    command = Command(
        name=name,
        asker=asker,
        channel=HELP,
        at=a_moment(9),
        thread=THREAD,
        target=None if target is None else MessageRef(HELP, an_id(target)),
        args=dict(args or {}),
    )
    answer: Answer = await parts.app.on_command(command)
    return answer


async def test_a_highlight_by_command_is_on_the_card_at_once(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    await use(parts, "highlight", target=2)
    seq = await parts.app.catch_up(seq)
    [card] = await shown(store)
    assert "⭐ 1 highlight ·" in words(card)
    await use(parts, "unhighlight", target=2)
    await parts.app.catch_up(seq)
    [card] = await shown(store)
    assert "⭐ 0 highlights" in words(card)


async def test_the_card_of_a_hidden_discussion_is_taken_down(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    for event in a_discussion(8):
        await parts.app.on_event(event)
    seq = await parts.app.catch_up(0)
    assert len(await shown(store)) == 1
    await use(parts, "discussion hide")
    await parts.app.catch_up(seq)
    assert await shown(store) == []
    post = await store.outbox.of_subject("card:1")
    assert post is not None
    assert post.state is PostState.GONE


async def test_a_published_highlight_goes_when_its_message_does(store: SqlStore, clock: SetClock) -> None:
    parts = await running(store, clock)
    await store.places.set_space(HELP.space, highlights_channel=HELP.id)
    await parts.app.on_events([*a_discussion(4), *(a_vote(1, voter, at=8) for voter in ("Ada", "Dina", "Eve"))])
    seq = await parts.app.catch_up(0)
    [post] = await shown(store, None)
    assert "Reply 1 about tents." in words(post)
    await parts.app.on_event(deleted(1))
    await parts.app.catch_up(seq)
    assert await shown(store, None) == []
