"""Spaces, channels and members."""

from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import big


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
    chains: bool = False  # a reply chain is tracked in it
    gap_after: int | None = big(nullable=True)  # messages after this position may be missing; None: none are
    gap_at: int = big(0)  # when the newest gap began
    compare_until: int | None = big(nullable=True)  # deletions and edits up to this position may be unknown


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
