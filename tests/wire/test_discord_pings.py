"""Nothing that we send to Discord pings anybody, whatever people write and however they call themselves."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.ports import Pace
from tests.camps import Camp, ours, shown
from tests.evidence import shown_in_discord
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import MODERATOR, Can
from tests.servers.discord.threads import Thread
from tests.wire.keeping import known, shows, sized
from tests.wire.yards import ON_SQLITE

pytestmark = ON_SQLITE
LONG = 600.0  # seconds

TOKENS = (  # what pings on Discord, on Slack, and what only looks like it
    "@everyone", "@here", "<@&{role}>", "<@{user}>", "<@!{user}>", "<#{channel}>", "</folkmoot status:{channel}>",
    "<!channel>", "<!here>", "<!everyone>", "<!subteam^S012AB>", "<!subteam^S012AB|@team>", "<@U012AB>", "@Zoe",
    "@loud", "@\u200beveryone", "\uff20everyone", "@every\u043ene", "@everyone\u200d", "\u202e@everyone", "<@&{role}",
    "<@\u200b{user}>",
    "a@everyone.example", "@everyone @here <@{user}>", "@EVERYONE",
)  # fmt: skip
WAYS = (  # how it stands in a text
    "{}", "`{}`", "```\n{}\n```", "**{}**", "||{}||", "> {}", "\\{}", "[{}](https://example.org)", "[t](https://e.example/{})",
    "# {}", "- {}", "_{}_", "{}{}", "Hey {}, which tent?", "<{}>", "`` {} ` ``", "x" * 70 + " {}", "x" * 92 + " {}",
    "x" * 245 + " {}", "x" * 1015 + " {}",
)  # fmt: skip


def corpus(camp: Camp, strings: int) -> list[str]:
    """So many different strings, each token in many ways; the same ones every time."""
    ids = {"role": camp.guild.role("loud").id, "user": camp.member("Zoe").id, "channel": camp.help.id}
    every = [way.replace("{}", token.format(**ids)) for token in TOKENS for way in WAYS]
    assert len(set(every)) == len(every) == 500
    return random.Random(160).sample(every, strings)


def bodies(camp: Camp) -> Iterator[dict[str, Any]]:
    """Every message that we asked Discord to show to anybody, new or edited, for all or for one."""
    for entry in camp.server.log.requests():
        if not entry.what.startswith("GET"):
            yield from shown_in_discord(entry.body["body"])


async def answered(call: Any) -> str:  # noqa: ANN401 - a call
    """What somebody is told."""
    answer = await call.answer()
    return shown(answer) if answer.embeds else str(answer.text)


async def a_thread(camp: Camp, people: list[Member], said: list[str], n: int) -> tuple[Thread, list[Message]]:
    """A lively thread in which all of it stands: name, opening post, file, replies; the third reply is starred."""
    text, author = said[n], people[n % 4]
    opening = camp.help.post(author, f"{text} which tent holds out {text[:500]}?", files=(f"{text[-60:]}.png",))
    thread = opening.thread(author, f"{text} tents"[-100:])
    replies = [thread.post(people[m % 4], f"{said[(n + m) % len(said)]} said {m}?") for m in range(8)]
    for member in people:
        if member is not people[2]:
            replies[2].react(member)
    return thread, replies


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it stands in few places: the pace of one place would make this long."""
    monkeypatch.setattr("adapters.discord.adapter.pace", lambda _share: Pace())


@sized("strings", 4, 500)  # as many as there are people: each is called by one
async def test_nothing_of_ours_pings_anybody(camp: Camp, strings: int) -> None:
    said = corpus(camp, strings)
    camp.server.world.patience = LONG  # how soon they are answered is tried elsewhere
    mo = camp.member("Mo", can=MODERATOR | Can.MANAGE_GUILD)
    stars = camp.guild.channel("stars")
    people = [camp.member(said[n % len(said)][-32:].strip()) for n in range(4)]
    await camp.until(lambda: camp.server.log.answers("PUT /applications/*/commands"))
    await known(camp, stars)
    await answered(camp.help.command(mo, "folkmoot-admin set", name="highlights_channel", value="#stars"))
    await answered(camp.help.command(mo, "folkmoot-admin board"))
    made = []
    for n in range(len(said)):
        made.append(await a_thread(camp, people, said, n))
        if n % 10 == 0:  # who asks is answered within three seconds, but not after a flood like this
            await shows(camp.store, camp.place, made[-1][0].id, count=9)
    await _commanded(camp, people, said)
    for n, (thread, replies) in enumerate(made):
        await shows(camp.store, camp.place, thread.id, count=9)
        await answered(thread.command(people[n % 4], "highlight", link=replies[3].link, note=said[n][:200]))
    rule = {"every": "weekly", "weekday": "mon", "at": "14:00", "zone": "UTC", "reach": "space"}
    await answered(camp.help.command(mo, "digest schedule", name=said[0][:50], **rule))
    camp.clock.advance(timedelta(hours=2, minutes=1))
    await camp.parts.app.tick()
    await camp.until(lambda: any("This week in" in shown(post) for post in ours(camp.help)), LONG)
    for words in ("digest preview", "digest list", "digest why", "highlights", "catchup", "discussion list"):
        await answered(camp.help.command(mo, words))
    for n, (thread, _) in enumerate(made):
        form = await thread.command(mo, "discussion conclude").opens()
        await form.submit({"Outcome": said[n].replace("\n", " ")[-300:]}).answer()
    await camp.until(lambda: all(ours(thread) and "✅" in shown(ours(thread)[0]) for thread, _ in made), LONG)
    await camp.until(lambda: len(ours(stars)) >= len(said), LONG)
    _check(camp, len(said))


async def _commanded(camp: Camp, people: list[Member], said: list[str]) -> None:
    """Discussions that are begun by command, and their titles changed."""
    for n, text in enumerate(said):
        form = await camp.help.command(people[n % 4], "discussion start").opens()
        title = text.replace("\n", " ")[-100:]
        await form.submit({"Title": title, "Summary": title, "Opening post": text}).answer()


def _check(camp: Camp, strings: int) -> None:
    """Look at all that was sent, and at what became of it."""
    sent = list(bodies(camp))
    assert len(sent) > 6 * strings
    assert [body for body in sent if body.get("allowed_mentions") != {"parse": []}] == []
    posts = [post for place in camp.server.world.channels.values() for post in place.messages.values() if post.ours]
    assert len(posts) > 3 * strings
    loud = [post for post in posts if post.mentioned() or post.pings_all() or post.payload()["mention_roles"]]
    assert loud == []
    assert not any(post.text for post in posts)  # all we say stands in embeds, which ping nobody whatever they say
