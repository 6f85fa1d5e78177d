"""Which discussions a digest shows: the score of each, with its terms, and the choice among them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log1p

from bot.highlights import quotable
from bot.models import Candidate, MessageRef, Pick, Quote, Section, Stored, Window

OPENED, WAITING, CONCLUDED = 1.20, 1.15, 1.10  # factors of a score
MOST = {Section.HIGHLIGHTS: 2, Section.ACTIVE: 3, Section.WAITING: 2, Section.CONCLUDED: 1}  # items a section
BY_PEOPLE = 2  # slots that go to those with most people
A_CHANNEL = 2  # items a channel, where so many channels or more have something to show:
CHANNELS = 3
HOUR = 3600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate with its score and the terms that make it."""

    candidate: Candidate
    score: float
    terms: dict[str, float]


def rank(candidates: Iterable[Candidate], start: datetime, end: datetime) -> tuple[Ranked, ...]:
    """Score the candidates of a window, best first (DESIGN section 5).

    Ties go to more people, then newer activity, then the smaller id, so that the order of the input does not matter.
    """
    return tuple(sorted([_scored(each, start, end) for each in candidates], key=_order))


def _order(ranked: Ranked) -> tuple[float, int, float, int]:
    return (-ranked.score, *_tie(ranked))


def _tie(ranked: Ranked) -> tuple[int, float, int]:
    candidate = ranked.candidate
    return (-candidate.posted, -candidate.last_in_window.timestamp(), candidate.discussion.id)


def _scored(candidate: Candidate, start: datetime, end: datetime) -> Ranked:
    window = max((end - start).total_seconds(), 1.0) / HOUR
    age = max((end - candidate.last_in_window).total_seconds(), 0.0) / HOUR
    base = (
        2.0 * log1p(candidate.posted)
        + 1.0 * log1p(candidate.capped)
        + 2.5 * log1p(candidate.highlighted)
        + 0.5 * log1p(candidate.voters)
    )
    terms: dict[str, float] = {
        "people": candidate.posted,
        "messages": candidate.capped,
        "highlights": candidate.highlighted,
        "voters": candidate.voters,
        "base": base,
        "age": age,
        "window": window,
        "decay": 2.0 ** (-age / (window / 2)),
        "opened": OPENED if start <= candidate.discussion.opened_at < end else 1.0,
        "waiting": WAITING if candidate.waiting else 1.0,
        "concluded": CONCLUDED if concluded_in(candidate, start, end) else 1.0,
    }
    score = round(base * terms["decay"] * terms["opened"] * terms["waiting"] * terms["concluded"], 9)
    terms["score"] = score
    return Ranked(candidate=candidate, score=score, terms=terms)


def concluded_in(candidate: Candidate, start: datetime, end: datetime) -> bool:
    """Whether a discussion was concluded in [start, end)."""
    discussion = candidate.discussion
    if discussion.stored is not Stored.CONCLUDED:
        return False
    return discussion.state_at is not None and start <= discussion.state_at < end


def is_news(candidate: Candidate, start: datetime, end: datetime) -> bool:
    """Whether anything happened to a discussion in [start, end); it may be a candidate because it is pinned alone."""
    return candidate.new > 0 or candidate.highlighted > 0 or concluded_in(candidate, start, end)


def was_news(pick: Pick) -> bool:
    """The same of a pick, by what is kept of it."""
    happened = pick.new > 0 or pick.terms.get("highlights", 0.0) > 0 or pick.terms.get("concluded", 1.0) > 1
    return happened or pick.reason != "pinned"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A discussion that has found its place."""

    section: Section
    ranked: Ranked
    reason: str
    quote: MessageRef | None = None


class _Choice:
    """Takes discussions one by one: each once, and few of a channel where several have something to show."""

    def __init__(self, ranked: Sequence[Ranked]) -> None:
        several = len({each.candidate.discussion.channel.key for each in ranked}) >= CHANNELS
        self._a_channel = A_CHANNEL if several else len(ranked)
        self._channels: Counter[int] = Counter()
        self._discussions: set[int] = set()
        self.taken: list[_Taken] = []

    def take(self, section: Section, ranked: Iterable[Ranked], reason: str, most: int | None = None) -> None:
        """Take from `ranked`, in its order, what still fits into the section, at most `most` of them."""
        room = MOST[section] - sum(each.section is section for each in self.taken)
        room = room if most is None else min(room, most)
        for each in ranked:
            if room > 0 and self._fits(each):
                self._add(_Taken(section, each, reason))
                room -= 1

    def quote(self, quotes: Iterable[tuple[Quote, Ranked]]) -> None:
        """Take discussions to be shown by a highlight."""
        for quote, ranked in quotes:
            full = sum(each.section is Section.HIGHLIGHTS for each in self.taken) >= MOST[Section.HIGHLIGHTS]
            if not full and self._fits(ranked):
                self._add(_Taken(Section.HIGHLIGHTS, ranked, "votes", quote.ref))

    def _fits(self, ranked: Ranked) -> bool:
        discussion = ranked.candidate.discussion
        if discussion.id in self._discussions:
            return False
        return ranked.candidate.pinned or self._channels[discussion.channel.key] < self._a_channel

    def _add(self, taken: _Taken) -> None:
        discussion = taken.ranked.candidate.discussion
        self._discussions.add(discussion.id)
        self._channels[discussion.channel.key] += 1
        self.taken.append(taken)


def choose(window: Window) -> tuple[Pick, ...]:
    """Choose what a digest of the window shows, numbered as printed.

    Pins are taken and printed first. The best concluded one shows its outcome, the highlights with most votes are
    quoted, then two active ones are taken by most people and the rest by score.
    """
    ranked = rank(window.candidates, window.start, window.end)
    choice = _Choice(ranked)
    active = [each for each in ranked if each.candidate.new > 0]
    choice.take(Section.ACTIVE, [each for each in ranked if each.candidate.pinned], "pinned")
    choice.take(
        Section.CONCLUDED, [each for each in ranked if concluded_in(each.candidate, window.start, window.end)], "score"
    )
    choice.quote(_quotes(window, ranked))
    by_people = sorted(active, key=lambda it: (-it.candidate.posted, -it.score, *_tie(it)))
    choice.take(Section.ACTIVE, by_people, "most people", BY_PEOPLE)
    choice.take(Section.ACTIVE, active, "score")
    choice.take(Section.WAITING, [each for each in ranked if each.candidate.waiting], "score")
    order = sorted(Section, key=lambda section: section is not _section_of_pins(choice.taken))
    taken = sorted(choice.taken, key=lambda each: order.index(each.section))
    return tuple(_pick(number, each) for number, each in enumerate(taken, start=1))


def _section_of_pins(taken: Iterable[_Taken]) -> Section | None:
    return next((each.section for each in taken if each.reason == "pinned"), None)


def _quotes(window: Window, ranked: Sequence[Ranked]) -> list[tuple[Quote, Ranked]]:
    """The highlights that may be quoted, most votes first, then picked ones, then by rank, then the oldest."""
    places = {each.candidate.discussion.id: place for place, each in enumerate(ranked)}
    found = [it for it in window.quotes if quotable(it.votes, it.picked) and it.discussion in places]
    found.sort(key=lambda it: (-it.votes, not it.picked, places[it.discussion], it.ref.position))
    return [(quote, ranked[places[quote.discussion]]) for quote in found]


def _pick(number: int, taken: _Taken) -> Pick:
    candidate = taken.ranked.candidate
    return Pick(
        number=number,
        section=taken.section,
        discussion=candidate.discussion.id,
        quote=taken.quote,
        count=candidate.count,
        new=candidate.new,
        highlights=candidate.discussion.highlights,
        waiting=candidate.waiting,
        score=taken.ranked.score,
        terms=taken.ranked.terms,
        reason=taken.reason,
    )
