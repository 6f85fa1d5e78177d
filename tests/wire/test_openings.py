"""What we post for whoever runs /discussion start is theirs: it goes when they opt out or erase their data."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.models import Level, MemberRef, MessageRef, OwnPost
from storage import SqlStore
from tests import camps_slack
from tests.camps import Camp, folkmoot, ours, until
from tests.camps_slack import Workspace, watched
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel as Hall
from tests.servers.discord.messages import Message
from tests.servers.slack import Member, SlackServer
from tests.servers.slack import Message as Letter
from tests.servers.slack.looks import look, look_view
from tests.wire.keeping import seen
from tests.wire.test_discord_asking import offered
from tests.wire.yards import ON_SQLITE

GONE = "(no longer available)"
Change = Callable[[SqlStore, MemberRef, SetClock], Awaitable[object]]


async def opted_out(store: SqlStore, member: MemberRef, clock: SetClock) -> None:
    assert await store.people.opt_out(member, True, clock.now())


async def erased(store: SqlStore, member: MemberRef, clock: SetClock) -> None:
    assert await store.people.erase(member, clock.now())


async def started(camp: Camp, hall: Hall) -> Message:
    """Ada starts a discussion; our opening post, as soon as it is kept."""
    before = set(ours(camp.help))
    form = await hall.command(camp.member("Ada"), "discussion start").opens()
    await form.submit({"Title": "Tents", "Opening post": "Which quokka tent?"}).answer()
    if not hall.is_forum:
        [opening] = set(ours(camp.help)) - before
    else:
        [thread] = [it for it in camp.guild.active_threads() if it.parent is hall]
        opening = thread.messages[thread.id]
    return opening


def said(message: Message) -> str:
    """All that our opening post says."""
    embed = message.embeds[0]
    return f"{embed.get('description', '')} | {embed.get('footer', {}).get('text', '')}"


@ON_SQLITE
@pytest.mark.parametrize("forum", [False, True], ids=["channel", "forum"])
@pytest.mark.parametrize("change", [opted_out, erased])
async def test_an_opening_post_on_discord_says_nothing_of_who_left(
    discord: DiscordServer, store: SqlStore, clock: SetClock, change: Change, forum: bool
) -> None:
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    hall = guild.forum("ideas") if forum else help_
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        await seen(camp, hall)
        await offered(camp)
        opening = await started(camp, hall)
        assert said(opening) == "Which quokka tent? | Started by Ada"
        assert not discord.log.requests(f"PATCH /channels/*/messages/{opening.id}")
    await change(store, MemberRef(camp.space, camp.member("Ada").id), clock)  # while we are away
    clock.advance(timedelta(hours=1))
    async with folkmoot(discord, store, clock):
        await until(lambda: GONE in said(opening))
        assert "quokka" not in said(opening)
        assert "Ada" not in said(opening)


@ON_SQLITE
async def test_an_opening_post_on_discord_follows_its_opener_while_we_are_there(camp: Camp) -> None:
    await offered(camp)
    opening = await started(camp, camp.help)
    ada = MemberRef(camp.space, camp.member("Ada").id)
    for _ in range(2):
        await opted_out(camp.store, ada, camp.clock)
        await camp.until(lambda: GONE in said(opening) and "Ada" not in said(opening))
        camp.clock.advance(timedelta(seconds=1))
        assert await camp.store.people.opt_out(ada, False, camp.clock.now())
        await camp.until(lambda: said(opening) == "Which quokka tent? | Started by Ada")
        camp.clock.advance(timedelta(seconds=1))
    opening.react(camp.member("Bo"))
    await camp.until(lambda: "⭐ 1 highlight" in card_of(camp, opening))


def card_of(camp: Camp, opening: Message) -> str:
    thread = camp.guild.threads[opening.id]
    return "".join(message.embeds[0].get("description", "") for message in ours(thread))


@ON_SQLITE
async def test_who_has_opted_out_is_not_named_in_an_opening_post_on_discord(camp: Camp) -> None:
    await offered(camp)
    ada = MemberRef(camp.space, camp.member("Ada").id)
    await opted_out(camp.store, ada, camp.clock)
    opening = await started(camp, camp.help)
    assert said(opening) == "Which quokka tent? | "
    await quiet(camp)
    assert said(opening) == "Which quokka tent? | "
    camp.clock.advance(timedelta(seconds=1))
    await erased(camp.store, ada, camp.clock)
    await camp.until(lambda: GONE in said(opening))


@ON_SQLITE
async def test_an_opening_post_where_only_counts_are_kept_stands_until_its_opener_leaves(camp: Camp) -> None:
    await offered(camp)
    await camp.store.places.set_level(camp.place, Level.COUNT, 0)
    opening = await started(camp, camp.help)
    await quiet(camp)
    assert said(opening) == "Which quokka tent? | Started by Ada"
    kept = await post_of(camp, opening)
    assert kept.card is not None
    assert not kept.card.body
    await opted_out(camp.store, MemberRef(camp.space, camp.member("Ada").id), camp.clock)
    await camp.until(lambda: GONE in said(opening) and "Ada" not in said(opening))


async def post_of(camp: Camp, opening: Message) -> OwnPost:
    ref = MessageRef(camp.place, opening.id)
    return (await camp.store.outbox.posted([ref]))[ref]


async def quiet(camp: Camp) -> None:
    """Wait until none of our posts has to be looked at again."""
    while await camp.store.outbox.is_due(camp.clock.now()):
        await camp.store.ledger.wait(await camp.store.ledger.last_seq(), 0.1)


@ON_SQLITE
@pytest.mark.parametrize("change", [opted_out, erased])
async def test_an_opening_post_on_slack_says_nothing_of_who_left(
    slack: SlackServer, store: SqlStore, clock: SetClock, change: Change
) -> None:
    help_, ada = slack.channel("help"), slack.member("Ada")
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        opening = await asked(workspace, ada)
        assert "Started by Ada" in look(opening, clock.now())
    await change(store, MemberRef(workspace.space, ada.id), clock)
    clock.advance(timedelta(hours=1))
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        workspace.parts = parts
        await workspace.until(lambda: GONE in look(opening, clock.now()))
        for word in ("Ada", "quokka", "Tents"):
            assert word not in look(opening, clock.now())


async def test_an_opening_post_on_slack_comes_back_with_its_opener(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    opening = await asked(workspace, ada)
    await workspace.until(lambda: "1 reply" in look(opening, workspace.clock.now()))  # its card stands
    ref, before = MessageRef(workspace.place, opening.ts), shows(workspace, opening)
    kept = (await workspace.store.outbox.posted([ref]))[ref]
    assert kept.card is not None
    assert not kept.card.body  # its words are kept once, with the message
    member = MemberRef(workspace.space, ada.id)
    await opted_out(workspace.store, member, workspace.clock)
    await workspace.until(lambda: GONE in look(opening, workspace.clock.now()))
    assert await workspace.store.people.opt_out(member, False, workspace.clock.now())
    await workspace.until(lambda: shows(workspace, opening) == before)


async def test_who_has_opted_out_is_not_named_in_an_opening_post_on_slack(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    await opted_out(workspace.store, MemberRef(workspace.space, ada.id), workspace.clock)
    opening = await asked(workspace, ada)
    assert "quokka" in look(opening, workspace.clock.now())
    assert "Ada" not in look(opening, workspace.clock.now())


def shows(workspace: Workspace, opening: Letter) -> list[str]:
    """What it says, but for its head, where Slack tells that it was edited."""
    return look(opening, workspace.clock.now()).splitlines()[1:]


async def asked(workspace: Workspace, ada: Member) -> Letter:
    """Ada starts a discussion; our opening post."""
    form = await workspace.help.command(ada, "/discussion", "start").opens()
    answer = await form.submit({"Title": "Tents", "Opening post": "Which quokka tent?"}).opens()
    await workspace.until(lambda: "is open" in look_view(answer, workspace.clock.now()))
    [opening] = camps_slack.ours(workspace.help)
    return opening
