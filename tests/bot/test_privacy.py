"""What people are told about their data."""

from typing import Any

from bot.markup import plain
from bot.models import Channel, Level
from bot.ports import Member
from bot.privacy import notice, shown
from bot.texts import texts_for
from tests.bot.things import ANA, NOW, SPACE, a_known_channel

ENGLISH = texts_for("en")


def a_member(**more: Any) -> Member:  # noqa: ANN401 - handed on by name
    known: dict[str, Any] = {"opted_out_at": None, "erased_at": None, "messages": 2, "votes": 1, "caught_up_at": None}
    return Member(**{"member": ANA, "name": "Ana", "is_bot": False, **known, **more})


def test_the_notice_says_what_is_kept_and_how_to_stop_it() -> None:
    card = notice([a_known_channel(level=Level.DIGEST)], ENGLISH, forum="https://forum.example")
    said = plain(card.body)
    assert card.title == "About Folkmoot"
    assert "- #help: text, quoted only to people who could read it anyway" in said
    assert "https://forum.example" in said
    for word in ("optout", "erase", "show", "export"):
        assert f"/privacy {word}" in said


def test_the_notice_names_no_forum_that_others_cannot_reach() -> None:
    assert "forum:" not in plain(notice([], ENGLISH).body)


def test_a_long_list_of_channels_is_cut() -> None:
    channels = [a_known_channel(Channel(SPACE, f"c{number}")) for number in range(23)]
    said = plain(notice(channels, ENGLISH).body)
    assert "#c19:" in said
    assert "#c20:" not in said
    assert "3 more channels" in said


def test_somebody_unknown_learns_that_nothing_is_stored() -> None:
    assert plain(shown(None, [], ENGLISH)).startswith("Nothing is stored about you.\n/privacy optout")


def test_everyone_sees_their_own_numbers_and_the_levels() -> None:
    said = plain(shown(a_member(caught_up_at=NOW), [a_known_channel(level=Level.COUNT)], ENGLISH))
    assert "2 messages and 1 vote, under the name Ana" in said
    assert "9 Aug 2026, 14:05" in said
    assert "have not opted out" in said
    assert "#help: only counts, no text" in said


def test_what_was_decided_is_told() -> None:
    said = plain(shown(a_member(name="", opted_out_at=NOW, erased_at=NOW), [], ENGLISH))
    assert "deleted for good" in said
    assert "Hidden since 9 Aug 2026, 14:05" in said
    assert "not opted out" not in said
