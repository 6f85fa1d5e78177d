"""Who may read what, and who may do what."""

from typing import Any

import pytest

from bot.access import (
    Who,
    allowed,
    index_scope,
    may,
    on_web,
    reader_scope,
    refusal,
    web_scope,
    web_shows,
    web_shows_post,
)
from bot.models import Asker, Channel, KnownChannel, Level, MemberRef, MessageRef, Platform, Role, Scope, Space
from bot.texts import texts_for
from tests.bot.things import ANA, BEN, HELP, SPACE, a_discussion, a_known_channel, a_post

GENERAL = Channel(SPACE, "general")
ELSEWHERE = Space(Platform.SLACK, "T1")
THERE = Channel(ELSEWHERE, "C1")
CLOSED: list[dict[str, Any]] = [{"private": True}, {"nsfw": True}, {"connect": True}, {"removed": True}]


@pytest.mark.parametrize(
    ("level", "web", "index"),
    [(Level.COUNT, False, False), (Level.DIGEST, False, False), (Level.WEB, True, False), (Level.INDEX, True, True)],
)
def test_each_level_includes_those_before(level: Level, web: bool, index: bool) -> None:
    channel = a_known_channel(level=level, key=4)
    assert web_scope([channel]) == Scope(channels=frozenset({4} if web else ()), web=True)
    assert index_scope([channel]) == Scope(channels=frozenset({4} if index else ()), web=True)


@pytest.mark.parametrize("closed", CLOSED)
def test_what_is_closed_is_never_on_the_web(closed: dict[str, Any]) -> None:
    channel = a_known_channel(level=Level.INDEX, **closed)
    assert not on_web(channel)
    assert web_scope([channel]).channels == index_scope([channel]).channels == frozenset()


def test_an_answer_shows_what_the_asker_can_open() -> None:
    channels = [
        a_known_channel(HELP, key=1, level=Level.COUNT, private=True),
        a_known_channel(GENERAL, key=2),
        a_known_channel(THERE, key=3, removed=True),
    ]
    assert reader_scope(channels, {HELP, THERE}) == Scope(channels=frozenset({1}), web=False)


@pytest.mark.parametrize("kind", [{"nsfw": True}, {"connect": True}])
def test_what_stays_in_its_channel_is_answered_only_there(kind: dict[str, Any]) -> None:
    channels = [a_known_channel(HELP, key=1, **kind)]
    assert reader_scope(channels, {HELP}, here=HELP).channels == {1}
    assert reader_scope(channels, {HELP}, here=GENERAL).channels == frozenset()
    assert reader_scope(channels, {HELP}).channels == frozenset()


def channel(of: Channel = HELP, level: Level = Level.DIGEST, **more: Any) -> KnownChannel:  # noqa: ANN401 - handed on by name
    return a_known_channel(of, level=level, **more)


@pytest.mark.parametrize(
    ("source", "destination", "linked", "goes"),
    [
        (channel(HELP), channel(HELP), (), True),
        (channel(HELP, private=True), channel(HELP, private=True), (), True),
        (channel(HELP, nsfw=True), channel(HELP, nsfw=True), (), True),
        (channel(HELP, connect=True), channel(HELP, connect=True), (), True),
        (channel(HELP, guests=True), channel(HELP, guests=True), (), True),
        (channel(HELP), channel(GENERAL), (), True),
        (channel(HELP), channel(GENERAL, private=True), (), True),
        (channel(HELP, guests=True), channel(GENERAL), (), True),
        (channel(HELP), channel(GENERAL, guests=True), (), False),
        (channel(HELP), channel(GENERAL, connect=True), (), False),
        (channel(HELP, private=True), channel(GENERAL), (), False),
        (channel(HELP, nsfw=True), channel(GENERAL, nsfw=True), (), False),
        (channel(HELP, connect=True), channel(GENERAL), (), False),
        (channel(THERE), channel(GENERAL), (), False),
        (channel(THERE), channel(GENERAL), (ELSEWHERE,), True),
        (channel(THERE, private=True), channel(GENERAL), (ELSEWHERE,), False),
        (channel(THERE), channel(GENERAL, guests=True), (ELSEWHERE,), False),
        (channel(THERE, nsfw=True), channel(GENERAL), (ELSEWHERE,), False),
        (channel(HELP, level=Level.COUNT), channel(GENERAL), (), False),
        (channel(HELP, level=Level.COUNT), channel(HELP), (), False),
        (channel(HELP, removed=True), channel(HELP), (), False),
        (channel(HELP), channel(GENERAL, removed=True), (), False),
    ],
)
def test_words_go_only_to_people_who_could_read_them_anyway(
    source: KnownChannel, destination: KnownChannel, linked: tuple[Space, ...], goes: bool
) -> None:
    assert allowed(source, destination, frozenset(linked)) is goes


@pytest.mark.parametrize("off", [{"hidden": True}, {"removed": True}, {"private": True}])
def test_a_discussion_taken_off_has_no_page(off: dict[str, Any]) -> None:
    assert web_shows(a_known_channel(), a_discussion())
    assert not web_shows(a_known_channel(), a_discussion(**off))


def test_what_lies_before_the_raise_stays_off_the_web() -> None:
    discussion = a_discussion()
    position = int(discussion.thread.id)
    assert web_shows(a_known_channel(web_from=position), discussion)
    assert not web_shows(a_known_channel(web_from=position + 1), discussion)
    assert not web_shows(a_known_channel(level=Level.DIGEST), discussion)
    post = a_post(ref=MessageRef(HELP, "500"))
    assert web_shows_post(a_known_channel(web_from=500), post)
    assert not web_shows_post(a_known_channel(web_from=501), post)
    assert not web_shows_post(a_known_channel(private=True), post)


def asker(role: Role, member: MemberRef = ANA) -> Asker:
    return Asker(member=member, name="Ana", roles=frozenset({Role.MEMBER, role}))


@pytest.mark.parametrize(
    ("who", "member", "opener", "author", "moderator", "admin"),
    [
        (Who.EVERYONE, True, True, True, True, True),
        (Who.STARTERS, True, True, True, True, True),
        (Who.OPENER_OR_MODERATOR, False, True, False, True, True),
        (Who.AUTHOR_OR_MODERATOR, False, False, True, True, True),
        (Who.OPENER_AUTHOR_OR_MODERATOR, False, True, True, True, True),
        (Who.MODERATOR, False, False, False, True, True),
        (Who.ADMIN, False, False, False, False, True),
    ],
)
def test_who_may(*, who: Who, member: bool, opener: bool, author: bool, moderator: bool, admin: bool) -> None:
    assert may(who, asker(Role.MEMBER), opener=BEN, author=BEN) is member
    assert may(who, asker(Role.MEMBER)) is member
    assert may(who, asker(Role.MEMBER), opener=ANA, author=BEN) is opener
    assert may(who, asker(Role.MEMBER), opener=BEN, author=ANA) is author
    assert may(who, asker(Role.MODERATOR)) is moderator
    assert may(who, Asker(member=ANA, name="Ana", roles=frozenset({Role.ADMIN}))) is admin


def test_starting_can_be_kept_to_moderators() -> None:
    assert not may(Who.STARTERS, asker(Role.MEMBER), members_may_start=False)
    assert may(Who.STARTERS, asker(Role.MODERATOR), members_may_start=False)


def test_the_same_id_in_another_space_is_another_person() -> None:
    assert not may(Who.OPENER_OR_MODERATOR, asker(Role.MEMBER), opener=MemberRef(ELSEWHERE, ANA.id))


def test_a_refusal_says_who_may() -> None:
    said = {who: refusal(who, texts_for("en")) for who in Who}
    assert "admin" in said[Who.ADMIN]
    assert "opened" in said[Who.OPENER_OR_MODERATOR]
    assert "author" in said[Who.AUTHOR_OR_MODERATOR]
    assert "asked" in said[Who.OPENER_AUTHOR_OR_MODERATOR]
    assert said[Who.STARTERS] == said[Who.MODERATOR] == "Only a moderator can do this."
    assert said[Who.EVERYONE]
