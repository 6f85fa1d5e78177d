"""What people said and did."""

from collections.abc import Sequence

from storage.migrations.first.making import Columns, big, flag, index, table, text, whole


def create() -> None:
    """Make these tables."""
    _discussion()
    _discussion_indexes()
    _message()
    _participation()
    _activity()
    _vote()
    _vote_read()
    _note()
    _question()
    _answered()
    _act()
    _made_from()


def _discussion() -> None:
    """A thread that is, or may become, a discussion, with its counters."""
    table(
        "discussion",
        *_told(),
        *_counted(),
        *_decided(),
        *_made(),
        unique=("channel_id", "root"),
        refers={
            "channel": ("channel_id",),
            "member": ("opener_id", "state_by", "said_by", "hidden_by", "title_by", "summary_by"),
        },
    )


def _told() -> Sequence[Columns]:
    """What its platform tells of a discussion."""
    return (
        whole("id", "channel_id"),
        text("key"),
        big("root"),
        flag("forced", "chain"),
        text("name"),
        big("info_at"),
        flag("archived"),
        whole("archive_after", nullable=True),
        flag("locked", "private"),
        big("gone_at", nullable=True),
        text("url"),
        big("first", nullable=True),
        whole("opener_id", nullable=True),
        big("opened_at"),
    )


def _counted() -> Sequence[Columns]:
    """The counters of a discussion."""
    return (
        whole("count", "replies_ever", "participants", "highlights"),
        big("last_at"),
        big("live_at", nullable=True),
    )


def _decided() -> Sequence[Columns]:
    """What people decided about a discussion."""
    return (
        text("stored"),
        whole("state_by", nullable=True),
        big("state_at", nullable=True),
        text("said", nullable=True),
        whole("said_by", nullable=True),
        big("said_at", "said_since", nullable=True),
        text("tagged", "outcome"),
        flag("hidden"),
        whole("hidden_by", nullable=True),
        big("hidden_at", nullable=True),
        text("title_set"),
        whole("title_by", nullable=True),
        big("title_at", nullable=True),
        text("summary_set"),
        whole("summary_by", nullable=True),
        big("summary_at", nullable=True),
    )


def _made() -> Sequence[Columns]:
    """What is made of the words of a discussion."""
    return (
        text("title_made", "summary_made"),
        whole("waiting"),
        flag("unsettled"),
        big("changed_seq"),
    )


def _discussion_indexes() -> None:
    """What discussions are listed by."""
    index("ix_discussion_channel_id_last_at", "discussion", "channel_id", "last_at")
    index("ix_discussion_last_at", "discussion", "last_at")
    index("ix_discussion_opened_at", "discussion", "opened_at")
    index("ix_discussion_state_at", "discussion", "state_at")
    index("ix_discussion_unsettled", "discussion", "unsettled", where="unsettled")


def _message() -> None:
    """A message, or the tombstone of one."""
    table(
        "message",
        whole("id", "channel_id"),
        big("position"),
        text("mid"),
        whole("discussion_id", nullable=True),
        big("thread", nullable=True),
        whole("author_id", nullable=True),
        text("kind"),
        flag("counted"),
        big("sent_at", "edited_at"),
        big("deleted_at", nullable=True),
        text("text", nullable=True),
        big("reply_to", nullable=True),
        text("files", "url"),
        flag("live"),
        whole("chain_id", nullable=True),
        whole("votes"),
        flag("picked"),
        big("voted_at", nullable=True),
        flag("held_author", "held_moderator"),
        unique=("channel_id", "position"),
        refers={"member": ("author_id",), "discussion": ("chain_id", "discussion_id"), "channel": ("channel_id",)},
    )
    index("ix_message_author_id_sent_at", "message", "author_id", "sent_at")
    index(
        "ix_message_channel_id_reply_to",
        "message",
        "channel_id",
        "reply_to",
        where="reply_to IS NOT NULL AND thread = position",
    )
    index("ix_message_discussion_id_position", "message", "discussion_id", "position")
    index("ix_message_sent_at", "message", "sent_at", "discussion_id", "author_id", "counted", "deleted_at")
    index("ix_message_voted_at", "message", "voted_at", where="voted_at IS NOT NULL")


def _participation() -> None:
    """How many live counted messages a member has in a discussion."""
    table(
        "participation",
        whole("discussion_id", "member_id", "n"),
        key=("discussion_id", "member_id"),
        refers={"discussion": ("discussion_id",), "member": ("member_id",)},
        rowid=False,
    )


def _activity() -> None:
    """The same a day."""
    table(
        "activity",
        whole("day", "discussion_id", "member_id", "n"),
        key=("day", "discussion_id", "member_id"),
        rowid=False,
    )


def _vote() -> None:
    """A member's vote by one way."""
    table(
        "vote",
        whole("channel_id"),
        big("position"),
        whole("member_id"),
        text("source"),
        big("added_at", "listed_at", "removed_at", "withdrawn_at"),
        key=("channel_id", "position", "member_id", "source"),
        refers={"channel": ("channel_id",), "member": ("member_id",)},
    )
    index("ix_vote_added_at", "vote", "added_at")
    index("ix_vote_member_id", "vote", "member_id")


def _vote_read() -> None:
    """When the votes of a message were last read whole."""
    table(
        "vote_read",
        whole("channel_id"),
        big("position"),
        text("source"),
        big("read_at"),
        key=("channel_id", "position", "source"),
        refers={"channel": ("channel_id",)},
    )


def _note() -> None:
    """What a member said of a message as they highlighted it."""
    table(
        "note",
        whole("channel_id"),
        big("position"),
        whole("member_id"),
        text("text"),
        big("at"),
        key=("channel_id", "position", "member_id"),
        refers={"channel": ("channel_id",), "member": ("member_id",)},
    )
    index("ix_note_member_id", "note", "member_id")


def _question() -> None:
    """A waiting question."""
    table(
        "question",
        whole("discussion_id"),
        big("position"),
        whole("number"),
        text("text"),
        key=("discussion_id", "position", "number"),
        refers={"discussion": ("discussion_id",)},
    )


def _answered() -> None:
    """A message marked as an answer."""
    table(
        "answered",
        whole("discussion_id"),
        big("question", "answer"),
        whole("by_id"),
        big("at"),
        key=("discussion_id", "question"),
        refers={"member": ("by_id",), "discussion": ("discussion_id",)},
    )


def _act() -> None:
    """Who decided what about a message."""
    table(
        "act",
        whole("id"),
        text("kind"),
        whole("channel_id"),
        big("position"),
        whole("by_id", nullable=True),
        big("at"),
        refers={"member": ("by_id",), "channel": ("channel_id",)},
    )


def _made_from() -> None:
    """Whose words a made title, summary or question carries."""
    table(
        "made_from",
        whole("discussion_id"),
        big("position"),
        key=("discussion_id", "position"),
        refers={"discussion": ("discussion_id",)},
    )
