"""A whole Folkmoot in a Slack workspace: the real client libraries, the wire, and what people there see."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.models import Thread
from tests.camps_slack import Workspace, ours
from tests.servers.slack import Channel, Member, Message, Role
from tests.servers.slack.looks import look, look_view
from tests.story import OPENING, PEOPLE, REPLIES, SUMMARY, TITLE, WEEKLY, Json, golden, told

pytestmark = pytest.mark.parametrize("workspace", ["socket-sqlite", "http-postgresql"], indirect=True)


async def test_a_thread_with_eight_replies_gets_a_card_that_stays_true(workspace: Workspace) -> None:
    people = [workspace.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    question = workspace.help.post(people[0], "Which tent holds out in a storm? We leave on Friday.")
    replies = [question.reply(people[1 + n % 3], f"Reply number {n}.") for n in range(8)]

    def shown() -> str:
        [card] = ours(workspace.help, question)
        return look(card, workspace.clock.now())

    await workspace.until(lambda: ours(workspace.help, question))
    await workspace.until(lambda: "💬 9 msgs · ⭐ 0 highlights" in shown())
    assert "🟢 Discussion in progress" in shown()
    replies[2].react(people[0])
    await workspace.until(lambda: "⭐ 1 highlight" in shown())
    replies[2].delete()
    await workspace.until(lambda: "💬 8 msgs · ⭐ 0 highlights" in shown())
    assert "Reply number 2" not in shown()
    assert (await workspace.store.ledger.audit()).drift == 0


async def test_the_whole_story_of_a_discussion(workspace: Workspace) -> None:  # noqa: PLR0915 - one story, told in one go
    people = [workspace.member(name) for name in PEOPLE]
    mo = workspace.member("Mo", Role.ADMIN)
    stars = await _set_up(workspace, mo)
    opening = await _opened(workspace, people[0])
    [board], thread = ours(workspace.help)[:1], Thread(workspace.place, opening.ts)
    said = [opening.reply(people[(number + 1) % 7], text) for number, text in enumerate(REPLIES)]
    await workspace.until(lambda: ours(workspace.help, opening))
    [card] = ours(workspace.help, opening)
    counters = "💬 9 msgs · ⭐ 0 highlights"
    await workspace.until(lambda: counters in seen(workspace, board) and SUMMARY in seen(workspace, card))
    await workspace.until(lambda: counters in seen(workspace, card))
    names = {"opening": opening, "card": card} | {f"reply-{number}": each for number, each in enumerate(said)}
    assert blocks(card, names) == golden("slack-card.json")
    assert blocks(board, names) == golden("slack-board.json")
    await _highlighted(workspace, said[1], people, card)
    await workspace.until(lambda: ours(stars))
    [copy] = ours(stars)
    assert blocks(copy, names) == golden("slack-highlight.json")
    said[0].unfurl()
    said[3].delete()
    await workspace.until(lambda: "💬 8 msgs" in seen(workspace, card))
    workspace.clock.advance(timedelta(hours=2, minutes=1))
    await workspace.parts.app.tick()
    await workspace.until(lambda: len(ours(workspace.help)) == 3)
    digest = ours(workspace.help)[-1]
    assert blocks(digest, names) == golden("slack-digest.json")
    await _reads(workspace, people[5], workspace.help)
    await _reads(workspace, mo, stars)
    assert await told(workspace.store, thread, workspace.clock) == golden("digest-is-out.json")
    said[1].delete()
    await workspace.until(lambda: "(no longer available)" in seen(workspace, digest) and not ours(stars))
    await workspace.until(lambda: "I counted" not in workspace.server.look(workspace.help, mo))
    assert await told(workspace.store, thread, workspace.clock) == golden("quote-is-gone.json")


def seen(workspace: Workspace, message: Message) -> str:
    return look(message, workspace.clock.now())


def blocks(message: Message, names: dict[str, Message]) -> Json:
    """What we sent of a message, with the names of messages for their times in addresses."""
    sent = json.dumps([message.text, message.blocks], ensure_ascii=False)
    for name, each in names.items():
        sent = sent.replace(each.ts, f"({name})").replace(each.ts.replace(".", ""), f"({name})")
    text, shown = json.loads(sent)
    return {
        "text": text,
        "blocks": [{key: value for key, value in block.items() if key != "block_id"} for block in shown],
    }


async def _reads(workspace: Workspace, reader: Member, channel: Channel) -> None:
    """Wait until somebody sees in a channel what they should."""
    wanted = golden(f"slack-{channel.name}.txt")
    with suppress(TimeoutError):  # what differs says more
        await workspace.until(lambda: workspace.server.look(channel, reader) == wanted)
    assert workspace.server.look(channel, reader) == wanted


async def _set_up(workspace: Workspace, mo: Member) -> Channel:
    """A board, a channel for highlights, a weekly digest."""
    stars = workspace.server.creates(mo, "stars")
    stars.invite_bot(mo)
    await workspace.is_now(stars, removed=False)

    async def moderate(command: str, words: str) -> str:
        return seen(workspace, await workspace.help.command(mo, command, words).answer())

    assert "on its way" in await moderate("/folkmoot-admin", "board")
    await workspace.until(lambda: ours(workspace.help))
    assert "#stars" in await moderate("/folkmoot-admin", "set highlights_channel #stars")
    rule = " ".join(f"{name}:{value}" for name, value in WEEKLY.items())
    assert "Next: Aug 3, 2026" in await moderate("/digest", f"schedule name:Week {rule}")
    return stars


async def _opened(workspace: Workspace, opener: Member) -> Message:
    """The opening post that stands in the channel for what somebody put into the form."""
    form = await workspace.help.command(opener, "/discussion", "start").opens()
    answer = await form.submit({"Title": TITLE, "Opening post": OPENING}).opens()
    await workspace.until(lambda: "is open" in look_view(answer, workspace.clock.now()))
    await workspace.until(lambda: len(ours(workspace.help)) == 2)
    return ours(workspace.help)[-1]


async def _highlighted(workspace: Workspace, reply: Message, people: list[Member], card: Message) -> None:
    """A star, a shortcut inside the thread, another star: one highlight by three people."""
    reply.react(people[4])
    await workspace.until(lambda: "⭐ 1 highlight ·" in seen(workspace, card))
    answer = await reply.shortcut(people[5], "highlight").answer()
    assert "Highlighted" in seen(workspace, answer)
    reply.react(people[3])
