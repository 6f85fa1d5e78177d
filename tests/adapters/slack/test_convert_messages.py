"""Messages as Slack documents them, as values: one line a case."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.slack.convert import BadPayload, Came, convert, deleted_of
from adapters.slack.convert.messages import message_of as read
from bot.models import Author, Kind, MemberRef, Message, MessageDeleted, MessageSeen, Origin, position_of
from tests.adapters.slack.payloads import (
    ADA,
    AT,
    BEEP,
    BO,
    DIRECT,
    HELP,
    IN_HELP,
    LATER,
    OWN,
    OWN_BOT,
    PARENT,
    SPACE,
    TS,
    URL,
    Json,
    a_message,
    changed,
    deleted,
    edited,
    events_of,
    in_history,
    known,
    message_of,
    ref,
    thread,
)


def test_a_message_of_a_channel() -> None:
    assert message_of(a_message()) == Message(
        ref=ref(),
        thread=thread(),
        author=Author(member=MemberRef(SPACE, ADA), name="Ada"),
        text="Which tent holds?",
        sent_at=datetime(2026, 8, 3, 12, 0, 0, 200, tzinfo=UTC),
        url=f"{URL}archives/{HELP}/p1785758400000200",
    )
    assert position_of(TS) == 1785758400_000200


def test_a_reply_belongs_to_its_thread_even_before_its_parent_is_known() -> None:
    message = message_of(a_message(thread_ts=PARENT, parent_user_id=BO))
    assert message.thread == thread(PARENT)
    assert message.url == f"{URL}archives/{HELP}/p1785758400000200?thread_ts={PARENT}&cid={HELP}"


def test_a_history_reads_like_the_events() -> None:
    payload = a_message(thread_ts=PARENT)
    assert read(in_history(payload), IN_HELP, known()) == message_of(payload)
    told = convert(known(), payload, Came(AT, Origin.BACKFILL)).events
    assert told == (MessageSeen(message=message_of(payload), origin=Origin.BACKFILL),)


def test_a_broadcast_is_one_message_of_its_thread() -> None:
    root = {"ts": PARENT, "user": BO, "text": "Which?", "thread_ts": PARENT, "reply_count": 1}
    message = message_of(a_message(subtype="thread_broadcast", thread_ts=PARENT, root=root))
    assert (message.ref, message.thread, message.kind) == (ref(), thread(PARENT), Kind.PERSON)


@pytest.mark.parametrize("kind", ["D", "im", "mpim", "app_home"])
def test_what_is_said_between_a_few_is_never_kept(kind: str) -> None:
    payload = a_message(channel=DIRECT) if kind == "D" else a_message(channel_type=kind)
    assert events_of(payload) == ()


SYSTEM = (
    "assistant_app_thread", "bot_add", "bot_remove", "channel_join", "channel_leave", "channel_purpose",
    "channel_topic", "channel_posting_permissions", "document_mention", "ekm_access_denied", "file_mention",
    "group_join", "group_leave", "group_purpose", "group_topic", "huddle_thread", "pinned_item", "reminder_add",
    "reply_broadcast", "sh_room_created", "slackbot_response", "unpinned_item", "joiner_notification",
    "channel_canvas_updated", "an_unknown_one",
)  # fmt: skip


@pytest.mark.parametrize("subtype", SYSTEM)
def test_what_slack_itself_writes_is_the_systems(subtype: str) -> None:
    assert message_of(a_message(subtype=subtype)).kind is Kind.SYSTEM


@pytest.mark.parametrize(
    "subtype", ["channel_convert_to_private", "channel_archive", "channel_name", "group_unarchive"]
)
def test_a_line_that_says_that_a_channel_changed_has_it_looked_at(subtype: str) -> None:
    told = convert(known(), a_message(subtype=subtype), Came(AT))
    assert (told.events, told.look) == ((), (HELP,))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, Kind.PERSON),
        ({"subtype": "file_share"}, Kind.PERSON),
        ({"subtype": "me_message"}, Kind.PERSON),
        ({"subtype": "file_comment", "user": None, "comment": {"user": ADA, "comment": "Nice"}}, Kind.PERSON),
        ({"subtype": "bot_message", "user": None, "bot_id": "B1", "username": "Deploy"}, Kind.BOT),
        ({"user": BEEP, "bot_id": "B2"}, Kind.BOT),
        ({"user": "U9", "bot_id": "B3"}, Kind.BOT),
        ({"bot_id": "B4"}, Kind.PERSON),  # an app in Ada's own name
        ({"user": "U9"}, Kind.PERSON),
        ({"user": "USLACKBOT"}, Kind.BOT),
        ({"user": OWN, "bot_id": OWN_BOT}, Kind.OWN),
        ({"user": None, "subtype": "bot_message", "bot_id": OWN_BOT}, Kind.OWN),
        ({"user": OWN, "subtype": "channel_join"}, Kind.OWN),
        ({"text": f"<@{OWN}> status"}, Kind.ADDRESS),
        ({"text": f"<@{OWN}|folkmoot>: Discussion conclude done"}, Kind.ADDRESS),
        ({"text": f"<@{OWN}> /catchup"}, Kind.ADDRESS),
        ({"text": f"<@{OWN}> you are great"}, Kind.PERSON),
        ({"text": f"<@{OWN}>"}, Kind.PERSON),
        ({"text": f"<@{BO}> status"}, Kind.PERSON),
        ({"text": f"Hey <@{OWN}> status"}, Kind.PERSON),
    ],
)
def test_who_wrote_and_what_makes_the_kind(more: Json, kind: Kind) -> None:
    payload = a_message(**more)
    assert message_of(payload).kind is kind
    assert (convert(known(), payload, Came(AT)).addressed is not None) is (kind is Kind.ADDRESS)


@pytest.mark.parametrize(
    ("more", "ident", "name"),
    [
        ({"user": "U9"}, "U9", ""),  # asked for afterwards
        ({"user": "U9", "user_profile": {"display_name": "Cem", "real_name": "Cem K"}}, "U9", "Cem"),
        ({"user": "U9", "bot_id": "B1", "bot_profile": {"name": "Deploy &amp; co"}}, "U9", "Deploy & co"),
        ({"user": None, "bot_id": "B1", "username": "Deploy", "subtype": "bot_message"}, "B1", "Deploy"),
        ({"user": None, "bot_id": "B1", "bot_profile": {"name": "Deploy"}}, "B1", "Deploy"),
        ({"user": None, "subtype": "bot_message"}, "bot", "bot"),
        ({"user": None}, "unknown", ""),
        ({"user": None, "subtype": "file_comment", "comment": {"user": BO}}, BO, "Bo"),
    ],
)
def test_the_author_by_what_is_known_else_by_what_the_message_tells(more: Json, ident: str, name: str) -> None:
    author = message_of(a_message(**more)).author
    assert (author.member.id, author.name) == (ident, name)


RICH = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "user", "user_id": BO},
                    {"type": "text", "text": " a < b "},
                    {"type": "emoji", "name": "tent"},
                    {"type": "link", "url": "https://example.org/a"},
                ],
            }
        ],
    }
]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"text": "a &lt; b <@U1> <!channel>"}, "a &lt; b <@U1> <!channel>"),
        ({"text": "", "blocks": RICH}, f"<@{BO}> a &lt; b :tent:<https://example.org/a>"),
        ({"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Up*"}}]}, "*Up*"),
        ({"text": "", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "a<b"}}]}, "a&lt;b"),
        ({"text": " ", "blocks": [], "attachments": [{"pretext": "Now", "text": "It broke", "fallback": "x"}]},
         "Now\nIt broke"),
        ({"text": "", "attachments": [{"fallback": "It broke"}], "blocks": None}, "It broke"),
        ({"text": "said", "attachments": [{"text": "unfurled"}]}, "said"),
        ({"subtype": "file_comment", "text": "x", "comment": {"user": BO, "comment": "Nice one"}}, "Nice one"),
        ({"text": None, "blocks": None}, ""),
        ({"text": "a\0b\ud800"}, "a\ufffdb\ufffd"),
    ],
)  # fmt: skip
def test_the_words_of_a_message(more: Json, text: str) -> None:
    assert message_of(a_message(**more)).text == text


def test_files_are_names() -> None:
    files = [{"name": "map.png"}, {"title": "Plan"}, {"mode": "tombstone"}, {"name": "map.png"}]
    assert message_of(a_message(subtype="file_share", files=files)).files == ("map.png", "Plan")


def test_an_edit_is_the_message_as_it_is_now() -> None:
    now = a_message(text="Which tents?", **edited())
    (event,) = events_of(changed(now, a_message()))
    assert event == MessageSeen(message=replace(message_of(now), edited_at=datetime(2026, 8, 3, 12, 1, 40, 300, UTC)))


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (a_message(attachments=[{"text": "A page"}]), a_message()),  # a link was unfurled
        (a_message(attachments=[{"text": "A page"}], **edited()), a_message(**edited())),
        (a_message(reply_count=3, latest_reply=LATER, thread_ts=TS), a_message()),
        (a_message(subtype="thread_broadcast", thread_ts=PARENT), a_message(thread_ts=PARENT)),
    ],
)
def test_what_changes_no_words_is_no_edit(now: Json, before: Json) -> None:
    assert events_of(changed(now, before)) == ()


def test_an_edit_whose_former_state_is_not_told_is_an_edit() -> None:
    assert events_of(changed(a_message(**edited())))


@pytest.mark.parametrize(
    ("payload", "within"),
    [
        (deleted(a_message()), thread()),
        (deleted(a_message(thread_ts=PARENT)), thread(PARENT)),
        (deleted(), None),
        (changed(a_message(subtype="tombstone", thread_ts=TS, user="USLACKBOT"), a_message(thread_ts=TS)), thread()),
        (a_message(subtype="tombstone", thread_ts=TS), thread()),
    ],
)
def test_a_message_that_is_gone(payload: Json, within: object) -> None:
    assert events_of(payload) == (MessageDeleted(ref=ref(), thread=within, at=AT),)  # type: ignore[arg-type]  # a thread or None


def test_a_tombstone_in_a_history_is_a_deletion() -> None:
    payload = in_history(a_message(subtype="tombstone", thread_ts=TS))
    assert deleted_of(payload, IN_HELP, Came(AT)) == MessageDeleted(ref=ref(), thread=thread(), at=AT)
    assert deleted_of(in_history(a_message()), IN_HELP, Came(AT)) is None


def test_that_a_message_was_answered_tells_nothing() -> None:
    assert events_of(a_message(subtype="message_replied", message={"ts": TS, "reply_count": 1})) == ()


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (a_message(channel=None), "channel"),
        (a_message(channel="no id!"), "channel"),
        (a_message(ts=None), "ts"),
        (a_message(ts="17857584000"), "ts"),
        (deleted() | {"deleted_ts": 12}, "deleted_ts"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_a_sentence(payload: Json, key: str) -> None:
    with pytest.raises(BadPayload, match=rf"^Dropped a .* from Slack: its {key} is no (id|time)\.$"):
        events_of(payload)
