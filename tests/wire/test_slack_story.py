"""A whole Folkmoot in a Slack workspace: the real client libraries, the wire, and what people there see."""

from datetime import timedelta

from tests.camps_slack import Workspace, ours
from tests.servers.slack import Member, Message, Role
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


OPENING = (
    "Last month our lending library lent forty tools. The shed is full by ten, and the queue reaches the street.\n\n"
    "Do we need more room, or fewer people at the same hour? And who would stand behind the counter?"
)
REPLIES = (
    "Booking first. Half of that queue wanted the same two ladders.",
    "I counted: 31 of 40 loans fell between ten and noon.",
    "A window sells the idea. Nobody finds us behind the car park.",
    "Then a sign before a lease. A sign costs a Saturday.",
    "I can take Wednesdays, if somebody shows me the register.",
    "The shop has step-free access and the shed has not.",
    "A locker in the bakery's passage would hold drills and saws.",
    "Locker plus booking: three months, then we count again.",
)


async def test_the_whole_story_of_a_discussion(workspace: Workspace) -> None:  # noqa: PLR0915 - one story, told in one go
    people = [workspace.member(name) for name in ("Mira", "Tomasz", "Ifeoma", "Jonas", "Priya", "Henk", "Lena")]
    mo, server = workspace.member("Mo", Role.ADMIN), workspace.server
    stars = server.channel("stars")
    workspace.clock.advance(timedelta(seconds=1))
    await workspace.session.watch.look(deep=True)
    await workspace.is_now(stars, removed=False)

    def shown(message: Message) -> str:
        return look(message, workspace.clock.now())

    async def moderate(command: str, words: str) -> str:
        return shown(await workspace.help.command(mo, command, words).answer())

    assert "on its way" in await moderate("/folkmoot-admin", "board")
    await moderate("/folkmoot", f"folkmoot-admin set highlights_channel {stars.mention}")
    rule = "every:weekly weekday:mon at:14:00 zone:UTC reach:space"
    assert "Next: Aug 3, 2026" in await moderate("/digest", f"schedule name:Week {rule}")
    form = await workspace.help.command(people[0], "/discussion", "start").opens()
    form.submit({"Title": "A locker, a shop or a list?", "Opening post": OPENING})
    await workspace.until(lambda: len(ours(workspace.help)) == 2)
    board, opening = ours(workspace.help)
    said = [opening.reply(people[(number + 1) % 7], text) for number, text in enumerate(REPLIES)]
    await workspace.until(lambda: ours(workspace.help, opening))
    [card] = ours(workspace.help, opening)
    await workspace.until(lambda: "9 msgs" in shown(card) and "9 msgs" in shown(board))
    await workspace.until(lambda: "behind the counter" in shown(card))
    now = "💬 9 msgs · ⭐ 0 highlights · 🕐 0 seconds ago"
    assert shown(card).partition("\n")[2] == (
        "┃ *A locker, a shop or a list? ↗*\n"
        f"┃ {OPENING.splitlines()[0]}\n"
        f"┃ {now}\n┃ 🟢 Discussion in progress\n"
        "┃ *Waiting for an answer*\n"
        "┃ • Do we need more room, or fewer people at the same hour? ↗\n"
        "┃ • And who would stand behind the counter? ↗\n"
        "┃ [Highlight a reply] [Catch me up]"
    )
    assert shown(board).partition("\n")[2] == (
        f"┃ Discussions in progress\n┃ • *A locker, a shop or a list? ↗*\n┃     {now} · 🟢 Discussion in progress"
    )
    await _highlighted(workspace, said[1], people, card)
    await workspace.until(lambda: ours(stars))
    [copy] = ours(stars)
    assert shown(copy) == (
        "— Folkmoot APP\n"
        "┃ *A locker, a shop or a list? ↗*\n"
        "┃ > I counted: 31 of 40 loans fell between ten and noon.\n"
        "┃ Go to the message ↗ — Ifeoma · ⭐ 3"
    )
    said[1].unfurl()
    said[3].delete()
    await workspace.until(lambda: "💬 8 msgs" in shown(card))
    workspace.clock.advance(timedelta(hours=2, minutes=1))
    await workspace.parts.app.tick()
    await workspace.until(lambda: len(ours(workspace.help)) == 3)
    digest = ours(workspace.help)[-1]
    window = shown(digest).splitlines()[-2].removeprefix("┃ ")
    assert "27 Jul 2026, 14:00" in window
    assert "UTC" in window
    assert shown(digest) == (
        "— Folkmoot APP\n"
        "┃ This week in Camp · 27 Jul\u2009–\u20093 Aug · 1 discussion, 6 people\n"
        "┃ ▁▁▁▁▁▁▇\n"
        "┃ *Highlights*\n"
        "┃ 1. “I counted: 31 of 40 loans fell between ten and noon.” ↗ — Ifeoma · *A locker, a shop or a list? ↗*\n"
        f"┃ {window}\n"
        "Never want to be quoted? /folkmoot privacy optout"
    )
    said[1].delete()
    await workspace.until(lambda: "(no longer available)" in shown(digest) and not ours(stars))
    assert "I counted" not in "".join(map(shown, (card, board, digest)))
    assert (await workspace.store.ledger.audit()).drift == 0


async def _highlighted(workspace: Workspace, reply: Message, people: list[Member], card: Message) -> None:
    """A star, a shortcut, another star: one highlight by three people."""
    reply.react(people[4])
    await workspace.until(lambda: "⭐ 1 highlight ·" in look(card, workspace.clock.now()))
    answer = await reply.shortcut(people[5], "highlight").answer()
    assert "Highlighted" in look(answer, workspace.clock.now())
    reply.react(people[3], "star2")
