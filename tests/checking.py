"""Finds broken promises: what a platform has is compared with what is stored, and with what people can see.

It knows nothing of how Folkmoot works inside: what was said there must be here, once, in the same words; what is gone
there must be gone here, and from all that we show; each post of ours stands once, shows the true numbers, notifies
nobody; and words of private places stand nowhere else. What the platforms' logs tell, `tests.evidence` reads from them.
The checker is itself tried with planted lies, in wire/test_checking.py.
"""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

from bot.models import Channel, Platform, PostKind, PostState, Thread
from storage import SqlStore

COUNTERS = re.compile(r"💬 (\d+) msgs? · ⭐ (\d+) highlights?")


class Promise(StrEnum):
    """What can be found broken."""

    LOST = "said there, and not stored"
    LEFT = "gone there, and still here"
    WORDS = "other words than there"
    DRIFT = "a counter that is not its recount"
    COUNT = "another count than people see there"
    VOTES = "other highlights than people see there"
    TWICE = "a post of ours that stands twice"
    MISSING = "a post of ours that does not stand"
    SLOT = "a slot without its digest"
    GAP = "a channel that is not read to the end"
    STALE = "a card or page that shows other numbers"
    SHOWN = "words that are gone there, and still shown"
    PING = "something of ours that notifies somebody"
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
    """A watched channel or thread as its platform has it: the live messages of people, words by id.

    `starred` are those that somebody else than their author highlighted by a reaction; None where nobody looked.
    """

    where: Channel | Thread
    said: Mapping[str, str]
    starred: Collection[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A post of ours as it stands on its platform. `subject` is the same for what must not stand twice."""

    where: Channel | Thread
    subject: str
    text: str
    pings: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    """Something that people can read, or once could: a page, a feed, a request of ours that shows something.

    `place` is the channel whose readers read it anyway; `about` the discussion whose page it is; `now`: it still shows.
    """

    name: str
    text: str
    place: Channel | None = None
    about: Thread | None = None
    now: bool = False
    pings: bool = False


async def check(
    store: SqlStore,
    there: Sequence[There],
    ours: Sequence[Ours],
    outputs: Sequence[Output] = (),
    secrets: Mapping[str, Channel] | None = None,
    gone: Collection[str] = (),
) -> list[Found]:
    """All that is broken.

    `secrets` are words that were said only in a private place, each with its channel; `gone` what people said and took
    back, which nothing that still shows may say.
    """
    posts = [
        Output(
            name=f"{post.subject} in {post.where}",
            text=post.text,
            place=_channel(post.where),
            about=post.where if isinstance(post.where, Thread) else None,
            now=True,
            pings=post.pings,
        )
        for post in ours
    ]
    found = [*await _ledger(store, there), *await _numbers(store, there), *_twice(ours)]
    for output in (*outputs, *posts):
        found += [Found(Promise.PING, output.name)] if output.pings else []
        found += _stale(output, there)
        found += _leaks(output, secrets or {})
        found += _shown(output, gone)
    return found


async def unsent(store: SqlStore, ours: Sequence[Ours], slots: int) -> list[Found]:
    """What we meant to post and does not stand, or should not; `ours` are all posts there are, `slots` were due.

    And what was not read to its end.
    """
    rows = await store.database.read(lambda c: c.exec_driver_sql("SELECT marker, state, kind FROM own_post").fetchall())
    stand = Counter(post.subject for post in ours)
    found = [
        Found(Promise.MISSING, f"{kind} {mark} is {state}")
        for mark, state, kind in rows
        if state not in {PostState.LIVE, PostState.GONE}
    ]
    for mark, state, kind in rows:
        wanted = int(state == PostState.LIVE)
        if stand[mark] != wanted:
            promise = Promise.MISSING if stand[mark] < wanted else Promise.TWICE
            found.append(Found(promise, f"{kind} {mark} is {state} and stands {stand[mark]} times"))
    digests = sum(kind == PostKind.DIGEST for _, _, kind in rows)
    found += [Found(Promise.SLOT, f"{digests} digests for {slots} slots")] if digests != slots else []
    for platform in (Platform.DISCORD, Platform.SLACK):
        found += [Found(Promise.GAP, gap.channel.info.name) for gap in await store.gaps.open(platform)]
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


async def _numbers(store: SqlStore, there: Sequence[There]) -> list[Found]:
    """Discussions whose numbers are not what somebody would count by hand."""
    found = []
    for each in there:
        discussion = await store.forum.discussion_of(each.where) if isinstance(each.where, Thread) else None
        if discussion is None:
            continue
        name = discussion.thread.id
        if discussion.count != len(each.said):
            found.append(Found(Promise.COUNT, f"{name}: {discussion.count} for {len(each.said)}"))
        if each.starred is not None and discussion.highlights != len(each.starred):
            found.append(Found(Promise.VOTES, f"{name}: {discussion.highlights} for {len(each.starred)}"))
    return found


def _twice(ours: Sequence[Ours]) -> list[Found]:
    times = Counter((post.where, post.subject) for post in ours)
    return [Found(Promise.TWICE, f"{subject} in {where}") for (where, subject), n in times.items() if n > 1]


def _stale(output: Output, there: Sequence[There]) -> list[Found]:
    """Whether a card or page about one discussion shows other numbers than there are."""
    shows = COUNTERS.search(output.text) if output.about is not None else None
    if shows is None:
        return []
    found = []
    for each in (it for it in there if it.where == output.about):
        true = (len(each.said), int(shows[2]) if each.starred is None else len(each.starred))
        if (int(shows[1]), int(shows[2])) != true:
            found.append(Found(Promise.STALE, f"{output.name}: {shows[1]} and {shows[2]} for {true}"))
    return found


def _leaks(output: Output, secrets: Mapping[str, Channel]) -> list[Found]:
    return [
        Found(Promise.LEAK, f"{word} in {output.name}")
        for word, channel in secrets.items()
        if word in output.text and output.place != channel
    ]


def _shown(output: Output, gone: Collection[str]) -> list[Found]:
    text = html.unescape(output.text) if output.now else ""
    return [Found(Promise.SHOWN, f"{words!r} in {output.name}") for words in gone if words and words in text]
