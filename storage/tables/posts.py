"""What we post: schedules and their runs, our own posts and whose words they carry, the room's."""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big


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
    follows_id: int | None = Field(default=None, foreign_key="schedule.id")  # whose rule it takes over


class Run(SQLModel, table=True):
    """What became of one slot."""

    __table_args__: ClassVar = (UniqueConstraint("schedule_id", "slot"), Index("ix_run_state", "state"))
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
    frozen_as: str | None = None  # JSON of the schedule that it was made by: later changes are not its


class RunPick(SQLModel, table=True):
    """One item of a run."""

    __tablename__ = "run_pick"
    run_id: int = Field(foreign_key="run.id", primary_key=True)
    number: int = Field(primary_key=True)
    section: str
    discussion_id: int = Field(foreign_key="discussion.id", index=True)
    quote: int | None = big(nullable=True)  # position, in the discussion's channel
    count: int
    new: int
    highlights: int
    waiting: bool
    score: float
    terms: str  # JSON
    reason: str
    dropped: bool = False


class OwnPost(SQLModel, table=True):
    """One message of ours, from the plan to the last edit."""

    __tablename__ = "own_post"
    __table_args__: ClassVar = (
        UniqueConstraint("subject"),
        Index("ix_own_post_due", "state", "dirty_at"),
        Index("ix_own_post_next_change_at", "next_change_at"),
        Index("ix_own_post_mid", "mid"),
        Index(
            "ix_own_post_unread",
            "planned_at",
            sqlite_where=text("unread > 0"),
            postgresql_where=text("unread > 0"),
        ),
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
    unread: int = 0  # how often it was asked to read the reactions of this copy, since that was done
    dirty_at: int | None = big(nullable=True)  # the newest change when it was marked: tells what went stale first
    next_change_at: int | None = big(nullable=True)
    not_before: int = big(0)
    owner: str = ""
    leased_until: int = big(0)
    marks: int = 0  # how often it was marked dirty
    claimed_marks: int = 0  # as of the last claim: what was marked since then stays dirty
    reason: str = ""
    ended_at: int | None = big(nullable=True)  # when it was dropped
    told: bool = False  # whether somebody heard that it was given up or dropped


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
