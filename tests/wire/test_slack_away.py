"""What was said in a Slack workspace while we were away is read, at a price that Slack accepts."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.slack import pacing
from bot.models import Lack, Platform
from storage import SqlStore, open_store
from tests.camps_slack import Workspace, folkmoot, watched
from tests.makers import SetClock
from tests.servers.slack import Message, Role, SlackServer

REPLIES, HISTORY = "conversations.replies", "conversations.history"


async def away(
    slack: SlackServer, store: SqlStore, clock: SetClock, *, top: int, replies: int, threads: int
) -> tuple[Sequence[str], Sequence[str]]:
    """Two hours away, in which people write so much; the threads that were read meanwhile, and those with news.

    As many threads again have nothing new.
    """
    help_, ada, bo = slack.channel("help"), slack.member("Ada"), slack.member("Bo")
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await watched(workspace, help_)
        roots = [help_.post(ada, f"Question {n}?") for n in range(2 * threads)]
        said = [*roots, *(root.reply(bo, "A first answer.") for root in roots)]
        clock.advance(timedelta(minutes=2))
        said.append(help_.post(ada, "Good night."))
        await workspace.kept(said)
        await workspace.no_gap()
    clock.advance(timedelta(hours=1))
    slack.deliveries.pause()
    said += [help_.post(ada, f"Meanwhile {n}.") for n in range(top)]
    said += [roots[n % threads].reply(ada, f"An answer {n}.") for n in range(replies)]
    clock.advance(timedelta(hours=1))
    slack.deliveries.forget()
    slack.deliveries.resume()
    asked = len(slack.log)
    async with folkmoot(slack, store, clock, "socket") as parts:
        workspace = Workspace(slack, help_, store, clock, parts)
        await workspace.kept(said)
        await workspace.no_gap()
        read = [entry.body["body"] for entry in slack.log.requests(REPLIES, since=asked)]
        assert (await store.ledger.audit()).messages == len(said)
    missing = read[0]["oldest"]  # from here on; what is compared with what we had is read from elsewhere
    return [each["ts"] for each in read if each["oldest"] == missing], [root.ts for root in roots[:threads]]


async def test_after_two_hours_away_only_threads_with_news_are_read(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    fetched, news = await away(slack, store, clock, top=50, replies=30, threads=4)
    assert sorted(fetched) == sorted(news)


@pytest.mark.soak
async def test_after_two_hours_away_eight_hundred_messages_are_read_from_forty_threads(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    fetched, news = await away(slack, store, clock, top=500, replies=300, threads=40)
    assert sorted(fetched) == sorted(news)


async def slowly(slack: SlackServer, store: SqlStore, clock: SetClock, messages: int) -> None:
    """Slack lets us read fifteen messages a minute: we are told once, then wait, and say how long it takes."""
    help_, ada, eve = slack.channel("help"), slack.member("Ada"), slack.member("Eve", Role.OWNER)
    async with folkmoot(slack, store, clock, "socket") as parts, asyncio.timeout(pacing.WINDOW * (messages + 10)):
        workspace = Workspace(slack, help_, store, clock, parts)
        await workspace.is_now(help_, name="help")
        await store.places.watch(workspace.place, True)
        slack.deliveries.pause()
        clock.advance(timedelta(minutes=10))
        said: list[Message] = []
        for n in range(messages):
            clock.advance(timedelta(minutes=1))
            said.append(help_.post(ada, f"Meanwhile {n}."))
        clock.advance(timedelta(minutes=2))
        slack.deliveries.forget()
        slack.deliveries.resume()
        await workspace.session.taking.begin()
        await workspace.until(
            lambda: [each.left for each in parts.catch_up.progress(workspace.space)] not in ([], [None])
        )
        status = await help_.command(eve, "/folkmoot", "status").answer()
        assert "Slack lets me read 15 messages a minute." in str(status.blocks)
        while await store.gaps.open(Platform.SLACK):
            await store.ledger.wait(await store.ledger.last_seq(), 0.2)
        await workspace.kept(said)
        assert slack.limits.refused == 1, "once, to learn it"
        await workspace.session.watch.look(deep=False)
        lacking = await parts.adapters[workspace.space.platform].examine([workspace.place])
        assert Lack.SLOW in [each.lack for each in lacking]


async def test_where_slack_lets_us_read_little_we_wait_and_say_how_long(
    slack: SlackServer, sqlite_url: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "WINDOW", 1.0)
    monkeypatch.setattr(pacing, "ROUNDED", 0.0)
    slack.make_distributed()
    for method in (HISTORY, REPLIES):
        slack.limits.set(method, 1, 0.9)
    store = open_store(sqlite_url)
    try:
        await slowly(slack, store, clock, 20)
    finally:
        await store.close()


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_where_slack_lets_us_read_fifteen_messages_a_minute_we_are_refused_once(
    slack: SlackServer, store: SqlStore, clock: SetClock
) -> None:
    slack.make_distributed()
    await slowly(slack, store, clock, 20)
