"""States, their clock, and the lines that show them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discussions import (
    answered,
    counter_line,
    next_change_at,
    shown_title,
    spoken_counter_line,
    state_line,
    state_note,
    state_of,
    wants_card,
)
from bot.models import CardMode, Channel, Discussion, Platform, Space, State, Stored, Thread
from bot.ports import Answered
from bot.texts import texts_for
from tests.bot.things import NOW, a_discussion, a_known_channel

ENGLISH = texts_for("en")
GERMAN = texts_for("de")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def replied(ago: timedelta, **more: object) -> Discussion:
    return a_discussion(last_activity=NOW - ago, opened_at=NOW - max(ago, 30 * DAY), **more)


def unanswered(ago: timedelta, **more: object) -> Discussion:
    return a_discussion(count=1, last_activity=NOW - ago, opened_at=NOW - ago, **more)


@pytest.mark.parametrize(
    ("discussion", "state"),
    [
        (unanswered(HOUR), State.NEW),
        (unanswered(7 * DAY - timedelta(seconds=1)), State.NEW),
        (unanswered(7 * DAY), State.DORMANT),
        (a_discussion(count=0), State.NEW),
        (replied(2 * HOUR), State.IN_PROGRESS),
        (replied(-HOUR), State.IN_PROGRESS),
        (replied(24 * HOUR - timedelta(seconds=1)), State.IN_PROGRESS),
        (replied(24 * HOUR), State.QUIET),
        (replied(7 * DAY - timedelta(seconds=1)), State.QUIET),
        (replied(7 * DAY), State.DORMANT),
        (replied(2 * HOUR, quiet_after=3600), State.QUIET),
        (replied(9 * DAY, quiet_after=10 * 86400), State.IN_PROGRESS),
        (replied(11 * DAY, quiet_after=10 * 86400), State.DORMANT),
        (replied(timedelta(minutes=49), archive_after=3600), State.IN_PROGRESS),
        (replied(timedelta(minutes=50), archive_after=3600), State.QUIET),
        (replied(timedelta(0), archive_after=60), State.QUIET),
        (replied(23 * HOUR, archive_after=7 * 86400), State.IN_PROGRESS),
        (replied(HOUR, archived=True), State.IN_PROGRESS),
        (replied(HOUR, stored=Stored.CONCLUDED), State.CONCLUDED),
        (unanswered(HOUR, stored=Stored.CONCLUDED), State.CONCLUDED),
        (replied(HOUR, stored=Stored.CONCLUDED, locked=True), State.LOCKED),
        (replied(HOUR, stored=Stored.CONCLUDED, locked=True, removed=True), State.REMOVED),
    ],
)
def test_the_state_follows_the_table(discussion: Discussion, state: State) -> None:
    assert state_of(discussion, NOW) is state


def test_one_reply_counts_when_the_opening_post_is_gone() -> None:
    assert answered(a_discussion(count=1))
    assert state_of(a_discussion(count=1), NOW) is State.IN_PROGRESS


def test_two_messages_of_the_same_instant_are_post_and_reply() -> None:
    assert answered(a_discussion(count=2, last_activity=NOW, opened_at=NOW))


@pytest.mark.parametrize(
    ("discussion", "line"),
    [
        (replied(HOUR), "🟢 Discussion in progress"),
        (unanswered(HOUR), "🆕 Waiting for replies"),
        (replied(2 * DAY), "🟡 Quiet"),
        (replied(9 * DAY), "💤 No recent activity"),
        (replied(HOUR, locked=True), "🔒 Closed by a moderator"),
        (replied(HOUR, removed=True), ""),
        (replied(HOUR, stored=Stored.CONCLUDED), "✅ Concluded"),
        (replied(HOUR, stored=Stored.CONCLUDED, outcome="Use B"), "✅ Concluded — Use B"),
        (replied(HOUR, stored=Stored.CONCLUDED, replies_since=3), "✅ Concluded · 3 replies since"),
        (
            replied(HOUR, stored=Stored.CONCLUDED, outcome="Use B", replies_since=1),
            "✅ Concluded — Use B · 1 reply since",
        ),
    ],
)
def test_the_state_line(discussion: Discussion, line: str) -> None:
    assert state_line(discussion, NOW, ENGLISH) == line


def test_the_state_line_in_german() -> None:
    assert state_line(replied(HOUR), NOW, GERMAN) == "🟢 Diskussion läuft"


def test_who_concluded_and_when_is_told() -> None:
    concluded = replied(HOUR, stored=Stored.CONCLUDED, state_at=NOW)
    assert state_note(concluded, ENGLISH) == "Concluded 9 Aug 2026, 14:05"
    by_ana = replied(HOUR, stored=Stored.CONCLUDED, state_at=NOW, state_by="Ana")
    assert state_note(by_ana, ENGLISH) == "Concluded by Ana, 9 Aug 2026, 14:05"
    assert state_note(replied(HOUR, state_at=NOW, state_by="Ben"), ENGLISH) == "Reopened by Ben, 9 Aug 2026, 14:05"
    assert state_note(replied(HOUR, state_at=NOW), ENGLISH) == "Reopened 9 Aug 2026, 14:05"
    assert state_note(replied(HOUR), ENGLISH) == ""


TAGS: list[tuple[dict[str, Any], str]] = [
    ({"stored": Stored.CONCLUDED}, "Concluded: it is tagged as solved"),
    ({"stored": Stored.CONCLUDED, "state_at": NOW}, "Concluded: tagged as solved 9 Aug 2026, 14:05"),
    ({"state_at": NOW}, "Reopened: no longer tagged as solved, 9 Aug 2026, 14:05"),
]


@pytest.mark.parametrize(("how", "note"), TAGS)
def test_that_a_tag_concluded_it_is_told(how: dict[str, Any], note: str) -> None:
    assert state_note(replied(HOUR, state_by_tag=True, **how), ENGLISH) == note


@pytest.mark.parametrize(
    ("count", "highlights", "line"),
    [
        (9, 0, "💬 9 msgs · ⭐ 0 highlights · 🕐 2h ago"),
        (1, 1, "💬 1 msg · ⭐ 1 highlight · 🕐 2h ago"),
        (999, 2, "💬 999 msgs · ⭐ 2 highlights · 🕐 2h ago"),
        (1234, 0, "💬 1.2k msgs · ⭐ 0 highlights · 🕐 2h ago"),
    ],
)
def test_the_counter_line(count: int, highlights: int, line: str) -> None:
    assert counter_line(a_discussion(count=count, highlights=highlights), NOW, ENGLISH) == line


def test_the_counter_line_is_spoken_in_words() -> None:
    assert spoken_counter_line(a_discussion(), NOW, ENGLISH) == "9 messages, 0 highlights, last activity 2 hours ago"
    spoken = spoken_counter_line(a_discussion(), NOW, GERMAN)
    assert spoken == "9 Nachrichten, 0 Highlights, letzte Aktivität vor 2 Stunden"


def test_a_discussion_without_title_is_named_by_its_channel() -> None:
    assert shown_title(a_discussion(title=""), ENGLISH) == "Discussion in #help"
    assert shown_title(a_discussion(title="", channel=a_known_channel(name="#help")), ENGLISH) == "Discussion in #help"
    assert shown_title(a_discussion(title="", channel=a_known_channel(name="")), ENGLISH) == "Discussion in #help"
    assert shown_title(a_discussion(title="", channel=a_known_channel(name="")), GERMAN) == "Diskussion in #help"
    assert shown_title(a_discussion(), ENGLISH) == "Small models"


def on_slack(**more: object) -> Discussion:
    channel = Channel(Space(Platform.SLACK, "T1"), "C1")
    return a_discussion(thread=Thread(channel, "1700000000.000100"), **more)


def after_replies(replies: int = 5, people: int = 3, ago: timedelta = HOUR / 60, **more: object) -> Answered:
    discussion = more.pop("discussion", None) or a_discussion(**more)
    assert isinstance(discussion, Discussion)
    return Answered(discussion=discussion, replies=replies, people=people, live_at=NOW - ago)


@pytest.mark.parametrize(
    ("answered", "wanted"),
    [
        (after_replies(5, 3), True),
        (after_replies(4, 3), False),
        (after_replies(5, 2, participants=3), False),
        (after_replies(8, 3, discussion=on_slack()), True),
        (after_replies(7, 3, discussion=on_slack()), False),
        (after_replies(channel=a_known_channel(cards=CardMode.ASKED)), False),
        (after_replies(channel=a_known_channel(cards=CardMode.OFF)), False),
        (after_replies(hidden=True), False),
        (after_replies(locked=True), False),
        (after_replies(archived=True), False),
        (after_replies(removed=True), False),
    ],
)
def test_a_card_appears_when_people_really_talk(answered: Answered, wanted: bool) -> None:
    assert wants_card(answered, NOW) is wanted


def test_only_a_fresh_reply_makes_a_card_appear() -> None:
    assert wants_card(after_replies(ago=HOUR - timedelta(seconds=1)), NOW)
    assert not wants_card(after_replies(ago=HOUR), NOW)


MOMENTS = st.integers(0, 20 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


@st.composite
def discussions(draw: st.DrawFn) -> Discussion:
    opened, last = sorted([draw(MOMENTS), draw(MOMENTS)])
    return a_discussion(
        opened_at=opened,
        last_activity=draw(st.sampled_from([opened, last])),
        count=draw(st.integers(0, 3)),
        quiet_after=draw(st.sampled_from([60, 3600, 86400, 9 * 86400])),
        archive_after=draw(st.sampled_from([None, 300, 3600, 86400, 7 * 86400])),
        stored=draw(st.sampled_from([Stored.OPEN, Stored.OPEN, Stored.CONCLUDED])),
        locked=draw(st.sampled_from([False, False, False, True])),
    )


@settings(max_examples=150, deadline=None)
@given(discussion=discussions(), steps=st.lists(st.floats(0, 1), max_size=30))
def test_nothing_changes_before_the_next_change_and_something_does_at_it(
    discussion: Discussion, steps: list[float]
) -> None:
    line = state_line(discussion, NOW, ENGLISH)
    change = next_change_at(discussion, NOW)
    end = change or datetime(2027, 1, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    between = [NOW + (end - tick - NOW) * step for step in [*steps, 1.0]]
    assert all(state_line(discussion, moment, ENGLISH) == line for moment in between)
    if change is not None:
        assert change > NOW
        assert next_change_at(discussion, change) != change
        assert state_line(discussion, change, ENGLISH) != line


def test_what_somebody_decided_does_not_change_by_the_clock() -> None:
    for fixed in (replied(HOUR, stored=Stored.CONCLUDED), replied(HOUR, locked=True), replied(HOUR, removed=True)):
        assert next_change_at(fixed, NOW) is None


def test_the_next_change_is_when_it_turns_quiet() -> None:
    assert next_change_at(replied(2 * HOUR), NOW) == NOW + 22 * HOUR
    assert next_change_at(unanswered(HOUR), NOW) == NOW - HOUR + 7 * DAY
