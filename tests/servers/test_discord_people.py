"""What people may do and see, without any client."""

import pytest

from tests.servers.discord import Can, Channel, DiscordServer, Guild, Member, NotAllowed


def test_overwrites_are_taken_in_their_order(guild: Guild, place: Channel, ada: Member) -> None:
    quiet, loud = guild.role("quiet"), guild.role("loud")
    place.deny(guild.everyone, Can.SEND_MESSAGES)
    assert Can.SEND_MESSAGES not in ada.can(place)
    place.deny(quiet, Can.SEND_MESSAGES | Can.ADD_REACTIONS)
    place.allow(loud, Can.SEND_MESSAGES)
    ada.give(quiet)
    ada.give(loud)
    assert Can.SEND_MESSAGES in ada.can(place)  # of several roles an allowance wins
    assert Can.ADD_REACTIONS not in ada.can(place)
    place.deny(ada, Can.SEND_MESSAGES)
    assert Can.SEND_MESSAGES not in ada.can(place)  # and the member's own rule over all
    place.clear(ada)
    ada.take(loud)
    assert Can.SEND_MESSAGES not in ada.can(place)


def test_who_cannot_see_a_channel_can_do_nothing_there(guild: Guild, place: Channel, ada: Member) -> None:
    first = place.post(ada, "Hello")
    place.make_private()
    assert not ada.can(place)
    with pytest.raises(NotAllowed):
        place.post(ada, "Let me in")
    with pytest.raises(NotAllowed):
        first.react(ada)
    place.make_public()
    place.post(ada, "Thanks")


def test_owners_and_administrators_may_do_everything(guild: Guild, place: Channel, ada: Member) -> None:
    place.make_private()
    ada.give(guild.role("admin", Can.ADMINISTRATOR))
    for member in (guild.owner, ada):
        assert Can.MANAGE_GUILD | Can.VIEW_CHANNEL in member.can(place)


def test_a_private_thread_is_seen_by_its_members_and_moderators(
    server: DiscordServer, guild: Guild, place: Channel, ada: Member, bo: Member
) -> None:
    thread = place.thread(ada, "Secret", private=True)
    message = thread.post(ada, "psst")
    assert server.visible(thread, bo) == []
    bo.give(guild.role("moderator", Can.MANAGE_THREADS))
    assert server.visible(thread, bo) == [message]
    cem = guild.member("Cem")
    thread.invite(cem)
    assert server.visible(thread, cem) == [message]
    thread.remove(cem)
    assert server.visible(thread, cem) == []


def test_history_needs_its_permission(server: DiscordServer, place: Channel, ada: Member, bo: Member) -> None:
    message = place.post(ada, "Hello")
    place.deny(bo, Can.READ_MESSAGE_HISTORY)
    assert server.visible(place, ada) == [message]
    assert server.visible(place, bo) == []


def test_members_may_not_do_what_moderators_do(guild: Guild, place: Channel, ada: Member, bo: Member) -> None:
    message = place.post(ada, "Hello")
    with pytest.raises(NotAllowed):
        message.delete(bo)
    with pytest.raises(NotAllowed):
        message.pin(bo)
    with pytest.raises(NotAllowed):
        place.delete_bulk([message], bo)
    guild.everyone.set(guild.everyone.permissions & ~Can.CREATE_PUBLIC_THREADS)
    with pytest.raises(NotAllowed):
        message.thread(bo, "Mine")
    message.delete(ada)
    with pytest.raises(NotAllowed):
        message.delete(ada)


def test_what_people_did_is_logged_in_order(server: DiscordServer, place: Channel, ada: Member, bo: Member) -> None:
    message = place.post(ada, "Hello")
    message.react(bo)
    message.edit("Hello!")
    message.delete(ada)
    since = [entry.what for entry in server.log].index("post")
    assert [(entry.what, entry.who) for entry in server.log.deeds(since=since)] == [
        ("post", "Ada"),
        ("react", "Bo"),
        ("edit", "Ada"),
        ("delete", "Ada"),
    ]
