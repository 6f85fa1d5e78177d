"""Finds broken promises: what a platform has is compared with what is stored, and with what people can see.

It knows nothing of how Folkmoot works inside: what was said there must be here, once, in the same words; what is gone
there must be gone here; each post of ours stands once, shows the true numbers, notifies nobody; and words of private
places stand nowhere else. It is itself tried with planted lies, in wire/test_checking.py.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

from bot.models import Channel, Discussion, Thread
from storage import SqlStore

COUNTERS = re.compile(r"💬 (\d+) msgs?")


class Promise(StrEnum):
    """What can be found broken."""

    LOST = "said there, and not stored"
    LEFT = "gone there, and still here"
    WORDS = "other words than there"
    DRIFT = "a counter that is not its recount"
    COUNT = "another count than people see there"
    TWICE = "a post of ours that stands twice"
    STALE = "a card that shows another count"
    PING = "a post of ours that notifies somebody"
    LEAK = "words of a private place elsewhere"


@dataclass(frozen=True)
class Found:
    """One promise that is broken, and where."""

    promise: Promise
    what: str

    @override
    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


@dataclass(frozen=True, kw_only=True)
class There:
    """A watched channel or thread as its platform has it: the live messages of people, words by id."""

    where: Channel | Thread
    said: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A post of ours as it stands on its platform. `subject` is the same for what must not stand twice."""

    where: Channel | Thread
    subject: str
    text: str
    pings: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    """Something that people can read: a page, a feed, a post. `place` is the channel whose readers read it anyway."""

    name: str
    text: str
    place: Channel | None = None


async def check(
    store: SqlStore,
    there: Sequence[There],
    ours: Sequence[Ours],
    outputs: Sequence[Output] = (),
    secrets: Mapping[str, Channel] | None = None,
) -> list[Found]:
    """All that is broken. `secrets` are words that were said only in a private place, each with its channel."""
    found = [*await _ledger(store, there), *await _counts(store, there), *_twice(ours)]
    found += [Found(Promise.PING, f"{post.subject} in {post.where}") for post in ours if post.pings]
    found += await _cards(store, ours)
    posts = [Output(name=post.subject, text=post.text, place=_channel(post.where)) for post in ours]
    found += _leaks([*outputs, *posts], secrets or {})
    return found


def _channel(where: Channel | Thread) -> Channel:
    return where.channel if isinstance(where, Thread) else where


async def _stored(store: SqlStore, channels: Iterable[Channel]) -> dict[tuple[Channel, str], str]:
    """The live messages that are stored in channels and their threads, words by channel and id."""
    keys = {known.key: known.channel for known in await store.places.channels()}
    wanted = set(channels)
    rows = await store.database.read(
        lambda c: c.exec_driver_sql(
            "SELECT channel_id, mid, text FROM message WHERE deleted_at IS NULL AND author_id IS NOT NULL"
        ).fetchall()
    )
    return {(keys[row[0]], row[1]): row[2] or "" for row in rows if keys[row[0]] in wanted}


async def _ledger(store: SqlStore, there: Sequence[There]) -> Iterator[Found]:
    """What is lost, left, or in other words, and whether the counters are their recounts."""
    said = {(_channel(each.where), ident): text for each in there for ident, text in each.said.items()}
    stored = await _stored(store, {_channel(each.where) for each in there})
    found = [Found(Promise.LOST, f"{key[1]} {said[key]!r}") for key in said.keys() - stored.keys()]
    found += [Found(Promise.LEFT, f"{key[1]} {stored[key]!r}") for key in stored.keys() - said.keys()]
    both = said.keys() & stored.keys()
    found += [Found(Promise.WORDS, f"{key[1]} {stored[key]!r}") for key in both if stored[key] != said[key]]
    drift = (await store.ledger.audit()).drift
    return iter([*found, *([Found(Promise.DRIFT, f"{drift} counters")] if drift else [])])


async def _counts(store: SqlStore, there: Sequence[There]) -> list[Found]:
    """Discussions whose count is not what somebody would count by hand."""
    found = []
    for each in there:
        discussion = await store.forum.discussion_of(each.where) if isinstance(each.where, Thread) else None
        if discussion is not None and discussion.count != len(each.said):
            found.append(Found(Promise.COUNT, f"{each.where.id}: {discussion.count} for {len(each.said)}"))
    return found


def _twice(ours: Sequence[Ours]) -> list[Found]:
    times = Counter((post.where, post.subject) for post in ours)
    return [Found(Promise.TWICE, f"{subject} in {where}") for (where, subject), n in times.items() if n > 1]


async def _cards(store: SqlStore, ours: Sequence[Ours]) -> list[Found]:
    """Cards whose counter line is not the discussion's."""
    found = []
    for post in ours:
        discussion: Discussion | None = None
        if isinstance(post.where, Thread):
            discussion = await store.forum.discussion_of(post.where)
        shown = COUNTERS.search(post.text)
        if discussion is not None and shown is not None and int(shown[1]) != discussion.count:
            found.append(Found(Promise.STALE, f"{post.subject}: {shown[1]} for {discussion.count}"))
    return found


def _leaks(outputs: Sequence[Output], secrets: Mapping[str, Channel]) -> list[Found]:
    return [
        Found(Promise.LEAK, f"{word} in {output.name}")
        for output in outputs
        for word, channel in secrets.items()
        if word in output.text and output.place != channel
    ]
