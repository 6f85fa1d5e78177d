from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.archives import slack_convert
from adapters.archives.slack_text import text_of
from bot.models import (
    Channel,
    Kind,
    Message,
    MessageDeleted,
    MessageSeen,
    Origin,
    Platform,
    Space,
    Thread,
    VotesRead,
)
from tests.adapters.archives.exports import TEAM, slack_channel, slack_message, slack_user

SPACE = Space(Platform.SLACK, TEAM)
CAMP = Channel(SPACE, "C1")
PEOPLE = slack_convert.people_of(
    [slack_user("U1", "Ada"), slack_user("U2", "Bo"), slack_user("U9", "Crier", is_bot=True)], SPACE
)
TS = "1709290800.000100"


def message_of(payload: dict[str, Any]) -> Message:
    message = slack_convert.message_of(payload, CAMP, PEOPLE)
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({}, Kind.PERSON),
        ({"subtype": "file_share"}, Kind.PERSON),
        ({"subtype": "file_comment"}, Kind.PERSON),
        ({"subtype": "me_message"}, Kind.PERSON),
        ({"subtype": "thread_broadcast"}, Kind.PERSON),
        ({"bot_id": None}, Kind.PERSON),
        ({"bot_id": "B1"}, Kind.PERSON),  # an app that posts in the name of a known person
        ({"bot_id": "B1", "user": "U404"}, Kind.BOT),
        ({"bot_id": "B1", "user": None}, Kind.BOT),
        ({"user": "U9"}, Kind.BOT),
        ({"user": "U404"}, Kind.PERSON),
        ({"subtype": "bot_message"}, Kind.BOT),
        ({"type": "event"}, Kind.SYSTEM),
        *(
            ({"subtype": subtype}, Kind.SYSTEM)
            for subtype in (
                "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive",
                "channel_unarchive", "group_join", "bot_add", "bot_remove", "welcome_party", "reminder_add",
                "channel_tab_added", "channel_canvas_updated", "pinned_item", "unpinned_item", "tombstone",
                "reply_broadcast", "huddle_thread", "sh_room_created", "a_name_of_the_future", 7,
            )
        ),
    ],
)  # fmt: skip
def test_a_subtype_decides_what_a_message_is(payload: dict[str, Any], kind: Kind) -> None:
    assert slack_convert.kind_of(slack_message(TS) | payload, PEOPLE) is kind


def test_a_plain_message_becomes_one_that_starts_no_thread() -> None:
    message = message_of(slack_message(TS, "Tea &amp; cake?"))
    assert (message.ref.id, message.ref.position) == (TS, 1709290800000100)
    assert message.thread == Thread(CAMP, TS)
    assert message.author.name == "Ada"
    assert message.text == "Tea &amp; cake?"
    assert message.sent_at == datetime(2024, 3, 1, 11, 0, 0, 100, tzinfo=UTC)
    assert message.edited_at is None


def test_a_reply_belongs_to_the_thread_it_names_whether_its_parent_is_known_or_not() -> None:
    assert message_of(slack_message("1709377200.000400", thread_ts=TS)).thread == Thread(CAMP, TS)


def test_a_broadcast_reply_is_one_message_of_its_thread() -> None:
    payload = slack_message("1709377200.000400", subtype="thread_broadcast", thread_ts=TS, root=slack_message(TS))
    events = slack_convert.events_of(payload, CAMP, PEOPLE)
    assert events is not None
    assert len(events) == 1
    assert isinstance(events[0], MessageSeen)
    assert events[0].message.thread == Thread(CAMP, TS)
    assert events[0].origin is Origin.IMPORT


def test_an_edit_has_its_time_and_a_link_preview_is_none() -> None:
    edited = message_of(slack_message(TS, edited={"user": "U1", "ts": "1709290900.000000"}))
    assert edited.edited_at == datetime(2024, 3, 1, 11, 1, 40, tzinfo=UTC)
    assert message_of(slack_message(TS, attachments=[{"text": "preview"}])).edited_at is None


def test_a_tombstone_is_the_deletion_of_a_parent_that_keeps_its_thread() -> None:
    payload = slack_message(TS, "This message was deleted.", "USLACKBOT", subtype="tombstone", thread_ts=TS)
    events = slack_convert.events_of(payload, CAMP, PEOPLE)
    assert events is not None
    (event,) = events
    assert isinstance(event, MessageDeleted)
    assert event.thread == Thread(CAMP, TS)


def test_system_messages_tell_nothing() -> None:
    assert slack_convert.events_of(slack_message(TS, subtype="channel_join"), CAMP, PEOPLE) == []


@pytest.mark.parametrize("ts", [None, "", "soon", 1709290800.0001, "1709290800", "-1.5", "99999999999.000001"])
def test_a_message_without_a_valid_time_cannot_be_placed(ts: object) -> None:
    assert slack_convert.events_of(slack_message(TS) | {"ts": ts}, CAMP, PEOPLE) is None


@pytest.mark.parametrize("payload", [None, 7, "text", [], [{}]])
def test_what_is_no_message_cannot_be_placed(payload: object) -> None:
    assert slack_convert.events_of(payload, CAMP, PEOPLE) is None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"profile": {"display_name": "Ada", "real_name": "Ada Lovelace"}, "name": "ada.l"}, "Ada"),
        ({"profile": {"display_name": "  ", "real_name": "Ada Lovelace"}, "name": "ada.l"}, "Ada Lovelace"),
        ({"real_name": "Ada Lovelace", "name": "ada.l"}, "Ada Lovelace"),
        ({"name": "ada.l"}, "ada.l"),
        ({"profile": {"display_name": "R&amp;D"}}, "R&D"),
        ({"profile": 7}, "U1"),
    ],
)
def test_people_are_called_by_their_display_name_first(user: dict[str, Any], name: str) -> None:
    assert slack_convert.people_of([{"id": "U1"} | user], SPACE)["U1"].name == name


def test_somebody_the_users_list_lacks_is_called_as_their_message_says_or_by_their_id() -> None:
    profile = {"display_name": "Zed", "real_name": "Zed Z"}
    assert message_of(slack_message(TS, user="U404", user_profile=profile)).author.name == "Zed"
    assert message_of(slack_message(TS, user="U404")).author.name == "U404"


def test_a_message_that_names_nobody_is_kept() -> None:
    author = message_of(slack_message(TS, user=None)).author
    assert (author.member.id, author.is_bot) == ("unknown", False)


def test_a_bot_message_is_its_bots_by_the_name_it_wears() -> None:
    author = message_of(slack_message(TS, user=None, subtype="bot_message", bot_id="B7", username="Kettle")).author
    assert (author.member.id, author.name, author.is_bot) == ("B7", "Kettle", True)
    author = message_of(slack_message(TS, user=None, subtype="bot_message", bot_profile={"name": "Pot"})).author
    assert (author.member.id, author.name, author.is_bot) == ("bot", "Pot", True)


def test_a_file_comment_is_its_commenters_and_says_the_comment_only() -> None:
    payload = slack_message(
        TS, "<@U2> commented on <@U1>'s file <https://x/y|plan.png>: Lovely", None, subtype="file_comment",
        comment={"user": "U2", "comment": "Lovely"}, file={"name": "plan.png"},
    )  # fmt: skip
    message = message_of(payload)
    assert (message.author.name, message.text, message.files) == ("Bo", "Lovely", ("plan.png",))


def test_an_old_upload_says_its_comment_and_names_its_file() -> None:
    text = "<@U1|ada> uploaded a file: <https://x/y|map.png> and commented: Here"
    with_comment = {"name": "map.png", "initial_comment": {"comment": "Here"}}
    message = message_of(slack_message(TS, text, subtype="file_share", file=with_comment))
    assert (message.text, message.files) == ("Here", ("map.png",))
    assert message_of(slack_message(TS, text, subtype="file_share", file={"name": "map.png"})).text == ""


def test_files_are_named_and_deleted_ones_are_not() -> None:
    payload = slack_message(
        TS, files=[{"name": "a.pdf"}, {"mode": "tombstone"}, {"title": "b"}, "junk", {"name": "a.pdf"}]
    )
    assert message_of(payload).files == ("a.pdf", "b")


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Hi* &lt;b&gt;"}}]}, "*Hi* &lt;b&gt;"),
        ({"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "a < b"}}]}, "a &lt; b"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "News"}}, {"type": "divider"}]}, "News"),
        (
            {
                "blocks": [
                    {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}, {"type": "mrkdwn", "text": "y"}]}
                ]
            },
            "x\ny",
        ),
        ({"blocks": [{"type": "context", "elements": [{"type": "plain_text", "text": "small"}]}]}, "small"),
        (
            {"blocks": [{"type": "image", "alt_text": "a map", "title": {"type": "plain_text", "text": "Map"}}]},
            "Map\na map",
        ),
        (
            {
                "blocks": [
                    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}
                ]
            },
            "",
        ),
        ({"attachments": [{"pretext": "p", "title": "t", "text": "x", "fallback": "f"}]}, "p\nt\nx"),
        ({"attachments": [{"fields": [{"title": "CPU", "value": "high"}]}]}, "CPU: high"),
        ({"attachments": [{"fallback": "only this"}]}, "only this"),
        ({"attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in"}}]}]}, "in"),
        ({"attachments": ["junk", 7]}, ""),
        ({"blocks": 7, "attachments": None}, ""),
        ({"text": None}, ""),
    ],
)
def test_an_empty_text_gives_way_to_blocks_and_attachments(payload: dict[str, Any], text: str) -> None:
    assert text_of({"text": ""} | payload) == text


def test_rich_text_keeps_its_links_and_mentions() -> None:
    section = [
        {"type": "text", "text": "See "},
        {"type": "link", "url": "https://example.org", "text": "this"},
        {"type": "text", "text": " "},
        {"type": "user", "user_id": "U2"},
        {"type": "emoji", "name": "tea"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "broadcast", "range": "here"},
    ]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": section}]}]
    assert text_of({"text": "", "blocks": blocks}) == "See <https://example.org|this> <@U2>:tea:<#C1>@here"


def test_a_text_speaks_before_its_blocks() -> None:
    assert (
        text_of({"text": "words", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "no"}}]})
        == "words"
    )


def votes_of(reactions: object, stars: frozenset[str] = slack_convert.STARS) -> list[str]:
    events = slack_convert.events_of(slack_message(TS, reactions=reactions), CAMP, PEOPLE, stars)
    assert events is not None
    found = [event for event in events if isinstance(event, VotesRead)]
    return [voter.member.id for event in found for voter in event.voters]


@pytest.mark.parametrize(
    ("reactions", "voters"),
    [
        ([{"name": "star", "users": ["U1", "U2"], "count": 2}], ["U1", "U2"]),
        ([{"name": "star", "users": ["U1"], "count": 1}, {"name": "star2", "users": ["U1"], "count": 1}], ["U1"]),
        ([{"name": "thumbsup", "users": ["U1"], "count": 1}], []),
        ([{"name": "star", "users": [], "count": 2}], ["unnamed-1", "unnamed-2"]),
        ([{"name": "star", "users": ["U2"], "count": 3}], ["U2", "unnamed-1", "unnamed-2"]),
        ([{"name": "star", "users": None}, 7, {"name": None}], []),
        ("junk", []),
    ],
)
def test_stars_are_votes_by_whoever_gave_them(reactions: object, voters: list[str]) -> None:
    assert votes_of(reactions) == voters


def test_the_operator_may_name_other_stars_and_skin_tones_do_not_matter() -> None:
    reactions = [
        {"name": "clap::skin-tone-3", "users": ["U2"], "count": 1},
        {"name": "star", "users": ["U1"], "count": 1},
    ]
    assert votes_of(reactions, frozenset({"clap"})) == ["U2"]


def test_a_channel_tells_who_can_read_it() -> None:
    guests = slack_convert.guests_of([slack_user("U1", "Ada", is_restricted=True), slack_user("U2", "Bo")])
    info = slack_convert.channel_of(slack_channel("C1", "camp", is_archived=True), SPACE, guests)
    assert info is not None
    assert (info.channel, info.name, info.archived, info.guests, info.connect) == (CAMP, "camp", True, True, False)
    shared = slack_convert.channel_of(slack_channel("C1", "camp", is_ext_shared=True), SPACE)
    assert shared is not None
    assert shared.connect
    assert not shared.guests
    assert slack_convert.channel_of({"name": "no id"}, SPACE) is None
