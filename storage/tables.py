"""The tables. No row leaves `storage`; times are UTC epoch milliseconds, ids of platforms are text.

Messages are addressed by (channel, position) everywhere but in the text search, which needs one number a message.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def big(default: int | None = None, *, nullable: bool = False, primary_key: bool = False) -> int:
    """A 64-bit integer column."""
    column: Column[int] = Column(BigInteger, nullable=nullable, primary_key=primary_key, autoincrement=False)
    value: int = Field(default=default, sa_column=column)
    return value


class Community(SQLModel, table=True):
    """One or more spaces that belong together."""

    id: int | None = Field(default=None, primary_key=True)
    name: str


class Space(SQLModel, table=True):
    """A Discord server, a Slack workspace or the local room."""

    __table_args__: ClassVar = (UniqueConstraint("platform", "sid"),)
    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id")
    platform: str
    sid: str
    name: str
    hosted: bool = False
    invite_url: str = ""
    info_at: int = big(0)
    removed_at: int | None = big(nullable=True)
    settings: str = "{}"  # JSON of what differs from KnownSpace's defaults


class Channel(SQLModel, table=True):
    """A channel with what the platform tells and what the community decided."""

    __table_args__: ClassVar = (UniqueConstraint("space_id", "cid"),)
    id: int | None = Field(default=None, primary_key=True)
    space_id: int = Field(foreign_key="space.id")
    cid: str
    name: str = ""
    private: bool = False
    nsfw: bool = False
    connect: bool = False
    guests: bool = False
    forum: bool = False
    archived: bool = False
    url: str = ""
    info_at: int = big(-1)  # -1: nothing told yet
    removed_at: int | None = big(nullable=True)  # it is gone while this is not earlier than `info_at`
    watched: bool = False
    level: int = 1
    web_from: int = big(0)
    cards: str = "auto"
    count_bots: bool = False
    bridges: str = "[]"
    watermark: int = big(0)  # highest position stored; moves only in the transaction that stores the message
    gap_after: int | None = big(nullable=True)  # messages after this position may be missing; None: none are
    gap_at: int = big(0)  # when the newest gap began


class Member(SQLModel, table=True):
    """A member of one space; the key alone stays after an erasure."""

    __table_args__: ClassVar = (UniqueConstraint("space_id", "uid"),)
    id: int | None = Field(default=None, primary_key=True)
    space_id: int = Field(foreign_key="space.id")
    uid: str
    name: str = ""
    name_at: int = big(-1)
    is_bot: bool = False
    opted_out_at: int | None = big(nullable=True)
    erased_at: int | None = big(nullable=True)
    caught_up_at: int | None = big(nullable=True)


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
    outcome: str = ""
    hidden: bool = False
    hidden_by: int | None = Field(default=None, foreign_key="member.id")
    hidden_at: int | None = big(nullable=True)
    title_set: str = ""
    summary_set: str = ""
    words_by: int | None = Field(default=None, foreign_key="member.id")
    words_at: int | None = big(nullable=True)
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
    votes: int = 0  # distinct members whose vote is active and counts
    picked: bool = False
    voted_at: int | None = big(nullable=True)  # when it became a highlight
    held_author: bool = False
    held_moderator: bool = False


class Participation(SQLModel, table=True):
    """How many live counted messages a member has in a discussion."""

    discussion_id: int = Field(foreign_key="discussion.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)
    n: int = 0


class Activity(SQLModel, table=True):
    """Live counted messages a UTC day (days since 1970), discussion and member."""

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


class Schedule(SQLModel, table=True):
    """A digest's rule."""

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id")
    name: str
    channel_id: int = Field(foreign_key="channel.id")
    rule: str  # JSON of Rule
    reach: str
    sources: str = "[]"  # channel ids (ours), JSON
    paused: bool = False
    say_quiet: bool = False
    created_at: int = big()
    last_end: int | None = big(nullable=True)
    removed: bool = False
    pins: str = "[]"  # discussion ids, JSON


class Run(SQLModel, table=True):
    """What became of one slot."""

    __table_args__: ClassVar = (UniqueConstraint("schedule_id", "slot"),)
    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id")
    slot: str
    due_at: int = big()
    start_at: int = big()
    state: str = "claimed"
    claimed_at: int = big()
    sent_at: int | None = big(nullable=True)
    discussions: int = 0
    people: int = 0
    activity: str = "[]"
    left_out: int = 0
    late: bool = False
    reason: str = ""


class RunPick(SQLModel, table=True):
    """One item of a run."""

    __tablename__ = "run_pick"
    run_id: int = Field(foreign_key="run.id", primary_key=True)
    number: int = Field(primary_key=True)
    section: str
    discussion_id: int = Field(foreign_key="discussion.id")
    quote: int | None = big(nullable=True)  # position, in the discussion's channel
    count: int
    new: int
    highlights: int
    waiting: bool
    score: float
    terms: str  # JSON
    reason: str
    dropped: bool = False


class SearchDirty(SQLModel, table=True):
    """A message whose place in the text search is out of date."""

    __tablename__ = "search_dirty"
    message_id: int = Field(primary_key=True)


class OwnPost(SQLModel, table=True):
    """One message of ours, from the plan to the last edit."""

    __tablename__ = "own_post"
    __table_args__: ClassVar = (
        UniqueConstraint("subject"),
        Index("ix_own_post_due", "state", "dirty_at"),
        Index("ix_own_post_next_change_at", "next_change_at"),
        Index("ix_own_post_mid", "mid"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    channel_id: int = Field(foreign_key="channel.id")
    thread: str | None = None
    marker: str
    state: str = "planned"
    card: str | None = None  # JSON, as frozen
    mid: str | None = None
    attempts: int = 0
    planned_at: int = big()
    dirty_at: int | None = big(nullable=True)  # the newest change when it was marked: tells what went stale first
    next_change_at: int | None = big(nullable=True)
    not_before: int = big(0)
    owner: str = ""
    leased_until: int = big(0)
    marks: int = 0  # how often it was marked dirty
    claimed_marks: int = 0  # as of the last claim: what was marked since then stays dirty
    reason: str = ""


class Placement(SQLModel, table=True):
    """A message's words stand in a post of ours."""

    __table_args__: ClassVar = (Index("ix_placement_post_id", "post_id"),)
    channel_id: int = Field(primary_key=True)
    position: int = big(primary_key=True)
    post_id: int = Field(foreign_key="own_post.id", primary_key=True)


class RoomPost(SQLModel, table=True):
    """One of our posts as it stands in the local room."""

    __tablename__ = "room_post"
    __table_args__: ClassVar = (UniqueConstraint("channel_id", "marker"),)
    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    position: int = big(primary_key=True)
    mid: str
    thread: str | None = None
    card: str
    marker: str
    at: int = big()


class RoomName(SQLModel, table=True):
    """A name in use in the local room; `folded` is how names are compared."""

    __tablename__ = "room_name"
    folded: str = Field(primary_key=True)
    member_id: int = Field(foreign_key="member.id")
    held_until: int = big()


class Setting(SQLModel, table=True):
    """A kept value that is not a community's choice: cursors, the room's secret."""

    name: str = Field(primary_key=True)
    value: str


class Change(SQLModel, table=True):
    """The change log that every process tails."""

    seq: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    kind: str
    subject: int
