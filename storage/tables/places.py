"""Spaces, channels and members."""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
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
    closed_from: int | None = big(nullable=True)  # the position from which on it was private, or gone, the last time
    closed_until: int | None = big(nullable=True)  # None: it still is
    cards: str = "auto"
    count_bots: bool = False
    bridges: str = "[]"
    watermark: int = big(0)  # highest position stored; moves only in the transaction that stores the message
    chains: bool = False  # a reply chain is tracked in it
    gap_after: int | None = big(nullable=True)  # messages after this position may be missing; None: none are
    gap_at: int = big(0)  # when the newest gap began
    forgotten: int = big(0)  # words from before this position are not kept any more
    compare_until: int | None = big(nullable=True)  # deletions and edits up to this position may be unknown
    as_of: int | None = big(nullable=True)  # it has been behind for so long that its cards say since when


class Sweep(SQLModel, table=True):
    """How far the round through a channel's words on the web has come, and when they were last all read again."""

    channel_id: int = Field(foreign_key="channel.id", primary_key=True)
    began_at: int | None = big(nullable=True)  # of the round under way
    root: int = big(0)  # the thread in which the round stands; 0: the channel itself
    after: int = big(0)  # how far it has come there
    since: int = big()  # all words were read again at this moment or later; at first, when the channel was first seen
    whole_at: int | None = big(nullable=True)  # when the last whole round ended


class SpaceLink(SQLModel, table=True):
    """Two spaces that admins of both sides made one community; at most one link of a pair holds."""

    __tablename__ = "space_link"
    __table_args__: ClassVar = (
        Index(
            "uq_space_link_first_id_second_id",
            "first_id",
            "second_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    first_id: int = Field(foreign_key="space.id")  # always less than `second_id`
    second_id: int = Field(foreign_key="space.id")
    first_by: int = Field(foreign_key="member.id")  # the admin of the first
    second_by: int = Field(foreign_key="member.id")
    linked_at: int = big()
    ended_by: int | None = Field(default=None, foreign_key="member.id")
    ended_at: int | None = big(nullable=True)


class LinkCode(SQLModel, table=True):
    """The last code that was made in a space to link it; nobody can read it from here."""

    __tablename__ = "link_code"
    space_id: int = Field(foreign_key="space.id", primary_key=True)
    channel_id: int = Field(foreign_key="channel.id")  # where it was made
    fingerprint: str
    made_by: int = Field(foreign_key="member.id")
    made_at: int = big()
    used_at: int | None = big(nullable=True)


class LinkTry(SQLModel, table=True):
    """A code that linked nothing, tried in a space."""

    __tablename__ = "link_try"
    id: int | None = Field(default=None, primary_key=True)
    space_id: int = Field(foreign_key="space.id")
    at: int = big()


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
