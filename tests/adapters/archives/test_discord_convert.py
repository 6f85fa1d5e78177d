from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.archives import discord_convert
from adapters.archives.discord_convert import Header, Place
from bot.models import Channel, Kind, Message, MessageSeen, Origin, Platform, Space, Thread, VotesRead
from tests.adapters.archives.exports import FORUM, GENERAL, GUILD, discord_file, discord_message, discord_post

SPACE = Space(Platform.DISCORD, GUILD)
IDEAS = Channel(SPACE, FORUM)
POST = "800000000000000001"
MID = "800000000000000005"


def header_of(payload: dict[str, Any], space: str = "") -> Header:
    header = discord_convert.header_of(payload, space)
    assert header is not None
    return header


IN_THREAD = header_of(discord_post(POST, "Gate", []))
IN_CHANNEL = header_of(discord_file({"id": GENERAL, "type": 0, "name": "general"}, []))


def message_of(payload: dict[str, Any], header: Header = IN_THREAD) -> Message:
    message = discord_convert.message_of(payload, header)
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("GuildTextChat", Place.GuildTextChat),
        ("GuildPublicThread", Place.GuildPublicThread),
        (11, Place.GuildPublicThread),
        ("11", Place.GuildPublicThread),
        (15, Place.GuildForum),
        (99, None),
        ("Balcony", None),
        (None, None),
    ],
)
def test_a_channel_type_is_a_name_or_a_number(told: object, place: Place | None) -> None:
    assert discord_convert.place_of(told) is place


def test_a_thread_lies_in_the_channel_that_is_called_its_category() -> None:
    assert IN_THREAD.thread == Thread(IDEAS, POST)
    assert (IN_THREAD.channel.channel, IN_THREAD.channel.name) == (IDEAS, "ideas")
    thread = discord_convert.thread_of(IN_THREAD)
    assert thread is not None
    assert (thread.name, thread.url) == ("Gate", f"https://discord.com/channels/{GUILD}/{POST}")
    assert thread.at == datetime(2024, 6, 1, tzinfo=UTC)


def test_a_channel_of_its_own_makes_no_thread() -> None:
    assert IN_CHANNEL.thread is None
    assert IN_CHANNEL.channel.name == "general"
    assert discord_convert.thread_of(IN_CHANNEL) is None


def test_the_operator_may_name_another_space() -> None:
    assert header_of(discord_post(POST, "Gate", []), "42").space.space.id == "42"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"guild": 7, "channel": []},
        {"guild": {"id": "x"}, "channel": {"id": "1", "type": 0}},
        {"guild": {"id": "1"}, "channel": {"id": "1", "type": 77}},
        {"guild": {"id": "1"}, "channel": {"type": 0}},
        {"guild": {"id": "1"}, "channel": {"id": "1", "type": 11}},
    ],
)
def test_a_file_that_does_not_say_where_it_is_from_has_no_header(broken: dict[str, Any]) -> None:
    assert discord_convert.header_of(broken) is None


SYSTEM_NAMES = [
    "RecipientAdd",
    "RecipientRemove",
    "Call",
    "ChannelNameChange",
    "ChannelIconChange",
    "ChannelPinnedMessage",
    "GuildMemberJoin",
    "ThreadCreated",
    "UserPremiumGuildSubscription",
    "46",
    "18",
]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Default", Kind.PERSON),
        ("Reply", Kind.PERSON),
        (0, Kind.PERSON),
        (19, Kind.PERSON),
        ("19", Kind.PERSON),
        *[(name, Kind.SYSTEM) for name in SYSTEM_NAMES],
        (46, Kind.SYSTEM),
        (18, Kind.SYSTEM),
        (True, Kind.SYSTEM),
        (None, Kind.SYSTEM),
        ([], Kind.SYSTEM),
    ],
)
def test_only_default_and_reply_are_peoples_messages(told: object, kind: Kind) -> None:
    assert discord_convert.kind_of(discord_message(MID, type=told)) is kind


def test_a_bots_or_webhooks_message_is_a_bots() -> None:
    author = {"id": "5", "name": "hook", "nickname": "", "isBot": True}
    message = message_of(discord_message(MID) | {"author": author})
    assert (message.kind, message.author.name, message.author.is_bot) == (Kind.BOT, "hook", True)


def test_a_threads_message_belongs_to_the_parent_channel_and_its_thread() -> None:
    message = message_of(discord_message(MID, "Oil it."))
    assert message.ref.channel == IDEAS
    assert message.thread == Thread(IDEAS, POST)
    assert message.url == f"https://discord.com/channels/{GUILD}/{POST}/{MID}"
    assert message.sent_at == datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_a_channels_own_message_starts_no_thread() -> None:
    message = message_of(discord_message(MID), IN_CHANNEL)
    assert message.thread == Thread(IN_CHANNEL.channel.channel, MID)
    assert message.url == f"https://discord.com/channels/{GUILD}/{GENERAL}/{MID}"


def test_a_threads_starter_stands_for_the_message_it_hangs_on() -> None:
    events = discord_convert.events_of(discord_message(MID, "The gate squeaks.", type="21"), IN_THREAD)
    assert events is not None
    (event,) = events
    assert isinstance(event, MessageSeen)
    assert event.message.ref.id == POST
    assert event.message.kind is Kind.PERSON
    assert event.message.sent_at == discord_convert.time_of(POST)


def test_a_starter_without_words_tells_nothing() -> None:
    assert discord_convert.events_of(discord_message(MID, "", type="ThreadStarterMessage"), IN_THREAD) == []


@pytest.mark.parametrize(
    ("reference", "kind", "target"),
    [
        ({"messageId": "800000000000000002", "channelId": POST, "guildId": GUILD}, "Reply", "800000000000000002"),
        ({"messageId": "800000000000000002"}, "Reply", "800000000000000002"),
        ({"messageId": "800000000000000002", "channelId": "5"}, "Reply", None),
        ({"messageId": "800000000000000002", "channelId": POST}, "Default", None),  # a forward
        ({"messageId": "gone"}, "Reply", None),
        (None, "Reply", None),
    ],
)
def test_a_reply_names_what_it_answers_in_the_same_place(reference: object, kind: str, target: str | None) -> None:
    assert message_of(discord_message(MID, type=kind, reference=reference)).reply_to == target


def test_edits_attachments_stickers_and_rendered_mentions_are_kept() -> None:
    payload = discord_message(
        MID,
        "Hey @Alice, see #general",
        timestampEdited="2024-05-01T12:05:00.5+02:00",
        attachments=[{"fileName": "gate.png"}, {"url": "x"}],
        stickers=[{"name": "wave"}],
    )
    message = message_of(payload)
    assert message.text == "Hey @Alice, see #general"
    assert message.edited_at == datetime(2024, 5, 1, 10, 5, 0, 500000, tzinfo=UTC)
    assert message.files == ("gate.png", "wave")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"embeds": [{"title": "Ticket", "description": "Opened"}]}, "Ticket\nOpened"),
        ({"forwardedMessage": {"content": "passed on"}}, "passed on"),
        ({"poll": {"question": {"text": "Tea or coffee?"}}}, "Tea or coffee?"),
        ({"embeds": [7], "poll": []}, ""),
    ],
)
def test_an_empty_message_says_what_hangs_on_it(more: dict[str, Any], text: str) -> None:
    assert message_of(discord_message(MID, "", **more)).text == text


@pytest.mark.parametrize(
    ("author", "uid", "name"),
    [
        ({"id": "456226577798135808", "name": "Deleted User", "nickname": ""}, "456226577798135808", "Deleted User"),
        ({"id": "5", "name": "ada", "nickname": "Ada"}, "5", "Ada"),
        ({"id": "5"}, "5", "5"),
        (None, "unknown", "unknown"),
        ([], "unknown", "unknown"),
    ],
)
def test_an_author_is_called_by_nickname_first_and_is_never_missing(author: object, uid: str, name: str) -> None:
    found = message_of(discord_message(MID) | {"author": author}).author
    assert (found.member.id, found.name) == (uid, name)


@pytest.mark.parametrize(
    "broken", [{"id": None}, {"id": "abc"}, {"id": "9" * 30}, {"timestamp": None}, {"timestamp": "yesterday"}]
)
def test_a_message_without_id_or_time_cannot_be_placed(broken: dict[str, Any]) -> None:
    assert discord_convert.events_of(discord_message(MID) | broken, IN_THREAD) is None


def star(count: int, *users: str, name: str = "⭐", code: str = "star", emoji: str = "") -> dict[str, Any]:
    people = [{"id": user, "name": f"n{user}", "isBot": False} for user in users]
    return {"emoji": {"id": emoji, "name": name, "code": code}, "count": count, "users": people}


@pytest.mark.parametrize(
    ("reactions", "voters"),
    [
        ([star(2, "5", "6")], ["5", "6"]),
        ([star(2)], ["unnamed-1", "unnamed-2"]),
        ([star(3, "5")], ["5", "unnamed-1", "unnamed-2"]),
        ([star(1, "5"), star(1, "5", name="🌟", code="star2")], ["5"]),
        ([star(2), star(3, name="🌟", code="star2")], ["unnamed-1", "unnamed-2", "unnamed-3"]),
        ([star(1, "5", name="⭐\N{VARIATION SELECTOR-16}")], ["5"]),
        ([star(1, "5", name="star", emoji="77")], []),  # a server's own emoji that is only called star
        ([star(4, "5", name="👍", code="thumbsup")], []),
        ([{"emoji": None, "count": "many"}, 7], []),
        (7, []),
    ],
)
def test_stars_are_votes_named_or_counted(reactions: object, voters: list[str]) -> None:
    events = discord_convert.events_of(discord_message(MID, reactions=reactions), IN_THREAD)
    assert events is not None
    reads = [event for event in events if isinstance(event, VotesRead)]
    assert [voter.member.id for read in reads for voter in read.voters] == voters
    assert all(event.origin is Origin.IMPORT for event in events if isinstance(event, VotesRead | MessageSeen))


@pytest.mark.parametrize("name", ["thumbsup", "👍"])
def test_the_operator_may_name_other_stars_by_sign_or_by_name(name: str) -> None:
    payload = discord_message(MID, reactions=[star(1, "5", name="👍", code="thumbsup"), star(1, "6")])
    events = discord_convert.events_of(payload, IN_THREAD, frozenset({name}))
    assert events is not None
    assert [v.member.id for event in events if isinstance(event, VotesRead) for v in event.voters] == ["5"]
