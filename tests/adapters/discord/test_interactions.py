"""What people ask through Discord, as commands of the table."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.carrying import Carried, Unreadable, encode
from adapters.discord.convert import BadPayload
from adapters.discord.convert.interactions import Asked, Way, asked_of
from adapters.discord.render import MENUS
from bot.models import Asker, Kind, MemberRef, Role
from tests.adapters.discord.payloads import (
    ADA,
    AT,
    BO,
    GUILD,
    HELP,
    IN_HELP,
    MID,
    OWN,
    PARENT,
    PRIVATE,
    SPACE,
    THREAD,
    Json,
    a_message,
    a_user,
    ref,
    thread,
)

ADMIN, MANAGE, MESSAGES = 1 << 3, 1 << 5, 1 << 13


def an_interaction(data: Json, *, kind: int = 2, permissions: int = 0, **more: object) -> Json:
    """INTERACTION_CREATE of a command in HELP."""
    member: Json = {"user": a_user(BO, username="bo", global_name="Bo"), "nick": None, "roles": [],
              "permissions": str(permissions), "joined_at": "2024-01-01T00:00:00+00:00", "flags": 0}  # fmt: skip
    return {
        "id": "600000000000000001",
        "application_id": OWN,
        "type": kind,
        "token": "a-token",
        "version": 1,
        "guild_id": GUILD,
        "channel_id": HELP,
        "channel": {"id": HELP, "type": 0, "name": "help", "guild_id": GUILD},
        "member": member,
        "locale": "de",
        "guild_locale": "en-US",
        "context": 0,
        "authorizing_integration_owners": {"0": GUILD},
        "attachment_size_limit": 10_485_760,
        "entitlements": [],
        "data": data,
    } | more


def slash(name: str, *options: Json) -> Json:
    """The data of a slash command; a name of two words is a subcommand."""
    group, _, sub = name.partition(" ")
    inner = [{"type": 1, "name": sub, "options": list(options)}] if sub else list(options)
    return {"id": "1", "type": 1, "name": group, "guild_id": GUILD, "options": inner}


IN_THREAD: Json = {
    "channel_id": THREAD,
    "channel": {"id": THREAD, "type": 11, "parent_id": HELP, "name": "Tents", "guild_id": GUILD},
}


def asked(payload: Json, shelf: dict[str, str] | None = None) -> Asked:
    return asked_of(payload, MENUS, shelf or {}, AT, OWN)


def test_a_slash_command_is_a_row_of_the_table_with_words_as_typed() -> None:
    options: tuple[Json, ...] = (
        {"type": 3, "name": "title", "value": "Small models"},
        {"type": 7, "name": "channel", "value": HELP},
        {"type": 5, "name": "include_history", "value": True},
        {"type": 5, "name": "say_quiet", "value": False},
        {"type": 4, "name": "item", "value": 3},
        {"type": 3, "name": "empty", "value": ""},
    )
    command = asked(an_interaction(slash("discussion start", *options))).command
    assert command.name == "discussion start"
    assert command.args == {
        "title": "Small models", "channel": f"<#{HELP}>", "include_history": "yes", "say_quiet": "no", "item": "3",
    }  # fmt: skip
    assert (command.channel, command.thread, command.target, command.at) == (IN_HELP, None, None, AT)
    assert command.asker == Asker(member=MemberRef(SPACE, BO), name="Bo", locale="de")


def test_a_command_of_one_word() -> None:
    it = asked(an_interaction(slash("catchup", {"type": 3, "name": "since", "value": "7d"})))
    assert (it.command.name, it.command.args, it.way) == ("catchup", {"since": "7d"}, Way.SLASH)


@pytest.mark.parametrize(
    ("permissions", "roles"),
    [
        (0, {Role.MEMBER}),
        (MESSAGES, {Role.MEMBER, Role.MODERATOR}),
        (MANAGE, {Role.MEMBER, Role.MODERATOR, Role.ADMIN}),
        (ADMIN, {Role.MEMBER, Role.MODERATOR, Role.ADMIN}),
        (~(ADMIN | MANAGE | MESSAGES) & (2**53 - 1), {Role.MEMBER}),
    ],
)
def test_permissions_in_the_channel_make_the_roles(permissions: int, roles: set[Role]) -> None:
    assert asked(an_interaction(slash("catchup"), permissions=permissions)).command.asker.roles == roles


def test_in_a_thread_the_channel_is_its_parent() -> None:
    command = asked(an_interaction(slash("discussion status"), **IN_THREAD)).command
    assert (command.channel, command.thread) == (IN_HELP, thread(THREAD))


def test_a_private_thread_is_one_for_who_asks_in_it() -> None:
    there: Json = {"channel_id": PRIVATE, "channel": {"id": PRIVATE, "type": 12, "parent_id": HELP}}
    assert asked(an_interaction(slash("discussion status"), **there)).command.thread == thread(PRIVATE)


@pytest.mark.parametrize(("label", "name"), MENUS.items())
def test_a_menu_is_used_on_a_message(label: str, name: str) -> None:
    message = a_message(author=a_user(ADA), guild_id=None)
    data = {"id": "1", "type": 3, "name": label, "target_id": MID, "resolved": {"messages": {MID: message}}}
    it = asked(an_interaction(data))
    assert (it.command.name, it.command.target, it.command.args, it.way) == (name, ref(), {}, Way.MENU)
    assert it.message is not None
    assert (it.message.text, it.message.kind, it.message.ref) == ("Which tent holds?", Kind.PERSON, ref())


def test_a_menu_on_a_threads_starter_means_the_message_it_hangs_on() -> None:
    started = a_message(PARENT, "The gate squeaks.")
    starter = a_message(channel=THREAD, type=21, content="", referenced_message=started)
    data = {"type": 3, "name": "Highlight", "target_id": MID, "resolved": {"messages": {MID: starter}}}
    it = asked(an_interaction(data, **IN_THREAD))
    assert it.command.target == ref(PARENT)
    assert it.message is not None
    assert it.message.text == "The gate squeaks."


def test_a_menu_names_its_message_even_if_that_does_not_come_along() -> None:
    it = asked(an_interaction({"type": 3, "name": "Highlight", "target_id": MID}))
    assert (it.command.target, it.message) == (ref(), None)


def test_a_button_runs_what_it_carries() -> None:
    shelf: dict[str, str] = {}
    custom_id = encode(Carried("discussion reopen", {"discussion": "7"}), shelf)
    data = {"component_type": 2, "custom_id": custom_id}
    it = asked(an_interaction(data, kind=3, message=a_message(author=a_user(OWN, bot=True))), shelf)
    assert (it.command.name, it.command.args, it.way, it.page) == (
        "discussion reopen", {"discussion": "7"}, Way.BUTTON, 0,
    )  # fmt: skip
    assert it.command.target is None  # the card it stands on is no message of the discussion


def labelled(component: Json) -> Json:
    return {"type": 18, "id": 1, "component": component}


def test_a_modal_brings_what_it_carries_and_what_was_filled_in() -> None:
    custom_id = encode(Carried("discussion edit", {"discussion": "7", "sent": "yes", "title": "Old"}, 1), {})
    data = {
        "custom_id": custom_id,
        "components": [
            labelled({"type": 4, "id": 2, "custom_id": "title", "value": ""}),
            labelled({"type": 3, "id": 3, "custom_id": "every", "values": ["weekly"]}),
            labelled({"type": 3, "id": 4, "custom_id": "weekday", "values": []}),
            {"type": 1, "components": [{"type": 4, "custom_id": "summary", "value": "Why\0 it holds"}]},
        ],
    }
    it = asked(an_interaction(data, kind=5))
    assert it.command.args == {
        "discussion": "7", "sent": "yes", "every": "weekly", "summary": "Why\ufffd it holds",
    }  # fmt: skip
    assert (it.command.name, it.way, it.page) == ("discussion edit", Way.FORM, 1)


@pytest.mark.parametrize("custom_id", ["", "f0|x|", "f1*gone", None])
def test_a_button_that_is_too_old_is_told_apart(custom_id: str | None) -> None:
    with pytest.raises(Unreadable):
        asked(an_interaction({"custom_id": custom_id}, kind=3))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        an_interaction(slash("catchup"), guild_id=None),
        an_interaction(slash("catchup"), member=None),
        an_interaction(slash("catchup"), authorizing_integration_owners={"1": BO}),
        an_interaction(slash("catchup"), kind=1),
        an_interaction({"type": 2, "name": "Whois", "target_id": "1"}),
        an_interaction({"type": 3, "name": "Eat", "target_id": MID}),
        an_interaction({"type": 3, "name": "Highlight"}),
        an_interaction(slash("catchup"), channel=None, channel_id=None),
    ],
)
def test_what_makes_no_sense_or_was_never_installed_is_refused(payload: Json) -> None:
    with pytest.raises(BadPayload, match=r"^Dropped an? .*\.$"):
        asked(payload)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["1", "f1|a|b=c", 2**70]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "type", "name", "options", "value", "values", "component", "custom_id", "messages"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(junk, st.sampled_from([2, 3, 5]), st.sampled_from(["data", "member", "channel", "locale", "guild_id"]))
def test_no_interaction_breaks_anything(part: Any, kind: int, key: str) -> None:  # noqa: ANN401 - any JSON
    data = {"type": 3, "name": "Highlight", "target_id": MID, "custom_id": "f1|catchup|"}
    try:
        it = asked(an_interaction(data, kind=kind) | {key: part})
    except (BadPayload, Unreadable):
        return
    assert all(isinstance(value, str) for value in (it.command.name, *it.command.args, *it.command.args.values()))
