"""Reactions as votes: from events, and from what histories list."""

from datetime import UTC, datetime

import pytest

from adapters.slack.convert import Came, convert, votes_of
from bot.models import Author, MemberRef, Origin, VoteCast, VoteSource, VotesRead
from tests.adapters.slack.payloads import ADA, AT, BO, OWN, SPACE, Json, a_message, a_reaction, events_of, known, ref

BO_ = Author(member=MemberRef(SPACE, BO), name="Bo")


@pytest.mark.parametrize("name", ["star", "star2", "star::skin-tone-3", ":star:"])
def test_a_star_is_a_vote_at_the_time_that_slack_tells(name: str) -> None:
    at = datetime(2026, 8, 3, 12, 1, 40, 300, tzinfo=UTC)
    assert events_of(a_reaction(name)) == (
        VoteCast(ref=ref(), voter=BO_, source=VoteSource.REACTION, active=True, at=at),
    )


def test_taking_one_star_back_may_leave_another() -> None:
    told = convert(known(), a_reaction(removed=True), Came(AT))
    assert [event.active for event in told.events if isinstance(event, VoteCast)] == [False]
    assert told.reread == (ref(),)
    alone = convert(known(stars=frozenset({"star"})), a_reaction(removed=True), Came(AT))
    assert (len(alone.events), alone.reread) == (1, ())


@pytest.mark.parametrize(
    "payload",
    [
        a_reaction("tada"),
        a_reaction("star_struck"),
        a_reaction(user=OWN),
        a_reaction(item={"type": "file", "file": "F1"}),
        a_reaction(reaction=None),
    ],
)
def test_what_is_no_vote(payload: Json) -> None:
    assert events_of(payload) == ()


def test_whom_we_do_not_know_has_no_name_yet() -> None:
    (vote,) = events_of(a_reaction(user="U9"))
    assert isinstance(vote, VoteCast)
    assert vote.voter == Author(member=MemberRef(SPACE, "U9"), name="")


def listing(*reactions: tuple[str, list[str], int]) -> Json:
    return a_message(reactions=[{"name": n, "users": users, "count": count} for n, users, count in reactions])


@pytest.mark.parametrize(
    ("payload", "voters"),
    [
        (a_message(), []),
        (listing(("tada", [BO], 1)), []),
        (listing(("star", [BO, OWN], 2), ("star2", [ADA, BO], 2)), [BO, ADA]),
        (listing(("tada", [], 80), ("star", [BO], 1)), [BO]),
        (listing(("star", [BO], 3)), None),  # Slack counts more than it names
        (a_message(reactions="x"), []),
    ],
)
def test_the_votes_that_a_history_lists(payload: Json, voters: list[str] | None) -> None:
    read = votes_of(payload, ref(), known(), Came(AT, Origin.BACKFILL))
    if voters is None:
        assert read is None
    else:
        assert isinstance(read, VotesRead)
        assert [voter.member.id for voter in read.voters] == voters
        assert (read.source, read.at, read.origin) == (VoteSource.REACTION, AT, Origin.BACKFILL)
