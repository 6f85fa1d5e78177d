"""What people said and did: discussions, messages, votes, questions, and the counters these carry."""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big

ONE_TREE = {"sqlite_with_rowid": False}  # a table that is all key is kept once, and not beside an index of itself


class Discussion(SQLModel, table=True):
    """A thread that is, or may become, a discussion, with its counters.

    It is shown once `forced` (asked for, or its platform says so) or `replies_ever` > 0 (a countable reply was seen,
    deleted since or not).
    """

    __table_args__: ClassVar = (
        UniqueConstraint("channel_id", "root"),
        Index("ix_discussion_channel_id_last_at", "channel_id", "last_at"),
        Index("ix_discussion_last_at", "last_at"),
        Index("ix_discussion_opened_at", "opened_at"),
        Index("ix_discussion_state_at", "state_at"),
        Index(
            "ix_discussion_unsettled", "unsettled", sqlite_where=text("unsettled"), postgresql_where=text("unsettled")
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel_id: int = Field(foreign_key="channel.id")
    key: str
    root: int = big()  # position of the key
    forced: bool = False
    chain: bool = False  # what answers it in its channel, or answers an answer, belongs to it
    name: str = ""
    info_at: int = big(-1)
    archived: bool = False
    archive_after: int | None = None
    locked: bool = False
    private: bool = False
    gone_at: int | None = big(nullable=True)
    url: str = ""
    first: int | None = big(nullable=True)  # position of the known message that opens it
    opener_id: int | None = Field(default=None, foreign_key="member.id")
    opened_at: int = big(0)
    count: int = 0
    replies_ever: int = 0
    participants: int = 0
    highlights: int = 0
    last_at: int = big(0)  # newest live counted message, else the opening post
    live_at: int | None = big(nullable=True)  # when the newest reply that arrived live was sent
    stored: str = "open"
    state_by: int | None = Field(default=None, foreign_key="member.id")
    state_at: int | None = big(nullable=True)
    said: str | None = None  # the last word of a person: what they set, who, when, and since when it was so
    said_by: int | None = Field(default=None, foreign_key="member.id")
    said_at: int | None = big(nullable=True)
    said_since: int | None = big(nullable=True)
    tagged: str = ""  # JSON of what was told of its "solved" tag (see `storage.ledger.solved`)
    outcome: str = ""
    hidden: bool = False
    hidden_by: int | None = Field(default=None, foreign_key="member.id")
    hidden_at: int | None = big(nullable=True)
    title_set: str = ""
    title_by: int | None = Field(default=None, foreign_key="member.id")  # whoever set the title: it goes with them
    title_at: int | None = big(nullable=True)
    summary_set: str = ""
    summary_by: int | None = Field(default=None, foreign_key="member.id")
    summary_at: int | None = big(nullable=True)
    title_made: str = ""
    summary_made: str = ""
    waiting: int = 0
    unsettled: bool = True
    changed_seq: int = big(0)


class Message(SQLModel, table=True):
    """A message, or the tombstone of one."""

    __table_args__: ClassVar = (
        UniqueConstraint("channel_id", "position"),
        Index("ix_message_discussion_id_position", "discussion_id", "position"),
        # Windows are counted from this index alone; messages come in the order of time, so that it grows at its end.
        Index("ix_message_sent_at", "sent_at", "discussion_id", "author_id", "counted", "deleted_at"),
        Index(
            "ix_message_voted_at",
            "voted_at",
            sqlite_where=text("voted_at IS NOT NULL"),
            postgresql_where=text("voted_at IS NOT NULL"),
        ),
        Index("ix_message_author_id_sent_at", "author_id", "sent_at"),
        # What answers a message in the channel itself, on platforms where that makes no thread.
        Index(
            "ix_message_channel_id_reply_to",
            "channel_id",
            "reply_to",
            sqlite_where=text("reply_to IS NOT NULL AND thread = position"),
            postgresql_where=text("reply_to IS NOT NULL AND thread = position"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel_id: int = Field(foreign_key="channel.id")
    position: int = big()
    mid: str
    discussion_id: int | None = Field(default=None, foreign_key="discussion.id")
    thread: int | None = big(nullable=True)  # position of the thread's first message; None if not yet known
    author_id: int | None = Field(default=None, foreign_key="member.id")
    kind: str = "person"
    counted: bool = False  # by its kind and the channel's switch, whether live or not
    sent_at: int = big(0)
    edited_at: int = big(0)  # 0: never
    deleted_at: int | None = big(nullable=True)
    text: str | None = None
    reply_to: int | None = big(nullable=True)
    files: str = ""  # names, one a line
    url: str = ""
    live: bool = False  # it came live, and counted then
    chain_id: int | None = Field(default=None, foreign_key="discussion.id")  # the chain that its references lead to
    votes: int = 0  # distinct members whose vote is active and counts
    picked: bool = False
    voted_at: int | None = big(nullable=True)  # when it became a highlight
    held_author: bool = False
    held_moderator: bool = False


class Participation(SQLModel, table=True):
    """How many live counted messages a member has in a discussion."""

    __table_args__: ClassVar = ONE_TREE

    discussion_id: int = Field(foreign_key="discussion.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    n: int = 0


class Activity(SQLModel, table=True):
    """Live counted messages a UTC day (days since 1970), discussion and member."""

    __table_args__: ClassVar = ONE_TREE

    day: int = Field(primary_key=True)
    discussion_id: int = Field(primary_key=True)
    member_id: int = Field(primary_key=True)
    n: int = 0


class Vote(SQLModel, table=True):
    """A member's vote by one way, as registers that only grow.

    It is there while max(`added_at`, `listed_at`) is later than `removed_at`; it is withdrawn while `added_at` is not
    later than a `withdrawn_at` that is not 0.
    """

    __table_args__: ClassVar = (Index("ix_vote_member_id", "member_id"), Index("ix_vote_added_at", "added_at"))
    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    position: int = big(primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    source: str = Field(primary_key=True)
    added_at: int = big(0)
    listed_at: int = big(0)
    removed_at: int = big(0)
    withdrawn_at: int = big(0)


class VoteRead(SQLModel, table=True):
    """When the votes of a message were last read whole; who comes later with an older vote was not among them."""

    __tablename__ = "vote_read"
    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    position: int = big(primary_key=True)
    source: str = Field(primary_key=True)
    read_at: int = big()


class Note(SQLModel, table=True):
    """What a member said of a message as they highlighted it; shown while their vote is active."""

    __table_args__: ClassVar = (Index("ix_note_member_id", "member_id"),)
    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    position: int = big(primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    text: str
    at: int = big()


class Question(SQLModel, table=True):
    """A waiting question, as last settled."""

    discussion_id: int = Field(foreign_key="discussion.id", primary_key=True)
    position: int = big(primary_key=True)
    number: int = Field(primary_key=True)
    text: str


class Answered(SQLModel, table=True):
    """A message marked as the answer to another one's questions."""

    discussion_id: int = Field(foreign_key="discussion.id", primary_key=True)
    question: int = big(primary_key=True)
    answer: int = big()
    by_id: int = Field(foreign_key="member.id")
    at: int = big()


class Act(SQLModel, table=True):
    """Who decided what about a message, and when."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    channel_id: int = Field(foreign_key="channel.id")
    position: int = big()
    by_id: int | None = Field(default=None, foreign_key="member.id")
    at: int = big()


class MadeFrom(SQLModel, table=True):
    """Whose words the made title, summary and questions of a discussion carry."""

    __tablename__ = "made_from"
    discussion_id: int = Field(foreign_key="discussion.id", primary_key=True)
    position: int = big(primary_key=True)
