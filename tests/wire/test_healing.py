"""Copies heal: whatever became of a message while we were away is so in all that shows it, soon after we are back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.models import PostState
from storage import SqlStore
from tests import camps_slack
from tests.camps import Camp, folkmoot, ours, shown
from tests.camps_slack import Workspace, watched
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.servers.slack import Message, SlackServer
from tests.servers.slack.looks import look
from tests.wire.keeping import seen
from tests.wire.standing import InDiscord, InSlack, Seen, says_anew, sees, silent
from tests.wire.yards import ON_SQLITE, a_card

Change = Callable[[InDiscord | InSlack, SqlStore, SetClock], Awaitable[None]]
Rule = Callable[[Seen], bool]
pytestmark = ON_SQLITE


async def edited(here: InDiscord | InSlack, _store: SqlStore, _clock: SetClock) -> None:
    here.edit("Which numbat tent holds out?", "The echidna one.")


async def deleted(here: InDiscord | InSlack, _store: SqlStore, _clock: SetClock) -> None:
    here.reply.delete()
    here.opening.delete()


async def opted_out(here: InDiscord | InSlack, store: SqlStore, clock: SetClock) -> None:
    """By another process, or a command line."""
    for member in here.members():
        assert await store.people.opt_out(member, True, clock.now())


async def erased(here: InDiscord | InSlack, store: SqlStore, clock: SetClock) -> None:
    for member in here.members():
        assert await store.people.erase(member, clock.now())


NOTHING: Rule = silent()  # to see beside that the old words are gone


def changes(*quick: Change) -> pytest.MarkDecorator:
    """Each of the four; in the suite those of one platform, in the soak the others too."""
    every = ((edited, says_anew), (deleted, NOTHING), (opted_out, NOTHING), (erased, NOTHING))
    marks = {each: () if each in quick else (pytest.mark.soak,) for each, _ in every}
    return pytest.mark.parametrize(
        ("change", "rule"), [pytest.param(*each, marks=marks[each[0]], id=each[0].__name__) for each in every]
    )


@changes(edited)
async def test_what_changed_while_we_were_away_is_changed_everywhere_on_discord(
    discord: DiscordServer, store: SqlStore, clock: SetClock, change: Change, rule: Rule
) -> None:
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    async with folkmoot(discord, store, clock) as parts:
        here = InDiscord(Camp(discord, guild, help_, store, clock, parts))
        await here.begin()
    await change(here, store, clock)
    clock.advance(timedelta(hours=1))
    async with folkmoot(discord, store, clock) as parts:
        here.camp = Camp(discord, guild, help_, store, clock, parts)
        await sees(store, here.shown, lambda found: silent("quokka", "wombat")(found) and rule(found))
    assert (await store.ledger.audit()).drift == 0


@changes(deleted, erased)
async def test_what_changed_while_we_were_away_is_changed_everywhere_on_slack(
    slack: SlackServer, store: SqlStore, clock: SetClock, change: Change, rule: Rule
) -> None:
    help_ = slack.channel("help")
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        here = InSlack(workspace)
        await here.begin()
    slack.deliveries.pause()
    await change(here, store, clock)
    clock.advance(timedelta(hours=1))
    slack.deliveries.forget()
    slack.deliveries.resume()
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        workspace.parts = parts
        await sees(store, here.shown, lambda found: silent("quokka", "wombat")(found) and rule(found))
    assert (await store.ledger.audit()).drift == 0


MINUTE = 60.0  # seconds of the loop


async def test_a_card_that_is_stale_after_a_restart_is_refreshed_once_on_discord(
    discord: DiscordServer, store: SqlStore, clock: SetClock
) -> None:
    guild = discord.guild("Camp")
    help_ = guild.channel("help")
    async with folkmoot(discord, store, clock) as parts:
        camp = Camp(discord, guild, help_, store, clock, parts)
        await seen(camp, help_)
        thread, _, card = await a_card(camp)
        await recorded(store)
    for n in range(5):
        thread.post(guild.member("Ada"), f"Meanwhile {n}.")
    clock.advance(timedelta(hours=1))
    since, begun = len(discord.log), max(each.loop_time for each in discord.log.requests())
    async with folkmoot(discord, store, clock) as parts:
        await camp.until(lambda: "💬 14 msgs" in shown(card))
        await parts.app.catch_up(0)
    [edit] = discord.log.requests("PATCH /channels/*/messages/*", since=since)
    assert edit.loop_time - begun < MINUTE
    assert ours(thread) == [card]


async def test_a_card_that_is_stale_after_a_restart_is_refreshed_once_on_slack(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    help_ = slack.channel("help")
    people = [slack.member(name) for name in ("Ada", "Bo", "Cem", "Dina")]
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        question = help_.post(people[0], "Which tent holds out in a storm?")
        for n in range(8):
            question.reply(people[1 + n % 3], f"Reply number {n}.")
        await workspace.until(lambda: [it for it in card_of(workspace, question) if "💬 9 msgs" in it])
        await recorded(store)
    slack.deliveries.pause()
    for n in range(5):
        question.reply(people[n % 4], f"Meanwhile {n}.")
    clock.advance(timedelta(hours=1))
    slack.deliveries.forget()
    slack.deliveries.resume()
    since, begun = len(slack.log), max(each.loop_time for each in slack.log.requests())
    async with camps_slack.folkmoot(slack, store, clock, "socket") as parts:
        await workspace.until(lambda: "💬 14 msgs" in card_of(workspace, question)[0])
        await parts.app.catch_up(0)
    [edit] = slack.log.requests("chat.update", since=since)
    assert edit.loop_time - begun < MINUTE
    assert len(card_of(workspace, question)) == 1


async def recorded(store: SqlStore) -> None:
    """Wait until we know that the card stands as it is shown: else we would have to look for it after a restart."""
    while (post := await store.outbox.of_subject("card:1")) is None or post.state is not PostState.LIVE:
        await store.ledger.wait(await store.ledger.last_seq(), 0.2)


def card_of(workspace: Workspace, root: Message) -> list[str]:
    return [look(each, workspace.clock.now()) for each in camps_slack.ours(workspace.help, root)]
