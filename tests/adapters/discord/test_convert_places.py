"""Guilds, roles, channels and threads as Discord documents them: what is told, and what @everyone and we may read."""

import pytest

from adapters.discord.convert import Came, Guilds, Known, convert
from adapters.discord.convert.guilds import ADMINISTRATOR
from bot.models import (
    Channel,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Event,
    Platform,
    Space,
    SpaceGone,
    SpaceInfo,
    SpaceSeen,
    ThreadGone,
    ThreadSeen,
)
from tests.adapters.discord.payloads import (
    ADA,
    AT,
    BO,
    CATEGORY,
    GUILD,
    HELP,
    HISTORY,
    IDEAS,
    NEWS,
    OWN,
    OWN_ROLE,
    POST,
    PRIVATE,
    READ,
    SPACE,
    STAFF,
    STAFF_ROLE,
    THREAD,
    VIEW,
    VOICE,
    Json,
    a_channel,
    a_guild,
    a_role,
    a_thread,
    a_user,
    an_overwrite,
    known_guilds,
    thread,
)


def told(known: Known, name: str, payload: object) -> tuple[Event, ...]:
    return convert(known, name, payload, Came(AT)).events


def seen_thread(ident: str = THREAD, channel: str = HELP, **more: object) -> ThreadSeen:
    parts = {"name": "Tents", "archive_after": 86_400, "url": f"https://discord.com/channels/{GUILD}/{ident}"}
    return ThreadSeen(thread=thread(ident, channel), at=AT, **(parts | more))  # type: ignore[arg-type]  # by name


def channels_of(events: tuple[Event, ...]) -> dict[str, ChannelInfo | None]:
    """Channel → what was told of it, None if it is gone."""
    seen: dict[str, ChannelInfo | None] = {
        event.info.channel.id: event.info for event in events if isinstance(event, ChannelSeen)
    }
    return seen | {event.channel.id: None for event in events if isinstance(event, ChannelGone)}


def test_a_guild_tells_of_itself_its_channels_and_its_public_threads() -> None:
    events = told(Known(guilds=Guilds(OWN)), "GUILD_CREATE", a_guild())
    assert events[0] == SpaceSeen(info=SpaceInfo(space=SPACE, name="Camp"), at=AT)
    assert events[-2:] == (seen_thread(), seen_thread(POST, IDEAS, name="Oil the gate"))
    found = channels_of(events)
    assert set(found) == {HELP, IDEAS, NEWS, STAFF}
    assert found[HELP] == ChannelInfo(
        channel=Channel(SPACE, HELP), name="help", url=f"https://discord.com/channels/{GUILD}/{HELP}"
    )
    marks = {key: (info.private, info.nsfw, info.forum) for key, info in found.items() if info}
    assert marks == {
        HELP: (False, False, False),
        IDEAS: (False, False, True),
        NEWS: (False, True, False),
        STAFF: (True, False, False),
    }


def test_an_outage_is_no_removal() -> None:
    known = known_guilds()
    assert told(known, "GUILD_DELETE", {"id": GUILD, "unavailable": True}) == ()
    assert told(known, "GUILD_CREATE", {"id": GUILD, "unavailable": True}) == ()
    assert told(known, "GUILD_DELETE", {"id": GUILD}) == (SpaceGone(space=SPACE, at=AT),)


def test_a_session_that_does_not_name_a_guild_tells_that_we_were_put_out() -> None:
    others = [{"id": HELP, "unavailable": True}]
    named = {"guilds": [{"id": GUILD, "unavailable": True}, *others], "shard": [0, 1]}
    elsewhere = {"guilds": others, "shard": [1 - (int(GUILD) >> 22) % 2, 2]}
    known = known_guilds()
    for nothing in (named, elsewhere, {"guilds": [{}, *others]}, {"guilds": others, "shard": [0, 0]}, {}):
        assert told(known, "READY", nothing) == ()
    assert told(known, "READY", {"guilds": others}) == (SpaceGone(space=SPACE, at=AT),)
    assert told(known, "READY", {"guilds": others}) == ()


def test_what_an_earlier_process_was_told_of_and_is_not_there_any_more_is_gone() -> None:
    known = Known(guilds=Guilds(OWN))
    known.guilds.remember([Channel(SPACE, "5"), Channel(SPACE, HELP), Channel(Space(Platform.SLACK, "T1"), "C1")])
    seen = channels_of(told(known, "GUILD_CREATE", a_guild()))
    assert (seen["5"], seen[HELP] is None, "C1" in seen) == (None, False, False)
    known.guilds.remember([Channel(SPACE, HELP)])
    known.guilds.guilds.clear()
    assert told(known, "READY", {"guilds": []}) == (SpaceGone(space=SPACE, at=AT),)


def test_a_channel_that_went_during_an_outage_is_told() -> None:
    known = known_guilds()
    left = [channel for channel in a_guild()["channels"] if channel["id"] != NEWS]
    events = told(known, "GUILD_CREATE", a_guild(channels=left))
    assert channels_of(events)[NEWS] is None
    assert channels_of(events)[HELP] is not None


@pytest.mark.parametrize(
    ("roles", "overwrites", "private"),
    [
        ([a_role()], [], False),
        ([a_role(permissions=VIEW)], [], True),
        ([a_role(permissions=HISTORY)], [], True),
        ([a_role(permissions=0)], [an_overwrite(allow=READ)], False),
        ([a_role()], [an_overwrite(deny=VIEW)], True),
        ([a_role()], [an_overwrite(deny=HISTORY)], True),
        ([a_role()], [an_overwrite(STAFF_ROLE, deny=VIEW)], False),
        ([a_role()], [an_overwrite(deny=VIEW, allow=VIEW)], False),
        ([a_role(permissions=ADMINISTRATOR)], [an_overwrite(deny=READ)], False),
        ([], [], True),
        ([{"id": GUILD, "permissions": "lots"}], [], True),
    ],
)
def test_private_is_what_everyone_may_not_read_with_its_history(
    roles: list[Json], overwrites: list[Json], private: bool
) -> None:
    payload = a_guild(roles=roles, members=[], channels=[a_channel(permission_overwrites=overwrites)], threads=[])
    info = channels_of(told(Known(guilds=Guilds(OWN)), "GUILD_CREATE", payload))[HELP]
    assert info is not None
    assert info.private is private


@pytest.mark.parametrize(
    ("member", "roles", "may"),
    [
        (BO, (), False),
        (BO, (STAFF_ROLE,), True),
        (ADA, (), True),  # owns the guild
        ("77", (), True),  # has an overwrite of their own
        ("78", (STAFF_ROLE,), False),
    ],
)
def test_a_member_reads_what_their_roles_and_their_own_overwrite_allow(
    member: str, roles: tuple[str, ...], may: bool
) -> None:
    known = known_guilds()
    closed = [
        an_overwrite(deny=VIEW),
        an_overwrite(STAFF_ROLE, allow=VIEW),
        an_overwrite("77", allow=VIEW, kind=1),
        an_overwrite("78", deny=VIEW, kind=1),
    ]
    told(known, "CHANNEL_UPDATE", a_channel(STAFF, "staff", permission_overwrites=closed))
    assert known.guilds.guild(GUILD).may_read(STAFF, roles, member) is may
    assert known.guilds.guild(GUILD).may_read("99", roles, BO) is False


def test_a_channel_that_turns_private_is_told_and_once() -> None:
    known = known_guilds()
    closed = a_channel(permission_overwrites=[an_overwrite(deny=VIEW), an_overwrite(OWN_ROLE, allow=VIEW)])
    (event,) = told(known, "CHANNEL_UPDATE", closed)
    assert isinstance(event, ChannelSeen)
    assert event.info.private
    assert told(known, "CHANNEL_UPDATE", closed) == ()
    assert told(known, "CHANNEL_UPDATE", closed | {"topic": "New topic"}) == ()


def test_a_channel_is_made_renamed_and_deleted() -> None:
    known = known_guilds()
    assert set(channels_of(told(known, "CHANNEL_CREATE", a_channel("99", "new")))) == {"99"}
    info = channels_of(told(known, "CHANNEL_UPDATE", a_channel("99", "newer")))["99"]
    assert info is not None
    assert info.name == "newer"
    assert told(known, "CHANNEL_DELETE", a_channel("99")) == (ChannelGone(channel=Channel(SPACE, "99"), at=AT),)
    assert told(known, "CHANNEL_DELETE", a_channel("99")) == ()


@pytest.mark.parametrize("payload", [a_channel("9", kind=2), a_channel("9", kind=4), a_channel("9", guild_id=None)])
def test_other_kinds_of_channel_tell_nothing(payload: Json) -> None:
    known = known_guilds()
    assert told(known, "CHANNEL_CREATE", payload) == ()
    assert told(known, "CHANNEL_DELETE", payload) == ()


def test_a_change_of_everyones_role_tells_every_channel_that_it_closes() -> None:
    known = known_guilds()
    events = told(known, "GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": a_role(permissions=0)})
    found = channels_of(events)
    assert {key for key, info in found.items() if info and info.private} == {HELP, IDEAS, NEWS}
    assert STAFF not in found  # it was private before
    assert len(told(known, "GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": a_role()})) == 3


def test_a_role_that_concerns_nobody_here_tells_nothing() -> None:
    known = known_guilds()
    assert told(known, "GUILD_ROLE_CREATE", {"guild_id": GUILD, "role": a_role("9", READ)}) == ()
    assert told(known, "GUILD_ROLE_DELETE", {"guild_id": GUILD, "role_id": "9"}) == ()


def test_a_channel_that_we_may_not_read_any_more_is_gone_and_comes_back() -> None:
    known = known_guilds()
    us = {"guild_id": GUILD, "user": a_user(OWN), "roles": []}
    assert told(known, "GUILD_MEMBER_UPDATE", us) == (ChannelGone(channel=Channel(SPACE, STAFF), at=AT),)
    back = told(known, "GUILD_MEMBER_UPDATE", us | {"roles": [OWN_ROLE]})
    assert channels_of(back)[STAFF] is not None
    lost = told(known, "GUILD_ROLE_DELETE", {"guild_id": GUILD, "role_id": OWN_ROLE})
    assert lost == ()  # its overwrite still stands, as long as we are said to have the role
    assert told(known, "GUILD_MEMBER_UPDATE", us | {"user": a_user(BO)}) == ()


def test_a_guild_is_renamed_and_its_roles_told_anew() -> None:
    known = known_guilds()
    events = told(known, "GUILD_UPDATE", {"id": GUILD, "name": "Big camp", "roles": [a_role(permissions=0)]})
    assert events[0] == SpaceSeen(info=SpaceInfo(space=SPACE, name="Big camp"), at=AT)
    assert channels_of(events).keys() >= {HELP, IDEAS, NEWS}


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (a_thread(), seen_thread()),
        (a_thread(newly_created=True), seen_thread()),
        (a_thread(POST, IDEAS), seen_thread(POST, IDEAS)),
        (a_thread("9", NEWS, kind=10), seen_thread("9", NEWS)),
        (a_thread(name="T\0"), seen_thread(name="T\ufffd")),
        (a_thread(meta={"archived": True, "locked": True, "auto_archive_duration": 60}),
         seen_thread(archived=True, locked=True, archive_after=3600)),
        (a_thread(meta={"auto_archive_duration": None}), seen_thread(archive_after=None)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["THREAD_CREATE", "THREAD_UPDATE"])
def test_a_thread_tells_its_name_and_state(name: str, payload: Json, seen: ThreadSeen) -> None:
    assert told(known_guilds(), name, payload) == (seen,)


def test_a_private_thread_is_told_only_if_it_is_tracked() -> None:
    known = known_guilds()
    hush = a_thread(PRIVATE, kind=12)
    members = {"id": PRIVATE, "guild_id": GUILD, "removed_member_ids": [OWN]}
    assert told(known, "THREAD_CREATE", hush) == ()
    assert told(known, "THREAD_MEMBERS_UPDATE", members) == ()
    known.guilds.tracked.add(PRIVATE)
    assert told(known, "THREAD_UPDATE", hush) == (seen_thread(PRIVATE, private=True),)
    gone = (ThreadGone(thread=thread(PRIVATE), at=AT),)
    assert told(known, "THREAD_MEMBERS_UPDATE", members | {"removed_member_ids": [BO]}) == ()
    assert told(known, "THREAD_MEMBERS_UPDATE", members) == gone
    assert told(known, "THREAD_DELETE", hush) == gone


def test_leaving_a_public_thread_takes_nothing_from_us() -> None:
    members = {"id": THREAD, "guild_id": GUILD, "removed_member_ids": [OWN]}
    assert told(known_guilds(), "THREAD_MEMBERS_UPDATE", members) == ()


def test_a_deleted_thread_is_gone() -> None:
    known = known_guilds()
    payload = {"id": THREAD, "guild_id": GUILD, "parent_id": HELP, "type": 11}
    assert told(known, "THREAD_DELETE", payload) == (ThreadGone(thread=thread(THREAD), at=AT),)
    unknown = {"id": PRIVATE, "guild_id": GUILD, "parent_id": HELP, "type": 12}
    assert told(known, "THREAD_DELETE", unknown) == ()
    assert told(known, "THREAD_DELETE", payload | {"type": 0}) == ()


def test_access_that_is_gained_brings_the_active_threads() -> None:
    broken: list[object] = [7, {"id": "8", "type": 11}, a_thread(PRIVATE, kind=12), a_thread("9", STAFF)]
    payload = {"guild_id": GUILD, "channel_ids": [STAFF], "threads": broken, "members": []}
    assert told(known_guilds(), "THREAD_LIST_SYNC", payload) == (seen_thread("9", STAFF),)


def test_what_was_fetched_is_known_from_then_on() -> None:
    guilds = Guilds(OWN)
    spot = guilds.keep_fetched(a_thread("9", STAFF))
    assert spot is not None
    assert (spot.thread, spot.id) == (thread("9", STAFF), "9")
    assert guilds.keep_fetched({"id": "5", "type": 1}) is None  # a direct message
    assert guilds.keep_fetched(a_channel(VOICE, kind=2)) is None
    assert guilds.keep_fetched(a_channel(CATEGORY, kind=4)) is None
    assert guilds.spot("5") is None


SOLVED = {
    "solved": True, "✅ Solved": True, "[SOLVED]": True, "Gelöst ✅": True, "gelo\u0308st": True, "Erledigt": True,
    "beantwortet": True, "Answered!": True, "resolved": True, "Done": True, "unsolved": False, "not solved": False,
    "solved?": True, "Wood": False, "✅": False,
}  # fmt: skip


@pytest.mark.parametrize("name", SOLVED)
def test_a_tag_says_that_a_post_is_solved(name: str) -> None:
    known = known_guilds()
    tags = [{"id": "1", "name": "wood"}, {"id": "2", "name": name, "emoji_name": "✅"}]
    told(known, "CHANNEL_UPDATE", a_channel(IDEAS, "ideas", kind=15) | {"available_tags": tags})
    post = a_thread(POST, IDEAS) | {"applied_tags": ["1", "2"]}
    assert [event.solved for event in told(known, "THREAD_UPDATE", post) if isinstance(event, ThreadSeen)] == [
        SOLVED[name]
    ]


def test_a_post_without_that_tag_is_not_solved_and_other_threads_have_none() -> None:
    known = known_guilds()
    tags = [{"id": "2", "name": "solved"}, {"id": "3"}, "no tag"]
    told(known, "CHANNEL_UPDATE", a_channel(IDEAS, "ideas", kind=15) | {"available_tags": tags})
    threads = (
        a_thread(POST, IDEAS) | {"applied_tags": []},
        a_thread() | {"applied_tags": ["2"]},
        a_thread(POST, IDEAS),
    )
    found = [event for each in threads for event in told(known, "THREAD_UPDATE", each)]
    assert [event.solved for event in found if isinstance(event, ThreadSeen)] == [False, None, None]
