"""A whole Folkmoot in a Discord server: the real client library, the wire, and what people there see."""

from datetime import timedelta

import pytest

from bot.models import Thread as Inside
from tests.camps import Camp, link, ours, shown
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can
from tests.story import OPENING, PEOPLE, REPLIES, TITLE, WEEKLY, golden, told


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A story is told on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


async def test_a_thread_with_eight_replies_gets_a_card_that_stays_true(camp: Camp) -> None:
    people = [camp.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    question = camp.help.post(people[0], "Which tent holds out in a storm? We leave on Friday.")
    thread = question.thread(people[0], "Tents")
    replies = [thread.post(people[1 + n % 3], f"Reply number {n}.") for n in range(8)]
    await camp.until(lambda: ours(thread))
    await camp.until(lambda: "💬 9 msgs · ⭐ 0 highlights" in shown(ours(thread)[0]))
    [card] = ours(thread)
    assert "🟢 Discussion in progress" in shown(card)
    replies[2].react(people[0])
    await camp.until(lambda: "⭐ 1 highlight" in shown(card))
    replies[2].delete()
    await camp.until(lambda: "💬 8 msgs · ⭐ 0 highlights" in shown(card))
    assert "Reply number 2" not in shown(card)
    assert (await camp.store.ledger.audit()).drift == 0


async def test_commands_are_answered_in_private(camp: Camp) -> None:
    ada = camp.member("Ada")
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    answer = await camp.help.command(ada, "folkmoot status").answer()
    assert "#help" in shown(answer)
    assert answer.ephemeral
    refused = await camp.help.command(ada, "folkmoot-admin doctor").answer()
    assert "moderator" in refused.text.lower() or "admin" in refused.text.lower()
    form = await camp.help.command(ada, "discussion start").opens()
    answer = await form.submit({"Title": "Tents", "Opening post": "Which one?"}).answer()
    assert "open" in shown(answer)


async def test_the_whole_story_of_a_discussion(camp: Camp) -> None:  # noqa: PLR0915 - one story, told in one go
    people = [camp.member(name) for name in PEOPLE]
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    stars = camp.guild.channel("stars")
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))

    async def moderate(words: str, **options: object) -> str:
        return shown(await camp.help.command(mo, words, **options).answer())

    assert "on its way" in await moderate("folkmoot-admin board")
    await camp.until(lambda: ours(camp.help))
    [board] = ours(camp.help)
    await moderate("folkmoot-admin set", name="highlights_channel", value="#stars")
    assert "Next: Aug 3, 2026" in await moderate("digest schedule", name="Week", **WEEKLY)
    form = await camp.help.command(people[0], "discussion start").opens()
    answer = await form.submit({"Title": TITLE, "Opening post": OPENING}).answer()
    assert "open" in shown(answer)
    [thread] = [it for it in camp.guild.active_threads() if it.parent is camp.help]
    said = [thread.post(people[(number + 1) % 7], text) for number, text in enumerate(REPLIES)]
    await camp.until(lambda: ours(thread) and len(ours(camp.help)) == 2)
    opening = ours(camp.help)[1]
    [card] = ours(thread)
    noon = int(camp.clock.now().timestamp())
    counters = f"💬 9 msgs · ⭐ 0 highlights · 🕐 <t:{noon}:R>"
    await camp.until(lambda: counters in shown(card) and counters in shown(board))
    assert shown(card) == (
        "A locker, a shop or a list?\n"
        "Last month our lending library lent forty tools. The shed is full by ten, and the queue reaches the street.\n"
        f"{counters}\n🟢 Discussion in progress\n"
        "Waiting for an answer\n"
        f"- [Do we need more room, or fewer people at the same hour?]({link(opening)})\n"
        f"- [And who would stand behind the counter?]({link(opening)})"
    )
    assert shown(board) == (
        "Discussions in progress\n"
        f"- **[A locker, a shop or a list?]({link(thread)})**\n"
        f"  {counters} · 🟢 Discussion in progress"
    )
    await _highlighted(camp, said[1], people, card)
    await camp.until(lambda: ours(stars))
    [copy] = ours(stars)
    assert shown(copy) == (
        "A locker, a shop or a list?\n"
        "> I counted: 31 of 40 loans fell between ten and noon.\n"
        f"-# [Go to the message]({link(said[1])}) — Ifeoma · ⭐ 3"
    )
    said[3].delete()
    await camp.until(lambda: "💬 8 msgs" in shown(card))
    camp.clock.advance(timedelta(hours=2, minutes=1))
    await camp.parts.app.tick()
    await camp.until(lambda: len(ours(camp.help)) == 3)
    digest = ours(camp.help)[-1]
    assert shown(digest) == (
        "This week in Camp · 27 Jul\u2009–\u20093 Aug · 1 discussion, 6 people\n▁▁▁▁▁▁▇\n\n**Highlights**\n"
        f"1\\. [“I counted: 31 of 40 loans fell between ten and noon.”]({link(said[1])}) — Ifeoma"
        f" · **[A locker, a shop or a list?]({link(thread)})**"
    )
    assert await told(camp.store, Inside(camp.place, thread.id), camp.clock) == golden("digest-is-out.json")
    said[1].delete()
    await camp.until(lambda: "(no longer available)" in shown(digest) and not ours(stars))
    await camp.until(lambda: "I counted" not in "".join(map(shown, (card, board, digest))))
    assert await told(camp.store, Inside(camp.place, thread.id), camp.clock) == golden("quote-is-gone.json")


async def _highlighted(camp: Camp, reply: Message, people: list[Member], card: Message) -> None:
    """A star, a menu, another star: one highlight by three people."""
    reply.react(people[4])
    await camp.until(lambda: "⭐ 1 highlight ·" in shown(card))
    answer = await reply.menu(people[5], "Highlight").answer()
    assert "Highlighted" in shown(answer)
    reply.react(people[3])
