"""Digests at work, for tests: a room, a schedule, what is shown after a tick."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

from bot.digesting import Digests
from bot.linking import fingerprint, new_code
from bot.markup import plain
from bot.models import (
    Card,
    Channel,
    Event,
    Every,
    Link,
    LinkRefusal,
    MemberRef,
    MessageRef,
    Platform,
    PostKind,
    Reach,
    Rule,
    Schedule,
    Space,
)
from bot.texts import texts_for
from bot.urls import Urls
from storage import SqlStore
from tests.makers import HELP, NOON, SPACE, a_channel, a_discussion, a_message, a_space, a_vote, an_id, seen

EVENING = Rule(every=Every.DAILY, at=time(18), zone="Europe/Berlin")  # 16:00 UTC, four hours after noon
DUE = NOON + timedelta(hours=4)
BEGUN = NOON - timedelta(hours=12)
DAY = timedelta(days=1)
TEA = Channel(SPACE, "tea")
MODERATORS = Channel(SPACE, "moderators")
CELLAR = Channel(SPACE, "cellar")
AWAY = Channel(Space(Platform.SLACK, "T1"), "C1")
EN = texts_for("en", "Europe/Berlin")
refs = count(1)


def the_digests(store: SqlStore) -> Digests:
    return Digests(store=store, urls=Urls("http://127.0.0.1:8080"))


async def a_room(store: SqlStore, *events: Event | Sequence[Event]) -> None:
    """The local room with #help, and what happened in it."""
    told: list[Event] = [a_space(), a_channel()]
    for event in events:
        told += event if isinstance(event, Sequence) else [event]
    await store.ledger.record(told)


async def a_schedule(store: SqlStore, rule: Rule = EVENING, destination: Channel = HELP, **more: Any) -> Schedule:  # noqa: ANN401 - handed on by name
    known = await store.places.channel(destination)
    assert known is not None
    given: dict[str, Any] = {
        "reach": Reach.SPACE,
        "sources": (),
        "say_quiet": False,
        "at": BEGUN,
        "name": "Evening",
    } | more
    return await store.calendar.add_schedule(community=known.community, destination=destination, rule=rule, **given)


async def now_shown(store: SqlStore, now: datetime) -> list[Card]:
    """Deliver what waits in the outbox, as delivery does, and give what people see of the digests."""
    cards: list[Card] = []
    for post in await store.outbox.claim("test", now, 60):
        assert post.kind is PostKind.DIGEST
        drawn = await the_digests(store).render(int(post.subject.partition(":")[2]))
        assert drawn is not None
        assert await store.outbox.freeze(post.id, "test", *drawn)
        where = post.where if isinstance(post.where, Channel) else post.where.channel
        await store.outbox.sent(post.id, "test", post.ref or MessageRef(where, str(next(refs))), None)
        cards.append(drawn[0])
    return cards


async def ticked(store: SqlStore, now: datetime) -> list[Card]:
    await the_digests(store).tick(now)
    return await now_shown(store, now)


def words(card: Card) -> str:
    return "\n".join([card.title, plain(card.body), plain(card.footer)])


async def reread(store: SqlStore, schedule: Schedule) -> Schedule:
    return next(each for each in await store.calendar.schedules() if each.id == schedule.id)


async def titled(store: SqlStore, minutes: float, title: str, channel: Channel = HELP) -> int:
    """Settle the discussion whose opening post was sent so many minutes after noon."""
    found = await store.forum.containing(MessageRef(channel, an_id(minutes)))
    assert found is not None
    seq = await store.ledger.last_seq()
    cites = [MessageRef(channel, an_id(minutes))]
    await store.ledger.settle(found.id, title=title, summary="", waiting=(), cites=cites, seen=seq)
    return found.id


async def linked(store: SqlStore, one: Channel, other: Channel, at: datetime = NOON) -> Link:
    """Link the spaces of two channels, as their admins do."""
    code = fingerprint(new_code())
    await store.links.offer(one, code, MemberRef(one.space, "root"), at)
    taken = await store.links.take(code, MemberRef(other.space, "root"), at)
    assert not isinstance(taken, LinkRefusal), taken
    return taken[0]


SECRET = "The spare key lies under the third stone."


def told_in(channel: Channel, start: float = 0) -> list[Event]:
    return [
        seen(a_message(start, SECRET, channel=channel)),
        seen(a_message(start + 1, SECRET, thread=start, author="Bo", channel=channel)),
        a_vote(start, "Cem", channel=channel, at=start + 2),
        a_vote(start, "Dina", channel=channel, at=start + 2),
    ]


async def a_quoted_post(store: SqlStore) -> Card:
    """A digest that quotes Cem's reply and shows what Ada asked as its title."""
    votes = [a_vote(1, name, at=10) for name in ("Dina", "Eve")]
    await a_room(store, a_discussion(), votes)
    await titled(store, 0, "Which tent holds out in a storm?")
    await a_schedule(store)
    [card] = await ticked(store, DUE)
    assert "1. “Reply 1 about tents.” — Cem · Which tent holds out in a storm?" in words(card)
    return card


async def due_now(store: SqlStore, destination: Channel, name: str, now: datetime) -> None:
    """A daily digest of a channel that comes due at this moment, which is noon in the zone where it lives."""
    rule = Rule(every=Every.DAILY, at=time(12, now.minute), zone=f"Etc/GMT{now.hour - 12:+d}")
    more = {"reach": Reach.CHANNEL, "say_quiet": True, "at": now - timedelta(hours=20), "name": name}
    await a_schedule(store, rule, destination, **more)
