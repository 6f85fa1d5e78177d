"""Channels, the workspace and its people."""

import pytest

from adapters.slack.convert import BadPayload, Came, Person, channel_of, convert, is_place, person_of
from bot.models import ChannelGone, ChannelInfo, SpaceGone, SpaceInfo, SpaceSeen
from tests.adapters.slack.payloads import (
    ADA,
    AT,
    GUS,
    HELP,
    IN_HELP,
    OWN,
    SPACE,
    TEAM,
    URL,
    Json,
    a_channel,
    a_user,
    events_of,
    known,
)


def test_a_channel() -> None:
    assert channel_of(a_channel(), known()) == ChannelInfo(channel=IN_HELP, name="help", url=f"{URL}archives/{HELP}")


@pytest.mark.parametrize(
    ("more", "attribute"),
    [
        ({"is_private": True}, "private"),
        ({"is_group": True}, "private"),
        ({"is_ext_shared": True}, "connect"),
        ({"is_pending_ext_shared": True}, "connect"),
        ({"is_archived": True}, "archived"),
    ],
)
def test_what_a_channel_is(more: Json, attribute: str) -> None:
    shown = {name: getattr(channel_of(a_channel(**more), known()), name)
             for name in ("private", "connect", "archived", "nsfw", "guests")}  # fmt: skip
    assert [name for name, value in shown.items() if value] == [attribute]


def test_talks_between_a_few_are_no_place() -> None:
    assert is_place(a_channel())
    assert not is_place(a_channel(is_im=True))
    assert not is_place(a_channel(is_mpim=True, is_private=True))


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "channel_rename", "channel": {"id": HELP, "name": "new"}},
        {"type": "channel_archive", "channel": HELP, "user": ADA},
        {"type": "channel_unarchive", "channel": HELP, "user": ADA},
        {"type": "group_rename", "channel": {"id": HELP, "name": "new"}},
        {"type": "channel_shared", "channel": HELP, "connected_team_id": "T2"},
        {"type": "channel_unshared", "channel": HELP, "previously_connected_team_id": "T2"},
        {"type": "member_joined_channel", "user": OWN, "channel": HELP},
        {"type": "member_joined_channel", "user": GUS, "channel": HELP},
        {"type": "member_joined_channel", "user": "U9", "channel": HELP},
        {"type": "member_left_channel", "user": GUS, "channel": HELP},
        {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": HELP},
        {"type": "channel_history_changed", "channel": HELP, "latest": "1.1"},
    ],
)
def test_a_channel_that_may_have_changed_is_looked_at(payload: Json) -> None:
    assert convert(known(), payload, Came(AT)).look == (HELP,)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "channel_deleted", "channel": HELP},
        {"type": "group_deleted", "channel": HELP},
        {"type": "channel_left", "channel": HELP},
        {"type": "group_left", "channel": HELP},
        {"type": "member_left_channel", "user": OWN, "channel": HELP},
    ],
)
def test_a_channel_that_is_closed_to_us_is_gone(payload: Json) -> None:
    assert events_of(payload) == (ChannelGone(channel=IN_HELP, at=AT),)


def test_a_channel_that_got_another_id_is_gone_under_its_old_one() -> None:
    payload = {"type": "channel_id_changed", "old_channel_id": HELP, "new_channel_id": "C2"}
    assert events_of(payload) == (ChannelGone(channel=IN_HELP, at=AT),)


def test_members_who_come_and_go_change_nothing() -> None:
    for kind in ("member_joined_channel", "member_left_channel"):
        told = convert(known(), {"type": kind, "user": ADA, "channel": HELP}, Came(AT))
        assert (told.events, told.look) == ((), ())


def test_a_changed_history_is_read_again() -> None:
    assert convert(known(), {"type": "channel_history_changed", "channel": HELP}, Came(AT)).torn


def test_the_workspace_is_renamed() -> None:
    seen = SpaceSeen(info=SpaceInfo(space=SPACE, name="Camp & co"), at=AT)
    assert events_of({"type": "team_rename", "name": "Camp &amp; co"}) == (seen,)


@pytest.mark.parametrize(
    ("payload", "gone"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [OWN]}}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": [ADA], "bot": []}}, False),
        ({"type": "tokens_revoked"}, True),
    ],
)
def test_we_are_removed(payload: Json, gone: bool) -> None:
    assert events_of(payload) == ((SpaceGone(space=SPACE, at=AT),) if gone else ())


@pytest.mark.parametrize(
    ("user", "person"),
    [
        (a_user(), Person(name="ada")),
        (a_user(profile={"display_name": " ", "real_name": "Ada &amp; L"}), Person(name="Ada & L")),
        (a_user(profile={}), Person(name="ada.l")),
        (a_user(is_bot=True), Person(name="ada", is_bot=True)),
        (a_user("USLACKBOT"), Person(name="ada", is_bot=True)),
        (a_user(is_restricted=True), Person(name="ada", guest=True)),
        (a_user(is_ultra_restricted=True), Person(name="ada", guest=True)),
        (a_user(team_id="T2"), Person(name="ada", foreign=True)),
        (a_user(is_stranger=True), Person(name="ada", foreign=True)),
        (a_user(is_admin=True), Person(name="ada", admin=True)),
        (a_user(is_owner=True), Person(name="ada", admin=True)),
        (a_user(deleted=True, locale="de-DE"), Person(name="ada", gone=True, locale="de-DE")),
    ],
)
def test_a_user(user: Json, person: Person) -> None:
    assert person_of(user, TEAM) == person


def test_who_opens_our_home_is_told() -> None:
    assert convert(known(), {"type": "app_home_opened", "user": ADA, "tab": "home"}, Came(AT)).home == ADA
    assert not convert(known(), {"type": "app_home_opened", "user": ADA, "tab": "messages"}, Came(AT)).home


def test_a_channel_without_an_id_is_refused() -> None:
    with pytest.raises(BadPayload, match=r"^Dropped a channel from Slack: its id is no id\.$"):
        events_of({"type": "channel_rename", "channel": {"name": "x"}})
