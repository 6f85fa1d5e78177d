"""Messages as Discord documents them, as values: one line a case."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.discord.convert import STARS, BadPayload, Came, Known, UnknownPlace, convert, stars_of
from adapters.discord.convert.messages import MessageType
from bot.models import Author, Kind, MemberRef, Message, MessageDeleted, MessageSeen, Origin
from tests.adapters.discord.payloads import (
    ADA,
    AT,
    BO,
    GUILD,
    HELP,
    IDEAS,
    MID,
    OWN,
    PARENT,
    POST,
    PRIVATE,
    SPACE,
    THREAD,
    VOICE,
    Json,
    a_message,
    a_thread,
    a_user,
    known_guilds,
    ref,
    thread,
)

REPLY: Json = {"type": 19, "message_reference": {"type": 0, "message_id": "300000000000000005", "channel_id": HELP}}


def events_of(name: str, payload: object, known: Known | None = None) -> tuple[object, ...]:
    return convert(known or known_guilds(), name, payload, Came(AT)).events


def message_of(payload: Json, known: Known | None = None) -> Message:
    (event,) = events_of("MESSAGE_CREATE", payload, known)
    assert isinstance(event, MessageSeen)
    return event.message


def test_a_message_of_a_channel() -> None:
    assert message_of(a_message()) == Message(
        ref=ref(),
        thread=thread(MID),
        author=Author(member=MemberRef(SPACE, ADA), name="Ada"),
        text="Which tent holds?",
        sent_at=datetime(2026, 8, 3, 12, 0, 0, 123_000, tzinfo=UTC),
        url=f"https://discord.com/channels/{GUILD}/{HELP}/{MID}",
    )


def test_a_message_of_a_thread_belongs_to_the_parent_channel() -> None:
    message = message_of(a_message(channel=THREAD))
    assert (message.ref, message.thread) == (ref(), thread(THREAD))
    assert message.url == f"https://discord.com/channels/{GUILD}/{THREAD}/{MID}"


def test_the_first_message_of_a_forum_post_has_its_id() -> None:
    message = message_of(a_message(POST, channel=POST))
    assert (message.ref, message.thread) == (ref(POST, IDEAS), thread(POST, IDEAS))


def test_a_history_reads_like_the_gateway() -> None:
    live, read = a_message(), a_message(guild_id=None)
    del read["member"]
    told = convert(known_guilds(), "MESSAGE_CREATE", read, Came(AT, Origin.BACKFILL)).events
    assert told == (MessageSeen(message=message_of(live), origin=Origin.BACKFILL),)


@pytest.mark.parametrize("kind", list(MessageType))
def test_of_the_documented_types_two_are_peoples(kind: MessageType) -> None:
    peoples = kind in {MessageType.DEFAULT, MessageType.REPLY}
    assert message_of(a_message(type=kind.value)).kind is (Kind.PERSON if peoples else Kind.SYSTEM)


@pytest.mark.parametrize("kind", [999, -1, None, "0", True, 0.0, []])
def test_an_unknown_type_is_the_systems(kind: object) -> None:
    assert message_of(a_message(type=kind)).kind is Kind.SYSTEM


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"author": a_user(bot=True)}, Kind.BOT),
        ({"author": a_user("7", username="Bridge"), "webhook_id": "7"}, Kind.BOT),
        ({"webhook_id": None}, Kind.PERSON),
        ({"author": a_user(OWN, bot=True)}, Kind.OWN),
        ({"author": a_user(OWN, bot=True), "type": 6}, Kind.OWN),
        ({"flags": 64}, Kind.SYSTEM),
        ({"flags": 4096}, Kind.PERSON),
        ({"flags": "x"}, Kind.PERSON),
        ({"content": f"<@{OWN}> discussion conclude done"}, Kind.ADDRESS),
        ({"content": f"<@!{OWN}> catchup"}, Kind.ADDRESS),
        ({"content": f"<@{OWN}> status"}, Kind.ADDRESS),
        ({"content": f"<@{OWN}> help me with my tent"}, Kind.PERSON),
        ({"content": f"<@{OWN}> you are great"}, Kind.PERSON),
        ({"content": f"<@{OWN}> discussion is what we need"}, Kind.PERSON),
        ({"content": f"<@{BO}> catchup"}, Kind.PERSON),
        ({"content": f"Hey <@{OWN}> catchup"}, Kind.PERSON),
    ],
)
def test_who_wrote_and_what_makes_the_kind(more: Json, kind: Kind) -> None:
    assert message_of(a_message(**more)).kind is kind


@pytest.mark.parametrize(
    ("author", "member", "name"),
    [
        (a_user(), {"nick": "Countess"}, "Countess"),
        (a_user(), {"nick": None}, "Ada"),
        (a_user(), None, "Ada"),
        (a_user(global_name=None), {"nick": "  "}, "ada"),
        (a_user(username=None, global_name=None), {}, ADA),
        (a_user(global_name="A\0d\ud800a"), {}, "A\ufffdd\ufffda"),
        (a_user("456226577798135808", username="Deleted User", global_name=None, discriminator="0000"), None,
         "Deleted User"),
    ],
)  # fmt: skip
def test_a_name_is_the_nickname_else_the_display_name(author: Json, member: Json | None, name: str) -> None:
    payload = a_message(author=author, member=member)
    assert message_of(payload).author.name == name
    del payload["member"]
    assert message_of(payload).author.member.id == author["id"]


SNAPSHOT = {"type": 0, "content": "Forwarded words", "attachments": [{"id": "1", "filename": "map.png"}], "embeds": []}
FORWARD = {
    "content": "",
    "message_reference": {"type": 1, "message_id": "3", "channel_id": "2", "guild_id": "1"},
    "message_snapshots": [{"message": SNAPSHOT}],
}
POLL = {
    "question": {"text": "Tent or hut?"}, "answers": [{"answer_id": 1, "poll_media": {"text": "Tent"}}],
    "expiry": "2026-08-04T12:00:00+00:00", "allow_multiselect": False, "layout_type": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "text", "files"),
    [
        ({"content": "a <@1> **b** <:x:2>"}, "a <@1> **b** <:x:2>", ()),
        ({"content": "a\0\ud83d\x07b"}, "a\ufffd\ufffdb", ()),
        (FORWARD, "Forwarded words", ("map.png",)),
        (FORWARD | {"content": "look"}, "look", ("map.png",)),
        ({"content": "", "poll": POLL}, "Tent or hut?", ()),
        ({"content": "", "sticker_items": [{"id": "1", "name": "Wave", "format_type": 1}]}, "", ("Wave",)),
        ({"attachments": [{"id": "1", "filename": "a.png", "size": 1, "url": "https://x", "proxy_url": "https://x"},
                          {"id": "2", "filename": "a.png"}, {"id": "3"}]}, "Which tent holds?", ("a.png",)),
        ({"content": "", "embeds": [{"title": "T", "description": "D"}, {"url": "https://x"}]}, "T\nD", ()),
        ({"content": "", "message_snapshots": [{"message": {"content": "", "embeds": [{"title": "F"}]}}]}, "F", ()),
        ({"content": "x", "embeds": [{"title": "T"}]}, "x", ()),
        ({"content": None, "embeds": "none", "attachments": [1], "poll": [], "message_snapshots": {}}, "", ()),
    ],
)  # fmt: skip
def test_what_a_message_says_and_carries(more: Json, text: str, files: tuple[str, ...]) -> None:
    message = message_of(a_message(**more))
    assert (message.text, message.files, message.reply_to) == (text, files, None)


@pytest.mark.parametrize(
    ("channel", "more", "reply_to"),
    [
        (HELP, REPLY, "300000000000000005"),
        (HELP, REPLY | {"referenced_message": None}, "300000000000000005"),
        (HELP, REPLY | {"type": 0}, None),
        (HELP, {"type": 19}, None),
        (HELP, {"type": 19, "message_reference": {"message_id": "5"}}, "5"),
        (HELP, {"type": 19, "message_reference": {"message_id": "5", "channel_id": IDEAS}}, None),
        (THREAD, {"type": 19, "message_reference": {"message_id": "5", "channel_id": THREAD}}, "5"),
        (THREAD, {"type": 19, "message_reference": {"message_id": "5", "channel_id": HELP}}, None),
        (THREAD, {"type": 19, "message_reference": {"message_id": PARENT, "channel_id": HELP}}, PARENT),
        (THREAD, {"type": 19, "message_reference": {"message_id": "5", "channel_id": THREAD},
                  "referenced_message": {"id": "5", "type": 21}}, PARENT),
        (HELP, {"type": 19, "message_reference": {"type": 1, "message_id": "5"}}, None),
    ],
)  # fmt: skip
def test_what_a_message_answers(channel: str, more: Json, reply_to: str | None) -> None:
    assert message_of(a_message(channel=channel, **more)).reply_to == reply_to


def test_a_threads_starter_stands_for_the_message_it_hangs_on() -> None:
    started = a_message(PARENT, "The gate squeaks.", author=a_user(BO, global_name="Bo"), **REPLY)
    message = message_of(a_message(channel=THREAD, type=21, content="", referenced_message=started))
    assert (message.ref, message.thread, message.kind) == (ref(PARENT), thread(THREAD), Kind.PERSON)
    assert (message.text, message.author.name) == ("The gate squeaks.", "Bo")
    assert message == replace(message_of(started), author=message.author)  # the same as where it stands


@pytest.mark.parametrize("started", [None, {}, {"id": "5", "type": 0}, {"id": PARENT, "type": 7}])
def test_a_starter_that_brings_nothing_along_is_the_systems(started: Json | None) -> None:
    message = message_of(a_message(channel=THREAD, type=21, content="", referenced_message=started))
    assert (message.ref, message.kind) == (ref(), Kind.SYSTEM)


def test_an_edit_has_the_time_of_the_edit() -> None:
    edited = a_message(content="Which tent?", edited_timestamp="2026-08-03T12:01:00+00:00")
    (event,) = events_of("MESSAGE_UPDATE", edited)
    assert isinstance(event, MessageSeen)
    assert (event.message.text, event.message.edited_at) == ("Which tent?", datetime(2026, 8, 3, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "payload",
    [
        {"id": MID, "channel_id": HELP, "guild_id": GUILD, "embeds": [{"title": "Preview"}]},
        {"id": MID, "channel_id": HELP, "guild_id": GUILD, "edited_timestamp": "2026-08-03T12:01:00+00:00"},
        {"id": MID, "channel_id": HELP, "guild_id": GUILD, "flags": 32, "content": "x"},
        a_message(pinned=True),
        a_message(embeds=[{"title": "Preview"}]),
        a_message(edited_timestamp="yesterday"),
    ],
)
def test_previews_pins_and_flags_are_no_edits(payload: Json) -> None:
    assert events_of("MESSAGE_UPDATE", payload) == ()


@pytest.mark.parametrize(("channel", "of"), [(HELP, None), (THREAD, thread(THREAD))])
def test_a_deletion(channel: str, of: object) -> None:
    told = events_of("MESSAGE_DELETE", {"id": MID, "channel_id": channel, "guild_id": GUILD})
    assert told == (MessageDeleted(ref=ref(), thread=of, at=AT),)  # type: ignore[arg-type]  # a thread or nothing


@pytest.mark.parametrize("name", ["MESSAGE_CREATE", "MESSAGE_UPDATE"])
@pytest.mark.parametrize("more", [{}, {"edited_timestamp": "2026-08-03T12:01:00+00:00"}])
def test_a_copied_announcement_that_was_deleted_where_it_was_made_is_gone(name: str, more: Json) -> None:
    copy = a_message(webhook_id="77", content="[Original Message Deleted]", flags=2 | 8, **more)
    assert events_of(name, copy) == (MessageDeleted(ref=ref(), thread=None, at=AT),)


def test_several_deletions_at_once() -> None:
    told = events_of("MESSAGE_DELETE_BULK", {"ids": ["1", "x", "2"], "channel_id": HELP, "guild_id": GUILD})
    assert [event.ref.id for event in told if isinstance(event, MessageDeleted)] == ["1", "2"]


@pytest.mark.parametrize(
    ("reactions", "worth"),
    [
        ([{"count": 1, "me": False, "emoji": {"id": None, "name": "⭐"}}], True),
        ([{"count": 1, "me": False, "emoji": {"id": None, "name": "🦆"}}, {"emoji": {"id": "6", "name": "⭐"}}], False),
        (None, False),
    ],
)
def test_a_message_that_is_read_says_whether_its_votes_are_worth_reading(reactions: object, worth: bool) -> None:
    assert stars_of(a_message(reactions=reactions), STARS) is worth


@pytest.mark.parametrize("name", ["MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "MESSAGE_REACTION_REMOVE_ALL"])
def test_what_is_taken_away_elsewhere_is_nothing_to_us(name: str) -> None:
    gone = {"id": MID, "ids": [MID], "message_id": MID, "channel_id": PRIVATE, "guild_id": GUILD}
    assert events_of(name, gone) == ()


@pytest.mark.parametrize(
    "payload",
    [
        a_message(channel="77", guild_id=None, member=None),  # a history of what is not ours
        a_message(channel=VOICE),
        a_message(channel=PRIVATE),
    ],
)
def test_what_is_said_elsewhere_is_not_kept(payload: Json) -> None:
    del payload["member"]
    assert events_of("MESSAGE_CREATE", payload) == ()


def test_a_private_thread_is_kept_when_it_is_tracked() -> None:
    known = known_guilds()
    known.guilds.tracked.add(PRIVATE)
    assert message_of(a_message(channel=PRIVATE), known).thread == thread(PRIVATE)


def test_an_unknown_thread_is_asked_for() -> None:
    known = known_guilds()
    with pytest.raises(UnknownPlace) as asked:
        events_of("MESSAGE_CREATE", a_message(channel="88"), known)
    assert asked.value.id == "88"
    known.guilds.keep_fetched(a_thread("88"))
    assert message_of(a_message(channel="88"), known).thread == thread("88")


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("MESSAGE_CREATE", a_message("x"), "id"),
        ("MESSAGE_CREATE", a_message(channel="x"), "channel_id"),
        ("MESSAGE_CREATE", a_message(author=None), "id"),
        ("MESSAGE_DELETE", {"channel_id": HELP, "guild_id": GUILD}, "id"),
        ("MESSAGE_CREATE", [], "no object"),
        ("THREAD_CREATE", None, "no object"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_sentence(name: str, payload: object, said: str) -> None:
    with pytest.raises(BadPayload, match=rf"Dropped .*{said}.*\.$"):
        events_of(name, payload)


def test_events_that_do_not_matter_tell_nothing() -> None:
    unread: Any = object()
    assert events_of("TYPING_START", unread) == ()


def test_a_time_that_is_missing_is_in_the_id() -> None:
    assert message_of(a_message("175928847299117063", timestamp=None)).sent_at == datetime(
        2016, 4, 30, 11, 18, 25, 796_000, tzinfo=UTC
    )
