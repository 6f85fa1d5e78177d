"""A whole Folkmoot in a Slack workspace: the real client libraries, the wire, and what people there see."""

from tests.camps_slack import Workspace, ours
from tests.servers.slack.looks import look


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
