"""Nothing that we send to Slack pings anybody or unfurls anything, whatever people write and call themselves."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.slack import api
from adapters.slack.adapter import SlackAdapter
from bot.ports import Pace
from tests.adapters.slack.blockkit import live
from tests.camps_slack import Workspace, ours
from tests.evidence import shown_in_slack
from tests.servers.slack import Channel, Member, Message, Role
from tests.servers.slack.calls import Call
from tests.servers.slack.looks import look, look_view
from tests.wire.keeping import sized

pytestmark = pytest.mark.parametrize(
    "workspace", ["socket-sqlite", pytest.param("http-postgresql", marks=pytest.mark.soak)], indirect=True
)
LONG = 900.0  # seconds

TOKENS = (  # what pings on Slack, on Discord, and what only looks like it
    "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<!subteam^{group}>", "<!subteam^{group}|@loud>",
    "<@{user}>", "<@{user}|boss>", "<#{channel}>", "<#{channel}|plans>", "@channel", "@here", "@EVERYONE",
    "@\u200bhere", "\uff20here", "@h\u0435re", "&lt;!channel&gt;", "<! here>", "<!here\u200b>", "<!here><@{user}>",
    "a@everyone.example", "\u202e@here", "<!date^1^{{ago}}|now>", "<@&123>", "@Zoe",
)  # fmt: skip
WAYS = (  # how it stands in a text
    "{}", "`{}`", "```\n{}\n```", "*{}*", "~{}~", "> {}", ">>> {}", "<https://example.org|{}>", "<https://e.example/{}>",
    "• {}", "1. {}", "_{}_", "{}{}", "Hey {}, which tent?", "<{}>", "`` {} ` ``", "x" * 70 + " {}", "x" * 140 + " {}",
    "x" * 290 + " {}", "x" * 2990 + " {}",
)  # fmt: skip


def corpus(workspace: Workspace, strings: int) -> list[str]:
    """So many different strings, each token in many ways; the same ones every time."""
    zoe = workspace.member("Zoe")
    ids = {"group": workspace.server.group("loud", zoe).id, "user": zoe.id, "channel": workspace.help.id}
    every = [way.replace("{}", token.format(**ids)) for token in TOKENS for way in WAYS]
    assert len(set(every)) == len(every) == 500
    return random.Random(160).sample(every, strings)


def bodies(workspace: Workspace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every message and view that we asked Slack to show to anybody, new or edited, for all or for one."""
    for entry in workspace.server.log.requests():
        for shown in shown_in_slack(entry.body.get("body")):
            yield entry.what, shown


async def said(workspace: Workspace, call: Call) -> str:
    """What somebody is told."""
    return look(await call.answer(within=LONG), workspace.clock.now())


async def within(workspace: Workspace, seen: Any) -> None:  # noqa: ANN401 - whatever tells that it is to be seen
    """Wait long enough for something to be seen: all of this is much at once."""
    async with asyncio.timeout(LONG):
        while not seen():
            await workspace.store.ledger.wait(await workspace.store.ledger.last_seq(), 0.2)


async def a_thread(workspace: Workspace, people: list[Member], strings: list[str], n: int) -> list[Message]:
    """A lively thread in which all of it stands: opening post, file, replies; the third reply is starred."""
    text, author = strings[n], people[n % 4]
    opening = workspace.help.post(
        author, f"{text} which tent holds out {text[:500]}?", raw=True, files=[f"{text[-60:]}.png"]
    )
    more = [f"{strings[(n + m) % len(strings)]} said {m}?" for m in range(8)]
    replies = [opening.reply(people[m % 4], words, raw=True) for m, words in enumerate(more)]
    for member in people:
        if member is not people[2]:
            replies[2].react(member)
    return [opening, *replies]


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it stands in few places: Slack's pace would make this long."""
    monkeypatch.setattr(SlackAdapter, "pace", Pace())
    monkeypatch.setattr(api, "APART", 0.0)


@sized("strings", 4, 500)
async def test_nothing_of_ours_pings_anybody_or_unfurls_anything(workspace: Workspace, strings: int) -> None:
    server, help_ = workspace.server, workspace.help
    server.limits.off()
    server.world.patience = LONG  # how soon they are answered is tried elsewhere
    hostile = corpus(workspace, strings)
    mo = workspace.member("Mo", Role.OWNER)
    stars = server.channel("stars")
    people = [workspace.member(hostile[n % len(hostile)][-32:].strip()) for n in range(4)]
    await workspace.session.roster.load()
    await workspace.session.watch.look(deep=True)
    help_.rename(mo, f"plans-{hostile[0][-60:]}")
    await said(workspace, help_.command(mo, "/folkmoot-admin", "set name:highlights_channel value:#stars"))
    await said(workspace, help_.command(mo, "/folkmoot-admin", "board"))
    made = []
    for n in range(len(hostile)):
        made.append(await a_thread(workspace, people, hostile, n))
        await workspace.post(made[-1][-1])
    for n, thread in enumerate(made):
        link, note = thread[4].permalink, hostile[n][:200].replace("\n", " ")
        await said(workspace, help_.command(people[n % 4], "/highlight", f'{link} "{note}"'))
    await _by_forms(workspace, people, hostile)
    await _digested(workspace, mo, hostile[0])
    await _asked(workspace, mo, hostile)
    for n, thread in enumerate(made):
        await workspace.settled()
        form = await thread[1].shortcut(mo, "conclude").opens(within=LONG)
        sent = form.submit({"Outcome": hostile[n].replace("\n", " ")[-300:]})
        await sent.opens(within=LONG)
    await within(workspace, lambda: all(_concluded(help_, it[0]) for it in made))
    await within(workspace, lambda: len(ours(stars)) >= len(hostile))
    _check(workspace, len(hostile))


async def _digested(workspace: Workspace, mo: Member, name: str) -> None:
    """A digest with such a name, of all that there is."""
    rule = "every:weekly weekday:mon at:14:00 zone:UTC reach:space"
    await said(workspace, workspace.help.command(mo, "/digest", f'schedule name:"{name[:50]}" {rule}'))
    workspace.clock.advance(timedelta(hours=2, minutes=1))
    await workspace.parts.app.tick()
    await within(workspace, lambda: any("This week in" in str(post.blocks) for post in ours(workspace.help)))


def _concluded(channel: Channel, thread: Message) -> bool:
    return any("✅" in str(card.blocks) for card in ours(channel, thread))


ASKED = ("digest preview", "digest list", "digest why 1", "highlights", "catchup", "discussion list", "status")


async def _asked(workspace: Workspace, mo: Member, hostile: list[str]) -> None:
    """All that is shown to one person only."""
    for words in (*ASKED, f"dance {hostile[0][-200:]}"):
        await said(workspace, workspace.help.command(mo, "/folkmoot", words))
    mo.open_home()
    await within(workspace, lambda: mo.id in workspace.server.world.homes)


async def _by_forms(workspace: Workspace, people: list[Member], hostile: list[str]) -> None:
    """Discussions that are begun by a form."""
    for n, text in enumerate(hostile):
        await workspace.settled()
        form = await workspace.help.command(people[n % 4], "/discussion", "start").opens(within=LONG)
        title = text.replace("\n", " ")[-100:]
        sent = form.submit({"Title": title, "Summary": title, "Opening post": text[-2990:]})
        answer = await sent.opens(within=LONG)
        await within(workspace, lambda answer=answer: "is open" in look_view(answer, workspace.clock.now()))


def _check(workspace: Workspace, strings: int) -> None:
    """Look at all that was sent, and at what became of it."""
    sent = list(bodies(workspace))
    assert len(sent) > 6 * strings
    assert [(what, found) for what, body in sent if (found := live(body))] == []
    posted = [body for what, body in sent if what == "chat.postMessage"]
    assert [
        body for body in posted if body.get("unfurl_links") is not False or body.get("unfurl_media") is not False
    ] == []
    shown = [body for what, body in sent if what in {"chat.postMessage", "chat.update"}]
    assert [body for body in shown if body.get("parse") != "none" or body.get("link_names") is not False] == []
    kinds = {what for what, _ in sent}
    assert kinds >= {"chat.postMessage", "chat.update", "response_url", "views.open", "views.publish"}
    assert workspace.server.violations == []
