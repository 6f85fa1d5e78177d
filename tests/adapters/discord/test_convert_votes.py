"""Reactions as Discord documents them, as votes."""

import pytest

from adapters.discord.convert import Came, Told, UnknownPlace, convert, votes_read
from bot.models import Author, MemberRef, Origin, VoteCast, VoteSource, VotesRead
from tests.adapters.discord.payloads import (
    ADA,
    AT,
    BO,
    GUILD,
    HELP,
    MID,
    OWN,
    PRIVATE,
    SPACE,
    THREAD,
    Json,
    a_reaction,
    a_removed_reaction,
    a_user,
    known_guilds,
    ref,
)

BO_NAMED = Author(member=MemberRef(SPACE, BO), name="Bo B.")
BO_BARE = Author(member=MemberRef(SPACE, BO), name="")
ONE_STAR = frozenset({"⭐"})


def told(name: str, payload: object) -> Told:
    return convert(known_guilds(), name, payload, Came(AT))


def a_cast(voter: Author = BO_NAMED, *, active: bool = True) -> VoteCast:
    return VoteCast(ref=ref(), voter=voter, source=VoteSource.REACTION, active=active, at=AT)


@pytest.mark.parametrize("channel", [HELP, THREAD])
@pytest.mark.parametrize("emoji", ["⭐", "🌟", "⭐\ufe0f"])
def test_a_star_is_a_vote(channel: str, emoji: str) -> None:
    assert told("MESSAGE_REACTION_ADD", a_reaction(emoji, channel=channel)) == Told((a_cast(),))


def test_a_star_that_is_taken_back_has_the_rest_read() -> None:
    assert told("MESSAGE_REACTION_REMOVE", a_removed_reaction()) == Told((a_cast(BO_BARE, active=False),), (ref(),))


def test_with_one_star_nothing_has_to_be_read() -> None:
    known = known_guilds(stars=ONE_STAR)
    for name, payload in (("MESSAGE_REACTION_REMOVE", a_removed_reaction()), ("MESSAGE_REACTION_ADD", a_reaction())):
        assert convert(known, name, payload, Came(AT)).reread == ()
    gone = convert(known, "MESSAGE_REACTION_REMOVE_EMOJI", a_removed_reaction(), Came(AT))
    assert gone == Told((VotesRead(ref=ref(), source=VoteSource.REACTION, voters=(), at=AT, origin=Origin.LIVE),))


def test_all_reactions_gone_leave_nobody() -> None:
    payload = {"channel_id": HELP, "guild_id": GUILD, "message_id": MID}
    (event,) = told("MESSAGE_REACTION_REMOVE_ALL", payload).events
    assert event == VotesRead(ref=ref(), source=VoteSource.REACTION, voters=(), at=AT, origin=Origin.LIVE)


def test_one_sign_gone_has_the_other_read() -> None:
    payload = {"channel_id": THREAD, "guild_id": GUILD, "message_id": MID, "emoji": {"id": None, "name": "⭐"}}
    assert told("MESSAGE_REACTION_REMOVE_EMOJI", payload) == Told((), (ref(),))
    assert told("MESSAGE_REACTION_REMOVE_EMOJI", payload | {"emoji": {"name": "🦆"}}) == Told()


@pytest.mark.parametrize(
    "payload",
    [
        a_reaction("🦆"),
        a_reaction(emoji={"id": "6", "name": "⭐"}),  # a server's own emoji that is called so
        a_reaction(emoji={"id": None, "name": None}),
        a_reaction(emoji=None),
        a_reaction(user=OWN),
        a_reaction(channel=PRIVATE),
    ],
)
def test_other_reactions_tell_nothing(payload: Json) -> None:
    assert told("MESSAGE_REACTION_ADD", payload) == Told()


def test_a_servers_own_emoji_is_chosen_by_its_id() -> None:
    known = known_guilds(stars=frozenset({"6"}))
    own = a_reaction(emoji={"id": "6", "name": "camp"})
    assert convert(known, "MESSAGE_REACTION_ADD", own, Came(AT)).events == (a_cast(),)
    assert convert(known, "MESSAGE_REACTION_ADD", a_reaction(), Came(AT)) == Told()


def test_who_reacts_may_be_a_bot() -> None:
    member = {"user": a_user(BO, bot=True, global_name="Robo"), "roles": []}
    (event,) = told("MESSAGE_REACTION_ADD", a_reaction(member=member)).events
    assert isinstance(event, VoteCast)
    assert event.voter == Author(member=MemberRef(SPACE, BO), name="Robo", is_bot=True)


def test_the_name_of_somebody_else_is_not_taken() -> None:
    member = {"user": a_user(ADA), "roles": []}
    (event,) = told("MESSAGE_REACTION_ADD", a_reaction(member=member)).events
    assert event == a_cast(BO_BARE)


def test_votes_are_read_from_all_pages_once_each() -> None:
    pages = [[a_user(ADA), a_user(OWN), {"id": "x"}, 7], [a_user(BO, global_name="Bo"), a_user(ADA)], None]
    read = votes_read(known_guilds(), ref(), pages, Came(AT, Origin.BACKFILL))
    assert [voter.name for voter in read.voters] == ["Ada", "Bo"]
    assert (read.ref, read.source, read.at, read.origin) == (ref(), VoteSource.REACTION, AT, Origin.BACKFILL)


def test_a_reaction_in_an_unknown_thread_asks_for_it() -> None:
    with pytest.raises(UnknownPlace):
        told("MESSAGE_REACTION_ADD", a_reaction(channel="88"))
