"""Discord and Slack in one process: one community with one digest in both, and nothing closed of one in the other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage import open_store
from tests.camps import shown
from tests.camps_both import PEOPLE, Both, both_of, canary
from tests.checking import Found, check
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel as Hall
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.slack import Channel, Role, SlackServer
from tests.servers.slack import Member as Person
from tests.servers.slack.looks import look

DAILY = {"name": "News", "every": "daily", "at": "14:00", "zone": "UTC", "reach": "community"}
TYPED = " ".join(f"{name}:{value}" for name, value in DAILY.items())
OPEN = {"help": "tents", "bench": "poles", "lobby": "mugs"}  # what everybody there may read, and where it was said
CLOSED = ("den", "cave", "lodge", "hut", "bridge")
ASKED = (
    "digest preview", "digest list", "digest why", "discussion list", "highlights", "catchup", "folkmoot status",
    "folkmoot help", "privacy show",
)  # fmt: skip
SET_UP = ("folkmoot-admin settings", "folkmoot-admin doctor", "folkmoot-admin board")


@pytest.fixture
async def both(slack: SlackServer, discord: DiscordServer, clock: SetClock, sqlite_url: str) -> AsyncIterator[Both]:
    slack.world.name = "Workshop"
    store = open_store(sqlite_url)
    try:
        async with both_of(discord, slack, store, clock) as made:
            yield made
    finally:
        await store.close()


async def test_two_platforms_are_one_community_and_what_is_closed_stays_there(both: Both) -> None:
    help_, bench, lobby = both.camp["help"], both.shop["bench"], both.shop["lobby"]
    eve = both.slack.member("Eve", Role.OWNER)
    await became_one(both, eve)
    await talked(both)
    both.clock.advance(timedelta(hours=2, minutes=1))
    await both.parts.app.tick()
    await both.until(lambda: both.digests(help_) and both.digests(bench) and both.digests(lobby))
    for channel in (help_, bench):
        [digest] = both.digests(channel)
        assert all(words in digest for words in (*OPEN.values(), "· Camp · Discord", "· Workshop · Slack"))
    assert [word for word in OPEN.values() if word in both.digests(lobby)[0]] == ["mugs"]  # a guest reads it
    await asked(both, eve)
    assert await leaks(both) == []
    pages = await both.pages()
    assert all(word in pages["/"] for word in OPEN.values())  # and it was looked for where words are
    assert ">Folkmoot</p>" not in pages["/"]  # the room is closed, so its channels are no choice
    await parted(both, eve)
    await both.until(lambda: "tents" not in both.digests(bench)[0])
    await both.until(lambda: not any(word in both.digests(help_)[0] for word in ("poles", "mugs")))
    assert "tents" in both.digests(help_)[0]
    assert "poles" in both.digests(bench)[0]
    assert await leaks(both) == []


async def became_one(both: Both, eve: Person) -> None:
    """Admins of both sides link them; one digest is to come to both, and another to where a guest reads."""
    help_, bench = both.camp["help"], both.shop["bench"]
    mo = help_.guild.member("Mo", help_.guild.role("keeper", MODERATOR | Can.MANAGE_GUILD))
    await both.until(lambda: both.discord.log.answers("PUT /applications/*/commands"))
    offer = await help_.command(mo, "folkmoot-admin link").answer()
    code = shown(offer).partition("code:")[2].split()[0]
    assert offer.ephemeral
    assert "I gave out no such code" in await typed(both, eve, bench, "folkmoot-admin link code:ABCD-EFGH-JKLM")
    assert "Camp · Discord are one community now" in await typed(both, eve, bench, f"folkmoot-admin link code:{code}")
    made = await help_.command(mo, "digest schedule", **DAILY).answer()
    assert "“News” goes to #help" in shown(made)
    assert "“News” goes to #bench" in await typed(both, eve, bench, "digest join")
    assert "goes to #lobby" in await typed(both, eve, both.shop["lobby"], f"digest schedule {TYPED}")
    await help_.command(mo, "folkmoot-admin set", name="highlights_channel", value="#stars").answer()
    assert "#praise" in await typed(both, eve, bench, "folkmoot-admin set highlights_channel #praise")


async def talked(both: Both) -> None:
    """A discussion everywhere, with a reply that three people highlight."""
    words = OPEN | {name: canary(name) for name in CLOSED}
    for name, word in words.items():
        talk(both, both.channels[name], word)
    await both.kept(messages=2 * len(words), highlights=len(words))


def talk(both: Both, channel: Hall | Channel, word: str) -> None:
    if isinstance(channel, Hall):
        ada, *others = map(channel.guild.member, PEOPLE)
        reply = channel.post(ada, f"Which {word} do we take?").thread(ada, f"About {word}").post(ada, f"My {word}!")
        for each in others:
            reply.react(each)
    else:
        first, *rest = map(both.person, PEOPLE)
        answer = channel.post(first, f"Which {word} do we take?").reply(first, f"My {word}!")
        for one in rest:
            answer.react(one)


async def typed(both: Both, member: Person, channel: Channel, words: str) -> str:
    """What a command is answered in Slack."""
    answer = await channel.command(member, "/folkmoot", words).answer()
    return look(answer, both.clock.now())


async def asked(both: Both, eve: Person) -> None:
    """All that can be asked in the open: by somebody who is in nothing private, and by admins."""
    help_, bench, otto = both.camp["help"], both.shop["bench"], both.person("Otto")
    mo, stranger = help_.guild.member("Mo"), help_.guild.member("Otto")
    for call in [help_.command(stranger, words) for words in ASKED] + [help_.command(mo, words) for words in SET_UP]:
        await call.answer()
    for who, lines in ((otto, ASKED), (eve, SET_UP)):
        for line in lines:
            await typed(both, who, bench, line)
    await help_.command(stranger, "discussion start").opens()
    menu = await bench.command(otto, "/folkmoot").opens()
    assert menu.blocks
    for person in (otto, eve):
        person.open_home()
    await both.until(lambda: all("in progress" in both.slack.look_home(person) for person in (otto, eve)))


async def leaks(both: Both) -> list[Found]:
    """Where words of closed channels stand but in these, among all that ever went out."""
    secrets = {canary(name): both.place(both.channels[name]) for name in CLOSED}
    return await check(both.store, [], [], await both.outputs(), secrets)


async def parted(both: Both, eve: Person) -> None:
    """An admin of one side ends the link."""
    question = await both.shop["bench"].command(eve, "/folkmoot", "folkmoot-admin unlink").answer()
    assert "what they quoted of it is taken out." in look(question, both.clock.now())
    said = await question.choose(eve, "choose:0", "Yes").answer()
    assert "no longer linked" in look(said, both.clock.now())
